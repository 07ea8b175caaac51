/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/fuzz/random.h - random operations on a memory, and a plain model of
 *                       what a program must see
 *
 * Owns:    struct op (one operation), struct plain (what is expected),
 *          struct run (the memory under test)
 * Used by: tests/fuzz/random_*.c
 */
#pragma once

#include <stdio.h>

#include "base/rng.h"
#include "mm/types.h"
#include "script/script.h"

/* ------------------------------------------------------------ operations */

enum verb {
    OP_MMAP,
    OP_MUNMAP,
    OP_MPROTECT,
    OP_MREMAP,
    OP_MADVISE,
    OP_MLOCK,
    OP_MUNLOCK,
    OP_TAG,
    OP_WRITE,
    OP_READ,
    OP_FORK,
    OP_EXIT,
    OP_SWAPOUT,
    OP_RECLAIM,
    OP_MIGRATE,
    OP_MOVE,
    OP_MBIND,
    OP_COMPACT,
    OP_PIN,
    OP_UNPIN,
    OP_SWAPOFF,
    OP_SWAPON,
    OP_FAIL,
    OP_TRUNCATE,
    OP_PUNCH,
    OP_SYNC,
    OP_PWRITE,
    OP_LOOK, /* of another CPU, at a page that the kernel is half through with
              */
    OP_NR
};

/* 1: shared memory, 2: a tmpfs file, from FIRST_FILE on files of a disk. */
#define NR_OBJECTS   4
#define TMPFS        2
#define FIRST_FILE   3
#define OBJECT_PAGES 24

/* One operation.  Everything that it needs: nothing is drawn when it runs. */
struct op {
    enum verb verb;
    uint32_t pid, child;
    gva_t va, to;
    unsigned pages, to_pages;
    unsigned prot; /* PROT_G_* */
    bool shared, dontunmap;
    unsigned object; /* 0: anonymous memory */
    unsigned pgoff;
    int advice;
    unsigned block; /* write, read: of the page */
    uint8_t value;
    unsigned device;
    uint64_t size; /* truncate, pwrite: bytes; pwrite begins at @block of page
                      @pgoff */
    unsigned from; /* pwrite: address of the source, modulo 8 */
    enum script_fail fail;
    unsigned nr;   /* migrate, move: a node; mbind: a mask of nodes */
    unsigned mode; /* mbind: a policy */
    unsigned how;  /* move, mbind: MPOL_MF_* */
    /* Not now, but in the middle of the @nth fault or migration since the
     * memory was made, or of the one so far @ahead.  WHEN_START: now. */
    enum script_when when;
    enum moment_id moment;
    enum fault_kind kind;
    uint64_t nth;
    unsigned ahead; /* run_op() fills in the one that is 0 */
};

#define OPS_OF_A_SEED 1000

/* op_print - one line of an event script, without newline */
void op_print(FILE *out, const struct op *op);

/*
 * op_parse - a script of such lines
 *
 * @op:   gets up to @max operations
 * @name: of the file, for errors
 * Returns how many, or -1 after messages on stderr.
 */
int op_parse(const char *text, size_t len, struct op *op, unsigned max,
             const char *name);

/* ----------------------------------------------------------- plain model */

#define NR_BLOCKS ADI_TAGS_PER_PAGE
#define MAX_PROCS 5
#define MAX_PID   (3 * MAX_PROCS)
#define NR_PAGES  144 /* addresses that an operation may name, in pages */

/* One byte for each 64, all of which are equal, and the tag. */
struct content {
    uint8_t byte[NR_BLOCKS];
    adi_tag_t tag[NR_BLOCKS];
    bool known[NR_BLOCKS]; /* the tag is; a file's page starts with any */
    bool any[NR_BLOCKS];   /* the byte may be gone: written beyond the end */
};

