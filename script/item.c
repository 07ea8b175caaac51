// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What may come after the word of an action: how each item is read, and how
 * it is written.
 */
#include "script/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "migrate/node.h"
#include "mm/mmap.h"
#include "mm/pte.h"
#include "script/words.h"

#define A_RANGE "a range, such as 0x70000000+16"
#define A_PROT  "a protection: none, r, rw, rx, w, x, wx or rwx"

/* Values of a page number in an object: bytes must fit in 63 bits. */
#define MAX_PGOFF (UINT64_C(1) << (63 - PAGE_SHIFT))

#define MAX_LENGTH (UINT64_C(1) << 20) /* bytes of one copy */

static struct script_action *action(struct parser *p)
{
    return &p->ev.action;
}

/* ------------------------------------------------------- words that may be */

/* @word is the next one; where not, it could have been. */
static bool accept(struct parser *p, const char *word)
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

/* One of @table; false and no error when the token is none of them. */
static bool accept_word(struct parser *p, const struct word *table, int *value)
{
    for (; table->word; table++) {
        if (!parse_accept(p, table->word))
            continue;
        *value = table->value;
        return true;
    }
    return false;
}

/* A number that is put into a field of another type. */
static bool read_small(struct parser *p, uint64_t min, uint64_t max,
                       const char *what, uint32_t *out)
{
    uint64_t n = 0;

    if (!parse_number(p, min, max, what, &n))
        return false;
    *out = (uint32_t)n;
    return true;
}

/* -------------------------------------------------------- who, and where */

static bool read_process(struct parser *p)
{
    return parse_process(p, &action(p)->pid);
}

static void write_process(struct text *t, const struct script_action *a)
{
    if (a->pid)
        text_put(t, " pid %" PRIu32, a->pid);
}

static bool read_page(struct parser *p, const char *what, gva_t *va)
{
    struct token tok = p->lx.tok;

    if (!parse_number(p, 0, UINT64_MAX, what, va))
        return false;
    if (*va & ~PAGE_MASK)
        return parse_fail(p, tok.col,
                          "0x%llx is inside a page, expected 0x%llx, the "
                          "start of one of 8 KiB",
                          (unsigned long long)*va,
                          (unsigned long long)page_align_down(*va));
    return true;
}

/* "+" PAGES, "-" END, or nothing, which leaves @pages as it is. */
static bool read_length(struct parser *p, gva_t va, uint64_t *pages)
{
    uint64_t room = (UINT64_MAX - va) >> PAGE_SHIFT;
    uint64_t end = 0;

    if (parse_accept(p, "+"))
        return parse_number(p, 1, room,
                            "a number of pages from 1 that fits behind the "
                            "address",
                            pages);
    if (!parse_accept(p, "-"))
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER && p->lx.tok.value <= va)
        return parse_expected(p, "an address above the start of the range");
    if (!read_page(p, "the address at which the range ends", &end))
        return false;
    *pages = (end - va) >> PAGE_SHIFT;
    return true;
}

static void put_place(struct text *t, gva_t va, uint64_t pages, uint64_t usual)
{
    text_put(t, " 0x%" PRIx64, va);
    if (pages != usual)
        text_put(t, "+%" PRIu64, pages);
}

static bool read_range(struct parser *p)
{
    struct script_action *a = action(p);

    a->pages = 1;
    return read_page(p, A_RANGE, &a->va) && read_length(p, a->va, &a->pages);
}

static void write_range(struct text *t, const struct script_action *a)
{
    put_place(t, a->va, a->pages, 1);
}

/* In the course of a fault nothing is the page of the fault. */
static bool read_pages(struct parser *p)
{
    struct script_action *a = action(p);

    if (parse_accept(p, "all")) {
        a->pages = UINT64_MAX;
        return true;
    }
    if (p->ev.trigger.when == WHEN_FAULT && a->pid == 0 &&
        p->lx.tok.kind != TOKEN_NUMBER && p->lx.tok.kind != TOKEN_BAD)
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER)
        return read_range(p);
    return parse_expected(p, A_RANGE ", or \"all\"");
}

static void write_pages(struct text *t, const struct script_action *a)
{
    if (a->pages == UINT64_MAX)
        text_put(t, " all");
    else if (a->pages)
        write_range(t, a);
}

static bool read_address(struct parser *p)
{
    return parse_number(p, 0, UINT64_MAX, "an address", &action(p)->va);
}

