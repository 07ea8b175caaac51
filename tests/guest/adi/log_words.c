// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/log_words.c - something for each category of --log
 *
 * What is not supported, asked for twice; signals sent, ignored, handled; a
 * child; a tag, a page in swap.  With an argument it ends otherwise:
 *
 *   pipe   by SIGPIPE
 *   reboot after another call that is not there
 *   yes    when nobody reads on what it writes without end
 *   child  by exit, but its child by SIGSEGV
 *   oom    has more pages than there is memory
 *
 * run: --swap=16M
 * report: errors == False
 * stderr: syscall warn unsupported system call 500 at pc
 */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "adi/adi.h"

static volatile int got;

static void handler(int sig)
{
    got = sig;
}

static void leave(int sig)
{
    _exit(sig == SIGILL ? 0 : 8);
}

/* Twice each; a user is to read it once. */
static void ask_for_what_is_not_there(void)
{
    char *here = map_pages(1, PROT_READ);

    for (int i = 0; i < 2; i++) {
        CHECK(syscall(500) == -1 && errno == ENOSYS);
        CHECK(ioctl(1, 0x1234) == -1);
        CHECK(madvise(here, PAGE, 9) == -1 && errno == EINVAL); /* REMOVE */
    }
}

static void signals(void)
{
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    CHECK(got == SIGUSR1);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR2);
}

/* A call of 32-bit programs, and a trap of nobody, in a child that it ends. */
static void trap(void)
{
    int status;

    if (fork() == 0) {
        signal(SIGILL, leave);
        __asm__ volatile("mov 62, %%g1\n\tta 0x10\n\tta 0x12" /* fstat */
                         : : : "g1", "o0", "cc", "memory");
        _exit(9);
    }
    CHECK(wait(&status) > 0 && status == 0);
}

static void page_in_swap(void)
{
    char *page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(page, PAGE, 5);
    CHECK(madvise(page, PAGE, 21) == 0);
    CHECK(tag_get(page) == 5);
    CHECK(munmap(page, PAGE) == 0);
}

static void die_of_a_pipe(void)
{
    int fds[2];

    CHECK(pipe(fds) == 0);
    close(fds[0]);
    CHECK(write(fds[1], "y\n", 2) == -1);
}

static void child_that_dies(void)
{
    int status;

    if (fork() == 0)
        *(volatile char *)(uintptr_t)got = 1;
    CHECK(wait(&status) > 0 && WIFSIGNALED(status));
}

static void use_all_memory(void)
{
    for (;;) {
        char *p = map_pages(16, PROT_READ | PROT_WRITE);

        for (size_t i = 0; i < 16; i++)
            p[i * PAGE] = 1;
    }
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";

    if (strcmp(how, "pipe") == 0) {
        die_of_a_pipe();
    } else if (strcmp(how, "reboot") == 0) {
        CHECK(syscall(SYS_reboot, 0, 0, 0, 0) == -1);
    } else if (strcmp(how, "yes") == 0) {
        while (puts("y") >= 0)
            ;
    } else if (strcmp(how, "child") == 0) {
        child_that_dies();
    } else if (strcmp(how, "oom") == 0) {
        use_all_memory();
    } else {
        ask_for_what_is_not_there();
        signals();
        trap();
        page_in_swap();
    }
    return 0;
}
