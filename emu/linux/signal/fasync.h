/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/fasync.h - SIGIO when an open file becomes ready, and SIGURG
 *
 * Owns:    m->fasyncs: the open files of which the host tells us
 * Used by: emu/linux/fs/, emu/linux/proc/, emu/linux/sched/, hostsig.c
 * Source:  linux v6.2 fs/fcntl.c fasync_helper(), kill_fasync()
 * Differs: of two sockets with urgent data the owners of both are told again
 *          when more comes to one; what comes from outside before the program
 *          looks at the first 1024 is lost
 *
 * The file is the host's, and the host knows when it is ready.  It sends us
 * one real-time signal for all of them, with the descriptor in it, at the end
 * of the very call that made the file ready.  Who gets which signal for that in
 * the machine is fowner.h's business.
 */
#pragma once

#include <signal.h>

#include "emu/internal.h"

struct open_file;

/* The host's signal for all: a program's is never told from it by its number,
 * but by its code, which nobody can send. */
#define FASYNC_SIGNAL SIGRTMAX

/*
 * fasync_set - O_ASYNC of the file behind @fd, on or off
 *
 * Returns 0; -ENOTTY: a file of this kind tells nobody; -ENOMEM, or what the
 * host says.
 */
MUST_CHECK int fasync_set(struct machine *m, struct open_file *file, int fd,
                          bool on);

/* fasync_is_set - does F_GETFL show O_ASYNC? */
bool fasync_is_set(const struct machine *m, const struct open_file *file);

/* fasync_tell_urgent - a socket with an owner: SIGURG, whatever O_ASYNC says;
 * 0 or an error as above */
MUST_CHECK int fasync_tell_urgent(struct machine *m, struct open_file *file);

/* fasync_notify - F_NOTIFY of the directory behind @fd; 0 or what the host
 * says */
MUST_CHECK int fasync_notify(struct machine *m, struct open_file *file, int fd,
                             uint64_t what);

/* fasync_release - the open file is about to go */
void fasync_release(struct machine *m, const struct open_file *file);

/* fasync_take - @info came to adiemu; true: it was about one of these files,
 * and the owner has been told */
bool fasync_take(struct machine *m, const siginfo_t *info);

/* fasync_any_outside - can one become ready by others than this machine? */
bool fasync_any_outside(const struct machine *m);
