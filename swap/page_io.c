// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/page_io.h"

#include <string.h>

#include "mm/kcopy.h"
#include "swap/internal.h"

/* is_folio_zero_filled() */
static bool is_zero_filled(const uint8_t *bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, PAGE_SIZE - 1) == 0;
}

int page_io_write(struct swap *sw, const struct folio *folio)
{
    struct swap_info *si = swap_info(sw, folio->swap);
    uint64_t slot = swp_offset(folio->swap);
    const uint8_t *bytes = memory_folio_bytes(sw->mem, folio);
    int err;

    if (memory_policy(sw->mem)->zeromap) {
        si->zero[slot] = is_zero_filled(bytes);
        if (si->zero[slot]) {
            hub_count(swap_hub(sw), COUNT_SWAP_ZERO_OUT);
            return 0;
        }
    }
    err = si->ops->write(si->dev, slot, bytes);
    if (!err)
        hub_count(swap_hub(sw), COUNT_SWAP_WRITE);
    return err;
}

/* The bytes come from the device; the counter is told of each try. */
static void read_device(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);

    if (si->ops->read(si->dev, swp_offset(entry),
                      memory_folio_bytes(sw->mem, folio)) == 0)
        folio_set(folio, PG_uptodate);
    memory_page_written(sw->mem, memory_folio_pfn(sw->mem, folio));
    hub_count(swap_hub(sw), COUNT_SWAP_READ);
}

void page_io_read(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    struct hook_args args = {.pfn = memory_folio_pfn(sw->mem, folio),
                             .entry = entry};

    folio_clear(folio, PG_pristine);
    folio_set(folio, PG_tags_away);
    if (swap_info(sw, entry)->zero[swp_offset(entry)]) {
        (void)folio_zero_range(sw->mem, folio, 0, PAGE_SIZE);
        folio_set(folio, PG_uptodate);
        hub_count(swap_hub(sw), COUNT_SWAP_ZERO_IN);
    } else {
        read_device(sw, folio, entry);
    }
    (void)memory_hook(sw->mem, HOOK_SWAP_READ, &args);
}
