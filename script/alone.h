/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/alone.h - a memory without a CPU, driven by scripts
 *
 * Owns:    struct alone: report, memory, tags, swap devices, processes
 * Used by: random drivers, cli/script.c, api/, tests; explore/
 *
 * Processes are made by the script itself: number 1 is there from the start,
 * and is the process at hand.
 */
#pragma once

#include "check/check.h"
#include "script/drive.h"
#include "swap/faulty.h"
#include "swap/swap.h"

struct adi_profile;
struct alone;
struct judge;
struct triggers;

struct alone_config {
    const struct adi_profile *profile; /* borrowed */
    uint64_t ram_bytes;
    unsigned nr_nodes;
    struct {
        uint64_t bytes;
        int priority;       /* below 0: after those before it */
        bool synchronous;   /* SWP_SYNCHRONOUS_IO */
        bool in_memory;     /* of the host, and not in a temporary file */
    } swaps[SWP_MAX_FILES]; /* all on */
    unsigned nr_swaps;
    uint64_t history;       /* events to keep for the report; 0: no history */
    enum check_level check; /* what check_now() of alone_check() looks at */
};

/* alone_create - 0 or -errno */
MUST_CHECK int alone_create(const struct alone_config *config,
                            struct alone **out);

/*
 * alone_exit - end every process, give back every pin; for a last report
 * From now on no process can fork.
 *
 * @t: told of each end; NULL: nobody is
 */
void alone_exit(struct alone *a, struct triggers *t);
void alone_destroy(struct alone *a);

/* All borrowed. */
struct drive *alone_drive(const struct alone *a);
struct memory *alone_memory(const struct alone *a);
struct adi *alone_adi(const struct alone *a);
struct check *alone_check(const struct alone *a);
struct judge *alone_judge(const struct alone *a);

/* alone_swap - its devices; alone_failing: what is to fail there, and when */
struct swap *alone_swap(const struct alone *a);
struct swapdev_faults alone_failing(const struct alone *a);

/* alone_slot_page - what a device in memory has there, borrowed; NULL: zeros,
 * or no such device */
const uint8_t *alone_slot_page(const struct alone *a, swp_entry_t entry);

/* The rules for scripts of a memory with so many nodes. */
struct script_rules alone_rules(unsigned nr_nodes);
