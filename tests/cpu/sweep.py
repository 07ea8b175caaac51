#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run every user instruction on the emulator and on a model.

The forms (an instruction with its registers) come from integer.py,
floating.py, vis.py and memory.py; each is assembled into a guest, driver.c,
which is fed with register values and says what came out.  The model computes
the same from the manuals.  Exit status: 0 when all agree, 1 when not.
"""
import argparse
import collections
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

import floating
import integer
import memory
import operands
import vis
from state import FTT, MEM_BYTES, SIGNALS, State, Trap

HERE = os.path.dirname(os.path.abspath(__file__))
CROSS = "sparc64-linux-gnu-"
STATE = struct.Struct(">8Q64I4Q")
FPE = SIGNALS["FPE"], SIGNALS["EMT"]
RECORD = 24 + STATE.size + MEM_BYTES  # of output: struct output of driver.c
# What each CPU of --cpu has beyond V9: the needs of the forms.
MODELS = {
    "v9": set(),
    "ultrasparc": {"vis"},
    "t4": {"vis", "vis2", "vis3", "fmaf", "ima", "cbcond", "blkinit", "pause"},
}
MODELS["t5"] = MODELS["t4"]
MODELS["m7"] = MODELS["t4"] | {"sparc5"}
# Not SIGILL at its place when it is lacking: several instructions, or an ASI.
ONLY_WHERE_IT_IS = {"cbcond", "blkinit"}


def all_forms(pattern):
    found = {}
    for module in (integer, floating, vis, memory):
        for form in module.forms():
            name = form.name
            n = 2
            while name in found:
                name, n = f"{form.name} ({n})", n + 1
            form.name = name
            found[name] = form
    return [f for f in found.values() if re.search(pattern, f.name)]


# -------------------------------------------------------------- the guest

def run_tool(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"sweep: {' '.join(command)}:\n{done.stderr[-3000:]}")


def build(forms, folder):
    source = [".section .text\n.align 4"]
    for i, form in enumerate(forms):
        source.append(f"f{i}:\n{form.text}\njmpl %i2 + 8, %g0\nnop")
    source.append(".section .rodata\n.align 8\n.global form_code, nr_forms\n"
                  "form_code:")
    source += [f".xword f{i}" for i in range(len(forms))]
    source.append(f"nr_forms: .xword {len(forms)}\n"
                  '.section .note.GNU-stack,"",@progbits')
    with open(f"{folder}/forms.s", "w", encoding="ascii") as f:
        f.write("\n".join(source) + "\n")
    run_tool(CROSS + "as", "-64", "-Av9m8", "--no-undeclared-regs",
             f"{folder}/forms.s", "-o", f"{folder}/forms.o")
    run_tool(CROSS + "gcc", "-std=gnu11", "-O2", "-mcpu=v9", "-Wa,-Av9m8",
             "-static",
             f"{HERE}/driver.c", f"{HERE}/driver.S", f"{folder}/forms.o",
             "-o", f"{folder}/sweep")
    return f"{folder}/sweep"


def pack(st):
    return STATE.pack(*st.l, *st.f, st.fsr, st.gsr, st.ccr, st.y) + st.mem


def unpack(data):
    st = State()
    values = STATE.unpack_from(data)
    st.l, st.f = list(values[:8]), list(values[8:72])
    st.fsr, st.gsr, st.ccr, st.y = values[72:]
    st.mem = bytearray(data[STATE.size:])
    return st


# -------------------------------------------------------------- the verdict

def expect(form, before, lacking):
    """The state afterwards, the signal and its code.

    An effect that traps has changed only what comes before the trap.
    """
    after = before.copy()
    if lacking:
        return after, (4, 1)
    try:
        form.effect(after)
    except Trap as trap:
        return after, (trap.sig, trap.code)
    return after, (0, 0)


def differences(want, got):
    for i in range(8):
        if want.l[i] != got.l[i]:
            yield f"%l{i} {got.l[i]:#x}, not {want.l[i]:#x}"
    for i in range(0, 64, 2):
        a, b = want.fget("d", i), got.fget("d", i)
        if a != b:
            yield f"%d{i} {b:#018x}, not {a:#018x}"
    for name in ("fsr", "gsr", "ccr", "y"):
        a, b = getattr(want, name), getattr(got, name)
        if a != b:
            yield f"%{name} {b:#x}, not {a:#x}"
    if want.mem != got.mem:
        at = [i for i in range(MEM_BYTES) if want.mem[i] != got.mem[i]]
        yield (f"memory at {at[0]}: {got.mem[at[0]:at[-1] + 1].hex()}, "
               f"not {want.mem[at[0]:at[-1] + 1].hex()}")


def judge(form, before, signal, got, lacking):
    want, trap = expect(form, before, lacking)
    if trap[0]:  # the frame keeps FSR, but ftt is not restored from it
        want.fsr &= ~(7 << FTT)
        got.fsr &= ~(7 << FTT)
    if form.ignore:
        form.ignore(before, want, got)
    found = list(differences(want, got))
    if signal != trap:
        found.insert(0, f"signal {signal[0]} code {signal[1]}, not "
                        f"{trap[0]} code {trap[1]}")
    return found


def shown(form, before):
    """The operands of a case, for people."""
    out = []
    for kind, where in form.operands:
        if kind == "i":
            out.append(f"%{where} {before.get(where):#x}")
        elif kind in ("s", "d", "q", "vs", "vd"):
            out.append(f"%f{where} {before.fget(kind[-1], where):#x}")
    return ", ".join(out + [f"fsr {before.fsr:#x}, gsr {before.gsr:#x}, "
                            f"ccr {before.ccr:#x}, y {before.y:#x}"])


def make_cases(forms, args):
    for i, form in enumerate(forms):
        if form.need in ONLY_WHERE_IT_IS - MODELS[args.cpu]:
            continue
        rng = random.Random(f"{args.seed} {form.name}")
        for _ in range(max(1, round(form.cases * args.scale))):
            st = operands.state(rng, form.operands)
            if not (args.no_fpe and expect(form, st, False)[1][0] in FPE):
                yield i, st


def run_once(command, binary, cases, folder, timeout):
    """What the guest says of the cases, to its end or theirs."""
    with open(f"{folder}/in", "wb") as f:
        for i, st in cases:
            f.write(struct.pack(">Q", i) + pack(st))
    with open(f"{folder}/in", "rb") as i, open(f"{folder}/out", "wb") as o:
        guest = subprocess.Popen(command + [binary], stdin=i, stdout=o,
                                 stderr=subprocess.DEVNULL)
        try:
            guest.wait(timeout)
        except subprocess.TimeoutExpired:
            guest.kill()
            guest.wait()
    with open(f"{folder}/out", "rb") as f:
        data = f.read()
    records = [data[n:n + RECORD] for n in range(0, len(data), RECORD)]
    if records and len(records[-1]) < RECORD:
        records.pop()
    return records, guest.returncode


def run_guest(command, binary, cases, folder, timeout):
    """A record for each case: None where the emulator ended."""
    records = []
    while True:
        got, status = run_once(command, binary, cases[len(records):], folder,
                               timeout)
        records += got
        if len(records) == len(cases):
            return records, status
        records.append(None)


def sweep(args, folder):
    have = MODELS[args.cpu]
    forms = all_forms(args.only)
    start = time.monotonic()
    binary = build(forms, folder)
    cases = list(make_cases(forms, args))
    command = args.command or [args.adiemu, "run", "-q"] + (
        [f"--cpu={args.cpu}"] if args.cpu != "m7" else [])
    records, status = run_guest(command, binary, cases, folder, args.timeout)
    bad = collections.OrderedDict()
    for (i, before), record in zip(cases, records):
        form = forms[i]
        lacking = form.need != "v9" and form.need not in have
        if record:
            sig, code, _ = struct.unpack_from(">QqQ", record)
            found = judge(form, before, (sig, code), unpack(record[24:]), lacking)
        else:
            found = ["the emulator ended"]
        if found:
            bad.setdefault(form.name, []).append((before, found))
    report(bad, forms, args)
    print(f"{len(forms)} forms, {len(cases)} cases, {len(bad)} forms differ; "
          f"{time.monotonic() - start:.0f} s")
    return 1 if bad or status else 0


def report(bad, forms, args):
    by_name = {form.name: form for form in forms}
    for name, cases in list(bad.items())[:args.show]:
        total = max(1, round(by_name[name].cases * args.scale))
        print(f"{name!r}: {len(cases)} of {total} cases")
        for before, found in cases[:args.examples]:
            print("    " + shown(by_name[name], before))
            print("        " + "; ".join(found[:4]))
    if len(bad) > args.show:
        print(f"... and {len(bad) - args.show} more forms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--adiemu", default="adiemu")
    parser.add_argument("--cpu", choices=sorted(MODELS), default="m7")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="forms whose name it matches somewhere")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1,
                        help="times as many cases for each form")
    parser.add_argument("--show", type=int, default=20, help="forms in full")
    parser.add_argument("--examples", type=int, default=1)
    parser.add_argument("--no-fpe", action="store_true",
                        help="leave out what raises SIGFPE or SIGEMT, for an "
                        "emulator that ends there")
    parser.add_argument("--timeout", type=float, default=100, metavar="SECONDS",
                        help="for the whole guest, or what follows a case at "
                        "which the emulator ended")
    parser.add_argument("--keep", metavar="DIR", help="leave the guest there")
    parser.add_argument("--list", action="store_true", help="only the forms")
    parser.add_argument("--command", nargs=argparse.REMAINDER,
                        help="another emulator, the last of the options")
    args = parser.parse_args()
    if args.list:
        for form in all_forms(args.only):
            print(f"{form.need:8} {form.name}")
        return 0
    if args.keep:
        os.makedirs(args.keep, exist_ok=True)
        return sweep(args, args.keep)
    with tempfile.TemporaryDirectory() as folder:
        return sweep(args, folder)


if __name__ == "__main__":
    sys.exit(main())
