// SPDX-License-Identifier: GPL-2.0-or-later
/* An unmap that fails leaves everything as it was. */
#include <stdlib.h>
#include <string.h>

#include "adi/tags.h"
#include "check/internal.h"
#include "check/predict.h"
#include "swap/slot.h"

/* What an unmap touches. */
struct state {
    struct mm *mm; /* NULL: no unmap has begun */
    gva_t va;
    pte_t pte;
    long rss[NR_MM_COUNTERS];
    int mapcount, refcount;
    bool exclusive;
    unsigned count;  /* of its slot */
    uint64_t copies; /* in the tag store */
    int lost_slots;
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
};

struct undo {
    struct check *c;
    struct state before;
};

static struct state look(const struct check *c, struct mm *mm, gva_t va)
{
    struct state s = {.mm = mm, .va = va, .pte = *mm_pte(mm, va)};
    const struct folio *folio = phys_folio(c->ph, pte_pfn(s.pte));

    for (int k = 0; k < NR_MM_COUNTERS; k++)
        s.rss[k] = mm_rss(mm, k);
    s.mapcount = folio->mapcount;
    s.refcount = folio->refcount;
    s.exclusive = folio_test(folio, PG_anon_exclusive);
    if (folio_test(folio, PG_swapcache))
        s.count = slot_count(c->swap, folio->swap);
    s.copies = adi_store_use(c->adi).pages;
    s.lost_slots = predict_lost_slots(c->predict);
    memcpy(s.tags, tagmem_page(adi_tagmem(c->adi), pte_pfn(s.pte)),
           sizeof(s.tags));
    return s;
}

static void on_begins(void *ctx, struct mm *mm, gva_t va)
{
    struct undo *u = ctx;

    u->before = look(u->c, mm, va);
}

/* 10: PTE, counts, copies and tags are those of before */
static bool check_failed_unmap_is_undone(struct check *c, const struct state *a,
                                         const struct state *b)
{
    struct page at = {.mm = b->mm, .va = b->va};
    /* v5.17 forgets to give the slot back (B7). */
    unsigned lost = (unsigned)(b->lost_slots - a->lost_slots);

    if (a->pte.v != b->pte.v || a->exclusive != b->exclusive)
        return BROKEN(c, 10, &at, "pte 0x%llx, exclusive %d; it was 0x%llx, %d",
                      llu(b->pte.v), b->exclusive, llu(a->pte.v), a->exclusive);
    if (a->mapcount != b->mapcount || a->refcount != b->refcount ||
        memcmp(a->rss, b->rss, sizeof(a->rss)) != 0)
        return BROKEN(c, 10, &at,
                      "mapcount %d, %d references; they were %d and %d",
                      b->mapcount, b->refcount, a->mapcount, a->refcount);
    if (b->count != a->count + lost)
        return BROKEN(c, 10, &at, "count of the slot %u, it was %u", b->count,
                      a->count);
    /* linux-* keeps the copy when a later step fails (B6): 1 has its users. */
    if (predict_store(c->predict) != STORE_DESCS && a->copies != b->copies)
        return BROKEN(c, 10, &at, "%llu copies, it was %llu", llu(b->copies),
                      llu(a->copies));
    if (memcmp(a->tags, b->tags, sizeof(a->tags)) != 0)
        return BROKEN(c, 10, &at, "the frame has other tags");
    return true;
}

static void on_failed(void *ctx, struct mm *mm, gva_t va)
{
    struct undo *u = ctx;
    struct state after = look(u->c, mm, va);

    if (u->before.mm == mm && u->before.va == va)
        (void)check_failed_unmap_is_undone(u->c, &u->before, &after);
    u->before.mm = NULL;
}

static const struct watch_ops watch_ops = {.unmap_begins = on_begins,
                                           .unmap_failed = on_failed};

struct undo *undo_create(struct check *c)
{
    struct undo *u = calloc(1, sizeof(*u));

    if (!u)
        return NULL;
    u->c = c;
    if (!c->late)
        memory_attach_watch(c->mem, &watch_ops, u);
    return u;
}

void undo_destroy(struct undo *u)
{
    if (u && !u->c->late)
        memory_attach_watch(u->c->mem, NULL, NULL);
    free(u);
}
