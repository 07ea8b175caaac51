#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the library with each bug of mutants.txt and see which check fails.

  mutate.py --build DIR [--only REGEX] [--hooks] [--part K/N] [--jobs N]
            [--random-ops N] [--checks unit,random,guest,explore]
            [--define NAME=VALUE]...

The checks, in this order: unit tests, the random driver (tests/fuzz), a few
guests with tags; and, when asked for, what "adiemu explore" finds
(tests/bugs/known.py).  First all of them must pass without a bug.  The table
says for each mutant which check failed first, after how many operations of the
random driver, and how long that took.  Exit code 1: a mutant survived, 2: a
mutant does not build, or a check fails without any.

With "--checks explore --hooks" the mutants of not_explored.txt must survive,
and no others.

Each job has a build folder of its own below DIR, where only what changed is
built again.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import mutants as mutant_list

TOP = mutant_list.TOP
UNIT_DIR = os.path.join(TOP, "tests", "unit")
GUEST_DIR = os.path.join(TOP, "tests", "guest")
GUESTS = ["anon_swap", "b1_zap", "b2_fork", "b3_mremap", "b4_swapoff",
          "b5_migrate", "b12_shmem", "b17_truncate", "fork_tags", "off_swap",
          "shm_tags", "ev_fail"]
UNIT_SECONDS = 60     # a test that runs longer hangs
RANDOM_SECONDS = 600
GUEST_SECONDS = 600
EXPLORE_SECONDS = 600
KNOWN = os.path.join(TOP, "tests", "bugs", "known.py")
OPS_OF_A_SEED = 1000  # tests/fuzz/random_mm.c


KINDS = {"unit", "random", "guest", "explore"}


class Broken(Exception):
    """The tree, and not a mutant of it, is at fault."""


def run_group(command, seconds, **options):
    """Run with a time limit that holds for children too.

    Returns the exit code, None after the limit, and the output.
    """
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True, text=True,
                          errors="replace", **options) as child:
        try:
            text = child.communicate(timeout=seconds)[0]
            return child.returncode, text
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return None, child.communicate()[0]


class Caught:
    def __init__(self, check, ops=None):
        self.check, self.ops = check, ops


def unit_tests():
    with open(os.path.join(UNIT_DIR, "CMakeLists.txt"),
              encoding="utf-8") as f:
        return re.findall(r"^add_unit\((\w+)", f.read(), re.M)


class Job:
    """One build folder, and the checks in it."""

    def __init__(self, folder, args):
        self.folder, self.args = folder, args
        self.units = unit_tests()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def configure(self, name, guests):
        options = [f"-D{d}" for d in self.args.define]
        code, text = run_group(
            ["cmake", "-S", TOP, "-B", self.folder, "-G", "Ninja",
             "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1",
             "-DADIEMU_FUZZ=OFF", f"-DADIEMU_MUTANT={name}",
             f"-DADIEMU_GUEST_TESTS={'ON' if guests else 'OFF'}"] + options,
            None)
        if code != 0:
            raise Broken(f"cmake fails for {name or 'the tree'}:\n{text}")

    def build(self, *targets):
        code, text = run_group(["ninja", "-C", self.folder, *targets], None)
        if code != 0:
            raise Broken(f"does not build:\n{text[-4000:]}")

    def check_unit(self, name):
        """None, or what failed."""
        code, text = run_group([self.path("tests", "unit", f"test_{name}")],
                               UNIT_SECONDS)
        if code == 0:
            return None
        failed = re.findall(r"\[  FAILED  \] (test_\w+)", text) or \
            re.findall(r"\[ RUN +\] (test_\w+)", text)[-1:] or ["?"]
        how = " hangs" if code is None else ""
        return Caught(f"unit.{name} {failed[0]}{how}")

    def check_units(self):
        """Those that caught the last mutants come first."""
        for n, name in enumerate(self.units):
            if n < 4:
                self.build(f"test_{name}")
            elif n == 4:
                self.build(*(f"test_{u}" for u in self.units))
            caught = self.check_unit(name)
            if caught:
                self.units.insert(0, self.units.pop(n))
                return caught
        return None

    def check_random(self):
        self.build("random_mm")
        command = [self.path("tests", "fuzz", "random_mm"),
                   "--ops", str(self.args.random_ops)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              errors="replace",
                              start_new_session=True) as child:
            timer = threading.Timer(RANDOM_SECONDS, os.killpg,
                                    (child.pid, signal.SIGKILL))
            timer.start()
            caught = None
            # What it finds it shrinks; we need not wait for that.
            for line in child.stdout:
                found = re.match(r"seed (\d+), profile (\S+), after (\d+)",
                                 line)
                if found:
                    seed, profile, ops = found.groups()
                    caught = Caught(f"random.mm {profile}",
                                    (int(seed) - 1) * OPS_OF_A_SEED
                                    + int(ops))
                elif line.startswith(("FAIL ", "shrunk:")):
                    os.killpg(child.pid, signal.SIGKILL)
                    break
            timer.cancel()
        if not caught and child.returncode != 0:
            caught = Caught("random.mm")
        return caught

    def check_guests(self, name):
        self.configure(name, guests=True)
        self.build("adiemu", *(f"tests/guest/adi/{g}" for g in GUESTS))
        for guest in GUESTS:
            code, _ = run_group(
                [sys.executable, os.path.join(GUEST_DIR, "run_guest.py"),
                 "--adiemu", self.path("cli", "adiemu"), "check", "--source",
                 os.path.join(GUEST_DIR, "adi", f"{guest}.c"),
                 self.path("tests", "guest", "adi", guest)], GUEST_SECONDS)
            if code != 0:
                return Caught(f"guest.adi.{guest}")
        return None

    def check_explore(self):
        """None, or the first search that finds something else."""
        self.build("adiemu")
        code, text = run_group(
            [sys.executable, "-B", KNOWN, "--first", "--adiemu",
             self.path("cli", "adiemu")], EXPLORE_SECONDS)
        if code == 0:
            return None
        sets = re.search(r"--actions=(\S+)", text)
        what = re.search(r"^    (.*)", text, re.M)
        if code != 1 or not sets or not what:
            raise Broken(f"known.py: {text}")
        sets = "all sets" if len(sets[1]) > 40 else sets[1]
        return Caught(f"explore.{sets}: {what[1]}"[:66])

    def first_failure(self, name):
        """The first check that fails with mutant @name ('': none)."""
        self.configure(name, guests=False)
        checks = {"unit": self.check_units, "random": self.check_random,
                  "guest": lambda: self.check_guests(name),
                  "explore": self.check_explore}
        for kind in self.args.checks.split(","):
            caught = checks[kind]()
            if caught:
                return caught
        return None


