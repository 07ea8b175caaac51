// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_fault.c - things happen in the middle of faults
 *
 * Four pages with a tag and a byte each are in swap, and are read one after
 * the other.  What happens meanwhile is in the events.
 *
 * run: --ram=4M --swap=64M --events=fault-migrate.events --log=event:info
 * kernels: *
 * stdout: 1:1 2:2 3:3 4:4
 * stderr: event warn line=2 insn=N action="migrate node 0" done=0 found=1 result=0
 * stderr: event info line=3 insn=N action="migrate node 0" done=1 found=1 result=0
 * report: totals.lost_pages == 0 and counters.pages_migrated == 1
 * run: --ram=4M --swap=64M --events=fault-swapoff.events
 * kernels: remap mte-*
 * stdout: 1:1 2:2 3:3 4:4
 * report: errors == False and counters.pages_unused == 4
 * run: --ram=4M --swap=64M --events=fault-swapoff.events --verbose-pages
 * kernels: linux-*
 * stdout: -:1 -:2 -:3 -:4
 * report: len(pages) == 4 and totals.lost_pages == 4
 * report: all(p.seen.script_line == 2 for p in pages)
 * report: all(p.seen.path == "swapoff" for p in pages)
 * run: --ram=4M --swap=64M --events=fault-read.events
 * kernels: *
 * stdout: 1:1 SIGBUS 3:3 4:4
 * report: totals.lost_pages == 0
 * run: --ram=4M --swap=64M --events=fault-drop.events
 * kernels: remap mte-*
 * stdout: 1:1 -:0 -:0 4:4
 * report: errors == False
 */
#include "adi/adi.h"

#define PAGES 4

INSN(ld_tag, "", "ldxa [%o0] 0x90, %o1", "");
INSN(ld_byte, "", "ldub [%o0], %o1", "");

/* "TAG:BYTE", "-" for any tag but the one it had, or the signal. */
static void show(char *p, unsigned wanted)
{
    unsigned tag = (unsigned)ld_tag(p, 0, NULL);

    if (seen.count) {
        CHECK(seen.sig == SIGBUS);
        printf("SIGBUS ");
        seen.count = 0;
        return;
    }
    if (tag == wanted)
        printf("%u:", tag);
    else
        printf("-:");
    printf("%u ", (unsigned)ld_byte(tagged(p, tag), 0, NULL));
}

int main(void)
{
    char *p[PAGES];

    faults_catch();
    for (unsigned i = 0; i < PAGES; i++) {
        p[i] = page_at(0x70000000 + i * PAGE,
                       PROT_READ | PROT_WRITE | PROT_ADI);
        tag_range(p[i], PAGE, i + 1);
        *(char *)tagged(p[i], i + 1) = (char)(i + 1);
    }
    for (unsigned i = 0; i < PAGES; i++)
        page_out(p[i]);
    soil_frames(9); /* what a page has that is given no tags */
    for (unsigned i = 0; i < PAGES; i++)
        show(p[i], i + 1);
    printf("\n");
    return 0;
}