struct plain_page {
    bool mapped, shared, locked;
    bool dontfork, wipe;
    bool may_vanish; /* MADV_FREE, not written since */
    bool dead;       /* could not be read: SIGBUS */
    bool guard;      /* MADV_GUARD_INSTALL: SIGSEGV */
    bool own;        /* a private copy: @c is what it shows */
    unsigned prot;   /* PROT_G_* with ADI */
    bool moving;     /* by an mremap() that faults pages in: here, or not */
    bool changing;   /* by an mprotect() that faults pages in: to @next_prot */
    unsigned next_prot;
    unsigned object, pgoff;
    struct content c;
};

struct plain_proc {
    uint32_t pid; /* 0: free */
    struct plain_page page[NR_PAGES];
};

/* A page of an object, and whether swap could not give it back. */
struct plain_object {
    uint64_t size; /* bytes, a multiple of 64 */
    struct content page[OBJECT_PAGES];
    bool dead[OBJECT_PAGES];
};

struct plain {
    struct plain_proc proc[MAX_PROCS];
    struct plain_object object[NR_OBJECTS + 1];
    unsigned layout;
};

void plain_init(struct plain *p, unsigned layout);
struct plain_proc *plain_find(struct plain *p, uint32_t pid);
struct plain_proc *plain_new(struct plain *p, uint32_t pid);

/* layout_va - address of page @i;  layout_index - back, or -1 */
gva_t layout_va(unsigned layout, unsigned i);
int layout_index(unsigned layout, gva_t va);

/* The same of the layout that @p has. */
gva_t plain_va(const struct plain *p, unsigned i);
int plain_index(const struct plain *p, gva_t va);

/* Is [@i, @i + @n) one run of addresses? */
bool plain_is_run(const struct plain *p, unsigned i, unsigned n);

#define NR_LAYOUTS 4

/* What the page shows: its own content, or its object's. */
struct content *plain_content(struct plain *p, struct plain_page *page);

/* A page that nobody wrote to. */
void plain_fresh(struct plain_page *page);

/* A private page of an object becomes the process's own, as by a store. */
void plain_own(const struct plain *p, struct plain_page *page);

/* Blocks [@from, @to) of an object, counted from its start, are 0. */
void plain_zero(struct plain *p, unsigned object, unsigned from, unsigned to);

/* Pages of the object that are not beyond its end. */
unsigned plain_object_pages(const struct plain *p, unsigned object);

/* A file's page @pgoff holds this in each block. */
uint8_t file_byte(unsigned object, unsigned pgoff, unsigned block);

/* --------------------------------------------------------------- running */

struct run;

struct run_config {
    const char *profile;
    unsigned layout;
    unsigned frames;
    unsigned slots;       /* of the larger swap device */
    unsigned sync;        /* both are as fast as memory */
    unsigned check_every; /* operations; 1: each */
};

/* run_create - a memory with two swap devices and process 1 */
struct run *run_create(const struct run_config *config);

/*
 * run_op - carry it out, in the memory and in the plain model
 *
 * What makes no sense (no such process, a page that was never mapped) is
 * left out.  Does not return when something is wrong: run_fail().
 */
void run_op(struct run *r, struct op *op);

/* run_stopped - did an access end the kernel?  No operation comes after it. */
bool run_stopped(const struct run *r);

/* run_finish - every process ends; nothing may be left */
void run_finish(struct run *r);

/* Prints "FAIL WHAT: ..." to stderr and ends the process. */
_Noreturn void run_fail(const struct run *r, const char *what, const char *fmt,
                        ...) __attribute__((format(printf, 3, 4)));

/* random_op - draw the next one, with an eye on what is mapped */
void random_op(struct rng *rng, struct run *r, struct op *op);

/* For random_op(). */
struct plain *run_plain(struct run *r);
uint64_t run_nr_seen(const struct run *r, const struct op *op);
unsigned run_nr_pins(const struct run *r);
gva_t run_pin_va(const struct run *r, unsigned n, uint32_t *pid);
