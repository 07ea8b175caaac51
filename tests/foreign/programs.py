#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Build programs of others, and run them under adiemu and qemu-sparc64.

  programs.py --adiemu build/release/cli/adiemu [--heap LIBADIMALLOC.SO]
              [--all] [--sources DIR] [--work DIR] [PROGRAM...]
  programs.py --build --work DIR [PROGRAM...]

The sources come from Debian's archive, by apt-get; recipes.py says how each is
compiled, dynamically, and what is run.  Each run must print and write what it
does under qemu-sparc64, also when it is swapped out (--ram) and moved
(--stress=migrate) all the time; with --heap also with the ADI allocator, and
then no pointer's tag may be wrong.  A few are left to --all, as they take
minutes to compile; busybox and Python are compared with one of this machine.
A suite of tests that is no package is looked for in --sources.  With --build
they are compiled and not run, for bench/run.

Each program runs in a folder of its own, as nobody when root asks.  The table
has the time of the plain run to that under qemu-sparc64.  Exit status: 0 when all is well, 77 when the archive has
no sources for us, 1 otherwise.
"""
import argparse
import concurrent.futures
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

import recipes

SYSROOT = "/usr/sparc64-linux-gnu"
TIMEOUT_S = 900
SKIPPED = 77


class Runner:
    """Runs the steps of a program, each in a folder of its own."""

    def __init__(self, args):
        self.args = args
        self.drop = []
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.drop = ["setpriv", "--reuid=nobody", "--clear-groups",
                         f"--regid={nobody.pw_gid}"]

    def steps(self, program, folder, emulator, native):
        """What each step prints and its exit status, the files that they all
        leave, and how long they take, in seconds.

        emulator: of the number of a step, the command in front of it.
        """
        results, seconds = [], 0.0
        for i, step in enumerate(program.steps):
            binaries = program.binaries + ("/native" if native else "")
            argv = [word.format(bin=binaries) for word in step.argv]
            with open(os.path.join(folder, step.stdin or os.devnull),
                      "rb") as stdin:
                start = time.monotonic()
                done = subprocess.run(
                    [*self.drop, *emulator(i), *argv], cwd=folder, stdin=stdin,
                    capture_output=True, check=False, timeout=TIMEOUT_S,
                    env={"PATH": "/usr/bin:/bin", "LANG": "C",
                         "HOME": folder})
                seconds += time.monotonic() - start
            results.append((argv, done.returncode, step.said(done.stdout),
                            done.stderr))
        return results, recipes.contents(folder), seconds

    def run(self, program, emulator, native=False):
        folder = tempfile.mkdtemp(dir=self.args.work)
        try:
            program.prepare(folder)
            subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
            return self.steps(program, folder, emulator, native)
        finally:
            shutil.rmtree(folder)

    def adiemu(self, program, *options):
        """The same, and the report of each step."""
        with tempfile.TemporaryDirectory(dir=self.args.work) as folder:
            os.chmod(folder, 0o777)
            paths = [os.path.join(folder, str(i))
                     for i in range(len(program.steps))]
            results, files, seconds = self.run(program, lambda i: [
                self.args.adiemu, "run", "--report-format=json",
                f"--report={paths[i]}", *options])
            reports = []
            for path in paths:
                with open(path, encoding="utf-8") as f:
                    reports.append(json.load(f))
            return results, files, seconds, reports

    def check(self, program):
        """Lines about what is wrong, and the ratio of the times."""
        results, files, reference = self.run(
            program, lambda i: [] if program.native else
            ["qemu-sparc64", "-L", SYSROOT], native=program.native)
        variants = {"plain": [],
                    "swapped": [f"--ram={program.ram}", "--swap=512M"],
                    "moved": ["--stress=migrate:20000:1"]}
        if self.args.heap and program.heap:
            variants["with tags"] = ["-E", f"LD_PRELOAD={self.args.heap}"]
        wrong, ratio = [], 0
        for name, options in variants.items():
            there, left, seconds, reports = self.adiemu(program, *options)
            ratio = ratio or seconds / reference
            for a, b in zip(results, there):
                if a[1:3] != b[1:3]:
                    wrong.append(f"{name}: {a[0]}: exit {a[1]} and {b[1]}, "
                                 f"{b[3].decode(errors='replace')[-300:]!r}")
            if files != left:
                differ = [f for f in {*files, *left}
                          if files.get(f) != left.get(f)]
                wrong.append(f"{name}: other files: {sorted(differ)}")
            counters = [r["counters"] for r in reports]
            if any(r["errors"] for r in reports) or \
                    any(c["mismatches"] for c in counters):
                wrong.append(f"{name}: a report has errors")
            if name == "swapped" and not any(c["pages_swapped_out"]
                                             for c in counters):
                wrong.append(f"{name}: nothing was")
            if name == "with tags" and not all(c["tag_stores"]
                                               for c in counters):
                wrong.append(f"{name}: there were none")
        return wrong, ratio


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", type=os.path.abspath)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--heap", type=os.path.abspath)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--sources", type=os.path.abspath)
    parser.add_argument("--work", type=os.path.abspath)
    parser.add_argument("programs", nargs="*")
    args = parser.parse_args()
    if not (args.work if args.build else args.adiemu):
        parser.error("--adiemu, or --build and --work, are wanted")
    keep = args.work
    args.work = args.work or tempfile.mkdtemp()
    os.makedirs(args.work, exist_ok=True)
    os.chmod(args.work, 0o755)
    chosen = [p for p in recipes.ALL
              if p.name in args.programs or
              not args.programs and (args.all or p.quick) and
              (not p.suite or args.sources)]
    if any(p.suite for p in chosen) and not args.sources:
        parser.error("--sources=DIR is wanted")
    failed = 0
    try:
        recipes.fetch(args.work, chosen)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda p: p.build(args.work, args.sources), chosen))
        for program in [] if args.build else chosen:
            wrong, ratio = Runner(args).check(program)
            beside = "this machine" if program.native else "qemu-sparc64"
            print(f"{program.name:10} {'FAILED' if wrong else 'ok':6} "
                  f"{ratio:6.2f} of {beside}", *wrong, sep="\n    "
                  if wrong else " ", flush=True)
            failed += bool(wrong)
    except recipes.NoSources as e:
        print(f"programs.py: {e}", file=sys.stderr)
        return SKIPPED
    finally:
        if not keep:
            shutil.rmtree(args.work)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
