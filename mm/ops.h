/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/ops.h - what mm/ asks of the layers above it
 *
 * Owns:    five tables of functions, given when a memory is created
 * Used by: mm/ and migrate/ call them; adi/, swap/, check/ and
 *          emu/ fill them in
 *
 * The tables are also where unit tests put failures in.
 */
#pragma once

#include "mm/fault.h"
#include "mm/moment.h"
#include "mm/pte.h"

struct memory;
struct mm;
struct vma;
struct folio;
struct mapping;
struct mpol_task;

/*
 * Points of the paths at which a kernel calls the architecture, or should.
 * Which of them do anything is the profile's business (adi/profile.h).
 */
enum arch_hook {
    HOOK_UNMAP_SWAP,           /* try_to_unmap_one: save; may fail */
    HOOK_UNMAP_SWAP_UNDO,      /* a later step failed, the PTE is put back */
    HOOK_UNMAP_MIGRATE,        /* try_to_migrate_one: may fail */
    HOOK_UNMAP_MIGRATE_UNDO,   /* a later step failed, the PTE is put back */
    HOOK_SWAPIN_EARLY,         /* do_swap_page, before the PTE is visible */
    HOOK_SWAPIN_SET_PTE,       /* do_swap_page, as part of set_pte_at */
    HOOK_SWAPIN_LATE,          /* do_swap_page, after set_pte_at */
    HOOK_UNUSE,                /* unuse_pte, before the PTE is visible */
    HOOK_UNUSE_LOST,           /* unuse_pte: unreadable, a marker instead */
    HOOK_REMAP_MIGRATE,        /* remove_migration_pte */
    HOOK_ZAP_SWAP,             /* zap_pte_range removes a swap entry */
    HOOK_ZAP_MIGRATE,          /* zap_pte_range removes a migration entry */
    HOOK_FREE_SWAP,            /* madvise_free_pte_range drops a swap entry */
    HOOK_FORK_SWAP,            /* copy_nonpresent_pte; may fail */
    HOOK_FORK_MIGRATE,         /* copy_nonpresent_pte */
    HOOK_MOVE_SWAP,            /* move_ptes; may fail */
    HOOK_MOVE_MIGRATE,         /* move_ptes; may fail */
    HOOK_SWAP_WRITE,           /* swap_writepage: may fail */
    HOOK_SWAP_RESTORE,         /* do_swap_page, before swap_free */
    HOOK_SWAP_INVALIDATE,      /* swap_range_free: a slot becomes free */
    HOOK_SWAP_INVALIDATE_AREA, /* swapoff: a whole device goes away */
    HOOK_SWAP_READ,            /* a frame was filled from the device */
    HOOK_SHMEM_OUT,  /* shmem_writepage, in the swap cache: may fail */
    HOOK_SHMEM_IN,   /* shmem_swapin_folio, after SWAP_RESTORE */
    HOOK_SHMEM_GONE, /* shmem_free_swap: the entry is dropped */
    HOOK_NR
};

/* What a hook may look at.  All borrowed; unused fields are 0. */
struct hook_args {
    struct mm *mm;
    const struct vma *vma;
    gva_t addr; /* page aligned */
    pte_t pte;  /* old PTE when unmapping, new PTE when mapping */
    pfn_t pfn;  /* the frame that holds or receives the page */
    swp_entry_t entry;
    struct mm *to_mm; /* fork: the child */
    gva_t to_addr;    /* mremap: the new address */
    uint64_t object;  /* HOOK_SHMEM_*: number of the shared object, */
    uint64_t index;   /* and its page; there is no mm then */
};

struct arch_ops {
    /* Returns 0, or -errno where the comment above says that it may fail. */
    int (*hook)(void *arch, enum arch_hook hook, const struct hook_args *args);

    /* The tags of a frame under the kernel's page operations. */
    void (*clear_page)(void *arch, pfn_t pfn);
    void (*copy_highpage)(void *arch, pfn_t dst, pfn_t src);
    void (*copy_user_highpage)(void *arch, pfn_t dst, pfn_t src,
                               vm_flags_t vm_flags);
    const adi_tag_t *(*page_tags)(void *arch, pfn_t pfn);
    /* The same of a part of it, through the kernel's own mapping: bytes from
     * @src, any address as far as its alignment goes, or 0.  Return whether a
     * tag was lost. */
    bool (*copy_part)(void *arch, pfn_t pfn, unsigned offset, unsigned len,
                      uint64_t src);
    bool (*zero_part)(void *arch, pfn_t pfn, unsigned offset, unsigned len);

