// SPDX-License-Identifier: GPL-2.0-or-later
/* Invariants of tag stores, and of tags. */
#include <string.h>

#include "adi/match.h"
#include "adi/profile.h"
#include "adi/store_linux.h"
#include "adi/tags.h"
#include "check/internal.h"
#include "check/predict.h"
#include "judge/ledger.h"
#include "mm/mapping.h"
#include "swap/cache.h"
#include "swap/slot.h"
#include "swap/slotcache.h"

/* What a walk of a store adds up. */
struct sum {
    struct check *c;
    struct mm *mm;
    uint64_t copies, bytes;
};

/* 3: a copy of a page is kept only while a swap entry stands for it */
static bool check_saved_has_entry(struct check *c, struct mm *mm,
                                  const struct adi_store_part *part)
{
    const pte_t *ptep = mm_pte(mm, part->start);
    struct page at = {.mm = mm, .va = part->start};

    if (ptep && is_swap_pte(*ptep) && !non_swap_entry(pte_to_swp_entry(*ptep)))
        return true;
    return BROKEN(c, 3, &at, "a copy is kept, and the pte is 0x%llx",
                  ptep ? llu(ptep->v) : 0);
}

/* 17: a copy of a slot is kept only while the slot is in use, or its end
 * waits for others' */
static bool check_slot_copy_is_in_use(struct check *c,
                                      const struct adi_store_part *part)
{
    swp_entry_t entry = part->entry, waiting;
    bool freed;

    if (swp_offset(entry) < c->books.nr_slots[swp_type(entry)] &&
        (slot_count(c->swap, entry) > 0 || cache_find(c->swap, entry)))
        return true;
    for (unsigned n = 0; slotcache_nth(c->swap, n, &waiting, &freed); n++)
        if (freed && waiting.v == entry.v)
            return true;
    return BROKEN(c, 17, NULL, "a copy is kept for the free slot 0x%llx",
                  llu(entry.v));
}

static void add_part(void *ctx, const struct adi_store_part *part)
{
    struct sum *sum = ctx;

    sum->copies += linux_users(part->users);
    sum->bytes += part->bytes;
    if (part->kind == ADI_PART_PAGE)
        (void)check_saved_has_entry(sum->c, sum->mm, part);
    else if (part->kind == ADI_PART_SLOT)
        (void)check_slot_copy_is_in_use(sum->c, part);
}

/* 5: the descriptors of an address space are disjoint, and their buffers large
 */
static bool check_descs_are_disjoint(struct check *c, struct mm *mm)
{
    struct linux_desc a, b;

    for (unsigned i = 0; linux_store_desc(mm, i, &a); i++) {
        if (linux_users(a.users) == 0)
            continue;
        if (a.buf == 0 || a.bytes * 2 * ADI_BLKSZ < a.end - a.start + 1)
            return BROKEN(c, 5, NULL, "mm %u: descriptor 0x%llx has %llu bytes",
                          (unsigned)mm_id(mm), llu(a.start), llu(a.bytes));
        for (unsigned k = 0; k < i && linux_store_desc(mm, k, &b); k++)
            if (linux_users(b.users) && a.start <= b.end && b.start <= a.end)
                return BROKEN(c, 5, NULL,
                              "mm %u: descriptors 0x%llx and 0x%llx overlap",
                              (unsigned)mm_id(mm), llu(a.start), llu(b.start));
    }
    return true;
}

/* 1, 2: users are the saves that were not released */
static bool check_users_match_saved(struct check *c, struct mm *mm)
{
    const struct descs *descs = predict_descs(c->predict, mm_id(mm));
    static const struct desc none;
    struct linux_desc d;

    for (unsigned n = 0; linux_store_desc(mm, n, &d); n++) {
        const struct desc *want = descs ? descs_nth(descs, n) : &none;

        if (d.users != want->users || d.start != want->start ||
            d.end != want->end)
            return BROKEN(c, 1, NULL,
                          "mm %u: descriptor %u at 0x%llx has %llu users, not "
                          "%llu at 0x%llx",
                          (unsigned)mm_id(mm), n, llu(d.start), llu(d.users),
                          llu(want->users), llu(want->start));
    }
    return true;
}

