// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/migrate.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "event/hub.h"
#include "mm/lru.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"

#define MAX_PASSES   10   /* NR_MAX_MIGRATE_PAGES_RETRY */
#define ASYNC_PASSES 3    /* NR_MAX_MIGRATE_ASYNC_RETRY */
#define MAX_BATCH    1024 /* NR_MAX_BATCHED_MIGRATION: a huge page's */

/* folio_expected_refs(): ours, and that of a cache. */
static int expected_refs(const struct folio *folio)
{
    bool cached = folio_test(folio, PG_swapcache) ||
                  (!folio_test(folio, PG_anon) && folio->mapping);

    return 1 + cached;
}

/* folio_migrate_flags(): what the new frame inherits. */
static void copy_state(struct folio *to, const struct folio *from)
{
    static const enum folio_flag inherited[] = {
        PG_uptodate, PG_dirty,      PG_active, PG_referenced, PG_unevictable,
        PG_mlocked,  PG_swapbacked, PG_error,  PG_anon,       PG_tags_away,
    };

    for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
        if (folio_test(from, inherited[i]))
            folio_set(to, inherited[i]);
    to->index = from->index;
    if (folio_test(from, PG_anon))
        to->anon_vma = from->anon_vma;
}

/* move_to_new_folio(): bytes and tags, then the place in the cache. */
static int move_to_new_folio(struct memory *mem, struct folio *from,
                             struct folio *to)
{
    if (from->refcount != expected_refs(from))
        return -EAGAIN;
    copy_state(to, from);
    memory_replace_folio(mem, from, to);
    memory_copy_folio(mem, to, from, UINT64_MAX);
    return 0;
}

/* A folio that was unmapped, on its way.  All borrowed but @to. */
struct moving {
    struct folio *from, *to;
    struct anon_vma *av; /* a reference: the areas may go meanwhile */
    bool mapped;         /* it had mappings before */
};

/* Mappings come back, to @folio; the locks go. */
static void remap_folio(struct memory *mem, const struct moving *m,
                        struct folio *folio)
{
    if (m->mapped)
        remove_migration_ptes(mem, m->from, folio);
    folio_unlock(m->to);
    anon_vma_put(m->av);
    folio_unlock(m->from);
}

/* The new folio was not needed. */
static void give_back(struct memory *mem, const struct moving *m,
                      const struct migrate_target *target)
{
    if (target->put)
        target->put(target->ctx, m->to);
    else
        memory_folio_put(mem, m->to);
}

/* migrate_folio_unmap() once there is a new folio: all is undone on errors. */
static int unmap_locked(struct memory *mem, struct moving *m, bool sync)
{
    struct folio *from = m->from;

    if (!folio_trylock(from))
        return -EAGAIN;
    if (folio_test(from, PG_writeback)) {
        folio_unlock(from);
        return sync ? -EAGAIN : -EBUSY;
    }
    /* The areas may go while nothing maps the folio. */
    m->av = folio_get_anon_vma(from);
    folio_set(m->to, PG_locked); /* nobody else knows it */
    /* A folio that nobody maps may have nobody to ask for its PTEs. */
    m->mapped = folio_mapped(from);
    if (m->mapped)
        (void)try_to_migrate(mem, from);
    if (!folio_mapped(from))
        return 0;
    remap_folio(mem, m, from);
    return -EAGAIN;
}

/*
 * unmap_folio - migration entries in place of the mappings of @m->from
 *
 * @sync: a page that is being written is tried again
 */
static int unmap_folio(struct memory *mem, struct moving *m,
                       const struct migrate_target *target, bool sync)
{
    int err;

    m->to = target->get(target->ctx, m->from);
    if (!m->to)
        return -ENOMEM;
    err = unmap_locked(mem, m, sync);
    if (err)
        give_back(mem, m, target);
    else if (m->mapped)
        memory_moment(mem,
                      &(struct moment){MOMENT_MIGRATE, .mm = target->locked});
    return err;
}

