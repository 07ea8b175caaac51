# SPDX-License-Identifier: GPL-2.0-or-later
"""VIS 1 to 4 and what came with them to the integer unit.

Sources: UltraSPARC Architecture 2007 and Oracle SPARC Architecture 2015,
chapter 7; for VIS 1 and 2 also arch/sparc/kernel/visemul.c of Linux.
"""
from integer import INTS, REGISTERS as INT_REGISTERS, add_cc, set_cc, sub_cc
from state import M32, M64, Form, sx

FP = {"s": ((3, 1, 6), (31, 31, 31), (1, 0, 1)),
      "d": ((8, 2, 12), (34, 62, 40), (12, 2, 12), (32, 32, 32))}
CASES = 40


def fields(value, bits, width=64, signed=False):
    """The fields of a register, the lowest first."""
    for at in range(0, width, bits):
        field = value >> at & ((1 << bits) - 1)
        yield sx(field, bits) if signed else field


def joined(values, bits):
    out = 0
    for i, value in enumerate(values):
        out |= (value & ((1 << bits) - 1)) << (i * bits)
    return out


def clip(value, low, high):
    return max(low, min(high, value))


def partitioned(name, kinds, function, need, cases=CASES):
    """rd, rs1 (, rs2) are floating registers; function(st, operands)"""
    for i in range(3):
        regs = [FP[kind][min(i, len(FP[kind]) - 1)][place]
                for place, kind in enumerate(kinds)]
        if len(kinds) == 2:
            regs[1] = FP[kinds[1]][i][2]

        def run(st, regs=regs):
            operands = [st.fget(k, r) for k, r in zip(kinds[1:], regs[1:])]
            st.fset(kinds[0], regs[0], function(st, *operands))
        text = f"{name} " + ", ".join(f"%f{r}" for r in regs[1:] + regs[:1])
        yield Form(text, text, run, tuple(("v" + k, r) for k, r in
                                          zip(kinds[1:], regs[1:])),
                   cases, need=need)


def lanes(name, bits, function, need, signed=True, kind="d"):
    width = 32 if kind == "s" else 64
    yield from partitioned(name, kind * 3, lambda st, a, b: joined(
        (function(x, y) for x, y in zip(fields(a, bits, width, signed),
                                        fields(b, bits, width, signed))), bits),
        need)


def adds():
    for bits in (16, 32):
        for kind, suffix in (("d", ""), ("s", "s")):
            yield from lanes(f"fpadd{bits}{suffix}", bits, lambda x, y: x + y,
                             "vis", kind=kind)
            yield from lanes(f"fpsub{bits}{suffix}", bits, lambda x, y: x - y,
                             "vis", kind=kind)
            low, high = -1 << (bits - 1), (1 << (bits - 1)) - 1
            yield from lanes(f"fpadds{bits}{suffix}", bits, lambda x, y,
                             low=low, high=high: clip(x + y, low, high),
                             "vis3", kind=kind)
            yield from lanes(f"fpsubs{bits}{suffix}", bits, lambda x, y,
                             low=low, high=high: clip(x - y, low, high),
                             "vis3", kind=kind)
    yield from lanes("fpadd64", 64, lambda x, y: x + y, "vis3")
    yield from lanes("fpsub64", 64, lambda x, y: x - y, "vis3")
    yield from lanes("fpadd8", 8, lambda x, y: x + y, "sparc5")
    yield from lanes("fpsub8", 8, lambda x, y: x - y, "sparc5")
    yield from lanes("fpadds8", 8, lambda x, y: clip(x + y, -128, 127), "sparc5")
    yield from lanes("fpsubs8", 8, lambda x, y: clip(x - y, -128, 127), "sparc5")
    for bits in (8, 16):
        most = (1 << bits) - 1
        yield from lanes(f"fpaddus{bits}", bits, lambda x, y, most=most:
                         min(x + y, most), "sparc5", signed=False)
        yield from lanes(f"fpsubus{bits}", bits, lambda x, y: max(x - y, 0),
                         "sparc5", signed=False)
    for bits in (8, 16, 32):
        for u, signed in (("", True), ("u", False)):
            yield from lanes(f"fpmin{u}{bits}", bits, min, "sparc5", signed)
            yield from lanes(f"fpmax{u}{bits}", bits, max, "sparc5", signed)
    yield from lanes("fmean16", 16, lambda x, y: (x + y + 1) >> 1, "vis3")
    yield from lanes("fchksm16", 16, lambda x, y: (x + y) % 0x10000 +
                     (x + y > 0xffff), "vis3", signed=False)


