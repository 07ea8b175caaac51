// SPDX-License-Identifier: GPL-2.0-or-later
/* Regsets: what is where, parts of them, and what cannot be read or set. */
#include "unit.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/ptrace/regset.h"

/* What the file asks of the CPU; nobody here has one. */
static uint64_t cpu_tstate_is, cpu_pc_is, cpu_npc_is, set_fsr_to;
static unsigned fpr_set;

uint64_t cpu_tstate(const struct engine *e)
{
    (void)e;
    return cpu_tstate_is;
}

void cpu_set_tstate(struct engine *e, uint64_t tstate)
{
    (void)e;
    cpu_tstate_is = tstate;
}

gva_t cpu_pc(struct engine *e)
{
    (void)e;
    return cpu_pc_is;
}

gva_t cpu_npc(struct engine *e)
{
    (void)e;
    return cpu_npc_is;
}

void cpu_set_pc(struct engine *e, gva_t pc, gva_t npc)
{
    (void)e;
    cpu_pc_is = pc;
    cpu_npc_is = npc;
}

void cpu_globals_outs(const struct engine *e, uint64_t regs[static 16])
{
    (void)e;
    memset(regs, 0, 16 * sizeof(*regs));
}

void cpu_set_globals_outs(struct engine *e, const uint64_t regs[static 16])
{
    (void)e, (void)regs;
}

uint32_t cpu_y(const struct engine *e)
{
    (void)e;
    return 0;
}

void cpu_set_y(struct engine *e, uint32_t y)
{
    (void)e, (void)y;
}

uint64_t cpu_fpr(const struct engine *e, unsigned n)
{
    (void)e;
    return n;
}

void cpu_set_fpr(struct engine *e, unsigned n, uint64_t value)
{
    (void)e, (void)n, (void)value;
    fpr_set++;
}

uint64_t cpu_fsr(const struct engine *e)
{
    (void)e;
    return 0;
}

void cpu_set_fsr(struct engine *e, uint64_t fsr)
{
    (void)e;
    set_fsr_to = fsr;
}

uint64_t cpu_gsr(const struct engine *e)
{
    (void)e;
    return 0;
}

void cpu_set_gsr(struct engine *e, uint64_t gsr)
{
    (void)e, (void)gsr;
}

uint64_t cpu_fprs(const struct engine *e)
{
    (void)e;
    return 4;
}

void cpu_set_fprs(struct engine *e, uint64_t fprs)
{
    (void)e, (void)fprs;
}

/* ------------------------------------------------ a window in memory */

#define SP UINT64_C(0x7fefffff001)

static uint64_t window[WINDOW_REGS]; /* big-endian */
static uint64_t asked_sp;
static int get_error, set_error;
static unsigned nr_sets;

static int get_window(void *ctx, uint64_t sp, uint64_t *raw)
{
    (void)ctx;
    asked_sp = sp;
    if (get_error)
        return get_error;
    memcpy(raw, window, sizeof(window));
    return 0;
}

static int set_window(void *ctx, uint64_t sp, const uint64_t *raw)
{
    (void)ctx;
    asked_sp = sp;
    nr_sets++;
    if (set_error)
        return set_error;
    memcpy(window, raw, sizeof(window));
    return 0;
}

static const struct regset_window in_memory = {.get = get_window,
                                               .set = set_window};

/* Register n is 0x100 + n, word n of the window 0x200 + n. */
static struct trap_frame frame(void)
{
    struct trap_frame f = {.tstate = 0x99000a1234,
                           .tpc = 0x1000,
                           .tnpc = 0x1004,
                           .y = 77,
                           .fsr = 0x300,
                           .gsr = 0x301,
                           .fprs = 7};

    for (unsigned i = 1; i < 16; i++)
        f.u_regs[i] = 0x100 + i;
    f.u_regs[REG_SP] = SP;
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        f.fpregs[i] = 0x400 + i;
    for (unsigned i = 0; i < WINDOW_REGS; i++)
        window[i] = htobe64(0x200 + i);
    get_error = set_error = 0;
    nr_sets = 0;
    return f;
}

static void fill(uint64_t *in, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        in[i] = htobe64(0x1000 + i);
}

static void test_general(void **state)
{
    struct trap_frame f = frame();
    uint64_t out[REGSET_MAX_WORDS];

    (void)state;
    assert_int_equal(
        regset_get(&f, REGSET_GENERAL, &in_memory, out, REGSET_MAX_WORDS), 0);
    assert_int_equal(asked_sp, SP);
    assert_int_equal(be64toh(out[0]), 0);
    assert_int_equal(be64toh(out[1]), 0x101);
    assert_int_equal(be64toh(out[15]), 0x10f);
    assert_int_equal(be64toh(out[16]), 0x200);
    assert_int_equal(be64toh(out[31]), 0x20f);
    assert_int_equal(be64toh(out[32]), f.tstate);
    assert_int_equal(be64toh(out[33]), 0x1000);
    assert_int_equal(be64toh(out[34]), 0x1004);
    assert_int_equal(be64toh(out[35]), 77);
}

