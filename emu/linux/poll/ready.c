// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/poll/ready.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

int ready_create(struct machine *m)
{
    int host;

    if (m->ready_fd < 0)
        m->ready_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    host = m->ready_fd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
    return host < 0 ? -ENFILE : host;
}

void ready_set(const struct machine *m, int host, bool on)
{
    struct epoll_event ev = {.events = EPOLLIN};

    /* One that is ready for ever goes into the set. */
    (void)epoll_ctl(host, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, m->ready_fd, &ev);
}