/* What was unmapped goes to its new frame; on -EAGAIN it has not. */
static int move_folio(struct memory *mem, const struct moving *m)
{
    int err = move_to_new_folio(mem, m->from, m->to);

    if (err)
        return err;
    lru_add(memory_lru(mem), m->to);
    remap_folio(mem, m, m->to);
    folio_clear(m->from, PG_anon);
    memory_folio_put(mem, m->to); /* what maps it has its own references */
    return 0;
}

/* It could not be moved: back to where it was. */
static void undo_unmap(struct memory *mem, const struct moving *m,
                       const struct migrate_target *target)
{
    remap_folio(mem, m, m->from);
    give_back(mem, m, target);
}

/* unmap_and_move() */
static int unmap_and_move(struct memory *mem, struct folio *from,
                          const struct migrate_target *target, bool sync)
{
    struct moving m = {.from = from};
    int err;

    if (from->refcount == 1)
        return 0; /* freed while it was isolated */
    err = unmap_folio(mem, &m, target, sync);
    if (err)
        return err;
    err = move_folio(mem, &m);
    if (err)
        undo_unmap(mem, &m, target);
    return err;
}

bool migrate_isolate(struct memory *mem, struct folio *folio)
{
    if (!folio_test(folio, PG_lru))
        return false;
    lru_del(memory_lru(mem), folio);
    folio_get(folio);
    return true;
}

void migrate_putback(struct memory *mem, struct folio **list)
{
    struct folio *folio, *next;

    DL_FOREACH_SAFE(*list, folio, next) {
        DL_DELETE(*list, folio);
        lru_add(memory_lru(mem), folio);
        memory_folio_put(mem, folio);
    }
}

static void count(struct memory *mem, enum counter c, uint64_t n)
{
    hub_count_add(memory_hub(mem), c, n);
}

/* It is where it was to go, or was freed meanwhile. */
static void done(struct memory *mem, struct folio *folio)
{
    count(mem, COUNT_MIGRATED, 1);
    memory_folio_put(mem, folio);
}

/* migrate_pages() before v6.3: each folio is unmapped and moved at once. */
static int migrate_one_by_one(struct memory *mem, struct folio **list,
                              const struct migrate_target *target)
{
    struct folio *folio, *next;
    unsigned retry = 1;

    for (unsigned pass = 0; pass < MAX_PASSES && retry; pass++) {
        retry = 0;
        DL_FOREACH_SAFE(*list, folio, next) {
            int err = unmap_and_move(mem, folio, target, true);

            if (err == -ENOMEM) {
                count(mem, COUNT_MIGRATE_FAIL, 1 + retry);
                return -ENOMEM;
            }
            if (err) { /* -EAGAIN: no page that waits fails for good */
                retry++;
                continue;
            }
            DL_DELETE(*list, folio);
            done(mem, folio);
        }
    }
    count(mem, COUNT_MIGRATE_FAIL, retry);
    return (int)retry;
}

/* Folios that go together. */
struct batch {
    struct memory *mem;
    const struct migrate_target *target;
    struct moving *unmapped; /* owned */
    size_t nr;               /* of them; @to is NULL: it has moved */
    unsigned failed;         /* pages, for the counter */
};

/* The first loops of migrate_pages_batch(). */
static int unmap_batch(struct batch *b, struct folio **list, bool sync,
                       unsigned passes)
{
    struct folio *folio, *next;
    unsigned retry = 1;

    for (unsigned pass = 0; pass < passes && retry; pass++) {
        retry = 0;
        DL_FOREACH_SAFE(*list, folio, next) {
            struct moving m = {.from = folio};
            int err = 0;

            if (folio->refcount > 1)
                err = unmap_folio(b->mem, &m, b->target, sync);
            if (err == -ENOMEM) {
                b->failed += 1 + retry;
                return err;
            }
            if (err) {
                retry++;
                continue;
            }
            DL_DELETE(*list, folio);
            if (m.to)
                b->unmapped[b->nr++] = m;
            else
                done(b->mem, folio); /* freed while it was isolated */
        }
    }
    b->failed += retry;
    return 0;
}

