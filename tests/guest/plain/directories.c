// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/directories.c - mkdir, readdir, rename, links, stat and chdir
 *
 * Catches structures of the wrong layout (stat, dirent), wrong path
 * handling, and wrong errno values.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "plain.h"

/* Print the result, and the error if there is one. */
static void result(const char *what, int r)
{
    if (r < 0)
        printf("%-20s %d %d %s\n", what, r, errno, strerror(errno));
    else
        printf("%-20s %d\n", what, r);
}

static void make(const char *name, long size, int mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, mode);

    if (fd < 0 || ftruncate(fd, size) || close(fd))
        result(name, -1);
}

static void show(const char *name)
{
    struct stat st;

    if (lstat(name, &st)) {
        result(name, -1);
        return;
    }
    printf("%-10s mode %06o", name, (unsigned)st.st_mode);
    if (!S_ISDIR(st.st_mode))
        printf(" size %lld links %d", (long long)st.st_size,
               (int)st.st_nlink);
    putchar('\n');
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list(const char *dir)
{
    static char names[400][32];
    uint64_t h = FOLD_START;
    int n = 0;
    DIR *d = opendir(dir);

    for (struct dirent *e; n < 400 && (e = readdir(d)) != NULL; n++)
        snprintf(names[n], sizeof(names[n]), "%.28s", e->d_name);
    qsort(names, n, sizeof(names[0]), by_name);
    printf("%s holds %d:", dir, n);
    for (int i = 0; i < n; i++) {
        h = fold_bytes(h, names[i], strlen(names[i]));
        if (n < 20)
            printf(" %s", names[i]);
    }
    printf(" %016llx\n", (unsigned long long)h);
    rewinddir(d);
    for (n = 0; readdir(d); n++)
        ;
    printf("again %d\n", n);
    closedir(d);
}

int main(void)
{
    struct timespec times[2] = { { 1000000000, 5000 }, { 86400, 250000000 } };
    char dir[32], path[4096], name[32];
    struct stat a, b;

    enter_scratch(dir);
    umask(022);
    result("mkdir", mkdir("one", 0777));
    result("mkdir again", mkdir("one", 0777));
    result("mkdir below", mkdir("none/x", 0777));
    make("file", 12345, 0666);
    make("one/small", 0, 0640);
    umask(077);
    make("private", 1, 0777);
    show("one");
    show("file");
    show("one/small");
    show("private");
    show("missing");
    show("file/x");
    result("chmod", chmod("file", 0751));
    result("link", link("file", "second"));
    result("symlink", symlink("one/small", "soft"));
    memset(path, 0, sizeof(path));
    result("readlink", (int)readlink("soft", path, sizeof(path)));
    printf("%s\n", path);
    show("file");
    show("soft");
    stat("soft", &a);
    stat("one/small", &b);
    printf("same file %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    utimensat(AT_FDCWD, "file", times, 0);
    stat("second", &a);
    printf("times %lld.%09ld %lld.%09ld\n", (long long)a.st_atim.tv_sec,
           a.st_atim.tv_nsec, (long long)a.st_mtim.tv_sec,
           a.st_mtim.tv_nsec);
    list(".");
    result("rename", rename("file", "one/moved"));
    result("rename over", rename("private", "second"));
    result("rename dir", rename("one", "two"));
    result("rename into self", rename("two", "two/three"));
    result("access", access("two/moved", R_OK));
    result("access old", access("one/moved", F_OK));
    result("stat dangling", stat("soft", &a));
    result("unlink dir", unlink("two") < 0 ? 0 : 1);
    result("rmdir full", rmdir("two"));
    result("rmdir file", rmdir("second"));
    result("open dir", open("two", O_WRONLY));
    result("loop", symlink("loop", "loop"));
    result("open loop", open("loop", O_RDONLY));
    memset(path, 'p', 4000);
    path[4000] = 0;
    result("long name", mkdir(path, 0777));
    result("chdir", chdir("two"));
    printf("at %s\n", basename(getcwd(path, sizeof(path))));
    list(".");
    for (int i = 0; i < 300; i++) {
        sprintf(name, "entry-%d", i * 7919 % 1000);
        make(name, i, 0600);
    }
    list(".");
    for (int i = 0; i < 300; i++) {
        sprintf(name, "entry-%d", i * 7919 % 1000);
        unlink(name);
    }
    result("unlink", unlink("small") + unlink("moved"));
    result("chdir up", chdir(".."));
    result("rmdir", rmdir("two"));
    result("unlink", unlink("soft") + unlink("second") + unlink("loop"));
    list(".");
    leave_scratch(dir);
    return 0;
}
