// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers of a thread, as gdb numbers those of sparc:v9: %g0 to %i7, %f0 to
 * %f31, %f32 to %f62 by two, pc, npc, state (TSTATE), fsr, fprs, y.
 *
 * Source: gdb 13 features/sparc/sparc64-cpu.xml, -fpu.xml, -cp0.xml,
 *         sparc64-tdep.h enum sparc64_regnum
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb/internal.h"
#include "emu/linux/sched/sched.h"

#define NR_REGS   86
#define REG_F0    32
#define REG_F32   64
#define REG_STATE 82
#define REG_FSR   83
#define REG_FPRS  84
#define REG_Y     85

static unsigned reg_bytes(unsigned nr)
{
    return nr >= REG_F0 && nr < REG_F32 ? 4 : 8;
}

static uint64_t state_of(const struct task_visit *v)
{
    uint64_t state = cpu_tstate(task_engine(v->t)) & ~TSTATE_MCDE;

    return adi_mm_enabled(v->t->process->mm) ? state | TSTATE_MCDE : state;
}

static uint64_t get(const struct task_visit *v, unsigned nr)
{
    struct engine *e = task_engine(v->t);
    uint64_t pair;

    if (nr < REG_F0)
        return cpu_reg(e, nr);
    if (nr < REG_F32) {
        pair = cpu_fpr(e, (nr - REG_F0) / 2);
        return nr % 2 ? pair & UINT32_MAX : pair >> 32;
    }
    if (nr < GDB_REG_PC)
        return cpu_fpr(e, nr - REG_F32 + 16);
    switch (nr) {
    case GDB_REG_PC: return cpu_pc(e);
    case GDB_REG_NPC: return cpu_npc(e);
    case REG_STATE: return state_of(v);
    case REG_FSR: return cpu_fsr(e);
    case REG_FPRS: return cpu_fprs(e);
    default: return cpu_y(e);
    }
}

/*
 * It goes on elsewhere: a call that was to be made again is not.  One that
 * waits is given up; the trap instruction is still there for who comes back.
 */
static bool may_jump(struct task *t)
{
    if (t->wait.kind == WAIT_VFORK)
        return false; /* the child has its address space */
    if (t->wait.kind != WAIT_NONE)
        wait_clear(&t->wait);
    t->in_syscall = false;
    return true;
}

static void set_single(struct engine *e, unsigned nr, uint64_t value)
{
    uint64_t pair = cpu_fpr(e, nr / 2);

    pair = nr % 2 ? (pair & ~(uint64_t)UINT32_MAX) | value
                  : (pair & UINT32_MAX) | value << 32;
    cpu_set_fpr(e, nr / 2, pair);
}

static bool set(const struct task_visit *v, unsigned nr, uint64_t value)
{
    struct engine *e = task_engine(v->t);

    if (get(v, nr) == value)
        return true;
    if (nr < REG_F0) {
        cpu_set_reg(e, nr, value);
    } else if (nr < REG_F32) {
        set_single(e, nr - REG_F0, value);
    } else if (nr < GDB_REG_PC) {
        cpu_set_fpr(e, nr - REG_F32 + 16, value);
    } else {
        switch (nr) {
        case GDB_REG_PC:
            if (!may_jump(v->t))
                return false;
            cpu_set_pc(e, value, cpu_npc(e));
            break;
        case GDB_REG_NPC:
            if (!may_jump(v->t))
                return false;
            cpu_set_pc(e, cpu_pc(e), value);
            break;
        case REG_STATE: cpu_set_tstate(e, value); break;
        case REG_FSR: cpu_set_fsr(e, value); break;
        case REG_FPRS: cpu_set_fprs(e, value); break;
        default: cpu_set_y(e, (uint32_t)value); break;
        }
    }
    return true;
}

static void put(struct gdb_out *out, const struct task_visit *v, unsigned nr)
{
    unsigned bytes = reg_bytes(nr);
    uint64_t raw = htobe64(get(v, nr) << (64 - 8 * bytes));

    gdb_put_hex(out, &raw, bytes);
}

static bool take(const struct task_visit *v, struct gdb_in *in, unsigned nr)
{
    unsigned bytes = reg_bytes(nr);
    uint64_t raw = 0;

    return gdb_bytes(in, (uint8_t *)&raw, bytes) &&
           set(v, nr, be64toh(raw) >> (64 - 8 * bytes));
}

void gdb_put_reg(struct gdb_out *out, struct task *t, unsigned nr)
{
    struct task_visit v;

    if (!task_visit(&v, t))
        return;
    gdb_printf(out, "%02x:", nr);
    put(out, &v, nr);
    gdb_puts(out, ";");
    task_visit_end(&v, false);
}

/* ---------------------------------------------------------------- packets */

