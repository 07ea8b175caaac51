/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate/migrate.h - move folios to other frames
 *
 * Owns:    nothing
 * Used by: migrate/node.c, migrate/compact.c, --stress migrate, script/,
 *          emu/event.c, tests
 * Source:  linux v6.2 mm/migrate.c, mm/rmap.c try_to_migrate_one()
 * Differs: nobody else runs between two passes, so what is locked stays
 *          locked: where the kernel would sleep, the folio fails
 */
#pragma once

#include "mm/folio.h"

struct memory;

/* Where the new frames come from. */
struct migrate_target {
    /* A folio with one reference, its bytes and tags undefined; or NULL */
    struct folio *(*get)(void *ctx, const struct folio *from);
    /* Not needed after all.  NULL: drop its reference */
    void (*put)(void *ctx, struct folio *to);
    void *ctx;
    struct mm *locked; /* whose mmap_lock the caller holds, or NULL */
};

/*
 * migrate_isolate - isolate_lru_page(): off its list, with a reference
 *
 * Returns false when it is on none.
 */
MUST_CHECK bool migrate_isolate(struct memory *mem, struct folio *folio);

/* migrate_putback - putback_movable_pages(): each on its list again */
void migrate_putback(struct memory *mem, struct folio **list);

/*
 * migrate_folios - migrate_pages(MIGRATE_SYNC): up to 10 passes
 *
 * @list: isolated folios; those that were not moved are left in it, for
 *        migrate_putback()
 * Returns how many were not moved, or -ENOMEM: no frame for one of them, the
 * rest was not tried.  The mappings of those are as they were, but for dirty
 * bits that moved to the folio.
 */
MUST_CHECK int migrate_folios(struct memory *mem, struct folio **list,
                              const struct migrate_target *target);

/*
 * migrate_folio - isolate one folio and try it once
 *
 * @folio: on an LRU list
 * @node:  where the new frame comes from, if it has one
 * Returns 0; -EBUSY: on no list, or being written; -EAGAIN: locked, or
 * somebody else holds a reference, or a mapping could not be unmapped;
 * -ENOMEM.
 */
MUST_CHECK int migrate_folio(struct memory *mem, struct folio *folio,
                             unsigned node);

/*
 * try_to_migrate - replace each mapping by a migration entry
 *
 * True when no mapping is left.  On false, restore with
 * remove_migration_ptes(folio, folio).
 */
bool try_to_migrate(struct memory *mem, struct folio *folio);

/* remove_migration_ptes - entries of @from become mappings of @to */
void remove_migration_ptes(struct memory *mem, struct folio *from,
                           struct folio *to);