/* Who wants no word of the window does not need it. */
static void test_window_is_not_there(void **state)
{
    struct trap_frame f = frame();
    uint64_t out[REGSET_MAX_WORDS];

    (void)state;
    get_error = -EFAULT;
    assert_int_equal(regset_get(&f, REGSET_GENERAL, &in_memory, out, 16), 0);
    memset(out, 0xff, sizeof(out));
    assert_int_equal(
        regset_get(&f, REGSET_GENERAL, &in_memory, out, REGSET_MAX_WORDS),
        -EFAULT);
    assert_int_equal(be64toh(out[15]), 0x10f);
    for (unsigned i = 16; i < REGSET_MAX_WORDS; i++)
        assert_int_equal(out[i], 0);
}

static void test_set_general(void **state)
{
    struct trap_frame f = frame();
    uint64_t in[REGSET_MAX_WORDS];

    (void)state;
    fill(in, REGSET_MAX_WORDS);
    in[32] = htobe64(~UINT64_C(0));
    assert_int_equal(regset_set(&f, REGSET_GENERAL, &in_memory, in,
                                REGSET_MAX_WORDS, REGSET_MAX_WORDS),
                     0);
    assert_int_equal(f.u_regs[1], 0x1001);
    assert_int_equal(asked_sp, 0x100e); /* the new %sp */
    assert_int_equal(be64toh(window[0]), 0x1010);
    assert_int_equal(be64toh(window[15]), 0x101f);
    /* ICC, XCC and "in a system call", and nothing else. */
    assert_int_equal(f.tstate, 0xff000a1234);
    assert_int_equal(f.tpc, 0x1021);
    assert_int_equal(f.tnpc, 0x1022);
    assert_int_equal(f.y, 0x1023);
    in[32] = 0;
    assert_int_equal(regset_set(&f, REGSET_GENERAL, &in_memory, in, 33, 33), 0);
    assert_int_equal(f.tstate, 0x00000a1214);
    assert_int_equal(f.tpc, 0x1021); /* was not among them */
}

/* Each number of words leaves the others as they were. */
static void test_set_part(void **state)
{
    uint64_t in[REGSET_MAX_WORDS], out[REGSET_MAX_WORDS], old;

    (void)state;
    fill(in, REGSET_MAX_WORDS);
    in[14] = htobe64(SP);
    in[32] = htobe64(0x3300000020);
    for (unsigned words = 0; words <= REGSET_MAX_WORDS; words++) {
        struct trap_frame f = frame(), was = f;

        assert_int_equal(
            regset_set(&f, REGSET_GENERAL, &in_memory, in, words, words), 0);
        assert_int_equal(nr_sets, words > 16);
        assert_int_equal(
            regset_get(&f, REGSET_GENERAL, &in_memory, out, REGSET_MAX_WORDS),
            0);
        frame(); /* the window as it was */
        for (unsigned i = words; i < REGSET_MAX_WORDS; i++) {
            uint64_t all[REGSET_MAX_WORDS];

            assert_int_equal(regset_get(&was, REGSET_GENERAL, &in_memory, all,
                                        REGSET_MAX_WORDS),
                             0);
            old = all[i];
            assert_int_equal(out[i], old);
        }
    }
}

/* The tracer's memory ends half-way. */
static void test_set_unreadable(void **state)
{
    struct trap_frame f = frame();
    uint64_t in[REGSET_MAX_WORDS];

    (void)state;
    fill(in, REGSET_MAX_WORDS);
    assert_int_equal(
        regset_set(&f, REGSET_GENERAL, &in_memory, in, REGSET_MAX_WORDS, 20),
        -EFAULT);
    assert_int_equal(f.u_regs[15], 0x100f);
    assert_int_equal(nr_sets, 0); /* the window is all or nothing */
    assert_int_equal(f.tpc, 0x1000);
    f = frame();
    assert_int_equal(regset_set(&f, REGSET_GETREGS64, &in_memory, in, 19, 17),
                     -EFAULT);
    assert_int_equal(f.u_regs[1], 0x1000);
    assert_int_equal(f.tpc, 0x1000);
    f = frame();
    assert_int_equal(regset_set(&f, REGSET_GENERAL, &in_memory, in, 36, 0),
                     -EFAULT);
    assert_int_equal(f.u_regs[1], 0x101);
}

static void test_set_without_window(void **state)
{
    struct trap_frame f = frame();
    uint64_t in[REGSET_MAX_WORDS];

    (void)state;
    fill(in, REGSET_MAX_WORDS);
    get_error = -EFAULT;
    assert_int_equal(regset_set(&f, REGSET_GENERAL, &in_memory, in, 36, 36),
                     -EFAULT);
    assert_int_equal(f.u_regs[1], 0x1001);
    assert_int_equal(f.tpc, 0x1000);
    f = frame();
    set_error = -EFAULT;
    assert_int_equal(regset_set(&f, REGSET_GENERAL, &in_memory, in, 36, 36),
                     -EFAULT);
    assert_int_equal(nr_sets, 1);
    assert_int_equal(f.tpc, 0x1000);
}

