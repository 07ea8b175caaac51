#include "emu/engine/fpu.h"

#include <string.h>

#include "emu/engine/internal.h"
#include "emu/engine/softfloat.h"

/* FSR, and GSR's rounding mode that goes before its own. */
#define FSR_FCC    (UINT64_C(0x3f) << 32 | 3u << 10)
#define FSR_VER    0xe0000u
#define FSR_FTT    0x1c000u
#define FSR_CEXC   0x1fu
#define FSR_AEXC   0x3e0u
#define FSR_MODES  0xcfc00000u /* RD, TEM, NS */
#define FSR_NXM    0x800000u
#define RD_SHIFT   30
#define TEM_SHIFT  23
#define FTT_IEEE   0x4000u
#define GSR_IM     0x8000000u
#define IRND_SHIFT 25

#define TT_FP_IEEE 0x21

uint64_t fpu_get_fsr(void *env)
{
    return *env_u64(env, ENV_FSR) | *env_u64(env, ENV_EXC) |
           *env_u64(env, ENV_AEXC);
}

static void set_exceptions(void *env, uint64_t fsr)
{
    *env_u64(env, ENV_EXC) = fsr & (FSR_FTT | FSR_CEXC);
    *env_u64(env, ENV_AEXC) = fsr & FSR_AEXC;
}

/* What the archive's register holds of @fsr. */
static uint64_t modes_of(void *env, uint64_t fsr)
{
    return (fsr & (FSR_FCC | FSR_MODES)) | (*env_u64(env, ENV_FSR) & FSR_VER);
}

void fpu_set_fsr(void *env, uint64_t fsr)
{
    *env_u64(env, ENV_FSR) = modes_of(env, fsr);
    set_exceptions(env, fsr);
}

uint64_t fp_load_fsr(void *env, uint64_t value, uint64_t size)
{
    if (size == 4) /* LDFSR: the lower half */
        value |= *env_u64(env, ENV_FSR) & (UINT64_C(0x3f) << 32);
    if (size != 16) /* all but LDXEFSR leave ftt */
        value =
            (value & ~(uint64_t)FSR_FTT) | (*env_u64(env, ENV_EXC) & FSR_FTT);
    set_exceptions(env, value);
    return modes_of(env, value);
}

/* ------------------------------------------------------------ exceptions */

/* The operation raised @cexc: trap, or note it and deliver @result. */
static inline uint64_t finish(void *env, uintptr_t ra, unsigned cexc,
                              uint64_t result)
{
    unsigned hit = cexc & (unsigned)(*env_u64(env, ENV_FSR) >> TEM_SHIFT);

    if (unlikely(hit & FSR_CEXC)) {
        *env_u64(env, ENV_EXC) =
            FTT_IEEE | 1u << (31 - __builtin_clz(hit & FSR_CEXC));
        engine_raise(env_engine(env), TT_FP_IEEE, ra);
    }
    *env_u64(env, ENV_EXC) = cexc;
    *env_u64(env, ENV_AEXC) |= cexc << 5;
    return result;
}

/* ---------------------------------------------------------- the slow way */

struct format {
    uint64_t inf, quiet, sign;
};

static const struct format single = {0x7f800000, 0x400000, 0x80000000};
static const struct format dbl = {UINT64_C(0x7ff) << 52, UINT64_C(1) << 51,
                                  UINT64_C(1) << 63};

static bool is_nan(const struct format *f, uint64_t x)
{
    return (x & (f->sign - 1)) > f->inf;
}

static bool is_signalling(const struct format *f, uint64_t x)
{
    return is_nan(f, x) && !(x & f->quiet);
}

/*
 * The NaN that an operation on @x delivers: a signalling one first, then the
 * last operand's.  Returns 0 when there is none.
 */
static uint64_t find_nan(const struct format *f, unsigned nr, const uint64_t *x,
                         unsigned *cexc)
{
    for (unsigned i = nr; i-- > 0;) {
        if (!is_signalling(f, x[i]))
            continue;
        *cexc = EXC_NV;
        return x[i] | f->quiet;
    }
    for (unsigned i = nr; i-- > 0;)
        if (is_nan(f, x[i]))
            return x[i];
    return 0;
}

