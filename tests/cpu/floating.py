# SPDX-License-Identifier: GPL-2.0-or-later
"""Floating point: what traps, what FSR says, what is delivered.

Sources: V9 manual, 5.1.7 and appendix B; Oracle SPARC Architecture 2015,
chapter 7 and 8; for quads arch/sparc/math-emu/math_64.c of Linux, which
carries them out on an M7.
"""
import ieee
from ieee import D, Q, S
from integer import CONDITIONS, FCONDITIONS, INTS, RCONDITIONS, fholds, holds
from state import Form, illegal, sx

FORMATS = {"s": S, "d": D, "q": Q}
# rd, rs1, rs2, rs3
REGISTERS = {"s": ((3, 1, 6, 8), (31, 31, 31, 31), (1, 0, 1, 0)),
             "d": ((8, 2, 12, 20), (34, 62, 40, 36), (12, 2, 12, 2),
                   (32, 32, 32, 32)),
             "q": ((8, 4, 12, 0), (40, 60, 32, 0), (12, 12, 12, 0))}
CASES = 160


def mixed(kinds):
    """Registers for operands of different kinds, none overlapping twice."""
    for i in range(3):
        yield [REGISTERS[kind][min(i, len(REGISTERS[kind]) - 1)][place]
               for place, kind in enumerate(kinds)]


def computed(name, kinds, function, need="v9", cases=CASES):
    """kinds: of rd, rs1 (, rs2, rs3); function(rounding, trap_uf, operands)
    gives the result and the flags"""
    quad = "q" in kinds
    for regs in mixed(kinds if len(kinds) > 2 else kinds[0] + "s" + kinds[1]):
        if len(kinds) == 2:
            regs = [regs[0], regs[2]]

        def run(st, regs=regs):
            rounding = st.fsr >> 30 & 3 if quad else st.rounding()
            operands = [st.fget(k, r) for k, r in zip(kinds[1:], regs[1:])]
            value, flags = function(rounding, bool(st.tem() & ieee.UF), *operands)
            st.ieee(flags, "ILL" if quad else "FPE")
            st.fset(kinds[0], regs[0], value)
        text = f"{name} " + ", ".join(f"%f{r}" for r in regs[1:] + regs[:1])
        yield Form(text, text, run,
                   tuple(zip(kinds[1:], regs[1:])), cases, need=need)


def basic():
    for kind, fmt in FORMATS.items():
        k3 = kind * 3
        yield from computed("fadd" + kind, k3, lambda rd, uf, a, b, fmt=fmt:
                            ieee.add(fmt, a, b, rd, uf))
        yield from computed("fsub" + kind, k3, lambda rd, uf, a, b, fmt=fmt:
                            ieee.add(fmt, a, b, rd, uf, negate_b=True))
        yield from computed("fmul" + kind, k3, lambda rd, uf, a, b, fmt=fmt:
                            ieee.mul(fmt, a, b, rd, uf))
        yield from computed("fdiv" + kind, k3, lambda rd, uf, a, b, fmt=fmt:
                            ieee.div(fmt, a, b, rd, uf))
        yield from computed("fsqrt" + kind, kind * 2, lambda rd, uf, a, fmt=fmt:
                            ieee.sqrt(fmt, a, rd))
    yield from computed("fsmuld", "dss", lambda rd, uf, a, b:
                        ieee.mul(S, a, b, rd, uf, out=D))
    yield from computed("fdmulq", "qdd", lambda rd, uf, a, b:
                        ieee.mul(D, a, b, rd, uf, out=Q))


def conversions():
    for a, src in FORMATS.items():
        for b, dst in FORMATS.items():
            if a != b:
                yield from computed(
                    f"f{a}to{b}", b + a, lambda rd, uf, x, src=src, dst=dst:
                    ieee.convert(src, dst, x, rd, uf))
        for i, kind, bits in (("i", "s", 32), ("x", "d", 64)):
            yield from computed(f"f{a}to{i}", kind + a,
                                lambda rd, uf, x, src=src, bits=bits:
                                ieee.to_int(src, x, bits))
            yield from computed(f"f{i}to{a}", a + kind,
                                lambda rd, uf, x, src=src, bits=bits:
                                ieee.from_int(src, x, bits, rd), cases=80)


def fused():
    for kind, fmt in (("s", S), ("d", D)):
        for name, minus, negative in (("fmadd", False, False),
                                      ("fmsub", True, False),
                                      ("fnmadd", False, True),
                                      ("fnmsub", True, True)):
            def function(rd, uf, a, b, c, fmt=fmt, minus=minus, negative=negative):
                result = ieee.fma(fmt, a, b, c, rd, uf, negate_c=minus)
                return ieee.negate(fmt, result) if negative else result
            yield from computed(name + kind, kind * 4, function, "fmaf", 300)


