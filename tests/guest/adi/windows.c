// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/windows.c - register windows that are saved in memory with tags
 *
 * The stack is on pages with tags, %sp carries the version.  Windows go to
 * and come from pages that are absent, away, of mixed tags, two of them at
 * once, read only, or of another version.
 *
 * run: --swap=64M
 * kernels: remap mte-*
 * report: all_kept and counters.tags_restored >= 8
 * run: --swap=64M
 * kernels: linux-*
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 100
 * run: --ram=16M --swap=64M --stress=swap:500:4 --stress=migrate:700:5
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 100
 * run: --swap=64M --stress=migrate:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.pages_migrated > 100
 */
#include <setjmp.h>
#include <sys/resource.h>
#include <ucontext.h>

#include "adi/adi.h"

#define RW     (PROT_READ | PROT_WRITE)
#define PAGES  16
#define LENGTH (PAGES * PAGE)
#define BIAS   2047

/* fn(arg) with %sp = @sp */
void on_stack(void (*fn)(long), long arg, uint64_t sp);
__asm__(".text\n\t.align 4\n"
        "on_stack:\n\t"
        "save %sp, -176, %sp\n\t"
        "mov %sp, %l0\n\t"
        "mov %i2, %sp\n\t"
        "call %i0\n\t"
        " mov %i1, %o0\n\t"
        "mov %l0, %sp\n\t"
        "ret\n\t"
        " restore\n");

/*
 * 12 windows, one after another, whose save areas are below @sp; no other
 * access to memory.  flushw when @flush; returns what came back in %l1.
 */
uint64_t spiral(uint64_t sp, uint64_t value, long flush);
__asm__(".text\n\t.align 4\n"
        "spiral:\n\t"
        "save %sp, -176, %sp\n\t"
        "mov %sp, %l0\n\t"
        "mov %i1, %l1\n\t"
        "mov %i2, %o2\n\t"
        "mov %i0, %sp\n\t"
        ".rept 12\n\t"
        "save %sp, -176, %sp\n\t"
        "mov %i2, %o2\n\t"
        "mov %g0, %l1\n\t"
        ".endr\n\t"
        "brz %o2, 1f\n\t"
        " nop\n\t"
        "flushw\n"
        "1:\n\t"
        ".rept 12\n\t"
        "restore\n\t"
        ".endr\n\t"
        "mov %l0, %sp\n\t"
        "mov %l1, %i0\n\t"
        "ret\n\t"
        " restore\n");

static char *area;
static sigjmp_buf out;
static volatile int code, sig_got;
static volatile long result;
static char altstack[64 * 1024] __attribute__((aligned(16)));

static void leave(int sig, siginfo_t *info, void *context)
{
    (void)context;
    sig_got = sig;
    code = info->si_code;
    siglongjmp(out, 1);
}

static int got(int sig, int want)
{
    int ok = sig_got == sig && code == want;

    if (!ok)
        printf("signal %d code %d, not %d %d\n", sig_got, code, sig, want);
    sig_got = code = 0;
    return ok;
}

static int got_mismatch(void)
{
    if (code == SEGV_ADIDERR_N)
        return got(SIGSEGV, SEGV_ADIDERR_N);
    return got(SIGSEGV, SEGV_ADIPERR_N);
}

/* The stack pointer below the top of the area, less @off. */
static uint64_t sp_at(unsigned version, size_t off)
{
    char *top = tagged(area + LENGTH - 512 - off, version);

    return (uint64_t)(uintptr_t)top - BIAS;
}

/* Keeps values in registers across the call; wrong if a window was lost. */
static long __attribute__((noinline)) deep(long n, void (*bottom)(void))
{
    long a = n * 3, b = n ^ 0x5555, c = ~n, below;

    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c));
    if (n == 0) {
        if (bottom)
            bottom();
        return 1;
    }
    below = deep(n - 1, bottom);
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c));
    if (a != n * 3 || b != (n ^ 0x5555) || c != ~n)
        return -1000000;
    return below + 1;
}

static void recurse(long n)
{
    result = deep(n, NULL);
}

static void flush_windows(void)
{
    __asm__ volatile("flushw" : : : "memory");
}

