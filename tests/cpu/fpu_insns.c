// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/cpu/fpu_insns.h"

#include <stddef.h>

#define S model_single
#define D model_double

#define P1(opf) (0x81a00000u | (opf) << 5) /* FPop1 */
#define P2(opf) (0x81a80000u | (opf) << 5) /* FPop2 */
#define I2(opf) (0x81b80000u | (opf) << 5) /* IMPDEP2: fused */

#define MEMORY(op3) (0xc0000000u | (op3) << 19)
#define OP3_LDFSR   0x21u
#define OP3_STFSR   0x25u
#define WHOLE       (1u << 25) /* rd 1: 64 bits */
#define SIAM        0x81b01020u
#define WRGSR       0xa7800000u /* wr rs1, %g0, %gsr */

enum fn {
    FN_ADD,
    FN_SUB,
    FN_MUL,
    FN_DIV,
    FN_SQRT,
    FN_FMA,
    FN_FMS,
    FN_TO_INT,
    FN_FROM_INT,
    FN_CONVERT,
    FN_COMPARE,
    FN_COMPARE_E,
    FN_MOVE,
    FN_NEGATE,
    FN_ABSOLUTE
};

enum { HALVED = 1, NEGATED = 2 };

/* form: rd, rs1, rs2, rs3 as in insns.def; bits: of an integer */
static const struct insn {
    uint32_t value;
    char form[5];
    enum fn fn;
    unsigned flags, bits;
} insns[] = {
    {P1(0x041), "sss", FN_ADD, 0, 0},
    {P1(0x042), "ddd", FN_ADD, 0, 0},
    {P1(0x045), "sss", FN_SUB, 0, 0},
    {P1(0x046), "ddd", FN_SUB, 0, 0},
    {P1(0x049), "sss", FN_MUL, 0, 0},
    {P1(0x04a), "ddd", FN_MUL, 0, 0},
    {P1(0x04d), "sss", FN_DIV, 0, 0},
    {P1(0x04e), "ddd", FN_DIV, 0, 0},
    {P1(0x029), "s-s", FN_SQRT, 0, 0},
    {P1(0x02a), "d-d", FN_SQRT, 0, 0},
    {P1(0x069), "dss", FN_MUL, 0, 0},
    {P1(0x051), "sss", FN_ADD, NEGATED, 0},
    {P1(0x052), "ddd", FN_ADD, NEGATED, 0},
    {P1(0x059), "sss", FN_MUL, NEGATED, 0},
    {P1(0x05a), "ddd", FN_MUL, NEGATED, 0},
    {P1(0x079), "dss", FN_MUL, NEGATED, 0},
    {P1(0x061), "sss", FN_ADD, HALVED, 0},
    {P1(0x062), "ddd", FN_ADD, HALVED, 0},
    {P1(0x065), "sss", FN_SUB, HALVED, 0},
    {P1(0x066), "ddd", FN_SUB, HALVED, 0},
    {P1(0x071), "sss", FN_ADD, HALVED | NEGATED, 0},
    {P1(0x072), "ddd", FN_ADD, HALVED | NEGATED, 0},
    {P1(0x081), "d-s", FN_TO_INT, 0, 64},
    {P1(0x082), "d-d", FN_TO_INT, 0, 64},
    {P1(0x0d1), "s-s", FN_TO_INT, 0, 32},
    {P1(0x0d2), "s-d", FN_TO_INT, 0, 32},
    {P1(0x084), "s-d", FN_FROM_INT, 0, 64},
    {P1(0x088), "d-d", FN_FROM_INT, 0, 64},
    {P1(0x0c4), "s-s", FN_FROM_INT, 0, 32},
    {P1(0x0c8), "d-s", FN_FROM_INT, 0, 32},
    {P1(0x0c6), "s-d", FN_CONVERT, 0, 0},
    {P1(0x0c9), "d-s", FN_CONVERT, 0, 0},
    {I2(0x01), "ssss", FN_FMA, 0, 0},
    {I2(0x02), "dddd", FN_FMA, 0, 0},
    {I2(0x05), "ssss", FN_FMS, 0, 0},
    {I2(0x06), "dddd", FN_FMS, 0, 0},
    {I2(0x09), "ssss", FN_FMS, NEGATED, 0},
    {I2(0x0a), "dddd", FN_FMS, NEGATED, 0},
    {I2(0x0d), "ssss", FN_FMA, NEGATED, 0},
    {I2(0x0e), "dddd", FN_FMA, NEGATED, 0},
    {P2(0x051), "-ss", FN_COMPARE, 0, 0},
    {P2(0x052), "-dd", FN_COMPARE, 0, 0},
    {P2(0x055), "-ss", FN_COMPARE_E, 0, 0},
    {P2(0x056), "-dd", FN_COMPARE_E, 0, 0},
    {P1(0x001), "s-s", FN_MOVE, 0, 0},
    {P1(0x006), "d-d", FN_NEGATE, 0, 0},
    {P1(0x009), "s-s", FN_ABSOLUTE, 0, 0},
};

