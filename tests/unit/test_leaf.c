// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose window a function runs in, as its code tells.  The code is a few
 * instructions from CODE on; what %o7 names is elsewhere.
 */
#include "emu/linux/leaf.h"
#include "unit.h"

#define CODE   UINT64_C(0x1000)
#define CALL   UINT64_C(0x8000) /* holds a CALL */
#define CALLER UINT64_C(0xa000) /* in %i7 */

/* As the assembler gives them. */
#define NOP          0x01000000u
#define SAVE         0x9de3bf40u /* save %sp, -192, %sp */
#define RESTORE      0x81e80000u
#define RET          0x81c7e008u
#define RETL         0x81c3e008u
#define RETURN_I7    0x81cfe008u
#define CALL_IT      0x40000100u
#define CALL_G1      0x9fc04000u
#define JMP_G1       0x81c04000u
#define MOV_O7_G1    0x8210000fu
#define MOV_G1_O7    0x9e100001u
#define MOV_1_O7     0x9e102001u
#define LD_O0_O1     0xd2022000u /* ld [%o0], %o1 */
#define LD_O0_O7     0xde020000u /* ld [%o0], %o7 */
#define ST_O7_O0     0xde220000u /* st %o7, [%o0] */
#define LDX_I0_O0    0xd05e0000u /* ldx [%i0], %o0 */
#define LDDF_F30_O0  0xfd1a0000u /* ldd [%o0], %f30, in the place of %i6 */
#define CASX_O0_L0   0xe1f2100au /* casx [%o0], %o2, %l0 */
#define MOVE_XCC     0x91667ffau /* move %xcc, -6, %o0 */
#define RD_PC_G5     0x8b414000u
#define BA_A(insns)  (0x30800000u | (insns))
#define BA(insns)    (0x10800000u | (insns))
#define BNE(insns)   (0x12800000u | ((insns)&0x3fffff))
#define BNE_A(insns) (0x32800000u | ((insns)&0x3fffff))
#define BRZ(insns)   (0x02c20000u | ((insns)&0x3fff))
#define CWBNE(insns) (0x12c00000u | (insns) << 5) /* and %g0, %g0 */
#define ILLTRAP      0u

struct code {
    const uint32_t *insns;
    size_t nr;
};

static uint32_t read_code(const void *ctx, gva_t pc)
{
    const struct code *code = ctx;

    if (pc == CALL)
        return CALL_IT;
    if (pc < CODE || pc >= CODE + 4 * code->nr)
        return 0;
    return code->insns[(pc - CODE) / 4];
}

static bool runs_at(const struct code *code, gva_t pc, gva_t npc, gva_t o7)
{
    struct leaf_at at = {.pc = pc, .npc = npc, .o7 = o7, .i7 = CALLER};

    return leaf_runs(&at, read_code, code);
}

#define CODE_OF(...)                                                           \
    &(const struct code)                                                       \
    {                                                                          \
        (const uint32_t[]){__VA_ARGS__},                                       \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)         \
    }

#define assert_leaf(...)                                                       \
    assert_true(runs_at(CODE_OF(__VA_ARGS__), CODE, CODE + 4, CALL))
#define assert_no_leaf(...)                                                    \
    assert_false(runs_at(CODE_OF(__VA_ARGS__), CODE, CODE + 4, CALL))

static void test_the_return_tells(void **state)
{
    (void)state;
    assert_leaf(LD_O0_O1, RETL, NOP);
    assert_leaf(RETL, LD_O0_O1);
    assert_no_leaf(LD_O0_O1, RET, RESTORE);
    assert_no_leaf(LD_O0_O1, RETURN_I7, NOP);
    assert_no_leaf(LD_O0_O1, RESTORE, RETL, NOP);
}

static void test_a_function_before_its_save_is_one(void **state)
{
    (void)state;
    assert_leaf(LD_O0_O1, SAVE, RET, RESTORE);
}

static void test_locals_and_ins_are_not_a_leafs(void **state)
{
    (void)state;
    assert_no_leaf(LDX_I0_O0, RETL, NOP);
    assert_no_leaf(CASX_O0_L0, RETL, NOP);
    assert_leaf(LDDF_F30_O0, RETL, NOP);
    assert_leaf(MOVE_XCC, RETL, NOP);
    assert_leaf(RD_PC_G5, RETL, NOP);
}

