// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A copy of adiemu from before the first instruction.
 *
 * The process that the user has started forks the one that runs, and waits.
 * When gdb wants to go back, it forks another, which does the same again up to
 * where gdb wants to be, and takes over; its own exit status is that of the one
 * that ran last.
 */
#include "emu/gdb/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Words to the keeper, and to who has control. */
#define WORD_AGAIN 'r' /* fork one that goes there */
#define WORD_TAKEN 'k' /* it has got there, and has control */
#define WORD_FAIL  'f'

struct watchman {
    struct keeper *k;
    pid_t live;   /* has control */
    pid_t worker; /* is on its way; 0: none */
    int signals;  /* signalfd */
};

static _Noreturn void end_as(int status)
{
    if (WIFSIGNALED(status)) {
        sigset_t set;

        signal(WTERMSIG(status), SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, WTERMSIG(status));
        raise(WTERMSIG(status));
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        _exit(128 + WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

static void say(int fd, char word)
{
    ssize_t n;

    do
        n = write(fd, &word, 1);
    while (n < 0 && errno == EINTR);
}

/* All that it has said was obeyed. */
static void note_end(struct watchman *w, pid_t pid, int status)
{
    if (WIFSTOPPED(status)) { /* who waits for us is to know */
        if (pid == w->live) {
            raise(SIGSTOP);
            kill(w->live, SIGCONT);
        }
        return;
    }
    if (pid == w->live)
        end_as(status);
    if (pid != w->worker)
        return; /* another goes on in its place */
    w->worker = 0;
    say(w->k->to_live[1], WORD_FAIL);
}

/* What is sent to us is for the program; what a terminal sends it has, too. */
static void pass_signals(const struct watchman *w)
{
    struct signalfd_siginfo info;

    while (read(w->signals, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo != SIGCHLD && info.ssi_code <= 0)
            kill(w->live, (int)info.ssi_signo);
}

/* Returns in the child. */
static bool fork_one(struct watchman *w, pid_t *out, const sigset_t *mask)
{
    pid_t parent = getpid(), pid = fork();

    if (pid != 0) {
        *out = pid > 0 ? pid : 0;
        return false;
    }
    close(w->signals);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    return true;
}

/* The one that had control waits for word of the other, and knows no more. */
static void take_over(struct watchman *w)
{
    kill(w->live, SIGKILL);
    (void)waitpid(w->live, NULL, 0);
    w->live = w->worker;
    w->worker = 0;
}

/* One word.  True in a child that is to go back. */
static bool obey(struct watchman *w, const sigset_t *mask)
{
    char word;

    if (read(w->k->to_keeper[0], &word, 1) != 1)
        return false;
    if (word == WORD_TAKEN) {
        take_over(w);
        return false;
    }
    if (fork_one(w, &w->worker, mask))
        return true;
    if (w->worker == 0)
        say(w->k->to_live[1], WORD_FAIL);
    return false;
}

static bool obey_all(struct watchman *w, const sigset_t *mask)
{
    struct pollfd words = {.fd = w->k->to_keeper[0], .events = POLLIN};

    while (poll(&words, 1, 0) > 0)
        if (obey(w, mask))
            return true;
    return false;
}

/* Returns in children that are to go back. */
static void watch(struct watchman *w, const sigset_t *mask)
{
    struct pollfd fds[] = {{.fd = w->k->to_keeper[0], .events = POLLIN},
                           {.fd = w->signals, .events = POLLIN}};
    int status;
    pid_t pid;

    for (;;) {
        (void)poll(fds, 2, -1);
        if (obey_all(w, mask))
            return;
        pass_signals(w);
        /* Its last words are there when its end is. */
        while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
            if (obey_all(w, mask))
                return;
            note_end(w, pid, status);
        }
    }
}

static int make_lines(struct keeper *k)
{
    k->memory = memfd_create("adiemu-gdb", MFD_CLOEXEC);
    if (k->memory < 0)
        return -errno;
    if (pipe2(k->to_keeper, O_CLOEXEC) != 0)
        return -errno;
    if (pipe2(k->to_live, O_CLOEXEC) != 0)
        return -errno;
    return 0;
}

int keeper_start(struct keeper *k, bool *again)
{
    struct watchman w = {.k = k};
    sigset_t all, old;
    int err = make_lines(k);

    *again = false;
    if (err)
        return err;
    fflush(NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    w.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w.signals < 0) {
        err = -errno;
        sigprocmask(SIG_SETMASK, &old, NULL);
        return err;
    }
    if (fork_one(&w, &w.live, &old))
        return 0;
    if (w.live == 0) { /* no fork: go on alone */
        close(w.signals);
        sigprocmask(SIG_SETMASK, &old, NULL);
        return -EAGAIN;
    }
    watch(&w, &old);
    *again = true;
    return 0;
}

void keeper_go(struct keeper *k)
{
    char word;

    say(k->to_keeper[1], WORD_AGAIN);
    while (read(k->to_live[0], &word, 1) < 0 && errno == EINTR)
        ;
}

void keeper_go_on(struct keeper *k)
{
    say(k->to_keeper[1], WORD_AGAIN);
    _exit(0);
}

void keeper_take(struct keeper *k)
{
    say(k->to_keeper[1], WORD_TAKEN);
}
