/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/page_to_move.h - one page with tags and a byte, to be migrated
 *
 * Owns:    nothing
 * Used by: tests/unit/test_migrate.c, test_migrate_list.c
 */
#pragma once

#include "fake_ops.h"

#include "migrate/migrate.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* Two nodes; one page with tag 5 and a byte of 42. */
static inline struct world *one_page(const char *profile)
{
    struct world *w = world_create_with(adi_profile_find(profile), 256, 64, 2);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static inline void assert_contents(struct world *w, gva_t va)
{
    assert_int_equal(world_read(w, va), 42);
    assert_int_equal(world_tag(w, va), 5);
}

static inline int migrate(struct world *w, struct folio *folio)
{
    return migrate_folio(w->mem, folio, 1);
}
