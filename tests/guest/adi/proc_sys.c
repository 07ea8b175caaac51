// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/sys and what its numbers do; /proc/sysvipc, mounts, uptime, loadavg,
 * version; the size of a pipe.
 *
 * run: --ram=32M
 * stdout: ok
 * stderr: unsupported: splice to a file of /proc/sys
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/magic.h>
#include <mntent.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "adi/procfs.h"

#define SYS         "/proc/sys/"
#define IS(err, call) (errno = 0, (call) == -1 && errno == (err))

/* One write(2); -1 with errno. */
static int put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY), r, saved;

    if (fd < 0)
        return -1;
    r = (int)write(fd, text, strlen(text));
    saved = errno;
    close(fd);
    errno = saved;
    return r < 0 ? -1 : 0;
}

static int says(const char *name, const char *text)
{
    char *p = proc_read(name);

    if (strcmp(p, text) != 0)
        printf("%s: %s", name, p);
    return strcmp(p, text) == 0;
}

static void check_constants(void)
{
    char release[100];
    struct utsname u;
    struct stat st;

    CHECK(uname(&u) == 0);
    snprintf(release, sizeof(release), "%s\n", u.release);
    CHECK(says(SYS "kernel/osrelease", release));
    CHECK(says(SYS "kernel/ostype", "Linux\n"));
    CHECK(says(SYS "kernel/tainted", "0\n"));
    CHECK(says(SYS "kernel/core_pattern", "core\n"));
    CHECK(says(SYS "kernel/hostname", "adiemu\n"));
    CHECK(says(SYS "kernel/cap_last_cap", "40\n"));
    CHECK(says(SYS "kernel/ngroups_max", "65536\n"));
    CHECK(says(SYS "vm/max_map_count", "65530\n"));
    CHECK(stat(SYS "kernel/tainted", &st) == 0 && st.st_mode == (S_IFREG | 0444));
    CHECK(stat(SYS "kernel/shmmax", &st) == 0 && st.st_mode == (S_IFREG | 0644));
    CHECK(stat(SYS "kernel", &st) == 0 && S_ISDIR(st.st_mode));
    CHECK(IS(EACCES, put(SYS "kernel/tainted", "1")));
    CHECK(IS(EACCES, open(SYS "vm/compact_memory", O_RDONLY)));
    CHECK(IS(ENOENT, open(SYS "kernel/nonsense", O_RDONLY)));
    CHECK(put(SYS "vm/compact_memory", "1") == 0);
}

static void check_numbers(void)
{
    int fd;

    CHECK(says(SYS "kernel/msgmax", "8192\n"));
    CHECK(put(SYS "kernel/msgmax", "100\n") == 0);
    CHECK(says(SYS "kernel/msgmax", "100\n"));
    CHECK(put(SYS "kernel/msgmax", " 0x20 ") == 0);
    CHECK(says(SYS "kernel/msgmax", "32\n"));
    CHECK(IS(EINVAL, put(SYS "kernel/msgmax", "-1")));
    CHECK(IS(EINVAL, put(SYS "kernel/msgmax", "12x")));
    CHECK(IS(EINVAL, put(SYS "kernel/msgmax", "x")));
    CHECK(IS(EINVAL, put(SYS "kernel/msgmax", "3000000000")));
    CHECK(says(SYS "kernel/msgmax", "32\n"));
    fd = open(SYS "kernel/msgmax", O_RDONLY);
    CHECK(IS(EBADF, write(fd, "1", 1)) && close(fd) == 0);
    CHECK(says(SYS "kernel/shmmax", "18446744073692774399\n"));
    CHECK(put(SYS "kernel/shmmax", "65536") == 0);
    CHECK(IS(EINVAL, shmget(IPC_PRIVATE, 65537, 0600)));
    CHECK(IS(EINVAL, put(SYS "kernel/shmmax", "-1")));
    CHECK(says(SYS "kernel/sem", "32000\t1024000000\t500\t32000\n"));
    CHECK(put(SYS "kernel/sem", "10 20 30") == 0);
    CHECK(says(SYS "kernel/sem", "10\t20\t30\t32000\n"));
    CHECK(IS(ERANGE, put(SYS "kernel/sem", "11 21 31 40000")));
    CHECK(says(SYS "kernel/sem", "11\t21\t31\t32000\n"));
    CHECK(IS(EINVAL, semget(IPC_PRIVATE, 12, 0600)));
}

