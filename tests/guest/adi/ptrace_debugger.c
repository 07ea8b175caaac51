// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ptrace_debugger.c - a small debugger, and what is of SPARC in ptrace()
 *
 * Breaks with "ta 1", reads and changes registers, windows in memory, the FPU
 * and system calls.  PSTATE.mcde stays as it is whatever is written to TSTATE;
 * memory is read and written whatever its tags are, and keeps them.  Requests
 * that sparc64 does not have are EIO.
 *
 * run: --swap=16M
 * kernels: remap linux-*
 * also: --stress=wait:1 --swap=16M
 * report: errors and totals.mismatches == 1 and len(mismatches) == 1
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "adi/processes.h"

#define GETREGS64    22
#define SETREGS64    23
#define GETFPREGS64  25
#define SETFPREGS64  26
#define SPARC_DETACH 11
#define WRITEDATA    17
#define READTEXT     18
#define WRITETEXT    19

#define TSTATE_MCDE    0x80000ul
#define TSTATE_SYSCALL 0x20ul
#define TSTATE_CCR     0xff00000000ul
#define CARRY          0x1100000000ul

#define TA1  0x91d02001u
#define BIAS 2047

/*
 * stops(fp): %l0 is 0x1111, %l7 0x77 and %d4 *fp when it traps; returns what
 * %l0, %l7 and %i5 add up to.  *fp gets %d4 then.
 */
extern uint64_t stops(volatile uint64_t *fp);
extern const uint32_t stops_pc[];

__asm__(".text\n\t"
        ".align 8\n"
        "stops:\n\t"
        "save %sp, -176, %sp\n\t"
        "set 0x1111, %l0\n\t"
        "mov 0x77, %l7\n\t"
        "clr %i5\n\t"
        "ldd [%i0], %f4\n"
        "stops_pc:\n\t"
        "ta 1\n\t"
        "std %f4, [%i0]\n\t"
        "add %l0, %l7, %i0\n\t"
        "add %i0, %i5, %i0\n\t"
        "ret\n\t"
        "restore\n");

/* What a breakpoint is put into. */
static __attribute__((noinline, aligned(8))) int answers(void)
{
    __asm__ volatile("" : : : "memory");
    return 42;
}

/* The same place in both processes. */
static char *page, *pair, *gap;

/* GETREGS64 */
struct regs64 {
    uint64_t u[15], none, tstate, tpc, tnpc;
};

static long trace(long request, pid_t pid, const volatile void *addr,
                  const volatile void *data, const volatile void *addr2)
{
    return syscall(SYS_ptrace, request, pid, addr, data, addr2);
}

#define IS(call, value)                                                        \
    do {                                                                       \
        errno = 0;                                                             \
        CHECK((call) == (value));                                              \
    } while (0)
#define FAILS(call, error)                                                     \
    do {                                                                       \
        errno = 0;                                                             \
        CHECK((call) == -1 && errno == (error));                               \
    } while (0)

static struct regs64 get_regs(pid_t pid)
{
    struct regs64 r;

    IS(trace(GETREGS64, pid, &r, NULL, NULL), 0);
    CHECK(r.none == 0);
    return r;
}

static void set_regs(pid_t pid, const struct regs64 *r)
{
    IS(trace(SETREGS64, pid, r, NULL, NULL), 0);
}

static int await(pid_t pid)
{
    int status;

    CHECK(waitpid(pid, &status, __WALL) == pid);
    return status;
}

/* Lets it go on to its next stop, which is by @sig. */
static siginfo_t go_to(pid_t pid, long request, int sig)
{
    siginfo_t info;
    int status;

    IS(trace(request, pid, NULL, NULL, NULL), 0);
    status = await(pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == sig);
    IS(trace(PTRACE_GETSIGINFO, pid, NULL, &info, NULL), 0);
    return info;
}

static void skip(pid_t pid)
{
    struct regs64 r = get_regs(pid);

    r.tpc = r.tnpc;
    r.tnpc += 4;
    set_regs(pid, &r);
}

