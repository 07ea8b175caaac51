// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/sigpending.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"

struct queued {
    struct siginfo info;
    struct queued *prev, *next;
};

/* SYNCHRONOUS_MASK: what an instruction raises, if not somebody else. */
#define SYNCHRONOUS                                                            \
    (SIGMASK(SIG_SEGV) | SIGMASK(SIG_BUS) | SIGMASK(SIG_ILL) |                 \
     SIGMASK(SIG_TRAP) | SIGMASK(SIG_FPE) | SIGMASK(SIG_SYS))

bool sigpending_add(struct kmem *k, struct sigpending *p,
                    const struct siginfo *info)
{
    struct queued *q;

    if (info->signo < SIG_RTMIN && info->code != SI_G_TIMER &&
        p->set & SIGMASK(info->signo))
        return true;
    q = kmem_zalloc(k, sizeof(*q));
    if (!q)
        return false;
    q->info = *info;
    DL_APPEND(p->list, q);
    p->set |= SIGMASK(info->signo);
    return true;
}

void sigpending_add_bare(struct sigpending *p, int sig)
{
    p->set |= SIGMASK(sig);
}

unsigned sigpending_count(const struct sigpending *p)
{
    const struct queued *q;
    unsigned nr = 0;

    DL_COUNT(p->list, q, nr);
    return nr;
}

/* list_del_init() and what follows it in collect_signal() */
static void take(struct sigpending *p, struct queued *q, struct siginfo *out)
{
    const struct queued *i;

    *out = q->info;
    DL_DELETE(p->list, q);
    kmem_free(q);
    p->set &= ~SIGMASK(out->signo);
    DL_FOREACH(p->list, i) {
        if (i->info.signo == out->signo)
            p->set |= SIGMASK(out->signo);
    }
}

bool sigpending_take(struct sigpending *p, uint64_t set, struct siginfo *out)
{
    struct queued *q;
    int signo;

    set &= p->set;
    if (set & SIGMASK(SIG_KILL))
        set = SIGMASK(SIG_KILL);
    else if (set & SYNCHRONOUS)
        set &= SYNCHRONOUS;
    if (!set)
        return false;
    signo = __builtin_ctzll(set) + 1;
    DL_FOREACH(p->list, q) {
        if (q->info.signo == signo)
            break;
    }
    if (q) {
        take(p, q, out);
    } else {
        *out = (struct siginfo){.signo = signo, .code = SI_G_USER};
        p->set &= ~SIGMASK(signo);
    }
    return true;
}

bool sigpending_peek(const struct sigpending *p, uint64_t nth,
                     struct siginfo *out)
{
    const struct queued *q;

    DL_FOREACH(p->list, q) {
        if (nth-- == 0) {
            *out = q->info;
            return true;
        }
    }
    return false;
}

bool sigpending_take_fault(struct sigpending *p, uint64_t set,
                           struct siginfo *out)
{
    struct queued *q;

    if (!(p->set & set & SYNCHRONOUS))
        return false;
    DL_FOREACH(p->list, q) {
        if (SIGMASK(q->info.signo) & set & SYNCHRONOUS &&
            q->info.code > SI_G_USER) {
            take(p, q, out);
            return true;
        }
    }
    return false;
}

void sigpending_drop(struct sigpending *p, uint64_t set)
{
    struct queued *q, *next;

    if (!(p->set & set))
        return;
    DL_FOREACH_SAFE(p->list, q, next) {
        if (!(SIGMASK(q->info.signo) & set))
            continue;
        DL_DELETE(p->list, q);
        kmem_free(q);
    }
    p->set &= ~set;
}
