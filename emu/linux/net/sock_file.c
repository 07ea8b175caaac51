// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kind of file that a socket is.
 *
 * Source: linux v6.2 net/socket.c socket_file_ops
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/fowner.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/net/layout.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/transfer.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define F_SETOWN_G      6
#define CAP_G_NET_ADMIN 12
#define SIOCOUTQ_G      IOR_G('t', 115, 4)

static const struct file_ops sock_ops;

static struct sock_call call_of(const struct user_file *file)
{
    return (struct sock_call){*file, open_file_data(file->file)};
}

static int64_t sock_read(struct task *t, const struct user_file *file,
                         struct user_iter *to, int64_t offset)
{
    const struct sock_call c = call_of(file);
    struct net_msg msg = {.it = *to, .nonblock = file->nonblock};

    if (offset != AT_POSITION)
        return -ESPIPE;
    return to->left == 0 ? 0 : sock_recv(t, &c, &msg);
}

static int64_t sock_write(struct task *t, const struct user_file *file,
                          struct user_iter *from, int64_t offset)
{
    const struct sock_call c = call_of(file);
    struct net_msg msg = {.it = *from, .nonblock = file->nonblock};

    if (offset != AT_POSITION)
        return -ESPIPE;
    if (c.sk->type == SOCK_SEQPACKET)
        msg.flags |= MSG_EOR;
    return sock_send(t, &c, &msg);
}

/* What the host's descriptor gives and takes: no message has a token that
 * could be missed but for descriptors, which splice(2) drops. */
static int sock_splice_read(struct task *t, const struct user_file *file,
                            int64_t offset, uint64_t len)
{
    (void)t, (void)file, (void)offset, (void)len;
    return 0;
}

static int sock_splice_write(struct task *t, const struct user_file *file)
{
    (void)t, (void)file;
    return 0;
}

/* ------------------------------------------------------------------- ioctl */

/* struct ifreq: a name, and what is asked of it */
struct ifreq_g {
    char name[IFNAMSIZ];
    uint8_t data[24];
};

static_assert(sizeof(struct ifreq_g) == sizeof(struct ifreq), "struct ifreq");

/* What a program may ask of an interface of the host; the numbers are the same
 * everywhere. */
static const struct {
    uint32_t cmd;
    const char *layout; /* of the data; layout.h */
} interface_calls[] = {
    {SIOCGIFNAME, "w"},    {SIOCGIFFLAGS, "h"},   {SIOCGIFADDR, "h"},
    {SIOCGIFDSTADDR, "h"}, {SIOCGIFBRDADDR, "h"}, {SIOCGIFNETMASK, "h"},
    {SIOCGIFMETRIC, "w"},  {SIOCGIFMTU, "w"},     {SIOCGIFHWADDR, "h"},
    {SIOCGIFINDEX, "w"},   {SIOCGIFTXQLEN, "w"},
};

static int64_t get_interface(struct task *t, int fd, uint32_t cmd,
                             const char *layout, uint64_t arg)
{
    struct ifreq_g r;

    if (copy_from_user(t, &r, arg, sizeof(r)))
        return -EFAULT;
    layout_swap(r.data, sizeof(r.data), layout);
    if (ioctl(fd, cmd, &r) != 0)
        return host_result(-1);
    layout_swap(r.data, sizeof(r.data), layout);
    return copy_to_user(t, arg, &r, sizeof(r)) ? -EFAULT : 0;
}

static bool sets_interface(uint32_t cmd)
{
    static const uint16_t cmds[] = {
        SIOCSIFNAME,    SIOCSIFFLAGS,   SIOCSIFADDR,   SIOCSIFDSTADDR,
        SIOCSIFBRDADDR, SIOCSIFNETMASK, SIOCSIFMETRIC, SIOCSIFMTU,
        SIOCSIFHWADDR,  SIOCSIFTXQLEN};

    for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
        if (cmds[i] == cmd)
            return true;
    return false;
}

/* The network is the host's, and it stays as it is. */
static int64_t set_interface(struct task *t, uint32_t cmd, uint64_t arg)
{
    struct ifreq_g r;

    if (copy_from_user(t, &r, arg, sizeof(r)))
        return -EFAULT;
    if (cred_capable(t, CAP_G_NET_ADMIN))
        warn_once(t, LOG_SYSCALL,
                  "unsupported: ioctl 0x%x, to change an interface", cmd);
    return -EPERM;
}

