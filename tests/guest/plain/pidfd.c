// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/pidfd.c - descriptors that stand for processes
 *
 * Catches a descriptor that is ready too early or never, that stands for
 * another process once its own is gone, and signals and waits that go astray.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "process.h"
#include "try.h"

static volatile sig_atomic_t got;
static int got_code, got_value;
static struct channel go, out;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)context;
    got = sig;
    got_code = info->si_code;
    got_value = info->si_value.sival_int;
}

static int ready(int fd, int timeout)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
    int n = poll(&p, 1, timeout);

    return n > 0 ? p.revents & (POLLIN | POLLOUT) : 0;
}

static int child(long code)
{
    hear(&go);
    return (int)code;
}

/* /proc/PID is one, for the signal alone. */
static void directories(void)
{
    static const char *const names[] = {"/proc/%d", "/proc/%d/task",
                                        "/proc/self/task",
                                        "/proc/%d/status", "/proc"};
    pid_t pid = spawn(child, 0);
    char name[64];
    int fd;

    puts("directories");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(name, sizeof(name), names[i], (int)pid);
        fd = open(name, O_RDONLY);
        printf(" %s\n", names[i]);
        TRY_DONE(pidfd_send_signal(fd, 0, NULL, 0));
        close(fd);
    }
    snprintf(name, sizeof(name), names[0], (int)pid);
    fd = open(name, O_PATH);
    TRY_DONE(pidfd_send_signal(fd, 0, NULL, 0));
    close(fd);
    fd = open(name, O_RDONLY);
    TRY_DONE(syscall(SYS_process_mrelease, fd, 0));
    say(&go, 0);
    EXPECT(reap(pid) == 0);
    TRY_DONE(pidfd_send_signal(fd, 0, NULL, 0));
    close(fd);
}

static void results(void)
{
    int fd, file = open("/dev/null", O_RDWR);
    volatile int minus = -1;
    pid_t pid;
    char c;

    puts("results");
    TRY_DONE(pidfd_open(minus, 0));
    TRY_DONE(pidfd_open(0, 0));
    TRY_DONE(pidfd_open(0x3ffffff, 0));
    TRY_DONE(pidfd_open(getpid(), 1));
    fd = pidfd_open(getpid(), 0);
    TRY_DONE(fd);
    printf("  close-on-exec %d, mode %d\n", fcntl(fd, F_GETFD) == FD_CLOEXEC,
           fcntl(fd, F_GETFL) & O_ACCMODE);
    TRY_DONE(read(fd, &c, 1));
    TRY_DONE(write(fd, "x", 1));
    TRY_DONE(pidfd_send_signal(fd, 0, NULL, 0));
    TRY_DONE(pidfd_send_signal(fd, 0, NULL, 1u << 31));
    TRY_DONE(pidfd_send_signal(fd, 65, NULL, 0));
    TRY_DONE(pidfd_send_signal(fd, minus, NULL, 0));
    TRY_DONE(pidfd_send_signal(file, 0, NULL, 0));
    TRY_DONE(pidfd_send_signal(99, 0, NULL, 0));
    TRY_DONE(pidfd_send_signal(fd, SIGUSR1, (void *)8, 0));
    TRY_DONE(waitid(P_PIDFD, fd, NULL, WEXITED));
    TRY_DONE(waitid(P_PIDFD, file, NULL, WEXITED));
    TRY_DONE(waitid(P_PIDFD, minus, NULL, WEXITED));
    TRY_DONE(syscall(SYS_process_mrelease, fd, 0));
    TRY_DONE(syscall(SYS_process_mrelease, file, 0));
    close(fd);
    pid = spawn(child, 0);
    fd = pidfd_open(pid, 0);
    say(&go, 0);
    EXPECT(reap(pid) == 0);
    TRY_DONE(pidfd_send_signal(fd, 0, NULL, 0));
    TRY_DONE(waitid(P_PIDFD, fd, NULL, WEXITED));
    TRY_DONE(pidfd_open(pid, 0));
    TRY_DONE(syscall(SYS_process_mrelease, fd, 0));
    close(fd);
    close(file);
}

static void signals(void)
{
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };
    int fd = pidfd_open(getpid(), 0);
    int parent = pidfd_open(getppid(), 0);

    puts("signals");
    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, NULL);
    TRY_DONE(pidfd_send_signal(fd, SIGUSR1, NULL, 0));
    printf("  %s, code %d\n", sigabbrev_np(got), got_code);
    info.si_value.sival_int = 77;
    TRY_DONE(pidfd_send_signal(fd, SIGUSR2, &info, 0));
    printf("  %s, code %d, value %d\n", sigabbrev_np(got), got_code, got_value);
    TRY_DONE(pidfd_send_signal(fd, SIGUSR1, &info, 0));
    info.si_code = SI_USER;
    TRY_DONE(pidfd_send_signal(fd, SIGUSR2, &info, 0));
    printf("  code %d\n", got_code);
    close(fd);
    if (parent >= 0)
        close(parent);
}

