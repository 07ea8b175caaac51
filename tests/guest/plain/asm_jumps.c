// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_jumps.c - calls through pointers to code that is not the same
 *
 * Catches jumps that remember where they went: to code that was written over,
 * unmapped, mapped anew, that another process has changed, that was translated
 * for another %asi or with the FPU off.  And what comes before a jump: delay
 * slots on the next page, jumps in delay slots, annulled branches.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "plain.h"

#define PAGE 8192

static uint64_t h = FOLD_START;

/* retl; mov @value, %o0 */
static void write_code(volatile unsigned *at, unsigned value)
{
    at[0] = 0x81c3e008u;
    at[1] = 0x90102000u | value;
    __asm__ volatile("flush %0\n\tflush %0 + 4" : : "r"(at) : "memory");
}

static int call(void *code)
{
    int sum = 0;

    for (int i = 0; i < 50; i++)
        sum += ((int (*volatile)(void))code)();
    return sum;
}

static void *map(void *at)
{
    void *p = mmap(at, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);

    if (p == MAP_FAILED)
        exit(1);
    return p;
}

static void other_code(void)
{
    unsigned *a = map(NULL), *b = map(NULL);

    for (unsigned i = 1; i < 20; i++) {
        write_code(a, i);
        write_code(b + 16 * i, 2 * i);
        h = fold(h, call(a) + 1000 * call(b + 16 * i));
    }
    for (unsigned i = 1; i < 5; i++) {
        munmap(a, PAGE);
        map(a);
        write_code(a, 100 + i);
        h = fold(h, call(a));
        /* Another page with other code comes there. */
        write_code(b, 200 + i);
        h = fold(h, call(b));
        if (mremap(b, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a) != a)
            exit(2);
        h = fold(h, call(a));
        b = map(b);
    }
    printf("other code %016llx\n", (unsigned long long)h);
}

/* Parent and child take turns with code of their own at the same place. */
static void other_process(void)
{
    unsigned *a = map(NULL);
    int down[2], up[2], status, got = 0;
    pid_t pid;

    write_code(a, 1);
    h = fold(h, call(a));
    if (pipe(down) || pipe(up))
        exit(3);
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 40; i++) {
            if (read(down[0], &got, sizeof(got)) != sizeof(got))
                _exit(1);
            if (i % 8 == 0)
                write_code(a, 500 + i);
            got += call(a);
            if (write(up[1], &got, sizeof(got)) != sizeof(got))
                _exit(1);
        }
        _exit(7);
    }
    for (int i = 0; i < 40; i++) {
        if (i % 5 == 3)
            write_code(a, 2 + i);
        got = call(a);
        if (write(down[1], &got, sizeof(got)) != sizeof(got) ||
            read(up[0], &got, sizeof(got)) != sizeof(got))
            exit(4);
        h = fold(h, got + call(a));
    }
    waitpid(pid, &status, 0);
    printf("other process %d %016llx\n", WEXITSTATUS(status),
           (unsigned long long)h);
}

/* asked(p): 32 bits at p by %asi.  added(a, b): with the FPU on or off. */
uint64_t asked(const void *p);
double added(double a, double b);
__asm__(".text\n.align 64\nasked:\n\t"
        "retl\n\t lduwa [%o0 + 0] %asi, %o0\n"
        ".align 64\nadded:\n\t"
        "retl\n\t faddd %d0, %d2, %d0\n");

static void other_state(void)
{
    static const unsigned word = 0x12345678;
    uint64_t (*volatile f)(const void *) = asked;
    double (*volatile g)(double, double) = added;
    double sum = 0;

    for (int i = 0; i < 60; i++) {
        uint64_t v[5];

        __asm__ volatile("wr %g0, 0x80, %asi");
        v[0] = f(&word);
        __asm__ volatile("wr %g0, 0x88, %asi");
        v[1] = f(&word);
        __asm__ volatile("wr %g0, 0x82, %asi");
        v[2] = f(&word);
        __asm__ volatile("wr %g0, 0x8a, %asi");
        v[3] = f(&word);
        __asm__ volatile("wr %g0, 0x81, %asi");
        v[4] = f(&word);
        __asm__ volatile("wr %g0, 0x82, %asi");
        for (int k = 0; k < 5; k++)
            h = fold(h, v[k]);
        if (i % 3 == 0)
            __asm__ volatile("wr %g0, 4, %fprs");
        sum = g(sum, i);
    }
    printf("other state %g %016llx\n", sum, (unsigned long long)h);
}

