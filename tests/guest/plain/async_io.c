// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/async_io.c - SIGIO of pipes, sockets and directories, SIGURG
 *
 * Catches a signal that goes to nobody, or to another than the owner, one
 * without its descriptor and event, signals of a queue that become one, and
 * O_ASYNC of a file that has none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "process.h"
#include "try.h"

static volatile int nr_io, nr_urgent, last_fd = -1, last_code, last_band;
static volatile pid_t last_tid;
static pid_t main_tid;

static void on_io(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    nr_io++;
    last_code = info->si_code;
    last_fd = info->si_code == SI_KERNEL ? -1 : info->si_fd;
    last_band = info->si_code == SI_KERNEL
                    ? 0
                    : info->si_band & (POLLIN | POLLPRI | POLLERR | POLLHUP);
    last_tid = (pid_t)syscall(SYS_gettid);
}

static void on_urgent(int sig)
{
    (void)sig;
    nr_urgent++;
}

/* What has come since the last time; @fd: of which it should be. */
static void report(const char *what, int fd)
{
    printf("  %s: %d, code %#x, %s, band %#x, %s\n", what, nr_io,
           (unsigned)last_code,
           last_fd == -1 ? "no fd" : last_fd == fd ? "its fd" : "WRONG FD",
           (unsigned)last_band, last_tid == main_tid ? "main" : "other");
    nr_io = last_code = last_band = 0;
    last_fd = -1;
    last_tid = main_tid;
}

static void watch(int fd, int sig)
{
    TRY(fcntl(fd, F_SETSIG, sig));
    TRY(fcntl(fd, F_SETOWN, getpid()));
    TRY(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
    printf("  flag %d\n", (fcntl(fd, F_GETFL) & O_ASYNC) != 0);
}

static void pipes(void)
{
    int fds[2], on = 0;

    puts("pipes");
    TRY(pipe(fds));
    watch(fds[0], 0);
    TRY(write(fds[1], "a", 1));
    report("SIGIO", fds[0]);
    TRY(fcntl(fds[0], F_SETSIG, SIGIO));
    TRY(write(fds[1], "a", 1));
    report("SIGIO that was asked for", fds[0]);
    TRY(fcntl(fds[0], F_SETSIG, SIGSEGV));
    TRY(write(fds[1], "a", 1));
    report("SIGSEGV", fds[0]);
    TRY(ioctl(fds[0], FIOASYNC, &on));
    printf("  flag %d\n", (fcntl(fds[0], F_GETFL) & O_ASYNC) != 0);
    TRY(write(fds[1], "a", 1));
    report("off", fds[0]);
    on = 1;
    TRY(ioctl(fds[0], FIOASYNC, &on));
    TRY(fcntl(fds[0], F_SETOWN, 0));
    TRY(write(fds[1], "a", 1));
    report("nobody's", fds[0]);
    TRY(fcntl(fds[0], F_SETOWN, -getpgrp()));
    TRY(write(fds[1], "a", 1));
    report("the group's", fds[0]);
    close(fds[1]);
    report("the end", fds[0]);
    close(fds[0]);
}

/* A signal that is queued says it for each write. */
static void queued(void)
{
    const int sig = SIGRTMIN + 3;
    siginfo_t info;
    sigset_t set;
    int fds[2], two[2];

    puts("queued");
    sigemptyset(&set);
    sigaddset(&set, sig);
    sigprocmask(SIG_BLOCK, &set, NULL);
    TRY(pipe(fds));
    TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, two));
    watch(fds[0], sig);
    watch(two[0], sig);
    TRY(write(fds[1], "a", 1));
    TRY(write(two[1], "a", 1));
    TRY(write(fds[1], "a", 1));
    for (int i = 0; i < 3; i++) {
        TRY(sigwaitinfo(&set, &info) == sig);
        printf("  %s, code %d, band %#lx\n",
               info.si_fd == fds[0]   ? "pipe"
               : info.si_fd == two[0] ? "socket"
                                      : "WRONG FD",
               info.si_code, (long)(info.si_band & (POLLIN | POLLPRI)));
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    report("none in the handler", -1);
    close(fds[0]);
    close(fds[1]);
    close(two[0]);
    close(two[1]);
}

