// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/protect.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/populate.h"
#include "mm/rmap.h"
#include "mm/zap.h"

/* Entries on their way, and how far it got. */
struct move {
    struct vma *from;
    gva_t old, new;
    gva_t done; /* up to here, of the old ones */
};

/* One entry of move_ptes().  0, or the error of the hook. */
static int move_entry(const struct move *m, gva_t old, const pte_t *oldp)
{
    struct mm *mm = m->from->mm;
    struct hook_args args = {.mm = mm,
                             .vma = m->from,
                             .addr = old,
                             .to_addr = m->new + (old - m->old)};
    const pte_t *newp = mm_pte_alloc(mm, args.to_addr);
    int err = 0;

    if (!newp)
        return -ENOMEM;
    args.pte = *oldp;
    if (is_swap_pte(*oldp)) {
        args.entry = pte_to_swp_entry(*oldp);
        if (is_migration_entry(args.entry))
            err = arch_hook(mm->mem, HOOK_MOVE_MIGRATE, &args);
        else if (!non_swap_entry(args.entry))
            err = arch_hook(mm->mem, HOOK_MOVE_SWAP, &args);
        if (err)
            return err;
    }
    mm_set_pte(mm, args.to_addr, newp, mm_clear_pte(mm, old, oldp));
    return 0;
}

static int move_pte(void *ctx, struct mm *mm, gva_t old, const pte_t *oldp)
{
    struct move *m = ctx;

    (void)mm;
    m->done = old;
    return move_entry(m, old, oldp);
}

/*
 * move_page_tables() - entries of [old, old + len) go to @new
 *
 * AA[swap]B at old  ->  none, and AA[swap]B at new
 * Returns the bytes moved; fewer than @len after an error.
 */
static uint64_t move_page_tables(struct vma *from, gva_t old, gva_t new,
                                 uint64_t len)
{
    static const struct pgtable_ops ops = {.present = move_pte,
                                           .swap = move_pte};
    struct move m = {.from = from, .old = old, .new = new};

    return pgtable_walk(from->mm, old, old + len, &ops, &m) == 0 ? len
                                                                 : m.done - old;
}

static void event_remap(struct mm *mm, gva_t old, gva_t new, uint64_t len)
{
    mm_event(mm, &(struct event){.kind = EV_REMAP,
                                 .path = PATH_MREMAP,
                                 .va = old,
                                 .end = old + len,
                                 .to = new});
}

/*
 * copy_vma(): an area like @*vma at @new, for its pages from @old on
 *
 * @vma: may have become part of what is returned
 * Returns NULL when the host has no memory.
 */
static struct vma *copy_vma(struct vma **vma, gva_t old, gva_t new,
                            uint64_t new_len)
{
    struct vma *from = *vma, *next = vma_find(from->mm, new), *copy;
    struct vma *prev = next ? vma_prev(next) : vma_last(from->mm);
    gva_t start = from->start;
    struct vma_range r = {.start = new,
                          .end = new + new_len,
                          .flags = from->flags,
                          .mapping = from->mapping,
                          .pgoff = vma_index(from, old),
                          .anon_vma = from->anon_vma,
                          .policy = &from->policy};

    /* Without pages it may count from its new place, and merge there. */
    if (vma_is_anonymous(from) && !from->anon_vma)
        r.pgoff = new >> PAGE_SHIFT;
    copy = vma_merge(from->mm, prev, &r);
    if (copy) {
        if (copy->start <= start && start < copy->end)
            *vma = copy;
        return copy;
    }
    copy = vma_create(from->mm, r.start, r.end, r.flags, r.mapping, r.pgoff);
    if (!copy)
        return NULL;
    copy->policy = from->policy;
    if (anon_vma_clone(copy, from) != 0) {
        vma_destroy(copy);
        return NULL;
    }
    vma_insert(copy);
    return copy;
}

/* MREMAP_DONTUNMAP: @vma stays, without its pages. */
static void leave_old(struct vma *vma, const struct vma *copy, gva_t old,
                      uint64_t old_len, uint64_t locked_vm)
{
    vma_set_flags(vma, vma->flags & ~VM_LOCKED_MASK);
    if (vma != copy && vma->start == old && vma->end == old + old_len)
        unlink_anon_vmas(vma);
    /* What is locked twice, or no more, the kernel does not count. */
    vma->mm->locked_vm = locked_vm;
}

