// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/pass_descriptors.c - descriptors and credentials in messages
 *
 * Catches one that arrives as another file, that is closed too early or never,
 * that gets lost or comes twice, and a sender that is not who he says.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include "process.h"
#include "try.h"

#define MOST 253

static union {
    struct cmsghdr align;
    char bytes[8192];
} control;

static long send_fds(int to, const int *fds, int nr, const char *text)
{
    struct iovec bytes = { (void *)text, strlen(text) };
    struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = CMSG_SPACE(nr * sizeof(int)) };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);

    memset(&control, 0, sizeof(control));
    cm->cmsg_len = CMSG_LEN(nr * sizeof(int));
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(cm), fds, nr * sizeof(int));
    return sendmsg(to, &h, 0);
}

static long send_fd(int to, int fd, const char *text)
{
    return send_fds(to, &fd, 1, text);
}

/* What came, in words; the descriptors. */
static int get_fds(int from, int *fds, size_t room, size_t bytes, int flags)
{
    char text[100];
    struct iovec part = { text, bytes };
    struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1,
                        .msg_control = &control, .msg_controllen = room };
    long n = recvmsg(from, &h, flags);
    int nr = 0;

    if (n < 0) {
        printf("  recvmsg: %s\n", strerrorname_np(errno));
        return 0;
    }
    printf("  %ld bytes \"%.*s\", flags %x, control %d:", n, (int)n, text,
           h.msg_flags, (int)h.msg_controllen);
    for (struct cmsghdr *cm = CMSG_FIRSTHDR(&h); cm;
         cm = CMSG_NXTHDR(&h, cm)) {
        size_t len = cm->cmsg_len - CMSG_LEN(0);
        struct ucred c;

        if (cm->cmsg_type == SCM_RIGHTS) {
            memcpy(fds, CMSG_DATA(cm), len);
            nr = len / sizeof(int);
            printf(" %d descriptors", nr);
        } else if (cm->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&c, CMSG_DATA(cm), sizeof(c));
            printf(" from %s %d %d",
                   c.pid == getpid() ? "me" : c.pid == getppid() ? "parent"
                                          : c.pid ? "somebody" : "nobody",
                   c.uid == getuid(), c.gid == getgid());
        }
    }
    printf("\n");
    return nr;
}

static int get_fd(int from)
{
    int fds[MOST];

    return get_fds(from, fds, sizeof(control), 100, 0) == 1 ? fds[0] : -1;
}

static int open_nr(void)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* ------------------------------------------------------------------- kinds */

static sigset_t usr1(void)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    return mask;
}

/* Uses what it is sent. */
static int user(long s)
{
    struct pollfd p;
    char buf[100];
    uint64_t value;
    struct epoll_event ev;
    char *map;
    int fd;

    fd = get_fd(s); /* a file: the position is common */
    EXPECT(read(fd, buf, 5) == 5 && memcmp(buf, "three", 5) == 0);
    fd = get_fd(s); /* a pipe */
    EXPECT(write(fd, "from the child", 14) == 14);
    close(fd);
    fd = get_fd(s); /* memory */
    map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT(strcmp(map, "in memory") == 0);
    strcpy(map, "seen");
    fd = get_fd(s); /* a counter */
    EXPECT(read(fd, &value, 8) == 8 && value == 7);
    value = 9;
    EXPECT(write(fd, &value, 8) == 8);
    fd = get_fd(s); /* a timer */
    p = (struct pollfd){ fd, POLLIN, 0 };
    EXPECT(poll(&p, 1, 10000) == 1);
    EXPECT(read(fd, &value, 8) == 8 && value >= 1);
    fd = get_fd(s); /* a set */
    EXPECT(epoll_wait(fd, &ev, 1, 0) == 1 && ev.data.u64 == 42);
    fd = get_fd(s); /* signals: of who reads */
    sigset_t mask = usr1();
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGUSR1);
    struct signalfd_siginfo si;
    EXPECT(read(fd, &si, sizeof(si)) == sizeof(si) && si.ssi_signo == SIGUSR1);
    fd = get_fd(s); /* a file of /proc */
    EXPECT(read(fd, buf, 5) == 5 && memcmp(buf, "Name:", 5) == 0);
    fd = get_fd(s); /* a directory */
    EXPECT(openat(fd, "passed.tmp", O_RDONLY) >= 0);
    fd = get_fd(s); /* a place */
    EXPECT(read(fd, buf, 1) == -1 && errno == EBADF);
    fd = get_fd(s); /* a process */
    EXPECT(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0);
    fd = get_fd(s); /* a socket */
    EXPECT(write(fd, "by another way", 14) == 14);
    EXPECT(send_fd(s, fd, "back") == 4);
    return 5;
}

