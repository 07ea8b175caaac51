/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/fork.h - a second address space that shows the same pages
 *
 * Owns:    the copy of areas and page tables
 * Used by: emu/linux/ (clone), script/alone.c
 */
#pragma once

#include "mm/types.h"

struct mm;

/*
 * mm_fork - the child's address space
 *
 * @parent: its own private pages become shared and read-only
 * @out:    gets the new mm, with one user
 *
 * Returns 0, or -ENOMEM: the child is gone again, and the parent has all it
 * had, some of its pages write-protected until its next store.
 *
 * Source: linux v6.2 kernel/fork.c (dup_mm, dup_mmap), mm/memory.c
 * (copy_page_range)
 */
MUST_CHECK int mm_fork(struct mm *parent, struct mm **out);
