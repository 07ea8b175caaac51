// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/threads_parts.c - threads that do not have all in common
 *
 * Catches a thread made without CLONE_FILES, CLONE_FS or CLONE_SYSVSEM that has
 * its process's all the same, or one made with them that has not; what a thread
 * leaves behind; and undos that are carried out too soon or never.  The same
 * program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "process.h"

#define STACK     (256 * 1024)
#define OF_THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define ALL       (CLONE_FILES | CLONE_FS | CLONE_SYSVSEM)

static char stack[STACK] __attribute__((aligned(64)));
static atomic_int cleared; /* the thread has ended */
static atomic_int state;   /* what it has come to */
static int sem, extra;
static long same[3];

static void sleep_on(atomic_int *at, int value)
{
    while (atomic_load(at) == value)
        syscall(SYS_futex, at, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void set(atomic_int *at, int value)
{
    atomic_store(at, value);
    syscall(SYS_futex, at, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int add(int n)
{
    struct sembuf op = { .sem_num = 0, .sem_op = (short)n,
                         .sem_flg = SEM_UNDO };

    return semop(sem, &op, 1);
}

/* Each has a turn: its errno is that of the other. */
static int body(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        same[i] = syscall(SYS_kcmp, getpid(), syscall(SYS_gettid),
                          (int[]){ KCMP_FILES, KCMP_FS, KCMP_SYSVSEM }[i], 0,
                          0);
    extra = open("/dev/null", O_RDONLY);
    EXPECT(extra >= 0 && chdir("/dev") == 0 && add(3) == 0);
    umask(0);
    set(&state, 1);
    sleep_on(&state, 1);
    return 0;
}

static int nr_files(const char *dir)
{
    DIR *d = opendir(dir);
    int nr = -2; /* . and .. */

    if (!d)
        return -1;
    while (readdir(d))
        nr++;
    closedir(d);
    return nr - 1; /* its own */
}

static void say_parent(const char *when)
{
    char cwd[64] = "?";
    mode_t mask = umask(022);

    umask(mask);
    EXPECT(getcwd(cwd, sizeof(cwd)));
    printf("  %s: the file is %s; in %s; umask %03o; semaphore %d\n", when,
           fcntl(extra, F_GETFD) >= 0 ? "open" : "not there", cwd,
           (unsigned)mask, semctl(sem, 0, GETVAL));
}

static void with(const char *what, int flags)
{
    int before = nr_files("/proc/self/fd"), during;
    char dir[64];
    pid_t tid;

    printf("%s\n", what);
    EXPECT(chdir("/") == 0);
    umask(027);
    state = 0;
    cleared = 1;
    tid = clone(body, stack + STACK,
                OF_THREAD | flags | CLONE_CHILD_CLEARTID, NULL, NULL, NULL,
                &cleared);
    EXPECT(tid > 0);
    sleep_on(&state, 0);
    printf("  the same files %d, directory %d, undos %d\n", same[0] == 0,
           same[1] == 0, same[2] == 0);
    say_parent("while it is there");
    snprintf(dir, sizeof(dir), "/proc/self/task/%d/fd", (int)tid);
    during = nr_files("/proc/self/fd");
    printf("  more files here %d, there %d\n", during - before,
           nr_files(dir) + (flags & CLONE_FILES ? 0 : 1) - before);
    set(&state, 2);
    sleep_on(&cleared, 1);
    while (access(dir, F_OK) == 0)
        sched_yield();
    say_parent("when it has ended");
    if (flags & CLONE_FILES)
        close(extra);
    if (flags & CLONE_SYSVSEM)
        EXPECT(add(-3) == 0);
}

/* A child that has our undos: they are left to us. */
static int adds(void *arg)
{
    (void)arg;
    EXPECT(add(5) == 0);
    return 0;
}

static void child(const char *what, int flags)
{
    pid_t pid;

    fflush(stdout);
    pid = clone(adds, stack + STACK, SIGCHLD | flags, NULL);
    EXPECT(pid > 0);
    EXPECT(reap(pid) == 0);
    printf("%s: semaphore %d\n", what, semctl(sem, 0, GETVAL));
}

/* The first thread goes, and with it what it did not share. */
static int goes_on(void *arg)
{
    pid_t pid = getpid();
    char dir[64], to[64];

    (void)arg;
    snprintf(dir, sizeof(dir), "/proc/%d/status", (int)pid);
    for (int gone = 0; !gone;) {
        char line[128];
        FILE *f = fopen(dir, "r");

        while (f && fgets(line, sizeof(line), f))
            gone |= strncmp(line, "State:\tZ", 8) == 0;
        if (f)
            fclose(f);
        sched_yield();
    }
    snprintf(dir, sizeof(dir), "/proc/%d/cwd", (int)pid);
    printf("  it has a directory: %d\n", readlink(dir, to, sizeof(to)) >= 0);
    printf("  its semaphore %d\n", semctl(sem, 0, GETVAL));
    fflush(stdout);
    _exit(7);
}

static int leader(long flags)
{
    EXPECT(add(9) == 0);
    EXPECT(clone(goes_on, stack + STACK, OF_THREAD | (int)flags, NULL) > 0);
    syscall(SYS_exit, 0);
    return 1;
}

int main(void)
{
    sem = semget(IPC_PRIVATE, 1, 0600);
    EXPECT(sem >= 0);
    EXPECT(add(1) == 0); /* there are undos that can be shared */
    EXPECT(add(-1) == 0);
    with("all in common", ALL);
    with("nothing", 0);
    with("files of its own", CLONE_FS | CLONE_SYSVSEM);
    with("a directory of its own", CLONE_FILES | CLONE_SYSVSEM);
    with("undos of its own", CLONE_FILES | CLONE_FS);
    child("a child with its own undos", 0);
    child("a child with ours", CLONE_SYSVSEM);
    EXPECT(add(-5) == 0);
    puts("a first thread that ends");
    printf("  exit %d\n", reap(spawn(leader, 0)));
    printf("  exit %d\n", reap(spawn(leader, CLONE_SYSVSEM | CLONE_FS)));
    printf("semaphore %d\n", semctl(sem, 0, GETVAL));
    EXPECT(semctl(sem, 0, IPC_RMID) == 0);
    return 0;
}
