// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/bypass.h"

#include <errno.h>

#include "mm/mempolicy.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/page_io.h"
#include "swap/slot.h"

bool bypass_anon(struct swap *sw, swp_entry_t entry)
{
    return memory_policy(sw->mem)->bypass_cache &&
           swap_info(sw, entry)->synchronous && slot_count(sw, entry) == 1 &&
           !cache_find(sw, entry);
}

bool bypass_shmem(struct swap *sw, swp_entry_t entry)
{
    return memory_policy(sw->mem)->shmem_bypass &&
           swap_info(sw, entry)->synchronous && !cache_find(sw, entry);
}

int bypass_read(struct swap *sw, swp_entry_t entry, const struct alloc_for *who,
                struct folio **out)
{
    struct folio *folio = mpol_alloc_folio(sw->mem, who);

    if (!folio)
        return -ENOMEM;
    if (memory_policy(sw->mem)->bypass_guard &&
        slot_prepare_cache(sw, entry) != 0) {
        memory_folio_put(sw->mem, folio);
        return -EAGAIN;
    }
    swap_info(sw, entry)->bypassing += memory_policy(sw->mem)->bypass_guard;
    folio_set(folio, PG_locked);
    folio_set(folio, PG_swapbacked);
    lru_add(memory_lru(sw->mem), folio);
    page_io_read(sw, folio, entry);
    *out = folio;
    return 0;
}

void bypass_end(struct swap *sw, swp_entry_t entry)
{
    if (!memory_policy(sw->mem)->bypass_guard)
        return;
    swap_info(sw, entry)->bypassing--;
    slot_put_cache(sw, entry);
}
