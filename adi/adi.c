// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/adi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adi/bis.h"
#include "adi/internal.h"
#include "mm/mmap.h"
#include "mm/phys.h"

void adi_disable(struct adi *adi)
{
    adi->incapable = true;
}

void adi_fail_alloc(struct adi *adi, uint64_t nr)
{
    adi->fail_in = nr;
}

uint64_t adi_failing(const struct adi *adi)
{
    return adi->fail_in;
}

struct adi_store_use adi_store_use(const struct adi *adi)
{
    return adi->use;
}

struct adi_store_use adi_store_peak(const struct adi *adi)
{
    return adi->peak;
}

void adi_event(struct adi *adi, enum event_kind kind, enum mm_path path,
               const struct mm *mm, gva_t va)
{
    hub_event(adi->hub, &(struct event){.kind = kind,
                                        .path = path,
                                        .mm = mm_id(mm),
                                        .va = va,
                                        .pfn = PFN_NONE});
}

void adi_moment_restore(struct adi *adi, const struct hook_args *args)
{
    if (args->mm)
        memory_moment(adi->mem,
                      &(struct moment){MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN,
                                       args->mm, args->addr});
}

void adi_set_page_tags(struct adi *adi, pfn_t pfn,
                       const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    memcpy(tagmem_page(adi->tags, pfn), tags, ADI_TAGS_PER_PAGE);
    memory_tags_written(adi->mem, pfn);
}

/* ------------------------------------------------------------- arch_ops */

static const enum mm_path hook_path[HOOK_NR] = {
    [HOOK_UNMAP_SWAP] = PATH_SWAP_OUT,
    [HOOK_UNMAP_SWAP_UNDO] = PATH_SWAP_OUT,
    [HOOK_UNMAP_MIGRATE] = PATH_MIGRATE_OUT,
    [HOOK_UNMAP_MIGRATE_UNDO] = PATH_MIGRATE_OUT,
    [HOOK_SWAPIN_EARLY] = PATH_SWAP_IN,
    [HOOK_SWAPIN_SET_PTE] = PATH_SWAP_IN,
    [HOOK_SWAPIN_LATE] = PATH_SWAP_IN,
    [HOOK_UNUSE] = PATH_SWAPOFF,
    [HOOK_UNUSE_LOST] = PATH_SWAPOFF,
    [HOOK_REMAP_MIGRATE] = PATH_MIGRATE_IN,
    [HOOK_ZAP_SWAP] = PATH_ZAP,
    [HOOK_ZAP_MIGRATE] = PATH_ZAP,
    [HOOK_FREE_SWAP] = PATH_MADV_FREE,
    [HOOK_FORK_SWAP] = PATH_FORK,
    [HOOK_FORK_MIGRATE] = PATH_FORK,
    [HOOK_MOVE_SWAP] = PATH_MREMAP,
    [HOOK_MOVE_MIGRATE] = PATH_MREMAP,
    [HOOK_SWAP_WRITE] = PATH_SWAP_WRITE,
    [HOOK_SWAP_RESTORE] = PATH_SWAP_IN,
    [HOOK_SWAP_INVALIDATE] = PATH_SLOT_FREE,
    [HOOK_SWAP_INVALIDATE_AREA] = PATH_SWAPOFF,
    [HOOK_SWAP_READ] = PATH_SWAP_IN,
    [HOOK_SHMEM_OUT] = PATH_SHMEM_OUT,
    [HOOK_SHMEM_IN] = PATH_SHMEM_IN,
    [HOOK_SHMEM_GONE] = PATH_TRUNCATE,
};

static uint64_t host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static int timed_hook(struct adi *adi, adi_hook_fn fn, enum arch_hook hook,
                      const struct hook_args *args)
{
    struct hook_time *time = &adi->times[hook_path[hook]];
    uint64_t start = host_ns();
    int err = fn(adi, args);

    time->ns += host_ns() - start;
    time->calls++;
    return err;
}

void adi_time_hooks(struct adi *adi)
{
    adi->timed = true;
}

const struct hook_time *adi_hook_times(const struct adi *adi)
{
    return adi->timed ? adi->times : NULL;
}

uint64_t adi_hooks_called(const struct adi *adi)
{
    return adi->hooks_called;
}

static int op_hook(void *arch, enum arch_hook hook,
                   const struct hook_args *args)
{
    struct adi *adi = arch;
    adi_hook_fn fn = adi->profile->hooks[hook];

    if (!fn)
        return 0;
    adi->hooks_called |= UINT64_C(1) << hook;
    return adi->timed ? timed_hook(adi, fn, hook, args) : fn(adi, args);
}

/* Kernel mappings have no MCD bit, so block-init stores clear the tags. */
static void op_clear_page(void *arch, pfn_t pfn)
{
    struct adi *adi = arch;

    tagmem_clear_page(adi->tags, pfn);
    memory_tags_written(adi->mem, pfn);
}

static void op_copy_highpage(void *arch, pfn_t dst, pfn_t src)
{
    struct adi *adi = arch;

    tagmem_copy_page(adi->tags, dst, src);
    memory_tags_written(adi->mem, dst);
}