static void ends(void)
{
    siginfo_t info;
    pid_t pid = spawn(child, 9);
    int fd = pidfd_open(pid, 0), other = dup(fd);
    fd_set set;

    puts("ends");
    printf("  ready %d\n", ready(fd, 0));
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
    say(&go, 0);
    printf("  ready %d\n", ready(fd, -1)); /* without waiting for it */
    FD_ZERO(&set);
    FD_SET(other, &set);
    printf("  selected %d\n", select(other + 1, &set, NULL, NULL, NULL));
    TRY_DONE(pidfd_send_signal(fd, SIGTERM, NULL, 0)); /* a zombie is one still */
    TRY_DONE(waitid(P_PIDFD, other, &info, WEXITED | WNOWAIT));
    printf("  pid %d, code %d, status %d\n", info.si_pid == pid, info.si_code,
           info.si_status);
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED));
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED));
    printf("  ready %d %d\n", ready(fd, 0), ready(other, 0));
    close(fd);
    printf("  ready %d\n", ready(other, 0));
    close(other);
    EXPECT(no_children());

    pid = spawn(child, 0);
    fd = pidfd_open(pid, PIDFD_NONBLOCK);
    printf("  nonblock %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED));
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
    fcntl(fd, F_SETFL, 0);
    say(&go, 0);
    TRY_DONE(waitid(P_PIDFD, fd, &info, WEXITED));
    close(fd);

    pid = spawn(child, 0); /* opened when it is a zombie */
    say(&go, 0);
    EXPECT(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
    fd = pidfd_open(pid, 0);
    printf("  ready %d\n", ready(fd, 0));
    EXPECT(reap(pid) == 0);
    close(fd);
}

/* Waits in the middle of a poll that somebody else ends. */
static int watcher(long fd)
{
    say(&out, ready((int)fd, -1));
    return 0;
}

static void watched(void)
{
    pid_t pid = spawn(child, 0), w[2];
    int fd = pidfd_open(pid, 0);

    puts("watched");
    w[0] = spawn(watcher, fd);
    w[1] = spawn(watcher, fd);
    usleep(10000);
    kill(pid, SIGKILL);
    say_two(&out);
    EXPECT(reap(pid) == 128 + SIGKILL);
    EXPECT(reap(w[0]) == 0 && reap(w[1]) == 0);
    close(fd);
}

static int keeps_open(long unused)
{
    int fd = memfd_create("kept", 0);

    (void)unused;
    EXPECT(write(fd, "kept", 4) == 4);
    say(&out, fd);
    hear(&go);
    EXPECT(lseek(fd, 0, SEEK_CUR) == 2); /* the same open file */
    return 0;
}

static void descriptors(void)
{
    pid_t pid = spawn(keeps_open, 0);
    int fd = pidfd_open(pid, 0), other = hear(&out), mine;
    char buf[8] = "";

    puts("descriptors");
    TRY_DONE(pidfd_getfd(fd, other, 1));
    TRY_DONE(pidfd_getfd(fd, 99, 0));
    TRY_DONE(pidfd_getfd(0, other, 0));
    mine = pidfd_getfd(fd, other, 0);
    TRY_DONE(mine);
    printf("  close-on-exec %d\n", fcntl(mine, F_GETFD) == FD_CLOEXEC);
    EXPECT(lseek(mine, 0, SEEK_SET) == 0 && read(mine, buf, 2) == 2);
    printf("  read %s\n", buf);
    say(&go, 0);
    EXPECT(reap(pid) == 0);
    TRY_DONE(pidfd_getfd(fd, other, 0));
    close(fd);
    close(mine);
}

static int in_clone(void *unused)
{
    (void)unused;
    return (int)hear(&go);
}

static void cloned(void)
{
    static char stack[65536];
    int fd = -1;
    pid_t pid;

    puts("cloned");
    fflush(stdout);
    pid = clone(in_clone, stack + sizeof(stack), CLONE_PIDFD | SIGCHLD, NULL,
                &fd);
    EXPECT(pid > 0 && fd > 2);
    printf("  ready %d\n", ready(fd, 0));
    say(&go, 5);
    printf("  ready %d, exit %d\n", ready(fd, -1), reap(pid));
    close(fd);
    TRY_DONE(clone(in_clone, stack + sizeof(stack),
              CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, NULL, &fd));
    TRY_DONE(clone(in_clone, stack + sizeof(stack),
              CLONE_PIDFD | 0x400000 /* CLONE_DETACHED */ | SIGCHLD, NULL,
              &fd));
}

int main(void)
{
    go = channel_open();
    out = channel_open();
    directories();
    results();
    signals();
    ends();
    watched();
    descriptors();
    cloned();
    return 0;
}
