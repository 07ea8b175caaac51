#include "migrate/migrate.h"

#include <errno.h>

#include "mm/lru.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "report/report.h"

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
static int move_to(struct memory *mem, struct folio *from, struct folio *to)
{
    if (from->refcount != expected_refs(from))
        return -EAGAIN;
    copy_state(to, from);
    memory_replace_folio(mem, from, to);
    memory_copy_folio(mem, to, from, UINT64_MAX);
    return 0;
}

/* unmap_and_move(), with @from locked and off its list. */
static int unmap_and_move(struct memory *mem, struct folio *from,
                          struct folio *to)
{
    bool mapped = folio_mapped(from);
    int err = -EAGAIN;

    if (folio_test(from, PG_writeback))
        return -EBUSY;
    if (!mapped || try_to_migrate(mem, from))
        err = move_to(mem, from, to);
    /* A folio that nobody maps may have nobody to ask for its PTEs. */
    if (mapped)
        remove_migration_ptes(mem, from, err ? from : to);
    return err;
}

int migrate_folio(struct memory *mem, struct folio *folio, unsigned node)
{
    struct lru *lru = memory_lru(mem);
    struct folio *to;
    int err;

    if (!folio_test(folio, PG_lru) || !folio_trylock(folio))
        return -EBUSY;
    lru_del(lru, folio);
    folio_get(folio);
    err = -ENOMEM;
    to = memory_alloc_folio(mem, node);
    if (!to)
        goto put_back;
    err = unmap_and_move(mem, folio, to);
    if (err)
        goto free_new;
    report_count(memory_report(mem), COUNT_MIGRATED);
    lru_add(lru, to);
    memory_folio_put(mem, to);
    folio_clear(folio, PG_anon);
    folio_unlock(folio);
    memory_folio_put(mem, folio);
    return 0;

free_new:
    report_count(memory_report(mem), COUNT_MIGRATE_FAIL);
    memory_folio_put(mem, to);
put_back:
    lru_add(lru, folio);
    folio_unlock(folio);
    memory_folio_put(mem, folio);
    return err;
}
