/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/store_swap.h - the hooks of the profiles "swap-keyed"
 *
 * Owns:    one saved copy for each swap slot whose page has tags
 * Used by: adi/profile.c
 * Source:  linux v6.5 arch/arm64/mm/mteswap.c: mte_save_tags(),
 *          mte_restore_tags(), mte_invalidate_tags(),
 *          mte_invalidate_tags_area(); arch/arm64/include/asm/pgtable.h
 * Differs: a page whose tags are all 0 has no copy
 *
 * A copy is made when the page is written and lives as long as its slot,
 * whoever names the slot.  A restore does not use it up.
 */
#pragma once

#include "adi/profile.h"

extern const struct adi_store store_swap;

/* arch_prepare_to_swap(): -ENOMEM keeps the page, dirty, in memory */
int swapkey_save(struct adi *adi, const struct hook_args *args);

/*
 * arch_swap_restore(), or what set_pte_at() does in its place
 *
 * Only a frame that was read since then lacks its tags (PG_tags_away): one
 * that never left the swap cache may have newer ones than the copy.
 */
int swapkey_restore(struct adi *adi, const struct hook_args *args);
int swapkey_unuse(struct adi *adi, const struct hook_args *args);

/* arch_swap_invalidate_page(): the slot is free */
int swapkey_invalidate(struct adi *adi, const struct hook_args *args);

/* arch_swap_invalidate_area(): swapoff; @args->entry: any of the device */
int swapkey_invalidate_area(struct adi *adi, const struct hook_args *args);

/* A frame filled from the device has no tags until they are restored. */
int swapkey_swap_read(struct adi *adi, const struct hook_args *args);
