// SPDX-License-Identifier: GPL-2.0-or-later
/* host/words.c - its arguments, a line each; their number is the exit code */
#include <stdio.h>

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("[%s]\n", argv[i]);
    return argc;
}
