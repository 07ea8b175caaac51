# SPDX-License-Identifier: GPL-2.0-or-later
"""Integer instructions and control transfer.

Sources: V9 manual, appendix A; Oracle SPARC Architecture 2015, chapter 7.
"""
from state import (ADRALN, INTDIV, M32, M64, PRVOPC, TAGOVF, Form, Trap,
                   illegal, sx)

N, Z, V, C = 8, 4, 2, 1
CONDITIONS = ("n", "e", "le", "l", "leu", "cs", "neg", "vs",
              "a", "ne", "g", "ge", "gu", "cc", "pos", "vc")
FCONDITIONS = ("n", "ne", "lg", "ul", "l", "ug", "g", "u",
               "a", "e", "ue", "ge", "uge", "le", "ule", "o")
RCONDITIONS = {"z": lambda x: x == 0, "lez": lambda x: x <= 0,
               "lz": lambda x: x < 0, "nz": lambda x: x != 0,
               "gz": lambda x: x > 0, "gez": lambda x: x >= 0}
RD, RS1, RS2 = "l2", "l0", "l1"
# rd, rs1, rs2: all different, rd one of the sources, all the same, %g0
REGISTERS = ((RD, RS1, RS2), (RS1, RS1, RS2), (RS2, RS1, RS2),
             (RS1, RS1, RS1), ("g0", RS1, RS2), (RD, "g0", RS2),
             (RD, RS1, "g0"))
INTS = (("i", RS1), ("i", RS2))
IMMEDIATES = (0, 1, -1, 7, 31, 63, 64, 0x555, 4095, -4096)


def holds(cond, cc):
    n, z, v, c = (bool(cc & bit) for bit in (N, Z, V, C))
    truth = (False, z, z or n != v, n != v, c or z, c, n, v)[cond & 7]
    return truth != (cond >= 8)


def fholds(cond, fcc):
    e, l, g, u = (fcc == i for i in range(4))
    truth = (False, l or g or u, l or g, l or u, l, g or u, g, u)[cond & 7]
    return truth != (cond >= 8)


def nz(value, bits):
    value &= (1 << bits) - 1
    return (N if value >> (bits - 1) else 0) | (Z if value == 0 else 0)


def set_cc(st, icc, xcc):
    st.ccr = xcc << 4 | icc


def add_cc(a, b, carry, bits):
    mask = (1 << bits) - 1
    total = (a & mask) + (b & mask) + carry
    signed = sx(a, bits) + sx(b, bits) + carry
    return (nz(total, bits) | (C if total > mask else 0) |
            (V if signed != sx(total, bits) else 0))


def sub_cc(a, b, borrow, bits):
    mask = (1 << bits) - 1
    total = (a & mask) - (b & mask) - borrow
    signed = sx(a, bits) - sx(b, bits) - borrow
    return (nz(total, bits) | (C if total < 0 else 0) |
            (V if signed != sx(total, bits) else 0))


def adder(carry_from=None, subtract=False):
    """The effect of add, sub and their kin; carry_from: bit of CCR"""
    def effect(st, a, b, cc):
        carry = st.ccr >> carry_from & 1 if carry_from is not None else 0
        flags = sub_cc if subtract else add_cc
        if cc:
            set_cc(st, flags(a, b, carry, 32), flags(a, b, carry, 64))
        return a - b - carry if subtract else a + b + carry
    return effect


def logic(function):
    def effect(st, a, b, cc):
        value = function(a, b) & M64
        if cc:
            set_cc(st, nz(value, 32), nz(value, 64))
        return value
    return effect


def multiply(signed):
    def effect(st, a, b, cc):
        value = (sx(a, 32) * sx(b, 32) if signed else (a & M32) * (b & M32)) & M64
        st.y = value >> 32
        if cc:
            set_cc(st, nz(value, 32), nz(value, 64))
        return value
    return effect