/* 6: what a buffer holds for a page is what was saved, and 0 where nothing */
static bool check_buffer_holds_saved(struct check *c, const struct page *p)
{
    const struct descs *descs = predict_descs(c->predict, mm_id(p->mm));
    adi_tag_t have[ADI_TAGS_PER_PAGE], want[ADI_TAGS_PER_PAGE];
    bool saved = adi_saved_tags(c->adi, p->mm, p->va, p->entry, have);
    bool wanted = descs && descs_saved(descs, p->va, want);

    if (saved == wanted && (!saved || memcmp(have, want, sizeof(have)) == 0))
        return true;
    return BROKEN(c, 6, p, "in a descriptor %d, predicted %d, or other tags",
                  saved, wanted);
}

/* 9: the bytes of a store are those of its parts */
static bool check_bytes_add_up(struct check *c, const struct sum *sum)
{
    struct adi_store_use use = adi_store_use(c->adi);

    if (use.bytes == sum->bytes)
        return true;
    return BROKEN(c, 9, NULL, "%llu bytes in use, %llu reachable",
                  llu(use.bytes), llu(sum->bytes));
}

/* 2: a store by page, or by slot, counts each copy once */
static bool check_copies_add_up(struct check *c, const struct sum *sum)
{
    struct adi_store_use use = adi_store_use(c->adi);

    if (use.pages == sum->copies)
        return true;
    return BROKEN(c, 2, NULL, "%llu copies counted, %llu there", llu(use.pages),
                  llu(sum->copies));
}

/* ------------------------------------------------------------------ tags */

/* The tags that a swap-in of @entry would show, from store or frame. */
static void tags_to_come(struct check *c, const struct mm *mm, gva_t va,
                         swp_entry_t entry,
                         adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    const struct folio *folio = cache_find(c->swap, entry);
    bool by_slot = predict_store(c->predict) == STORE_SLOTS;
    /* One that could not be read, and was mapped all the same (before v5.19),
     * comes from the cache until it is written. */
    bool fresh = !folio || !(folio_test(folio, PG_uptodate) ||
                             folio_test(folio, PG_dirty));

    if (folio && by_slot && folio_test(folio, PG_tags_away))
        fresh = true;
    if ((fresh || !by_slot) && adi_saved_tags(c->adi, mm, va, entry, tags))
        return;
    if (!fresh)
        memcpy(tags, tagmem_page(adi_tagmem(c->adi), phys_pfn(c->ph, folio)),
               ADI_TAGS_PER_PAGE);
    else
        memset(tags, 0, ADI_TAGS_PER_PAGE);
}

static bool tags_agree(struct check *c, const struct page *p,
                       const adi_tag_t *tags, bool undefined, unsigned *block)
{
    const uint8_t *known;
    const adi_tag_t *want =
        judge_expects(c->judge, mm_id(p->mm), p->va, &known);

    if (want && !undefined && memcmp(want, tags, ADI_TAGS_PER_PAGE) == 0)
        return true;
    for (*block = 0; *block < ADI_TAGS_PER_PAGE; ++*block) {
        if (undefined && !(known && known[*block]))
            continue;
        if (tags[*block] != (want ? want[*block] : 0))
            return false;
    }
    return true;
}

/* Pages of files start with the tags that the frame happens to have. */
static bool is_undefined(const struct page *p)
{
    return p->vma->mapping &&
           !(mapping_is_shmem(p->vma->mapping) && p->vma->flags & VM_MAYSHARE);
}

