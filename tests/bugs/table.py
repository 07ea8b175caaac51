#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of bugs in docs/profiles.md, cell by cell.

  table.py --adiemu A --guests DIR --table docs/profiles.md [--print]

Each class of bugs has a script in this folder, bN.events, whose head says

  # run: OPTIONS     of "adiemu script"
  # guest: NAME      it is for this program of DIR, under "adiemu run"
  # shows: EXPR      true of the JSON report where the kernel has the bug; its
                     keys are names, and caused(LIST, ID): one of the list is
                     blamed on this place; exit is the exit code

It is run under every kernel, with --check=full.  What comes out must be what
the table says.  --print prints the cells, for the table.  Exit status: 1 when
one differs, or a script or a row is missing.
"""
import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


class Attr(dict):
    """Keys as attributes."""
    __getattr__ = dict.__getitem__


def caused(things, cause):
    return any(thing.cause and thing.cause.id == cause for thing in things)


def head(path):
    """{"run": ..., "shows": ...} of a script."""
    return dict(re.findall(r"^# (run|guest|shows): *(.*)$", path.read_text(),
                           re.M))


def shows(args, path, kernel):
    says = head(path)
    command, what = "script", [path]
    if "guest" in says:
        command = "run"
        what = [f"--events={path}", args.guests / says["guest"]]
    with tempfile.NamedTemporaryFile("r") as out:
        done = subprocess.run(
            [args.adiemu, command, f"--kernel={kernel}", "--check=full",
             "--report-format=json", f"--report={out.name}",
             *shlex.split(says.get("run", "")), *what],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300)
        text = out.read()
    if done.returncode not in (0, 1, 72) or not text:
        sys.exit(f"{path.name} under {kernel}: exit code {done.returncode}\n"
                 f"{done.stdout}")
    report = json.loads(text, object_hook=Attr)
    names = {"any": any, "len": len, "caused": caused, "exit": done.returncode}
    return bool(eval(says["shows"], names, report))


def table(path):
    """Names of kernels, and {"B1": {kernel: "yes", "no" or "-"}}."""
    text = path.read_text().split("## Which bugs each has", 1)[1]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")]
    known = {row[0]: row for row in rows if re.fullmatch(r"B\d+", row[0])}
    kernels = rows[0][3:-1]
    return kernels, {bug: dict(zip(kernels, row[3:]))
                     for bug, row in known.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guests", required=True, type=pathlib.Path)
    parser.add_argument("--table", required=True, type=pathlib.Path)
    parser.add_argument("--print", action="store_true")
    args = parser.parse_args()
    kernels, rows = table(args.table)
    listed = subprocess.run([args.adiemu, "run", "--kernel=list"], text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    names = {line.split()[0] for line in listed.splitlines()}
    bad = 0
    if names != set(kernels):
        print(f"columns {sorted(kernels)}, kernels {sorted(names)}")
        bad = 1
    for bug, cells in rows.items():
        path = HERE / f"{bug.lower()}.events"
        if not path.exists():
            if set(cells.values()) != {"-"}:
                print(f"{bug}: no script")
                bad = 1
            continue
        found = {kernel: "yes" if shows(args, path, kernel) else "no"
                 for kernel in kernels}
        if args.print:
            print(f"| {bug} | " + " | ".join(found.values()) + " |")
        for kernel in kernels:
            if found[kernel] != cells[kernel]:
                print(f"{bug}, {kernel}: {found[kernel]}, the table says "
                      f"{cells[kernel]}")
                bad = 1
    for path in sorted(HERE.glob("b*.events")):
        if path.stem.upper() not in rows:
            print(f"{path.name}: no row")
            bad = 1
    sys.exit(bad)


if __name__ == "__main__":
    main()
