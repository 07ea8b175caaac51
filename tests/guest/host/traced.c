// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/traced.c - system calls for --strace, the same ones on every machine
 *
 * tests/e2e/test_strace.py compares what strace(1) prints of this program,
 * compiled for this machine, with what adiemu prints of it.  What is compared
 * stands between two calls of close(-9).
 *
 * usage: traced [fork | segv]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int one_word;

static void handler(int sig)
{
    (void)sig;
}

static void files(void)
{
    struct iovec io[2] = {{"ab", 2}, {"cde", 3}};
    struct timespec times[2] = {{7, 8}, {0, UTIME_OMIT}};
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    char buf[64];
    struct stat st;
    int fd;

    open("no such file", O_RDONLY);
    fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);
    write(fd, "hello\n\t\"x\"\\\0011\177 and more than 32 bytes", 36);
    lseek(fd, 0, SEEK_SET);
    read(fd, buf, 5);
    pread(fd, buf, 64, 6);
    writev(fd, io, 2);
    ftruncate(fd, 1200);
    fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_GETFD);
    fcntl(fd, F_SETLK, &lock);
    flock(fd, LOCK_EX | LOCK_NB);
    fchmod(fd, 0600);
    futimens(fd, times);
    fsync(fd);
    syscall(SYS_write, fd, 8, 10);
    read(-1, buf, 10);
    close(fd);
    syscall(SYS_mkdirat, AT_FDCWD, "dir", 0755);
    syscall(SYS_faccessat, AT_FDCWD, "dir", W_OK | X_OK);
    syscall(SYS_symlinkat, "target", AT_FDCWD, "link");
    syscall(SYS_readlinkat, AT_FDCWD, "link", buf, sizeof(buf));
    syscall(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, "file2", 0);
    syscall(SYS_renameat, AT_FDCWD, "file2", AT_FDCWD, "file3");
    syscall(SYS_unlinkat, AT_FDCWD, "file3", 0);
    syscall(SYS_unlinkat, AT_FDCWD, "dir", AT_REMOVEDIR);
    syscall(SYS_fchmodat, AT_FDCWD, "file", 0644);
    fstatat(AT_FDCWD, "file", &st, 0);
    fstatat(AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW);
    fstatat(AT_FDCWD, "/dev/null", &st, 0);
    truncate("file", 3);
    umask(022);
    chdir("/no/such\tplace");
}

static void memory(void)
{
    char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mprotect(p, 8192, PROT_NONE);
    mprotect(p, 8192, PROT_READ | PROT_EXEC);
    madvise(p, 8192, MADV_DONTNEED);
    msync(p, 8192, MS_SYNC);
    munmap(p, 16384);
    mmap(NULL, 8192, PROT_READ, MAP_SHARED, 99, 0);
}

static void waiting(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 7};
    struct timespec none = {0, 5};
    struct pollfd f;
    char buf[8];
    int p[2], ep;

    pipe2(p, O_CLOEXEC);
    f = (struct pollfd){.fd = p[0], .events = POLLIN};
    syscall(SYS_ppoll, &f, 1, &none, NULL, 8);
    write(p[1], "x", 1);
    syscall(SYS_ppoll, &f, 1, &none, NULL, 8);
    ep = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event);
    syscall(SYS_epoll_pwait, ep, &event, 1, 0, NULL, 8);
    read(p[0], buf, sizeof(buf));
    dup3(p[0], 20, O_CLOEXEC);
    close(20);
}

static void signals(void)
{
    struct sigaction act = {.sa_handler = handler};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR1);
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    kill(getpid(), 0);
    kill(getpid(), 70);
    act.sa_flags = SA_RESTART | SA_NODEFER;
    sigaction(SIGHUP, &act, NULL);
    tgkill(getpid(), getpid(), SIGHUP);
}

static void sockets(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
    char text[] = "message";
    struct iovec io = {text, 7};
    struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};
    socklen_t len = sizeof(name), four = sizeof(int);
    int pair[2], one = 1, s;
    char buf[16];

    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    sendto(pair[0], "abc", 3, MSG_NOSIGNAL, NULL, 0);
    recvfrom(pair[1], buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
    sendmsg(pair[0], &msg, 0);
    recvmsg(pair[1], &msg, MSG_PEEK);
    shutdown(pair[0], SHUT_WR);
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bind(s, (void *)&name, 2 + 7);
    connect(s, (void *)&name, 2 + 7);
    getsockname(s, (void *)&name, &len);
    len = 1;
    getpeername(s, (void *)&name, &len);
    getsockopt(s, SOL_SOCKET, SO_TYPE, &one, &four);
    close(s);
    socket(AF_INET, SOCK_STREAM, 0);
}

static void processes(void)
{
    struct rlimit r = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    struct timespec t;
    char *argv[] = {"/no/such", "a b", NULL}, *env[] = {"A=1", NULL};

    syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &r);
    syscall(SYS_execve, "/no/such", argv, env);
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){0, 1},
            NULL);
    syscall(SYS_clock_getres, 99, &t);
    syscall(SYS_wait4, -1, NULL, WNOHANG, NULL);
    syscall(SYS_futex, &one_word, 129, 1, NULL, NULL, 0);
}

/* A child writes while its parent waits for it. */
static void with_child(void)
{
    int status, p[2];
    char c;

    pipe2(p, 0);
    if (fork() == 0) {
        usleep(1000);
        write(p[1], "x", 1);
        _exit(5);
    }
    read(p[0], &c, 1);
    wait(&status);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    signal(SIGUSR1, handler);
    close(-9);
    if (strcmp(what, "fork") == 0) {
        with_child();
    } else if (strcmp(what, "segv") == 0) {
        *(volatile int *)(uintptr_t)strlen("") = 1;
    } else {
        files();
        memory();
        waiting();
        signals();
        sockets();
        processes();
    }
    close(-9);
    return 3;
}
