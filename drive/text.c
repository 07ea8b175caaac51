/* A script as text again: what is printed parses to the same. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "drive/script.h"
#include "drive/words.h"
#include "mm/mmap.h"
#include "report/invariant.h"

struct text {
    char *buf;
    size_t len;
};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->buf + t->len, SCRIPT_MAX_TEXT - t->len, fmt, ap);
    va_end(ap);
    INVARIANT(n >= 0 && (size_t)n < SCRIPT_MAX_TEXT - t->len);
    t->len += (size_t)n;
}

static void put_process(struct text *t, uint32_t pid)
{
    if (pid)
        put(t, " pid %" PRIu32, pid);
}

static void put_place(struct text *t, gva_t va, uint64_t pages, uint64_t usual)
{
    put(t, " 0x%" PRIx64, va);
    if (pages != usual)
        put(t, "+%" PRIu64, pages);
}

static void put_range(struct text *t, const struct script_action *a)
{
    if (a->pages == UINT64_MAX)
        put(t, " all");
    else if (a->pages)
        put_place(t, a->va, a->pages, 1);
}

static void put_prot(struct text *t, unsigned prot)
{
    put(t, " %s", word_of(prot_words, (int)(prot & ~PROT_G_ADI)));
    if (prot & PROT_G_ADI)
        put(t, " adi");
}

static void put_backing(struct text *t, const struct script_action *a)
{
    put(t, a->shared ? " shared" : " private");
    if (a->backing == BACKING_ANON)
        return;
    put(t, " %s", word_of(backing_words, (int)a->backing));
    if (a->object)
        put(t, " %" PRIu32, a->object);
    if (a->pgoff)
        put(t, " from %" PRIu64, a->pgoff);
}

static void put_node(struct text *t, const struct script_action *a)
{
    if (a->has_node)
        put(t, " node %u", a->node);
}

static void put_rest(struct text *t, const struct script_action *a)
{
    switch (a->verb) {
    case VERB_MIGRATE:
    case VERB_COMPACT: put_node(t, a); break;
    case VERB_SWAPOFF: put(t, " /dev/adi%u", a->device); break;
    case VERB_SWAPON:
        put(t, " /dev/adi%u", a->device);
        if (a->priority >= 0)
            put(t, " pri %d", a->priority);
        break;
    case VERB_FAIL:
        put(t, " %s %" PRIu64, word_of(fail_words, (int)a->fail), a->nr);
        break;
    case VERB_MMAP:
        put_prot(t, a->prot);
        put_backing(t, a);
        break;
    case VERB_MPROTECT: put_prot(t, a->prot); break;
    case VERB_MREMAP:
        put_place(t, a->to, a->to_pages, a->pages);
        put(t, a->flag ? " dontunmap" : "");
        break;
    case VERB_MLOCK: put(t, a->flag ? " onfault" : ""); break;
    case VERB_RECLAIM:
        put(t, " %" PRIu64, a->nr);
        put_node(t, a);
        break;
    case VERB_MADVISE: put(t, " %s", word_of(advice_words, a->advice)); break;
    case VERB_TAG:
        put(t, " %u", a->value);
        if (a->has_block)
            put(t, " at %u", a->block);
        break;
    case VERB_WRITE: put(t, " 0x%" PRIx64 " %u", a->va, a->value); break;
    case VERB_READ:
        put(t, " 0x%" PRIx64, a->va);
        if (a->flag)
            put(t, " tag %u", a->tag);
        if (a->expect)
            put(t, " expect %u", a->value);
        break;
    case VERB_FORK: put(t, " as %" PRIu32, a->child); break;
    case VERB_TRUNCATE:
    case VERB_PIN:
    case VERB_UNPIN: put(t, " 0x%" PRIx64, a->va); break;
    default: break;
    }
}

/* Actions on an object by its number. */
static void put_object(struct text *t, const struct script_action *a)
{
    put(t, " %s %" PRIu32, word_of(backing_words, (int)a->backing), a->object);
    if (a->verb == VERB_TRUNCATE)
        put(t, " %" PRIu64, a->nr);
    if (a->verb != VERB_PUNCH)
        return;
    put(t, " %" PRIu64, a->pgoff);
    if (a->pages != 1)
        put(t, "+%" PRIu64, a->pages);
}

static void put_action(struct text *t, const struct script_action *a)
{
    put(t, "%s", script_verb_name(a->verb));
    if (a->object && a->verb != VERB_MMAP) {
        put_object(t, a);
        return;
    }
    put_process(t, a->pid);
    put_range(t, a);
    put_rest(t, a);
}

static void put_which(struct text *t, const struct script_trigger *tr)
{
    if (tr->nr)
        put(t, " %" PRIu64, tr->nr);
    put_process(t, tr->pid);
}

static void put_trigger(struct text *t, const struct script_trigger *tr)
{
    switch (tr->when) {
    case WHEN_START: return;
    case WHEN_INSN: put(t, "after insn %" PRIu64, tr->nr); break;
    case WHEN_SYSCALL:
        put(t, "at syscall %s", tr->syscall);
        put_which(t, tr);
        break;
    case WHEN_FAULT:
        put(t, "%s fault %s", word_of(moment_words, (int)tr->moment),
            word_of(kind_words, (int)tr->kind));
        put_which(t, tr);
        break;
    case WHEN_EXIT:
        put(t, "at exit");
        put_which(t, tr);
        break;
    }
    put(t, ": ");
}

const char *script_event_text(const struct script_event *ev,
                              char buf[static SCRIPT_MAX_TEXT])
{
    struct text t = {.buf = buf};

    put_trigger(&t, &ev->trigger);
    put_action(&t, &ev->action);
    return buf;
}

const char *script_action_text(const struct script_action *action,
                               char buf[static SCRIPT_MAX_TEXT])
{
    struct text t = {.buf = buf};

    put_action(&t, action);
    return buf;
}
