// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest of the sweep: reads cases, runs each on the CPU, writes what came
 * out.  sweep.py makes the code of the forms, the cases, and the verdict.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEM 256

struct state {
    uint64_t l[8];
    uint32_t f[64];
    uint64_t fsr, gsr, ccr, y;
};

struct input {
    uint64_t form;
    struct state st;
    uint8_t mem[MEM];
};

struct output {
    uint64_t sig, code, offset; /* of the signal, and of its PC in the form */
    struct state st;
    uint8_t mem[MEM];
};

extern void run(struct state *st, const uint32_t *code);
extern const uint32_t *const form_code[];
extern const uint64_t nr_forms;

static struct {
    struct input in;
    struct output out;
    _Alignas(64) uint8_t mem[MEM + 64];
} now;

/* Note the signal and go on behind the instruction: pt_regs of 64 bits is 128
 * bytes into the frame, TPC and TNPC its words 17 and 18. */
static void caught(int sig, siginfo_t *info, void *ctx)
{
    uint64_t *regs = (uint64_t *)((char *)info + 128);

    (void)ctx;
    if (now.out.sig == 0) {
        now.out.sig = (uint64_t)sig;
        now.out.code = (uint64_t)(int64_t)info->si_code;
        now.out.offset = regs[17] - (uint64_t)form_code[now.in.form];
    }
    regs[17] = regs[18];
    regs[18] += 4;
}

int main(void)
{
    static const int signals[] = {SIGILL, SIGTRAP, SIGEMT,
                                  SIGFPE, SIGBUS,  SIGSEGV};
    struct sigaction sa = {.sa_sigaction = caught,
                           .sa_flags = SA_SIGINFO | SA_NODEFER};

    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &sa, NULL);
    while (fread(&now.in, sizeof(now.in), 1, stdin) == 1) {
        if (now.in.form >= nr_forms)
            return 2;
        memset(&now.out, 0, sizeof(now.out));
        memcpy(now.mem, now.in.mem, MEM);
        now.out.st = now.in.st;
        now.out.st.l[7] = (uint64_t)now.mem;
        run(&now.out.st, form_code[now.in.form]);
        now.out.st.l[7] -= (uint64_t)now.mem;
        memcpy(now.out.mem, now.mem, MEM);
        /* At once: the emulator may not survive the next. */
        if (fwrite(&now.out, sizeof(now.out), 1, stdout) != 1 ||
            fflush(stdout) != 0)
            return 3;
    }
    return ferror(stdin) ? 4 : 0;
}
