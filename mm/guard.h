/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/guard.h - guard markers: pages that nobody may touch, without an area of
 *              their own
 *
 * Owns:    nothing
 * Used by: mm/madvise.c
 * Source:  linux v6.18 mm/madvise.c: is_valid_guard_vma(),
 *          guard_install_pte_entry(), guard_install_set_pte(),
 *          guard_remove_pte_entry()
 */
#pragma once

#include "mm/types.h"

struct vma;

/*
 * mm_guard_install - MADV_GUARD_INSTALL, of [@start, @end) inside @vma
 *
 * What is mapped there is zapped.
 * Returns 0; -EINVAL: not an area that can have them; -ENOMEM: no frame for a
 * table, and the markers before that stay.
 * Source: madvise_guard_install()
 * Differs: nobody faults between the zap and the second walk, so that there is
 * no third, and no -ERESTARTNOINTR
 */
MUST_CHECK int mm_guard_install(struct vma *vma, gva_t start, gva_t end);

/* mm_guard_remove - MADV_GUARD_REMOVE: what is no guard stays; 0 or -EINVAL */
MUST_CHECK int mm_guard_remove(struct vma *vma, gva_t start, gva_t end);
