// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/shm_tags.c - one page of memory, two addresses, one set of tags
 *
 * A SysV segment attached twice: what is set through one address is checked
 * at once through the other.  Each attachment has its own rights, and its
 * own PROT_ADI.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --stress=migrate:3000:1
 * report: all_kept and counters.pages_migrated > 0
 * run: --swap=16M --stress=swap:3000:3
 * report: all_kept and counters.pages_swapped_in > 0
 * report: counters.tags_restored > 0
 * run: --swap=16M --stress=swap:700:3 --stress=migrate:900:4
 * report: all_kept and counters.pages_swapped_in > 0
 * run: --stress=migrate:300:2
 * report: all_kept and counters.pages_migrated > 0
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "adi/adi.h"

#define RW    (PROT_READ | PROT_WRITE)
#define PAGES 4
#define SIZE  (PAGES * PAGE)
#define OLD   0x1122334455667788ul

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(st_x, "", "stx %o1, [%o0]", "");
INSN(tag_store, "", "stxa %o1, [%o0] 0x90", "membar #Sync");
INSN(tag_load, "", "ldxa [%o0] 0x90, %o1", "");

static char *a, *b;

/* Block @at has @tag: seen, and checked, at both addresses. */
static void both(size_t at, unsigned tag)
{
    char *views[2] = {a, b};

    for (int i = 0; i < 2; i++) {
        char *right = tagged(views[i] + at, tag);
        char *wrong = tagged(views[i] + at, tag + 1);
        char *other = tagged(views[!i] + at, tag);

        CHECK(tag_get(right) == tag);
        st_x(right, at + tag + (size_t)i, NULL);
        CHECK(ld_x(other, OLD, NULL) == at + tag + (size_t)i);
        CHECK(saw_nothing());
        ld_x(wrong, OLD, NULL);
        if (tag % 15)
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, ld_x_pc));
        st_x(wrong, at + tag + (size_t)i, NULL);
        if (tag % 15)
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, st_x_pc));
        CHECK(saw_nothing());
    }
}

/* Uniform, mixed, uniform again, by either address. */
static void transitions(void)
{
    for (unsigned n = 0; n < 60; n++) {
        char *by = n & 1 ? b : a;
        unsigned tag = n % 16, odd = (n * 5 + 3) % 16;
        size_t page = n % PAGES * PAGE, at = page + n * 11 % NTAGS * BLOCK;
        size_t next = page + (at - page + 320) % PAGE;

        tag_range(by + page, PAGE, tag);
        both(page, tag);
        both(at, tag);
        tag_set((n & 2 ? a : b) + at, odd);
        tag_sync();
        both(at, odd);
        both(next, tag);
        tag_set((n & 4 ? a : b) + at, tag);
        tag_sync();
        both(at, tag);
        both(next, tag);
        /* All of it, from the other side, one by one. */
        for (size_t i = 0; i < PAGE; i += BLOCK) {
            tag_set((n & 1 ? a : b) + page + i, odd);
            if (i % 1024 == 0) {
                both(page + i, odd);
                if (i + BLOCK < PAGE)
                    both(page + i + BLOCK, tag);
            }
        }
        both(at, odd);
    }
}

/* ADI on one side only. */
static void one_side(void)
{
    char *p;

    tag_range(a, SIZE, 7);
    CHECK(mprotect(b, SIZE, RW) == 0);
    for (size_t at = 0; at < SIZE; at += 1024) {
        st_x(b + at, at, NULL); /* not checked */
        CHECK(ld_x(tagged(a + at, 7), OLD, NULL) == at);
        CHECK(saw_nothing());
        p = tagged(a + at, 8);
        ld_x(p, OLD, NULL);
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, ld_x_pc));
        tag_load(b + at, OLD, NULL);
        CHECK(saw(SIGILL, ILL_ILLADR, b + at, tag_load_pc));
        p = tagged(b + at, 7);
        ld_x(p, OLD, NULL);
        CHECK(seen.count == 1 && seen.code == SEGV_MAPERR);
        seen.count = 0;
    }
    tag_set(a + PAGE, 4);
    tag_sync();
    st_x(b + PAGE, 1, NULL);
    CHECK(saw_nothing());
    CHECK(mprotect(b, SIZE, RW | PROT_ADI) == 0);
    both(PAGE, 4);
    both(0, 7);
}

/* Its own rights: reading tags is a load, setting them a store. */
static void rights(int id)
{
    char *c = shmat(id, NULL, SHM_RDONLY), *p;

    CHECK(c != (void *)-1);
    tag_range(a, SIZE, 5);
    *(uint64_t *)tagged(a, 5) = 42;
    CHECK(mprotect(c, SIZE, PROT_READ | PROT_ADI) == 0);
    p = tagged(c, 5);
    CHECK(tag_load(p, OLD, NULL) == 5);
    CHECK(ld_x(p, OLD, NULL) == 42);
    CHECK(saw_nothing());
    tag_store(c, 9, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, c, tag_store_pc));
    st_x(p, 43, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, st_x_pc));
    CHECK(tag_get(a) == 5 && ld_x(p, OLD, NULL) == 42);
    tag_set(b, 9);
    tag_sync();
    CHECK(tag_load(p, OLD, NULL) == 9);
    ld_x(p, OLD, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, ld_x_pc));
    CHECK(ld_x(tagged(c, 9), OLD, NULL) == 42);
    CHECK(saw_nothing());
    CHECK(shmdt(c) == 0);
}

int main(void)
{
    int id = shmget(IPC_PRIVATE, SIZE, 0600);

    CHECK(id >= 0);
    faults_catch();
    mcdper_set(1);
    a = shmat(id, NULL, 0);
    b = shmat(id, NULL, 0);
    CHECK(a != (void *)-1 && b != (void *)-1 && a != b);
    CHECK(mprotect(a, SIZE, RW | PROT_ADI) == 0);
    CHECK(mprotect(b, SIZE, RW | PROT_ADI) == 0);
    /* Not there yet: tags 0 at both. */
    CHECK(tag_get(b + PAGE) == 0 && tag_get(a + PAGE) == 0);
    transitions();
    one_side();
    rights(id);

    /* The tags belong to the segment, not to an address. */
    tag_range(a, SIZE, 3);
    CHECK(shmdt(a) == 0 && shmdt(b) == 0);
    a = shmat(id, NULL, 0);
    b = shmat(id, NULL, 0);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    CHECK(mprotect(a, SIZE, RW | PROT_ADI) == 0);
    CHECK(mprotect(b, SIZE, RW | PROT_ADI) == 0);
    for (size_t at = 0; at < SIZE; at += 640)
        both(at / BLOCK * BLOCK, 3);
    return 0;
}
