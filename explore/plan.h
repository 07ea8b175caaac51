/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/plan.h - what a run of a program is put under, by a seed
 *
 * Owns:    struct plan: options of "adiemu run"
 * Used by: explore/shrink.c, cli/trials.c
 *
 * The same seed and limits give the same plan, on every host.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are tried without. */
enum plan_kind {
    PLAN_FAIL,
    PLAN_RAM,
    PLAN_WAIT,
    PLAN_SWAP,    /* --stress=swap */
    PLAN_MIGRATE, /* --stress=migrate */
    PLAN_SCHEDULE,
    PLAN_QUANTUM,
    PLAN_DEVICE, /* --swap */
    PLAN_KINDS
};

#define PLAN_WORD_MAX 48

struct plan {
    unsigned nr;
    struct {
        enum plan_kind kind;
        char word[PLAN_WORD_MAX]; /* "--ram=4096K" */
    } parts[PLAN_KINDS];          /* each kind once, in their order */
};

/* Of the plain run, and of the user. */
struct plan_limits {
    uint64_t insns;    /* that it takes */
    uint64_t ram_peak; /* bytes that it had in use at once */
    unsigned given;    /* a bit for each kind that is as the user says */
};

/* plan_of_seed - what it is put under: by 0 nothing, but there is a device */
void plan_of_seed(uint64_t seed, const struct plan_limits *limits,
                  struct plan *out);

bool plan_has(const struct plan *p, enum plan_kind kind);

/* plan_without - the same without its @n-th part */
struct plan plan_without(const struct plan *p, unsigned n);

/* plan_without_stress - without those that scripts can do, see docs/events.md
 */
struct plan plan_without_stress(const struct plan *p);
