#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random system calls: does adiemu stand them?

  calls.py --adiemu A --guest G [--seeds FIRST-LAST] [--jobs N] [--sandbox]

Each seed is one run of the program in tests/fuzz/guest, with options drawn
from the seed, too: a kernel, little memory, swap, events, failures, the order
of turns, the sandbox, and in there root of a user namespace.  It fails
when a sanitizer reports, when adiemu ends with 64, 70, by a signal of the host,
or not at all: some seeds are told to end by SIGTERM, at any moment, and those
that take too long.  What the program learns of the host, as numbers of inodes,
stays in its memory: not each failure comes again with its seed.

Nothing runs as root: as root, the test runs it as nobody, each time in a
folder of its own.  The exit code is 1 when a seed failed.
"""
import argparse
import collections
import concurrent.futures
import os
import pwd
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

SAID = re.compile(r"^(\w+) +(\d+) +(\d+)$", re.MULTILINE)
BAD = re.compile(r"Sanitizer|runtime error:|invariant \d+ broken")
FILE_BYTES = 64 << 20
CORE_BYTES = 4 << 20
TERM_SECONDS = 30  # until SIGTERM has ended it, on a busy machine
SANDBOX = ["--sandbox", "--bind=."]
LEFT_ALONE = "uncaught target signal"
AS = {}  # whom to run as, for subprocess
AS_ROOT = []  # the command that makes it root of a user namespace


def options(seed, kernels):
    """What adiemu is told, beside the program."""
    draw = random.Random(seed)
    told = [f"--kernel={kernels[seed % len(kernels)]}", f"--seed={seed}",
            f"--ram={draw.choice(['3M', '4M', '8M', '64M'])}",
            f"--nodes={draw.choice([1, 1, 2, 4])}"]
    for _ in range(draw.choice([0, 1, 1, 2])):
        told.append(f"--swap={draw.choice(['512K', '4M', '16M'])}")
    for event, period in (("swap", 700), ("migrate", 900)):
        if draw.randrange(3) == 0:
            told.append(f"--stress={event}:{period * draw.randint(1, 20)}")
    if draw.randrange(4) == 0:
        what = draw.choice(["tagstore", "swapwrite", "swapread"])
        told.append(f"--fail={what}:{draw.randint(1, 30)}")
    if draw.randrange(4) == 0:
        told.append(f"--schedule={draw.choice(['random', 'pct'])}:{seed}")
    if draw.randrange(2) == 0:
        told += SANDBOX
    if draw.randrange(4) == 0:
        told.append(f"--quantum={draw.choice([100, 1000, 20000])}")
    if draw.randrange(8) == 0:
        told.append(f"--stress=wait:{draw.randint(1, 20)}")
    if draw.randrange(8) == 0:
        told.append("--strace=../strace/of_calls")
    if draw.randrange(8) == 0:
        told.append("--history=1000")
    if draw.randrange(4) == 0:
        told.append("--core")
    return told


def term_after(seed):
    """Seconds until it is told to end; None: it is not."""
    draw = random.Random(f"term {seed}")
    return draw.random() * 0.5 if draw.randrange(10) == 0 else None


def as_root(seed):
    """Of a user namespace, which has nobody else."""
    draw = random.Random(f"root {seed}")
    return AS_ROOT if draw.randrange(3) == 0 else []


def limit():
    """In the child: what a mistake may cost."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, CORE_BYTES))


def writable(folder):
    """The guest may have taken our own permissions away."""
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)
        for name in os.listdir(path):
            if os.path.isdir(f"{path}/{name}") and \
               not os.path.islink(f"{path}/{name}"):
                os.chmod(f"{path}/{name}", 0o700)


