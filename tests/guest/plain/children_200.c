// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/children_200.c - two hundred children, one after the other
 *
 * Catches what a process leaves behind: memory, slots, descriptors, or a
 * state that goes wrong with the number of processes.
 */
#include <sys/mman.h>
#include "process.h"

#define CHILDREN 200
#define PAGES    40

static uint64_t *area, *log_of;
static int lowest;

static int open_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

/* Changes all of its memory, some of it new, and leaves in its own way. */
static int child(long n)
{
    uint64_t h = FOLD_START;
    uint64_t *more = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd[2];

    EXPECT(more != MAP_FAILED && open_fd() == lowest);
    EXPECT(pipe(fd) == 0);              /* stays open */
    for (long i = 0; i < PAGES * PAGE / 8; i += 100) {
        EXPECT(area[i] == (uint64_t)i + n && more[i] == 0);
        area[i] *= 3;
        more[i] = area[i] + 1;
        h = fold(h, more[i]);
    }
    log_of[n] = h;
    if (n % 5 == 1)
        raise(SIGKILL);
    if (n % 5 == 2)
        munmap(area, PAGES * PAGE / 2);
    if (n % 5 == 3)
        exit(n % 100 + 1);
    return n % 100;
}

int main(void)
{
    uint64_t h = FOLD_START;
    long by_signal = 0, sum = 0;
    pid_t last = 0;
    int same = 0;

    alarm(60);
    area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    log_of = mmap(NULL, CHILDREN * 8, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(area != MAP_FAILED && log_of != MAP_FAILED);
    lowest = open_fd();
    for (long n = 0; n < CHILDREN; n++) {
        pid_t pid;
        int code;

        for (long i = 0; i < PAGES * PAGE / 8; i += 100)
            area[i] = i + n;
        pid = spawn(child, n);
        same += pid == last;
        last = pid;
        code = reap(pid);
        if (code == 137)
            by_signal++;
        else
            sum += code;
        EXPECT(code == (n % 5 == 1 ? 137 : n % 100 + (n % 5 == 3)));
    }
    for (int n = 0; n < CHILDREN; n++)
        h = fold(h, log_of[n]);
    printf("%ld by signal, codes %ld, %016llx, %d pids twice\n", by_signal, sum,
           (unsigned long long)h, same);
    EXPECT(no_children() && open_fd() == lowest);
    return 0;
}
