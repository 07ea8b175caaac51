/*
 * migrate/migrate.h - move a folio to another frame
 *
 * Owns:    nothing
 * Used by: --stress migrate, tests
 * Source:  linux v6.2 mm/migrate.c, mm/rmap.c try_to_migrate_one()
 */
#pragma once

#include "mm/folio.h"

struct memory;

/*
 * migrate_folio - unmap, copy, map again
 *
 * @folio: on an LRU list
 * @node:  where the new frame comes from
 * Returns 0; -EBUSY: locked, or not on a list; -EAGAIN: somebody else holds
 * a reference, or a mapping could not be unmapped; -ENOMEM.  After an error
 * every mapping is as it was, but for dirty bits that moved to the folio.
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