def divide(signed):
    def effect(st, a, b, cc):
        dividend, divisor, over = st.y << 32 | a & M32, b & M32, 0
        if divisor == 0:
            raise Trap("FPE", INTDIV)
        if signed:
            dividend, divisor = sx(dividend, 64), sx(divisor, 32)
            value = abs(dividend) // abs(divisor)
            value = -value if (dividend < 0) != (divisor < 0) else value
            most = max(min(value, (1 << 31) - 1), -1 << 31)
        else:
            value = dividend // divisor
            most = min(value, M32)
        over = V if value != most else 0
        if cc:
            set_cc(st, nz(most, 32) | over, nz(most, 64))
        return most
    return effect


def divide64(signed):
    def effect(st, a, b, cc):
        if b == 0:
            raise Trap("FPE", INTDIV)
        if not signed:
            return a // b
        a, b = sx(a, 64), sx(b, 64)
        value = abs(a) // abs(b)
        return -value if (a < 0) != (b < 0) else value
    return effect


def mulscc(st, a, b, cc):
    high = N if (st.ccr & N != 0) != (st.ccr & V != 0) else 0
    first = (high >> 3) << 31 | (a & M32) >> 1
    second = b & M32 if st.y & 1 else 0
    st.y = (a & 1) << 31 | st.y >> 1
    set_cc(st, add_cc(first, second, 0, 32), st.ccr >> 4)
    return first + second & M32


def tagged(subtract, trap):
    flags = sub_cc if subtract else add_cc

    def effect(st, a, b, cc):
        icc = flags(a, b, 0, 32)
        if (a | b) & 3:
            icc |= V
        if trap and icc & V:
            raise Trap("EMT", TAGOVF)
        set_cc(st, icc, flags(a, b, 0, 64))
        return a - b if subtract else a + b
    return effect


ARITHMETIC = {
    "add": adder(), "sub": adder(subtract=True),
    "addc": adder(0), "subc": adder(0, True),
    "and": logic(lambda a, b: a & b), "andn": logic(lambda a, b: a & ~b),
    "or": logic(lambda a, b: a | b), "orn": logic(lambda a, b: a | ~b),
    "xor": logic(lambda a, b: a ^ b), "xnor": logic(lambda a, b: ~(a ^ b)),
    "umul": multiply(False), "smul": multiply(True),
    "udiv": divide(False), "sdiv": divide(True),
}
ARITHMETIC_ONE = {  # either always or never with condition codes
    "mulx": (logic(lambda a, b: a * b), False),
    "udivx": (divide64(False), False), "sdivx": (divide64(True), False),
    "mulscc": (mulscc, True),
    "taddcc": (tagged(False, False), True),
    "tsubcc": (tagged(True, False), True),
    "taddcctv": (tagged(False, True), True),
    "tsubcctv": (tagged(True, True), True),
}


def only_low(st, want, got):
    """MULScc leaves the upper half of rd and xcc undefined."""
    for i in range(8):
        if st.l[i] != want.l[i] or st.l[i] != got.l[i]:
            got.l[i] = got.l[i] & M32 | want.l[i] & ~M32
    got.ccr = got.ccr & 15 | want.ccr & 0xf0


def three(name, effect, cc, registers=REGISTERS, immediates=IMMEDIATES,
          **options):
    """name rs1, rs2 or immediate, rd"""
    for rd, rs1, rs2 in registers:
        def run(st, rd=rd, rs1=rs1, rs2=rs2):
            st.set(rd, effect(st, st.get(rs1), st.get(rs2), cc))
        text = f"{name} %{rs1}, %{rs2}, %{rd}"
        yield Form(text, text, run, INTS, **options)
    for imm in immediates:
        def run(st, imm=imm):
            st.set(RD, effect(st, st.get(RS1), imm & M64, cc))
        text = f"{name} %{RS1}, {imm}, %{RD}"
        yield Form(text, text, run, INTS[:1], cases=12, **options)


