// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sendfile_pipe.c - sendfile() into a pipe that is full
 *
 * Catches a sender that is told to try again although it may wait, and one
 * that stops the reader with it.
 */
#include <sys/sendfile.h>
#include "process.h"

#define BYTES 300000

static int pipe_fd[2];

static int reader(long n)
{
    static unsigned char buf[5003];
    uint64_t sum = FOLD_START;
    long got, all = 0;

    (void)n;
    close(pipe_fd[1]);
    while ((got = read(pipe_fd[0], buf, sizeof(buf))) > 0) {
        sum = fold_bytes(sum, buf, got);
        all += got;
    }
    printf("read %ld, sum %016llx\n", all, (unsigned long long)sum);
    fflush(stdout);
    return got == 0 && all == BYTES ? 5 : 1;
}

int main(void)
{
    FILE *f = tmpfile();
    long all = 0, n;
    pid_t pid;

    alarm(60);
    EXPECT(f && pipe(pipe_fd) == 0);
    for (int i = 0; i < BYTES; i++)
        putc(i * 7 + i / 1000, f);
    rewind(f);
    pid = spawn(reader, 0);
    close(pipe_fd[0]);
    while ((n = sendfile(pipe_fd[1], fileno(f), NULL, BYTES)) > 0)
        all += n;
    EXPECT(n == 0 && all == BYTES);
    close(pipe_fd[1]);
    printf("code %d\n", reap(pid));
    return 0;
}
