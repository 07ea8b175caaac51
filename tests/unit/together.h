/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/together.h - processes that begin at the same time
 *
 * Owns:    how many have come
 * Used by: tests/unit/test_seen.c, test_found.c
 */
#pragma once

#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

/* In shared memory. */
struct together {
    unsigned nr;
    _Atomic unsigned came; /* to a point where they wait */
};

/* together_wait - until all have come here */
static inline void together_wait(struct together *t)
{
    unsigned before = atomic_fetch_add(&t->came, 1);
    unsigned all = (before / t->nr + 1) * t->nr;

    while (atomic_load(&t->came) < all)
        sched_yield();
}

typedef bool (*together_fn)(struct together *t, void *ctx, unsigned n);

/*
 * together_run - @one in @nr processes, each with its number from 0
 *
 * It may not use assertions: it returns false when something is wrong.
 */
static inline void together_run(unsigned nr, together_fn one, void *ctx)
{
    struct together *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(t, MAP_FAILED);
    t->nr = nr;
    for (unsigned n = 0; n < nr; n++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            _exit(one(t, ctx, n) ? 0 : 1);
    }
    for (unsigned n = 0; n < nr; n++) {
        int status = -1;

        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    munmap(t, sizeof(*t));
}
