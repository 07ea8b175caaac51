// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/paths.c - names of files: links, dots, slashes, /proc/self, open
 * descriptors, and which error each of them gives
 *
 * Catches a name that is resolved in another way than by Linux, and one that
 * leads somewhere by a way round that it would not straight on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <utime.h>
#include "plain.h"

static const char *word(long value)
{
    return value >= 0 ? "ok" : strerrorname_np(errno);
}

/* A call by name, which changes nothing or undoes what it did. */
static void show(const char *what, long value)
{
    printf("%-44s %s\n", what, word(value));
}

#define TRY(call) show(#call, call)

/* Is it the same file? */
static void same(const char *a, const char *b)
{
    struct stat sa, sb;

    if (stat(a, &sa) || stat(b, &sb))
        printf("%s and %s: %s\n", a, b, word(-1));
    else
        printf("%s is %s%s\n", a,
               sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino ? "" : "not ",
               b);
}

static long opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd >= 0)
        close(fd);
    return fd;
}

static void kind(const char *path)
{
    struct stat st;

    if (lstat(path, &st))
        printf("%s: %s\n", path, word(-1));
    else
        printf("%s: %o\n", path, st.st_mode & S_IFMT);
}

static void links(void)
{
    char deep[64], target[64];

    TRY(symlink("file", "to_file"));
    TRY(symlink("dir", "to_dir"));
    TRY(symlink("dir/", "to_dir_slash"));
    TRY(symlink("file/", "to_file_slash"));
    TRY(symlink("nowhere", "dangling"));
    TRY(symlink("loop2", "loop1"));
    TRY(symlink("loop1", "loop2"));
    TRY(symlink("", "empty"));
    TRY(symlink("x", "file"));
    TRY(symlink("..", "up"));
    for (int i = 0; i < 41; i++) {
        snprintf(deep, sizeof(deep), "deep%d", i);
        if (i)
            snprintf(target, sizeof(target), "deep%d", i - 1);
        else
            strcpy(target, "file");
        if (symlink(target, deep))
            puts("no deep link");
    }
    same("to_file", "file");
    same("to_dir/inner", "dir/inner");
    same("dir/to_up_file", "file");
    same("deep39", "file");
    TRY(opens("deep40", O_RDONLY));
    TRY(opens("loop1", O_RDONLY));
    TRY(opens("loop1/x", O_RDONLY));
    TRY(opens("dangling", O_RDONLY));
    TRY(opens("dangling/", O_RDONLY));
    TRY(opens("to_file_slash", O_RDONLY));
    TRY(opens("to_dir_slash", O_RDONLY));
    TRY(opens("to_file", O_RDONLY | O_NOFOLLOW));
    TRY(opens("to_dir", O_RDONLY | O_NOFOLLOW));
    TRY(opens("to_dir", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
    TRY(opens("to_dir/", O_RDONLY | O_NOFOLLOW));
    TRY(opens("to_file", O_PATH | O_NOFOLLOW));
    TRY(opens("to_file", O_WRONLY | O_CREAT | O_EXCL));
    TRY(opens("dangling", O_WRONLY | O_CREAT | O_EXCL));
    TRY(opens("dangling", O_WRONLY | O_CREAT));
    TRY(unlink("nowhere"));
    kind("to_file");
    kind("to_dir");
    kind("to_dir/");
    TRY(readlink("to_file", target, sizeof(target)));
    TRY(readlink("to_file/", target, sizeof(target)));
    TRY(readlink("file", target, sizeof(target)));
    TRY(readlink("nowhere", target, sizeof(target)));
    TRY(readlinkat(AT_FDCWD, "", target, sizeof(target)));
}

static void slashes(void)
{
    TRY(opens("file/", O_RDONLY));
    TRY(opens("file/.", O_RDONLY));
    TRY(opens("file/..", O_RDONLY));
    TRY(opens("file/x", O_RDONLY));
    TRY(opens("dir/", O_RDONLY));
    TRY(opens("dir//inner", O_RDONLY));
    TRY(opens("./dir/./../dir/inner", O_RDONLY));
    TRY(opens("dir/", O_RDONLY | O_CREAT));
    TRY(opens("dir", O_RDONLY | O_CREAT));
    TRY(opens("dir", O_RDONLY | O_CREAT | O_EXCL));
    TRY(opens("dir", O_WRONLY));
    TRY(opens("new/", O_WRONLY | O_CREAT));
    TRY(opens("new/x", O_WRONLY | O_CREAT));
    TRY(opens(".", O_RDONLY | O_CREAT));
    TRY(opens("file", O_RDONLY | O_DIRECTORY));
    TRY(opens("", O_RDONLY));
    TRY(opens("/", O_RDONLY));
    TRY(opens("//", O_RDONLY));
    TRY(opens("/..", O_RDONLY));
    TRY(opens("/../..//", O_RDONLY));
    TRY(mkdir("made/", 0700));
    TRY(mkdir("made", 0700));
    TRY(mkdir("made/.", 0700));
    TRY(mkdir("made/..", 0700));
    TRY(mkdir("/", 0700));
    TRY(mkdir("to_dir/", 0700));
    TRY(mkdir("dangling/", 0700));
    TRY(mknod("node/", S_IFREG | 0600, 0));
    TRY(rmdir("made/."));
    TRY(rmdir("made/.."));
    TRY(rmdir("."));
    TRY(rmdir("to_dir/"));
    TRY(rmdir("/"));
    TRY(rmdir("made/"));
    TRY(unlink("to_dir/"));
    TRY(unlink("file/"));
    TRY(unlink("dir"));
    TRY(unlink("."));
    TRY(unlink("/"));
    TRY(unlink(""));
    TRY(rename("file/", "x"));
    TRY(rename("file", "x/"));
    TRY(rename("dir", "x/"));
    TRY(rename("x/", "dir"));
    TRY(rename(".", "x"));
    TRY(rename("dir", "dir/inside"));
    TRY(rename("to_dir", "moved"));
    kind("moved");
    TRY(rename("moved", "to_dir"));
    TRY(link("to_file", "hard"));
    kind("hard");
    TRY(unlink("hard"));
    TRY(linkat(AT_FDCWD, "to_file", AT_FDCWD, "hard", AT_SYMLINK_FOLLOW));
    kind("hard");
    TRY(unlink("hard"));
    TRY(link("dir", "hard"));
    TRY(chmod("to_file", 0640));
    TRY(chmod("dangling", 0640));
    TRY(chown("to_file", -1, -1));
    TRY(lchown("dangling", -1, -1));
    TRY(truncate("to_file", 3));
    TRY(truncate("dir", 3));
    TRY(truncate("dangling", 3));
    TRY(utime("to_file", NULL));
}

static void names(void)
{
    static char name[PATH_MAX + 10];

    memset(name, 'n', NAME_MAX);
    show("255 bytes", opens(name, O_RDONLY));
    name[NAME_MAX] = 'n';
    show("256 bytes", opens(name, O_RDONLY));
    memset(name, '/', sizeof(name));
    strcpy(name + PATH_MAX - 2, "/");
    show("4095 slashes", opens(name, O_RDONLY));
    name[PATH_MAX - 1] = '/';
    show("4096 slashes", opens(name, O_RDONLY));
    show("no address", opens((char *)8, O_RDONLY));
}

static void descriptors(const char *top)
{
    int dir = open("dir", O_RDONLY | O_DIRECTORY), file = open("file", O_RDONLY);
    int path = open("to_file", O_PATH | O_NOFOLLOW);
    char text[64] = "";
    struct stat st;

    TRY(faccessat(dir, "inner", R_OK, 0));
    TRY(faccessat(dir, "../file", R_OK, 0));
    TRY(faccessat(file, "inner", R_OK, 0));
    TRY(faccessat(77, "inner", R_OK, 0));
    TRY(faccessat(77, "/", R_OK, 0));
    TRY(fstatat(dir, "", &st, 0));
    TRY(fstatat(dir, "", &st, AT_EMPTY_PATH));
    TRY(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
    TRY(fstatat(77, "", &st, AT_EMPTY_PATH));
    TRY(fstatat(path, "", &st, AT_EMPTY_PATH));
    printf("%o\n", st.st_mode & S_IFMT);
    TRY(fstatat(file, "", &st, 0x8000));
    TRY(readlinkat(path, "", text, sizeof(text)));
    printf("%s\n", text);
    TRY(readlinkat(file, "", text, sizeof(text)));
    TRY(fchownat(file, "", -1, -1, AT_EMPTY_PATH));
    TRY(fchownat(file, "", -1, -1, 0));
    TRY(utimensat(file, "", NULL, AT_EMPTY_PATH));
    TRY(fchdir(file));
    TRY(fchdir(77));
    TRY(fchdir(dir));
    same("../file", "to_up_file");
    TRY(chdir(".."));
    TRY(chdir("file"));
    TRY(chdir("nowhere"));
    TRY(chdir("to_dir"));
    TRY(chdir("../up"));
    TRY(chdir(top));
    TRY(chdir("./dir/.."));
    close(dir);
    close(file);
    close(path);
}

static void self_links(void)
{
    char by_fd[64], text[PATH_MAX] = "", cwd[PATH_MAX];
    int fd = open("file", O_RDWR), dir = open("dir", O_RDONLY), p[2];
    int gone = open("gone", O_RDWR | O_CREAT, 0600);
    struct stat st;

    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
    same(by_fd, "file");
    same("/dev/fd/../fd/0", "/dev/stdin");
    TRY(lstat(by_fd, &st));
    printf("%o %ld\n", st.st_mode, (long)st.st_size);
    TRY(readlink(by_fd, text, sizeof(text)));
    printf("%s\n", strrchr(text, '/'));
    TRY(opens(by_fd, O_RDONLY));
    TRY(opens(by_fd, O_RDONLY | O_NOFOLLOW));
    TRY(opens(by_fd, O_WRONLY | O_CREAT | O_EXCL));
    TRY(truncate(by_fd, 7));
    TRY(chmod(by_fd, 0600));
    TRY(unlink(by_fd));
    TRY(rename(by_fd, "x"));
    TRY(rename("file", by_fd));
    TRY(linkat(AT_FDCWD, by_fd, AT_FDCWD, "hard", AT_SYMLINK_FOLLOW));
    same("hard", "file");
    TRY(unlink("hard"));
    TRY(link(by_fd, "hard"));
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d/inner", dir);
    same(by_fd, "dir/inner");
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d/../file", dir);
    same(by_fd, "file");
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d/x", fd);
    TRY(opens(by_fd, O_RDONLY));
    TRY(opens("/proc/self/fd/77", O_RDONLY));
    TRY(opens("/proc/self/fd/x", O_RDONLY));
    TRY(opens("/proc/self/fd/00", O_RDONLY));
    TRY(opens("/proc/self/fd/77", O_RDWR | O_CREAT));
    TRY(opens("/dev/fd/77", O_RDONLY));

    /* a file without a name */
    TRY(unlink("gone"));
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", gone);
    TRY(write(gone, "bytes", 5));
    TRY(opens(by_fd, O_RDWR));
    TRY(truncate(by_fd, 2));
    TRY(stat(by_fd, &st));
    printf("%ld bytes, %ld names\n", (long)st.st_size, (long)st.st_nlink);

    /* the current directory */
    same("/proc/self/cwd", ".");
    same("/proc/self/cwd/dir/..", ".");
    same("/proc/self/root", "/");
    TRY(readlink("/proc/self/root", text, sizeof(text)));
    memset(text, 0, sizeof(text));
    TRY(readlink("/proc/self/cwd", text, sizeof(text)));
    printf("%d\n", getcwd(cwd, sizeof(cwd)) && strcmp(text, cwd) == 0);

    /* pipes */
    TRY(pipe(p));
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", p[0]);
    TRY(opens(by_fd, O_RDONLY));
    TRY(opens(by_fd, O_RDWR));
    TRY(opens(by_fd, O_PATH));
    TRY(stat(by_fd, &st));
    printf("%o\n", st.st_mode & S_IFMT);
    memset(text, 0, sizeof(text));
    TRY(readlink(by_fd, text, sizeof(text)));
    printf("%.6s\n", text);
    close(p[0]);
    close(p[1]);
    close(fd);
    close(dir);
    close(gone);
}

static void self_exe(const char *name)
{
    char text[PATH_MAX] = "";
    struct stat st;

    TRY(readlink("/proc/self/exe", text, sizeof(text)));
    printf("%d\n", strcmp(strrchr(text, '/'), strrchr(name, '/')) == 0);
    TRY(stat("/proc/self/exe", &st));
    TRY(access("/proc/self/exe", X_OK));
    TRY(opens("/proc/self/exe", O_RDONLY));
    TRY(opens("/proc/self/exe", O_WRONLY));
    TRY(opens("/proc/self/exe", O_RDWR));
    TRY(opens("/proc/self/exe", O_RDONLY | O_TRUNC));
    TRY(opens("/proc/self/exe", O_RDONLY | O_NOFOLLOW));
    TRY(opens(text, O_WRONLY));
    TRY(truncate("/proc/self/exe", 0));
    TRY(truncate(text, 0));
    TRY(unlink("/proc/self/exe"));
    TRY(rmdir("/proc/self/exe"));
    TRY(rename("/proc/self/exe", "moved"));
    TRY(rename("file", "/proc/self/exe"));
    TRY(symlink("x", "/proc/self/exe"));
    TRY(link("/proc/self/exe", "hard"));
    TRY(mkdir("/proc/self/exe", 0700));
    TRY(opens("/proc/self/exe/x", O_RDONLY));
    TRY(opens("/proc/self/exe", O_RDONLY | O_DIRECTORY));
    TRY(chmod("/proc/self/exe", st.st_mode & 07777));
}

static void proc_dirs(void)
{
    char cwd[PATH_MAX], name[64];
    int fd = open("/proc/self", O_RDONLY | O_DIRECTORY);
    struct statfs fs;
    struct stat st;

    TRY(symlink("/proc/self/fd", "P"));
    TRY(symlink("/", "R"));
    same("R/proc/self", "/proc/self");
    same("/tmp/../proc/self", "/proc/self");
    same("/proc/self/..", "/proc");
    same("/proc/..", "/");
    same("/proc//self/./fd/..", "/proc/self");
    TRY(opens("P/77", O_RDONLY));
    TRY(opens("P/0", O_PATH));
    TRY(openat(fd, "fd/0", O_PATH));
    TRY(faccessat(fd, "../self/maps", R_OK, 0));
    TRY(faccessat(fd, "../../proc/self/maps", R_OK, 0));
    TRY(faccessat(fd, "maps/x", R_OK, 0));
    TRY(faccessat(fd, "nothing", R_OK, 0));
    TRY(fchdir(fd));
    TRY(access("maps", R_OK));
    TRY(access("../self/maps", R_OK));
    snprintf(name, sizeof(name), "/proc/%d", getpid());
    printf("%d\n", getcwd(cwd, sizeof(cwd)) && strcmp(cwd, name) == 0);
    TRY(chdir("fd"));
    TRY(lstat("0", &st));
    TRY(lstat("77", &st));
    TRY(chdir("/proc/self/maps"));
    TRY(chdir("/"));
    TRY(access("proc/self/maps", R_OK));
    TRY(chdir("proc/self/cwd"));
    printf("%d\n", getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/") == 0);
    TRY(statfs("/proc/self/maps", &fs));
    printf("%lx\n", (long)fs.f_type);
    TRY(mkdir("/proc/new", 0700));
    TRY(mkdir("/proc/self", 0700));
    TRY(mkdir("/proc/self/fd/new", 0700));
    TRY(opens("/proc/new", O_WRONLY | O_CREAT));
    TRY(unlink("/proc/new"));
    TRY(rmdir("/proc/self/fd"));
    TRY(symlink("x", "/proc/new"));
    TRY(rename("/proc/self/maps", "/proc/new"));
    TRY(chmod("/proc/self/maps", 0777));
    TRY(lstat("/proc/self", &st));
    printf("%o\n", st.st_mode & S_IFMT);
    close(fd);
}

static void clean(const char *name)
{
    static const char *const left[] = { "to_file", "to_dir", "to_dir_slash",
        "to_file_slash", "dangling", "loop1", "loop2", "up", "file", "P", "R",
        "dir/inner", "dir/to_up_file" };
    char deep[64];

    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        if (unlink(left[i]))
            printf("%s: %s\n", left[i], word(-1));
    for (int i = 0; i < 41; i++) {
        snprintf(deep, sizeof(deep), "deep%d", i);
        unlink(deep);
    }
    if (rmdir("dir"))
        puts("dir is still there");
    leave_scratch(name);
}

/* The compiler knows of it. */
static char *volatile nowhere = (char *)8;

static void roots(void)
{
    puts("roots");
    TRY(chroot("/none"));
    TRY(chroot("file"));
    TRY(chroot(""));
    TRY(chroot(nowhere));
    TRY(chroot("/"));
}

int main(int argc, char **argv)
{
    char scratch[32], top[PATH_MAX];

    (void)argc;
    umask(022);
    enter_scratch(scratch);
    if (!getcwd(top, sizeof(top)) || mkdir("dir", 0700) ||
        close(open("file", O_CREAT | O_WRONLY, 0600)) ||
        close(open("dir/inner", O_CREAT | O_WRONLY, 0600)) ||
        symlink("../file", "dir/to_up_file"))
        return 1;
    links();
    slashes();
    roots();
    names();
    descriptors(top);
    self_links();
    self_exe(argv[0]);
    proc_dirs();
    if (chdir(top))
        return 2;
    clean(scratch);
    return 0;
}
