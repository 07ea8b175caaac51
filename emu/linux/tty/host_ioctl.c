// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ioctl(2) of the host's files: terminals, /dev/random, and what a pipe has.
 *
 * Source: linux v6.2 drivers/tty/tty_io.c, tty_ioctl.c, pty.c
 */
#include <asm/termbits.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/host_file.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/syscall.h"
#include "emu/linux/tty/termios.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define RNDGETENTCNT_G IOR_G('R', 0, 4)
#define TIOCSWINSZ_G   IOW_G('t', 103, 8)
#define TIOCGPTPEER_G  IO_G('t', 137)

#define MEM_MAJOR    1   /* /dev/random is 1:8, /dev/urandom 1:9 */
#define ENTROPY_BITS 256 /* as kernel/random/entropy_avail */

struct call {
    struct task *t;
    int guest, fd; /* of the guest, of the host */
    uint32_t cmd;
    uint64_t arg;
};

/* ------------------------------------------------------------- terminals */

/* Settings of the terminal, or of the other side of a pty master. */
static int64_t get_settings(const struct call *c)
{
    struct termios2 host;
    struct termios2_g out;
    struct termio_g old;
    const void *raw = &out;
    size_t len = c->cmd == TCGETS2_G ? sizeof(out) : TERMIOS_G_BYTES;

    if (ioctl(c->fd, TCGETS2, &host) != 0)
        return host_result(-1);
    if (c->cmd == TCGETA_G) {
        termio_to_guest(&host, &old);
        raw = &old;
        len = sizeof(old);
    } else {
        termios_to_guest(&host, &out);
    }
    return copy_to_user(c->t, c->arg, raw, len) ? -EFAULT : 0;
}

static int import_settings(const struct call *c, struct termios2 *host)
{
    bool two = c->cmd >= TCSETS2_G && c->cmd <= TCSETSF2_G;
    struct termios2_g in;

    if (copy_from_user(c->t, &in, c->arg, two ? sizeof(in) : TERMIOS_G_BYTES))
        return -EFAULT;
    if (two)
        termios_speeds_from_guest(&in, host);
    termios_from_guest(&in, host);
    return 0;
}

static int import_old_settings(const struct call *c, struct termios2 *host)
{
    struct termio_g in;

    if (copy_from_user(c->t, &in, c->arg, sizeof(in)))
        return -EFAULT;
    termio_from_guest(&in, host);
    return 0;
}

/* set_termios(); @host_cmd: TCSETS2, TCSETSW2 or TCSETSF2 */
static int64_t set_settings(const struct call *c, unsigned long host_cmd)
{
    bool is_old =
        c->cmd == TCSETA_G || c->cmd == TCSETAW_G || c->cmd == TCSETAF_G;
    struct termios2 host;
    int err;

    if (ioctl(c->fd, TCGETS2, &host) != 0)
        return host_result(-1);
    err = tty_check_change(c->t, c->fd, SIG_TTOU);
    if (!err)
        err =
            is_old ? import_old_settings(c, &host) : import_settings(c, &host);
    return err ? err : host_result(ioctl(c->fd, host_cmd, &host));
}

/* Its fields are of 16 bits. */
static void swap_winsize(struct winsize *w)
{
    w->ws_row = htobe16(w->ws_row);
    w->ws_col = htobe16(w->ws_col);
    w->ws_xpixel = htobe16(w->ws_xpixel);
    w->ws_ypixel = htobe16(w->ws_ypixel);
}

static int64_t get_winsize(const struct call *c)
{
    struct winsize w;

    if (ioctl(c->fd, TIOCGWINSZ, &w) != 0)
        return host_result(-1);
    swap_winsize(&w);
    return copy_to_user(c->t, c->arg, &w, sizeof(w)) ? -EFAULT : 0;
}

static int64_t set_winsize(const struct call *c)
{
    struct winsize w;

    if (copy_from_user(c->t, &w, c->arg, sizeof(w)))
        return isatty(c->fd) ? -EFAULT : -ENOTTY;
    swap_winsize(&w);
    return host_result(ioctl(c->fd, TIOCSWINSZ, &w));
}

