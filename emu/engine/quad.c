// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quads.  No SPARC64 since UltraSPARC has them in hardware: Linux carries the
 * instructions out, and what it does is done here.
 *
 * Source: Linux arch/sparc/math-emu/math_64.c do_mathemu(), and
 * arch/sparc/kernel/unaligned_64.c handle_ldf_stq().
 */
#include <endian.h>
#include <string.h>

#include "emu/engine/emit.h"
#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"
#include "emu/engine/softfloat.h"

#define FTT_IEEE             0x4000u
#define FTT_BAD_REGISTER     0x18000u
#define TT_PRIVILEGED_ACTION 0x37
#define PSR_ICC_SHIFT        20

#define SIGN  (UINT64_C(1) << 63)
#define INF   (UINT64_C(0x7fff) << 48)
#define QUIET (UINT64_C(1) << 47)

static bool is_nan(struct soft_quad x)
{
    uint64_t high = x.high & ~SIGN;

    return high > INF || (high == INF && x.low != 0);
}

static bool is_signalling(struct soft_quad x)
{
    return is_nan(x) && !(x.high & QUIET);
}

/* What do_mathemu() knows about an instruction. */
struct quad_op {
    void *env;
    uint32_t word;
    uintptr_t ra;
    struct float_status status;
    unsigned cexc;
};

/* No signal but SIGILL, whatever the reason: the trap was that. */
static _Noreturn void refuse(struct quad_op *q, uint64_t exc)
{
    *env_u64(q->env, ENV_EXC) = exc;
    engine_raise(env_engine(q->env), TT_ILLEGAL, q->ra);
}

static unsigned quad_register(struct quad_op *q, unsigned field)
{
    if (field & 2)
        refuse(q, (*env_u64(q->env, ENV_EXC) & 31) | FTT_BAD_REGISTER);
    return DREG(field);
}

static struct soft_quad get(struct quad_op *q, unsigned field)
{
    const uint64_t *fpr = env_u64(q->env, ENV_FPR) + quad_register(q, field);

    return (struct soft_quad){.high = fpr[0], .low = fpr[1]};
}

static void mark_dirty(struct quad_op *q, unsigned dreg)
{
    *env_u32(q->env, ENV_FPRS) |= dreg < 16 ? 1 : 2;
}

static void put(struct quad_op *q, struct soft_quad x)
{
    unsigned dreg = DREG(RD(q->word));
    uint64_t *fpr = env_u64(q->env, ENV_FPR) + dreg;

    fpr[0] = x.high;
    fpr[1] = x.low;
    mark_dirty(q, dreg);
}

static uint64_t get_double(struct quad_op *q, unsigned field)
{
    return env_u64(q->env, ENV_FPR)[DREG(field)];
}

static uint32_t get_single(struct quad_op *q, unsigned field)
{
    return (uint32_t)(env_u64(q->env, ENV_FPR)[field / 2] >>
                      (field & 1 ? 0 : 32));
}

static void put_double(struct quad_op *q, uint64_t x)
{
    env_u64(q->env, ENV_FPR)[DREG(RD(q->word))] = x;
    mark_dirty(q, DREG(RD(q->word)));
}

static void put_single(struct quad_op *q, uint32_t x)
{
    unsigned rd = RD(q->word), shift = rd & 1 ? 0 : 32;
    uint64_t *fpr = env_u64(q->env, ENV_FPR) + rd / 2;

    *fpr = (*fpr & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)x << shift;
    mark_dirty(q, 0);
}

/* record_exception(): does not return when one of them traps. */
static void record(struct quad_op *q)
{
    uint64_t fsr = *env_u64(q->env, ENV_FSR);
    unsigned hit;

    q->cexc |= soft_exceptions(&q->status);
    hit = q->cexc & (fsr >> 23 & 31);
    if (hit)
        refuse(q, FTT_IEEE | 1u << (31 - __builtin_clz(hit)));
    *env_u64(q->env, ENV_EXC) = q->cexc;
    *env_u64(q->env, ENV_AEXC) |= q->cexc << 5;
}

/* Tiny and exact counts as underflow when that traps. */
static void note_tiny(struct quad_op *q, bool subnormal)
{
    if (subnormal && !(q->status.flags & SOFT_INEXACT) &&
        *env_u64(q->env, ENV_FSR) >> 23 & EXC_UF)
        q->cexc |= EXC_UF;
}

static struct soft_quad quieted(struct quad_op *q, struct soft_quad x)
{
    if (is_signalling(x))
        q->cexc |= EXC_NV;
    x.high |= QUIET;
    return x;
}

