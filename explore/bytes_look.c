// SPDX-License-Identifier: GPL-2.0-or-later
/* Are the bytes in memory those that must be there? */
#include "explore/bytes_internal.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "script/alone.h"

static bool is_past_end(const struct bytes *b, const struct page *p)
{
    return (p->kind == KIND_SHARED || p->kind == KIND_PRIVATE) &&
           !b->objects[p->object].any_size &&
           ((uint64_t)p->index << PAGE_SHIFT) >= b->objects[p->object].size;
}

static bool is_wrong(const struct bytes *b, const struct cell *cell,
                     const uint8_t *page)
{
    for (unsigned i = 0; i < b->scope->nr_offsets; i++) {
        uint8_t is = page[b->scope->offsets[i]];

        if (is != cell->byte[i] && !(cell->unknown >> i & 1) &&
            !(cell->freed >> i & 1 && is == 0))
            return true;
    }
    return false;
}

/* On which the action shows a page, or leaves it in another frame. */
static enum mm_path path_of(const struct script_action *a)
{
    switch (a->verb) {
    case VERB_READ:
    case VERB_WRITE:
    case VERB_TAG:
    case VERB_PIN: return PATH_FAULT;
    case VERB_SWAPOFF: return PATH_SWAPOFF;
    case VERB_SWAPOUT: return PATH_SWAP_OUT;
    case VERB_MIGRATE:
    case VERB_MOVE: return PATH_MIGRATE_IN;
    case VERB_MREMAP: return PATH_MREMAP;
    case VERB_FORK: return PATH_FORK;
    case VERB_TRUNCATE:
    case VERB_PUNCH: return PATH_TRUNCATE;
    case VERB_PWRITE: return PATH_COPY_IN;
    default: return PATH_NONE;
    }
}

static enum cause_id cause_of(const struct page *p, const struct folio *folio)
{
    if (p->cut)
        return CAUSE_TRUNCATE;
    return folio_test(folio, PG_uptodate) ? CAUSE_UNKNOWN : CAUSE_UNUSE_READ;
}

/* What a page must have, and what is mapped at its address. */
static bool compare(struct bytes *b, struct page *p, const struct phys *ph,
                    pfn_t pfn, struct found_key *key)
{
    struct cell *cell = shown(b, p);
    bool past_end = cell && is_past_end(b, p);

    if (!past_end && (!cell || !is_wrong(b, cell, phys_page(ph, pfn)))) {
        p->cut = false;
        return false;
    }
    key->class = FOUND_DATA;
    key->detail = past_end ? DATA_PAST_END : DATA_CHANGED;
    key->cause = cause_of(p, phys_folio(ph, pfn));
    cell->unknown = ALL_UNKNOWN;
    if (past_end)
        lose(p);
    return true;
}

static bool look_at(struct bytes *b, const struct alone *a, uint32_t pid,
                    struct found_key *key)
{
    struct mm *mm = drive_find_mm(alone_drive(a), pid);
    bool found = false;

    for (unsigned n = 0; mm && n < b->scope->nr_pages; n++) {
        struct page *p = page_at(b, pid, n);
        const pte_t *ptep =
            p->kind == KIND_NONE ? NULL : mm_pte(mm, b->scope->pages[n]);

        if (ptep && pte_present(*ptep) &&
            compare(b, p, memory_phys(alone_memory(a)), pte_pfn(*ptep), key))
            found = true;
    }
    return found;
}

bool bytes_look(struct bytes *b, const struct alone *a,
                const struct script_action *action, struct found_key *key)
{
    bool found = false;

    *key = (struct found_key){.path = path_of(action)};
    for (uint32_t pid = 1; pid <= WORLD_MAX_PROCESSES; pid++)
        if (b->alive[pid] && look_at(b, a, pid, key))
            found = true;
    return found;
}
