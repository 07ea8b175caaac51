// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/file_locks.c - flock and fcntl locks between processes
 *
 * Catches locks that do not hold others off, that fork copies when it must
 * not (fcntl) or does not share when it must (flock), and that stay behind.
 */
#include <fcntl.h>
#include <sys/file.h>
#include "process.h"

static int fd;
static struct channel ready, go;

static int range(int cmd, int type, long start, long len)
{
    struct flock l = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len
    };

    return fcntl(fd, cmd, &l);
}

/* What F_GETLK tells of a write lock here: u, r or w, and who has it. */
static char see(long start, long len, pid_t owner)
{
    struct flock l = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len
    };

    EXPECT(fcntl(fd, F_GETLK, &l) == 0);
    EXPECT(l.l_type == F_UNLCK || l.l_pid == owner);
    return l.l_type == F_UNLCK ? 'u' : l.l_type == F_RDLCK ? 'r' : 'w';
}

static void busy(int result)
{
    EXPECT(result == -1 && (errno == EAGAIN || errno == EACCES));
    errno = 0;
}

/* Holds [100, 200) for writing and [300, 400) for reading until told. */
static int holder(long unused)
{
    (void)unused;
    EXPECT(range(F_SETLK, F_WRLCK, 100, 100) == 0);
    EXPECT(range(F_SETLK, F_RDLCK, 300, 100) == 0);
    say(&ready, 1);
    hear(&go);
    EXPECT(range(F_SETLK, F_UNLCK, 140, 20) == 0);  /* a hole in it */
    say(&ready, 2);
    hear(&go);
    return 0;                           /* locks go with their process */
}

static void fcntl_locks(void)
{
    pid_t pid = spawn(holder, 0), waiter;

    EXPECT(hear(&ready) == 1);
    printf("seen %c%c%c%c", see(0, 100, pid), see(199, 1, pid),
           see(200, 100, pid), see(0, 0, pid));
    printf("%c%c\n", see(300, 1, pid), see(399, 10, pid));
    busy(range(F_SETLK, F_WRLCK, 150, 10));
    busy(range(F_SETLK, F_RDLCK, 0, 101));
    busy(range(F_SETLK, F_WRLCK, 350, 1));
    EXPECT(range(F_SETLK, F_RDLCK, 300, 50) == 0);
    EXPECT(range(F_SETLK, F_WRLCK, 200, 100) == 0);
    say(&go, 1);
    EXPECT(hear(&ready) == 2);
    printf("hole %c%c%c\n", see(100, 40, pid), see(140, 20, pid),
           see(160, 40, pid));
    EXPECT(range(F_SETLK, F_WRLCK, 145, 5) == 0);
    say(&go, 1);
    EXPECT(range(F_SETLKW, F_WRLCK, 0, 0) == 0);    /* when it has ended */
    EXPECT(reap(pid) == 0);

    /* a child has none of ours, and waits for them */
    waiter = fork_child();
    if (waiter == 0) {
        busy(range(F_SETLK, F_WRLCK, 5, 1));
        say(&ready, see(0, 0, getppid()));
        EXPECT(range(F_SETLKW, F_WRLCK, 5, 1) == 0);
        _exit(see(0, 0, 0) == 'u' ? 12 : 13);
    }
    printf("child sees %c", (int)hear(&ready));
    EXPECT(range(F_SETLK, F_UNLCK, 0, 0) == 0);
    printf(", then %d\n", reap(waiter));
}

/* The lock is the open file's: a child may give it up for both. */
static void flock_locks(void)
{
    int other = open("lock", O_RDWR);
    pid_t pid;

    EXPECT(flock(fd, LOCK_EX) == 0);
    busy(flock(other, LOCK_EX | LOCK_NB));
    busy(flock(other, LOCK_SH | LOCK_NB));
    pid = fork_child();
    if (pid == 0) {
        EXPECT(flock(fd, LOCK_EX | LOCK_NB) == 0);  /* has it already */
        busy(flock(other, LOCK_SH | LOCK_NB));
        say(&ready, 3);
        hear(&go);
        EXPECT(flock(fd, LOCK_UN) == 0);
        say(&ready, 4);
        hear(&go);
        _exit(0);
    }
    EXPECT(hear(&ready) == 3);
    busy(flock(other, LOCK_SH | LOCK_NB));
    say(&go, 1);
    EXPECT(hear(&ready) == 4);
    EXPECT(flock(other, LOCK_SH | LOCK_NB) == 0);
    EXPECT(flock(fd, LOCK_SH | LOCK_NB) == 0);
    busy(flock(fd, LOCK_EX | LOCK_NB));
    EXPECT(flock(fd, LOCK_SH) == 0 && close(other) == 0);
    /* the child still has other open: its lock stays until it ends */
    busy(flock(fd, LOCK_EX | LOCK_NB));
    say(&go, 1);
    EXPECT(reap(pid) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    puts("flock ok");
}

int main(void)
{
    char dir[32];

    alarm(60);
    enter_scratch(dir);
    ready = channel_open();
    go = channel_open();
    fd = open("lock", O_RDWR | O_CREAT, 0600);
    fcntl_locks();
    flock_locks();
    unlink("lock");
    leave_scratch(dir);
    return 0;
}
