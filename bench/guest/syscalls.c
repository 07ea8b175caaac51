// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 1 million getppid() by syscall(): nothing but the way in and out.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS 1000000

int main(void)
{
    long first = syscall(SYS_getppid);
    int same = 0;

    for (int i = 0; i < CALLS; i++)
        same += syscall(SYS_getppid) == first;
    /* The number itself is the emulator's business. */
    printf("%d calls, %d same\n", CALLS, same);
    return first < 0;
}
