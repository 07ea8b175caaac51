/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/items.h - what the files of items have in common
 *
 * Owns:    the functions of an item, in a table for each file
 * Used by: script/item.c, script/item_node.c, script/item_place.c
 */
#pragma once

#include "script/item.h"

struct word;

struct item_ops {
    bool (*read)(struct parser *p);
    void (*write)(struct text *t, const struct script_action *a);
};

/* By enum item; of those that are another file's @read is NULL. */
extern const struct item_ops place_items[I_NR];
extern const struct item_ops node_items[I_NR];

static inline struct script_action *item_action(struct parser *p)
{
    return &p->ev.action;
}

/* item_accept - @word is the next one; where not, it could have been */
bool item_accept(struct parser *p, const char *word);

/* item_accept_word - one of @table; false and no error when it is none */
bool item_accept_word(struct parser *p, const struct word *table, int *value);

/* item_read_small - a number that is put into a field of another type */
bool item_read_small(struct parser *p, uint64_t min, uint64_t max,
                     const char *what, uint32_t *out);

/* item_write_number - the @nr of the action */
void item_write_number(struct text *t, const struct script_action *a);
