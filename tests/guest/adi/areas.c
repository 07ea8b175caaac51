// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/areas.c - every call that cuts areas or joins them
 *
 * What a call was in the middle of, it must not lose when the area at hand
 * becomes part of another: each call is made again and again over a small
 * range, at random, and after each the bytes, the tags and the order of
 * /proc/self/maps are looked at.
 *
 * run: --swap=16M
 * stdout: mlockall 1 1 1 1 1 1 1 1
 * stdout: done
 * report: errors == False
 * also: --kernel=swap-keyed --stress=migrate:20000:5
 * also: --kernel=swap-keyed-5.18 --nodes=2
 * run: --swap=16M --kernel=linux-5.17
 * stdout: done
 * run: --swap=16M --kernel=linux-6.2 --nodes=2
 * stdout: done
 */
#define _GNU_SOURCE
#include <stdbool.h>

#include <fcntl.h>
#include <sys/shm.h>

#include "adi/numa.h"

#define PAGES 40
#define BASE  ((char *)0x70000000)
#define RW    (PROT_READ | PROT_WRITE)

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

/* What we know of each page. */
static struct {
    bool mapped;
    bool writable;
    unsigned char byte;
} page[PAGES];

static unsigned state = 1;

static unsigned any(unsigned limit)
{
    state = state * 1103515245u + 12345u;
    return (state >> 16) % limit;
}

static char *at(unsigned i)
{
    return BASE + i * PAGE;
}

/* A range of pages, [from, to). */
static unsigned from, to;

static void choose(void)
{
    from = any(PAGES);
    to = from + 1 + any(PAGES - from < 6 ? PAGES - from : 6);
}

static size_t bytes(void)
{
    return (to - from) * PAGE;
}

static bool all_mapped(void)
{
    for (unsigned i = from; i < to; i++)
        if (!page[i].mapped)
            return false;
    return true;
}

/* Areas in order, and none over another. */
static void look_at_maps(void)
{
    unsigned long end = 0, start, stop;
    FILE *f = fopen("/proc/self/maps", "r");
    char line[256];

    CHECK(f);
    while (fgets(line, sizeof(line), f)) {
        CHECK(sscanf(line, "%lx-%lx", &start, &stop) == 2);
        CHECK(start >= end && stop > start);
        end = stop;
    }
    fclose(f);
}

static void look(void)
{
    unsigned char in[PAGES];

    for (unsigned i = 0; i < PAGES; i++) {
        int err = mincore(at(i), PAGE, in) ? errno : 0;

        CHECK(err == (page[i].mapped ? 0 : ENOMEM));
        if (page[i].mapped)
            CHECK((unsigned char)*at(i) == page[i].byte);
    }
    look_at_maps();
}

/* ------------------------------------------------------------- the calls */

static void do_mmap(void)
{
    int locked = any(4) ? 0 : MAP_LOCKED;

    CHECK(mmap(at(from), bytes(), RW,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | locked, -1,
               0) == at(from));
    for (unsigned i = from; i < to; i++) {
        page[i].mapped = page[i].writable = true;
        page[i].byte = 0;
    }
}

static void do_munmap(void)
{
    CHECK(munmap(at(from), bytes()) == 0);
    for (unsigned i = from; i < to; i++)
        page[i].mapped = false;
}

static void do_mprotect(void)
{
    bool writable = any(2);

    if (!all_mapped())
        return;
    CHECK(mprotect(at(from), bytes(), writable ? RW : PROT_READ) == 0);
    for (unsigned i = from; i < to; i++)
        page[i].writable = writable;
}

static void do_store(void)
{
    for (unsigned i = from; i < to; i++)
        if (page[i].mapped && page[i].writable)
            *at(i) = (char)(page[i].byte = (unsigned char)any(256));
}

/* One area with one protection may move; where it goes, nothing was. */
static void do_mremap(void)
{
    unsigned target = any(PAGES), n = to - from;
    int keep = any(3) ? 0 : MREMAP_DONTUNMAP;
    void *got;

    if (target + n > PAGES || (target < to && from < target + n) ||
        !all_mapped())
        return;
    got = mremap(at(from), bytes(), bytes(),
                 MREMAP_MAYMOVE | MREMAP_FIXED | keep, at(target));
    for (unsigned i = 0; i < n; i++) {
        if (got != MAP_FAILED)
            page[target + i] = page[from + i];
        else
            page[target + i].mapped = false;
    }
    if (got == MAP_FAILED) {
        CHECK(errno == EFAULT); /* of several areas */
        return;
    }
    for (unsigned i = from; i < to; i++) {
        page[i].mapped = keep;
        page[i].byte = 0;
    }
}