/* A signalling NaN first, then that of rs2. */
static bool nan_of(struct quad_op *q, struct soft_quad a, struct soft_quad b,
                   struct soft_quad *nan)
{
    if (!is_nan(a) && !is_nan(b))
        return false;
    if (is_signalling(b) || !is_signalling(a))
        *nan = is_nan(b) ? b : a;
    else
        *nan = a;
    *nan = quieted(q, *nan);
    return true;
}

static bool is_subnormal(struct soft_quad x)
{
    return !(x.high & INF) && ((x.high & ~SIGN) | x.low);
}

typedef struct soft_quad arithmetic(struct soft_quad a, struct soft_quad b,
                                    struct float_status *status);

static void binary(struct quad_op *q, arithmetic *fn, struct soft_quad a,
                   struct soft_quad b)
{
    struct soft_quad r;

    (void)quad_register(q, RD(q->word));
    if (!nan_of(q, a, b, &r)) {
        r = fn(a, b, &q->status);
        note_tiny(q, is_subnormal(r));
    }
    record(q);
    put(q, r);
}

static void square_root(struct quad_op *q)
{
    struct soft_quad a = get(q, RS2(q->word)), r;

    (void)quad_register(q, RD(q->word));
    if (!nan_of(q, a, a, &r))
        r = float128_sqrt_sparc64(a, &q->status);
    record(q);
    put(q, r);
}

static void move(struct quad_op *q, struct soft_quad a, uint64_t flip,
                 uint64_t keep)
{
    (void)quad_register(q, RD(q->word));
    a.high = (a.high ^ flip) & keep;
    record(q);
    put(q, a);
}

/* ------------------------------------------------------------- conversions */

/* A signalling NaN is one still: fdmulq chooses between two. */
static struct soft_quad widened(struct quad_op *q, uint64_t a)
{
    struct soft_quad r;

    if ((a & ~SIGN) > UINT64_C(0x7ff) << 52) { /* a NaN */
        r.high = (a & SIGN) | INF | (a << 12 >> 16);
        r.low = a << 60;
        return r;
    }
    return float64_to_float128_sparc64(a, &q->status);
}

/* A single's NaN as a double, still signalling if it was. */
static uint64_t double_of_single(struct quad_op *q, uint32_t a)
{
    uint64_t wide = a;

    if ((a & 0x7fffffff) > 0x7f800000)
        return wide >> 31 << 63 | UINT64_C(0x7ff) << 52 |
               (wide & 0x7fffff) << 29;
    return float32_to_float64_sparc64(a, &q->status);
}

static void to_quad(struct quad_op *q, struct soft_quad r)
{
    (void)quad_register(q, RD(q->word));
    if (is_nan(r))
        r = quieted(q, r);
    record(q);
    put(q, r);
}

static void to_double(struct quad_op *q)
{
    struct soft_quad a = get(q, RS2(q->word));
    uint64_t r;

    if (is_nan(a)) {
        a = quieted(q, a);
        r = (a.high & SIGN) | UINT64_C(0x7ff) << 52 | (a.high << 16 >> 12) |
            a.low >> 60;
    } else {
        r = float128_to_float64_sparc64(a, &q->status);
        note_tiny(q, !(r >> 52 & 0x7ff) && r << 1);
    }
    record(q);
    put_double(q, r);
}

static void to_single(struct quad_op *q)
{
    struct soft_quad a = get(q, RS2(q->word));
    uint32_t r;

    if (is_nan(a)) {
        a = quieted(q, a);
        r = (uint32_t)((a.high & SIGN) >> 32) | 0x7f800000u |
            (uint32_t)(a.high << 16 >> 41);
    } else {
        r = float128_to_float32_sparc64(a, &q->status);
        note_tiny(q, !(r >> 23 & 0xff) && r << 1);
    }
    record(q);
    put_single(q, r);
}

static void to_int(struct quad_op *q)
{
    struct soft_quad a = get(q, RS2(q->word));
    int32_t most = a.high & SIGN ? INT32_MIN : INT32_MAX;
    int64_t r = most;

    /* Not to 32 bits: the archive's takes -2^31 for too large. */
    if (!is_nan(a))
        r = float128_to_int64_round_to_zero_sparc64(a, &q->status);
    if (is_nan(a) || r != (int32_t)r) {
        q->status.flags = 0;
        q->cexc = EXC_NV;
        r = most;
    }
    record(q);
    put_single(q, (uint32_t)r);
}

