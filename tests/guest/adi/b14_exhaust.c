// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b14_exhaust.c - 256 buffers and no more
 *
 * One page in each of 257 places 8 MiB apart: 256 can leave, each with a
 * buffer of 64 KiB; the last one stays in memory.
 *
 * run: --ram=16M --swap=64M
 * kernels: linux-*
 * stdout: 256 pages left
 * report: store_peak_bytes == 8192 + 256 * 65536
 * report: counters.saves_failed >= 1
 * report: counters.unmaps_failed == counters.saves_failed
 * report: counters.tags_saved == 256 and counters.tags_restored == 256
 * report: errors == True and len(pages) == 0
 * report: totals.refused_saves == counters.saves_failed
 * report: [r.kind for r in records] == ["refused"]
 * report: refused_saves[0].cause.id == "no-descriptor"
 * report: refused_saves[0].cause.function == "alloc_tag_store"
 * report: refused_saves[0].va == "0xf0000000"
 * report: totals.leaked_bytes == 0
 * run: --ram=16M --swap=64M -E CASE=down
 * kernels: linux-*
 * stdout: 256 pages left
 * report: store_peak_bytes == 8192 + 256 * 65536
 * report: counters.tags_saved == 256 and counters.tags_restored == 256
 * report: records[-1].kind == "refused"
 * run: --ram=16M --swap=64M -E CASE=stay --verbose-pages
 * kernels: linux-*
 * stdout: 256 pages left
 * report: len([l for l in leaks if l["class"] == "still reachable"]) == 256
 * report: totals.refused_saves > 0 and totals.leaked_bytes == 0
 * run: --ram=16M --swap=64M
 * kernels: remap mte-*
 * stdout: 257 pages left
 * report: errors == False and counters.saves_failed == 0
 * report: counters.tags_saved == 257 and counters.tags_restored == 257
 * run: --ram=16M --swap=64M -E CASE=stay
 * kernels: remap mte-*
 * stdout: 257 pages left
 * report: errors == False and totals.leaked_bytes == 0
 */
#include "adi/adi.h"

#define A     0x70000000ul
#define RANGE (8ul << 20)
#define COUNT 257

static char *pages[COUNT];

int main(void)
{
    const char *how = getenv("CASE");
    int down = how && strcmp(how, "down") == 0, left = 0;

    for (size_t i = 0; i < COUNT; i++) {
        size_t n = down ? COUNT - 1 - i : i;

        pages[i] = page_at(A + n * RANGE, PROT_READ | PROT_WRITE | PROT_ADI);
        for (size_t b = 0; b < NTAGS; b++)
            tag_set(pages[i] + b * BLOCK, (i + b) % 16);
        tag_sync();
        *(size_t *)tagged(pages[i], i % 16) = i;
    }
    for (size_t i = 0; i < COUNT; i++) {
        int gone = leaves(pages[i]);

        left += gone;
        CHECK(gone || i == 256);
    }
    printf("%d pages left\n", left);
    /* Again: still no room. */
    if (left < COUNT)
        CHECK(!leaves(pages[256]));
    if (how && strcmp(how, "stay") == 0)
        return 0;
    for (size_t i = COUNT; i-- > 0;) {
        for (size_t b = 0; b < NTAGS; b++)
            CHECK(tag_get(pages[i] + b * BLOCK) == (i + b) % 16);
        CHECK(*(size_t *)tagged(pages[i], i % 16) == i);
    }
    return 0;
}
