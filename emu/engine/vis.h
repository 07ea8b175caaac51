/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/vis.h - partitioned arithmetic on 64-bit registers
 *
 * Owns:    the helpers of VIS instructions that are no single operation
 * Used by: decode.c
 * Source:  UltraSPARC Architecture 2007, Oracle SPARC Architecture 2015.
 *          Where these and Linux's visemul.c differ (fmul8ulx16), the manuals.
 *
 * Operands as in the instruction, a single in the low half; GSR comes first
 * where it matters.  Results of 32 bits have zeros above.
 */
#pragma once

#include <stdint.h>

#define VIS2(name)     uint64_t vis_##name(uint64_t a, uint64_t b);
#define VIS_GSR(name)  uint64_t vis_##name(uint64_t gsr, uint64_t a, uint64_t b);
#define VIS1(name)     uint64_t vis_##name(uint64_t a);
#define VIS_GSR1(name) uint64_t vis_##name(uint64_t gsr, uint64_t a);

VIS2(fpadds16)
VIS2(fpadds32)
VIS2(fpsubs16)
VIS2(fpsubs32)
VIS2(fpadds8)
VIS2(fpaddus8)
VIS2(fpaddus16)
VIS2(fpsubs8)
VIS2(fpsubus8)
VIS2(fpsubus16)
VIS2(fpmin8)
VIS2(fpmin16)
VIS2(fpmin32)
VIS2(fpminu8)
VIS2(fpminu16)
VIS2(fpminu32)
VIS2(fpmax8)
VIS2(fpmax16)
VIS2(fpmax32)
VIS2(fpmaxu8)
VIS2(fpmaxu16)
VIS2(fpmaxu32)
VIS2(fsll16)
VIS2(fsll32)
VIS2(fsrl16)
VIS2(fsrl32)
VIS2(fsra16)
VIS2(fsra32)
VIS2(fslas16)
VIS2(fslas32)
VIS2(fmean16)
VIS2(fchksm16)
VIS2(fmul8x16)
VIS2(fmul8x16au)
VIS2(fmul8x16al)
VIS2(fmul8sux16)
VIS2(fmul8ulx16)
VIS2(fmuld8sux16)
VIS2(fmuld8ulx16)
VIS_GSR(fpack32)
VIS_GSR1(fpack16)
VIS_GSR1(fpackfix)
VIS2(distance)
VIS_GSR(faligndata)
VIS_GSR(bshuffle)
VIS2(fpmerge)
VIS1(fexpand)
VIS2(fcmple16)
VIS2(fcmpne16)
VIS2(fcmple32)
VIS2(fcmpne32)
VIS2(fcmpgt16)
VIS2(fcmpeq16)
VIS2(fcmpgt32)
VIS2(fcmpeq32)
VIS2(fucmple8)
VIS2(fucmpne8)
VIS2(fucmpgt8)
VIS2(fucmpeq8)
VIS2(fpcmple8)
VIS2(fpcmpgt8)
VIS2(fpcmpule16)
VIS2(fpcmpugt16)
VIS2(fpcmpule32)
VIS2(fpcmpugt32)
VIS2(edge8)
VIS2(edge8l)
VIS2(edge16)
VIS2(edge16l)
VIS2(edge32)
VIS2(edge32l)
VIS2(array8)
VIS2(array16)
VIS2(array32)
VIS1(cmask8)
VIS1(cmask16)
VIS1(cmask32)
VIS2(xmulx)
VIS2(xmulxhi)

#undef VIS1
#undef VIS2
#undef VIS_GSR
#undef VIS_GSR1
