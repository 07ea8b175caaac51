/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/store_remap.h - the hooks of the profile "remap"
 *
 * Owns:    one saved copy for each (mm, page) whose entry stands for it, and
 *          for each page of shared memory in swap
 * Used by: adi/profile.c
 * Source:  D. Hildenbrand and K. Aziz on linux-mm, March 2022, who agreed
 *          on an arch_remap_one() that reverts arch_unmap_one()
 *
 * Every save is matched by exactly one of: restore, drop, move, duplicate.
 */
#pragma once

#include "adi/profile.h"

extern const struct adi_store store_remap;

int remap_unmap(struct adi *adi, const struct hook_args *args);
int remap_unmap_undo(struct adi *adi, const struct hook_args *args);
int remap_swapin(struct adi *adi, const struct hook_args *args);
int remap_unuse(struct adi *adi, const struct hook_args *args);
int remap_unuse_lost(struct adi *adi, const struct hook_args *args);
int remap_zap(struct adi *adi, const struct hook_args *args);
int remap_free_swap(struct adi *adi, const struct hook_args *args);
int remap_fork(struct adi *adi, const struct hook_args *args);
int remap_move(struct adi *adi, const struct hook_args *args);

/*
 * Shared memory has no PTE that could hold its tags while it is away: the
 * copy belongs to the entry in the mapping.
 */
int remap_shmem_out(struct adi *adi, const struct hook_args *args);
int remap_shmem_in(struct adi *adi, const struct hook_args *args);
int remap_shmem_gone(struct adi *adi, const struct hook_args *args);

/* A frame filled from the device has no owner's tags: all 0. */
int remap_swap_read(struct adi *adi, const struct hook_args *args);
