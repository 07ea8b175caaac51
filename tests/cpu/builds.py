#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compile the guests for each CPU, and compare what they do.

The guests of tests/guest/plain and the programs of bench/ that print the
same each time: their output and exit code must be those of the first build.
The guests of tests/guest/adi judge themselves, by run_guest.py.  Nothing is
contracted: a fused multiply-add may round otherwise.  Exit status: 0 when all
agree, 1 when not.

    tests/cpu/builds.py --adiemu build/dev/cli/adiemu
    tests/cpu/builds.py --adiemu build/dev/cli/adiemu --builds 'niagara7 -O3' --part 1/4
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
GUESTS = f"{TOP}/tests/guest"
COMPILER = ["sparc64-linux-gnu-gcc", "-std=gnu11", "-w", "-static",
            "-ffp-contract=off", f"-I{GUESTS}", f"-I{TOP}/bench/guest"]
CPUS = {"v9": [], "ultrasparc": ["-mvis"], "ultrasparc3": ["-mvis2"],
        "niagara3": [], "niagara4": [], "niagara7": [], "m8": []}
BUILDS = [f"{cpu} {level}" for cpu in CPUS for level in ("-O2", "-O3")]
TIMEOUT_S = 240
# Their output is a time, or that of a caller that is not there; or they run
# with --cpu, for which their own code would be too new; or GCC moves at -O3
# what raises a flag behind the look at it, as it may (no FENV_ACCESS).
LEFT_OUT = {"tagged_access", "tag_ops", "areas", "swap_pages",
            "shm_attach", "long_calls", "float_rounding",
            "cpu_classes", "random_words"}
BENCH_ARGS = {"sieve": ["1", "5"]}


class Guest:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.kind = os.path.basename(os.path.dirname(path))

    def __str__(self):
        return f"{'bench' if self.kind == 'guest' else self.kind}/{self.name}"


def all_guests(pattern):
    found = [Guest(path) for folder in (f"{GUESTS}/plain", f"{GUESTS}/adi",
                                        f"{TOP}/bench/guest")
             for path in sorted(glob.glob(f"{folder}/*.c"))]
    return [g for g in found
            if g.name not in LEFT_OUT and re.search(pattern, str(g))]


def compile_guest(guest, build, folder):
    cpu, level = build.split()
    # Some look at their name, so it is that of any other build.
    binary = f"{folder}/{guest.kind}-{cpu}{level}/{guest.name}"
    os.makedirs(os.path.dirname(binary), exist_ok=True)
    done = subprocess.run([*COMPILER, level, f"-mcpu={cpu}", *CPUS[cpu],
                           guest.path, "-o", binary, "-lm"],
                          capture_output=True, text=True)
    if done.returncode:
        raise ValueError("does not compile:\n" + done.stderr[-2000:])
    return binary


def run(command):
    """Exit code and output, in a folder of its own."""
    with tempfile.TemporaryDirectory() as cwd:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT_S,
                              start_new_session=True)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def run_plain(args, guest, binary):
    # Under one name: some print how they were called.
    link = f"{os.path.dirname(os.path.dirname(binary))}/{guest.name}"
    return run([args.adiemu, "run", "-q", "-0", link, binary,
                *BENCH_ARGS.get(guest.name, [])])


def run_adi(args, guest, binary):
    code, out, err = run([sys.executable, "-B", f"{GUESTS}/run_guest.py",
                          "--adiemu", args.adiemu, "check",
                          "--source", guest.path, binary])
    return code, b"", out.decode(errors="replace") + err


def difference(want, got):
    if want[0] != got[0]:
        return f"exit code {got[0]}, not {want[0]}\n{got[2][-1500:]}"
    for a, b in zip(want[1].splitlines(), got[1].splitlines()):
        if a != b:
            return f"prints {b!r}, not {a!r}"
    return f"prints {len(got[1])} bytes, not {len(want[1])}"


def judge(args, guest, folder):
    """A list of (build, what differs)."""
    bad, want = [], None
    one = run_adi if guest.kind == "adi" else run_plain
    if guest.kind == "adi":
        want = (0, b"")
    for build in ([] if want else [BUILDS[0]]) + args.builds:
        try:
            binary = compile_guest(guest, build, folder)
            got = one(args, guest, binary)
            os.unlink(binary)
        except (ValueError, subprocess.TimeoutExpired) as error:
            bad.append((build, str(error)[-2000:]))
            continue
        want = want or got
        if got[:2] != want[:2]:
            bad.append((build, difference(want, got)))
    return bad


def part_of(guests, part):
    n, of = map(int, part.split("/"))
    return guests[n - 1::of]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--builds", nargs="+", default=BUILDS, choices=BUILDS,
                        metavar="BUILD", help='"CPU LEVEL": ' + ", ".join(BUILDS))
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="guests whose kind/name it matches somewhere")
    parser.add_argument("--part", default="1/1", metavar="N/M",
                        help="the Nth of M parts of the guests")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    args = parser.parse_args()
    guests = part_of(all_guests(args.only), args.part)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for guest, bad in zip(guests, pool.map(
                lambda g: judge(args, g, folder), guests)):
            failed += bool(bad)
            for build, text in bad:
                print(f"{guest}, {build}: {text}", flush=True)
    print(f"{len(guests)} guests, {len(args.builds)} builds, {failed} guests "
          "differ")
    return 1 if failed or not guests else 0


if __name__ == "__main__":
    sys.exit(main())