/* Its last loop: who has somebody else's reference is tried again. */
static void move_batch(struct batch *b, struct folio **list, unsigned passes)
{
    unsigned retry = 1;

    for (unsigned pass = 0; pass < passes && retry; pass++) {
        retry = 0;
        for (size_t i = 0; i < b->nr; i++) {
            struct moving *m = &b->unmapped[i];

            if (!m->to)
                continue;
            if (move_folio(b->mem, m) != 0) {
                retry++;
                continue;
            }
            m->to = NULL;
            done(b->mem, m->from);
        }
    }
    b->failed += retry;
    for (size_t i = 0; i < b->nr; i++) {
        if (!b->unmapped[i].to)
            continue;
        undo_unmap(b->mem, &b->unmapped[i], b->target);
        DL_APPEND(*list, b->unmapped[i].from);
    }
    b->nr = 0;
}

/* migrate_pages_batch(): how many stay in @list, or -ENOMEM */
static int migrate_batch(struct batch *b, struct folio **list, bool sync,
                         unsigned passes)
{
    int err;

    b->failed = 0;
    err = unmap_batch(b, list, sync, passes);
    /* Without memory, too, what is unmapped moves. */
    move_batch(b, list, passes);
    return err ? err : (int)b->failed;
}

/* migrate_pages_sync(): all together, then who stayed one by one. */
static int migrate_together(struct batch *b, struct folio **list)
{
    struct folio *stay = NULL, *one = NULL;
    int err, failed = 0;

    err = migrate_batch(b, list, false, ASYNC_PASSES);
    if (err < 0)
        count(b->mem, COUNT_MIGRATE_FAIL, b->failed);
    while (err >= 0 && *list) {
        struct folio *folio = *list;

        DL_DELETE(*list, folio);
        DL_APPEND(one, folio);
        err = migrate_batch(b, &one, true, MAX_PASSES - ASYNC_PASSES);
        count(b->mem, COUNT_MIGRATE_FAIL, b->failed);
        failed += err;
        DL_CONCAT(stay, one);
        one = NULL;
    }
    DL_CONCAT(*list, stay);
    return err < 0 ? err : failed;
}

/* migrate_pages(), v6.3 on */
static int migrate_in_batches(struct memory *mem, struct folio **list,
                              const struct migrate_target *target)
{
    struct batch b = {.mem = mem, .target = target};
    struct folio *stay = NULL;
    int err = 0, failed = 0;

    b.unmapped = calloc(MAX_BATCH, sizeof(*b.unmapped));
    if (!b.unmapped)
        return -ENOMEM;
    while (err >= 0 && *list) {
        struct folio *some = NULL;

        for (unsigned nr = 0; nr < MAX_BATCH && *list; nr++) {
            struct folio *folio = *list;

            DL_DELETE(*list, folio);
            DL_APPEND(some, folio);
        }
        err = migrate_together(&b, &some);
        failed += err;
        DL_CONCAT(stay, some);
    }
    DL_CONCAT(stay, *list);
    *list = stay;
    free(b.unmapped);
    return err < 0 ? err : failed;
}

int migrate_folios(struct memory *mem, struct folio **list,
                   const struct migrate_target *target)
{
    if (memory_policy(mem)->migrate_batch)
        return migrate_in_batches(mem, list, target);
    return migrate_one_by_one(mem, list, target);
}

struct on_node {
    struct memory *mem;
    unsigned node;
};

static struct folio *get_on_node(void *ctx, const struct folio *from)
{
    const struct on_node *t = ctx;

    (void)from;
    return memory_alloc_folio(t->mem, t->node);
}

int migrate_folio(struct memory *mem, struct folio *folio, unsigned node)
{
    struct on_node ctx = {.mem = mem, .node = node};
    struct migrate_target target = {.get = get_on_node, .ctx = &ctx};
    int err;

    if (!migrate_isolate(mem, folio))
        return -EBUSY;
    err = unmap_and_move(mem, folio, &target, false);
    count(mem, err ? COUNT_MIGRATE_FAIL : COUNT_MIGRATED, 1);
    if (err)
        lru_add(memory_lru(mem), folio);
    memory_folio_put(mem, folio);
    return err;
}
