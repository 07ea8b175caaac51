// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/look.h"

#include "judge/internal.h"

void judge_walk_copies(const struct judge *j,
                       void (*one)(void *ctx, const struct judge_copy *copy),
                       void *ctx)
{
    ledger_walk(j->ledger, one, ctx);
}

void judge_walk_trails(const struct judge *j,
                       void (*one)(void *ctx, const struct judge_trail *trail),
                       void *ctx)
{
    blames_walk(j->blames, one, ctx);
}

enum cause_id judge_frame_tags_by(const struct judge *j, pfn_t pfn)
{
    return blames_frame(j->blames, pfn);
}

enum cause_id judge_taken_by(const struct judge *j)
{
    return blames_taken(j->blames);
}
