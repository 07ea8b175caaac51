// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/mmap.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/populate.h"
#include "mm/zap.h"

#define TASK_SIZE     UINT64_C(0xfffffffe00000000) /* -VPTE_SIZE */
#define VA_HOLE_START UINT64_C(0x0008000000000000)
#define VA_HOLE_END   UINT64_C(0xfff8000000000000)
#define VA_HOLE_GUARD (UINT64_C(1) << 32) /* bytes kept free on each side */
#define MMAP_MIN_ADDR PAGE_SIZE

static bool range_is_free(struct mm *mm, gva_t addr, uint64_t len)
{
    const struct vma *vma = vma_find(mm, addr);

    return !vma || addr + len <= vm_start_gap(vma);
}

bool mm_range_is_invalid(gva_t addr, uint64_t len)
{
    gva_t start = VA_HOLE_START - VA_HOLE_GUARD;
    gva_t end = VA_HOLE_END + VA_HOLE_GUARD;

    if (len >= start)
        return true;
    if (addr + len < addr)
        return true;
    return (addr < start) != (addr + len <= start) ||
           (addr >= start && addr < end);
}

/* COLOUR_ALIGN(): the first address at or above @addr of that colour. */
static gva_t colour_align(gva_t addr, int64_t colour)
{
    if (colour < 0)
        return addr;
    return ((addr + SHMLBA_G - 1 - (gva_t)colour) & ~(SHMLBA_G - 1)) +
           (gva_t)colour;
}

/* vm_unmapped_area(), bottom up: first fit in [low, high). */
static int first_fit(struct mm *mm, gva_t low, gva_t high, uint64_t len,
                     int64_t colour, gva_t *out)
{
    struct vma *vma = vma_find(mm, low);
    /* That of a colour may have to be looked for in the gap. */
    uint64_t need = len + (colour < 0 ? 0 : SHMLBA_G - PAGE_SIZE);
    gva_t to = vma ? vm_start_gap(vma) : high;

    /* Only the first gap can begin below @low. */
    if (vma && (vma->start <= low || to < low || to - low < need)) {
        vma = vma_next_gap(vma, need);
        low = vma ? vma->prev->end : vma_last(mm)->end;
        to = vma ? vm_start_gap(vma) : high;
    }
    if (to > high)
        to = high;
    if (low >= to || to - low < need)
        return -ENOMEM;
    *out = colour_align(low, colour);
    return 0;
}

int mm_find_area(struct mm *mm, gva_t hint, uint64_t len, int64_t colour,
                 gva_t *out)
{
    if (len >= VA_HOLE_START - VA_HOLE_GUARD)
        return -ENOMEM;
    if (hint) {
        hint = colour_align(page_align_up(hint), colour);
        if (hint >= MMAP_MIN_ADDR && !mm_range_is_invalid(hint, len) &&
            hint <= TASK_SIZE - len && range_is_free(mm, hint, len)) {
            *out = hint;
            return 0;
        }
    }
    if (first_fit(mm, mm->mmap_base, VA_HOLE_START - VA_HOLE_GUARD, len, colour,
                  out) == 0)
        return 0;
    return first_fit(mm, VA_HOLE_END + VA_HOLE_GUARD, TASK_SIZE, len, colour,
                     out);
}

static int choose_address(struct mm *mm, const struct mmap_args *args,
                          uint64_t len, gva_t *out)
{
    bool fixed = args->flags & (MAP_G_FIXED | MAP_G_FIXED_NOREPLACE);
    bool shared = (args->flags & MAP_G_TYPE) != MAP_G_PRIVATE;
    uint64_t colour = (args->pgoff << PAGE_SHIFT) & (SHMLBA_G - 1);

    if (!fixed)
        return mm_find_area(mm, args->addr, len,
                            shared || args->mapping ? (int64_t)colour : -1,
                            out);
    if (args->addr & ~PAGE_MASK)
        return -EINVAL;
    if (shared && (args->addr & (SHMLBA_G - 1)) != colour)
        return -EINVAL;
    if (mm_range_is_invalid(args->addr, len))
        return -EINVAL;
    if (args->addr > TASK_SIZE - len)
        return -ENOMEM;
    if (args->addr < MMAP_MIN_ADDR)
        return -EPERM;
    if (args->flags & MAP_G_FIXED_NOREPLACE) {
        const struct vma *vma = vma_find(mm, args->addr);

        if (vma && vma->start < args->addr + len)
            return -EEXIST;
    }
    *out = args->addr;
    return 0;
}

