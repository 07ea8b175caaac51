// SPDX-License-Identifier: GPL-2.0-or-later
/* What came of an action, in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/hub.h"
#include "mm/folio.h"
#include "mm/memory.h"
#include "script/internal.h"
#include "swap/swap.h"

/* What keeps any folio where it is; NULL: nothing of that. */
static const char *kept_by(const struct folio *folio)
{
    unsigned expected = (unsigned)folio->mapcount +
                        (folio_test(folio, PG_swapcache) ||
                         (!folio_test(folio, PG_anon) && folio->mapping));

    if (folio->pins > 0)
        return "the page is pinned";
    if (folio_test(folio, PG_locked))
        return "the page is locked: a fault or a migration is at it";
    if (folio_test(folio, PG_writeback))
        return "the page is being written";
    if (!folio_test(folio, PG_lru))
        return "the page is on no list: somebody has taken it off";
    if (folio->refcount > 0 && (unsigned)folio->refcount > expected)
        return "a fault or a migration holds the page";
    return NULL;
}

const char *why_not_migrated(const struct folio *folio, int err)
{
    const char *why = kept_by(folio);

    if (err == -ENOMEM)
        return "no frame is free on the node";
    return why ? why : "a mapping of the page could not be unmapped";
}

const char *why_not_swapped(const struct drive *d, const struct folio *folio,
                            uint64_t refused)
{
    const struct swap *swap = d->config.swap;
    const char *why = kept_by(folio);

    if (why)
        return why;
    if (folio_test(folio, PG_unevictable))
        return "the page is one of locked shared memory";
    if (drive_refused_saves(d) > refused)
        return "the tag store has refused a copy of its tags";
    if (!folio_test(folio, PG_swapbacked))
        return "the page is one of a file, and dirty or in use";
    if (swap_total_pages(swap) == 0)
        return "there is no swap device";
    if (swap_used_pages(swap) == swap_total_pages(swap))
        return "the swap devices are full";
    return folio_test(folio, PG_swapcache) ? "the page could not be written"
                                           : "reclaim has kept the page";
}

uint64_t drive_refused_saves(const struct drive *d)
{
    return hub_counter(memory_hub(d->config.mem), COUNT_SAVE_FAIL);
}

bool drive_result_is_empty(const struct script_action *action,
                           const struct drive_result *r)
{
    switch (action->verb) {
    case VERB_SWAPOUT:
    case VERB_MOVE:
    case VERB_RECLAIM:
    case VERB_MIGRATE: return r->err != 0 || r->done == 0;
    default: return r->err != 0;
    }
}

const char *drive_result_text(const struct script_action *action,
                              const struct drive_result *r,
                              char buf[static DRIVE_MAX_TEXT])
{
    char text[SCRIPT_MAX_TEXT];

    snprintf(buf, DRIVE_MAX_TEXT,
             "action=\"%s\" done=%" PRIu64 " found=%" PRIu64 " result=%s%s%s%s",
             script_action_text(action, text), r->done, r->found,
             r->err ? strerrorname_np(-r->err) : "0", r->why ? " why=\"" : "",
             r->why ? r->why : "", r->why ? "\"" : "");
    return buf;
}
