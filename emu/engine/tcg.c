// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/tcg.h"

#include <stdlib.h>
#include <string.h>

#include "emu/engine/internal.h"

#define TYPE_I32 0
#define TYPE_I64 1

/*
 * The archive's callbacks carry no pointer of ours: these are of the engine
 * that this thread opened last.
 */
static _Thread_local struct tcg_regs regs;
static _Thread_local void *helper_table;

const struct tcg_regs *tcg_regs(void)
{
    return &regs;
}

static struct tcg_val *val_of(const void *temp)
{
    return (struct tcg_val *)((uintptr_t)temp - (uintptr_t)regs.ctx);
}

static uint64_t arg_of(const struct tcg_val *v)
{
    return (uint64_t)((uintptr_t)v + (uintptr_t)regs.ctx);
}

static struct tcg_val **slot_of(const char *name)
{
    static const char windowed[] = "goli";
    static const struct {
        const char *name;
        size_t at;
    } others[] = {
#define REG(name) {#name, offsetof(struct tcg_regs, name)}
        REG(regwptr), REG(pc),   REG(npc),     REG(fsr),    REG(gsr),
        REG(fprs),    REG(cond), REG(cc_src2), REG(cc_src), REG(cc_dst),
        REG(cc_op),   REG(psr),  REG(xcc),
#undef REG
    };
    const char *window = strchr(windowed, name[0]);

    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(name, others[i].name) == 0)
            return (struct tcg_val **)(void *)((char *)&regs + others[i].at);
    if (window && name[1] >= '0' && name[1] <= '7' && !name[2])
        return &regs.gpr[8 * (window - windowed) + name[1] - '0'];
    if (name[0] == 'f' && name[1] >= '0' && name[1] <= '9')
        return &regs.fpr[atoi(name + 1) / 2];
    return NULL;
}

void tcg_note_reg(void *ctx, const char *name, void *temp, void *base)
{
    struct tcg_val **slot;

    regs.ctx = ctx;
    slot = slot_of(name);
    if (slot)
        *slot = val_of(temp);
    if (slot == &regs.pc)
        regs.env = base;
}

struct tcg_val *tcg_temp(void)
{
    return val_of(tcg_temp_new_internal_sparc64(regs.ctx, TYPE_I64, false));
}

struct tcg_val *tcg_local(void)
{
    return val_of(tcg_temp_new_internal_sparc64(regs.ctx, TYPE_I64, true));
}

void tcg_free(struct tcg_val *v)
{
    tcg_temp_free_internal_sparc64(regs.ctx, (void *)(uintptr_t)arg_of(v));
}

struct tcg_val *tcg_const(int64_t value)
{
    return tcg_const_i64_sparc64(regs.ctx, value);
}

void tcg_op2(enum tcg_op op, struct tcg_val *d, struct tcg_val *a)
{
    tcg_gen_op2_sparc64(regs.ctx, op, arg_of(d), arg_of(a));
}

void tcg_op3(enum tcg_op op, struct tcg_val *d, struct tcg_val *a,
             struct tcg_val *b)
{
    tcg_gen_op3_sparc64(regs.ctx, op, arg_of(d), arg_of(a), arg_of(b));
}

void tcg_movi(struct tcg_val *d, int64_t value)
{
    tcg_gen_op2_sparc64(regs.ctx, TCG_MOVI, arg_of(d), (uint64_t)value);
}

void tcg_load(struct tcg_val *d, struct tcg_val *base, unsigned offset)
{
    tcg_gen_op3_sparc64(regs.ctx, TCG_LD, arg_of(d), arg_of(base), offset);
}

void tcg_store(struct tcg_val *v, struct tcg_val *base, int offset)
{
    tcg_gen_op3_sparc64(regs.ctx, TCG_ST, arg_of(v), arg_of(base),
                        (uint64_t)(int64_t)offset);
}

void tcg_load_env(struct tcg_val *d, unsigned offset)
{
    tcg_load(d, regs.env, offset);
}

void tcg_store_env(struct tcg_val *v, unsigned offset)
{
    tcg_store(v, regs.env, (int)offset);
}

#define ALU3(name, op)                                                         \
    void tcg_gen_##name(void *ctx, void *d, void *a, void *b)                  \
    {                                                                          \
        (void)ctx;                                                             \
        tcg_op3(op, d, a, b);                                                  \
    }

ALU3(add, TCG_ADD)
ALU3(sub, TCG_SUB)
ALU3(and, TCG_AND)
ALU3(or, TCG_OR)
ALU3(xor, TCG_XOR)

void tcg_gen_andc_reversed(void *ctx, void *d, void *a, void *b)
{
    tcg_gen_andc_i64_sparc64(ctx, d, b, a);
}

void tcg_gen_orc_reversed(void *ctx, void *d, void *a, void *b)
{
    tcg_gen_orc_i64_sparc64(ctx, d, b, a);
}

void tcg_gen_mov(void *ctx, void *d, void *a)
{
    (void)ctx;
    tcg_op2(TCG_MOV, d, a);
}

struct tcg_label *tcg_label(void)
{
    return gen_new_label_sparc64(regs.ctx);
}

void tcg_set_label(struct tcg_label *label)
{
    *(uint32_t *)(void *)label |= 1; /* TCGLabel.present */
    tcg_gen_op1_sparc64(regs.ctx, TCG_SET_LABEL, (uint64_t)(uintptr_t)label);
}

void tcg_goto_ptr(struct tcg_val *code)
{
    tcg_gen_op1_sparc64(regs.ctx, TCG_GOTO_PTR, arg_of(code));
}

void tcg_call(void (*helper)(void), struct tcg_val *ret, unsigned nr,
              struct tcg_val **args)
{
    void *temps[6];

    INVARIANT(nr <= sizeof(temps) / sizeof(temps[0]));
    for (unsigned i = 0; i < nr; i++)
        temps[i] = (void *)(uintptr_t)arg_of(args[i]);
    tcg_gen_callN_sparc64(regs.ctx, (void *)(uintptr_t)helper,
                          ret ? (void *)(uintptr_t)arg_of(ret) : NULL, (int)nr,
                          temps);
}

/* ------------------------------------------------------------ the helpers */

#define ALL_64_BITS 0x55555555u /* two bits for each argument: size, sign */

/*
 * The archive looks helpers up in a table that it fills when a CPU is opened:
 * seen here, it also gets ours.
 */
void __wrap_g_hash_table_insert(void *table, void *key, void *value)
{
    if (key == (void *)(uintptr_t)helper_raise_exception_sparc64)
        helper_table = table;
    __real_g_hash_table_insert(table, key, value);
}

void tcg_register(struct tcg_helper *room, void (*helper)(void),
                  const char *name, unsigned flags)
{
    room->func = (void *)(uintptr_t)helper;
    room->name = name;
    room->flags = flags;
    room->sizemask = ALL_64_BITS;
    __real_g_hash_table_insert(helper_table, room->func, room);
}

void tcg_use(void *ctx)
{
    regs.ctx = ctx;
}
