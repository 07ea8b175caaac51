// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/tty/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/path/path.h"
#include "emu/linux/signal/jobctl.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define TTYAUX_MAJOR 5 /* minor 0: /dev/tty, 1: /dev/console, 2: /dev/ptmx */
#define PTS_MAJOR    136

static struct tty *tty_get(struct machine *m, uint64_t dev)
{
    struct tty *tty;

    DL_FOREACH(m->ttys, tty) {
        if (tty->dev == dev)
            return tty;
    }
    tty = calloc(1, sizeof(*tty));
    if (tty) {
        tty->dev = dev;
        DL_APPEND(m->ttys, tty);
    }
    return tty;
}

void ttys_destroy(struct machine *m)
{
    struct tty *tty, *next;

    DL_FOREACH_SAFE(m->ttys, tty, next) {
        DL_DELETE(m->ttys, tty);
        free(tty);
    }
}

/* Where the signals of a terminal go: @fd itself, or the slave of a master. */
static bool terminal_of(const struct task *t, int fd, uint64_t *dev,
                        bool *master)
{
    unsigned number;
    struct stat st;

    *master = false;
    if (fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode))
        return false;
    *dev = st.st_rdev;
    if (st.st_rdev == makedev(TTYAUX_MAJOR, 2)) {
        *master = ioctl(fd, TIOCGPTN, &number) == 0;
        *dev = makedev(PTS_MAJOR, number);
        return *master;
    }
    if (st.st_rdev == makedev(TTYAUX_MAJOR, 0) && t->process->tty)
        *dev = t->process->tty->dev;
    return isatty(fd);
}

static void set_tty(struct task *t, struct tty *tty)
{
    tty->session = t->process->sid;
    tty->pgrp = t->process->pgid;
    t->process->tty = tty;
}

/* tty_nr of adiemu itself; 0: it has none */
static unsigned host_tty_number(void)
{
    char text[256], *p = NULL;
    FILE *f = fopen("/proc/self/stat", "re");
    unsigned nr = 0;

    if (f && fgets(text, sizeof(text), f))
        p = strrchr(text, ')'); /* the name may hold anything */
    if (p && sscanf(p, ") %*c %*d %*d %*d %u", &nr) != 1)
        nr = 0;
    if (f)
        fclose(f);
    return nr;
}

int tty_start(struct task *t)
{
    unsigned nr = host_tty_number();
    struct tty *tty;

    if (nr == 0)
        return 0;
    tty = tty_get(t->m,
                  makedev(nr >> 8 & 0xfff, (nr & 0xff) | (nr >> 12 & 0xfff00)));
    if (!tty)
        return -ENOMEM;
    tty->host = true;
    set_tty(t, tty);
    return 0;
}

uint32_t tty_number(const struct tty *tty)
{
    if (!tty)
        return 0;
    return (minor(tty->dev) & 0xff) | major(tty->dev) << 8 |
           (minor(tty->dev) & ~0xffu) << 12;
}

/* ----------------------------------------------------------------- open */

/* /dev/tty is the controlling terminal, which the host calls by its name. */
static int reopen(const struct task *t, int fd, unsigned guest)
{
    char name[32];

    if (fd >= 0 && t->process->tty && t->process->tty->host)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = ENXIO;
    if (!t->process->tty || major(t->process->tty->dev) != PTS_MAJOR)
        return -1;
    snprintf(name, sizeof(name), "/dev/pts/%u", minor(t->process->tty->dev));
    return open(name, open_flags_to_host(guest) | O_CLOEXEC | O_NOCTTY);
}

int tty_opened(struct task *t, int fd, const struct stat *st, unsigned guest)
{
    uint64_t dev = st->st_rdev;
    struct tty *tty;
    bool master;

    if (guest & O_G_PATH || !S_ISCHR(st->st_mode))
        return fd;
    if (dev == makedev(TTYAUX_MAJOR, 0))
        return reopen(t, fd, guest);
    /* tty_open_proc_set_tty() */
    if (fd < 0 || guest & O_G_NOCTTY || (guest & O_ACCMODE) == O_WRONLY ||
        t->process->sid != t->process->pid || t->process->tty ||
        dev == makedev(TTYAUX_MAJOR, 1) || !terminal_of(t, fd, &dev, &master) ||
        master)
        return fd;
    tty = tty_get(t->m, dev);
    if (tty && !tty->session)
        set_tty(t, tty);
    return fd;
}

/* ---------------------------------------------------------- foreground */

static bool is_ignored(const struct task *t, int sig)
{
    struct sigaction_g act = {0};

    return t->blocked & SIGMASK(sig) ||
           (signal_get_action(t, sig, &act) == 0 && act.handler == SIG_IGN_G);
}

