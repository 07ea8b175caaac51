// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets. */
#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "emu/linux/net/abi_net.h"
#include "emu/linux/strace/print.h"
#include "emu/linux/syscall.h"

void print_socktype(struct arg *p)
{
    static const struct flag more[] = {{SOCK_G_NONBLOCK, "SOCK_NONBLOCK"},
                                       {SOCK_G_CLOEXEC, "SOCK_CLOEXEC"},
                                       {0, NULL}};
    static const struct flag types[] = {
        {1, "SOCK_STREAM"}, {2, "SOCK_DGRAM"},     {3, "SOCK_RAW"},
        {4, "SOCK_RDM"},    {5, "SOCK_SEQPACKET"}, {0, NULL}};
    uint64_t flags = (uint32_t)arg_value(p) & ~SOCK_G_TYPE_MASK;

    print_constant(p->f, arg_value(p) & SOCK_G_TYPE_MASK, types, NULL);
    if (!flags)
        return;
    fputc('|', p->f);
    print_flags(p->f, flags, more);
}

void print_protocol(struct arg *p)
{
    static const struct flag protocols[] = {
        {0, "IPPROTO_IP"},   {1, "IPPROTO_ICMP"},    {6, "IPPROTO_TCP"},
        {17, "IPPROTO_UDP"}, {58, "IPPROTO_ICMPV6"}, {0, NULL}};
    uint64_t family = p->a[0];

    if (family == AF_INET || family == AF_INET6)
        print_constant(p->f, arg_value(p), protocols, NULL);
    else
        print_int(p);
}

/* --------------------------------------------------------------- addresses */

static void put_unix(FILE *f, const uint8_t *name, size_t len)
{
    if (len == 0)
        return;
    fputs(", sun_path=", f);
    if (name[0]) {
        print_quoted(f, name, strnlen((const char *)name, len));
    } else {
        fputc('@', f);
        print_quoted(f, name + 1, len - 1);
    }
}

static void put_inet(FILE *f, const uint8_t *raw, bool six)
{
    char text[INET6_ADDRSTRLEN] = "";
    unsigned port = (unsigned)raw[2] << 8 | raw[3];

    (void)inet_ntop(six ? AF_INET6 : AF_INET, raw + (six ? 8 : 4), text,
                    sizeof(text));
    if (six)
        fprintf(f,
                ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), "
                "inet_pton(AF_INET6, \"%s\", &sin6_addr), sin6_scope_id=%u",
                port,
                (unsigned)raw[4] << 24 | (unsigned)raw[5] << 16 |
                    (unsigned)raw[6] << 8 | raw[7],
                text,
                (unsigned)raw[24] << 24 | (unsigned)raw[25] << 16 |
                    (unsigned)raw[26] << 8 | raw[27]);
    else
        fprintf(f, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", port,
                text);
}

static void put_address(struct task *t, FILE *f, uint64_t va, uint64_t len)
{
    uint8_t raw[SOCKADDR_G_MAX] = {0};
    unsigned family;

    if (!va || len < 2 || len > sizeof(raw) ||
        !print_read(t, raw, va, (size_t)len)) {
        print_addr(f, va);
        return;
    }
    family = (unsigned)raw[0] << 8 | raw[1];
    fputs("{sa_family=", f);
    print_constant(f, family, names_family, NULL);
    if (family == AF_UNIX)
        put_unix(f, raw + 2, (size_t)len - 2);
    else if (family == AF_INET && len >= 8)
        put_inet(f, raw, false);
    else if (family == AF_INET6 && len >= 28)
        put_inet(f, raw, true);
    fputc('}', f);
}

/* Its length is the next argument. */
void print_sockaddr(struct arg *p)
{
    put_address(p->t, p->f, arg_value(p), (uint32_t)p->a[p->i + 1]);
}

static bool get_u32(struct task *t, uint64_t va, uint32_t *out)
{
    uint32_t raw;

    if (!va || !print_read(t, &raw, va, sizeof(raw)))
        return false;
    *out = be32toh(raw);
    return true;
}

/* Its length is where the next argument points. */
void print_sockaddr_out(struct arg *p)
{
    uint32_t len;

    if (get_u32(p->t, p->a[p->i + 1], &len))
        put_address(p->t, p->f, arg_value(p),
                    len < p->t->strace_len ? len : p->t->strace_len);
    else
        print_addr(p->f, arg_value(p));
}

