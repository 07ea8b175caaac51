// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/search.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check/check.h"
#include "explore/commute.h"
#include "script/alone.h"

#define CHUNK 16u /* states that a process takes at once */
#define FIRST 1u  /* the state of a memory where nothing was done */

/* What the processes of a search share, beside states and findings. */
struct board {
    _Atomic uint32_t next; /* state that nobody has taken yet */
    uint32_t end;          /* of this depth */
    /* Those that were taken, and not gone through, as there was no room; and
     * those of the last time, which come first. */
    _Atomic uint32_t nr_left;
    uint32_t left[SEARCH_MAX_JOBS * CHUNK];
    _Atomic uint32_t next_again;
    uint32_t nr_again;
    uint32_t again[SEARCH_MAX_JOBS * CHUNK];
    struct found_way at[SEARCH_MAX_JOBS];      /* what each process does, */
    struct coverage coverage[SEARCH_MAX_JOBS]; /* and what it came by */
    _Atomic uint64_t tries;
    _Atomic bool stop; /* why is below */
    _Atomic int why;   /* enum search_end: the first reason to stop */
    _Atomic bool full; /* there is no room for more states */
    _Atomic bool failed;
    _Atomic bool used_up; /* a sequence needs more frames than there are */
};

struct search {
    struct search_config config;
    struct seen *seen;
    struct found_list *found;
    struct commute *commute; /* NULL: each order is gone through */
    struct board *board;
    struct timespec start;
    struct search_point at; /* while a depth is gone through: there */
    uint64_t ms;
};

static uint64_t ms_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(now.tv_sec - start->tv_sec) * 1000 +
           (uint64_t)((now.tv_nsec - start->tv_nsec) / 1000000);
}

struct search *search_create(const struct search_config *config)
{
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
    if (!config->no_merge && !config->both_orders)
        s->commute = commute_create(config->alphabet,
                                    config->world.profile->store->kind);
    if (!s->seen || !s->found || !s->board ||
        (!s->commute && !config->no_merge && !config->both_orders)) {
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
static void end_it(struct board *board, enum search_end why)
{
    int none = SEARCH_WHOLE;

    atomic_compare_exchange_strong(&board->why, &none, (int)why);
    atomic_store(&board->stop, true);
}

void search_stop(struct search *s)
{
    end_it(s->board, SEARCH_SIGINT);
}

/* ------------------------------------------------------------ one process */

struct worker {
    struct search *s;
    struct found_way *at;      /* in what is shared: if it dies of it, */
    struct coverage *coverage; /* and this, too */
    struct world *world;
    struct seen_adder adder;
    struct step_set asleep; /* in the state that was reached */
    uint64_t tries;
};

static const struct step *step_of(const struct search *s, uint16_t step)
{
    return &s->config.alphabet->steps[step - 1];
}

/* The steps to a state, the last one first. */
static unsigned way_back(const struct search *s, uint32_t state,
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

static struct judge *judge_of(const struct worker *k)
{
    return alone_judge(world_alone(k->world));
}

static void pass(struct worker *k, uint16_t step)
{
    bool armed = world_is_armed(k->world);

    (void)world_do(k->world, step_of(k->s, step));
    if (k->s->commute)
        commute_pass(k->s->commute, &k->asleep, step - 1u, armed);
}

/* The memory as it is in @state, from the start. */
static void reach(struct worker *k, uint32_t state)
{
    uint16_t steps[SEARCH_MAX_DEPTH];
    unsigned nr = way_back(k->s, state, steps);

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

    *k->at = way;
    r = world_do(k->world, step_of(k->s, step));
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
    if (!state_same(key, seen_key(k->s->seen, state)) ||
        !drive_result_is_empty(&step_of(k->s, step)->action, &r))
        coverage_take_step(k->coverage, k->world, step - 1u);
    /* Nothing has changed that could be seen again. */
    if (state_same(key, seen_key(k->s->seen, state))) {
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
    reach(k, state);
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
            can_be(k, step_of(s, (uint16_t)i)) &&
            !take_step(k, state, (uint16_t)i, &seen)) {
            k->tries = tries; /* they are all taken again */
            return false;
        }
    return true;
}

static bool is_over(const struct search *s)
{
    const struct search_config *config = &s->config;

    if (config->max_ms && ms_since(&s->start) >= config->max_ms)
        end_it(s->board, SEARCH_TIME);
    return atomic_load_explicit(&s->board->stop, memory_order_relaxed) ||
           atomic_load_explicit(&s->board->full, memory_order_relaxed) ||
           atomic_load_explicit(&s->board->failed, memory_order_relaxed);
}

/* To be done when there is room. */
static void leave(struct board *board, uint32_t state)
{
    board->left[atomic_fetch_add(&board->nr_left, 1)] = state;
}

/* A state of the depth that is divided may be another slice's. */
static bool is_ours(const struct search *s, uint32_t state)
{
    const struct search_config *config = &s->config;

    return s->at.share.depth == 0 || s->at.depth != s->at.share.depth ||
           seen_key(s->seen, state).low % config->slices == config->slice - 1;
}

static void work_on(struct worker *k, uint32_t state)
{
    struct board *board = k->s->board;

    if (!is_ours(k->s, state))
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

/* A process of its own.  What it found is in what is shared. */
static _Noreturn void run_worker(struct search *s, unsigned nr)
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

/* ---------------------------------------------------------------- the whole */

/* A fault of adiemu, and what it was doing; nothing more can be trusted. */
static void died(struct search *s, const struct found_way *at)
{
    const struct found_key key = {.class = FOUND_CRASH, .cause = CAUSE_UNKNOWN};

    (void)found_add(s->found, &key, at);
    end_it(s->board, SEARCH_CRASH);
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
            run_worker(s, nr);
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
        s->at.share.own += is_ours(s, i);
}

/* False: there is no next depth. */
static bool next_depth(struct search *s)
{
    struct search_point *at = &s->at;

    if (atomic_load(&s->board->used_up))
        end_it(s->board, SEARCH_FRAMES);
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
    end_it(s->board, SEARCH_ROOM);
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
        s->ms = ms_since(&s->start);
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
        reach(&k, i);
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
    unsigned nr = way_back(s, way->state, steps), n = 0;

    while (nr > 0)
        out[n++] = step_of(s, steps[--nr]);
    if (way->step != FOUND_AT_END)
        out[n++] = step_of(s, way->step);
    return n;
}
