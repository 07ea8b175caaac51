/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/fuzz/random_run.h - struct run, for the files that carry out and look
 *
 * Owns:    the memory under test and what was done to it
 * Used by: tests/fuzz/random_run.c, random_view.c
 */
#pragma once

#include "adi/adi.h"
#include "adi/profile.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/mapping.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "swap/swap.h"
#include "random.h"

#define NR_DEVICES 2
#define MAX_PINS   4

struct device {
    struct run *r;
    uint8_t *pages;
    int type; /* below 0: not in use */
};

/* What is on the disk, or behind tmpfs. */
struct file {
    uint8_t *bytes; /* OBJECT_PAGES of them */
    uint64_t size;
};

/* A page that a device reads or writes, behind the back of the process. */
struct pin {
    uint32_t pid;
    unsigned page;
    struct folio *folio;
    bool attached; /* still mapped there */
};

/* Operations that wait for the middle of a fault, or of a migration. */
#define MAX_ARMED 8

struct armed {
    unsigned nr;
    struct op op[MAX_ARMED];
    uint64_t faults[MOMENT_FAULT_AFTER + 1][FAULT_KIND_NR]; /* seen so far */
    uint64_t migrations;
    bool busy;     /* one of them is carried out */
    struct mm *mm; /* the fault in the middle of which that is, */
    gva_t va;      /* and its page; NULL: a migration */
};

struct run {
    struct run_config config;
    const struct adi_profile *profile;
    struct hub *hub;
    struct judge *judge;
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct check *check;
    struct plain plain;
    struct mm *mm[MAX_PROCS]; /* of plain.proc */
    struct mapping *object[NR_OBJECTS + 1];
    struct file file[NR_OBJECTS + 1];
    struct device device[NR_DEVICES];
    struct pin pin[MAX_PINS];
    unsigned nr_pins;
    struct armed armed;
    unsigned read_in, write_in; /* until one fails */
    bool unreadable;            /* a read has failed */
    bool stopped;               /* the kernel, at a BUG(): the run is over */
    unsigned nr_ops;
    size_t nr_findings;
    uint32_t story_mm; /* of this page when something is wrong; 0: none */
    gva_t story_va;
};

/* A run of pages of a process. */
struct range {
    struct plain_proc *proc;
    struct plain_page *page;
    struct mm *mm;
    unsigned i, n;
};

/* run_find_range - of @op; false: no such process, or no such pages */
bool run_find_range(struct run *r, const struct op *op, struct range *out);

/* run_expected_fault - how an access must end; FAULT_OK: with the page */
enum fault run_expected_fault(const struct run *r,
                              const struct plain_page *page,
                              enum access access);

/* run_expect - what a call must return */
void run_expect(const struct run *r, const struct op *op, int err, int want);

/* run_device_on - swapon */
void run_device_on(struct run *r, unsigned n);

/* call_on_range, call_on_object - one system call, here and there */
void call_on_range(struct run *r, const struct range *at, const struct op *op);
void call_on_object(struct run *r, const struct op *op);
void call_fork(struct run *r, const struct op *op);
void call_exit(struct run *r, struct plain_proc *proc);

/* view_compare - every page of every process is as the plain model has it */
void view_compare(struct run *r);

/* view_resolve_free - a page of MADV_FREE: is it still there, or new? */
void view_resolve_free(struct plain_page *page, const uint8_t *bytes,
                       const adi_tag_t *tags);

/* view_after_swapoff - pages that could not be read are gone for good */
void view_after_swapoff(struct run *r);

/* view_dead_objects - the same for pages of shared memory, at any time */
void view_dead_objects(struct run *r);

/* Carry out @op, whatever it waited for. */
void run_now(struct run *r, const struct op *op);

/* The functions of random_yield.c. */

/* yield_attach - hear of faults and migrations */
void yield_attach(struct run *r);

/* yield_look - another CPU uses the page of the fault in hand, if it can */
void yield_look(struct run *r);

/* yield_arm - @op waits for its moment; with too many, the oldest is forgotten
 */
void yield_arm(struct run *r, const struct op *op);