class Run:
    """One seed, once."""

    def __init__(self, args, seed):
        told = options(seed, args.kernels)
        if args.sandbox and "--sandbox" not in told:
            told += SANDBOX
        # Outside of the sandbox there is the host.
        root = as_root(seed) if "--sandbox" in told else []
        self.command = [*root, args.adiemu, "run", "--check=path", *told,
                        "--report=report", "--report-format=json",
                        "../calls", str(seed), str(args.calls)]
        self.fault = None
        self.code = 0
        self.ended = False  # by us
        self.out = self.err = ""
        self.term = term_after(seed)
        with tempfile.TemporaryDirectory(prefix="calls") as folder:
            shutil.copy(args.guest, f"{folder}/calls")
            for name in ("work", "strace"):
                os.mkdir(f"{folder}/{name}")
                if AS:
                    os.chown(f"{folder}/{name}", AS["user"], AS["group"])
            os.chmod(folder, 0o755)
            self.run(args.timeout, f"{folder}/work")
            writable(f"{folder}/work")
        self.judge()

    def run(self, timeout, folder):
        """Sets what it said and what is wrong with that."""
        # Its own session: there is no terminal to reach.
        with subprocess.Popen(self.command, cwd=folder, text=True,
                              errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True, preexec_fn=limit,
                              **AS) as child:
            try:
                self.out, self.err = child.communicate(
                    timeout=timeout if self.term is None else self.term)
            except subprocess.TimeoutExpired:
                self.end(child, timeout)
            self.code = child.returncode

    def end(self, child, timeout):
        """By SIGTERM, which always ends it."""
        child.terminate()
        try:
            self.out, self.err = child.communicate(timeout=TERM_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            self.out, self.err = child.communicate()
            self.fault = f"no end {TERM_SECONDS} s after SIGTERM"
            return
        self.ended = True
        # Who is left alone by the first process may wait for ever.
        if self.term is None and LEFT_ALONE not in self.err:
            self.fault = f"no end after {timeout} s"

    def judge(self):
        if BAD.search(self.err):
            self.fault = "a fault of adiemu"
        elif self.fault:
            return
        elif self.ended and self.code in (-signal.SIGTERM,
                                              128 + signal.SIGTERM):
            return
        elif self.code < 0 or self.code in (64, 70):
            self.fault = f"exit code {self.code}"
        elif self.code == 0 and "mmap " not in self.out:
            self.fault = "it did not say what it has done"


def become_nobody(args, folder):
    """adiemu goes to @folder: a build may be where nobody can look."""
    if os.getuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    AS.update(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    args.adiemu = shutil.copy(args.adiemu, folder)
    os.chmod(folder, 0o755)


def look_for_namespaces():
    unshare = ["unshare", "--user", "--map-root-user"]
    try:
        if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL,
                          **AS).returncode == 0:
            AS_ROOT.extend(unshare)
    except FileNotFoundError:
        pass


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--seeds", default="1-100", help="FIRST-LAST")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--calls", type=int, default=500, help="of a seed")
    parser.add_argument("--timeout", type=int, default=120, help="of a run")
    parser.add_argument("--sandbox", action="store_true",
                        help="each seed in it; or else half of them")
    parser.add_argument("--count", action="store_true",
                        help="print how often each call was made, and worked")
    args = parser.parse_args()
    args.adiemu = os.path.abspath(args.adiemu)
    listed = subprocess.run([args.adiemu, "run", "--kernel=list"], text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    args.kernels = [line.split()[0] for line in listed.splitlines()]
    args.guest = os.path.abspath(args.guest)
    return args


def main():
    args = parse()
    first, _, last = args.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    counts = collections.defaultdict(lambda: [0, 0])
    failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        become_nobody(args, folder)
        look_for_namespaces()
        runs = pool.map(lambda seed: Run(args, seed), seeds)
        for seed, run in zip(seeds, runs):
            # A call may have written to its standard output, too.
            for name, tried, worked in SAID.findall(run.out):
                counts[name][0] += int(tried)
                counts[name][1] += int(worked)
            if run.fault:
                failed += 1
                print(f"seed {seed}: {run.fault}\n{shlex.join(run.command)}\n"
                      f"{run.err[-6000:]}", flush=True)
    if args.count:
        for name, (tried, worked) in sorted(counts.items()):
            print(f"{name:24} {tried:8} {worked:8}")
    print(f"{len(seeds)} seeds, {sum(c[0] for c in counts.values())} calls, "
          f"{sum(c[1] for c in counts.values())} worked, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
