// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/orphaned_groups.c - stopped jobs of a process that ends
 *
 * Catches a stopped process that stays for ever because nobody can let it go
 * on: it gets SIGHUP and SIGCONT when the last parent outside its group ends.
 */
#define _GNU_SOURCE
#include "process.h"

static struct channel out;

static void on_signal(int sig)
{
    say(&out, sig);
}

static int job(long stop)
{
    set_handler(SIGCONT, on_signal, 0);
    set_handler(SIGHUP, on_signal, 0);
    say(&out, 100);
    if (stop)
        raise(SIGSTOP);
    say(&out, 200);
    pause();
    return 0;
}

/* A shell that ends, with a job in a group of its own, stopped or not. */
static int shell(long stop)
{
    pid_t pid = fork_child();
    int status;

    if (pid == 0) {
        setpgid(0, 0);
        _exit(job(stop));
    }
    setpgid(pid, pid);
    EXPECT(hear(&out) == 100);
    if (stop)
        EXPECT(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    else
        EXPECT(hear(&out) == 200);
    say(&out, pid);
    return 0;
}

/* The job's parent is in the same group: who ends is its connection. */
static int group_leader(long unused)
{
    (void)unused;
    EXPECT(setpgid(0, 0) == 0);
    EXPECT(reap(spawn(shell, 1)) == 0);
    return 0;
}

static void heard(const char *what, int many)
{
    long got[4] = { 0 };

    for (int i = 0; i < many; i++)
        got[i] = hear(&out);
    printf("%s:", what); /* handlers may run in any order */
    for (long sig = 1; sig <= 200; sig++)
        for (int i = 0; i < many; i++)
            if (got[i] == sig)
                printf(" %ld", sig == SIGCONT ? 1000 : sig);
    puts("");
}

int main(void)
{
    pid_t pid;

    out = channel_open();
    EXPECT(reap(spawn(shell, 1)) == 0);
    pid = hear(&out);
    heard("stopped", 3);
    kill(pid, SIGKILL);
    EXPECT(reap(spawn(shell, 0)) == 0);
    pid = hear(&out);
    kill(pid, SIGKILL); /* it had no signal: nothing more was said */
    EXPECT(reap(spawn(group_leader, 0)) == 0);
    pid = hear(&out);
    heard("in a group", 3);
    kill(pid, SIGKILL);
    close(out.w);
    printf("then %ld\n", hear(&out));
    return 0;
}
