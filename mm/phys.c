// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/phys.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/heap.h"
#include "base/invariant.h"

#define PHYS_MIN_FRAMES 64

#define PHYS_EXPECT_LEAST 64
#define PHYS_EXPECT_MOST  256 /* 2 MiB */

struct phys {
    uint8_t *ram;
    uint64_t bytes;
    pfn_t nr_frames;
    unsigned nr_nodes;
    pfn_t peak; /* frames that were in use at once */
    struct folio *folios;
    bool churned; /* each frame had an owner, */
    uint8_t left; /* who left this in it */
    struct {
        struct folio *head;
        pfn_t nr_free;    /* less what is charged */
        pfn_t nr_charged; /* free, but not to be had */
        pfn_t first, end; /* frames of the node */
        /* Frames that were never handed out, and are on no list. */
        pfn_t fresh, fresh_end;
        pfn_t expected; /* up to there the host was told of them */
    } node[PHYS_MAX_NODES];
};

struct phys *phys_create(uint64_t bytes, unsigned nr_nodes)
{
    uint64_t frames = bytes / PAGE_SIZE;
    struct phys *ph;

    if (frames < PHYS_MIN_FRAMES || frames >= PFN_NONE || nr_nodes == 0 ||
        nr_nodes > PHYS_MAX_NODES)
        return NULL;
    ph = calloc(1, sizeof(*ph));
    if (!ph)
        return NULL;
    ph->bytes = frames * PAGE_SIZE;
    ph->nr_frames = (pfn_t)frames;
    ph->nr_nodes = nr_nodes;
    ph->ram = heap_map(ph->bytes);
    ph->folios = heap_map(frames * sizeof(struct folio));
    if (!ph->ram || !ph->folios) {
        phys_destroy(ph);
        return NULL;
    }
    for (unsigned n = 0; n < nr_nodes; n++) {
        ph->node[n].first = (pfn_t)(frames * n / nr_nodes);
        ph->node[n].end = (pfn_t)(frames * (n + 1) / nr_nodes);
        ph->node[n].fresh = ph->node[n].first;
        ph->node[n].fresh_end = ph->node[n].end;
        ph->node[n].nr_free = ph->node[n].end - ph->node[n].first;
    }
    ph->node[0].fresh = 1;
    ph->node[0].nr_free--;
    folio_set(&ph->folios[0], PG_reserved);
    folio_set(&ph->folios[0], PG_uptodate);
    ph->folios[0].refcount = 1;
    return ph;
}

void phys_destroy(struct phys *ph)
{
    if (!ph)
        return;
    if (ph->ram)
        heap_unmap(ph->ram, ph->bytes);
    if (ph->folios)
        heap_unmap(ph->folios, ph->nr_frames * sizeof(struct folio));
    free(ph);
}

uint8_t *phys_ram(const struct phys *ph)
{
    return ph->ram;
}

pfn_t phys_nr_frames(const struct phys *ph)
{
    return ph->nr_frames;
}

unsigned phys_nr_nodes(const struct phys *ph)
{
    return ph->nr_nodes;
}

pfn_t phys_node_free(const struct phys *ph, unsigned node)
{
    return ph->node[node].nr_free;
}

nodemask_t phys_nodes(const struct phys *ph)
{
    return (UINT32_C(1) << ph->nr_nodes) - 1;
}

pfn_t phys_nodes_free(const struct phys *ph, nodemask_t nodes)
{
    pfn_t sum = 0;

    for (unsigned n = 0; n < ph->nr_nodes; n++)
        if (nodes >> n & 1)
            sum += ph->node[n].nr_free;
    return sum;
}

pfn_t phys_nr_free(const struct phys *ph)
{
    return phys_nodes_free(ph, phys_nodes(ph));
}

static void note_use(struct phys *ph)
{
    pfn_t used = ph->nr_frames - phys_nr_free(ph);

    if (used > ph->peak)
        ph->peak = used;
}

pfn_t phys_peak(const struct phys *ph)
{
    return ph->peak;
}

pfn_t phys_next_touched(const struct phys *ph, pfn_t pfn)
{
    for (unsigned n = 0; n < ph->nr_nodes; n++) {
        if (pfn >= ph->node[n].fresh && pfn < ph->node[n].fresh_end)
            pfn = ph->node[n].fresh_end;
        if (pfn < ph->node[n].end)
            return pfn;
    }
    return PFN_NONE;
}

pfn_t phys_nr_untouched(const struct phys *ph)
{
    pfn_t sum = 0;

    for (unsigned n = 0; n < ph->nr_nodes; n++)
        sum += ph->node[n].fresh_end - ph->node[n].fresh;
    return sum;
}

