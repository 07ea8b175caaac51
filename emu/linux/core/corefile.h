/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/core/corefile.h - a core file that is being written
 *
 * Owns:    nothing; the descriptor is the caller's
 * Used by: emu/linux/core/
 * Source:  linux v6.2 fs/coredump.c dump_emit(), dump_skip(), dump_align()
 */
#pragma once

#include "emu/linux/sched/task.h"

struct core_file {
    struct task *t;   /* borrowed; whose limits count */
    int fd;           /* of the host */
    uint64_t limit;   /* RLIMIT_CORE, bytes that are written */
    uint64_t written; /* of these */
    uint64_t pos;     /* of what was asked for, holes too */
    uint64_t skip;    /* of these, at the end, a hole to come */
    int err;          /* the host's errno that ended it; 0: none */
};

/* core_emit - these bytes come next; false: the limit, or the host, ends it */
MUST_CHECK bool core_emit(struct core_file *f, const void *buf, size_t len);

/* core_skip - a hole comes next */
void core_skip(struct core_file *f, uint64_t len);

/* core_align - up to a multiple of @unit, a power of 2 */
void core_align(struct core_file *f, uint64_t unit);

/* core_finish - a hole at the end is part of the file */
void core_finish(struct core_file *f);