static vm_flags_t prot_to_flags(unsigned prot)
{
    return (prot & PROT_G_READ ? VM_READ : 0) |
           (prot & PROT_G_WRITE ? VM_WRITE : 0) |
           (prot & PROT_G_EXEC ? VM_EXEC : 0);
}

static vm_flags_t mmap_flags(struct mm *mm, const struct mmap_args *args)
{
    vm_flags_t flags = prot_to_flags(mm_implied_prot(mm, args->prot)) |
                       mm->def_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

    /* Switches version checks on for the process, even when we fail. */
    flags |=
        mm->mem->arch->calc_vm_prot_bits(mm->mem->arch_ctx, mm, args->prot);
    if (args->flags & MAP_G_GROWSDOWN)
        flags |= VM_GROWSDOWN;
    if (args->flags & MAP_G_LOCKED)
        flags |= VM_LOCKED;
    if (args->flags & MAP_G_NORESERVE)
        flags |= VM_NORESERVE;
    if ((args->flags & MAP_G_TYPE) != MAP_G_PRIVATE) {
        flags |= VM_SHARED | VM_MAYSHARE;
        if (!args->may_write)
            flags &= ~(VM_MAYWRITE | VM_SHARED);
        if (args->sealed)
            flags &= ~VM_MAYWRITE; /* seal_check_future_write() */
    }
    return flags;
}

static int check_shared(const struct mmap_args *args)
{
    if ((args->flags & MAP_G_TYPE) == MAP_G_PRIVATE)
        return 0;
    if (!args->may_write && (args->prot & PROT_G_WRITE))
        return -EACCES;
    return 0;
}

/* OVERCOMMIT_GUESS: refuse what could never fit. */
static int enough_memory(const struct mm *mm, vm_flags_t flags, uint64_t len)
{
    const struct memory *mem = mm->mem;
    uint64_t pages =
        phys_nr_frames(mem->phys) + mem->swap->total_pages(mem->swap_ctx);

    if ((flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) != VM_WRITE)
        return 0;
    return len >> PAGE_SHIFT > pages ? -ENOMEM : 0;
}

