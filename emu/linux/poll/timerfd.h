/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/poll/timerfd.h - timers that are read from a descriptor
 *
 * Owns:    m->timerfds, which are all of them
 * Used by: emu/linux/sched/sched.c; calls that look whether a descriptor
 *          is ready
 * Source:  linux v6.2 fs/timerfd.c
 */
#pragma once

#include "emu/internal.h"

/* timerfd_fire - those that are due are ready */
void timerfd_fire(struct machine *m);

/* timerfd_deadline - machine time when the first that is not ready will be;
 * FOREVER: none will */
uint64_t timerfd_deadline(const struct machine *m);
