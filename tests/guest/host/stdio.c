// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/stdio.c - descriptors 0, 1 and 2 as this program was given them
 *
 * "open" exits with a bit for each that is open; "noisy" sets O_NONBLOCK on
 * stderr, and fills what it leads to.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int which_are_open(void)
{
    int bits = 0;

    for (int fd = 0; fd < 16; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            bits |= 1 << fd;
    return bits;
}

static int fill_stderr(void)
{
    static char text[4096];
    int flags = fcntl(2, F_GETFL);

    memset(text, 'x', sizeof(text));
    if (fcntl(2, F_SETFL, flags | O_NONBLOCK) != 0)
        return 1;
    for (int i = 0; i < 1000; i++)
        if (write(2, text, sizeof(text)) < 0)
            return errno == EAGAIN ? 0 : 2;
    return 3;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "noisy") == 0)
        return fill_stderr();
    return which_are_open();
}
