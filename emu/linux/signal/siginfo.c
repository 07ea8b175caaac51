// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/siginfo.h"

#include <endian.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"

/* Offsets; the union begins at 16. */
#define AT_SIGNO  0
#define AT_ERRNO  4
#define AT_CODE   8
#define AT_ADDR   16
#define AT_TRAPNO 24
#define AT_PID    16
#define AT_UID    20
#define AT_STATUS 24
#define AT_VALUE  24
#define AT_BAND   16 /* __ARCH_SI_BAND_T is int */
#define AT_FD     20

#define NSIGPOLL 6 /* POLL_IN to POLL_HUP */

static void put32(uint8_t *out, unsigned at, uint32_t v)
{
    v = htobe32(v);
    memcpy(out + at, &v, sizeof(v));
}

static void put64(uint8_t *out, unsigned at, uint64_t v)
{
    v = htobe64(v);
    memcpy(out + at, &v, sizeof(v));
}

static uint32_t get32(const uint8_t *in, unsigned at)
{
    uint32_t v;

    memcpy(&v, in + at, sizeof(v));
    return be32toh(v);
}

static uint64_t get64(const uint8_t *in, unsigned at)
{
    uint64_t v;

    memcpy(&v, in + at, sizeof(v));
    return be64toh(v);
}

static bool is_fault(const struct siginfo *info)
{
    switch (info->signo) {
    case SIG_SEGV:
    case SIG_BUS:
    case SIG_ILL:
    case SIG_FPE:
    case SIG_TRAP:
    case SIG_EMT: return info->code > 0 && info->code < SI_G_KERNEL;
    default: return false;
    }
}

/* SIL_POLL of siginfo_layout() */
static bool is_poll(const struct siginfo *info)
{
    return info->code == SI_G_SIGIO ||
           (info->code > 0 && info->code <= NSIGPOLL &&
            info->signo != SIG_CHLD && info->signo != SIG_SYS);
}

void siginfo_to_guest(const struct siginfo *info, bool full,
                      uint8_t out[static SIGINFO_BYTES])
{
    memset(out, 0, SIGINFO_BYTES);
    put32(out, AT_SIGNO, (uint32_t)info->signo);
    if (!full) {
        put32(out, AT_CODE, SI_G_NOINFO);
        return;
    }
    put32(out, AT_ERRNO, (uint32_t)info->errno_);
    put32(out, AT_CODE, (uint32_t)info->code);
    if (is_fault(info)) {
        put64(out, AT_ADDR, info->addr);
        put32(out, AT_TRAPNO, (uint32_t)info->trapno);
        return;
    }
    if (is_poll(info)) {
        put32(out, AT_BAND, info->band);
        put32(out, AT_FD, (uint32_t)info->fd);
        return;
    }
    put32(out, AT_PID, info->pid);
    put32(out, AT_UID, info->uid);
    if (info->signo == SIG_CHLD && info->code > 0)
        put32(out, AT_STATUS, (uint32_t)info->status);
    else
        put64(out, AT_VALUE, info->value);
}

void siginfo_from_guest(struct siginfo *info,
                        const uint8_t in[static SIGINFO_BYTES])
{
    memset(info, 0, sizeof(*info));
    info->signo = (int)get32(in, AT_SIGNO);
    info->errno_ = (int)get32(in, AT_ERRNO);
    info->code = (int)get32(in, AT_CODE);
    /* One place has several meanings; siginfo_to_guest() knows which. */
    info->pid = get32(in, AT_PID);
    info->uid = get32(in, AT_UID);
    info->addr = get64(in, AT_ADDR);
    info->trapno = (int)get32(in, AT_TRAPNO);
    info->status = (int)get32(in, AT_STATUS);
    info->value = get64(in, AT_VALUE);
    info->band = get32(in, AT_BAND);
    info->fd = (int)get32(in, AT_FD);
}
