// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/unix_stream.c - AF_UNIX streams: names, connections, who is there
 *
 * Catches a name that leads elsewhere, bytes that are lost or joined across an
 * end, a connection with the wrong other end, and wrong errors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "process.h"
#include "run_number.h"
#include "try.h"

static struct sockaddr_un addr;
static socklen_t addr_len;

static void name(const char *path)
{
    addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
    strcpy(addr.sun_path, path);
    addr_len = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
}

static void abstract(const char *text)
{
    name("x");
    addr_len = offsetof(struct sockaddr_un, sun_path) + 1 +
               sprintf(addr.sun_path + 1, "%s-%08x", text, run_number());
    addr.sun_path[0] = 0;
}

static int bound(int type)
{
    int s = socket(AF_UNIX, type, 0);

    EXPECT(s >= 0);
    TRY(bind(s, (void *)&addr, addr_len));
    return s;
}

static void show_name(const char *what, int s,
                      int (*get)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_un a;
    socklen_t len = sizeof(a);

    memset(&a, 0, sizeof(a));
    if (get(s, (void *)&a, &len))
        printf("  %s: %s\n", what, strerrorname_np(errno));
    else
        printf("  %s: family %d, %d bytes, \"%s\"\n", what, a.sun_family,
               (int)len, len > 2 && a.sun_path[0] ? a.sun_path : "");
}

static int own_name(int s, struct sockaddr *a, socklen_t *len)
{
    return getsockname(s, a, len);
}

static int peer_name(int s, struct sockaddr *a, socklen_t *len)
{
    return getpeername(s, a, len);
}

static void show_peer(int s, pid_t pid)
{
    struct ucred c;
    socklen_t len = sizeof(c);

    EXPECT(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &c, &len) == 0);
    printf("  peer: its pid %d, its ids %d\n", c.pid == pid,
           c.uid == geteuid() && c.gid == getegid());
}

/* Connects, says its number, hears it doubled. */
static int client(long number)
{
    int s = socket(AF_UNIX, SOCK_STREAM, 0);

    EXPECT(connect(s, (void *)&addr, addr_len) == 0);
    EXPECT(write(s, &number, sizeof(number)) == sizeof(number));
    EXPECT(read(s, &number, sizeof(number)) == sizeof(number));
    EXPECT(read(s, &number, 1) == 0);
    return number;
}

static void serve(int s)
{
    pid_t pids[3];
    int left = 3;

    TRY(listen(s, 5));
    for (int i = 0; i < 3; i++)
        pids[i] = spawn(client, i + 5);
    while (left-- > 0) {
        struct sockaddr_un from;
        socklen_t len = sizeof(from);
        int c = accept(s, (void *)&from, &len);
        long number;

        EXPECT(c >= 0 && len == 2 && from.sun_family == AF_UNIX);
        EXPECT(read(c, &number, sizeof(number)) == sizeof(number));
        EXPECT(number >= 5 && number < 8);
        struct ucred cred;
        len = sizeof(cred);
        EXPECT(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0);
        EXPECT(cred.pid == pids[number - 5]);
        number *= 2;
        EXPECT(write(c, &number, sizeof(number)) == sizeof(number));
        close(c);
    }
    for (int i = 0; i < 3; i++)
        printf("  client %d: %d\n", i, reap(pids[i]));
}

static void by_path(void)
{
    struct stat st;
    int s, c;

    puts("path");
    umask(027);
    name("server");
    s = bound(SOCK_STREAM);
    EXPECT(stat("server", &st) == 0);
    printf("  mode %o\n", st.st_mode);
    show_name("name", s, own_name);
    show_name("peer", s, peer_name);
    TRY(bind(s, (void *)&addr, addr_len));
    c = bound(SOCK_STREAM);
    TRY(connect(c, (void *)&addr, addr_len)); /* nobody listens */
    serve(s);
    TRY(connect(c, (void *)&addr, addr_len));
    TRY(connect(c, (void *)&addr, addr_len));
    show_name("client", c, own_name);
    show_name("client's peer", c, peer_name);
    show_peer(c, getpid());
    close(s);
    TRY_DONE(read(c, &s, 1));
    close(c);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(c, (void *)&addr, addr_len));
    unlink("server");
    TRY(connect(c, (void *)&addr, addr_len));
    close(open("plain", O_CREAT | O_WRONLY, 0600));
    name("plain");
    TRY(connect(c, (void *)&addr, addr_len));
    unlink("plain");
    close(c);
}