#define NR_INSNS (sizeof(insns) / sizeof(insns[0]))

/* Fields of rd, rs1, rs2, rs3. */
static const unsigned char shifts[] = {25, 14, 0, 9};

static unsigned field(uint32_t word, unsigned i)
{
    return word >> shifts[i] & 31;
}

static uint64_t *reg_double(struct fpu *cpu, unsigned f)
{
    return &cpu->d[(f & 1) << 4 | f >> 1];
}

static uint64_t get(struct fpu *cpu, char kind, unsigned f)
{
    if (kind == 'd')
        return *reg_double(cpu, f);
    return f & 1 ? (uint32_t)cpu->d[f / 2] : cpu->d[f / 2] >> 32;
}

static void put(struct fpu *cpu, char kind, unsigned f, uint64_t x)
{
    uint64_t *d = &cpu->d[f / 2];

    if (kind == 'd')
        *reg_double(cpu, f) = x;
    else if (f & 1)
        *d = (*d & ~(uint64_t)UINT32_MAX) | (uint32_t)x;
    else
        *d = (*d & UINT32_MAX) | x << 32;
}

static struct model_mode mode_of(const struct fpu *cpu)
{
    uint64_t rd =
        cpu->gsr & GSR_IM ? cpu->gsr >> IRND_SHIFT : cpu->fsr >> RD_SHIFT;

    return (struct model_mode){rd & 3, (cpu->fsr >> TEM_SHIFT & MODEL_UF) != 0};
}

static struct model_result compute(const struct insn *in,
                                   const struct model_format *f,
                                   const struct model_format *out,
                                   const uint64_t x[3], struct model_mode mode)
{
    bool halve = in->flags & HALVED;

    switch (in->fn) {
    case FN_ADD: return model_add(f, x[0], x[1], mode, halve);
    case FN_SUB: return model_sub(f, x[0], x[1], mode, halve);
    case FN_MUL: return model_mul(f, x[0], x[1], mode, out);
    case FN_DIV: return model_div(f, x[0], x[1], mode);
    case FN_SQRT: return model_sqrt(f, x[0], mode);
    case FN_FMA: return model_fma(f, x, mode, false);
    case FN_FMS: return model_fma(f, x, mode, true);
    case FN_TO_INT: return model_to_int(f, x[0], in->bits);
    case FN_FROM_INT: return model_from_int(out, x[0], in->bits, mode);
    case FN_CONVERT: return model_convert(f, out, x[0], mode);
    case FN_COMPARE: return model_compare(f, x[0], x[1], false);
    case FN_COMPARE_E: return model_compare(f, x[0], x[1], true);
    case FN_MOVE: break;
    case FN_NEGATE: return (struct model_result){x[0] ^ f->sign, 0};
    case FN_ABSOLUTE: return (struct model_result){x[0] & ~f->sign, 0};
    }
    return (struct model_result){x[0], 0};
}

/* True when it trapped. */
static bool raise(struct fpu *cpu, unsigned cexc)
{
    unsigned hit = cexc & cpu->fsr >> TEM_SHIFT & FSR_CEXC;

    cpu->fsr &= ~(FSR_FTT | FSR_CEXC);
    if (!hit) {
        cpu->fsr |= cexc | cexc << 5;
        return false;
    }
    while (hit & (hit - 1)) /* the highest alone */
        hit &= hit - 1;
    cpu->fsr |= FTT_IEEE | hit;
    return true;
}

