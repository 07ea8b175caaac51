/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/sockopt.h - options of sockets, on SPARC and on the host
 *
 * Owns:    the table of them
 * Used by: emu/linux/net/sys_sockopt.c
 * Source:  linux v6.2 arch/sparc/include/uapi/asm/socket.h
 */
#pragma once

#define TCP_INFO_BYTES 104 /* of struct tcp_info: what is words */

enum sock_option_kind {
    OPTION_INT,
    OPTION_BYTE_OR_INT, /* of level IPPROTO_IP */
    OPTION_LAYOUT,      /* bytes, in the order of layout.h */
    OPTION_ERROR,       /* an errno */
    OPTION_FAMILY,      /* the socket is of another from then on */
    OPTION_TCP_INFO,

    /* Of the socket here. */
    OPTION_PASSCRED,
    OPTION_PEERCRED,
    OPTION_TIMEOUT,
    OPTION_TIMESTAMP,
};

struct sock_option {
    int level, guest, host; /* the level is the host's */
    enum sock_option_kind kind;
    const char *layout;
};

/* sock_option_find - @level as the program says it; NULL: not supported */
const struct sock_option *sock_option_find(int level, int guest);
