// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_mmap_file.c - file maps between processes
 *
 * Parent and child map one file, before the fork and after it, shared and
 * private. Catches copies where there must be one page, and the reverse.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "process.h"

#define PAGES 8
#define SIZE  (PAGES * PAGE)

static int fd;
static struct channel go, done;
static unsigned char *shared, *priv;

static unsigned char *map(int kind)
{
    void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, kind, fd, 0);

    EXPECT(p != MAP_FAILED);
    return p;
}

static long sum(const unsigned char *p)
{
    return fold_bytes(FOLD_START, p, SIZE) >> 8;
}

static long file_sum(void)
{
    static unsigned char buf[SIZE];

    EXPECT(pread(fd, buf, SIZE, 0) == SIZE);
    return sum(buf);
}

static void change(unsigned char *p, int n)
{
    for (long i = n; i < SIZE; i += 500 + n)
        p[i] += n;
}

/* Each step: the parent has said what the file must be. */
static int child(long n)
{
    unsigned char *own;

    EXPECT(hear(&go) == sum(shared));
    change(shared, n);
    say(&done, file_sum());
    EXPECT(hear(&go) == sum(shared));
    change(priv, n + 1);                /* nobody sees it */
    EXPECT(file_sum() == sum(shared));
    own = map(MAP_SHARED);
    change(own, n + 2);
    EXPECT(msync(own, SIZE, MS_SYNC) == 0 && munmap(own, SIZE) == 0);
    EXPECT(file_sum() == sum(shared));
    say(&done, sum(shared));
    say(&done, sum(priv));
    if (n == 2)
        raise(SIGKILL);                 /* what was stored is not lost */
    return n;
}

int main(void)
{
    char dir[32], byte;
    long theirs;
    pid_t pid;

    alarm(60);
    enter_scratch(dir);
    fd = open("data", O_RDWR | O_CREAT, 0600);
    EXPECT(ftruncate(fd, SIZE) == 0);
    go = channel_open();
    done = channel_open();
    shared = map(MAP_SHARED);
    priv = map(MAP_PRIVATE);
    for (int n = 1; n < 5; n++) {
        memset(priv + 6 * PAGE, n, PAGE);   /* QEMU copies host pages */
        pid = spawn(child, n);
        change(shared, n + 50);
        say(&go, sum(shared));
        EXPECT(hear(&done) == sum(shared));
        byte = n;
        EXPECT(pwrite(fd, &byte, 1, n * PAGE) == 1);
        say(&go, file_sum());
        EXPECT(hear(&done) == file_sum());
        theirs = hear(&done);
        printf("round %d: code %d, file %014lx, shared %014lx\n", n,
               reap(pid), file_sum(), sum(shared));
        printf("  mine %014lx, theirs %014lx\n", sum(priv), theirs);
    }

    /* two that know the file only by its name */
    pid = fork_child();
    if (pid == 0) {
        munmap(shared, SIZE);
        close(fd);
        fd = open("data", O_RDWR);
        shared = map(MAP_SHARED);
        strcpy((char *)shared + 5 * PAGE, "from far away");
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    printf("%s\n", (char *)shared + 5 * PAGE);
    munmap(shared, SIZE);
    munmap(priv, SIZE);
    printf("file %014lx\n", file_sum());
    unlink("data");
    leave_scratch(dir);
    return 0;
}