static int64_t open_peer(const struct call *c)
{
    unsigned guest = (unsigned)c->arg;
    struct stat st;
    int fd = ioctl(c->fd, TIOCGPTPEER,
                   open_flags_to_host(guest) | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return host_result(fd);
    if (fstat(fd, &st) == 0)
        fd = tty_opened(c->t, fd, &st, guest);
    return files_install(c->t, fd, guest & O_G_CLOEXEC);
}

/* random_ioctl(): the pool is full since the machine was started */
static int64_t get_entropy(const struct call *c)
{
    struct stat st;

    if (fstat(c->fd, &st) != 0 || !S_ISCHR(st.st_mode) ||
        (st.st_rdev != makedev(MEM_MAJOR, 8) &&
         st.st_rdev != makedev(MEM_MAJOR, 9)))
        return -ENOTTY;
    return put_user32(c->t, c->arg, ENTROPY_BITS);
}

/* What only differs in the number. */
enum argument {
    BY_VALUE,
    BY_VALUE_CHANGES, /* not in the background */
    GET_INT,
    SET_INT,
};

static const struct {
    uint32_t guest;
    enum argument argument;
    unsigned long host;
} simple[] = {
    {IO_G('T', 5), BY_VALUE_CHANGES, TCSBRK},
    {IO_G('T', 6), BY_VALUE_CHANGES, TCXONC},
    {IO_G('T', 7), BY_VALUE_CHANGES, TCFLSH},
    {0x5425, BY_VALUE_CHANGES, TCSBRKP},
    {IO_G('t', 122), BY_VALUE_CHANGES, TIOCCBRK},
    {IO_G('t', 123), BY_VALUE_CHANGES, TIOCSBRK},
    {IO_G('t', 13), BY_VALUE, TIOCEXCL},
    {IO_G('t', 14), BY_VALUE, TIOCNXCL},
    {IOW_G('t', 136, 4), BY_VALUE, TIOCSIG},
    {FIONREAD_G, GET_INT, FIONREAD},
    {IOR_G('t', 115, 4), GET_INT, TIOCOUTQ},
    {IOR_G('t', 0, 4), GET_INT, TIOCGETD},
    {IOR_G('t', 100, 4), GET_INT, TIOCGSOFTCAR},
    {IOR_G('t', 106, 4), GET_INT, TIOCMGET},
    {IOR_G('t', 134, 4), GET_INT, TIOCGPTN},
    {IOR_G('T', 0x32, 4), GET_INT, TIOCGDEV},
    {IOR_G('T', 0x38, 4), GET_INT, TIOCGPKT},
    {IOR_G('T', 0x39, 4), GET_INT, TIOCGPTLCK},
    {IOR_G('T', 0x40, 4), GET_INT, TIOCGEXCL},
    {0x5459, GET_INT, TIOCSERGETLSR},
    {IOW_G('t', 1, 4), SET_INT, TIOCSETD},
    {IOW_G('t', 101, 4), SET_INT, TIOCSSOFTCAR},
    {IOW_G('t', 107, 4), SET_INT, TIOCMBIC},
    {IOW_G('t', 108, 4), SET_INT, TIOCMBIS},
    {IOW_G('t', 109, 4), SET_INT, TIOCMSET},
    {IOW_G('t', 112, 4), SET_INT, TIOCPKT},
    {IOW_G('t', 135, 4), SET_INT, TIOCSPTLCK},
};

static int64_t get_int(const struct call *c, unsigned long host)
{
    int value;

    if (ioctl(c->fd, host, &value) != 0)
        return host_result(-1);
    return put_user32(c->t, c->arg, (uint32_t)value);
}

static int64_t set_int(const struct call *c, unsigned long host)
{
    uint32_t value;

    if (!isatty(c->fd))
        return -ENOTTY;
    if (get_user32(c->t, c->arg, &value))
        return -EFAULT;
    return host_result(ioctl(c->fd, host, &value));
}

/* One of the table; -ENOSYS: it is none. */
static int64_t do_simple(const struct call *c)
{
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        int err = 0;

        if (simple[i].guest != c->cmd)
            continue;
        switch (simple[i].argument) {
        case GET_INT: return get_int(c, simple[i].host);
        case SET_INT: return set_int(c, simple[i].host);
        case BY_VALUE_CHANGES:
            err = tty_check_change(c->t, c->fd, SIG_TTOU);
            break;
        case BY_VALUE: break;
        }
        return err ? err
                   : host_result(ioctl(c->fd, simple[i].host, (int)c->arg));
    }
    return -ENOSYS;
}

static int64_t others(const struct call *c)
{
    int64_t value = tty_jobctrl_ioctl(c->t, c->fd, c->cmd, c->arg);
    struct stat st;

    if (value == -ENOSYS)
        value = do_simple(c);
    if (value != -ENOSYS)
        return value;
    /* Nothing is missing where the kernel would say the same. */
    if (fstat(c->fd, &st) != 0 ||
        (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        warn_once(c->t, LOG_SYSCALL, "unsupported ioctl 0x%x on fd %d", c->cmd,
                  c->guest);
    return -ENOTTY;
}

int64_t host_ioctl(struct task *t, const struct user_file *file, uint32_t cmd,
                   uint64_t arg)
{
    const struct call c = {t, file->guest, file->fd, cmd, arg};

    switch (cmd) {
    case TCGETA_G:
    case TCGETS_G:
    case TCGETS2_G: return get_settings(&c);
    case TCSETA_G:
    case TCSETS_G:
    case TCSETS2_G: return set_settings(&c, TCSETS2);
    case TCSETAW_G:
    case TCSETSW_G:
    case TCSETSW2_G: return set_settings(&c, TCSETSW2);
    case TCSETAF_G:
    case TCSETSF_G:
    case TCSETSF2_G: return set_settings(&c, TCSETSF2);
    case TIOCGWINSZ_G: return get_winsize(&c);
    case TIOCSWINSZ_G: return set_winsize(&c);
    case TIOCGPTPEER_G: return open_peer(&c);
    case RNDGETENTCNT_G: return get_entropy(&c);
    default: return others(&c);
    }
}
