/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/proc/procfs.h - files below /proc and /sys, made by the machine
 *
 * Owns:    the list of them, and what is behind an open one
 * Used by: emu/linux/path/namei.c finds them, sys_open.c opens them; emu/gdb/
 * Source:  linux v6.2 fs/proc/generic.c, base.c, seq_file.c
 * Differs: nothing of the host's own /proc and /sys can be seen; a file that
 *          is not made here does not exist
 *
 * An open file is a descriptor of the host for memory that holds the text, so
 * that every call works on it.  The text is made anew by each read that
 * begins at its start.
 */
#pragma once

#include <stdio.h>

#include "emu/linux/sched/task.h"

struct files;
struct mapping;
struct open_file;
struct stat;
struct procfs_entry;

/* Symbolic links: the first is one by its text, the others by what is there. */
enum procfs_link {
    PROCFS_NO_LINK,
    PROCFS_SELF, /* /proc/self: the node is the directory that it leads to */
    PROCFS_THREAD_SELF, /* the same of /proc/thread-self */
    PROCFS_EXE,
    PROCFS_CWD,
    PROCFS_ROOT,
    PROCFS_FD, /* /proc/PID/fd/N */
};

/* A file, directory or link, found by name. */
struct procfs_node {
    const struct procfs_entry *entry; /* NULL: none */
    size_t len;   /* of the part of entry's pattern that is the name */
    uint32_t pid; /* whose, 0: the machine's */
    enum procfs_link link;
    int fd;      /* N of PROCFS_FD */
    int fdinfo1; /* N + 1 of /proc/PID/fdinfo/N; 0: another file */
};

#define PROCFS_NAME_BYTES 128 /* the longest name of a node, with its 0 */

/* procfs_root - /proc or /sys; -ENOENT: it is no file system of ours */
MUST_CHECK int procfs_root(const char *name, size_t len,
                           struct procfs_node *out);

/* procfs_device - the device @name of the machine, @len bytes, in the host's
 * /dev; false: it has none of that name */
bool procfs_device(const struct task *t, const char *name, size_t len,
                   struct procfs_node *out);

/*
 * procfs_child - the file @name, @len bytes, in the directory @dir
 *
 * Returns 0, -ENOTDIR or -ENOENT.
 */
MUST_CHECK int procfs_child(const struct task *t, const struct procfs_node *dir,
                            const char *name, size_t len,
                            struct procfs_node *out);

/* procfs_parent - the directory of a node; false: it is / */
bool procfs_parent(const struct task *t, const struct procfs_node *node,
                   struct procfs_node *out);

/* procfs_name - the name of a node, with a number for "self" */
void procfs_name(const struct procfs_node *node,
                 char out[static PROCFS_NAME_BYTES]);

bool procfs_is_dir(const struct procfs_node *node);
bool procfs_is_device(const struct procfs_node *node);

/* procfs_magic - statfs(2) of the file system that the node is in */
uint32_t procfs_magic(const struct procfs_node *node);

/*
 * procfs_open - open(2) of a node
 *
 * @guest: the guest's flags
 * Returns a new descriptor of @t; or -EACCES, -EISDIR, -ENOTDIR, -EEXIST,
 * -ESRCH, -EMFILE, -ENFILE, -ENOMEM.
 */
MUST_CHECK int procfs_open(struct task *t, const struct procfs_node *node,
                           unsigned guest);

/* procfs_node_of - where an open file is, borrowed; NULL: it is the host's, or
 * of no file system */
const struct procfs_node *procfs_node_of(const struct open_file *file);

/* procfs_process_of - whose directory /proc/PID is open; NULL: @err is -EBADF,
 * it is none, or -ESRCH, the process is gone; else 0 */
struct process *procfs_process_of(const struct machine *m,
                                  const struct open_file *file, int *err);

/* procfs_stat - 0, or -ENOENT of a process that is gone */
MUST_CHECK int procfs_stat(const struct task *t, const struct procfs_node *node,
                           struct stat *out);

/* ---- what makes the texts: 0 or -errno.  @t: whose file, or NULL */
#define PROC_SHOW(name) int name(struct machine *m, struct task *t, FILE *out)