static uint64_t peek(pid_t pid, const volatile void *at)
{
    uint64_t word = ~0ul;

    IS(trace(PTRACE_PEEKDATA, pid, at, &word, NULL), 0);
    return word;
}

static void poke(pid_t pid, const volatile void *at, uint64_t word)
{
    IS(trace(PTRACE_POKETEXT, pid, at, (void *)word, NULL), 0);
}

/* ------------------------------------------------------------ the child */

static void child(void)
{
    volatile uint64_t fp = 0x123456789abcdef0ul;
    uint64_t word;

    CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
    /* 1: registers */
    CHECK(stops(&fp) == 0x2222 + 0x88 + 0x99);
    CHECK(fp == 0xfedcba9876543210ul);
    /* 2: mcde is on, and this does not match */
    word = *(volatile uint64_t *)tagged(page, 3);
    (void)word;
    /* 3: memory has changed, its tags have not */
    CHECK(stops(&fp) == 0x1111 + 0x77);
    for (size_t i = 0; i < NTAGS; i++)
        CHECK(tag_get(page + i * BLOCK) == 5);
    CHECK(*(uint64_t *)tagged(page + 64, 5) == 0xa5a5a5a5a5a5a5a5ul);
    for (size_t i = 0; i < 300; i++)
        CHECK(((char *)tagged(page, 5))[1024 + i] == (char)i);
    /* 4: a breakpoint in code */
    CHECK(answers() == 42);
    /* 5: calls */
    CHECK(syscall(SYS_getppid) == getpid());
    CHECK(syscall(SYS_getuid) == 4711);
    CHECK(syscall(SYS_close, -1) == 0);
    errno = 0;
    CHECK(syscall(SYS_getgid) == -1 && errno == ESRCH);
    exit(7);
}

/* ---------------------------------------------------------- the debugger */

static void regsets(pid_t pid)
{
    uint64_t regs[40];
    struct iovec iov = {.iov_base = regs};
    struct regs64 r = get_regs(pid);

    for (size_t words = 0; words <= 40; words += words == 16 ? 1 : 4) {
        memset(regs, 0x5a, sizeof(regs));
        iov.iov_len = words * 8;
        IS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov, NULL), 0);
        CHECK(iov.iov_len == (words < 36 ? words : 36) * 8);
        CHECK(words < 1 || regs[0] == 0);
        CHECK(words < 16 || memcmp(regs + 1, r.u, sizeof(r.u)) == 0);
        CHECK(words < 17 || regs[16] == 0x1111);
        CHECK(words < 36 || (regs[32] == r.tstate && regs[33] == r.tpc &&
                             regs[34] == r.tnpc));
        CHECK(words >= 36 || regs[words] == 0x5a5a5a5a5a5a5a5aul);
    }
    iov.iov_len = 12;
    FAILS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov, NULL),
          EINVAL);
    iov.iov_len = 8;
    FAILS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRPSINFO, &iov, NULL),
          EINVAL);
    FAILS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, (void *)8, NULL),
          EFAULT);
    iov = (struct iovec){(void *)8, 64};
    FAILS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov, NULL),
          EFAULT);
    FAILS(trace(GETREGS64, pid, (void *)8, NULL, NULL), EFAULT);
    FAILS(trace(SETREGS64, pid, (void *)8, NULL, NULL), EFAULT);
    CHECK(memcmp(&r, &(struct regs64[1]){get_regs(pid)}, sizeof(r)) == 0);
}