class Table:
    """Rows as they come, and what they add up to."""

    def __init__(self, width, expected):
        """@expected: name -> why it survives."""
        self.width, self.lock = width, threading.Lock()
        self.rows, self.survivors, self.broken = 0, [], []
        self.by_kind, self.expected, self.mistakes = {}, expected, []
        self.row("MUTANT", "FIRST CHECK THAT FAILED", "OPERATIONS", "SECONDS")

    def row(self, name, check, ops, seconds):
        print(f"{name:{self.width}}  {check:66}  {ops:>10}  {seconds:>7}",
              flush=True)

    def add(self, mutant, caught, seconds):
        with self.lock:
            self.rows += 1
            if caught:
                kind = caught.check.split(".")[0]
                self.by_kind[kind] = self.by_kind.get(kind, 0) + 1
                if mutant.name in self.expected:
                    self.mistakes.append(mutant)
            elif mutant.name not in self.expected:
                self.survivors.append(mutant)
            end = "survives, as not_explored.txt says" \
                if mutant.name in self.expected else "SURVIVES"
            self.row(mutant.name, caught.check if caught else end,
                     caught.ops if caught and caught.ops else "",
                     f"{seconds:.1f}")

    def add_broken(self, mutant, why):
        with self.lock:
            self.rows += 1
            self.broken.append(mutant)
            self.row(mutant.name, "DOES NOT BUILD", "", "")
            print(why, file=sys.stderr)

    def finish(self):
        print()
        caught = ", ".join(f"{n} by {kind}"
                           for kind, n in sorted(self.by_kind.items()))
        print(f"{sum(self.by_kind.values())} of {self.rows} mutants caught"
              + (f" ({caught})" if caught else ""))
        for m in self.survivors:
            print(f"survives: {m.name}: {m.file}: {m.bug}")
        for m in self.mistakes:
            print(f"caught, but in not_explored.txt: {m.name}")
        if self.broken:
            return 2
        return 1 if self.survivors or self.mistakes else 0


def work(job, todo, lock, table):
    while True:
        with lock:
            if not todo:
                return
            mutant = todo.pop(0)
        start = time.monotonic()
        try:
            caught = job.first_failure(mutant.name)
            table.add(mutant, caught, time.monotonic() - start)
        except Broken as e:
            table.add_broken(mutant, e)


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIR")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="names or files of mutants")
    parser.add_argument("--hooks", action="store_true",
                        help="those of hooks, undos and tags")
    parser.add_argument("--part", default="1/1", metavar="K/N",
                        help="every N-th mutant, from the K-th on")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--random-ops", type=int, default=20000,
                        metavar="N")
    parser.add_argument("--checks", default="unit,random,guest",
                        metavar="KIND,...", help="leave some out")
    parser.add_argument("--define", action="append", default=[],
                        metavar="NAME=VALUE", help="for cmake")
    args = parser.parse_args()
    part = re.fullmatch(r"(\d+)/(\d+)", args.part)
    if not part or not 1 <= int(part[1]) <= int(part[2]):
        parser.error(f"--part {args.part}")
    args.part = int(part[1]), int(part[2])
    if args.jobs < 1:
        parser.error(f"--jobs {args.jobs}")
    if not set(args.checks.split(",")) <= KINDS:
        parser.error(f"--checks {args.checks}")
    return args


def main():
    args = parse_args()
    k, n = args.part
    todo = [m for m in mutant_list.read_list()
            if re.search(args.only, f"{m.name} {m.file}")
            and (not args.hooks or m.is_of_hooks())][k - 1::n]
    if not todo:
        print("no such mutant", file=sys.stderr)
        return 2
    jobs = [Job(os.path.join(os.path.abspath(args.build), str(i + 1)), args)
            for i in range(min(args.jobs, len(todo)))]
    try:
        caught = jobs[0].first_failure("")
    except Broken as e:
        print(e, file=sys.stderr)
        return 2
    if caught:
        print(f"fails without a mutant: {caught.check}", file=sys.stderr)
        return 2
    table = Table(max(len(m.name) for m in todo),
                  mutant_list.read_not_explored()
                  if args.checks == "explore" else {})
    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(j, todo, lock, table))
               for j in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return table.finish()


if __name__ == "__main__":
    sys.exit(main())
