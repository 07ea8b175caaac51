// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/state.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/store_linux.h"
#include "adi/tags.h"
#include "base/heap.h"
#include "base/invariant.h"
#include "explore/bytes.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/look.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "script/alone.h"
#include "swap/cache.h"
#include "swap/slot.h"

#define MAX_WORDS (1u << 18)
#define MAX_NAMES 8192

/* Nothing of these bears on what a path will do but reclaim, which no step
 * asks for. */
#define FLAGS_LEFT_OUT                                                         \
    (UINT32_C(1) << PG_lru | UINT32_C(1) << PG_active |                        \
     UINT32_C(1) << PG_referenced | UINT32_C(1) << PG_pristine)

/* Things of one kind, in the order in which they were named. */
struct names {
    unsigned nr;
    uint64_t of[MAX_NAMES];
};

struct writer {
    struct world *w;
    const struct scope *scope;
    struct alone *alone;
    struct memory *mem;
    struct phys *ph;
    struct adi *adi;
    struct swap *swap;
    struct judge *judge;
    struct mm *mms[WORLD_MAX_PROCESSES + 1]; /* by number of the process */
    struct names frames, slots, buffers, objects, trees;
    unsigned nr;
    uint32_t words[MAX_WORDS];
};

static void put(struct writer *t, uint32_t word)
{
    INVARIANT(t->nr < MAX_WORDS);
    t->words[t->nr++] = word;
}

static void put64(struct writer *t, uint64_t v)
{
    put(t, (uint32_t)v);
    put(t, (uint32_t)(v >> 32));
}

/* From 1. */
static unsigned name(struct names *names, uint64_t of)
{
    unsigned i = 0;

    while (i < names->nr && names->of[i] != of)
        i++;
    if (i == names->nr) {
        INVARIANT(names->nr < MAX_NAMES);
        names->of[names->nr++] = of;
    }
    return i + 1;
}

/* 0: there is none. */
static void put_name(struct writer *t, struct names *names, uint64_t of)
{
    put(t, of ? name(names, of) : 0);
}

static void put_pointer(struct writer *t, struct names *names, const void *p)
{
    put_name(t, names, (uintptr_t)p);
}

static void put_frame(struct writer *t, const struct folio *folio)
{
    put_name(t, &t->frames, folio ? phys_pfn(t->ph, folio) : 0);
}

/* The process of an address space; 0: of none that is alive. */
static uint32_t process_of(const struct writer *t, uint32_t mm)
{
    for (uint32_t p = 1; p <= WORLD_MAX_PROCESSES; p++)
        if (t->mms[p] && mm_id(t->mms[p]) == mm)
            return p;
    return 0;
}

