// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * getsockopt(2) and setsockopt(2).
 *
 * Source: linux v6.2 net/core/sock.c, net/ipv4/ip_sockglue.c, tcp.c,
 *         net/ipv6/ipv6_sockglue.c
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/layout.h"
#include "emu/linux/net/sock.h"
#include "emu/linux/net/sockopt.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define OPTION_BYTES 256

/*
 * One that has no row: the errno of the host, where that has none either.  A
 * level that is SOL_SOCKET there is another here.
 */
static int unknown(struct task *t, const struct sock_call *c, int level,
                   int guest, bool set)
{
    uint8_t raw[OPTION_BYTES];
    socklen_t len = sizeof(raw);
    int err;

    if (level == SOL_SOCKET)
        return c->sk->family == AF_UNIX || !set ? -EOPNOTSUPP : -ENOPROTOOPT;
    if (level != SOL_G_SOCKET) {
        err = set ? setsockopt(c->file.fd, level, guest, NULL, 0)
                  : getsockopt(c->file.fd, level, guest, raw, &len);
        if (err && (errno == EOPNOTSUPP || errno == ENOPROTOOPT))
            return -errno;
    }
    warn_once(t, LOG_SYSCALL, "unsupported: socket option %d of level %d",
              guest, level);
    return -ENOPROTOOPT;
}

/* AF_UNIX has none but those of SOL_SOCKET, nor has TCP those of UDP: the
 * host's errno. */
static bool is_for_host(const struct sock_option *o)
{
    return o->kind != OPTION_TIMEOUT && o->kind != OPTION_PEERCRED &&
           o->kind != OPTION_TIMESTAMP;
}

/* ---------------------------------------------------------------------- set */

static uint64_t *timeout_of(struct sock *sk, const struct sock_option *o)
{
    return o->host == SO_RCVTIMEO_OLD || o->host == SO_RCVTIMEO_NEW
               ? &sk->rcvtimeo
               : &sk->sndtimeo;
}

static bool is_old(const struct sock_option *o)
{
    return o->host == SO_RCVTIMEO_OLD || o->host == SO_SNDTIMEO_OLD;
}

/* sock_set_timeout() */
static int set_timeout(struct task *t, struct sock *sk,
                       const struct sock_option *o, uint64_t va, int len)
{
    struct timespec_g raw;
    int64_t sec, usec;
    uint64_t *to = timeout_of(sk, o);

    if (len < (int)sizeof(raw))
        return -EINVAL;
    if (copy_from_user(t, &raw, va, sizeof(raw)))
        return -EFAULT;
    sec = (int64_t)be64toh(raw.sec);
    usec = (int64_t)be64toh(raw.nsec);
    if (is_old(o))
        usec = (int32_t)(usec >> 32); /* a word, then padding */
    if (usec < 0 || usec >= 1000000)
        return -EDOM;
    *to = FOREVER;
    if (sec < 0)
        *to = 1; /* as good as no time */
    else if ((sec || usec) && (uint64_t)sec < FOREVER / NS_PER_S - 1)
        *to = (uint64_t)sec * NS_PER_S + (uint64_t)usec * 1000;
    return 0;
}

/* An int, or where that is enough a byte; 0 or -errno */
static int get_int(struct task *t, const struct sock_option *o, uint64_t va,
                   int len, int *value)
{
    uint32_t word;
    uint8_t byte;

    if (len >= (int)sizeof(word)) {
        if (get_user32(t, va, &word))
            return -EFAULT;
        *value = (int)word;
        return 0;
    }
    if (o->kind != OPTION_BYTE_OR_INT || len < 1)
        return -EINVAL;
    if (copy_from_user(t, &byte, va, 1))
        return -EFAULT;
    *value = byte;
    return 0;
}

static int set_int(struct task *t, const struct sock_call *c,
                   const struct sock_option *o, uint64_t va, int len)
{
    int value, err = get_int(t, o, va, len, &value);

    if (err)
        return err;
    if (o->kind == OPTION_TIMESTAMP) {
        c->sk->timestamp = value ? o->host : 0;
        return 0;
    }
    if (setsockopt(c->file.fd, o->level, o->host, &value, sizeof(value)) != 0)
        return (int)host_result(-1);
    if (o->kind == OPTION_PASSCRED)
        c->sk->passcred = value != 0;
    if (o->kind == OPTION_FAMILY)
        c->sk->family = value;
    return 0;
}

static int set_layout(struct task *t, const struct sock_call *c,
                      const struct sock_option *o, uint64_t va, int len)
{
    uint8_t raw[OPTION_BYTES];

    if (len < 0 || len > (int)sizeof(raw))
        return -EINVAL;
    if (copy_from_user(t, raw, va, (size_t)len))
        return -EFAULT;
    layout_swap(raw, (size_t)len, o->layout);
    return (int)host_result(
        setsockopt(c->file.fd, o->level, o->host, raw, (socklen_t)len));
}