def arithmetic():
    for name, effect in ARITHMETIC.items():
        yield from three(name, effect, False)
        yield from three(name + "cc", effect, True)
    for name, (effect, cc) in ARITHMETIC_ONE.items():
        options = {"ignore": only_low} if name == "mulscc" else {}
        yield from three(name, effect, cc, **options)
    for count in (0, 1, 5, 31):
        yield from shift("sll", 31, count, lambda a, n: a << n)
        yield from shift("srl", 31, count, lambda a, n: (a & M32) >> n)
        yield from shift("sra", 31, count, lambda a, n: sx(a, 32) >> n)
    for count in (0, 1, 31, 32, 63):
        yield from shift("sllx", 63, count, lambda a, n: a << n)
        yield from shift("srlx", 63, count, lambda a, n: a >> n)
        yield from shift("srax", 63, count, lambda a, n: sx(a, 64) >> n)
    for rd in (RD, RS2, "g0"):
        def popc(st, rd=rd):
            st.set(rd, bin(st.get(RS2)).count("1"))
        yield Form(f"popc rd={rd}", f"popc %{RS2}, %{rd}", popc, INTS)
    yield Form("popc imm", f"popc -5, %{RD}", lambda st: st.set(RD, 63))
    yield Form("sethi", f"sethi 0x3fffff, %{RD}",
               lambda st: st.set(RD, 0xfffffc00))


def shift(name, mask, count, function):
    def by_immediate(st):
        st.set(RD, function(st.get(RS1), count))
    yield Form(f"{name} imm {count}", f"{name} %{RS1}, {count}, %{RD}",
               by_immediate, INTS[:1])
    if count:
        return
    for rd, rs1, rs2 in REGISTERS:
        def run(st, rd=rd, rs1=rs1, rs2=rs2):
            st.set(rd, function(st.get(rs1), st.get(rs2) & mask))
        text = f"{name} %{rs1}, %{rs2}, %{rd}"
        yield Form(text, text, run, INTS)


def moves():
    for i, cond in enumerate(CONDITIONS):
        for cc, shift_by in (("icc", 0), ("xcc", 4)):
            for source, name in ((RS1, f"%{RS1}"), (-1024, "-1024")):
                def run(st, i=i, shift_by=shift_by, source=source):
                    if holds(i, st.ccr >> shift_by & 15):
                        st.set(RD, st.get(source) if source == RS1 else source)
                text = f"mov{cond} %{cc}, {name}, %{RD}"
                yield Form(text, text, run, (("cc", None),), cases=16)
    for i, cond in enumerate(FCONDITIONS):
        for cc in range(4):
            def run(st, i=i, cc=cc):
                if fholds(i, st.fcc(cc)):
                    st.set(RD, st.get(RS1))
            text = f"mov{cond} %fcc{cc}, %{RS1}, %{RD}"
            yield Form(text, text, run, cases=8)
    for cond, test in RCONDITIONS.items():
        for source, name in ((RS2, f"%{RS2}"), (-512, "-512")):
            def run(st, test=test, source=source):
                if test(sx(st.get(RS1), 64)):
                    st.set(RD, st.get(source) if source == RS2 else source)
            text = f"movr{cond} %{RS1}, {name}, %{RD}"
            yield Form(text, text, run, INTS)


def went(name, taken, annul, always=False, cases=16, operands=(("cc", None),),
         **options):
    """A branch over one instruction: %l2 tells which were executed."""
    def run(st):
        go = taken(st)
        delay = not annul or (go and not always)
        st.set(RD, st.get(RD) & ~7 | (1 if delay else 0) | (0 if go else 2) | 4)
    text = (f"andn %{RD}, 7, %{RD}\n{name} 8f\nor %{RD}, 1, %{RD}\n"
            f"or %{RD}, 2, %{RD}\n8: or %{RD}, 4, %{RD}")
    return Form(name, text, run, operands, cases, **options)


