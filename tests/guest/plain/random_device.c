// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/random_device.c - how much entropy there is, asked in two ways
 *
 * Catches an ioctl of the two random devices that is missing, or one that
 * other devices have too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "process.h"
#include "try.h"

static int in_proc(void)
{
    FILE *f = fopen("/proc/sys/kernel/random/entropy_avail", "r");
    int bits = -1;

    EXPECT(f && fscanf(f, "%d", &bits) == 1);
    fclose(f);
    return bits;
}

int main(void)
{
    static const char *const names[] = { "/dev/random", "/dev/urandom",
                                         "/dev/null", "/proc/self/exe" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int fd = open(names[i], O_RDONLY), bits = -2;

        puts(names[i]);
        TRY(ioctl(fd, RNDGETENTCNT, &bits));
        printf("  as in /proc: %d\n", bits == in_proc());
        TRY(ioctl(fd, RNDGETENTCNT, (int *)8));
        close(fd);
    }
    return 0;
}
