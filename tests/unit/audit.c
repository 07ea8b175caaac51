/* The books of a memory against what its page tables say. */
#include <stdlib.h>

#include "fake_ops.h"
#include "mm/mapping.h"
#include "swap/cache.h"
#include "swap/slot.h"
#include "unit.h"

#define LOW_HALF (UINT64_C(1) << 51) /* tests map nothing above the hole */

struct books {
    struct world *w;
    struct phys *ph;
    int *mapcount;                  /* of each frame */
    unsigned *slots[SWP_MAX_FILES]; /* entries of each slot; NULL: no device */
    struct swap_device dev[SWP_MAX_FILES];
    long rss[NR_MM_COUNTERS]; /* of the mm in hand */
};

static enum mm_counter counter_of(const struct folio *folio)
{
    if (folio_test(folio, PG_anon))
        return MM_ANONPAGES;
    return folio_test(folio, PG_swapbacked) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static void see_present(struct books *b, const struct vma *vma, pte_t pte)
{
    const struct folio *folio = phys_folio(b->ph, pte_pfn(pte));
    const struct mm_policy *policy = memory_policy(b->w->mem);

    assert_int_equal(pte_mcd(pte), (vma->flags & VM_SPARC_ADI) != 0);
    if (pte_special(pte)) {
        assert_false(pte_write(pte));
        return;
    }
    b->mapcount[pte_pfn(pte)]++;
    b->rss[counter_of(folio)]++;
    if (!folio_test(folio, PG_anon) || !pte_write(pte))
        return;
    assert_int_equal(folio->mapcount, 1);
    if (policy->anon_exclusive)
        assert_true(folio_test(folio, PG_anon_exclusive));
}

static void see_slot(struct books *b, swp_entry_t entry)
{
    assert_non_null(b->slots[swp_type(entry)]);
    assert_in_range(swp_offset(entry), 1, b->dev[swp_type(entry)].pages);
    b->slots[swp_type(entry)][swp_offset(entry)]++;
}

static void see_entry(struct books *b, swp_entry_t entry)
{
    if (is_migration_entry(entry)) {
        pfn_t pfn = migration_entry_pfn(entry);

        b->rss[counter_of(phys_folio(b->ph, pfn))]++;
    } else if (!non_swap_entry(entry)) {
        see_slot(b, entry);
        b->rss[MM_SWAPENTS]++;
    }
}

static void see_mm(struct books *b, struct mm *mm)
{
    gva_t addr = 0;
    pte_t *ptep;

    for (int c = 0; c < NR_MM_COUNTERS; c++)
        b->rss[c] = 0;
    for (; (ptep = mm_next_pte(mm, &addr, LOW_HALF)) != NULL;
         addr += PAGE_SIZE) {
        const struct vma *vma = vma_lookup(mm, addr);

        assert_non_null(vma);
        if (pte_present(*ptep))
            see_present(b, vma, *ptep);
        else
            see_entry(b, pte_to_swp_entry(*ptep));
    }
    for (int c = 0; c < NR_MM_COUNTERS; c++)
        assert_int_equal(mm_rss(mm, c), b->rss[c]);
    if (b->rss[MM_SWAPENTS])
        assert_true(mm_is_on_mmlist(mm));
}

/* The entries of a shared object: no PTE has them. */
static void see_shmem(struct books *b, struct mapping *m)
{
    swp_entry_t entry;

    for (uint64_t i = 0; mapping_next_entry(m, &i, &entry); i++)
        see_slot(b, entry);
}

/* mapcount and refcount of each frame, and the number of free ones. */
static void check_frames(struct books *b)
{
    unsigned nr_free = 0;
    int held = 0;

    for (pfn_t pfn = 1; pfn < phys_nr_frames(b->ph); pfn++) {
        const struct folio *folio = phys_folio(b->ph, pfn);
        bool file = !folio_test(folio, PG_anon) && folio->mapping;

        assert_int_equal(folio->mapcount, b->mapcount[pfn]);
        assert_false(folio_test(folio, PG_locked));
        if (folio->refcount == 0) {
            nr_free++;
            continue;
        }
        held += folio->refcount - folio->mapcount -
                folio_test(folio, PG_swapcache) - file;
        if (folio_test(folio, PG_swapcache))
            assert_ptr_equal(cache_find(b->w->swap, folio->swap), folio);
    }
    assert_int_equal(nr_free, phys_nr_free(b->ph));
    assert_int_equal(held, b->w->held);
}

/* Returns the use counts that no PTE stands for. */
static unsigned check_slots(const struct books *b, unsigned type)
{
    uint64_t used = 0;
    unsigned lost = 0;

    for (uint64_t slot = 1; slot <= b->dev[type].pages; slot++) {
        swp_entry_t entry = swp_entry(type, slot);
        const struct folio *folio = cache_find(b->w->swap, entry);
        unsigned count = slot_count(b->w->swap, entry);

        assert_true(count >= b->slots[type][slot]);
        lost += count - b->slots[type][slot];
        assert_int_equal(slot_has_cache(b->w->swap, entry), folio != NULL);
        if (folio)
            assert_false(folio_test(folio, PG_anon_exclusive) && count);
        used += count > 0 || folio;
    }
    assert_int_equal(used, b->dev[type].used);
    return lost;
}

void audit(struct world *w)
{
    struct books b = {.w = w, .ph = memory_phys(w->mem)};
    unsigned lost = 0;

    b.mapcount = calloc(phys_nr_frames(b.ph), sizeof(*b.mapcount));
    assert_non_null(b.mapcount);
    for (unsigned t = 0; t < SWP_MAX_FILES; t++) {
        if (!swap_device(w->swap, t, &b.dev[t]))
            continue;
        b.slots[t] = calloc(b.dev[t].pages + 1, sizeof(**b.slots));
        assert_non_null(b.slots[t]);
    }
    for (struct mm *mm = memory_first_mm(w->mem); mm; mm = memory_next_mm(mm))
        see_mm(&b, mm);
    for (struct mapping *m = memory_first_shmem(w->mem); m;
         m = mapping_next_shmem(m))
        see_shmem(&b, m);
    check_frames(&b);
    for (unsigned t = 0; t < SWP_MAX_FILES; t++) {
        lost += b.slots[t] ? check_slots(&b, t) : 0;
        free(b.slots[t]);
    }
    assert_int_equal(lost, w->lost_slots);
    free(b.mapcount);
}
