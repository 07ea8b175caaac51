// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/search.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "explore/worker.h"

uint64_t search_ms(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(now.tv_sec - start->tv_sec) * 1000 +
           (uint64_t)((now.tv_nsec - start->tv_nsec) / 1000000);
}

struct search *search_create(const struct search_config *config)
{
    bool one_order = !config->no_merge && !config->both_orders;
    struct search *s = calloc(1, sizeof(*s));
    void *board;

    if (!s)
        return NULL;
    s->config = *config;
    s->config.world.scope = &config->alphabet->scope;
    s->seen = seen_create(config->max_states);
    s->found = found_create();
    board = mmap(NULL, sizeof(*s->board), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s->board = board == MAP_FAILED ? NULL : board;
    if (one_order)
        s->commute = commute_create(config->alphabet,
                                    config->world.profile->store->kind);
    if (!s->seen || !s->found || !s->board || (one_order && !s->commute)) {
        search_destroy(s);
        return NULL;
    }
    return s;
}

void search_destroy(struct search *s)
{
    if (!s)
        return;
    seen_destroy(s->seen);
    found_destroy(s->found);
    commute_destroy(s->commute);
    if (s->board)
        munmap(s->board, sizeof(*s->board));
    free(s);
}

/* Async-signal-safe. */
void search_end(struct board *board, enum search_end why)
{
    int none = SEARCH_WHOLE;

    atomic_compare_exchange_strong(&board->why, &none, (int)why);
    atomic_store(&board->stop, true);
}

void search_stop(struct search *s)
{
    search_end(s->board, SEARCH_SIGINT);
}

const struct step *search_step(const struct search *s, uint16_t step)
{
    return &s->config.alphabet->steps[step - 1];
}

unsigned search_way(const struct search *s, uint32_t state,
                    uint16_t steps[static SEARCH_MAX_DEPTH])
{
    unsigned nr = 0;

    while (state != FIRST) {
        struct seen_from from = seen_from(s->seen, state);

        steps[nr++] = from.step;
        state = from.state;
    }
    return nr;
}

bool search_is_ours(const struct search *s, uint32_t state)
{
    const struct search_config *config = &s->config;

    return s->at.share.depth == 0 || s->at.depth != s->at.share.depth ||
           seen_key(s->seen, state).low % config->slices == config->slice - 1;
}

/* ---------------------------------------------------------------- the whole */

/* A fault of adiemu, and what it was doing; nothing more can be trusted. */
static void died(struct search *s, const struct found_way *at)
{
    const struct found_key key = {.class = FOUND_CRASH, .cause = CAUSE_UNKNOWN};

    (void)found_add(s->found, &key, at);
    search_end(s->board, SEARCH_CRASH);
}

static int wait_for(struct search *s, const pid_t *pids, unsigned nr)
{
    int err = 0;

    for (unsigned i = 0; i < nr; i++) {
        int status;

        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (WIFSIGNALED(status) ||
            (WEXITSTATUS(status) && !atomic_load(&s->board->failed)))
            died(s, &s->board->at[i]);
        else if (WEXITSTATUS(status) && !err)
            err = -ENOMEM;
    }
    return err;
}

static int run_workers(struct search *s)
{
    pid_t pids[SEARCH_MAX_JOBS];
    unsigned nr = 0;
    int err = 0, ended;

    while (nr < s->config.jobs && !err) {
        s->board->at[nr] = (struct found_way){.state = FIRST};
        pids[nr] = fork();
        if (pids[nr] == 0)
            worker_run(s, nr);
        if (pids[nr] < 0)
            err = -EAGAIN;
        else
            nr++;
    }
    if (err)
        atomic_store(&s->board->stop, true);
    ended = wait_for(s, pids, nr);
    for (unsigned i = 0; i < nr; i++)
        coverage_add(&s->at.coverage, &s->board->coverage[i]);
    if (!err)
        err = ended;
    return !err && atomic_load(&s->board->failed) ? -ENOMEM : err;
}

/* What was left for want of room is done first, now that there is some. */
static int make_room(struct search *s)
{
    struct board *b = s->board;
    uint32_t nr = atomic_load(&b->nr_left);

    for (uint32_t i = 0; i < nr; i++)
        b->again[i] = b->left[i];
    b->nr_again = nr;
    atomic_store(&b->next_again, 0);
    atomic_store(&b->nr_left, 0);
    atomic_store(&b->full, false);
    return seen_grow(s->seen);
}

/* All states [first, end), which are of one depth. */
static int run_level(struct search *s, uint32_t first, uint32_t end)
{
    struct board *b = s->board;
    int err;

    atomic_store(&b->next, first);
    b->end = end;
    b->nr_again = 0;
    atomic_store(&b->next_again, 0);
    atomic_store(&b->nr_left, 0);
    err = run_workers(s);
    while (!err && atomic_load(&b->full) && !atomic_load(&b->stop)) {
        err = make_room(s);
        if (!err)
            err = run_workers(s);
    }
    return err;
}

static int add_first(struct search *s)
{
    struct seen_adder adder = {.seen = s->seen};
    struct world *w = world_create(&s->config.world);
    struct state_key key;

    if (!w)
        return -ENOMEM;
    key = state_key(w, &s->config.alphabet->scope);
    world_destroy(w);
    if (!seen_add(&adder, key, (struct seen_from){0}))
        return -ENOMEM;
    seen_give_back(&adder);
    return seen_number(s->seen);
}

static void tell(struct search *s, uint32_t states, uint64_t tries,
                 search_told_fn told, void *ctx)
{
    struct search_level level = {
        .depth = s->at.depth, .states = states, .tries = tries, .ms = s->ms};

    if (told)
        told(ctx, &level);
}

/* Is the depth that comes now, with the states [first, end), the one? */
static void divide(struct search *s, uint32_t first, uint32_t end)
{
    unsigned slices = s->config.slices;

    if (slices == 0 || s->at.share.depth ||
        end - first < (uint64_t)SEARCH_STATES_PER_SLICE * slices)
        return;
    s->at.share =
        (struct search_share){.depth = s->at.depth, .states = end - first};
    for (uint32_t i = first; i < end; i++)
        s->at.share.own += search_is_ours(s, i);
}

/* False: there is no next depth. */
static bool next_depth(struct search *s)
{
    struct search_point *at = &s->at;

    if (atomic_load(&s->board->used_up))
        search_end(s->board, SEARCH_FRAMES);
    if (atomic_load(&s->board->stop))
        return false;
    at->complete = at->depth;
    at->tries = atomic_load(&s->board->tries);
    at->done = at->depth == s->config.depth;
    if (!at->done) {
        at->first = at->end;
        at->end = seen_nr(s->seen) + 1;
        at->all = at->done = at->first == at->end;
        at->depth++;
        divide(s, at->first, at->end);
    }
    if (s->config.keep)
        s->config.keep(s->config.keep_ctx, s);
    return !at->done;
}

/* What was found is none the worse for it; the states are for who counts. */
static int end_for_room(struct search *s)
{
    search_end(s->board, SEARCH_ROOM);
    (void)!seen_number(s->seen);
    return 0;
}

static int begin(struct search *s)
{
    if (s->at.end)
        return 0;
    s->at.first = FIRST;
    s->at.end = FIRST + 1;
    return add_first(s);
}

int search_run(struct search *s, search_told_fn told, void *ctx)
{
    int err;

    clock_gettime(CLOCK_MONOTONIC, &s->start);
    err = begin(s);
    if (err || s->at.done)
        return err;
    do {
        uint32_t nr = s->at.end - s->at.first;

        err = run_level(s, s->at.first, s->at.end);
        if (!err)
            err = seen_number(s->seen);
        if (err == -ENOMEM && s->at.depth > 0)
            err = end_for_room(s);
        s->ms = search_ms(&s->start);
        if (!err)
            tell(s, nr, atomic_load(&s->board->tries) - s->at.tries, told, ctx);
    } while (!err && next_depth(s));
    found_sort(s->found);
    return err;
}

/* ------------------------------------------------------------------- points */

struct search_point search_point(const struct search *s)
{
    return s->at;
}

struct seen *search_seen(struct search *s)
{
    return s->seen;
}

struct found_list *search_findings(struct search *s)
{
    return s->found;
}

#define LOOKED_AT 64u /* states, of all */

/* Do the ways lead where they led? */
static bool leads_there(struct search *s, struct world *w)
{
    struct worker k = {.s = s, .world = w};
    uint32_t nr = seen_nr(s->seen), apart = nr / LOOKED_AT + 1;

    for (uint32_t i = FIRST; i <= nr; i += apart) {
        worker_reach(&k, i);
        if (!state_same(state_key(w, &s->config.alphabet->scope),
                        seen_key(s->seen, i)))
            return false;
    }
    return true;
}

int search_go_on(struct search *s, const struct search_point *at)
{
    struct world *w;
    bool same;

    if (at->depth > s->config.depth)
        return -ERANGE;
    w = world_create(&s->config.world);
    if (!w)
        return -ENOMEM;
    same = leads_there(s, w);
    world_destroy(w);
    if (!same)
        return -ESTALE;
    s->at = *at;
    /* No step was taken from the states of the last depth. */
    if (!at->all && at->depth < s->config.depth)
        s->at.done = false;
    atomic_store(&s->board->tries, at->tries);
    return 0;
}

/* ---------------------------------------------------------- what came of it */

const struct alphabet *search_alphabet(const struct search *s)
{
    return s->config.alphabet;
}

const struct world_config *search_world(const struct search *s)
{
    return &s->config.world;
}

struct search_result search_result(const struct search *s)
{
    return (struct search_result){
        .complete = s->at.complete,
        .all = s->at.all,
        .stopped = s->at.done ? SEARCH_WHOLE
                              : (enum search_end)atomic_load(&s->board->why),
        .states = seen_nr(s->seen),
        .tries = atomic_load(&s->board->tries),
        .ms = s->ms,
        .bytes = seen_bytes(s->seen),
        .nr_found = found_sort(s->found),
        .share = s->at.share,
        .coverage = s->at.coverage,
    };
}

const struct found *search_found(const struct search *s, unsigned n)
{
    return found_nth(s->found, n);
}

unsigned search_steps(const struct search *s, const struct found_way *way,
                      const struct step **out)
{
    uint16_t steps[SEARCH_MAX_DEPTH];
    unsigned nr = search_way(s, way->state, steps), n = 0;

    while (nr > 0)
        out[n++] = search_step(s, steps[--nr]);
    if (way->step != FOUND_AT_END)
        out[n++] = search_step(s, way->step);
    return n;
}
