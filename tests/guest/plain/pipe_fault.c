// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/pipe_fault.c - pipes, and memory that is not there
 *
 * Catches bytes that a read has taken out of the pipe and not delivered, and
 * those that a write has put in before it met the fault.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "process.h"

static char text[] = "thirty bytes that must not go..";

int main(void)
{
    long size = sysconf(_SC_PAGESIZE);
    char *page = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int left = -1;
    char *edge = page + size - 10, got[100];
    struct iovec two[] = { { got, 10 }, { page + size, 30 } };
    struct channel c = channel_open();

    EXPECT(page != MAP_FAILED && munmap(page + size, size) == 0);
    EXPECT(write(c.w, text, 30) == 30);
    EXPECT(read(c.r, edge, 30) == -1 && errno == EFAULT);
    EXPECT(readv(c.r, two, 2) == -1 && errno == EFAULT);
    EXPECT(mprotect(page, size, PROT_READ) == 0);
    EXPECT(read(c.r, page, 30) == -1 && errno == EFAULT);
    EXPECT(read(c.w, page, 30) == -1 && errno == EBADF);
    EXPECT(mprotect(page, size, PROT_READ | PROT_WRITE) == 0);
    EXPECT(read(c.r, edge, 4) == 4);
    EXPECT(read(c.r, got, 100) == 26);
    printf("%.4s%.26s\n", edge, got);
    /* What fits is no fault, however large the buffer is said to be. */
    EXPECT(write(c.w, text, 10) == 10);
    EXPECT(read(c.r, edge, 1000) == 10);
    printf("%.10s\n", edge);
    EXPECT(write(c.w, edge, 30) == -1 && errno == EFAULT);
    EXPECT(writev(c.w, two, 2) == -1 && errno == EFAULT);
    EXPECT(ioctl(c.r, FIONREAD, &left) == 0);
    printf("left %d\n", left);
    return 0;
}