/* is_data_mapping() */
static bool is_data(vm_flags_t flags)
{
    return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* mm->data_vm, which is only asked for where there is a limit. */
static uint64_t data_pages(struct mm *mm)
{
    uint64_t pages = 0;

    for (const struct vma *v = vma_first(mm); v; v = vma_next(v))
        if (is_data(v->flags))
            pages += vma_pages(v);
    return pages;
}

bool mm_may_expand(struct mm *mm, vm_flags_t flags, uint64_t pages)
{
    uint64_t limit = mm_limit_pages(mm, MM_LIMIT_AS);

    if (pages > limit || mm->total_vm > limit - pages)
        return false;
    if (!is_data(flags))
        return true;
    limit = mm_limit_pages(mm, MM_LIMIT_DATA);
    return limit == UINT64_MAX >> PAGE_SHIFT ||
           (pages <= limit && data_pages(mm) <= limit - pages);
}

bool mm_may_lock(const struct mm *mm, vm_flags_t flags, uint64_t bytes)
{
    uint64_t limit = mm_limit_pages(mm, MM_LIMIT_MEMLOCK);
    uint64_t pages = bytes >> PAGE_SHIFT;

    return !(flags & VM_LOCKED) ||
           (pages <= limit && mm->locked_vm <= limit - pages);
}

/* count_vma_pages_range() */
static uint64_t mapped_pages(struct mm *mm, gva_t addr, gva_t end)
{
    const struct vma *vma = vma_find(mm, addr);
    uint64_t bytes = 0;

    for (; vma && vma->start < end; vma = vma_next(vma))
        bytes += (vma->end < end ? vma->end : end) -
                 (vma->start > addr ? vma->start : addr);
    return bytes >> PAGE_SHIFT;
}

/* Of RLIMIT_MEMLOCK and the others, which do not count what is replaced. */
static int check_limits(struct mm *mm, const struct mmap_args *args,
                        vm_flags_t flags, gva_t addr, uint64_t len)
{
    uint64_t pages = len >> PAGE_SHIFT;

    if (args->flags & MAP_G_LOCKED && mm_limit_pages(mm, MM_LIMIT_MEMLOCK) == 0)
        return -EPERM;
    if (!mm_may_lock(mm, flags, len))
        return -EAGAIN;
    return mm_may_expand(mm, flags, pages) ||
                   mm_may_expand(mm, flags,
                                 pages - mapped_pages(mm, addr, addr + len))
               ? 0
               : -ENOMEM;
}

/* mmap_region(), once the place is free. */
static int map_region(struct mm *mm, gva_t addr, uint64_t len, vm_flags_t flags,
                      const struct mmap_args *args)
{
    static const struct mempolicy none = {.mode = MPOL_DEFAULT};
    const struct vma_range r = {.start = addr,
                                .end = addr + len,
                                .flags = flags,
                                .mapping = args->mapping,
                                .pgoff = args->mapping ? args->pgoff
                                                       : addr >> PAGE_SHIFT,
                                .policy = &none};
    struct vma *vma;

    if (vma_merge_new(mm, &r))
        return 0;
    vma = vma_create(mm, r.start, r.end, flags, r.mapping, r.pgoff);
    if (!vma)
        return -ENOMEM;
    vma_insert(vma);
    return 0;
}

int mm_mmap(struct mm *mm, const struct mmap_args *args, gva_t *out)
{
    uint64_t len = page_align_up(args->len);
    vm_flags_t flags;
    gva_t addr;
    int err;

    if (args->len == 0)
        return -EINVAL;
    if (len == 0)
        return -ENOMEM;
    if (args->pgoff + (len >> PAGE_SHIFT) < args->pgoff)
        return -EOVERFLOW;
    if (vma_count(mm) > mm->mem->max_map_count)
        return -ENOMEM;
    err = choose_address(mm, args, len, &addr);
    if (err)
        return err;
    flags = mmap_flags(mm, args);
    err = check_shared(args);
    if (!err)
        err = check_limits(mm, args, flags, addr, len);
    if (!err)
        err = enough_memory(mm, flags, len);
    if (!err && !mm->mem->arch->validate_flags(mm->mem->arch_ctx, flags))
        err = -EINVAL;
    if (!err && args->flags & MAP_G_FIXED)
        err = mm_munmap(mm, addr, len);
    if (err)
        return err;

    err = map_region(mm, addr, len, flags, args);
    if (err)
        return err;
    if (flags & VM_LOCKED ||
        (args->flags & (MAP_G_POPULATE | MAP_G_NONBLOCK)) == MAP_G_POPULATE)
        mm_populate(mm, addr, addr + len);
    *out = addr;
    return 0;
}

/* Does [@vma, end) consist of areas like @vma that touch? */
static bool are_alike(const struct vma *vma, gva_t end)
{
    const struct vma *prev = vma, *next;

    for (; prev->end < end; prev = next) {
        next = vma_next(prev);
        if (!next || next->start != prev->end ||
            next->mapping != vma->mapping || next->flags != vma->flags)
            return false;
    }
    return true;
}

int mm_remap_file_pages(struct mm *mm, gva_t addr, uint64_t len, uint64_t pgoff,
                        unsigned flags)
{
    struct mmap_args args = {.addr = page_align_down(addr),
                             .len = page_align_down(len),
                             .pgoff = pgoff,
                             .may_write = true};
    gva_t end = args.addr + args.len, at;
    const struct vma *vma;
    int err;

    if (end <= args.addr || pgoff + (args.len >> PAGE_SHIFT) < pgoff)
        return -EINVAL;
    vma = vma_lookup(mm, args.addr);
    if (!vma || !(vma->flags & VM_SHARED) || !are_alike(vma, end))
        return -EINVAL;
    args.prot = (vma->flags & VM_READ ? PROT_G_READ : 0) |
                (vma->flags & VM_WRITE ? PROT_G_WRITE : 0) |
                (vma->flags & VM_EXEC ? PROT_G_EXEC : 0);
    args.flags = MAP_G_SHARED | MAP_G_FIXED | MAP_G_POPULATE |
                 (flags & MAP_G_NONBLOCK) |
                 (vma->flags & VM_LOCKED ? MAP_G_LOCKED : 0);
    args.mapping = vma->mapping;
    mapping_get(args.mapping);
    err = mm_mmap(mm, &args, &at);
    mapping_put(args.mapping);
    return err;
}

/* free_pgtables(): tables that lie wholly in the gap around the range. */
static void free_page_tables(struct mm *mm, gva_t start, gva_t end)
{
    const struct vma *next = vma_find(mm, end);
    const struct vma *prev = next ? vma_prev(next) : vma_last(mm);
    gva_t floor, ceiling;

    floor = prev ? prev->end : 0;
    ceiling = next ? next->start : TASK_SIZE;
    /* One call for each half: the index is not monotonic over the hole. */
    if (start < VA_HOLE_START) {
        if (ceiling > VA_HOLE_START)
            ceiling = VA_HOLE_START;
    } else if (floor < VA_HOLE_END) {
        floor = VA_HOLE_END;
    }
    mm_free_tables(mm, floor, ceiling - 1);
}

/* Areas must not straddle [start, end) any more.  0 or -ENOMEM. */
static int split_ends(struct mm *mm, gva_t start, gva_t end)
{
    struct vma *vma = vma_lookup(mm, start);
    int err = 0;

    if (vma && vma->start < start) {
        /* Only a hole in one area leaves more areas than there were. */
        if (end < vma->end && vma_count(mm) >= mm->mem->max_map_count)
            return -ENOMEM;
        err = vma_split_to_unmap(vma, start, false);
    }
    if (err)
        return err;
    vma = vma_lookup(mm, end - 1);
    if (vma && vma->end > end)
        err = vma_split_to_unmap(vma, end, true);
    return err;
}

static void unmap_vma(struct vma *vma, enum mm_path path)
{
    zap_page_range(vma, vma->start, vma->end, path);
    vma_remove(vma);
    vma_destroy(vma);
}

int mm_munmap(struct mm *mm, gva_t addr, uint64_t len)
{
    gva_t end = addr + page_align_up(len);
    struct vma *vma;
    int err;

    if (addr & ~PAGE_MASK || len == 0 || page_align_up(len) == 0)
        return -EINVAL;
    if (end < addr || end > TASK_SIZE)
        return -EINVAL;
    vma = vma_find(mm, addr);
    if (!vma || vma->start >= end)
        return 0;
    err = split_ends(mm, addr, end);
    if (err)
        return err;
    while ((vma = vma_find(mm, addr)) != NULL && vma->start < end)
        unmap_vma(vma, PATH_ZAP);
    free_page_tables(mm, addr, end);
    return 0;
}

gva_t mm_brk(struct mm *mm, gva_t brk)
{
    gva_t old = page_align_up(mm->brk), new = page_align_up(brk);
    struct mmap_args args = {.addr = old,
                             .len = new - old,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags =
                                 MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    gva_t at;

    if (brk < mm->start_brk || brk > mm->brk_limit)
        return mm->brk;
    if (new > old) {
        /* One page is kept free below the next area. */
        if (!range_is_free(mm, old, new - old + PAGE_SIZE) ||
            mm_mmap(mm, &args, &at) != 0)
            return mm->brk;
    } else if (new < old) {
        if (mm_munmap(mm, new, old - new) != 0)
            return mm->brk;
    }
    mm->brk = brk;
    return mm->brk;
}

int mm_expand_stack(struct vma *vma, gva_t addr)
{
    const struct vma *prev = vma_prev(vma);

    addr = page_align_down(addr);
    if (addr >= vma->start)
        return 0;
    if (vma->end - addr > vma->mm->stack_limit)
        return -ENOMEM;
    if (prev && prev->flags & VM_ACCESS_FLAGS && addr < prev->end + STACK_GUARD)
        return -ENOMEM;
    if (prev && addr < prev->end)
        return -ENOMEM;
    if (!mm_may_expand(vma->mm, vma->flags,
                       (vma->start - addr) >> PAGE_SHIFT) ||
        !mm_may_lock(vma->mm, vma->flags, vma->start - addr))
        return -ENOMEM;
    vma_resize(vma, addr, vma->end,
               vma->pgoff - ((vma->start - addr) >> PAGE_SHIFT));
    return 0;
}

static int show_resident(void *ctx, struct mm *mm, gva_t addr,
                         const pte_t *ptep)
{
    (void)mm;
    mm_event_visible(ctx, addr, *ptep, PATH_EXIT);
    return 0;
}

/* The last chance to compare the tags of resident pages. */
static void report_resident(struct vma *vma)
{
    static const struct pgtable_ops ops = {.present = show_resident};

    if (vma->flags & VM_SPARC_ADI)
        (void)pgtable_walk(vma->mm, vma->start, vma->end, &ops, vma);
}

void exit_mmap(struct mm *mm)
{
    struct vma *vma;

    for (vma = vma_first(mm); vma; vma = vma_next(vma))
        report_resident(vma);
    mm_event(mm, &(struct event){.kind = EV_MM_EXIT, .path = PATH_EXIT});
    tlb_flush_mm(mm);
    while ((vma = vma_first(mm)) != NULL)
        unmap_vma(vma, PATH_EXIT);
    for (int i = 0; i < NR_MM_COUNTERS; i++)
        INVARIANT(mm->rss[i] == 0);
    mm_free_tables(mm, 0, UINT64_MAX);
}
