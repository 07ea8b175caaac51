// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/signals_adi.c - tags and signals
 *
 * A handler runs with mcde and %mcdper as they were.  Neither a changed
 * frame nor a changed context can switch mcde.  The frame may lie on memory
 * with tags; with a wrong version it cannot be written, which is the end.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:1000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 0
 * run: --stress=migrate:1000:1
 * report: all_kept and counters.pages_migrated > 0
 * run: -E CASE=altstack
 * exit: 139
 * run: -E CASE=altstack --stress=migrate:1000:1
 * exit: 139
 */
#include <setjmp.h>
#include <ucontext.h>

#include "adi/adi.h"

#define RW   (PROT_READ | PROT_WRITE)
#define MCDE 0x80000ul
#define OLD  0x1122334455667788ul

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(tag_load, "", "ldxa [%o0] 0x90, %o1", "");

static char *plain;
static char *adi;
static volatile int handled;
static uint64_t flip;      /* bits to change in the frame */
static uint64_t was;       /* tstate in the frame */
static volatile int on;    /* tag accesses worked in the handler */
static sigjmp_buf out;

/* In the frame: is mcde on?  And for the handler itself? */
static void look(int sig, siginfo_t *info, void *context)
{
    struct regs *regs = frame_regs(context);

    (void)sig;
    (void)info;
    was = regs->tstate;
    regs->tstate ^= flip;
    on = adi && tag_get(adi) == 5 && *(volatile char *)tagged(adi, 5) == 1;
    handled++;
}

/* Off: ACCADI; on: ILLADR. */
static int mcde_is(int want)
{
    tag_load(plain, OLD, NULL);
    return want ? saw(SIGILL, ILL_ILLADR, plain, tag_load_pc)
                : saw(SIGSEGV, SEGV_ACCADI_N, plain, tag_load_pc);
}

static void once(int want)
{
    int n = handled;

    raise(SIGUSR1);
    CHECK(handled == n + 1);
    CHECK(((was & MCDE) != 0) == want);
    CHECK(on == want);
    CHECK(mcde_is(want));
}

/* The trap's words: u_regs[0] of mcontext is tstate on sparc64. */
static void contexts(int want)
{
    static ucontext_t context;
    static volatile int passes;

    passes = 0;
    CHECK(getcontext(&context) == 0);
    if (passes++ == 0) {
        context.uc_mcontext.mc_gregs[MC_TSTATE] ^= MCDE;
        setcontext(&context);
        CHECK(0);
    }
    CHECK(passes == 2);
    CHECK(mcde_is(want));
}

static void handler_on(const struct sigaction *act)
{
    CHECK(sigaction(SIGUSR1, act, NULL) == 0);
}

/* The handler's stack has tags, and a version. */
static void tagged_altstack(void)
{
    struct sigaction act = {.sa_sigaction = look,
                            .sa_flags = SA_SIGINFO | SA_ONSTACK};
    size_t size = 8 * PAGE;
    char *stack = map_pages(8, RW | PROT_ADI);
    stack_t alt = {.ss_sp = tagged(stack, 6), .ss_size = size}, now;

    tag_range(stack, size, 6);
    CHECK(sigaltstack(&alt, NULL) == 0);
    handler_on(&act);
    for (int i = 0; i < 50; i++) {
        if (i == 25) /* mixed */
            for (size_t b = 0; b < size; b += 3 * BLOCK)
                tag_set(stack + b, b % 2 ? 0 : 15);
        if (i % 10 == 0)
            CHECK(madvise(stack, PAGE, MADV_PAGEOUT) == 0);
        once(1);
    }
    CHECK(sigaltstack(NULL, &now) == 0);
    CHECK(now.ss_sp == alt.ss_sp && now.ss_size == size);
    alt.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&alt, NULL) == 0);
}

/* A version that does not fit: no frame, so SIGSEGV kills. */
static void bad_altstack(void)
{
    struct sigaction act = {.sa_sigaction = look,
                            .sa_flags = SA_SIGINFO | SA_ONSTACK};
    char *stack = map_pages(8, RW | PROT_ADI);
    stack_t alt = {.ss_sp = tagged(stack, 7), .ss_size = 8 * PAGE};

    tag_range(stack, 8 * PAGE, 6);
    CHECK(sigaltstack(&alt, NULL) == 0);
    handler_on(&act);
    CHECK(sigaction(SIGSEGV, &act, NULL) == 0);
    raise(SIGUSR1);
    printf("still alive\n");
    exit(1);
}

static void leave(int sig)
{
    (void)sig;
    siglongjmp(out, 1);
}

/* Mismatches in a handler, of a handler that interrupts another. */
static void nested(int sig, siginfo_t *info, void *context)
{
    char *wrong = tagged(adi, 9);

    (void)info;
    if (sig == SIGUSR1) {
        raise(SIGUSR2);
        handled++;
        return;
    }
    CHECK(ld_x(wrong, OLD, context) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, ld_x_pc));
    handled++;
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
    const char *how = getenv("CASE");
    char *page;

    faults_catch();
    plain = map_pages(1, RW);
    *plain = 1;
    handler_on(&act);

    /* mcde off: it stays off. */
    CHECK(mcde_is(0));
    once(0);
    flip = MCDE;
    once(0);
    contexts(0);

    /* On: it stays on. */
    page = map_pages(2, RW | PROT_ADI);
    tag_range(page, PAGE, 5);
    *(volatile char *)tagged(page, 5) = 1;
    adi = page;
    if (how)
        bad_altstack();
    flip = 0;
    once(1);
    flip = MCDE;
    for (uint64_t per = 0; per < 2; per++) {
        mcdper_set(per);
        once(1);
        CHECK(mcdper_get() == per);
        contexts(1);
        CHECK(mcdper_get() == per);
    }
    /* Other bits of the frame: only the condition codes and %asi count. */
    flip = MCDE | 0x7ff00; /* PSTATE of the frame */
    once(1);
    flip = 0;
    tagged_altstack();

    act.sa_flags = SA_SIGINFO;
    act.sa_sigaction = nested;
    handler_on(&act);
    CHECK(sigaction(SIGUSR2, &act, NULL) == 0);
    handled = 0;
    raise(SIGUSR1);
    CHECK(handled == 2);
    signal(SIGUSR1, leave);
    if (sigsetjmp(out, 1) == 0)
        raise(SIGUSR1);
    CHECK(mcde_is(1) && tag_get(adi) == 5);
    return 0;
}
