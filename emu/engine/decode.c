// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of insns.def, and a word's line in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/emit.h"
#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"
#include "emu/engine/vis.h"

static const struct insn insns[] = {
#define INSN(name, mask, value, class, form, emit, what, where)                \
    {mask, value, CLASS_##class, #name, form, emit, (uintptr_t)(what)},
#include "emu/engine/insns.def"
#undef INSN
};

#define NR_INSNS (sizeof(insns) / sizeof(insns[0]))

_Static_assert(NR_INSNS <= MAX_INSNS, "room for all of them");

/* A list of lines: by op3, and with op 2 by the low bits of opf, too. */
static unsigned bucket_of(uint32_t word)
{
    unsigned op = word >> 30;

    if (op == 2)
        return (OP3(word) & 3) << 4 | (word >> 5 & 15);
    if (op == 3)
        return 64 + OP3(word);
    return 128;
}

_Static_assert(INSN_BUCKETS == 129, "as bucket_of() counts");

/* Words that are ours whether or not they have a line. */
static bool is_group(uint32_t word)
{
    if (word >> 30 == 2)
        return OP3(word) >= 0x34 && OP3(word) <= 0x37;
    return (word & 0xd1c00000u) == 0x10c00000u;
}

static bool may_be_ours(uint32_t word)
{
    return is_group(word) || (word >> 30 == 3 && OP3(word) >= 0x20);
}

static bool is_floating(const struct insn *in)
{
    if (in->value >> 30 == 3)
        return true;
    return in->value >> 30 == 2 &&
           (OP3(in->value) != 0x36 || strpbrk(in->form, "sd") != NULL);
}

static bool is_helper(const struct insn *in, unsigned *flags)
{
    *flags = HELPER_READS;
    if (in->emit == emit_fp || in->emit == emit_fcmp)
        return true;
    *flags = HELPER_PURE;
    return in->emit == emit_call || in->emit == emit_call_gsr ||
           in->emit == emit_pdist || in->emit == emit_edge ||
           in->emit == emit_cmask;
}

/* Helpers that no line names. */
static const struct {
    void (*fn)(void);
    const char *name;
    unsigned flags;
} others[] = {
#define OTHER(fn, flags)                                                       \
    {                                                                          \
        (void (*)(void)) fn, #fn, flags                                        \
    }
    OTHER(fp_load_fsr, HELPER_READS),      OTHER(fp_quad, HELPER_ANY),
    OTHER(fp_quad_load, HELPER_ANY),       OTHER(fp_quad_store, HELPER_ANY),
    OTHER(fp_partial_store, HELPER_READS), OTHER(debug_break, HELPER_ANY),
    OTHER(jump_not_aligned, HELPER_ANY),   OTHER(window_save, HELPER_ANY),
    OTHER(window_restore, HELPER_ANY),
#undef OTHER
};

#define NR_OTHERS (sizeof(others) / sizeof(others[0]))

int engine_insns_open(struct engine *e)
{
    unsigned flags, nr = 0;

    e->helpers = calloc(NR_INSNS + NR_OTHERS, sizeof(*e->helpers));
    if (!e->helpers)
        return -ENOMEM;
    for (size_t i = NR_INSNS; i-- > 0;) {
        uint16_t *first = &e->insn_first[bucket_of(insns[i].value)];

        e->insn_next[i] = *first;
        *first = (uint16_t)(i + 1);
        if (is_helper(&insns[i], &flags))
            tcg_register(&e->helpers[nr++], (void (*)(void))insns[i].what,
                         insns[i].name, flags);
    }
    for (size_t i = 0; i < NR_OTHERS; i++)
        tcg_register(&e->helpers[nr++], others[i].fn, others[i].name,
                     others[i].flags);
    return 0;
}

static const struct insn *find(const struct engine *e, uint32_t word)
{
    for (unsigned i = e->insn_first[bucket_of(word)]; i;
         i = e->insn_next[i - 1])
        if ((word & insns[i - 1].mask) == insns[i - 1].value)
            return &insns[i - 1];
    return NULL;
}

const char *engine_insn_name(uint32_t word, const char **form, bool *newer)
{
    for (size_t i = 0; i < NR_INSNS; i++) {
        if ((word & insns[i].mask) != insns[i].value)
            continue;
        *form = insns[i].form;
        *newer = insns[i].needs != CLASS_BASE;
        return insns[i].name;
    }
    return NULL;
}

uint32_t insn_translate(struct engine *e, uint32_t word)
{
    const struct insn *in;

    if (!may_be_ours(word))
        return word;
    in = find(e, word);
    if (!in)
        return is_group(word) ? WORD_ILLEGAL : word;
    if (!engine_has(e, in->needs))
        return WORD_ILLEGAL;
    if (is_floating(in) && !translate_fpu_on())
        return WORD_FMOVS;
    return in->emit(in, word);
}