def shifts():
    for bits in (16, 32):
        n = bits - 1
        yield from lanes(f"fsll{bits}", bits, lambda x, y, n=n: x << (y & n), "vis3")
        yield from lanes(f"fsrl{bits}", bits, lambda x, y, n=n: x >> (y & n),
                         "vis3", signed=False)
        yield from lanes(f"fsra{bits}", bits, lambda x, y, n=n: x >> (y & n), "vis3")
        yield from lanes(f"fslas{bits}", bits, lambda x, y, n=n, bits=bits:
                         clip(x << (y & n), -1 << (bits - 1), (1 << (bits - 1)) - 1),
                         "vis3")


def products():
    def rounded(x, y, drop):
        return (x * y + (1 << (drop - 1))) >> drop

    def bytes_of(a):
        return fields(a, 8, 32)

    def halves(b, width=64):
        return fields(b, 16, width, True)
    yield from partitioned("fmul8x16", "dsd", lambda st, a, b: joined(
        (rounded(x, y, 8) for x, y in zip(bytes_of(a), halves(b))), 16), "vis")
    yield from partitioned("fmul8x16au", "dss", lambda st, a, b: joined(
        (rounded(x, sx(b >> 16, 16), 8) for x in bytes_of(a)), 16), "vis")
    yield from partitioned("fmul8x16al", "dss", lambda st, a, b: joined(
        (rounded(x, sx(b, 16), 8) for x in bytes_of(a)), 16), "vis")
    yield from partitioned("fmul8sux16", "ddd", lambda st, a, b: joined(
        (rounded(x >> 8, y, 8) for x, y in zip(halves(a), halves(b))), 16), "vis")
    yield from partitioned("fmul8ulx16", "ddd", lambda st, a, b: joined(
        (rounded(x & 0xff, y, 16) for x, y in zip(halves(a), halves(b))), 16), "vis")
    yield from partitioned("fmuld8sux16", "dss", lambda st, a, b: joined(
        ((x >> 8) * y << 8 for x, y in zip(halves(a, 32), halves(b, 32))), 32), "vis")
    yield from partitioned("fmuld8ulx16", "dss", lambda st, a, b: joined(
        ((x & 0xff) * y for x, y in zip(halves(a, 32), halves(b, 32))), 32), "vis")
    for name, part in (("fpmaddx", 0), ("fpmaddxhi", 64)):
        for rd, rs1, rs2, rs3 in ((8, 2, 12, 20), (34, 62, 40, 36), (32,) * 4):
            def run(st, rd=rd, rs1=rs1, rs2=rs2, rs3=rs3, part=part):
                total = (st.fget("d", rs1) * st.fget("d", rs2) +
                         st.fget("d", rs3))
                st.fset("d", rd, total >> part & M64)
            text = f"{name} %f{rs1}, %f{rs2}, %f{rs3}, %f{rd}"
            yield Form(text, text, run, (("vd", rs1), ("vd", rs2), ("vd", rs3)),
                       CASES, need="ima")


def packs():
    def scale(st, mask):
        return st.gsr >> 3 & mask
    yield from partitioned("fpack16", "sd", lambda st, b: joined(
        (clip((x << scale(st, 15)) >> 7, 0, 255) for x in fields(b, 16, 64, True)),
        8), "vis")
    yield from partitioned("fpack32", "ddd", lambda st, a, b: joined(
        (x << 8 | clip((y << scale(st, 31)) >> 23, 0, 255)
         for x, y in zip(fields(a, 32), fields(b, 32, 64, True))), 32), "vis")
    yield from partitioned("fpackfix", "sd", lambda st, b: joined(
        (clip((x << scale(st, 31)) >> 16, -32768, 32767)
         for x in fields(b, 32, 64, True)), 16), "vis")
    yield from partitioned("fexpand", "ds", lambda st, b: joined(
        (x << 4 for x in fields(b, 8, 32)), 16), "vis")
    yield from partitioned("fpmerge", "dss", lambda st, a, b: joined(
        (v for x, y in zip(fields(a, 8, 32), fields(b, 8, 32)) for v in (y, x)),
        8), "vis")
    yield from partitioned("faligndata", "ddd", lambda st, a, b:
                           (a << 64 | b) >> (64 - 8 * (st.gsr & 7)) & M64, "vis")

    def shuffle(st, a, b):
        octets = (a << 64 | b).to_bytes(16, "big")
        picks = [st.gsr >> (60 - 4 * i) & 15 for i in range(8)]
        return int.from_bytes(bytes(octets[p] for p in picks), "big")
    yield from partitioned("bshuffle", "ddd", shuffle, "vis2")


def distance(a, b):
    return sum(abs(x - y) for x, y in zip(fields(a, 8), fields(b, 8)))


