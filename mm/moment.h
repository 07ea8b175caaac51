/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/moment.h - moments of a path at which others may run
 *
 * Owns:    the list of them, and what the path holds at each
 * Used by: mm/, swap/, migrate/ and adi/ come to them; script/ listens
 * Source:  where linux v6.2 does not hold the lock of the page table in
 *          mm/memory.c, or other CPUs can use a page while it does;
 *          mm/migrate.c __unmap_and_move()
 *
 * memory_moment() is the only call at which anything else happens while a path
 * is half-way.  Whoever runs there changes nothing for which the path would
 * have made it wait; what the path looks at afterwards, it looks at again.
 */
#pragma once

#include "mm/types.h"

struct memory;
struct mm;

/* What a path holds, and who waits for it. */
enum {
    HOLDS_AREAS = 1, /* mmap_lock for reading: who changes areas */
    HOLDS_TABLE = 2, /* the lock of the page table: who changes entries */
    HOLDS_FOLIO = 4  /* the lock of the page: who truncates, and migrates it */
};

/*
 * MOMENTS(X) - X(ID, what the path holds)
 *
 * FAULT_BEFORE:  the entry was read, nothing was done yet
 * FAULT_DURING:  the new page is there and filled, the entry not yet set
 * FAULT_RESTORE: the saved tags were found, and are about to be copied
 * FAULT_SET:     the entry is set, what the kernel does after that is not done
 * FAULT_AFTER:   all done, also after a failure
 * MIGRATE:       a folio has migration entries in place of its mappings, and
 *                is not copied yet
 *
 * Migration is on behalf of a process that holds its areas, or of nobody.
 */
#define MOMENTS(X)                                                             \
    X(FAULT_BEFORE, HOLDS_AREAS)                                               \
    X(FAULT_DURING, HOLDS_AREAS)                                               \
    X(FAULT_RESTORE, HOLDS_AREAS | HOLDS_TABLE)                                \
    X(FAULT_SET, HOLDS_AREAS | HOLDS_TABLE)                                    \
    X(FAULT_AFTER, HOLDS_AREAS)                                                \
    X(MIGRATE, HOLDS_FOLIO)

enum moment_id {
#define X(id, holds) MOMENT_##id,
    MOMENTS(X)
#undef X
        MOMENT_NR
};

/* What a fault finds, which decides how it goes on. */
#define FAULT_KINDS(X)                                                         \
    X(ZERO, "zero")           /* a load from anonymous memory never stored */  \
    X(ANON, "anon")           /* the first store to it */                      \
    X(FILE, "file")           /* a page of a file or of shared memory */       \
    X(COW, "cow")             /* a store to a private page that others have */ \
    X(SWAPIN, "swapin")       /* a page that is in swap */                     \
    X(MIGRATION, "migration") /* a page on its way to another frame */

enum fault_kind {
    FAULT_KIND_NONE, /* the rest: bits of a present entry */
#define X(id, text) FAULT_KIND_##id,
    FAULT_KINDS(X)
#undef X
        FAULT_KIND_NR
};

struct moment {
    enum moment_id id;
    enum fault_kind kind; /* FAULT_*: of what fault */
    struct mm *mm;        /* whose areas are held; MIGRATE, NULL: nobody's */
    gva_t va;             /* FAULT_*: where */
};

/* moment_holds - HOLDS_ bits of @id */
static inline unsigned moment_holds(enum moment_id id)
{
    static const unsigned holds[MOMENT_NR] = {
#define X(moment, bits) [MOMENT_##moment] = (bits),
        MOMENTS(X)
#undef X
    };

    return holds[id];
}

/* Who listens.  Attached with memory_attach_moments(). */
struct moment_ops {
    void (*reached)(void *ctx, const struct moment *moment);
};

/* memory_moment - others may run now */
void memory_moment(struct memory *mem, const struct moment *moment);
