// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/mprotect_toggle.c - PROT_ADI on and off
 *
 * Off: a tagged pointer is no address, the others are not checked.  On
 * again: the tags are still there.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.pages_swapped_out > 0
 * run: --stress=migrate:3000:1
 * report: all_kept and counters.pages_migrated > 0
 */
#include <errno.h>

#include "adi/adi.h"

#define RW  (PROT_READ | PROT_WRITE)
#define OLD 0x1122334455667788ul

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(ld_b, "", "ldub [%o0], %o1", "");
INSN(st_x, "", "stx %o1, [%o0]", "");
INSN(tag_load, "", "ldxa [%o0] 0x90, %o1", "");

/* A page without ADI goes to swap without its tags: it has to stay. */
static void stay(char *page)
{
    CHECK(mlock(page, PAGE) == 0);
}

static int saw_maperr(const void *pc)
{
    int ok = seen.count == 1 && seen.sig == SIGSEGV &&
             seen.code == SEGV_MAPERR &&
             seen.pc == (uint64_t)(uintptr_t)pc;

    if (!ok)
        printf("%d faults: signal %d code %d addr %#lx\n", seen.count,
               seen.sig, seen.code, seen.addr);
    seen.count = 0;
    return ok;
}

static unsigned tag_of(size_t block)
{
    return block % 16;
}

static void set_all(char *page)
{
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(page + b * BLOCK, tag_of(b));
    tag_sync();
}

static void check_all(char *page)
{
    for (size_t b = 0; b < NTAGS; b++)
        CHECK(tag_get(page + b * BLOCK) == tag_of(b));
}

/* ADI off: every tag but the address's own is refused, nothing is checked. */
static void off(char *page)
{
    unsigned own = (unsigned)((uint64_t)(uintptr_t)page >> 60);
    volatile uint64_t *word = (void *)page;

    for (size_t i = 0; i < PAGE / 8; i += 3) {
        word[i] = i * 7;
        CHECK(word[i] == i * 7);
    }
    for (unsigned tag = 0; tag < 16; tag++) {
        if (tag == own)
            continue;
        CHECK(ld_x(tagged(page + 64 * tag, tag), OLD, NULL) == OLD);
        CHECK(saw_maperr(ld_x_pc));
        st_x(tagged(page + 64 * tag, tag), OLD, NULL);
        CHECK(saw_maperr(st_x_pc));
        CHECK(word[8 * tag] != OLD);
    }
}

/* ADI on: the tags of set_all() count. */
static void on(char *page)
{
    for (size_t b = 0; b < NTAGS; b++) {
        uint64_t *word = tagged(page + b * BLOCK, tag_of(b));
        char *wrong = tagged(word, tag_of(b) + 1);

        *word = b;
        CHECK(ld_x(word, OLD, NULL) == b && saw_nothing());
        ld_x(wrong, OLD, NULL);
        if (tag_of(b) == 0 || tag_of(b) == 15)
            CHECK(saw_nothing());
        else
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, ld_x_pc));
    }
}

/* One page of an area; its neighbours have their own way. */
static void parts(void)
{
    char *area = map_pages(5, RW);
    volatile char *p;

    CHECK(mprotect(area + PAGE, 3 * PAGE, RW | PROT_ADI) == 0);
    tag_range(area + PAGE, 3 * PAGE, 5);
    stay(area + 2 * PAGE);
    CHECK(mprotect(area + 2 * PAGE, PAGE, RW) == 0);
    for (size_t page = 0; page < 5; page++) {
        uint64_t *word = tagged(area + page * PAGE + 8, 5);

        p = area + page * PAGE;
        if (page == 1 || page == 3) {
            *word = page;
            CHECK(tag_get(p) == 5 && saw_nothing());
        } else {
            *p = 9;
            CHECK(*p == 9 && saw_nothing());
            ld_x(word, OLD, NULL);
            CHECK(saw_maperr(ld_x_pc));
            tag_load(p, OLD, NULL);
            CHECK(saw(SIGILL, ILL_ILLADR, p, tag_load_pc));
        }
    }
    /* The tag of an access that crosses nothing but the edge of the part. */
    CHECK(ld_b(tagged(area + 2 * PAGE - 1, 5), OLD, NULL) == 0);
    CHECK(saw_nothing());
    ld_b(tagged(area + 2 * PAGE, 5), OLD, NULL);
    CHECK(saw_maperr(ld_b_pc));
    CHECK(mprotect(area, 5 * PAGE, RW | PROT_ADI) == 0);
    for (size_t page = 0; page < 5; page++)
        CHECK(tag_get(area + page * PAGE + 4096) ==
              (page == 0 || page == 4 ? 0 : 5));
}

