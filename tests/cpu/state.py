# SPDX-License-Identifier: GPL-2.0-or-later
"""The registers and the bit of memory that an instruction of the sweep sees.

A form is one instruction with its registers: the text to assemble and a
function that does to a State what the manuals say.
"""
from dataclasses import dataclass

M32, M64 = (1 << 32) - 1, (1 << 64) - 1
MEM_BYTES = 256

SIGNALS = {"ILL": 4, "TRAP": 5, "EMT": 7, "FPE": 8, "BUS": 10, "SEGV": 11}
ILLOPC, ILLADR, PRVOPC = 1, 3, 5
ADRALN, TAGOVF, INTDIV = 1, 1, 1
FPE_CODES = {16: 7, 8: 4, 4: 5, 2: 3, 1: 6}

TEM = 23  # shifts in FSR
FTT = 14
IM = 1 << 27  # GSR


class Trap(Exception):
    """A signal, and its code."""

    def __init__(self, sig, code, addr=None):
        super().__init__(sig, code)
        self.sig, self.code, self.addr = SIGNALS[sig], code, addr


def illegal():
    raise Trap("ILL", ILLOPC)


def sx(value, bits):
    """The lowest bits of value with their sign."""
    value &= (1 << bits) - 1
    return value - ((value >> (bits - 1)) << bits)


class State:
    """l: %l0 to %l7.  f: %f0 to %f63, words.  mem: what %l7 points to."""

    def __init__(self):
        self.l = [0] * 8
        self.f = [0] * 64
        self.fsr = self.gsr = self.ccr = self.y = 0
        self.mem = bytearray(MEM_BYTES)

    def copy(self):
        other = State()
        other.l, other.f = self.l[:], self.f[:]
        other.fsr, other.gsr = self.fsr, self.gsr
        other.ccr, other.y = self.ccr, self.y
        other.mem = self.mem[:]
        return other

    # Integer registers by name: "l3", or "g0".
    def get(self, reg):
        return 0 if reg == "g0" else self.l[int(reg[1])]

    def set(self, reg, value):
        if reg != "g0":
            self.l[int(reg[1])] = value & M64

    # Floating registers by kind and number.
    def fget(self, kind, n):
        words = {"s": 1, "d": 2, "q": 4}[kind]
        value = 0
        for word in self.f[n:n + words]:
            value = value << 32 | word
        return value

    def fset(self, kind, n, value):
        words = {"s": 1, "d": 2, "q": 4}[kind]
        for i in reversed(range(words)):
            self.f[n + i] = value & M32
            value >>= 32

    def rounding(self):
        if self.gsr & IM:
            return self.gsr >> 25 & 3
        return self.fsr >> 30 & 3

    def tem(self):
        return self.fsr >> TEM & 31

    def fcc(self, n):
        return self.fsr >> (10 if n == 0 else 30 + 2 * n) & 3

    def set_fcc(self, n, value):
        shift = 10 if n == 0 else 30 + 2 * n
        self.fsr = self.fsr & ~(3 << shift) | value << shift

    def no_exception(self):
        self.fsr &= ~(31 | 7 << FTT)

    def ieee(self, flags, signal_name="FPE"):
        """cexc, aexc, and the trap if one is enabled."""
        self.no_exception()
        hit = flags & self.tem()
        if hit:
            bit = 1 << (hit.bit_length() - 1)
            self.fsr |= bit | 1 << FTT
            if signal_name == "FPE":
                raise Trap("FPE", FPE_CODES[bit])
            illegal()
        self.fsr |= flags | flags << 5

    def load(self, addr, size, little=False):
        return int.from_bytes(self.mem[addr:addr + size],
                              "little" if little else "big")

    def store(self, addr, size, value, little=False):
        value &= (1 << 8 * size) - 1
        self.mem[addr:addr + size] = value.to_bytes(
            size, "little" if little else "big")


@dataclass
class Form:
    """operands: (kind, where) pairs that get interesting values; kinds are
    those of operands.py.  cases: how many.  ignore: a function of the states
    before, wanted and got that makes equal what the manuals leave undefined.
    need: the class of the instruction, as --cpu has or lacks it."""
    name: str
    text: str
    effect: object
    operands: tuple = ()
    cases: int = 24
    ignore: object = None
    need: str = "v9"
