// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <poll.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/poll/poll.h"
#include "emu/linux/exec/personality.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define SIGSET_BYTES 8

/* select(2) in terms of poll(2), as in fs/select.c. */
#define IN_SET  (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define OUT_SET (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define EX_SET  POLLPRI

/* What a call waits for. */
struct poll_list {
    struct pollfd fds[FILES_MAX]; /* of the host; fd below 0: not this one */
    int guest[FILES_MAX];         /* the program's descriptor of each */
    unsigned nr;
};

/*
 * Returns false when @guest is no open file.  do_pollfd() looks a number up
 * each time that it looks: who has closed it meanwhile is told.  What the
 * number was is held all the same, for that wakes us.
 */
static bool list_add(const struct task *t, struct poll_list *list, int guest,
                     short events)
{
    const struct open_file *file = files_open_file(t->files, guest);

    list->guest[list->nr] = guest;
    list->fds[list->nr] = (struct pollfd){
        .fd = file ? open_file_host(file) : -EBADF, .events = events};
    return list->fds[list->nr++].fd >= 0;
}

/* Can one become ready by others than tasks of this machine? */
static bool any_outside(const struct task *t, const struct poll_list *list)
{
    for (unsigned i = 0; i < list->nr; i++)
        if (list->fds[i].fd >= 0 &&
            open_file_outside(files_open_file(t->files, list->guest[i])))
            return true;
    return false;
}

static int hold_all(struct task *t, const struct poll_list *list)
{
    int err = 0;

    for (unsigned i = 0; i < list->nr && !err; i++)
        if (list->fds[i].fd >= 0)
            err = call_hold(t, list->guest[i]);
    return err;
}

/*
 * Wait until one of @list is ready, at most *@left ns.
 *
 * Returns how many are ready, 0 when time is up, TASK_WAITS,
 * -ERESTARTNOHAND_G, -errno.
 */
static int64_t wait_ready(struct task *t, struct poll_list *list,
                          uint64_t *left)
{
    static const struct wait_results results = {.on_signal = -ERESTARTNOHAND_G};
    int n, err;

    files_poll(t);
    n = poll(list->fds, list->nr, 0);
    if (t->wait.again)
        *left = sched_time_left(t);
    if (n < 0 && errno != EINTR)
        return -errno;
    if (n > 0)
        return n;
    err = hold_all(t, list);
    if (err)
        return err;
    return sched_wait_fds(t, list->fds, list->nr, any_outside(t, list), *left,
                          results);
}

/* ---- timeouts and masks */

int poll_get_timeout(struct task *t, uint64_t va, bool timeval, uint64_t *ns)
{
    struct timespec_g raw;
    int64_t sec, nsec;
    int err;

    *ns = FOREVER;
    if (va == 0)
        return 0;
    err = call_import(t, &raw, va, sizeof(raw));
    if (err)
        return err;
    sec = (int64_t)be64toh(raw.sec);
    nsec = (int64_t)be64toh(raw.nsec);
    if (timeval) {
        int32_t usec = (int32_t)(nsec >> 32);

        sec = (int64_t)((uint64_t)sec + (uint64_t)(usec / 1000000));
        nsec = usec % 1000000 * 1000;
    }
    if (sec < 0 || nsec < 0 || (uint64_t)nsec >= NS_PER_S)
        return -EINVAL;
    if ((uint64_t)sec >= FOREVER / NS_PER_S - 1)
        return 0;
    *ns = (uint64_t)sec * NS_PER_S + (uint64_t)nsec;
    return 0;
}

/* poll_select_finish(): tell how much time was left. */
static int64_t put_timeout(struct task *t, uint64_t va, bool timeval,
                           uint64_t before, uint64_t left, int64_t value)
{
    struct timespec_g raw = {htobe64(left / NS_PER_S),
                             htobe64(left % NS_PER_S)};

    bool sticky = t->personality & STICKY_TIMEOUTS_G;

    if (va == 0 || value == TASK_WAITS)
        return value;
    if (!sticky && (before == 0 || before == FOREVER))
        return value;
    if (timeval)
        raw.nsec = htobe64(left % NS_PER_S / 1000 << 32);
    if (!sticky && copy_to_user(t, va, &raw, sizeof(raw)) == 0)
        return value;
    /* It is not an error, but the call cannot be restarted. */
    return value == -ERESTARTNOHAND_G ? -EINTR : value;
}

