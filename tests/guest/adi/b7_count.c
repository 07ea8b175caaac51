// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b7_count.c - a swap count that nobody holds
 *
 * Before v5.19 an unmap that cannot save the tags leaves the count that it
 * took on the slot.  The slot is used for ever, and swapoff tries again and
 * again to free it.
 *
 * run: --swap=2M --fail=tagstore:1
 * kernels: linux-5.*
 * stdout: 1 slots used, swapoff: EINTR
 * stderr: 1 of its slots cannot be freed
 * report: counters.slots_stuck == 1 and counters.unmaps_failed == 1
 * report: totals.lost_pages == 0
 * run: --swap=2M --fail=tagstore:1
 * kernels: remap linux-* !linux-5.*
 * stdout: 0 slots used, swapoff: done
 * report: counters.slots_stuck == 0 and counters.unmaps_failed == 1
 * run: --swap=2M --fail=tagstore:1
 * kernels: mte-*
 * stdout: 0 slots used, swapoff: done
 * report: counters.slots_stuck == 0 and totals.refused_saves == 1
 * report: refused_saves[0].at.path == "swap-write"
 * report: refused_saves[0].cause.function == "arch_prepare_to_swap"
 */
#include <errno.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>

#include "adi/adi.h"

static unsigned long free_swap(void)
{
    struct sysinfo info;

    CHECK(sysinfo(&info) == 0);
    return info.freeswap * info.mem_unit;
}

int main(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    unsigned long room = free_swap();
    int err;

    tag_range(p, PAGE, 5);
    (void)leaves(p);
    CHECK(tag_get(p) == 5);
    *(char *)tagged(p, 5) = 1;
    CHECK(munmap(p, PAGE) == 0);
    printf("%lu slots used, ", (room - free_swap()) / PAGE);
    err = swapoff("/dev/adi0") == 0 ? 0 : errno;
    CHECK(err == 0 || err == EINTR);
    printf("swapoff: %s\n", err ? "EINTR" : "done");
    return 0;
}
