// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_eintr.c - blocked calls that a signal ends, or does not
 *
 * A child interrupts its parent's read, write, wait, poll and nanosleep.
 * Catches calls that go on without SA_RESTART, calls that end with it, and
 * bytes that are lost on the way.
 */
#include <poll.h>
#include <time.h>
#include "process.h"

static volatile sig_atomic_t hits;
static struct channel data, stop;

static void on_usr1(int sig)
{
    (void)sig;
    hits++;
}

/*
 * Signal the parent until it is satisfied: it may not have been in its call
 * yet.  With SA_RESTART the call ends by the byte that comes after.
 */
static int pester(long then_write)
{
    struct pollfd p = { .fd = stop.r, .events = POLLIN };
    pid_t parent = getppid();
    int times = 0;

    while (poll(&p, 1, 5) == 0) {
        EXPECT(kill(parent, SIGUSR1) == 0);
        if (then_write && ++times == 5)
            say(&data, 4711);
    }
    return 5;
}

static void begin(int flags)
{
    set_handler(SIGUSR1, on_usr1, flags);
    hits = 0;
}

/* Stop the child; its signals do not disturb the next. */
static void end(const char *name, int result, pid_t pid)
{
    int error = errno, code;

    say(&stop, 1);
    code = reap(pid);
    printf("%-16s %d %s, %s, child %d\n", name, result,
           result < 0 ? strerror(error) : "-", hits ? "hit" : "not hit", code);
    hear(&stop);
}

int main(void)
{
    struct timespec far = { 50, 0 };
    struct pollfd p;
    static char bulk[300000];
    long value, got;
    pid_t pid, never;
    int r, status;

    alarm(60);
    data = channel_open();
    stop = channel_open();

    begin(0);
    pid = spawn(pester, 0);
    r = read(data.r, &value, sizeof(value));
    end("read", r, pid);

    begin(SA_RESTART);
    pid = spawn(pester, 1);
    r = read(data.r, &value, sizeof(value));
    EXPECT(value == 4711);
    end("read, restart", r, pid);

    begin(0);
    never = fork_child();
    if (never == 0)
        for (;;)
            pause();
    pid = spawn(pester, 0);
    r = waitpid(never, &status, 0);
    end("wait", r, pid);
    kill(never, SIGKILL);
    EXPECT(reap(never) == 137);

    begin(SA_RESTART);                  /* poll and sleeps never restart */
    p = (struct pollfd){ .fd = data.r, .events = POLLIN };
    pid = spawn(pester, 0);
    r = poll(&p, 1, 50000);
    end("poll, restart", r, pid);

    begin(SA_RESTART);
    pid = spawn(pester, 0);
    r = nanosleep(&far, &far);
    EXPECT(r == -1 && far.tv_sec >= 48);
    end("sleep, restart", r, pid);

    /* a write that has begun tells how much it did */
    begin(0);
    pid = spawn(pester, 0);
    got = write(data.w, bulk, sizeof(bulk));
    EXPECT(got > 0 && got < (long)sizeof(bulk));
    end("write", 0, pid);
    for (value = got; value > 0; value -= r)
        EXPECT((r = read(data.r, bulk, sizeof(bulk))) > 0);
    EXPECT(value == 0);
    return 0;
}
