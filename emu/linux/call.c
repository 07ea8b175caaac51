// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/call.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/fs/fifo.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/late.h"
#include "emu/linux/net/transfer.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/uaccess.h"

struct call_argument {
    uint64_t va;
    size_t len;
    struct call_argument *next;
    uint8_t bytes[];
};

struct call_held {
    int fd;
    struct open_file *file; /* counted */
    struct call_held *next;
};

int call_import(struct task *t, void *dst, uint64_t va, size_t len)
{
    struct call_argument **head = &t->wait.call.arguments, *arg;

    for (arg = *head; arg; arg = arg->next) {
        if (arg->va == va && arg->len == len) {
            memcpy(dst, arg->bytes, len);
            return 0;
        }
    }
    arg = malloc(sizeof(*arg) + len);
    if (!arg)
        return -ENOMEM;
    if (copy_data_from_user(t, arg->bytes, va, len)) {
        free(arg);
        return -EFAULT;
    }
    arg->va = va;
    arg->len = len;
    LL_PREPEND(*head, arg);
    memcpy(dst, arg->bytes, len);
    return 0;
}

int call_import64(struct task *t, uint64_t va, uint64_t *value)
{
    uint64_t raw;
    int err = call_import(t, &raw, va, sizeof(raw));

    if (!err)
        *value = be64toh(raw);
    return err;
}

struct open_file *call_file(const struct task *t, int fd)
{
    const struct call_held *held;

    for (held = t->wait.call.held; held; held = held->next) {
        if (held->fd == fd)
            return held->file;
    }
    return files_open_file(t->files, fd);
}

struct open_file *call_fdget(const struct task *t, int fd)
{
    struct open_file *file = call_file(t, fd);

    return file && !open_file_is_path(file) ? file : NULL;
}

int call_host(const struct task *t, int fd)
{
    const struct open_file *file = call_file(t, fd);

    return file ? open_file_host(file) : -EBADF;
}

int call_hold(struct task *t, int fd)
{
    struct open_file *file = call_file(t, fd);
    struct call_held *held;

    /* Nobody else can change the table. */
    if (!file || (t->process->live == 1 && !files_are_shared(t->files)))
        return 0;
    for (held = t->wait.call.held; held; held = held->next) {
        if (held->fd == fd)
            return 0;
    }
    held = malloc(sizeof(*held));
    if (!held)
        return -ENOMEM;
    *held = (struct call_held){.fd = fd, .file = open_file_get(file)};
    LL_PREPEND(t->wait.call.held, held);
    return 0;
}

void call_clear(struct call_state *c)
{
    struct call_argument *arg, *next_arg;
    struct call_held *held, *next_held;

    LL_FOREACH_SAFE(c->arguments, arg, next_arg) {
        free(arg);
    }
    LL_FOREACH_SAFE(c->held, held, next_held) {
        open_file_put(held->file);
        free(held);
    }
    fifo_wait_free(c->fifo);
    late_free(c->late);
    net_call_free(c->net);
    *c = (struct call_state){0};
}