static void by_other_paths(void)
{
    char long_name[108];
    int s, c;

    puts("other paths");
    mkdir("dir", 0700);
    EXPECT(symlink("dir", "link") == 0);
    name("link/server");
    s = bound(SOCK_STREAM);
    EXPECT(listen(s, 1) == 0);
    show_name("name", s, own_name);
    name("dir/../dir/server");
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(c, (void *)&addr, addr_len));
    show_name("client's peer", c, peer_name);
    close(c);
    close(s);
    unlink("dir/server");
    name("/proc/self/cwd/dir/server");
    s = bound(SOCK_STREAM);
    EXPECT(listen(s, 1) == 0);
    show_name("name", s, own_name);
    EXPECT(access("dir/server", F_OK) == 0);
    name("dir/server");
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(c, (void *)&addr, addr_len));
    show_name("client's peer", c, peer_name);
    close(c);
    close(s);
    unlink("dir/server");
    unlink("link");
    rmdir("dir");

    memset(long_name, 'n', 107);
    long_name[107] = 0;
    name(long_name);
    addr_len = sizeof(addr);
    s = bound(SOCK_STREAM);
    EXPECT(listen(s, 1) == 0 && access(long_name, F_OK) == 0);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(c, (void *)&addr, addr_len));
    unlink(long_name);
    close(c);
    close(s);
    name("none/server");
    close(bound(SOCK_STREAM));
    name("server/");
    close(bound(SOCK_STREAM));
    name("/proc/server");
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    say_done("bind in /proc", bind(s, (void *)&addr, addr_len));
    name("/proc/self/status");
    TRY_DONE(connect(s, (void *)&addr, addr_len));
    close(s);
}

static void by_abstract_name(void)
{
    int s, c;

    puts("abstract");
    abstract("adiemu-test");
    s = bound(SOCK_STREAM);
    c = bound(SOCK_STREAM);
    serve(s);
    addr_len--;
    TRY(connect(c, (void *)&addr, addr_len));
    close(s);
    close(c);
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    addr_len = 2;
    TRY(bind(s, (void *)&addr, addr_len)); /* a name of the kernel's */
    show_name("name", s, own_name);
    close(s);
}

static void ends(void)
{
    int s[2], n;
    char buf[10];

    puts("ends");
    signal(SIGPIPE, SIG_IGN);
    TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s));
    printf("  flags %d\n", fcntl(s[0], F_GETFD));
    show_peer(s[0], getpid());
    show_name("name", s[0], own_name);
    show_name("peer", s[0], peer_name);
    TRY(write(s[0], "hello", 5));
    TRY(write(s[0], "world", 5));
    EXPECT(ioctl(s[1], FIONREAD, &n) == 0);
    printf("  %d bytes\n", n);
    TRY(read(s[1], buf, 7));
    TRY(recv(s[1], buf, 7, MSG_PEEK));
    TRY(recv(s[1], buf, 7, MSG_DONTWAIT));
    TRY(recv(s[1], buf, 7, MSG_DONTWAIT));
    TRY(shutdown(s[0], SHUT_WR));
    TRY(write(s[0], "x", 1));
    TRY(read(s[1], buf, 7));
    TRY(write(s[1], "back", 4));
    TRY(read(s[0], buf, 7));
    TRY(shutdown(s[1], 7));
    close(s[1]);
    TRY(read(s[0], buf, 1));
    TRY(write(s[0], "x", 1));
    TRY(lseek(s[0], 0, SEEK_SET));
    TRY(pread(s[0], buf, 1, 0));
    TRY(listen(s[0], 1));
    close(s[0]);
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    TRY(write(s[0], "unread", 6));
    close(s[1]);
    TRY(read(s[0], buf, 1));
    close(s[0]);
}

static void errors(void)
{
    int s, p[2], *volatile nowhere = (int *)8;
    char c = 0;

    puts("errors");
    TRY(socket(AF_UNIX, SOCK_STREAM, 5));
    TRY(socket(AF_UNIX, 12, 0));
    TRY(socket(AF_UNIX, SOCK_RDM, 0));
    TRY(socket(200, SOCK_STREAM, 0));
    TRY(socket(-1, SOCK_STREAM, 0));
    TRY(socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
    TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, nowhere));
    TRY(socketpair(AF_INET, SOCK_STREAM, 0, p));
    EXPECT(pipe(p) == 0);
    TRY(listen(p[0], 1));
    TRY(bind(-1, (void *)&addr, 4));
    TRY(recv(p[0], &c, 1, 0));
    TRY(shutdown(p[0], SHUT_RD));
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(listen(s, 1));
    TRY(accept(s, NULL, NULL));
    TRY(send(s, &c, 1, 0));
    TRY(recv(s, &c, 1, 0));
    TRY(shutdown(s, SHUT_RDWR));
    name("e");
    TRY(bind(s, (void *)&addr, 200));
    TRY(bind(s, (void *)&addr, -1));
    TRY(bind(s, (void *)nowhere, 10));
    addr.sun_family = AF_INET;
    TRY(bind(s, (void *)&addr, addr_len));
    TRY(connect(s, (void *)&addr, addr_len));
    close(s);
}

int main(void)
{
    char dir[32];

    alarm(60);
    enter_scratch(dir);
    by_path();
    by_other_paths();
    by_abstract_name();
    ends();
    errors();
    leave_scratch(dir);
    return 0;
}