/* dev_ifconf(): as many as fit; without a buffer, how many bytes */
static int64_t get_interfaces(struct task *t, int fd, uint64_t arg)
{
    struct ifreq_g all[64];
    struct ifconf c = {.ifc_len = sizeof(all), .ifc_buf = (char *)all};
    uint64_t to;
    uint32_t room;
    size_t nr;

    if (get_user32(t, arg, &room) || get_user64(t, arg + 8, &to))
        return -EFAULT;
    if (to == 0)
        c.ifc_buf = NULL;
    if (ioctl(fd, SIOCGIFCONF, &c) != 0)
        return host_result(-1);
    nr = (size_t)c.ifc_len / sizeof(all[0]);
    if (to && nr > room / sizeof(all[0]))
        nr = room / sizeof(all[0]);
    for (size_t i = 0; to && i < nr; i++)
        layout_swap(all[i].data, sizeof(all[i].data), "h");
    if (to && copy_to_user(t, to, all, nr * sizeof(all[0])))
        return -EFAULT;
    return put_user32(t, arg, (uint32_t)(nr * sizeof(all[0])));
}

static int64_t get_int(struct task *t, int fd, unsigned long host, uint64_t arg)
{
    int value;

    if (ioctl(fd, host, &value) != 0)
        return host_result(-1);
    return put_user32(t, arg, (uint32_t)value);
}

/* f_setown() by another name */
static int64_t set_owner(struct task *t, const struct user_file *file,
                         uint64_t arg)
{
    uint32_t who;

    if (get_user32(t, arg, &who))
        return -EFAULT;
    return fowner_fcntl(t, file->guest, F_SETOWN_G, who);
}

static int64_t sock_ioctl(struct task *t, const struct user_file *file,
                          uint32_t cmd, uint64_t arg)
{
    switch (cmd) {
    case FIONREAD_G: return get_int(t, file->fd, FIONREAD, arg);
    case SIOCOUTQ_G: return get_int(t, file->fd, TIOCOUTQ, arg);
    case SIOCATMARK: return get_int(t, file->fd, SIOCATMARK, arg);
    case FIOSETOWN:
    case SIOCSPGRP: return set_owner(t, file, arg);
    case SIOCGIFCONF: return get_interfaces(t, file->fd, arg);
    default: break;
    }
    for (size_t i = 0; i < sizeof(interface_calls) / sizeof(interface_calls[0]);
         i++)
        if (interface_calls[i].cmd == cmd)
            return get_interface(t, file->fd, cmd, interface_calls[i].layout,
                                 arg);
    if (sets_interface(cmd))
        return set_interface(t, cmd, arg);
    /* A terminal's are asked of everything: isatty(). */
    if (cmd >> 8 == 0x89)
        warn_once(t, LOG_SYSCALL, "unsupported ioctl 0x%x of a socket", cmd);
    return -ENOTTY;
}

static void sock_release(void *data)
{
    sock_destroy(data);
}

static const struct file_ops sock_ops = {
    .read = sock_read,
    .write = sock_write,
    .splice_read = sock_splice_read,
    .splice_write = sock_splice_write,
    .ioctl = sock_ioctl,
    .release = sock_release,
};

struct sock *sock_of(const struct open_file *file)
{
    return open_file_ops(file) == &sock_ops ? open_file_data(file) : NULL;
}

int sock_install(struct task *t, struct sock *sk, unsigned flags)
{
    int fd = files_install(t, sk->host, (flags & SOCK_G_CLOEXEC) != 0);

    if (fd < 0) {
        sock_destroy(sk);
        return fd;
    }
    files_set_kind(t->files, fd, &sock_ops, sk);
    files_set_polled(t->files, fd, flags & SOCK_G_NONBLOCK, true);
    return fd;
}

/* NULL: no memory of the host */
static struct sock *create_outside(struct machine *m, int host)
{
    int family = AF_UNSPEC, type = 0;
    socklen_t len = sizeof(int);
    struct sock *sk;

    (void)getsockopt(host, SOL_SOCKET, SO_DOMAIN, &family, &len);
    (void)getsockopt(host, SOL_SOCKET, SO_TYPE, &type, &len);
    sk = sock_create(m, host, family, type);
    if (sk)
        sk->blocking = !(fcntl(host, F_GETFL) & O_NONBLOCK);
    return sk;
}

int sock_adopt(struct task *t, int host, bool cloexec)
{
    struct sock *sk = create_outside(t->m, host);

    if (!sk) {
        close(host);
        return -ENOMEM;
    }
    return sock_install(t, sk,
                        (cloexec ? SOCK_G_CLOEXEC : 0) |
                            (sk->blocking ? 0 : SOCK_G_NONBLOCK));
}

int sock_adopt_inherited(struct machine *m, struct files *f)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        struct sock *sk;
        struct stat st;

        if (!files_fdget(f, fd) || fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode))
            continue;
        sk = create_outside(m, fd);
        if (!sk)
            return -ENOMEM;
        files_set_kind(f, fd, &sock_ops, sk);
        files_set_polled(f, fd, !sk->blocking, true);
    }
    return 0;
}