def vis3():
    for kind, fmt in (("s", S), ("d", D)):
        k3 = kind * 3
        for name, minus, negative, halve in (
                ("fnadd", False, True, False), ("fhadd", False, False, True),
                ("fhsub", True, False, True), ("fnhadd", False, True, True)):
            def function(rd, uf, a, b, fmt=fmt, minus=minus,
                         negative=negative, halve=halve):
                result = ieee.add(fmt, a, b, rd, uf, minus, halve)
                return ieee.negate(fmt, result) if negative else result
            yield from computed(name + kind, k3, function, "vis3")
        yield from computed("fnmul" + kind, k3, lambda rd, uf, a, b, fmt=fmt:
                            ieee.negate(fmt, ieee.mul(fmt, a, b, rd, uf)), "vis3")
        yield from lexicographic(kind, fmt)
    yield from computed("fnsmuld", "dss", lambda rd, uf, a, b:
                        ieee.negate(D, ieee.mul(S, a, b, rd, uf, out=D)), "vis3")


def lexicographic(kind, fmt):
    """flcmp: 0 not below, 1 below (-0 is below 0), 2 rs1 is no number, 3 rs2"""
    for cc in range(4):
        def run(st, cc=cc):
            a, b = st.fget(kind, 4), st.fget(kind, 6)
            if fmt.is_nan(b):
                fcc = 3
            elif fmt.is_nan(a):
                fcc = 2
            else:
                fcc = ieee.compare(fmt, a, b, False)[0] == 1
                fcc |= a == fmt.sign_bit and b == 0
            st.set_fcc(cc, int(fcc))
        text = f"flcmp{kind} %fcc{cc}, %f4, %f6"
        yield Form(text, text, run, ((kind, 4), (kind, 6)), 80, need="vis3")


def compares():
    for kind, fmt in FORMATS.items():
        for name, signal in (("fcmp", False), ("fcmpe", True)):
            for cc in range(4):
                a, b = (4, 8) if cc < 2 else REGISTERS[kind][1][1:3]

                def run(st, a=a, b=b, cc=cc, kind=kind, fmt=fmt, signal=signal):
                    fcc, flags = ieee.compare(fmt, st.fget(kind, a),
                                              st.fget(kind, b), signal)
                    st.ieee(flags, "ILL" if kind == "q" else "FPE")
                    st.set_fcc(cc, fcc)
                text = f"{name}{kind} %fcc{cc}, %f{a}, %f{b}"
                yield Form(text, text, run, ((kind, a), (kind, b)), 100)


def moved(name, kind, function=lambda fmt, x: x, holds_for=None, operands=(),
          first="", cases=16):
    for regs in REGISTERS[kind][:2]:
        rd, rs = regs[0], regs[2]

        def run(st, rd=rd, rs=rs):
            st.no_exception()
            if holds_for is None or holds_for(st):
                st.fset(kind, rd, function(FORMATS[kind], st.fget(kind, rs)))
        text = f"{name} {first}%f{rs}, %f{rd}"
        yield Form(text, text, run, ((kind, rs), *operands), cases)


def moves():
    for kind in FORMATS:
        yield from moved("fmov" + kind, kind)
        yield from moved("fneg" + kind, kind, lambda fmt, x: x ^ fmt.sign_bit)
        yield from moved("fabs" + kind, kind,
                         lambda fmt, x: x & ~fmt.sign_bit)
        for i, cond in enumerate(CONDITIONS):
            for cc, shift in (("icc", 0), ("xcc", 4)):
                yield from moved(f"fmov{kind}{cond}", kind, holds_for=lambda st,
                                 i=i, s=shift: holds(i, st.ccr >> s & 15),
                                 first=f"%{cc}, ", cases=8)
        for i, cond in enumerate(FCONDITIONS):
            for cc in range(4):
                yield from moved(f"fmov{kind}{cond}", kind, holds_for=lambda st,
                                 i=i, cc=cc: fholds(i, st.fcc(cc)),
                                 first=f"%fcc{cc}, ", cases=5)
        for cond, test in RCONDITIONS.items():
            yield from moved(f"fmovr{kind}{cond}", kind, holds_for=lambda st,
                             test=test: test(sx(st.get("l0"), 64)),
                             operands=INTS, first="%l0, ")


def reserved():
    """A quad whose register number is no multiple of 4: ftt says so."""
    def run(st):
        st.fsr = st.fsr & ~(7 << 14) | 6 << 14
        illegal()
    for name, word in (("faddq", 0x81a00862), ("fsqrtq", 0x85a00560)):
        yield Form(f"{name}, a register that is none", f".word {word:#x}", run,
                   cases=3)
    for name, word in (("FPop1", 0x81a01fe0), ("FPop2", 0x81a81fe0),
                       ("fmovr, condition 0", 0x81a800a0),
                       ("fmovr, condition 4", 0x81a810a0)):
        yield Form(f"{name}, reserved", f".word {word:#x}",
                   lambda st: illegal(), cases=2)


def forms():
    for group in (basic, conversions, fused, vis3, compares, moves, reserved):
        yield from group()
