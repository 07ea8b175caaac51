// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/cpu.h"

#include <string.h>

#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"

#define PSTATE_USER 0x12u /* PEF | IE */
#define LSU_MMUS    0xcu  /* both MMUs on */

/*
 * What a program can change is in two parts of the state block: up to the last
 * of our windows, and from the trap stack on.  Between them are windows that
 * this CPU has not, and the MMUs of the archive, which nothing uses.
 */
#define STATE_LOW_BYTES (ENV_REGBASE + (NWINDOWS * 16 + 8) * sizeof(uint64_t))
#define STATE_HIGH      ENV_TS
#define STATE_BYTES     8392

gva_t cpu_pc(struct engine *e)
{
    engine_sync_pc(e);
    return *env_u64(e->env, ENV_PC);
}

gva_t cpu_npc(struct engine *e)
{
    engine_sync_pc(e);
    return *env_u64(e->env, ENV_NPC);
}

void cpu_set_pc(struct engine *e, gva_t pc, gva_t npc)
{
    engine_clear_ra(e);
    *env_u64(e->env, ENV_PC) = pc;
    *env_u64(e->env, ENV_NPC) = npc;
}

void cpu_skip(struct engine *e)
{
    gva_t npc = cpu_npc(e);

    cpu_set_pc(e, npc, npc + 4);
}

static uint64_t *reg_slot(const struct engine *e, unsigned r)
{
    INVARIANT(r < 32);
    if (r < 8)
        return env_u64(e->env, ENV_GREGS) + r;
    return *(uint64_t **)((uint8_t *)e->env + ENV_REGWPTR) + (r - 8);
}

uint64_t cpu_reg(const struct engine *e, unsigned r)
{
    return r ? *reg_slot(e, r) : 0;
}

void cpu_outs(const struct engine *e, uint64_t out[static 6])
{
    memcpy(out, reg_slot(e, 8), 6 * sizeof(*out));
}

void cpu_set_reg(struct engine *e, unsigned r, uint64_t value)
{
    if (r)
        *reg_slot(e, r) = value;
}

void cpu_window(const struct engine *e, uint64_t regs[static 16])
{
    memcpy(regs, reg_slot(e, REG_L(0)), 16 * sizeof(*regs));
}

void cpu_set_window(struct engine *e, const uint64_t regs[static 16])
{
    memcpy(reg_slot(e, REG_L(0)), regs, 16 * sizeof(*regs));
}

void cpu_globals_outs(const struct engine *e, uint64_t regs[static 16])
{
    regs[0] = 0;
    memcpy(regs + 1, reg_slot(e, REG_G(1)), 7 * sizeof(*regs));
    memcpy(regs + 8, reg_slot(e, REG_O(0)), 8 * sizeof(*regs));
}

void cpu_set_globals_outs(struct engine *e, const uint64_t regs[static 16])
{
    memcpy(reg_slot(e, REG_G(1)), regs + 1, 7 * sizeof(*regs));
    memcpy(reg_slot(e, REG_O(0)), regs + 8, 8 * sizeof(*regs));
}

uint64_t cpu_fpr(const struct engine *e, unsigned n)
{
    INVARIANT(n < CPU_NR_FPR);
    return env_u64(e->env, ENV_FPR)[n];
}

void cpu_set_fpr(struct engine *e, unsigned n, uint64_t value)
{
    INVARIANT(n < CPU_NR_FPR);
    env_u64(e->env, ENV_FPR)[n] = value;
}

uint64_t cpu_tstate(const struct engine *e)
{
    uint64_t cwp;

    windows_settle(e->env);
    cwp = NWINDOWS - 1 - *env_u32(e->env, ENV_CWP);
    return (cpu_get_ccr_sparc64(e->env) & 0xff) << 32 |
           (uint64_t)(*env_u32(e->env, ENV_ASI) & 0xff) << 24 |
           (uint64_t)(*env_u32(e->env, ENV_PSTATE) & 0xfff) << 8 |
           (e->mcde ? TSTATE_MCDE : 0) | cwp;
}

