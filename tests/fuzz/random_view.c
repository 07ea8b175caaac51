// SPDX-License-Identifier: GPL-2.0-or-later
/* What processes would see, found without a fault, against the plain model. */
#include <stdlib.h>
#include <string.h>

#include "adi/tags.h"
#include "check/check.h"
#include "judge/finding.h"
#include "mm/madvise.h"
#include "mm/mmap.h"
#include "mm/vma.h"
#include "swap/cache.h"
#include "random_run.h"

/* A page wherever it is. */
struct view {
    const uint8_t *bytes; /* NULL: all 0 */
    adi_tag_t tags[NR_BLOCKS];
    bool unknown; /* the tags are the frame's that will be read into */
    bool present;
    bool unread; /* mapped all the same when it could not be read (v5.17) */
    bool none;   /* no entry, nothing in the cache: new at the next access */
    bool copy;   /* anonymous: mlock() copies pages ahead of a store */
    bool dead;   /* a marker of a lost page */
    bool guard;  /* or of a guard */
};

static void view_frame(struct run *r, const struct folio *folio, struct view *v)
{
    v->bytes = memory_folio_bytes(r->mem, folio);
    memcpy(v->tags,
           tagmem_page(adi_tagmem(r->adi), memory_folio_pfn(r->mem, folio)),
           sizeof(v->tags));
}

/* In swap: the cache has it, or the device; and the store its tags. */
static void view_swapped(struct run *r, const struct mm *mm, gva_t va,
                         swp_entry_t entry, struct view *v)
{
    const struct folio *folio = cache_find(r->swap, entry);
    adi_tag_t saved[NR_BLOCKS];
    bool in_frame = false;

    /* v5.17 maps what it could not read; stored to, that is the page. */
    if (folio &&
        (folio_test(folio, PG_uptodate) || folio_test(folio, PG_dirty))) {
        view_frame(r, folio, v);
        in_frame = !folio_test(folio, PG_tags_away);
    } else if (!swap_entry_is_zero(r->swap, entry)) {
        for (unsigned n = 0; n < NR_DEVICES; n++)
            if (r->device[n].type == (int)swp_type(entry))
                v->bytes = r->device[n].pages + swp_offset(entry) * PAGE_SIZE;
    }
    /* Stores by slot are asked only when the page was read. */
    if (in_frame && !r->profile->hooks[HOOK_UNMAP_SWAP])
        return;
    if (!in_frame)
        memset(v->tags, 0, sizeof(v->tags));
    if (adi_saved_tags(r->adi, mm, va, entry, saved))
        memcpy(v->tags, saved, sizeof(v->tags));
    else if (!in_frame)
        v->unknown = r->profile->hooks[HOOK_SWAP_READ] == NULL;
}

static const uint8_t *on_disk(const struct run *r, const struct mapping *m)
{
    for (unsigned o = 1; o <= NR_OBJECTS; o++)
        if (r->object[o] == m)
            return r->file[o].bytes;
    return NULL;
}

static void view_none(struct run *r, const struct vma *vma, gva_t va,
                      struct view *v)
{
    const struct folio *folio;
    swp_entry_t entry;
    uint64_t index;

    v->none = true;
    if (!vma || !vma->mapping) /* in the middle of mremap: not here any more */
        return;
    index = vma_index(vma, va);
    folio = mapping_find(vma->mapping, index);
    entry = mapping_entry(vma->mapping, index);
    if (folio) {
        v->none = false;
        view_frame(r, folio, v);
    } else if (swp_valid(entry) && !non_swap_entry(entry)) {
        v->none = false;
        view_swapped(r, NULL, 0, entry, v);
    } else if (index < OBJECT_PAGES) { /* a write(2) that found no frame */
        v->bytes = on_disk(r, vma->mapping) + index * PAGE_SIZE;
    }
}

static struct view view_page(struct run *r, struct mm *mm, gva_t va)
{
    const struct vma *vma = vma_lookup(mm, va);
    const pte_t *ptep = mm_pte(mm, va);
    struct view v = {0};
    swp_entry_t entry;

    if (!ptep || pte_none(*ptep)) {
        view_none(r, vma, va, &v);
        return v;
    }
    if (pte_present(*ptep)) {
        const struct folio *folio =
            phys_folio(memory_phys(r->mem), pte_pfn(*ptep));

        v.present = true;
        v.copy = folio_test(folio, PG_anon);
        v.unread = v.copy && !folio_test(folio, PG_uptodate);
        view_frame(r, folio, &v);
        return v;
    }
    entry = pte_to_swp_entry(*ptep);
    v.dead = is_poison_entry(entry);
    v.guard = is_guard_entry(entry);
    v.copy = !non_swap_entry(entry);
    if (!non_swap_entry(entry))
        view_swapped(r, mm, va, entry, &v);
    return v;
}