/* move_vma(): a copy of the area at @new, the pages follow. */
static int move_vma(struct vma *vma, gva_t old, uint64_t old_len,
                    uint64_t new_len, unsigned flags, gva_t new)
{
    struct mm *mm = vma->mm;
    uint64_t moved, hiwater = mm_hiwater_vm(mm), locked_vm = mm->locked_vm;
    bool shared = vma->flags & VM_MAYSHARE;
    struct vma *copy;
    int err = 0;

    /* Three more may follow from cutting the old area out. */
    if (vma_count(mm) + 3 >= mm->mem->max_map_count)
        return -ENOMEM;
    copy = copy_vma(&vma, old, new, new_len);
    if (!copy)
        return -ENOMEM;
    moved = move_page_tables(vma, old, new, old_len);
    if (moved < old_len) {
        /* Everything goes back; the new area is given up. */
        (void)move_page_tables(copy, new, old, moved);
        err = mm_munmap(mm, new, new_len);
        (void)err;
        mm->hiwater_vm = hiwater;
        return -ENOMEM;
    }
    if (!shared)
        event_remap(mm, old, new, old_len);
    if (flags & MREMAP_G_DONTUNMAP) {
        leave_old(vma, copy, old, old_len, locked_vm);
        return 0;
    }
    /* Of length 0 it was a second mapping of shared pages.  An area that
     * cannot be split stays mapped, without its pages; as in the kernel that
     * is no error. */
    if (old_len)
        err = mm_munmap(mm, old, old_len);
    (void)err;
    /* The pages were never in both places. */
    mm->hiwater_vm = hiwater;
    return 0;
}

/* vma_to_resize(): the tests that do not depend on where it goes. */
static int check_resize(struct mm *mm, gva_t addr, uint64_t old_len,
                        uint64_t new_len, unsigned flags, struct vma **out)
{
    struct vma *vma = vma_lookup(mm, addr);

    if (!vma)
        return -EFAULT;
    /* A private mapping of length 0 would be a copy nobody asked for. */
    if (old_len == 0 && !(vma->flags & (VM_SHARED | VM_MAYSHARE)))
        return -EINVAL;
    if (flags & MREMAP_G_DONTUNMAP && vma->flags & (VM_DONTEXPAND | VM_PFNMAP))
        return -EINVAL;
    if (old_len > vma->end - addr)
        return -EFAULT;
    if (new_len > old_len && vma->flags & (VM_DONTEXPAND | VM_PFNMAP))
        return -EFAULT;
    if (new_len > old_len && !mm_may_lock(mm, vma->flags, new_len - old_len))
        return -EAGAIN;
    if (new_len > old_len &&
        !mm_may_expand(mm, vma->flags, (new_len - old_len) >> PAGE_SHIFT))
        return -ENOMEM;
    *out = vma;
    return 0;
}

/* The cache colour that a moved area must keep. */
static int64_t colour_of(const struct vma *vma, gva_t addr)
{
    if (!vma->mapping)
        return -1;
    return (int64_t)((vma_index(vma, addr) << PAGE_SHIFT) & (SHMLBA_G - 1));
}

/* mremap_to(): MREMAP_FIXED, or DONTUNMAP without a place. */
static int mremap_to(struct mm *mm, gva_t addr, uint64_t old_len, gva_t new,
                     uint64_t new_len, unsigned flags, gva_t *out)
{
    struct vma *vma;
    int err;

    if (new & ~PAGE_MASK || mm_range_is_invalid(new, new_len))
        return -EINVAL;
    /* Before the target is unmapped; move_vma() asks again. */
    if (vma_count(mm) + 5 >= mm->mem->max_map_count)
        return -ENOMEM;
    /* Also of a mere hint. */
    if (new < addr + old_len && addr < new + new_len)
        return -EINVAL;
    if (flags & MREMAP_G_FIXED) {
        err = mm_munmap(mm, new, new_len);
        if (err)
            return err;
    }
    if (old_len > new_len) {
        err = mm_munmap(mm, addr + new_len, old_len - new_len);
        if (err)
            return err;
        old_len = new_len;
    }
    err = check_resize(mm, addr, old_len, new_len, flags, &vma);
    if (err)
        return err;
    if (flags & MREMAP_G_DONTUNMAP &&
        !mm_may_expand(mm, vma->flags, old_len >> PAGE_SHIFT))
        return -ENOMEM;
    if (!(flags & MREMAP_G_FIXED))
        err = mm_find_area(mm, new, new_len, colour_of(vma, addr), &new);
    else if (vma->flags & VM_MAYSHARE &&
             (gva_t)colour_of(vma, addr) != (new &(SHMLBA_G - 1)))
        err = -EINVAL; /* arch_get_unmapped_area() */
    if (!err)
        err = move_vma(vma, addr, old_len, new_len, flags, new);
    if (!err)
        *out = new;
    return err;
}

