// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations as lines of an event script, docs/events.md, and back. */
#include <string.h>

#include "random.h"
#include "script/script.h"

static const enum script_verb verbs[OP_NR] = {
    [OP_MMAP] = VERB_MMAP,         [OP_MUNMAP] = VERB_MUNMAP,
    [OP_MPROTECT] = VERB_MPROTECT, [OP_MREMAP] = VERB_MREMAP,
    [OP_MADVISE] = VERB_MADVISE,   [OP_MLOCK] = VERB_MLOCK,
    [OP_MUNLOCK] = VERB_MUNLOCK,   [OP_TAG] = VERB_TAG,
    [OP_WRITE] = VERB_WRITE,       [OP_READ] = VERB_READ,
    [OP_FORK] = VERB_FORK,         [OP_EXIT] = VERB_EXIT,
    [OP_SWAPOUT] = VERB_SWAPOUT,   [OP_RECLAIM] = VERB_RECLAIM,
    [OP_MIGRATE] = VERB_MIGRATE,   [OP_PIN] = VERB_PIN,
    [OP_UNPIN] = VERB_UNPIN,       [OP_SWAPOFF] = VERB_SWAPOFF,
    [OP_SWAPON] = VERB_SWAPON,     [OP_FAIL] = VERB_FAIL,
    [OP_TRUNCATE] = VERB_TRUNCATE, [OP_PUNCH] = VERB_PUNCH,
    [OP_SYNC] = VERB_SYNC,         [OP_COMPACT] = VERB_COMPACT,
    [OP_MOVE] = VERB_MOVE,         [OP_MBIND] = VERB_MBIND,
    [OP_LOOK] = VERB_CHECK,        [OP_PWRITE] = VERB_PWRITE,
};

/* Operations on the memory as a whole, or on an object. */
static bool has_process(enum verb verb)
{
    switch (verb) {
    case OP_RECLAIM:
    case OP_COMPACT:
    case OP_SWAPOFF:
    case OP_SWAPON:
    case OP_FAIL:
    case OP_TRUNCATE:
    case OP_PUNCH:
    case OP_SYNC:
    case OP_PWRITE:
    case OP_LOOK: return false;
    default: return true;
    }
}

static bool has_range(enum verb verb)
{
    switch (verb) {
    case OP_WRITE:
    case OP_READ:
    case OP_PIN:
    case OP_UNPIN:
    case OP_FORK:
    case OP_EXIT: return false;
    default: return has_process(verb);
    }
}

static void set_details(struct script_action *a, const struct op *op)
{
    switch (op->verb) {
    case OP_TAG:
        a->has_block = op->block < NR_BLOCKS;
        a->block = a->has_block ? op->block : 0;
        break;
    case OP_WRITE: a->va = op->va + op->block * ADI_BLKSZ; break;
    case OP_MIGRATE:
        a->has_node = true;
        a->node = op->nr;
        break;
    case OP_MOVE:
        a->has_node = true;
        a->node = op->nr;
        a->how = op->how;
        break;
    case OP_MBIND:
        a->policy = (enum mpol_mode)op->mode;
        a->nodes = op->nr;
        a->how = op->how;
        break;
    case OP_RECLAIM:
    case OP_FAIL: a->nr = op->nr; break;
    case OP_TRUNCATE: a->nr = op->size; break;
    case OP_PUNCH: a->pages = op->pages; break;
    case OP_PWRITE:
        a->nr = op->pgoff * PAGE_SIZE + op->block * ADI_BLKSZ;
        a->len = op->size;
        a->from = op->from;
        break;
    default: break;
    }
}

void op_print(FILE *out, const struct op *op)
{
    struct script_event ev = {.trigger = {.when = op->when,
                                          .moment = op->moment,
                                          .kind = op->kind,
                                          .nr = op->nth}};
    struct script_action a = {.verb = verbs[op->verb],
                              .to = op->to,
                              .to_pages = op->to_pages,
                              .prot = op->prot,
                              .shared = op->shared,
                              .object = op->object,
                              .pgoff = op->pgoff,
                              .advice = op->advice,
                              .flag = op->dontunmap,
                              .value = op->value,
                              .child = op->child,
                              .device = op->device,
                              .priority = -1,
                              .fail = op->fail};
    char text[SCRIPT_MAX_TEXT];

    if (has_process(op->verb)) {
        a.pid = op->pid;
        a.va = op->va;
    }
    if (has_range(op->verb))
        a.pages = op->pages;
    if (op->object)
        a.backing = op->object < FIRST_FILE ? BACKING_SHMEM : BACKING_FILE;
    set_details(&a, op);
    ev.action = a;
    fputs(script_event_text(&ev, text), out);
}

static void from_event(struct op *op, const struct script_event *ev)
{
    const struct script_action *a = &ev->action;

    *op = (struct op){.pid = a->pid,
                      .child = a->child,
                      .va = page_align_down(a->va),
                      .to = a->to,
                      .pages = a->pages ? (unsigned)a->pages : 1,
                      .to_pages = (unsigned)a->to_pages,
                      .prot = a->prot,
                      .shared = a->shared,
                      .dontunmap = a->flag,
                      .object = a->object,
                      .pgoff = (unsigned)a->pgoff,
                      .advice = a->advice,
                      .block = NR_BLOCKS,
                      .value = a->value,
                      .device = a->device,
                      .size = a->nr,
                      .from = a->from,
                      .fail = a->fail,
                      .nr = (unsigned)a->nr,
                      .when = ev->trigger.when,
                      .moment = ev->trigger.moment,
                      .kind = ev->trigger.kind,
                      .nth = ev->trigger.nr};
    while (verbs[op->verb] != a->verb)
        op->verb++;
    if (op->verb == OP_WRITE)
        op->block = page_offset(a->va) / ADI_BLKSZ;
    if (op->verb == OP_PWRITE) {
        op->pgoff = (unsigned)(a->nr >> PAGE_SHIFT);
        op->block = page_offset(a->nr) / ADI_BLKSZ;
        op->size = a->len;
    }
    if (a->has_block)
        op->block = a->block;
    if (a->has_node)
        op->nr = a->node;
    if (op->verb == OP_MBIND)
        op->nr = a->nodes;
    op->mode = (unsigned)a->policy;
    op->how = a->how;
}

int op_parse(const char *text, size_t len, struct op *op, unsigned max,
             const char *name)
{
    static const struct script_rules rules = {.nr_nodes = 2};
    struct script s;
    unsigned nr;

    if (script_parse(text, len, &rules, &s) != 0)
        return -1;
    for (size_t i = 0; i < s.nr_errors && i < SCRIPT_MAX_ERRORS; i++)
        fprintf(stderr, "%s:%u:%u: %s\n", name, s.errors[i].line,
                s.errors[i].col, s.errors[i].text);
    for (nr = 0; nr < s.nr && nr < max; nr++)
        from_event(&op[nr], &s.events[nr]);
    script_free(&s);
    return s.nr_errors ? -1 : (int)nr;
}
