// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/debug.c - what a debugger looks at; run by tests/e2e/test_gdb.py
 *
 *   debug deep | threads | signal | loop | tags | fork | exec | wait | say |
 *         file
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adi/adi.h"

#define NOINLINE __attribute__((noinline, noclone))

volatile long counter, shared;
volatile int stop, got;
volatile int *volatile bad = (int *)8;

/* More calls than there are register windows. */
static NOINLINE long deep(long n)
{
    long below;

    if (n == 0) {
        counter++;
        return 1;
    }
    below = deep(n - 1);
    counter += n; /* %l or %i of this frame live on */
    return below + n;
}

static int run_deep(void)
{
    long sum = deep(20);

    shared = sum;
    printf("sum %ld counter %ld\n", sum, (long)counter);
    return 3;
}

static NOINLINE void work(long n)
{
    __atomic_add_fetch(&shared, n, __ATOMIC_SEQ_CST);
}

static void *worker(void *arg)
{
    prctl(PR_SET_NAME, "worker", 0, 0, 0);
    work((long)arg);
    while (!stop)
        sched_yield();
    return arg;
}

static NOINLINE void all_there(void)
{
    __asm__ volatile("");
}

static int run_threads(void)
{
    pthread_t t[2];

    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, worker, (void *)(i + 1));
    while (shared != 3)
        sched_yield();
    all_there();
    stop = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("shared %ld\n", (long)shared);
    return 0;
}

static void handler(int sig)
{
    got += sig;
}

static int run_signal(void)
{
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("got %d\n", got);
    fflush(stdout);
    *bad = 1;
    return 0;
}

static NOINLINE int run_loop(void)
{
    while (!stop)
        counter++;
    printf("stopped\n");
    return 0;
}

static NOINLINE void use_tags(volatile char *p)
{
    p[0] = 'x';
    tag_set(p + BLOCK, 7);
    p[1] = 'y';
}

static int run_tags(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);

    p[0] = p[BLOCK] = 'a';
    tag_set(p, 5);
    use_tags(tagged(p, 5));
    printf("tags %u %u\n", tag_get(p), tag_get(p + BLOCK));
    return 0;
}

static NOINLINE void in_child(void)
{
    counter = 42;
}

static int run_fork(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        in_child();
        _exit(5);
    }
    waitpid(child, &status, 0);
    printf("child %d counter %ld\n", WEXITSTATUS(status), (long)counter);
    return 0;
}

static NOINLINE int run_wait(void)
{
    char c;

    return read(0, &c, 1) == 1 ? c : 1;
}

static NOINLINE void say(const char *text)
{
    counter++;
    if (write(1, text, strlen(text)) < 0)
        exit(9);
}

static int run_say(void)
{
    char word[8] = "";
    ssize_t n = read(0, word, sizeof(word) - 1);

    say("one ");
    say(n > 0 ? word : "nothing");
    say(" three\n");
    return 0;
}

static int run_file(void)
{
    FILE *f = fopen("made", "w");

    say("made\n");
    return f ? fclose(f) : 1;
}

int main(int argc, char **argv)
{
    static char *const again[] = {(char *)"debug", (char *)"deep", NULL};
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "deep") == 0)
        return run_deep();
    if (strcmp(what, "threads") == 0)
        return run_threads();
    if (strcmp(what, "signal") == 0)
        return run_signal();
    if (strcmp(what, "loop") == 0)
        return run_loop();
    if (strcmp(what, "tags") == 0)
        return run_tags();
    if (strcmp(what, "fork") == 0)
        return run_fork();
    if (strcmp(what, "wait") == 0)
        return run_wait();
    if (strcmp(what, "say") == 0)
        return run_say();
    if (strcmp(what, "file") == 0)
        return run_file();
    if (strcmp(what, "exec") == 0)
        execv(argv[0], again);
    return 2;
}
