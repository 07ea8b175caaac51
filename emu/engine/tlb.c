// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "adi/tags.h"
#include "emu/engine/internal.h"

/*
 * The softmmu TLB grows only when it is flushed, so flush it now and then:
 * a working set larger than the TLB then makes it grow.
 */
#define FILLS_PER_FLUSH 4096

/*
 * After that many pages were flushed and none was filled, an area goes that is
 * larger than the TLB: flush it all, and then there is nothing to flush.
 */
#define FLUSHES_PER_FILL 1024

/*
 * After that many stores to a page of code it is data again, until
 * something is executed in it.
 */
#define CODE_STORES 64

static void drop_hot(struct engine *e)
{
    unsigned nr = e->hot_filled.nr;

    e->hot_filled.nr = 0;
    if (nr > FILLED_MAX)
        for (unsigned i = 0; i < HOT_PAGES; i++)
            e->hot[i].key = HOT_NONE;
    else
        while (nr-- > 0)
            e->hot[e->hot_filled.slot[nr]].key = HOT_NONE;
}

static void drop_mcd_slot(struct engine *e, size_t slot)
{
    e->mcd[slot].key = e->mcd_notes[slot].key = HOT_NONE;
}

static void drop_mcd(struct engine *e)
{
    unsigned nr = e->mcd_filled.nr;

    e->mcd_filled.nr = 0;
    if (nr > FILLED_MAX)
        for (unsigned i = 0; i < MCD_PAGES; i++)
            drop_mcd_slot(e, i);
    else
        while (nr-- > 0)
            drop_mcd_slot(e, e->mcd_filled.slot[nr]);
}

static void drop_caches(struct engine *e)
{
    drop_hot(e);
    drop_mcd(e);
    for (unsigned i = 0; i < STACK_PAGES; i++)
        e->stack[i].key = HOT_NONE;
    e->fill_va = HOT_NONE;
}

void engine_init_caches(struct engine *e)
{
    e->tag_epoch = &e->no_epoch;
    e->moves = 1;
    e->last_store.frame[0] = e->last_store.was[0];
    e->hot_filled.nr = e->mcd_filled.nr = FILLED_MAX + 1;
    drop_caches(e);
    engine_jumps_init(e);
}

/* Of the archive's modes: those of user code, by primary and secondary ASI. */
#define USER_MODES 3

/*
 * The archive's TLB and the map of its blocks are 40 KB, which a flush of all
 * overwrites; after a short turn that is more than the pages of it.
 */
static void flush_tlb(struct engine *e)
{
    unsigned nr = e->nr_fills;

    if (nr > FEW_FILLS)
        tlb_flush_sparc64(e->cpu);
    else
        while (nr-- > 0)
            tlb_flush_page_by_mmuidx_sparc64(e->cpu, e->fills[nr], USER_MODES);
}

static void empty_tlb(struct engine *e)
{
    engine_moved(e);
    drop_caches(e);
    e->tag_generation += 1u << 16;
    flush_tlb(e);
    e->nr_fills = e->nr_flushes = 0;
    e->tlb_empty = true;
}

void engine_flush_all(struct engine *e)
{
    engine_jumps_flush(e, e->jump_space);
    empty_tlb(e);
}

void engine_enter_space(struct engine *e, uint32_t id)
{
    engine_jumps_enter(e, id);
    empty_tlb(e);
}

void engine_flush_space(struct engine *e, uint32_t id)
{
    struct jump_space *space = engine_jumps_find(e, id);

    if (space)
        engine_jumps_flush(e, space);
}

void engine_flush_space_page(struct engine *e, uint32_t id, gva_t va)
{
    struct jump_space *space = engine_jumps_find(e, id);

    if (space)
        engine_jumps_flush_page(e, space, va);
}