static void to_long(struct quad_op *q)
{
    struct soft_quad a = get(q, RS2(q->word));
    int64_t r = a.high & SIGN ? INT64_MIN : INT64_MAX;

    if (is_nan(a))
        q->cexc = EXC_NV;
    else
        r = float128_to_int64_round_to_zero_sparc64(a, &q->status);
    record(q);
    put_double(q, (uint64_t)r);
}

/* ---------------------------------------------------------------- FPop1 */

static void fpop1(struct quad_op *q)
{
    unsigned rs1 = RS1(q->word), rs2 = RS2(q->word);

    switch (q->word >> 5 & 0x1ff) {
    case 0x003: move(q, get(q, rs2), 0, UINT64_MAX); break;
    case 0x007: move(q, get(q, rs2), SIGN, UINT64_MAX); break;
    case 0x00b: move(q, get(q, rs2), 0, ~SIGN); break;
    case 0x02b: square_root(q); break;
    case 0x043:
        binary(q, float128_add_sparc64, get(q, rs1), get(q, rs2));
        break;
    case 0x047:
        binary(q, float128_sub_sparc64, get(q, rs1), get(q, rs2));
        break;
    case 0x04b:
        binary(q, float128_mul_sparc64, get(q, rs1), get(q, rs2));
        break;
    case 0x04f:
        binary(q, float128_div_sparc64, get(q, rs1), get(q, rs2));
        break;
    case 0x06e: /* fdmulq */
        binary(q, float128_mul_sparc64, widened(q, get_double(q, rs1)),
               widened(q, get_double(q, rs2)));
        break;
    case 0x083: to_long(q); break;
    case 0x08c:
        to_quad(q, int64_to_float128_sparc64((int64_t)get_double(q, rs2),
                                             &q->status));
        break;
    case 0x0c7: to_single(q); break;
    case 0x0cb: to_double(q); break;
    case 0x0cc:
        to_quad(q, int32_to_float128_sparc64((int32_t)get_single(q, rs2),
                                             &q->status));
        break;
    case 0x0cd:
        to_quad(q, widened(q, double_of_single(q, get_single(q, rs2))));
        break;
    case 0x0ce: to_quad(q, widened(q, get_double(q, rs2))); break;
    default: to_int(q); break; /* 0x0d3 */
    }
}

/* ---------------------------------------------------------------- FPop2 */

static unsigned fcc_shift(unsigned cc)
{
    return cc ? 30 + 2 * cc : 10;
}

static void compare(struct quad_op *q, bool signal)
{
    struct soft_quad a = get(q, RS1(q->word)), b = get(q, RS2(q->word));
    unsigned shift = fcc_shift(RD(q->word) & 3);
    uint64_t *fsr = env_u64(q->env, ENV_FSR), fcc = 3;
    int order;

    if (is_nan(a) || is_nan(b)) {
        if (signal || is_signalling(a) || is_signalling(b))
            q->cexc = EXC_NV;
    } else {
        order = float128_compare_quiet_sparc64(a, b, &q->status);
        fcc = order < 0 ? 1 : order > 0 ? 2 : 0;
    }
    record(q);
    *fsr = (*fsr & ~(UINT64_C(3) << shift)) | fcc << shift;
}

/* Conditions of V9: the upper half of each table is its lower half negated. */
static bool fcc_holds(unsigned cond, unsigned fcc)
{
    /* A bit for each of: equal, less, greater, unordered. */
    static const unsigned char sets[] = {0x0, 0xe, 0x6, 0xa,
                                         0x2, 0xc, 0x4, 0x8};

    return (sets[cond & 7] >> fcc & 1) ^ (cond >> 3);
}

static bool register_holds(unsigned rcond, int64_t v)
{
    bool truth[] = {false, v == 0, v <= 0, v < 0};

    return truth[rcond & 3] ^ (rcond >> 2);
}

static bool condition(struct quad_op *q)
{
    const struct engine *e = env_engine(q->env);
    unsigned cc = q->word >> 11 & 7, cond = q->word >> 14 & 15;
    unsigned ccr;

    if ((q->word >> 5 & 0x1f) == 7) /* fmovqr */
        return register_holds(q->word >> 10 & 7,
                              (int64_t)cpu_reg(e, RS1(q->word)));
    if (cc < 4)
        return fcc_holds(cond, *env_u64(q->env, ENV_FSR) >> fcc_shift(cc) & 3);
    ccr = (unsigned)cpu_get_ccr_sparc64(q->env);
    return icc_holds(cond, cc & 2 ? ccr >> 4 & 15 : ccr & 15);
}

static bool is_reserved(uint32_t word)
{
    if ((word >> 5 & 0x1f) == 7)
        return (word >> 10 & 3) == 0;
    return (word >> 11 & 5) == 5;
}

