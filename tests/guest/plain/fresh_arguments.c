// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that are told what to do in pages of a file that nobody has touched:
 * each does it once.  Under --stress=wait:1 all these pages are waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fresh.h"

/* A copy of the @len bytes, at the end of a page and the beginning of the
 * next; it can be written, too. */
static void *told(const void *bytes, size_t len)
{
    off_t at = PAGE - (off_t)(len / 2 / 8 * 8);
    int fd = memfd_create("told", 0);
    char *p;

    if (ftruncate(fd, 2 * PAGE) || pwrite(fd, bytes, len, at) != (ssize_t)len)
        abort();
    p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    return p + at;
}

#define TOLD(type, ...) told(&(type)__VA_ARGS__, sizeof(type))

static char *text(const char *s)
{
    return told(s, strlen(s) + 1);
}

static void names(void)
{
    char dir[] = "/tmp/fresh_arguments.XXXXXX", path[2][100];
    struct timespec times[2] = {{1000, 0}, {2000, 0}};
    struct stat st;

    if (!mkdtemp(dir))
        abort();
    snprintf(path[0], sizeof(path[0]), "%s/a", dir);
    snprintf(path[1], sizeof(path[1]), "%s/b", dir);
    say("mkdir", mkdir(text(path[0]), 0700));
    say("rename", rename(text(path[0]), text(path[1])));
    say("symlink", symlink(text("where"), text(path[0])));
    say("utimensat",
        utimensat(AT_FDCWD, text(path[1]), told(times, sizeof(times)), 0));
    say("stat", stat(text(path[1]), told(&st, sizeof(st))));
    say("  time", stat(path[1], &st) == 0 ? st.st_mtim.tv_sec : -1);
    say("unlink", unlink(text(path[0])));
    say("rmdir", rmdir(text(path[1])));
    say("rmdir", rmdir(text(dir)));
}

static void files(void)
{
    int in = memfd_create("in", 0), out = memfd_create("out", 0), p[2];
    struct iovec iov[2] = {{text("abcdefgh"), 8}, {text("ijkl"), 4}};
    char got[100] = {0};
    loff_t *from = TOLD(loff_t, {3}), *to = TOLD(loff_t, {1});

    say("writev", writev(in, told(iov, sizeof(iov)), 2));
    say("copy_file_range", copy_file_range(in, from, out, to, 5, 0));
    say("  offsets", *from * 100 + *to);
    from = TOLD(loff_t, {8});
    if (pipe(p))
        abort();
    say("splice", splice(in, from, p[1], NULL, 3, 0));
    say("  offset", *from);
    say("vmsplice", vmsplice(p[1], told(iov, sizeof(iov)), 2, 0));
    say("read", read(p[0], got, sizeof(got)));
    puts(got);
    say("lock", fcntl(in, F_SETLK,
                      TOLD(struct flock, {.l_type = F_WRLCK, .l_len = 9})));
    close(p[0]);
    close(p[1]);
    close(in);
    close(out);
}

static void waits(void)
{
    int fd = eventfd(1, 0), ep = epoll_create1(0), timer;
    struct pollfd *polled = TOLD(struct pollfd, {.fd = fd, .events = POLLIN});
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    say("ppoll",
        ppoll(polled, 1, TOLD(struct timespec, {5, 0}), TOLD(sigset_t, {{0}})));
    say("  events", polled->revents);
    say("pselect",
        pselect(fd + 1, told(&set, sizeof(set)), NULL, NULL,
                TOLD(struct timespec, {5, 0}), TOLD(sigset_t, {{0}})));
    say("epoll_ctl", epoll_ctl(ep, EPOLL_CTL_ADD, fd,
                               TOLD(struct epoll_event, {.events = EPOLLIN})));
    say("write", write(fd, TOLD(uint64_t, {40}), 8));
    say("  count", eventfd_read(fd, told("12345678", 8)));
    close(ep);
    close(fd);
    say("nanosleep", nanosleep(TOLD(struct timespec, {0, 1000}), NULL));
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    say("timerfd_settime",
        timerfd_settime(timer, 0,
                        TOLD(struct itimerspec, {.it_value.tv_nsec = 1000}),
                        NULL));
    say("read", read(timer, told("12345678", 8), 8));
    close(timer);
}

static void queues(void)
{
    struct sembuf ops[2] = {{0, 2, 0}, {1, 3, 0}};
    struct message {
        long type;
        char text[8];
    } *m = TOLD(struct message, {4, "message"});
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
    int q = msgget(IPC_PRIVATE, 0600), s = semget(IPC_PRIVATE, 2, 0600);
    unsigned *priority = TOLD(unsigned, {0});
    char name[40], *got = text("0123456789abcde");
    mqd_t mq;

    say("msgsnd", msgsnd(q, m, 8, 0));
    m = TOLD(struct message, {0, ""});
    say("msgrcv", msgrcv(q, m, 8, 0, 0));
    say("  type", m->type);
    say("  again", msgrcv(q, m, 8, 0, IPC_NOWAIT));
    msgctl(q, IPC_RMID, NULL);
    say("semop", semop(s, told(ops, sizeof(ops)), 2));
    say("  values", semctl(s, 0, GETVAL) * 10 + semctl(s, 1, GETVAL));
    semctl(s, 0, IPC_RMID);
    snprintf(name, sizeof(name), "/fresh_arguments.%d", getpid());
    mq = mq_open(text(name), O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600,
                 told(&attr, sizeof(attr)));
    say("mq_open", mq >= 0);
    say("mq_send", mq_send(mq, text("posix"), 6, 9));
    say("mq_receive", mq_receive(mq, got, 16, priority));
    say("  priority", *priority);
    puts(got);
    say("  again", mq_receive(mq, got, 16, priority));
    say("mq_unlink", mq_unlink(text(name)));
    mq_close(mq);
}

static volatile int handled;

static void handler(int sig)
{
    (void)sig;
    handled++;
}

static void signals(void)
{
    struct sigaction act = {.sa_handler = handler};
    sigset_t set, zero;
    siginfo_t info;

    sigemptyset(&zero);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    say("sigaction", sigaction(SIGUSR1, told(&act, sizeof(act)), NULL));
    say("sigprocmask", sigprocmask(SIG_BLOCK, told(&set, sizeof(set)), NULL));
    say("sigqueue", sigqueue(getpid(), SIGUSR1, (union sigval){7}));
    say("sigsuspend", sigsuspend(told(&zero, sizeof(zero))) == -1);
    say("handled", handled);
    raise(SIGUSR1);
    say("sigtimedwait", sigtimedwait(told(&set, sizeof(set)), &info,
                                     TOLD(struct timespec, {1, 0})) == SIGUSR1);
    say("setitimer",
        setitimer(ITIMER_REAL, TOLD(struct itimerval, {.it_value.tv_sec = 90}),
                  NULL));
    say("setrlimit", setrlimit(RLIMIT_CORE, TOLD(struct rlimit, {0, 0})));
}

/* All of it is in such pages: the name, both lists, and what they point to. */
static void execution(void)
{
    char *argv[] = {text("again"), text("4"), NULL},
         *envp[] = {text("N=2"), NULL}, *file = text("/proc/self/exe"),
         **args = told(argv, sizeof(argv)), **env = told(envp, sizeof(envp));
    int status;

    if (fork() == 0) {
        execve(file, args, env);
        _exit(1);
    }
    wait(&status);
    say("execve", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return atoi(argv[1]) + atoi(getenv("N"));
    names();
    files();
    waits();
    queues();
    signals();
    execution();
    return 0;
}
