/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print/text.h - what the parts of the text report are made of
 */
#pragma once

#include <stdio.h>

#include "base/number.h"
#include "mm/types.h"

struct call_stack;
struct leak_records;
struct report;

#define P "==adiemu== "

/* report_text.c: "s" unless there is one */
const char *plural(uint64_t n);

/*
 * pcname.c: lines "@lead 0x123: function (file:line)"; and, in a line,
 * ", pc 0x123 = function (file:line)"
 */
void print_frame(FILE *out, const struct report *r, const char *lead,
                 uint32_t program, gva_t pc);
void print_pc(FILE *out, const struct report *r, uint32_t program, gva_t pc);

/* mismatch_text.c: every record */
void print_mismatches(FILE *out, const struct report *r);

/* record_text.c: every record; of leaks, also those @reachable */
void print_leaks(FILE *out, const struct report *r,
                 const struct leak_records *list, bool reachable);
void print_misreleases(FILE *out, const struct report *r);
void print_refusals(FILE *out, const struct report *r);
void print_findings(FILE *out, const struct report *r);