/* 7, 8: a page shows the tags that its program set, and 0 where it did not */
static bool check_frame_has_its_tags(struct check *c, const struct page *p)
{
    const adi_tag_t *tags;
    unsigned block;

    if (!pte_present(p->pte) || !pte_mcd(p->pte))
        return true;
    tags = tagmem_page(adi_tagmem(c->adi), pte_pfn(p->pte));
    if (tags_agree(c, p, tags, is_undefined(p), &block) ||
        predict_bugs(c->predict, p->mm, p->va))
        return true;
    return BROKEN(c, 7, p, "frame %u block %u has tag %u",
                  (unsigned)pte_pfn(p->pte), block, tags[block]);
}

/* 4: a page in swap will show the tags that its program set */
static bool check_saved_tags_are_right(struct check *c, const struct page *p)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    unsigned block;

    if (pte_present(p->pte) || non_swap_entry(p->entry))
        return true;
    tags_to_come(c, p->mm, p->va, p->entry, tags);
    if (tags_agree(c, p, tags, is_undefined(p), &block) ||
        predict_bugs(c->predict, p->mm, p->va))
        return true;
    return BROKEN(c, 4, p, "slot 0x%llx block %u would come back with tag %u",
                  llu(p->entry.v), block, tags[block]);
}

bool check_page_tags(struct check *c, const struct page *p)
{
    if ((c->late && predict_store(c->predict) == STORE_DESCS) ||
        predict_is_wild(c->predict, mm_id(p->mm)))
        return true;
    if (!check_frame_has_its_tags(c, p))
        return false;
    if (predict_store(c->predict) != STORE_DESCS)
        return check_saved_tags_are_right(c, p);
    return pte_present(p->pte) || non_swap_entry(p->entry) ||
           check_buffer_holds_saved(c, p);
}

/* B20: freed memory was used, and sums say nothing from here on. */
static bool went_wild(const struct check *c)
{
    for (size_t i = 0; c->late && i < judge_nr_misreleases(c->judge); i++)
        if (judge_misrelease(c->judge, i)->kind == RELEASE_FREED)
            return true;
    return predict_went_wild(c->predict);
}

bool check_store(struct check *c)
{
    bool descs = predict_store(c->predict) == STORE_DESCS;
    struct sum sum = {.c = c};
    struct linux_desc d;

    for (struct mm *mm = memory_first_mm(c->mem); mm; mm = memory_next_mm(mm)) {
        sum.mm = mm;
        adi_store_walk(c->adi, mm, add_part, &sum);
        if (!descs)
            continue;
        if (linux_store_desc(mm, 0, &d))
            sum.bytes += PAGE_SIZE; /* the descriptors themselves */
        if (predict_is_wild(c->predict, mm_id(mm)))
            continue;
        if (!check_descs_are_disjoint(c, mm) ||
            (!c->late && !check_users_match_saved(c, mm)))
            return false;
    }
    sum.mm = NULL;
    adi_store_walk(c->adi, NULL, add_part, &sum);
    if (c->failed)
        return false;
    if (went_wild(c))
        return true;
    if (!check_copies_add_up(c, &sum))
        return false;
    sum.bytes += predict_orphaned(c->predict);
    return (c->late && descs) || check_bytes_add_up(c, &sum);
}

/* 12: a mismatch is reported where pointer and memory do not match */
bool check_mismatch(struct check *c, struct mm *mm, uint64_t va)
{
    gva_t canon = untagged_addr(va);
    struct page at = {.mm = mm, .va = page_align_down(canon)};
    const uint8_t *known;
    const adi_tag_t *want = judge_expects(c->judge, mm_id(mm), canon, &known);
    unsigned block = page_offset(canon) / ADI_BLKSZ;
    const struct vma *vma = vma_lookup(mm, canon);

    if (c->failed || !vma || predict_bugs(c->predict, mm, canon))
        return !c->failed;
    if (!want || (vma->mapping && !known[block]))
        return want || vma->mapping ||
               BROKEN(c, 12, &at, "pointer 0x%llx to a page without tags",
                      llu(va));
    if (!adi_match(want[block], va_tag(va)))
        return true;
    return BROKEN(c, 12, &at, "pointer 0x%llx, and the memory has tag %u",
                  llu(va), want[block]);
}
