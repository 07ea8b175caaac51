// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/spin.c - computes until a file is there
 *
 * usage: spin FILE [handle]
 *
 * With "handle" a SIGUSR1 is the program's, which counts them.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void handler(int sig)
{
    (void)sig;
    signals++;
}

int main(int argc, char **argv)
{
    volatile unsigned long n = 0;

    if (argc > 2)
        signal(SIGUSR1, handler);
    puts("ready");
    fflush(stdout);
    while (access(argv[1], F_OK) != 0)
        for (unsigned i = 0; i < 1000000; i++)
            n++;
    printf("%d signals\n", (int)signals);
    return 0;
}