int poll_set_mask(struct task *t, uint64_t va, uint64_t size)
{
    uint64_t set;

    if (va == 0 || t->wait.again)
        return 0;
    if (size != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, va, &set))
        return -EFAULT;
    t->saved_mask = t->blocked;
    t->restore_mask = true;
    signal_set_blocked(t, set);
    return 0;
}

void poll_unset_mask(struct task *t, int64_t value, int64_t interrupted)
{
    if (!t->restore_mask || value == interrupted || value == TASK_WAITS)
        return;
    t->restore_mask = false;
    signal_set_blocked(t, t->saved_mask);
}

/* ---- poll */

#define SAME_BITS 0xfb /* POLLIN to POLLRDBAND, but for POLLOUT */

static const struct {
    uint16_t guest, host;
} event_bits[] = {
    {0x0004, POLLOUT | POLLWRNORM}, /* one bit on SPARC */
    {POLL_G_WRBAND, POLLWRBAND},    {POLL_G_MSG, POLLMSG},
    {POLL_G_REMOVE, POLLREMOVE},    {POLL_G_RDHUP, POLLRDHUP},
};

static unsigned map_events(unsigned bits, bool to_guest)
{
    unsigned out = bits & SAME_BITS;

    for (size_t i = 0; i < sizeof(event_bits) / sizeof(event_bits[0]); i++) {
        unsigned guest = event_bits[i].guest, host = event_bits[i].host;

        if (bits & (to_guest ? host : guest))
            out |= to_guest ? guest : host;
    }
    return out;
}

static uint16_t revents_raw(short host)
{
    return htobe16((uint16_t)map_events((unsigned)host, true));
}

/* do_sys_poll() */
static int64_t do_poll(struct task *t, uint64_t va, unsigned nr, uint64_t *left)
{
    struct pollfd_g raw[FILES_MAX];
    struct poll_list list = {.nr = 0};
    unsigned closed = 0;
    uint64_t none = 0;
    int64_t value;
    int err;

    if (nr > (unsigned)files_limit(t))
        return -EINVAL;
    err = call_import(t, raw, va, nr * sizeof(*raw));
    if (err)
        return err;
    for (unsigned i = 0; i < nr; i++) {
        int guest = (int)be32toh(raw[i].fd);
        short events = (short)map_events(be16toh(raw[i].events), false);

        raw[i].revents = 0;
        if (!list_add(t, &list, guest, events) && guest >= 0) {
            raw[i].revents = revents_raw(POLLNVAL);
            closed++;
        }
    }
    value = wait_ready(t, &list, closed ? &none : left);
    if (closed && value == -ERESTARTNOHAND_G)
        value = 0; /* there is an answer */
    if (value < 0)
        return value;
    for (unsigned i = 0; i < nr; i++) {
        uint64_t at =
            va + i * sizeof(*raw) + offsetof(struct pollfd_g, revents);

        if (list.fds[i].fd >= 0)
            raw[i].revents = revents_raw(list.fds[i].revents);
        if (copy_to_user(t, at, &raw[i].revents, sizeof(raw[i].revents)))
            return -EFAULT;
    }
    return value + closed;
}

int64_t sys_poll(struct task *t, const uint64_t a[6])
{
    int ms = arg_int(a[2]);
    uint64_t left = ms < 0 ? FOREVER : (uint64_t)ms * 1000000;

    return do_poll(t, a[0], (uint32_t)a[1], &left);
}

int64_t sys_ppoll(struct task *t, const uint64_t a[6])
{
    uint64_t before, left;
    int64_t value;
    int err = poll_get_timeout(t, a[2], false, &before);

    if (!err)
        err = poll_set_mask(t, a[3], a[4]);
    if (err)
        return err;
    left = before;
    value = do_poll(t, a[0], (uint32_t)a[1], &left);
    poll_unset_mask(t, value, -ERESTARTNOHAND_G);
    return put_timeout(t, a[2], false, before, left, value);
}

/* ---- select */

#define SET_WORDS (FILES_MAX / 64)

struct fd_sets {
    uint64_t word[3][SET_WORDS]; /* in, out, exceptional */
};

static bool is_in(const uint64_t *set, unsigned fd)
{
    return set[fd / 64] >> fd % 64 & 1;
}

