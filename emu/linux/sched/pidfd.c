// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/pidfd.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/poll/ready.h"

struct pidfd {
    struct task *task; /* NULL: reaped */
    int host;          /* of the open file, which owns it */
    struct pidfd *prev, *next;
};

int pidfd_open_task(struct task *t, struct task *of, bool nonblock)
{
    struct pidfd *p = malloc(sizeof(*p));
    int fd;

    if (!p)
        return -ENOMEM;
    *p = (struct pidfd){.task = of, .host = ready_create(t->m)};
    fd = p->host < 0 ? p->host : files_install(t, p->host, true);
    if (fd < 0) {
        free(p);
        return fd;
    }
    DL_APPEND(of->pidfds, p);
    files_set_pidfd(t->files, fd, p, nonblock);
    if (of->zombie)
        ready_set(t->m, p->host, true);
    return fd;
}

void pidfd_close(struct pidfd *p)
{
    if (p && p->task)
        DL_DELETE(p->task->pidfds, p);
    free(p);
}

int pidfd_get_task(const struct task *t, int fd, struct task **out)
{
    const struct pidfd *p = files_pidfd(t->files, fd);

    if (!p)
        return -EBADF;
    *out = p->task;
    return p->task ? 0 : -ESRCH;
}

void pidfd_notify(struct task *t)
{
    struct pidfd *p;

    DL_FOREACH(t->pidfds, p) {
        ready_set(t->m, p->host, true);
    }
}

void pidfd_forget(struct task *t)
{
    struct pidfd *p, *next;

    DL_FOREACH_SAFE(t->pidfds, p, next)
    {
        DL_DELETE(t->pidfds, p);
        p->task = NULL;
    }
}
