// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/lock_ranges.c - many locks on one file by three processes and two
 * open files; after each, which lock F_GETLK finds
 *
 * Catches a range that is cut or joined in another way than by Linux, and a
 * table that is in another order: of several locks that stand in the way the
 * first is told.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include "process.h"

#define WORKERS 3
#define ROUNDS  250
#define BYTES   40

static int fds[2]; /* two open files of it */
static struct channel to[WORKERS], from[WORKERS];
static pid_t pids[WORKERS];

/* A command in a number: what, which type, which open file, from, how many. */
enum { SET, OFD_SET, SHOW, OFD_SHOW, CLOSE_ONE };

static long command(int what, int type, int file, long start, long len)
{
    return what | type << 4 | file << 8 | start << 12 | len << 24;
}

static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK };

static long carry_out(long c)
{
    static const int cmds[] = { F_SETLK, F_OFD_SETLK, F_GETLK, F_OFD_GETLK };
    int what = c & 15, fd = fds[c >> 8 & 15];
    struct flock l = { .l_type = types[c >> 4 & 15], .l_whence = SEEK_SET,
                       .l_start = c >> 12 & 0xfff, .l_len = c >> 24 };

    if (what == CLOSE_ONE)
        return close(dup(fd));
    if (fcntl(fd, cmds[what], &l) < 0)
        return -errno;
    if (what == SET || what == OFD_SET || l.l_type == F_UNLCK)
        return 0;
    /* found: type, range, owner */
    return 1 | (l.l_type == F_WRLCK) << 1 | l.l_start << 4 | l.l_len << 16 |
           (l.l_pid + 1l) << 32;
}

static int worker(long n)
{
    long c;

    while ((c = hear(&to[n])) > 0)
        say(&from[n], carry_out(c - 1));
    return 0;
}

static long tell(int n, long c)
{
    say(&to[n], c + 1);
    return hear(&from[n]);
}

static uint64_t seed = 20230219;

static long below(long n)
{
    return (long)(next_random(&seed) % (uint64_t)n);
}

static void print_result(long r)
{
    long owner = (r >> 32) - 1, n = 0;

    if (r < 0) {
        printf(" %s", strerrorname_np((int)-r));
        return;
    }
    if (r == 0) {
        printf(" -");
        return;
    }
    while (n < WORKERS && owner != pids[n])
        n++;
    printf(" %c%c@%ld+%ld", r & 2 ? 'w' : 'r',
           n < WORKERS             ? '0' + (int)n
           : owner == -1           ? 'f'
           : owner == getpid()     ? 'p'
                                   : '?',
           r >> 4 & 0xfff, r >> 16 & 0xffff);
}

static void look(void)
{
    for (int n = 0; n < WORKERS; n++) {
        print_result(tell(n, command(SHOW, 1, 0, 0, 0)));
        print_result(tell(n, command(SHOW, 0, 1, 10, 20)));
    }
    print_result(tell(0, command(OFD_SHOW, 1, 0, 0, 0)));
    print_result(tell(1, command(OFD_SHOW, 1, 1, 5, 30)));
    putchar('\n');
}

static void one_round(void)
{
    static const char *const names[] = { "set", "ofd", "", "", "close" };
    int n = (int)below(WORKERS), file = (int)below(2), what = SET;
    int type = (int)below(5);
    long start = below(BYTES), len = below(4) ? 1 + below(12) : 0;

    if (below(6) == 0)
        what = OFD_SET;
    else if (below(25) == 0)
        what = CLOSE_ONE;
    type = type > 2 ? type - 3 : type;
    printf("%d %s %d %d %ld %ld:", n, names[what], type, file, start, len);
    print_result(tell(n, command(what, type, file, start, len)));
    printf("  ");
    look();
}

/* A lock goes when dup2() or exec() closes a descriptor of the file. */
static void closed_otherwise(void)
{
    int other = dup(fds[0]), null = open("/dev/null", O_RDWR);
    struct flock l = { .l_type = F_WRLCK, .l_start = 100, .l_len = 1 };

    for (int n = 0; n < WORKERS; n++)
        EXPECT(tell(n, command(SET, 2, 0, 0, 0)) == 0);
    for (int file = 0; file < 2; file++)
        EXPECT(tell(0, command(OFD_SET, 2, file, 0, 0)) == 0);
    EXPECT(fcntl(fds[0], F_SETLK, &l) == 0);
    printf("held:");
    look();
    EXPECT(dup2(null, other) == other);
    printf("dup2:");
    look();
    EXPECT(fcntl(fds[0], F_SETLK, &l) == 0);
    other = dup(fds[0]);
    EXPECT(close_range((unsigned)other, (unsigned)other, 0) == 0);
    printf("close_range:");
    look();
    close(null);
}

static void whole_file(void)
{
    struct flock l = { .l_type = F_WRLCK };

    EXPECT(flock(fds[0], LOCK_EX) == 0);
    printf("flock:");
    look(); /* another kind */
    printf("%d", flock(fds[1], LOCK_SH | LOCK_NB));
    printf(" %d", flock(fds[0], LOCK_SH | LOCK_NB));
    printf(" %d", flock(fds[1], LOCK_SH | LOCK_NB));
    printf(" %d", flock(fds[0], LOCK_EX | LOCK_NB));
    printf(" %d", flock(fds[1], LOCK_EX | LOCK_NB)); /* the first lost its own */
    printf(" %d", flock(fds[0], LOCK_NB));
    printf(" %d\n", flock(fds[1], LOCK_UN));
    l.l_pid = 7;
    printf("%d", fcntl(fds[0], F_OFD_SETLK, &l));
    l.l_type = 77;
    printf(" %d\n", fcntl(fds[0], F_SETLK, &l));
}

int main(void)
{
    char name[32];

    alarm(60);
    enter_scratch(name);
    fds[0] = open("file", O_RDWR | O_CREAT, 0600);
    fds[1] = open("file", O_RDWR);
    for (int n = 0; n < WORKERS; n++) {
        to[n] = channel_open();
        from[n] = channel_open();
    }
    for (int n = 0; n < WORKERS; n++)
        pids[n] = spawn(worker, n);
    for (int i = 0; i < ROUNDS; i++)
        one_round();
    closed_otherwise();
    whole_file();
    for (int n = 0; n < WORKERS; n++) {
        say(&to[n], -1);
        EXPECT(reap(pids[n]) == 0);
    }
    unlink("file");
    leave_scratch(name);
    return 0;
}
