// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/worker.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "script/alone.h"

static struct judge *judge_of(const struct worker *k)
{
    return alone_judge(world_alone(k->world));
}

static void pass(struct worker *k, uint16_t step)
{
    bool armed = world_is_armed(k->world);

    (void)world_do(k->world, search_step(k->s, step));
    if (k->s->commute)
        commute_pass(k->s->commute, &k->asleep, step - 1u, armed);
}

void worker_reach(struct worker *k, uint32_t state)
{
    uint16_t steps[SEARCH_MAX_DEPTH];
    unsigned nr = search_way(k->s, state, steps);

    world_restart(k->world);
    memset(&k->asleep, 0, sizeof(k->asleep));
    while (nr > 0)
        pass(k, steps[--nr]);
}

static void collect(struct worker *k, const struct found_seen *seen,
                    const struct found_way *way)
{
    (void)found_collect(k->s->found, judge_of(k), seen, way);
}

/* The model as it is now: is it sound? */
static void check(struct worker *k, const struct found_way *way)
{
    const struct check_failure *failure;
    struct found_key key = {.class = FOUND_INVARIANT, .cause = CAUSE_UNKNOWN};

    if (!k->s->config.check || world_check(k->world))
        return;
    failure = check_failure(alone_check(world_alone(k->world)));
    key.detail = failure->nr;
    (void)found_add(k->s->found, &key, way);
}

/* False: there is no room, and the state is to be gone through again. */
static bool take_step(struct worker *k, uint32_t state, uint16_t step,
                      const struct found_seen *seen)
{
    const struct search_config *config = &k->s->config;
    struct found_way way = {
        .length = k->s->at.depth + 1, .state = state, .step = step};
    struct drive_result r;
    struct found_key data;
    struct state_key key;
    bool changed;

    *k->at = way;
    r = world_do(k->world, search_step(k->s, step));
    k->tries++;
    coverage_take(k->coverage, k->world);
    if (world_is_used_up(k->world)) { /* the rest of the depth is done */
        atomic_store(&k->s->board->used_up, true);
        world_return(k->world);
        return true;
    }
    collect(k, seen, &way);
    if (world_data(k->world, &data))
        (void)found_add(k->s->found, &data, &way);
    key = state_key(k->world, &config->alphabet->scope);
    if (config->no_merge) {
        key.low += (uint64_t)state << 16 | step;
        key.high = key.low * UINT64_C(0x9e3779b97f4a7c15);
    }
    changed = !state_same(key, seen_key(k->s->seen, state));
    if (changed || !drive_result_is_empty(&search_step(k->s, step)->action, &r))
        coverage_take_step(k->coverage, k->world, step - 1u);
    if (!changed) { /* that could be seen again */
        if (world_took_frames(k->world))
            world_return(k->world);
        return true;
    }
    if (!seen_add(&k->adder, key,
                  (struct seen_from){.state = state, .step = step}))
        return false;
    world_return(k->world);
    return true;
}

/* A step for a process that is not there is none. */
static bool can_be(const struct worker *k, const struct step *step)
{
    const struct drive *d = alone_drive(world_alone(k->world));

    return step->action.pid == 0 || drive_find_mm(d, step->action.pid);
}

static bool go_through(struct worker *k, uint32_t state)
{
    const struct search *s = k->s;
    struct found_way way = {
        .length = s->at.depth, .state = state, .step = FOUND_AT_END};
    uint64_t tries = k->tries;
    struct found_seen seen;

    *k->at = way;
    worker_reach(k, state);
    seen = found_look(judge_of(k));
    if (world_mark(k->world) != 0) {
        atomic_store(&s->board->failed, true);
        return false;
    }
    check(k, &way);
    world_end(k->world);
    coverage_take(k->coverage, k->world);
    collect(k, &seen, &way);
    world_return(k->world);
    if (seen.bug || s->at.depth == s->config.depth)
        return true;
    for (unsigned i = 1; i <= s->config.alphabet->nr; i++)
        if (!step_set_has(&k->asleep, i - 1) &&
            can_be(k, search_step(s, (uint16_t)i)) &&
            !take_step(k, state, (uint16_t)i, &seen)) {
            k->tries = tries; /* they are all taken again */
            return false;
        }
    return true;
}

static bool is_over(const struct search *s)
{
    const struct search_config *config = &s->config;

    if (config->max_ms && search_ms(&s->start) >= config->max_ms)
        search_end(s->board, SEARCH_TIME);
    return atomic_load_explicit(&s->board->stop, memory_order_relaxed) ||
           atomic_load_explicit(&s->board->full, memory_order_relaxed) ||
           atomic_load_explicit(&s->board->failed, memory_order_relaxed);
}

/* To be done when there is room. */
static void leave(struct board *board, uint32_t state)
{
    board->left[atomic_fetch_add(&board->nr_left, 1)] = state;
}

static void work_on(struct worker *k, uint32_t state)
{
    struct board *board = k->s->board;

    if (!search_is_ours(k->s, state))
        return;
    if (!is_over(k->s) && go_through(k, state))
        return;
    if (!atomic_load(&board->stop) && !atomic_load(&board->failed))
        atomic_store(&board->full, true);
    leave(board, state);
}

/* Until all states of this depth are taken. */
static void work(struct worker *k)
{
    struct board *board = k->s->board;
    uint32_t i;

    while ((i = atomic_fetch_add(&board->next_again, 1)) < board->nr_again)
        work_on(k, board->again[i]);
    while (!is_over(k->s)) {
        uint32_t first = atomic_fetch_add(&board->next, CHUNK);

        if (first >= board->end)
            break;
        for (i = first; i < first + CHUNK && i < board->end; i++)
            work_on(k, i);
    }
}

_Noreturn void worker_run(struct search *s, unsigned nr)
{
    struct worker k = {.s = s,
                       .at = &s->board->at[nr],
                       .coverage = &s->board->coverage[nr],
                       .adder = {.seen = s->seen}};

    signal(SIGINT, SIG_IGN); /* who started us is told, too */
    k.world = world_create(&s->config.world);
    if (!k.world) {
        atomic_store(&s->board->failed, true);
        _exit(1);
    }
    work(&k);
    seen_give_back(&k.adder);
    atomic_fetch_add(&s->board->tries, k.tries);
    _exit(0);
}