static void test_getregs64(void **state)
{
    struct trap_frame f = frame();
    uint64_t out[20], in[20];

    (void)state;
    assert_int_equal(regset_get(&f, REGSET_GETREGS64, &in_memory, out, 20), 0);
    assert_int_equal(be64toh(out[0]), 0x101);
    assert_int_equal(be64toh(out[14]), 0x10f);
    assert_int_equal(out[15], 0);
    assert_int_equal(be64toh(out[16]), f.tstate);
    assert_int_equal(be64toh(out[18]), 0x1004);
    assert_int_equal(be64toh(out[19]), 77);
    fill(in, 20);
    assert_int_equal(regset_set(&f, REGSET_GETREGS64, &in_memory, in, 20, 20),
                     0);
    assert_int_equal(f.u_regs[0], 0);
    assert_int_equal(f.u_regs[1], 0x1000);
    assert_int_equal(f.u_regs[15], 0x100e);
    assert_int_equal(f.tstate, 0x000a1214);
    assert_int_equal(f.tpc, 0x1011);
    assert_int_equal(f.y, 0x1013);
}

static void test_fp(void **state)
{
    struct trap_frame f = frame();
    uint64_t out[35], in[35];

    (void)state;
    assert_int_equal(regset_get(&f, REGSET_FP, &in_memory, out, 35), 0);
    assert_int_equal(be64toh(out[31]), 0x41f);
    assert_int_equal(be64toh(out[32]), 0x300);
    assert_int_equal(be64toh(out[33]), 0x301);
    assert_int_equal(be64toh(out[34]), 7);
    f.fprs = 5; /* the upper half is not in use */
    assert_int_equal(regset_get(&f, REGSET_FP, &in_memory, out, 35), 0);
    assert_int_equal(be64toh(out[15]), 0x40f);
    assert_int_equal(out[16], 0);
    f.fprs = 2;
    assert_int_equal(regset_get(&f, REGSET_FP, &in_memory, out, 35), 0);
    assert_int_equal(out[15], 0);
    assert_int_equal(be64toh(out[16]), 0x410);
    assert_int_equal(out[32], 0);
    fill(in, 35);
    assert_int_equal(regset_set(&f, REGSET_FP, &in_memory, in, 33, 33), 0);
    assert_true(f.fp_set);
    assert_int_equal(f.fpregs[0], 0x1000);
    assert_int_equal(f.fsr, 0x1020);
    assert_int_equal(f.gsr, 0x301);
    assert_int_equal(f.fprs, 7); /* all of it is in use from now on */
}

static void test_find(void **state)
{
    enum regset_kind kind;

    (void)state;
    assert_true(regset_find(NT_PRSTATUS, &kind));
    assert_int_equal(regset_words(kind), 36);
    assert_true(regset_find(NT_PRFPREG, &kind));
    assert_int_equal(regset_words(kind), 35);
    assert_false(regset_find(NT_PRPSINFO, &kind));
    assert_true(regset_find(UINT64_C(0xf00000001), &kind));
}

/* What is set comes into the CPU; the FPU only when it was set. */
static void test_load(void **state)
{
    struct cpu cpu = {0};
    struct task t = {.cpu = &cpu, .syscall_trap = true};
    struct trap_frame f;

    (void)state;
    cpu_tstate_is = 0x44000a1204;
    cpu_pc_is = 0x2000;
    cpu_npc_is = 0x2004;
    trap_frame_save(&t, &f);
    assert_int_equal(f.tstate, 0x44000a1224);
    assert_int_equal(f.fpregs[5], 5);
    f.tpc = 0x3003;
    f.tnpc = 0x3007;
    f.tstate &= ~TSTATE_SYSCALL_G;
    trap_frame_load(&t, &f);
    assert_false(t.syscall_trap);
    assert_int_equal(cpu_pc_is, 0x3000); /* these bits of TPC are 0 */
    assert_int_equal(cpu_npc_is, 0x3004);
    assert_int_equal(fpr_set, 0);
    f.fp_set = true;
    f.fsr = 9;
    trap_frame_load(&t, &f);
    assert_int_equal(fpr_set, CPU_NR_FPR);
    assert_int_equal(set_fsr_to, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_general),
        cmocka_unit_test(test_window_is_not_there),
        cmocka_unit_test(test_set_general),
        cmocka_unit_test(test_set_part),
        cmocka_unit_test(test_set_unreadable),
        cmocka_unit_test(test_set_without_window),
        cmocka_unit_test(test_getregs64),
        cmocka_unit_test(test_fp),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