void print_length_out(struct arg *p)
{
    uint32_t len;

    if (!get_u32(p->t, arg_value(p), &len))
        print_addr(p->f, arg_value(p));
    else if (len == p->t->strace_len)
        fprintf(p->f, "[%" PRIu32 "]", len);
    else
        fprintf(p->f, "[%" PRIu32 " => %" PRIu32 "]", p->t->strace_len, len);
}

void print_note_length(struct task *t, uint64_t va)
{
    if (!get_u32(t, va, &t->strace_len))
        t->strace_len = 0;
}

/* ---------------------------------------------------------------- messages */

static void put_msghdr(struct arg *p, uint64_t len)
{
    struct msghdr_g h;

    if (!arg_value(p) || !print_read(p->t, &h, arg_value(p), sizeof(h))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    fputs("{msg_name=", p->f);
    put_address(p->t, p->f, be64toh(h.name), be32toh(h.namelen));
    fprintf(p->f, ", msg_namelen=%" PRIu32 ", msg_iov=", be32toh(h.namelen));
    print_iovec(p->t, p->f, be64toh(h.iov), be64toh(h.iovlen), len);
    fprintf(p->f, ", msg_iovlen=%" PRIu64, be64toh(h.iovlen));
    if (h.control && h.controllen)
        fprintf(p->f, ", msg_control=%#" PRIx64, be64toh(h.control));
    fprintf(p->f,
            ", msg_controllen=%" PRIu64 ", msg_flags=", be64toh(h.controllen));
    print_flags(p->f, be32toh(h.flags), flags_msg);
    fputc('}', p->f);
}

void print_msghdr(struct arg *p)
{
    put_msghdr(p, UINT64_MAX);
}

void print_msghdr_out(struct arg *p)
{
    put_msghdr(p, (uint64_t)p->value);
}

/* ----------------------------------------------------------------- options */

void print_sockopt(struct arg *p)
{
    static const struct flag socket[] = {
        {0x1, "SO_DEBUG"},         {0x2, "SO_PASSCRED"},
        {0x4, "SO_REUSEADDR"},     {0x8, "SO_KEEPALIVE"},
        {0x10, "SO_DONTROUTE"},    {0x20, "SO_BROADCAST"},
        {0x40, "SO_PEERCRED"},     {0x80, "SO_LINGER"},
        {0x100, "SO_OOBINLINE"},   {0x200, "SO_REUSEPORT"},
        {0x800, "SO_RCVLOWAT"},    {0x1000, "SO_SNDLOWAT"},
        {0x1001, "SO_SNDBUF"},     {0x1002, "SO_RCVBUF"},
        {0x1007, "SO_ERROR"},      {0x1008, "SO_TYPE"},
        {0x1028, "SO_PROTOCOL"},   {0x1029, "SO_DOMAIN"},
        {0x2000, "SO_RCVTIMEO"},   {0x4000, "SO_SNDTIMEO"},
        {0x8000, "SO_ACCEPTCONN"}, {0, NULL}};
    static const struct flag tcp[] = {
        {1, "TCP_NODELAY"},  {2, "TCP_MAXSEG"},        {3, "TCP_CORK"},
        {4, "TCP_KEEPIDLE"}, {5, "TCP_KEEPINTVL"},     {6, "TCP_KEEPCNT"},
        {11, "TCP_INFO"},    {18, "TCP_USER_TIMEOUT"}, {0, NULL}};

    if (p->a[p->i - 1] == SOL_G_SOCKET)
        print_constant(p->f, arg_value(p), socket, "SO_???");
    else if (p->a[p->i - 1] == 6)
        print_constant(p->f, arg_value(p), tcp, "TCP_???");
    else
        print_int(p);
}

static void put_value(struct arg *p, uint64_t len)
{
    uint32_t value;

    if (len == sizeof(value) && get_u32(p->t, arg_value(p), &value))
        fprintf(p->f, "[%d]", (int)value);
    else
        print_bytes(p->t, p->f, arg_value(p), len);
}

void print_sockval(struct arg *p)
{
    put_value(p, (uint32_t)p->a[p->i + 1]);
}

void print_sockval_out(struct arg *p)
{
    uint32_t len;

    if (get_u32(p->t, p->a[p->i + 1], &len))
        put_value(p, len);
    else
        print_addr(p->f, arg_value(p));
}
