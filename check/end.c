// SPDX-License-Identifier: GPL-2.0-or-later
/* What is left when the last process is gone. */
#include "check/internal.h"
#include "check/predict.h"
#include "mm/mapping.h"
#include "swap/slotcache.h"

static uint64_t shmem_entries(const struct check *c)
{
    uint64_t nr = 0;

    for (struct mapping *m = memory_first_shmem(c->mem); m;
         m = mapping_next_shmem(m)) {
        swp_entry_t entry;

        for (uint64_t i = 0; mapping_next_entry(m, &i, &entry); i++)
            nr++;
    }
    return nr;
}

/* Slots whose end, and that of their copies, waits for others'. */
static uint64_t freed_slots(const struct check *c)
{
    swp_entry_t entry;
    uint64_t nr = 0;
    bool freed;

    for (unsigned n = 0; slotcache_nth(c->swap, n, &entry, &freed); n++)
        nr += freed;
    return nr;
}

/* 33: no slot but those of shared memory, no copy but theirs, and of slots
 * that are about to be free */
static bool check_no_copy_is_left(struct check *c)
{
    struct adi_store_use use = adi_store_use(c->adi);
    uint64_t shared = shmem_entries(c) + freed_slots(c);
    bool descs = predict_store(c->predict) == STORE_DESCS;

    /* Buffers that nothing reaches stay until the machine is off (B15). */
    if (descs ? c->late || (use.pages == 0 &&
                            use.bytes == predict_orphaned(c->predict))
              : use.pages <= shared)
        return true;
    return BROKEN(c, 33, NULL,
                  "%llu copies of %llu bytes, and shared memory has %llu pages",
                  llu(use.pages), llu(use.bytes), llu(shared));
}

/* 33: a frame in use is one of a cache */
static bool check_no_frame_is_left(struct check *c)
{
    for (pfn_t pfn = 1; (pfn = phys_next_touched(c->ph, pfn)) != PFN_NONE;
         pfn++) {
        const struct folio *folio = phys_folio(c->ph, pfn);

        if (folio->refcount > 0 && !folio_test(folio, PG_swapcache) &&
            folio_test(folio, PG_anon) && c->held == 0 && folio->pins == 0)
            return BROKEN(c, 33, NULL, "frame %u has %d references",
                          (unsigned)pfn, folio->refcount);
    }
    return true;
}

bool check_end(struct check *c)
{
    return memory_first_mm(c->mem) || predict_went_wild(c->predict) ||
           (check_no_copy_is_left(c) && check_no_frame_is_left(c));
}
