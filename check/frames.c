// SPDX-License-Identifier: GPL-2.0-or-later
/* Invariants of frames: counts, locks, the free list. */
#include "check/internal.h"
#include "mm/mapping.h"
#include "swap/cache.h"

/* 19: the mapcount of a frame is the number of entries that map it */
static bool check_mapcount_matches_entries(struct check *c, pfn_t pfn,
                                           const struct folio *folio)
{
    if (folio->mapcount == c->books.mapcount[pfn])
        return true;
    return BROKEN(c, 19, NULL, "frame %u: mapcount %d, mapped %d times",
                  (unsigned)pfn, folio->mapcount, c->books.mapcount[pfn]);
}

/* 19: each mapping, cache and pin has a reference.  Adds what is beyond. */
static bool check_references_cover_users(struct check *c, pfn_t pfn,
                                         const struct folio *folio, int *beyond)
{
    bool file = !folio_test(folio, PG_anon) && folio->mapping;
    int users =
        folio->mapcount + folio_test(folio, PG_swapcache) + file + folio->pins;

    if (folio->refcount >= users) {
        *beyond += folio->refcount - users;
        return true;
    }
    return BROKEN(c, 19, NULL, "frame %u: %d references, %d users",
                  (unsigned)pfn, folio->refcount, users);
}

/* 29: a free frame is on no list but the free one, and in no cache */
static bool check_free_is_forgotten(struct check *c, pfn_t pfn,
                                    const struct folio *folio)
{
    if (folio->mapcount == 0 && folio->pins == 0 &&
        !folio_test(folio, PG_lru) && !folio_test(folio, PG_swapcache))
        return true;
    return BROKEN(c, 29, NULL,
                  "free frame %u: mapcount %d, pins %d, flags 0x%x",
                  (unsigned)pfn, folio->mapcount, folio->pins, folio->flags);
}

/* 14: a folio of the swap cache is the one that its slot names */
static bool check_cache_agrees(struct check *c, pfn_t pfn,
                               const struct folio *folio)
{
    if (!folio_test(folio, PG_swapcache) ||
        cache_find(c->swap, folio->swap) == folio)
        return true;
    return BROKEN(c, 14, NULL, "frame %u is not in the cache as 0x%llx",
                  (unsigned)pfn, llu(folio->swap.v));
}

/* 30: a page of a file that differs from it is dirty, and rmap sees that */
static bool check_clean_is_on_disk(struct check *c, pfn_t pfn,
                                   const struct folio *folio)
{
    const uint8_t *bytes = memory_folio_bytes(c->mem, folio);
    uint8_t page[PAGE_SIZE];
    size_t n;

    if (!c->own_files || folio_test(folio, PG_anon) || !folio->mapping ||
        folio_test(folio, PG_dirty) || c->books.dirty[pfn])
        return true;
    n = mapping_read_file(folio->mapping, folio->index, page);
    for (size_t i = 0; i < n; i++)
        if (page[i] != bytes[i])
            return BROKEN(c, 30, NULL,
                          "clean frame %u, page %llu: byte %zu is %u, %u on "
                          "disk",
                          (unsigned)pfn, llu(folio->index), i, bytes[i],
                          page[i]);
    return true;
}

/* 31: no zap has pages in its queue, mapped or not */
static bool check_nothing_is_gathered(struct check *c)
{
    if (memory_nr_gathered(c->mem) == 0)
        return true;
    return BROKEN(c, 31, NULL, "%u pages", memory_nr_gathered(c->mem));
}

/* 29: a frame without a reference is free */
static bool check_free_frames_add_up(struct check *c, pfn_t nr_free)
{
    if (nr_free == phys_nr_free(c->ph) + phys_nr_charged(c->ph))
        return true;
    return BROKEN(c, 29, NULL, "%u frames without a reference, %u free",
                  (unsigned)nr_free, (unsigned)phys_nr_free(c->ph));
}

/* 29: what is charged are page tables, and all of them */
static bool check_tables_are_charged(struct check *c)
{
    struct mm *mm = memory_first_mm(c->mem);
    uint64_t bytes = 0;

    for (; mm; mm = memory_next_mm(mm))
        bytes += mm_pgtables_bytes(mm);
    if (bytes >> PAGE_SHIFT == phys_nr_charged(c->ph))
        return true;
    return BROKEN(c, 29, NULL, "%u frames charged for %u page tables",
                  (unsigned)phys_nr_charged(c->ph),
                  (unsigned)(bytes >> PAGE_SHIFT));
}

/* 19: a reference that nobody has is a frame that never comes free */
static bool check_references_are_held(struct check *c, int beyond)
{
    if (beyond == c->held)
        return true;
    return BROKEN(c, 19, NULL, "%d references that nobody has, %d held", beyond,
                  c->held);
}

/* 32: nobody is at work on a folio, so nobody has locked it */
static bool check_nothing_is_locked(struct check *c, int locked)
{
    if (locked == c->busy)
        return true;
    return BROKEN(c, 32, NULL, "%d folios are locked, %d by paths", locked,
                  c->busy);
}

bool check_frame_alone(struct check *c, pfn_t pfn)
{
    const struct folio *folio = phys_folio(c->ph, pfn);
    int beyond = 0;

    if (folio->refcount == 0)
        return check_free_is_forgotten(c, pfn, folio);
    return check_references_cover_users(c, pfn, folio, &beyond) &&
           check_cache_agrees(c, pfn, folio);
}

bool check_frames(struct check *c)
{
    pfn_t nr_free = phys_nr_untouched(c->ph), pfn = 1;
    int beyond = 0, locked = 0;

    for (; (pfn = phys_next_touched(c->ph, pfn)) != PFN_NONE; pfn++) {
        const struct folio *folio = phys_folio(c->ph, pfn);

        if (!check_mapcount_matches_entries(c, pfn, folio))
            return false;
        if (folio->refcount == 0) {
            nr_free++;
            if (!check_free_is_forgotten(c, pfn, folio))
                return false;
            continue;
        }
        if (!check_references_cover_users(c, pfn, folio, &beyond) ||
            !check_cache_agrees(c, pfn, folio) ||
            !check_clean_is_on_disk(c, pfn, folio))
            return false;
        locked += folio_test(folio, PG_locked);
    }
    return check_free_frames_add_up(c, nr_free) &&
           check_tables_are_charged(c) &&
           check_references_are_held(c, beyond) &&
           check_nothing_is_locked(c, locked) && check_nothing_is_gathered(c);
}
