/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/record.h - errors of one kind and one cause, in one record
 *
 * Owns:    for each record a count, the pages concerned and the places
 * Used by: oracle and ledger, which keep only some errors of a record;
 *          print/
 *
 * A cause is a place in the kernel.  It may strike at any number of pages, and
 * from several places of the program: all of that is one thing to mend.
 */
#pragma once

#include "judge/finding.h"

#define RECORD_FIRST  3  /* errors of a record that are kept, unless all are */
#define RECORD_RANGES 64 /* ranges of pages of a record, likewise */
#define RECORD_PLACES 4  /* places where the cause struck */

/* Pages one after the other. */
struct page_range {
    uint32_t mm;     /* 0: of a shared object */
    uint64_t object; /* in which these are offsets, or 0 */
    gva_t start, end;
};

/* Where the cause struck: an instruction, or a line of the event script. */
struct record_place {
    struct stamp first;
    uint64_t count;
};

struct record {
    unsigned kind; /* as the owner of the list counts them */
    enum cause_id cause;
    uint64_t count;            /* errors */
    size_t listed;             /* of those, kept one by one */
    struct page_range *ranges; /* owned; by address */
    size_t nr_ranges;
    uint64_t uncovered; /* errors at pages in none of them */
    struct record_place places[RECORD_PLACES];
    size_t nr_places;
    uint64_t elsewhere; /* errors at none of the places */
};

/* In the order of the first error of each. */
struct records {
    struct record *at; /* owned */
    size_t nr;
    uint64_t count; /* errors in all of them */
    bool all;       /* keep each error and each range */
};

/*
 * records_add - count one error more
 *
 * @where: the event in which the cause struck
 * @pages: those concerned; an empty range: no page is
 * Returns the number of its record, from 0.  Aborts when the host has no
 * memory: books with a page missing prove nothing.
 */
size_t records_add(struct records *list, unsigned kind, enum cause_id cause,
                   const struct stamp *where, const struct page_range *pages);

/*
 * records_keep - is an error of record @n to be kept by itself?
 *
 * Counts it as kept when it is.
 */
bool records_keep(struct records *list, size_t n);

void records_fini(struct records *list);
