// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/time/clock.h"

#include <time.h>

/* 2030-01-01: after the date of any file that the program finds. */
#define EPOCH_S UINT64_C(1893456000)

void clock_start(struct machine *m)
{
    if (m->clock_asked)
        return;
    machine_start_clock(m);
    m->clock_asked = true;
    m->clock_base = machine_insns(m);
}

uint64_t clock_insns(const struct machine *m, uint64_t ns)
{
    if (m->options.realtime)
        return ns; /* roughly: who asks looks again */
    return ns > UINT64_MAX / CLOCK_TICKS_PER_NS ? UINT64_MAX
                                                : ns * CLOCK_TICKS_PER_NS;
}

static bool host_ns(int id, uint64_t *ns)
{
    static const clockid_t ids[] = {
        CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
        CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME};
    struct timespec ts;

    if (clock_gettime(ids[id], &ts) != 0)
        return false;
    *ns = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
    return true;
}

void clock_init(struct machine *m)
{
    /* Files may have the time of the last tick. */
    (void)host_ns(CLOCK_G_REALTIME_COARSE, &m->host_start_ns);
    m->timer_due = UINT64_MAX;
}

bool clock_ns(struct machine *m, int id, uint64_t *ns)
{
    if (id < CLOCK_G_REALTIME || id > CLOCK_G_BOOTTIME)
        return false;
    if (m->options.realtime)
        return host_ns(id, ns);
    clock_start(m);
    *ns = id == CLOCK_G_REALTIME || id == CLOCK_G_REALTIME_COARSE
              ? clock_date_ns(m)
              : clock_now(m);
    return true;
}

/* Instructions since somebody asked. */
static uint64_t counted(const struct machine *m)
{
    return m->clock_asked ? machine_insns(m) - m->clock_base : 0;
}

uint64_t clock_now(const struct machine *m)
{
    uint64_t ns = 0;

    if (m->options.realtime) {
        (void)host_ns(CLOCK_G_MONOTONIC, &ns);
        return ns;
    }
    return m->vtime_ns + counted(m) / CLOCK_TICKS_PER_NS;
}

uint64_t clock_date_ns(const struct machine *m)
{
    uint64_t ns = 0;

    if (!m->options.realtime)
        return EPOCH_S * NS_PER_S + clock_now(m);
    (void)host_ns(CLOCK_G_REALTIME, &ns);
    return ns;
}

uint64_t clock_host_date_ns(void)
{
    uint64_t ns = 0;

    (void)host_ns(CLOCK_G_REALTIME, &ns);
    return ns;
}

void clock_host_passed(struct machine *m, uint64_t most)
{
    uint64_t now = 0, passed;

    (void)host_ns(CLOCK_G_MONOTONIC, &now);
    passed = now - m->host_since_ns;
    m->host_since_ns = now;
    if (most > 0 && !m->options.realtime)
        m->vtime_ns += passed < most ? passed : most;
}

uint64_t clock_ticks(struct machine *m)
{
    if (!m->clock_asked) {
        m->clock_wanted = true;
        machine_kick(m);
    }
    if (m->options.realtime)
        return clock_now(m) * CLOCK_TICKS_PER_NS;
    return m->vtime_ns * CLOCK_TICKS_PER_NS + counted(m);
}
