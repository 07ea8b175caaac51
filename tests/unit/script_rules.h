/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/script_rules.h - what the scripts of tests may do
 *
 * Owns:    nothing
 * Used by: tests/unit/test_script.c, test_script_errors.c
 */
#pragma once

#include <string.h>

#include "script/script.h"
#include "unit.h"

static inline bool is_syscall(const char *name)
{
    return strcmp(name, "mmap") == 0 || strcmp(name, "exit_group") == 0;
}

/* A program that runs on two nodes. */
static const struct script_rules program = {
    .refused = {[VERB_FORK] = "programs fork by themselves",
                [VERB_EXIT] = "programs end by themselves"},
    .nr_nodes = 2,
    .insns = true,
    .is_syscall = is_syscall,
};

/* The library alone. */
static const struct script_rules library = {.nr_nodes = 1};

static inline struct script parse_with(const char *text,
                                       const struct script_rules *rules)
{
    struct script s;

    assert_int_equal(script_parse(text, strlen(text), rules, &s), 0);
    return s;
}

/* One good line. */
static inline struct script_event one(const char *text,
                                      const struct script_rules *rules)
{
    struct script s = parse_with(text, rules);
    struct script_event ev;

    if (s.nr_errors)
        fail_msg("%s: %u:%u: %s", text, s.errors[0].line, s.errors[0].col,
                 s.errors[0].text);
    assert_int_equal(s.nr, 1);
    ev = s.events[0];
    script_free(&s);
    return ev;
}
