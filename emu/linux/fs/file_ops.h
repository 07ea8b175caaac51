/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/file_ops.h - what can be done with an open file of one kind
 *
 * Owns:    nothing
 * Used by: the kinds, each with a table in its own file, and the calls
 * Source:  linux v6.2 include/linux/fs.h struct file_operations
 *
 * An op that is NULL is one that the kind lacks: the call gives the error that
 * stands here, which is what the kernel gives without it.
 */
#pragma once

#include <stdio.h>

#include "emu/linux/sched/task.h"

struct mmap_args;
struct open_file;
struct procfs_node;
struct user_file;
struct user_iter;

struct file_ops {
    /*
     * To or from what is left of the call's buffers
     *
     * @offset: where, or AT_POSITION
     * Returns how many bytes, TASK_WAITS, or -errno.  NULL: -EINVAL.
     */
    int64_t (*read)(struct task *t, const struct user_file *file,
                    struct user_iter *to, int64_t offset);
    int64_t (*write)(struct task *t, const struct user_file *file,
                     struct user_iter *from, int64_t offset);

    /*
     * The host is about to take up to @len bytes out of its descriptor, or to
     * put some into it, by itself: they are the file's
     *
     * Returns 0 or -errno.  NULL: -EINVAL.
     */
    int (*splice_read)(struct task *t, const struct user_file *file,
                       int64_t offset, uint64_t len);
    int (*splice_write)(struct task *t, const struct user_file *file);

    /*
     * @t is about to ask the host's descriptor whether it is ready: make it so,
     * or not, and add to t->wait.signals what may change that
     *
     * NULL: the host's is ready when the file is.
     */
    void (*poll)(struct task *t, void *data);

    /* What ioctl(2) has for that kind alone.  NULL: -ENOTTY. */
    int64_t (*ioctl)(struct task *t, const struct user_file *file, uint32_t cmd,
                     uint64_t arg);

    /* @whence: SEEK_SET to SEEK_HOLE.  The position, or -errno.  NULL: -ESPIPE.
     */
    int64_t (*seek)(const struct open_file *file, int64_t offset, int whence);

    /*
     * What mmap(2) maps of it, once it is known that it is open for that
     *
     * @args: how it is mapped; mapping gets a reference, or stays NULL: private
     *        anonymous memory; sealed
     * Returns 0 or -errno.  NULL: -ENODEV.
     */
    int (*mmap)(struct task *t, const struct open_file *file,
                struct mmap_args *args);

    /*
     * As many records as fit, from the position on, as the host's getdents64()
     * lays them out
     *
     * Returns how many bytes, 0 at the end, or -errno.  NULL: -ENOTDIR.
     */
    int64_t (*getdents)(struct task *t, const struct open_file *file,
                        uint8_t *buf, size_t size);

    /* Where it is in a file system of the machine.  NULL: in none. */
    const struct procfs_node *(*node)(void *data);

    /* What /proc/PID/fdinfo has of it beside the common lines.  NULL: none. */
    void (*show_fdinfo)(const struct task *t, void *data, int host, FILE *out);

    /* The last descriptor is closed.  NULL: nothing to do. */
    void (*release)(void *data);
};

/* noop_seek - noop_llseek(): there is no position, and nobody is told */
int64_t noop_seek(const struct open_file *file, int64_t offset, int whence);
