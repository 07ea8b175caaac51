/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/folio.h - one frame of guest memory as the memory manager sees it
 *
 * Owns:    flags, counts and links of a frame; not its bytes, nor its tags
 * Used by: mm/, swap/, migrate/, adi/, script/, emu/linux/
 * Source:  linux v6.2 include/linux/mm_types.h, page-flags.h (order 0)
 */
#pragma once

#include "mm/types.h"

struct anon_vma;
struct mapping;

enum folio_flag {
    PG_locked,
    PG_uptodate,
    PG_dirty,
    PG_lru,
    PG_active,
    PG_referenced,
    PG_unevictable,
    PG_mlocked,
    PG_swapbacked,
    PG_swapcache,
    PG_writeback,
    PG_reclaim,
    PG_error,
    PG_anon,           /* kernel: low bit of page->mapping */
    PG_anon_exclusive, /* maps one process only, for certain */
    PG_reserved,       /* never on a list: the zero page */
    PG_pristine,       /* bytes and tags are still those of power-on: 0 */
    PG_tags_away,      /* read from swap, the slot's tags not put back yet;
                          arm64: not PG_mte_tagged */
};

struct folio {
    uint32_t flags;
    int32_t refcount;
    int32_t mapcount;
    int32_t pins; /* kernel: refcount in steps of 1024 */
    uint8_t node;
    uint8_t lru; /* enum lru_list, while PG_lru is set */
    uint64_t index;
    union {
        struct anon_vma *anon_vma; /* PG_anon; borrowed */
        struct mapping *mapping;   /* page cache; borrowed */
    };
    swp_entry_t swap; /* while PG_swapcache is set */
    struct folio *prev, *next;
};

static inline bool folio_test(const struct folio *f, enum folio_flag flag)
{
    return (f->flags >> flag & 1) != 0;
}

static inline void folio_set(struct folio *f, enum folio_flag flag)
{
    f->flags |= UINT32_C(1) << flag;
}

static inline void folio_clear(struct folio *f, enum folio_flag flag)
{
    f->flags &= ~(UINT32_C(1) << flag);
}

static inline bool folio_test_and_clear(struct folio *f, enum folio_flag flag)
{
    bool was = folio_test(f, flag);

    folio_clear(f, flag);
    return was;
}

static inline bool folio_mapped(const struct folio *f)
{
    return f->mapcount > 0;
}

static inline void folio_get(struct folio *f)
{
    f->refcount++;
}

/* folio_trylock - false when somebody else holds the lock */
static inline bool folio_trylock(struct folio *f)
{
    if (folio_test(f, PG_locked))
        return false;
    folio_set(f, PG_locked);
    return true;
}

static inline void folio_unlock(struct folio *f)
{
    folio_clear(f, PG_locked);
}
