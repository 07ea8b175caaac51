// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/release.c - the release of the kernel is that of the profile, or -r's
 *
 * Catches a /proc, or a personality(UNAME26), that has another than uname(2).
 *
 * run:
 * stdout: 6.2.0, as 2.6: 2.6.62
 * run: --kernel=linux-5.15
 * stdout: 5.15.0, as 2.6: 2.6.75
 * run: --kernel=linux-6.1
 * stdout: 6.1.192, as 2.6: 2.6.61
 * run: --kernel=mte-6.12
 * stdout: 6.12.117, as 2.6: 2.6.72
 * run: --kernel=linux-6.18 -r 6.12.1-adi
 * stdout: 6.12.1-adi, as 2.6: 2.6.72-adi
 */
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/utsname.h>

#include "adi/adi.h"
#include "adi/procfs.h"

int main(void)
{
    char line[200];
    struct utsname u;

    CHECK(uname(&u) == 0);
    printf("%s", u.release);
    snprintf(line, sizeof(line), "%s\n", u.release);
    CHECK(strcmp(proc_read("/proc/sys/kernel/osrelease"), line) == 0);
    snprintf(line, sizeof(line), "Linux version %s (", u.release);
    CHECK(strncmp(proc_read("/proc/version"), line, strlen(line)) == 0);
    CHECK(personality(UNAME26) == 0);
    CHECK(uname(&u) == 0);
    printf(", as 2.6: %s\n", u.release);
    return 0;
}