/* Windows to memory, and that to swap. */
static void all_out(void)
{
    flush_windows();
    for (size_t i = 0; i < LENGTH; i += PAGE) {
        madvise(area + i, PAGE, MADV_PAGEOUT);
    }
}

static void recurse_out(long n)
{
    result = deep(n, all_out);
}

static void good_stacks(void)
{
    /* One version, at every offset, so that windows cross pages. */
    tag_range(area, LENGTH, 5);
    for (size_t off = 0; off < 2 * PAGE; off += 16) {
        on_stack(recurse, 30, sp_at(5, off));
        CHECK(result == 31);
        CHECK(spiral(sp_at(5, off), off, off & 16) == off);
    }
    on_stack(recurse, 400, sp_at(5, 0));
    CHECK(result == 401);
    /* Mixed: the version's own tag, and those that match every pointer. */
    for (size_t b = 0; b < LENGTH / BLOCK; b++)
        tag_set(area + b * BLOCK, b % 5 == 0 ? 0 : b % 7 == 0 ? 15 : 5);
    for (size_t off = 0; off < 2 * PAGE; off += 48) {
        on_stack(recurse, 30, sp_at(5, off));
        CHECK(result == 31);
        CHECK(spiral(sp_at(5, off), off, off & 16) == off);
    }
    /* Absent. */
    for (unsigned n = 0; n < 20; n++) {
        CHECK(madvise(area, LENGTH, MADV_DONTNEED) == 0);
        on_stack(recurse, 200, sp_at(n % 16, n * 400));
        CHECK(result == 201);
    }
    /* Away when the windows come back. */
    tag_range(area, LENGTH, 9);
    on_stack(recurse_out, 300, sp_at(9, 64));
    CHECK(result == 301);
    for (size_t b = 0; b < LENGTH / BLOCK; b++)
        tag_set(area + b * BLOCK, b % 3 ? 9 : 15);
    on_stack(recurse_out, 300, sp_at(9, 0));
    CHECK(result == 301);
    CHECK(sig_got == 0);
}

/* Leave by the signal that spiral() gets. */
static void broken_spiral(uint64_t sp)
{
    if (sigsetjmp(out, 1) == 0) {
        spiral(sp, 1, 0);
        code = -1; /* no signal */
    }
    /* Still in order. */
    CHECK(deep(50, NULL) == 51);
}

static void bad_stacks(void)
{
    /* Another version; on a uniform page and on a mixed one. */
    for (unsigned per = 0; per < 2; per++) {
        mcdper_set(per);
        tag_range(area, LENGTH, 5);
        broken_spiral(sp_at(6, 0));
        CHECK(got_mismatch());
        CHECK(spiral(sp_at(5, 0), 77, 1) == 77);
        /* One block of the save area, which is in two pages. */
        tag_range(area + LENGTH - 2 * PAGE, BLOCK, 7);
        broken_spiral(sp_at(5, 2 * PAGE - 512 + 64));
        CHECK(got_mismatch());
        tag_range(area + LENGTH - 2 * PAGE, BLOCK, 15);
        CHECK(spiral(sp_at(5, 2 * PAGE - 512 + 64), 78, 1) == 78);
    }
    /* Read only, no page at all, no rights. */
    tag_range(area, LENGTH, 5);
    CHECK(mprotect(area, LENGTH, PROT_READ | PROT_ADI) == 0);
    broken_spiral(sp_at(5, 0));
    CHECK(got(SIGSEGV, SEGV_ACCERR));
    CHECK(mprotect(area, LENGTH, PROT_NONE | PROT_ADI) == 0);
    broken_spiral(sp_at(15, 0));
    CHECK(got(SIGSEGV, SEGV_ACCERR));
    CHECK(mprotect(area, LENGTH - PAGE, RW | PROT_ADI) == 0);
    broken_spiral(sp_at(5, PAGE - 512 + 64)); /* the second part only */
    CHECK(got(SIGSEGV, SEGV_ACCERR));
    CHECK(mprotect(area, LENGTH, RW | PROT_ADI) == 0);
    CHECK(spiral(sp_at(5, 0), 79, 1) == 79);
    /* Without ADI a version makes it no address.  Tags would not last. */
    CHECK(madvise(area, LENGTH, MADV_DONTNEED) == 0);
    CHECK(mprotect(area, LENGTH, RW) == 0);
    broken_spiral(sp_at(5, 0));
    CHECK(got(SIGSEGV, SEGV_MAPERR));
    CHECK(spiral(sp_at(15, 0), 80, 1) == 80);
    CHECK(mprotect(area, LENGTH, RW | PROT_ADI) == 0);
}

