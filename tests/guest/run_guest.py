#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a guest and judge it.

  run_guest.py --adiemu A compare --qemu Q --variant V BINARY
      stdout and exit code must be those of qemu-sparc64, or with
      --native N instead of --qemu those of N, the same source compiled for
      this machine.  --sysroot D: qemu-sparc64 has -L D.

  run_guest.py --adiemu A check --source S BINARY
      runs BINARY as the comment at the top of S says:

        run: OPTIONS      one run of adiemu with these options; the FILE of
                          --events=FILE is in events/ beside its folder
        also: OPTIONS     the same run with these options added, and all
                          that is said of it
        kernels: PATTERN...  the same run, and all that is said of it, under
                          each kernel of --kernel=list that a pattern of the
                          shell matches, but for those of !PATTERN
        exit: N           its exit code (default 0)
        stdout: TEXT      a line that must be there
        stderr: TEXT      text that must be there; insn=N is any number
        report: EXPR      must be true of the JSON report, whose keys are
                          the names in EXPR; all_kept: nothing is wrong
                          but that the program used pointers that mismatch

        check: LEVEL      of the second run, if not full: it takes too long

      The lines after "run:" belong to that run.  Each run is done twice,
      with --check=path and with --check=full: the two reports must be equal,
      byte for byte.  Of several kernels, that is so of the first; the others
      are run once, with the second level, and without what "also:" adds.