def branches():
    for annul in ("", ",a"):
        for i, cond in enumerate(CONDITIONS):
            for word, shift_by in (("", 0), (" %icc,", 0), (" %xcc,", 4)):
                hint = ",pt" if word else ""
                yield went(f"b{cond}{annul}{hint}{word}",
                           lambda st, i=i, s=shift_by: holds(i, st.ccr >> s & 15),
                           bool(annul), cond == "a")
        for i, cond in enumerate(FCONDITIONS):
            yield went(f"fb{cond}{annul}", lambda st, i=i: fholds(i, st.fcc(0)),
                       bool(annul), cond == "a", 8, ())
            for cc in range(4):
                yield went(f"fb{cond}{annul},pn %fcc{cc},",
                           lambda st, i=i, cc=cc: fholds(i, st.fcc(cc)),
                           bool(annul), cond == "a", 8, ())
        for cond, test in RCONDITIONS.items():
            yield went(f"br{cond}{annul} %{RS1},",
                       lambda st, test=test: test(sx(st.get(RS1), 64)),
                       bool(annul), operands=INTS)


def compare_and_branch():
    """cbcond: no delay slot, and the condition codes stay as they are."""
    for i, cond in enumerate(CONDITIONS):
        if i & 7 == 0:
            continue
        for letter, bits in (("w", 32), ("x", 64)):
            for second in (f"%{RS2}", "15", "-16"):
                def taken(st, i=i, bits=bits, second=second):
                    b = st.get(RS2) if second[0] == "%" else int(second) & M64
                    return holds(i, sub_cc(st.get(RS1), b, 0, bits))

                def run(st, taken=taken):
                    st.set(RD, st.get(RD) & ~7 | (4 if taken(st) else 6))
                name = f"c{letter}b{cond} %{RS1}, {second},"
                text = (f"andn %{RD}, 7, %{RD}\n{name} 8f\nor %{RD}, 2, %{RD}\n"
                        f"8: or %{RD}, 4, %{RD}")
                same = (("same", (RS1, RS2)),)
                yield Form(name, text, run, INTS + same, 40, need="cbcond")

    def loop(st):
        st.set("l3", 0)
        st.set("l4", 5)
        set_cc(st, Z, Z)
    yield Form("cbcond backwards", "mov 5, %l3\nmov 0, %l4\n9: inc %l4\n"
               "deccc %l3\ncxbne %l3, 0, 9b", loop, need="cbcond")
    for hi, name in ((0, "0"), (1, "8")):
        yield Form(f"cbcond, condition {name}", f".word {0x10c00000 | hi << 29:#x}",
                   lambda st: illegal(), cases=2)


def jumps():
    def called(st):
        st.set(RD, 4)
    yield Form("call", f"call 8f\nmov 0, %{RD}\nmov 2, %{RD}\n"
               f"8: or %{RD}, 4, %{RD}", called)
    for offset, skipped in ((12, False), (16, True)):
        def jumped(st, skipped=skipped):
            st.set("l3", 1 if skipped else 9)
            st.set("l4", 0)
            st.set("l5", 4)
        yield Form(f"jmpl +{offset}",
                   f"8: rd %pc, %l4\njmpl %l4 + {offset}, %l5\nmov 1, %l3\n"
                   f"or %l3, 8, %l3\nsub %l5, %l4, %l5\nmov 0, %l4", jumped)
    for offset in (1, 2, 3):
        def misaligned(st):
            st.set("l4", st.get("l4") & ~3)
            raise Trap("BUS", ADRALN)
        yield Form(f"jmpl misaligned {offset}",
                   f"andn %l4, 3, %l4\njmpl %l4 + {offset}, %l5", misaligned)


