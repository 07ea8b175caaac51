// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 20,000 times: a file is opened, a page of it read, a line written, its length
 * asked for, and it is closed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 20000
#define BYTES  8192

static char buffer[BYTES];

int main(void)
{
    char name[] = "/tmp/adiemu-bench-XXXXXX";
    int of = mkstemp(name);
    long bytes = 0;

    if (of < 0 || ftruncate(of, BYTES) != 0)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = open(name, O_RDWR | O_CLOEXEC);
        struct stat st;

        bytes += read(fd, buffer, BYTES);
        bytes += pwrite(fd, "line\n", 5, i % BYTES / 2);
        if (fstat(fd, &st) != 0)
            return 1;
        bytes += st.st_size + lseek(fd, 0, SEEK_CUR);
        close(fd);
    }
    unlink(name);
    printf("%ld bytes\n", bytes);
    return 0;
}
