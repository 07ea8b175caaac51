// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/PID/mem: own memory and a child's, against its protection, errors. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[40000], data[40000];
static size_t page;

/* Addresses may be above those that pread(), and lseek() of libc, take. */
static void go(int fd, const volatile void *p)
{
    if (syscall(SYS_lseek, fd, p, SEEK_SET) != (long)(uintptr_t)p)
        puts("lseek");
}

static void say(const char *what, long value)
{
    int err = errno;

    if (value < 0)
        printf("%s: %s\n", what, strerror(err));
    else
        printf("%s: %ld\n", what, value);
}

static ssize_t get(int fd, const volatile void *p, size_t len)
{
    memset(buf, '-', sizeof(buf));
    go(fd, p);
    return read(fd, buf, len);
}

static ssize_t put(int fd, const volatile void *p, const void *from, size_t len)
{
    go(fd, p);
    return write(fd, from, len);
}

static char *map(int prot, int flags)
{
    char *p = mmap(NULL, 2 * page, prot, flags | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        exit(1);
    return p;
}

static void check_protection(int fd)
{
    char *none = map(PROT_NONE, MAP_PRIVATE), *ro = map(PROT_READ, MAP_PRIVATE);
    char *shared = map(PROT_READ, MAP_SHARED);
    char *rw = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);

    say("read-only", put(fd, ro, "hello", 6));
    printf("%s\n", ro);
    say("nothing", put(fd, none + page - 2, "across", 7));
    say("nothing", get(fd, none + page - 2, 7));
    printf("%s\n", buf);
    say("shared, read-only", put(fd, shared, "x", 1));
    memset(rw, 'a', page);
    if (mprotect(rw, 2 * page, PROT_READ) != 0)
        exit(1);
    say("was writable", put(fd, rw + 1, "bc", 2));
    printf("%.4s\n", rw);
    munmap(none + page, page);
    say("up to the end", get(fd, none + page - 2, 7));
    printf("%.3s\n", buf);
    say("beyond", get(fd, none + page, 7));
    say("beyond", put(fd, none + page, "x", 1));
    say("text", put(fd, &check_protection, &check_protection, 64));
}

static void check_calls(int fd)
{
    struct iovec v[3] = {{data, 3}, {data + 10, 0}, {data + 20, 5}};
    int other = open("/proc/self/mem", O_RDONLY);
    char *volatile nowhere = (char *)16;
    struct stat st;

    say("mode", fstat(fd, &st) == 0 ? (long)(st.st_mode & 07777) : -1);
    say("size", (long)st.st_size);
    say("write to what is read", write(other, "x", 1));
    strcpy(buf, "0123456789");
    go(fd, buf);
    say("readv", readv(fd, v, 3));
    printf("%.3s %.5s\n", data, data + 20);
    say("position", syscall(SYS_lseek, fd, 0l, SEEK_CUR) - (long)(uintptr_t)buf);
    go(fd, buf + 100);
    say("writev", writev(fd, v, 3));
    printf("%.8s\n", buf + 100);
    say("nothing", read(fd, NULL, 0));
    say("nothing", write(fd, NULL, 0));
    say("end", lseek(fd, 0, SEEK_END));
    say("data", lseek(fd, 0, SEEK_DATA));
    go(fd, data);
    say("bad buffer", read(fd, nowhere, 8));
    say("bad buffer", write(fd, nowhere, 8));
    say("pread", pread(fd, buf, 8, -8));
    say("mmap", mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
    say("truncate", open("/proc/self/mem", O_WRONLY | O_TRUNC) >= 0);
    close(other);
}

/* Large, and of another process; then of one that is gone. */
static void check_child(void)
{
    char name[40];
    int p[2], fd, status;
    pid_t child;
    char byte;

    if (pipe(p) != 0)
        exit(1);
    memset(data, 'd', sizeof(data));
    child = fork();
    if (child == 0) {
        data[39999] = 'e';
        if (write(p[1], "x", 1) != 1 || raise(SIGSTOP) != 0)
            _exit(2);
        _exit(data[0] == '1' && data[20000] == 'd' ? 0 : 1);
    }
    if (read(p[0], &byte, 1) != 1)
        exit(1);
    waitpid(child, &status, WUNTRACED);
    snprintf(name, sizeof(name), "/proc/%d/mem", child);
    fd = open(name, O_RDWR);
    say("child", get(fd, data, sizeof(data)));
    printf("%c%c%c\n", buf[0], buf[39998], buf[39999]);
    memset(buf, '1', sizeof(buf));
    say("child", put(fd, data, buf, 20000));
    printf("%c\n", data[0]);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    say("status", WEXITSTATUS(status));
    say("gone", get(fd, data, 10));
    say("gone", put(fd, data, "x", 1));
    close(fd);
}

int main(void)
{
    int fd = open("/proc/self/mem", O_RDWR);

    page = (size_t)sysconf(_SC_PAGESIZE);
    say("open", fd < 0 ? -1 : 0);
    check_protection(fd);
    check_calls(fd);
    check_child();
    prctl(PR_SET_DUMPABLE, 0);
    say("own, not dumpable", open("/proc/self/mem", O_RDONLY) >= 0);
    return 0;
}
