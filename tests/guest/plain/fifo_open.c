// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fifo_open.c - a FIFO is opened when both ends are there
 *
 * Catches an open() that does not wait, one that stops the process at the
 * other end, one that no signal ends, and calls that wait although they
 * should not: execve(), truncate(), an open() of /dev/stdin.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include "process.h"

#define BULK 200000

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}

static void nap(long msec)
{
    usleep((useconds_t)msec * 1000);
}

static const char *word(long value)
{
    return value >= 0 ? "ok" : strerrorname_np(errno);
}

static long opens(int flags)
{
    int fd = open("fifo", flags);

    if (fd >= 0)
        close(fd);
    return fd;
}

static int write_late(long text)
{
    int fd;

    nap(50);
    fd = open("fifo", O_WRONLY);
    EXPECT(fd >= 0);
    if (text)
        EXPECT(write(fd, "text", 4) == 4);
    return 0;
}

static int read_late(long unused)
{
    char buf[8] = "";
    int fd;

    (void)unused;
    nap(50);
    fd = open("fifo", O_RDONLY);
    EXPECT(fd >= 0 && read(fd, buf, 8) == 4 && read(fd, buf + 4, 4) == 0);
    EXPECT(strcmp(buf, "text") == 0);
    return 0;
}

static void meet(void)
{
    char buf[8] = "";
    pid_t pid = spawn(write_late, 1);
    int fd = open("fifo", O_RDONLY);

    printf("reader first: %s", word(fd));
    printf(" %ld", (long)read(fd, buf, 8));
    printf(" %s %ld\n", buf, (long)read(fd, buf, 8));
    EXPECT(reap(pid) == 0);
    close(fd);

    pid = spawn(read_late, 0);
    fd = open("fifo", O_WRONLY);
    printf("writer first: %s", word(fd));
    printf(" %ld\n", (long)write(fd, "text", 4));
    close(fd);
    EXPECT(reap(pid) == 0);

    /* it came, wrote nothing, and went */
    pid = spawn(write_late, 0);
    fd = open("fifo", O_RDONLY);
    printf("silent writer: %s %ld\n", word(fd), (long)read(fd, buf, 8));
    EXPECT(reap(pid) == 0);
    close(fd);
}

static void at_once(void)
{
    struct pollfd p = { .events = POLLIN };
    char c;
    int r;

    printf("no wait: %s", word(opens(O_RDONLY | O_NONBLOCK)));
    printf(" %s", word(opens(O_WRONLY | O_NONBLOCK)));
    printf(" %s", word(opens(O_RDWR)));
    printf(" %s\n", word(opens(O_PATH)));
    p.fd = r = open("fifo", O_RDONLY | O_NONBLOCK);
    printf("nobody writes: %ld", (long)read(r, &c, 1));
    printf(" %d\n", poll(&p, 1, 0));
    printf("somebody reads: %s", word(opens(O_WRONLY | O_NONBLOCK)));
    printf(" %s\n", word(opens(O_WRONLY)));
    printf("it is gone: %d", poll(&p, 1, 0));
    printf(" %d\n", p.revents == POLLHUP);
    close(r);
    printf("truncate: %s\n", word(truncate("fifo", 0)));
    printf("execve: %s\n", word(execl("./fifo", "fifo", NULL)));
    printf("directory: %s\n", word(opens(O_RDONLY | O_DIRECTORY)));
}

static void flags(void)
{
    int fd = open("fifo", O_RDWR);
    char c;

    printf("flags: %d", (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_RDWR);
    EXPECT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    printf(" %ld", (long)read(fd, &c, 1));
    printf(" %s", word(-1));
    printf(" %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    close(fd);
}

static void interrupt(void)
{
    pid_t pid;
    int fd;

    set_handler(SIGALRM, on_alarm, 0);
    ualarm(50000, 0);
    printf("interrupted: %s", word(opens(O_RDONLY)));
    ualarm(50000, 0);
    printf(" %s", word(opens(O_WRONLY)));
    printf(" %d\n", (int)alarms);
    set_handler(SIGALRM, on_alarm, SA_RESTART);
    ualarm(20000, 0);
    pid = spawn(write_late, 1);
    fd = open("fifo", O_RDONLY);
    printf("restarted: %s %d\n", word(fd), (int)alarms);
    EXPECT(reap(pid) == 0);
    close(fd);
    set_handler(SIGALRM, SIG_DFL, 0);
    alarm(60);
}

static int send_bulk(long unused)
{
    static char buf[BULK];
    int fd = open("fifo", O_WRONLY);

    (void)unused;
    memset(buf, 'b', sizeof(buf));
    return write(fd, buf, sizeof(buf)) != (long)sizeof(buf);
}

static void bulk(void)
{
    static char buf[BULK];
    pid_t pid = spawn(send_bulk, 0);
    int fd = open("fifo", O_RDONLY);
    long n, sum = 0;

    while ((n = read(fd, buf, sizeof(buf))) > 0)
        sum += n;
    printf("bulk: %ld\n", sum);
    EXPECT(reap(pid) == 0);
    close(fd);
}

/* echo text | cat /dev/stdin */
static int cat_stdin(long unused)
{
    char buf[8] = "";
    int fd = open("/dev/stdin", O_RDONLY);

    (void)unused;
    if (fd < 0)
        return 1;
    printf("stdin: %ld", (long)read(fd, buf, 8));
    printf(" %s %ld\n", buf, (long)read(fd, buf, 8));
    return 0;
}

static void stdin_again(void)
{
    struct channel c = channel_open();
    int saved = dup(0);
    pid_t pid;

    EXPECT(dup2(c.r, 0) == 0);
    fcntl(c.w, F_SETFD, FD_CLOEXEC);
    pid = fork_child();
    if (pid == 0) {
        int code;

        close(c.w);
        code = cat_stdin(0);
        fflush(stdout);
        _exit(code);
    }
    nap(50);
    EXPECT(write(c.w, "text", 4) == 4);
    channel_close(&c);
    EXPECT(dup2(saved, 0) == 0);
    EXPECT(reap(pid) == 0);
    close(saved);
}

int main(void)
{
    char name[32];

    alarm(60);
    enter_scratch(name);
    EXPECT(mkfifo("fifo", 0700) == 0);
    meet();
    at_once();
    flags();
    interrupt();
    bulk();
    stdin_again();
    EXPECT(unlink("fifo") == 0);
    leave_scratch(name);
    return 0;
}