uint8_t *phys_page(const struct phys *ph, pfn_t pfn)
{
    INVARIANT(pfn < ph->nr_frames);
    return ph->ram + (uint64_t)pfn * PAGE_SIZE;
}

struct folio *phys_folio(const struct phys *ph, pfn_t pfn)
{
    INVARIANT(pfn < ph->nr_frames);
    return &ph->folios[pfn];
}

pfn_t phys_pfn(const struct phys *ph, const struct folio *folio)
{
    return (pfn_t)(folio - ph->folios);
}

/* A frame that was never handed out becomes an ordinary free one. */
static void list_fresh(struct phys *ph, unsigned n, pfn_t pfn)
{
    struct folio *folio = &ph->folios[pfn];

    folio->flags = ph->churned ? 0 : UINT32_C(1) << PG_pristine;
    if (ph->left)
        memset(phys_page(ph, pfn), ph->left, PAGE_SIZE);
    DL_APPEND(ph->node[n].head, folio);
}

/* Those above it join the list: what was never used stays in one piece. */
static void list_fresh_from(struct phys *ph, unsigned n, pfn_t pfn)
{
    if (pfn < ph->node[n].fresh)
        return;
    while (ph->node[n].fresh_end > pfn)
        list_fresh(ph, n, --ph->node[n].fresh_end);
}

static unsigned node_of(const struct phys *ph, pfn_t pfn)
{
    unsigned n = 0;

    INVARIANT(pfn < ph->nr_frames);
    while (pfn >= ph->node[n].end)
        n++;
    return n;
}

void phys_touch(struct phys *ph, pfn_t pfn)
{
    list_fresh_from(ph, node_of(ph, pfn), pfn);
    folio_clear(&ph->folios[pfn], PG_pristine);
}

void phys_churn(struct phys *ph, uint8_t left)
{
    struct folio *folio;

    ph->churned = true;
    ph->left = left;
    for (unsigned n = 0; n < ph->nr_nodes; n++)
        DL_FOREACH(ph->node[n].head, folio) {
            folio_clear(folio, PG_pristine);
            memset(phys_page(ph, phys_pfn(ph, folio)), left, PAGE_SIZE);
        }
}

uint8_t phys_left(const struct phys *ph)
{
    return ph->left;
}

static struct folio *take(struct phys *ph, unsigned n, struct folio *folio)
{
    uint32_t pristine = folio->flags & UINT32_C(1) << PG_pristine;

    DL_DELETE(ph->node[n].head, folio);
    ph->node[n].nr_free--;
    note_use(ph);
    memset(folio, 0, sizeof(*folio));
    folio->flags = pristine;
    folio->node = (uint8_t)n;
    folio->refcount = 1;
    return folio;
}

/*
 * The host is told of frames some time before they are touched: of more at a
 * time the more there were, so that a small program costs no memory.
 */
static void expect_fresh(struct phys *ph, unsigned n)
{
    pfn_t fresh = ph->node[n].fresh, nr = (fresh - ph->node[n].first) / 2;

    if (fresh < ph->node[n].expected || nr < PHYS_EXPECT_LEAST)
        return;
    if (nr > PHYS_EXPECT_MOST)
        nr = PHYS_EXPECT_MOST;
    if (nr > ph->node[n].fresh_end - fresh)
        nr = ph->node[n].fresh_end - fresh;
    heap_expect(phys_page(ph, fresh), (size_t)nr * PAGE_SIZE);
    ph->node[n].expected = fresh + nr;
}

static struct folio *take_from(struct phys *ph, unsigned n)
{
    if (ph->node[n].nr_free == 0)
        return NULL;
    if (ph->node[n].fresh == ph->node[n].fresh_end)
        return take(ph, n, ph->node[n].head);
    expect_fresh(ph, n);
    list_fresh(ph, n, ph->node[n].fresh);
    return take(ph, n, &ph->folios[ph->node[n].fresh++]);
}

struct folio *phys_alloc_pfn(struct phys *ph, pfn_t pfn)
{
    unsigned n = node_of(ph, pfn);

    if (ph->folios[pfn].refcount > 0 || ph->node[n].nr_free == 0)
        return NULL;
    list_fresh_from(ph, n, pfn);
    return take(ph, n, &ph->folios[pfn]);
}

void phys_node_range(const struct phys *ph, unsigned node, pfn_t *first,
                     pfn_t *end)
{
    *first = ph->node[node].first;
    *end = ph->node[node].end;
}