static void put_tags(struct writer *t,
                     const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    int uniform = tags_uniform(tags);

    put(t, (uint32_t)uniform);
    if (uniform < 0)
        put64(t, XXH3_64bits(tags, ADI_TAGS_PER_PAGE));
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

/* The name of an object, and the first time, what is in it. */
static void put_object(struct writer *t, struct mapping *m)
{
    unsigned known = t->objects.nr;

    put_name(t, &t->objects, mapping_id(m));
    if (t->objects.nr == known)
        return;
    put(t, mapping_is_shmem(m));
    put64(t, mapping_size(m));
    for (unsigned i = 0; i < t->scope->object_pages; i++) {
        swp_entry_t entry = mapping_entry(m, i);

        put_frame(t, mapping_find(m, i));
        if (swp_valid(entry) && !non_swap_entry(entry)) {
            put_name(t, &t->slots, entry.v);
            put_saved(t, NULL, 0, entry);
        } else {
            put64(t, entry.v);
        }
    }
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
    put_pointer(t, &t->trees, vma->anon_vma);
}

static void put_expected(struct writer *t, struct mm *mm, gva_t va)
{
    const uint8_t *known;
    const adi_tag_t *tags = judge_expects(t->judge, mm_id(mm), va, &known);

    put(t, tags != NULL);
    if (!tags)
        return;
    put_tags(t, tags);
    put_tags(t, known);
}

/* What is known of a page, mapped or not. */
static void put_page(struct writer *t, struct mm *mm, gva_t va)
{
    const pte_t *ptep = mm_pte(mm, va);
    swp_entry_t entry = {0};

    if (ptep && is_swap_pte(*ptep))
        entry = pte_to_swp_entry(*ptep);
    put_pte(t, mm, va);
    put_expected(t, mm, va);
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
}

/* ------------------------------------------------------ objects and pins */

static void put_objects(struct writer *t)
{
    struct drive_numbered object;
    struct drive_pinned pin;
    unsigned n;

    for (n = 0; drive_nth_object(alone_drive(t->alone), n, &object); n++) {
        put(t, object.number);
        put_object(t, object.mapping);
    }
    put(t, n);
    for (n = 0; drive_nth_pin(alone_drive(t->alone), n, &pin); n++) {
        put(t, process_of(t, pin.mm));
        put64(t, pin.va);
        put_frame(t, pin.folio);
    }
    put(t, n);
}

/* ------------------------------------------------------------ swap slots */

/* @page NULL: zeros */
static void put_bytes(struct writer *t, const uint8_t *page)
{
    for (unsigned o = 0; o < t->scope->nr_offsets; o++)
        put(t, page ? page[t->scope->offsets[o]] : 0);
}

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
    put_frame(t, cache_find(t->swap, entry));
    put_saved(t, NULL, 0, entry);
    put_bytes(t, swap_entry_is_zero(t->swap, entry)
                     ? NULL
                     : alone_slot_page(t->alone, entry));
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

static bool put_mapping_of(const struct rmap_pte *at, void *arg)
{
    struct writer *t = arg;

    put(t, process_of(t, mm_id(at->mm)));
    put64(t, at->addr);
    return true;
}

static void put_owner(struct writer *t, const struct folio *folio)
{
    if (folio_test(folio, PG_anon))
        put_pointer(t, &t->trees, folio->anon_vma);
    else
        put_name(t, &t->objects,
                 folio->mapping ? mapping_id(folio->mapping) : 0);
    put64(t, folio->index);
    put_name(t, &t->slots, folio_test(folio, PG_swapcache) ? folio->swap.v : 0);
    /* In this order its mappings are found. */
    if (folio->mapcount > 1)
        (void)rmap_walk(t->mem, (struct folio *)(uintptr_t)folio,
                        phys_pfn(t->ph, folio), RMAP_PRESENT, put_mapping_of,
                        t);
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

/* ---------------------------------------------------- what the judges know */

#define MAX_SHOWN 8192

struct shown {
    struct writer *t;
    unsigned nr_copies, nr_trails;
    struct judge_copy copies[MAX_SHOWN];
    struct judge_trail trails[MAX_SHOWN];
};

static void keep_copy(void *ctx, const struct judge_copy *copy)
{
    struct shown *s = ctx;

    INVARIANT(s->nr_copies < MAX_SHOWN);
    s->copies[s->nr_copies++] = *copy;
}

static void keep_trail(void *ctx, const struct judge_trail *trail)
{
    struct shown *s = ctx;

    INVARIANT(s->nr_trails < MAX_SHOWN);
    s->trails[s->nr_trails++] = *trail;
}

/* Address spaces by their process, and pages by address. */
static bool is_behind(const struct writer *t, const struct judge_page *a,
                      const struct judge_page *b)
{
    uint32_t pa = process_of(t, a->mm), pb = process_of(t, b->mm);

    if (pa != pb)
        return pa > pb;
    return a->object != b->object ? a->object > b->object : a->index > b->index;
}

/*
 * Few are sorted by insertion: the copies of a page stay in their order.
 *
 * @base: @nr things of @size bytes, each of which begins with its page
 */
static void sort_by_page(const struct writer *t, void *base, unsigned nr,
                         size_t size)
{
    uint8_t *at = base, one[sizeof(struct judge_trail)];

    INVARIANT(size <= sizeof(one));
    for (unsigned i = 1; i < nr; i++) {
        unsigned to = i;

        memcpy(one, at + i * size, size);
        while (to > 0 && is_behind(t, (const void *)(at + (to - 1) * size),
                                   (const void *)one))
            to--;
        memmove(at + (to + 1) * size, at + to * size, (i - to) * size);
        memcpy(at + to * size, one, size);
    }
}

static void sort_copies(struct shown *s)
{
    sort_by_page(s->t, s->copies, s->nr_copies, sizeof(s->copies[0]));
}

static void put_space(struct writer *t, uint32_t mm, uint64_t object)
{
    put(t, process_of(t, mm));
    put_name(t, &t->objects, object);
}

static void put_copies(struct writer *t, const struct shown *s)
{
    for (unsigned i = 0; i < s->nr_copies; i++) {
        const struct judge_copy *c = &s->copies[i];

        put_space(t, c->page.mm, c->page.object);
        put64(t, c->page.index);
        put_name(t, &t->buffers, c->buf);
        put(t, c->cut ? (uint32_t)c->by + 1 : 0);
        put(t, c->at_exit);
        put(t, c->judged);
    }
    put(t, s->nr_copies);
}

static void put_trails(struct writer *t, const struct shown *s)
{
    for (unsigned i = 0; i < s->nr_trails; i++) {
        const struct judge_trail *r = &s->trails[i];

        put_space(t, r->page.mm, r->page.object);
        put64(t, r->page.index);
        put(t, (uint32_t)(r->away | r->copy << 1 | r->bare << 2 |
                          r->wrote_first << 3 | r->over_first << 4));
        put_name(t, &t->buffers,
                 r->copy || r->left != CAUSE_UNKNOWN ? r->buf : 0);
        put(t, r->lost);
        put(t, r->wrote);
        put(t, r->left);
        put(t, r->over);
    }
    put(t, s->nr_trails);
}

/* By the names that their pages gave them, and those of no page behind. */
static void name_slots_of_copies(struct shown *s)
{
    sort_copies(s);
    for (unsigned i = 0; i < s->nr_copies; i++) {
        struct judge_copy *c = &s->copies[i];

        if (!c->page.mm && !c->page.object)
            c->page.index = name(&s->t->slots, c->page.index);
    }
}

static void put_judges(struct writer *t)
{
    static struct shown s; /* large, too */

    s.t = t;
    s.nr_copies = s.nr_trails = 0;
    judge_walk_copies(t->judge, keep_copy, &s);
    judge_walk_trails(t->judge, keep_trail, &s);
    name_slots_of_copies(&s);
    sort_copies(&s);
    sort_by_page(t, s.trails, s.nr_trails, sizeof(s.trails[0]));
    put_copies(t, &s);
    put_trails(t, &s);
    put(t, judge_taken_by(t->judge));
    put(t, judge_kernel_bug(t->judge) != NULL);
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
