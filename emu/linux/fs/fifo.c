// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"

struct fifo_wait {
    int fd; /* owned; of a reader: open; of a writer: O_PATH */
};

void fifo_wait_free(struct fifo_wait *w)
{
    if (w)
        close(w->fd);
    free(w);
}

static int64_t install(struct task *t, int fd, unsigned guest)
{
    int to = files_install(t, fd, (guest & O_G_CLOEXEC) != 0);

    if (to >= 0)
        files_set_polled(t->files, to, guest & O_G_NONBLOCK, true);
    sched_wake_all(t->m, WAIT_FIFO);
    return to;
}

/* Without waiting, whatever the program said; -1 with errno. */
static int open_end(int fd, unsigned guest)
{
    int flags = open_flags_to_host(guest);
    char by_fd[32];

    path_of_fd(fd, by_fd);
    flags &= O_ACCMODE | O_APPEND | O_DIRECT | O_NOATIME;
    return open(by_fd, flags | O_CLOEXEC | O_NONBLOCK);
}

/*
 * Has the FIFO a writer, or had it one since we opened it?  A read would say
 * so, and take what is there; tee() takes nothing.
 */
static bool has_writer(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int scratch[2];
    ssize_t n;
    bool yes;

    if (poll(&p, 1, 0) == 1)
        return true;
    if (pipe2(scratch, O_CLOEXEC) != 0)
        return false;
    n = tee(fd, scratch[1], 1, SPLICE_F_NONBLOCK);
    yes = n > 0 || (n < 0 && errno == EAGAIN);
    close(scratch[0]);
    close(scratch[1]);
    return yes;
}

/* @fd: taken, also on error */
static int64_t wait_for_partner(struct task *t, int fd)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    struct fifo_wait *w = malloc(sizeof(*w));

    if (!w) {
        close(fd);
        return -ENOMEM;
    }
    w->fd = fd;
    t->wait.call.fifo = w;
    t->wait.look_again = true;
    /* One that waits for us to be there looks again. */
    sched_wake_all(t->m, WAIT_FIFO);
    return sched_wait(t, WAIT_FIFO, FOREVER, results);
}

int64_t fifo_open(struct task *t, int fd, unsigned guest)
{
    unsigned mode = guest & O_ACCMODE;
    int end = open_end(fd, guest);

    if (end >= 0 &&
        (mode != O_RDONLY || guest & O_G_NONBLOCK || has_writer(end)))
        return install(t, end, guest);
    if (end < 0) {
        if (errno != ENXIO || guest & O_G_NONBLOCK)
            return host_result(end);
        end = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (end < 0)
            return host_result(end);
    }
    return wait_for_partner(t, end);
}

int64_t fifo_open_again(struct task *t, unsigned guest)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    struct fifo_wait *w = t->wait.call.fifo;
    int end;

    if ((guest & O_ACCMODE) == O_RDONLY) {
        if (!has_writer(w->fd))
            return sched_wait(t, WAIT_FIFO, FOREVER, results);
        end = fcntl(w->fd, F_DUPFD_CLOEXEC, 0);
    } else {
        end = open_end(w->fd, guest);
        if (end < 0 && errno == ENXIO)
            return sched_wait(t, WAIT_FIFO, FOREVER, results);
    }
    return end < 0 ? host_result(end) : install(t, end, guest);
}
