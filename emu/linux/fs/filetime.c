// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/filetime.h"

#include <stdlib.h>
#include <string.h>

#include "emu/linux/time/clock.h"

#define MAX_PAIRS 65536

struct pair {
    uint64_t host, guest; /* ns since 1970 */
};

struct file_times {
    struct pair *pairs; /* owned; ascending in both */
    size_t nr, room;
};

/* The first pair not before @host. */
static size_t find(const struct file_times *times, uint64_t host)
{
    size_t low = 0, high = times->nr;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (times->pairs[mid].host < host)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Half of the older half goes. */
static void forget_some(struct file_times *times)
{
    size_t half = times->nr / 2, kept = 0;

    for (size_t i = 1; i < half; i += 2)
        times->pairs[kept++] = times->pairs[i];
    memmove(times->pairs + kept, times->pairs + half,
            (times->nr - half) * sizeof(*times->pairs));
    times->nr -= half - kept;
}

static bool make_room(struct file_times *times)
{
    size_t room = times->room ? times->room * 2 : 16;
    struct pair *pairs;

    if (times->nr == MAX_PAIRS)
        forget_some(times);
    if (times->nr < times->room)
        return true;
    pairs = realloc(times->pairs, room * sizeof(*pairs));
    if (!pairs)
        return false;
    times->pairs = pairs;
    times->room = room;
    return true;
}

/* The machine's time for @host: now, but not after a later one's. */
static uint64_t time_of(struct machine *m, uint64_t host)
{
    struct file_times *times = m->file_times;
    uint64_t guest = clock_date_ns(m);
    size_t i;

    if (!times) {
        times = m->file_times = calloc(1, sizeof(*times));
        if (!times)
            return guest;
    }
    i = find(times, host);
    if (i < times->nr && times->pairs[i].host == host)
        return times->pairs[i].guest;
    if (!make_room(times))
        return guest;
    i = find(times, host);
    if (i < times->nr && times->pairs[i].guest < guest)
        guest = times->pairs[i].guest;
    memmove(times->pairs + i + 1, times->pairs + i,
            (times->nr - i) * sizeof(*times->pairs));
    times->pairs[i] = (struct pair){host, guest};
    times->nr++;
    return guest;
}

struct timespec filetime_to_guest(struct machine *m, struct timespec host)
{
    uint64_t ns = (uint64_t)host.tv_sec * NS_PER_S + (uint64_t)host.tv_nsec;

    /* utimensat() may set any time, which is nobody's clock. */
    if (m->options.realtime || host.tv_sec < 0 || ns < m->host_start_ns ||
        ns > clock_host_date_ns())
        return host;
    ns = time_of(m, ns);
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
                             .tv_nsec = (long)(ns % NS_PER_S)};
}

void filetime_destroy(struct file_times *times)
{
    if (!times)
        return;
    free(times->pairs);
    free(times);
}
