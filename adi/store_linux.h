/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/store_linux.h - the tag store of arch/sparc, limits and bugs included
 *
 * Owns:    the descriptors of one mm and their buffers
 * Used by: adi/profile.c (linux-*), check/store.c; explore/
 * Source:  linux v6.2 arch/sparc/kernel/adi_64.c: alloc_tag_store(),
 *          find_tag_store(), del_tag_store(), adi_save_tags(),
 *          adi_restore_tags()
 * Differs: no lock (one host thread)
 *
 * 256 descriptors; each covers up to 8 MiB that starts at the first page
 * saved.  @users counts saves, not pages: that is where most bugs come from.
 */
#pragma once

#include "adi/profile.h"

struct linux_store;

extern const struct adi_store store_linux;

/* arch_unmap_one(): saves when the old PTE has MCD; -ENOMEM when full */
int linux_unmap_swap(struct adi *adi, const struct hook_args *args);
int linux_unmap_migrate(struct adi *adi, const struct hook_args *args);

/* arch_do_swap_page(): restores when the new PTE has MCD */
int linux_do_swap_page(struct adi *adi, const struct hook_args *args);

/* For profiles of a file (adi/profile_file.h): no Linux has these.  A copy is
 * dropped, restored by swapoff, given to a child, or to a new address. */
int linux_drop_unmap(struct adi *adi, const struct hook_args *args);
int linux_drop_migrate(struct adi *adi, const struct hook_args *args);
int linux_drop_moved(struct adi *adi, const struct hook_args *args);
int linux_drop_zap(struct adi *adi, const struct hook_args *args);
int linux_drop_free(struct adi *adi, const struct hook_args *args);
int linux_drop_unuse(struct adi *adi, const struct hook_args *args);
int linux_restore_unuse(struct adi *adi, const struct hook_args *args);
int linux_copy_fork(struct adi *adi, const struct hook_args *args);
int linux_move_mremap(struct adi *adi, const struct hook_args *args);

/* For tests and reports: one descriptor, in the order of the array. */
struct linux_desc {
    gva_t start, end; /* inclusive, as in the kernel; 0, 0: free */
    uint64_t users;
    uint64_t buf; /* number of the buffer, 0: none */
    uint64_t bytes;
};

#define LINUX_STORE_DESCS 256

/* linux_users - users that there are: none once the count fell below 0 (B20) */
static inline uint64_t linux_users(uint64_t users)
{
    return (int64_t)users > 0 ? users : 0;
}

/* linux_store_desc - false when there is no descriptor array yet */
bool linux_store_desc(const struct mm *mm, unsigned n, struct linux_desc *out);