void cpu_set_tstate(struct engine *e, uint64_t tstate)
{
    cpu_put_ccr_sparc64(e->env, tstate >> 32 & 0xff);
    cpu_set_asi(e, tstate >> 24 & 0xff);
}

void cpu_set_carry(struct engine *e, bool carry)
{
    uint64_t ccr = cpu_get_ccr_sparc64(e->env) & ~UINT64_C(0x11);

    cpu_put_ccr_sparc64(e->env, ccr | (carry ? 0x11 : 0));
}

uint32_t cpu_y(const struct engine *e)
{
    return (uint32_t)*env_u64(e->env, ENV_Y);
}

void cpu_set_y(struct engine *e, uint32_t y)
{
    *env_u64(e->env, ENV_Y) = y;
}

uint64_t cpu_fsr(const struct engine *e)
{
    return fpu_get_fsr(e->env);
}

uint64_t cpu_gsr(const struct engine *e)
{
    return *env_u64(e->env, ENV_GSR);
}

void cpu_set_gsr(struct engine *e, uint64_t gsr)
{
    *env_u64(e->env, ENV_GSR) = gsr;
}

uint64_t cpu_fprs(const struct engine *e)
{
    return *env_u64(e->env, ENV_FPRS);
}

void cpu_set_fprs(struct engine *e, uint64_t fprs)
{
    *env_u64(e->env, ENV_FPRS) = fprs | FPRS_FEF;
}

void cpu_set_asi(struct engine *e, uint8_t asi)
{
    *env_u32(e->env, ENV_ASI) = asi;
}

void cpu_set_fsr(struct engine *e, uint64_t fsr)
{
    fpu_set_fsr(e->env, fsr);
}

unsigned cpu_old_windows(const struct engine *e)
{
    windows_settle(e->env);
    return *env_u32(e->env, ENV_CANRESTORE);
}

/* The oldest window is the one CANRESTORE steps up from the current. */
static unsigned oldest(const struct engine *e)
{
    windows_settle(e->env);
    return (*env_u32(e->env, ENV_CWP) + *env_u32(e->env, ENV_CANRESTORE)) %
           NWINDOWS;
}

void cpu_oldest_window(struct engine *e, uint64_t regs[static 16], uint64_t *sp)
{
    unsigned cwp = oldest(e);

    *sp = *env_window(e->env, cwp, 6);
    /* Eight at a time lie together: locals, ins. */
    memcpy(regs, env_window(e->env, cwp, 8), 64);
    memcpy(regs + 8, env_window(e->env, cwp, 16), 64);
}

/* A saved state begins with what the CPU's does. */
static void *env_of(const struct engine *e, const void *state)
{
    if (!state)
        windows_settle(e->env);
    return state ? (void *)(uintptr_t)state : e->env;
}

static unsigned held_cwp(void *env, unsigned i)
{
    return (*env_u32(env, ENV_CWP) + 1 + i) % NWINDOWS;
}

unsigned cpu_held_windows(const struct engine *e, const void *state)
{
    return *env_u32(env_of(e, state), ENV_CANRESTORE);
}

void cpu_held_window(const struct engine *e, const void *state, unsigned i,
                     uint64_t regs[static 16], uint64_t *sp)
{
    void *env = env_of(e, state);
    unsigned cwp = held_cwp(env, i);

    *sp = *env_window(env, cwp, 6);
    memcpy(regs, env_window(env, cwp, 8), 64);
    memcpy(regs + 8, env_window(env, cwp, 16), 64);
}

void cpu_set_held_window(struct engine *e, void *state, unsigned i,
                         const uint64_t regs[static 16])
{
    void *env = env_of(e, state);
    unsigned cwp = held_cwp(env, i);

    memcpy(env_window(env, cwp, 8), regs, 64);
    memcpy(env_window(env, cwp, 16), regs + 8, 64);
}

