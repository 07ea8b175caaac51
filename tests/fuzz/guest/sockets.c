// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz/guest/sockets.c - what sockets are told: addresses and messages */
#define _GNU_SOURCE
#include "calls.h"

#include <string.h>
#include <sys/socket.h>

/* Of this folder, of this machine: nobody else is to hear of it. */
static uint64_t draw_address(uint64_t *len)
{
    static const struct {
        uint16_t family;
        char rest[28];
    } addresses[] = {
        {AF_UNIX, "s"},
        {AF_UNIX, "s"},
        {AF_UNIX, "t"},
        {AF_UNIX, "dir/s"},
        {AF_UNIX, "a"},
        {AF_UNIX, "/proc/s"},
        {AF_UNIX, ""},
        {AF_UNIX, "\0fuzz"},
        {AF_UNSPEC, ""},
        {AF_INET, "\0\0\177\0\0\1"},
        {AF_NETLINK, ""},
        {AF_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"}};
    static const uint64_t lens[] = {0, 1, 2, 3, 4, 5, 8, 16, 28, 30};

    *len = one_in(4) ? PICK(lens) : one_in(2) ? 16 : 28;
    return (uint64_t)&PICK(addresses);
}

struct header {
    uint64_t name;
    uint32_t name_len, pad;
    uint64_t iov, nr, control, control_len;
    uint32_t flags, len;
};

/* A message with buffers in the arena, and descriptors. */
static void draw_header(struct header *h)
{
    static const struct {
        uint64_t len;
        uint32_t level, type;
        uint32_t fd[10];
    } controls[] = {{20, SOL_SOCKET, SCM_RIGHTS, {3}},
                    {28, SOL_SOCKET, SCM_RIGHTS, {3, 4, 5}},
                    {28, SOL_SOCKET, SCM_CREDENTIALS, {1, 0, 0}},
                    {20, 0, 2, {64}},
                    {400, SOL_SOCKET, SCM_RIGHTS, {0}},
                    {8, SOL_SOCKET, SCM_RIGHTS, {0}}};
    static uint64_t parts[4];
    uint64_t len;

    for (unsigned i = 0; i < 4; i += 2) {
        parts[i] = arena_at();
        parts[i + 1] = one_in(4) ? below(8 * PAGE) : below(100);
    }
    *h = (struct header){.iov = (uint64_t)parts, .nr = below(3)};
    if (one_in(3)) {
        h->name = draw_address(&len);
        h->name_len = (uint32_t)len;
    }
    if (one_in(2)) {
        h->control = one_in(2) ? (uint64_t)&PICK(controls) : arena_at();
        h->control_len = one_in(2) ? 24 : below(200);
    }
}

void tune_socket(const struct call *call, uint64_t args[6])
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
                                SOCK_STREAM | SOCK_NONBLOCK};
    static const int families[] = {AF_UNIX, AF_UNIX, AF_UNIX, AF_INET,
                                   AF_INET6};
    static struct header headers[4];
    const char *name = call->name;

    if (call->args[0] == 'f' && !one_in(10)) {
        args[0] = (uint64_t)PICK(families);
        args[1] = (uint64_t)PICK(types);
        args[2] = 0;
    } else if (strcmp(name, "bind") == 0 || strcmp(name, "connect") == 0) {
        args[1] = draw_address(&args[2]);
    } else if (strcmp(name, "sendto") == 0) {
        args[4] = one_in(2) ? 0 : draw_address(&args[5]);
    } else if (strncmp(name + 4, "msg", 3) == 0 ||
               strncmp(name + 4, "mmsg", 4) == 0) {
        for (unsigned i = 0; i < 4; i++)
            draw_header(&headers[i]);
        args[1] = (uint64_t)headers;
        if (call->args[2] == 'u')
            args[2] = below(5);
    } else if (strstr(name, "sockopt")) {
        args[1] = one_in(2) ? SOL_SOCKET : below(64);
        args[2] = one_in(2) ? 1ul << below(16) : below(80);
    }
}

/* By address, or with a message, and never elsewhere. */
bool is_of_sockets(const struct call *call)
{
    static const char *const names_of[] = {
        "socket",   "socketpair", "bind",       "connect",
        "sendto",   "sendmsg",    "sendmmsg",   "recvmsg",
        "recvmmsg", "setsockopt", "getsockopt", NULL};

    return is_one_of(call->name, names_of);
}
