/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/abi_net.h - numbers and structs of sockets
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 arch/sparc/include/uapi/asm/socket.h,
 *          include/linux/socket.h, include/uapi/linux/net.h
 *
 * Families, types, protocols and MSG_* are the same on every machine this is
 * built for.  Fields are big-endian.
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/linux/abi.h"

#define SOCK_G_TYPE_MASK 0xfu
#define SOCK_G_NONBLOCK  O_G_NONBLOCK
#define SOCK_G_CLOEXEC   O_G_CLOEXEC
#define SOCK_G_MAX       11 /* types are below */
#define NPROTO_G         46 /* families are below */

#define SOL_G_SOCKET      0xffff
#define SO_G_TIMESTAMP    0x1d
#define SO_G_TIMESTAMPNS  0x21
#define SCM_G_RIGHTS      1
#define SCM_G_CREDENTIALS 2
#define SCM_G_MAX_FD      253   /* descriptors in a message */
#define OPTMEM_G_MAX      20480 /* bytes of control messages sent */
#define SOCKADDR_G_MAX    128   /* struct sockaddr_storage */

struct msghdr_g {
    uint64_t name;
    uint32_t namelen, pad;
    uint64_t iov, iovlen, control, controllen;
    uint32_t flags, pad2;
};

struct mmsghdr_g {
    struct msghdr_g hdr;
    uint32_t len, pad;
};

struct cmsghdr_g {
    uint64_t len;
    uint32_t level, type;
};

struct ucred_g {
    uint32_t pid, uid, gid;
};

struct linger_g {
    uint32_t onoff, linger;
};

static_assert(sizeof(struct msghdr_g) == 56, "struct user_msghdr");
static_assert(offsetof(struct msghdr_g, flags) == 48, "struct user_msghdr");
static_assert(sizeof(struct mmsghdr_g) == 64, "struct mmsghdr");
static_assert(sizeof(struct cmsghdr_g) == 16, "struct cmsghdr");
