// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_windows.c - register windows by hand: save, restore, flushw
 *
 * Catches windows that are spilled to the wrong place or filled wrongly,
 * locals that are not kept, and system calls by number. Ends with code 17
 * by a direct exit_group call from a nested window.
 */
#include "plain.h"

#define BIAS 2047

/*
 * chain(n, f, arg): n windows deep, each with marked locals; the last one
 * calls f(arg). On the way back the locals are checked and added up.
 */
uint64_t chain(uint64_t n, uint64_t (*f)(uint64_t), uint64_t arg);
__asm__(".text\n.align 4\n.global chain\n.type chain, #function\nchain:\n\t"
        "save %sp, -176, %sp\n\t"
        "add %i0, 1000, %l0\n\t"
        "sllx %i0, 8, %l1\n\t"
        "xor %i0, %i2, %l2\n\t"
        "sub %g0, %i0, %l3\n\t"
        "mov 4, %l4\n\tmov 5, %l5\n\tmov 6, %l6\n\tmov 7, %l7\n\t"
        "mov %i1, %o1\n\t"
        "brz,pn %i0, 1f\n\t"
        " mov %i2, %o2\n\t"
        "call chain\n\t"
        " sub %i0, 1, %o0\n\t"
        "ba,pt %xcc, 2f\n\t"
        " nop\n"
        "1:\tcall %i1\n\t"
        " mov %i2, %o0\n"
        "2:\tadd %i0, 1000, %o4\n\t"
        "xor %o4, %l0, %o4\n\t"         /* all of these must vanish */
        "xor %i0, %i2, %o5\n\t"
        "xor %o5, %l2, %o5\n\t"
        "or %o4, %o5, %o4\n\t"
        "sub %l4, 4, %o5\n\tor %o4, %o5, %o4\n\t"
        "sub %l5, 5, %o5\n\tor %o4, %o5, %o4\n\t"
        "sub %l6, 6, %o5\n\tor %o4, %o5, %o4\n\t"
        "sub %l7, 7, %o5\n\tor %o4, %o5, %o4\n\t"
        "movrnz %o4, -1, %o0\n\t"
        "add %o0, %l1, %i0\n\t"
        "return %i7 + 8\n\t"
        " add %o0, 1, %o0\n"         /* after the restore */
        ".size chain, .-chain");

static uint64_t h = FOLD_START;
static int frames;

/* Write all windows out and walk the frames in memory. */
static uint64_t __attribute__((noinline)) walk(uint64_t most)
{
    uint64_t *frame, sum = 0;

    __asm__ volatile("flushw\n\tmov %%fp, %0" : "=r" (frame) : : "memory");
    for (frames = 0; frames < (int)most; frames++) {
        uint64_t *saved = (uint64_t *)((char *)frame + BIAS);
        uint64_t n = saved[0] - 1000;

        /* locals 0 to 7, then ins 0 to 7 */
        for (int i = 0; i < 8; i++)
            h = fold(h, saved[i]);
        if (saved[8] != n || saved[3] != -n || saved[7] != 7)
            printf("frame %d is wrong\n", frames);
        sum += saved[1];
        frame = (uint64_t *)saved[14];
    }
    return sum;
}

/* Change saved locals in memory; they must come back as changed. */
static uint64_t __attribute__((noinline)) change(uint64_t most)
{
    uint64_t *frame;

    __asm__ volatile("flushw\n\tmov %%fp, %0" : "=r" (frame) : : "memory");
    for (uint64_t i = 0; i < most; i++) {
        uint64_t *saved = (uint64_t *)((char *)frame + BIAS);

        saved[1] = i * i;
        frame = (uint64_t *)saved[14];
    }
    return 0;
}

static uint64_t leaf(uint64_t v)
{
    return v * 3;
}

/* A system call as the C library does it; -errno if the carry is set. */
static long system_call(long number, long a, long b, long c)
{
    register long g1 __asm__("g1") = number;
    register long o0 __asm__("o0") = a;
    register long o1 __asm__("o1") = b;
    register long o2 __asm__("o2") = c;

    __asm__ volatile("ta 0x6d\n\tbcs,a,pn %%xcc, 1f\n\t sub %%g0, %0, %0\n1:"
                     : "+r" (o0) : "r" (g1), "r" (o1), "r" (o2)
                     : "memory", "cc");
    return o0;
}

static uint64_t finish(uint64_t code)
{
    static const char text[] = "leaving\n";

    printf("write gives %ld\n", system_call(4, 1, (long)text, 0));
    printf("bad file %ld\n", system_call(4, 777, (long)text, 8));
    fflush(stdout);
    system_call(4, 1, (long)text, sizeof(text) - 1);
    system_call(188, (long)code, 0, 0);
    return 0;
}

int main(void)
{
    uint64_t in, out, up;

    for (int n = 0; n < 24; n++) {
        uint64_t plain = chain(n, leaf, n + 5);
        uint64_t sum = chain(n, walk, n + 1);

        printf("%2d windows: %llu %llu %llu frames %d %016llx\n", n,
               (unsigned long long)plain, (unsigned long long)sum,
               (unsigned long long)chain(n, change, n / 2 + 1), frames,
               (unsigned long long)h);
    }
    printf("deep %llu", (unsigned long long)chain(3000, leaf, 7));
    printf(" %llu\n", (unsigned long long)chain(1000, walk, 1001));
    /* the outs of one window are the ins of the next */
    __asm__ volatile("mov 11, %%o3\n\tsave %%sp, -176, %%sp\n\t"
                     "mov %%i3, %%l0\n\tadd %%i3, 100, %%i3\n\t"
                     "mov 55, %%o3\n\tsave %%l0, 22, %%g2\n\t"
                     "mov %%i3, %%g3\n\trestore %%g3, 1, %%g3\n\t"
                     "restore\n\tmov %%o3, %0\n\tmov %%g2, %1\n\t"
                     "mov %%g3, %2"
                     : "=r" (in), "=r" (out), "=r" (up)
                     : : "o3", "g2", "g3", "memory");
    printf("ins %llu %llu %llu\n", (unsigned long long)in,
           (unsigned long long)out, (unsigned long long)up);
    return (int)chain(40, finish, 17);
}