static bool bytes_equal(const struct content *c, const uint8_t *bytes)
{
    for (unsigned b = 0; b < NR_BLOCKS; b++) {
        uint8_t first = bytes ? bytes[b * ADI_BLKSZ] : 0;
        uint8_t last = bytes ? bytes[b * ADI_BLKSZ + ADI_BLKSZ - 1] : 0;

        if (!c->any[b] && (first != c->byte[b] || last != c->byte[b]))
            return false;
    }
    return true;
}

/* To the end each time: without a way out the compiler takes 16 at once. */
static bool tags_equal(const struct content *c, const adi_tag_t *tags)
{
    unsigned other = 0;

    for (unsigned b = 0; b < NR_BLOCKS; b++)
        other |= c->known[b] & (c->tag[b] ^ tags[b] ? 1U : 0U);
    return other == 0;
}

static bool all_zero(const adi_tag_t *tags)
{
    return tags_uniform(tags) == 0;
}

void view_resolve_free(struct plain_page *page, const uint8_t *bytes,
                       const adi_tag_t *tags)
{
    static const struct content none;

    /* Old bytes are a sure sign; of two pages of 0 the tags must tell. */
    if (!bytes_equal(&page->c, bytes) ||
        (bytes_equal(&none, bytes) && all_zero(tags)))
        plain_fresh(page);
}

static void compare_area(const struct run *r, const struct plain_proc *proc,
                         const struct plain_page *page, struct mm *mm, gva_t va)
{
    const struct vma *vma = vma_lookup(mm, va);
    vm_flags_t want = 0, got;

    if (!page->mapped && !vma)
        return;
    if (!page->mapped || !vma)
        run_fail(r, "area", "pid %u 0x%llx: mapped %d, area %d", proc->pid,
                 (unsigned long long)va, page->mapped, vma != NULL);
    want |= page->prot & PROT_G_READ ? VM_READ : 0;
    want |= page->prot & PROT_G_WRITE ? VM_WRITE : 0;
    want |= page->prot & PROT_G_ADI ? VM_SPARC_ADI : 0;
    want |= page->shared ? VM_SHARED : 0;
    want |= page->locked ? VM_LOCKED : 0;
    want |= page->dontfork ? VM_DONTCOPY : 0;
    want |= page->wipe ? VM_WIPEONFORK : 0;
    got = vma->flags & (VM_READ | VM_WRITE | VM_EXEC | VM_SPARC_ADI |
                        VM_SHARED | VM_LOCKED | VM_DONTCOPY | VM_WIPEONFORK);
    if (want != got ||
        vma->mapping != (page->object ? r->object[page->object] : NULL) ||
        (page->object && vma_index(vma, va) != page->pgoff))
        run_fail(r, "flags", "pid %u 0x%llx: area has 0x%llx, not 0x%llx",
                 proc->pid, (unsigned long long)va, (unsigned long long)got,
                 (unsigned long long)want);
}

/* The page that a finding is about; NULL: of a process that has ended */
static struct plain_page *page_of(struct run *r, const struct finding *f)
{
    int i = plain_index(&r->plain, f->va);

    for (unsigned n = 0; i >= 0 && n < MAX_PROCS; n++)
        if (r->plain.proc[n].pid && mm_id(r->mm[n]) == f->mm)
            return &r->plain.proc[n].page[i];
    return NULL;
}

/* Has the report told of it, in this operation? */
static bool was_found(struct run *r, struct plain_page *page)
{
    const struct content *c = plain_content(&r->plain, page);

    for (size_t i = r->nr_findings; i < judge_nr_findings(r->judge); i++) {
        struct plain_page *found = page_of(r, judge_finding(r->judge, i));

        /* Shared pages are one page, wherever they are mapped. */
        if (found && plain_content(&r->plain, found) == c)
            return true;
    }
    return false;
}

/* Has a copy of the page lost its tags on purpose? */
static bool was_untagged(const struct run *r, const struct mm *mm, gva_t va)
{
    const adi_tag_t *told = judge_expects(r->judge, mm_id(mm), va, NULL);

    return told && all_zero(told);
}

static void compare_tags(struct run *r, const struct plain_proc *proc,
                         struct plain_page *page, struct mm *mm, gva_t va,
                         const struct view *v)
{
    struct content *c = plain_content(&r->plain, page);

    /* Nobody follows what a private area shows of an object. */
    if (page->object && !page->own && !page->shared)
        return;
    /* The program lives with what the report has told of, even if it could
     * see that only in the middle of the operation. */
    if (was_found(r, page)) {
        const adi_tag_t *told = judge_expects(r->judge, mm_id(mm), va, NULL);

        if (told)
            memcpy(c->tag, told, sizeof(c->tag));
    }
    if (!v->unknown && tags_equal(c, v->tags))
        return;
    /* Copied where the area has no version tags: the copy has none. */
    if (!(page->prot & PROT_G_ADI) && !page->shared && was_untagged(r, mm, va))
        memset(c->tag, 0, sizeof(c->tag));
    if (v->unknown || tags_equal(c, v->tags))
        return;
    /* A bug of this kernel's has struck: what will be seen is open. */
    if (check_is_struck(r->check, mm, va))
        return;
    r->story_mm = mm_id(mm);
    r->story_va = va;
    for (unsigned b = 0; b < NR_BLOCKS; b++)
        if (c->known[b] && c->tag[b] != v->tags[b])
            run_fail(r, "tags", "pid %u 0x%llx block %u: tag %u, not %u",
                     proc->pid, (unsigned long long)va, b, v->tags[b],
                     c->tag[b]);
}

