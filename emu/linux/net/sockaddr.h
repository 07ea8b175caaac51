/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/sockaddr.h - addresses of sockets, of the guest and the host
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 net/socket.c move_addr_to_kernel(), move_addr_to_user()
 *
 * Only numbers in the order of the machine differ: the family, and the scope of
 * IPv6.  A name of AF_UNIX that leads to a file is unix_name.h's.
 */
#pragma once

#include <sys/socket.h>

#include "emu/linux/net/sock.h"

#define SOCK_ADDR_BYTES 128 /* of struct sockaddr_storage */

struct sock_addr {
    union {
        struct sockaddr any;
        struct sockaddr_un un;
        uint8_t bytes[SOCK_ADDR_BYTES + 8]; /* the host adds a 0 to a path */
    } u;
    socklen_t len;
};

/*
 * sockaddr_import - move_addr_to_kernel(), for a call that may be made again
 *
 * Returns 0, -EINVAL, -EFAULT or -ENOMEM.
 */
MUST_CHECK int sockaddr_import(struct task *t, uint64_t va, int len,
                               struct sock_addr *out);

/*
 * sockaddr_put - move_addr_to_user()
 *
 * @from: of the host; changed to the guest's
 * @room: what the word at @len_va says, as it was when the call began
 * Returns 0, -EINVAL or -EFAULT.
 */
MUST_CHECK int sockaddr_put(struct task *t, struct sock_addr *from, uint64_t va,
                            int room, uint64_t len_va);

/* sockaddr_room - the word at @len_va, for the call above; 0 or -errno */
MUST_CHECK int sockaddr_room(struct task *t, uint64_t len_va, int *room);