int64_t sys_setsockopt(struct task *t, const uint64_t a[6])
{
    int level = arg_int(a[1]), len = arg_int(a[4]);
    const struct sock_option *o;
    struct sock_call c;
    int err;

    if (len < 0)
        return -EINVAL;
    err = sock_get(t, a[0], &c);
    if (err)
        return err;
    o = sock_option_find(level, arg_int(a[2]));
    if (!o)
        return unknown(t, &c, level, arg_int(a[2]), true);
    switch (o->kind) {
    case OPTION_TIMEOUT: return set_timeout(t, c.sk, o, a[3], len);
    case OPTION_LAYOUT: return set_layout(t, &c, o, a[3], len);
    case OPTION_PEERCRED:
    case OPTION_TCP_INFO: return -ENOPROTOOPT;
    default: return set_int(t, &c, o, a[3], len);
    }
}

/* ---------------------------------------------------------------------- get */

static void put_word(uint8_t raw[static 4], uint32_t value)
{
    value = htobe32(value);
    memcpy(raw, &value, sizeof(value));
}

static size_t get_timeout(struct sock *sk, const struct sock_option *o,
                          uint8_t *raw)
{
    uint64_t ns = *timeout_of(sk, o);
    struct timespec_g out = {0};

    if (ns != FOREVER) {
        uint64_t usec = ns % NS_PER_S / 1000;

        out.sec = htobe64(ns / NS_PER_S);
        out.nsec = htobe64(is_old(o) ? usec << 32 : usec);
    }
    memcpy(raw, &out, sizeof(out));
    return sizeof(out);
}

/* Nobody is there: cred_to_ucred() of none. */
static size_t get_peercred(const struct sock *sk, uint8_t *raw)
{
    struct sock_cred cred = {0, UINT32_MAX, UINT32_MAX};
    socklen_t len = sizeof(struct ucred);
    struct ucred host;

    if (sk->inside && sk->type != SOCK_DGRAM)
        cred = sk->peer_cred;
    else if (sk->inside && sk->peer_cred.pid)
        cred = sk->peer_cred;
    else if (getsockopt(sk->host, SOL_SOCKET, SO_PEERCRED, &host, &len) == 0)
        cred = (struct sock_cred){0, host.uid, host.gid};
    put_word(raw, cred.pid);
    put_word(raw + 4, cred.uid);
    put_word(raw + 8, cred.gid);
    return sizeof(struct ucred_g);
}

/* The host's, of up to @room bytes; bytes, or -errno. */
static int64_t get_host(const struct sock_call *c, const struct sock_option *o,
                        size_t room, uint8_t *raw)
{
    socklen_t len = (socklen_t)room;
    int value;

    if (o->kind == OPTION_LAYOUT || o->kind == OPTION_TCP_INFO) {
        size_t most = o->kind == OPTION_TCP_INFO ? TCP_INFO_BYTES : room;

        if (len > most)
            len = (socklen_t)most;
        if (getsockopt(c->file.fd, o->level, o->host, raw, &len) != 0)
            return host_result(-1);
        layout_swap(raw, len, o->layout);
        return len;
    }
    len = sizeof(value);
    if (getsockopt(c->file.fd, o->level, o->host, &value, &len) != 0)
        return host_result(-1);
    if (o->kind == OPTION_ERROR)
        value = (int)errno_to_guest(value);
    put_word(raw, (uint32_t)value);
    if (o->kind == OPTION_BYTE_OR_INT && room > 0 && room < sizeof(value) &&
        value >= 0 && value <= UINT8_MAX) {
        raw[0] = (uint8_t)value;
        return 1;
    }
    return sizeof(value);
}

static int64_t get_option(const struct sock_call *c,
                          const struct sock_option *o, size_t room,
                          uint8_t *raw)
{
    if (is_for_host(o))
        return get_host(c, o, room, raw);
    if (o->kind == OPTION_TIMEOUT)
        return (int64_t)get_timeout(c->sk, o, raw);
    if (o->kind == OPTION_PEERCRED)
        return (int64_t)get_peercred(c->sk, raw);
    put_word(raw, c->sk->timestamp == o->host);
    return 4;
}

int64_t sys_getsockopt(struct task *t, const uint64_t a[6])
{
    int level = arg_int(a[1]);
    const struct sock_option *o;
    uint8_t raw[OPTION_BYTES] = {0};
    struct sock_call c;
    uint32_t room;
    int64_t len;
    int err = sock_get(t, a[0], &c);

    if (err)
        return err;
    o = sock_option_find(level, arg_int(a[2]));
    if (!o)
        return unknown(t, &c, level, arg_int(a[2]), false);
    if (get_user32(t, a[4], &room))
        return -EFAULT;
    if ((int)room < 0)
        return -EINVAL;
    if (room > sizeof(raw))
        room = sizeof(raw);
    /* SO_ERROR is taken. */
    if (user_room(t, a[4], 4) < 4 || user_waits(t))
        return -EFAULT;
    len = get_option(&c, o, room, raw);
    if (len < 0)
        return len;
    if (len > room)
        len = room;
    if (copy_to_user(t, a[3], raw, (size_t)len))
        return -EFAULT;
    return put_user32(t, a[4], (uint32_t)len);
}