/*
 * At the end of a page: @op is its last word, and the rest is on the next.
 * %o0 gets what was done.
 */
#define AT_END(name, before, op, slot)                                      \
    __asm__(".align 8192\n\t.skip 8192 - 4 * 8\n" #name ":\n\t"             \
            before "\n\t" op "\n\t" slot "\n\t"                             \
            "add %o0, 1, %o0\n1:\tadd %o0, 2, %o0\n\t"                      \
            "jmpl %g1 + 8, %g0\n\t add %o0, 4, %o0\n");                     \
    uint64_t name(void)

#define SIX "mov %o7, %g1\n\trd %pc, %o2\n\tclr %o0\n\tmov 1, %o3\n\t"      \
            "subcc %g0, 1, %g0\n\tadd %o2, 7 * 4 + 4, %o2\n\tnop"

AT_END(end_branch, SIX, "ba,pt %xcc, 1f", "add %o0, 8, %o0");
AT_END(end_taken, SIX, "bne,a,pt %xcc, 1f", "add %o0, 8, %o0");
AT_END(end_annulled, SIX, "be,a,pt %xcc, 1f", "add %o0, 8, %o0");
AT_END(end_always, SIX, "ba,a,pt %xcc, 1f", "add %o0, 8, %o0");
AT_END(end_reg, SIX, "brnz,a,pt %o3, 1f", "add %o0, 8, %o0");
AT_END(end_call, SIX, "call 1f", "add %o0, 8, %o0");
AT_END(end_jmpl, SIX, "jmpl %o2, %g4", "add %o0, 8, %o0");
AT_END(end_plain, SIX, "add %o0, 16, %o0", "add %o0, 8, %o0");

/* Jumps in the delay slot of a jump: one instruction there, then on. */
uint64_t couple(void);
uint64_t couple_asi(void);
__asm__(".align 64\ncouple:\n\t"
        "mov %o7, %g1\n1:\trd %pc, %o2\n\tclr %o0\n\t"
        "add %o2, 40, %o3\n\tadd %o2, 48, %g4\n\t"
        "jmpl %o3, %g5\n\t jmpl %g4, %o2\n\t"
        "add %o0, 1, %o0\n\tadd %o0, 2, %o0\n\tnop\n\t"
        "nop\n\t"
        "add %o0, 4, %o0\n\tadd %o0, 8, %o0\n\t"
        "sub %o2, %g5, %o2\n\tsll %o2, 8, %o2\n\tadd %o0, %o2, %o0\n\t"
        "jmpl %g1 + 8, %g0\n\t add %o0, 16, %o0\n"
        /* %asi is written in the delay slot */
        ".align 64\ncouple_asi:\n\t"
        "rd %pc, %o2\n\tadd %o2, 20, %o2\n\t"
        "jmpl %o2, %g0\n\t wr %g0, 0x88, %asi\n\t"
        "nop\n\t"
        "set 0x1000, %o0\n\t"
        "mov %sp, %o2\n\tadd %o2, 2047 + 128, %o2\n\tst %o0, [%o2]\n\t"
        "retl\n\t lduwa [%o2] %asi, %o0\n");

static void page_ends(void)
{
    static uint64_t (*volatile all[])(void) = {
        end_branch, end_taken, end_annulled, end_always, end_reg,
        end_call,   end_jmpl,  end_plain,    couple,     couple_asi};

    for (int round = 0; round < 3; round++)
        for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
            uint64_t got = all[i]();

            __asm__ volatile("wr %g0, 0x82, %asi");
            if (round == 0)
                printf(" %llx", (unsigned long long)got);
            h = fold(h, got);
        }
    printf("\nends %016llx\n", (unsigned long long)h);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    other_code();
    other_process();
    other_state();
    page_ends();
    return 0;
}
