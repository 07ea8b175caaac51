// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The calls that set the date, or ask how it is kept.  Nobody may set it: all
 * dates of a run follow from its beginning (emu/linux/time/clock.h).
 *
 * Source:  linux v6.2 kernel/time/{time,ntp,timekeeping,posix-timers}.c,
 *          arch/sparc/kernel/sys_sparc_64.c
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/call.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/sys_time.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* Of timex.modes. */
#define ADJ_G_FREQUENCY         0x0002u
#define ADJ_G_SETOFFSET         0x0100u
#define ADJ_G_NANO              0x2000u
#define ADJ_G_TICK              0x4000u
#define ADJ_G_ADJTIME           0x8000u
#define ADJ_G_OFFSET_SINGLESHOT 0x0001u /* with ADJTIME; alone: OFFSET */
#define ADJ_G_OFFSET_READONLY   0x2000u /* with ADJTIME; alone: NANO */

#define STA_G_UNSYNC 0x40
#define TIME_G_ERROR 5 /* of a clock that nobody keeps right */

#define USEC_PER_TICK   10000    /* USER_HZ is 100 */
#define NTP_PHASE_LIMIT 16000000 /* us */
#define NTP_TIMECONST   2
#define NTP_TOLERANCE   32768000 /* 500 ppm, shifted by 16 */
#define NTP_MAX_FREQ    (INT64_MAX / 65536 / 1000)
#define SETTOD_SEC_MAX  (INT64_MAX / NS_PER_S - 30ull * 365 * 24 * 3600)

/* struct __kernel_timex; tv_usec is an int, as always on sparc64. */
struct timex_g {
    uint32_t modes, pad1;
    uint64_t offset, freq, maxerror, esterror;
    uint32_t status, pad2;
    uint64_t constant, precision, tolerance;
    uint64_t sec;
    uint32_t usec, pad3;
    uint64_t tick, ppsfreq, jitter;
    uint32_t shift, pad4;
    uint64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
    uint32_t tai, pad5[11];
};

static_assert(sizeof(struct timex_g) == 208, "struct __kernel_timex");

/* security_settime64() */
static int may_set(const struct task *t)
{
    if (cred_capable(t, CAP_G_SYS_TIME))
        warn_once(t, LOG_SYSCALL, "unsupported: setting the date");
    return -EPERM;
}

/* do_sys_settimeofday64() */
static int set_date(const struct task *t, int64_t sec, int64_t nsec)
{
    if (sec < 0 || (uint64_t)sec >= SETTOD_SEC_MAX || nsec < 0 ||
        nsec >= (int64_t)NS_PER_S)
        return -EINVAL;
    return may_set(t);
}

int64_t sys_clock_settime(struct task *t, const uint64_t a[6])
{
    struct timespec_g raw;
    int id = arg_int(a[0]);
    uint64_t ns;

    if ((id != CLOCK_G_REALTIME && id >= 0) || !task_clock(t, id, &ns))
        return -EINVAL;
    if (copy_from_user(t, &raw, a[1], sizeof(raw)))
        return -EFAULT;
    if (id < 0)
        return -EPERM; /* posix_cpu_clock_set() */
    return set_date(t, (int64_t)be64toh(raw.sec), (int64_t)be64toh(raw.nsec));
}

int64_t sys_settimeofday(struct task *t, const uint64_t a[6])
{
    uint64_t sec;
    uint32_t usec, zone;

    if (a[0]) {
        if (get_user64(t, a[0], &sec) || get_user32(t, a[0] + 8, &usec))
            return -EFAULT;
        if (usec > NS_PER_S / NS_PER_US)
            return -EINVAL;
    }
    if (a[1] && get_user32(t, a[1], &zone))
        return -EFAULT;
    if (a[0])
        return set_date(t, (int64_t)sec, usec * (int64_t)NS_PER_US);
    if (!a[1] && cred_capable(t, CAP_G_SYS_TIME))
        return 0; /* nothing to set */
    return may_set(t);
}

int64_t sys_stime(struct task *t, const uint64_t a[6])
{
    uint64_t sec;

    return get_user64(t, a[0], &sec) ? -EFAULT : may_set(t);
}

/* timekeeping_validate_timex() */
static int validate(const struct task *t, const struct timex_g *raw)
{
    const uint64_t tick = be64toh(raw->tick);
    const int64_t freq = (int64_t)be64toh(raw->freq);
    const uint32_t modes = be32toh(raw->modes);
    const bool old = modes & ADJ_G_ADJTIME;

    if (old && !(modes & ADJ_G_OFFSET_SINGLESHOT))
        return -EINVAL;
    if (old ? !(modes & ADJ_G_OFFSET_READONLY) : modes != 0) {
        if (!cred_capable(t, CAP_G_SYS_TIME))
            return -EPERM;
        if (!old && (modes & ADJ_G_TICK) &&
            (tick < USEC_PER_TICK * 9 / 10 || tick > USEC_PER_TICK * 11 / 10))
            return -EINVAL;
    }
    if (modes & ADJ_G_SETOFFSET) {
        if (!cred_capable(t, CAP_G_SYS_TIME))
            return -EPERM;
        if (be32toh(raw->usec) >=
            (modes & ADJ_G_NANO ? NS_PER_S : NS_PER_S / NS_PER_US))
            return -EINVAL;
    }
    if ((modes & ADJ_G_FREQUENCY) &&
        (freq < -NTP_MAX_FREQ || freq > NTP_MAX_FREQ))
        return -EINVAL;
    return 0;
}

/* __do_adjtimex(), of a clock that was never adjusted */
static int64_t adjust(struct task *t, uint64_t va)
{
    struct timex_g raw;
    uint64_t ns = 0;
    uint32_t modes;
    int err;

    if (copy_from_user(t, &raw, va, sizeof(raw)))
        return -EFAULT;
    err = validate(t, &raw);
    if (err)
        return err;
    modes = be32toh(raw.modes);
    if (modes & ADJ_G_ADJTIME ? !(modes & ADJ_G_OFFSET_READONLY) : modes != 0)
        return may_set(t);
    (void)clock_ns(t->m, CLOCK_G_REALTIME, &ns);
    raw = (struct timex_g){.modes = raw.modes,
                           .maxerror = htobe64(NTP_PHASE_LIMIT),
                           .esterror = htobe64(NTP_PHASE_LIMIT),
                           .status = htobe32(STA_G_UNSYNC),
                           .constant = htobe64(NTP_TIMECONST),
                           .precision = htobe64(1),
                           .tolerance = htobe64(NTP_TOLERANCE),
                           .sec = htobe64(ns / NS_PER_S),
                           .usec = htobe32(ns % NS_PER_S / NS_PER_US),
                           .tick = htobe64(USEC_PER_TICK)};
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : TIME_G_ERROR;
}

int64_t sys_adjtimex(struct task *t, const uint64_t a[6])
{
    return adjust(t, a[0]);
}

int64_t sys_clock_adjtime(struct task *t, const uint64_t a[6])
{
    struct timex_g raw;
    int id = arg_int(a[0]);
    uint64_t ns;

    if (copy_from_user(t, &raw, a[1], sizeof(raw)))
        return -EFAULT;
    if (!task_clock(t, id, &ns))
        return -EINVAL;
    return id == CLOCK_G_REALTIME ? adjust(t, a[1]) : -EOPNOTSUPP;
}
