/*
 * report/text.h - what the parts of the text report are made of
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct call_stack;
struct report;

#define P "==adiemu== "

/* summary_text.c: 1,234,567; valgrind's way to write a number. */
const char *commas(uint64_t n, char buf[static 32]);

/* summary_text.c: "s" unless there is one */
const char *plural(uint64_t n);

/* mismatch_text.c: a line for each frame */
void print_stack(FILE *out, const struct call_stack *s);

/* mismatch_text.c: every record */
void print_mismatches(FILE *out, const struct report *r);
