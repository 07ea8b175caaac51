// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/disas.h"

#include <capstone/capstone.h>
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/engine.h"

struct disas {
    csh capstone;
    cs_insn *insn; /* owned */
};

struct disas *disas_create(void)
{
    struct disas *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    if (cs_open(CS_ARCH_SPARC, CS_MODE_BIG_ENDIAN | CS_MODE_V9, &d->capstone) !=
        CS_ERR_OK) {
        free(d);
        return NULL;
    }
    d->insn = cs_malloc(d->capstone);
    if (d->insn)
        return d;
    disas_destroy(d);
    return NULL;
}

void disas_destroy(struct disas *d)
{
    if (!d)
        return;
    if (d->insn)
        cs_free(d->insn, 1);
    (void)cs_close(&d->capstone);
    free(d);
}

#define RD(w)  ((w) >> 25 & 31)
#define RS1(w) ((w) >> 14 & 31)
#define RS2(w) ((w)&31)
#define RS3(w) ((w) >> 9 & 31)
#define OP3(w) ((w) >> 19 & 63)

static const char *integer(unsigned n)
{
    static const char names[32][4] = {
        "%g0", "%g1", "%g2", "%g3", "%g4", "%g5", "%g6", "%g7",
        "%o0", "%o1", "%o2", "%o3", "%o4", "%o5", "%sp", "%o7",
        "%l0", "%l1", "%l2", "%l3", "%l4", "%l5", "%l6", "%l7",
        "%i0", "%i1", "%i2", "%i3", "%i4", "%i5", "%fp", "%i7"};

    return names[n];
}

static void put_register(FILE *f, char kind, unsigned n)
{
    if (kind == 'r')
        fputs(integer(n), f);
    else if (kind == 's')
        fprintf(f, "%%f%u", n);
    else
        fprintf(f, "%%f%u", (n & 1) << 5 | (n & 30));
}

/* One of insns.def: rd, rs1, rs2 and rs3, of which rd comes last */
static void put_ours(FILE *f, const char *name, const char *form, uint32_t word)
{
    const unsigned numbers[] = {RD(word), RS1(word), RS2(word), RS3(word)};
    static const unsigned order[] = {1, 2, 3, 0};
    size_t nr = strlen(form);
    const char *sep = " ";

    fputs(name, f);
    for (unsigned i = 0; i < 4; i++) {
        if (order[i] >= nr || form[order[i]] == '-')
            continue;
        fputs(sep, f);
        put_register(f, form[order[i]], numbers[order[i]]);
        sep = ", ";
    }
}

/* ------------------------------------------------------ alternate spaces */

/* By op3. */
static const char *const alternate[64] = {
    [0x10] = "lduwa",   [0x11] = "lduba",     [0x12] = "lduha",
    [0x13] = "ldtwa",   [0x14] = "stwa",      [0x15] = "stba",
    [0x16] = "stha",    [0x17] = "sttwa",     [0x18] = "ldswa",
    [0x19] = "ldsba",   [0x1a] = "ldsha",     [0x1b] = "ldxa",
    [0x1d] = "ldstuba", [0x1e] = "stxa",      [0x1f] = "swapa",
    [0x30] = "lda",     [0x32] = "ldqa",      [0x33] = "ldda",
    [0x34] = "sta",     [0x36] = "stqa",      [0x37] = "stda",
    [0x3c] = "casa",    [0x3d] = "prefetcha", [0x3e] = "casxa"};

static void put_asi(FILE *f, uint32_t word)
{
    static const struct {
        unsigned asi;
        const char *name;
    } names[] = {{0x80, "#ASI_P"},
                 {0x82, "#ASI_PNF"},
                 {0x88, "#ASI_P_L"},
                 {0x90, "#ASI_MCD_P"},
                 {0x92, "#ASI_MCD_ST_BLKINIT_P"},
                 {0xf0, "#ASI_BLK_P"}};
    unsigned asi = word >> 5 & 0xff;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].asi == asi) {
            fputs(names[i].name, f);
            return;
        }
    }
    fprintf(f, "%#x", asi);
}

/* [%o0 + %g1] #ASI_MCD_P, or [%o0 + 8] %asi */
static void put_place(FILE *f, uint32_t word, bool compares)
{
    int simm = (int)(word << 19) >> 19;

    fprintf(f, "[%s", integer(RS1(word)));
    if (compares) {
        fputs("] ", f);
    } else if (word >> 13 & 1) {
        if (simm)
            fprintf(f, " %c %#x", simm < 0 ? '-' : '+',
                    (unsigned)(simm < 0 ? -simm : simm));
        fputs("] %asi", f);
        return;
    } else {
        if (RS2(word))
            fprintf(f, " + %s", integer(RS2(word)));
        fputs("] ", f);
    }
    if (word >> 13 & 1)
        fputs("%asi", f);
    else
        put_asi(f, word);
}

