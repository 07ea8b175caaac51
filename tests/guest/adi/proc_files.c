// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files below /proc and /sys as files: open, stat, read, seek, directories;
 * those of the host cannot be seen.
 *
 * run: --swap=16M
 * stdout: ok
 */
#define _GNU_SOURCE
#include "adi/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int fails(const char *name, int flags, int error)
{
    errno = 0;
    return open(name, flags) == -1 && errno == error;
}

static void check_absent(void)
{
    struct stat st;

    CHECK(fails("/proc/interrupts", O_RDONLY, ENOENT));
    CHECK(fails("/proc/1/maps", O_RDONLY, ENOENT));
    CHECK(fails("/proc/self/stack", O_RDONLY, ENOENT));
    CHECK(fails("/proc/self/maps/x", O_RDONLY, ENOTDIR));
    CHECK(fails("/proc/selfish/maps", O_RDONLY, ENOENT));
    CHECK(fails("/sys/class", O_RDONLY, ENOENT));
    CHECK(fails("//proc/./self/../interrupts", O_RDONLY, ENOENT));
    CHECK(stat("/proc/interrupts", &st) == -1 && errno == ENOENT);
    CHECK(access("/sys/devices", F_OK) == -1 && errno == ENOENT);
    CHECK(fails("/proc/self/maps", O_RDWR, EACCES));
    CHECK(fails("/proc/self/maps", O_RDONLY | O_DIRECTORY, ENOTDIR));
    CHECK(fails("/proc/self", O_WRONLY, EISDIR));
    CHECK(chdir("/") == 0 && fails("proc/interrupts", O_RDONLY, ENOENT));
    CHECK(chdir("/tmp") == 0 && fails("../proc/interrupts", O_RDONLY, ENOENT));
    CHECK(number_of("../proc/self/status", "Pid:") == getpid());
}

static void check_stat(void)
{
    int fd = open("/proc/self/maps", O_RDONLY);
    struct stat st, by_fd;
    struct statx sx;

    CHECK(stat("/proc/self/maps", &st) == 0 && fstat(fd, &by_fd) == 0);
    CHECK(st.st_mode == (S_IFREG | 0444) && st.st_size == 0);
    CHECK(by_fd.st_mode == st.st_mode && by_fd.st_ino == st.st_ino);
    CHECK(statx(AT_FDCWD, "/proc/meminfo", 0, STATX_BASIC_STATS, &sx) == 0);
    CHECK(sx.stx_mode == (S_IFREG | 0444) && sx.stx_nlink == 1);
    CHECK(stat("/proc", &st) == 0 && st.st_mode == (S_IFDIR | 0555));
    CHECK(lstat("/proc/self", &st) == 0 && S_ISLNK(st.st_mode));
    CHECK(stat("/proc/self", &st) == 0 && S_ISDIR(st.st_mode));
    CHECK(access("/proc/vmstat", R_OK) == 0);
    CHECK(access("/proc/vmstat", W_OK) == -1 && errno == EACCES);
    CHECK(close(fd) == 0);
}

static void check_links(void)
{
    char target[PATH_MAX] = "", wanted[32];

    snprintf(wanted, sizeof(wanted), "%d", getpid());
    CHECK(readlink("/proc/self", target, sizeof(target)) > 0);
    CHECK(strcmp(target, wanted) == 0);
    memset(target, 0, sizeof(target));
    CHECK(readlink("/proc/self/exe", target, sizeof(target)) > 0);
    CHECK(access(target, X_OK) == 0);
    CHECK(readlink("/proc/self/fd/1", target, sizeof(target)) > 0);
    CHECK(readlink("/proc/self/maps", target, sizeof(target)) == -1 &&
          errno == EINVAL);
    CHECK(access("/proc/self/cwd/../tmp", F_OK) == 0);
    CHECK(access("/proc/self/root" "/tmp", F_OK) == 0);
}

/* A text is made by the read that begins at its start, and stays. */
static void check_reads(void)
{
    int fd = open("/proc/self/statm", O_RDONLY), again;
    char text[100] = "", piece[2] = "", whole[100] = "", *p;
    unsigned long before, now;

    CHECK(read(fd, text, sizeof(text) - 1) > 10);
    before = strtoul(text, NULL, 10);
    CHECK(read(fd, text, sizeof(text)) == 0);
    p = map_pages(100, PROT_READ);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    again = dup(fd);
    while (read(again, piece, 1) == 1)
        strcat(whole, piece);
    CHECK(lseek(fd, 0, SEEK_CUR) == (off_t)strlen(whole));
    now = strtoul(whole, NULL, 10);
    CHECK(now == before + 100);
    CHECK(munmap(p, 100 * PAGE) == 0);
    CHECK(pread(fd, text, 99, 0) > 0 && strtoul(text, NULL, 10) == before);
    CHECK(write(fd, text, 1) == -1 && errno == EBADF);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED &&
          errno == ENODEV);
    CHECK(close(fd) == 0 && close(again) == 0);
}

