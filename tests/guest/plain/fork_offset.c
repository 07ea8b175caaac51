// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_offset.c - what processes share of an open file
 *
 * The offset and the status flags belong to the open file, so fork and dup
 * share them; a descriptor and its FD_CLOEXEC are each process's own.
 */
#include <fcntl.h>
#include "process.h"

static int fd;

static long at(void)
{
    return lseek(fd, 0, SEEK_CUR);
}

/* Write a few bytes where the offset is. */
static int append(long n)
{
    char text[16];
    int len = sprintf(text, "<%ld>", n);

    return write(fd, text, len) == len ? 0 : 1;
}

static int seek_back(long to)
{
    return lseek(fd, to, SEEK_SET) == to ? 0 : 1;
}

static int flags(long unused)
{
    (void)unused;
    fcntl(fd, F_SETFL, O_APPEND);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return 0;
}

/* Opened anew: an offset of its own. */
static int own_offset(long unused)
{
    int other = open("data", O_RDWR);
    char c[3];

    (void)unused;
    EXPECT(lseek(other, 4, SEEK_SET) == 4 && read(other, c, 3) == 3);
    EXPECT(pread(fd, c, 3, 1) == 3);
    close(other);
    close(fd);                          /* only here */
    return 0;
}

static void show(void)
{
    char buf[200];
    long n = pread(fd, buf, sizeof(buf) - 1, 0);

    buf[n] = 0;
    printf("at %ld: %s\n", at(), buf);
}

int main(void)
{
    char dir[32], buf[100] = "";
    FILE *f;
    pid_t pid;
    int dupped;

    alarm(60);
    enter_scratch(dir);
    fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < 6; i++) {
        append(i * 100);
        EXPECT(reap(spawn(append, i)) == 0);
    }
    show();
    EXPECT(reap(spawn(seek_back, 5)) == 0 && at() == 5);
    EXPECT(reap(spawn(append, 99)) == 0);
    show();
    EXPECT(reap(spawn(own_offset, 0)) == 0);
    show();
    EXPECT(!(fcntl(fd, F_GETFL) & O_APPEND));
    EXPECT(reap(spawn(flags, 0)) == 0);
    EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
    EXPECT(fcntl(fd, F_GETFD) == 0);
    lseek(fd, 0, SEEK_SET);
    EXPECT(reap(spawn(append, 7)) == 0);
    show();
    dupped = dup(fd);
    pid = fork_child();
    if (pid == 0) {
        close(fd);
        _exit(lseek(dupped, 3, SEEK_SET) == 3 ? 0 : 1);
    }
    EXPECT(reap(pid) == 0 && at() == 3);

    /* a stream: the buffer is copied, with what was read ahead */
    f = fdopen(fd, "r");
    rewind(f);
    EXPECT(fgets(buf, 10, f));
    pid = fork_child();
    if (pid == 0) {
        EXPECT(fgets(buf, 6, f));       /* from its copy of the buffer */
        printf("child has %s\n", buf);
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    EXPECT(fgets(buf, 6, f));
    printf("we have %s\n", buf);
    fclose(f);
    unlink("data");
    leave_scratch(dir);
    return 0;
}