/* __tty_check_change() */
static int check_change(struct task *t, const struct tty *tty, int sig)
{
    if (t->process->tty != tty || tty->pgrp == t->process->pgid)
        return 0;
    if (is_ignored(t, sig))
        return sig == SIG_TTIN ? -EIO : 0;
    if (jobctl_is_orphaned(t->m, t->process->pgid, NULL))
        return -EIO;
    jobctl_signal_group(t->m, t->process->pgid, sig);
    return -ERESTARTSYS_G;
}

int tty_check_change(struct task *t, int fd, int sig)
{
    uint64_t dev;
    bool master;

    if (!t->process->tty || t->process->tty->pgrp == t->process->pgid)
        return 0;
    if (!terminal_of(t, fd, &dev, &master) || master ||
        dev != t->process->tty->dev)
        return 0;
    return check_change(t, t->process->tty, sig);
}

int tty_check_write(struct task *t, int fd)
{
    struct termios now;

    if (!t->process->tty || t->process->tty->pgrp == t->process->pgid ||
        tcgetattr(fd, &now) != 0 || !(now.c_lflag & TOSTOP))
        return 0;
    return tty_check_change(t, fd, SIG_TTOU);
}

/* ---------------------------------------------------------------- ioctl */

static void session_clear_tty(struct machine *m, uint32_t session)
{
    struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->sid == session)
            p->tty = NULL;
    }
}

static int set_controlling(struct task *t, int fd, struct tty *tty, int steal)
{
    bool leader = t->process->sid == t->process->pid,
         admin = cred_capable(t, CAP_G_SYS_ADMIN);

    if (leader && tty->session == t->process->sid)
        return 0;
    if (!leader || t->process->tty)
        return -EPERM;
    if (tty->session) {
        if (steal != 1 || !admin)
            return -EPERM;
        session_clear_tty(t->m, tty->session);
    }
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY && !admin)
        return -EPERM;
    set_tty(t, tty);
    return 0;
}

/* The session that a process group belongs to; 0: there is none. */
static uint32_t session_of_pgrp(const struct machine *m, uint32_t pgid)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pgid == pgid)
            return p->sid;
    }
    p = process_find(m, pgid);
    return p ? p->sid : 0;
}

static int set_foreground(struct task *t, struct tty *tty, uint64_t va)
{
    int err = check_change(t, tty, SIG_TTOU);
    uint32_t pgid, session;

    if (err)
        return err == -EIO ? -ENOTTY : err;
    if (get_user32(t, va, &pgid))
        return -EFAULT;
    if ((int32_t)pgid < 0)
        return -EINVAL;
    if (t->process->tty != tty || tty->session != t->process->sid)
        return -ENOTTY;
    session = session_of_pgrp(t->m, pgid);
    if (session != t->process->sid)
        return session ? -EPERM : -ESRCH;
    tty->pgrp = pgid;
    return 0;
}

/* TIOCNOTTY: with a leader, all of the session lose it. */
static void give_up(struct task *t)
{
    tty_leave(t->process);
    t->process->tty = NULL;
}

int64_t tty_jobctrl_ioctl(struct task *t, int fd, uint32_t cmd, uint64_t arg)
{
    struct tty *tty;
    uint64_t dev;
    bool master;

    if (cmd != TIOCSCTTY_G && cmd != TIOCNOTTY_G && cmd != TIOCGPGRP_G &&
        cmd != TIOCSPGRP_G && cmd != TIOCGSID_G)
        return -ENOSYS;
    if (!terminal_of(t, fd, &dev, &master))
        return -ENOTTY;
    tty = tty_get(t->m, dev);
    if (!tty)
        return -ENOMEM;
    if (cmd == TIOCSCTTY_G)
        return set_controlling(t, fd, tty, arg_int(arg));
    if (cmd == TIOCSPGRP_G)
        return set_foreground(t, tty, arg);
    if ((!master || cmd == TIOCNOTTY_G) && t->process->tty != tty)
        return -ENOTTY;
    if (cmd == TIOCNOTTY_G) {
        give_up(t);
        return 0;
    }
    if (cmd == TIOCGPGRP_G)
        return put_user32(t, arg, tty->pgrp);
    return tty->session ? put_user32(t, arg, tty->session) : -ENOTTY;
}

void tty_leave(struct process *p)
{
    struct tty *tty = p->tty;

    /* Not from adiemu's own: who started adiemu is its leader. */
    if (!tty || p->sid != p->pid || (tty->host && process_dead(p)))
        return;
    jobctl_signal_group(p->m, tty->pgrp, SIG_HUP);
    if (!process_dead(p))
        jobctl_signal_group(p->m, tty->pgrp, SIG_CONT);
    tty->session = tty->pgrp = 0;
    session_clear_tty(p->m, p->sid);
}
