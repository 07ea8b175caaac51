# SPDX-License-Identifier: GPL-2.0-or-later
"""IEEE 754 arithmetic as SPARC does it, on integers of Python.

Independent of any floating-point library: a number is sign, integer and
exponent, and is rounded once, at the end.  Sources: The SPARC Architecture
Manual V9, chapter 5 and appendix B; Oracle SPARC Architecture 2015, chapter 8.
"""
from math import isqrt

NX, DZ, UF, OF, NV = 1, 2, 4, 8, 16
NEAREST, ZERO, UP, DOWN = range(4)


class Format:
    def __init__(self, ebits, fbits):
        self.ebits, self.fbits = ebits, fbits
        self.width = 1 + ebits + fbits
        self.emax_field = (1 << ebits) - 1
        self.bias = self.emax_field >> 1
        self.emin = 1 - self.bias
        self.fmask = (1 << fbits) - 1
        self.quiet = 1 << (fbits - 1)
        self.sign_bit = 1 << (self.width - 1)
        self.inf = self.emax_field << fbits
        self.default_nan = self.inf | self.fmask  # positive, all ones
        self.max = self.inf - 1

    def sign(self, x):
        return x >> (self.width - 1)

    def is_nan(self, x):
        return (x & (self.sign_bit - 1)) > self.inf

    def is_snan(self, x):
        return self.is_nan(x) and not x & self.quiet

    def is_inf(self, x):
        return (x & (self.sign_bit - 1)) == self.inf

    def is_zero(self, x):
        return x & (self.sign_bit - 1) == 0

    def number(self, x):
        """sign, m, e of a finite x = +-m * 2**e"""
        field = x >> self.fbits & self.emax_field
        m = x & self.fmask
        if field:
            return self.sign(x), m | 1 << self.fbits, field - self.bias - self.fbits
        return self.sign(x), m, self.emin - self.fbits


S = Format(8, 23)
D = Format(11, 52)
Q = Format(15, 112)


def rounds_up(sign, lsb, rest, half, rd):
    if rd == NEAREST:
        return rest > half or (rest == half and lsb)
    return rd != ZERO and rest > 0 and sign == (rd == DOWN)


def pack(fmt, sign, m, e, rd, trap_uf=False):
    """Round +-m * 2**e; tininess is detected before rounding."""
    top = sign * fmt.sign_bit
    if m == 0:
        return top, 0
    exponent = m.bit_length() - 1 + e
    tiny = exponent < fmt.emin
    unit = max(exponent, fmt.emin) - fmt.fbits
    shift = unit - e
    rest = 0
    if shift > 0:
        rest, half = m & ((1 << shift) - 1), 1 << (shift - 1)
        m >>= shift
        if rounds_up(sign, m & 1, rest, half, rd):
            m += 1
            if m >> (fmt.fbits + 1):
                m >>= 1
                unit += 1
    else:
        m <<= -shift
    flags = NX if rest else 0
    if tiny and (rest or trap_uf):
        flags |= UF
    if m >> fmt.fbits == 0:
        return top | m, flags
    field = unit + fmt.fbits + fmt.bias
    if field >= fmt.emax_field:
        away = rd == NEAREST or (rd != ZERO and sign == (rd == DOWN))
        return top | (fmt.inf if away else fmt.max), OF | NX
    return top | field << fmt.fbits | (m & fmt.fmask), flags


def pick_nan(fmt, *operands):
    """The NaN that an operation on rs1, rs2 (, rs3) delivers, or None.

    Signalling before quiet, then the last operand first.
    """
    for wanted in fmt.is_snan, fmt.is_nan:
        for x in reversed(operands):
            if wanted(x):
                flags = NV if any(map(fmt.is_snan, operands)) else 0
                return x | fmt.quiet, flags
    return None


def exact_sum(fmt, parts, rd, trap_uf):
    """parts: (sign, m, e) of finite numbers; -0 + -0 is -0"""
    low = min(e for _, _, e in parts)
    total = sum((-m if s else m) << (e - low) for s, m, e in parts)
    if total == 0:
        signs = {s for s, _, _ in parts}
        if all(m == 0 for _, m, _ in parts) and len(signs) == 1:
            return signs.pop() * fmt.sign_bit, 0
        return (fmt.sign_bit if rd == DOWN else 0), 0
    return pack(fmt, int(total < 0), abs(total), low, rd, trap_uf)


def add(fmt, a, b, rd, trap_uf=False, negate_b=False, halve=False):
    nan = pick_nan(fmt, a, b)
    if nan:
        return nan
    if negate_b:
        b ^= fmt.sign_bit
    if fmt.is_inf(a) and fmt.is_inf(b):
        return (a, 0) if a == b else (fmt.default_nan, NV)
    for x in a, b:
        if fmt.is_inf(x):
            return x, 0
    parts = [fmt.number(x) for x in (a, b)]
    if halve:
        parts = [(s, m, e - 1) for s, m, e in parts]
    return exact_sum(fmt, parts, rd, trap_uf)


