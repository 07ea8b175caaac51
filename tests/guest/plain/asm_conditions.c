// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_conditions.c - condition codes, conditional moves and branches
 *
 * Catches wrong carries and overflows, conditions, annulled slots, and %y.
 */
#include "plain.h"

static uint64_t h = FOLD_START;

/* One instruction that sets the codes; prints result and codes. */
#define CODES(op, before) do {                                          \
        uint64_t r_, c_;                                                \
        __asm__ volatile("wr %%g0, %4, %%ccr\n\t" op " %2, %3, %0\n\t"  \
                         "rd %%ccr, %1"                                 \
                         : "=&r" (r_), "=r" (c_)                        \
                         : "r" (a), "r" (b), "i" (before) : "cc");      \
        h = fold(fold(h, r_), c_);                                      \
        if (show)                                                       \
            printf(" " op " %llx/%02llx", (unsigned long long)r_,       \
                   (unsigned long long)c_);                             \
    } while (0)

static void arithmetic(uint64_t a, uint64_t b, int show)
{
    if (show)
        printf("%llx %llx:", (unsigned long long)a, (unsigned long long)b);
    CODES("addcc", 0);
    CODES("subcc", 0xff);
    CODES("addccc", 0x11);
    CODES("subccc", 0x01);
    CODES("addc", 0x01);
    CODES("andcc", 0xff);
    CODES("xnorcc", 0);
    CODES("taddcc", 0);
    CODES("tsubcc", 0);
    CODES("umulcc", 0xff);
    CODES("smulcc", 0xff);
    if (show)
        putchar('\n');
}

/* All the ways to ask after a comparison, as a row of bits. */
#define ASK(cc, cond) do {                                              \
        uint64_t m_ = 0;                                                \
        __asm__ volatile("cmp %1, %2\n\tmov" cond " " cc ", 1, %0"      \
                         : "+r" (m_) : "r" (a), "r" (b) : "cc");        \
        bits = bits << 1 | m_;                                          \
        __asm__ volatile("mov 0, %0\n\tcmp %1, %2\n\t"                  \
                         "b" cond ",a,pt " cc ", 1f\n\tor %0, 1, %0\n"  \
                         "1:\tb" cond ",pn " cc ", 2f\n\tor %0, 2, %0\n\t"\
                         "or %0, 4, %0\n2:"                             \
                         : "=&r" (m_) : "r" (a), "r" (b) : "cc");       \
        h = fold(h, m_);                                                \
    } while (0)
#define ASK_BOTH(cond) ASK("%%icc", cond); ASK("%%xcc", cond)

static uint64_t conditions(uint64_t a, uint64_t b)
{
    uint64_t bits = 0;

    ASK_BOTH("e");
    ASK_BOTH("ne");
    ASK_BOTH("g");
    ASK_BOTH("le");
    ASK_BOTH("ge");
    ASK_BOTH("l");
    ASK_BOTH("gu");
    ASK_BOTH("leu");
    ASK_BOTH("cc");
    ASK_BOTH("cs");
    ASK_BOTH("pos");
    ASK_BOTH("neg");
    ASK_BOTH("vc");
    ASK_BOTH("vs");
    return bits;
}

#define ASK_REG(cond) do {                                              \
        uint64_t m_ = 2, n_;                                            \
        __asm__ volatile("movr" cond " %2, 3, %0\n\t"                   \
                         "br" cond ",a,pt %2, 1f\n\tmov 1, %1\n\t"      \
                         "mov 0, %1\n1:"                                \
                         : "+r" (m_), "=&r" (n_) : "r" (v));            \
        bits = bits << 2 | (m_ & 1) << 1 | n_;                          \
    } while (0)

static uint64_t by_register(int64_t v)
{
    uint64_t bits = 0;

    ASK_REG("z");
    ASK_REG("nz");
    ASK_REG("lz");
    ASK_REG("lez");
    ASK_REG("gz");
    ASK_REG("gez");
    return bits;
}

static void others(uint64_t a, uint64_t b)
{
    uint64_t r[8], y;
    double x = (double)(int64_t)a, z = (double)(int64_t)b, w = z;

    __asm__("popc %1, %0" : "=r" (r[0]) : "r" (a));
    __asm__("sra %1, %2, %0" : "=r" (r[1]) : "r" (a), "r" (b));
    __asm__("srax %1, %2, %0" : "=r" (r[2]) : "r" (a), "r" (b));
    __asm__ volatile("umul %2, %3, %0\n\trd %%y, %1"
                     : "=r" (r[3]), "=r" (y) : "r" (a), "r" (b));
    __asm__ volatile("wr %1, 0, %%y\n\tudiv %2, %3, %0"
                     : "=r" (r[4]) : "r" (a >> 60), "r" (a), "r" (b | 1));
    __asm__ volatile("wr %%g0, -1, %%y\n\tsdiv %1, %2, %0"
                     : "=r" (r[5])
                     : "r" (a | 1ULL << 31), "r" (b | 0x100000));
    /* 32 steps and a last shift make a multiplication */
    __asm__ volatile("wr %2, 0, %%y\n\tandcc %%g0, %%g0, %0\n\t"
                     "mov 32, %1\n1:\tmulscc %0, %3, %0\n\t"
                     "sub %1, 1, %1\n\tbrnz,pt %1, 1b\n\t nop\n\t"
                     "mulscc %0, %%g0, %0\n\trd %%y, %1"
                     : "=&r" (r[6]), "=&r" (r[7])
                     : "r" (a & 0x7fff), "r" (b & 0xffff) : "cc");
    r[6] &= 0xffffffff;
    __asm__("fcmpd %%fcc2, %1, %2\n\tfmovdl %%fcc2, %1, %0"
            : "+e" (w) : "e" (x), "e" (z));
    for (int i = 0; i < 8; i++)
        h = fold(h, r[i]);
    h = fold(fold_double(h, w), y);
    printf(" %d %llx %lld %g %016llx\n", (int)r[0],
           (unsigned long long)r[4], (long long)r[5], w,
           (unsigned long long)h);
}

int main(void)
{
    static const uint64_t v[] = {
        0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        0x123456789abcdef2, 0x7fffffffffffffff, 0x8000000000000000,
        0xffffffffffffffff
    };

    for (int i = 0; i < 10; i++) {
        printf("%3llx", (unsigned long long)by_register(v[i]));
        for (int k = 0; k < 10; k++) {
            arithmetic(v[i], v[k], i * 3 % 7 == k);
            printf(" %07llx", (unsigned long long)conditions(v[i], v[k]));
            others(v[i], v[k]);
        }
    }
    return 0;
}