/* The parent sleeps; of the child's one write it is told. */
static void from_child(void)
{
    sigset_t io, old;
    int fds[2];
    pid_t pid;

    puts("from a child");
    sigemptyset(&io);
    sigaddset(&io, SIGIO);
    sigprocmask(SIG_BLOCK, &io, &old);
    TRY(pipe(fds));
    watch(fds[0], SIGIO);
    pid = fork();
    if (pid == 0) {
        signal(SIGIO, SIG_DFL); /* not its own: it would end the child */
        sigprocmask(SIG_SETMASK, &old, NULL);
        _exit(write(fds[1], "a", 1) != 1);
    }
    TRY(sigsuspend(&old));
    report("told", fds[0]);
    sigprocmask(SIG_SETMASK, &old, NULL);
    TRY(waitpid(pid, NULL, 0) == pid);
    close(fds[0]);
    close(fds[1]);
}

static int thread_fds[2];

static void *thread(void *arg)
{
    struct f_owner_ex own = {F_OWNER_TID, (pid_t)syscall(SYS_gettid)}, is;

    (void)arg;
    TRY(fcntl(thread_fds[0], F_SETOWN_EX, &own));
    TRY(fcntl(thread_fds[0], F_GETOWN_EX, &is));
    printf("  a thread's %d\n", is.type == own.type && is.pid == own.pid);
    TRY(fcntl(thread_fds[0], F_SETFL, O_ASYNC));
    TRY(write(thread_fds[1], "a", 1));
    report("thread", thread_fds[0]);
    return NULL;
}

static void threads(void)
{
    pthread_t id;

    puts("threads");
    TRY(pipe(thread_fds));
    TRY(fcntl(thread_fds[0], F_SETSIG, SIGIO));
    TRY(pthread_create(&id, NULL, thread, NULL));
    TRY(pthread_join(id, NULL));
    TRY(write(thread_fds[1], "a", 1));
    report("its owner is gone", thread_fds[0]);
    close(thread_fds[0]);
    close(thread_fds[1]);
}

static void urgent(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(name);
    int s = socket(AF_INET, SOCK_STREAM, 0), out, in;
    sigset_t set, old;

    puts("urgent");
    if (s < 0)
        return; /* --sandbox */
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigprocmask(SIG_BLOCK, &set, &old);
    TRY(bind(s, (struct sockaddr *)&name, sizeof(name)));
    TRY(listen(s, 1));
    TRY(getsockname(s, (struct sockaddr *)&name, &len));
    out = socket(AF_INET, SOCK_STREAM, 0);
    TRY(connect(out, (struct sockaddr *)&name, sizeof(name)));
    in = accept(s, NULL, NULL);
    TRY(fcntl(in, F_SETOWN, getpid()));
    TRY(send(out, "a", 1, MSG_OOB));
    for (int i = 0; i < 10 && !nr_urgent; i++)
        sigsuspend(&old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("  %d\n", nr_urgent);
    close(in);
    close(out);
    close(s);
}

/* dnotify: one event, as DN_MULTISHOT was not said. */
static void directory(void)
{
    int fd, file = open("f", O_RDONLY | O_CREAT, 0600);

    puts("directory");
    TRY(mkdir("d", 0700));
    fd = open("d", O_RDONLY);
    TRY(fcntl(fd, F_SETSIG, SIGIO));
    TRY(fcntl(file, F_NOTIFY, DN_CREATE));
    TRY(fcntl(fd, F_NOTIFY, DN_CREATE));
    TRY(mkdir("d/one", 0700));
    report("created", fd);
    TRY(mkdir("d/two", 0700));
    report("once", fd);
    TRY(fcntl(fd, F_NOTIFY, DN_DELETE | (int)DN_MULTISHOT));
    TRY(rmdir("d/one"));
    TRY(rmdir("d/two"));
    report("removed", fd);
    TRY(fcntl(fd, F_NOTIFY, 0));
    close(fd);
    close(file);
    TRY(rmdir("d"));
}

/* Those that tell nobody. */
static void none(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0600), on = 1;

    puts("none");
    watch(fd, 0);
    TRY(ioctl(fd, FIOASYNC, &on));
    on = 0;
    TRY(ioctl(fd, FIOASYNC, &on));
    TRY(ioctl(fd, FIOASYNC, (void *)8));
    close(fd);
    unlink("f");
}

static void handle(int sig)
{
    struct sigaction act = {.sa_sigaction = on_io, .sa_flags = SA_SIGINFO};

    sigaction(sig, &act, NULL);
}

int main(void)
{
    main_tid = last_tid = (pid_t)syscall(SYS_gettid);
    setpgid(0, 0);
    handle(SIGIO);
    handle(SIGSEGV);
    handle(SIGRTMIN + 3);
    signal(SIGURG, on_urgent);
    pipes();
    queued();
    from_child();
    threads();
    urgent();
    directory();
    none();
    return 0;
}
