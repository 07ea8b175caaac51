// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The items that say on which nodes, to which device, or how often.
 */
#include <inttypes.h>
#include <string.h>

#include "migrate/node.h"
#include "mm/pte.h"
#include "script/items.h"
#include "script/words.h"

static bool read_node_number(struct parser *p)
{
    struct script_action *a = item_action(p);
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
    return !item_accept(p, "node") || read_node_number(p);
}

static void write_node(struct text *t, const struct script_action *a)
{
    if (a->has_node)
        text_put(t, " node %u", a->node);
}

static bool read_all(struct parser *p)
{
    item_action(p)->how =
        item_accept(p, "all") ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE;
    return true;
}

static void write_all(struct text *t, const struct script_action *a)
{
    text_put(t, a->how & MPOL_MF_MOVE_ALL ? " all" : "");
}

static bool read_policy(struct parser *p)
{
    int policy;

    if (!item_accept_word(p, policy_words, &policy))
        return parse_expected(p, "a policy: default, preferred, bind, "
                                 "interleave, local or many");
    item_action(p)->policy = (enum mpol_mode)policy;
    return true;
}

static void write_policy(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(policy_words, (int)a->policy));
}

static bool read_nodes(struct parser *p)
{
    return !item_accept(p, "nodes") ||
           item_read_small(p, 1, UINT32_MAX, "a mask of nodes, such as 0x3",
                           &item_action(p)->nodes);
}

static void write_nodes(struct text *t, const struct script_action *a)
{
    if (a->nodes)
        text_put(t, " nodes 0x%" PRIx32, a->nodes);
}

static bool read_how(struct parser *p)
{
    if (item_accept(p, "move"))
        item_action(p)->how |= MPOL_MF_MOVE;
    else if (item_accept(p, "moveall"))
        item_action(p)->how |= MPOL_MF_MOVE_ALL;
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
    if (item_accept(p, "strict"))
        item_action(p)->how |= MPOL_MF_STRICT;
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
    item_action(p)->device = n;
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

    item_action(p)->priority = -1;
    if (!item_accept(p, "pri"))
        return true;
    if (!parse_number(p, 0, 32767, "a priority from 0 to 32767", &priority))
        return false;
    item_action(p)->priority = (int)priority;
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
                        &item_action(p)->nr);
}

static bool read_fail(struct parser *p)
{
    int what;

    if (!item_accept_word(p, fail_words, &what))
        return parse_expected(p, "\"tagstore\", \"swapread\" or \"swapwrite\"");
    item_action(p)->fail = (enum script_fail)what;
    return parse_number(p, 1, UINT64_MAX, "a count from 1",
                        &item_action(p)->nr);
}

static void write_fail(struct text *t, const struct script_action *a)
{
    text_put(t, " %s %" PRIu64, word_of(fail_words, (int)a->fail), a->nr);
}

const struct item_ops node_items[I_NR] = {
    [I_NODE] = {read_node, write_node},
    [I_NODE_IF] = {read_node_if, write_node},
    [I_ALL] = {read_all, write_all},
    [I_POLICY] = {read_policy, write_policy},
    [I_NODES] = {read_nodes, write_nodes},
    [I_HOW] = {read_how, write_how},
    [I_STRICT] = {read_strict, write_strict},
    [I_DEVICE] = {read_device, write_device},
    [I_PRIORITY] = {read_priority, write_priority},
    [I_FRAMES] = {read_frames, item_write_number},
    [I_FAIL] = {read_fail, write_fail},
};
