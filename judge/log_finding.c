// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "event/log.h"
#include "judge/internal.h"

void log_finding(const struct log *log, const struct finding *f)
{
    log_print(log, LOG_TAGS, LOG_INFO,
              "event=%" PRIu64 " page %s mm=%" PRIu32 " va=0x%" PRIx64
              " blocks=%u first=%u found=%u expected=%u",
              f->seen.nr, finding_kind_name(f->kind), f->mm, f->va, f->blocks,
              f->first, f->found, f->expected);
}

void log_mismatch(const struct log *log, const struct mismatch *m,
                  const struct call_stack *s)
{
    const struct mismatch_access *a = &m->first;

    log_print(log, LOG_TAGS, LOG_INFO,
              "mismatch %s mm=%" PRIu32 " va=0x%" PRIx64
              " bytes=%u memory=%u precise=%d pid=%" PRIu32 " pc=0x%" PRIx64
              "%s%s",
              a->store ? "store" : "load", a->mm, a->va, a->bytes,
              a->memory_tag, a->precise, a->pid, s->nr ? s->pc[0] : 0,
              a->call ? " call=" : "", a->call ? a->call : "");
}

void log_misrelease(const struct log *log, const struct misrelease *m)
{
    log_print(log, LOG_TAGS, LOG_INFO,
              "event=%" PRIu64 " wrong release mm=%" PRIu32 " va=0x%" PRIx64
              " buffer=%" PRIu64 " kind=%s",
              m->at.nr, m->mm, m->va, m->buf, misrelease_kind_name(m->kind));
}