/* Of TSTATE only the condition codes and "in a system call" can be set. */
static void tstate(pid_t pid)
{
    const struct regs64 old = get_regs(pid);
    struct regs64 r = old;

    CHECK(old.tstate & TSTATE_MCDE && !(old.tstate & TSTATE_SYSCALL));
    r.tstate = 0;
    set_regs(pid, &r);
    r = get_regs(pid);
    CHECK(r.tstate == (old.tstate & ~TSTATE_CCR));
    r.tstate = ~0ul;
    set_regs(pid, &r);
    r = get_regs(pid);
    CHECK(r.tstate == (old.tstate | TSTATE_CCR | TSTATE_SYSCALL));
    set_regs(pid, &old);
    r = get_regs(pid);
    CHECK(r.tstate == old.tstate);
}

static void fpu(pid_t pid)
{
    uint64_t fp[35];
    struct iovec iov = {fp, sizeof(fp)};

    IS(trace(GETFPREGS64, pid, fp, NULL, NULL), 0);
    CHECK(fp[2] == 0x123456789abcdef0ul);
    fp[2] = 0xfedcba9876543210ul;
    IS(trace(SETFPREGS64, pid, fp, NULL, NULL), 0);
    IS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRFPREG, &iov, NULL), 0);
    CHECK(iov.iov_len == 35 * 8 && fp[2] == 0xfedcba9876543210ul);
    CHECK((fp[34] & 7) == 7);
}

/* The save area of its window is where the window comes from. */
static void windows(pid_t pid)
{
    struct regs64 r = get_regs(pid);
    char *save = (char *)r.u[13] + BIAS; /* %sp */
    uint64_t regs[32];
    struct iovec iov = {regs, sizeof(regs)};

    CHECK(peek(pid, save) == 0x1111 && peek(pid, save + 7 * 8) == 0x77);
    poke(pid, save, 0x2222);
    IS(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov, NULL), 0);
    CHECK(regs[16] == 0x2222 && regs[23] == 0x77);
    regs[23] = 0x88;   /* %l7 */
    regs[24 + 5] = 0x99; /* %i5 */
    IS(trace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &iov, NULL), 0);
    CHECK(peek(pid, save + 7 * 8) == 0x88);
}

static void registers(pid_t pid)
{
    siginfo_t info = go_to(pid, PTRACE_CONT, SIGTRAP);

    CHECK(info.si_code == TRAP_BRKPT);
    CHECK(info.si_addr == (void *)stops_pc);
    CHECK(get_regs(pid).tpc == (uint64_t)(uintptr_t)stops_pc);
    regsets(pid);
    tstate(pid);
    fpu(pid);
    windows(pid);
    skip(pid);
}

/* What the tracer makes of a fault stays one. */
static void change_info(pid_t pid, siginfo_t info)
{
    siginfo_t got;

    info.si_code = SEGV_ACCADI_N;
    info.si_addr = page;
    IS(trace(PTRACE_SETSIGINFO, pid, NULL, &info, NULL), 0);
    IS(trace(PTRACE_GETSIGINFO, pid, NULL, &got, NULL), 0);
    CHECK(got.si_code == SEGV_ACCADI_N && got.si_addr == page);
    FAILS(trace(PTRACE_SETSIGINFO, pid, NULL, (void *)8, NULL), EFAULT);
}

static void mismatch(pid_t pid)
{
    siginfo_t info = go_to(pid, PTRACE_CONT, SIGSEGV);

    CHECK(info.si_code == SEGV_ADIPERR_N);
    CHECK(info.si_addr == tagged(page, 3));
    CHECK(get_regs(pid).tstate & TSTATE_MCDE);
    change_info(pid, info);
    skip(pid);
}

