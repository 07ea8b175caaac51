/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/types.h - the words that every layer uses: addresses, frames, entries
 *
 * Owns:    nothing
 * Used by: everyone; the one header of mm/ that all layers may include
 * Source:  linux arch/sparc/include/asm/page_64.h (8 KiB pages)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

#define PAGE_SHIFT 13
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT) /* bytes */
#define PMD_SHIFT  23 /* one page table, and its lock, has so much: 8 MiB */
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define ADI_BLKSZ         64  /* bytes covered by one tag */
#define ADI_NBITS         4   /* bits of a tag, VA bits 63:60 */
#define ADI_TAGS_PER_PAGE 128 /* tags of one frame */
#define ADI_TAG_BYTES     64  /* bytes of the packed tags of one frame */

typedef uint64_t gva_t;      /* guest virtual address, tag bits stripped */
typedef uint64_t gpa_t;      /* guest physical address */
typedef uint32_t pfn_t;      /* frame number: gpa >> PAGE_SHIFT */
typedef uint8_t adi_tag_t;   /* one tag, 0..15 */
typedef uint64_t vm_flags_t; /* VM_* bits of an area */
typedef uint32_t nodemask_t; /* NUMA nodes: bit n for node n */

#define NODES_ALL UINT32_MAX

#define PFN_NONE UINT32_MAX

/* Distinct structs, so that a mix-up does not compile. */
typedef struct {
    uint64_t v;
} pte_t;

typedef struct {
    uint64_t v;
} swp_entry_t;

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/*
 * How an access to a user's memory ends, of the CPU and of the kernel
 *
 * ACCESS_DONE   the page is there
 * ACCESS_FAULT  it never will be: a signal, or -EFAULT
 * ACCESS_WAIT   not yet: the same access again, when the task is woken;
 *               docs/faults.md has the rules
 */
enum access_end { ACCESS_DONE, ACCESS_FAULT, ACCESS_WAIT };

static inline gva_t page_align_up(gva_t v)
{
    return (v + PAGE_SIZE - 1) & PAGE_MASK;
}

static inline gva_t page_align_down(gva_t v)
{
    return v & PAGE_MASK;
}

static inline unsigned page_offset(gva_t v)
{
    return (unsigned)(v & (PAGE_SIZE - 1));
}

/*
 * untagged_addr - a pointer without its version tag
 *
 * Bits 63:60 are replaced by copies of bit 59.
 * Source: linux arch/sparc/include/asm/uaccess_64.h untagged_addr()
 */
static inline gva_t untagged_addr(uint64_t va)
{
    return (gva_t)((int64_t)(va << ADI_NBITS) >> ADI_NBITS);
}

/*
 * va_in_hole - does the sun4v VA hole of a 52-bit address contain @va?
 *
 * Source: linux arch/sparc/kernel/sys_sparc_64.c VA_EXCLUDE_START/END on
 *         cores with 51 bits below the hole (T4 and later)
 */
static inline bool va_in_hole(gva_t va)
{
    return va >= UINT64_C(0x0008000000000000) &&
           va < UINT64_C(0xfff8000000000000);
}
