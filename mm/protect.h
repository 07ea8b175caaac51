/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/protect.h - change the protection of mapped pages; mremap
 *
 * Owns:    nothing
 * Used by: emu/linux/ (mprotect, mremap), script/, tests
 * Source:  linux v6.2 mm/mprotect.c, mm/mremap.c
 */
#pragma once

#include "mm/types.h"

struct mm;

/*
 * mm_mprotect - do_mprotect_pkey()
 *
 * @addr: tag bits stripped
 * @prot: PROT_G_*
 * Returns 0; -EINVAL for bad alignment, bits or an area that cannot have
 * version tags; -ENOMEM for a hole (areas before it are changed); -EACCES.
 */
MUST_CHECK int mm_mprotect(struct mm *mm, gva_t addr, uint64_t len,
                           unsigned prot);

#define MREMAP_G_MAYMOVE   1u
#define MREMAP_G_FIXED     2u
#define MREMAP_G_DONTUNMAP 4u

/*
 * mm_mremap - sys_mremap()
 *
 * @addr:     tag bits stripped; @new_addr is not
 * @out:      where the area is afterwards
 * Returns 0 or -errno: -EINVAL, -EFAULT, -ENOMEM, -EAGAIN.
 */
MUST_CHECK int mm_mremap(struct mm *mm, gva_t addr, uint64_t old_len,
                         uint64_t new_len, unsigned flags, gva_t new_addr,
                         gva_t *out);
