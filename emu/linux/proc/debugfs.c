// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /sys/kernel/debug/adi: what the modelled kernel keeps of tags.  No kernel
 * has these files; their lines are words and numbers, a field after its name.
 */
#include <inttypes.h>
#include <stdio.h>

#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "mm/vma.h"

static void show_part(void *ctx, const struct adi_store_part *part)
{
    FILE *out = ctx;

    switch (part->kind) {
    case ADI_PART_DESC:
        fprintf(out, "desc %u start %#" PRIx64 " end %#" PRIx64, part->nr,
                part->start, part->end);
        break;
    case ADI_PART_PAGE:
        fprintf(out, "page start %#" PRIx64 " end %#" PRIx64, part->start,
                part->end);
        break;
    case ADI_PART_SLOT:
        fprintf(out, "slot type %u offset %" PRIu64, swp_type(part->entry),
                swp_offset(part->entry));
        break;
    }
    fprintf(out, " users %" PRIu64 " bytes %" PRIu64 "\n", part->users,
            part->bytes);
}

struct slots {
    const struct machine *m;
    FILE *out;
};

static int show_slot(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    const struct slots *s = ctx;
    swp_entry_t entry = pte_to_swp_entry(*ptep);
    uint64_t bytes =
        non_swap_entry(entry) ? 0 : adi_slot_bytes(s->m->adi, entry);

    (void)mm;
    if (bytes)
        fprintf(s->out,
                "slot type %u offset %" PRIu64 " start %#" PRIx64
                " end %#" PRIx64 " users %u bytes %" PRIu64 "\n",
                swp_type(entry), swp_offset(entry), va, va + PAGE_SIZE - 1,
                swap_entry_count(s->m->swap, entry), bytes);
    return 0;
}

/* The slots that page tables of @mm name, as far as they have a copy. */
static void show_slots_of(const struct machine *m, struct mm *mm, FILE *out)
{
    static const struct pgtable_ops ops = {.swap = show_slot};
    struct slots s = {m, out};

    for (const struct vma *vma = vma_first(mm); vma; vma = vma_next(vma))
        (void)pgtable_walk(mm, vma->start, vma->end, &ops, &s);
}

PROC_SHOW(debugfs_show_tag_store)
{
    if (!t->process->mm)
        return 0;
    adi_store_walk(m->adi, t->process->mm, show_part, out);
    show_slots_of(m, t->process->mm, out);
    return 0;
}

PROC_SHOW(debugfs_show_slots)
{
    (void)t;
    adi_store_walk(m->adi, NULL, show_part, out);
    return 0;
}

PROC_SHOW(debugfs_show_counters)
{
    static const char *const names[] = {
#define COUNTER(id, name, one, many, what) [COUNT_##id] = name,
#include "event/counters.def"
#undef COUNTER
    };

    (void)t;
    for (unsigned c = 0; c < COUNT_NR; c++)
        fprintf(out, "%s %" PRIu64 "\n", names[c],
                hub_counter(m->hub, (enum counter)c));
    return 0;
}
