// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "print/internal.h"
#include "print/text.h"

void print_call_stack(FILE *out, const struct report *r,
                      const struct call_stack *s)
{
    if (s->line)
        fprintf(out, P "   at line %" PRIu32 " of the events\n", s->line);
    for (uint32_t i = 0; i < s->nr; i++)
        print_frame(out, r, i ? "by" : "at", s->program, s->pc[i]);
}

/* Equal ones that came later may have been elsewhere. */
static void print_repeats(FILE *out, const struct mismatch *m)
{
    char n[32];

    if (m->count == 1)
        return;
    fprintf(out, P "   %s in all", commas(m->count, n));
    if (m->low != m->high)
        fprintf(out, ", at 0x%" PRIx64 "-0x%" PRIx64, m->low, m->high);
    fputs("; the first:\n", out);
}

static void print_setter(FILE *out, const struct report *r,
                         const struct mismatch *m)
{
    const struct call_stack *s = judge_stack(r->judge, m->set_by);

    if (!s) {
        fprintf(out, P "   the program never set the tag of this block\n");
        return;
    }
    fprintf(out, P "   tag %u was set", m->set_tag);
    if (s->pid)
        fprintf(out, " by pid %" PRIu32, s->pid);
    fputs(m->set_tag == m->first.memory_tag ? "\n" : ", and lost since\n", out);
    print_call_stack(out, r, s);
}

/* One line; the block of the access is in brackets. */
static void print_around(FILE *out, const struct mismatch_access *a)
{
    fprintf(out, P "   tags from 0x%" PRIx64 " on:", a->around_start);
    for (unsigned i = 0; i < MISMATCH_AROUND; i++) {
        char tag[8] = "-";

        if (a->around[i] != MISMATCH_NO_TAG)
            snprintf(tag, sizeof(tag), "%u", a->around[i]);
        fprintf(out, i == MISMATCH_AROUND / 2 ? " [%s]" : " %s", tag);
    }
    fputc('\n', out);
}

static void print_mismatch(FILE *out, const struct report *r, size_t n)
{
    const struct mismatch *m = judge_get_mismatch(r->judge, n);
    const struct mismatch_access *a = &m->first;

    fprintf(out, P "\n" P "Tag mismatch, record %zu of %zu\n", n + 1,
            judge_nr_mismatches(r->judge));
    print_repeats(out, m);
    fprintf(out,
            P "   %s of %u byte%s at 0x%" PRIx64
              ": the pointer has tag %u, the memory %u\n",
            a->store ? "store" : "load", a->bytes, plural(a->bytes), a->va,
            (unsigned)(a->va >> 60), a->memory_tag);
    fputs(P "   ", out);
    if (a->call)
        fprintf(out, "in system call %s, ", a->call);
    else if (a->kernel)
        fputs("by the kernel, ", out);
    fprintf(out, "%s, mm %" PRIu32,
            a->precise ? "precise" : "disrupting: the store was done", a->mm);
    if (a->pid)
        fprintf(out, ", pid %" PRIu32, a->pid);
    if (a->insn)
        fprintf(out, ", insn %" PRIu64, a->insn);
    fputc('\n', out);
    print_call_stack(out, r, judge_stack(r->judge, m->stack));
    print_setter(out, r, m);
    print_around(out, a);
}

void print_mismatches(FILE *out, const struct report *r)
{
    uint64_t left_out = judge_mismatches_left_out(r->judge);
    char n[32];

    for (size_t i = 0; i < judge_nr_mismatches(r->judge); i++)
        print_mismatch(out, r, i);
    if (left_out)
        fprintf(out,
                P "\n" P "%s tag mismatch%s more; --mismatch=all has "
                  "them\n",
                commas(left_out, n), left_out == 1 ? "" : "es");
}
