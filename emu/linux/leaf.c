// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/leaf.h"

/* A decision takes some tens; copies of glibc that unroll, a few hundred. */
#define MAX_INSNS    1024
#define MAX_BRANCHES 64

#define O0 8
#define O7 15
#define L0 16
#define I7 31

#define OP3_OR          0x02
#define OP3_RDASR       0x28
#define OP3_MOVCC       0x2c
#define OP3_FIRST_OTHER 0x30 /* below, each has an integer result */
#define OP3_JMPL        0x38
#define OP3_RETURN      0x39
#define OP3_SAVE        0x3c
#define OP3_RESTORE     0x3d
#define OP3_LOADS_FLOAT 0x20 /* this bit: and stores; but two */
#define OP3_CASA        0x3c
#define OP3_CASXA       0x3e

/* op2 */
#define BRANCH_BY_REGISTER 3
#define OP2_SETHI          4

#define COND_NEVER  0
#define COND_ALWAYS 8

enum runs { RUNS_ON, RUNS_AS_LEAF, RUNS_IN_WINDOW, RUNS_OUT_OF_SIGHT };

struct flow {
    gva_t pc, npc;
};

struct walk {
    leaf_read *read;
    const void *ctx;
    struct flow todo[MAX_BRANCHES];
    unsigned nr, next, insns;
};

static unsigned bits(uint32_t insn, unsigned low, unsigned nr)
{
    return insn >> low & ((1u << nr) - 1);
}

static unsigned op(uint32_t insn)
{
    return bits(insn, 30, 2);
}

static unsigned rd(uint32_t insn)
{
    return bits(insn, 25, 5);
}

static unsigned rs1(uint32_t insn)
{
    return bits(insn, 14, 5);
}

static unsigned rs2(uint32_t insn)
{
    return bits(insn, 0, 5);
}

/* The op3 of an instruction that computes, or jumps to what is computed. */
static bool is_op3(uint32_t insn, unsigned op3)
{
    return op(insn) == 2 && bits(insn, 19, 6) == op3;
}

static bool is_call(uint32_t insn)
{
    return op(insn) == 1 || (is_op3(insn, OP3_JMPL) && rd(insn) == O7);
}

static bool is_jump_to(uint32_t insn, unsigned reg)
{
    return is_op3(insn, OP3_JMPL) && rd(insn) == 0 && rs1(insn) == reg;
}

/* The register that a MOV copies; else 0. */
static unsigned moves(uint32_t insn)
{
    if (!is_op3(insn, OP3_OR) || bits(insn, 13, 1) ||
        (rs1(insn) != 0 && rs2(insn) != 0))
        return 0;
    return rs1(insn) | rs2(insn);
}

/* Has it an integer register where rd is: computed, loaded or stored? */
static bool has_rd(uint32_t insn)
{
    unsigned op3 = bits(insn, 19, 6);

    switch (op(insn)) {
    case 0: return bits(insn, 22, 3) == OP2_SETHI;
    case 2: return op3 < OP3_FIRST_OTHER;
    case 3:
        return !(op3 & OP3_LOADS_FLOAT) || op3 == OP3_CASA || op3 == OP3_CASXA;
    }
    return false;
}

/* Locals and ins are not a leaf's to use. */
static bool uses_window(uint32_t insn)
{
    bool computes = op(insn) == 2 && bits(insn, 19, 6) < OP3_FIRST_OTHER;
    bool no_rs1 = is_op3(insn, OP3_RDASR) || is_op3(insn, OP3_MOVCC);

    if (has_rd(insn) && rd(insn) >= L0)
        return true;
    if (!computes && op(insn) != 3)
        return false;
    return (!no_rs1 && rs1(insn) >= L0) ||
           (!bits(insn, 13, 1) && rs2(insn) >= L0);
}

/*
 * What becomes of %o7 tells whether it is one's caller.  Code that needs the
 * register for a call of its own has it in a global meanwhile; for who has a
 * window it is one register of many.
 */
static enum runs o7_decides(uint32_t insn)
{
    bool stores = op(insn) == 3 && bits(insn, 21, 1);

    if (moves(insn) == O7)
        return RUNS_AS_LEAF;
    if (!has_rd(insn) || rd(insn) != O7 || stores)
        return RUNS_ON;
    return moves(insn) != 0 && moves(insn) < O0 ? RUNS_AS_LEAF : RUNS_IN_WINDOW;
}

