# SPDX-License-Identifier: GPL-2.0-or-later
"""Loads, stores and what is atomic, by every user ASI.

%l7 points to the memory of the State, at a multiple of 64.  Sources: Oracle
SPARC Architecture 2015, chapters 7 and 10; what a misaligned double or quad
does is up to Linux (arch/sparc/kernel/unaligned_64.c).
"""
from state import ADRALN, ILLADR, M32, M64, PRVOPC, Form, Trap, illegal, sx

FSR_LOADED = 0x3fcfc00fff  # not ver, not ftt, not qne
BASES = ((0x80, ""), (0x81, ""), (0x82, "nofault"), (0x83, "nofault"),
         (0x88, "little"), (0x89, "little"), (0x8a, "nofault little"),
         (0x8b, "nofault little"))
BASE, AT = "l7", "l6"

LOADS = {"ldub": (1, 0), "ldsb": (1, 1), "lduh": (2, 0), "ldsh": (2, 1),
         "lduw": (4, 0), "ldsw": (4, 1), "ldx": (8, 0)}
STORES = {"stb": 1, "sth": 2, "stw": 4, "stx": 8}


def misaligned():
    raise Trap("BUS", ADRALN)


def at(size, wrong=0.15):
    return (("offset", (AT, size, wrong)),)


def aligned(st, size):
    addr = st.get(AT)
    if addr % size:
        misaligned()
    return addr


def ways(name, registers, effect, size, nothing=None):
    """The same instruction by address and by each ASI, immediate and %asi.

    registers: the text with %s for the address; effect(st, little); nothing:
    what a non-faulting load does that Linux finds misaligned, None for stores
    """
    def form(text, little, nofault, first="", last=""):
        def run(st):
            try:
                effect(st, little)
            except Trap:
                if not nofault:
                    raise
                nothing(st)
        name = text + (f", {asi:#x} by %asi" if first else "")
        return Form(name, f"{first}\n{text}\n{last}", run, at(size), 16)
    yield form(f"{name} " + registers % f"[%{BASE} + %{AT}]", False, False)
    for asi, kind in BASES:
        little, nofault = "little" in kind, "nofault" in kind
        if nofault and not nothing:
            continue
        yield form(f"{name}a " + registers % f"[%{BASE} + %{AT}] {asi:#x}",
                   little, nofault)
        yield form(f"{name}a " + registers % f"[%{BASE} + 0] %asi", little,
                   nofault, f"\nwr %g0, {asi:#x}, %asi\nadd %l7, %l6, %l7",
                   "sub %l7, %l6, %l7")


def loads():
    for name, (size, signed) in LOADS.items():
        def effect(st, little, size=size, signed=signed):
            value = st.load(aligned(st, size), size, little)
            st.set("l2", sx(value, 8 * size) if signed else value)
        yield from ways(name, "%s, %%l2", effect, size,
                        lambda st: st.set("l2", 0))
        for imm in (0, 8, 64):
            def offset(st, imm=imm, size=size, signed=signed):
                value = st.load(imm, size)
                st.set("l2", sx(value, 8 * size) if signed else value)
            text = f"{name} [%{BASE} + {imm}], %l2"
            yield Form(text, text, offset, cases=8)

    def pair(st, little):
        addr = aligned(st, 8)
        for i in (0, 1):
            st.set(f"l{2 + i}", st.load(addr + 4 * i, 4, little))
    yield from ways("ldd", "%s, %%l2", pair, 8,
                    lambda st: (st.set("l2", 0), st.set("l3", 0)))


def stores():
    for name, size in STORES.items():
        def effect(st, little, size=size):
            st.store(aligned(st, size), size, st.get("l2"), little)
        yield from ways(name, "%%l2, %s", effect, size)

    def pair(st, little):
        addr = aligned(st, 8)
        for i in (0, 1):
            st.store(addr + 4 * i, 4, st.get(f"l{2 + i}"), little)
    yield from ways("std", "%%l2, %s", pair, 8)


