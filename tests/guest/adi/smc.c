// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/smc.c - code that changes while it runs
 *
 * Patched by each kind of store, by the system, through other addresses, on
 * pages that go to swap, move, and hold tags.  After FLUSH the new code
 * counts.  Fetches are never checked against tags.
 *
 * run: --swap=64M
 * kernels: remap mte-*
 * report: errors == False
 * run: --swap=64M
 * kernels: linux-*
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False and counters.pages_swapped_out > 50
 * run: --ram=16M --swap=64M --stress=swap:700:5 --stress=migrate:900:6
 * also: --kernel=swap-keyed
 * report: errors == False and counters.tags_restored > 10
 * run: --swap=64M --stress=migrate:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False and counters.pages_migrated > 100
 */
#define _GNU_SOURCE /* mremap */
#include <sched.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

#define MOV(imm) (0x90102000u | (imm)) /* mov imm, %o0 */
#define RETL     0x81c3e008u
#define NOP      0x01000000u
#define NOP_O1   0x92124009u /* or %o1, %o1, %o1: no byte of it is 0 */

typedef int fn(void *p, uint64_t v);

INSN(st_cas, "ldx [%o0], %o2", "casx [%o0], %o2, %o1", "");
INSN(st_block, "membar #Sync; ldda [%o2] 0xf0, %f16",
     "stda %f16, [%o0] 0xf0", "membar #Sync");
INSN(st_init, "", "stxa %o1, [%o0] 0xe2", "membar #Sync");
INSN(tag_init, "", "stxa %o1, [%o0] 0x92", "membar #Sync");

static void flush(const volatile void *p)
{
    __asm__ volatile("flush %0" : : "r"(p) : "memory");
}

static void write_fn(volatile uint32_t *p, unsigned imm)
{
    p[0] = MOV(imm);
    p[1] = RETL;
    p[2] = NOP_O1;
    flush(p);
    flush(p + 2);
}

static int call(const volatile void *p)
{
    int (*f)(void) = (int (*)(void))(uintptr_t)p;

    return f();
}

static void patch(volatile uint32_t *p, unsigned imm)
{
    *p = MOV(imm);
    flush(p);
}

/* @data and @code: two addresses, or one, of a page. */
static void patches(char *data, const char *code)
{
    for (size_t at = 0; at < 1024; at += 16)
        write_fn((void *)(data + at), at / 16);
    for (unsigned n = 0; n < 2000; n++) {
        size_t at = n * 7 % 64 * 16;

        CHECK(call(code + at) == (int)(at / 16));
        patch((void *)(data + at), 1000 + n);
        CHECK(call(code + at) == (int)(1000 + n));
        CHECK(call(code + (at ^ 16)) == (int)((at ^ 16) / 16));
        patch((void *)(data + at), at / 16);
        /* Data in the line of the code. */
        data[at + 13] = (char)n;
    }
}

/* Stores of other kinds than stw. */
static void kinds(char *page)
{
    static uint32_t line[16] __attribute__((aligned(64)));
    volatile char *p = page + 512;
    uint32_t word = MOV(77);

    for (int round = 0; round < 50; round++) {
        write_fn((void *)(uintptr_t)p, 5);
        CHECK(call(p) == 5);
        p[3] = 6;
        flush(p);
        CHECK(call(p) == 6);
        st_cas(p, (uint64_t)MOV(9) << 32 | RETL, NULL);
        flush(p);
        CHECK(call(p) == 9);
        memcpy((void *)(uintptr_t)p, &word, 4);
        flush(p);
        CHECK(call(p) == 77);
        line[0] = MOV(round);
        line[1] = RETL;
        line[2] = NOP;
        st_block(p, 0, line);
        flush(p);
        CHECK(call(p) == round);
        CHECK(call(p) == round);
        st_init(p, (uint64_t)MOV(round + 100) << 32 | RETL, NULL);
        ((volatile uint32_t *)p)[2] = NOP;
        flush(p);
        CHECK(call(p) == round + 100);
    }
}

/* The system writes it: the name of the thread is a function. */
static void system_writes(char *page)
{
    uint32_t code[4] = {0, RETL, NOP_O1, 0};

    for (unsigned n = 0x101; n < 0x140; n++) {
        write_fn((void *)page, 5);
        CHECK(call(page) == 5);
        code[0] = MOV(n);
        CHECK(prctl(PR_SET_NAME, code, 0, 0, 0) == 0);
        CHECK(prctl(PR_GET_NAME, page, 0, 0, 0) == 0);
        flush(page);
        CHECK(call(page) == (int)n);
    }
}

/* A function that patches what comes after it. */
static void ahead(char *page)
{
    static const uint32_t other_block[] = {
        0xd2222014, /* st %o1, [%o0 + 20] */
        0x81da2014, /* flush %o0 + 20 */
        0x10800003, /* ba +3 */
        NOP,        NOP,
        MOV(1), /* patched */
        RETL,       NOP,
    };
    static const uint32_t same_block[] = {
        0xd2222018, /* st %o1, [%o0 + 24] */
        0x81da2018, /* flush %o0 + 24 */
        NOP,        NOP, NOP, NOP,
        MOV(1), /* patched */
        RETL,       NOP,
    };
    fn *f = (fn *)(uintptr_t)page;

    memcpy(page, other_block, sizeof(other_block));
    flush(page);
    for (unsigned n = 0; n < 300; n++)
        CHECK(f(page, MOV(n)) == (int)n);
    memcpy(page, same_block, sizeof(same_block));
    for (size_t i = 0; i < sizeof(same_block); i += 8)
        flush(page + i);
    for (unsigned n = 0; n < 300; n++)
        CHECK(f(page, MOV(n)) == (int)n);
}

