// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/shut.c - nobody is to find anything here any more
 */
#include <sys/stat.h>

int main(void)
{
    return chmod(".", 0) != 0;
}
