/*
 * emu/linux/clock.h - the time that the guest sees
 *
 * Owns:    machine time
 * Used by: emu/linux/, %tick
 *
 * Time comes from the machine, so that a run replays byte for byte: it goes
 * on with the instruction clock, by 1 us for each look at it, and by what
 * the program sleeps.  --realtime gives the host's clock instead.
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

#define NS_PER_S UINT64_C(1000000000)

/* clock_ns - nanoseconds on clock @id; false when there is no such clock */
bool clock_ns(struct machine *m, int id, uint64_t *ns);

/* clock_now - machine time, ns: the same as CLOCK_MONOTONIC, but looking at
 * it takes no time */
uint64_t clock_now(const struct machine *m);

/* clock_host_passed - the host waited since the call with 0, @most ns of
 * which count */
void clock_host_passed(struct machine *m, uint64_t most);

/* clock_ticks - %tick, at 1 GHz */
uint64_t clock_ticks(struct machine *m);
