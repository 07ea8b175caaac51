/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/tty/tty.h - controlling terminals and foreground process groups
 *
 * Owns:    struct tty: which session has which terminal
 * Used by: sys_open.c, host_ioctl.c, host_file.c, process.c, proc_task.c,
 *          emu/machine.c
 * Source:  linux v6.2 drivers/tty/tty_jobctrl.c
 * Differs: sessions and groups are the machine's, and the host does not know
 *          them: a ^C typed at the terminal that adiemu runs on ends the run,
 *          one typed at a terminal that a program has made is no signal
 */
#pragma once

#include <sys/stat.h>

#include "emu/linux/sched/process.h"

/* A terminal that is, or was, a controlling one; lives as long as the
 * machine. */
struct tty {
    uint64_t dev;     /* of the host; of a pty the slave */
    uint32_t session; /* 0: none */
    uint32_t pgrp;    /* in the foreground */
    bool host;        /* adiemu's own: the leader of its session is not ours */
    struct tty *prev, *next;
};

/* tty_start - @t, the first process, has the terminal that adiemu has */
MUST_CHECK int tty_start(struct task *t);
void ttys_destroy(struct machine *m);

/*
 * tty_opened - open(2) of a file that may be a terminal
 *
 * @fd:    what the host's open() gave: -1 with errno set is fine
 * @st:    what was opened
 * @guest: the flags of open(2)
 * Returns the descriptor to go on with, in the place of @fd.
 */
int tty_opened(struct task *t, int fd, const struct stat *st, unsigned guest);

/*
 * tty_check_change - may a process of this group use its terminal?
 *
 * @fd:  of the host, any file
 * @sig: SIGTTIN or SIGTTOU, sent to the group if not
 * Returns 0, -EIO, -ERESTARTSYS_G.
 */
MUST_CHECK int tty_check_change(struct task *t, int fd, int sig);

/* tty_check_write - the same before a write: TOSTOP */
MUST_CHECK int tty_check_write(struct task *t, int fd);

/* tty_jobctrl_ioctl - TIOCSCTTY and its kin; -ENOTTY; -ENOSYS: none of them */
int64_t tty_jobctrl_ioctl(struct task *t, int fd, uint32_t cmd, uint64_t arg);

/* tty_leave - disassociate_ctty(): a session leader goes */
void tty_leave(struct process *p);

/* tty_number - tty_nr of /proc/PID/stat, 0: none */
uint32_t tty_number(const struct tty *tty);

#define TIOCNOTTY_G 0x20007471u
#define TIOCSPGRP_G 0x80047482u
#define TIOCGPGRP_G 0x40047483u
#define TIOCSCTTY_G 0x20007484u
#define TIOCGSID_G  0x40047485u
