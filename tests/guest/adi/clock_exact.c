// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/clock_exact.c - an instruction is counted once, whatever it meets
 *
 * %tick goes by the instructions that are done.  Code that runs into a page
 * that is away takes the same time as with the page there.  A store that gets
 * a signal leaves its block half-way: what came before it is not counted
 * again when the block goes on, so the whole takes as long with the store in
 * front as with it at the end.
 *
 * run: --swap=16M --stress=swap:100000
 * stdout: exact
 * run: --swap=16M --stress=swap:7:3 --stress=migrate:11
 * stdout: exact
 * run: --swap=16M --stress=swap:1
 * check: path
 * stdout: exact
 * run: --swap=16M --kernel=linux-6.2 --stress=swap:20
 * stdout: exact
 */
#include "adi/adi.h"

#define PLAIN (PROT_READ | PROT_WRITE)

/* Ticks from before the first of these instructions to after the last. */
#define TICKS(body, p)                                                         \
    ({                                                                         \
        uint64_t from_, to_, v_ = 0;                                           \
                                                                               \
        __asm__ volatile("rd %%tick, %0\n" body "rd %%tick, %1\n"              \
                         : "=&r"(from_), "=&r"(to_), "+&r"(v_)                 \
                         : "r"(p)                                              \
                         : "memory", "cc");                                    \
        to_ - from_;                                                           \
    })

#define STORE "stx %2, [%3]\n"
#define NOPS  "nop\nnop\nnop\nnop\nnop\n"

static uint64_t first(volatile char *p)
{
    return TICKS(STORE NOPS NOPS "ba,pt %%xcc, 1f\nnop\nnop\n1:\n", p);
}

static uint64_t middle(volatile char *p)
{
    return TICKS(NOPS STORE NOPS "ba,pt %%xcc, 1f\nnop\nnop\n1:\n", p);
}

static uint64_t last(volatile char *p)
{
    return TICKS(NOPS NOPS STORE "ba,pt %%xcc, 1f\nnop\nnop\n1:\n", p);
}

static uint64_t delay_slot(volatile char *p)
{
    return TICKS(NOPS NOPS "nop\nba,pt %%xcc, 1f\n" STORE "nop\n1:\n", p);
}

static uint64_t after_jump(volatile char *p)
{
    return TICKS(NOPS NOPS "ba,pt %%xcc, 1f\nnop\nnop\n1:\n" STORE, p);
}

static uint64_t (*const codes[])(volatile char *) = {first, middle, last,
                                                     delay_slot, after_jump};
#define NR_CODES (sizeof(codes) / sizeof(codes[0]))

/* Ways in which a page is not there. */
static void drop(char *p)
{
    CHECK(madvise(p, PAGE, MADV_DONTNEED) == 0);
}

static void out(char *p)
{
    *p = 1;
    CHECK(madvise(p, PAGE, MADV_PAGEOUT) == 0);
}

static void clean(char *p)
{
    drop(p);
    CHECK(*(volatile char *)p == 0);
}

static void (*const ways[])(char *) = {drop, out, clean};

static char *page;

static void on_segv(int sig)
{
    (void)sig;
    mprotect(page, PAGE, PLAIN);
}

static uint64_t with_signal(uint64_t (*code)(volatile char *))
{
    CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
    return code(page);
}

int main(void)
{
    struct sigaction act = {.sa_handler = on_segv};
    uint64_t there, signalled;

    page = map_pages(1, PLAIN);
    CHECK(sigaction(SIGSEGV, &act, NULL) == 0);
    *page = 1;
    for (size_t c = 0; c < NR_CODES; c++) { /* the code itself is there */
        (void)codes[c](page);
        (void)with_signal(codes[c]);
    }
    there = first(page);
    CHECK(there > 13);
    signalled = with_signal(first);
    CHECK(signalled > there);
    for (size_t c = 0; c < NR_CODES; c++) {
        CHECK(codes[c](page) == there);
        for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
            ways[w](page);
            CHECK(codes[c](page) == there);
        }
        CHECK(with_signal(codes[c]) == signalled);
    }
    printf("exact\n");
    return 0;
}
