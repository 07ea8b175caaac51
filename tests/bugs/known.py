#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does "adiemu explore" find what known.list says, no more and no less?

  known.py --adiemu A [--first] [--only REGEX] [--print]
  known.py --adiemu A --write

A line of known.list that begins with "explore" is a search; the lines below
it are its report in the form of a list, those that differ in the kernel only
as one.  A search that ends with another exit code than 0, by a signal, or not
within a minute, differs, too.  --first stops at the first search that differs,
--print says how long each took, --write writes the list anew.  Exit status: 1
when one differs.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import time

LIST = pathlib.Path(__file__).with_name("known.list")
SECONDS = 60


def read_list():
    """Head, and (options, findings) of each search."""
    head, searches = [], []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("explore "):
            searches.append((line, []))
        elif searches and line:
            searches[-1][1].append(line)
        elif not searches:
            head.append(line)
    return head, searches


def fold(lines, search):
    """"KERNEL, REST" each -> "REST: KERNEL KERNEL", or "all" of the search."""
    kernels = re.search(r"--kernel=(\S+)", search)[1].split(",")
    who = {}
    for line in lines:
        kernel, rest = line.split(", ", 1)
        who.setdefault(rest, []).append(kernel)
    return [f"{rest}: " + ("all" if who[rest] == kernels
                           else " ".join(who[rest])) for rest in sorted(who)]


def explore(adiemu, search):
    """Its findings, and how it ended when that is not with 0."""
    command = [adiemu.resolve(), *search.split(), "--check", "--jobs=1",
               "--report-format=list"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              cwd=LIST.parent, capture_output=True,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [], f"does not end within {SECONDS} s"
    found = fold(done.stdout.splitlines(), search)
    if done.returncode == 0:
        return found, None
    how = (f"exit status {done.returncode}" if done.returncode > 0
           else f"signal {-done.returncode}")
    return found, f"{how}: {done.stderr[:2000]}"


def differs(search, wanted, got, how):
    """Say so."""
    if wanted == got and not how:
        return False
    print(search)
    diff = difflib.unified_diff(wanted, got, lineterm="", n=0)
    for line in list(diff)[2:]:
        if not line.startswith("@@"):
            print("    missing" if line[0] == "-" else "    not known",
                  line[1:])
    if how:
        print("   ", how)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=pathlib.Path)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    head, searches = read_list()
    text, bad = [*head], 0
    for search, wanted in searches:
        if not re.search(args.only, search) and not args.write:
            continue
        begin = time.monotonic()
        got, how = explore(args.adiemu, search)
        if args.print:
            print(f"{time.monotonic() - begin:6.1f} s {len(got):4} findings  "
                  f"{search}", file=sys.stderr, flush=True)
        text += [search, *got, ""]
        if args.write and not how:
            continue
        if differs(search, wanted, got, how):
            bad = 1
            if args.first:
                break
    if args.write and not bad:
        LIST.write_text("\n".join(text[:-1]) + "\n", encoding="utf-8")
    sys.exit(bad)


if __name__ == "__main__":
    main()
