// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/cmsg.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/layout.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* What AF_INET and AF_INET6 have: level and type are the same everywhere. */
static const struct {
    int level, type;
    const char *layout; /* layout.h */
} kinds[] = {
    {IPPROTO_IP, IP_PKTINFO, "wrr"},
    {IPPROTO_IP, IP_TTL, "w"},
    {IPPROTO_IP, IP_RECVERR, "wbbbbwwh"}, /* then the sockaddr */
    {IPPROTO_IPV6, IPV6_PKTINFO, "rrrrw"},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, "w"},
    {IPPROTO_IPV6, IPV6_TCLASS, "w"},
    {IPPROTO_IPV6, IPV6_RECVERR, "wbbbbwwh"},
    {IPPROTO_UDP, UDP_SEGMENT, "h"},
};

/* Of IP_TOS, sent as a word and received as a byte. */
static const char *layout_of(int level, int type, size_t len)
{
    if (level == IPPROTO_IP && type == IP_TOS)
        return len == 1 ? "b" : "w";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].level == level && kinds[i].type == type)
            return kinds[i].layout;
    return NULL;
}

/* ------------------------------------------------------------------- sent */

/* One of them, in host order but for its data. */
struct cmsg {
    size_t len; /* of the data */
    int level, type;
    uint8_t *data;
};

/* scm_fp_copy() */
static int get_rights(struct task *t, const struct cmsg *cm, struct scm *scm)
{
    size_t nr = cm->len / sizeof(uint32_t);
    struct open_file **all;

    if (nr == 0)
        return 0;
    if (nr > SCM_G_MAX_FD || scm->nr + nr > SCM_G_MAX_FD)
        return -EINVAL;
    all = realloc(scm->files, (scm->nr + nr) * sizeof(struct open_file *));
    if (!all)
        return -ENOMEM;
    scm->files = all;
    for (size_t i = 0; i < nr; i++) {
        struct open_file *file;
        uint32_t fd;

        memcpy(&fd, cm->data + i * sizeof(fd), sizeof(fd));
        file = call_file(t, (int)be32toh(fd));
        if (!file)
            return -EBADF;
        all[scm->nr++] = open_file_get(file);
    }
    return 0;
}

static bool is_one_of(uint32_t id, const struct ids *ids)
{
    return id == ids->real || id == ids->effective || id == ids->saved;
}

/* scm_check_creds() */
static int get_cred(struct task *t, const struct cmsg *cm, struct scm *scm)
{
    struct ucred_g raw;
    struct sock_cred cred;

    if (cm->len != sizeof(raw))
        return -EINVAL;
    memcpy(&raw, cm->data, sizeof(raw));
    cred = (struct sock_cred){be32toh(raw.pid), be32toh(raw.uid),
                              be32toh(raw.gid)};
    if ((cred.pid != t->process->pid && !cred_capable(t, CAP_G_SYS_ADMIN)) ||
        (!is_one_of(cred.uid, &t->cred.uid) &&
         !cred_capable(t, CAP_G_SETUID)) ||
        (!is_one_of(cred.gid, &t->cred.gid) && !cred_capable(t, CAP_G_SETGID)))
        return -EPERM;
    if (!process_find(t->m, cred.pid))
        return -ESRCH;
    scm->cred = cred;
    scm->has_cred = true;
    return 0;
}

/* __scm_send(), when the family is AF_UNIX; else __sock_cmsg_send() */
static int get_socket_level(struct task *t, const struct sock_call *c,
                            const struct cmsg *cm, struct net_call *net)
{
    bool unix_socket = c->sk->family == AF_UNIX;

    if (cm->type == SCM_G_RIGHTS)
        return unix_socket ? get_rights(t, cm, &net->scm) : 0;
    if (cm->type == SCM_G_CREDENTIALS)
        return unix_socket ? get_cred(t, cm, &net->scm) : 0;
    if (!unix_socket)
        warn_once(t, LOG_SYSCALL, "unsupported: control message %d is sent",
                  cm->type);
    return -EINVAL;
}

static int add_to_host(struct task *t, const struct cmsg *cm,
                       struct net_msg *msg)
{
    const char *layout = layout_of(cm->level, cm->type, cm->len);
    struct cmsghdr h = {.cmsg_len = CMSG_LEN(cm->len),
                        .cmsg_level = cm->level,
                        .cmsg_type = cm->type};
    uint8_t *to = msg->control + msg->control_len;

