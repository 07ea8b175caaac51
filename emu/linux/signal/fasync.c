// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/fasync.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/debug.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/fowner.h"
#include "emu/linux/syscall.h"

struct fasync {
    struct open_file *file; /* borrowed; it goes first */
    int fd;                 /* of the program, when O_ASYNC was set */
    bool async, urgent, notify;
    struct fasync *prev, *next;
};

static struct fasync *find(const struct machine *m,
                           const struct open_file *file)
{
    struct fasync *fa;

    DL_FOREACH(m->fasyncs, fa) {
        if (fa->file == file)
            return fa;
    }
    return NULL;
}

static struct fasync *find_host(const struct machine *m, int host)
{
    struct fasync *fa;

    DL_FOREACH(m->fasyncs, fa) {
        if (open_file_host(fa->file) == host)
            return fa;
    }
    return NULL;
}

/* The host may tell us of @file. */
static int own(int host)
{
    if (fcntl(host, F_SETSIG, FASYNC_SIGNAL) != 0 ||
        fcntl(host, F_SETOWN, getpid()) != 0)
        return -errno;
    return 0;
}

/* F_SETFL; it stays off, without an error, where the kind has no fasync() */
static int set_flag(int host, bool on)
{
    int flags = fcntl(host, F_GETFL);

    if (flags < 0 ||
        fcntl(host, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC) != 0)
        return -errno;
    flags = fcntl(host, F_GETFL);
    return flags >= 0 && (flags & O_ASYNC) == (on ? O_ASYNC : 0) ? 0 : -ENOTTY;
}

static struct fasync *find_or_add(struct machine *m, struct open_file *file)
{
    struct fasync *fa = find(m, file);

    if (fa)
        return fa;
    fa = malloc(sizeof(*fa));
    if (!fa)
        return NULL;
    *fa = (struct fasync){.file = file};
    DL_APPEND(m->fasyncs, fa);
    return fa;
}

/* Nobody needs it any more? */
static void drop_idle(struct machine *m, struct fasync *fa)
{
    int host = open_file_host(fa->file);

    if (fa->async || fa->urgent || fa->notify)
        return;
    DL_DELETE(m->fasyncs, fa);
    free(fa);
    (void)fcntl(host, F_SETOWN, 0);
    (void)fcntl(host, F_SETSIG, 0);
}

static int turn_off(struct machine *m, struct open_file *file)
{
    struct fasync *fa = find(m, file);

    if (!fa || !fa->async)
        return 0;
    (void)set_flag(open_file_host(file), false);
    fa->async = false;
    drop_idle(m, fa);
    return 0;
}

int fasync_set(struct machine *m, struct open_file *file, int fd, bool on)
{
    int host = open_file_host(file), err;
    struct fasync *fa;

    if (!on)
        return turn_off(m, file);
    fa = find_or_add(m, file);
    if (!fa)
        return -ENOMEM;
    if (fa->async)
        return 0;
    err = own(host);
    if (!err)
        err = set_flag(host, true);
    fa->async = !err;
    fa->fd = fd;
    drop_idle(m, fa);
    return err;
}

bool fasync_is_set(const struct machine *m, const struct open_file *file)
{
    const struct fasync *fa = find(m, file);

    return fa && fa->async;
}

int fasync_tell_urgent(struct machine *m, struct open_file *file)
{
    struct stat st;
    struct fasync *fa;
    int err;

    if (fstat(open_file_host(file), &st) != 0 || !S_ISSOCK(st.st_mode))
        return 0;
    fa = find_or_add(m, file);
    if (!fa)
        return -ENOMEM;
    err = own(open_file_host(file));
    fa->urgent |= !err;
    drop_idle(m, fa);
    return err;
}

int fasync_notify(struct machine *m, struct open_file *file, int fd,
                  uint64_t what)
{
    int host = open_file_host(file), err;
    struct fasync *fa = find_or_add(m, file);

    if (!fa)
        return -ENOMEM;
    err = own(host);
    if (!err && fcntl(host, F_NOTIFY, what) != 0)
        err = -errno;
    fa->notify |= !err;
    fa->fd = fd;
    drop_idle(m, fa);
    return err;
}

void fasync_release(struct machine *m, const struct open_file *file)
{
    struct fasync *fa = m->fasyncs ? find(m, file) : NULL;

    if (!fa)
        return;
    /* The first three are the caller's, and stay open. */
    if (fa->async)
        (void)set_flag(open_file_host(file), false);
    fa->async = fa->urgent = fa->notify = false;
    drop_idle(m, fa);
}

/* What comes from outside does not come again when a run is repeated. */
static void note_outside(const struct machine *m, const struct open_file *file)
{
    if (m->debug && open_file_outside(file))
        m->debug->ops->outside(m->debug->ctx);
}

/* send_sigurg(): of which socket, the host does not say */
static bool take_urgent(struct machine *m)
{
    struct fasync *fa;
    bool any = false;

    DL_FOREACH(m->fasyncs, fa) {
        struct pollfd pfd = {.fd = open_file_host(fa->file), .events = POLLPRI};

        if (!fa->urgent || poll(&pfd, 1, 0) <= 0 || !(pfd.revents & POLLPRI))
            continue;
        note_outside(m, fa->file);
        fowner_send_urgent(m, fa->file);
        any = true;
    }
    return any;
}

bool fasync_take(struct machine *m, const siginfo_t *info)
{
    struct fasync *fa;

    if (info->si_signo == SIGURG && info->si_code > 0)
        return take_urgent(m);
    if (info->si_signo != FASYNC_SIGNAL || info->si_code <= 0)
        return false;
    fa = find_host(m, info->si_fd);
    if (fa && (fa->async || fa->notify)) {
        note_outside(m, fa->file);
        fowner_send(m, fa->file, fa->fd, info->si_code);
    }
    return true;
}

bool fasync_any_outside(const struct machine *m)
{
    const struct fasync *fa;

    DL_FOREACH(m->fasyncs, fa) {
        if (open_file_outside(fa->file))
            return true;
    }
    return false;
}