static enum fpu_trap step_fpop(struct fpu *cpu, const struct insn *in,
                               uint32_t word)
{
    char last = in->form[2];
    const struct model_format *f = last == 'd' ? &D : &S;
    const struct model_format *out = in->form[0] == 'd' ? &D : &S;
    struct model_result r;
    uint64_t x[3];
    unsigned nr = 0, cc = field(word, 0) & 3;

    for (unsigned i = 1; in->form[i]; i++)
        if (in->form[i] != '-')
            x[nr++] = get(cpu, in->form[i], field(word, i));
    r = compute(in, f, out, x, mode_of(cpu));
    if (in->flags & NEGATED && !model_is_nan(out, r.x))
        r.x ^= out->sign;
    if (raise(cpu, r.cexc))
        return FPU_IEEE;
    if (in->form[0] != '-')
        put(cpu, in->form[0], field(word, 0), r.x);
    else if (cc)
        cpu->fsr =
            (cpu->fsr & ~(UINT64_C(3) << (30 + 2 * cc))) | r.x << (30 + 2 * cc);
    else
        cpu->fsr = (cpu->fsr & ~(UINT64_C(3) << 10)) | r.x << 10;
    return FPU_DONE;
}

void fpu_load_fsr(struct fpu *cpu, uint64_t value)
{
    cpu->fsr = (cpu->fsr & FSR_VER) | (value & FSR_LOADED);
}

static enum fpu_trap step_memory(struct fpu *cpu, uint32_t word)
{
    uint64_t *slot = &cpu->slot[(word & 0x1fff) / SLOT_BYTES];
    uint64_t ftt = cpu->fsr & FSR_FTT;

    if ((word >> 19 & 63) == OP3_STFSR) {
        if (word & WHOLE)
            *slot = cpu->fsr;
        else
            *slot = (*slot & UINT32_MAX) | cpu->fsr << 32;
        cpu->fsr &= ~FSR_FTT;
    } else if (word & WHOLE) {
        fpu_load_fsr(cpu, *slot);
        cpu->fsr |= ftt;
    } else {
        fpu_load_fsr(cpu, *slot >> 32 | (cpu->fsr & UINT64_C(0x3f) << 32));
        cpu->fsr |= ftt;
    }
    return FPU_DONE;
}

static const struct insn *find(uint32_t word)
{
    for (size_t i = 0; i < NR_INSNS; i++) {
        uint32_t mask = insns[i].form[3] ? 0xc1f801e0u : 0xc1f83fe0u;

        if ((word & mask) == insns[i].value)
            return &insns[i];
    }
    return NULL;
}

enum fpu_trap fpu_step(struct fpu *cpu, uint32_t word)
{
    if (word == OP_TA)
        return FPU_END;
    if (word == OP_NOWHERE)
        return FPU_FAULT;
    if (word >> 30 == 3)
        return step_memory(cpu, word);
    if ((word & ~7u) == SIAM) {
        cpu->gsr = (cpu->gsr & ~(UINT64_C(7) << IRND_SHIFT)) |
                   (uint64_t)(word & 7) << IRND_SHIFT;
        return FPU_DONE;
    }
    if ((word & 0xfff83fffu) == WRGSR) {
        cpu->gsr = cpu->gsr_source[field(word, 1) - REG_GSR];
        return FPU_DONE;
    }
    return step_fpop(cpu, find(word), word);
}

/* ---------------------------------------------------------------- random */

