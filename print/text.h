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
struct stamp;

#define P "==adiemu== "

/*
 * pcname.c: lines "@lead 0x123: function (file:line)"; and, in a line,
 * ", pc 0x123 = function (file:line)"
 */
void print_frame(FILE *out, const struct report *r, const char *lead,
                 uint32_t program, gva_t pc);
void print_pc(FILE *out, const struct report *r, uint32_t program, gva_t pc);

/* bug_text.c: the BUG() at which the kernel stopped, if it did */
void print_kernel_bug(FILE *out, const struct report *r);

/* mismatch_text.c: a line for each frame, or more; every record */
void print_call_stack(FILE *out, const struct report *r,
                      const struct call_stack *s);
void print_mismatches(FILE *out, const struct report *r);

/* record_text.c: ", event 5, pid 1000 ..." to the end of the line; what
 * happened to a page, a line each */
void print_when(FILE *out, const struct report *r, const struct stamp *s);
void print_events(FILE *out, const struct report *r, const struct stamp *events,
                  size_t nr, size_t dropped);

/* record_text.c: every record; of leaks, also those @reachable */
void print_leaks(FILE *out, const struct report *r,
                 const struct leak_records *list, bool reachable);
void print_misreleases(FILE *out, const struct report *r);
void print_refusals(FILE *out, const struct report *r);
void print_findings(FILE *out, const struct report *r);
