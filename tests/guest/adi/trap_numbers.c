// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/trap_numbers.c - every ta and every %asr, as user mode has them
 *
 * ta: the trap table of Linux v6.2, arch/sparc/kernel/ttable_64.S.  %asr: the
 * Oracle SPARC Architecture 2015; reads of the kernel's registers are
 * privileged, those of a write-only one and of no register are illegal.
 *
 * run:
 * report: errors == False
 * run: --ram=16M --swap=16M --stress=swap:3000:1
 * report: errors == False
 */
#define _GNU_SOURCE
#include <errno.h>

#include "adi/adi.h"

#define NR_TRAPS 128
#define NR_ASRS  32

#define WORD_NOP  0x01000000u
#define WORD_RETL 0x81c3e008u
#define WORD_TA   0x91d02000u /* ta 0 */
#define WORD_RD   0x93400000u /* rd %asr0, %o1 */
#define WORD_WR   0x81802000u /* wr %g0, 0, %asr0 */

static unsigned *code; /* the word, retl, nop */
static int trapno;

/* What a word ends in; 0: it is done. */
struct end {
    int sig, code;
};

static const struct end done = {0, 0}, illegal = {SIGILL, ILL_ILLOPC},
                        privileged = {SIGILL, ILL_PRVOPC};

/* info->si_trapno: behind the address */
static void on_trap(int sig, siginfo_t *info, void *context)
{
    memcpy(&trapno, (char *)&info->si_addr + sizeof(info->si_addr),
           sizeof(trapno));
    fault_seen(sig, info, context);
    if (code[0] == (WORD_TA | 0x6e)) /* it has gone on already */
        frame_regs(context)->tpc -= 4, frame_regs(context)->tnpc -= 4;
}

/* Execute @word with @g1 in %g1 and 0 in %o0 and %o1. */
static uint64_t run(unsigned word, uint64_t g1)
{
    register uint64_t in __asm__("g1") = g1;
    register uint64_t o0 __asm__("o0") = 0;
    register uint64_t o1 __asm__("o1") = 0;

    code[0] = word;
    __asm__ volatile("flush %0" : : "r"(code) : "memory");
    __asm__ volatile("jmpl %3, %%o7\n\t nop"
                     : "+r"(in), "+r"(o0), "+r"(o1)
                     : "r"(code)
                     : "o7", "cc", "memory");
    return o1;
}

static void expect(const char *what, unsigned n, struct end end)
{
    int ok = end.sig ? saw(end.sig, end.code, code, code) : saw_nothing();

    if (!ok)
        printf("%s %#x\n", what, n);
    CHECK(ok);
}

static struct end end_of_trap(unsigned n)
{
    switch (n) {
    case 0x01: return (struct end){SIGTRAP, TRAP_BRKPT};
    case 0x02: return (struct end){SIGFPE, FPE_INTDIV};
    case 0x03:              /* the windows are flushed */
    case 0x10:              /* a call of 32 bits */
    case 0x11: case 0x6d:   /* of 64 */
    case 0x20: case 0x21:   /* %icc to and from %g1 */
    case 0x22: return done; /* %psr */
    default: return (struct end){SIGILL, ILL_ILLTRP};
    }
}

static void traps(void)
{
    for (unsigned n = 0; n < NR_TRAPS; n++) {
        struct end end = end_of_trap(n);

        if (n == 0x6e || n == 0x6f)
            continue;
        run(WORD_TA | n, 20 /* getpid */);
        expect("ta", n, end);
        if (end.code == ILL_ILLTRP)
            CHECK(trapno == (int)n);
        run(WORD_TA | n | 0x80, 20); /* reserved bits of an immediate */
        expect("ta, 8 bits,", n, end);
    }
    /* getcontext(), setcontext() of no place */
    for (unsigned n = 0x6e; n <= 0x6f; n++) {
        run(WORD_TA | n, 0);
        CHECK(seen.count == 1 && seen.sig == SIGSEGV);
        seen.count = 0;
    }
}

