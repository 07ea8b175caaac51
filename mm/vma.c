// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/vma.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/rmap.h"

static struct vma *by_addr(const struct avl_node *node)
{
    return node ? avl_entry(node, struct vma, by_addr) : NULL;
}

gva_t vm_start_gap(const struct vma *vma)
{
    if (!(vma->flags & VM_GROWSDOWN))
        return vma->start;
    return vma->start > STACK_GUARD ? vma->start - STACK_GUARD : 0;
}

/* vma_compute_gap() */
static uint64_t gap_below(const struct vma *vma)
{
    gva_t from = vma->prev ? vma->prev->end : 0, to = vm_start_gap(vma);

    return to > from ? to - from : 0;
}

static uint64_t largest_gap(const struct avl_node *node)
{
    return node ? by_addr(node)->gap_below : 0;
}

static void update_gap(struct avl_node *node)
{
    struct vma *vma = by_addr(node);
    uint64_t left = largest_gap(node->left), right = largest_gap(node->right);

    vma->gap_below = gap_below(vma);
    if (left > vma->gap_below)
        vma->gap_below = left;
    if (right > vma->gap_below)
        vma->gap_below = right;
}

void vma_tree_init(struct mm *mm)
{
    mm->areas = (struct avl_root){.update = update_gap};
}

struct vma *vma_find(struct mm *mm, gva_t addr)
{
    const struct avl_node *node = mm->areas.node;
    struct vma *found = mm->vma_cache;

    if (found && found->start <= addr && addr < found->end)
        return found;
    for (found = NULL; node;) {
        if (by_addr(node)->end > addr) {
            found = by_addr(node);
            node = node->left;
        } else {
            node = node->right;
        }
    }
    if (found)
        mm->vma_cache = found;
    return found;
}

struct vma *vma_lookup(struct mm *mm, gva_t addr)
{
    struct vma *vma = vma_find(mm, addr);

    return vma && vma->start <= addr ? vma : NULL;
}

size_t vma_count(const struct mm *mm)
{
    return mm->nr_vmas;
}

struct vma *vma_first(struct mm *mm)
{
    return by_addr(avl_first(&mm->areas));
}

struct vma *vma_last(struct mm *mm)
{
    return by_addr(avl_last(&mm->areas));
}

/* The first of @top and all below it with such a gap, which there is. */
static struct vma *first_gap(const struct avl_node *top, uint64_t bytes)
{
    for (;;) {
        if (largest_gap(top->left) >= bytes)
            top = top->left;
        else if (gap_below(by_addr(top)) >= bytes)
            return by_addr(top);
        else
            top = top->right;
    }
}

struct vma *vma_next_gap(struct vma *vma, uint64_t bytes)
{
    const struct avl_node *from = &vma->by_addr, *up;

    if (largest_gap(from->right) >= bytes)
        return first_gap(from->right, bytes);
    for (; (up = from->parent) != NULL; from = up) {
        if (up->right == from)
            continue;
        if (gap_below(by_addr(up)) >= bytes)
            return by_addr(up);
        if (largest_gap(up->right) >= bytes)
            return first_gap(up->right, bytes);
    }
    return NULL;
}

/*
 * vm_get_page_prot - protection bits of a PTE in an area
 *
 * Source: arch/sparc/mm/init_64.c vm_get_page_prot(), protection_map:
 *         private writable areas start without write permission
 */