static void write_address(struct text *t, const struct script_action *a)
{
    text_put(t, " 0x%" PRIx64, a->va);
}

static bool read_to(struct parser *p)
{
    struct script_action *a = action(p);

    if (!read_page(p, "the range after it, such as 0x80000000", &a->to))
        return false;
    a->to_pages = a->pages;
    return read_length(p, a->to, &a->to_pages);
}

static void write_to(struct text *t, const struct script_action *a)
{
    put_place(t, a->to, a->to_pages, a->pages);
}

/* ------------------------------------------------------ areas and objects */

static bool read_prot(struct parser *p)
{
    int prot;

    if (!accept_word(p, prot_words, &prot))
        return parse_expected(p, A_PROT);
    action(p)->prot = (unsigned)prot;
    if (accept(p, "adi"))
        action(p)->prot |= PROT_G_ADI;
    return true;
}

static void write_prot(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(prot_words, (int)(a->prot & ~PROT_G_ADI)));
    if (a->prot & PROT_G_ADI)
        text_put(t, " adi");
}

static bool read_sharing(struct parser *p)
{
    if (!accept(p, "private"))
        action(p)->shared = accept(p, "shared");
    return true;
}

static void write_sharing(struct text *t, const struct script_action *a)
{
    text_put(t, a->shared ? " shared" : " private");
}

static bool read_backing(struct parser *p)
{
    struct script_action *a = action(p);

    for (const struct word *w = backing_words;; w++) {
        if (!w->word)
            return true;
        if (!accept(p, w->word))
            continue;
        a->backing = (enum script_backing)w->value;
        break;
    }
    if (a->backing == BACKING_ANON)
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER &&
        !read_small(p, 1, UINT32_MAX, "the number of an object from 1",
                    &a->object))
        return false;
    return !accept(p, "from") ||
           parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff);
}

static void write_backing(struct text *t, const struct script_action *a)
{
    if (a->backing == BACKING_ANON)
        return;
    text_put(t, " %s", word_of(backing_words, (int)a->backing));
    if (a->object)
        text_put(t, " %" PRIu32, a->object);
    if (a->pgoff)
        text_put(t, " from %" PRIu64, a->pgoff);
}

bool item_accept_object(struct parser *p, bool *ok)
{
    struct script_action *a = action(p);

    *ok = true;
    if (parse_accept(p, "shmem"))
        a->backing = BACKING_SHMEM;
    else if (parse_accept(p, "file"))
        a->backing = BACKING_FILE;
    else
        return false;
    *ok = read_small(p, 1, UINT32_MAX, "the number of an object from 1",
                     &a->object);
    return true;
}

static bool read_object_pages(struct parser *p)
{
    struct script_action *a = action(p);

    a->pages = 1;
    if (!parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff))
        return false;
    return !accept(p, "+") ||
           parse_number(p, 1, MAX_PGOFF, "a number of pages from 1", &a->pages);
}

static void write_object_pages(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->pgoff);
    if (a->pages != 1)
        text_put(t, "+%" PRIu64, a->pages);
}

static bool read_bytes(struct parser *p)
{
    return parse_number(p, 0, MAX_PGOFF << PAGE_SHIFT, "a number of bytes",
                        &action(p)->nr);
}

static bool read_len(struct parser *p)
{
    return parse_number(p, 1, MAX_LENGTH, "a length from 1 to 1048576",
                        &action(p)->len);
}

static void write_len(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->len);
}

static bool read_source(struct parser *p)
{
    return !accept(p, "from") ||
           read_small(p, 0, 7, "a number from 0 to 7", &action(p)->from);
}

static void write_source(struct text *t, const struct script_action *a)
{
    if (a->from)
        text_put(t, " from %" PRIu32, a->from);
}

static void write_number(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->nr);
}

/* ------------------------------------------------------- nodes and devices */

static bool read_node_number(struct parser *p)
{
    struct script_action *a = action(p);
    struct token tok = p->lx.tok;
    uint64_t n = 0;

    if (!parse_number(p, 0, UINT64_MAX, "the number of a node", &n))
        return false;
    if (n >= p->rules->nr_nodes)
        return parse_fail(p, tok.col,
                          "there is no node %llu, expected a node from 0 to "
                          "%u",
                          (unsigned long long)n, p->rules->nr_nodes - 1);
    a->node = (unsigned)n;
    a->has_node = true;
    return true;
}

