// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signal_fault.c - SIGSEGV: address, reason, repair and escape
 *
 * Catches a wrong fault address or code, a handler that does not run on the
 * alternate stack, and a faulting instruction that is not restarted. Ends
 * by an uncaught SIGSEGV.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "plain.h"

static char *area;
static long page;
static sigjmp_buf out;
static volatile int repair, faults, on_stack;
static volatile long offset;
static const char *volatile reason;
static char alternate[64 * 1024] __attribute__((aligned(16)));

static void on_fault(int sig, siginfo_t *info, void *context)
{
    char here;
    char *at = info->si_addr;

    (void)sig;
    (void)context;
    faults++;
    on_stack = &here >= alternate && &here < alternate + sizeof(alternate);
    offset = at - area;
    reason = info->si_code == SEGV_MAPERR ? "not mapped" :
             info->si_code == SEGV_ACCERR ? "no access" : "?";
    if (!repair)
        siglongjmp(out, 1);
    mprotect(area + offset / page * page, page, PROT_READ | PROT_WRITE);
}

static void show(const char *name)
{
    printf("%-14s page %ld offset %ld, %s, alternate stack %d\n", name,
           offset / page, offset % page, reason, on_stack);
}

#define EXPECT(name, statement) do {            \
        if (sigsetjmp(out, 1) == 0) {           \
            statement;                          \
            printf("%-14s no fault\n", name);   \
        } else {                                \
            show(name);                         \
        }                                       \
    } while (0)

static void protections(void)
{
    volatile char *p = area;
    volatile uint64_t *wide = (uint64_t *)(area + page);

    mprotect(area, page, PROT_NONE);
    EXPECT("read none", p[37]);
    EXPECT("write none", p[5003] = 1);
    mprotect(area + page, page, PROT_READ);
    EXPECT("read only", wide[9]);
    EXPECT("write ro", wide[9] = 1);
    munmap(area + 2 * page, page);
    EXPECT("unmapped", p[2 * page + 4444]);
    EXPECT("store there", p[3 * page - 1] = 0);
    mprotect(area, page, PROT_READ | PROT_WRITE);
    EXPECT("open again", p[37] = 2);
    EXPECT("call none", mprotect(area, page, PROT_NONE);
           ((void (*)(void))(area + 64))());
    printf("faults %d\n", faults);
}

static void repaired(void)
{
    volatile uint32_t *p = (uint32_t *)area;
    uint64_t h = FOLD_START;
    long words = page / 4;

    munmap(area, 16 * page);
    area = mmap(area, 16 * page, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    faults = 0;
    repair = 1;
    for (long i = 0; i < 16 * words; i += 5)
        p[i * 7 % (16 * words)] += (uint32_t)i;
    for (long i = 0; i < 16 * words; i++)
        h = fold(h, p[i]);
    printf("repaired %d faults %016llx\n", faults, (unsigned long long)h);
    /* now read-only pages, as a write barrier would do it */
    mprotect(area, 16 * page, PROT_READ);
    faults = 0;
    for (int i = 0; i < 16; i += 3)
        p[i * words + 11] = i;
    printf("barrier %d:", faults);
    for (int i = 0; i < 16; i++)
        printf(" %u", p[i * words + 11] & 0xffff);
    putchar('\n');
    repair = 0;
}

int main(void)
{
    struct sigaction sa;
    struct rlimit none = { 0, 0 };
    stack_t st = { .ss_sp = alternate, .ss_size = sizeof(alternate) };

    page = sysconf(_SC_PAGESIZE);
    area = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&st, NULL);
    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_fault;
    sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &sa, NULL);
    protections();
    repaired();
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &sa, NULL);
    mprotect(area, page, PROT_NONE);
    EXPECT("own stack", area[1]++);
    sigaltstack(NULL, &st);
    printf("stack size %zu disabled %d active %d\n", st.ss_size,
           (st.ss_flags & SS_DISABLE) != 0, (st.ss_flags & SS_ONSTACK) != 0);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGSEGV, SIG_DFL);
    fflush(stdout);
    *(volatile char *)area = 1;
    return 1;
}
