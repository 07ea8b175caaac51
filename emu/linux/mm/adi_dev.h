/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/mm/adi_dev.h - /dev/adi: the tags of the machine's memory
 *
 * Owns:    which real addresses are RAM
 * Used by: emu/linux/proc/
 * Source:  linux v6.2 drivers/char/adi.c
 * Differs: frame 0, the zero page, is not RAM here: it is everybody's, and
 *          nobody could say which tags it must have
 */
#pragma once

#include "emu/linux/fs/file_ops.h"

struct cred;
struct node_file;

#define ADI_DEV_MAJOR 10  /* MISC_MAJOR */
#define ADI_DEV_MINOR 127 /* the first that misc_register() gives */

/* Of an open file whose data is a struct node_file. */
const struct file_ops *adi_dev_ops(void);

/* adi_dev_may - may who is @c do that?  @mask: R_OK, W_OK, X_OK */
bool adi_dev_may(const struct cred *c, int mask);

/* adi_dev_open - as struct procfs_entry has it: 0 or -EACCES */
MUST_CHECK int adi_dev_open(struct task *t, struct node_file *nf,
                            unsigned guest);

/* adi_dev_ram - the real addresses [*start, *end) that are RAM of @node */
void adi_dev_ram(const struct machine *m, unsigned node, uint64_t *start,
                 uint64_t *end);
