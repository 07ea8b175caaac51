// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_clock.c - a program that is pushed around by the clock
 *
 * run: --swap=64M --events=clock.events --log=event:info
 * kernels: remap mte-*
 * also: --realtime
 * stdout: 128 blocks
 * stderr: event info line=2 insn=300
 * stderr: event info line=4 insn=900
 * stderr: event info line=8 insn=1500
 * stderr: event info line=10 insn=
 * report: errors == False and counters.pages_migrated > 0 and counters.pages_unused > 0
 */
#include "adi/adi.h"

int main(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    unsigned good = 0;

    for (unsigned i = 0; i < NTAGS; i++)
        tag_set(p + i * BLOCK, i % 16);
    for (volatile unsigned i = 0; i < 100000; i++)
        continue;
    for (unsigned i = 0; i < NTAGS; i++)
        good += tag_get(p + i * BLOCK) == i % 16;
    printf("%u blocks\n", good);
    return 0;
}