static void op_copy_user_highpage(void *arch, pfn_t dst, pfn_t src,
                                  vm_flags_t vm_flags)
{
    if (vm_flags & VM_SPARC_ADI)
        op_copy_highpage(arch, dst, src);
    else
        op_clear_page(arch, dst);
}

/* Offsets within the frame.  Returns whether one of the tags was not 0. */
static bool clear_lines(struct adi *adi, pfn_t pfn, struct bis_lines lines)
{
    adi_tag_t *tags = tagmem_page(adi->tags, pfn);
    bool lost = false;

    for (uint64_t at = lines.start; at < lines.end; at += ADI_BLKSZ) {
        lost |= tags[at / ADI_BLKSZ] != 0;
        tags[at / ADI_BLKSZ] = 0;
    }
    if (lost)
        memory_tags_written(adi->mem, pfn);
    return lost;
}

static bool op_copy_part(void *arch, pfn_t pfn, unsigned offset, unsigned len,
                         uint64_t src)
{
    return clear_lines(arch, pfn, bis_memcpy(offset, src, len));
}

static bool op_zero_part(void *arch, pfn_t pfn, unsigned offset, unsigned len)
{
    return clear_lines(arch, pfn, bis_memset(offset, len));
}

static const adi_tag_t *op_page_tags(void *arch, pfn_t pfn)
{
    const struct adi *adi = arch;

    return tagmem_page(adi->tags, pfn);
}

/* sparc_calc_vm_prot_bits(): never switched off again. */
static vm_flags_t op_calc_vm_prot_bits(void *arch, struct mm *mm, unsigned prot)
{
    const struct adi *adi = arch;

    if (adi->incapable || !(prot & PROT_G_ADI))
        return 0;
    adi_context(mm)->adi = true;
    return VM_SPARC_ADI;
}

/* arch_validate_flags() of arch/sparc/include/asm/mman.h */
static bool op_validate_flags(void *arch, vm_flags_t flags)
{
    (void)arch;
    return !(flags & VM_SPARC_ADI &&
             flags & (VM_PFNMAP | VM_MIXEDMAP | VM_MERGEABLE));
}

static int op_init_new_context(void *arch, struct mm *mm)
{
    struct adi *adi = arch;
    const struct adi_store *store = adi->profile->store;
    struct adi_context *context = calloc(1, sizeof(*context));
    int err;

    if (!context)
        return -ENOMEM;
    mm_set_context(mm, context);
    err = store->mm_init ? store->mm_init(adi, mm) : 0;
    if (err)
        free(context);
    return err;
}

static void op_destroy_context(void *arch, struct mm *mm)
{
    struct adi *adi = arch;

    if (adi->profile->store->mm_exit)
        adi->profile->store->mm_exit(adi, mm);
    free(adi_context(mm));
    mm_set_context(mm, NULL);
}

/* dup_mm() copies the context; init_new_context() resets the tag store. */
static void op_dup_context(void *arch, const struct mm *from, struct mm *to)
{
    (void)arch;
    adi_context(to)->adi = adi_context(from)->adi;
}

static const struct arch_ops adi_ops = {
    .hook = op_hook,
    .clear_page = op_clear_page,
    .copy_highpage = op_copy_highpage,
    .copy_user_highpage = op_copy_user_highpage,
    .page_tags = op_page_tags,
    .copy_part = op_copy_part,
    .zero_part = op_zero_part,
    .calc_vm_prot_bits = op_calc_vm_prot_bits,
    .validate_flags = op_validate_flags,
    .init_new_context = op_init_new_context,
    .destroy_context = op_destroy_context,
    .dup_context = op_dup_context,
};

struct adi *adi_create(struct memory *mem, const struct adi_profile *profile)
{
    struct adi *adi = calloc(1, sizeof(*adi));

    if (!adi)
        return NULL;
    adi->mem = mem;
    adi->hub = memory_hub(mem);
    adi->profile = profile;
    tagmap_init(&adi->by_entry);
    adi->tags = tagmem_create(phys_nr_frames(memory_phys(mem)));
    if (!adi->tags) {
        free(adi);
        return NULL;
    }
    memory_attach_arch(mem, &adi_ops, adi);
    return adi;
}

void adi_destroy(struct adi *adi)
{
    if (!adi)
        return;
    tagmap_fini(&adi->by_entry);
    tagmem_destroy(adi->tags);
    free(adi);
}

struct memory *adi_memory(const struct adi *adi)
{
    return adi->mem;
}

struct tagmem *adi_tagmem(const struct adi *adi)
{
    return adi->tags;
}

const struct adi_profile *adi_profile(const struct adi *adi)
{
    return adi->profile;
}

bool adi_saved_tags(struct adi *adi, const struct mm *mm, gva_t va,
                    swp_entry_t entry, adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    return adi->profile->store->saved(adi, mm, va, entry, tags);
}

bool adi_mm_enabled(const struct mm *mm)
{
    return adi_context(mm)->adi;
}
