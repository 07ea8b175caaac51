// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * raise() with a handler, 100,000 times: a frame is built and taken down.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define COUNT 100000

static volatile sig_atomic_t seen;

static void handler(int sig)
{
    if (sig == SIGUSR1)
        seen++;
}

int main(void)
{
    struct sigaction act;

    memset(&act, 0, sizeof(act));
    act.sa_handler = handler;
    if (sigaction(SIGUSR1, &act, NULL) != 0)
        return 1;
    for (int i = 0; i < COUNT; i++)
        raise(SIGUSR1);
    printf("%d signals\n", (int)seen);
    return 0;
}
