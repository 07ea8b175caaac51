/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/mismatch.h - accesses whose pointer and memory have different tags
 *
 * Owns:    a record for each, equal ones in one
 * Used by: emu/ and script/ tell of them; print/; cli/options.c, cli/script.c
 */
#pragma once

#include "event/event.h"
#include "judge/stackdepot.h"

struct adi;
struct judge;
struct mm;

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
    uint32_t stack; /* see judge_stack() */
    uint64_t count;
    gva_t low, high;   /* of all of them, without tags */
    adi_tag_t set_tag; /* what the program gave the block last, */
    uint32_t set_by;   /* and who; 0: it never did, or it is not known */
};

/*
 * mismatch_look_around - the tags of memory at, and around, a mismatch
 *
 * @a: has its va; gets memory_tag and around.  Changes nothing else.
 */
void mismatch_look_around(const struct adi *adi, struct mm *mm,
                          struct mismatch_access *a);

/*
 * judge_mismatch - one has happened; counts it, too
 *
 * @s: where; its pid is not looked at
 */
void judge_mismatch(struct judge *j, const struct mismatch_access *a,
                    const struct call_stack *s);

/* judge_limit_mismatches - keep @max records; 0: any number */
void judge_limit_mismatches(struct judge *j, size_t max);

/* In the order in which they came first. */
size_t judge_nr_mismatches(const struct judge *j);
const struct mismatch *judge_get_mismatch(const struct judge *j, size_t n);

/* Mismatches that are in no record. */
uint64_t judge_mismatches_left_out(const struct judge *j);

/*
 * judge_save_stack - keep a stack for judge_tag_store(); see stackdepot.h
 *
 * One without frames is of the line of the event script that is carried out.
 */
uint32_t judge_save_stack(struct judge *j, const struct call_stack *s);
const struct call_stack *judge_stack(const struct judge *j, uint32_t nr);