static void flush_one(struct engine *e, uint64_t va)
{
    struct hot_page *hot = hot_slot(e, va);
    struct stack_page *stack = &e->stack[va >> PAGE_SHIFT & (STACK_PAGES - 1)];
    size_t slot = mcd_slot(va);

    if (hot->key == hot_key(va))
        hot->key = HOT_NONE;
    if (stack->key == va)
        stack->key = HOT_NONE;
    if ((e->mcd[slot].key & ~MCD_WRITABLE) == va)
        e->mcd[slot].key = HOT_NONE;
    if (e->mcd_notes[slot].key == va)
        e->mcd_notes[slot].key = HOT_NONE;
    if (e->fill_va == va)
        e->fill_va = HOT_NONE;
    if (e->tlb_empty)
        return;
    tlb_flush_page_by_mmuidx_sparc64(e->cpu, va, USER_MODES);
}

void engine_flush_page(struct engine *e, gva_t va)
{
    uint64_t low = va & ~(UINT64_C(15) << 60);

    engine_moved(e);
    if (++e->nr_flushes > FLUSHES_PER_FILL && !e->tlb_empty) {
        engine_flush_all(e);
        return;
    }
    engine_jumps_flush_page(e, e->jump_space, va);
    va = page_align_down(va);
    low = page_align_down(low);
    flush_one(e, va);
    /* Other tags: only those under which anything was filled. */
    for (unsigned tags = engine_tags_of(e, va); tags; tags &= tags - 1) {
        uint64_t tagged = low | (uint64_t)(unsigned)__builtin_ctz(tags) << 60;

        if (tagged != va)
            flush_one(e, tagged);
    }
}

/* A page with tags is about to be cached under @va. */
struct frame_view *engine_note_view(struct engine *e, uint64_t va, pfn_t pfn)
{
    struct frame_view *view = &e->frames[pfn];
    gva_t canon = page_align_down(e->mcde ? untagged_addr(va) : va);

    if ((view->uniform || view->hot) && view->va != canon)
        view->aliased = true;
    view->va = canon;
    return view;
}

void engine_tags_trusted(struct engine *e, pfn_t pfn)
{
    e->frames[pfn].trusted = true;
}

void engine_trust_tags(struct engine *e, uint64_t va, pfn_t pfn)
{
    struct frame_view *view = engine_note_view(e, va, pfn);

    view->uniform = true;
    if (view->trusted)
        return;
    e->ops->tags_trusted(e->ctx, pfn);
    INVARIANT(view->trusted);
}

static void forget_view(struct frame_view *view)
{
    view->uniform = view->hot = view->aliased = false;
}

void engine_tags_changed(struct engine *e, pfn_t pfn)
{
    struct frame_view *view = &e->frames[pfn];

    view->trusted = false;
    /* Hot pages are checked against the tags themselves. */
    if (!view->uniform)
        return;
    if (view->aliased)
        engine_flush_all(e);
    else
        engine_flush_page(e, view->va);
    forget_view(view);
}

/* The page is of one tag again: let it go back to the inline TLB. */
void engine_cool_down(struct engine *e, pfn_t pfn)
{
    struct frame_view *view = &e->frames[pfn];

    if (!view->hot)
        return;
    for (unsigned i = 0; view->aliased && i < HOT_PAGES; i++)
        if (e->hot[i].pfn == pfn)
            e->hot[i].key = HOT_NONE;
    if (hot_slot(e, view->va)->key == hot_key(view->va))
        hot_slot(e, view->va)->key = HOT_NONE;
    forget_view(view);
}

static void note_cached(struct cached *cached, uint64_t va)
{
    va = page_align_down(va);
    if (cached->any && cached->va != va)
        cached->aliased = true;
    cached->any = true;
    cached->va = va;
}

static void evict(struct engine *e, struct cached *cached)
{
    if (cached->aliased)
        engine_flush_all(e);
    else if (cached->any)
        engine_flush_page(e, cached->va);
    cached->any = cached->aliased = false;
}

void engine_note_stores(struct engine *e, uint64_t va, pfn_t pfn)
{
    note_cached(&e->frames[pfn].stores, va);
}

/* From now on stores to the frame must be seen. */
void engine_code_read(struct engine *e, pfn_t pfn)
{
    struct frame_view *view = &e->frames[pfn];

    if (view->code)
        return;
    view->code = true;
    view->code_stores = 0;
    evict(e, &view->stores);
}

