// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b18_order.c - the copy goes with the slot, before it is used
 *
 * From v5.18 to v6.4 do_swap_page frees the slot before set_pte_at() looks
 * for the tags that a store keeps by swap entry.  A store to the page is the
 * last user of the slot: the copy is gone.  A load leaves the slot to the
 * swap cache.  A store keyed by address does not care.
 *
 * Where more than 320 slots are free, the slot waits for 64 others to be freed
 * with, and the copy with it: there it happens only when fewer than 128 are
 * left.
 *
 * run: --ram=4M --swap=2M -E CASE=store
 * kernels: mte-5.18
 * stdout: tag 0
 * report: errors == True and totals.lost_pages == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 0
 * report: pages[0].cause.id == "order"
 * report: counters.tags_saved == 1 and counters.tags_dropped == 1
 * report: counters.tags_restored == 0 and totals.leaked_bytes == 0
 * run: --ram=4M --swap=4M -E CASE=full
 * kernels: mte-5.18
 * stdout: tag 0
 * report: errors == True and totals.lost_pages == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 0
 * report: pages[0].cause.id == "order"
 * report: counters.tags_saved == 1 and counters.tags_dropped == 1
 * report: counters.tags_restored == 0 and totals.leaked_bytes == 0
 * run: --ram=4M --swap=4M -E CASE=store
 * kernels: mte-*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 * report: counters.tags_saved == 1 and counters.tags_dropped == 0
 * run: --ram=4M --swap=4M -E CASE=full
 * kernels: mte-6.*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 * run: --ram=4M --swap=64M -E CASE=load
 * kernels: mte-*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 * run: --ram=4M --swap=2M -E CASE=store
 * kernels: mte-6.*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 * report: counters.tags_saved == 1 and counters.tags_dropped == 1
 * run: --ram=4M --swap=64M -E CASE=store
 * kernels: remap linux-*
 * stdout: tag 5
 * report: totals.lost_pages == 0
 */
#include "adi/adi.h"

INSN(st_b, "", "stb %o1, [%o0]", "");

static void fill_swap(size_t pages)
{
    char *p = map_pages(pages, PROT_READ | PROT_WRITE);

    for (size_t i = 0; i < pages; i++) {
        p[i * PAGE] = 1;
        page_out(p + i * PAGE);
    }
}

int main(void)
{
    const char *how = getenv("CASE");
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);

    CHECK(how);
    faults_catch();
    mcdper_set(1);
    tag_range(p, PAGE, 5);
    page_out(p);
    /* Of 511 slots fewer than 128 are left. */
    if (strcmp(how, "full") == 0)
        fill_swap(420);
    if (strcmp(how, "load") != 0)
        st_b(tagged(p, 5), 7, NULL);
    printf("tag %u\n", tag_get(p));
    return 0;
}