static void do_shrink_and_grow(void)
{
    unsigned old = to - from, new = 1 + any(8);
    char *got;

    if (from + new > PAGES || !all_mapped())
        return;
    got = mremap(at(from), old * PAGE, new *PAGE, 0);
    if (got == MAP_FAILED) {
        CHECK(errno == ENOMEM || errno == EFAULT);
        return;
    }
    for (unsigned i = from; i < from + old || i < from + new; i++) {
        if (i >= from + old) {
            page[i] = page[from];
            page[i].byte = 0;
        }
        page[i].mapped = i < from + new;
    }
}

static void do_madvise(void)
{
    static const int advice[] = {MADV_DONTFORK,       MADV_DOFORK,
                                 MADV_MERGEABLE,      MADV_UNMERGEABLE,
                                 18 /* WIPEONFORK */, 19 /* KEEPONFORK */};
    int err = madvise(at(from), bytes(), advice[any(6)]);

    CHECK(err == 0 || errno == ENOMEM);
}

static void do_mlock(void)
{
    int err = any(2) ? mlock(at(from), bytes())
                     : (int)syscall(SYS_mlock2, at(from), bytes(),
                                    any(2) ? MLOCK_ONFAULT : 0);

    CHECK(err == 0 || errno == ENOMEM);
}

static void do_munlock(void)
{
    CHECK(munlock(at(from), bytes()) == 0 || errno == ENOMEM);
}

static void do_lock_all(void)
{
    switch (any(4)) {
    case 0: CHECK(mlockall(MCL_CURRENT) == 0); break;
    case 1: CHECK(mlockall(MCL_FUTURE) == 0); break;
    default: CHECK(munlockall() == 0); break;
    }
}

static void do_mbind(void)
{
    int err =
        bind_range(at(from), bytes(), any(2) ? MPOL_BIND : MPOL_DEFAULT, 0, 0);

    CHECK(err == 0 || err == -EFAULT || err == -EINVAL);
    err = bind_range(at(from), bytes(), MPOL_PREFERRED, 1,
                     any(2) ? MPOL_MF_MOVE : 0);
    CHECK(err == 0 || err == -EFAULT);
}

static void do_home_node(void)
{
    int err = (int)syscall(450, at(from), bytes(), 0, 0);

    CHECK(err == 0 || errno == ENOENT || errno == EOPNOTSUPP);
}

static void do_brk(void)
{
    static char *first;

    if (!first)
        first = sbrk(0);
    CHECK(brk(first + any(6) * PAGE) == 0);
}

static void (*const calls[])(void) = {
    do_mmap,    do_munmap, do_mprotect, do_store,          do_mremap,
    do_madvise, do_mlock,  do_munlock,  do_lock_all,       do_mbind,
    do_brk,     do_store,  do_mmap,     do_shrink_and_grow,
    do_home_node};

