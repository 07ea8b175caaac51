// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/migrate.h"

#include "event/hub.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/ops.h"
#include "mm/rmap.h"
#include "mm/vma.h"

struct unmap {
    struct memory *mem;
    struct folio *folio;
    bool failed;
};

static bool put_back(struct unmap *u, const struct rmap_pte *at, pte_t pte)
{
    mm_set_pte(at->mm, at->addr, at->ptep, pte);
    hub_count(memory_hub(u->mem), COUNT_UNMAP_FAIL);
    memory_watch_unmap(u->mem, true, at->mm, at->addr);
    u->failed = true;
    return false;
}

static unsigned entry_type(pte_t pte, bool exclusive)
{
    if (pte_write(pte))
        return SWP_MIGRATION_WRITE;
    return exclusive ? SWP_MIGRATION_READ_EXCL : SWP_MIGRATION_READ;
}

static bool try_to_migrate_one(const struct rmap_pte *at, void *arg)
{
    struct unmap *u = arg;
    struct folio *folio = u->folio;
    bool exclusive = folio_test(folio, PG_anon_exclusive);
    struct hook_args args = {.mm = at->mm, .vma = at->vma, .addr = at->addr};
    struct event ev = {.kind = EV_MIGRATE_OUT,
                       .path = PATH_MIGRATE_OUT,
                       .mm = mm_id(at->mm),
                       .va = at->addr};
    swp_entry_t entry;
    pte_t pte;

    memory_watch_unmap(u->mem, false, at->mm, at->addr);
    pte = mm_clear_pte(at->mm, at->addr, at->ptep);
    args.pte = pte;
    args.pfn = ev.pfn = pte_pfn(pte);
    if (pte_dirty(pte))
        folio_set(folio, PG_dirty);
    if (memory_hook(u->mem, HOOK_UNMAP_MIGRATE, &args) != 0)
        return put_back(u, at, pte);
    if (exclusive && rmap_try_share_anon(folio) != 0) {
        (void)memory_hook(u->mem, HOOK_UNMAP_MIGRATE_UNDO, &args);
        ev.kind = EV_UNMAP_UNDO;
        hub_event(memory_hub(u->mem), &ev);
        return put_back(u, at, pte);
    }
    entry = make_migration_entry(entry_type(pte, exclusive), args.pfn);
    if (memory_policy(u->mem)->migration_keeps_ad && pte_young(pte))
        entry = make_migration_entry_young(entry);
    if (memory_policy(u->mem)->migration_keeps_ad && pte_dirty(pte))
        entry = make_migration_entry_dirty(entry);
    mm_set_pte(at->mm, at->addr, at->ptep, swp_entry_to_pte(entry));
    hub_event(memory_hub(u->mem), &ev);
    rmap_remove(u->mem, folio);
    memory_folio_put(u->mem, folio);
    return true;
}

bool try_to_migrate(struct memory *mem, struct folio *folio)
{
    struct unmap u = {.mem = mem, .folio = folio};

    (void)rmap_walk(mem, folio, memory_folio_pfn(mem, folio), RMAP_PRESENT,
                    try_to_migrate_one, &u);
    return !u.failed && !folio_mapped(folio);
}
