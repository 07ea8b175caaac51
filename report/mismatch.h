/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report/mismatch.h - accesses whose pointer and memory have different tags
 *
 * Owns:    a record for each, equal ones in one
 * Used by: emu/ and script/ tell of them; summaries print them; adi/inspect.c,
 *          cli/options.c, cli/script.c
 */
#pragma once

#include "report/report.h"
#include "report/stackdepot.h"

#define MISMATCH_AROUND 16   /* blocks whose tags are shown */
#define MISMATCH_NO_TAG 0xff /* nothing with tags is there */

/* Records kept when nobody says how many. */
#define MISMATCH_LIMIT 100

/* What the machine knows of one. */
struct mismatch_access {
    uint32_t mm;
    uint32_t pid; /* 0: nobody's, an event script's */
    uint64_t va;  /* as the program has it, with the pointer's tag */
    unsigned bytes;
    bool store;
    bool precise; /* nothing was done; else the store took effect */
    adi_tag_t memory_tag;
    bool kernel;      /* a copy by the kernel, which ends there */
    const char *call; /* static; the system call that does it; NULL: none */
    uint64_t insn;    /* instruction clock, 0 when it does not run */

    /* Tags of blocks in the order of their addresses, or MISMATCH_NO_TAG. */
    gva_t around_start;
    uint8_t around[MISMATCH_AROUND];
};

/* Those in which the same code does the same kind of access are equal. */
struct mismatch {
    struct mismatch_access first;
    uint32_t stack; /* see report_stack() */
    uint64_t count;
    gva_t low, high;   /* of all of them, without tags */
    adi_tag_t set_tag; /* what the program gave the block last, */
    uint32_t set_by;   /* and who; 0: it never did, or it is not known */
};

/*
 * report_mismatch - one has happened; counts it, too
 *
 * @s: where; its pid is not looked at
 */
void report_mismatch(struct report *r, const struct mismatch_access *a,
                     const struct call_stack *s);

/* report_limit_mismatches - keep @max records; 0: any number */
void report_limit_mismatches(struct report *r, size_t max);

/* In the order in which they came first. */
size_t report_nr_mismatches(const struct report *r);
const struct mismatch *report_get_mismatch(const struct report *r, size_t n);

/* Mismatches that are in no record. */
uint64_t report_mismatches_left_out(const struct report *r);

/*
 * report_save_stack - keep a stack for report_tag_store(); see stackdepot.h
 *
 * One without frames is of the line of the event script that is carried out.
 */
uint32_t report_save_stack(struct report *r, const struct call_stack *s);
const struct call_stack *report_stack(const struct report *r, uint32_t nr);
