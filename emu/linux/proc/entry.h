/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/proc/entry.h - a row of the list of files below /proc and /sys
 *
 * Owns:    nothing
 * Used by: procfs.c, proc_file.c, emu/gdb/
 * Source:  linux v6.2 fs/proc/internal.h struct proc_dir_entry, struct
 *          pid_entry
 */
#pragma once

#include "emu/linux/proc/procfs.h"

struct file_ops;
struct node_file;

struct procfs_entry {
    const char *pattern;
    unsigned mode;
    int (*show)(struct machine *m, struct task *t, FILE *out);
    int (*fill)(struct machine *m, struct task *t, int memfd, uint64_t offset,
                uint64_t len);
    const char *sysctl; /* below /proc/sys; NULL: none */
    int (*store)(struct task *by, struct task *of, const char *text);
    enum procfs_link link;
    /* What can be done with it, when it has no text; @open: 0 or -errno. */
    const struct file_ops *(*ops)(void);
    int (*open)(struct task *t, struct node_file *nf, unsigned guest);
};

/* proc_mem.c */
const struct file_ops *proc_mem_ops(void);
MUST_CHECK int proc_mem_open(struct task *t, struct node_file *nf,
                             unsigned guest);

/* procfs_has_text - is what can be read made by procfs_show()? */
bool procfs_has_text(const struct procfs_node *node);

/* procfs_show - all of it; @of: whose file; 0 or -errno */
MUST_CHECK int procfs_show(struct machine *m, struct task *of,
                           const struct procfs_node *node, FILE *out);