static int has(const char *dir, const char *name, unsigned char type)
{
    DIR *d = opendir(dir);
    int found = 0;

    CHECK(d);
    for (struct dirent *e; (e = readdir(d));)
        found += strcmp(e->d_name, name) == 0 && e->d_type == type;
    CHECK(closedir(d) == 0);
    return found;
}

/* A directory that is open is in it, too. */
static int lists_itself(const char *dir)
{
    DIR *d = opendir(dir);
    int found = 0;

    CHECK(d);
    for (struct dirent *e; (e = readdir(d));)
        found += e->d_type == DT_LNK && atoi(e->d_name) == dirfd(d);
    CHECK(closedir(d) == 0);
    return found;
}

static void check_directories(void)
{
    char pid[16], fd_name[16];
    int dir = open("/proc/self", O_RDONLY | O_DIRECTORY), fd;
    char byte;

    CHECK(dir >= 0);
    snprintf(pid, sizeof(pid), "%d", getpid());
    snprintf(fd_name, sizeof(fd_name), "%d", dir);
    CHECK(has("/proc", pid, DT_DIR) == 1 && has("/proc", "self", DT_LNK) == 1);
    CHECK(has("/proc", "meminfo", DT_REG) == 1);
    CHECK(has("/proc/self", "maps", DT_REG) == 1);
    CHECK(has("/proc/self", "meminfo", DT_REG) == 0);
    CHECK(has("/proc/self/fd", fd_name, DT_LNK) == 1);
    CHECK(lists_itself("/proc/self/fd") == 1);
    CHECK(has("/sys", "kernel", DT_DIR) == 1);
    CHECK(has("/sys/kernel/debug/adi", "counters", DT_REG) == 1);
    CHECK(has("/sys/kernel/debug/adi", pid, DT_DIR) == 1);
    CHECK(read(dir, &byte, 1) == -1 && errno == EISDIR);
    fd = openat(dir, "statm", O_RDONLY);
    CHECK(fd >= 0 && read(fd, &byte, 1) == 1 && close(fd) == 0);
    fd = openat(dir, "../vmstat", O_RDONLY);
    CHECK(fd >= 0 && close(fd) == 0 && close(dir) == 0);
}

static void check_process(int argc, char **argv)
{
    static uint64_t words[2 * 64];
    char *p, text[32];
    int fd = open("/proc/self/auxv", O_RDONLY);
    ssize_t n = read(fd, words, sizeof(words));

    CHECK(n > 0 && n % 16 == 0 && words[n / 8 - 2] == AT_NULL);
    for (ssize_t i = 0; i < n / 8 - 2; i += 2)
        CHECK(getauxval(words[i]) == words[i + 1]);
    p = proc_read("/proc/self/cmdline");
    for (int i = 0; i < argc; i++, p += strlen(p) + 1)
        CHECK(strcmp(p, argv[i]) == 0);
    p = proc_read("/proc/self/comm");
    CHECK(is_line(&p, "proc_files") && *p == '\0');
    snprintf(text, sizeof(text), "%d (proc_files) R %d ", getpid(), getppid());
    CHECK(strncmp(proc_read("/proc/self/stat"), text, strlen(text)) == 0);
    CHECK(number_of("/proc/self/status", "PPid:") == getppid());
    CHECK(line_of("Name:\tproc_files\n") && line_of("State:\tR (running)\n"));
}

/* Those of a child: while it waits, when it is a zombie, and when it is not. */
static void check_child(void)
{
    int to_child[2], to_us[2], fd;
    char name[64], byte;
    pid_t pid;

    CHECK(pipe(to_child) == 0 && pipe(to_us) == 0);
    pid = fork();
    if (pid == 0) {
        char *p = map_pages(1000, PROT_READ | PROT_WRITE);

        p[0] = 1;
        _exit(write(to_us[1], "x", 1) != 1 || read(to_child[0], &byte, 1) != 1);
    }
    snprintf(name, sizeof(name), "/proc/%d/status", pid);
    CHECK(read(to_us[0], &byte, 1) == 1);
    CHECK(number_of(name, "PPid:") == getpid());
    CHECK(line_of("State:\tS (sleeping)\n"));
    CHECK(number_of(name, "VmSize:") >=
          number_of("/proc/self/status", "VmSize:") + 1000 * 8);
    snprintf(name, sizeof(name), "/proc/%d/statm", pid);
    fd = open(name, O_RDONLY);
    CHECK(fd >= 0 && write(to_child[1], "x", 1) == 1);
    CHECK(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT) == 0);
    snprintf(name, sizeof(name), "/proc/%d/status", pid);
    proc_read(name);
    CHECK(line_of("State:\tZ (zombie)\n") && !line_of("VmSize:"));
    CHECK(strcmp(proc_read("/proc/self/comm"), "proc_files\n") == 0);
    CHECK(waitpid(pid, NULL, 0) == pid);
    CHECK(fails(name, O_RDONLY, ENOENT));
    CHECK(read(fd, &byte, 1) == -1 && errno == ESRCH);
}

int main(int argc, char **argv)
{
    check_absent();
    check_stat();
    check_links();
    check_reads();
    check_directories();
    check_process(argc, argv);
    check_child();
    puts("ok");
    return 0;
}
