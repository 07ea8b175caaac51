// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "event/event.h"
#include "event/log.h"

#define MAX_TEXT 512

static enum log_category category_of(enum event_kind kind)
{
    switch (kind) {
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_TAG_DROP:
    case EV_TAG_SAVE_FAIL:
    case EV_TAG_MOVE:
    case EV_TAG_DUP:
    case EV_STORE_ALLOC:
    case EV_STORE_IDLE:
    case EV_STORE_FREE:
    case EV_STORE_ORPHAN:
    case EV_STORE_UAF:
    case EV_UNTAG:
    case EV_TAGS_CLEARED:
    case EV_TAGS_LEFT: return LOG_TAGS;
    case EV_SWAP_OUT:
    case EV_UNMAP_UNDO:
    case EV_SWAP_IN:
    case EV_SWAP_GONE:
    case EV_SLOT_FREE: return LOG_SWAP;
    default: return LOG_MM;
    }
}

/* What goes wrong, or happens to a whole address space and not to pages. */
static enum log_level level_of(enum event_kind kind)
{
    switch (kind) {
    case EV_KERNEL_BUG:
    case EV_TAG_SAVE_FAIL:
    case EV_MM_START:
    case EV_MM_EXIT:
    case EV_MM_DEAD: return LOG_INFO;
    default: return LOG_DEBUG;
    }
}

struct text {
    char buf[MAX_TEXT];
    size_t len;
};

static void add(struct text *t, const char *key, uint64_t value, bool hex)
{
    if (value == 0)
        return;
    t->len +=
        (size_t)snprintf(t->buf + t->len, sizeof(t->buf) - t->len,
                         hex ? " %s=0x%" PRIx64 : " %s=%" PRIu64, key, value);
}

/* The fields that the event has, in the order of its struct. */
void log_event(const struct log *log, const struct event *ev)
{
    enum log_category c = category_of(ev->kind);
    enum log_level l = level_of(ev->kind);
    pfn_t pfn = event_frame(ev);
    struct text t = {{0}};

    if (!log_wants(log, c, l))
        return;
    add(&t, "mm", ev->mm, false);
    add(&t, "child", ev->mm2, false);
    add(&t, "object", ev->object, false);
    add(&t, "va", ev->va, true);
    add(&t, "end", ev->end, true);
    add(&t, "to", ev->to, true);
    if (pfn != PFN_NONE)
        t.len += (size_t)snprintf(t.buf + t.len, sizeof(t.buf) - t.len,
                                  " frame=%" PRIu32, pfn);
    add(&t, "entry", ev->entry, true);
    add(&t, "buffer", ev->buf, false);
    add(&t, "bytes", ev->bytes, false);
    if (ev->users)
        t.len += (size_t)snprintf(t.buf + t.len, sizeof(t.buf) - t.len,
                                  " users=%" PRIu32, ev->users - 1);
    add(&t, "insn", ev->insn, false);
    add(&t, "pid", ev->pid, false);
    add(&t, "pc", ev->pc, true);
    add(&t, "line", ev->line, false);
    log_print(log, c, l, "event=%" PRIu64 " %s path=%s%s", ev->nr,
              event_kind_name(ev->kind), mm_path_name(ev->path), t.buf);
}
