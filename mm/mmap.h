/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/mmap.h - make, remove and grow areas
 *
 * Owns:    nothing; works on the areas of an mm
 * Used by: emu/linux/ (system calls, loader), adi/, script/, tests
 * Source:  linux v6.2 mm/mmap.c, arch/sparc/kernel/sys_sparc_64.c
 */
#pragma once

#include "mm/types.h"

struct mm;
struct vma;
struct mapping;

/* Guest values, those of arch/sparc/include/uapi/asm/mman.h. */
#define PROT_G_READ  0x1u
#define PROT_G_WRITE 0x2u
#define PROT_G_EXEC  0x4u
#define PROT_G_SEM   0x8u
#define PROT_G_ADI   0x10u

#define MAP_G_SHARED          0x01u
#define MAP_G_PRIVATE         0x02u
#define MAP_G_SHARED_VALIDATE 0x03u
#define MAP_G_TYPE            0x0fu
#define MAP_G_FIXED           0x10u
#define MAP_G_ANONYMOUS       0x20u
#define MAP_G_NORESERVE       0x40u
#define MAP_G_LOCKED          0x100u
#define MAP_G_GROWSDOWN       0x200u
#define MAP_G_POPULATE        0x8000u
#define MAP_G_NONBLOCK        0x10000u
#define MAP_G_FIXED_NOREPLACE 0x100000u

/* Shared pages must not alias in the data cache: 16 KiB, as the kernel. */
#define SHMLBA_G UINT64_C(0x4000)

struct mmap_args {
    gva_t addr;              /* hint, or the place with MAP_FIXED */
    uint64_t len;            /* bytes */
    unsigned prot;           /* PROT_G_* */
    unsigned flags;          /* MAP_G_* */
    struct mapping *mapping; /* borrowed; NULL: private anonymous */
    uint64_t pgoff;          /* page of the mapping; ignored when anonymous */
    bool may_write;          /* the file was opened for writing */
    bool sealed;             /* ... but is never mapped for it again */
};

/*
 * mm_mmap - do_mmap()
 *
 * @out: the address
 * Returns 0 or -errno: -EINVAL, -ENOMEM, -EEXIST, -EACCES, -EOVERFLOW.
 */
MUST_CHECK int mm_mmap(struct mm *mm, const struct mmap_args *args, gva_t *out);

/*
 * mm_remap_file_pages - sys_remap_file_pages(): show other pages of an object
 *
 * @addr, @len: of one shared area, or of several alike that touch
 * @pgoff:      the page that the first of them shows then
 * @flags:      only MAP_G_NONBLOCK matters
 * Returns 0, -EINVAL, or an error of mm_mmap().
 */
MUST_CHECK int mm_remap_file_pages(struct mm *mm, gva_t addr, uint64_t len,
                                   uint64_t pgoff, unsigned flags);

/* mm_munmap - 0, -EINVAL, or -ENOMEM with nothing unmapped */
MUST_CHECK int mm_munmap(struct mm *mm, gva_t addr, uint64_t len);

/* mm_brk - sys_brk: the break after the call; @brk 0 only asks */
gva_t mm_brk(struct mm *mm, gva_t brk);

/*
 * mm_expand_stack - grow a VM_GROWSDOWN area down to @addr
 *
 * Returns 0, or -ENOMEM when the limit or a neighbour forbids it.
 */
MUST_CHECK int mm_expand_stack(struct vma *vma, gva_t addr);

/* mm_range_is_invalid - invalid_64bit_range(): is part of it in the VA hole? */
bool mm_range_is_invalid(gva_t addr, uint64_t len);

/*
 * mm_find_area - get_unmapped_area(): a free range, or -ENOMEM
 *
 * @colour: its address modulo SHMLBA_G, or -1 when any will do
 */
MUST_CHECK int mm_find_area(struct mm *mm, gva_t hint, uint64_t len,
                            int64_t colour, gva_t *out);

/* exit_mmap - unmap everything; called by the last mm_put() */
void exit_mmap(struct mm *mm);
