/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/play.h - a script carried out on a memory without a CPU
 *
 * Owns:    struct play
 * Used by: tests/unit/test_drive.c, test_trigger.c, test_lines_act.c
 */
#pragma once

#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "script/alone.h"
#include "script/trigger.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* A script in progress: what each of its lines came to. */
struct play {
    struct alone *a;
    struct script script;
    struct triggers *triggers;
    struct drive_result result[64]; /* by line */
    unsigned fired[64];
    bool busy[64]; /* an action went on when it was done */
};

#define NODES 2

static inline struct alone *machine(const char *profile)
{
    struct alone_config config = {
        .profile = adi_profile_find(profile),
        .ram_bytes = 256 * PAGE_SIZE,
        .nr_nodes = NODES,
        .swaps = {{65 * PAGE_SIZE, -1}, {65 * PAGE_SIZE, -1}},
        .nr_swaps = 2};
    struct alone *a;

    assert_int_equal(alone_create(&config, &a), 0);
    return a;
}

static inline void fired(void *ctx, const struct script_event *ev,
                         const struct drive_result *r)
{
    struct play *p = ctx;

    assert_in_range(ev->line, 1, 63);
    p->result[ev->line] = *r;
    p->fired[ev->line]++;
    p->busy[ev->line] = p->triggers && triggers_busy(p->triggers);
}

static inline struct play play(const char *profile, const char *text)
{
    struct play p = {.a = machine(profile)};
    struct script_rules rules = alone_rules(NODES);

    assert_int_equal(script_parse(text, strlen(text), &rules, &p.script), 0);
    if (p.script.nr_errors)
        fail_msg("%u:%u: %s", p.script.errors[0].line, p.script.errors[0].col,
                 p.script.errors[0].text);
    return p;
}

static inline void start(struct play *p)
{
    p->triggers = triggers_create(&p->script, alone_drive(p->a),
                                  alone_memory(p->a), fired, p);
    assert_non_null(p->triggers);
    triggers_start(p->triggers);
}

static inline void finish(struct play *p)
{
    triggers_destroy(p->triggers);
    alone_exit(p->a, NULL);
    assert_int_equal(adi_store_use(alone_adi(p->a)).pages, 0);
    alone_destroy(p->a);
    script_free(&p->script);
}

/* Every line has to succeed. */
static inline void run(struct play *p)
{
    start(p);
    for (size_t i = 0; i < p->script.nr; i++) {
        unsigned line = p->script.events[i].line;

        if (p->result[line].err)
            fail_msg("line %u: %s", line, strerror(-p->result[line].err));
    }
}

static inline void run_clean(const char *text)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct play p = play(profiles[i], text);

        run(&p);
        finish(&p);
    }
}

static inline struct mm *process(const struct play *p, uint32_t pid)
{
    return drive_find_mm(alone_drive(p->a), pid);
}
