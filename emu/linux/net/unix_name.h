/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/unix_name.h - names of AF_UNIX sockets
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 net/unix/af_unix.c unix_bind(), unix_find_other()
 *
 * A path is looked up as every other path of the program (path.h).  Abstract
 * names are the host's, as its files are.
 */
#pragma once

#include "emu/linux/net/sockaddr.h"

/*
 * unix_name_bind - bind(2) of @sk to @name
 *
 * Returns 0 or -errno.
 */
MUST_CHECK int unix_name_bind(struct task *t, struct sock *sk,
                              const struct sock_addr *name);

/* A name that was looked up, for a call of the host. */
struct unix_target {
    struct sock_addr host;
    int fd;          /* owned; what host names; -1 */
    struct sock *sk; /* of this machine that has the name; NULL: none */
};

/*
 * unix_name_find - what @name means; unix_name_put() must follow
 *
 * @type: of the sender: which of some sockets with that name
 * Returns 0, or -errno of the look-up.
 */
MUST_CHECK int unix_name_find(struct task *t, int type,
                              const struct sock_addr *name,
                              struct unix_target *out);
void unix_name_put(struct unix_target *target);

/* unix_name_to_guest - a name that the host has given, as the program gave it
 */
void unix_name_to_guest(const struct machine *m, struct sock_addr *name);
