// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/mcde_on.c - which calls turn tags on for the process
 *
 * PSTATE.mcde is set as soon as the bits of PROT_ADI are worked out, which
 * is before the last reasons to refuse.  It never goes off again.
 *
 * run: -E CASE=mmap
 * run: -E CASE=mprotect
 * run: -E CASE=mergeable
 * run: -E CASE=rights
 * run: -E CASE=half
 * run: -E CASE=off
 * run: -E CASE=unmapped
 * run: -E CASE=hole
 * run: -E CASE=badbits
 * run: -E CASE=length0
 * run: -E CASE=mergeable --kernel=linux-6.2
 * run: -E CASE=rights --kernel=linux-6.2
 * run: -E CASE=half --kernel=linux-6.2
 */
#include <errno.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "adi/adi.h"

#define RW  (PROT_READ | PROT_WRITE)
#define OLD 0x1122334455667788ul

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(tag_load, "", "ldxa [%o0] 0x90, %o1", "");
INSN(tag_store, "", "stxa %o1, [%o0] 0x90", "");

static int with_mmap(void)
{
    map_pages(1, RW | PROT_ADI);
    return 1;
}

static int with_mprotect(void)
{
    CHECK(mprotect(map_pages(1, RW), PAGE, RW | PROT_ADI) == 0);
    return 1;
}

static int with_mergeable(void)
{
    char *p = map_pages(1, RW);

    CHECK(madvise(p, PAGE, MADV_MERGEABLE) == 0);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == -1 && errno == EINVAL);
    return 1;
}

static int with_rights(void)
{
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    void *p = shmat(id, NULL, SHM_RDONLY);

    CHECK(p != (void *)-1 && shmctl(id, IPC_RMID, NULL) == 0);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == -1 && errno == EACCES);
    return 1;
}

/* The first page is there, and gets it; the second is not. */
static int with_half(void)
{
    char *p = map_pages(2, RW);

    CHECK(munmap(p + PAGE, PAGE) == 0);
    CHECK(mprotect(p, 2 * PAGE, RW | PROT_ADI) == -1 && errno == ENOMEM);
    CHECK(tag_get(p) == 0);
    return 1;
}

static int with_off(void)
{
    char *p = map_pages(1, RW | PROT_ADI);

    CHECK(mprotect(p, PAGE, RW) == 0);
    return 1;
}

static int with_unmapped(void)
{
    CHECK(munmap(map_pages(1, RW | PROT_ADI), PAGE) == 0);
    return 1;
}

/* These are turned down before anybody looks at the bits. */
static int with_hole(void)
{
    char *p = map_pages(1, RW);

    CHECK(munmap(p, PAGE) == 0);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == -1 && errno == ENOMEM);
    return 0;
}

static int with_badbits(void)
{
    char *p = map_pages(1, RW);

    CHECK(mprotect(p, PAGE, RW | PROT_ADI | 0x80) == -1 && errno == EINVAL);
    return 0;
}

static int with_length0(void)
{
    CHECK(mprotect(map_pages(1, RW), 0, RW | PROT_ADI) == 0);
    return 0;
}

static const struct {
    const char *name;
    int (*fn)(void);
} cases[] = {
    {"mmap", with_mmap},         {"mprotect", with_mprotect},
    {"mergeable", with_mergeable}, {"rights", with_rights},
    {"half", with_half},         {"off", with_off},
    {"unmapped", with_unmapped}, {"hole", with_hole},
    {"badbits", with_badbits},   {"length0", with_length0},
};

static void is_on(volatile char *plain)
{
    CHECK(tag_load(plain, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, plain, tag_load_pc));
    tag_store(plain, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, plain, tag_store_pc));
    CHECK(ld_x(tagged(plain, 5), OLD, NULL) == OLD);
    CHECK(seen.count == 1 && seen.sig == SIGSEGV &&
          seen.code == SEGV_MAPERR);
    seen.count = 0;
}

static void is_off(volatile char *plain)
{
    CHECK(tag_load(plain, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, plain, tag_load_pc));
    tag_store(plain, 5, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, plain, tag_store_pc));
    CHECK(ld_x(tagged(plain, 5), OLD, NULL) == OLD);
    CHECK(seen.count == 1 && seen.sig == SIGSEGV &&
          seen.code == SEGV_MAPERR);
    seen.count = 0;
}

int main(void)
{
    const char *name = getenv("CASE");
    char *plain = map_pages(1, RW);
    int on = -1;

    CHECK(name);
    faults_catch();
    *plain = 1;
    is_off(plain);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (strcmp(cases[i].name, name) == 0)
            on = cases[i].fn();
    CHECK(on >= 0);
    if (on)
        is_on(plain);
    else
        is_off(plain);
    return 0;
}
