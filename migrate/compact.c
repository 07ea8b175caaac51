// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/compact.h"

#include <utlist.h>

#include "migrate/migrate.h"
#include "mm/memory.h"
#include "mm/phys.h"

#define COMPACT_CLUSTER_MAX 32 /* folios moved in one go */

struct compact_control {
    struct memory *mem;
    pfn_t migrate_pfn;   /* below: looked at */
    pfn_t free_pfn;      /* at and above: taken, or not free */
    struct folio *spare; /* free frames that were taken and not used */
    struct folio *list;  /* folios to be moved */
};

/* compaction_alloc() */
static struct folio *alloc_high(void *ctx, const struct folio *from)
{
    struct compact_control *cc = ctx;
    struct phys *ph = memory_phys(cc->mem);
    struct folio *folio = cc->spare;

    (void)from;
    if (folio) {
        DL_DELETE(cc->spare, folio);
        return folio;
    }
    while (!folio && cc->free_pfn > cc->migrate_pfn)
        folio = phys_alloc_pfn(ph, --cc->free_pfn);
    return folio;
}

/* compaction_free() */
static void keep_spare(void *ctx, struct folio *to)
{
    struct compact_control *cc = ctx;

    /* What a failed migration may have written there is nobody's. */
    DL_PREPEND(cc->spare, to);
}

/*
 * Can it be moved?  To have an anonymous page fail that somebody holds is
 * wasted work: it is known before.
 */
static bool worth_a_try(const struct folio *folio)
{
    bool cached = folio_test(folio, PG_swapcache) ||
                  (!folio_test(folio, PG_anon) && folio->mapping);

    return folio->refcount > 0 &&
           (cached || folio->refcount <= folio->mapcount);
}

/* isolate_migratepages(): the scanner stops behind the last one found. */
static unsigned isolate(struct compact_control *cc)
{
    const struct phys *ph = memory_phys(cc->mem);
    pfn_t pfn = cc->migrate_pfn;
    unsigned nr = 0;

    for (; nr < COMPACT_CLUSTER_MAX && pfn < cc->free_pfn; pfn++) {
        struct folio *folio = phys_folio(ph, pfn);

        if (!worth_a_try(folio) || !migrate_isolate(cc->mem, folio))
            continue;
        DL_APPEND(cc->list, folio);
        cc->migrate_pfn = pfn + 1;
        nr++;
    }
    return nr;
}

static unsigned length(const struct folio *list)
{
    const struct folio *folio;
    unsigned nr = 0;

    DL_COUNT(list, folio, nr);
    return nr;
}

static void release_spare(struct compact_control *cc)
{
    struct folio *folio, *next;

    DL_FOREACH_SAFE(cc->spare, folio, next) {
        DL_DELETE(cc->spare, folio);
        memory_folio_put(cc->mem, folio);
    }
}

struct compact_result compact_node(struct memory *mem, unsigned node)
{
    struct compact_result result = {0};
    struct compact_control cc = {.mem = mem};
    struct migrate_target target = {
        .get = alloc_high, .put = keep_spare, .ctx = &cc};
    unsigned nr;

    phys_node_range(memory_phys(mem), node, &cc.migrate_pfn, &cc.free_pfn);
    while ((nr = isolate(&cc)) > 0) {
        int err = migrate_folios(mem, &cc.list, &target);
        unsigned left = length(cc.list);

        result.moved += nr - left;
        result.failed += left;
        migrate_putback(mem, &cc.list);
        if (err < 0) /* the scanners have met */
            break;
    }
    release_spare(&cc);
    return result;
}

struct compact_result compact_memory(struct memory *mem)
{
    struct compact_result sum = {0};

    for (unsigned n = 0; n < phys_nr_nodes(memory_phys(mem)); n++) {
        struct compact_result r = compact_node(mem, n);

        sum.moved += r.moved;
        sum.failed += r.failed;
    }
    return sum;
}
