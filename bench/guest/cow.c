// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies on write: children of a process of 2,000 pages, 40 one after the
 * other, each of which stores to every page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE     8192ul
#define PAGES    2000ul
#define CHILDREN 40

static void store_all(volatile char *p, char value)
{
    for (size_t i = 0; i < PAGES; i++)
        p[i * PAGE] = value;
}

int main(void)
{
    char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int status, sum = 0;

    if (p == MAP_FAILED)
        return 1;
    store_all(p, 1);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            store_all(p, (char)i);
            _exit(p[(PAGES - 1) * PAGE]);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            return 1;
        sum += WEXITSTATUS(status);
    }
    printf("%d %d\n", sum, p[0]);
    return 0;
}
