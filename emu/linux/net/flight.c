// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/flight.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"

struct flight {
    int fd; /* owned; our end of the pipe */
    uint64_t dev, ino;
    struct scm scm; /* owned */
    struct flight *prev, *next;
};

void scm_put(struct scm *scm)
{
    for (unsigned i = 0; i < scm->nr; i++)
        open_file_put(scm->files[i]);
    free(scm->files);
    *scm = (struct scm){0};
}

int scm_get(struct scm *to, const struct scm *from)
{
    *to = *from;
    to->files = NULL;
    if (from->nr == 0)
        return 0;
    to->files = malloc(from->nr * sizeof(struct open_file *));
    if (!to->files)
        return -ENOMEM;
    for (unsigned i = 0; i < from->nr; i++)
        to->files[i] = open_file_get(from->files[i]);
    return 0;
}

int flight_begin(struct machine *m, const struct scm *scm)
{
    struct flight *f = malloc(sizeof(*f));
    int ends[2], err;
    struct stat st;

    if (!f)
        return -ENOMEM;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        err = (int)host_result(-1);
        goto free_flight;
    }
    err = fstat(ends[0], &st) == 0 ? scm_get(&f->scm, scm) : -errno;
    if (err)
        goto close_pipe;
    f->fd = ends[0];
    f->dev = st.st_dev;
    f->ino = st.st_ino;
    DL_APPEND(m->flights, f);
    return ends[1];

close_pipe:
    close(ends[0]);
    close(ends[1]);
free_flight:
    free(f);
    return err;
}

bool flight_arrived(struct machine *m, int token, const struct scm **out)
{
    struct flight *f;
    struct stat st;

    if (!m->flights || fstat(token, &st) != 0 || !S_ISFIFO(st.st_mode))
        return false;
    DL_FOREACH(m->flights, f) {
        if (f->ino == st.st_ino && f->dev == st.st_dev) {
            close(token);
            *out = &f->scm;
            return true;
        }
    }
    return false;
}

static void end(struct machine *m, struct flight *f)
{
    DL_DELETE(m->flights, f);
    close(f->fd);
    scm_put(&f->scm);
    free(f);
}

static struct flight *find_over(const struct machine *m)
{
    struct flight *f;

    DL_FOREACH(m->flights, f) {
        struct pollfd p = {.fd = f->fd};

        if (poll(&p, 1, 0) == 1 && p.revents & POLLHUP)
            return f;
    }
    return NULL;
}

/* A file that is let go may be a socket, with flights in its queue. */
void flights_reap(struct machine *m)
{
    struct flight *f;

    if (m->reaping_flights)
        return;
    m->reaping_flights = true;
    while ((f = find_over(m)) != NULL)
        end(m, f);
    m->reaping_flights = false;
}

void flights_destroy(struct machine *m)
{
    m->reaping_flights = true;
    while (m->flights)
        end(m, m->flights);
}
