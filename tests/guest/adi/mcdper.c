// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/mcdper.c - %mcdper, ASR 14
 *
 * It is 0 at the start, keeps bit 0 only, decides how a wrong store is
 * reported, and no signal handler's way in or out touches it.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept
 * run: --stress=migrate:3000:1
 * report: all_kept
 */
#include <setjmp.h>

#include "adi/adi.h"

#define NEW 0x8877665544332211ul

INSN(st_x, "", "stx %o1, [%o0]", "");

/* The opcodes, as assemblers do not know the register. */
INSN(read_g1, "", ".word 0x83438000", "mov %g1, %o1");    /* rd ..., %g1 */
INSN(read_g0, "", ".word 0x81438000", "mov %g0, %o1");    /* rd ..., %g0 */
INSN(write_xor, "", ".word 0x9d820009", "");              /* wr %o0, %o1 */
INSN(write_imm, "", ".word 0x9d822001", "");              /* wr %o0, 1 */
INSN(write_neg, "", ".word 0x9d823fff", "");              /* wr %o0, -1 */

static volatile uint64_t in_handler;
static volatile int handled;
static uint64_t set_in_handler;
static sigjmp_buf out;

static void look(int sig)
{
    (void)sig;
    in_handler = mcdper_get();
    handled++;
}

static void change(int sig)
{
    (void)sig;
    in_handler = mcdper_get();
    mcdper_set(set_in_handler);
    handled++;
}

static void leave(int sig)
{
    look(sig);
    siglongjmp(out, 1);
}

static void signals(void)
{
    for (volatile uint64_t v = 0; v < 2; v++) {
        mcdper_set(v);
        signal(SIGUSR1, look);
        raise(SIGUSR1);
        CHECK(handled == 1 && in_handler == v && mcdper_get() == v);
        /* It is no part of the frame: what the handler sets, stays. */
        set_in_handler = !v;
        signal(SIGUSR1, change);
        raise(SIGUSR1);
        CHECK(handled == 2 && in_handler == v && mcdper_get() == !v);
        mcdper_set(v);
        signal(SIGUSR1, leave);
        if (sigsetjmp(out, 1) == 0)
            raise(SIGUSR1);
        CHECK(handled == 3 && in_handler == v && mcdper_get() == v);
        handled = 0;
    }
}

int main(void)
{
    static const uint64_t values[] = {0, 1, 2, 3, 5, 1ul << 63, ~0ul, ~1ul};
    char *page = map_pages(1, PROT_READ | PROT_WRITE);
    uint64_t *right;

    CHECK(mcdper_get() == 0);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        mcdper_set(values[i]);
        CHECK(mcdper_get() == (values[i] & 1));
        CHECK(read_g1(NULL, 99, NULL) == (values[i] & 1));
        CHECK(read_g0(NULL, 99, NULL) == 0);
        for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
            write_xor((void *)values[i], values[j], NULL);
            CHECK(mcdper_get() == ((values[i] ^ values[j]) & 1));
        }
        write_imm((void *)values[i], 0, NULL);
        CHECK(mcdper_get() == (~values[i] & 1));
        write_neg((void *)values[i], 0, NULL);
        CHECK(mcdper_get() == (~values[i] & 1));
    }
    signals();

    /* What it is for; it works as set before PROT_ADI came. */
    mcdper_set(1);
    faults_catch();
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    CHECK(mcdper_get() == 1);
    tag_range(page, PAGE, 4);
    right = tagged(page, 4);
    for (uint64_t i = 1; i < 50; i++) {
        mcdper_set(i);
        *right = 0;
        st_x(tagged(page, 3), NEW, NULL);
        for (volatile int n = 0; n < 1000 && !seen.count; n++)
            ;
        if (i & 1)
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(page, 3), st_x_pc));
        else
            CHECK(saw(SIGSEGV, SEGV_ADIDERR_N, st_x_pc, NULL));
        CHECK(*right == (i & 1 ? 0 : NEW));
        CHECK(mcdper_get() == (i & 1));
    }
    return 0;
}
