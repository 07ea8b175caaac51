/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print/report.h - the report that a run ends with
 *
 * Owns:    the layout, for people and for scripts
 * Used by: cli/, api/, check/check.c
 * Source:  the layout follows valgrind's leak summary, which people know
 */
#pragma once

#include <stdio.h>

#include "mm/types.h"

struct hook_time;
struct judge;
struct pc_namer;

/* Of the JSON report; docs/report-json.md says what makes it another. */
#define REPORT_SCHEMA 2

/* What makes the same run again. */
struct run_command {
    const char *const *words; /* of the command line, without what only says
                                 where the report goes; ended by NULL */
    uint64_t seed;
    const char *script;        /* file of events; NULL: none */
    const char *script_sha256; /* of its bytes, in hexadecimal */
};

/* An event of the script that was never due. */
struct idle_event {
    unsigned line;
    uint64_t came; /* how often what it waits for came */
    char text[256];
};

/* What the caller knows about the run. */
struct run_facts {
    const char *version;
    const char *profile;
    const char *program; /* of the guest, or the script */
    struct run_command again;
    const struct idle_event *idle; /* @nr_idle of them */
    size_t nr_idle;
    uint64_t ram_bytes, swap_bytes;
    uint64_t ram_peak;                  /* bytes of it in use at once */
    uint64_t store_peak;                /* bytes */
    uint64_t store_peak_pages;          /* saved copies then */
    uint64_t insns;                     /* 0: the clock did not run */
    const struct hook_time *hook_times; /* of each path; NULL: not taken */
    const struct pc_namer *namer;       /* NULL: PCs have no names */
    bool show_reachable; /* list also what a PTE still stands for */
};

/*
 * report_print_text - to people; nothing but errors when @quiet
 * report_print_json - to scripts; schema in docs/report-json.md
 *
 * Return 0, or -EIO when writing failed.
 */
MUST_CHECK int report_print_text(const struct judge *j, FILE *out,
                                 const struct run_facts *facts, bool quiet);
MUST_CHECK int report_print_json(const struct judge *j, FILE *out,
                                 const struct run_facts *facts);

/* report_print_story - every event that is remembered of a page, in order */
void report_print_story(const struct judge *j, FILE *out, uint32_t mm,
                        gva_t va);
