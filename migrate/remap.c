// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/migrate.h"

#include "event/hub.h"
#include "mm/fault.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/ops.h"
#include "mm/rmap.h"
#include "mm/vma.h"

struct remap {
    struct memory *mem;
    struct folio *to;
};

static bool remove_migration_pte(const struct rmap_pte *at, void *arg)
{
    const struct remap *r = arg;
    struct folio *to = r->to;
    swp_entry_t entry = pte_to_swp_entry(*at->ptep);
    struct hook_args args = {.mm = at->mm,
                             .vma = at->vma,
                             .addr = at->addr,
                             .pfn = memory_folio_pfn(r->mem, to),
                             .entry = entry};
    struct event ev = {.kind = EV_MIGRATE_IN,
                       .path = PATH_MIGRATE_IN,
                       .mm = mm_id(at->mm),
                       .va = at->addr,
                       .pfn = args.pfn};
    pte_t pte = mk_pte(args.pfn, at->vma->page_prot);

    folio_get(to);
    if (is_migration_entry_young(entry))
        pte = pte_mkyoung(pte);
    if (folio_test(to, PG_dirty) && is_migration_entry_dirty(entry))
        pte = pte_mkdirty(pte);
    if (is_writable_migration_entry(entry))
        pte = maybe_mkwrite(pte, at->vma);
    else
        pte = pte_wrprotect(pte);
    if (folio_test(to, PG_anon))
        rmap_add_anon(r->mem, to, at->vma, at->addr,
                      !is_readable_migration_entry(entry));
    else
        rmap_add_file(to);
    args.pte = pte;
    (void)memory_hook(r->mem, HOOK_REMAP_MIGRATE, &args);
    mm_set_pte(at->mm, at->addr, at->ptep, pte);
    hub_event(memory_hub(r->mem), &ev);
    mm_event_visible(at->vma, at->addr, pte, PATH_MIGRATE_IN);
    return true;
}

void remove_migration_ptes(struct memory *mem, struct folio *from,
                           struct folio *to)
{
    struct remap r = {.mem = mem, .to = to};

    /* The walk follows the anon_vma or the mapping, which both share. */
    (void)rmap_walk(mem, to, memory_folio_pfn(mem, from), RMAP_MIGRATION,
                    remove_migration_pte, &r);
}
