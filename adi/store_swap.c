// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/store_swap.h"

#include <errno.h>

#include "adi/internal.h"
#include "mm/folio.h"
#include "mm/phys.h"

/* The books as they were, to account for what a change did. */
struct books {
    size_t nr, heap;
};

static struct books books_of(const struct adi *adi)
{
    return (struct books){.nr = adi->by_entry.nr,
                          .heap = adi->by_entry.heap_bytes};
}

static void account(struct adi *adi, struct books before)
{
    int64_t pages = (int64_t)adi->by_entry.nr - (int64_t)before.nr;

    adi_account(adi, pages,
                pages * (int64_t)TAGMAP_WORD_BYTES +
                    (int64_t)adi->by_entry.heap_bytes - (int64_t)before.heap);
}

static void event_slot(struct adi *adi, enum event_kind kind, enum mm_path path,
                       const struct hook_args *args, const adi_tag_t *tags)
{
    struct event ev;

    if (!hub_is_heard(adi->hub))
        return;
    ev = event_blank;
    ev.kind = kind;
    ev.path = path;
    ev.by_entry = true;
    ev.users = (uint32_t)adi->by_entry.nr + 1;
    ev.bytes = tags ? tagmap_bytes(&adi->by_entry, slot_key(args->entry)) : 0;
    ev.mm = args->mm ? mm_id(args->mm) : 0;
    ev.va = args->addr;
    ev.pfn = args->pfn;
    ev.entry = args->entry.v;
    ev.tags = tags;
    hub_event(adi->hub, &ev);
}

static int drop(struct adi *adi, const struct hook_args *args,
                enum mm_path path)
{
    struct books before = books_of(adi);

    if (!tagmap_drop(&adi->by_entry, slot_key(args->entry)))
        return 0;
    account(adi, before);
    hub_count(adi->hub, COUNT_TAGS_DROPPED);
    event_slot(adi, EV_TAG_DROP, path, args, NULL);
    return 0;
}

static struct folio *folio_of(const struct adi *adi, pfn_t pfn)
{
    return phys_folio(memory_phys(adi->mem), pfn);
}

int swapkey_save(struct adi *adi, const struct hook_args *args)
{
    const adi_tag_t *tags = tagmem_page(adi->tags, args->pfn);
    struct books before = books_of(adi);

    /* Not put back yet: the copy that is there is the right one. */
    if (folio_test(folio_of(adi, args->pfn), PG_tags_away))
        return 0;
    if (tags_none(tags))
        return drop(adi, args, PATH_SWAP_WRITE);
    if (adi_should_fail(adi) ||
        tagmap_save(&adi->by_entry, slot_key(args->entry), tags) != 0) {
        hub_count(adi->hub, COUNT_SAVE_FAIL);
        event_slot(adi, EV_TAG_SAVE_FAIL, PATH_SWAP_WRITE, args, NULL);
        return -ENOMEM;
    }
    account(adi, before);
    hub_count(adi->hub, COUNT_TAGS_SAVED);
    event_slot(adi, EV_TAG_SAVE, PATH_SWAP_WRITE, args, tags);
    return 0;
}

static int restore(struct adi *adi, const struct hook_args *args,
                   enum mm_path path)
{
    adi_tag_t *tags = tagmem_page(adi->tags, args->pfn);

    if (!folio_test_and_clear(folio_of(adi, args->pfn), PG_tags_away))
        return 0;
    if (!tagmap_load(&adi->by_entry, slot_key(args->entry), tags))
        return 0;
    memory_tags_written(adi->mem, args->pfn);
    hub_count(adi->hub, COUNT_TAGS_RESTORED);
    event_slot(adi, EV_TAG_RESTORE, path, args, tags);
    return 0;
}

int swapkey_restore(struct adi *adi, const struct hook_args *args)
{
    adi_moment_restore(adi, args);
    return restore(adi, args, args->object ? PATH_SHMEM_IN : PATH_SWAP_IN);
}

int swapkey_unuse(struct adi *adi, const struct hook_args *args)
{
    return restore(adi, args, PATH_SWAPOFF);
}

int swapkey_invalidate(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_SLOT_FREE);
}

int swapkey_invalidate_area(struct adi *adi, const struct hook_args *args)
{
    uint64_t type = swp_type(args->entry);
    uint64_t key = type << SLOT_KEY_TYPE_SHIFT;
    uint64_t last = ((type + 1) << SLOT_KEY_TYPE_SHIFT) - 1;

    while (tagmap_next(&adi->by_entry, &key, last)) {
        struct hook_args one = {.entry = slot_entry(key), .pfn = PFN_NONE};

        (void)drop(adi, &one, PATH_SWAPOFF);
    }
    return 0;
}

int swapkey_swap_read(struct adi *adi, const struct hook_args *args)
{
    static const adi_tag_t none[ADI_TAGS_PER_PAGE];

    adi_set_page_tags(adi, args->pfn, none);
    return 0;
}

static bool swapkey_saved(struct adi *adi, const struct mm *mm, gva_t va,
                          swp_entry_t entry,
                          adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    (void)mm;
    (void)va;
    return tagmap_load(&adi->by_entry, slot_key(entry), tags);
}

const struct adi_store store_swap = {
    .kind = STORE_SLOTS,
    .saved = swapkey_saved,
};
