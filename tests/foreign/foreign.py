#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run test suites of others under adiemu, and beside it under qemu-sparc64.

  foreign.py --adiemu build/release/cli/adiemu [--sources DIR] [SUITE...]

Suites are gcc (torture tests, from a Debian package), libc-test and ltp (no
packages: their sources are in DIR/libc-test and DIR/ltp).  By hand and as root: each program runs as nobody, in
an empty folder, with namespaces of its own.

A program that has not ended under adiemu in time is given a second chance
with --realtime: some compute until a clock says that seconds have passed.

Prints for each suite how many passed under both, under one, under neither,
and those that passed under qemu-sparc64 alone.  left.txt beside this file
says why, for each that is known.  Exit status: 0 when it has all of them and
none else.
"""
import argparse
import collections
import concurrent.futures
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

import suites

SYSROOT = "/usr/sparc64-linux-gnu"  # of --dynamic
HERE = os.path.dirname(os.path.abspath(__file__))
BOTH, QEMU, ADIEMU, NEITHER = "both", "qemu only", "adiemu only", "neither"
OUTCOMES = {(True, True): BOTH, (True, False): QEMU, (False, True): ADIEMU,
            (False, False): NEITHER}
MEMORY = 4 << 30  # bytes of addresses that a process of either emulator gets
PROCESSES = 1000  # of nobody; execve05 of LTP forks without end under QEMU
# Processes, System V IPC, /dev/shm and the network are each program's own.
# The shell is init, and stays: when unshare is killed, or the program ends, it
# goes, and with it all that the program has left.  Some programs of LTP take
# all the memory that they find, under qemu-sparc64 the host's.
APART = ["prlimit", f"--as={MEMORY}", f"--nproc={PROCESSES}",
         "unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
         "--ipc", "--net", "sh", "-c",
         "mount -t tmpfs -o mode=1777,size=1g tmpfs /dev/shm && "
         "setpriv --reuid=nobody --regid=nogroup --clear-groups "
         '--inh-caps=-all --bounding-set=-all "$@"; exit $?', "sh"]


class Runner:
    """Runs cases, each under both emulators one after the other."""

    def __init__(self, args):
        self.args = args
        self.nobody = pwd.getpwnam("nobody")
        self.emulators = {
            "qemu": [args.qemu, "-L", SYSROOT],
            "adiemu": [args.adiemu, "run", "-q", "-L", SYSROOT, *args.option]}

    def run(self, case, emulator, *options):
        """The exit status as a shell has it; None after the timeout."""
        folder = tempfile.mkdtemp(prefix=f"{emulator}.",
                                  dir=os.path.join(self.args.work, "scratch"))
        os.chown(folder, self.nobody.pw_uid, self.nobody.pw_gid)
        log = os.path.join(self.args.work, "log", case.suite.name)
        os.makedirs(log, exist_ok=True)
        log = os.path.join(log, f"{case.name.replace('/', '.')}.{emulator}")
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C",
                       "TMPDIR": folder, **case.suite.environment}
        with open(log, "wb") as out:
            child = subprocess.Popen(
                [*APART, *self.emulators[emulator], *options, *case.argv],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = child.wait(self.args.timeout)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                status = None
            out.write(f"\nexit status {status}\n".encode())
        shutil.rmtree(folder, ignore_errors=True)
        return status

    def outcome(self, case):
        status = {e: self.run(case, e) for e in self.emulators}
        if status["adiemu"] is None:  # it may compute until a clock says so
            status["adiemu"] = self.run(case, "adiemu", "--realtime")
        return case, status, OUTCOMES[status["qemu"] == 0,
                                      status["adiemu"] == 0]


def known():
    """(suite, name): reason, of left.txt."""
    found = {}
    with open(os.path.join(HERE, "left.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                suite, name, reason = line.split(None, 2)
                found[suite, name] = reason.strip()
    return found


def print_table(results, not_built):
    columns = [BOTH, QEMU, ADIEMU, NEITHER]
    print(f"{'':10} {'programs':>9}" + "".join(f"{c:>13}" for c in columns) +
          f"{'not built':>11}")
    for name, found in results.items():
        count = collections.Counter(outcome for _, _, outcome in found)
        print(f"{name:10} {len(found):9}" +
              "".join(f"{count[c]:13}" for c in columns) +
              f"{not_built[name]:11}")


def spell(case, status):
    if status is None:
        return "no end"
    if status == case.suite.skipped:
        return "skipped"
    return f"exit {status}"


def print_left(results, partial):
    """The worse ones; True when left.txt has the same."""
    reasons = known()
    worse = {(suite, case.name): (case, status["adiemu"])
             for suite, found in results.items()
             for case, status, outcome in found if outcome == QEMU}
    for (suite, name), (case, status) in sorted(worse.items()):
        print(f"{suite} {name}: {spell(case, status)}: "
              f"{reasons.get((suite, name), 'NOT IN left.txt')}")
    ran = {(suite, case.name) for suite, found in results.items()
           for case, _, _ in found}
    stale = [] if partial else sorted(
        key for key in reasons if key in ran and key not in worse)
    for suite, name in stale:
        print(f"{suite} {name}: in left.txt, and not worse")
    return not stale and all(key in reasons for key in worse)


def run_suite(suite, runner, pool, args):
    cases = suite.cases(pool)
    can_run = [c for c in cases if c.argv]
    found = []
    for result in pool.map(runner.outcome, can_run):
        case, status, outcome = result
        found.append(result)
        if args.verbose:
            print(f"{suite.name} {case.name}: {outcome} " + " ".join(
                f"{e}: {spell(case, s)}" for e, s in status.items()),
                flush=True)
    return cases, found


def main():
    p = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    p.add_argument("suite", nargs="*", metavar="SUITE",
                   help=", ".join(s.name for s in suites.ALL))
    p.add_argument("--adiemu", required=True, type=os.path.abspath)
    p.add_argument("--qemu", default=shutil.which("qemu-sparc64"))
    p.add_argument("--sources", metavar="DIR", type=os.path.abspath)
    p.add_argument("--work", metavar="DIR", default="foreign",
                   type=os.path.abspath,
                   help="what is fetched and built, and logs (default foreign)")
    p.add_argument("--option", action="append", default=[],
                   help="for adiemu run; may be repeated")
    p.add_argument("--only", default="", metavar="REGEX")
    p.add_argument("--dynamic", action="store_true",
                   help="not statically linked")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--timeout", type=int, default=60, metavar="SECONDS")
    p.add_argument("-v", "--verbose", action="store_true",
                   help="a line for each program")
    args = p.parse_args()
    if os.getuid() != 0:
        sys.exit("foreign: only root can make the namespaces")
    if not args.qemu:
        sys.exit("foreign: no qemu-sparc64")
    unknown = set(args.suite) - {s.name for s in suites.ALL}
    if unknown:
        p.error(f"no suite {', '.join(sorted(unknown))}")

    os.makedirs(os.path.join(args.work, "scratch"), exist_ok=True)
    runner = Runner(args)
    results, not_built = {}, {}
    failed = False
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for kind in suites.ALL:
            if args.suite and kind.name not in args.suite:
                continue
            try:
                cases, results[kind.name] = run_suite(
                    kind(args.work, args.sources, args.only, args.dynamic),
                    runner, pool, args)
            except suites.Error as e:
                print(f"foreign: {kind.name} {e}", file=sys.stderr)
                failed = True
                continue
            not_built[kind.name] = sum(not c.argv for c in cases)
    print_table(results, not_built)
    sys.exit(not print_left(results, bool(args.only)) or failed)


if __name__ == "__main__":
    main()
