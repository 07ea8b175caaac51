// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/map_access.c - what a file was opened for decides what a mapping of
 * it may become
 *
 * Catches a shared mapping that can be written although the file cannot.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include "plain.h"

#define PAGE 8192

static const char *word(int bad)
{
    return bad ? strerrorname_np(errno) : "ok";
}

/* mmap() with @prot, then mprotect() for more. */
static void map(int fd, int type, int prot)
{
    static const int more[] = { PROT_READ, PROT_WRITE, PROT_READ | PROT_WRITE,
                                PROT_NONE };
    char *p = mmap(NULL, PAGE, prot, type, fd, 0);

    printf("  %s %d: %s", type == MAP_SHARED ? "shared " : "private", prot,
           word(p == MAP_FAILED));
    if (p != MAP_FAILED) {
        for (int i = 0; i < 4; i++)
            printf(" %s", word(mprotect(p, PAGE, more[i])));
        munmap(p, PAGE);
    }
    putchar('\n');
}

static void look_at(const char *name)
{
    static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_PATH };

    for (int i = 0; i < 4; i++) {
        int fd = open(name, modes[i]);

        printf("%s %d\n", name, i);
        for (int prot = 0; prot <= (PROT_READ | PROT_WRITE); prot++) {
            map(fd, MAP_SHARED, prot);
            map(fd, MAP_PRIVATE, prot);
        }
        close(fd);
    }
}

int main(void)
{
    char name[32], bytes[PAGE] = "text";
    int fd;

    enter_scratch(name);
    fd = open("file", O_CREAT | O_WRONLY, 0600);
    if (write(fd, bytes, sizeof(bytes)) != PAGE || close(fd))
        return 1;
    look_at("file");
    look_at("/dev/zero");
    unlink("file");
    leave_scratch(name);
    return 0;
}
