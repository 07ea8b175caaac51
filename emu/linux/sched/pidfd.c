// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/pidfd.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/poll/ready.h"

struct pidfd {
    struct process *process; /* NULL: reaped */
    int host;                /* of the open file, which owns it */
    struct pidfd *prev, *next;
};

static void pidfd_release(void *data)
{
    struct pidfd *f = data;

    if (f->process)
        DL_DELETE(f->process->pidfds, f);
    free(f);
}

/* pidfd_show_fdinfo() */
static void pidfd_show(const struct task *t, void *data, int host, FILE *out)
{
    const struct pidfd *f = data;
    int pid = f->process ? (int)f->process->pid : -1;

    (void)t, (void)host;
    fprintf(out, "Pid:\t%d\nNSpid:\t%d\n", pid, pid);
}

/* It can neither be read nor be written. */
static const struct file_ops pidfd_ops = {
    .show_fdinfo = pidfd_show,
    .release = pidfd_release,
};

int pidfd_open_process(struct task *t, struct process *of, bool nonblock)
{
    struct pidfd *f = malloc(sizeof(*f));
    int fd;

    if (!f)
        return -ENOMEM;
    *f = (struct pidfd){.process = of, .host = ready_create(t->m)};
    fd = f->host < 0 ? f->host : files_install(t, f->host, true);
    if (fd < 0) {
        free(f);
        return fd;
    }
    DL_APPEND(of->pidfds, f);
    files_set_ops(t->files, fd, &pidfd_ops, f, nonblock);
    if (of->zombie)
        ready_set(t->m, f->host, true);
    return fd;
}

int pidfd_get_process(const struct task *t, int fd, struct process **out)
{
    const struct open_file *file = files_open_file(t->files, fd);
    const struct pidfd *f;

    if (!file || open_file_ops(file) != &pidfd_ops)
        return -EBADF;
    f = open_file_data(file);
    *out = f->process;
    return f->process ? 0 : -ESRCH;
}

int pidfd_get_leader(const struct task *t, int fd, struct task **out)
{
    struct process *p;
    int err = pidfd_get_process(t, fd, &p);

    if (!err)
        *out = process_leader(p);
    return err;
}

void pidfd_notify(struct process *p)
{
    struct pidfd *f;

    DL_FOREACH(p->pidfds, f) {
        ready_set(p->m, f->host, true);
    }
}

void pidfd_forget(struct process *p)
{
    struct pidfd *f, *next;

    DL_FOREACH_SAFE(p->pidfds, f, next) {
        DL_DELETE(p->pidfds, f);
        f->process = NULL;
    }
}
