/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/strace/print.h - how one argument of a call is printed
 *
 * Owns:    nothing
 * Used by: emu/linux/strace/
 */
#pragma once

#include <stdio.h>

#include "emu/linux/sched/task.h"

/* What there is to print. */
struct arg {
    struct task *t;
    FILE *f;
    const uint64_t *a; /* all six */
    unsigned i;        /* this one */
    int64_t value;     /* that the call has returned; of those printed then */
    FILE *aux;         /* in parentheses behind the value; see poll(2) */
    bool is_flags;     /* the value is a set of bits */
};

typedef void print_fn(struct arg *p);

/* The types of emu/linux/strace/calls.def. */
#define TYPE(name, function, when) print_fn function;
#include "emu/linux/strace/types.def"
#undef TYPE

static inline uint64_t arg_value(const struct arg *p)
{
    return p->a[p->i];
}

/* ---- print.c: what the others are made of */

/* print_read - @len bytes of the program's memory; false: not all are there */
bool print_read(struct task *t, void *to, uint64_t va, size_t len);

/* "NULL" or a hexadecimal number */
void print_addr(FILE *f, uint64_t va);

/* A string of the program, up to its 0; @max: bytes of it, then "..." */
void print_string(struct task *t, FILE *f, uint64_t va, size_t max);

/* @len bytes of the program's, cut as strace cuts them. */
void print_bytes(struct task *t, FILE *f, uint64_t va, uint64_t len);

/* Bytes that are here: escaped, and in quotes. */
void print_quoted(FILE *f, const uint8_t *bytes, size_t len);

/* Elements of an array that are shown; then "..." */
#define PRINT_MAX 32

/* ---- flags.c */

struct flag {
    uint64_t value;
    const char *name;
};

/* The names of bits, and what is left of them; "0" when there is none. */
void print_flags(FILE *f, uint64_t value, const struct flag *flags);

/* The name of one value; or the number, and @family: "SEEK_???" or NULL */
void print_constant(FILE *f, uint64_t value, const struct flag *constants,
                    const char *family);

extern const struct flag flags_msg[], flags_sa[], flags_poll[], flags_epoll[],
    names_family[];

/* An open file's flags with the access mode in front */
void print_open_flags(FILE *f, uint64_t flags);

/* ---- others */

/* What stands behind the value of a call, in p->aux, when there is more to say:
 * "in [3]", of the argument p->i */
print_fn print_poll_result, print_select_result, print_fcntl_result;

/* What a LEN_OUT at @va is when the call is entered */
void print_note_length(struct task *t, uint64_t va);

void print_signal(FILE *f, uint64_t sig);

/* {si_signo=SIGSEGV, ...} */
void print_siginfo(FILE *f, const struct siginfo *info);

/* The vector at @va, @nr segments of it, at most @len bytes */
void print_iovec(struct task *t, FILE *f, uint64_t va, uint64_t nr,
                 uint64_t len);
