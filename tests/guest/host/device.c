// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/device.c - what root may do to the device node "node"
 *
 * Prints the result of each call.  "all" also lets it go.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void show(const char *what, int value)
{
    printf("%s: %s\n", what, value < 0 ? strerror(errno) : "ok");
}

int main(void)
{
    int fd = open("node", O_RDWR);

    show("open", fd);
    show("write", (int)write(fd, "x", 1));
    show("chmod", chmod("node", 0600));
    show("fchmod", fchmod(fd, 0600));
    show("chown", chown("node", 1, 1));
    show("lchown", lchown("node", 1, 1));
    show("fchown", fchown(fd, 1, 1));
    show("link", link("node", "other"));
    show("rename", rename("node", "other"));
    show("rename onto", rename("file", "node"));
    show("mknod", mknod("made", S_IFCHR | 0600, makedev(1, 3)));
    show("mknod of a disk", mknod("disk", S_IFBLK | 0600, makedev(7, 77)));
    show("unlink", unlink("node"));
    show("mknod of a FIFO", mknod("fifo", S_IFIFO | 0600, 0));
    return 0;
}
