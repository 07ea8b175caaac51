/*
 * emu/engine/insns.h - which instructions a CPU has
 *
 * Owns:    the classes of instructions
 * Used by: emu/engine/, and emu/linux/ for what a program is told
 * Source:  Linux arch/sparc/include/asm/elf_64.h, AV_SPARC_*
 *
 * A class that Linux announces has the bit of AT_HWCAP that says so.
 */
#pragma once

#include <stdint.h>

#define CLASS_BASE   UINT64_C(0) /* V9: every CPU */
#define CLASS_VIS    UINT64_C(0x00002000)
#define CLASS_VIS2   UINT64_C(0x00004000)
#define CLASS_FMAF   UINT64_C(0x00010000)
#define CLASS_VIS3   UINT64_C(0x00020000)
#define CLASS_IMA    UINT64_C(0x00400000)
#define CLASS_PAUSE  UINT64_C(0x02000000)
#define CLASS_CBCOND UINT64_C(0x04000000)
#define CLASS_SPARC5 (UINT64_C(1) << 32) /* VIS 4: no bit on Linux */

#define CLASS_ALL UINT64_MAX
