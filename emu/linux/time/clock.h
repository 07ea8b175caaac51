/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/time/clock.h - the time that the guest sees
 *
 * Owns:    machine time
 * Used by: emu/, %tick
 *
 * Time comes from the machine, so that a run replays byte for byte.  It stands
 * still until somebody asks: for the time, for a CPU time, for a timeout.
 * From then on it goes on with the instruction clock, by what system calls
 * take (emu/linux/time/cputime.h), and by what the program sleeps.
 * --realtime gives the host's clock instead.
 */
#pragma once

#include "emu/internal.h"

#define CLOCK_G_REALTIME         0
#define CLOCK_G_MONOTONIC        1
#define CLOCK_G_PROCESS_CPUTIME  2
#define CLOCK_G_THREAD_CPUTIME   3
#define CLOCK_G_MONOTONIC_RAW    4
#define CLOCK_G_REALTIME_COARSE  5
#define CLOCK_G_MONOTONIC_COARSE 6
#define CLOCK_G_BOOTTIME         7

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

/* A nominal CPU: an instruction in each cycle of 6 GHz, about what an M7 of
 * 4.1 GHz does that issues two at a time. */
#define CLOCK_TICKS_PER_NS 6

/* clock_init - when the run begins, by the host's clock for files */
void clock_init(struct machine *m);

/* clock_start - somebody asks: from here on, instructions take time */
void clock_start(struct machine *m);

/* clock_insns - so many instructions take @ns; UINT64_MAX: for ever */
uint64_t clock_insns(const struct machine *m, uint64_t ns);

/* clock_ns - nanoseconds on clock @id, for a program that asks; false when
 * there is no such clock */
bool clock_ns(struct machine *m, int id, uint64_t *ns);

/* clock_now - machine time, ns: CLOCK_MONOTONIC, without asking */
uint64_t clock_now(const struct machine *m);

/* clock_date_ns - CLOCK_REALTIME, without asking: the date of something */
uint64_t clock_date_ns(const struct machine *m);

/* clock_host_date_ns - the date of the host, now */
uint64_t clock_host_date_ns(void);

/* clock_host_passed - the host waited since the call with 0, @most ns of
 * which count */
void clock_host_passed(struct machine *m, uint64_t most);

/* clock_ticks - %tick: one for each instruction; the first time clock_start()
 * follows, between two blocks */
uint64_t clock_ticks(struct machine *m);
