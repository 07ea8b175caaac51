// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signal_frames.c - several signals at one return to the program
 *
 * Catches a return that delivers only one of them, a wrong order of frames,
 * a mask that a nested frame does not restore, and an instruction that runs
 * although the frame for a handler could not be written.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "process.h"

#define STACK_BYTES 65536

static volatile int order[16], count, depth, deepest;
static volatile long after;

/* A number that is the same everywhere. */
static const char *name(int sig)
{
    static char text[16];

    if (sig >= SIGRTMIN) {
        snprintf(text, sizeof(text), "rt%d", sig - SIGRTMIN);
        return text;
    }
    return sig == SIGHUP ? "hup" : sig == SIGSEGV ? "segv" : "usr1";
}

static void note(int sig)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    order[count++] = sig;
    depth--;
}

static void handle(int sig, int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = note;
    sa.sa_flags = flags;
    EXPECT(sigaction(sig, &sa, NULL) == 0);
}

static void show(const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < count; i++)
        printf(" %s", name(order[i]));
    printf(", deepest %d\n", deepest);
    count = deepest = 0;
}

static void block(sigset_t *old)
{
    sigset_t all;

    sigfillset(&all);
    EXPECT(sigprocmask(SIG_SETMASK, &all, old) == 0);
}

/* All become deliverable by one call: the last one taken runs first. */
static void unblock(const sigset_t *old)
{
    sigset_t now;

    EXPECT(sigprocmask(SIG_SETMASK, old, NULL) == 0);
    EXPECT(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
    EXPECT(!sigismember(&now, SIGHUP) && !sigismember(&now, SIGRTMIN + 2));
}

static void several(void)
{
    sigset_t old, none;

    block(&old);
    for (int i = 0; i < 5; i++)
        raise(SIGRTMIN + i);
    raise(SIGRTMIN + 1);
    raise(SIGHUP);
    unblock(&old);
    show("by number");

    block(&old);
    raise(SIGHUP);
    raise(SIGSEGV);
    unblock(&old);
    show("of the CPU first");

    block(&old);
    kill(getpid(), SIGRTMIN + 1);
    kill(getpid(), SIGRTMIN);
    syscall(SYS_tgkill, getpid(), getpid(), SIGRTMIN + 5);
    unblock(&old);
    show("of the task first");

    block(&old);
    kill(getpid(), SIGRTMIN + 3);
    raise(SIGRTMIN + 3);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    unblock(&old);
    show("both queues");

    block(&old);
    raise(SIGRTMIN + 2);
    raise(SIGRTMIN + 4);
    sigemptyset(&none);
    EXPECT(sigsuspend(&none) == -1 && errno == EINTR);
    EXPECT(sigprocmask(SIG_SETMASK, NULL, &none) == 0);
    EXPECT(sigismember(&none, SIGHUP));
    unblock(&old);
    show("sigsuspend");
}

/* One that ends the process leaves the handler of another unused. */
static int ends(long arg)
{
    sigset_t old;

    (void)arg;
    block(&old);
    raise(SIGHUP);
    raise(SIGTERM);
    unblock(&old);
    return count;
}

/* The frame does not fit anywhere: death before the next instruction. */
static int no_frame(long file)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t ss = { .ss_sp = stack, .ss_size = STACK_BYTES };

    EXPECT(stack != MAP_FAILED && sigaltstack(&ss, NULL) == 0);
    handle(SIGUSR1, SA_ONSTACK);
    handle(SIGSEGV, SA_ONSTACK);
    kill(getpid(), SIGUSR1);
    after = 1;
    EXPECT(write((int)file, "after", 5) == 5);
    return 1;
}

/* The SIGSEGV of a frame that could not be written has a handler itself. */
static int no_frame_but_for_the_fault(long file)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t ss = { .ss_sp = stack, .ss_size = STACK_BYTES };

    (void)file;
    EXPECT(stack != MAP_FAILED && sigaltstack(&ss, NULL) == 0);
    handle(SIGUSR1, SA_ONSTACK);
    handle(SIGSEGV, 0);
    kill(getpid(), SIGUSR1);
    EXPECT(count == 1 && order[0] == SIGSEGV);
    return 7;
}

int main(void)
{
    int file = memfd_create("after", 0), code;

    EXPECT(file >= 0);
    for (int i = 0; i < 6; i++)
        handle(SIGRTMIN + i, 0);
    handle(SIGHUP, 0);
    handle(SIGUSR1, 0);
    handle(SIGSEGV, 0);
    several();

    printf("ended by %d\n", reap(spawn(ends, 0)) - 128 == SIGTERM);
    code = reap(spawn(no_frame, file));
    printf("no frame: %s, then wrote %ld bytes\n",
           code == 128 + SIGSEGV ? "SIGSEGV" : "went on",
           (long)lseek(file, 0, SEEK_END));
    printf("its fault handled: %d\n",
           reap(spawn(no_frame_but_for_the_fault, file)));
    return 0;
}
