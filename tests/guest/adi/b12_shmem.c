// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b12_shmem.c - B12: a tagged page of shared memory goes to swap
 *
 * Its PTEs are simply cleared: no swap entry, no hook.  Linux 6.2 loses the
 * tags of SysV segments, shared anonymous memory and memfds; with a save in
 * shmem_writepage() they come back.  "found" is how many blocks still have
 * their tag.
 *
 * run: --swap=16M
 * stdout: sysv 5: 128 of 128, 256 of 256 bytes
 * stdout: anon 6: 128 of 128, 256 of 256 bytes
 * report: errors == False
 * report: counters.pages_swapped_out == 2 and counters.pages_swapped_in == 2
 * report: counters.tags_saved == 2 and counters.tags_restored == 2
 * run: --swap=16M
 * kernels: linux-*
 * stdout: sysv 5: 0 of 128, 256 of 256 bytes
 * stdout: anon 6: 0 of 128, 256 of 256 bytes
 * report: errors == True and totals.lost_pages == 2 and len(leaks) == 0
 * report: pages[0].expected_tag == 5 and pages[1].expected_tag == 6
 * report: pages[0].seen.function == "shmem_swapin_folio"
 * report: pages[0].history[0].function == "shmem_writepage"
 * report: pages[0].cause.function == "shmem_writepage"
 * report: pages[0].cause.hook == "missing"
 * report: counters.tags_saved == 0
 * run: --swap=16M
 * kernels: mte-*
 * stdout: sysv 5: 128 of 128, 256 of 256 bytes
 * stdout: anon 6: 128 of 128, 256 of 256 bytes
 * report: errors == False
 * report: counters.tags_saved == 2 and counters.tags_restored == 2
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "adi/adi.h"

static void judge(const char *what, char *p, unsigned tag)
{
    unsigned found = 0, bytes = 0;
    unsigned char in;

    tag_range(p, PAGE, tag);
    for (unsigned i = 0; i < 256; i++)
        ((unsigned char *)tagged(p, tag))[i * 32] = (unsigned char)(i ^ tag);
    CHECK(madvise(p, PAGE, MADV_PAGEOUT) == 0);
    CHECK(mincore(p, PAGE, &in) == 0 && in == 0);
    for (unsigned i = 0; i < NTAGS; i++)
        found += tag_get(p + i * BLOCK) == tag;
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0);
    for (unsigned i = 0; i < 256; i++)
        bytes += ((unsigned char *)p)[i * 32] == (unsigned char)(i ^ tag);
    printf("%s %u: %u of 128, %u of 256 bytes\n", what, tag, found, bytes);
}

int main(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
    char *p = shmat(id, NULL, 0);

    CHECK(id >= 0 && p != (void *)-1);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    CHECK(mprotect(p, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    judge("sysv", p + PAGE, 5);
    p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    judge("anon", p, 6);
    return 0;
}
