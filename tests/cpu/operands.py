# SPDX-License-Identifier: GPL-2.0-or-later
"""Operand values: the corners of each kind, and random ones."""
from ieee import D, Q, S
from state import M64, State

INTS = (0, 1, 2, 3, 4, 7, 8, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000,
        0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        0x7fffffffffffffff, 1 << 63, (1 << 63) + 1, M64, M64 - 1, M64 - 3,
        0xffffffff00000000, 0xffffffff80000000, 0xffffffff7fffffff)


def corners(fmt):
    one = fmt.bias << fmt.fbits
    tiny = 1 << fmt.fbits  # smallest normal
    values = [0, 1, 2, tiny - 1, tiny, tiny + 1, one, one + 1, one - 1,
              one + (1 << (fmt.fbits - 1)), fmt.max, fmt.max - 1, fmt.inf,
              fmt.inf | 1, fmt.inf | fmt.quiet >> 1, fmt.inf | fmt.quiet,
              fmt.default_nan, fmt.inf | fmt.quiet | 5]
    for bits in (31, 32, 52, 63, 64):  # where conversions to integers end
        power = min(fmt.bias + bits, fmt.emax_field - 1) << fmt.fbits
        values += [power, power - 1, power + 1]
    return values + [v | fmt.sign_bit for v in values]


CORNERS = {"s": corners(S), "d": corners(D), "q": corners(Q)}
FORMATS = {"s": S, "d": D, "q": Q}
BYTES = (0, 1, 0x7f, 0x80, 0x81, 0xff, 0xfe, 0x40)
WORDS = (0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x7f80, 0x00ff)


def integer(rng):
    if rng.random() < 0.5:
        return rng.choice(INTS)
    return rng.getrandbits(rng.choice((8, 16, 32, 33, 63, 64)))


def special(rng, kind):
    """One of each class: where several meet, rules meet."""
    fmt = FORMATS[kind]
    return (rng.choice((0, fmt.inf, fmt.inf | 1, fmt.inf | fmt.quiet | 5, 1,
                        fmt.bias << fmt.fbits)) |
            rng.getrandbits(1) * fmt.sign_bit)


def floating(rng, kind):
    """A corner, any pattern, or a number near 1."""
    fmt = FORMATS[kind]
    how = rng.random()
    if how < 0.45:
        return rng.choice(CORNERS[kind])
    if how < 0.6:
        return rng.getrandbits(fmt.width)
    near = fmt.bias + rng.choice((0, 0, 1, -1, 3, fmt.fbits, -fmt.fbits,
                                  fmt.fbits + 1, fmt.bias // 2, -fmt.bias // 2))
    fraction = rng.getrandbits(fmt.fbits)
    if rng.random() < 0.3:
        fraction &= fmt.fmask << rng.randrange(fmt.fbits)
    return (rng.getrandbits(1) << (fmt.width - 1) |
            max(near, 0) << fmt.fbits | fraction)


def partitioned(rng, bits):
    """Fields of 8 or 16 bits, each a corner or random."""
    value = 0
    for _ in range(bits // 16):
        if rng.random() < 0.4:
            field = rng.choice(WORDS)
        elif rng.random() < 0.5:
            field = rng.choice(BYTES) << 8 | rng.choice(BYTES)
        else:
            field = rng.getrandbits(16)
        value = value << 16 | field
    return value


def place(st, rng, kind, where, value):
    """value: a function that gives a floating-point number"""
    if kind == "i":
        st.set(where, integer(rng))
    elif kind == "cc":
        st.ccr = rng.getrandbits(8)
    elif kind == "offset":  # within the memory, mostly aligned
        size = where[1]
        offset = rng.randrange(0, 64, size)
        if rng.random() < where[2]:
            offset += rng.randrange(size)
        st.set(where[0], offset)
    elif kind in ("vs", "vd"):
        st.fset(kind[1], where, partitioned(rng, 32 if kind == "vs" else 64))
    elif kind == "same":  # rs1 equals rs2 now and then
        a, b = where
        if rng.random() < 0.3:
            st.set(b, st.get(a) ^ rng.choice((0, 0, 1, 8, 1 << 40)))
    else:
        st.fset(kind, where, value(rng, kind))


def state(rng, operands):
    """A State at random, with operands for a form."""
    st = State()
    st.l = [integer(rng) for _ in range(7)] + [0]
    st.f = [rng.getrandbits(32) for _ in range(64)]
    st.ccr = rng.getrandbits(8)
    st.y = rng.choice((0, 0, 1, 0xffffffff, 0x7fffffff, rng.getrandbits(32)))
    tem = rng.choice((0, 0, 0, rng.getrandbits(5), 31, 4))
    fcc = rng.getrandbits(6) << 32 | rng.getrandbits(2) << 10
    st.fsr = (fcc | rng.getrandbits(2) << 30 | tem << 23 |
              rng.getrandbits(5) << 5 | rng.choice((0, 1, 2, 4, 8, 16)))
    interval = rng.random() < 0.2
    st.gsr = (rng.getrandbits(32) << 32 | interval << 27 |
              rng.getrandbits(2) << 25 | rng.getrandbits(8))
    st.mem = bytearray(rng.getrandbits(8) for _ in range(len(st.mem)))
    value = special if rng.random() < 0.2 else floating
    for kind, where in operands:
        place(st, rng, kind, where, value)
    return st
