// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/state.h"

#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/store_linux.h"
#include "base/heap.h"
#include "explore/bytes.h"
#include "explore/writer.h"
#include "judge/judge.h"
#include "judge/look.h"
#include "mm/mapping.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "script/alone.h"
#include "swap/cache.h"
#include "swap/slot.h"

/* Nothing of these bears on what a path will do but reclaim, which no step
 * asks for. */
#define FLAGS_LEFT_OUT                                                         \
    (UINT32_C(1) << PG_lru | UINT32_C(1) << PG_active |                        \
     UINT32_C(1) << PG_referenced | UINT32_C(1) << PG_pristine)

/* @page NULL: zeros */
static void put_bytes(struct writer *t, const uint8_t *page)
{
    for (unsigned o = 0; o < t->scope->nr_offsets; o++)
        put(t, page ? page[t->scope->offsets[o]] : 0);
}

/* The oracle's word on a page. */
static void put_expected(struct writer *t, const adi_tag_t *tags,
                         const uint8_t *known)
{
    put(t, tags != NULL);
    if (!tags)
        return;
    put_tags(t, tags);
    put_tags(t, known);
}

/* ------------------------------------------------------ address spaces */

static void put_swap_pte(struct writer *t, pte_t pte)
{
    swp_entry_t entry = pte_to_swp_entry(pte);

    put(t, 2);
    put(t, swp_type(entry));
    put(t, pte_swp_exclusive(pte));
    if (non_swap_entry(entry))
        put64(t, swp_offset(entry));
    else
        put_name(t, &t->slots, entry.v);
}

static void put_pte(struct writer *t, struct mm *mm, gva_t va)
{
    const pte_t *ptep = mm_pte(mm, va);
    pte_t pte = ptep ? *ptep : (pte_t){0};

    if (pte_none(pte)) {
        put(t, 0);
    } else if (!pte_present(pte)) {
        put_swap_pte(t, pte);
    } else {
        put(t, 1);
        put64(t, pte.v & ~(PTE_PADDR | PTE_ACCESSED));
        put(t, pte_pfn(pte) ? name(&t->frames, pte_pfn(pte)) : 0);
    }
}

static void put_saved(struct writer *t, const struct mm *mm, gva_t va,
                      swp_entry_t entry)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    bool saved = adi_saved_tags(t->adi, mm, va, entry, tags);

    put(t, saved);
    if (saved)
        put_tags(t, tags);
}

static void put_area(void *ctx, const struct vma *vma)
{
    struct writer *t = ctx;

    put(t, process_of(t, mm_id(vma->mm)));
    put64(t, vma->start);
}

/* In this order they are found by rmap. */
static void put_areas_of(struct writer *t, const struct mapping *m)
{
    const struct vma *vma = mapping_first_vma(m, 0, UINT64_MAX);

    for (; vma; vma = mapping_next_vma(vma, 0, UINT64_MAX))
        put_area(t, vma);
    put(t, 0);
}

/* The name of an object, and the first time, what is in it. */
static void put_object(struct writer *t, struct mapping *m)
{
    unsigned known = t->objects.nr;

    put_name(t, &t->objects, mapping_id(m));
    if (t->objects.nr == known)
        return;
    put(t, mapping_is_shmem(m));
    put64(t, mapping_size(m));
    put_areas_of(t, m);
    for (unsigned i = 0; i < t->scope->object_pages; i++) {
        swp_entry_t entry = mapping_entry(m, i);
        const uint8_t *set;
        const adi_tag_t *tags =
            judge_object_expects(t->judge, mapping_id(m), i, &set);

        put_expected(t, tags, set);
        put_frame(t, mapping_find(m, i));
        put_bytes(t, drive_file_page(alone_drive(t->alone), m, i));
        if (swp_valid(entry) && !non_swap_entry(entry)) {
            put_name(t, &t->slots, entry.v);
            put_saved(t, NULL, 0, entry);
        } else {
            put64(t, entry.v);
        }
    }
}

/* Whose pages a page of the area may be, and whether it can be merged. */
static void put_chain(struct writer *t, const struct vma *vma)
{
    const struct anon_vma *av, *root;

    put_pointer(t, &t->trees, vma->anon_vma);
    for (unsigned n = 0; (av = anon_vma_nth(vma, n, &root)) != NULL; n++) {
        put_pointer(t, &t->trees, av);
        put_pointer(t, &t->trees, root);
    }
    put(t, 0);
}

static void put_vma(struct writer *t, const struct vma *vma)
{
    put64(t, vma->start);
    put64(t, vma->end);
    put64(t, vma->flags);
    put64(t, vma->pgoff);
    if (vma->mapping)
        put_object(t, vma->mapping);
    else
        put(t, 0);
    put_chain(t, vma);
}

