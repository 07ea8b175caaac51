// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_syscall.c - pages go to swap at a system call that the events name
 *
 * The program calls getppid() four times and sees its two pages leave at the
 * third; what it did not do itself leaks under Linux v6.2, and the record
 * names the line that did it.
 *
 * run: --swap=64M --events=syscall.events --log=event:info
 * kernels: remap mte-*
 * stdout: 11 11 00 00
 * stderr: event warn line=3 insn=N action="swapoff /dev/adi3" done=0 found=0 result=ENOENT
 * stderr: event info line=4 insn=N action="swapout 0x70000000+2" done=2 found=2 result=0
 * stderr: event info line=6 insn=N action="check" done=0 found=0 result=0
 * report: counters.tags_saved == 2 and errors == False
 * run: --swap=64M --events=syscall.events
 * kernels: linux-*
 * stdout: 11 11 00 00
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].allocated.script_line == 4
 * report: leaks[0].allocated.path == "swap-out"
 * report: leaks[0].unreachable_since.script_line == None
 * report: leaks[0].unreachable_since.path == "zap"
 */
#include "adi/adi.h"

int main(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    unsigned char in[2];

    CHECK(page_at(0x70002000, PROT_READ | PROT_WRITE | PROT_ADI) == p + PAGE);
    tag_range(p, 2 * PAGE, 5);
    for (int i = 0; i < 4; i++) {
        (void)getppid();
        CHECK(mincore(p, 2 * PAGE, in) == 0);
        printf("%u%u%c", in[0] & 1, in[1] & 1, i < 3 ? ' ' : '\n');
    }
    CHECK(munmap(p, 2 * PAGE) == 0);
    return 0;
}
