// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/swapmap.c - maps the file "swap", which is the swap device, to store
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    int fd = open("swap", O_RDWR);
    size_t len = 8192;
    void *p;

    p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("shared: %s\n", p == MAP_FAILED ? strerror(errno) : "mapped");
    p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
    if (mprotect(p, len, PROT_READ | PROT_WRITE) != 0)
        printf("mprotect: %s\n", strerror(errno));
    p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    printf("private: %s\n", p == MAP_FAILED ? strerror(errno) : "mapped");
    return 0;
}