static enum runs decide(uint32_t insn, uint32_t delay)
{
    if (is_op3(insn, OP3_SAVE) || is_jump_to(insn, O7))
        return RUNS_AS_LEAF;
    if (is_op3(insn, OP3_RESTORE) || is_op3(insn, OP3_RETURN) ||
        is_jump_to(insn, I7) || uses_window(insn))
        return RUNS_IN_WINDOW;
    if (is_call(insn)) /* a leaf's last puts %o7 back in its delay slot */
        return o7_decides(delay) == RUNS_AS_LEAF ? RUNS_AS_LEAF
                                                 : RUNS_IN_WINDOW;
    if (is_op3(insn, OP3_JMPL) && is_op3(delay, OP3_RESTORE))
        return RUNS_IN_WINDOW;
    return o7_decides(insn);
}

static gva_t target(gva_t pc, uint32_t disp, unsigned nr_bits)
{
    int64_t words = (int32_t)(disp << (32 - nr_bits)) >> (32 - nr_bits);

    return pc + (gva_t)(words * 4);
}

static void later(struct walk *w, gva_t pc, gva_t npc)
{
    for (unsigned i = 0; i < w->nr; i++)
        if (w->todo[i].pc == pc && w->todo[i].npc == npc)
            return; /* a loop */
    if (w->nr < MAX_BRANCHES)
        w->todo[w->nr++] = (struct flow){pc, npc};
}

/* To where a branch leads, later; false: never past it. */
static bool branch(struct walk *w, struct flow *f, uint32_t insn, gva_t to)
{
    unsigned cond = bits(insn, 25, 4);
    bool by_register = bits(insn, 22, 3) == BRANCH_BY_REGISTER;
    bool annuls = bits(insn, 29, 1);
    bool always = !by_register && cond == COND_ALWAYS;

    if (always && annuls)
        later(w, to, to + 4);
    else if (by_register || cond != COND_NEVER)
        later(w, f->npc, to);
    if (annuls)
        f->npc += 4;
    return !always;
}

/* What compares and branches in one has no delay slot. */
static bool compare_branch(struct walk *w, const struct flow *f, uint32_t insn)
{
    gva_t to = target(f->pc, bits(insn, 19, 2) << 8 | bits(insn, 5, 8), 10);

    later(w, to, to + 4);
    return true;
}

/* Past @insn, which is at f->pc; false: the code does not go on there. */
static bool goes_on(struct walk *w, struct flow *f, uint32_t insn)
{
    if (is_op3(insn, OP3_JMPL)) { /* most likely into a table that follows */
        later(w, f->npc + 4, f->npc + 8);
        return false;
    }
    if (op(insn) != 0)
        return true;
    switch (bits(insn, 22, 3)) {
    case 0: /* ILLTRAP */ return false;
    case 1: /* BPcc */
    case 5: /* FBPfcc */ return branch(w, f, insn, target(f->pc, insn, 19));
    case 2: /* Bicc */
    case 6: /* FBfcc */ return branch(w, f, insn, target(f->pc, insn, 22));
    case BRANCH_BY_REGISTER:
        if (bits(insn, 28, 1))
            return compare_branch(w, f, insn);
        return branch(
            w, f, insn,
            target(f->pc, bits(insn, 20, 2) << 14 | bits(insn, 0, 14), 16));
    }
    return true;
}

static enum runs follow(struct walk *w, struct flow f)
{
    while (w->insns++ < MAX_INSNS) {
        uint32_t insn = w->read(w->ctx, f.pc);
        bool jumps = is_call(insn) || is_op3(insn, OP3_JMPL);
        enum runs runs = decide(insn, jumps ? w->read(w->ctx, f.npc) : 0);

        if (runs != RUNS_ON)
            return runs;
        if (!goes_on(w, &f, insn))
            break;
        f = (struct flow){f.npc, f.npc + 4};
    }
    return RUNS_OUT_OF_SIGHT;
}

bool leaf_is_call(uint32_t insn)
{
    return is_call(insn);
}

bool leaf_runs(const struct leaf_at *at, leaf_read *read, const void *ctx)
{
    struct walk w = {.read = read, .ctx = ctx};
    bool delayed = at->npc != at->pc + 4;
    enum runs runs = RUNS_OUT_OF_SIGHT;

    if (at->o7 == at->pc - 4)
        return false;
    if (delayed && (at->npc == at->o7 + 8 || at->npc == at->i7 + 8))
        return at->npc == at->o7 + 8; /* it returns */
    later(&w, at->pc, at->npc);
    for (w.next = 0; w.next < w.nr && runs == RUNS_OUT_OF_SIGHT; w.next++)
        runs = follow(&w, w.todo[w.next]);
    return runs == RUNS_AS_LEAF;
}
