/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print/json.h - what the parts of the JSON report are made of
 */
#pragma once

#include <jansson.h>

#include "judge/finding.h"

struct call_stack;
struct report;
struct timeline;

/* 64-bit values that may exceed 2^53 are hexadecimal strings. */
static inline json_t *hex(uint64_t v)
{
    return json_sprintf("0x%llx", (unsigned long long)v);
}

static inline json_t *num(uint64_t v)
{
    return json_integer((json_int_t)v);
}

/* report_json.c: null for event number 0 */
json_t *json_stamp(const struct stamp *s);

/* record_json.c: an array of @nr of them */
json_t *json_stamps(const struct stamp *stamps, size_t nr);

/* bug_json.c: "kernel_bug" */
json_t *json_kernel_bug(const struct report *r);

/* mismatch_json.c: frames, the innermost first; "mismatches" */
json_t *json_stack(const struct call_stack *s);
json_t *json_mismatches(const struct report *r);

/* record_json.c: "records", and errors that are kept one by one */
struct leak_records;
json_t *json_records(const struct report *r, const struct leak_records *leaks);
json_t *json_leaks(const struct report *r, const struct leak_records *leaks);
json_t *json_misreleases(const struct report *r,
                         const struct leak_records *leaks);
json_t *json_refusals(const struct report *r, const struct leak_records *leaks);
json_t *json_pages(const struct report *r, const struct leak_records *leaks);

/* pcname.c: each object with a "pc" in @tree gets its "code" */
void json_name_code(const struct report *r, json_t *tree, uint32_t program);

/* timeline_json.c: "history"; trims @t */
json_t *json_timeline(struct timeline *t);