/* What is known of a page, mapped or not. */
static void put_page(struct writer *t, struct mm *mm, gva_t va)
{
    const pte_t *ptep = mm_pte(mm, va);
    swp_entry_t entry = {0};
    const adi_tag_t *tags;
    const uint8_t *set;

    if (ptep && is_swap_pte(*ptep))
        entry = pte_to_swp_entry(*ptep);
    put_pte(t, mm, va);
    tags = judge_expects(t->judge, mm_id(mm), va, &set);
    put_expected(t, tags, set);
    if (!swp_valid(entry) || !non_swap_entry(entry))
        put_saved(t, mm, va, entry);
}

static void put_descs(struct writer *t, const struct mm *mm)
{
    struct linux_desc desc;
    unsigned nr_free = 0;

    for (unsigned n = 0; linux_store_desc(mm, n, &desc); n++) {
        if (desc.users == 0 && !desc.buf) {
            nr_free++;
            continue;
        }
        put(t, n);
        put64(t, desc.start);
        put64(t, desc.end);
        put64(t, desc.users);
        put_name(t, &t->buffers, desc.buf);
    }
    put(t, nr_free);
}

static void put_mm(struct writer *t, struct mm *mm)
{
    put(t, adi_mm_enabled(mm));
    put(t, mm_is_on_mmlist(mm));
    for (const struct vma *vma = vma_first(mm); vma; vma = vma_next(vma))
        put_vma(t, vma);
    put(t, 0);
    for (unsigned i = 0; i < t->scope->nr_pages; i++)
        put_page(t, mm, t->scope->pages[i]);
    if (adi_profile(t->adi)->store->kind == STORE_DESCS)
        put_descs(t, mm);
}

static void put_processes(struct writer *t)
{
    for (uint32_t p = 1; p <= WORLD_MAX_PROCESSES; p++) {
        t->mms[p] = drive_find_mm(alone_drive(t->alone), p);
        put(t, t->mms[p] != NULL);
    }
    /* In this order swapoff walks them. */
    for (struct mm *mm = memory_first_mm(t->mem); mm; mm = memory_next_mm(mm))
        put(t, process_of(t, mm_id(mm)));
    for (uint32_t p = 1; p <= WORLD_MAX_PROCESSES; p++)
        if (t->mms[p])
            put_mm(t, t->mms[p]);
    for (unsigned i = 0; i < t->trees.nr; i++) {
        anon_vma_walk((const void *)(uintptr_t)t->trees.of[i], put_area, t);
        put(t, 0);
    }
}

/* ------------------------------------------------------ objects and pins */

#define MAX_PINS 512 /* two for each step of the longest sequence */

static bool is_pin_behind(const struct writer *t, const struct drive_pinned *a,
                          const struct drive_pinned *b)
{
    uint32_t pa = process_of(t, a->mm), pb = process_of(t, b->mm);

    return pa != pb ? pa > pb : a->va > b->va;
}

static void put_objects(struct writer *t)
{
    struct drive_numbered object;
    unsigned n;

    for (n = 0; drive_nth_object(alone_drive(t->alone), n, &object); n++) {
        put(t, object.number);
        put_object(t, object.mapping);
    }
    put(t, n);
}

/* In the order of the pages that they were taken at, as one is given back. */
static void put_pins(struct writer *t)
{
    struct drive_pinned pins[MAX_PINS], pin;
    unsigned nr = 0;

    for (; drive_nth_pin(alone_drive(t->alone), nr, &pin); nr++) {
        unsigned to = nr;

        INVARIANT(nr < MAX_PINS);
        while (to > 0 && is_pin_behind(t, &pins[to - 1], &pin)) {
            pins[to] = pins[to - 1];
            to--;
        }
        pins[to] = pin;
    }
    for (unsigned n = 0; n < nr; n++) {
        put(t, process_of(t, pins[n].mm));
        put64(t, pins[n].va);
        put_frame(t, pins[n].folio);
    }
    put(t, nr);
}

/* ------------------------------------------------------------ swap slots */

static void put_slot(struct writer *t, swp_entry_t entry)
{
    struct swap_device dev;

    /* A copy may outlive its device, if the kernel forgets it. */
    if (!swap_device(t->swap, swp_type(entry), &dev)) {
        put_saved(t, NULL, 0, entry);
        return;
    }
    put(t, slot_count(t->swap, entry));
    put(t, slot_has_cache(t->swap, entry));
    put(t, swap_entry_is_zero(t->swap, entry));
    put_bytes(t, swap_entry_is_zero(t->swap, entry)
                     ? NULL
                     : alone_slot_page(t->alone, entry));
    put_frame(t, cache_find(t->swap, entry));
    put_saved(t, NULL, 0, entry);
}