/* vma_expandable(): is the room after the area free? */
static bool can_grow(const struct vma *vma, uint64_t delta)
{
    const struct vma *next = vma_next(vma);
    gva_t end = vma->end + delta;

    return end >= vma->end && !(next && next->start < end) &&
           !va_in_hole(end - 1);
}

static int grow_in_place(struct vma *vma, uint64_t delta)
{
    struct vma_range r = {.start = vma->end,
                          .end = vma->end + delta,
                          .flags = vma->flags,
                          .mapping = vma->mapping,
                          .pgoff = vma->pgoff + vma_pages(vma),
                          .anon_vma = vma->anon_vma,
                          .policy = &vma->policy};

    if (vma->mm->mem->policy.merge_next)
        return vma_merge(vma->mm, vma, &r) ? 0 : -ENOMEM;
    vma_resize(vma, vma->start, r.end, vma->pgoff);
    return 0;
}

/* The rest of sys_mremap(): the area is to grow. */
static int grow(struct mm *mm, gva_t addr, uint64_t old_len, uint64_t new_len,
                unsigned flags, gva_t *out)
{
    struct vma *vma;
    gva_t new;
    int err = check_resize(mm, addr, old_len, new_len, flags, &vma);

    if (err)
        return err;
    if (old_len == vma->end - addr && can_grow(vma, new_len - old_len))
        return grow_in_place(vma, new_len - old_len);
    if (!(flags & MREMAP_G_MAYMOVE))
        return -ENOMEM;
    err = mm_find_area(mm, 0, new_len, colour_of(vma, addr), &new);
    if (!err)
        err = move_vma(vma, addr, old_len, new_len, flags, new);
    if (!err)
        *out = new;
    return err;
}

/* sys_mremap(), as far as areas are concerned. */
static int remap(struct mm *mm, gva_t addr, uint64_t old_len, uint64_t new_len,
                 unsigned flags, gva_t new_addr, gva_t *out)
{
    if (!vma_lookup(mm, addr))
        return -EFAULT;
    if (flags & (MREMAP_G_FIXED | MREMAP_G_DONTUNMAP))
        return mremap_to(mm, addr, old_len, new_addr, new_len, flags, out);
    *out = addr;
    if (old_len > new_len)
        return mm_munmap(mm, addr + new_len, old_len - new_len);
    if (old_len == new_len)
        return 0;
    return grow(mm, addr, old_len, new_len, flags, out);
}

int mm_mremap(struct mm *mm, gva_t addr, uint64_t old_len, uint64_t new_len,
              unsigned flags, gva_t new_addr, gva_t *out)
{
    const struct vma *vma;
    int err;

    if (flags & ~(MREMAP_G_FIXED | MREMAP_G_MAYMOVE | MREMAP_G_DONTUNMAP))
        return -EINVAL;
    if (flags & MREMAP_G_FIXED && !(flags & MREMAP_G_MAYMOVE))
        return -EINVAL;
    if (flags & MREMAP_G_DONTUNMAP &&
        (!(flags & MREMAP_G_MAYMOVE) || old_len != new_len))
        return -EINVAL;
    if (addr & ~PAGE_MASK)
        return -EINVAL;
    old_len = page_align_up(old_len);
    new_len = page_align_up(new_len);
    if (new_len == 0)
        return -EINVAL;
    err = remap(mm, addr, old_len, new_len, flags, new_addr, out);
    if (err || new_len <= old_len)
        return err;
    vma = vma_lookup(mm, *out);
    if (vma && vma->flags & VM_LOCKED)
        mm_populate(mm, *out + old_len, *out + new_len);
    return 0;
}