static void memory(pid_t pid)
{
    char buf[300], out[PAGE];

    (void)go_to(pid, PTRACE_CONT, SIGTRAP);
    /* Whatever the tag of the pointer is. */
    poke(pid, tagged(page + 64, 9), 0xa5a5a5a5a5a5a5a5ul);
    CHECK(peek(pid, tagged(page + 64, 2)) == 0xa5a5a5a5a5a5a5a5ul);
    for (size_t i = 0; i < sizeof(buf); i++)
        buf[i] = (char)i;
    IS(trace(WRITETEXT, pid, page + 1024, (void *)sizeof(buf), buf), 0);
    IS(trace(READTEXT, pid, page + 1024, (void *)sizeof(buf), out), 0);
    CHECK(memcmp(buf, out, sizeof(buf)) == 0);
    /* 17 is not PTRACE_DETACH here. */
    IS(trace(WRITEDATA, pid, page + 1024, (void *)sizeof(buf), buf), 0);
    IS(trace(READTEXT, pid, page, NULL, (void *)8), 0);
    FAILS(trace(READTEXT, pid, page, (void *)8, (void *)8), EFAULT);
    FAILS(trace(WRITETEXT, pid, page, (void *)8, (void *)8), EFAULT);
    /* Half-way: what there is is copied, and then it is an error. */
    memset(out, 1, sizeof(out));
    FAILS(trace(READTEXT, pid, gap - 200, (void *)400, out), EIO);
    CHECK(out[199] == 0 && out[200] == 1);
    memset(out, 2, sizeof(out));
    FAILS(trace(WRITETEXT, pid, gap - 200, (void *)400, out), EIO);
    CHECK(peek(pid, gap - 8) == 0x0202020202020202ul);
    FAILS(trace(PTRACE_PEEKDATA, pid, gap - 4, out, NULL), EIO);
    FAILS(trace(PTRACE_POKEDATA, pid, gap - 4, out, NULL), EIO);
    FAILS(trace(PTRACE_PEEKDATA, pid, page, (void *)8, NULL), EFAULT);
    skip(pid);
}

/* In read-only code, which both processes have as one until then. */
static void breakpoint(pid_t pid)
{
    const volatile uint64_t *at = (const volatile uint64_t *)answers;
    uint64_t code = *at;

    poke(pid, at, (uint64_t)TA1 << 32 | (uint32_t)code);
    CHECK(go_to(pid, PTRACE_CONT, SIGTRAP).si_addr == (const void *)at);
    CHECK(*at == code && answers() == 42);
    poke(pid, at, code);
}

static void number(pid_t pid, uint64_t nr)
{
    struct regs64 r = get_regs(pid);

    CHECK(r.tstate & TSTATE_SYSCALL);
    r.u[0] = nr; /* %g1 */
    set_regs(pid, &r);
}

static void result(pid_t pid, uint64_t value, int error)
{
    struct regs64 r = get_regs(pid);

    r.u[7] = value; /* %o0 */
    r.tstate &= ~CARRY;
    if (error)
        r.tstate |= CARRY;
    r.tpc = 8; /* written over on the way back */
    r.tnpc = 12;
    set_regs(pid, &r);
}

static void to_call(pid_t pid, long nr)
{
    do {
        (void)go_to(pid, PTRACE_SYSCALL, SIGTRAP | 0x80);
    } while (get_regs(pid).u[0] != (uint64_t)nr);
}

static void calls(pid_t pid)
{
    IS(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD,
             NULL), 0);
    to_call(pid, SYS_getppid);
    number(pid, SYS_getpid);
    (void)go_to(pid, PTRACE_SYSCALL, SIGTRAP | 0x80);
    CHECK(get_regs(pid).u[7] == (uint64_t)pid);
    to_call(pid, SYS_getuid);
    (void)go_to(pid, PTRACE_SYSCALL, SIGTRAP | 0x80);
    result(pid, 4711, 0);
    to_call(pid, SYS_close);
    number(pid, 100000); /* there is none */
    (void)go_to(pid, PTRACE_SYSCALL, SIGTRAP | 0x80);
    CHECK(get_regs(pid).u[7] == 90 && get_regs(pid).tstate & CARRY); /* ENOSYS */
    result(pid, 0, 0);
    to_call(pid, SYS_getgid);
    (void)go_to(pid, PTRACE_SYSCALL, SIGTRAP | 0x80);
    result(pid, 3, 1);
}

