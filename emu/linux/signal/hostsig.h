/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/hostsig.h - signals that somebody on the host sends to
 * adiemu
 *
 * Owns:    which have come, and what becomes of them
 * Used by: emu/ wherever m->interrupted is looked at
 *
 * They are for the program, as under qemu-user or valgrind: if its first
 * process handles, ignores or blocks the signal, it gets it.  All others do to
 * adiemu what they would do to a program: they end the run, with its report,
 * stop it, or do nothing.  SIGTERM always ends it.
 */
#pragma once

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "emu/internal.h"

struct sighand;

struct hostsigs *hostsigs_create(void);
void hostsigs_destroy(struct hostsigs *hs);

/*
 * hostsig_came - remember a signal of the host; safe in a signal handler that
 * is interrupted by no other
 *
 * @mask: of what the handler interrupts.  A real-time signal is blocked there
 *        until the program has this one: the host has the queue of the rest.
 */
void hostsig_came(struct machine *m, const siginfo_t *info, sigset_t *mask);

/* hostsig_is_known - may it come to us, and does the guest have such a one? */
bool hostsig_is_known(int sig);

/*
 * hostsig_inherit - exec() leaves SIG_IGN: what adiemu's caller ignored, the
 * first program finds so
 */
void hostsig_inherit(struct sighand *sh);

/*
 * hostsig_take - give the program what has come, or set m->interrupted
 *
 * Cheap when nothing has.
 */
void hostsig_take(struct machine *m);

/*
 * hostsig_poll - poll(2) until a signal comes, also one that came before
 *
 * @timeout: NULL: for ever
 */
void hostsig_poll(struct machine *m, struct pollfd *fds, unsigned nr,
                  const struct timespec *timeout);