static void fetched(struct engine *e, pfn_t pfn, uint64_t va)
{
    struct frame_view *view = &e->frames[pfn];

    note_cached(&view->fetches, va);
    if (view->code)
        return;
    e->ops->code_read(e->ctx, pfn);
    INVARIANT(view->code);
}

/* A frame is one of code for every CPU or for none, and all of them hear of
 * the same stores: it is data again for all of them at once. */
void engine_code_changed(struct engine *e, pfn_t pfn, unsigned offset,
                         unsigned bytes)
{
    struct frame_view *view = &e->frames[pfn];
    uint64_t start = (uint64_t)pfn * PAGE_SIZE;

    if (!view->code)
        return;
    if (bytes == PAGE_SIZE || ++view->code_stores >= CODE_STORES) {
        /* From now on a fetch must be seen: it makes it code again. */
        view->code = false;
        evict(e, &view->fetches);
        tb_invalidate_phys_range_sparc64(e->uc, start, start + PAGE_SIZE);
    } else {
        start += offset;
        tb_invalidate_phys_range_sparc64(e->uc, start, start + bytes);
    }
    engine_jumps_changed(e);
}

/*
 * The archive goes through its whole TLB, 2,000 entries or more, to find the
 * page of a block for stores.  It is not there: engine_code_read() has taken
 * it out, under all its addresses, and engine_fill_hook() does not put it in.
 */
void __wrap_tlb_reset_dirty_by_vaddr_sparc64(void *cpu, uint64_t start,
                                             uint64_t length)
{
    void *env = *(void **)((uint8_t *)cpu + CPU_ENV_PTR);

    if (!engine_has_step(env_engine(env), ENGINE_STEP_SCAN))
        __real_tlb_reset_dirty_by_vaddr_sparc64(cpu, start, length);
}

void engine_stored(struct engine *e, const uint8_t *host, unsigned size)
{
    uint64_t start = (uint64_t)(host - e->ram);
    pfn_t pfn = (pfn_t)(start / PAGE_SIZE);

    if (unlikely(e->frames[pfn].code))
        e->ops->code_changed(e->ctx, pfn, page_offset(start), size);
}

/* The last thing before it is in the TLB: to translate it may flush. */
/* The page of @va is in the TLB now; asking for it may have flushed all. */
static void note_fill(struct engine *e, uint64_t va)
{
    if (e->nr_fills < FEW_FILLS)
        e->fills[e->nr_fills] = va;
    e->nr_fills++;
    e->tlb_empty = false;
    e->nr_flushes = 0;
}

/* A page of instructions.  Does not return when there is none. */
static bool fill_fetch(struct engine *e, uint64_t va, uc_tlb_entry *entry)
{
    struct engine_page page;
    enum access_end end;

    engine_clear_ra(e);
    end = e->ops->translate(e->ctx, va, ACCESS_EXEC, &page);
    if (end != ACCESS_DONE)
        engine_raise_access(e, end, 0);
    fetched(e, page.pfn, va);
    engine_note_tag(e, va);
    entry->paddr = (uint64_t)page.pfn * PAGE_SIZE;
    entry->perms = UC_PROT_EXEC;
    note_fill(e, va);
    return true;
}

bool engine_fill_hook(uc_engine *uc, uint64_t va, uc_mem_type type,
                      uc_tlb_entry *entry, void *ctx)
{
    struct engine *e = ctx;

    (void)uc;
    if (e->nr_fills >= FILLS_PER_FLUSH) {
        e->nr_fills = 0;
        tlb_flush_sparc64(e->cpu);
    }
    if (type == UC_MEM_FETCH)
        return fill_fetch(e, va, entry);
    /* Only the wrappers let a data access get here, just checked. */
    if (e->fill_va != va)
        return false;
    entry->paddr = (uint64_t)e->fill.pfn * PAGE_SIZE;
    entry->perms = UC_PROT_READ;
    if (e->fill.writable && !e->frames[e->fill.pfn].code) {
        entry->perms |= UC_PROT_WRITE;
        engine_note_stores(e, va, e->fill.pfn);
    }
    note_fill(e, va);
    return true;
}
