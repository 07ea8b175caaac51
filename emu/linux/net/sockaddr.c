// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/sockaddr.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "emu/linux/call.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/uaccess.h"

static void swap_scope(struct sock_addr *a)
{
    struct sockaddr_in6 six;

    if (a->u.any.sa_family != AF_INET6 || a->len < sizeof(six))
        return;
    memcpy(&six, &a->u, sizeof(six));
    six.sin6_scope_id = htobe32(six.sin6_scope_id);
    memcpy(&a->u, &six, sizeof(six));
}

static void to_host(struct sock_addr *a)
{
    if (a->len < sizeof(a->u.any.sa_family))
        return;
    a->u.any.sa_family = be16toh(a->u.any.sa_family);
    swap_scope(a);
}

static void to_guest(struct sock_addr *a)
{
    if (a->len < sizeof(a->u.any.sa_family))
        return;
    swap_scope(a);
    a->u.any.sa_family = htobe16(a->u.any.sa_family);
}

int sockaddr_import(struct task *t, uint64_t va, int len, struct sock_addr *out)
{
    int err;

    *out = (struct sock_addr){0};
    if (len < 0 || len > SOCKADDR_G_MAX)
        return -EINVAL;
    if (len == 0)
        return 0;
    err = call_import(t, &out->u, va, (size_t)len);
    if (err)
        return err;
    out->len = (socklen_t)len;
    to_host(out);
    return 0;
}

int sockaddr_room(struct task *t, uint64_t len_va, int *room)
{
    uint32_t raw;
    int err = call_import(t, &raw, len_va, sizeof(raw));

    if (!err)
        *room = (int)be32toh(raw);
    return err;
}

int sockaddr_put(struct task *t, struct sock_addr *from, uint64_t va, int room,
                 uint64_t len_va)
{
    int len = (int)from->len;

    if (room < 0)
        return -EINVAL;
    to_guest(from);
    if (len > room)
        len = room;
    if (len > 0 && copy_to_user(t, va, &from->u, (size_t)len))
        return -EFAULT;
    return put_user32(t, len_va, from->len);
}
