/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/verb.h - what the language knows of an action
 *
 * Owns:    verbs.def, as a table
 * Used by: script/
 */
#pragma once

#include "script/item.h"

/* What it is done to, and what it waits for. */
enum {
    ON_MACHINE = 1,  /* it needs no process */
    LOCKS_AREAS = 2, /* mmap_lock for writing: waits for every fault to end */
    LOCKS_PAGES = 4, /* each page: waits for the end of a migration */
    LOOKS = 8,       /* may be done while a page table is locked */
    OR_OBJECT = 16   /* an object may stand in place of a process and a range */
};

#define MAX_ITEMS 8

struct verb {
    const char *word;
    unsigned kind;
    enum item form[MAX_ITEMS];   /* the first that is not there is I_END */
    enum item object[MAX_ITEMS]; /* after an object: OR_OBJECT */
};

/* verb_of - its row */
const struct verb *verb_of(enum script_verb verb);

/* verb_accept - is the token the word of one?  Then it is passed over. */
bool verb_accept(struct parser *p, enum script_verb *verb);

/* verb_items - how @a goes on after its word, and after its object if any */
const enum item *verb_items(const struct script_action *a);

/* verb_on_process - is @a done to a process, not to the machine or an object?
 */
bool verb_on_process(const struct script_action *a);
