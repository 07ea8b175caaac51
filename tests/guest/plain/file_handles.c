// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/file_handles.c - name_to_handle_at(2)
 *
 * Catches handles that are not the same for two names of a file, or are for
 * two files, sizes that are not told, and errors that are others.  The same
 * program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "plain.h"
#include "try.h"

union handle {
    struct file_handle head;
    char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static int mount_of[2];

static int get(const char *name, union handle *h, int *mount, int flags)
{
    memset(h, 0, sizeof(*h));
    h->head.handle_bytes = MAX_HANDLE_SZ;
    return name_to_handle_at(AT_FDCWD, name, &h->head, mount, flags);
}

static int same(const union handle *a, const union handle *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

int main(void)
{
    static union handle a, b, c, l;
    int fd = open("a", O_RDWR | O_CREAT, 0600);

    close(open("b", O_RDWR | O_CREAT, 0600));
    if (link("a", "other") || symlink("a", "link"))
        return 1;
    TRY(get("a", &a, &mount_of[0], 0));
    TRY(get("other", &b, &mount_of[1], 0));
    TRY(get("b", &c, &mount_of[1], 0));
    printf("  two names %d two files %d mount %d\n", same(&a, &b),
           same(&a, &c), mount_of[0] == mount_of[1]);
    TRY(get("link", &l, &mount_of[1], 0));
    printf("  a link %d\n", same(&a, &l));
    TRY(get("link", &l, &mount_of[1], AT_SYMLINK_FOLLOW));
    printf("  what it leads to %d\n", same(&a, &l));
    l.head.handle_bytes = MAX_HANDLE_SZ;
    TRY(name_to_handle_at(fd, "", &l.head, mount_of, AT_EMPTY_PATH));
    printf("  of a descriptor %d\n", same(&a, &l));
    l.head.handle_bytes = 0;
    TRY(name_to_handle_at(AT_FDCWD, "a", &l.head, mount_of, 0));
    printf("  its size %d\n", l.head.handle_bytes == a.head.handle_bytes);
    l.head.handle_bytes = MAX_HANDLE_SZ + 1;
    TRY(name_to_handle_at(AT_FDCWD, "a", &l.head, mount_of, 0));
    TRY(get("missing", &l, mount_of, 0));
    TRY(get("", &l, mount_of, 0));
    TRY(get("a", &l, mount_of, 1 << 28));
    TRY(get("a", &l, (int *)8, 0));
    TRY(name_to_handle_at(AT_FDCWD, "a", (struct file_handle *)8, mount_of, 0));
    TRY(name_to_handle_at(999, "a", &l.head, mount_of, 0));
    TRY(get("/proc/self/stat", &l, mount_of, 0));
    unlink("a"), unlink("b"), unlink("other"), unlink("link");
    return 0;
}
