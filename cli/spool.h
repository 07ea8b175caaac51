/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/spool.h - one standard input for several readers
 *
 * Owns:    what was read of it until now, in a temporary file
 * Used by: cli/children.c
 *
 * A file is opened anew for each reader, so that it can seek.  Anything else
 * is read no further than the reader that is ahead wants it, and passed on
 * through pipes.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "mm/types.h"

struct spool {
    bool closed;  /* there is none */
    bool is_file; /* or nothing to read: opened anew */
    FILE *file;   /* owned; what was read */
    off_t len;
    bool ended; /* there is no more */
};

/* spool_file - one without a name that no child inherits; NULL with errno */
FILE *spool_file(void);

struct spool_reader {
    int fd;   /* owned; we write there; -1: it needs nothing of us */
    off_t at; /* how much it got */
};

/* Returns 0 or -errno. */
MUST_CHECK int spool_init(struct spool *s);
void spool_fini(struct spool *s);

/*
 * spool_open - a new reader, from the start
 *
 * @child: gets its standard input, owned by the caller; -1: closed
 * Returns 0 or -errno.
 */
MUST_CHECK int spool_open(const struct spool *s, struct spool_reader *r,
                          int *child);
void spool_close(struct spool_reader *r);

/* Does it want what nobody has read yet? */
bool spool_wants(const struct spool *s, const struct spool_reader *r);

/* spool_fill - read on, after poll(2) has said that one can */
MUST_CHECK int spool_fill(struct spool *s);

/* spool_feed - pass on what there is; closes it at the end */
void spool_feed(const struct spool *s, struct spool_reader *r);
