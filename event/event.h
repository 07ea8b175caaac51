/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/event.h - what the memory manager tells the listeners
 *
 * Owns:    the vocabulary: paths, kinds of events, one event
 * Used by: mm/, adi/, swap/, migrate/ emit; judge/, check/ listen; tests;
 *          explore/
 *
 * event/ is below all who emit: an event carries numbers, never a pointer to a
 * struct of another layer.
 */
#pragma once

#include "event/kernel_bug.h"
#include "mm/types.h"

/* The way a page takes when something happens to its tags. */
#define MM_PATHS(X)                                                            \
    X(NONE, "none", "")                                                        \
    X(SWAP_OUT, "swap-out", "try_to_unmap_one")                                \
    X(SWAP_IN, "swap-in", "do_swap_page")                                      \
    X(SWAPOFF, "swapoff", "unuse_pte")                                         \
    X(MIGRATE_OUT, "migrate-out", "try_to_migrate_one")                        \
    X(MIGRATE_IN, "migrate-in", "remove_migration_pte")                        \
    X(SWAP_WRITE, "swap-write", "swap_writepage")                              \
    X(SLOT_FREE, "slot-free", "swap_range_free")                               \
    X(ZAP, "zap", "zap_pte_range")                                             \
    X(MADV_FREE, "madv-free", "madvise_free_pte_range")                        \
    X(FORK, "fork", "copy_pte_range")                                          \
    X(MREMAP, "mremap", "move_ptes")                                           \
    X(MPROTECT, "mprotect", "change_pte_range")                                \
    X(COW, "copy-on-write", "wp_page_copy")                                    \
    X(FAULT, "fault", "handle_pte_fault")                                      \
    X(SHMEM_OUT, "shmem-out", "shmem_writepage")                               \
    X(SHMEM_IN, "shmem-in", "shmem_swapin_folio")                              \
    X(TRUNCATE, "truncate", "unmap_mapping_range")                             \
    X(COPY_IN, "copy-in", "copy_page_from_iter_atomic")                        \
    X(REMOTE_IN, "remote-in", "copy_page_from_iter")                           \
    X(ZERO_PART, "zero-part", "folio_zero_range")                              \
    X(STORE, "tag-store", "stxa to ASI_MCD_PRIMARY")                           \
    X(EXIT, "exit", "exit_mmap")                                               \
    X(CHECK, "check", "")

enum mm_path {
#define X(id, text, fn) PATH_##id,
    MM_PATHS(X)
#undef X
        PATH_NR
};

#define EVENT_KINDS(X)                                                         \
    /* life of the saved copies of tags, told by the tag store */              \
    X(TAG_SAVE, "save")                                                        \
    X(TAG_RESTORE, "restore")                                                  \
    X(TAG_DROP, "drop")                                                        \
    X(TAG_SAVE_FAIL, "save-failed")                                            \
    X(TAG_MOVE, "move")                                                        \
    X(TAG_DUP, "duplicate")                                                    \
    X(STORE_ALLOC, "store-alloc")                                              \
    X(STORE_IDLE, "store-idle")                                                \
    X(STORE_FREE, "store-free")                                                \
    X(STORE_ORPHAN, "store-orphan")                                            \
    X(STORE_UAF, "store-use-after-free")                                       \
    X(STORE_UNDERFLOW, "store-users-below-0")                                  \
    /* life of entries and pages, told by the paths */                         \
    X(SWAP_OUT, "swap-out")                                                    \
    X(UNMAP_UNDO, "unmap-undo")                                                \
    X(SWAP_IN, "swap-in")                                                      \
    X(SWAP_GONE, "swap-entry-gone")                                            \
    X(SLOT_FREE, "slot-free")                                                  \
    X(MIGRATE_OUT, "migrate-out")                                              \
    X(MIGRATE_IN, "migrate-in")                                                \
    X(MIGRATE_GONE, "migration-entry-gone")                                    \
    X(VISIBLE, "visible")                                                      \
    X(GLIMPSE, "seen-half-way")                                                \
    /* what the architecture says must happen to the guest's tags */           \
    X(ZAP, "zap")                                                              \
    X(UNTAG, "untagged-copy") /* copied in an area without PROT_ADI */         \
    /* lines of a frame, by the kernel; also told to each that shows it */     \
    X(TAGS_CLEARED, "tags-cleared")                                            \
    X(TAGS_LEFT, "tags-left")     /* a new page, not cleared */                \
    X(CACHE_MOVED, "cache-moved") /* migrated; nobody may show it */           \
    X(REMAP, "mremap")                                                         \
    X(FORK, "fork")                                                            \
    X(SHARE, "map-shared")                                                     \
    X(UNSHARE, "unmap-shared")                                                 \
    X(TRUNCATE, "truncate")                                                    \
    X(KERNEL_BUG, "kernel-bug")                                                \
    X(MM_START, "mm-start")                                                    \
    X(MM_EXIT, "mm-exit")                                                      \
    X(MM_DEAD, "mm-dead")

enum event_kind {
#define X(id, text) EV_##id,
    EVENT_KINDS(X)
#undef X
        EV_NR
};

/*
 * One event.  Fields that a kind does not use are 0.
 *
 * The first block is filled by the emitter, the stamp by hub_event().
 * @tags is borrowed for the time of the call: 128 tags of the frame, or of
 * the saved copy, one a byte.
 */
struct event {
    enum event_kind kind;
    enum mm_path path;
    uint32_t mm;        /* number of the address space, 1.. */
    uint32_t mm2;       /* fork: the child */
    uint64_t object;    /* shared object; without @mm @va is an offset in it */
    gva_t va;           /* page, or start of a range */
    gva_t end;          /* end of a range, exclusive */
    gva_t to;           /* mremap: new start; share: page offset */
    pfn_t pfn;          /* frame, PFN_NONE when there is none */
    uint64_t entry;     /* swap entry value */
    uint64_t buf;       /* number of a tag buffer */
    uint64_t bytes;     /* size of a tag buffer */
    uint32_t slot;      /* descriptor of a tag buffer */
    uint32_t users;     /* of the buffer, or copies in the store, afterwards,
                           plus 1; 0: the event is not the store's */
    enum access access; /* kernel-bug: of this kind, */
    enum kernel_bug_id bug; /* and this is what it met */
    bool undefined;         /* tags never set are leftovers, not 0 */
    bool late;     /* others have released the descriptor before (B20) */
    bool full;     /* save-failed: no descriptor is free; else no memory */
    bool by_entry; /* the copy belongs to the slot @entry, not to a page */
    bool bare;     /* swap-out of an object's page: its frame has no tags */
    const adi_tag_t *tags;

    uint64_t nr;      /* event number, from 1 */
    uint64_t insn;    /* instruction clock, 0 when it does not run */
    uint64_t pc;      /* guest PC, 0 outside guest code */
    uint32_t program; /* that it is a PC of; see hub_where */
    uint32_t pid;
    unsigned line; /* of the script that caused it, 0: the program did */
};

/*
 * An event with nothing in it.  To copy it is quicker than to have the
 * compiler clear one, where that counts.
 */
extern const struct event event_blank;

/* mm_path_name - "swap-out"; mm_path_function - "try_to_unmap_one" */
const char *mm_path_name(enum mm_path path);
const char *mm_path_function(enum mm_path path);
const char *event_kind_name(enum event_kind kind);

/* event_frame - its @pfn, or PFN_NONE when it is not about a frame */
pfn_t event_frame(const struct event *ev);