static pte_t vm_get_page_prot(vm_flags_t flags)
{
    pte_t prot = {PTE_PRESENT}; /* PROT_NONE: there, but not valid */

    if (flags & VM_ACCESS_FLAGS)
        prot.v |= PTE_VALID | PTE_READ;
    /* A private page starts read-only: the first store copies it. */
    if ((flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
        prot.v |= PTE_WRITE;
    if (flags & VM_EXEC)
        prot.v |= PTE_EXEC;
    if (flags & VM_SPARC_ADI)
        prot.v |= PTE_MCD;
    return prot;
}

static void set_flags(struct vma *vma, vm_flags_t flags)
{
    vma->flags = flags;
    vma->mm->mem->changes++;
    /* vma_wants_writenotify(): the first store to a page is to be seen. */
    if (vma->mapping && mapping_can_writeback(vma->mapping))
        flags &= ~VM_SHARED;
    vma->page_prot = vm_get_page_prot(flags);
}

void vma_set_flags(struct vma *vma, vm_flags_t flags)
{
    if ((vma->flags ^ flags) & VM_LOCKED)
        vma->mm->locked_vm +=
            flags & VM_LOCKED ? vma_pages(vma) : -vma_pages(vma);
    set_flags(vma, flags);
}

struct vma *vma_create(struct mm *mm, gva_t start, gva_t end, vm_flags_t flags,
                       struct mapping *mapping, uint64_t pgoff)
{
    struct vma *vma = calloc(1, sizeof(*vma));

    if (!vma)
        return NULL;
    vma->mm = mm;
    vma->start = start;
    vma->end = end;
    vma->pgoff = pgoff;
    vma->mapping = mapping;
    if (mapping) {
        mapping_get(mapping);
        mapping_link_vma(mapping, vma);
        mapping_opened(mapping);
    }
    set_flags(vma, flags);
    return vma;
}

void vma_destroy(struct vma *vma)
{
    unlink_anon_vmas(vma);
    if (vma->mapping) {
        mapping_unlink_vma(vma->mapping, vma);
        mapping_closed(vma->mapping);
        mapping_put(vma->mapping);
    }
    free(vma);
}

/* Tell the oracle what a shared area shows; private ones need no word. */
static void event_shared(const struct vma *vma, enum event_kind kind)
{
    if (vma->flags & VM_MAYSHARE)
        mm_event(vma->mm, &(struct event){.kind = kind,
                                          .va = vma->start,
                                          .end = vma->end,
                                          .to = vma->pgoff,
                                          .object = mapping_id(vma->mapping)});
}

static bool starts_below(const struct avl_node *node, const struct avl_node *at)
{
    return by_addr(node)->start < by_addr(at)->start;
}

/* The gap below @vma has changed, if there is one. */
static void gap_changed(struct vma *vma)
{
    if (vma)
        avl_changed(&vma->mm->areas, &vma->by_addr);
}

void vma_insert(struct vma *vma)
{
    struct mm *mm = vma->mm;

    vma->next = vma_find(mm, vma->start);
    vma->prev = vma->next ? vma->next->prev : vma_last(mm);
    INVARIANT(!vma->next || vma->next->start >= vma->end);
    if (vma->next)
        vma->next->prev = vma;
    if (vma->prev)
        vma->prev->next = vma;
    /* On the way to the root is the next area, whose gap is smaller now. */
    avl_insert(&mm->areas, &vma->by_addr, starts_below);
    mm->nr_vmas++;
    mm->total_vm += vma_pages(vma);
    if (vma->flags & VM_LOCKED)
        mm->locked_vm += vma_pages(vma);
    event_shared(vma, EV_SHARE);
}

void vma_remove(struct vma *vma)
{
    struct mm *mm = vma->mm;

    mm_update_hiwater_vm(mm);
    event_shared(vma, EV_UNSHARE);
    mm->mem->changes++;
    if (mm->vma_cache == vma)
        mm->vma_cache = NULL;
    if (vma->next)
        vma->next->prev = vma->prev;
    if (vma->prev)
        vma->prev->next = vma->next;
    avl_erase(&mm->areas, &vma->by_addr);
    gap_changed(vma->next);
    mm->nr_vmas--;
    mm->total_vm -= vma_pages(vma);
    if (vma->flags & VM_LOCKED)
        mm->locked_vm -= vma_pages(vma);
}

void vma_resize(struct vma *vma, gva_t start, gva_t end, uint64_t pgoff)
{
    struct mm *mm = vma->mm;
    uint64_t pages = vma_pages(vma);

    INVARIANT(!vma->prev || vma->prev->end <= start);
    INVARIANT(!vma->next || vma->next->start >= end);
    mm_update_hiwater_vm(mm);
    event_shared(vma, EV_UNSHARE);
    mm->mem->changes++;
    rmap_unlink_vma(vma);
    vma->start = start;
    vma->end = end;
    vma->pgoff = pgoff;
    rmap_link_vma(vma);
    gap_changed(vma);
    gap_changed(vma->next);
    mm->total_vm += vma_pages(vma) - pages;
    if (vma->flags & VM_LOCKED)
        mm->locked_vm += vma_pages(vma) - pages;
    event_shared(vma, EV_SHARE);
}

int vma_split_to_unmap(struct vma *vma, gva_t addr, bool new_below)
{
    uint64_t below = (addr - vma->start) >> PAGE_SHIFT;
    gva_t start = vma->start, end = vma->end;
    uint64_t pgoff = vma->pgoff;
    struct vma *made;
    int err;

    INVARIANT(addr > start && addr < end);
    made = new_below ? vma_create(vma->mm, start, addr, vma->flags,
                                  vma->mapping, pgoff)
                     : vma_create(vma->mm, addr, end, vma->flags, vma->mapping,
                                  pgoff + below);
    if (!made)
        return -ENOMEM;
    made->policy = vma->policy;
    err = anon_vma_clone(made, vma);
    if (err) {
        vma_destroy(made);
        return err;
    }
    if (new_below)
        vma_resize(vma, addr, end, pgoff + below);
    else
        vma_resize(vma, start, addr, pgoff);
    vma_insert(made);
    return 0;
}

int vma_split(struct vma *vma, gva_t addr, bool new_below)
{
    if (vma_count(vma->mm) >= vma->mm->mem->max_map_count)
        return -ENOMEM;
    return vma_split_to_unmap(vma, addr, new_below);
}
