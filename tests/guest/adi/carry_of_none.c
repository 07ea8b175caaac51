// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/carry_of_none.c - ADDXcc and SUBXcc behind what leaves no carry
 *
 * Catches codes that are those of the instruction before: no carry, and no
 * overflow.  qemu-sparc64 7.2 has that wrong, so this checks itself.
 *
 * run:
 * stdout: 40 forms
 * also: --engine=all=off
 */
#include <stdint.h>
#include <stdio.h>

static int forms, bad;

static void expect(const char *form, uint64_t is, uint64_t want)
{
    forms++;
    if (is == want)
        return;
    printf("%s: %llx, not %llx\n", form, (unsigned long long)is,
           (unsigned long long)want);
    bad++;
}

/* @before leaves no carry; all in one block. */
#define CODES(before, op, a, b) __extension__({                             \
        uint64_t r_, c_;                                                    \
        __asm__ volatile("wr %%g0, 0, %%y\n\t" before " %4, 3, %0\n\t"      \
                         op " %2, %3, %0\n\trd %%ccr, %1"                   \
                         : "=&r" (r_), "=&r" (c_)                           \
                         : "r" ((uint64_t)(a)), "r" ((uint64_t)(b)),        \
                           "r" (10) : "cc");                                \
        c_; })
#define CARRY(before, op, a, b) __extension__({                             \
        uint64_t r_;                                                        \
        __asm__ volatile("wr %%g0, 0, %%y\n\t" before " %3, 3, %0\n\t"      \
                         op " %1, %2, %0\n\taddc %%g0, 0, %0"               \
                         : "=&r" (r_)                                       \
                         : "r" ((uint64_t)(a)), "r" ((uint64_t)(b)),        \
                           "r" (10) : "cc");                                \
        r_; })
#define BRANCH(before, op, cond, a, b) __extension__({                      \
        uint64_t r_;                                                        \
        __asm__ volatile("wr %%g0, 0, %%y\n\t" before " %3, 3, %0\n\t"      \
                         op " %1, %2, %0\n\t"                               \
                         "b" cond ",pt %%xcc, 1f\n\tmov 1, %0\n\t"          \
                         "mov 0, %0\n1:"                                    \
                         : "=&r" (r_)                                       \
                         : "r" ((uint64_t)(a)), "r" ((uint64_t)(b)),        \
                           "r" (10) : "cc");                                \
        r_; })

#define BEHIND(before) do {                                                 \
        expect(before " addccc", CODES(before, "addccc", -1, 1), 0x55);     \
        expect(before " subccc", CODES(before, "subccc", 0, 1), 0x99);      \
        expect(before " addccc", CODES(before, "addccc", -1, 5), 0x11);     \
        expect(before " addc", CARRY(before, "addccc", -1, 1), 1);          \
        expect(before " addc", CARRY(before, "subccc", 2, 1), 0);           \
        expect(before " bcs", BRANCH(before, "addccc", "cs", -1, 1), 1);    \
        expect(before " bvs", BRANCH(before, "addccc", "vs",                \
                                     INT64_MAX, 1), 1);                     \
        expect(before " bne", BRANCH(before, "addccc", "ne", 7, -7), 0);    \
    } while (0)

int main(void)
{
    BEHIND("andcc");
    BEHIND("orcc");
    BEHIND("umulcc");
    BEHIND("udivcc");
    BEHIND("sdivcc");
    printf("%d forms\n", forms);
    return bad != 0;
}
