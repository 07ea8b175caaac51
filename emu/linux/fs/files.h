/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/files.h - the open files of a process
 *
 * Owns:    the table from guest descriptors to open files
 * Used by: emu/linux/sys_*.c, emu/machine.c, emu/gdb/
 * Source:  the role of linux fs/file.c
 *
 * An open file is a descriptor of the host, shared by those that dup() it.
 * 0, 1 and 2 are the host's own and are never closed on the host.
 */
#pragma once

#include "emu/linux/sched/task.h"

struct file_ops;
struct open_file;
struct stat;

#define FILES_MAX 1024 /* descriptors; nobody's RLIMIT_NOFILE is above it */

/* files_create - with 0, 1 and 2, as far as adiemu was given them */
struct files *files_create(struct machine *m);

/* files_copy - the same open files in a table of its own; NULL: no memory */
struct files *files_copy(const struct files *f);

/* One more, or one fewer, process that uses the table. */
struct files *files_get(struct files *f);
void files_put(struct files *f);

/* files_are_shared - has another process the same table? */
bool files_are_shared(const struct files *f);

/* files_unshare - unshare_fd(): @f becomes a table of its own; 0 or -ENOMEM */
MUST_CHECK int files_unshare(struct files **f);

/* files_open_file - what @fd is, borrowed until it is closed; NULL: EBADF */
struct open_file *files_open_file(const struct files *f, int fd);

/* files_fdget - the same, but NULL for one that is open with O_PATH, too: it
 * stands for a place, and nothing can be done with the file itself */
struct open_file *files_fdget(const struct files *f, int fd);

/* One more, or one fewer, user of an open file. */
struct open_file *open_file_get(struct open_file *file);
void open_file_put(struct open_file *file);

int open_file_host(const struct open_file *file);
bool open_file_is_path(const struct open_file *file);

/* open_file_id - no other open file of the run has it */
uint64_t open_file_id(const struct open_file *file);
bool open_file_polled(const struct open_file *file);
bool open_file_outside(const struct open_file *file);
bool open_file_nonblock(const struct open_file *file);

/* files_host - the host's descriptor behind @fd, or -EBADF */
MUST_CHECK int files_host(const struct files *f, int fd);

/* files_limit - rlimit(RLIMIT_NOFILE): the first descriptor that @t cannot
 * get; those that it has already stay */
int files_limit(const struct task *t);

/* files_check_room - 0, or -EMFILE: @t could not get one more descriptor */
MUST_CHECK int files_check_room(const struct task *t);

/*
 * files_install - give @t the lowest free descriptor
 *
 * @host: owned by the table from here on, also on error (then closed)
 * Returns the descriptor, -EMFILE, or -ENOMEM.
 */
MUST_CHECK int files_install(struct task *t, int host, bool cloexec);

/* files_set_path - @fd, just installed, was opened with O_PATH */
void files_set_path(struct files *f, int fd);

/*
 * files_set_kind - @fd, just installed, is a file of that kind
 *
 * @data: owned by the open file from here on, when there is ops->release
 */
void files_set_kind(struct files *f, int fd, const struct file_ops *ops,
                    void *data);

/* files_set_ops - the same, and files_set_polled(), of one that nobody outside
 * makes ready */
void files_set_ops(struct files *f, int fd, const struct file_ops *ops,
                   void *data, bool nonblock);

/* files_poll - @t is about to ask which of some are ready: vfs_poll() */
void files_poll(struct task *t);

const struct file_ops *open_file_ops(const struct open_file *file);
void *open_file_data(const struct open_file *file);

/* Who gets SIGIO of an open file, and what instead: struct fown_struct. */
struct file_owner {
    uint32_t pid;       /* of a task, a process or a group; 0: nobody */
    int type;           /* F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP */
    uint32_t uid, euid; /* of who has set it */
    int signo;          /* F_SETSIG */
};

struct file_owner *open_file_owner(struct open_file *file);

/* files_others - is this file open by another open file than @but? */
bool files_others(const struct files *f, const struct open_file *but,
                  const struct stat *st);

/* files_take - the open file @fd of another table, close-on-exec; its number
 * here, -EBADF, -EMFILE */
MUST_CHECK int files_take(struct task *t, const struct files *from, int fd);

/* files_receive - @file as a new descriptor: of a message; -EMFILE */
MUST_CHECK int files_receive(struct task *t, struct open_file *file,
                             bool cloexec);

/* files_dup - another descriptor of the same open file, the lowest free one
 * at or above @from; -EBADF, -EMFILE */
MUST_CHECK int files_dup(struct task *t, int fd, int from, bool cloexec);

/* files_dup_to - dup3(): @to is closed first; returns @to or -EBADF */
MUST_CHECK int files_dup_to(struct task *t, int fd, int to, bool cloexec);

/* files_close - 0 or -EBADF */
MUST_CHECK int files_close(struct files *f, int fd);

/* files_close_on_exec - all that have the flag */
void files_close_on_exec(struct files *f);

/*
 * files_set_polled - the host's descriptor of @fd, just installed, has
 * O_NONBLOCK: no task can stop the others
 *
 * @nonblock: what the program asked for
 * @outside:  it is a pipe whose other end may be nobody's in this machine
 */
void files_set_polled(struct files *f, int fd, bool nonblock, bool outside);
bool files_polled(const struct files *f, int fd);

/* files_set_outside - others than this machine can make @fd ready */
void files_set_outside(struct files *f, int fd);

/* O_NONBLOCK as the program sees it; only for those that are polled */
bool files_nonblock(const struct files *f, int fd);
void files_set_nonblock(struct files *f, int fd, bool on);

/* files_have - is a file of this device and inode open? */
bool files_have(const struct files *f, uint64_t dev, uint64_t ino);

/* files_write - is this file open for writing? */
bool files_write(const struct files *f, const struct stat *st);

bool files_cloexec(const struct files *f, int fd);
void files_set_cloexec(struct files *f, int fd, bool on);
