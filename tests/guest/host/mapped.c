// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/mapped.c - root of a user namespace that has no other ids: prints
 * what comes of taking one that is not there, and looks at a file after each
 *
 *   mapped          users and groups
 *   mapped groups   a child without groups; its parent has some afterwards
 */
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static void said(const char *what, int result)
{
    printf("%s: %s\n", what, result == 0 ? "done" : strerrorname_np(errno));
    if (access(".", R_OK) != 0) /* by the real ids */
        printf("after %s: no access\n", what);
}

static int leave_groups(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        said("groups", setgroups(0, NULL));
        return 0;
    }
    return waitpid(pid, NULL, 0) == pid && getgroups(0, NULL) == 1 ? 0 : 1;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return leave_groups();
    said("real uid", setresuid(3, -1, -1));
    said("effective uid", setresuid(-1, 3, -1));
    said("saved uid", setresuid(-1, -1, 3));
    said("real gid", setresgid(3, -1, -1));
    said("effective gid", setresgid(-1, 3, -1));
    said("saved gid", setresgid(-1, -1, 3));
    said("all", setuid(3));
    said("none", setresuid(0, 0, 0));
    return 0;
}
