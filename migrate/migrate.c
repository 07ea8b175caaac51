// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/migrate.h"

#include <errno.h>
#include <utlist.h>

#include "event/hub.h"
#include "mm/lru.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"

#define MAX_PASSES 10 /* pass < 10 in migrate_pages() */

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

/*
 * __unmap_and_move().  @sync: a page that is being written is tried again.
 * On success @to has the mappings and is on its list.
 */
static int move_folio(struct memory *mem, struct folio *from, struct folio *to,
                      const struct migrate_target *target, bool sync)
{
    struct anon_vma *av;
    bool mapped;
    int err = -EAGAIN;

    if (!folio_trylock(from))
        return -EAGAIN;
    if (folio_test(from, PG_writeback)) {
        folio_unlock(from);
        return sync ? -EAGAIN : -EBUSY;
    }
    /* The areas may go while nothing maps the folio. */
    av = folio_get_anon_vma(from);
    folio_set(to, PG_locked); /* nobody else knows it */
    /* A folio that nobody maps may have nobody to ask for its PTEs. */
    mapped = folio_mapped(from);
    if (mapped)
        (void)try_to_migrate(mem, from);
    if (mapped && !folio_mapped(from))
        memory_moment(mem,
                      &(struct moment){MOMENT_MIGRATE, .mm = target->locked});
    if (!folio_mapped(from))
        err = move_to_new_folio(mem, from, to);
    if (!err)
        lru_add(memory_lru(mem), to);
    if (mapped)
        remove_migration_ptes(mem, from, err ? from : to);
    folio_unlock(to);
    anon_vma_put(av);
    folio_unlock(from);
    return err;
}

/* unmap_and_move(): with a new folio, which is given back after an error. */
static int unmap_and_move(struct memory *mem, struct folio *from,
                          const struct migrate_target *target, bool sync)
{
    struct folio *to;
    int err;

    if (from->refcount == 1)
        return 0; /* freed while it was isolated */
    to = target->get(target->ctx, from);
    if (!to)
        return -ENOMEM;
    err = move_folio(mem, from, to, target, sync);
    if (err && target->put) {
        target->put(target->ctx, to);
        return err;
    }
    if (!err)
        folio_clear(from, PG_anon);
    memory_folio_put(mem, to); /* what maps it has references of its own */
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

int migrate_folios(struct memory *mem, struct folio **list,
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
            count(mem, COUNT_MIGRATED, 1);
            memory_folio_put(mem, folio);
        }
    }
    count(mem, COUNT_MIGRATE_FAIL, retry);
    return (int)retry;
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
