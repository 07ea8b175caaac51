/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/adi.h - version tags for guests, and tiny checks
 */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef PROT_ADI
#define PROT_ADI 0x10
#endif

#define PAGE  8192ul
#define BLOCK 64ul
#define NTAGS (PAGE / BLOCK)

#define SEGV_ACCADI_N  5
#define SEGV_ADIDERR_N 6
#define SEGV_ADIPERR_N 7

/* The exit code is the line of the check that failed, modulo 100, plus 1. */
#define CHECK(expr)                                                            \
    do {                                                                       \
        if (!(expr)) {                                                         \
            printf("line %d: %s\n", __LINE__, #expr);                          \
            exit(1 + __LINE__ % 100);                                          \
        }                                                                      \
    } while (0)

/* A pointer with version @tag. */
static inline void *tagged(const volatile void *p, unsigned tag)
{
    uint64_t a = (uint64_t)(uintptr_t)p;

    return (void *)(uintptr_t)((a & ~(15ul << 60)) | (uint64_t)tag << 60);
}

static inline void tag_set(volatile void *p, unsigned tag)
{
    __asm__ volatile("stxa %0, [%1] 0x90" : : "r"((uint64_t)tag), "r"(p)
                     : "memory");
}

static inline unsigned tag_get(volatile void *p)
{
    uint64_t tag;

    __asm__ volatile("ldxa [%1] 0x90, %0" : "=r"(tag) : "r"(p) : "memory");
    return (unsigned)tag;
}

static inline void tag_sync(void)
{
    __asm__ volatile("membar #Sync" : : : "memory");
}

/* All blocks of [p, p + len). */
static inline void tag_range(volatile void *p, size_t len, unsigned tag)
{
    for (size_t i = 0; i < len; i += BLOCK)
        tag_set((volatile char *)p + i, tag);
    tag_sync();
}

/* %mcdper, by the opcode: assemblers do not know the name. */
static inline uint64_t mcdper_get(void)
{
    register uint64_t v __asm__("o0");

    __asm__ volatile(".word 0x91438000" : "=r"(v)); /* rd %asr14, %o0 */
    return v;
}

static inline void mcdper_set(uint64_t on)
{
    register uint64_t v __asm__("o0") = on;

    __asm__ volatile(".word 0x9d820000" : : "r"(v)); /* wr %o0, %asr14 */
}

static inline char *map_pages(size_t pages, int prot)
{
    void *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0);

    CHECK(p != MAP_FAILED);
    return p;
}

/* OUT(A): push the page to swap; it must have left. */
static inline void page_out(void *p)
{
    unsigned char in;

    CHECK(madvise(p, PAGE, MADV_PAGEOUT) == 0);
    CHECK(mincore(p, PAGE, &in) == 0 && in == 0);
}

/* One page at @va, so that a report can name it. */
static inline char *page_at(uintptr_t va, int prot)
{
    char *want = (char *)va;

    CHECK(mmap(want, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
               0) == want);
    return want;
}

/* Ask for @p to leave; has it? */
static inline int leaves(void *p)
{
    unsigned char in;

    CHECK(madvise(p, PAGE, MADV_PAGEOUT) == 0);
    CHECK(mincore(p, PAGE, &in) == 0);
    return in == 0;
}

/*
 * Free frames keep old tags: make them @tag, as another program might.
 * With --ram=4M these are nearly all.
 */
static inline void soil_frames(unsigned tag)
{
    const size_t len = 400 * PAGE;
    char *p = map_pages(len / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, len, tag);
    CHECK(munmap(p, len) == 0);
}

/* struct pt_regs, as the frame of a signal holds it after siginfo. */
struct regs {
    uint64_t u[16]; /* %g0..%g7, %o0..%o7 */
    uint64_t tstate, tpc, tnpc;
};

/* @context: the third argument of a handler, which is the siginfo again. */
static inline struct regs *frame_regs(void *context)
{
    return (struct regs *)((char *)context + 128);
}

/* The last fault that fault_seen() caught, and how many there were. */
static struct fault_record {
    volatile int count, sig, code;
    volatile uint64_t addr, pc;
    volatile uint64_t first; /* the address of the first of them */
} seen;

/* Take note; go on after the instruction, if it has not been done yet. */
static inline void fault_seen(int sig, siginfo_t *info, void *context)
{
    struct regs *regs = frame_regs(context);

    if (++seen.count > 1000)
        _exit(99); /* no way on */
    seen.sig = sig;
    seen.code = info->si_code;
    seen.addr = (uint64_t)(uintptr_t)info->si_addr;
    if (seen.count == 1)
        seen.first = seen.addr;
    seen.pc = regs->tpc;
    if (sig == SIGSEGV && info->si_code == SEGV_ADIDERR_N)
        return;
    regs->tpc = regs->tnpc;
    regs->tnpc += 4;
}

static inline void faults_catch(void)
{
    static const int sigs[] = {SIGSEGV, SIGBUS, SIGILL};
    struct sigaction act = {.sa_sigaction = fault_seen,
                            .sa_flags = SA_SIGINFO};

    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
        CHECK(sigaction(sigs[i], &act, NULL) == 0);
}

/* Exactly this fault since the last call?  @pc NULL: at any place. */
static inline int saw(int sig, int code, const volatile void *addr,
                      const void *pc)
{
    int ok = seen.count == 1 && seen.sig == sig && seen.code == code &&
             seen.addr == (uint64_t)(uintptr_t)addr &&
             (!pc || seen.pc == (uint64_t)(uintptr_t)pc);

    if (!ok)
        printf("%d faults, the last: signal %d code %d addr %#lx pc %#lx; "
               "expected signal %d code %d addr %p pc %p\n",
               seen.count, seen.sig, seen.code, seen.addr, seen.pc, sig, code,
               (void *)(uintptr_t)addr, pc);
    seen.count = 0;
    return ok;
}

static inline int saw_nothing(void)
{
    int ok = seen.count == 0;

    if (!ok)
        printf("%d faults, the last: signal %d code %d addr %#lx pc %#lx; "
               "expected none\n",
               seen.count, seen.sig, seen.code, seen.addr, seen.pc);
    seen.count = 0;
    return ok;
}

/*
 * A function that does one access: v = name(p, v, out), with @p in %o0, @v
 * in %o1 and @out in %o2; it returns %o1.  name_pc is the place of @insn.
 */
typedef uint64_t access_fn(const volatile void *p, uint64_t v, void *out);

#define INSN(name, before, insn, after)                                        \
    extern const char name##_pc[];                                             \
    access_fn name;                                                            \
    __asm__(".text\n\t.align 4\n" #name ":\n\t" before "\n" #name "_pc:\n\t"    \
            insn "\n\t" after "\n\tretl\n\t mov %o1, %o0\n")

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