static void condition_codes(void)
{
    uint64_t g1 = 99, ccr;

    __asm__ volatile("subcc %%g0, 1, %%g0\n\tta 0x20\n\tmov %%g1, %0"
                     : "=r"(g1) : : "g1", "cc");
    CHECK(g1 == 9); /* negative, carry */
    __asm__ volatile("wr %%g0, 0xf0, %%ccr\n\tmov 0x35, %%g1\n\tta 0x21\n\t"
                     "rd %%ccr, %0" : "=r"(ccr) : : "g1", "cc");
    CHECK(ccr == 0xf5);
    __asm__ volatile("wr %%g0, 0x9a, %%ccr\n\tta 0x22\n\tmov %%o0, %0"
                     : "=r"(g1) : : "o0", "cc");
    CHECK((g1 & ~31ul) == 0xffa90080);
}

static long call(unsigned trap, long nr, long arg, int *error)
{
    register long g1 __asm__("g1") = nr;
    register long o0 __asm__("o0") = arg;
    long carry;

    if (trap == 0x10)
        __asm__ volatile("ta 0x10\n\trd %%ccr, %1"
                         : "+r"(o0), "=r"(carry), "+r"(g1) : : "cc", "memory");
    else
        __asm__ volatile("ta 0x11\n\trd %%ccr, %1"
                         : "+r"(o0), "=r"(carry), "+r"(g1) : : "cc", "memory");
    *error = carry & 1;
    return o0;
}

static void other_calls(void)
{
    int error;

    CHECK(call(0x11, 20, 0, &error) == getpid() && !error);
    CHECK(call(0x10, 20, 0, &error) == getpid() && !error);
    /* 32 bits of an argument, which is a descriptor, and the sign of 32 */
    CHECK(call(0x10, 6, 0x500000063, &error) == EBADF && error);
    CHECK(call(0x10, 224, 1ul << 32, &error) == getpgid(0) && !error);
    CHECK(call(0x10, 511, 0, &error) == ENOSYS && error);
}

static struct end end_of_read(unsigned n)
{
    switch (n) {
    case 0: case 2: case 3: case 4: case 5: case 6: /* y ccr asi tick pc fprs */
    case 14: case 15: case 19: /* mcdper, stbar, gsr */
    case 24: case 26: return done; /* stick, cfr */
    case 22: case 23: case 25: return privileged;
    default: return illegal;
    }
}

static struct end end_of_write(unsigned n)
{
    switch (n) {
    case 0: case 2: case 3: case 6: case 14: case 19:
    case 15: /* sir, for nobody but the hypervisor */
    case 27: case 28: return done; /* pause, mwait */
    case 20: case 21: case 22: case 23: case 25: return privileged;
    default: return illegal;
    }
}

static void registers(void)
{
    for (unsigned n = 0; n < NR_ASRS; n++) {
        if (n != 15) {
            uint64_t value = run(WORD_RD | n << 14, 0);

            expect("rd", n, end_of_read(n));
            CHECK(n != 26 || value == 0); /* no crypto unit */
        }
        run(WORD_WR | n << 25, 0);
        expect("wr", n, end_of_write(n));
    }
}

/* An ASI that no CPU has: HV_FAULT_TYPE_INV_ASI. */
static void address_spaces(void)
{
    static char bytes[64];

    for (unsigned asi = 0xa0; asi < 0xc0; asi += 3) {
        register void *p __asm__("o0") = bytes;

        code[0] = 0xd2da0000u | asi << 5; /* ldxa [%o0 + %g0] asi, %o1 */
        __asm__ volatile("flush %0" : : "r"(code) : "memory");
        __asm__ volatile("jmpl %1, %%o7\n\t nop"
                         : "+r"(p) : "r"(code) : "o1", "o7", "memory");
        CHECK(saw(SIGILL, ILL_ILLADR, bytes, code));
    }
}

int main(void)
{
    static const int sigs[] = {SIGILL, SIGTRAP, SIGFPE, SIGSEGV};
    struct sigaction act = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

    for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
        CHECK(sigaction(sigs[i], &act, NULL) == 0);
    code = (unsigned *)map_pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    code[1] = WORD_RETL;
    code[2] = WORD_NOP;
    traps();
    condition_codes();
    other_calls();
    registers();
    address_spaces();
    return 0;
}
