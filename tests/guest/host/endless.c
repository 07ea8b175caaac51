// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/endless.c - writes for ever
 *
 * usage: endless [err]
 */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int fd =
        argc > 1 && strcmp(argv[1], "err") == 0 ? STDERR_FILENO : STDOUT_FILENO;
    static char text[65536];

    memset(text, 'x', sizeof(text));
    while (write(fd, text, sizeof(text)) > 0)
        ;
    return 1;
}