def mul(fmt, a, b, rd, trap_uf=False, out=None):
    out = out or fmt
    nan = pick_nan(fmt, a, b)
    if nan:
        return convert_nan(fmt, out, nan[0])[0], nan[1]
    sign = fmt.sign(a) ^ fmt.sign(b)
    if fmt.is_inf(a) or fmt.is_inf(b):
        if fmt.is_zero(a) or fmt.is_zero(b):
            return out.default_nan, NV
        return sign * out.sign_bit | out.inf, 0
    (_, m, e), (_, n, f) = fmt.number(a), fmt.number(b)
    return pack(out, sign, m * n, e + f, rd, trap_uf)


def div(fmt, a, b, rd, trap_uf=False):
    nan = pick_nan(fmt, a, b)
    if nan:
        return nan
    top = (fmt.sign(a) ^ fmt.sign(b)) * fmt.sign_bit
    if fmt.is_inf(a):
        return (fmt.default_nan, NV) if fmt.is_inf(b) else (top | fmt.inf, 0)
    if fmt.is_inf(b):
        return top, 0
    if fmt.is_zero(b):
        if fmt.is_zero(a):
            return fmt.default_nan, NV
        return top | fmt.inf, DZ
    (_, m, e), (_, n, f) = fmt.number(a), fmt.number(b)
    scale = 3 * fmt.fbits
    q, rest = divmod(m << scale, n)
    return pack(fmt, int(top != 0), q << 1 | (rest != 0), e - f - scale - 1, rd,
                trap_uf)


def sqrt(fmt, a, rd):
    nan = pick_nan(fmt, a)
    if nan:
        return nan
    if fmt.is_zero(a):
        return a, 0
    if fmt.sign(a):
        return fmt.default_nan, NV
    if fmt.is_inf(a):
        return a, 0
    _, m, e = fmt.number(a)
    scale = 4 * fmt.fbits + (e & 1)
    root = isqrt(m << scale)
    return pack(fmt, 0, root << 1 | (root * root != m << scale),
                (e - scale) // 2 - 1, rd)


def fma(fmt, a, b, c, rd, trap_uf=False, negate_c=False):
    """a * b +- c, rounded once"""
    undefined = (fmt.is_inf(a) and fmt.is_zero(b) or
                 fmt.is_zero(a) and fmt.is_inf(b))
    nan = pick_nan(fmt, a, b, c)
    if nan:
        return nan[0], nan[1] | (NV if undefined else 0)
    if undefined:
        return fmt.default_nan, NV
    if negate_c:
        c ^= fmt.sign_bit
    sign = fmt.sign(a) ^ fmt.sign(b)
    if fmt.is_inf(a) or fmt.is_inf(b):
        product = sign * fmt.sign_bit | fmt.inf
        if fmt.is_inf(c) and c != product:
            return fmt.default_nan, NV
        return product, 0
    if fmt.is_inf(c):
        return c, 0
    (_, m, e), (_, n, f) = fmt.number(a), fmt.number(b)
    return exact_sum(fmt, [(sign, m * n, e + f), fmt.number(c)], rd, trap_uf)


def negate(fmt, result):
    """What fnadd, fnmul, fnmadd do with a rounded result: not to a NaN."""
    x, flags = result
    return (x if fmt.is_nan(x) else x ^ fmt.sign_bit), flags


def compare(fmt, a, b, signal):
    """fcc, flags: 0 equal, 1 less, 2 greater, 3 unordered"""
    if fmt.is_nan(a) or fmt.is_nan(b):
        bad = signal or fmt.is_snan(a) or fmt.is_snan(b)
        return 3, NV if bad else 0

    def key(x):
        magnitude = x & (fmt.sign_bit - 1)
        return -magnitude if fmt.sign(x) else magnitude
    return (0 if key(a) == key(b) else 1 if key(a) < key(b) else 2), 0


def convert_nan(src, dst, x):
    flags = NV if src.is_snan(x) else 0
    x |= src.quiet
    fraction = x & src.fmask
    shift = dst.fbits - src.fbits
    fraction = fraction << shift if shift >= 0 else fraction >> -shift
    return src.sign(x) * dst.sign_bit | dst.inf | fraction, flags


def convert(src, dst, x, rd, trap_uf=False):
    if src.is_nan(x):
        return convert_nan(src, dst, x)
    if src.is_inf(x):
        return src.sign(x) * dst.sign_bit | dst.inf, 0
    return pack(dst, *src.number(x), rd, trap_uf)


def to_int(fmt, x, bits):
    """Towards zero; what does not fit is the largest of its sign."""
    most = (1 << (bits - 1)) - 1 + fmt.sign(x)
    if not fmt.is_nan(x) and not fmt.is_inf(x):
        sign, m, e = fmt.number(x)
        whole = m << e if e >= 0 else m >> -e
        if whole <= most:
            rest = e < 0 and m & ((1 << -e) - 1)
            return (-whole if sign else whole) & ((1 << bits) - 1), \
                NX if rest else 0
    return most if not fmt.sign(x) else -most & ((1 << bits) - 1), NV


def from_int(fmt, x, bits, rd):
    sign = x >> (bits - 1)
    return pack(fmt, sign, (1 << bits) - x if sign else x, 0, rd)
