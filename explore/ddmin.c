// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/ddmin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t count(const bool *keep, size_t nr)
{
    size_t n = 0;

    for (size_t i = 0; i < nr; i++)
        n += keep[i];
    return n;
}

/* The @n-th of @parts parts of what is kept, or all but that. */
static void fill(const bool *keep, size_t nr, size_t n, size_t parts,
                 bool complement, bool *out)
{
    size_t kept = count(keep, nr), at = 0;
    size_t from = kept * n / parts, to = kept * (n + 1) / parts;

    for (size_t i = 0; i < nr; i++) {
        out[i] = keep[i] && (at >= from && at < to) != complement;
        at += keep[i];
    }
}

/* One granularity; @first: which set did it, from 0, or -1. */
static int try_parts(size_t nr, const bool *keep, size_t parts, bool *sets,
                     ddmin_first_fn ask, void *ctx, long *first)
{
    /* Of two parts each is what the other leaves. */
    size_t kinds = parts > 2 ? 2 : 1;

    for (size_t k = 0; k < kinds; k++)
        for (size_t n = 0; n < parts; n++)
            fill(keep, nr, n, parts, k == 1, sets + (k * parts + n) * nr);
    return ask(
        ctx,
        &(struct ddmin_sets){.nr = kinds * parts, .things = nr, .has = sets},
        first);
}

int ddmin(size_t nr, bool *keep, ddmin_first_fn first, void *ctx)
{
    bool *sets = calloc(2 * nr * nr + 1, sizeof(*sets));
    size_t parts = 2, left = nr;
    int err = 0;

    memset(keep, true, nr * sizeof(*keep));
    if (!sets)
        return -ENOMEM;
    while (left >= 2) {
        long which = -1;

        err = try_parts(nr, keep, parts, sets, first, ctx, &which);
        if (err)
            break;
        if (which >= 0) {
            memcpy(keep, sets + (size_t)which * nr, nr * sizeof(*keep));
            left = count(keep, nr);
            parts = (size_t)which < parts ? 2 : parts - 1;
        } else if (parts >= left) {
            break;
        } else {
            parts *= 2;
        }
        if (parts > left)
            parts = left;
    }
    free(sets);
    return err;
}