/* Not writable while it is executable. */
static void in_turn(char *page)
{
    for (unsigned n = 0; n < 100; n++) {
        CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
        write_fn((void *)page, n);
        CHECK(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
        CHECK(call(page) == (int)n);
    }
    CHECK(mprotect(page, PAGE, RWX) == 0);
}

/* Another page at the same address; the same page after swap. */
static void replaced(char *page)
{
    for (unsigned n = 0; n < 60; n++) {
        write_fn((void *)page, n);
        CHECK(call(page) == (int)n);
        if (n % 3 == 0) {
            page_out(page);
            CHECK(call(page) == (int)n);
            page_out(page);
            patch((void *)page, n + 500);
            CHECK(call(page) == (int)n + 500);
        } else if (n % 3 == 1) {
            CHECK(madvise(page, PAGE, MADV_DONTNEED) == 0);
            write_fn((void *)(page + 4), n + 600);
            CHECK(call(page + 4) == (int)n + 600);
            CHECK(call(page) == (int)n + 600 || seen.count == 1);
            seen.count = 0;
        } else {
            CHECK(mmap(page, PAGE, RWX,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
                  page);
            write_fn((void *)page, n + 700);
            CHECK(call(page) == (int)n + 700);
        }
    }
}

/* Two pages change places: no frame is freed, none is written to. */
static void exchanged(void)
{
    char *area = map_pages(3, RWX), *a = area, *b = a + PAGE, *spare = b + PAGE;

    for (unsigned n = 0; n < 2; n++)
        write_fn((void *)(area + n * PAGE), n);
    for (unsigned n = 0; n < 50; n++) {
        CHECK(call(a) == (int)(n & 1) && call(b) == (int)(~n & 1));
        CHECK(mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, spare) ==
              spare);
        CHECK(mremap(b, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a) == a);
        CHECK(mremap(spare, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b) == b);
    }
}

/* Two processes, with other code at the same address, take turns. */
static void in_two_processes(char *page)
{
    int status = 0;
    pid_t child;

    write_fn((void *)page, 1);
    CHECK(call(page) == 1);
    child = fork();
    if (child == 0)
        patch((void *)page, 2);
    for (unsigned n = 0; n < 200; n++) {
        CHECK(call(page) == (child ? 1 : 2));
        sched_yield();
    }
    if (child == 0)
        _exit(0);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void shared(void)
{
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0700);
    char *data = shmat(id, NULL, 0), *code = shmat(id, NULL, SHM_EXEC);

    CHECK(id >= 0 && data != (void *)-1 && code != (void *)-1);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    patches(data, code);
    patches(code, code);
    patches(data + PAGE, code + PAGE);
    CHECK(mprotect(data, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    tag_range(data, 2 * PAGE, 6);
    patches(tagged(data, 6), code);
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(data + b * BLOCK, b & 1 ? 0 : 6);
    tag_sync();
    patches(tagged(data, 6), code);
    CHECK(shmdt(data) == 0 && shmdt(code) == 0);
}

/* Code on a page of many tags, written through its versions. */
static void with_tags(void)
{
    char *page = map_pages(1, RWX | PROT_ADI);

    tag_range(page, PAGE, 4);
    patches(tagged(page, 4), page);
    /* Written before it is first code, and with tags that differ. */
    CHECK(madvise(page, PAGE, MADV_DONTNEED) == 0);
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(page + b * BLOCK, 1 + b % 14);
    tag_sync();
    for (unsigned n = 0; n < 1000; n++) {
        size_t b = n * 5 % NTAGS;
        volatile uint32_t *p = tagged(page + b * BLOCK, 1 + b % 14);

        write_fn(p, n);
        CHECK(call(page + b * BLOCK) == (int)n);
        patch(p, n + 1);
        CHECK(call(page + b * BLOCK) == (int)n + 1);
        write_fn(tagged(page + (b ^ 1) * BLOCK, 1 + (b ^ 1) % 14), n + 2);
        CHECK(call(page + b * BLOCK) == (int)n + 1);
        CHECK(call(page + (b ^ 1) * BLOCK) == (int)n + 2);
    }
    /* Block-init to a tag: the line is zero, which is no instruction. */
    CHECK(saw_nothing());
    tag_init(page, 3, NULL);
    flush(page);
    CHECK(*(volatile uint32_t *)tagged(page, 3) == 0);
    patch(tagged(page + 4, 3), 44);
    *(volatile uint32_t *)tagged(page + 8, 3) = RETL;
    *(volatile uint32_t *)tagged(page + 12, 3) = NOP;
    flush(page + 8);
    CHECK(call(page) == 44);
    CHECK(saw(SIGILL, ILL_ILLOPC, page, page));
}

int main(void)
{
    char *area = map_pages(2, RWX), *page = area + PAGE;

    faults_catch();
    patches(page, page);
    kinds(page);
    system_writes(page);
    ahead(page);
    in_turn(page);
    replaced(page);
    exchanged();
    in_two_processes(page);
    CHECK(saw_nothing());
    shared();
    CHECK(saw_nothing());
    with_tags();
    return 0;
}
