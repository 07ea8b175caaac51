/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/policy.h - what the core of Linux does differently from version to version
 *
 * Owns:    the list of differences, each with the versions that have it
 * Used by: mm/, swap/ and migrate/ ask it; adi/profile.c makes a kernel of it;
 *          explore/
 * Source:  mm/ and arch/sparc/ of the versions that docs/model.md names
 *
 * One word for one difference.  The hooks of the architecture are not here,
 * but in adi/profile.c.
 */
#pragma once

#include <stdbool.h>

/* A version as a number; that of a stable tree has its own third part. */
#define KERNEL(major, minor, patch) ((major)*0x10000 + (minor)*0x100 + (patch))

/* Is @v from this version on, or is it older? */
#define SINCE(v, major, minor) ((v) >= KERNEL(major, minor, 0))
#define UNTIL(v, major, minor) ((v) < KERNEL(major, minor, 0))

/* Is it of this stable tree, from @patch on? */
#define STABLE(v, major, minor, patch)                                         \
    ((v) >= KERNEL(major, minor, patch) && (v) < KERNEL(major, (minor) + 1, 0))

/*
 * MM_POLICIES(X, v) - X(NAME, has version @v it?)
 *
 * A boundary is the first version that was read with the difference, where the
 * change itself was not: docs/model.md says which.
 */
#define MM_POLICIES(X, v)                                                      \
    X(zap_mapping, UNTIL(v, 5, 18))                                            \
    X(reuse_by_refs, SINCE(v, 5, 18))                                          \
    X(swap_free_before_pte, SINCE(v, 5, 18))                                   \
    X(lazyfree_checks_refs, SINCE(v, 5, 18))                                   \
    X(dontneed_locked, SINCE(v, 5, 18))                                        \
    X(anon_exclusive, SINCE(v, 5, 19))                                         \
    X(unmap_undo_swap, SINCE(v, 5, 19))                                        \
    X(swapin_error_marker, SINCE(v, 5, 19))                                    \
    X(migration_keeps_ad, SINCE(v, 6, 1))                                      \
    X(merge_next, SINCE(v, 6, 1))                                              \
    X(delay_rmap, SINCE(v, 6, 2))                                              \
    X(error_is_pte_marker, SINCE(v, 6, 2))                                     \
    X(swp_exclusive, SINCE(v, 6, 3))                                           \
    X(migrate_batch, SINCE(v, 6, 3))                                           \
    X(marker_hwpoison, SINCE(v, 6, 6))                                         \
    X(bypass_guard, SINCE(v, 6, 8) || STABLE(v, 6, 1, 192))                    \
    X(map_writable, SINCE(v, 6, 12))                                           \
    X(zeromap, SINCE(v, 6, 12))                                                \
    X(guard_marker, SINCE(v, 6, 13))                                           \
    X(guard_files, SINCE(v, 6, 15))                                            \
    X(slot_cache, UNTIL(v, 6, 15))                                             \
    X(bypass_cache, UNTIL(v, 7, 1))                                            \
    X(shmem_bypass, SINCE(v, 6, 14) && UNTIL(v, 7, 1))                         \
    X(swap_cache_late, SINCE(v, 7, 1))

/* MM_POLICY_WORDS(X) - X(NAME, "what a kernel that has it does") */
#define MM_POLICY_WORDS(X)                                                     \
    X(zap_mapping, "zap_details spare all swap entries")                       \
    X(reuse_by_refs,                                                           \
      "do_wp_page() takes a page out of the swap cache and asks for its "      \
      "references; before: reuse_swap_page(), and mapcounts")                  \
    X(swap_free_before_pte,                                                    \
      "do_swap_page() gives up the slot before the PTE is set")                \
    X(lazyfree_checks_refs, "an MADV_FREE page that somebody uses is kept")    \
    X(dontneed_locked, "there is MADV_DONTNEED_LOCKED")                        \
    X(anon_exclusive, "there are PG_anon_exclusive and FAULT_FLAG_UNSHARE")    \
    X(unmap_undo_swap, "swap_free() when arch_unmap_one() fails")              \
    X(swapin_error_marker,                                                     \
      "a marker in place of what swap could not give back")                    \
    X(migration_keeps_ad, "young and dirty are kept in migration entries")     \
    X(merge_next, "mmap() and mremap() join the area behind")                  \
    X(delay_rmap, "a zap of dirty file pages delays the end of their rmap")    \
    X(error_is_pte_marker, "the marker of swapin_error_marker is one of "      \
                           "those that pte_none_mostly() takes for nothing")   \
    X(swp_exclusive, "_PAGE_SWP_EXCLUSIVE of sparc64: a page that comes back " \
                     "is exclusive whatever its references")                   \
    X(migrate_batch, "migrate_pages() unmaps all, then moves all: who fails "  \
                     "in the move is not unmapped again")                      \
    X(marker_hwpoison,                                                         \
      "at the marker of swapin_error_marker handle_mm_fault() says "           \
      "VM_FAULT_HWPOISON, no more VM_FAULT_SIGBUS")                            \
    X(bypass_guard, "swapcache_prepare() of who bypasses the swap cache")      \
    X(map_writable, "do_swap_page() makes the PTE of an exclusive page "       \
                    "writable after a load, too")                              \
    X(zeromap, "a page of zeros is not written, only noted")                   \
    X(slot_cache, "slots come and go by SWAP_BATCH")                           \
    X(guard_marker, "there is MADV_GUARD_INSTALL, and any advice by "          \
                    "process_madvise() to oneself")                            \
    X(guard_files, "MADV_GUARD_INSTALL of files, and PM_GUARD_REGION")         \
    X(bypass_cache, "SWP_SYNCHRONOUS_IO: a page that one PTE names does not "  \
                    "go through the swap cache")                               \
    X(shmem_bypass, "SWP_SYNCHRONOUS_IO: a page of shared memory does not go " \
                    "through the swap cache")                                  \
    X(swap_cache_late, "do_swap_page() empties the swap cache last")

struct mm_policy {
#define X(name, has) bool name;
    MM_POLICIES(X, 0)
#undef X
};

/* MM_POLICY_OF - initialiser of the policy of version @v */
#define MM_POLICY_FIELD(name, has) .name = (has),
#define MM_POLICY_OF(v)                                                        \
    {                                                                          \
        MM_POLICIES(MM_POLICY_FIELD, (v))                                      \
    }
