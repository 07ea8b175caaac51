// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/where.c - prints the current directory, and whether "maps" is in it
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char name[PATH_MAX];

    puts(getcwd(name, sizeof(name)) ? name : "nowhere");
    puts(access("maps", R_OK) == 0 ? "yes" : "no");
    return 0;
}
