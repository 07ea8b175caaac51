// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fault.h"

#include "emu/linux/abi.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"
#include "mm/fault.h"
#include "mm/populate.h"

static enum access_end deny(struct fault_info *fault, int sig, int code,
                            uint64_t addr)
{
    *fault = (struct fault_info){.sig = sig, .code = code, .addr = addr};
    return ACCESS_FAULT;
}

/* A page fault that the memory manager could not settle. */
static enum access_end failed(enum fault why, gva_t va, enum access access,
                              struct fault_info *fault)
{
    *fault = (struct fault_info){.sig = SIG_SEGV,
                                 .code = SEGV_G_MAPERR,
                                 .addr = va,
                                 .page = true,
                                 .exec = access == ACCESS_EXEC};
    switch (why) {
    case FAULT_GUARD:
    case FAULT_ACCERR: fault->code = SEGV_G_ACCERR; break;
    case FAULT_BUS:
        fault->sig = SIG_BUS;
        fault->code = BUS_G_ADRERR;
        break;
    case FAULT_HWPOISON:
    case FAULT_OOM:
        *fault = (struct fault_info){.sig = SIG_KILL, .fatal = true};
        break;
    case FAULT_OK:
    case FAULT_MAPERR:
    case FAULT_RETRY:
    case FAULT_WAIT: break;
    }
    return ACCESS_FAULT;
}

/* The entry grants the access: what the engine needs to know of it. */
static enum access_end granted(const struct task *t, uint64_t va, gva_t canon,
                               const pte_t *ptep, struct engine_page *page,
                               struct fault_info *fault)
{
    mm_touch_pte(ptep);
    page->pfn = pte_pfn(*ptep);
    page->writable = pte_hw_write(*ptep);
    page->mcd = pte_mcd(*ptep) && adi_mm_enabled(t->process->mm);
    /* Tag bits over a page without tags: not an address at all. */
    if (va != canon && !page->mcd)
        return deny(fault, SIG_SEGV, SEGV_G_MAPERR, va);
    machine_check_fill(t->m, t->process->mm, canon, *ptep);
    return ACCESS_DONE;
}

/* Pages that came from swap, with I/O or as zeros. */
static uint64_t swap_reads(const struct task *t)
{
    return hub_counter(t->m->hub, COUNT_SWAP_READ) +
           hub_counter(t->m->hub, COUNT_SWAP_ZERO_IN);
}

/* mm_account_fault(): one that was settled, by reading from swap or not. */
static void account_fault(struct task *t, uint64_t reads_before)
{
    if (swap_reads(t) == reads_before) {
        t->min_flt++;
    } else {
        t->maj_flt++;
        t->m->pgmajfault++;
    }
    t->m->pgfault++;
}

/* Can the access be made again?  Who is to be killed does not wait, either. */
static bool task_may_wait(const struct task *t)
{
    return !t->no_wait && !t->dead && !signal_fatal_pending(t);
}

/* As task_translate(); @gup: as get_user_pages() does */
static enum access_end translate(struct task *t, uint64_t va,
                                 enum access access, bool gup,
                                 struct engine_page *page,
                                 struct fault_info *fault)
{
    struct mm *mm = t->process->mm;
    bool tagged = access != ACCESS_EXEC && adi_mm_enabled(mm);
    gva_t canon = tagged ? untagged_addr(va) : va;

    if (va_in_hole(canon)) {
        (void)deny(fault, SIG_SEGV, SEGV_G_MAPERR, va);
        fault->exec = access == ACCESS_EXEC;
        return ACCESS_FAULT;
    }
    for (int round = 0; round < MM_FAULT_ROUNDS; round++) {
        const pte_t *ptep = mm_pte(mm, canon);
        uint64_t reads = swap_reads(t);
        enum fault why;

        if (ptep && pte_allows(*ptep, access))
            return granted(t, va, canon, ptep, page, fault);
        if (round == 0 && task_may_wait(t) &&
            machine_fault_waits(t, canon, access))
            return ACCESS_WAIT;
        why = mm_handle_fault(mm, canon, access);
        machine_check(t->m);
        if (why == FAULT_WAIT && task_may_wait(t))
            return ACCESS_WAIT;
        if (why == FAULT_WAIT) /* handle_userfault() */
            return failed(FAULT_BUS, canon, access, fault);
        if (!gup && mm_fault_is_bug(mm, canon, access, why))
            machine_kernel_bug(t);
        else if (why == FAULT_HWPOISON)
            why = FAULT_BUS; /* -EFAULT to who asked */
        if (why != FAULT_OK && why != FAULT_RETRY)
            return failed(why, canon, access, fault);
        account_fault(t, reads);
        machine_fault_settled(t, canon);
    }
    machine_stuck(t->m, canon);
    return failed(FAULT_BUS, canon, access, fault);
}

enum access_end task_translate(struct task *t, uint64_t va, enum access access,
                               struct engine_page *page,
                               struct fault_info *fault)
{
    return translate(t, va, access, false, page, fault);
}

enum access_end task_get_user_page(struct task *t, uint64_t va,
                                   enum access access, struct engine_page *page,
                                   struct fault_info *fault)
{
    return translate(t, va, access, true, page, fault);
}

enum access_end task_translate_mcd(struct task *t, uint64_t va, bool store,
                                   struct engine_page *page,
                                   struct fault_info *fault)
{
    enum access_end end;

    /* MCD disabled: PSTATE.mcde is off. */
    if (!adi_mm_enabled(t->process->mm))
        return deny(fault, SIG_SEGV, SEGV_G_ACCADI, va);
    end = task_translate(t, untagged_addr(va),
                         store ? ACCESS_WRITE : ACCESS_READ, page, fault);
    if (end != ACCESS_DONE)
        return end;
    /* An ASI that is not for this page: TTE.mcd is off. */
    if (!page->mcd)
        return deny(fault, SIG_ILL, ILL_G_ILLADR, va);
    return ACCESS_DONE;
}
