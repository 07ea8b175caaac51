// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/lru.h"

#include <utlist.h>

#include "base/invariant.h"

/* The list on which @f belongs, by its flags. */
static enum lru_list folio_lru_list(const struct folio *f)
{
    bool active = folio_test(f, PG_active);

    if (folio_test(f, PG_unevictable))
        return LRU_UNEVICTABLE;
    if (folio_test(f, PG_swapbacked))
        return active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;
    return active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE;
}

void lru_add(struct lru *lru, struct folio *f)
{
    enum lru_list l = folio_lru_list(f);

    INVARIANT(!folio_test(f, PG_lru));
    folio_set(f, PG_lru);
    f->lru = (uint8_t)l;
    DL_APPEND(lru->head[l], f);
    lru->nr[l]++;
}

void lru_del(struct lru *lru, struct folio *f)
{
    INVARIANT(folio_test(f, PG_lru));
    folio_clear(f, PG_lru);
    DL_DELETE(lru->head[f->lru], f);
    lru->nr[f->lru]--;
}

void lru_mark_accessed(struct lru *lru, struct folio *f)
{
    if (!folio_test(f, PG_referenced)) {
        folio_set(f, PG_referenced);
        return;
    }
    if (!folio_test(f, PG_active) && !folio_test(f, PG_unevictable)) {
        lru_activate(lru, f);
        folio_clear(f, PG_referenced);
    }
}

void lru_deactivate(struct lru *lru, struct folio *f)
{
    if (!folio_test(f, PG_lru) || folio_test(f, PG_unevictable))
        return;
    lru_del(lru, f);
    folio_clear(f, PG_active);
    folio_clear(f, PG_referenced);
    folio_set(f, PG_lru);
    f->lru = (uint8_t)folio_lru_list(f);
    DL_PREPEND(lru->head[f->lru], f);
    lru->nr[f->lru]++;
}

void lru_activate(struct lru *lru, struct folio *f)
{
    bool on_list = folio_test(f, PG_lru);

    if (on_list)
        lru_del(lru, f);
    folio_set(f, PG_active);
    if (on_list)
        lru_add(lru, f);
}