static void others(pid_t pid)
{
    static const long missing[] = {4242, 6, 9, 12, 13, 14, 15, 20, 21, 31,
                                   0x420f, 0x4300};
    uint64_t mask;

    IS(trace(PTRACE_PEEKUSER, pid, NULL, NULL, NULL), 0);
    FAILS(trace(PTRACE_PEEKUSER, pid, (void *)8, NULL, NULL), EIO);
    for (size_t i = 0; i < ARRAY_SIZE(missing); i++)
        FAILS(trace(missing[i], pid, NULL, NULL, NULL), EIO);
    FAILS(trace(0x420c, pid, NULL, NULL, NULL), EINVAL); /* seccomp */
    FAILS(trace(0x420d, pid, NULL, NULL, NULL), EINVAL);
    IS(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACESECCOMP,
             NULL), 0);
    FAILS(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)(1ul << 21), NULL),
          EINVAL);
    FAILS(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)(1ul << 8), NULL),
          EINVAL);
    IS(trace(PTRACE_GETSIGMASK, pid, (void *)8, &mask, NULL), 0);
    CHECK(mask == 0);
    FAILS(trace(PTRACE_GETSIGMASK, pid, (void *)4, &mask, NULL), EINVAL);
    mask = ~0ul;
    IS(trace(PTRACE_SETSIGMASK, pid, (void *)8, &mask, NULL), 0);
    IS(trace(PTRACE_GETSIGMASK, pid, (void *)8, &mask, NULL), 0);
    CHECK(mask == ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
    mask = 0;
    IS(trace(PTRACE_SETSIGMASK, pid, (void *)8, &mask, NULL), 0);
}

/* What waits for it, as sent to it, and as sent to its process. */
static void queued(pid_t pid)
{
    struct __ptrace_peeksiginfo_args args = {.nr = 4};
    siginfo_t info[4];
    uint64_t mask = 1ul << (SIGRTMIN - 1), none = 0;

    IS(trace(PTRACE_SETSIGMASK, pid, (void *)8, &mask, NULL), 0);
    for (int i = 0; i < 3; i++)
        CHECK(sigqueue(pid, SIGRTMIN, (union sigval){.sival_int = i}) == 0);
    IS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), 0);
    args.flags = 1;
    IS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), 3);
    for (int i = 0; i < 3; i++)
        CHECK(info[i].si_signo == SIGRTMIN && info[i].si_value.sival_int == i);
    args.off = 2;
    IS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), 1);
    CHECK(info[0].si_value.sival_int == 2);
    args.off = 3;
    IS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), 0);
    args.flags = 2;
    FAILS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), EINVAL);
    args = (struct __ptrace_peeksiginfo_args){.nr = -1};
    FAILS(trace(PTRACE_PEEKSIGINFO, pid, &args, info, NULL), EINVAL);
    FAILS(trace(PTRACE_PEEKSIGINFO, pid, (void *)8, info, NULL), EFAULT);
    IS(trace(PTRACE_SETSIGMASK, pid, (void *)8, &none, NULL), 0);
    for (int i = 0; i < 3; i++) /* all of them, and none is delivered */
        (void)go_to(pid, PTRACE_CONT, SIGRTMIN);
}

int main(void)
{
    pid_t pid;
    int status;

    page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    tag_range(page, PAGE, 5);
    pair = map_pages(2, PROT_READ | PROT_WRITE);
    gap = pair + PAGE;
    CHECK(munmap(gap, PAGE) == 0);
    pid = fork_flushed();
    if (pid == 0)
        child();
    status = await(pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
    IS(trace(PTRACE_CONT, pid, NULL, (void *)65ul, NULL), -1);
    /* The breakpoint of stops(), already. */
    others(pid);
    queued(pid);
    registers(pid);
    mismatch(pid);
    memory(pid);
    breakpoint(pid);
    calls(pid);
    IS(trace(SPARC_DETACH, pid, NULL, NULL, NULL), 0);
    CHECK(reap(pid) == 7);
    return 0;
}
