/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/stackdepot.h - who called whom, each chain of calls kept once
 *
 * Owns:    the chains; a number stands for each
 * Used by: judge/ (who set a tag, where a mismatch was);
 *          emu/linux/backtrace.h
 * Source:  the idea is that of linux lib/stackdepot.c
 */
#pragma once

#include "mm/types.h"

#define STACK_FRAMES 24

/*
 * A chain of calls.  Fields that are not known are 0; a stack of the event
 * script has its line and no frames.
 */
struct call_stack {
    uint32_t pid;
    uint32_t program;       /* number of the program that it ran, from 1 */
    uint32_t line;          /* of the event script */
    uint32_t nr;            /* frames */
    gva_t pc[STACK_FRAMES]; /* the instruction, then that of each call */
};

struct stack_depot;

struct stack_depot *stack_depot_create(void);
void stack_depot_destroy(struct stack_depot *d);

/*
 * stack_depot_save - the number of a stack, from 1
 *
 * Returns 0 when there are too many, or the host has no memory.
 */
uint32_t stack_depot_save(struct stack_depot *d, const struct call_stack *s);

/* stack_depot_fetch - borrowed until the next save; NULL for number 0 */
const struct call_stack *stack_depot_fetch(const struct stack_depot *d,
                                           uint32_t nr);