/* Other rights than RW, with and without ADI. */
static void rights(char *page)
{
    char *p;

    set_all(page);
    *(uint64_t *)tagged(page + 5 * BLOCK, 5) = 55;
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_ADI) == 0);
    p = tagged(page + 5 * BLOCK, 5);
    CHECK(ld_x(p, OLD, NULL) == 55 && saw_nothing());
    CHECK(tag_get(page + 5 * BLOCK) == 5);
    st_x(p, OLD, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, st_x_pc));
    p = tagged(page + 5 * BLOCK, 6);
    ld_x(p, OLD, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, ld_x_pc));
    CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
    CHECK(mprotect(page, PAGE, PROT_NONE | PROT_ADI) == 0);
    p = tagged(page + 5 * BLOCK, 5);
    ld_x(p, OLD, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, ld_x_pc));
    CHECK(mprotect(page, PAGE, PROT_READ) == 0);
    CHECK(mprotect(page, PAGE, RW | PROT_ADI) == 0);
    CHECK(ld_x(p, OLD, NULL) == 55 && saw_nothing());
    check_all(page);
}

/* KSM and ADI do not go together. */
static void mergeable(char *page)
{
    char *area = map_pages(3, RW);

    CHECK(madvise(area, PAGE, MADV_MERGEABLE) == 0);
    errno = 0;
    CHECK(mprotect(area, PAGE, RW | PROT_ADI) == -1 && errno == EINVAL);
    *area = 1;
    tag_load(area, OLD, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, area, tag_load_pc));
    /* Not mergeable any more. */
    CHECK(madvise(area, PAGE, MADV_UNMERGEABLE) == 0);
    CHECK(mprotect(area, PAGE, RW | PROT_ADI) == 0);
    CHECK(tag_get(area) == 0);
    /* The advice is not taken for an area with tags, but is no error. */
    CHECK(madvise(page, PAGE, MADV_MERGEABLE) == 0);
    CHECK(mprotect(page, PAGE, RW) == 0);
    CHECK(mprotect(page, PAGE, RW | PROT_ADI) == 0);
    check_all(page);
}

int main(void)
{
    char *area = map_pages(3, RW | PROT_ADI), *page = area + PAGE, *plain;

    faults_catch();
    mcdper_set(1);
    CHECK(tag_get(page) == 0); /* mmap() took PROT_ADI */
    set_all(page);
    check_all(page);
    stay(page);
    for (int round = 0; round < 20; round++) {
        on(page);
        CHECK(mprotect(page, PAGE, RW) == 0);
        off(page);
        CHECK(mprotect(page, PAGE, RW | PROT_ADI) == 0);
        check_all(page);
    }
    CHECK(tag_get(area) == 0 && tag_get(area + 2 * PAGE) == 0);

    /* Tagged addresses are as good for mprotect(). */
    CHECK(mprotect(tagged(page, 3), PAGE, RW) == 0);
    off(page);
    CHECK(mprotect(tagged(page, 9), PAGE, RW | PROT_ADI) == 0);
    check_all(page);

    /* Bits that mean nothing: refused by mprotect(), not seen by mmap(). */
    errno = 0;
    CHECK(mprotect(page, PAGE, RW | 0x40) == -1 && errno == EINVAL);
    plain = map_pages(1, RW | 0x40);
    *plain = 1;
    check_all(page);

    parts();
    rights(page);
    mergeable(page);
    return 0;
}