def atomics():
    def ldstub(st, little):
        addr = st.get(AT)
        st.set("l2", st.load(addr, 1))
        st.store(addr, 1, 0xff)
    yield from ways("ldstub", "%s, %%l2", ldstub, 1)

    def swap(st, little):
        addr = aligned(st, 4)
        old = st.load(addr, 4, little)
        st.store(addr, 4, st.get("l2"), little)
        st.set("l2", old)
    yield from ways("swap", "%s, %%l2", swap, 4)
    for name, size in (("casa", 4), ("casxa", 8)):
        for asi, little in ((0x80, False), (0x88, True)):
            for compare, rd in (("l1", "l2"), ("l2", "l2"), ("g0", "l2")):
                def cas(st, size=size, little=little, compare=compare, rd=rd):
                    addr = st.get("l7")
                    old = st.load(addr, size, little)
                    mask = (1 << 8 * size) - 1
                    new = st.get(rd)
                    if st.get(compare) & mask == old:
                        st.store(addr, size, new, little)
                    st.set(rd, old)
                text = f"{name} [%{BASE}] {asi:#x}, %{compare}, %{rd}"
                load = "lduw" if size == 4 else "ldx"
                space = "" if asi == 0x80 else "a"
                yield Form(text, text, cas, cases=8)
                if compare == "l1":
                    def equal(st, cas=cas, size=size, little=little):
                        st.set("l1", st.load(0, size, little))
                        cas(st)
                    same = (f"{load}{space} [%{BASE}] {asi:#x}, %l1" if space
                            else f"{load} [%{BASE}], %l1")
                    yield Form(text + ", equal", same + "\n" + text, equal)

    for name, size in (("cas", 4), ("casx", 8)):
        def wrong(st):
            misaligned()
        yield Form(f"{name} misaligned", f"add %{BASE}, 2, %l7\n"
                   f"{name} [%l7], %l1, %l2\nsub %l7, 2, %l7", wrong, cases=4)


def floats():
    for kind, reg in (("s", 7), ("d", 36), ("d", 8)):
        size = 4 if kind == "s" else 8

        def load(st, little, kind=kind, reg=reg, size=size):
            st.fset(kind, reg, st.load(aligned(st, 4), size, little))

        def store(st, little, kind=kind, reg=reg, size=size):
            st.store(aligned(st, 4), size, st.fget(kind, reg), little)
        name = "ld" if kind == "s" else "ldd"
        yield from ways(name, f"%s, %%f{reg}", load, size,
                        lambda st, kind=kind, reg=reg: st.fset(kind, reg, 0))
        name = "st" if kind == "s" else "std"
        yield from ways(name, f"%%f{reg}, %s", store, size)

    def quad(st):
        if st.get(AT) % 4:
            raise Trap("SEGV", 1)
        return st.get(AT)
    for reg in (8, 40):
        yield from ways("ldq", f"%s, %%f{reg}", lambda st, little, reg=reg:
                        st.fset("q", reg, st.load(quad(st), 16, little)), 4,
                        lambda st, reg=reg: st.fset("q", reg, 0))
        yield from ways("stq", f"%%f{reg}, %s", lambda st, little, reg=reg:
                        st.store(quad(st), 16, st.fget("q", reg), little), 4)


def fsr():
    def load(st):
        value = st.load(aligned(st, 4), 4)
        st.fsr = st.fsr & ~(FSR_LOADED & M32) | value & FSR_LOADED & M32

    def load_extended(st):
        value = st.load(aligned(st, 8), 8)
        st.fsr = st.fsr & ~FSR_LOADED | value & FSR_LOADED
    where = f"[%{BASE} + %{AT}]"
    yield Form("ld fsr", f"ld {where}, %fsr", load, at(4))
    yield Form("ldx fsr", f"ldx {where}, %fsr", load_extended, at(8))
    yield Form("st fsr", f"st %fsr, {where}",
               lambda st: st.store(aligned(st, 4), 4, st.fsr), at(4))
    yield Form("stx fsr", f"stx %fsr, {where}",
               lambda st: st.store(aligned(st, 8), 8, st.fsr), at(8))


def short():
    """One or two bytes of a double register."""
    for asi in (0xd0, 0xd1, 0xd2, 0xd3, 0xd8, 0xd9, 0xda, 0xdb):
        size, little = 2 if asi & 2 else 1, bool(asi & 8)

        def load(st, size=size, little=little):
            st.fset("d", 34, st.load(aligned(st, size), size, little))

        def store(st, size=size, little=little):
            st.store(aligned(st, size), size, st.fget("d", 34), little)
        text = f"ldda [%{BASE} + %{AT}] {asi:#x}, %f34"
        yield Form(text, text, load, at(size), need="vis")
        text = f"stda %f34, [%{BASE} + %{AT}] {asi:#x}"
        yield Form(text, text, store, at(size), need="vis")


def partial():
    """Fields chosen by a mask, whose highest bit is the highest field."""
    for asi in range(0xc0, 0xce):
        if asi & 7 > 5:
            continue
        size, little = (1, 2, 4)[(asi & 7) >> 1], bool(asi & 8)

        def store(st, size=size, little=little):
            value, n = st.fget("d", 34), 8 // size
            for i in range(n):
                if st.get("l0") >> i & 1:
                    part = value >> (8 * size * i)
                    where = size * (i if little else n - 1 - i)
                    st.store(where, size, part, little)
        text = f"stda %f34, [%{BASE} + %l0] {asi:#x}"
        yield Form("partial " + text, text, store, (("i", "l0"),), need="vis")
        if asi in (0xc0, 0xca):
            yield Form(f"partial {asi:#x}, misaligned",
                       f"add %l7, 1, %l7\nstda %f34, [%l7 + %l0] {asi:#x}\n"
                       "sub %l7, 1, %l7", lambda st: misaligned(), cases=4,
                       need="vis")
            yield Form(f"partial {asi:#x} by %asi",
                       f"wr %g0, {asi:#x}, %asi\nstda %f34, [%{BASE}] %asi",
                       lambda st: illegal(), cases=4, need="vis")