static void compare_page(struct run *r, const struct plain_proc *proc,
                         struct plain_page *page, struct mm *mm, gva_t va)
{
    struct content *c;
    struct view v;

    compare_area(r, proc, page, mm, va);
    if (!page->mapped)
        return;
    v = view_page(r, mm, va);
    if (v.dead != page->dead)
        run_fail(r, "marker", "pid %u 0x%llx: marker %d, not %d", proc->pid,
                 (unsigned long long)va, v.dead, page->dead);
    if (v.guard != page->guard)
        run_fail(r, "guard", "pid %u 0x%llx: guard %d, not %d", proc->pid,
                 (unsigned long long)va, v.guard, page->guard);
    if (v.dead || v.guard)
        return;
    if (v.none && page->may_vanish)
        plain_fresh(page);
    if (v.copy)
        plain_own(&r->plain, page);
    c = plain_content(&r->plain, page);
    if (page->object && !page->own &&
        (r->plain.object[page->object].dead[page->pgoff] ||
         page->pgoff >= plain_object_pages(&r->plain, page->object)))
        return;
    if (!bytes_equal(c, v.bytes))
        for (unsigned b = 0; b < NR_BLOCKS; b++) {
            uint8_t got = v.bytes ? v.bytes[b * ADI_BLKSZ] : 0;

            if (got != c->byte[b] || b == NR_BLOCKS - 1)
                run_fail(r, "bytes",
                         "pid %u 0x%llx block %u: 0x%02x, not 0x%02x",
                         proc->pid, (unsigned long long)va, b, got, c->byte[b]);
        }
    compare_tags(r, proc, page, mm, va, &v);
}

static void compare_pins(const struct run *r)
{
    if (!r->profile->policy.anon_exclusive)
        return;
    for (unsigned p = 0; p < r->nr_pins; p++) {
        const struct pin *pin = &r->pin[p];
        gva_t va = plain_va(&r->plain, pin->page);
        const pte_t *ptep;

        if (!pin->attached)
            continue;
        for (unsigned i = 0; i < MAX_PROCS; i++) {
            if (r->plain.proc[i].pid != pin->pid)
                continue;
            ptep = mm_pte(r->mm[i], va);
            if (!ptep || !pte_present(*ptep) ||
                pte_pfn(*ptep) != memory_folio_pfn(r->mem, pin->folio))
                run_fail(r, "pin", "pid %u 0x%llx has pte 0x%llx, not frame %u",
                         pin->pid, (unsigned long long)va,
                         ptep ? (unsigned long long)ptep->v : 0,
                         (unsigned)memory_folio_pfn(r->mem, pin->folio));
        }
    }
}

void view_compare(struct run *r)
{
    for (unsigned n = 0; n < MAX_PROCS; n++) {
        struct plain_proc *proc = &r->plain.proc[n];

        for (unsigned i = 0; proc->pid && i < NR_PAGES; i++)
            compare_page(r, proc, &proc->page[i], r->mm[n],
                         plain_va(&r->plain, i));
    }
    compare_pins(r);
    r->nr_findings = judge_nr_findings(r->judge);
}

void view_dead_objects(struct run *r)
{
    for (unsigned o = 1; r->unreadable && o < FIRST_FILE; o++)
        for (unsigned i = 0; i < OBJECT_PAGES; i++) {
            swp_entry_t entry = mapping_entry(r->object[o], i);

            if (swp_valid(entry) && is_marker_entry(entry))
                r->plain.object[o].dead[i] = true;
        }
}

void view_after_swapoff(struct run *r)
{
    if (!r->unreadable)
        return;
    view_dead_objects(r);
    for (unsigned n = 0; n < MAX_PROCS; n++) {
        struct plain_proc *proc = &r->plain.proc[n];

        for (unsigned i = 0; proc->pid && i < NR_PAGES; i++) {
            struct plain_page *page = &proc->page[i];
            struct view v;

            if (!page->mapped)
                continue;
            v = view_page(r, r->mm[n], plain_va(&r->plain, i));
            page->dead = v.dead;
            /* v5.17 maps what the frame holds, and may write it out again:
             * nobody knows. */
            if (v.unread ||
                (!r->profile->policy.swapin_error_marker && !v.dead &&
                 !bytes_equal(plain_content(&r->plain, page), v.bytes))) {
                struct content *c = plain_content(&r->plain, page);

                memset(c->any, 1, sizeof(c->any));
                memset(c->known, 0, sizeof(c->known));
            }
        }
    }
}