    if (!layout) {
        warn_once(t, LOG_SYSCALL,
                  "unsupported: control message %d of level %d is sent",
                  cm->type, cm->level);
        return -EINVAL;
    }
    if (msg->control_len + CMSG_SPACE(cm->len) > NET_CONTROL_BYTES)
        return -ENOBUFS;
    memset(to, 0, CMSG_SPACE(cm->len));
    memcpy(to, &h, sizeof(h));
    memcpy(to + CMSG_LEN(0), cm->data, cm->len);
    layout_swap(to + CMSG_LEN(0), cm->len, layout);
    msg->control_len += CMSG_SPACE(cm->len);
    return 0;
}

static int import_one(struct task *t, const struct sock_call *c,
                      const struct cmsg *cm, struct net_call *net,
                      struct net_msg *msg)
{
    if (cm->level == SOL_G_SOCKET)
        return get_socket_level(t, c, cm, net);
    return c->sk->family == AF_UNIX ? 0 : add_to_host(t, cm, msg);
}

static size_t align8(size_t len)
{
    return (len + 7) & ~(size_t)7;
}

/* for_each_cmsghdr() */
static int import_each(struct task *t, const struct sock_call *c, uint8_t *raw,
                       size_t len, struct net_call *net, struct net_msg *msg)
{
    const size_t head = sizeof(struct cmsghdr_g);
    int err = 0;

    for (size_t at = 0; at + head <= len && !err;) {
        struct cmsghdr_g h;
        struct cmsg cm;
        uint64_t whole;

        memcpy(&h, raw + at, head);
        whole = be64toh(h.len);
        if (whole < head || whole > len - at) /* CMSG_OK() */
            return -EINVAL;
        cm = (struct cmsg){.len = whole - head,
                           .level = (int)be32toh(h.level),
                           .type = (int)be32toh(h.type),
                           .data = raw + at + head};
        err = import_one(t, c, &cm, net, msg);
        at += align8(whole);
    }
    return err;
}

int cmsg_import(struct task *t, const struct sock_call *c, uint64_t va,
                uint64_t len, struct net_call *net, struct net_msg *msg)
{
    uint8_t *raw;
    int err;

    if (len > OPTMEM_G_MAX)
        return -ENOBUFS;
    if (len == 0)
        return 0;
    raw = malloc(len);
    if (!raw)
        return -ENOMEM;
    err = call_import(t, raw, va, len);
    if (!err)
        err = import_each(t, c, raw, len, net, msg);
    free(raw);
    if (err)
        scm_put(&net->scm);
    return err;
}

/* --------------------------------------------------------------- received */

/* put_cmsg(); @data: big-endian */
static void put(struct task *t, struct cmsg_out *out, int level, int type,
                const void *data, size_t len)
{
    struct cmsghdr_g h = {.level = htobe32((uint32_t)level),
                          .type = htobe32((uint32_t)type)};
    uint64_t whole = sizeof(h) + len, space = align8(whole);

    if (!out->va || out->left < sizeof(h)) {
        out->cut = true;
        return;
    }
    if (out->left < whole) {
        out->cut = true;
        whole = out->left;
    }
    h.len = htobe64(whole);
    if (copy_to_user(t, out->va, &h, sizeof(h)) ||
        copy_to_user(t, out->va + sizeof(h), data, whole - sizeof(h)))
        return;
    if (space > out->left)
        space = out->left;
    out->va += space;
    out->left -= space;
}

static void put_cred(struct task *t, const struct sock_cred *cred,
                     struct cmsg_out *out)
{
    struct ucred_g raw = {htobe32(cred->pid), htobe32(cred->uid),
                          htobe32(cred->gid)};

    put(t, out, SOL_G_SOCKET, SCM_G_CREDENTIALS, &raw, sizeof(raw));
}

/* A file of somebody outside; its descriptor here, or -errno. */
static int install_outside(struct task *t, int host, bool cloexec)
{
    struct stat st;

    if (fstat(host, &st) == 0 && S_ISSOCK(st.st_mode))
        return sock_adopt(t, host, cloexec);
    return files_install(t, host, cloexec);
}

/* The @i-th descriptor of the message: its number here, or -errno. */
static int install(struct task *t, struct net_call *net, unsigned i,
                   bool cloexec)
{
    int host;

    if (i < net->scm.nr)
        return files_receive(t, net->scm.files[i], cloexec);
    i -= net->scm.nr;
    host = net->outside[i];
    net->outside[i] = -1;
    return install_outside(t, host, cloexec);
}

