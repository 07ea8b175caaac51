// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/internal.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "mm/mapping.h"
#include "mm/mmap.h"

#define STACK_LIMIT_DEFAULT (UINT64_C(8) << 20) /* bytes; RLIMIT_STACK */

struct mm *mm_create(struct memory *mem)
{
    struct mm *mm = calloc(1, sizeof(*mm));

    if (!mm)
        return NULL;
    mm->mem = mem;
    mm->users = 1;
    mm->count = 1;
    mm->stack_limit = STACK_LIMIT_DEFAULT;
    mm->id = ++mem->nr_mms;
    xa_init(&mm->ptes);
    vma_tree_init(mm);
    if (mem->arch->init_new_context(mem->arch_ctx, mm) != 0) {
        free(mm);
        return NULL;
    }
    DL_APPEND(mem->mms, mm);
    mm_event(mm, &(struct event){.kind = EV_MM_START});
    return mm;
}

bool mm_get_not_zero(struct mm *mm)
{
    if (mm->users == 0)
        return false;
    mm->users++;
    return true;
}

void mm_get(struct mm *mm)
{
    mm->users++;
}

bool mm_is_shared(const struct mm *mm)
{
    return mm->users > 1;
}

void mm_grab(struct mm *mm)
{
    mm->count++;
}

void mm_put(struct mm *mm)
{
    INVARIANT(mm->users > 0);
    if (--mm->users > 0)
        return;
    exit_mmap(mm);
    mm_drop(mm);
}

void mm_drop(struct mm *mm)
{
    struct memory *mem = mm->mem;

    INVARIANT(mm->count > 0);
    if (--mm->count > 0)
        return;
    mem->arch->destroy_context(mem->arch_ctx, mm);
    mm_event(mm, &(struct event){.kind = EV_MM_DEAD, .path = PATH_EXIT});
    DL_DELETE(mem->mms, mm);
    free(mm);
}

uint32_t mm_id(const struct mm *mm)
{
    return mm->id;
}

struct memory *mm_memory(const struct mm *mm)
{
    return mm->mem;
}

long mm_rss(const struct mm *mm, enum mm_counter c)
{
    return mm->rss[c];
}

void mm_rss_add(struct mm *mm, enum mm_counter c, long n)
{
    mm->rss[c] += n;
}

uint64_t mm_total_vm(const struct mm *mm)
{
    return mm->total_vm;
}

uint64_t mm_locked_vm(const struct mm *mm)
{
    return mm->locked_vm;
}

uint64_t mm_hiwater_vm(const struct mm *mm)
{
    return mm->hiwater_vm > mm->total_vm ? mm->hiwater_vm : mm->total_vm;
}

uint64_t mm_hiwater_rss(const struct mm *mm)
{
    uint64_t now = mm_resident(mm);

    return mm->hiwater_rss > now ? mm->hiwater_rss : now;
}

uint64_t mm_pgtables_bytes(const struct mm *mm)
{
    return mm->ptes.nr_nodes * XA_LEAF_WORDS * sizeof(pte_t);
}

void *mm_context(const struct mm *mm)
{
    return mm->context;
}

void mm_set_context(struct mm *mm, void *context)
{
    mm->context = context;
}

void mm_clear_on_mmlist(struct mm *mm)
{
    mm->on_mmlist = false;
}

bool mm_is_on_mmlist(const struct mm *mm)
{
    return mm->on_mmlist;
}

void mm_set_brk(struct mm *mm, gva_t start_brk, gva_t limit)
{
    mm->start_brk = start_brk;
    mm->brk = start_brk;
    mm->brk_limit = limit;
}

void mm_get_brk(const struct mm *mm, gva_t *start_brk, gva_t *brk)
{
    *start_brk = mm->start_brk;
    *brk = mm->brk;
}

void mm_set_mmap_base(struct mm *mm, gva_t base)
{
    mm->mmap_base = base;
}

void mm_set_stack_limit(struct mm *mm, uint64_t bytes)
{
    mm->stack_limit = bytes;
}

/* ------------------------------------------------------------- events */

/* Its pages start with tags of 0, and every view of them is known. */
static bool is_shared_memory(const struct vma *vma)
{
    return mapping_is_shmem(vma->mapping) && vma->flags & VM_MAYSHARE;
}

static void show(struct vma *vma, gva_t addr, pte_t pte, enum mm_path path,
                 enum event_kind kind)
{
    struct mm *mm = vma->mm;
    struct memory *mem = mm->mem;
    struct event ev = {.kind = kind,
                       .path = path,
                       .va = addr,
                       .pfn = pte_pfn(pte),
                       .undefined = vma->mapping && !is_shared_memory(vma)};

    if (pte_mcd(pte))
        ev.tags = mem->arch->page_tags(mem->arch_ctx, pte_pfn(pte));
    mm_event(mm, &ev);
}

void mm_event_visible(struct vma *vma, gva_t addr, pte_t pte, enum mm_path path)
{
    show(vma, addr, pte, path, EV_VISIBLE);
}

void mm_event_glimpse(struct vma *vma, gva_t addr, pte_t pte, enum mm_path path)
{
    show(vma, addr, pte, path, EV_GLIMPSE);
}

void mm_event_copied(struct vma *vma, gva_t addr, pfn_t from, enum mm_path path)
{
    static const adi_tag_t none[ADI_TAGS_PER_PAGE];
    struct mm *mm = vma->mm;
    const adi_tag_t *tags = mm->mem->arch->page_tags(mm->mem->arch_ctx, from);

    if (vma->flags & VM_SPARC_ADI || !tags)
        return;
    /* The frame may have lost the tags that the program set, before. */
    if (memcmp(tags, none, sizeof(none)) == 0 &&
        !hub_has_tags(mm->mem->hub, mm->id, addr))
        return;
    mm_event(mm, &(struct event){.kind = EV_UNTAG,
                                 .path = path,
                                 .va = addr,
                                 .end = addr + PAGE_SIZE,
                                 .pfn = from});
}
