// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/core.c - ends by a signal, for tests/e2e/test_core.py
 *
 * core fault:     known registers, pages in swap, one not to be dumped
 * core threads:   the second of three threads ends it
 * core filter N:  coredump_filter is N
 * core limit N:   RLIMIT_CORE is N bytes
 * core huge KIND: a page in the middle of 8 TiB, private or shared
 * core undumpable, core windows, core child, core moved DIR
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define FIXED 0x70000000ul
#define HUGE  0xfff8010000000000ul

char in_data[] = "in data";
char big[1024 * 1024];

/* Registers that the test knows, and a store to nowhere. */
__asm__(".text\n.global fault\n.type fault, #function\n"
        "fault:\n"
        "\tsave %sp, -192, %sp\n"
        "\tset 0x1110, %l0\n\tset 0x1117, %l7\n"
        "\tld [%i1], %f5\n"
        "\tldd [%i0], %f40\n"
        "\tset 0x2220, %i1\n"
        "\tset 0x3335, %o5\n"
        "\tset 0x4444, %g4\n"
        "\twr %g0, 0x55, %y\n"
        "\tstb %g0, [%g0 + 24]\n"
        "\tret\n\trestore\n.size fault, .-fault\n");
void fault(const void *doubleword, const void *word);

static void make_pages(void)
{
    static const double number = 3.25;
    char *tagged_page = page_at(FIXED, PROT_READ | PROT_WRITE | PROT_ADI);
    char *secret = page_at(FIXED + 4 * PAGE, PROT_READ | PROT_WRITE);
    char *none = page_at(FIXED + 8 * PAGE, PROT_READ | PROT_WRITE);

    strcpy(tagged_page, "tagged");
    tag_range(tagged_page, PAGE, 5);
    strcpy(secret, "secret");
    CHECK(madvise(secret, PAGE, MADV_DONTDUMP) == 0);
    strcpy(none, "no access");
    CHECK(mprotect(none, PAGE, PROT_NONE) == 0);
    page_out(tagged_page);
    page_out(none);
    fault(&number, in_data);
}

static void *wait_for_end(void *arg)
{
    pause();
    return arg;
}

static void *end(void *arg)
{
    usleep(1000); /* the others wait by now */
    abort();
    return arg;
}

static void threads(void)
{
    pthread_t a, b;

    CHECK(pthread_create(&a, NULL, end, NULL) == 0);
    CHECK(pthread_create(&b, NULL, wait_for_end, NULL) == 0);
    pause();
}

static volatile int nowhere; /* for the compiler, it may come back */

/* Each call is a window, most of them in memory only when it ends. */
__attribute__((noinline)) static int deep(int n)
{
    volatile int mine = n;

    if (n == 0 && !nowhere)
        abort();
    if (n < -9)
        return 0;
    return deep(n - 1) + mine;
}

static void filter(const char *bits)
{
    char text[16] = "";
    int fd = open("/proc/self/coredump_filter", O_RDWR);

    CHECK(read(fd, text, sizeof(text)) == 9);
    CHECK(strcmp(text, "00000033\n") == 0);
    CHECK(write(fd, bits, strlen(bits)) == (ssize_t)strlen(bits));
    CHECK(write(fd, "x", 1) == -1);
    abort();
}

static void limit(unsigned long bytes)
{
    struct rlimit l = {bytes, bytes};

    memset(big, 1, sizeof(big));
    CHECK(setrlimit(RLIMIT_CORE, &l) == 0);
    abort();
}

static void huge(const char *kind)
{
    int flags = strcmp(kind, "shared") == 0 ? MAP_SHARED : MAP_PRIVATE;
    size_t len = 1ul << 43;
    char *p = mmap((void *)HUGE, len, PROT_READ | PROT_WRITE,
                   flags | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    CHECK(p == (char *)HUGE);
    strcpy(p + len / 2, "in the middle");
    abort();
}

/* What the parent learns. */
static void child(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        abort();
    CHECK(waitpid(pid, &status, 0) == pid);
    printf("signal %d core %d\n", WTERMSIG(status), !!WCOREDUMP(status));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "fault") == 0)
        make_pages();
    else if (strcmp(what, "threads") == 0)
        threads();
    else if (strcmp(what, "windows") == 0)
        deep(20);
    else if (strcmp(what, "filter") == 0)
        filter(argv[2]);
    else if (strcmp(what, "huge") == 0)
        huge(argv[2]);
    else if (strcmp(what, "limit") == 0)
        limit(strtoul(argv[2], NULL, 0));
    else if (strcmp(what, "child") == 0)
        child();
    else if (strcmp(what, "moved") == 0)
        CHECK(chdir(argv[2]) == 0);
    else if (strcmp(what, "undumpable") == 0)
        CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
    if (strcmp(what, "moved") == 0 || strcmp(what, "undumpable") == 0)
        abort();
    return 0;
}