def traps():
    """Tcc: the condition, and the number's 7 bits."""
    for i, cond in enumerate(CONDITIONS):
        for cc, shift_by in (("icc", 0), ("xcc", 4)):
            def run(st, i=i, shift_by=shift_by):
                if holds(i, st.ccr >> shift_by & 15):
                    raise Trap("TRAP", 1)
            text = f"t{cond} %{cc}, %g0 + 1"
            yield Form(text, text, run, (("cc", None),), cases=16)

    def by_register(st):
        st.set(RS1, 0x7c)
        st.set(RS2, 5)
        raise Trap("TRAP", 1)
    yield Form("ta sum of registers", f"mov 0x7c, %{RS1}\nmov 5, %{RS2}\n"
               f"ta %xcc, %{RS1} + %{RS2}", by_register)


def state_registers():
    def write(register, mask):
        def effect(st, a, b, cc):
            setattr(st, register, (a ^ b) & mask)
        return effect
    for register, mask in (("y", M32), ("ccr", 0xff), ("gsr", M64)):
        effect = write(register, mask)
        for rs1, rs2 in ((RS1, RS2), ("g0", RS2), (RS1, "g0")):
            def run(st, effect=effect, rs1=rs1, rs2=rs2):
                effect(st, st.get(rs1), st.get(rs2), False)
            text = f"wr %{rs1}, %{rs2}, %{register}"
            yield Form(text, text, run, INTS)

        def by_immediate(st, effect=effect):
            effect(st, st.get(RS1), -91 & M64, False)
        text = f"wr %{RS1}, -91, %{register}"
        yield Form(text, text, by_immediate, INTS)

        def read(st, register=register):
            st.set(RD, getattr(st, register))
        yield Form(f"rd %{register}", f"rd %{register}, %{RD}", read, INTS)
    yield Form("rd %asi", f"wr %{RS1}, 0, %asi\nrd %asi, %{RD}",
               lambda st: st.set(RD, st.get(RS1) & 0xff), INTS)
    yield Form("rd %pc", f"rd %pc, %l3\n rd %pc, %l4\nsub %l4, %l3, %{RD}\n"
               "mov 0, %l3\nmov 0, %l4",
               lambda st: (st.set(RD, 4), st.set("l3", 0), st.set("l4", 0)))
    yield Form("membar", "membar #StoreLoad | #Sync\nflushw\nnop",
               lambda st: None)


def pause():
    """Hints that change nothing: a wait of no length."""
    for name, number, need in (("pause", 27, "pause"), ("mwait", 28, "sparc5")):
        for text in (f"{name} 5", f"wr %{RS1}, %{RS2}, %asr{number}",
                     f"ba 8f\n{name} 0\n8:"):
            yield Form(text, text, lambda st: None, INTS, cases=4, need=need)


def window_forms():
    def saved(st):
        st.set("l3", st.get(RS1) + st.get(RS2))
    yield Form("save and restore",
               f"mov %{RS1}, %o0\nmov %{RS2}, %o1\nsave %sp, -176, %sp\n"
               "restore %i0, %i1, %o2\nmov %o2, %l3", saved, INTS)


def reserved():
    def privileged():
        raise Trap("ILL", PRVOPC)
    for name, text in (("unimp", "unimp 5"),
                       ("bpr, condition 0", ".word 0x00c00000"),
                       ("bpr, condition 4", ".word 0x08c00000"),
                       ("op=2 op3=0x2f condition 0", ".word 0x857c0001"),
                       ("op=2 op3=0x3f", ".word 0x81f80000"),
                       ("op=3 op3=0x0c", ".word 0xc0600000")):
        yield Form(name, text, lambda st: illegal(), cases=2)
    for text in ("rdpr %tpc, %l0", "wrpr %g0, 0, %pil", "saved", "restored",
                 "done", "retry"):
        yield Form(text, text, lambda st: privileged(), cases=2)


def forms():
    for group in (arithmetic, moves, branches, compare_and_branch, jumps,
                  traps, state_registers,
                  pause, window_forms, reserved):
        yield from group()
