// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/store_remap.h"

#include <errno.h>
#include <string.h>

#include "adi/internal.h"

static struct tagmap *map_of(const struct mm *mm)
{
    return &adi_context(mm)->by_page;
}

/* 40 bits of page number, as the page tables have it. */
static uint64_t key_of(gva_t va)
{
    return va >> PAGE_SHIFT & ((UINT64_C(1) << 40) - 1);
}

/* Bring the books up to date after a change of @map. */
static void account(struct adi *adi, const struct tagmap *map, size_t nr,
                    size_t heap)
{
    int64_t pages = (int64_t)map->nr - (int64_t)nr;

    adi_account(adi, pages,
                pages * (int64_t)TAGMAP_WORD_BYTES + (int64_t)map->heap_bytes -
                    (int64_t)heap);
}

static int remap_mm_init(struct adi *adi, struct mm *mm)
{
    (void)adi;
    tagmap_init(map_of(mm));
    return 0;
}

static void remap_mm_exit(struct adi *adi, struct mm *mm)
{
    struct tagmap *map = map_of(mm);
    size_t nr = map->nr, heap = map->heap_bytes;

    tagmap_fini(map);
    account(adi, map, nr, heap);
}

static void event_tags(struct adi *adi, enum event_kind kind, enum mm_path path,
                       const struct hook_args *args, const adi_tag_t *tags,
                       size_t bytes)
{
    struct event ev;

    if (!hub_is_heard(adi->hub))
        return;
    ev = event_blank;
    ev.kind = kind;
    ev.path = path;
    ev.bytes = bytes;
    ev.mm = mm_id(args->mm);
    ev.va = args->addr;
    ev.pfn = args->pfn;
    ev.entry = args->entry.v;
    ev.users = (uint32_t)map_of(args->mm)->nr + 1;
    ev.tags = tags;
    hub_event(adi->hub, &ev);
}

int remap_unmap(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = map_of(args->mm);
    size_t nr = map->nr, heap = map->heap_bytes;
    const adi_tag_t *tags = tagmem_page(adi->tags, pte_pfn(args->pte));

    /* A page may have tags from before mprotect() took PROT_ADI away. */
    if (!pte_mcd(args->pte) && tags_none(tags))
        return 0;
    if (adi_should_fail(adi) ||
        tagmap_save(map, key_of(args->addr), tags) != 0) {
        hub_count(adi->hub, COUNT_SAVE_FAIL);
        adi_event(adi, EV_TAG_SAVE_FAIL, PATH_SWAP_OUT, args->mm, args->addr);
        return -ENOMEM;
    }
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_SAVED);
    event_tags(adi, EV_TAG_SAVE, PATH_SWAP_OUT, args, tags,
               tagmap_bytes(map, key_of(args->addr)));
    return 0;
}

static int drop(struct adi *adi, const struct hook_args *args,
                enum mm_path path)
{
    struct tagmap *map = map_of(args->mm);
    size_t nr = map->nr, heap = map->heap_bytes;

    if (!tagmap_drop(map, key_of(args->addr)))
        return 0;
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_DROPPED);
    event_tags(adi, EV_TAG_DROP, path, args, NULL, 0);
    return 0;
}

int remap_unmap_undo(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_SWAP_OUT);
}

int remap_zap(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_ZAP);
}

int remap_unuse_lost(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_SWAPOFF);
}

int remap_free_swap(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_MADV_FREE);
}

/* Restores whatever the PTE says now: mprotect may have toggled MCD. */
static int restore(struct adi *adi, const struct hook_args *args,
                   enum mm_path path)
{
    struct tagmap *map = map_of(args->mm);
    size_t nr = map->nr, heap = map->heap_bytes;
    adi_tag_t *tags = tagmem_page(adi->tags, args->pfn);

    if (!tagmap_take(map, key_of(args->addr), tags))
        return 0;
    memory_tags_written(adi->mem, args->pfn);
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_RESTORED);
    event_tags(adi, EV_TAG_RESTORE, path, args, tags, 0);
    return 0;
}

int remap_swapin(struct adi *adi, const struct hook_args *args)
{
    adi_moment_restore(adi, args);
    return restore(adi, args, PATH_SWAP_IN);
}

int remap_unuse(struct adi *adi, const struct hook_args *args)
{
    return restore(adi, args, PATH_SWAPOFF);
}