/* What is done by descriptor is what is done by name. */
static void check_descriptor(void)
{
    int in = open(SYS "kernel/sem", O_RDONLY);
    int out = open(SYS "kernel/msgmax", O_RDWR);
    struct statfs fs;
    struct stat st;

    CHECK(fstat(out, &st) == 0 && st.st_mode == (S_IFREG | 0644));
    CHECK(fstatfs(out, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC);
    CHECK(IS(EPERM, fchmod(out, 0600)) && IS(EPERM, fchown(out, 1, 1)));
    CHECK(IS(EPERM, futimens(out, NULL)));
    CHECK(IS(EPERM, utimensat(AT_FDCWD, SYS "kernel/msgmax", NULL, 0)));
    CHECK(IS(EOPNOTSUPP, fgetxattr(out, "user.x", NULL, 0)));
    /* It would get into the text, and not be stored. */
    CHECK(IS(EINVAL, sendfile(out, in, NULL, 2)));
    CHECK(IS(EXDEV, copy_file_range(in, NULL, out, NULL, 2, 0)));
    CHECK(says(SYS "kernel/msgmax", "32\n"));
    CHECK(close(in) == 0 && close(out) == 0);
}

static void check_ipc(void)
{
    int shm, sem, msg, fd;

    CHECK(says(SYS "kernel/shm_next_id", "-1\n"));
    CHECK(put(SYS "kernel/shm_next_id", "65543") == 0);
    CHECK(says(SYS "kernel/shm_next_id", "65543\n"));
    shm = shmget(0x11, 8193, IPC_CREAT | 0640);
    CHECK(shm == 65543); /* sequence 2, index 7 */
    CHECK(says(SYS "kernel/shm_next_id", "-1\n"));
    sem = semget(IPC_PRIVATE, 3, 0600);
    msg = msgget(-1, IPC_CREAT | 0666);
    CHECK(sem == 0 && msg == 0);
    CHECK(msgsnd(msg, &(struct { long type; char c; }){ 1, 'x' }, 1, 0) == 0);
    proc_read("/proc/sysvipc/shm");
    CHECK(line_of("       key      shmid perms                  size  cpid  "
                  "lpid nattch   uid   gid  cuid  cgid      atime      dtime"
                  "      ctime                   rss                  swap\n"));
    CHECK(line_of("        17      65543   640                  8193  1000     "
                  "0      0 "));
    proc_read("/proc/sysvipc/sem");
    CHECK(line_of("       key      semid perms      nsems   uid   gid  cuid  "
                  "cgid      otime      ctime\n"));
    CHECK(line_of("         0          0   600          3 "));
    proc_read("/proc/sysvipc/msg");
    CHECK(line_of("       key      msqid perms      cbytes       qnum lspid "
                  "lrpid   uid   gid  cuid  cgid      stime      rtime      "
                  "ctime\n"));
    CHECK(line_of("        -1          0   666           1          1  1000     "
                  "0 "));
    /* The mode says who may what. */
    fd = open(SYS "kernel/sem_next_id", O_RDWR);
    CHECK(fd >= 0 && write(fd, "5", 1) == 1 && close(fd) == 0);
    CHECK(semget(IPC_PRIVATE, 1, 0600) == 5);
}

static pid_t child(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
    return pid;
}

/* After the last pid come those from 300 on that nobody has. */
static void check_pids(void)
{
    CHECK(says(SYS "kernel/pid_max", "32768\n"));
    CHECK(child() == 1001 && child() == 1002);
    CHECK(IS(EINVAL, put(SYS "kernel/pid_max", "300")));
    CHECK(put(SYS "kernel/pid_max", "1004") == 0);
    CHECK(child() == 1003 && child() == 300 && child() == 301);
    CHECK(put(SYS "kernel/pid_max", "302") == 0);
    CHECK(child() == 300 && child() == 301 && child() == 300);
    CHECK(put(SYS "kernel/pid_max", "32768") == 0);
}

static void check_pipes(void)
{
    char page[PAGE];
    int fd[2];
    long n;

    CHECK(says(SYS "fs/pipe-max-size", "1048576\n"));
    CHECK(pipe2(fd, O_NONBLOCK) == 0);
    CHECK(fcntl(fd[0], F_GETPIPE_SZ) == 16 * 8192);
    memset(page, 1, sizeof(page));
    for (n = 0; write(fd[1], page, sizeof(page)) == (ssize_t)PAGE; n++)
        ;
    CHECK(n == 16);
    CHECK(IS(EBUSY, fcntl(fd[1], F_SETPIPE_SZ, 8192)));
    CHECK(fcntl(fd[1], F_SETPIPE_SZ, 16 * 8192 + 1) == 32 * 8192);
    CHECK(fcntl(fd[0], F_GETPIPE_SZ) == 32 * 8192);
    for (; n > 0; n--)
        CHECK(read(fd[0], page, sizeof(page)) == (ssize_t)PAGE);
    CHECK(fcntl(fd[1], F_SETPIPE_SZ, 1) == 8192);
    CHECK(fcntl(fd[1], F_SETPIPE_SZ, 0) == 8192);
    CHECK(IS(EINVAL, fcntl(fd[1], F_SETPIPE_SZ, -1)));
    CHECK(IS(EINVAL, fcntl(fd[1], F_SETPIPE_SZ, 0x80000001u)));
    CHECK(put(SYS "fs/pipe-max-size", "20000") == 0);
    CHECK(says(SYS "fs/pipe-max-size", "32768\n"));
    if (geteuid() != 0)
        CHECK(IS(EPERM, fcntl(fd[1], F_SETPIPE_SZ, 65536)));
    CHECK(IS(EBADF, fcntl(1000, F_GETPIPE_SZ)));
    fd[0] = open("/proc/self/exe", O_RDONLY);
    CHECK(IS(EBADF, fcntl(fd[0], F_GETPIPE_SZ)));
    CHECK(IS(EBADF, fcntl(fd[0], F_SETPIPE_SZ, 8192)));
}

static void check_machine(void)
{
    char *p = proc_read("/proc/uptime"), *end;
    double up = strtod(p, &end), idle = strtod(end, &end);
    struct mntent *e;
    FILE *f;
    int seen = 0;

    CHECK(up >= 0 && idle >= 0 && idle <= up && strcmp(end, "\n") == 0);
    usleep(2500000); /* nobody works */
    p = proc_read("/proc/uptime");
    CHECK(strtod(p, &end) - up >= 2.5 && strtod(end, NULL) - idle >= 2.4);
    proc_read("/proc/version");
    CHECK(line_of("Linux version "));
    CHECK(child() > 0);
    p = proc_read("/proc/loadavg");
    CHECK(strncmp(p, "0.00 0.00 0.00 1/1 ", 19) == 0);
    f = setmntent("/proc/mounts", "r");
    CHECK(f);
    while ((e = getmntent(f)) != NULL) {
        seen |= strcmp(e->mnt_dir, "/") == 0 ? 1 : 0;
        seen |= strcmp(e->mnt_dir, "/proc") == 0 &&
                        strcmp(e->mnt_type, "proc") == 0 ? 2 : 0;
    }
    CHECK(seen == 3);
    CHECK(access("/proc/self/mounts", R_OK) == 0);
}

int main(void)
{
    check_constants();
    check_numbers();
    check_descriptor();
    check_ipc();
    check_pids();
    check_pipes();
    check_machine();
    puts("ok");
    return 0;
}
