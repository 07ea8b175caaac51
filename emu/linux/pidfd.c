#include "emu/linux/pidfd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/files.h"

struct pidfd {
    struct task *task; /* NULL: reaped */
    int host;          /* of the open file, which owns it */
    struct pidfd *prev, *next;
};

struct task *pidfd_task(const struct pidfd *p)
{
    return p->task;
}

/* One that is ready for ever goes into the set. */
static void set_ready(const struct machine *m, const struct pidfd *p)
{
    struct epoll_event ev = {.events = EPOLLIN};

    (void)epoll_ctl(p->host, EPOLL_CTL_ADD, m->ready_fd, &ev);
}

int pidfd_open_task(struct task *t, struct task *of, bool nonblock)
{
    struct pidfd *p = malloc(sizeof(*p));
    int fd;

    if (!p)
        return -ENOMEM;
    *p = (struct pidfd){.task = of, .host = epoll_create1(EPOLL_CLOEXEC)};
    if (t->m->ready_fd < 0)
        t->m->ready_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->host < 0 || t->m->ready_fd < 0) {
        if (p->host >= 0)
            close(p->host);
        free(p);
        return -ENFILE;
    }
    fd = files_install(t, p->host, true);
    if (fd < 0) {
        free(p);
        return fd;
    }
    DL_APPEND(of->pidfds, p);
    files_set_pidfd(t->files, fd, p, nonblock);
    if (of->zombie)
        set_ready(t->m, p);
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
        set_ready(t->m, p);
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