static void put_data_register(FILE *f, uint32_t word)
{
    unsigned op3 = OP3(word);

    if (op3 == 0x3d)
        fprintf(f, "%u", RD(word));
    else
        put_register(f,
                     op3 < 0x30 || op3 >= 0x38    ? 'r'
                     : op3 == 0x30 || op3 == 0x34 ? 's'
                                                  : 'd',
                     RD(word));
}

static bool put_alternate(FILE *f, uint32_t word)
{
    unsigned op3 = OP3(word);
    const char *name = word >> 30 == 3 ? alternate[op3] : NULL;
    bool compares = op3 == 0x3c || op3 == 0x3e;
    bool store = op3 < 0x38 && op3 & 4 && op3 != 0x1d && op3 != 0x1f;

    if (!name)
        return false;
    fprintf(f, "%s ", name);
    if (store) {
        put_data_register(f, word);
        fputs(", ", f);
    }
    put_place(f, word, compares);
    if (compares)
        fprintf(f, ", %s", integer(RS2(word)));
    if (!store) {
        fputs(", ", f);
        put_data_register(f, word);
    }
    return true;
}

/* --------------------------------------------------- ancillary registers */

static const char *const asrs[32] = {
    [0] = "%y",      [2] = "%ccr",    [3] = "%asi",     [4] = "%tick",
    [5] = "%pc",     [6] = "%fprs",   [14] = "%mcdper", [19] = "%gsr",
    [24] = "%stick", [27] = "%pause", [28] = "%mwait"};

static bool put_asr(FILE *f, uint32_t word)
{
    bool read = OP3(word) == 0x28;
    unsigned n = read ? RS1(word) : RD(word);

    if (word >> 30 != 2 || (!read && OP3(word) != 0x30) || !asrs[n])
        return false;
    if (read) {
        fprintf(f, "rd %s, %s", asrs[n], integer(RD(word)));
        return true;
    }
    fprintf(f, "wr %s, ", integer(RS1(word)));
    if (word >> 13 & 1)
        fprintf(f, "%d", (int)(word << 19) >> 19);
    else
        fputs(integer(RS2(word)), f);
    fprintf(f, ", %s", asrs[n]);
    return true;
}

static bool put_flush(FILE *f, uint32_t word)
{
    if (word >> 30 != 2 || OP3(word) != 0x3b)
        return false;
    fprintf(f, "flush %s", integer(RS1(word)));
    if (word >> 13 & 1)
        fprintf(f, " + %d", (int)(word << 19) >> 19);
    else if (RS2(word))
        fprintf(f, " + %s", integer(RS2(word)));
    return true;
}

/* ---------------------------------------------------------------- lines */

static bool put_capstone(struct disas *d, FILE *f, uint64_t pc, uint32_t word)
{
    uint32_t raw = htobe32(word);
    const uint8_t *code = (const uint8_t *)&raw;
    size_t left = sizeof(raw);

    if (!cs_disasm_iter(d->capstone, &code, &left, &pc, d->insn))
        return false;
    fputs(d->insn->mnemonic, f);
    if (d->insn->op_str[0])
        fprintf(f, " %s", d->insn->op_str);
    return true;
}

void disas_insn(struct disas *d, uint64_t pc, uint32_t word,
                char out[static DISAS_BYTES])
{
    FILE *f = fmemopen(out, DISAS_BYTES, "w");
    bool newer; /* than what Capstone has, which takes it for another */
    const char *form, *name = engine_insn_name(word, &form, &newer);

    out[0] = '\0';
    if (!f)
        return;
    if (name && newer)
        put_ours(f, name, form, word);
    else if (!put_alternate(f, word) && !put_asr(f, word) &&
             !put_flush(f, word) && !put_capstone(d, f, pc, word)) {
        if (name)
            put_ours(f, name, form, word);
        else
            fprintf(f, ".word %#010x", word);
    }
    (void)fclose(f);
}

void disas_print(struct disas *d, FILE *f, uint64_t pc, uint32_t word,
                 bool first)
{
    char text[DISAS_BYTES];

    disas_insn(d, pc, word, text);
    fprintf(f, "%s0x%016" PRIx64 ":  %08" PRIx32 "  %s\n",
            first ? "----------------\nIN:\n" : "", pc, word, text);
}
