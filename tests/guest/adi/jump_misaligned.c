// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/jump_misaligned.c - a jump to an address that is no multiple of 4
 *
 * The jump itself traps: rd is not written, the window stays, and what is in
 * its delay slot is not done before the handler has run.
 *
 * run:
 * report: errors == False
 * also: --engine=all=off
 * run: --ram=16M --swap=16M --stress=swap:3000:1
 * report: errors == False
 */
#include "adi.h"

INSN(to_reg, "mov 7, %o3", "jmpl %o0 + 2, %o3", "mov %o3, %o1");
INSN(own_base, "mov %o0, %o1", "jmpl %o1 + 1, %o1", "nop");
INSN(two_regs, "mov 3, %o1", "jmpl %o0 + %o1, %o1", "nop");
INSN(no_rd, "mov 3, %o1", "jmpl %o0 + %o1, %g0", "add %o1, 16, %o1");
INSN(as_call, "mov %o7, %o4\n\tadd %o0, 1, %o0", "call %o0",
     "sub %o7, %o4, %o1");
INSN(leave, "save %sp, -192, %sp", "return %i0 + 3",
     "sub %fp, %sp, %i1\n\trestore");
/* The caller's window is in memory: it is filled, and then the trap comes. */
INSN(leave_filled, "save %sp, -208, %sp\n\tta 3", "return %i0 + 2",
     "sub %fp, %sp, %i1\n\trestore");
/* In the delay slot of a jump that is right. */
INSN(in_slot, "mov %o7, %o5\n\trd %pc, %o3\n\tadd %o3, 16, %o3\n\t"
     "jmpl %o3, %o4", " jmpl %o0 + 1, %o1", "mov %o5, %o7");
/* What is in the slot is done once, behind the handler. */
INSN(slot, "mov 40, %o1", "jmpl %o0 + 2, %g0", "add %o1, 1, %o1");

static const struct {
    const char *name;
    access_fn *fn;
    const void *pc;
    uint64_t result;
} jumps[] = {
#define JUMP(name, result) {#name, name, name##_pc, result}
    JUMP(to_reg, 7),        JUMP(two_regs, 3), JUMP(no_rd, 19),
    JUMP(as_call, 0),       JUMP(leave, 192),  JUMP(leave_filled, 208),
    JUMP(slot, 41),         JUMP(in_slot, 5),
#undef JUMP
};

int main(void)
{
    const char *code = (const char *)(uintptr_t)main;

    faults_catch();
    for (int round = 0; round < 40; round++) {
        for (unsigned i = 0; i < ARRAY_SIZE(jumps); i++) {
            uint64_t got = jumps[i].fn(code, 5, NULL);

            if (got != jumps[i].result || seen.code != BUS_ADRALN)
                printf("%s: %#lx\n", jumps[i].name, got);
            CHECK(got == jumps[i].result);
            CHECK(seen.count == 1 && seen.sig == SIGBUS &&
                  seen.code == BUS_ADRALN);
            CHECK(seen.pc == (uint64_t)(uintptr_t)jumps[i].pc);
            seen.count = 0;
        }
        CHECK(own_base(code, 0, NULL) == (uint64_t)(uintptr_t)code);
        CHECK(seen.count == 1 && seen.sig == SIGBUS);
        seen.count = 0;
    }
    puts("ok");
    return 0;
}
