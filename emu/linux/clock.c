#include "emu/linux/clock.h"

#include <errno.h>
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

int clock_sleep(struct machine *m, uint64_t ns)
{
    struct timespec ts = {.tv_sec = (time_t)(ns / NS_PER_S),
                          .tv_nsec = (long)(ns % NS_PER_S)};

    if (!m->options.realtime) {
        m->vtime_ns += ns;
        return 0;
    }
    return nanosleep(&ts, NULL) == 0 ? 0 : -errno;
}

uint64_t clock_ticks(struct machine *m)
{
    uint64_t ns = 0;

    (void)clock_ns(m, CLOCK_G_MONOTONIC, &ns);
    return ns;
}