struct float_status fpu_status(void *env, bool quad)
{
    static const signed char modes[] = {SOFT_NEAREST, SOFT_TO_ZERO, SOFT_UP,
                                        SOFT_DOWN};
    uint64_t gsr = *env_u64(env, ENV_GSR);
    uint64_t rd = gsr & GSR_IM && !quad ? gsr >> IRND_SHIFT
                                        : *env_u64(env, ENV_FSR) >> RD_SHIFT;

    return (struct float_status){.tininess = SOFT_TINY_BEFORE,
                                 .rounding = modes[rd & 3]};
}

/* The exceptions of softfloat; with UFM an exact subnormal counts, too. */
static unsigned exceptions(void *env, const struct format *f,
                           const struct float_status *status, uint64_t result)
{
    unsigned cexc = soft_exceptions(status);
    uint64_t magnitude = result & (f->sign - 1);

    if (!(cexc & EXC_NX) && magnitude && magnitude < f->quiet << 1 &&
        *env_u64(env, ENV_FSR) >> TEM_SHIFT & EXC_UF)
        cexc |= EXC_UF;
    return cexc;
}

typedef uint64_t soft_fn(const uint64_t *x, struct float_status *status);

enum negation { PLAIN, NEGATED };

/* @nr operands of format @in to a result of format @out. */
static __attribute__((noinline)) uint64_t slow(void *env, uintptr_t ra,
                                               soft_fn *fn,
                                               const struct format *f,
                                               unsigned nr, const uint64_t *x,
                                               enum negation negation)
{
    struct float_status status = fpu_status(env, false);
    unsigned cexc = 0;
    uint64_t result = find_nan(f, nr, x, &cexc);

    if (result)
        return finish(env, ra, cexc, result);
    result = fn(x, &status);
    cexc = exceptions(env, f, &status, result);
    if (negation == NEGATED && !is_nan(f, result))
        result ^= f->sign;
    return finish(env, ra, cexc, result);
}

