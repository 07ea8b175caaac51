// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/fsr_signal.c - the kernel stores and loads %fsr on the way to a handler
 * and back: ftt is gone, the exceptions are not
 *
 * run:
 */
#include "adi/adi.h"

#define FTT 0x1c000ul
#define DZC 0x2ul
#define DZM (DZC << 23)
#define DZA (DZC << 5)

/* From the siginfo: of struct rt_signal_frame in the kernel. */
#define FRAME_TPC 264

static uint64_t in_handler;

static uint64_t get_fsr(void)
{
    uint64_t fsr;

    __asm__ volatile("stx %%fsr, %0" : "=m"(fsr));
    return fsr;
}

static void set_fsr(uint64_t fsr)
{
    __asm__ volatile("ldx %0, %%fsr" : : "m"(fsr));
}

/* Go on behind the instruction: its address is in the frame's registers. */
static void on_fpe(int sig, siginfo_t *info, void *frame)
{
    uint64_t *pc = (uint64_t *)((char *)frame + FRAME_TPC);

    (void)sig;
    (void)info;
    in_handler = get_fsr();
    pc[0] += 4;
    pc[1] += 4;
}

int main(void)
{
    volatile double one = 1, zero = 0, result = 5;
    struct sigaction sa = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO};
    uint64_t after;

    CHECK(sigaction(SIGFPE, &sa, NULL) == 0);
    set_fsr(DZM | DZA);
    __asm__ volatile("fdivd %2, %3, %0\n\tstx %%fsr, %1"
                     : "+e"(result), "=m"(after)
                     : "e"(one), "e"(zero));
    CHECK((in_handler & (FTT | DZC)) == DZC);
    CHECK((after & (FTT | DZC)) == DZC);
    CHECK((after & (DZM | DZA)) == (DZM | DZA));
    set_fsr(0);
    return 0;
}
