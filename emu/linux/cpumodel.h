/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/cpumodel.h - the CPUs that there are, and what a program is told
 *
 * Owns:    the table of CPUs: one word of classes for each, from which come
 *          what the engine executes, AT_HWCAP and cpucaps of /proc/cpuinfo
 * Used by: emu/ for the engine, emu/linux/ for the program; cli/options.c
 * Source:  linux v6.2 arch/sparc/kernel/setup_64.c, cpu.c
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cpu_model {
    const char *name; /* as --cpu has it */
    const char *cpu, *fpu, *pmu, *type;
    uint64_t classes; /* CLASS_ of emu/engine/insns.h */
};

/* cpu_model_default - an M7, which has all that adiemu has */
const struct cpu_model *cpu_model_default(void);

/* cpu_model_find - that of --cpu=@name; NULL: there is none */
const struct cpu_model *cpu_model_find(const char *name);

/* cpu_model_has_adi - has it version tags? */
bool cpu_model_has_adi(const struct cpu_model *model);

/* cpu_model_hwcap - AT_HWCAP: the classes that Linux has a bit for */
uint64_t cpu_model_hwcap(const struct cpu_model *model);

/* cpu_model_caps - cpucap_info(): the words for these bits, with commas */
void cpu_model_caps(const struct cpu_model *model, FILE *out);