static bool read_node(struct parser *p)
{
    if (!parse_accept(p, "node"))
        return parse_expected(p, "\"node\" and its number");
    return read_node_number(p);
}

static bool read_node_if(struct parser *p)
{
    return !accept(p, "node") || read_node_number(p);
}

static void write_node(struct text *t, const struct script_action *a)
{
    if (a->has_node)
        text_put(t, " node %u", a->node);
}

static bool read_all(struct parser *p)
{
    action(p)->how = accept(p, "all") ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;
    return true;
}

static void write_all(struct text *t, const struct script_action *a)
{
    text_put(t, a->how & MPOL_MF_MOVE_ALL ? " all" : "");
}

static bool read_policy(struct parser *p)
{
    int policy;

    if (!accept_word(p, policy_words, &policy))
        return parse_expected(p, "a policy: default, preferred, bind, "
                                 "interleave, local or many");
    action(p)->policy = (enum mpol_mode)policy;
    return true;
}

static void write_policy(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(policy_words, (int)a->policy));
}

static bool read_nodes(struct parser *p)
{
    return !accept(p, "nodes") ||
           read_small(p, 1, UINT32_MAX, "a mask of nodes, such as 0x3",
                      &action(p)->nodes);
}

static void write_nodes(struct text *t, const struct script_action *a)
{
    if (a->nodes)
        text_put(t, " nodes 0x%" PRIx32, a->nodes);
}

static bool read_how(struct parser *p)
{
    if (accept(p, "move"))
        action(p)->how |= MPOL_MF_MOVE;
    else if (accept(p, "moveall"))
        action(p)->how |= MPOL_MF_MOVE_ALL;
    return true;
}

static void write_how(struct text *t, const struct script_action *a)
{
    if (a->how & MPOL_MF_MOVE)
        text_put(t, " move");
    if (a->how & MPOL_MF_MOVE_ALL)
        text_put(t, " moveall");
}

static bool read_strict(struct parser *p)
{
    if (accept(p, "strict"))
        action(p)->how |= MPOL_MF_STRICT;
    return true;
}

static void write_strict(struct text *t, const struct script_action *a)
{
    text_put(t, a->how & MPOL_MF_STRICT ? " strict" : "");
}

static bool read_device(struct parser *p)
{
    static const char prefix[] = "/dev/adi";
    const size_t len = sizeof(prefix) - 1;
    const struct token *tok = &p->lx.tok;
    unsigned n = 0;

    if (tok->kind != TOKEN_PATH || tok->len <= len ||
        memcmp(tok->s, prefix, len) != 0)
        return parse_expected(p, "a swap device, such as /dev/adi0");
    for (size_t i = len; i < tok->len; i++) {
        if (tok->s[i] < '0' || tok->s[i] > '9' || n >= SWP_MAX_FILES)
            return parse_expected(p, "a swap device, such as /dev/adi0");
        n = n * 10 + (unsigned)(tok->s[i] - '0');
    }
    if (n >= SWP_MAX_FILES)
        return parse_expected(p, "a swap device, such as /dev/adi0");
    action(p)->device = n;
    lexer_next(&p->lx);
    return true;
}

static void write_device(struct text *t, const struct script_action *a)
{
    text_put(t, " /dev/adi%u", a->device);
}

static bool read_priority(struct parser *p)
{
    uint64_t priority = 0;

    action(p)->priority = -1;
    if (!accept(p, "pri"))
        return true;
    if (!parse_number(p, 0, 32767, "a priority from 0 to 32767", &priority))
        return false;
    action(p)->priority = (int)priority;
    return true;
}

static void write_priority(struct text *t, const struct script_action *a)
{
    if (a->priority >= 0)
        text_put(t, " pri %d", a->priority);
}

static bool read_frames(struct parser *p)
{
    return parse_number(p, 1, UINT32_MAX, "a number of frames from 1",
                        &action(p)->nr);
}

static bool read_fail(struct parser *p)
{
    int what;

    if (!accept_word(p, fail_words, &what))
        return parse_expected(p, "\"tagstore\", \"swapread\" or \"swapwrite\"");
    action(p)->fail = (enum script_fail)what;
    return parse_number(p, 1, UINT64_MAX, "a count from 1", &action(p)->nr);
}

static void write_fail(struct text *t, const struct script_action *a)
{
    text_put(t, " %s %" PRIu64, word_of(fail_words, (int)a->fail), a->nr);
}

