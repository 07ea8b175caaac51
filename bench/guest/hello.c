// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Startup: load, translate, print one line, exit.
 */
#include <stdio.h>

int main(void)
{
    puts("hello");
    return 0;
}
