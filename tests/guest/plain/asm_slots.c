// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_slots.c - traps in the delay slots of branches
 *
 * Catches a condition that is not where the trap looks for it, or is that of
 * the slot: PC and NPC in the handler, and where the program goes on, when
 * the instruction is done again or left out.
 */
#include <signal.h>
#include "plain.h"

/* struct pt_regs, which is behind the siginfo in the frame. */
struct regs {
    uint64_t u[16]; /* %g0..%g7, %o0..%o7 */
    uint64_t tstate, tpc, tnpc;
};

static uint64_t start, h = FOLD_START;
static volatile uint64_t data[2] = { 0x0102030405060708, 0x1112131415161718 };
static volatile unsigned seen; /* signal, PC and NPC from the start */
static volatile int skip;

static void on_trap(int sig, siginfo_t *info, void *context)
{
    struct regs *regs = (struct regs *)((char *)context + 128);

    (void)info;
    seen = (sig == SIGSEGV ? 0x100 : sig == SIGBUS ? 0x200 : 0x300) |
           (unsigned)(regs->tpc - start) / 4 << 4 |
           (unsigned)(regs->tnpc - start) / 4;
    h = fold(h, regs->tstate >> 32 & 0xff);
    regs->u[11] = (uint64_t)data;
    regs->u[13] = (uint64_t)data;
    if (skip || sig == SIGILL) {
        regs->tpc = regs->tnpc;
        regs->tnpc += 4;
    }
}

/* Word 5 is the branch, 6 the slot, and the target is word 9. */
#define ASK(branch, slot) do {                                              \
        register uint64_t none_ __asm__("o3") = 8;                          \
        register uint64_t v_ __asm__("o4") = 0;                             \
        register uint64_t odd_ __asm__("o5") = (uint64_t)data + 1;          \
        uint64_t way_, b_ = b;                                              \
        seen = 0;                                                           \
        __asm__ volatile("rd %%pc, %0\n\tstx %0, [%7]\n\t"                  \
                         "mov 0, %0\n\tcmp %5, %4\n\tmov 20, %%g1\n\t"      \
                         branch ", 1f\n\t" slot "\n\t"                      \
                         "or %0, 1, %0\n\tor %0, 2, %0\n"                   \
                         "1:\tor %0, 4, %0\n\tbe,a,pt %%xcc, 2f\n\t"        \
                         "or %0, 8, %0\n2:"                                 \
                         : "=&r" (way_), "+r" (none_), "+r" (v_),           \
                           "+r" (odd_), "+r" (b_)                           \
                         : "r" (a), "f" (fa), "r" (&start), "f" (fb)        \
                         : "cc", "fcc0", "fcc2", "g1", "o0", "o1",          \
                           "memory");                                       \
        h = fold(fold(fold(h, way_), v_), b_);                              \
        h = fold(fold(fold(h, data[0]), data[1]), seen);                    \
        printf(" %x/%03x", (unsigned)way_, seen);                           \
    } while (0)

#define SLOTS(branch) do {                                                  \
        ASK(branch, "ldx [%%o3], %%o4");                                    \
        ASK(branch, "ldub [%%o3], %%o4");                                   \
        ASK(branch, "stx %5, [%%o3]");                                      \
        ASK(branch, "sth %5, [%%o3]");                                      \
        ASK(branch, "lduw [%%o5], %%o4");                                   \
        ASK(branch, "stx %5, [%%o5]");                                      \
        ASK(branch, "illtrap 5");                                           \
        ASK(branch, "ta 0x6d");      /* getpid */                           \
        ASK(branch, "cmp %4, %5");   /* sets the codes */                   \
        ASK(branch, "addcc %4, 1, %4");                                     \
        ASK(branch, "mov 7, %4");    /* the register that is tested */      \
        ASK(branch, "mulx %4, %5, %4");                                     \
        ASK(branch, "movne %%xcc, 3, %4");                                  \
        ASK(branch, "movrz %4, 3, %4");                                     \
        ASK(branch, "subx %4, 3, %4");                                      \
        ASK(branch, "fcmpd %%fcc2, %8, %6");                                \
        ASK(branch, "rd %%ccr, %4");                                        \
    } while (0)

#define BOTH(branch, cc) do {                                               \
        printf("%s %s", branch, cc);                                        \
        SLOTS(branch " " cc);                                               \
        printf("\n  a");                                                    \
        SLOTS(branch ",a " cc);                                             \
        printf("\n");                                                       \
    } while (0)

static void ask(uint64_t a, uint64_t b, double fa, double fb)
{
    __asm__ volatile("fcmpd %%fcc2, %0, %1" : : "f" (fa), "f" (fb) : "fcc2");
    BOTH("bne", "%%xcc");
    BOTH("bg", "%%icc");
    BOTH("bleu", "%%xcc");
    BOTH("bneg", "%%icc");
    BOTH("bvc", "%%icc");
    BOTH("brnz", "%4");
    BOTH("brlez", "%4");
    BOTH("fbl", "%%fcc2");
    BOTH("fbuge", "%%fcc2");
}

/* A branch in the slot of another: the first target's first instruction is
 * the second branch's slot. */
static unsigned couple(int64_t a, int64_t b)
{
    unsigned way;

    __asm__ volatile("cmp %1, %2\n\tmov 0, %0\n\tbg,pt %%xcc, 1f\n\t"
                     "bpos,pt %%xcc, 2f\n\tor %0, 1, %0\n"
                     "1:\tor %0, 2, %0\n\tor %0, 4, %0\n"
                     "2:\tor %0, 8, %0"
                     : "=&r" (way) : "r" (a), "r" (b) : "cc");
    return way;
}

int main(void)
{
    static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL };
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_trap;
    sa.sa_flags = SA_SIGINFO;
    for (int i = 0; i < 3; i++)
        sigaction(sigs[i], &sa, NULL);
    for (skip = 0; skip < 2; skip++) {
        ask(1, 2, 1, 2);
        ask(5, 5, 5, 5);
        ask(0x80000000, 0, 8, 0);
        ask(0, (uint64_t)-3, 0, -3);
        ask((uint64_t)-1, 1, -1, 1);
    }
    printf("%x %x %x\n", couple(1, 2), couple(2, 2), couple(3, 2));
    printf("%016llx\n", (unsigned long long)h);
    return 0;
}