unsigned cpu_frames(const struct engine *e, struct cpu_frame *out, unsigned max)
{
    unsigned nr = cpu_old_windows(e) + 1;
    unsigned cwp = *env_u32(e->env, ENV_CWP);

    nr = nr < max ? nr : max;
    for (unsigned i = 0; i < nr; i++, cwp = (cwp + 1) % NWINDOWS) {
        out[i].caller = *env_window(e->env, cwp, REG_I(7) - REG_O(0));
        out[i].fp = *env_window(e->env, cwp, REG_FP - REG_O(0));
    }
    return nr;
}

void cpu_drop_oldest(struct engine *e)
{
    windows_settle(e->env);
    (*env_u32(e->env, ENV_CANRESTORE))--;
    (*env_u32(e->env, ENV_CANSAVE))++;
    windows_changed(e->env);
}

/* Every window but the current one is in memory. */
static void forget_windows(struct engine *e)
{
    *env_u32(e->env, ENV_CANRESTORE) = 0;
    *env_u32(e->env, ENV_CANSAVE) = NWINDOWS - 2;
    *env_u32(e->env, ENV_CLEANWIN) = NWINDOWS - 1;
    *env_u32(e->env, ENV_OTHERWIN) = 0;
    windows_changed(e->env);
}

void cpu_clear(struct engine *e)
{
    engine_clear_ra(e);
    windows_settle(e->env);
    cpu_set_cwp_sparc64(e->env, 0);
    memset(env_u64(e->env, ENV_GREGS), 0, 64);
    memset(env_u64(e->env, ENV_REGBASE), 0, (16 * NWINDOWS + 8) * 8);
    memset(env_u64(e->env, ENV_FPR), 0, CPU_NR_FPR * 8);
    cpu_set_pc(e, 0, 4);
    cpu_put_ccr_sparc64(e->env, 0);
    cpu_set_y(e, 0);
    cpu_set_fsr(e, 0);
    cpu_set_gsr(e, 0);
    *env_u32(e->env, ENV_PSTATE) = PSTATE_USER;
    *env_u64(e->env, ENV_LSU) = LSU_MMUS;
    *env_u32(e->env, ENV_TL) = 0;
    *env_u32(e->env, ENV_GL) = 0;
    *env_u64(e->env, ENV_HPSTATE) = 0;
    *env_u32(e->env, ENV_WSTATE) = 0;
    *env_u64(e->env, ENV_FPRS) = FPRS_FEF;
    cpu_set_asi(e, 0x82); /* ASI_PNF, as start_thread() leaves it */
    forget_windows(e);
}

size_t cpu_state_bytes(void)
{
    return STATE_BYTES;
}

static void copy_state(void *to, const void *from)
{
    memcpy(to, from, STATE_LOW_BYTES);
    memcpy((uint8_t *)to + STATE_HIGH, (const uint8_t *)from + STATE_HIGH,
           STATE_BYTES - STATE_HIGH);
}

void cpu_save_state(struct engine *e, void *buf)
{
    engine_sync_pc(e);
    windows_settle(e->env);
    copy_state(buf, e->env);
}

void cpu_load_state(struct engine *e, const void *buf)
{
    uint64_t budget = *env_u64(e->env, ENV_BUDGET);
    uint32_t cwp;

    engine_clear_ra(e);
    copy_state(e->env, buf);
    cwp = *env_u32(e->env, ENV_CWP);
    *(uint64_t **)((uint8_t *)e->env + ENV_REGWPTR) =
        env_u64(e->env, ENV_REGBASE) + cwp * 16;
    *(struct engine **)((uint8_t *)e->env + ENV_ENGINE) = e;
    *env_u64(e->env, ENV_BUDGET) = budget;
    engine_jumps_attach(e);
    windows_changed(e->env);
}
