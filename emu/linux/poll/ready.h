/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/poll/ready.h - descriptors of the host that are ready when we say
 * so
 *
 * Owns:    m->ready_fd
 * Used by: emu/linux/sched/pidfd.c, timerfd.c, signalfd.c
 *
 * Such a descriptor is a set of epoll(7): readable while it has something in
 * it, and never writable.
 */
#pragma once

#include "emu/internal.h"

/* ready_create - one that is not ready, owned by the caller; or -ENFILE */
MUST_CHECK int ready_create(struct machine *m);

/* ready_set - @host is ready, or not; saying so twice is fine */
void ready_set(const struct machine *m, int host, bool on);
