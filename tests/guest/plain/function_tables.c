// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/function_tables.c - function pointers, callbacks and jump tables
 *
 * Catches errors in indirect calls and jumps, in their delay slots, and in
 * tables of code addresses built by the linker.
 */
#include "plain.h"

typedef long op(long, long);

#define OP(name, value)                 \
static long name(long a, long b)        \
{                                       \
    return value;                       \
}
OP(add, a + b)
OP(sub, a - b)
OP(mul, a * b)
OP(divide, b ? a / b : -1)
OP(mod, b > 0 ? a % b : a)
OP(min, a < b ? a : b)
OP(gcd, b ? gcd(b, a % b) : a)

static op *const ops[] = { add, sub, mul, divide, mod, min, gcd, add };

/* A dense switch becomes a jump table; the sparse one a search tree. */
static long __attribute__((noinline)) dense(int what, long v)
{
    switch (what) {
    case 0: return v + 1;
    case 1: return v * 3;
    case 2: return v ^ 0x55;
    case 3: v += 7;     /* fall through */
    case 4: return v << 2;
    case 5: return -v;
    case 6: return v / 5;
    case 7: return v % 1000;
    case 8: return ~v;
    case 9: v -= 4;     /* fall through */
    case 10: v *= v;    /* fall through */
    case 11: return v & 0xffff;
    case 13: return v | 1;
    case 14: return v >> 1;
    default: return what;
    }
}

static int __attribute__((noinline)) sparse(long v)
{
    switch (v) {
    case -9000000000: return 1;
    case -1: return 2;
    case 0: return 3;
    case 65536: return 6;
    case 2147483648: return 7;
    case 99999999999: return 8;
    case 'a' ... 'z': return 9;
    default: return 0;
    }
}

/* Labels as values: a little threaded interpreter. */
static long threaded(const unsigned char *code)
{
    static void *const labels[] = { &&stop, &&push, &&plus, &&times, &&dup,
                                    &&swap, &&loop };
    long stack[16], counter = 0;
    int sp = 0, pc = 0;

#define NEXT goto *labels[code[pc++]]
    NEXT;
push:
    stack[sp++] = code[pc++];
    NEXT;
plus:
    sp--;
    stack[sp - 1] += stack[sp];
    NEXT;
times:
    sp--;
    stack[sp - 1] = stack[sp - 1] * stack[sp] % 1000003;
    NEXT;
dup:
    stack[sp] = stack[sp - 1];
    sp++;
    NEXT;
swap: {
    long t = stack[sp - 1];

    stack[sp - 1] = stack[sp - 2];
    stack[sp - 2] = t;
    NEXT;
}
loop:
    if (++counter % (code[pc] * 50) != 0)
        pc = code[pc + 1];
    else
        pc += 2;
    NEXT;
stop:
    return stack[sp - 1] + counter;
}

static void visit(int depth, void (*f)(int, void *), void *arg)
{
    f(depth, arg);
    if (depth > 0) {
        visit(depth - 1, f, arg);
        visit(depth - 2, f, arg);
    }
}

static void count(int depth, void *arg)
{
    long *sums = arg;

    sums[depth & 3] += depth;
}

int main(void)
{
    static const unsigned char code[] = {
        1, 3, 4, 1, 7, 3, 2, 1, 11, 5, 2, 6, 20, 2, 0
    };
    uint64_t seed = 1;
    long v = 1, sums[4] = { 0 }, hits[10] = { 0 };

    for (int i = 0; i < 4000; i++) {
        uint64_t r = next_random(&seed) >> 30;

        v = ops[r & 7](v % 100000, (long)(r >> 3 & 0x3ff) - 100);
        if (i % 500 == 0)
            printf("%d %ld\n", (int)(r & 7), v);
    }
    for (int i = 0; i < 4000; i++)
        v = dense(next_random(&seed) >> 59, v & 0xffffff);
    printf("dense %ld\n", v);
    for (long i = -2; i < 130; i++)
        hits[sparse(i)]++;
    hits[sparse(-9000000000)]++;
    hits[sparse(1L << 31)]++;
    hits[sparse(99999999999)]++;
    for (int i = 0; i < 10; i++)
        printf("%ld ", hits[i]);
    printf("\nthreaded %ld\n", threaded(code));
    visit(18, count, sums);
    printf("visits %ld %ld %ld %ld\n", sums[0], sums[1], sums[2], sums[3]);
    return (int)(v & 0x3f);
}