/* As their pages are named, not as they lie on the device. */
static void name_slots_and_frames(struct writer *t)
{
    for (unsigned i = 0; i < t->frames.nr; i++) {
        const struct folio *folio = phys_folio(t->ph, (pfn_t)t->frames.of[i]);

        if (folio_test(folio, PG_swapcache))
            (void)name(&t->slots, folio->swap.v);
    }
    for (unsigned i = 0; i < t->slots.nr; i++) {
        const struct folio *folio =
            cache_find(t->swap, (swp_entry_t){t->slots.of[i]});

        if (folio)
            (void)name(&t->frames, phys_pfn(t->ph, folio));
    }
}

static void name_slots(struct writer *t, unsigned type, uint64_t slots)
{
    for (uint64_t i = 1; i <= slots; i++) {
        swp_entry_t entry = swp_entry(type, i);

        if (slot_count(t->swap, entry) > 0 || slot_has_cache(t->swap, entry))
            (void)name(&t->slots, entry.v);
    }
}

static void put_slots(struct writer *t)
{
    struct swapdev_faults faults = alone_failing(t->alone);
    struct swap_device dev;

    for (unsigned type = 0; type < SWP_MAX_FILES; type++) {
        if (!swap_device(t->swap, type, &dev))
            continue;
        put(t, type);
        name_slots(t, type, dev.pages);
    }
    for (unsigned i = 0; i < t->slots.nr; i++)
        put_slot(t, (swp_entry_t){t->slots.of[i]});
    put64(t, faults.read_in);
    put64(t, faults.write_in);
    put64(t, adi_failing(t->adi));
}

/* ----------------------------------------------------------------- frames */

/* Else its anon_vma may be gone, and another be in its place. */
static bool has_anon_vma(const struct writer *t, const struct folio *folio)
{
    return folio->mapcount > 0 || (folio_test(folio, PG_swapcache) &&
                                   slot_count(t->swap, folio->swap) > 0);
}

static void put_owner(struct writer *t, const struct folio *folio)
{
    if (!folio_test(folio, PG_anon))
        put_name(t, &t->objects,
                 folio->mapping ? mapping_id(folio->mapping) : 0);
    else
        put(t, has_anon_vma(t, folio)
                   ? known(&t->trees, (uintptr_t)folio->anon_vma)
                   : 0);
    put64(t, folio->index);
    put_name(t, &t->slots, folio_test(folio, PG_swapcache) ? folio->swap.v : 0);
}

/* What is in the next frame to be handed out is in all of them. */
static void put_frames(struct writer *t)
{
    put(t, phys_left(t->ph));
    for (unsigned i = 0; i < t->frames.nr; i++) {
        pfn_t pfn = (pfn_t)t->frames.of[i];
        const struct folio *folio = phys_folio(t->ph, pfn);

        put(t, folio->flags & ~FLAGS_LEFT_OUT);
        put(t, (uint32_t)folio->refcount);
        put(t, (uint32_t)folio->mapcount);
        put(t, (uint32_t)folio->pins);
        put(t, folio->node);
        put_owner(t, folio);
        put_bytes(t, phys_page(t->ph, pfn));
        put_tags(t, tagmem_page(adi_tagmem(t->adi), pfn));
        put(t, judge_frame_tags_by(t->judge, pfn));
    }
}

static void put_known_bytes(struct writer *t)
{
    uint64_t hash[2] = {0, 0};

    if (world_bytes(t->w))
        bytes_hash(world_bytes(t->w), hash);
    put64(t, hash[0]);
    put64(t, hash[1]);
}

struct state_key state_key(struct world *w, const struct scope *scope)
{
    static struct writer t; /* large, and there is one thread */
    struct state_key key;
    XXH128_hash_t hash;

    t.w = w;
    t.scope = scope;
    t.alone = world_alone(w);
    t.mem = alone_memory(t.alone);
    t.ph = memory_phys(t.mem);
    t.adi = alone_adi(t.alone);
    t.swap = alone_swap(t.alone);
    t.judge = alone_judge(t.alone);
    t.nr = 0;
    t.frames.nr = t.slots.nr = t.buffers.nr = t.objects.nr = t.trees.nr = 0;
    put_processes(&t);
    put_objects(&t);
    put_pins(&t);
    name_slots_and_frames(&t);
    put_judges(&t);
    put_slots(&t);
    put_frames(&t);
    put_known_bytes(&t);
    hash = XXH3_128bits(t.words, t.nr * sizeof(t.words[0]));
    key = (struct state_key){.low = hash.low64, .high = hash.high64};
    if (key.low == 0)
        key.low = 1;
    return key;
}