"""
import argparse
import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

VARIANTS = {
    "plain": [],
    "swap": ["--swap=64M", "--stress=swap:10000:7"],
    "migrate": ["--stress=migrate:10000:7"],
    "swap-keyed": ["--kernel=swap-keyed", "--swap=64M",
                   "--stress=swap:10000:7", "--stress=migrate:14000:7"],
    "linux-5.17": ["--kernel=linux-5.17", "--swap=64M",
                   "--stress=swap:10000:7", "--stress=migrate:14000:7"],
    "wait": ["--stress=wait:1"],
    "steps-off": ["--engine=all=off"],
}


class Attr(dict):
    """Keys as attributes, so that a check reads leaks[0].bytes."""
    __getattr__ = dict.__getitem__


def fail(text):
    print("FAIL:", text)
    sys.exit(1)


def run(command, cwd):
    # In a session of its own: where the first process of a container is of
    # the caller's, no group of it is ever orphaned.
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True, timeout=800)
    # A shell's view of an end by signal.
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return code, done.stdout, done.stderr


def first_difference(a, b):
    for n, (x, y) in enumerate(zip(a.splitlines(), b.splitlines()), 1):
        if x != y:
            return f"line {n}:\n  expected {x!r}\n  got      {y!r}"
    return f"{len(a)} bytes expected, {len(b)} got"


def compare(args):
    prefix = ["-L", args.sysroot] if args.sysroot else []
    reference = [args.native] if args.native \
        else [args.qemu, *prefix, args.binary]
    results = []
    for command in (reference,
                    [args.adiemu, "run", "-q", "--check=path"] + VARIANTS[args.variant]
                    + [args.binary]):
        with tempfile.TemporaryDirectory() as cwd:
            results.append(run(command, cwd))
            if os.listdir(cwd):
                fail(f"{command[0]} left files: {os.listdir(cwd)}")
    (want, want_out, _), (got, got_out, got_err) = results
    if want_out != got_out:
        print(got_err.decode(errors="replace")[-2000:])
        fail("stdout differs, " + first_difference(want_out, got_out))
    if want != got:
        print(got_err.decode(errors="replace")[-2000:])
        fail(f"exit code {got}, {reference[0]} gives {want}")


def parse_runs(source):
    runs = []
    with open(source, encoding="utf-8") as f:
        head = f.read().split("*/", 1)[0]
    for line in head.splitlines():
        m = re.match(r"\s*\*\s*(run|also|kernels|exit|stdout|stderr|report|check):\s*(.*)", line)
        if not m:
            continue
        key, value = m.group(1), m.group(2).strip()
        if key == "run":
            runs.append({"run": value, "exit": "0", "check": "full", "also": [],
                         "kernels": [],
                         "stdout": [], "stderr": [], "report": []})
        elif not runs:
            fail(f"{source}: {key}: before the first run:")
        elif key in ("exit", "check"):
            runs[-1][key] = value
        elif key == "kernels":
            runs[-1][key] += value.split()
        else:
            runs[-1][key].append(value)
    if not runs:
        fail(f"{source}: no run: line")
    return runs


def all_kernels(adiemu):
    done = subprocess.run([adiemu, "run", "--kernel=list"], text=True,
                          stdout=subprocess.PIPE, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()]


def kernels_of(spec, names):
    """The options for each of them; a pattern without any is a mistake."""
    if not spec["kernels"]:
        return [""]
    wanted, unwanted = set(), set()
    for pattern in spec["kernels"]:
        found = fnmatch.filter(names, pattern.removeprefix("!"))
        if not found:
            fail(f"kernels: {pattern}: there is none")
        (unwanted if pattern.startswith("!") else wanted).update(found)
    chosen = [name for name in names if name in wanted - unwanted]
    if not chosen:
        fail(f"kernels: {' '.join(spec['kernels'])}: there is none")
    return [f"--kernel={name}" for name in chosen]


def find_events(source, option):
    """The path of an event script, where an option names one."""
    name = option.removeprefix("--events=")
    if name == option:
        return option
    folder = os.path.dirname(os.path.dirname(os.path.abspath(source)))
    return f"--events={folder}/events/{name}"


def shows(text, line):
    """Counts of instructions depend on the compiler of the guest."""
    pattern = re.escape(line).replace("insn=N", r"insn=\d+")
    return re.search(pattern, text) is not None


def run_once(args, spec, level, cwd):
    report = os.path.join(cwd, "report.json")
    command = [args.adiemu, "run", f"--report={report}",
               "--report-format=json", f"--check={level}"]
    command += [find_events(args.source, option)
                for option in shlex.split(spec["run"])] + [args.binary]
    code, out, err = run(command, cwd)
    text = open(report, encoding="utf-8").read() \
        if os.path.exists(report) else ""
    # The level is to make no difference.
    return code, out, err, text.replace(f'"--check={level}"', '"--check"')


def check_one(args, spec, twice):
    levels = ["path", spec["check"]] if twice else [spec["check"]]
    results = []
    for level in levels:
        with tempfile.TemporaryDirectory() as cwd:
            results.append(run_once(args, spec, level, cwd))
    (code, out, err, text), again = results[0], results[-1]
    where = f"run: {spec['run']}"
    shown = (out + err).decode(errors="replace")
    if code != int(spec["exit"]):
        fail(f"{where}: exit code {code}, not {spec['exit']}\n{shown}\n{text}")
    for key, stream in (("stdout", out), ("stderr", err)):
        for line in spec[key]:
            if not shows(stream.decode(errors="replace"), line):
                fail(f"{where}: {key} lacks {line!r}:\n{shown}")
    if spec["report"]:
        report = json.loads(text, object_hook=Attr)
        names = {"len": len, "sum": sum, "all_kept": not any(
            n for key, n in report.totals.items() if key != "mismatches")}
        for expr in spec["report"]:
            if not eval(expr, names, report):
                fail(f"{where}: not true: {expr}\n{text}")
    if (code, out, text) != (again[0], again[1], again[3]):
        fail(f"{where}: a second run differs: "
             + first_difference(text.encode(), again[3].encode()))


def check(args):
    names = all_kernels(args.adiemu)
    for spec in parse_runs(args.source):
        first, *others = kernels_of(spec, names)
        for more in [""] + spec["also"]:
            check_one(args, dict(spec, run=f"{spec['run']} {first} {more}"),
                      True)
        for kernel in others:
            check_one(args, dict(spec, run=f"{spec['run']} {kernel}"), False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    sub = parser.add_subparsers(required=True)
    p = sub.add_parser("compare")
    reference = p.add_mutually_exclusive_group(required=True)
    reference.add_argument("--qemu")
    reference.add_argument("--native")
    p.add_argument("--sysroot")
    p.add_argument("--variant", choices=VARIANTS, required=True)
    p.add_argument("binary")
    p.set_defaults(run=compare)
    p = sub.add_parser("check")
    p.add_argument("--source", required=True)
    p.add_argument("binary")
    p.set_defaults(run=check)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