/* What happens to the saved windows before they come back. */
static void retag(void)
{
    flush_windows();
    tag_range(area, LENGTH, 6);
}

static void retag_any(void)
{
    flush_windows();
    tag_range(area, LENGTH, 15);
}

static void retag_one(void)
{
    flush_windows();
    tag_range(area + LENGTH - PAGE, BLOCK, 6);
}

static void close_pages(void)
{
    flush_windows();
    mprotect(area + LENGTH - PAGE, PAGE, PROT_NONE | PROT_ADI);
}

static void (*at_bottom)(void);

static void recurse_then(long n)
{
    result = deep(n, at_bottom);
}

static int lost(void (*how)(void))
{
    volatile int left = 0;

    at_bottom = how;
    tag_range(area, LENGTH, 5);
    if (sigsetjmp(out, 1) == 0)
        on_stack(recurse_then, 200, sp_at(5, 0));
    else
        left = 1;
    CHECK(deep(50, NULL) == 51);
    return left;
}

static void bad_fills(void)
{
    for (unsigned per = 0; per < 2; per++) {
        mcdper_set(per);
        CHECK(lost(retag) && got(SIGSEGV, SEGV_ADIPERR_N));
        CHECK(!lost(retag_any) && result == 201);
        CHECK(lost(retag_one) && got(SIGSEGV, SEGV_ADIPERR_N));
        CHECK(lost(close_pages) && got(SIGSEGV, SEGV_ACCERR));
        CHECK(mprotect(area, LENGTH, RW | PROT_ADI) == 0);
    }
}

/* The stack of the program itself runs out. */
static long __attribute__((noinline)) endless(long n)
{
    volatile char room[500];

    room[n % 500] = (char)n;
    return n < 0 ? 0 : endless(n + 1) + room[n % 500];
}

static void overflow(void)
{
    struct rlimit limit = {512 * 1024, RLIM_INFINITY};
    static volatile int round;

    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
    for (round = 0; round < 3; round++) {
        if (sigsetjmp(out, 1) == 0) {
            endless(round);
            CHECK(0);
        }
        CHECK(got(SIGSEGV, SEGV_MAPERR));
        CHECK(deep(50, NULL) == 51);
    }
}

static ucontext_t here, there;

static void coroutine(void)
{
    for (int i = 0; i < 20; i++) {
        result = deep(40 + i, NULL);
        swapcontext(&there, &here);
    }
}

static void contexts(void)
{
    tag_range(area, LENGTH, 12);
    CHECK(getcontext(&there) == 0);
    there.uc_stack.ss_sp = tagged(area, 12);
    there.uc_stack.ss_size = LENGTH;
    there.uc_link = &here;
    makecontext(&there, coroutine, 0);
    for (int i = 0; i < 20; i++) {
        result = 0;
        CHECK(swapcontext(&here, &there) == 0);
        CHECK(result == 41 + i);
    }
}

int main(void)
{
    stack_t alt = {.ss_sp = altstack, .ss_size = sizeof(altstack)};
    struct sigaction act = {.sa_sigaction = leave,
                            .sa_flags = SA_SIGINFO | SA_ONSTACK};

    CHECK(sigaltstack(&alt, NULL) == 0);
    CHECK(sigaction(SIGSEGV, &act, NULL) == 0);
    area = map_pages(PAGES, RW | PROT_ADI);
    CHECK((uintptr_t)area >> 60 == 15); /* bad_stacks() counts on it */
    good_stacks();
    bad_stacks();
    bad_fills();
    contexts();
    overflow();
    return 0;
}
