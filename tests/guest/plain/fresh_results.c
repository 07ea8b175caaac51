// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls whose results cannot be had twice, with buffers in pages that nobody
 * has touched.  Under --stress=wait:1 all these pages are waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "fresh.h"

static void special_files(void)
{
    int fd = eventfd(5, 0), ep = epoll_create1(0);
    struct epoll_event *ev = fresh(sizeof(*ev)),
                       one = {EPOLLIN | EPOLLONESHOT, {.u32 = 77}};
    uint64_t *count = fresh(8);
    struct itimerspec *its = fresh(sizeof(*its)), *old = fresh(sizeof(*old));
    struct signalfd_siginfo *ssi = fresh(sizeof(*ssi));
    sigset_t *set = fresh(sizeof(*set));

    say("epoll_ctl", epoll_ctl(ep, EPOLL_CTL_ADD, fd, &one));
    say("epoll_wait once", epoll_wait(ep, ev, 1, 0));
    say("  data", ev->data.u32);
    say("epoll_wait twice", epoll_wait(ep, ev, 1, 0));
    say("read eventfd", read(fd, count, 8));
    say("  count", (long)*count);
    close(fd);
    fd = timerfd_create(CLOCK_MONOTONIC, 0);
    its->it_value.tv_sec = 100;
    say("timerfd_settime", timerfd_settime(fd, 0, its, fresh(sizeof(*its))));
    its->it_value.tv_sec = 0;
    say("  again", timerfd_settime(fd, 0, its, old));
    say("  old", old->it_value.tv_sec >= 99);
    close(fd);
    sigemptyset(set);
    sigaddset(set, SIGUSR1);
    sigprocmask(SIG_BLOCK, set, NULL);
    fd = signalfd(-1, set, 0);
    raise(SIGUSR1);
    say("read signalfd", read(fd, ssi, sizeof(*ssi)));
    say("  signal", ssi->ssi_signo == SIGUSR1);
    close(fd);
    close(ep);
}

static void children(void)
{
    int *status = fresh(8);
    struct rusage *ru = fresh(sizeof(*ru));
    siginfo_t *si = fresh(sizeof(*si));
    pid_t pid = fork();

    if (pid == 0)
        _exit(3);
    say("wait4", wait4(pid, status, 0, ru) == pid);
    say("  status", WEXITSTATUS(*status));
    pid = fork();
    if (pid == 0)
        _exit(4);
    say("waitid", waitid(P_PID, (id_t)pid, si, WEXITED));
    say("  status", si->si_status);
    say("  no more", wait(NULL) == -1 && errno == ECHILD);
}

static volatile int handled;

static void handler(int sig)
{
    handled += sig;
}

static void on_new_stack(int sig)
{
    char here[64] = {0};

    here[sig] = 1;
    handled += here[sig];
}

static void signals(void)
{
    struct sigaction *act = fresh(sizeof(*act)), *old = fresh(sizeof(*old));
    siginfo_t *info = fresh(sizeof(*info));
    struct timespec *zero = fresh(sizeof(*zero));
    sigset_t *set = fresh(sizeof(*set)), *mask = fresh(sizeof(*mask));
    stack_t *ss = fresh(sizeof(*ss));

    act->sa_handler = handler;
    say("sigaction", sigaction(SIGUSR2, act, old));
    say("  old", old->sa_handler == SIG_DFL);
    say("sigaction", sigaction(SIGUSR2, act, fresh(sizeof(*old))));
    sigemptyset(set);
    sigaddset(set, SIGUSR1);
    say("sigprocmask", sigprocmask(SIG_BLOCK, set, mask));
    say("  old", sigismember(mask, SIGUSR1));
    raise(SIGUSR1);
    say("sigtimedwait", sigtimedwait(set, info, zero) == SIGUSR1);
    say("  from", info->si_pid == getpid());
    say("  again", sigtimedwait(set, info, zero) == -1 && errno == EAGAIN);
    raise(SIGUSR2);
    say("handled", handled == SIGUSR2);
    ss->ss_sp = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ss->ss_size = 16 * PAGE;
    say("sigaltstack", sigaltstack(ss, fresh(sizeof(*ss))));
    act->sa_handler = on_new_stack;
    act->sa_flags = SA_ONSTACK;
    sigaction(SIGUSR2, act, NULL);
    handled = 0;
    raise(SIGUSR2);
    raise(SIGUSR2);
    say("handled on it", handled);
}

static void times_and_limits(void)
{
    struct itimerval *it = fresh(sizeof(*it)), *old = fresh(sizeof(*old));
    struct rlimit *lim = fresh(sizeof(*lim)), *was = fresh(sizeof(*was));
    struct itimerspec *its = fresh(sizeof(*its));
    timer_t *timer = fresh(sizeof(*timer));

    it->it_value.tv_sec = 500;
    say("setitimer", setitimer(ITIMER_REAL, it, fresh(sizeof(*old))));
    it->it_value.tv_sec = 0;
    say("setitimer", setitimer(ITIMER_REAL, it, old));
    say("  old", old->it_value.tv_sec >= 499);
    lim->rlim_cur = lim->rlim_max = 0;
    say("prlimit", prlimit(0, RLIMIT_CORE, lim, NULL));
    say("prlimit", prlimit(0, RLIMIT_CORE, lim, was));
    say("  old", (long)was->rlim_cur);
    say("timer_create", timer_create(CLOCK_REALTIME, NULL, timer));
    its->it_value.tv_sec = 50;
    say("timer_settime", timer_settime(*timer, 0, its, fresh(sizeof(*its))));
    say("timer_delete", timer_delete(*timer));
    say("clock_gettime", clock_gettime(CLOCK_REALTIME, fresh(16)));
}

static void contexts(void)
{
    ucontext_t *here = fresh(sizeof(*here)), *there = fresh(sizeof(*there));
    volatile int times = 0;

    say("getcontext", getcontext(here));
    if (times++ < 2)
        setcontext(here);
    say("  times", times);
    say("getcontext", getcontext(there));
}

int main(void)
{
    special_files();
    children();
    signals();
    times_and_limits();
    contexts();
    return 0;
}
