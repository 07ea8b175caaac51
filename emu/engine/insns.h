/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/insns.h - which instructions a CPU has
 *
 * Owns:    the classes of instructions
 * Used by: emu/engine/, and emu/linux/ for what a program is told
 * Source:  Linux arch/sparc/include/asm/elf_64.h, HWCAP_SPARC_* and AV_SPARC_*
 *
 * A class that Linux announces has the bit of AT_HWCAP that says so.
 */
#pragma once

#include <stdint.h>

#define CLASS_BASE         UINT64_C(0) /* V9: every CPU */
#define CLASS_FLUSH        UINT64_C(0x00000001)
#define CLASS_STBAR        UINT64_C(0x00000002)
#define CLASS_SWAP         UINT64_C(0x00000004)
#define CLASS_MULDIV       UINT64_C(0x00000008)
#define CLASS_V9           UINT64_C(0x00000010)
#define CLASS_BLKINIT      UINT64_C(0x00000040) /* as Niagara has them */
#define CLASS_N2           UINT64_C(0x00000080)
#define CLASS_MUL32        UINT64_C(0x00000100)
#define CLASS_DIV32        UINT64_C(0x00000200)
#define CLASS_FSMULD       UINT64_C(0x00000400)
#define CLASS_V8PLUS       UINT64_C(0x00000800)
#define CLASS_POPC         UINT64_C(0x00001000)
#define CLASS_VIS          UINT64_C(0x00002000)
#define CLASS_VIS2         UINT64_C(0x00004000)
#define CLASS_ASI_BLK_INIT UINT64_C(0x00008000)
#define CLASS_FMAF         UINT64_C(0x00010000)
#define CLASS_VIS3         UINT64_C(0x00020000)
#define CLASS_HPC          UINT64_C(0x00040000)
#define CLASS_IMA          UINT64_C(0x00400000)
#define CLASS_PAUSE        UINT64_C(0x01000000)
#define CLASS_CBCOND       UINT64_C(0x02000000)
#define CLASS_ADP          UINT64_C(0x08000000) /* version tags */

/* No bit on Linux: VIS 4, subxc, mwait. */
#define CLASS_SPARC5 (UINT64_C(1) << 32)

#define CLASS_ALL UINT64_MAX