static void kinds(void)
{
    struct itimerspec soon = { .it_value.tv_nsec = 1000 };
    struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 42 };
    int s[2], p[2], way[2], set, fd, memory, counter;
    char buf[100] = "in memory";
    uint64_t value;
    sigset_t mask = usr1();
    pid_t pid;

    puts("kinds");
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
    pid = spawn(user, s[1]);
    fd = open("passed.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EXPECT(write(fd, "one two three four", 18) == 18 && lseek(fd, 8, 0) == 8);
    EXPECT(send_fd(s[0], fd, "file") == 4);
    EXPECT(pipe(p) == 0 && send_fd(s[0], p[1], "pipe") == 4);
    close(p[1]);
    memory = memfd_create("m", 0);
    EXPECT(write(memory, buf, PAGE > 100 ? 100 : 0) == 100);
    EXPECT(ftruncate(memory, PAGE) == 0);
    EXPECT(send_fd(s[0], memory, "memory") == 6);
    counter = eventfd(7, 0);
    EXPECT(send_fd(s[0], counter, "counter") == 7);
    set = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(set, 0, &soon, NULL);
    EXPECT(send_fd(s[0], set, "timer") == 5);
    close(set);
    set = epoll_create1(0);
    EXPECT(epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) == -1 && errno == EPERM);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, way) == 0);
    EXPECT(write(way[1], "x", 1) == 1);
    EXPECT(epoll_ctl(set, EPOLL_CTL_ADD, way[0], &ev) == 0);
    EXPECT(send_fd(s[0], set, "set") == 3);
    set = signalfd(-1, &mask, 0);
    EXPECT(send_fd(s[0], set, "signals") == 7);
    close(set);
    set = open("/proc/self/status", O_RDONLY);
    EXPECT(send_fd(s[0], set, "status") == 6);
    close(set);
    set = open(".", O_RDONLY | O_DIRECTORY);
    EXPECT(send_fd(s[0], set, "directory") == 9);
    close(set);
    set = open("passed.tmp", O_PATH);
    EXPECT(send_fd(s[0], set, "place") == 5);
    close(set);
    set = pidfd_open(getpid(), 0);
    EXPECT(send_fd(s[0], set, "process") == 7);
    close(set);
    EXPECT(send_fd(s[0], way[1], "socket") == 6);
    close(way[1]);
    printf("  child %d\n", reap(pid));
    printf("  position %ld\n", (long)lseek(fd, 0, SEEK_CUR));
    printf("  pipe %ld", (long)read(p[0], buf, 100));
    printf(" then %ld\n", (long)read(p[0], buf, 100));
    EXPECT(pread(memory, buf, 5, 0) == 5);
    printf("  memory %s\n", buf);
    EXPECT(read(counter, &value, 8) == 8 && value == 9);
    EXPECT(read(way[0], buf, 1) == 1);
    printf("  socket %ld\n", (long)read(way[0], buf, 100));
    fd = get_fd(s[0]);
    EXPECT(write(fd, "once more", 9) == 9 && read(way[0], buf, 100) == 9);
    EXPECT(close(fd) == 0 && read(way[0], buf, 100) == 0);
    unlink("passed.tmp");
}

/* --------------------------------------------------------- what is not read */

/* Does the pipe still have a writer? */
static int written(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };

    return poll(&p, 1, 0) == 0;
}

