/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/log.h - messages to stderr, by category and level
 *
 * Owns:    which categories speak, set at run time (--log)
 * Used by: every layer above
 *
 * A line is "CATEGORY LEVEL key=value ...": no clock, no host address, so
 * that two runs give the same bytes.
 */
#pragma once

#include <stdio.h>

#include "mm/types.h"

struct event;

enum log_category {
    LOG_CPU,
    LOG_MM,
    LOG_SWAP,
    LOG_TAGS,
    LOG_SYSCALL,
    LOG_SIGNAL,
    LOG_LOADER,
    LOG_EVENT,
    LOG_CATEGORIES
};

enum log_level { LOG_OFF, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log {
    enum log_level level[LOG_CATEGORIES];
    bool *partial; /* borrowed; stderr is in a line; NULL: it never is */
};

/* Every category at LOG_WARN. */
void log_init(struct log *log);

/*
 * log_configure - apply "swap:debug,cpu:info" or "all:debug"
 *
 * Returns 0, or -EINVAL with @bad at the word that is wrong.
 */
MUST_CHECK int log_configure(struct log *log, const char *spec,
                             const char **bad);

void log_print(const struct log *log, enum log_category c, enum log_level l,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* log_event - one line for an event, as told to the listeners */
void log_event(const struct log *log, const struct event *ev);

/* log_close - a file of ours: 0, or -errno when not all could be written */
MUST_CHECK int log_close(FILE *f);

/* log_end_line - before anything else is printed: as strace has it */
void log_end_line(const struct log *log);

static inline bool log_wants(const struct log *log, enum log_category c,
                             enum log_level l)
{
    return log->level[c] >= l;
}
