// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/recv_bad_pages.c - messages for pages that never come
 *
 * Catches a call that goes on after one access that failed, fails at another,
 * and waits for both in turn for ever.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "process.h"
#include "try.h"

#define SIZE 65536              /* a page or more, everywhere */

/* Of a file that ends before it. */
static char *behind_the_end(int fd)
{
    char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED)
        exit(1);
    return p;
}

static void send_fd(int to)
{
    union {
        struct cmsghdr h;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)),
                         .cmsg_level = SOL_SOCKET,
                         .cmsg_type = SCM_RIGHTS } };
    struct iovec iov = { "message", 7 };
    struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control) };

    memcpy(CMSG_DATA(&control.h), &to, sizeof(to));
    TRY(sendmsg(to, &h, 0));
}

int main(void)
{
    struct sockaddr_un me = { .sun_family = AF_UNIX, .sun_path = "from" };
    char text[16] = "";
    struct iovec iov = { text, sizeof(text) };
    struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
    char name[32];
    int fd, s[2];

    enter_scratch(name);
    fd = open("empty", O_RDWR | O_CREAT, 0600);
    TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    TRY(bind(s[0], (struct sockaddr *)&me, sizeof(me)));
    send_fd(s[0]);
    send_fd(s[0]);
    send_fd(s[0]);
    h.msg_control = behind_the_end(fd);
    h.msg_controllen = 64;
    TRY(recvmsg(s[1], &h, 0));
    printf("%s, control cut: %d\n", text, (h.msg_flags & MSG_CTRUNC) != 0);
    h.msg_name = behind_the_end(fd);
    h.msg_namelen = sizeof(me);
    h.msg_controllen = 64;
    TRY(recvmsg(s[1], &h, 0));
    h.msg_name = &me;
    h.msg_control = NULL;
    h.msg_controllen = 0;
    TRY(recvmsg(s[1], &h, 0));
    printf("from %s\n", me.sun_path);
    unlink("from");
    unlink("empty");
    leave_scratch(name);
    return 0;
}
