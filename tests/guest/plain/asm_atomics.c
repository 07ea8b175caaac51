// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_atomics.c - cas, casx, ldstub, swap and the atomic builtins
 *
 * Catches a wrong compare width, a wrong value left in the register, and
 * dirty upper halves after the 32-bit forms.
 */
#include "plain.h"

static uint64_t cas32(uint32_t *p, uint64_t old, uint64_t new)
{
    __asm__ volatile("cas [%1], %2, %0"
                     : "+r" (new) : "r" (p), "r" (old) : "memory");
    return new;
}

static uint64_t cas64(uint64_t *p, uint64_t old, uint64_t new)
{
    __asm__ volatile("casx [%1], %2, %0"
                     : "+r" (new) : "r" (p), "r" (old) : "memory");
    return new;
}

static uint64_t swap32(uint32_t *p, uint64_t new)
{
    __asm__ volatile("swap [%1], %0" : "+r" (new) : "r" (p) : "memory");
    return new;
}

static uint64_t ldstub(uint8_t *p)
{
    uint64_t old;

    __asm__ volatile("ldstub [%1], %0\n\tmembar #LoadLoad | #LoadStore"
                     : "=r" (old) : "r" (p) : "memory");
    return old;
}

static void show(const char *name, uint64_t got, uint64_t memory)
{
    printf("%-12s %016llx memory %016llx\n", name, (unsigned long long)got,
           (unsigned long long)memory);
}

static void single(void)
{
    union { uint64_t x; uint32_t w[2]; uint8_t b[8]; } m = {
        0x1122334455667788
    };
    uint64_t v;

    show("cas same", cas32(&m.w[1], 0x55667788, 0xffffffff99999999), m.x);
    show("cas high", cas32(&m.w[1], 0xabcdef0099999999, 5), m.x);
    show("cas other", cas32(&m.w[0], 0x11223345, 6), m.x);
    show("casx same", cas64(&m.x, 0x1122334400000005, ~0ULL), m.x);
    show("casx half", cas64(&m.x, 0xffffffff, 7), m.x);
    show("casx other", cas64(&m.x, 0, 8), m.x);
    m.x = 0x0102030405060708;
    show("swap", swap32(&m.w[0], 0x9876543280000001), m.x);
    show("swap", swap32(&m.w[1], 0), m.x);
    show("ldstub", ldstub(&m.b[2]) + ldstub(&m.b[2]), m.x);
    show("ldstub", ldstub(&m.b[7]), m.x);
    v = 3;
    __asm__ volatile("casxa [%1] 0x80, %2, %0"
                     : "+r" (v) : "r" (&m.x), "r" (m.x) : "memory");
    show("casxa", v, m.x);
    v = 0xaabbccdd00000000 | 44;
    __asm__ volatile("wr %%g0, 0x80, %%asi\n\tcasa [%1] %%asi, %2, %0"
                     : "+r" (v) : "r" (&m.w[1]), "r" (3) : "memory");
    show("casa asi", v, m.x);
    v = 0x12345;
    __asm__ volatile("swapa [%1] 0x80, %0"
                     : "+r" (v) : "r" (&m.w[0]) : "memory");
    show("swapa", v, m.x);
    __asm__ volatile("ldstuba [%1] 0x80, %0"
                     : "=r" (v) : "r" (&m.b[0]) : "memory");
    show("ldstuba", v, m.x);
}

/* A lock-free stack with a count in the upper bits of its head. */
static uint64_t head;
static struct { uint32_t next; uint32_t value; } node[1000];

static void push(uint32_t n)
{
    uint64_t old;

    do {
        old = *(volatile uint64_t *)&head;
        node[n].next = (uint32_t)old;
    } while (cas64(&head, old, ((old >> 32) + 1) << 32 | n) != old);
}

static uint32_t pop(void)
{
    uint64_t old;

    do {
        old = *(volatile uint64_t *)&head;
        if (!(uint32_t)old)
            return 0;
    } while (cas64(&head, old, (old >> 32) << 32
                   | node[(uint32_t)old].next) != old);
    return (uint32_t)old;
}

#define BUILTIN(type, start) do {                                       \
        static type m_ = (type)(start);                                 \
        type e_ = (type)7;                                              \
        h = fold(h, (uint64_t)__atomic_fetch_add(&m_, 100, 5));         \
        h = fold(h, (uint64_t)__atomic_sub_fetch(&m_, 33, 5));          \
        h = fold(h, (uint64_t)__atomic_fetch_xor(&m_, 0x5a, 5));        \
        h = fold(h, (uint64_t)__atomic_or_fetch(&m_, 0x41, 5));         \
        h = fold(h, (uint64_t)__atomic_fetch_nand(&m_, 0x3c, 5));       \
        h = fold(h, (uint64_t)__atomic_exchange_n(&m_, (type)9, 5));    \
        h = fold(h, __atomic_compare_exchange_n(&m_, &e_, (type)1, 0,   \
                                                5, 5));                 \
        h = fold(h, (uint64_t)e_);                                      \
        h = fold(h, __atomic_compare_exchange_n(&m_, &e_, (type)2, 0,   \
                                                5, 5));                 \
        printf("%-9s %lld %016llx\n", #type, (long long)m_,             \
               (unsigned long long)h);                                  \
    } while (0)

int main(void)
{
    uint64_t h = FOLD_START, seed = 5;
    uint32_t n, count = 0;

    single();
    for (n = 1; n < 1000; n++) {
        node[n].value = (uint32_t)(next_random(&seed) >> 40);
        push(n);
        if (n % 3 == 0)
            h = fold(h, node[pop()].value);
    }
    while ((n = pop()) != 0) {
        h = fold(h, node[n].value);
        count++;
    }
    printf("stack %u pushes %u %016llx\n", count, (unsigned)(head >> 32),
           (unsigned long long)h);
    BUILTIN(int8_t, -100);
    BUILTIN(uint8_t, 200);
    BUILTIN(int16_t, -30000);
    BUILTIN(uint16_t, 65500);
    BUILTIN(int32_t, -2000000000);
    BUILTIN(uint32_t, 4294967290u);
    BUILTIN(int64_t, -5);
    return 0;
}
