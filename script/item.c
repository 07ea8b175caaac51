// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may come after the word of an action: the words that items share, and
 * the items that say how something is done.
 */
#include "script/item.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/invariant.h"
#include "script/items.h"
#include "script/words.h"

/* ------------------------------------------------------- words that may be */

bool item_accept(struct parser *p, const char *word)
{
    if (parse_accept(p, word)) {
        p->nr_may = 0;
        return true;
    }
    INVARIANT(p->nr_may < PARSER_MAX_MAY);
    p->may[p->nr_may++] = word;
    return false;
}

bool item_read_end(struct parser *p)
{
    char text[PARSER_MAX_MAY * 16 + 24];
    size_t len = 0;

    if (p->lx.tok.kind == TOKEN_END)
        return true;
    for (unsigned i = 0; i < p->nr_may; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\"%s\"%s",
                                p->may[i], i + 1 < p->nr_may ? ", " : " or ");
    snprintf(text + len, sizeof(text) - len, "the end of the line");
    return parse_expected(p, text);
}

bool item_accept_word(struct parser *p, const struct word *table, int *value)
{
    for (; table->word; table++) {
        if (!parse_accept(p, table->word))
            continue;
        *value = table->value;
        return true;
    }
    return false;
}

bool item_read_small(struct parser *p, uint64_t min, uint64_t max,
                     const char *what, uint32_t *out)
{
    uint64_t n = 0;

    if (!parse_number(p, min, max, what, &n))
        return false;
    *out = (uint32_t)n;
    return true;
}

void item_write_number(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->nr);
}

/* ------------------------------------------------------------------- how */

static bool read_advice(struct parser *p)
{
    if (!item_accept_word(p, advice_words, &item_action(p)->advice))
        return parse_expected(p, "advice, such as dontneed, free or pageout");
    return true;
}

static void write_advice(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(advice_words, a->advice));
}

static bool read_dontunmap(struct parser *p)
{
    item_action(p)->flag = item_accept(p, "dontunmap");
    return true;
}

static void write_dontunmap(struct text *t, const struct script_action *a)
{
    text_put(t, a->flag ? " dontunmap" : "");
}

static bool read_onfault(struct parser *p)
{
    item_action(p)->flag = item_accept(p, "onfault");
    return true;
}

static void write_onfault(struct text *t, const struct script_action *a)
{
    text_put(t, a->flag ? " onfault" : "");
}

static bool read_value(struct parser *p, uint64_t max, const char *what)
{
    uint32_t n = 0;

    if (!item_read_small(p, 0, max, what, &n))
        return false;
    item_action(p)->value = (uint8_t)n;
    return true;
}

static bool read_tag(struct parser *p)
{
    return read_value(p, 15, "a tag from 0 to 15");
}

static bool read_byte(struct parser *p)
{
    return read_value(p, 255, "a byte from 0 to 255");
}

static void write_value(struct text *t, const struct script_action *a)
{
    text_put(t, " %u", a->value);
}

static bool read_block(struct parser *p)
{
    if (!item_accept(p, "at"))
        return true;
    item_action(p)->has_block = true;
    return item_read_small(p, 0, ADI_TAGS_PER_PAGE - 1, "a block from 0 to 127",
                           &item_action(p)->block);
}

static void write_block(struct text *t, const struct script_action *a)
{
    if (a->has_block)
        text_put(t, " at %u", a->block);
}

static bool read_every(struct parser *p)
{
    return !item_accept(p, "every") ||
           parse_number(p, 1, UINT64_MAX >> PAGE_SHIFT,
                        "a number of pages from 1", &item_action(p)->every);
}

static void write_every(struct text *t, const struct script_action *a)
{
    if (a->every)
        text_put(t, " every %" PRIu64, a->every);
}

static bool read_pointer(struct parser *p)
{
    uint32_t tag = 0;

    item_action(p)->flag = item_accept(p, "tag");
    if (item_action(p)->flag &&
        !item_read_small(p, 0, 15, "a tag from 0 to 15", &tag))
        return false;
    item_action(p)->tag = (adi_tag_t)tag;
    return true;
}

static void write_pointer(struct text *t, const struct script_action *a)
{
    if (a->flag)
        text_put(t, " tag %u", a->tag);
}

static bool read_expect(struct parser *p)
{
    item_action(p)->expect = item_accept(p, "expect");
    return !item_action(p)->expect || read_byte(p);
}

static void write_expect(struct text *t, const struct script_action *a)
{
    if (a->expect)
        text_put(t, " expect %u", a->value);
}

static bool read_child(struct parser *p)
{
    if (!parse_accept(p, "as"))
        return parse_expected(p, "\"as\" and a number for the child");
    return item_read_small(p, 1, UINT32_MAX, "a process from 1",
                           &item_action(p)->child);
}

static void write_child(struct text *t, const struct script_action *a)
{
    text_put(t, " as %" PRIu32, a->child);
}

static const struct item_ops items[I_NR] = {
    [I_ADVICE] = {read_advice, write_advice},
    [I_DONTUNMAP] = {read_dontunmap, write_dontunmap},
    [I_ONFAULT] = {read_onfault, write_onfault},
    [I_TAG] = {read_tag, write_value},
    [I_BLOCK] = {read_block, write_block},
    [I_EVERY] = {read_every, write_every},
    [I_BYTE] = {read_byte, write_value},
    [I_POINTER] = {read_pointer, write_pointer},
    [I_EXPECT] = {read_expect, write_expect},
    [I_CHILD] = {read_child, write_child},
};

/* ------------------------------------------------------------ all of them */

static const struct item_ops *ops_of(enum item item)
{
    if (place_items[item].read)
        return &place_items[item];
    return node_items[item].read ? &node_items[item] : &items[item];
}

bool item_read(struct parser *p, enum item item)
{
    return ops_of(item)->read(p);
}

void item_write(struct text *t, enum item item, const struct script_action *a)
{
    ops_of(item)->write(t, a);
}