def distances():
    for rd, rs1, rs2 in FP["d"]:
        def run(st, rd=rd, rs1=rs1, rs2=rs2):
            sums = st.fget("d", rd) + distance(st.fget("d", rs1), st.fget("d", rs2))
            st.fset("d", rd, sums & M64)
        text = f"pdist %f{rs1}, %f{rs2}, %f{rd}"
        yield Form(text, text, run, (("vd", rs1), ("vd", rs2)), CASES, need="vis")
    yield from to_integer("pdistn", lambda st, a, b: distance(a, b), "vis3")


def to_integer(name, function, need):
    """rd is an integer register, rs1 and rs2 are doubles"""
    for rd, rs1, rs2 in (("l2", 2, 12), ("l0", 62, 40), ("g0", 0, 0)):
        def run(st, rd=rd, rs1=rs1, rs2=rs2):
            st.set(rd, function(st, st.fget("d", rs1), st.fget("d", rs2)))
        text = f"{name} %f{rs1}, %f{rs2}, %{rd}"
        yield Form(text, text, run, (("vd", rs1), ("vd", rs2)), CASES, need=need)


def compares():
    tests = {"gt": lambda x, y: x > y, "le": lambda x, y: x <= y,
             "eq": lambda x, y: x == y, "ne": lambda x, y: x != y}

    def mask(test, bits, signed):
        return lambda st, a, b: joined(
            (test(x, y) for x, y in zip(fields(a, bits, 64, signed),
                                        fields(b, bits, 64, signed))), 1)
    for test, function in tests.items():
        for bits in (16, 32):
            yield from to_integer(f"fcmp{test}{bits}",
                                  mask(function, bits, True), "vis")
        yield from to_integer(f"fucmp{test}8", mask(function, 8, False), "vis3")
    for test in ("gt", "le"):
        yield from to_integer(f"fpcmp{test}8", mask(tests[test], 8, True), "sparc5")
        for bits in (16, 32):
            yield from to_integer(f"fpcmpu{test}{bits}",
                                  mask(tests[test], bits, False), "sparc5")


LOGIC = {"for": lambda a, b: a | b, "fnor": lambda a, b: ~(a | b),
         "fand": lambda a, b: a & b, "fnand": lambda a, b: ~(a & b),
         "fxor": lambda a, b: a ^ b, "fxnor": lambda a, b: ~(a ^ b),
         "fornot1": lambda a, b: ~a | b, "fornot2": lambda a, b: a | ~b,
         "fandnot1": lambda a, b: ~a & b, "fandnot2": lambda a, b: a & ~b}


def logic():
    for kind, suffix, width in (("d", "", 64), ("s", "s", 32)):
        ones = (1 << width) - 1
        for name, function in LOGIC.items():
            yield from partitioned(name + suffix, kind * 3,
                                   lambda st, a, b, f=function, m=ones:
                                   f(a, b) & m, "vis", 12)
        for name, function in (("fsrc1", lambda x: x), ("fsrc2", lambda x: x),
                               ("fnot1", lambda x: ~x), ("fnot2", lambda x: ~x)):
            yield from partitioned(name + suffix, kind * 2,
                                   lambda st, a, f=function, m=ones: f(a) & m,
                                   "vis", 12)
        for name, value in (("fzero", 0), ("fone", ones)):
            for rd in (FP[kind][0][0], FP[kind][1][0]):
                def run(st, rd=rd, value=value, kind=kind):
                    st.fset(kind, rd, value)
                text = f"{name}{suffix} %f{rd}"
                yield Form(text, text, run, cases=4, need="vis")


def edges():
    masks = {8: (8, 7, 1), 16: (4, 3, 2), 32: (2, 1, 4)}
    for bits, (n, last, step) in masks.items():
        for little in ("", "l"):
            for cc in ("", "n"):
                def effect(st, a, b, _cc, n=n, last=last, step=step,
                           little=little, cc=cc):
                    ones = (1 << n) - 1
                    left, right = a // step & last, b // step & last
                    if little:
                        start, stop = ones << left & ones, ones >> (last - right)
                    else:
                        start, stop = ones >> left, ones << (last - right) & ones
                    if not cc:
                        set_cc(st, sub_cc(a, b, 0, 32), sub_cc(a, b, 0, 64))
                    return start & stop if a >> 3 == b >> 3 else start
                yield from registers(f"edge{bits}{little}{cc}", effect,
                                     "vis2" if cc else "vis",
                                     operands=INTS + (("same", ("l0", "l1")),))


def registers(name, effect, need, operands=INTS, cases=CASES):
    """name rs1, rs2, rd of integers"""
    for rd, rs1, rs2 in INT_REGISTERS:
        def run(st, rd=rd, rs1=rs1, rs2=rs2):
            st.set(rd, effect(st, st.get(rs1), st.get(rs2), None))
        text = f"{name} %{rs1}, %{rs2}, %{rd}"
        yield Form(text, text, run, operands, cases, need=need)