static void dropped(void)
{
    int s[2], p[2], fds[MOST], before = open_nr();
    char c;

    puts("dropped");
    EXPECT(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    EXPECT(send_fd(s[0], p[1], "abc") == 3);
    close(p[1]);
    printf("  on its way: %d\n", written(p[0]));
    EXPECT(get_fds(s[1], fds, sizeof(control), 1, MSG_PEEK) == 1);
    close(fds[0]);
    printf("  peeked at: %d\n", written(p[0]));
    EXPECT(read(s[1], &c, 1) == 1);
    printf("  read without: %d\n", written(p[0]));
    EXPECT(get_fds(s[1], fds, sizeof(control), 100, 0) == 0);
    close(p[0]);

    EXPECT(pipe(p) == 0 && send_fd(s[0], p[1], "abc") == 3);
    close(p[1]);
    EXPECT(get_fds(s[1], fds, CMSG_LEN(0), 100, 0) == 0);
    printf("  no room: %d\n", written(p[0]));
    close(p[0]);

    EXPECT(pipe(p) == 0 && send_fd(s[0], p[1], "abc") == 3);
    close(p[1]);
    close(s[1]);
    printf("  closed: %d\n", written(p[0]));
    close(p[0]);
    close(s[0]);

    /* A socket in the queue of another. */
    int t[2];
    EXPECT(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0 &&
           socketpair(AF_UNIX, SOCK_STREAM, 0, t) == 0);
    EXPECT(send_fd(s[0], p[1], "inner") == 5);
    EXPECT(send_fd(t[0], s[1], "outer") == 5);
    close(p[1]);
    close(s[0]);
    close(s[1]);
    printf("  nested: %d\n", written(p[0]));
    close(t[0]);
    close(t[1]);
    printf("  nested, closed: %d\n", written(p[0]));
    close(p[0]);
    printf("  open: %d\n", open_nr() - before);
}

/* ------------------------------------------------------------------ numbers */

static void numbers(void)
{
    int s[2], fds[MOST + 1], before = open_nr(), nr;

    puts("numbers");
    for (int i = 0; i <= MOST; i++)
        fds[i] = i % 3;
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
    TRY(send_fds(s[0], fds, MOST + 1, "many"));
    TRY(send_fds(s[0], fds, MOST, "many"));
    nr = get_fds(s[1], fds, sizeof(control), 100, MSG_CMSG_CLOEXEC);
    printf("  in order %d, flags %d\n", fds[1] == fds[0] + 1,
           fcntl(fds[nr - 1], F_GETFD));
    for (int i = 0; i < nr; i++)
        close(fds[i]);
    for (int i = 0; i < 5; i++)
        fds[i] = i % 3;
    TRY(send_fds(s[0], fds, 5, "cut"));
    nr = get_fds(s[1], fds, CMSG_LEN(3 * sizeof(int)), 100, 0);
    while (nr > 0)
        close(fds[--nr]);
    fds[0] = 0;
    fds[1] = 77;
    TRY(send_fds(s[0], fds, 2, "bad"));
    TRY(send_fds(s[0], fds, 0, "none"));
    get_fds(s[1], fds, sizeof(control), 100, 0);
    close(s[0]);
    close(s[1]);

    /* Bytes of a stream after descriptors are another read. */
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    EXPECT(write(s[0], "before", 6) == 6);
    EXPECT(send_fd(s[0], 0, "with") == 4);
    EXPECT(write(s[0], "after", 5) == 5);
    nr = get_fds(s[1], fds, sizeof(control), 100, 0);
    while (nr > 0)
        close(fds[--nr]);
    get_fds(s[1], fds, sizeof(control), 100, 0);
    close(s[0]);
    close(s[1]);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    TRY(send_fd(s[0], 0, ""));
    TRY(recv(s[1], fds, 1, MSG_DONTWAIT));
    close(s[0]);
    close(s[1]);
    printf("  open: %d\n", open_nr() - before);
}

/* ----------------------------------------------------------------- half-way */

/* A page, and none after it. */
static char *edge(void)
{
    char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(p + PAGE, PAGE);
    return p + PAGE;
}

/* Into @bytes and @control, which may be nowhere. */
static void receive(int s, void *bytes, size_t len, void *to, size_t room)
{
    struct iovec part = { bytes, len };
    struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = to,
                        .msg_controllen = room };
    long n = recvmsg(s, &h, MSG_DONTWAIT);

    if (n < 0)
        printf("  %s\n", strerrorname_np(errno));
    else
        printf("  %ld bytes, flags %x, control %d\n", n, h.msg_flags,
               (int)h.msg_controllen);
}

static void half_way(void)
{
    int s[2], p[2], fds[MOST], before = open_nr(), nr;
    struct rlimit few, many;
    char *end = edge(), buf[100];

    puts("half-way");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
    /* No place for the bytes: they and the descriptor stay. */
    EXPECT(send_fd(s[0], p[1], "stay") == 4);
    receive(s[1], end, 4, &control, sizeof(control));
    receive(s[1], end - 2, 4, &control, sizeof(control));
    receive(s[1], buf, 4, (void *)8, 100);
    printf("  open: %d\n", open_nr() - before);
    /* A place for one number of three, and for none. */
    for (int i = 0; i < 3; i++)
        fds[i] = p[1];
    EXPECT(send_fds(s[0], fds, 3, "one") == 3);
    receive(s[1], buf, 4, end - CMSG_LEN(sizeof(int)), 100);
    nr = open_nr() - before;
    printf("  open: %d\n", nr);
    memcpy(fds, CMSG_DATA((struct cmsghdr *)(end - CMSG_LEN(sizeof(int)))),
           sizeof(int));
    if (nr == 5)
        EXPECT(close(fds[0]) == 0);
    /* Numbers for two of three. */
    getrlimit(RLIMIT_NOFILE, &many);
    nr = dup(0);
    few = (struct rlimit){ nr + 2, many.rlim_max };
    close(nr);
    EXPECT(setrlimit(RLIMIT_NOFILE, &few) == 0);
    for (int i = 0; i < 3; i++)
        fds[i] = p[1];
    EXPECT(send_fds(s[0], fds, 3, "two") == 3);
    nr = get_fds(s[1], fds, sizeof(control), 100, 0);
    while (nr > 0)
        close(fds[--nr]);
    EXPECT(setrlimit(RLIMIT_NOFILE, &many) == 0);
    printf("  open: %d\n", open_nr() - before);
    close(p[1]);
    printf("  writers: %d\n", written(p[0]));
    close(s[0]);
    close(s[1]);
    close(p[0]);
    /* A message that has no place is gone, with its descriptor. */
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0 && pipe(p) == 0);
    EXPECT(send_fd(s[0], p[1], "lost") == 4);
    close(p[1]);
    receive(s[1], end - 2, 4, &control, sizeof(control));
    printf("  writers: %d\n", written(p[0]));
    receive(s[1], buf, 4, &control, sizeof(control));
    close(s[0]);
    close(s[1]);
    close(p[0]);
}

