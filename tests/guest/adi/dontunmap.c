// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/dontunmap.c - what mremap(MREMAP_DONTUNMAP) leaves at the old address
 *
 * move_vma() charges the new area as locked, and takes VM_LOCKED from all of
 * the old one without counting its pages out: they stay in VmLck for ever.
 * It also unlinks the anon_vma of an area that is now empty, so that the area
 * takes the offset of its next place and merges with what is there.
 *
 * run:
 * kernels: remap linux-*
 * stdout: VmLck 32, 32, 24, 24 kB
 * stdout: moved: 1 area
 */
#define _GNU_SOURCE

#include "adi/adi.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define RW   (PROT_READ | PROT_WRITE)
#define MOVE (MREMAP_MAYMOVE | MREMAP_FIXED)

static char *map_at(uintptr_t va, size_t pages)
{
    char *want = (char *)va;

    CHECK(mmap(want, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
               -1, 0) == want);
    return want;
}

static unsigned locked_kb(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    unsigned kb = 0;

    CHECK(f);
    while (fgets(line, sizeof(line), f) &&
           sscanf(line, "VmLck: %u", &kb) != 1)
        ;
    fclose(f);
    return kb;
}

static void locked(void)
{
    char *p = map_at(0x70000000ul, 4), *q = (char *)0x71000000ul;
    unsigned kb[4];

    CHECK(mlock(p, 4 * PAGE) == 0);
    kb[0] = locked_kb();
    CHECK(mremap(p + PAGE, PAGE, PAGE, MOVE | MREMAP_DONTUNMAP, q) == q);
    kb[1] = locked_kb();
    CHECK(munmap(q, PAGE) == 0);
    kb[2] = locked_kb();
    CHECK(munmap(p, 4 * PAGE) == 0);
    kb[3] = locked_kb();
    printf("VmLck %u, %u, %u, %u kB\n", kb[0], kb[1], kb[2], kb[3]);
}

/* In [from, end). */
static unsigned areas(unsigned long from, unsigned long end)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long start;
    char line[256];
    unsigned nr = 0;

    CHECK(f);
    while (fgets(line, sizeof(line), f))
        nr += sscanf(line, "%lx-", &start) == 1 && start >= from && start < end;
    fclose(f);
    return nr;
}

static void merged(void)
{
    char *p = map_at(0x70000000ul, 2), *to = (char *)0x72000000ul;

    p[0] = p[PAGE] = 1;
    map_at(0x72000000ul + 2 * PAGE, 2);
    CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MOVE | MREMAP_DONTUNMAP,
                 (void *)0x71000000ul) == (void *)0x71000000ul);
    CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MOVE, to) == to);
    printf("moved: %u area\n", areas(0x72000000ul, 0x73000000ul));
}

int main(void)
{
    locked();
    merged();
    return 0;
}
