// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_flags.c - every condition after every instruction that sets codes
 *
 * Catches conditions that are tested on the wrong operands: of another
 * instruction, of the wrong width, of what the branch before has left.
 */
#include "plain.h"

static uint64_t h = FOLD_START;

/*
 * Sets the codes, branches on @cond with an instruction in the slot that
 * sets them again, and asks once more; then all of them are read.
 */
#define ASK(op, cc, cond) do {                                              \
        uint64_t m_, c_;                                                    \
        __asm__ volatile("wr %%g0, 0xff, %%ccr\n\tmov 0, %0\n\t"            \
                         op " %2, %3, %1\n\t"                               \
                         "b" cond ",pt " cc ", 1f\n\t"                      \
                         op " %3, %2, %1\n\tor %0, 1, %0\n"                 \
                         "1:\tmov" cond " " cc ", 6, %0\n\t"                \
                         "b" cond ",a,pn " cc ", 2f\n\tor %0, 8, %0\n"      \
                         "2:\trd %%ccr, %1"                                 \
                         : "=&r" (m_), "=&r" (c_)                           \
                         : "r" (a), "r" (b) : "cc");                        \
        bits = bits << 4 | (m_ & 15);                                       \
        h = fold(fold(h, m_), c_);                                          \
    } while (0)

#define ASK_BOTH(op, cond) ASK(op, "%%icc", cond); ASK(op, "%%xcc", cond)

#define ASK_ALL(op) do {                                                    \
        uint64_t bits = 0;                                                  \
        ASK_BOTH(op, "e"); ASK_BOTH(op, "ne"); ASK_BOTH(op, "neg");         \
        ASK_BOTH(op, "pos"); ASK_BOTH(op, "vs"); ASK_BOTH(op, "vc");        \
        ASK_BOTH(op, "cs"); ASK_BOTH(op, "cc");                             \
        h = fold(h, bits);                                                  \
        ASK_BOTH(op, "g"); ASK_BOTH(op, "le"); ASK_BOTH(op, "ge");          \
        ASK_BOTH(op, "l"); ASK_BOTH(op, "gu"); ASK_BOTH(op, "leu");         \
        if (show)                                                           \
            printf(" %012llx", (unsigned long long)bits & 0xffffffffffff);  \
    } while (0)

static void ask(uint64_t a, uint64_t b, int show)
{
    ASK_ALL("addcc");
    ASK_ALL("addccc");
    ASK_ALL("subcc");
    ASK_ALL("subccc");
    ASK_ALL("andcc");
    ASK_ALL("xorcc");
    ASK_ALL("taddcc");
    ASK_ALL("tsubcc");
    ASK_ALL("umulcc");
    ASK_ALL("mulscc");
}

/* A loop that only adds: its end is a condition on a sum. */
static uint64_t count_up(int64_t from)
{
    uint64_t turns = 0;

    __asm__ volatile("1:\taddcc %0, 3, %0\n\tbneg,pt %%xcc, 1b\n\t"
                     "add %1, 1, %1\n\taddccc %1, 0, %1"
                     : "+r" (from), "+r" (turns) : : "cc");
    return turns * 1000 + (uint64_t)from;
}

int main(void)
{
    static const uint64_t v[] = {
        0, 1, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        0x123456789abcdef2, 0x7fffffffffffffff, 0x8000000000000000,
        0xffffffff00000000, 0xffffffffffffffff
    };
    uint64_t x = 88172645463325252, y;

    for (int i = 0; i < 12; i++)
        for (int k = 0; k < 12; k++) {
            ask(v[i], v[k], i == k);
            if (i == k)
                printf(" %016llx\n", (unsigned long long)h);
        }
    for (int i = 0; i < 3000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        y = x * 0x9e3779b97f4a7c15;
        ask(x >> (i & 48), y >> (i * 4 & 56), 0);
    }
    for (int i = 0; i < 10; i++)
        h = fold(h, count_up(-i * 7));
    printf("%016llx\n", (unsigned long long)h);
    return 0;
}