/* procfs_dir.c: directories of a process */
PROC_SHOW(proc_show_fd_dir);
PROC_SHOW(proc_show_fdinfo_dir);
PROC_SHOW(proc_show_task_dir);

/* proc_put_dirent - one record, as the host's getdents64() has it */
void proc_put_dirent(FILE *out, const char *name, size_t len, uint8_t type);
void proc_put_dots(FILE *out);
/* proc_put_pids - a directory for each process */
void proc_put_pids(const struct machine *m, FILE *out);

/* proc_read_records - as many whole ones of @host as fit, from @at on; bytes,
 * or -EINVAL: not one does */
int64_t proc_read_records(int host, off_t at, uint8_t *buf, size_t size);

/* proc_maps.c */
PROC_SHOW(proc_show_maps);
PROC_SHOW(proc_show_smaps);

/* proc_mapping_name - the name that maps has for it */
void proc_mapping_name(const struct machine *m, const struct mapping *mapping,
                       FILE *out);

/* proc_sys.c: the file @name below /proc/sys, of sysctl.def */
int sysctl_show(struct machine *m, const char *name, FILE *out);
MUST_CHECK int sysctl_store(struct machine *m, const char *name,
                            const char *text);

/* proc_pagemap.c: entries of [offset, offset + len) go into @memfd */
int proc_fill_pagemap(struct machine *m, struct task *t, int memfd,
                      uint64_t offset, uint64_t len);
#define PAGEMAP_BYTES (UINT64_C(1) << (64 - PAGE_SHIFT + 3))

/* proc_task.c */
PROC_SHOW(proc_show_status);
PROC_SHOW(proc_show_stat);
PROC_SHOW(proc_show_statm);
PROC_SHOW(proc_show_comm);
MUST_CHECK int proc_store_comm(struct task *by, struct task *of,
                               const char *text);
PROC_SHOW(proc_show_cmdline);
PROC_SHOW(proc_show_auxv);
PROC_SHOW(proc_show_environ);

/* proc_limits.c */
PROC_SHOW(proc_show_limits);
PROC_SHOW(proc_show_io);
PROC_SHOW(proc_show_personality);
PROC_SHOW(proc_show_timerslack);
MUST_CHECK int proc_store_timerslack(struct task *by, struct task *of,
                                     const char *text);

PROC_SHOW(proc_show_coredump_filter);
MUST_CHECK int proc_store_coredump_filter(struct task *by, struct task *of,
                                          const char *text);

/* proc_fdinfo.c: the file of descriptor @fd */
int proc_show_fdinfo(const struct task *t, int fd, FILE *out);

/* fdinfo_of_host - what the host's own says: lines that begin with @start */
void fdinfo_of_host(int host, const char *start, FILE *out);

/* fdinfo_flags - F_GETFL: O_G_*, as the program sees them */
unsigned fdinfo_flags(const struct task *t, int fd);

/* proc_oom.c */
PROC_SHOW(proc_show_oom_adj);
PROC_SHOW(proc_show_oom_score_adj);
MUST_CHECK int proc_store_oom_adj(struct task *by, struct task *of,
                                  const char *text);
MUST_CHECK int proc_store_oom_score_adj(struct task *by, struct task *of,
                                        const char *text);

/* proc_machine.c */
PROC_SHOW(proc_show_swaps);
PROC_SHOW(proc_show_meminfo);
PROC_SHOW(proc_show_vmstat);
PROC_SHOW(proc_show_iomem);
PROC_SHOW(proc_show_cpuinfo);
PROC_SHOW(proc_show_filesystems);
PROC_SHOW(proc_show_loadavg);
PROC_SHOW(proc_show_mounts);
PROC_SHOW(proc_show_mountinfo);
PROC_SHOW(proc_show_cpu_stat);
PROC_SHOW(proc_show_uptime);
PROC_SHOW(proc_show_version);

/* proc_ipc.c */
PROC_SHOW(proc_show_ipc_msg);
PROC_SHOW(proc_show_ipc_sem);
PROC_SHOW(proc_show_ipc_shm);

/* debugfs.c */
PROC_SHOW(debugfs_show_tag_store);
PROC_SHOW(debugfs_show_slots);
PROC_SHOW(debugfs_show_counters);
