// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * epoll(7): a set of the host's, of the host's descriptors.
 *
 * Source:  linux v6.2 fs/eventpoll.c
 * Differs: two descriptors of one open file are the same in a set: the second
 *          is EEXIST
 */
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "emu/linux/abi.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/poll/poll.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* The bits of @events are the same on every machine; @data is opaque. */
struct epoll_event_g {
    uint32_t events, pad;
    uint64_t data;
};

#define MAX_EVENTS_G (INT_MAX / (int)sizeof(struct epoll_event_g))

/* The descriptor of @t for one of the host's; -1: it has none. */
static int guest_fd(const struct task *t, int host)
{
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (files_host(t->files, fd) == host)
            return fd;
    return -1;
}

/* ep_show_fdinfo(), from the host's with our numbers and data */
static void epoll_show(const struct task *t, void *data, int host, FILE *out)
{
    char path[40], line[256];
    FILE *in;

    (void)data;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", host);
    in = fopen(path, "re");
    while (in && fgets(line, sizeof(line), in)) {
        unsigned long long user;
        unsigned events;
        int fd, end;

        if (sscanf(line, "tfd: %d events: %x data: %llx%n", &fd, &events, &user,
                   &end) == 3)
            fprintf(out, "tfd: %8d events: %8x data: %16llx%s", guest_fd(t, fd),
                    events, (unsigned long long)be64toh(user), line + end);
    }
    if (in)
        fclose(in);
}

static const struct file_ops epoll_ops = {
    .seek = noop_seek,
    .show_fdinfo = epoll_show,
};

int64_t sys_epoll_create1(struct task *t, const uint64_t a[6])
{
    int host, fd;

    if ((unsigned)a[0] & ~O_G_CLOEXEC)
        return -EINVAL;
    host = epoll_create1(EPOLL_CLOEXEC);
    if (host < 0)
        return host_result(host);
    fd = files_install(t, host, (unsigned)a[0] & O_G_CLOEXEC);
    if (fd >= 0)
        files_set_ops(t->files, fd, &epoll_ops, NULL, false);
    return fd;
}

int64_t sys_epoll_create(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {0};

    return arg_int(a[0]) <= 0 ? -EINVAL : sys_epoll_create1(t, b);
}

static bool is_epoll(const struct open_file *file)
{
    return open_file_ops(file) == &epoll_ops;
}

int64_t sys_epoll_ctl(struct task *t, const uint64_t a[6])
{
    const struct open_file *set = files_open_file(t->files, arg_int(a[0]));
    const struct open_file *file = files_open_file(t->files, arg_int(a[2]));
    int op = arg_int(a[1]);
    struct epoll_event_g raw = {0};
    struct epoll_event ev;
    int64_t value;

    if (op != EPOLL_CTL_DEL && copy_from_user(t, &raw, a[3], sizeof(raw)))
        return -EFAULT;
    if (!set || !file)
        return -EBADF;
    ev = (struct epoll_event){.events = be32toh(raw.events),
                              .data.u64 = raw.data};
    /* What is no set may be one on the host (ready.h): the errors are those of
     * a file that is put into itself. */
    value = host_result(epoll_ctl(open_file_host(is_epoll(set) ? set : file),
                                  op, open_file_host(file), &ev));
    if (value == 0 && op == EPOLL_CTL_ADD && open_file_outside(file))
        files_set_outside(t->files, arg_int(a[0]));
    return value;
}

/* ep_send_events(): @n of them are in the bounce buffer. */
static int64_t put_events(struct task *t, uint64_t va, int n)
{
    const struct epoll_event *from = (const struct epoll_event *)t->m->bounce;

    for (int i = 0; i < n; i++) {
        struct epoll_event_g raw = {.events = htobe32(from[i].events),
                                    .data = from[i].data.u64};
        uint64_t at = va + (uint64_t)i * sizeof(raw);

        if (copy_to_user(t, at, &raw.events, sizeof(raw.events)) ||
            copy_to_user(t, at + offsetof(struct epoll_event_g, data),
                         &raw.data, sizeof(raw.data)))
            return i ? i : -EFAULT;
    }
    return n;
}

/* do_epoll_wait(), at most @ns */
static int64_t do_wait(struct task *t, const uint64_t a[6], uint64_t ns)
{
    static const struct wait_results results = {.on_signal = -EINTR};
    int most = arg_int(a[2]), room = BOUNCE_BYTES / sizeof(struct epoll_event);
    const struct open_file *set = call_file(t, arg_int(a[0]));
    struct pollfd p = {.events = POLLIN};
    int n, err;

    if (most <= 0 || most > MAX_EVENTS_G)
        return -EINVAL;
    if (!set)
        return -EBADF;
    if (!is_epoll(set))
        return -EINVAL;
    p.fd = open_file_host(set);
    files_poll(t);
    n = epoll_wait(p.fd, (struct epoll_event *)t->m->bounce,
                   most < room ? most : room, 0);
    if (n < 0 && errno != EINTR)
        return -errno;
    if (n > 0)
        return put_events(t, a[1], n);
    err = call_hold(t, arg_int(a[0]));
    if (err)
        return err;
    return sched_wait_fds(t, &p, 1, open_file_outside(set), ns, results);
}

static uint64_t ns_of(uint64_t ms)
{
    return arg_int(ms) < 0 ? FOREVER : (uint64_t)arg_int(ms) * 1000000;
}

/* @size: of the mask at @va */
static int64_t wait_masked(struct task *t, const uint64_t a[6], uint64_t ns,
                           uint64_t va, uint64_t size)
{
    int64_t value = poll_set_mask(t, va, size);

    if (value)
        return value;
    value = do_wait(t, a, ns);
    poll_unset_mask(t, value, -EINTR);
    return value;
}

int64_t sys_epoll_wait(struct task *t, const uint64_t a[6])
{
    return do_wait(t, a, ns_of(a[3]));
}

int64_t sys_epoll_pwait(struct task *t, const uint64_t a[6])
{
    return wait_masked(t, a, ns_of(a[3]), a[4], a[5]);
}

int64_t sys_epoll_pwait2(struct task *t, const uint64_t a[6])
{
    uint64_t ns;
    int err = poll_get_timeout(t, a[3], false, &ns);

    return err ? err : wait_masked(t, a, ns, a[4], a[5]);
}
