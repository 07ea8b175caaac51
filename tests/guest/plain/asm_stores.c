// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_stores.c - which of the stores of a block it was that faulted
 *
 * Catches a PC that is not that of the store, registers that are not yet, or
 * no longer, as they were before it, and a store that is done twice or not
 * at all when the block is gone on with.
 */
#include <signal.h>
#include <sys/mman.h>
#include "plain.h"

#define PAGE 8192

/* struct pt_regs, which is behind the siginfo in the frame. */
struct regs {
    uint64_t u[16]; /* %g0..%g7, %o0..%o7 */
    uint64_t tstate, tpc, tnpc;
};

static char *pages;
static uint64_t start, h = FOLD_START;
static unsigned seen, faults;

/* Note where it is, and let the page be written. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
    struct regs *regs = (struct regs *)((char *)context + 128);
    uint64_t at = (uint64_t)info->si_addr - (uint64_t)pages;

    (void)sig;
    if (++faults > 1000)
        _exit(99);
    seen = seen << 5 | (unsigned)(regs->tpc - start) / 4;
    h = fold(fold(h, at / PAGE), regs->tnpc - regs->tpc);
    h = fold(fold(h, regs->u[11]), regs->tstate >> 32 & 0xff);
    if (mprotect(pages + at / PAGE * PAGE, PAGE, PROT_READ | PROT_WRITE))
        _exit(98);
}

/* Five stores to five pages, some of which fault; %o3 counts them. */
#define STORES(text, value) do {                                            \
        register uint64_t count_ __asm__("o3") = 0;                         \
        __asm__ volatile("rd %%pc, %0\n\tstx %0, [%4]\n\t"                  \
                         "inccc %1\n\t" text(%2 + %%g0) "\n\t"                 \
                         "inccc %1\n\t" text(%2 + %5) "\n\t"                \
                         "inccc %1\n\t" text(%6 + %%g0) "\n\t"                 \
                         "inccc %1\n\t" text(%6 + %5) "\n\t"                \
                         "deccc 9, %1\n\t" text(%7 + %%g0)                     \
                         : "=&r" (way_), "+r" (count_)                      \
                         : "r" (p), value, "r" (&start), "r" (PAGE),        \
                           "r" (p + 2 * PAGE), "r" (p + 4 * PAGE),          \
                           "r" (3)                                          \
                         : "cc", "memory");                                 \
        h = fold(h, count_);                                                \
    } while (0)

#define STB(at) "stb %3, [" #at "]"
#define STH(at) "sth %3, [" #at "]"
#define STW(at) "stw %3, [" #at "]"
#define STX(at) "stx %3, [" #at "]"
#define STZ(at) "stx %%g0, [" #at "]"
#define STF(at) "st %3, [" #at "]"
#define STDF(at) "std %3, [" #at "]"
#define STHL(at) "stha %3, [" #at "] 0x88"
#define STWL(at) "stwa %3, [" #at "] 0x88"
#define STXL(at) "stxa %3, [" #at "] 0x88"

static void forbid(unsigned which)
{
    for (unsigned i = 0; i < 5; i++)
        if (mprotect(pages + i * PAGE, PAGE,
                     which >> i & 1 ? PROT_READ : PROT_READ | PROT_WRITE))
            _exit(97);
    seen = 0;
}

#define ONE(text, value) do {                                               \
        printf("%-4s", #text);                                              \
        for (unsigned which = 0; which < 32; which += 1 + which / 5) {      \
            forbid(which);                                                  \
            STORES(text, value);                                            \
            printf(" %x", seen);                                            \
            h = fold_bytes(h, pages, 5 * PAGE);                             \
            p += 16;                                                        \
        }                                                                   \
        printf("\n");                                                       \
    } while (0)

int main(void)
{
    struct sigaction sa;
    uint64_t way_, v = 0x0123456789abcdef;
    float f = 1.5f;
    double d = -2.75;
    char *p;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_fault;
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    pages = mmap(NULL, 5 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
    if (pages == MAP_FAILED)
        return 2;
    p = pages;
    ONE(STB, "r" (v));
    ONE(STH, "r" (v));
    ONE(STW, "r" (v));
    ONE(STX, "r" (v));
    ONE(STZ, "r" (v));
    ONE(STF, "f" (f));
    ONE(STDF, "e" (d));
    ONE(STHL, "r" (v));
    ONE(STWL, "r" (v));
    ONE(STXL, "r" (v));
    printf("%u faults, %016llx\n", faults, (unsigned long long)h);
    return 0;
}
