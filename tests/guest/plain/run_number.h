/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_number.h - a number that no other run on this machine has
 *
 * Pids and random numbers are the same in every run of adiemu, and all runs
 * share what the host names: abstract addresses, ports.
 */
#ifndef RUN_NUMBER_H
#define RUN_NUMBER_H

#include <stdlib.h>
#include <sys/stat.h>

/* Each run has a folder of its own. */
static inline unsigned run_number(void)
{
    struct stat st;

    if (stat(".", &st) != 0)
        abort();
    return (unsigned)st.st_ino;
}

#endif