/* scm_detach_fds() */
static void put_rights(struct task *t, struct net_call *net,
                       struct cmsg_out *out)
{
    const uint64_t head = sizeof(struct cmsghdr_g);
    unsigned nr = net->scm.nr + net->nr_outside, i;
    struct cmsghdr_g h = {.level = htobe32(SOL_G_SOCKET),
                          .type = htobe32(SCM_G_RIGHTS)};
    uint64_t room = out->left <= head ? 0 : (out->left - head) / 4, space;

    for (i = 0; i < nr && i < room; i++) {
        uint64_t va = out->va + head + i * 4;
        int fd;

        if (user_room(t, va, 4) < 4)
            break;
        fd = install(t, net, i, out->cloexec);
        if (fd < 0 || put_user32(t, va, (uint32_t)fd))
            break;
    }
    out->cut |= i < nr;
    if (i == 0)
        return;
    h.len = htobe64(head + i * 4);
    space = align8(head + i * 4);
    if (copy_to_user(t, out->va, &h, sizeof(h)))
        return;
    if (space > out->left)
        space = out->left;
    out->va += space;
    out->left -= space;
}

/* scm_recv() */
static void put_unix(struct task *t, const struct sock_call *c,
                     struct net_call *net, struct cmsg_out *out)
{
    if (!out->va) {
        out->cut = c->sk->passcred || net->scm.nr || net->nr_outside;
        return;
    }
    if (c->sk->passcred)
        put_cred(t, &net->scm.cred, out);
    if (net->scm.nr || net->nr_outside)
        put_rights(t, net, out);
}

/* The time is the machine's, as everything's that a program sees. */
static void put_time(struct task *t, const struct sock_call *c,
                     struct cmsg_out *out)
{
    bool ns = c->sk->timestamp == SO_TIMESTAMPNS;
    struct timespec_g raw;
    struct timeval_g old;
    uint64_t now;

    clock_start(t->m);
    now = clock_date_ns(t->m);
    raw = (struct timespec_g){htobe64(now / NS_PER_S), htobe64(now % NS_PER_S)};
    old = (struct timeval_g){
        .sec = raw.sec, .usec = htobe32((uint32_t)(now % NS_PER_S / 1000))};
    if (ns)
        put(t, out, SOL_G_SOCKET, SO_G_TIMESTAMPNS, &raw, sizeof(raw));
    else
        put(t, out, SOL_G_SOCKET, SO_G_TIMESTAMP, &old, sizeof(old));
}

/* sock_extended_err: it has an errno */
static void swap_errno(uint8_t *data, size_t len)
{
    uint32_t value;

    if (len < sizeof(value))
        return;
    memcpy(&value, data, sizeof(value));
    value = htobe32(errno_to_guest((int)be32toh(value)));
    memcpy(data, &value, sizeof(value));
}

static void put_host(struct task *t, const struct cmsghdr *cm,
                     struct cmsg_out *out)
{
    size_t len = cm->cmsg_len - CMSG_LEN(0);
    uint8_t data[256];
    const char *layout = layout_of(cm->cmsg_level, cm->cmsg_type, len);

    if (!layout || len > sizeof(data)) {
        warn_once(t, LOG_SYSCALL,
                  "unsupported: control message %d of level %d is dropped",
                  cm->cmsg_type, cm->cmsg_level);
        return;
    }
    memcpy(data, CMSG_DATA(cm), len);
    layout_swap(data, len, layout);
    if (cm->cmsg_type == IP_RECVERR || cm->cmsg_type == IPV6_RECVERR)
        swap_errno(data, len);
    put(t, out, cm->cmsg_level, cm->cmsg_type, data, len);
}

void cmsg_put_all(struct task *t, const struct sock_call *c,
                  struct net_call *net, const struct net_msg *msg,
                  struct cmsg_out *out)
{
    struct msghdr h = {.msg_control = msg->control,
                       .msg_controllen = msg->control_len};
    struct cmsghdr *cm;

    if (c->sk->timestamp && c->sk->type != SOCK_STREAM)
        put_time(t, c, out);
    if (c->sk->family == AF_UNIX) {
        put_unix(t, c, net, out);
        return;
    }
    for (cm = CMSG_FIRSTHDR(&h); cm; cm = CMSG_NXTHDR(&h, cm))
        put_host(t, cm, out);
}
