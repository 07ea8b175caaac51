// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/cpumodel.h"

#include <string.h>

#include "emu/engine/insns.h"

/* hwcaps[]: in the order of the bits */
static const struct {
    uint64_t class;
    const char *word;
} hwcaps[] = {
    {CLASS_FLUSH, "flush"},
    {CLASS_STBAR, "stbar"},
    {CLASS_SWAP, "swap"},
    {CLASS_MULDIV, "muldiv"},
    {CLASS_V9, "v9"},
    {CLASS_BLKINIT, "blkinit"},
    {CLASS_N2, "n2"},
    {CLASS_MUL32, "mul32"},
    {CLASS_DIV32, "div32"},
    {CLASS_FSMULD, "fsmuld"},
    {CLASS_V8PLUS, "v8plus"},
    {CLASS_POPC, "popc"},
    {CLASS_VIS, "vis"},
    {CLASS_VIS2, "vis2"},
    {CLASS_ASI_BLK_INIT, "ASIBlkInit"},
    {CLASS_FMAF, "fmaf"},
    {CLASS_VIS3, "vis3"},
    {CLASS_HPC, "hpc"},
    {CLASS_IMA, "ima"},
    {CLASS_PAUSE, "pause"},
    {CLASS_CBCOND, "cbcond"},
    {CLASS_ADP, "adp"},
};

#define NR_HWCAPS (sizeof(hwcaps) / sizeof(hwcaps[0]))

/* init_sparc64_elf_hwcap(): what it gives every CPU, and fsmuld. */
#define CAPS_V9                                                                \
    (CLASS_FLUSH | CLASS_STBAR | CLASS_SWAP | CLASS_MULDIV | CLASS_V9 |        \
     CLASS_MUL32 | CLASS_DIV32 | CLASS_FSMULD | CLASS_V8PLUS)
#define CAPS_T4                                                                \
    (CAPS_V9 | CLASS_BLKINIT | CLASS_N2 | CLASS_POPC | CLASS_VIS |             \
     CLASS_VIS2 | CLASS_ASI_BLK_INIT | CLASS_FMAF | CLASS_VIS3 | CLASS_HPC |   \
     CLASS_IMA | CLASS_PAUSE | CLASS_CBCOND)

static const struct cpu_model models[] = {
    {"m7", "SPARC-M7", "SPARC-M7 integrated FPU", "sparc-m7", "sun4v",
     CAPS_T4 | CLASS_SPARC5 | CLASS_ADP},
    {"t5", "UltraSparc T5 (Niagara5)", "UltraSparc T5 integrated FPU",
     "niagara5", "sun4v", CAPS_T4},
    {"t4", "UltraSparc T4 (Niagara4)", "UltraSparc T4 integrated FPU",
     "niagara4", "sun4v", CAPS_T4},
    {"ultrasparc", "TI UltraSparc I   (SpitFire)",
     "UltraSparc I integrated FPU", "ultra12", "sun4u", CAPS_V9 | CLASS_VIS},
    {"v9", "Unknown SUN4V CPU", "Unknown SUN4V FPU", "Unknown SUN4V PMU",
     "sun4v", CAPS_V9},
};

#define NR_MODELS (sizeof(models) / sizeof(models[0]))

const struct cpu_model *cpu_model_default(void)
{
    return &models[0];
}

const struct cpu_model *cpu_model_find(const char *name)
{
    for (size_t i = 0; i < NR_MODELS; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

bool cpu_model_has_adi(const struct cpu_model *model)
{
    return (model->classes & CLASS_ADP) != 0;
}

uint64_t cpu_model_hwcap(const struct cpu_model *model)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < NR_HWCAPS; i++)
        bits |= model->classes & hwcaps[i].class;
    return bits;
}

void cpu_model_caps(const struct cpu_model *model, FILE *out)
{
    const char *comma = "";

    for (size_t i = 0; i < NR_HWCAPS; i++) {
        if (!(model->classes & hwcaps[i].class))
            continue;
        fprintf(out, "%s%s", comma, hwcaps[i].word);
        comma = ",";
    }
}