def array8(a, b):
    n = min(b & 7, 5)
    x, y, z = a >> 11 & 0x7ff, a >> 33 & 0x7ff, a >> 55
    parts = ((x, 2), (y, 2), (z, 1), (x >> 2, 4), (y >> 2, 4), (z >> 1, 4),
             (x >> 6, n), (y >> 6, n), (z >> 5, 4))
    out = at = 0
    for value, bits in parts:
        out |= (value & ((1 << bits) - 1)) << at
        at += bits
    return out


def carryless(a, b):
    out = 0
    for i in range(64):
        if b >> i & 1:
            out ^= a << i
    return out


def integers():
    for i, name in enumerate(("array8", "array16", "array32")):
        yield from registers(name, lambda st, a, b, c, i=i: array8(a, b) << i, "vis")

    def align(little):
        def effect(st, a, b, _cc):
            total = a + b
            st.gsr = st.gsr & ~7 | (-total if little else total) & 7
            return total & ~7
        return effect
    yield from registers("alignaddr", align(False), "vis")
    yield from registers("alignaddrl", align(True), "vis")

    def bmask(st, a, b, _cc):
        st.gsr = st.gsr & M32 | (a + b & M32) << 32
        return a + b
    yield from registers("bmask", bmask, "vis2")

    def addxc(st, a, b, cc):
        carry = st.ccr >> 4 & 1
        if cc:
            set_cc(st, add_cc(a, b, carry, 32), add_cc(a, b, carry, 64))
        return a + b + carry

    def subxc(st, a, b, cc):
        carry = st.ccr >> 4 & 1
        if cc:
            set_cc(st, sub_cc(a, b, carry, 32), sub_cc(a, b, carry, 64))
        return a - b - carry
    for name, function, need in (("addxc", addxc, "vis3"), ("subxc", subxc, "sparc5")):
        yield from registers(name, lambda st, a, b, c, f=function: f(st, a, b, False),
                             need)
        yield from registers(name + "cc" if name == "subxc" else "addxccc",
                             lambda st, a, b, c, f=function: f(st, a, b, True), need)
    yield from registers("umulxhi", lambda st, a, b, c: a * b >> 64, "vis3")
    yield from registers("xmulx", lambda st, a, b, c: carryless(a, b) & M64, "vis3")
    yield from registers("xmulxhi", lambda st, a, b, c: carryless(a, b) >> 64, "vis3")
    for rd, rs in (("l2", "l1"), ("l1", "l1"), ("g0", "l1"), ("l2", "g0")):
        def lzcnt(st, rd=rd, rs=rs):
            st.set(rd, 64 - st.get(rs).bit_length())
        yield Form(f"lzcnt %{rs}, %{rd}", f"lzcnt %{rs}, %{rd}", lzcnt, INTS,
                   need="vis3")


def masks():
    """cmask: a mask of a compare becomes the bytes that bshuffle picks."""
    for bits, n, size in ((8, 8, 1), (16, 4, 2), (32, 2, 4)):
        for rs in ("l0", "g0"):
            def run(st, rs=rs, n=n, size=size):
                mask = 0
                for lane in range(n):
                    second = 0 if st.get(rs) >> (n - 1 - lane) & 1 else 8
                    for i in range(size):
                        mask = mask << 4 | second + lane * size + i
                st.gsr = st.gsr & M32 | mask << 32
            yield Form(f"cmask{bits} %{rs}", f"cmask{bits} %{rs}", run, INTS,
                       need="vis3")
    for mode in range(8):
        def siam(st, mode=mode):
            st.gsr = st.gsr & ~(7 << 25) | mode << 25
        yield Form(f"siam {mode}", f"siam {mode}", siam, cases=4, need="vis2")


def moves():
    for r in (34, 8):
        yield Form(f"movxtod %f{r}", f"movxtod %l0, %f{r}", lambda st, r=r:
                   st.fset("d", r, st.get("l0")), INTS, need="vis3")
        yield Form(f"movdtox %f{r}", f"movdtox %f{r}, %l2", lambda st, r=r:
                   st.set("l2", st.fget("d", r)), INTS, need="vis3")
    for r in (31, 4):
        yield Form(f"movwtos %f{r}", f"movwtos %l0, %f{r}", lambda st, r=r:
                   st.fset("s", r, st.get("l0") & M32), INTS, need="vis3")
        yield Form(f"movstouw %f{r}", f"movstouw %f{r}, %l2", lambda st, r=r:
                   st.set("l2", st.fget("s", r)), need="vis3")
        yield Form(f"movstosw %f{r}", f"movstosw %f{r}, %l2", lambda st, r=r:
                   st.set("l2", sx(st.fget("s", r), 32)), need="vis3")


def forms():
    for group in (adds, shifts, products, packs, distances, compares, logic,
                  edges, integers, masks, moves):
        yield from group()
