/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/proc/node_file.h - an open file of the machine without a text
 *
 * Owns:    its position, which the host's descriptor could not have: offsets
 *          are unsigned
 * Used by: emu/linux/mm/, and proc_file.c opens them
 * Source:  linux v6.2 FMODE_UNSIGNED_OFFSET of fs/read_write.c
 */
#pragma once

#include "emu/linux/proc/procfs.h"

struct mm;
struct user_file;

/* The data of such an open file: open_file_data(). */
struct node_file {
    struct procfs_node node;
    uint64_t pos;
    struct mm *mm; /* counted; of /proc/PID/mem; NULL: none */
};

/* node_file_moved - it is at @pos; the host's descriptor, too, for fdinfo */
void node_file_moved(const struct open_file *file, uint64_t pos);

/* node_file_check - 0, or -EBADF: it is not open for that */
MUST_CHECK int node_file_check(const struct user_file *file, bool write);

/* node_file_area - rw_verify_area(): 0 or -EOVERFLOW */
MUST_CHECK int node_file_area(uint64_t pos, uint64_t len);

/* As struct file_ops has them. */
const struct procfs_node *node_file_node(void *data);
void node_file_release(void *data);