    /* Protection bits: arch_calc_vm_prot_bits(), arch_validate_flags(). */
    vm_flags_t (*calc_vm_prot_bits)(void *arch, struct mm *mm, unsigned prot);
    bool (*validate_flags)(void *arch, vm_flags_t vm_flags);

    /* Address spaces: init_new_context(), destroy_context(). */
    int (*init_new_context)(void *arch, struct mm *mm);
    void (*destroy_context)(void *arch, struct mm *mm);
    /* fork: what the child's context has of its parent's. */
    void (*dup_context)(void *arch, const struct mm *from, struct mm *to);
};

/* The TLBs of the machine hear what a PTE no longer grants. */
struct tlb_ops {
    void (*flush_page)(void *tlb, struct mm *mm, gva_t va);
    void (*flush_mm)(void *tlb, struct mm *mm);
    /* Bytes of a frame changed: code in them is stale. */
    void (*flush_icache)(void *tlb, pfn_t pfn, unsigned offset, unsigned len);
    /* Tags of a frame changed. */
    void (*flush_tags)(void *tlb, pfn_t pfn);
};

/* Swap, as far as a page-table path needs it. */
struct swap_ops {
    /* A fault on an entry that is neither none nor present. */
    enum fault (*do_swap_page)(void *swap, struct vm_fault *vmf);
    int (*duplicate)(void *swap, swp_entry_t entry);
    void (*slot_free)(void *swap, swp_entry_t entry);
    /* Drops one count; frees the cache folio when only it is left. */
    void (*free_and_cache)(void *swap, swp_entry_t entry);
    /* Takes the folio out of the swap cache when no PTE needs the slot. */
    bool (*folio_free_swap)(void *swap, struct folio *folio);
    /* Migration: @to takes @from's place in the swap cache. */
    void (*replace_folio)(void *swap, struct folio *from, struct folio *to);
    /* The folio's last reference is gone: it leaves the cache. */
    void (*forget_folio)(void *swap, struct folio *folio);
    /* shmem_swapin_folio(): the page of @entry goes back into its place in
     * @m.  0, -EAGAIN (look again), -ENOMEM, -EIO. */
    int (*shmem_swapin)(void *swap, struct mapping *m, uint64_t index,
                        swp_entry_t entry);
    /* Is the page of this entry in memory? */
    bool (*in_cache)(void *swap, swp_entry_t entry);
    /* MADV_PAGEOUT: reclaim these folios, isolated with a reference each;
     * those that stay go back on their lists.  Returns how many went. */
    unsigned (*reclaim_list)(void *swap, struct folio *list);
    /* Slots of all devices, for overcommit. */
    uint64_t (*total_pages)(void *swap);
    /* Make free frames in @nodes.  Returns how many were freed. */
    unsigned (*reclaim)(void *swap, unsigned want, nodemask_t nodes);
};

/* Somebody who judges whether a failed unmap has left everything as it was. */
struct watch_ops {
    /* try_to_unmap_one(), try_to_migrate_one(): the entry is to be cleared. */
    void (*unmap_begins)(void *watch, struct mm *mm, gva_t va);
    /* A later step failed, and all is undone. */
    void (*unmap_failed)(void *watch, struct mm *mm, gva_t va);
};

enum mm_limit {
    MM_LIMIT_AS,     /* RLIMIT_AS */
    MM_LIMIT_DATA,   /* RLIMIT_DATA; the hard one in place of 0 */
    MM_LIMIT_MEMLOCK /* RLIMIT_MEMLOCK; none with CAP_IPC_LOCK */
};

/* The process that runs, as far as the memory manager asks. */
struct current_ops {
    /* rlimit(): bytes; UINT64_MAX: as many as it likes.  NULL: the same. */
    uint64_t (*limit)(void *ctx, enum mm_limit which);
    /* Its memory policy; NULL: nobody runs. */
    struct mpol_task *(*mpol)(void *ctx);
    /* Has it got a signal that ends it, so that it need not go on? */
    bool (*fatal_signal)(void *ctx);
    /* However often the page at @va is faulted in, it is never there. */
    void (*stuck)(void *ctx, gva_t va);
    /* personality(2): may it execute all that it may read?  NULL: no. */
    bool (*read_implies_exec)(void *ctx);
};