struct folio *phys_alloc_nodes(struct phys *ph, unsigned node, nodemask_t nodes)
{
    for (unsigned i = 0; i < ph->nr_nodes; i++) {
        unsigned n = (node + i) % ph->nr_nodes;
        struct folio *folio = nodes >> n & 1 ? take_from(ph, n) : NULL;

        if (folio)
            return folio;
    }
    return NULL;
}

struct folio *phys_alloc(struct phys *ph, unsigned node)
{
    return phys_alloc_nodes(ph, node, phys_nodes(ph));
}

void phys_free(struct phys *ph, struct folio *folio)
{
    unsigned n = folio->node;

    INVARIANT(folio->refcount == 0 && folio->mapcount == 0);
    INVARIANT(!folio_test(folio, PG_lru) && !folio_test(folio, PG_swapcache));
    folio_clear(folio, PG_pristine);
    DL_APPEND(ph->node[n].head, folio);
    ph->node[n].nr_free++;
}

bool phys_charge(struct phys *ph, unsigned node)
{
    for (unsigned i = 0; i < ph->nr_nodes; i++) {
        unsigned n = (node + i) % ph->nr_nodes;

        if (ph->node[n].nr_free == 0)
            continue;
        ph->node[n].nr_free--;
        ph->node[n].nr_charged++;
        note_use(ph);
        return true;
    }
    return false;
}

void phys_uncharge(struct phys *ph, size_t nr)
{
    for (unsigned n = ph->nr_nodes; n-- > 0 && nr > 0;) {
        pfn_t some = ph->node[n].nr_charged;

        if (some > nr)
            some = (pfn_t)nr;
        ph->node[n].nr_charged -= some;
        ph->node[n].nr_free += some;
        nr -= some;
    }
    INVARIANT(nr == 0);
}

pfn_t phys_nr_charged(const struct phys *ph)
{
    pfn_t sum = 0;

    for (unsigned n = 0; n < ph->nr_nodes; n++)
        sum += ph->node[n].nr_charged;
    return sum;
}

/* ------------------------------------------------------- put back whole */

struct phys_fresh phys_fresh(const struct phys *ph)
{
    struct phys_fresh fresh = {0};

    for (unsigned n = 0; n < ph->nr_nodes; n++) {
        fresh.node[n].start = ph->node[n].fresh;
        fresh.node[n].end = ph->node[n].fresh_end;
    }
    return fresh;
}

/* Nobody looks at the bytes of a frame that nobody has. */
static bool has_bytes(const struct folio *folio)
{
    return folio->refcount > 0;
}

size_t phys_saved_bytes(const struct phys *ph)
{
    size_t bytes = 0;

    for (pfn_t pfn = 1; (pfn = phys_next_touched(ph, pfn)) != PFN_NONE; pfn++)
        bytes += sizeof(struct folio) +
                 (has_bytes(&ph->folios[pfn]) ? PAGE_SIZE : 0);
    return bytes;
}

void phys_save(const struct phys *ph, void *to)
{
    uint8_t *at = to;

    for (pfn_t pfn = 1; (pfn = phys_next_touched(ph, pfn)) != PFN_NONE; pfn++) {
        memcpy(at, &ph->folios[pfn], sizeof(struct folio));
        at += sizeof(struct folio);
        if (!has_bytes(&ph->folios[pfn]))
            continue;
        memcpy(at, phys_page(ph, pfn), PAGE_SIZE);
        at += PAGE_SIZE;
    }
}

/* As it was made. */
static void renew(struct phys *ph, pfn_t first, pfn_t end)
{
    for (pfn_t pfn = first; pfn < end; pfn++) {
        memset(&ph->folios[pfn], 0, sizeof(struct folio));
        memset(phys_page(ph, pfn), 0, PAGE_SIZE);
    }
}

void phys_restore(struct phys *ph, const void *from,
                  const struct phys_fresh *was)
{
    const uint8_t *at = from;

    for (unsigned n = 0; n < ph->nr_nodes; n++) {
        renew(ph, ph->node[n].fresh, was->node[n].start);
        renew(ph, was->node[n].end, ph->node[n].fresh_end);
    }
    for (pfn_t pfn = 1; (pfn = phys_next_touched(ph, pfn)) != PFN_NONE; pfn++) {
        memcpy(&ph->folios[pfn], at, sizeof(struct folio));
        at += sizeof(struct folio);
        if (!has_bytes(&ph->folios[pfn]))
            continue;
        memcpy(phys_page(ph, pfn), at, PAGE_SIZE);
        at += PAGE_SIZE;
    }
}