/* An area that merges into a locked one in the middle of mlockall(). */
static void lock_after_merge(void)
{
    unsigned char in[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    char *a = mmap(BASE, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0);

    CHECK(a == BASE && mlock(a, PAGE) == 0 && mlockall(MCL_CURRENT) == 0);
    CHECK(mincore(a, 8 * PAGE, in) == 0);
    printf("mlockall");
    for (int i = 0; i < 8; i++)
        printf(" %d", in[i]);
    printf("\n");
    CHECK(munlockall() == 0 && munmap(a, 8 * PAGE) == 0);
}

/* A shared object, its pages in another order and back: what each call
 * leaves of one area are up to three. */
static void remap_pages(void)
{
    int fd = (int)syscall(SYS_memfd_create, "areas", 0);
    char *w;

    CHECK(fd >= 0 && ftruncate(fd, 8 * (long)PAGE) == 0);
    w = mmap(NULL, 8 * PAGE, RW, MAP_SHARED, fd, 0);
    CHECK(w != MAP_FAILED);
    for (int i = 0; i < 8; i++)
        w[i * PAGE] = (char)('a' + i);
    for (int i = 0; i < 8; i += 2) {
        CHECK(syscall(SYS_remap_file_pages, w + i * PAGE, 2 * PAGE, 0, 6 - i,
                      0) == 0);
        CHECK(w[i * PAGE] == 'a' + 6 - i && w[(i + 1) * PAGE] == 'a' + 7 - i);
        look_at_maps();
    }
    /* A page of another colour; past the end; memory without an object. */
    CHECK(syscall(SYS_remap_file_pages, w, PAGE, 0, 1, 0) == -1 &&
          errno == EINVAL);
    CHECK(syscall(SYS_remap_file_pages, w, 9 * PAGE, 0, 0, 0) == -1 &&
          errno == EINVAL);
    CHECK(syscall(SYS_remap_file_pages, w, PAGE, 1, 0, 0) == -1 &&
          errno == EINVAL);
    CHECK(syscall(SYS_remap_file_pages, &fd, PAGE, 0, 0, 0) == -1 &&
          errno == EINVAL);
    /* Over all four at once, whatever they show. */
    CHECK(syscall(SYS_remap_file_pages, w, 8 * PAGE, 0, 0, 0) == 0);
    for (int i = 0; i < 8; i++)
        CHECK(w[i * PAGE] == 'a' + i);
    CHECK(munmap(w, 8 * PAGE) == 0 && close(fd) == 0);
}

/* One call takes away all that is left of a segment. */
static void detach_pieces(void)
{
    int id = shmget(IPC_PRIVATE, 8 * PAGE, IPC_CREAT | 0600);
    char *p = shmat(id, NULL, 0);
    unsigned char in;

    CHECK(id >= 0 && p != (void *)-1 && shmctl(id, IPC_RMID, NULL) == 0);
    p[7 * PAGE] = 1;
    CHECK(mprotect(p + PAGE, 2 * PAGE, PROT_READ) == 0);
    CHECK(munmap(p + 4 * PAGE, PAGE) == 0);
    CHECK(mlock(p + 6 * PAGE, PAGE) == 0);
    CHECK(shmdt(p) == 0);
    for (int i = 0; i < 8; i++)
        CHECK(mincore(p + i * PAGE, PAGE, &in) == -1 && errno == ENOMEM);
    CHECK(shmdt(p) == -1 && errno == EINVAL);
}

/* As many areas as the machine allows, and one more of mmap(). */
static void limit(void)
{
    const char *name = "/proc/sys/vm/max_map_count";
    char text[16] = "";
    int fd = open(name, O_RDWR);
    unsigned nr = 0;

    CHECK(fd >= 0 && read(fd, text, sizeof(text)) == 6);
    CHECK(strcmp(text, "65530\n") == 0);
    CHECK(pwrite(fd, "x\n", 2, 0) == -1 && errno == EINVAL);
    CHECK(pwrite(fd, "-1\n", 3, 0) == -1 && errno == EINVAL);
    CHECK(pwrite(fd, "40\n", 3, 0) == 3);
    while (nr < PAGES &&
           mmap(at(2 * nr), PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                -1, 0) == at(2 * nr))
        nr++;
    CHECK(nr > 20 && nr < PAGES && errno == ENOMEM);
    CHECK(munmap(at(0), 2 * PAGE * PAGES) == 0);
    CHECK(pwrite(fd, text, 6, 0) == 6 && close(fd) == 0);
}

int main(void)
{
    char *tags =
        mmap(NULL, 4 * PAGE, RW | PROT_ADI, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(tags != MAP_FAILED);
    tag_range(tags, 4 * PAGE, 5);
    lock_after_merge();
    remap_pages();
    detach_pieces();
    limit();
    for (unsigned i = 0; i < 3000; i++) {
        choose();
        calls[any(sizeof(calls) / sizeof(calls[0]))]();
        if (i % 8 == 0)
            look();
        if (i % 64 == 0) {
            madvise(tags, 4 * PAGE, MADV_PAGEOUT);
            for (size_t b = 0; b < 4 * PAGE; b += BLOCK)
                CHECK(tag_get(tags + b) == 5);
        }
    }
    printf("done\n");
    return 0;
}
