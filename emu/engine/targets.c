// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The CPUs of the archive that are not SPARC64.
 *
 * uc_open() names them all, and with them come tables of addresses, 60,000
 * words that the dynamic linker corrects at each start, a seventh of the time
 * of a short program, and eight ninths of our file.  What is named here the
 * linker does not take from the archive.
 *
 * Source: Unicorn v2.1.3 uc.c uc_open().
 */
#include "emu/engine/internal.h"

#define ABSENT(cpu)                                                            \
    void uc_init_##cpu(void);                                                  \
    void reg_read_##cpu(void);                                                 \
    void reg_write_##cpu(void);                                                \
    void uc_init_##cpu(void)                                                   \
    {                                                                          \
        INVARIANT(false);                                                      \
    }                                                                          \
    void reg_read_##cpu(void)                                                  \
    {                                                                          \
        INVARIANT(false);                                                      \
    }                                                                          \
    void reg_write_##cpu(void)                                                 \
    {                                                                          \
        INVARIANT(false);                                                      \
    }

ABSENT(aarch64)
ABSENT(arm)
ABSENT(m68k)
ABSENT(mips)
ABSENT(mips64)
ABSENT(mips64el)
ABSENT(mipsel)
ABSENT(ppc)
ABSENT(ppc64)
ABSENT(riscv32)
ABSENT(riscv64)
ABSENT(s390x)
ABSENT(sparc)
ABSENT(tricore)
ABSENT(x86_64)
