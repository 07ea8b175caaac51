// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/fork_tags.c - tags of private memory after fork
 *
 * The child has the tags of its parent.  Copy on write copies them with the
 * page; what one sets afterwards, by a store or by a tag, is its own.
 *
 * run:
 * report: all_kept
 * report: counters.faults_cow > 20
 * run: --ram=4M
 * report: all_kept
 * run: --kernel=linux-6.2
 * report: all_kept
 * run: --ram=16M --swap=64M --stress=swap:1000:1
 * report: all_kept and counters.tags_restored > 0
 * run: --stress=migrate:1000:1
 * report: all_kept and counters.pages_migrated > 0
 * run: --ram=4M --swap=64M --stress=swap:700:2 --stress=migrate:900:3
 * report: all_kept
 */
#include "adi/processes.h"

#define RWA   (PROT_READ | PROT_WRITE | PROT_ADI)
#define PAGES 12

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(st_x, "", "stx %o1, [%o0]", "");

static struct turn parent, child;
static char *area;

static unsigned tag_of(size_t block, unsigned base)
{
    return (block * 7 + block / NTAGS + base) % 14 + 1;
}

/* Blocks of every page get new tags, and values that go with them. */
static void fill(unsigned base)
{
    for (size_t i = 0; i < PAGES * NTAGS; i++) {
        char *p = area + i * BLOCK;
        unsigned tag = tag_of(i, base);

        tag_set(p, tag);
        tag_sync();
        *(uint64_t *)tagged(p, tag) = i * base;
    }
}

/* All is as filled, and another version is refused. */
static void verify(unsigned base)
{
    for (size_t i = 0; i < PAGES * NTAGS; i++) {
        char *p = area + i * BLOCK;
        unsigned tag = tag_of(i, base);

        CHECK(tag_get(p) == tag);
        CHECK(ld_x(tagged(p, tag), 0, NULL) == i * base);
        CHECK(saw_nothing());
        if (i % 37)
            continue;
        ld_x(tagged(p, tag % 14 + 1), 0, NULL);
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(p, tag % 14 + 1), ld_x_pc));
        st_x(tagged(p, tag % 14 + 1), 99, NULL);
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(p, tag % 14 + 1), st_x_pc));
    }
}

/* Only the first word of each page, or only a tag: the page is copied. */
static void touch(unsigned by_tag)
{
    for (size_t page = 0; page < PAGES; page++) {
        char *p = area + page * PAGE + (page + 1) * BLOCK;
        unsigned tag = tag_get(p);

        if (by_tag) {
            tag_set(p, 15);
            tag_sync();
        } else {
            *(uint64_t *)tagged(p, tag) += 5;
        }
    }
}

static void untouch(unsigned base, unsigned by_tag)
{
    for (size_t page = 0; page < PAGES; page++) {
        size_t block = page * NTAGS + page + 1;
        char *p = area + block * BLOCK;

        if (by_tag) {
            CHECK(tag_get(p) == 15);
            tag_set(p, tag_of(block, base));
            tag_sync();
        } else {
            *(uint64_t *)tagged(p, tag_of(block, base)) -= 5;
        }
    }
}

/* Each page is changed by both, one before the other. */
static void one_round(unsigned base, unsigned by_tag, int child_first)
{
    pid_t pid;

    fill(base);
    pid = fork_flushed();
    if (pid == 0) {
        if (!child_first)
            turn_wait(&child);
        verify(base);
        touch(by_tag);
        turn_give(&parent);
        turn_wait(&child);
        untouch(base, by_tag);
        verify(base);
        fill(base + 1);
        verify(base + 1);
        leave(7);
    }
    if (child_first)
        turn_wait(&parent);
    verify(base);
    touch(!by_tag);
    turn_give(&child);
    if (!child_first) {
        turn_wait(&parent);
        turn_give(&child);
    }
    untouch(base, !by_tag);
    verify(base);
    CHECK(reap(pid) == 7);
    verify(base);
}

int main(void)
{
    char *late;
    pid_t pid;

    faults_catch();
    mcdper_set(1);
    parent = turn_make();
    child = turn_make();
    area = map_pages(PAGES, RWA);
    for (unsigned i = 0; i < 8; i++)
        one_round(i * 3 + 1, i & 1, i / 2 & 1);

    /* mcde and mcdper are inherited; so is a page that only has tags 0. */
    late = map_pages(2, RWA);
    CHECK(late[0] == 0);
    pid = fork_flushed();
    if (pid == 0) {
        CHECK(mcdper_get() == 1 && tag_get(late) == 0);
        tag_set(late, 9);
        tag_set(late + PAGE, 8);
        tag_sync();
        CHECK(tag_get(late) == 9 && *(char *)tagged(late, 9) == 0);
        late = map_pages(1, PROT_READ | PROT_WRITE);
        tag_get(late);
        CHECK(seen.count == 1 && seen.sig == SIGILL);
        mcdper_set(0);
        leave(3);
    }
    CHECK(reap(pid) == 3);
    CHECK(tag_get(late) == 0 && tag_get(late + PAGE) == 0);
    CHECK(mcdper_get() == 1 && saw_nothing());
    return 0;
}
