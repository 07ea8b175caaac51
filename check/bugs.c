// SPDX-License-Identifier: GPL-2.0-or-later
/* The bug classes, as data: section 3.3 of the design. */
#include "check/predict.h"

static const struct bug_class classes[] = {
    {1, "a saved page's swap entry is zapped, or freed by MADV_FREE",
     RECORD_LEAK},
    {2, "fork copies a swap entry: the child has no copy of the tags",
     RECORD_LOST | RECORD_STALE},
    {3, "mremap moves a swap entry: the copy stays where it was",
     RECORD_LOST | RECORD_STALE | RECORD_LEAK},
    {4, "swapoff maps a saved page: nothing restores",
     RECORD_LOST | RECORD_STALE | RECORD_LEAK},
    {5, "migration saves what copy_highpage() moves", RECORD_LEAK},
    {6, "a later step of an unmap fails after the save", RECORD_LEAK},
    {7, "the save fails in try_to_unmap_one", RECORD_SLOT},
    {8, "a page that was not saved gets what an older one left",
     RECORD_LOST | RECORD_STALE},
    {9, "a page that was not saved takes a user of its neighbours",
     RECORD_LOST | RECORD_STALE | RECORD_RELEASE},
    {10, "that page's frame is shared: others see what it gets",
     RECORD_LOST | RECORD_STALE},
    {11, "PROT_ADI is off at the unmap, or at the swap-in",
     RECORD_LOST | RECORD_STALE | RECORD_LEAK},
    {12, "shared memory goes to swap: its tags are not saved",
     RECORD_LOST | RECORD_STALE},
    {13, "huge pages are not modelled", 0},
    {14, "256 descriptors are in use: the page stays", 0},
    {15, "descriptor 0 is used again: its old buffer is forgotten",
     RECORD_REBOOT},
    {16, "another CPU uses the entry before the tags are restored",
     RECORD_LOST | RECORD_STALE},
    {17, "truncate leaves private copies that are in swap",
     RECORD_LOST | RECORD_STALE},
    {18, "the slot is free, or another page's, before its copy is used",
     RECORD_LOST | RECORD_STALE},
    {19, "pte_mkdirty() is that of 2023 under all profiles", 0},
    {20, "another CPU frees the buffer in the middle of a restore",
     RECORD_LOST | RECORD_STALE | RECORD_LEAK | RECORD_RELEASE},
    {21, "the kernel makes a page, and copies to it without clearing it",
     RECORD_STALE},
    {22, "the kernel stores to a page that is mapped with tags", RECORD_LOST},
    {28, "an access meets a page that swapoff could not read", RECORD_BUG},
};

/* What an older page left is found by one that was not saved: B8 to B10. */
#define LEFT (BUG(8) | BUG(9) | BUG(10))

uint32_t bugs_of_cause(enum cause_id id)
{
    static const uint32_t bugs[CAUSE_NR] = {
        [CAUSE_UNMAP] = BUG(11),
        [CAUSE_UNMAP_UNDO] = LEFT,
        [CAUSE_MIGRATE_UNDO] = LEFT,
        [CAUSE_MIGRATE] = LEFT,
        [CAUSE_SWAP_IN] = BUG(11) | LEFT,
        [CAUSE_UNSAVED] = LEFT,
        [CAUSE_SHARED] = BUG(10),
        [CAUSE_FREED] = BUG(20) | LEFT,
        [CAUSE_RACE] = BUG(16),
        [CAUSE_ORDER] = BUG(18),
        [CAUSE_UNUSE] = BUG(4) | LEFT,
        [CAUSE_UNUSE_LOST] = LEFT,
        [CAUSE_ZAP] = LEFT,
        [CAUSE_TRUNCATE] = BUG(17),
        [CAUSE_ZAP_MIGRATE] = LEFT,
        [CAUSE_MADV_FREE] = LEFT,
        [CAUSE_FORK] = BUG(2),
        [CAUSE_MOVE] = BUG(3) | LEFT,
        [CAUSE_SHMEM_OUT] = BUG(12),
        [CAUSE_SHMEM_IN] = BUG(12),
        [CAUSE_COPY_IN] = BUG(22),
        [CAUSE_NEW_PAGE] = BUG(21),
        [CAUSE_REMOTE_IN] = BUG(22),
        [CAUSE_ZERO_PART] = BUG(22),
    };

    return id < CAUSE_NR ? bugs[id] : 0;
}

unsigned bug_records(uint32_t bugs)
{
    unsigned records = 0;

    for (unsigned n = 0; n < sizeof(classes) / sizeof(classes[0]); n++)
        if (bugs >> classes[n].nr & 1)
            records |= classes[n].records;
    return records;
}
