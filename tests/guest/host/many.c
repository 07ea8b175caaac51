// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/many.c - needs many descriptors of the host, or none
 *
 * "children": 200 processes at the same time.  "files": opens until it gets
 * an error, and prints that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 200

static int children(void)
{
    char c;
    int p[2], status, good = 0;

    if (pipe(p))
        return 1;
    for (int i = 0; i < CHILDREN; i++) {
        switch (fork()) {
        case -1: printf("fork %d: %s\n", i, strerror(errno)); return 2;
        case 0: close(p[1]); _exit(read(p[0], &c, 1) != 0);
        default: break;
        }
    }
    close(p[1]); /* all of them end */
    while (wait(&status) > 0)
        good += status == 0;
    printf("%d children\n", good);
    return 0;
}

int main(int argc, char **argv)
{
    int n = 0;

    if (argc > 1 && strcmp(argv[1], "children") == 0)
        return children();
    while (open("/dev/null", O_RDONLY) >= 0)
        n++;
    printf("%s\n", strerror(errno));
    errno = 0;
    while (open("/dev/null", O_RDONLY) >= 0)
        n++;
    return 0;
}
