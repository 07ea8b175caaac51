// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signal_traps.c - SIGBUS, SIGILL, SIGFPE and SIGABRT
 *
 * Catches misaligned accesses that are let through or that report the wrong
 * address, illegal instructions, and a return from a SIGABRT handler that
 * does not end the program. Ends by SIGABRT.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include "plain.h"

static sigjmp_buf out;
static volatile int got, code;
static void *volatile where;
static uint64_t data[16] __attribute__((aligned(64)));

static void on_trap(int sig, siginfo_t *info, void *context)
{
    (void)context;
    got = sig;
    code = info->si_code;
    where = info->si_addr;
    siglongjmp(out, 1);
}

static const char *name_of(int sig)
{
    return sig == SIGBUS ? "bus" : sig == SIGILL ? "illegal" :
           sig == SIGFPE ? "fpe" : sig == SIGABRT ? "abort" : "none";
}

#define MISALIGNED(text, off) do {                                      \
        uint64_t v_ = 0;                                                \
        got = 0;                                                        \
        if (sigsetjmp(out, 1) == 0)                                     \
            __asm__ volatile(text : "+r" (v_)                           \
                             : "r" ((char *)data + (off)) : "memory");  \
        printf("%-16s +%d %s", text, off, name_of(got));                \
        if (got)                                                        \
            printf(" align %d at +%ld", code == BUS_ADRALN,             \
                   (long)((char *)where - (char *)data));               \
        putchar('\n');                                                  \
    } while (0)

static void misaligned(void)
{
    MISALIGNED("ldub [%1], %0", 1);
    MISALIGNED("lduh [%1], %0", 2);
    MISALIGNED("lduh [%1], %0", 3);
    MISALIGNED("ldsh [%1], %0", 1);
    MISALIGNED("lduw [%1], %0", 4);
    MISALIGNED("lduw [%1], %0", 6);
    MISALIGNED("ldsw [%1], %0", 5);
    MISALIGNED("ldx [%1], %0", 8);
    MISALIGNED("ldx [%1], %0", 12);
    MISALIGNED("ldx [%1], %0", 1);
    MISALIGNED("sth %0, [%1]", 9);
    MISALIGNED("stw %0, [%1]", 18);
    MISALIGNED("stx %0, [%1]", 20);
    MISALIGNED("stx %0, [%1]", 24);
}

static void illegal(void)
{
    void *at;

    got = 0;
    if (sigsetjmp(out, 1) == 0) {
        /* leave the address of the bad word where the handler's end is */
        __asm__ volatile("rd %%pc, %0\n\t"
                         "add %0, 12, %0\n\t"
                         "stx %0, [%1]\n\t"
                         "illtrap 0x123"
                         : "=&r" (at) : "r" (data) : "memory");
    }
    printf("illtrap %s opcode %d address %d\n", name_of(got),
           code == ILL_ILLOPC, (uint64_t)where == data[0]);
}

static void sent(int sig)
{
    got = 0;
    if (sigsetjmp(out, 1) == 0)
        raise(sig);
    printf("raised %s, not from a trap %d\n", name_of(got), code <= 0);
}

static void on_abort(int sig)
{
    static const char text[] = "abort handler returns\n";

    (void)sig;
    if (write(1, text, sizeof(text) - 1) < 0)
        _exit(1);
}

int main(void)
{
    static const int list[] = { SIGBUS, SIGILL, SIGFPE, SIGABRT };
    struct rlimit none = { 0, 0 };
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_trap;
    /* qemu-sparc64 10 leaves a signal blocked that siglongjmp() leaves. */
    sa.sa_flags = SA_SIGINFO | SA_NODEFER;
    for (int i = 0; i < 4; i++)
        sigaction(list[i], &sa, NULL);
    for (int i = 0; i < 16; i++)
        data[i] = i * 0x0102030405060708;
    misaligned();
    printf("data %016llx\n",
           (unsigned long long)fold_bytes(FOLD_START, data, sizeof(data)));
    illegal();
    for (int i = 0; i < 4; i++)
        sent(list[i]);
    got = 0;
    if (sigsetjmp(out, 1) == 0)
        abort();
    printf("abort caught: %s\n", name_of(got));
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, on_abort);
    fflush(stdout);
    abort();
}