int remap_fork(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = map_of(args->mm), *child = map_of(args->to_mm);
    size_t nr = child->nr, heap = child->heap_bytes;
    uint64_t key = key_of(args->addr);
    struct event ev;

    if (!tagmap_has(map, key))
        return 0;
    if (adi_should_fail(adi) || tagmap_copy(child, map, key) != 0)
        return -ENOMEM;
    account(adi, child, nr, heap);
    if (!hub_is_heard(adi->hub))
        return 0;
    ev = event_blank;
    ev.kind = EV_TAG_DUP;
    ev.path = PATH_FORK;
    ev.mm = mm_id(args->mm);
    ev.mm2 = mm_id(args->to_mm);
    ev.bytes = tagmap_bytes(child, key);
    ev.users = (uint32_t)child->nr + 1;
    ev.va = args->addr;
    ev.pfn = PFN_NONE;
    hub_event(adi->hub, &ev);
    return 0;
}

int remap_move(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = map_of(args->mm);
    size_t nr = map->nr, heap = map->heap_bytes;
    struct event ev;

    if (!tagmap_has(map, key_of(args->addr)))
        return 0;
    if (adi_should_fail(adi) ||
        tagmap_move(map, key_of(args->addr), key_of(args->to_addr)) != 0)
        return -ENOMEM;
    account(adi, map, nr, heap);
    if (!hub_is_heard(adi->hub))
        return 0;
    ev = event_blank;
    ev.kind = EV_TAG_MOVE;
    ev.path = PATH_MREMAP;
    ev.mm = mm_id(args->mm);
    ev.va = args->addr;
    ev.to = args->to_addr;
    ev.users = (uint32_t)map->nr + 1;
    ev.pfn = PFN_NONE;
    hub_event(adi->hub, &ev);
    return 0;
}

int remap_swap_read(struct adi *adi, const struct hook_args *args)
{
    static const adi_tag_t none[ADI_TAGS_PER_PAGE];

    adi_set_page_tags(adi, args->pfn, none);
    return 0;
}

/* ------------------------------------------------------- shared memory */

static void event_shared(struct adi *adi, enum event_kind kind,
                         enum mm_path path, const struct hook_args *args,
                         const adi_tag_t *tags, size_t bytes)
{
    hub_event(adi->hub, &(struct event){.kind = kind,
                                        .path = path,
                                        .object = args->object,
                                        .va = args->index << PAGE_SHIFT,
                                        .pfn = args->pfn,
                                        .entry = args->entry.v,
                                        .bytes = bytes,
                                        .tags = tags});
}

int remap_shmem_out(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = &adi->by_entry;
    size_t nr = map->nr, heap = map->heap_bytes;
    const adi_tag_t *tags = tagmem_page(adi->tags, args->pfn);
    uint64_t key = slot_key(args->entry);

    /* What is read back without a copy has tags of 0. */
    if (tags_none(tags))
        return 0;
    if (adi_should_fail(adi) || tagmap_save(map, key, tags) != 0) {
        hub_count(adi->hub, COUNT_SAVE_FAIL);
        event_shared(adi, EV_TAG_SAVE_FAIL, PATH_SHMEM_OUT, args, NULL, 0);
        return -ENOMEM;
    }
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_SAVED);
    event_shared(adi, EV_TAG_SAVE, PATH_SHMEM_OUT, args, tags,
                 tagmap_bytes(map, key));
    return 0;
}

int remap_shmem_in(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = &adi->by_entry;
    size_t nr = map->nr, heap = map->heap_bytes;
    adi_tag_t *tags = tagmem_page(adi->tags, args->pfn);

    if (!tagmap_take(map, slot_key(args->entry), tags))
        return 0;
    memory_tags_written(adi->mem, args->pfn);
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_RESTORED);
    event_shared(adi, EV_TAG_RESTORE, PATH_SHMEM_IN, args, tags, 0);
    return 0;
}

int remap_shmem_gone(struct adi *adi, const struct hook_args *args)
{
    struct tagmap *map = &adi->by_entry;
    size_t nr = map->nr, heap = map->heap_bytes;

    if (!tagmap_drop(map, slot_key(args->entry)))
        return 0;
    account(adi, map, nr, heap);
    hub_count(adi->hub, COUNT_TAGS_DROPPED);
    event_shared(adi, EV_TAG_DROP, PATH_TRUNCATE, args, NULL, 0);
    return 0;
}

static bool remap_saved(struct adi *adi, const struct mm *mm, gva_t va,
                        swp_entry_t entry,
                        adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    if (!mm)
        return tagmap_load(&adi->by_entry, slot_key(entry), tags);
    return tagmap_load(map_of(mm), key_of(va), tags);
}

const struct adi_store store_remap = {
    .kind = STORE_PAGES,
    .saved = remap_saved,
    .mm_init = remap_mm_init,
    .mm_exit = remap_mm_exit,
};