static int copy_sets(struct task *t, const uint64_t va[3], unsigned words,
                     struct fd_sets *sets, bool to_user)
{
    uint64_t raw[SET_WORDS];
    int err = 0;

    for (unsigned s = 0; s < 3; s++) {
        if (!va[s])
            continue;
        if (!to_user)
            err = call_import(t, raw, va[s], words * 8);
        if (err)
            return err;
        for (unsigned i = 0; i < words; i++) {
            if (to_user)
                raw[i] = htobe64(sets->word[s][i]);
            else
                sets->word[s][i] = be64toh(raw[i]);
        }
        if (to_user && copy_to_user(t, va[s], raw, words * 8))
            return -EFAULT;
    }
    return 0;
}

static const short set_events[3] = {IN_SET, OUT_SET, EX_SET};

/* Those that are in a set; 0 or -EBADF */
static int sets_to_list(const struct task *t, const struct fd_sets *want,
                        unsigned n, struct poll_list *list)
{
    for (unsigned fd = 0; fd < n; fd++) {
        int events = 0;

        for (unsigned s = 0; s < 3; s++)
            if (is_in(want->word[s], fd))
                events |= set_events[s];
        if (events && !list_add(t, list, (int)fd, (short)events))
            return -EBADF;
    }
    return 0;
}

/* Returns how many bits are set in @got. */
static int64_t list_to_sets(const struct fd_sets *want, struct poll_list *list,
                            struct fd_sets *got)
{
    int64_t count = 0;

    for (unsigned i = 0; i < list->nr; i++) {
        unsigned fd = (unsigned)list->guest[i];
        int64_t before = count;

        if (list->fds[i].fd < 0 || !list->fds[i].revents)
            continue;
        for (unsigned s = 0; s < 3; s++) {
            if (!is_in(want->word[s], fd) ||
                !(list->fds[i].revents & set_events[s]))
                continue;
            got->word[s][fd / 64] |= UINT64_C(1) << fd % 64;
            count++;
        }
        /* Hung up, and nobody asked: select() goes on waiting. */
        if (count == before)
            list->fds[i].fd = -1;
    }
    return count;
}

/* core_sys_select() */
static int64_t do_select(struct task *t, const uint64_t a[6], uint64_t *left)
{
    int n = arg_int(a[0]) < FILES_MAX ? arg_int(a[0]) : FILES_MAX;
    unsigned nr = (unsigned)n, words = (nr + 63) / 64;
    struct poll_list list = {.nr = 0};
    struct fd_sets want = {0}, got = {0};
    int64_t ready, count = 0;
    int err;

    if (n < 0)
        return -EINVAL;
    err = copy_sets(t, &a[1], words, &want, false);
    if (!err)
        err = sets_to_list(t, &want, nr, &list);
    if (err)
        return err;
    do {
        ready = wait_ready(t, &list, left);
        if (ready > 0)
            count = list_to_sets(&want, &list, &got);
    } while (ready > 0 && count == 0);
    if (ready < 0)
        return ready;
    return copy_sets(t, &a[1], words, &got, true) ? -EFAULT : count;
}

int64_t sys_select(struct task *t, const uint64_t a[6])
{
    uint64_t before, left;
    int64_t value;
    int err = poll_get_timeout(t, a[4], true, &before);

    if (err)
        return err;
    left = before;
    value = do_select(t, a, &left);
    return put_timeout(t, a[4], true, before, left, value);
}

int64_t sys__newselect(struct task *t, const uint64_t a[6])
{
    return sys_select(t, a);
}

int64_t sys_pselect6(struct task *t, const uint64_t a[6])
{
    uint64_t mask[2] = {0, 0}, before, left;
    int64_t value;
    int err;

    /* The last argument does not fit: it points at mask and size. */
    err = a[5] ? call_import(t, mask, a[5], sizeof(mask)) : 0;
    if (!err)
        err = poll_get_timeout(t, a[4], false, &before);
    if (!err)
        err = poll_set_mask(t, be64toh(mask[0]), be64toh(mask[1]));
    if (err)
        return err;
    left = before;
    value = do_select(t, a, &left);
    poll_unset_mask(t, value, -ERESTARTNOHAND_G);
    return put_timeout(t, a[4], false, before, left, value);
}