def block():
    for asi in (0xe0, 0xe1, 0xf0, 0xf1, 0xf8, 0xf9):
        little = bool(asi & 8)
        for reg in (0, 16, 48):
            def load(st, little=little, reg=reg):
                addr = aligned(st, 64)
                for i in range(0, 16, 2):
                    st.fset("d", reg + i, st.load(addr + 4 * i, 8, little))

            def store(st, little=little, reg=reg):
                addr = aligned(st, 64)
                for i in range(0, 16, 2):
                    st.store(addr + 4 * i, 8, st.fget("d", reg + i), little)
            address = f"[%{BASE} + %{AT}] {asi:#x}"
            operands = (("offset", (AT, 64, 0.2)),)
            if asi >= 0xf0:
                yield Form(f"block ldda {address}, %f{reg}",
                           f"ldda {address}, %f{reg}", load, operands, 8,
                           need="vis")
            yield Form(f"block stda %f{reg}, {address}",
                       f"stda %f{reg}, {address}", store, operands, 8, need="vis")
    for text in (f"ldda [%{BASE}] 0xf0, %f8", f"stda %f40, [%{BASE}] 0xf0"):
        yield Form(f"{text}, no block of registers", text,
                   lambda st: illegal(), cases=2, need="vis")


def blkinit():
    """At the start of a line, the line is zeroed first; two words at once."""
    for asi in (0xe2, 0xe3, 0xea, 0xeb, 0xf2, 0xf3, 0xfa, 0xfb):
        little = bool(asi & 8)
        for name, size in STORES.items():
            def effect(st, size=size, little=little):
                addr = aligned(st, size)
                if addr % 64 == 0:
                    st.mem[addr:addr + 64] = bytes(64)
                st.store(addr, size, st.get("l2"), little)
            text = f"{name}a %l2, [%{BASE} + %{AT}] {asi:#x}"
            yield Form(text, text, effect, at(size), 12, need="blkinit")
        if asi < 0xf0:
            def twin(st, little=little):
                addr = aligned(st, 16)
                for i in (0, 1):
                    st.set(f"l{2 + i}", st.load(addr + 8 * i, 8, little))
            text = f"ldda [%{BASE} + %{AT}] {asi:#x}, %l2"
            yield Form(text, text, twin, at(16), need="blkinit")


def others():
    for fcn in (0, 1, 2, 3, 4, 16, 23, 31):
        yield Form(f"prefetch {fcn}", f"prefetch [%{BASE} + 8], {fcn}",
                   lambda st: None, cases=2)
    yield Form("prefetcha", f"prefetcha [%{BASE} + %{AT}] 0x80, 1",
               lambda st: None, at(8), 2)
    yield Form("flush", f"flush %{BASE}", lambda st: None, cases=2)
    for name, text in (("odd ldd", ".word 0xc61dc000"),
                       ("odd std", ".word 0xc63dc000"),
                       ("prefetch 5", ".word 0xcb6de000"),
                       ("prefetch 15", ".word 0xdf6de000")):
        yield Form(name, text, lambda st: illegal(), cases=2)

    def privileged(st):
        raise Trap("ILL", PRVOPC)

    def no_such(st):
        raise Trap("ILL", ILLADR)
    for asi in (0x04, 0x10, 0x24, 0x7f):
        yield Form(f"ldxa by ASI {asi:#x}", f"ldxa [%{BASE}] {asi:#x}, %l2",
                   privileged, cases=2)
        yield Form(f"stba by ASI {asi:#x}", f"stba %l2, [%{BASE}] {asi:#x}",
                   privileged, cases=2)
    for asi in (0x84, 0x8c, 0xa0, 0xb8, 0xc6, 0xce, 0xff):
        yield Form(f"ldxa by ASI {asi:#x}", f"ldxa [%{BASE}] {asi:#x}, %l2",
                   no_such, cases=2)
        yield Form(f"stxa by ASI {asi:#x}", f"stxa %l2, [%{BASE}] {asi:#x}",
                   no_such, cases=2)


def forms():
    for group in (loads, stores, atomics, floats, fsr, short, partial, block,
                  blkinit, others):
        yield from group()
