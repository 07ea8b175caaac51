/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/poll/signalfd.h - signals that are read from a descriptor
 *
 * Owns:    m->signalfds, which are all of them
 * Used by: calls that look whether a descriptor is ready
 * Source:  linux v6.2 fs/signalfd.c
 *
 * Whether one is ready depends on who asks.
 */
#pragma once

#include "emu/linux/sched/task.h"

/* signalfd_update - those are ready that have a signal for @t */
void signalfd_update(const struct task *t);

/* signalfd_wait - a new signal for one of them ends the wait of @t, which has
 * just looked */
void signalfd_wait(struct task *t);