/* ------------------------------------------------------------------- how */

static bool read_advice(struct parser *p)
{
    if (!accept_word(p, advice_words, &action(p)->advice))
        return parse_expected(p, "advice, such as dontneed, free or pageout");
    return true;
}

static void write_advice(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(advice_words, a->advice));
}

static bool read_dontunmap(struct parser *p)
{
    action(p)->flag = accept(p, "dontunmap");
    return true;
}

static void write_dontunmap(struct text *t, const struct script_action *a)
{
    text_put(t, a->flag ? " dontunmap" : "");
}

static bool read_onfault(struct parser *p)
{
    action(p)->flag = accept(p, "onfault");
    return true;
}

static void write_onfault(struct text *t, const struct script_action *a)
{
    text_put(t, a->flag ? " onfault" : "");
}

static bool read_value(struct parser *p, uint64_t max, const char *what)
{
    uint32_t n = 0;

    if (!read_small(p, 0, max, what, &n))
        return false;
    action(p)->value = (uint8_t)n;
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
    if (!accept(p, "at"))
        return true;
    action(p)->has_block = true;
    return read_small(p, 0, ADI_TAGS_PER_PAGE - 1, "a block from 0 to 127",
                      &action(p)->block);
}

static void write_block(struct text *t, const struct script_action *a)
{
    if (a->has_block)
        text_put(t, " at %u", a->block);
}

static bool read_pointer(struct parser *p)
{
    uint32_t tag = 0;

    action(p)->flag = accept(p, "tag");
    if (action(p)->flag && !read_small(p, 0, 15, "a tag from 0 to 15", &tag))
        return false;
    action(p)->tag = (adi_tag_t)tag;
    return true;
}

static void write_pointer(struct text *t, const struct script_action *a)
{
    if (a->flag)
        text_put(t, " tag %u", a->tag);
}

static bool read_expect(struct parser *p)
{
    action(p)->expect = accept(p, "expect");
    return !action(p)->expect || read_byte(p);
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
    return read_small(p, 1, UINT32_MAX, "a process from 1", &action(p)->child);
}

static void write_child(struct text *t, const struct script_action *a)
{
    text_put(t, " as %" PRIu32, a->child);
}

/* ----------------------------------------------------------------- the table
 */

static const struct {
    bool (*read)(struct parser *p);
    void (*write)(struct text *t, const struct script_action *a);
} items[] = {
    [I_PROCESS] = {read_process, write_process},
    [I_RANGE] = {read_range, write_range},
    [I_PAGES] = {read_pages, write_pages},
    [I_ADDRESS] = {read_address, write_address},
    [I_TO] = {read_to, write_to},
    [I_OBJECT_PAGES] = {read_object_pages, write_object_pages},
    [I_BYTES] = {read_bytes, write_number},
    [I_LENGTH] = {read_len, write_len},
    [I_SOURCE] = {read_source, write_source},
    [I_PROT] = {read_prot, write_prot},
    [I_SHARING] = {read_sharing, write_sharing},
    [I_BACKING] = {read_backing, write_backing},
    [I_NODE] = {read_node, write_node},
    [I_NODE_IF] = {read_node_if, write_node},
    [I_ALL] = {read_all, write_all},
    [I_POLICY] = {read_policy, write_policy},
    [I_NODES] = {read_nodes, write_nodes},
    [I_HOW] = {read_how, write_how},
    [I_STRICT] = {read_strict, write_strict},
    [I_DEVICE] = {read_device, write_device},
    [I_PRIORITY] = {read_priority, write_priority},
    [I_FRAMES] = {read_frames, write_number},
    [I_FAIL] = {read_fail, write_fail},
    [I_ADVICE] = {read_advice, write_advice},
    [I_DONTUNMAP] = {read_dontunmap, write_dontunmap},
    [I_ONFAULT] = {read_onfault, write_onfault},
    [I_TAG] = {read_tag, write_value},
    [I_BLOCK] = {read_block, write_block},
    [I_BYTE] = {read_byte, write_value},
    [I_POINTER] = {read_pointer, write_pointer},
    [I_EXPECT] = {read_expect, write_expect},
    [I_CHILD] = {read_child, write_child},
};

bool item_read(struct parser *p, enum item item)
{
    return items[item].read(p);
}

void item_write(struct text *t, enum item item, const struct script_action *a)
{
    items[item].write(t, a);
}