static void test_a_call_is_not_a_leafs_but_in_place_of_its_return(void **state)
{
    (void)state;
    assert_no_leaf(LD_O0_O1, CALL_IT, NOP, RETL, NOP);
    assert_no_leaf(LD_O0_O1, CALL_IT, RESTORE);
    assert_no_leaf(LD_O0_O1, CALL_G1, NOP);
    assert_no_leaf(LD_O0_O1, JMP_G1, RESTORE);
    assert_leaf(LD_O0_O1, MOV_O7_G1, CALL_IT, MOV_G1_O7);
    assert_leaf(LD_O0_O1, CALL_IT, MOV_G1_O7);
}

static void test_o7_as_any_register_is_not_a_leafs(void **state)
{
    (void)state;
    assert_no_leaf(MOV_1_O7, RETL, NOP);
    assert_no_leaf(LD_O0_O7, MOV_O7_G1, RETL, NOP);
    assert_leaf(ST_O7_O0, RETL, NOP);
    assert_leaf(MOV_G1_O7, RETL, NOP);
}

static void test_both_ways_of_a_branch_are_followed(void **state)
{
    (void)state;
    assert_leaf(BNE(3), NOP, ILLTRAP, RETL, NOP);
    assert_no_leaf(BNE(3), NOP, ILLTRAP, RET, RESTORE);
    assert_leaf(BNE(3), NOP, RETL, ILLTRAP);
    assert_leaf(BRZ(3), NOP, ILLTRAP, RETL, NOP);
    assert_leaf(BA(3), NOP, RET, RETL, NOP);
    assert_leaf(CWBNE(3), ILLTRAP, RET, RETL, NOP);
}

static void test_a_slot_that_is_annulled_is_not_looked_at(void **state)
{
    (void)state;
    assert_leaf(BA_A(3), RESTORE, RET, RETL, NOP);
    assert_leaf(BNE_A(3), RESTORE, RETL, NOP);
}

static void test_a_loop_ends(void **state)
{
    (void)state;
    assert_leaf(LD_O0_O1, BNE(-1), NOP, RETL, NOP);
    assert_no_leaf(NOP, BA(0x3fffff), NOP);
    assert_no_leaf(BNE(0), NOP, BNE(-2), NOP, BNE_A(-4), NOP);
}

static void test_past_a_jump_into_a_table_goes_the_function_on(void **state)
{
    (void)state;
    assert_leaf(JMP_G1, NOP, LD_O0_O1, RETL, NOP);
    assert_no_leaf(JMP_G1, NOP, LD_O0_O1, RET, RESTORE);
}

static void test_code_out_of_sight_decides_nothing(void **state)
{
    (void)state;
    assert_no_leaf(NOP, NOP);
    assert_no_leaf(ILLTRAP, RETL, NOP);
}

static void test_calls_are_known(void **state)
{
    (void)state;
    assert_true(leaf_is_call(CALL_IT));
    assert_true(leaf_is_call(CALL_G1));
    assert_false(leaf_is_call(JMP_G1));
    assert_false(leaf_is_call(RETL));
    assert_false(leaf_is_call(ILLTRAP));
}

static void test_a_delay_slot(void **state)
{
    const struct code *code = CODE_OF(CALL_IT, LD_O0_O1, SAVE, RET, RESTORE);

    (void)state;
    /* Of a return, of a branch; of a call, which has just set %o7. */
    assert_true(runs_at(CODE_OF(LD_O0_O1), CODE, CALL + 8, CALL));
    assert_false(runs_at(CODE_OF(LD_O0_O1), CODE, CALLER + 8, CALL));
    assert_true(runs_at(CODE_OF(LD_O0_O1, RET, RETL), CODE, CODE + 8, CALL));
    assert_false(runs_at(code, CODE + 4, CODE + 8, CODE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_return_tells),
        cmocka_unit_test(test_a_function_before_its_save_is_one),
        cmocka_unit_test(test_locals_and_ins_are_not_a_leafs),
        cmocka_unit_test(test_a_call_is_not_a_leafs_but_in_place_of_its_return),
        cmocka_unit_test(test_o7_as_any_register_is_not_a_leafs),
        cmocka_unit_test(test_both_ways_of_a_branch_are_followed),
        cmocka_unit_test(test_a_slot_that_is_annulled_is_not_looked_at),
        cmocka_unit_test(test_a_loop_ends),
        cmocka_unit_test(test_past_a_jump_into_a_table_goes_the_function_on),
        cmocka_unit_test(test_code_out_of_sight_decides_nothing),
        cmocka_unit_test(test_calls_are_known),
        cmocka_unit_test(test_a_delay_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
