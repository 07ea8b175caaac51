// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/poll/timerfd.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/poll/ready.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define CLOCK_G_REALTIME_ALARM 8
#define CLOCK_G_BOOTTIME_ALARM 9
#define CAP_G_WAKE_ALARM       35
#define TFD_G_ABSTIME          1u
#define TFD_G_CANCEL_ON_SET    2u /* nobody sets the machine's clock */
#define KTIME_SEC_MAX          (INT64_MAX / (int64_t)NS_PER_S)

struct timerfd {
    struct machine *m; /* borrowed */
    int host;          /* of the open file, which owns it */
    int clock;
    uint64_t next, interval; /* machine time, ns; next 0: off */
    uint64_t ticks;          /* that nobody has read */
    unsigned flags;          /* of the last timerfd_settime() */
    struct timerfd *prev, *succ;
};

struct itimerspec_g {
    struct timespec_g interval, value;
};

/* timerfd_tmrproc(), and hrtimer_forward() for what it has missed */
static void update(struct timerfd *tf)
{
    uint64_t now = clock_now(tf->m), n = 1;

    if (tf->next == 0 || tf->next > now)
        return;
    if (tf->interval)
        n += (now - tf->next) / tf->interval;
    tf->next = tf->interval ? tf->next + n * tf->interval : 0;
    ready_set(tf->m, tf->host, true);
    tf->ticks += n;
}

void timerfd_fire(struct machine *m)
{
    struct timerfd *tf;

    DL_FOREACH2(m->timerfds, tf, succ) {
        update(tf);
    }
}

uint64_t timerfd_deadline(const struct machine *m)
{
    uint64_t at = FOREVER;
    const struct timerfd *tf;

    DL_FOREACH2(m->timerfds, tf, succ) {
        if (tf->next && tf->ticks == 0 && tf->next < at)
            at = tf->next;
    }
    return at;
}

static int64_t timerfd_get(struct task *t, void *data, int host, uint8_t *buf,
                           size_t len)
{
    struct timerfd *tf = data;
    uint64_t ticks;

    (void)t, (void)host;
    if (len < sizeof(ticks))
        return -EINVAL;
    update(tf);
    if (tf->ticks == 0)
        return -EAGAIN;
    ticks = htobe64(tf->ticks);
    memcpy(buf, &ticks, sizeof(ticks));
    tf->ticks = 0;
    ready_set(tf->m, tf->host, false);
    return sizeof(ticks);
}

static void timerfd_poll(struct task *t, void *data)
{
    (void)t;
    update(data);
}

static void timerfd_release(void *data)
{
    struct timerfd *tf = data;

    DL_DELETE2(tf->m->timerfds, tf, prev, succ);
    free(tf);
}

/* timerfd_show() */
static void timerfd_show(const struct task *t, void *data, int host, FILE *out)
{
    struct timerfd *tf = data;
    uint64_t left;

    (void)t, (void)host;
    update(tf);
    left = tf->next ? tf->next - clock_now(tf->m) : 0;
    fprintf(out,
            "clockid: %d\nticks: %" PRIu64 "\nsettime flags: 0%o\n"
            "it_value: (%" PRIu64 ", %" PRIu64 ")\n"
            "it_interval: (%" PRIu64 ", %" PRIu64 ")\n",
            tf->clock, tf->ticks, tf->flags, left / NS_PER_S, left % NS_PER_S,
            tf->interval / NS_PER_S, tf->interval % NS_PER_S);
}

static int64_t timerfd_read(struct task *t, const struct user_file *file,
                            struct user_iter *to, int64_t offset)
{
    return rw_read_record(t, file, to, offset, timerfd_get);
}

static const struct file_ops timerfd_ops = {
    .read = timerfd_read,
    .poll = timerfd_poll,
    .seek = noop_seek,
    .show_fdinfo = timerfd_show,
    .release = timerfd_release,
};

