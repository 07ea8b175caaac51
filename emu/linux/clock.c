#include "emu/linux/clock.h"

#include <time.h>

#define EPOCH_S UINT64_C(1676764800) /* 2023-02-19: the day of Linux 6.2 */
#define LOOK_NS 1000                 /* what a look at the clock costs */

static uint64_t machine_ns(struct machine *m)
{
    m->vtime_ns += LOOK_NS;
    return m->vtime_ns + engine_insns(m->engine);
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

bool clock_ns(struct machine *m, int id, uint64_t *ns)
{
    if (id < CLOCK_G_REALTIME || id > CLOCK_G_BOOTTIME)
        return false;
    if (m->options.realtime)
        return host_ns(id, ns);
    *ns = machine_ns(m);
    if (id == CLOCK_G_REALTIME || id == CLOCK_G_REALTIME_COARSE)
        *ns += EPOCH_S * NS_PER_S;
    return true;
}

uint64_t clock_now(const struct machine *m)
{
    uint64_t ns = 0;

    if (m->options.realtime)
        (void)host_ns(CLOCK_G_MONOTONIC, &ns);
    else
        ns = m->vtime_ns + engine_insns(m->engine);
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
    uint64_t ns = 0;

    (void)clock_ns(m, CLOCK_G_MONOTONIC, &ns);
    return ns;
}