uint64_t fpu_draw(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint32_t random_memory(uint64_t *state)
{
    uint64_t r = fpu_draw(state);
    uint32_t at = (uint32_t)(r >> 8) % NR_SLOTS * SLOT_BYTES;
    uint32_t op3 = r & 3 ? OP3_STFSR : OP3_LDFSR;

    if ((r & 0x3c) == 0)
        return OP_NOWHERE;
    return MEMORY(op3) | (r & 0x40 ? WHOLE : 0) | REG_SLOTS << 14 | 1u << 13 |
           at;
}

static uint32_t random_gsr(uint64_t *state)
{
    uint64_t r = fpu_draw(state);

    if (r & 1)
        return SIAM | (r >> 1 & 7);
    return WRGSR | (REG_GSR + (uint32_t)(r >> 1) % NR_GSR) << 14;
}

/* Results go to the last registers of their kind, mostly; so that there are
 * always numbers that were not computed from others. */
static uint32_t random_field(uint64_t *state, char kind, bool result)
{
    uint64_t r = fpu_draw(state);
    uint32_t f = (uint32_t)r & 31;

    if (result && (r & 0xe0))
        return kind == 'd' ? f | 17 : f | 24;
    return f;
}

static uint32_t random_word(uint64_t *state, bool any)
{
    uint64_t r = fpu_draw(state);
    const struct insn *in = &insns[r >> 8 & 15];
    uint32_t word;

    if (r & 3) /* not only the common ones, at the head */
        in = &insns[(r >> 8) % NR_INSNS];
    if ((r >> 32) % 8 == 0)
        return any || r >> 63 ? random_memory(state) : OP_NOWHERE;
    if (any && (r >> 32) % 8 == 1)
        return random_gsr(state);
    word = in->value;
    for (unsigned i = 0; in->form[i]; i++)
        if (in->form[i] != '-')
            word |= random_field(state, in->form[i], i == 0) << shifts[i];
    if (in->form[0] == '-')
        word |= (uint32_t)(r >> 40 & 3) << 25;
    return word;
}

void fpu_random_program(uint32_t *words, unsigned nr, uint64_t *state,
                        bool calm)
{
    for (unsigned i = 0; i < nr; i++) {
        words[i] = random_word(state, !calm);
        if (calm || i + 2 >= nr || fpu_draw(state) & 7)
            continue;
        /* The mode changes between an operation and a look at FSR. */
        words[++i] = random_gsr(state);
        words[++i] = MEMORY(OP3_STFSR) | WHOLE | REG_SLOTS << 14 | 1u << 13;
    }
}

/* A number of width and format @f: anything, or where rounding is hard. */
static uint64_t random_number(uint64_t *state, const struct model_format *f)
{
    static const unsigned char corners[] = {0, 1, 2, 29, 30, 31, 32, 33, 52};
    uint64_t r = fpu_draw(state), x = fpu_draw(state) & (f->sign * 2 - 1);
    uint64_t fraction = f->quiet * 2 - 1, top = f->inf >> f->fbits;
    uint64_t near = (uint64_t)f->bias - 3 + (r >> 16 & 7);
    unsigned cut = (unsigned)(r >> 24) % (f->fbits + 1);

    switch (r & 15) {
    case 0: return x;
    case 1: return (x & f->sign) | (r >> 8 & 3 ? 0 : f->inf); /* 0, inf */
    case 2: return x | f->inf;                                /* NaN */
    case 3: return (x & (f->sign | fraction)) | (r >> 8 & 3) << f->fbits;
    case 4:
        return (x & (f->sign | fraction)) | (top - 1 - (r >> 8 & 3))
                                                << f->fbits;
    case 5: return (x & f->sign) | (f->inf - 1 - (r >> 8 & 3));
    case 6: return (x & f->sign) | (r >> 8 & 3) << f->fbits | (r >> 10 & 3);
    case 7: /* integers and halves, at the edges of theirs */
        return (x & f->sign) |
               ((uint64_t)f->bias + corners[(r >> 8) % 9]) << f->fbits |
               ((r >> 12 & 3) << cut & fraction);
    case 8: return (uint64_t)((int64_t)x >> cut) & (f->sign * 2 - 1);
    case 9: /* few bits */
        return (x & f->sign) | near << f->fbits |
               ((x & fraction) >> cut << cut);
    default: return (x & (f->sign | fraction)) | near << f->fbits;
    }
}

static uint64_t random_fsr(uint64_t *state, bool calm)
{
    uint64_t x = fpu_draw(state) & FSR_LOADED, r = fpu_draw(state);

    if (calm || r & 1)
        x &= ~(UINT64_C(31) << TEM_SHIFT);
    if (calm || r & 2)
        x &= ~(UINT64_C(3) << RD_SHIFT);
    if (!(r & 12))
        x &= ~FSR_AEXC;
    return x;
}

void fpu_random_state(struct fpu *cpu, uint64_t *state, bool calm)
{
    for (unsigned i = 0; i < 32; i++) {
        uint64_t r = fpu_draw(state);

        cpu->d[i] = random_number(state, &D);
        if (i < 16 && r & 1)
            cpu->d[i] =
                random_number(state, &S) << 32 | random_number(state, &S);
    }
    for (unsigned i = 0; i < NR_GSR; i++) /* all bits, by cpu_set_reg() */
        cpu->gsr_source[i] =
            i && !calm ? fpu_draw(state) : fpu_draw(state) & ~GSR_IM;
    for (unsigned i = 0; i < NR_SLOTS; i++) {
        cpu->slot[i] = random_fsr(state, calm);
        if (i & 1) /* for a load of half of it */
            cpu->slot[i] = cpu->slot[i] << 32 | cpu->slot[i] >> 32;
    }
    cpu->gsr = cpu->gsr_source[0];
    fpu_load_fsr(cpu, random_fsr(state, calm));
}
