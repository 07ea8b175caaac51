/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * examples/adi-malloc/tag.h - version tags of memory and of pointers
 *
 * Owns:    nothing
 * Used by: chunk.c
 * Source:  linux Documentation/arch/sparc/adi.rst
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GRANULE   64 /* bytes that have one tag */
#define PROT_ADI  0x10
#define TAG_SHIFT 60

/*
 * untag_pointer - the address that @p is
 *
 * Of the topmost bits, which are equal in each address, four have the tag in a
 * pointer.
 */
static inline uint64_t untag_pointer(const void *p)
{
    return (uint64_t)((int64_t)((uint64_t)p << 4) >> 4);
}

/* tag_pointer - to use @address, of memory that has @tag */
static inline void *tag_pointer(uint64_t address, unsigned tag)
{
    return (void *)(address << 4 >> 4 | (uint64_t)tag << TAG_SHIFT);
}

/* tag_memory - give the granules of [@start, @end) @tag; no pointer's tag is
 * looked at */
static inline void tag_memory(uint64_t start, uint64_t end, unsigned tag)
{
    for (; start < end; start += GRANULE)
        __asm__ volatile("stxa %0, [%1] 0x90" /* ASI_MCD_PRIMARY */
                         :
                         : "r"((uint64_t)tag), "r"(start)
                         : "memory");
}