/* -------------------------------------------------------------- credentials */

static long send_cred(int to, struct ucred c, size_t len)
{
    struct iovec bytes = { "cred", 4 };
    struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = CMSG_SPACE(len) };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);

    memset(&control, 0, sizeof(control));
    cm->cmsg_len = CMSG_LEN(len);
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_CREDENTIALS;
    memcpy(CMSG_DATA(cm), &c, len);
    return sendmsg(to, &h, 0);
}

static int sender(long s)
{
    EXPECT(write(s, "from child", 10) == 10);
    return 0;
}

static int receiver(long s)
{
    int fds[MOST];

    get_fds(s, fds, sizeof(control), 100, 0);
    return 0;
}

static void credentials(void)
{
    struct ucred me = { getpid(), getuid(), getgid() };
    int s[2], fds[MOST], on = 1;

    puts("credentials");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    EXPECT(write(s[0], "early", 5) == 5);
    EXPECT(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
    get_fds(s[1], fds, sizeof(control), 100, 0);
    EXPECT(write(s[0], "one", 3) == 3 && write(s[0], "two", 3) == 3);
    get_fds(s[1], fds, sizeof(control), 100, 0);
    EXPECT(write(s[0], "me", 2) == 2);
    reap(spawn(sender, s[0]));
    EXPECT(write(s[0], "me", 2) == 2);
    get_fds(s[1], fds, sizeof(control), 100, 0);
    get_fds(s[1], fds, sizeof(control), 100, 0);
    get_fds(s[1], fds, sizeof(control), 4, 0);
    EXPECT(write(s[0], "parent", 6) == 6);
    reap(spawn(receiver, s[1]));
    TRY(send_cred(s[0], me, sizeof(me)));
    get_fds(s[1], fds, sizeof(control), 100, 0);
    TRY(send_cred(s[0], me, sizeof(me) - 4));
    if (getuid()) {
        me.pid = getppid();
        TRY(send_cred(s[0], me, sizeof(me)));
        me = (struct ucred){ getpid(), 0, getgid() };
        TRY(send_cred(s[0], me, sizeof(me)));
    } else {
        puts("  send_cred(s[0], me, sizeof(me))"
             "                  EPERM");
        puts("  send_cred(s[0], me, sizeof(me))"
             "                  EPERM");
    }
    get_fds(s[1], fds, CMSG_LEN(4), 100, MSG_DONTWAIT);
    EXPECT(write(s[0], "cut", 3) == 3);
    int nr = get_fds(s[1], fds, CMSG_LEN(4), 100, MSG_DONTWAIT);
    EXPECT(nr == 0);
    EXPECT(send_fd(s[0], 1, "both") == 4);
    get_fds(s[1], fds, sizeof(control), 100, MSG_DONTWAIT);
    close(s[0]);
    close(s[1]);
}

/* Before the other end is accepted, too. */
static void before_accept(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "passed" };
    int s = socket(AF_UNIX, SOCK_STREAM, 0), c, fds[MOST], on = 1;

    puts("before accept");
    EXPECT(bind(s, (void *)&a, sizeof(a)) == 0 && listen(s, 3) == 0);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT(connect(c, (void *)&a, sizeof(a)) == 0);
    EXPECT(write(c, "one", 3) == 3 && write(c, "two", 3) == 3);
    EXPECT(send_fd(c, 0, "three") == 5);
    int n = accept(s, NULL, NULL);
    EXPECT(setsockopt(n, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
    get_fds(n, fds, sizeof(control), 100, 0);
    unlink("passed");
}

int main(void)
{
    alarm(60);
    kinds();
    dropped();
    numbers();
    half_way();
    credentials();
    before_accept();
    return 0;
}
