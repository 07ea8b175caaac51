// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signalfd(2): signals that are read from a descriptor.
 *
 * Source: linux v6.2 fs/signalfd.c
 */
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/poll/ready.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define SIGSET_BYTES 8

struct signalfd {
    int host; /* of the open file, which owns it */
    uint64_t mask;
};

struct signalfd_siginfo_g {
    uint32_t signo, error, code, pid, uid, fd, tid, band, overrun, trapno;
    uint32_t status, value_int;
    uint64_t value_ptr, utime, stime, addr;
    uint8_t pad[48];
};

static_assert(sizeof(struct signalfd_siginfo_g) == 128, "signalfd_siginfo");

/* Whether it is ready depends on who asks; a new signal ends a wait. */
static void signalfd_poll(struct task *t, void *data)
{
    const struct signalfd *s = data;
    uint64_t pending = signal_pending(t);

    ready_set(t->m, s->host, pending & s->mask);
    t->wait.signals |= s->mask & ~pending;
}

static bool is_fault(int sig)
{
    return sig == SIG_SEGV || sig == SIG_BUS || sig == SIG_ILL ||
           sig == SIG_FPE || sig == SIG_TRAP || sig == SIG_EMT;
}

/* signalfd_copyinfo() */
static void put_info(const struct siginfo *info, uint8_t *at)
{
    bool from_kernel = info->code > SI_G_USER && info->code < SI_G_KERNEL;
    struct signalfd_siginfo_g raw = {.signo = htobe32((uint32_t)info->signo),
                                     .error = htobe32((uint32_t)info->errno_),
                                     .code = htobe32((uint32_t)info->code)};

    if (from_kernel && is_fault(info->signo)) {
        raw.addr = htobe64(info->addr);
        raw.trapno = htobe32((uint32_t)info->trapno);
    } else {
        raw.pid = htobe32(info->pid);
        raw.uid = htobe32(info->uid);
    }
    if (from_kernel && info->signo == SIG_CHLD)
        raw.status = htobe32((uint32_t)info->status);
    if (info->code < 0) {
        /* A union: on this machine the int is its first half. */
        raw.value_ptr = htobe64(info->value);
        raw.value_int = htobe32((uint32_t)(info->value >> 32));
    }
    memcpy(at, &raw, sizeof(raw));
}

static int64_t signalfd_get(struct task *t, void *data, int host, uint8_t *buf,
                            size_t len)
{
    const size_t each = sizeof(struct signalfd_siginfo_g);
    struct signalfd *s = data;
    struct siginfo info;
    size_t done = 0;

    (void)host;
    if (len < each)
        return -EINVAL;
    while (len - done >= each && signal_dequeue(t, s->mask, &info)) {
        put_info(&info, buf + done);
        done += each;
    }
    if (done > 0)
        return (int64_t)done;
    signalfd_poll(t, s);
    return -EAGAIN;
}

/* signalfd_show_fdinfo() */
static void signalfd_show(const struct task *t, void *data, int host, FILE *out)
{
    const struct signalfd *s = data;

    (void)t, (void)host;
    fprintf(out, "sigmask:\t%016" PRIx64 "\n", s->mask);
}

static int64_t signalfd_read(struct task *t, const struct user_file *file,
                             struct user_iter *to, int64_t offset)
{
    return rw_read_record(t, file, to, offset, signalfd_get);
}

static const struct file_ops signalfd_ops = {
    .read = signalfd_read,
    .poll = signalfd_poll,
    .seek = noop_seek,
    .show_fdinfo = signalfd_show,
    .release = free,
};

static int64_t create(struct task *t, uint64_t mask, unsigned flags)
{
    struct signalfd *s = malloc(sizeof(*s));
    int fd;

    if (!s)
        return -ENOMEM;
    *s = (struct signalfd){.host = ready_create(t->m), .mask = mask};
    fd = s->host < 0 ? s->host : files_install(t, s->host, flags & O_G_CLOEXEC);
    if (fd < 0) {
        free(s);
        return fd;
    }
    files_set_ops(t->files, fd, &signalfd_ops, s, flags & O_G_NONBLOCK);
    return fd;
}

int64_t sys_signalfd4(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[3];
    const struct open_file *file;
    struct signalfd *s;
    uint64_t mask;

    if (a[2] != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, a[1], &mask))
        return -EFAULT;
    if (flags & ~(O_G_CLOEXEC | O_G_NONBLOCK))
        return -EINVAL;
    mask &= ~(SIGMASK(SIG_KILL) | SIGMASK(SIG_STOP));
    if (arg_int(a[0]) == -1)
        return create(t, mask, flags);
    file = files_open_file(t->files, arg_int(a[0]));
    if (!file)
        return -EBADF;
    if (open_file_ops(file) != &signalfd_ops)
        return -EINVAL;
    s = open_file_data(file);
    s->mask = mask;
    sched_wake_all(t->m, WAIT_FDS); /* they look at it again */
    return arg_int(a[0]);
}

int64_t sys_signalfd(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1], a[2], 0};

    return sys_signalfd4(t, b);
}