#define SOFT2(op, bits)                                                        \
    static uint64_t soft_##op##bits(const uint64_t *x, struct float_status *s) \
    {                                                                          \
        return float##bits##_##op##_sparc64((uint##bits##_t)x[0],              \
                                            (uint##bits##_t)x[1], s);          \
    }
#define SOFT1(op, bits)                                                        \
    static uint64_t soft_##op##bits(const uint64_t *x, struct float_status *s) \
    {                                                                          \
        return float##bits##_##op##_sparc64((uint##bits##_t)x[0], s);          \
    }
/* a * b + c, with a choice of signs; (a + b) / 2 is 1 * a + b, halved */
#define SOFT3(name, bits, a, b, c, flags)                                      \
    static uint64_t soft_##name##bits(const uint64_t *x,                       \
                                      struct float_status *s)                  \
    {                                                                          \
        return float##bits##_muladd_sparc64((uint##bits##_t)(a),               \
                                            (uint##bits##_t)(b),               \
                                            (uint##bits##_t)(c), flags, s);    \
    }

SOFT2(add, 32)
SOFT2(add, 64)
SOFT2(sub, 32)
SOFT2(sub, 64)
SOFT2(mul, 32)
SOFT2(mul, 64)
SOFT2(div, 32)
SOFT2(div, 64)
SOFT1(sqrt, 32)
SOFT1(sqrt, 64)
SOFT3(madd, 32, x[0], x[1], x[2], 0)
SOFT3(madd, 64, x[0], x[1], x[2], 0)
SOFT3(msub, 32, x[0], x[1], x[2], SOFT_NEGATE_C)
SOFT3(msub, 64, x[0], x[1], x[2], SOFT_NEGATE_C)
SOFT3(hadd, 32, ONE32, x[0], x[1], SOFT_HALVE)
SOFT3(hadd, 64, ONE64, x[0], x[1], SOFT_HALVE)
SOFT3(hsub, 32, ONE32, x[0], x[1], SOFT_HALVE | SOFT_NEGATE_C)
SOFT3(hsub, 64, ONE64, x[0], x[1], SOFT_HALVE | SOFT_NEGATE_C)

/* --------------------------------------------------- the host's own FPU */

static inline double d_of(uint64_t x)
{
    double d;

    memcpy(&d, &x, sizeof(d));
    return d;
}

static inline uint64_t of_d(double d)
{
    uint64_t x;

    memcpy(&x, &d, sizeof(x));
    return x;
}

static inline float s_of(uint64_t x)
{
    uint32_t w = (uint32_t)x;
    float s;

    memcpy(&s, &w, sizeof(s));
    return s;
}

static inline uint64_t of_s(float s)
{
    uint32_t w;

    memcpy(&w, &s, sizeof(w));
    return w;
}

/* To nearest, and an inexact result does not trap. */
static inline bool easy(void *env)
{
    return ((*env_u64(env, ENV_FSR) & (3u << RD_SHIFT | FSR_NXM)) |
            (*env_u64(env, ENV_GSR) & GSR_IM)) == 0;
}

static inline unsigned exp_d(uint64_t x)
{
    return x >> 52 & 0x7ff;
}

static inline unsigned exp_s(uint64_t x)
{
    return x >> 23 & 0xff;
}

/* So far from the ends that sums are normal, or exactly 0. */
static inline bool tame_d(uint64_t x)
{
    return exp_d(x) - 200 < 1600;
}

static inline bool tame_s(uint64_t x)
{
    return exp_s(x) - 30 < 196;
}

static inline bool zero_d(uint64_t x)
{
    return x << 1 == 0;
}

static inline bool zero_s(uint64_t x)
{
    return (x & 0x7fffffff) == 0;
}

/* What finish() does when nothing can trap. */
static inline uint64_t done(void *env, bool inexact, uint64_t result)
{
    *env_u64(env, ENV_EXC) = inexact;
    *env_u64(env, ENV_AEXC) |= (uint64_t)inexact << 5;
    return result;
}

/* a + b - s, exactly, where s is a + b rounded (Knuth). */
static inline double sum_error(double a, double b, double s)
{
    double t = s - a;

    return (a - (s - t)) + (b - t);
}

/*
 * Is the product r of a and b exact?  A mantissa of 53 bits holds it when
 * those below are zeros: the zeros at the ends of a and b add up.
 */
static inline bool product_exact(uint64_t a, uint64_t b, uint64_t r)
{
    unsigned zeros = (unsigned)(__builtin_ctzll(a | UINT64_C(1) << 52) +
                                __builtin_ctzll(b | UINT64_C(1) << 52));

    return zeros >= 52 + exp_d(r) + 1023 - exp_d(a) - exp_d(b);
}

#define RA ((uintptr_t)__builtin_return_address(0))

static inline uint64_t sum_d(void *env, uint64_t a, uint64_t b, bool subtract,
                             bool *did)
{
    double x = d_of(a), y = subtract ? -d_of(b) : d_of(b), s = x + y;

    *did = easy(env) && (tame_d(a) || zero_d(a)) && (tame_d(b) || zero_d(b));
    return *did ? done(env, sum_error(x, y, s) != 0, of_d(s)) : 0;
}

uint64_t fp_addd(void *env, uint64_t a, uint64_t b)
{
    bool did;
    uint64_t r = sum_d(env, a, b, false, &did);

    if (likely(did))
        return r;
    return slow(env, RA, soft_add64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_subd(void *env, uint64_t a, uint64_t b)
{
    bool did;
    uint64_t r = sum_d(env, a, b, true, &did);

    if (likely(did))
        return r;
    return slow(env, RA, soft_sub64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_muld(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_d(d_of(a) * d_of(b));

    if (likely(easy(env) && tame_d(a) && tame_d(b) && tame_d(r)))
        return done(env, !product_exact(a, b, r), r);
    return slow(env, RA, soft_mul64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_divd(void *env, uint64_t a, uint64_t b)
{
    if (likely(easy(env) && tame_d(a) && tame_d(b))) {
        uint64_t r = of_d(d_of(a) / d_of(b));
        uint64_t back = of_d(d_of(r) * d_of(b));

        if (likely(tame_d(r)))
            return done(env, back != a || !product_exact(r, b, back), r);
    }
    return slow(env, RA, soft_div64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_sqrtd(void *env, uint64_t a)
{
    if (likely(easy(env) && tame_d(a) && !(a & dbl.sign))) {
        uint64_t r = of_d(__builtin_sqrt(d_of(a)));
        uint64_t back = of_d(d_of(r) * d_of(r));

        return done(env, back != a || !product_exact(r, r, back), r);
    }
    return slow(env, RA, soft_sqrt64, &dbl, 1, &a, PLAIN);
}

/* Singles are computed as doubles: rounding twice is harmless there. */
static inline uint64_t sum_s(void *env, uint64_t a, uint64_t b, bool subtract,
                             bool *did)
{
    double x = s_of(a), y = subtract ? -s_of(b) : s_of(b), s = x + y;
    float r = (float)s;

    *did = easy(env) && (tame_s(a) || zero_s(a)) && (tame_s(b) || zero_s(b));
    return *did ? done(env, (double)r != s || sum_error(x, y, s) != 0, of_s(r))
                : 0;
}

uint64_t fp_adds(void *env, uint64_t a, uint64_t b)
{
    bool did;
    uint64_t r = sum_s(env, a, b, false, &did);

    if (likely(did))
        return r;
    return slow(env, RA, soft_add32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_subs(void *env, uint64_t a, uint64_t b)
{
    bool did;
    uint64_t r = sum_s(env, a, b, true, &did);

    if (likely(did))
        return r;
    return slow(env, RA, soft_sub32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_muls(void *env, uint64_t a, uint64_t b)
{
    double p = (double)s_of(a) * (double)s_of(b);
    uint64_t r = of_s((float)p);

    if (likely(easy(env) && tame_s(a) && tame_s(b) && tame_s(r)))
        return done(env, (double)s_of(r) != p, r);
    return slow(env, RA, soft_mul32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_divs(void *env, uint64_t a, uint64_t b)
{
    if (likely(easy(env) && tame_s(a) && tame_s(b))) {
        double x = s_of(a), y = s_of(b);
        uint64_t r = of_s((float)(x / y));

        if (likely(tame_s(r)))
            return done(env, (double)s_of(r) * y != x, r);
    }
    return slow(env, RA, soft_div32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_sqrts(void *env, uint64_t a)
{
    if (likely(easy(env) && tame_s(a) && !(a & single.sign))) {
        uint64_t r = of_s((float)__builtin_sqrt((double)s_of(a)));

        return done(env, (double)s_of(r) * (double)s_of(r) != (double)s_of(a),
                    r);
    }
    return slow(env, RA, soft_sqrt32, &single, 1, &a, PLAIN);
}

/* ------------------------------------------------- fused multiply and add */

/* high + low = a * b, exactly (Dekker), far from the ends. */
static inline void two_product(double a, double b, double *high, double *low)
{
    *high = a * b;
#ifdef __FP_FAST_FMA
    *low = __builtin_fma(a, b, -*high);
#else
    double ac = a * 134217729.0, bc = b * 134217729.0; /* 2^27 + 1 */
    double ah = ac - (ac - a), al = a - ah;
    double bh = bc - (bc - b), bl = b - bh;

    *low = al * bl - (((*high - ah * bh) - al * bh) - ah * bl);
#endif
}

/* s, which lacks @error, rounded to odd: what is lost stays visible. */
static inline double to_odd(double s, double error)
{
    uint64_t x = of_d(s);

    if (error == 0 || x & 1)
        return s;
    return d_of((error > 0) == (s > 0) ? x + 1 : x - 1);
}

static inline bool fma_fits_d(uint64_t x)
{
    return exp_d(x) - 600 < 846;
}

/* a * b + c, rounded once (Boldo and Melquiond). */
static inline uint64_t fused_d(void *env, uint64_t a, uint64_t b, double c)
{
    double uh, ul, th, tl, vh, vl, s, error, z, r;

    two_product(d_of(a), d_of(b), &uh, &ul);
    th = c + ul;
    tl = sum_error(c, ul, th);
    vh = uh + th;
    vl = sum_error(uh, th, vh);
    s = tl + vl;
    error = sum_error(tl, vl, s);
    z = to_odd(s, error);
    r = vh + z;
    return done(env, error != 0 || sum_error(vh, z, r) != 0, of_d(r));
}

static inline uint64_t fused_s(void *env, uint64_t a, uint64_t b, double c)
{
    double p = (double)s_of(a) * (double)s_of(b), s = p + c;
    double error = sum_error(p, c, s);
    float r = (float)to_odd(s, error);

    return done(env, error != 0 || (double)r != s, of_s(r));
}

static inline bool fused_easy_d(void *env, uint64_t a, uint64_t b, uint64_t c)
{
    return easy(env) && fma_fits_d(a) && fma_fits_d(b) &&
           (tame_d(c) || zero_d(c));
}

/* The result must not be near the ends either, which a sum of these is not
 * when it is not 0: 2^-97 * 2^-97 at least. */
static inline bool fused_easy_s(void *env, uint64_t a, uint64_t b, uint64_t c)
{
    return easy(env) && exp_s(a) - 80 < 94 && exp_s(b) - 80 < 94 &&
           (exp_s(c) - 80 < 94 || zero_s(c));
}

#define FUSED(name, kind, f, soft, minus, flip)                                \
    uint64_t fp_##name##kind(void *env, uint64_t a, uint64_t b, uint64_t c)    \
    {                                                                          \
        uint64_t r;                                                            \
                                                                               \
        if (likely(fused_easy_##kind(env, a, b, c))) {                         \
            r = fused_##kind(env, a, b,                                        \
                             kind##_of((minus) ? c ^ (f).sign : c));           \
            return (flip) ? r ^ (f).sign : r;                                  \
        }                                                                      \
        return slow(env, RA, soft, &(f), 3, (uint64_t[]){a, b, c},             \
                    (flip) ? NEGATED : PLAIN);                                 \
    }

FUSED(madd, s, single, soft_madd32, false, false)
FUSED(madd, d, dbl, soft_madd64, false, false)
FUSED(msub, s, single, soft_msub32, true, false)
FUSED(msub, d, dbl, soft_msub64, true, false)
FUSED(nmadd, s, single, soft_madd32, false, true)
FUSED(nmadd, d, dbl, soft_madd64, false, true)
FUSED(nmsub, s, single, soft_msub32, true, true)
FUSED(nmsub, d, dbl, soft_msub64, true, true)

/* --------------------------------------------- what VIS 3 adds: no hurry */

#define SIMPLE2(name, fn, f, negation)                                         \
    uint64_t fp_##name(void *env, uint64_t a, uint64_t b)                      \
    {                                                                          \
        return slow(env, RA, fn, &(f), 2, (uint64_t[]){a, b}, negation);       \
    }

SIMPLE2(nadds, soft_add32, single, NEGATED)
SIMPLE2(naddd, soft_add64, dbl, NEGATED)
SIMPLE2(nmuls, soft_mul32, single, NEGATED)
SIMPLE2(nmuld, soft_mul64, dbl, NEGATED)
SIMPLE2(hadds, soft_hadd32, single, PLAIN)
SIMPLE2(haddd, soft_hadd64, dbl, PLAIN)
SIMPLE2(hsubs, soft_hsub32, single, PLAIN)
SIMPLE2(hsubd, soft_hsub64, dbl, PLAIN)
SIMPLE2(nhadds, soft_hadd32, single, NEGATED)
SIMPLE2(nhaddd, soft_hadd64, dbl, NEGATED)

/* ------------------------------------------------------------ conversions */

/* A NaN as a double: the fraction moves up. */
static uint64_t widened_nan(uint64_t a)
{
    return (a & single.sign) << 32 | dbl.inf |
           (a & (single.quiet * 2 - 1)) << 29 | dbl.quiet;
}

uint64_t fp_stod(void *env, uint64_t a)
{
    if (unlikely(is_nan(&single, a)))
        return finish(env, RA, is_signalling(&single, a) ? EXC_NV : 0,
                      widened_nan(a));
    return done(env, false, of_d((double)s_of(a)));
}

uint64_t fp_dtos(void *env, uint64_t a)
{
    struct float_status status;
    uint64_t r;

    if (likely(easy(env) && (exp_d(a) - 903 < 240 || zero_d(a)))) {
        float s = (float)d_of(a);

        return done(env, (double)s != d_of(a), of_s(s));
    }
    if (is_nan(&dbl, a))
        return finish(env, RA, is_signalling(&dbl, a) ? EXC_NV : 0,
                      (a >> 32 & single.sign) | single.inf | single.quiet |
                          (a >> 29 & (single.quiet - 1)));
    status = fpu_status(env, false);
    r = float64_to_float32_sparc64(a, &status);
    return finish(env, RA, exceptions(env, &single, &status, r), r);
}

/* The product of two singles is exact as a double. */
static uint64_t wide_product(void *env, uintptr_t ra, uint64_t a, uint64_t b,
                             enum negation negation)
{
    uint64_t x[2] = {a, b}, r;
    unsigned cexc = 0;

    if (likely(exp_s(a) != 0xff && exp_s(b) != 0xff)) {
        r = of_d((double)s_of(a) * (double)s_of(b));
        return done(env, false, negation == NEGATED ? r ^ dbl.sign : r);
    }
    r = find_nan(&single, 2, x, &cexc);
    if (r)
        return finish(env, ra, cexc, widened_nan(r));
    return slow(env, ra, soft_mul64, &dbl, 2,
                (uint64_t[]){of_d((double)s_of(a)), of_d((double)s_of(b))},
                negation);
}

uint64_t fp_smuld(void *env, uint64_t a, uint64_t b)
{
    return wide_product(env, RA, a, b, PLAIN);
}

uint64_t fp_nsmuld(void *env, uint64_t a, uint64_t b)
{
    return wide_product(env, RA, a, b, NEGATED);
}

/*
 * Towards 0; what does not fit, and a NaN, is the largest of its sign.
 * @x: the number as a double, of which singles are a part.
 */
static uint64_t to_integer(void *env, uintptr_t ra, double x, bool negative,
                           unsigned bits)
{
    double limit = bits == 32 ? 0x1p31 : 0x1p63;
    uint64_t most = (UINT64_C(1) << (bits - 1)) - 1;
    int64_t whole;

    if (likely(x > -limit && x < limit)) {
        whole = (int64_t)x;
        return finish(env, ra, (double)whole != x ? EXC_NX : 0,
                      (uint64_t)whole);
    }
    if (x == -limit)
        return finish(env, ra, 0, ~most);
    /* -2^31 - 0.5 is cut to what fits. */
    if (bits == 32 && x < 0 && x > -limit - 1)
        return finish(env, ra, EXC_NX, ~most);
    return finish(env, ra, EXC_NV, negative ? ~most : most);
}

uint64_t fp_stoi(void *env, uint64_t a)
{
    return to_integer(env, RA, s_of(a), (a & single.sign) != 0, 32) &
           UINT32_MAX;
}

uint64_t fp_stox(void *env, uint64_t a)
{
    return to_integer(env, RA, s_of(a), (a & single.sign) != 0, 64);
}

uint64_t fp_dtoi(void *env, uint64_t a)
{
    return to_integer(env, RA, d_of(a), (a & dbl.sign) != 0, 32) & UINT32_MAX;
}

uint64_t fp_dtox(void *env, uint64_t a)
{
    return to_integer(env, RA, d_of(a), (a & dbl.sign) != 0, 64);
}

uint64_t fp_itod(void *env, uint64_t a)
{
    return done(env, false, of_d((double)(int32_t)a));
}

/* Up to 24 or 53 bits no rounding is needed. */
static uint64_t to_single(void *env, uintptr_t ra, int64_t v)
{
    struct float_status status;
    uint64_t r;

    if (likely(v >= -0x1000000 && v <= 0x1000000))
        return done(env, false, of_s((float)v));
    status = fpu_status(env, false);
    r = int64_to_float32_sparc64(v, &status);
    return finish(env, ra, soft_exceptions(&status), r);
}

uint64_t fp_itos(void *env, uint64_t a)
{
    return to_single(env, RA, (int32_t)a);
}

uint64_t fp_xtos(void *env, uint64_t a)
{
    return to_single(env, RA, (int64_t)a);
}

uint64_t fp_xtod(void *env, uint64_t a)
{
    const int64_t most = INT64_C(1) << 53;
    struct float_status status;
    int64_t v = (int64_t)a;
    uint64_t r;

    if (likely(v >= -most && v <= most))
        return done(env, false, of_d((double)v));
    status = fpu_status(env, false);
    r = int64_to_float64_sparc64(v, &status);
    return finish(env, RA, soft_exceptions(&status), r);
}

/* ---------------------------------------------------------------- compares */

enum { FCC_EQUAL, FCC_LESS, FCC_GREATER, FCC_UNORDERED };

static inline uint64_t with_fcc(void *env, uint64_t shift, unsigned fcc)
{
    return (*env_u64(env, ENV_FSR) & ~(UINT64_C(3) << shift)) | (uint64_t)fcc
                                                                    << shift;
}

static inline unsigned order(double a, double b)
{
    return a == b ? FCC_EQUAL : a < b ? FCC_LESS : FCC_GREATER;
}

static inline uint64_t compare(void *env, uintptr_t ra, const struct format *f,
                               const uint64_t *x, double a, double b,
                               uint64_t shift, bool signal)
{
    bool bad;

    if (likely(!is_nan(f, x[0]) && !is_nan(f, x[1])))
        return done(env, false, with_fcc(env, shift, order(a, b)));
    bad = signal || is_signalling(f, x[0]) || is_signalling(f, x[1]);
    return finish(env, ra, bad ? EXC_NV : 0,
                  with_fcc(env, shift, FCC_UNORDERED));
}

#define COMPARE(name, kind, f, signal)                                         \
    uint64_t fp_##name(void *env, uint64_t a, uint64_t b, uint64_t shift)      \
    {                                                                          \
        return compare(env, RA, &(f), (uint64_t[]){a, b}, kind##_of(a),        \
                       kind##_of(b), shift, signal);                           \
    }

COMPARE(cmps, s, single, false)
COMPARE(cmpd, d, dbl, false)
COMPARE(cmpes, s, single, true)
COMPARE(cmped, d, dbl, true)

/* FLCMP: -0 is below 0, and which operand is no number.  No exceptions. */
static uint64_t lexicographic(void *env, const struct format *f, uint64_t a,
                              uint64_t b, bool below, uint64_t shift)
{
    if (is_nan(f, b))
        return with_fcc(env, shift, 3);
    if (is_nan(f, a))
        return with_fcc(env, shift, 2);
    return with_fcc(env, shift, below || (a == f->sign && b == 0));
}

uint64_t fp_lcmps(void *env, uint64_t a, uint64_t b, uint64_t shift)
{
    return lexicographic(env, &single, a, b, s_of(a) < s_of(b), shift);
}

uint64_t fp_lcmpd(void *env, uint64_t a, uint64_t b, uint64_t shift)
{
    return lexicographic(env, &dbl, a, b, d_of(a) < d_of(b), shift);
}