int64_t sys_timerfd_create(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    int clock = arg_int(a[0]), fd;
    bool alarm =
        clock == CLOCK_G_REALTIME_ALARM || clock == CLOCK_G_BOOTTIME_ALARM;
    struct timerfd *tf;

    if (flags & ~(O_G_CLOEXEC | O_G_NONBLOCK) ||
        (clock != CLOCK_G_MONOTONIC && clock != CLOCK_G_REALTIME &&
         clock != CLOCK_G_BOOTTIME && !alarm))
        return -EINVAL;
    if (alarm && !cred_capable(t, CAP_G_WAKE_ALARM))
        return -EPERM;
    tf = calloc(1, sizeof(*tf));
    if (!tf)
        return -ENOMEM;
    *tf = (struct timerfd){.m = t->m, .clock = clock};
    tf->host = ready_create(t->m);
    fd = tf->host < 0 ? tf->host
                      : files_install(t, tf->host, flags & O_G_CLOEXEC);
    if (fd < 0) {
        free(tf);
        return fd;
    }
    DL_APPEND2(t->m->timerfds, tf, prev, succ);
    files_set_ops(t->files, fd, &timerfd_ops, tf, flags & O_G_NONBLOCK);
    return fd;
}

/* timerfd_fget() */
static int get_timer(const struct task *t, uint64_t guest, struct timerfd **out)
{
    const struct open_file *file = files_open_file(t->files, arg_int(guest));

    if (!file)
        return -EBADF;
    if (open_file_ops(file) != &timerfd_ops)
        return -EINVAL;
    *out = open_file_data(file);
    return 0;
}

/* timespec64_valid(), and timespec64_to_ktime() */
static int to_ns(const struct timespec_g *raw, uint64_t *ns)
{
    int64_t sec = (int64_t)be64toh(raw->sec);
    uint64_t nsec = be64toh(raw->nsec);

    if (sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    *ns = sec >= KTIME_SEC_MAX ? INT64_MAX : (uint64_t)sec * NS_PER_S + nsec;
    return 0;
}

static struct timespec_g from_ns(uint64_t ns)
{
    return (struct timespec_g){htobe64(ns / NS_PER_S), htobe64(ns % NS_PER_S)};
}

/* do_timerfd_gettime() */
static int64_t put_setting(struct task *t, uint64_t va, struct timerfd *tf)
{
    struct itimerspec_g raw = {.interval = from_ns(tf->interval)};

    update(tf);
    if (tf->next)
        raw.value = from_ns(tf->next - clock_now(tf->m));
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* By how much the timer's clock is ahead of machine time. */
static uint64_t clock_offset(const struct timerfd *tf)
{
    bool real =
        tf->clock == CLOCK_G_REALTIME || tf->clock == CLOCK_G_REALTIME_ALARM;

    return real ? clock_date_ns(tf->m) - clock_now(tf->m) : 0;
}

/* timerfd_setup(): machine time when it is due, never 0 */
static uint64_t due(const struct timerfd *tf, uint64_t value, bool absolute)
{
    uint64_t now = clock_now(tf->m), offset;

    if (!absolute)
        return value > INT64_MAX - now ? INT64_MAX : now + value;
    offset = clock_offset(tf);
    return value > offset ? value - offset : 1;
}

int64_t sys_timerfd_settime(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    uint64_t interval, value;
    struct itimerspec_g raw;
    struct timerfd *tf;
    int64_t err = 0;

    if (copy_from_user(t, &raw, a[2], sizeof(raw)))
        return -EFAULT;
    if (flags & ~(TFD_G_ABSTIME | TFD_G_CANCEL_ON_SET) ||
        to_ns(&raw.interval, &interval) || to_ns(&raw.value, &value))
        return -EINVAL;
    err = get_timer(t, a[0], &tf);
    if (err)
        return err;
    if (value)
        clock_start(t->m);
    if (a[3])
        err = put_setting(t, a[3], tf);
    ready_set(tf->m, tf->host, false);
    tf->ticks = 0;
    tf->interval = interval;
    tf->flags = flags;
    tf->next = value ? due(tf, value, flags & TFD_G_ABSTIME) : 0;
    if (value)
        machine_start_clock(t->m);
    update(tf);
    return err;
}

int64_t sys_timerfd_gettime(struct task *t, const uint64_t a[6])
{
    struct timerfd *tf;
    int err = get_timer(t, a[0], &tf);

    return err ? err : put_setting(t, a[1], tf);
}