void fp_quad(void *env, uint64_t word)
{
    struct quad_op q = {
        .env = env,
        .word = (uint32_t)word,
        .ra = (uintptr_t)__builtin_return_address(0),
        .status = fpu_status(env, true),
    };
    unsigned opf = word >> 5 & 0x1ff;

    fp_settle(env);
    if (OP3(word) == 0x34)
        fpop1(&q);
    else if (opf == 0x53 || opf == 0x57)
        compare(&q, opf == 0x57);
    else if (is_reserved((uint32_t)word))
        refuse(&q, *env_u64(env, ENV_EXC));
    else if (condition(&q))
        move(&q, get(&q, RS2(word)), 0, UINT64_MAX);
    else
        *env_u64(env, ENV_EXC) &= ~(uint64_t)31;
}

/* -------------------------------------------------------------- memory */

#define ASI_PRIMARY             0x80u
#define ASI_SECONDARY_NF_LITTLE 0x8bu
#define ASI_LITTLE              8u
#define ASI_NOFAULT             2u

static unsigned asi_of(const struct quad_op *q)
{
    if (!(q->word & 1u << 23)) /* op3 bit 4: not an alternate space */
        return ASI_PRIMARY;
    return IS_IMM(q->word) ? *env_u32(q->env, ENV_ASI) & 0xff : ASI_OF(q->word);
}

static _Noreturn void bad(struct quad_op *q, uint64_t va, unsigned asi)
{
    struct engine *e = env_engine(q->env);

    if (asi < ASI_PRIMARY)
        engine_raise(e, TT_PRIVILEGED_ACTION, q->ra);
    engine_set_ra(e, q->ra);
    e->ops->bad_access(e->ctx, va, BAD_WORDS);
    engine_raise(e, ENGINE_TT_FAULT, q->ra);
}

static struct quad_op memory_op(void *env, uint64_t word, uintptr_t ra)
{
    struct quad_op q = {.env = env, .word = (uint32_t)word, .ra = ra};

    fp_settle(env);
    *env_u64(env, ENV_EXC) &= 31;
    (void)quad_register(&q, RD(word));
    return q;
}

void fp_quad_load(void *env, uint64_t word, uint64_t va)
{
    struct quad_op q =
        memory_op(env, word, (uintptr_t)__builtin_return_address(0));
    unsigned asi = asi_of(&q);
    uint64_t words[4];
    struct soft_quad x;

    if (asi < ASI_PRIMARY || asi > ASI_SECONDARY_NF_LITTLE ||
        ((va & 3) && !(asi & ASI_NOFAULT)))
        bad(&q, va, asi);
    engine_begin_words(env_engine(env), va);
    for (unsigned i = 0; i < 4; i++)
        words[i] = va & 3 ? 0
                   : asi & ASI_LITTLE
                       ? __wrap_helper_le_ldul_mmu_sparc64(env, va + 4 * i,
                                                           OI_WORD(true), q.ra)
                       : __wrap_helper_be_ldul_mmu_sparc64(
                             env, va + 4 * i, OI_WORD(false), q.ra);
    if (engine_end_words(env_engine(env)))
        memset(words, 0, sizeof(words));
    if (asi & ASI_LITTLE)
        x = (struct soft_quad){.high = words[3] << 32 | words[2],
                               .low = words[1] << 32 | words[0]};
    else
        x = (struct soft_quad){.high = words[0] << 32 | words[1],
                               .low = words[2] << 32 | words[3]};
    put(&q, x);
}

void fp_quad_store(void *env, uint64_t word, uint64_t va)
{
    struct quad_op q =
        memory_op(env, word, (uintptr_t)__builtin_return_address(0));
    struct soft_quad x = get(&q, RD(word));
    unsigned asi = asi_of(&q);
    bool little = asi & ASI_LITTLE;
    uint32_t words[] = {(uint32_t)(x.high >> 32), (uint32_t)x.high,
                        (uint32_t)(x.low >> 32), (uint32_t)x.low};

    if (asi < ASI_PRIMARY || asi > ASI_SECONDARY_NF_LITTLE ||
        asi & ASI_NOFAULT || va & 3)
        bad(&q, va, asi);
    engine_begin_words(env_engine(env), va);
    for (unsigned i = 0; i < 4; i++)
        if (little)
            __wrap_helper_le_stl_mmu_sparc64(env, va + 4 * i, words[3 - i],
                                             OI_WORD(true), q.ra);
        else
            __wrap_helper_be_stl_mmu_sparc64(env, va + 4 * i, words[i],
                                             OI_WORD(false), q.ra);
    (void)engine_end_words(env_engine(env));
}
