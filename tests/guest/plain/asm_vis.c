// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_vis.c - VIS1: logic, sums, alignment, edges and block moves
 *
 * The instructions are given as numbers, so no option for the assembler is
 * needed. Each result is compared with plain C. Catches wrong lanes, a wrong
 * alignment register and wrong order in the 64-byte loads and stores.
 */
#include "plain.h"

static uint64_t h;
static int differ;

/* Operands in %f8 and %f10; the result, with an old value, in %f12. */
#define FLOAT 0x99b2000a
#define OP(name, word, expected)                                        \
static void name(uint64_t a, uint64_t b)                                \
{                                                                       \
    uint64_t old = 0x1000200030004000, r = old;                         \
                                                                        \
    __asm__ volatile("ldd %1, %%f8\n\tldd %2, %%f10\n\t"                \
                     "ldd %0, %%f12\n\t.word %3\n\tstd %%f12, %0"       \
                     : "+m" (r) : "m" (a), "m" (b), "i" (word)          \
                     : "f8", "f9", "f10", "f11", "f12", "f13");         \
    h = fold(h, r);                                                     \
    differ += r != (uint64_t)(expected);                                \
    (void)old;                                                          \
}

/* Operands in %o0 and %o1 or %f8 and %f10; results in %o2 and the codes. */
#define INTEGER(name, word)                                             \
static uint64_t name(uint64_t a, uint64_t b, uint64_t *codes)           \
{                                                                       \
    uint64_t r;                                                         \
                                                                        \
    __asm__ volatile("mov %2, %%o0\n\tmov %3, %%o1\n\tldd %5, %%f8\n\t" \
                     "ldd %6, %%f10\n\t.word %4\n\trd %%ccr, %1\n\t"    \
                     "mov %%o2, %0"                                     \
                     : "=r" (r), "=r" (*codes)                          \
                     : "r" (a), "r" (b), "i" (word), "m" (a), "m" (b)   \
                     : "o0", "o1", "o2", "cc", "f8", "f9", "f10",       \
                       "f11");                                          \
    return r;                                                           \
}

static uint64_t sums(uint64_t a, uint64_t b, int bits)
{
    uint64_t r = 0, mask = (1ULL << bits) - 1;

    for (int i = 0; i < 64; i += bits)
        r |= (((a >> i) + (b >> i)) & mask) << i;
    return r;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    uint64_t r = 0;

    for (int i = 0; i < 64; i += 8)
        r += abs((int)(a >> i & 255) - (int)(b >> i & 255));
    return r;
}

OP(fpadd16, FLOAT | 0x50 << 5, sums(a, b, 16))
OP(fpadd32, FLOAT | 0x52 << 5, sums(a, b, 32))
OP(fpadd16s, FLOAT | 0x51 << 5,
   sums(a, b, 16) >> 32 << 32 | (old & 0xffffffff))
OP(fpadd32s, FLOAT | 0x53 << 5,
   sums(a, b, 32) >> 32 << 32 | (old & 0xffffffff))
OP(fand, FLOAT | 0x70 << 5, a & b)
OP(for_, FLOAT | 0x7c << 5, a | b)
OP(fxor, FLOAT | 0x6c << 5, a ^ b)
OP(fnand, FLOAT | 0x6e << 5, ~(a & b))
OP(fnor, FLOAT | 0x62 << 5, ~(a | b))
OP(fxnor, FLOAT | 0x72 << 5, ~(a ^ b))
OP(fandnot1, FLOAT | 0x68 << 5, ~a & b)
OP(fornot2, FLOAT | 0x76 << 5, a | ~b)
OP(fnot1, 0x99b20000 | 0x6a << 5, ~a)
OP(fsrc2, 0x99b0000a | 0x78 << 5, b)
OP(fzero, 0x99b00000 | 0x60 << 5, 0)
OP(fone, 0x99b00000 | 0x7e << 5, ~0ULL)
OP(pdist, FLOAT | 0x3e << 5, old + distance(a, b))
INTEGER(edge8, 0x95b20009 | 0x00 << 5)
INTEGER(fcmpeq16, 0x95b2000a | 0x2a << 5)
INTEGER(fcmpne32, 0x95b2000a | 0x26 << 5)

static void (*const ops[])(uint64_t, uint64_t) = {
    fpadd16, fpadd32, fpadd16s, fpadd32s, fand, for_, fxor, fnand, fnor,
    fxnor, fandnot1, fornot2, fnot1, fsrc2, fzero, fone, pdist
};

/* faligndata: 64 bits out of 128, at the place alignaddr has noted. */
#define ALIGN(d, s, t)                                                  \
    ".word 0x81b00900 | " #d " << 25 | " #s " << 14 | " #t "\n\t"

static void block_copy(unsigned char *to, const unsigned char *from, int n)
{
    for (; n > 0; n--, to += 64, from += 64) {
        __asm__ volatile(
            "mov %1, %%o0\n\t.word 0x95b20000 | 0x18 << 5\n\t"
            "ldda [%%o2] 0xf0, %%f0\n\tadd %%o2, 64, %%o2\n\t"
            "ldda [%%o2] 0xf0, %%f16\n\tmembar #Sync\n\t"
            ALIGN(1, 0, 2) ALIGN(3, 2, 4) ALIGN(5, 4, 6) ALIGN(7, 6, 8)
            ALIGN(9, 8, 10) ALIGN(11, 10, 12) ALIGN(13, 12, 14)
            ALIGN(15, 14, 16)
            "stda %%f32, [%0] 0xf0\n\tmembar #Sync"
            : : "r" (to), "r" (from)
            : "memory", "o0", "o2", "f0", "f1", "f2", "f3", "f4", "f5", "f6",
              "f7", "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15",
              "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24",
              "f25", "f26", "f27", "f28", "f29", "f30", "f31", "f32", "f34",
              "f36", "f38", "f40", "f42", "f44", "f46");
    }
}

int main(void)
{
    static unsigned char src[9000] __attribute__((aligned(64)));
    static unsigned char dst[9000] __attribute__((aligned(64)));
    uint64_t seed = 44, codes, other;

    for (size_t k = 0; k < sizeof(ops) / sizeof(ops[0]); k++) {
        h = FOLD_START;
        for (int i = 0; i < 500; i++)
            ops[k](next_random(&seed), next_random(&seed));
        printf("operation %2zu %016llx differ %d\n", k,
               (unsigned long long)h, differ);
    }
    /* the right edge is full here; the codes are those of a compare */
    for (uint64_t a = 0x1000; a < 0x1020; a += 5) {
        printf("edge %02llx", (unsigned long long)edge8(a, 0x100f, &codes));
        printf(" codes %02llx\n", (unsigned long long)codes);
    }
    for (uint64_t i = 0, a = 0x1234567812345678; i < 8; i++) {
        uint64_t b = a ^ (i & 1) << 3 ^ (i & 2) << 30 ^ (i & 4) << 50;

        printf("equal %llx", (unsigned long long)fcmpeq16(a, b, &other));
        printf(" not %llx\n", (unsigned long long)fcmpne32(a, b, &other));
    }
    for (size_t i = 0; i < sizeof(src); i++)
        src[i] = next_random(&seed) >> 50;
    for (int k = 0; k < 8; k++) {
        memset(dst, 0, sizeof(dst));
        block_copy(dst, src + k, 137);
        printf("copy +%d %d %016llx\n", k, memcmp(dst, src + k, 137 * 64),
               (unsigned long long)fold_bytes(FOLD_START, dst, 8800));
    }
    return differ != 0;
}
