// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/descriptor_kinds.c - every call on every kind of descriptor
 *
 * Catches a kind that can do what it cannot on Linux, such as give the host's
 * bytes, and a wrong error where it lacks something.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include "process.h"
#include "try.h"

static int into[2]; /* a pipe, for splice() */

static char text[] = "text";

static void drain(void)
{
    char buf[64];

    while (read(into[0], buf, sizeof(buf)) > 0)
        ;
}

static void try_all(const char *kind, int fd)
{
    struct iovec parts[2], words[2];
    struct stat st;
    int bytes;
    char buf[64];
    void *at;

    if (fd < 0) {
        printf("%s: %s\n", kind, strerrorname_np(errno));
        return;
    }
    puts(kind);
    parts[0] = (struct iovec){ buf, 32 };
    parts[1] = (struct iovec){ buf + 32, 32 };
    words[0] = (struct iovec){ text, 3 };
    words[1] = (struct iovec){ text + 3, 1 };
    TRY_DONE(read(fd, buf, 64));
    TRY_DONE(readv(fd, parts, 2));
    TRY_DONE(write(fd, text, 3));
    TRY_DONE(writev(fd, words, 2));
    TRY_DONE(lseek(fd, 0, SEEK_CUR));
    TRY_DONE(lseek(fd, 0, SEEK_HOLE + 1));
    TRY_DONE(lseek(fd, -1, SEEK_SET));
    TRY_DONE(syscall(SYS_getdents64, fd, buf, 8));
    /* Newer kernels than ours have some for these two. */
    if (strcmp(kind, "process") != 0 && strcmp(kind, "set") != 0) {
        TRY_DONE(ioctl(fd, FIONREAD, &bytes));
        TRY_DONE(ioctl(fd, TCFLSH, 0));
    }
    at = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
    say_done("mmap private", at == MAP_FAILED ? -1 : 0);
    at = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    say_done("mmap shared", at == MAP_FAILED ? -1 : 0);
    TRY_DONE(fstat(fd, &st));
    /* Has it attributes at all?  File systems differ in the rest. */
    say_done("fgetxattr", fgetxattr(fd, "user.none", buf, 64) < 0 &&
                          errno == EBADF ? -1 : 0);
    close(fd);
}

/* What the host moves by itself must be the guest's bytes. */
static void try_moves(const char *kind, int fd)
{
    puts(kind);
    TRY_DONE(splice(fd, NULL, into[1], NULL, 64, SPLICE_F_NONBLOCK));
    drain();
    TRY_DONE(sendfile(into[1], fd, NULL, 64));
    drain();
    TRY_DONE(copy_file_range(fd, NULL, into[1], NULL, 64, 0));
    close(fd);
}

static int timer(void)
{
    struct itimerspec soon = { .it_value.tv_nsec = 1 };
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

    timerfd_settime(fd, 0, &soon, NULL);
    usleep(10);
    return fd;
}

static int set_of_signals(void)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    return signalfd(-1, &mask, SFD_NONBLOCK);
}

static int end_of(int type)
{
    static int pairs[2] = { -1, -1 };

    close(pairs[0]);
    EXPECT(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pairs) == 0);
    EXPECT(write(pairs[0], text, 4) == 4);
    return pairs[1];
}

int main(void)
{
    char name[] = "kinds.tmp";
    int fd[2];

    EXPECT(pipe2(into, O_NONBLOCK) == 0);
    try_all("regular", open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
    try_all("write-only", open(name, O_WRONLY));
    try_all("read-only", open(name, O_RDONLY));
    try_all("place", open(name, O_PATH));
    try_moves("place", open(name, O_PATH));
    try_all("directory", open(".", O_RDONLY));
    try_moves("directory", open(".", O_RDONLY));
    EXPECT(pipe2(fd, O_NONBLOCK) == 0);
    try_all("pipe, to read", fd[0]);
    signal(SIGPIPE, SIG_IGN);
    try_all("pipe, to write", fd[1]);
    try_all("counter", eventfd(1, EFD_NONBLOCK));
    try_moves("counter", eventfd(1, EFD_NONBLOCK));
    try_all("timer", timer());
    try_moves("timer", timer());
    try_all("signals", set_of_signals());
    try_moves("signals", set_of_signals());
    try_all("set", epoll_create1(0));
    try_moves("set", epoll_create1(0));
    try_all("watches", inotify_init1(IN_NONBLOCK));
    try_moves("watches", inotify_init1(IN_NONBLOCK));
    try_all("process", pidfd_open(getpid(), 0));
    try_moves("process", pidfd_open(getpid(), 0));
    try_all("socket", end_of(SOCK_STREAM));
    try_moves("socket", end_of(SOCK_STREAM));
    try_all("socket of messages", end_of(SOCK_DGRAM));
    try_moves("socket of messages", end_of(SOCK_DGRAM));
    try_all("new socket", socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    try_all("memory", memfd_create("m", 0));
    try_all("/proc/self/status", open("/proc/self/status", O_RDONLY));
    try_all("/proc", open("/proc", O_RDONLY));
    try_moves("/proc", open("/proc", O_RDONLY));
    try_all("/proc, place", open("/proc", O_PATH));
    try_all("/dev/null", open("/dev/null", O_RDWR));
    try_all("/dev/zero", open("/dev/zero", O_RDWR));
    unlink(name);
    return 0;
}
