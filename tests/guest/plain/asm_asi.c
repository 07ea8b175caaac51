// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_asi.c - loads and stores with address space identifiers
 *
 * Catches wrong byte order of the little-endian spaces, a %asi register
 * that is not used, and no-fault loads that fault.
 */
#include <sys/mman.h>
#include "plain.h"

static union {
    uint8_t b[64];
    uint64_t x[8];
    double d[8];
} m __attribute__((aligned(64)));

#define LOAD(op, asi, p) ({                                             \
        uint64_t v_ = ~0ULL;                                            \
        __asm__ volatile(op " [%1] " asi ", %0"                         \
                         : "=r" (v_) : "r" (p) : "memory");             \
        v_; })
#define STORE(op, asi, v, p)                                            \
        __asm__ volatile(op " %0, [%1] " asi                            \
                         : : "r" ((uint64_t)(v)), "r" (p) : "memory")
#define SHOW(op, asi, off)                                              \
        printf("%-6s %-5s +%d %016llx\n", op, asi, off,                 \
               (unsigned long long)LOAD(op, asi, m.b + (off)))
#define SPACE(asi)                                                      \
        SHOW("lduba", asi, 9);                                          \
        SHOW("ldsba", asi, 9);                                          \
        SHOW("lduha", asi, 10);                                         \
        SHOW("ldsha", asi, 10);                                         \
        SHOW("lduwa", asi, 12);                                         \
        SHOW("ldswa", asi, 12);                                         \
        SHOW("ldxa", asi, 16)

static void set_asi(uint64_t v)
{
    __asm__ volatile("wr %0, 0, %%asi" : : "r" (v));
}

static uint64_t get_asi(void)
{
    uint64_t v;

    __asm__ volatile("rd %%asi, %0" : "=r" (v));
    return v;
}

static void reset(void)
{
    for (int i = 0; i < 64; i++)
        m.b[i] = 0x71 + i * 5;
}

static void dump(const char *name)
{
    printf("%-8s", name);
    for (int i = 0; i < 24; i++)
        printf(" %02x", m.b[i]);
    putchar('\n');
}

static void stores(void)
{
    const uint64_t v = 0x0102030405060708;

    reset();
    STORE("stba", "0x80", v, m.b + 1);
    STORE("stha", "0x80", v, m.b + 2);
    STORE("stwa", "0x80", v, m.b + 4);
    STORE("stxa", "0x80", v, m.b + 8);
    dump("big");
    STORE("stba", "0x88", v, m.b + 17);
    STORE("stha", "0x88", v, m.b + 2);
    STORE("stwa", "0x88", v, m.b + 4);
    STORE("stxa", "0x88", v, m.b + 8);
    dump("little");
    set_asi(0x88);
    STORE("stxa", "%%asi", ~v, m.b + 8);
    printf("asi %02llx\n", (unsigned long long)get_asi());
    dump("by asi");
    set_asi(0x88);
    SHOW("lduwa", "%%asi", 8);
    set_asi(0x80);
    SHOW("lduwa", "%%asi", 8);
    set_asi(0x80);
    __asm__ volatile("lduha [%1 + 6] %%asi, %%g1\n\t"
                     "stha %%g1, [%0 + 16] %%asi"
                     : : "r" (m.b), "r" (m.b + 4) : "g1", "memory");
    dump("offset");
}

static void floats(void)
{
    double d;
    float f;

    reset();
    m.d[0] = -12.375;
    __asm__ volatile("ldda [%1] 0x80, %0" : "=e" (d) : "r" (m.b)
                     : "memory");
    printf("ldda %a", d);
    __asm__ volatile("stda %0, [%1] 0x88" : : "e" (d), "r" (m.b + 8)
                     : "memory");
    __asm__ volatile("ldda [%1] 0x88, %0" : "=e" (d) : "r" (m.b + 8)
                     : "memory");
    printf(" %a", d);
    __asm__ volatile("lda [%1] 0x80, %0" : "=f" (f) : "r" (m.b)
                     : "memory");
    printf(" %a", f);
    __asm__ volatile("sta %0, [%1] 0x88" : : "f" (f), "r" (m.b + 16)
                     : "memory");
    printf(" %016llx\n", (unsigned long long)m.x[1]);
    dump("floats");
}

static void no_fault(void)
{
    char *page = mmap(NULL, 3 * 8192, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t h = FOLD_START;

    for (int i = 0; i < 3 * 8192; i++)
        page[i] = i * 3 + 1;
    munmap(page + 8192, 8192);
    printf("null %llx %llx", (unsigned long long)LOAD("ldxa", "0x82", 0),
           (unsigned long long)LOAD("lduba", "0x82", 17));
    printf(" %llx\n", (unsigned long long)LOAD("ldswa", "0x8a", 8));
    /* walk straight over the hole */
    for (long i = 0; i < 3 * 8192; i += 8)
        h = fold(h, LOAD("ldxa", "0x82", page + i));
    printf("hole %016llx\n", (unsigned long long)h);
    printf("edge %llx\n",
           (unsigned long long)LOAD("ldxa", "0x82", page + 8192 - 8));
    munmap(page, 3 * 8192);
}

int main(void)
{
    reset();
    SPACE("0x80");
    SPACE("0x88");
    SPACE("0x82");
    SPACE("0x8a");
    stores();
    floats();
    no_fault();
    return 0;
}
