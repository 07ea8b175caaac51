// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned open_closed(void)
{
    unsigned closed = 0;
    int fd;

    /* The lowest that is free, until it is above 2.  A child gets none. */
    while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0) {
        if (fd > STDERR_FILENO) {
            close(fd);
            break;
        }
        closed |= 1u << fd;
    }
    /* What is written to a closed stdout is lost, and is to be an error. */
    if (closed >> STDOUT_FILENO & 1) {
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            (void)dup3(fd, STDOUT_FILENO, O_CLOEXEC);
        if (fd >= 0)
            close(fd);
    }
    return closed;
}

/* Of a stream: all of it, also where the descriptor does not wait. */
static ssize_t write_all(void *cookie, const char *buf, size_t len)
{
    int fd = (int)(intptr_t)cookie;
    size_t done = 0;

    while (done < len) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        ssize_t n = write(fd, buf + done, len - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno == EAGAIN)
            (void)poll(&p, 1, -1);
        else if (errno != EINTR)
            break;
    }
    return (ssize_t)done;
}

/* A stream that is as @old, but for what write_all() does. */
static FILE *patient(FILE *old, int fd, int mode)
{
    FILE *f = fopencookie((void *)(intptr_t)fd, "w",
                          (cookie_io_functions_t){.write = write_all});

    if (!f)
        return old;
    setvbuf(f, NULL, mode, BUFSIZ);
    return f;
}

static void stay(int sig)
{
    (void)sig;
}

/* Not SIG_IGN, which the guest, and what we execute, would have from us. */
static void survive_limit_of_size(void)
{
    const struct sigaction act = {.sa_handler = stay};
    struct sigaction old;

    if (sigaction(SIGXFSZ, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        (void)sigaction(SIGXFSZ, &act, NULL);
}

static void raise_limit(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

unsigned process_init(void)
{
    unsigned closed = open_closed();

    stdout =
        patient(stdout, STDOUT_FILENO, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
    stderr = patient(stderr, STDERR_FILENO, _IONBF);
    survive_limit_of_size();
    raise_limit();
    return closed;
}