void gdb_read_regs(struct gdb *g)
{
    struct task *t = gdb_general(g);
    struct task_visit v;

    if (!t || !task_visit(&v, t)) {
        gdb_error(g, t ? ENOMEM : ESRCH);
        return;
    }
    for (unsigned nr = 0; nr < NR_REGS; nr++)
        put(&g->out, &v, nr);
    task_visit_end(&v, false);
}

void gdb_write_regs(struct gdb *g, struct gdb_in in)
{
    struct task *t = gdb_general(g);
    struct task_visit v;
    bool ok = true;

    if (!t || !task_visit(&v, t)) {
        gdb_error(g, t ? ENOMEM : ESRCH);
        return;
    }
    for (unsigned nr = 0; ok && nr < NR_REGS; nr++)
        ok = take(&v, &in, nr);
    task_visit_end(&v, true);
    if (ok && gdb_at_end(&in))
        gdb_ok(g);
    else
        gdb_error(g, EINVAL);
}

void gdb_read_reg(struct gdb *g, struct gdb_in in)
{
    struct task *t = gdb_general(g);
    struct task_visit v;
    uint64_t nr;

    if (!gdb_hex(&in, &nr) || !gdb_at_end(&in) || nr >= NR_REGS || !t ||
        !task_visit(&v, t)) {
        gdb_error(g, EINVAL);
        return;
    }
    put(&g->out, &v, (unsigned)nr);
    task_visit_end(&v, false);
}

void gdb_write_reg(struct gdb *g, struct gdb_in in)
{
    struct task *t = gdb_general(g);
    struct task_visit v;
    uint64_t nr;
    bool ok;

    if (!gdb_hex(&in, &nr) || !gdb_skip(&in, "=") || nr >= NR_REGS || !t ||
        !task_visit(&v, t)) {
        gdb_error(g, EINVAL);
        return;
    }
    ok = take(&v, &in, (unsigned)nr) && gdb_at_end(&in);
    task_visit_end(&v, true);
    if (ok)
        gdb_ok(g);
    else
        gdb_error(g, EINVAL);
}

const char *gdb_target_xml(void)
{
#define REG(name, type)                                                        \
    "<reg name=\"" name "\" bitsize=\"64\" type=\"" type "\"/>\n"
#define LONG(name) REG(name, "int64")
#define SINGLE(n)                                                              \
    "<reg name=\"f" #n "\" bitsize=\"32\" type=\"ieee_single\"/>\n"
#define DOUBLE(n)           REG("f" #n, "ieee_double")
#define FOUR(f, a, b, c, d) f(a) f(b) f(c) f(d)
#define EIGHT(x)                                                               \
    LONG(x "0") LONG(x "1") LONG(x "2") LONG(x "3") LONG(x "4") LONG(x "5")
    static const char xml[] =
        "<?xml version=\"1.0\"?>\n"
        "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
        "<target version=\"1.0\">\n"
        "<architecture>sparc:v9</architecture>\n"
        "<osabi>GNU/Linux</osabi>\n"
        "<feature name=\"org.gnu.gdb.sparc.cpu\">\n" EIGHT("g") LONG("g6") LONG(
            "g7") EIGHT("o") REG("sp", "data_ptr") LONG("o7") EIGHT("l")
            LONG("l6") LONG("l7") EIGHT("i") REG("fp", "data_ptr") LONG(
                "i7") "</feature>\n"
                      "<feature name=\"org.gnu.gdb.sparc.fpu\">\n" FOUR(
                          SINGLE, 0, 1, 2, 3) FOUR(SINGLE, 4, 5, 6,
                                                   7) FOUR(SINGLE, 8, 9, 10, 11)
                          FOUR(SINGLE, 12, 13, 14, 15) FOUR(
                              SINGLE, 16, 17, 18, 19) FOUR(SINGLE, 20, 21, 22,
                                                           23) FOUR(SINGLE, 24,
                                                                    25, 26, 27)
                              FOUR(SINGLE, 28, 29, 30,
                                   31) FOUR(DOUBLE, 32, 34, 36, 38)
                                  FOUR(DOUBLE, 40, 42, 44,
                                       46) FOUR(DOUBLE, 48, 50, 52, 54)
                                      FOUR(DOUBLE, 56, 58, 60,
                                           62) "</feature>\n"
                                               "<feature "
                                               "name=\"org.gnu.gdb.sparc.cp0\">"
                                               "\n" REG("pc", "code_ptr")
                                                   REG("npc", "code_ptr") LONG(
                                                       "state") LONG("fsr")
                                                       LONG("fprs") LONG(
                                                           "y") "</feature>\n"
                                                                "</target>\n";
#undef REG
#undef LONG
#undef SINGLE
#undef DOUBLE
#undef FOUR
#undef EIGHT

    return xml;
}
