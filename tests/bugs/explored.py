#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does "adiemu explore" find each class of bugs by itself?

  explored.py --adiemu A --table docs/profiles.md --doc docs/explore.md
              [--print]

Searches from the built-in sets alone, under kernels that have the bugs of the
table between them, and wants each class among the findings where the table
says that the kernel has it; and none of it where it has not.  The script of a
finding must be no longer than that of this folder, without the lines that only
fill memory, and comments.  The tables of docs/explore.md must have it so;
--print prints the rows.  Exit status: 1 when something is missing.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

import table

HERE = pathlib.Path(__file__).parent
# What a class looks like: class, and cause or detail.
BUGS = {
    "B1": ("leak", "zap"), "B2": ("lost", "fork"), "B3": ("lost", "mremap"),
    "B4": ("lost", "swapoff"), "B5": ("leak", "migrate"),
    "B6": ("leak", "migrate-undo"), "B7": ("swapoff stuck", None),
    "B8": ("stale", "zap"), "B9": ("wrong release", "unsaved"),
    "B10": ("lost", "unsaved"), "B11": ("lost", "unmap"),
    "B12": ("lost", "shmem-out"), "B14": ("refused", "no-descriptor"),
    "B15": ("leak", "orphan"), "B16": ("lost", "window"),
    "B17": ("data lost", "truncate"), "B18": ("lost", "order"),
    "B20": ("wrong release", "freed"), "B21": ("stale", "new-page"),
    "B22": ("lost", "copy-in"), "B28": ("kernel BUG", None),
}
# Their scripts are for programs, which have steps of their own, too.
OF_PROGRAMS = {"B16", "B20"}
# Not to be had from a small memory: see docs/explore.md.
BEYOND = {"B13", "B19"}
# kernel, sets, pages, processes, depth
SEARCHES = (
    ("linux-5.17,linux-6.2,linux-6.6,mte-5.18,remap", "swap,fork", 2, 2, 7),
    ("linux-5.17,linux-6.2,linux-6.6,mte-5.18,remap", "swap,map,protect", 1, 1,
     9),
    ("linux-6.2,mte-5.18,remap", "swap,move,protect", 1, 1, 7),
    ("linux-6.2,mte-5.18,remap", "swap,migrate", 1, 1, 6),
    ("linux-5.17,linux-6.2,linux-6.6,mte-5.18,remap", "swap,fail", 1, 1, 7),
    ("linux-6.2,mte-5.18,remap", "swap,shmem", 1, 1, 6),
    ("linux-6.2,mte-5.18,remap", "swap,shmem,reuse", 1, 1, 4),
    ("linux-5.17,linux-6.2,remap", "swap,file", 1, 1, 7),
    ("linux-6.2,mte-5.18,remap", "swap,many", 1, 1, 6),
    ("linux-6.2", "swap,fork", 2, 2, 8),
    ("linux-6.2,mte-5.18,remap", "swap,protect,race", 2, 1, 6),
    ("linux-6.2,remap", "late", 1, 1, 10),
)
# The one of which the document says how many states each depth has.
COSTS = ("linux-6.2", "swap,fork", 2, 2)


def explore(args, kernels, sets, pages, processes, depth):
    done = subprocess.run(
        [args.adiemu, "explore", f"--kernel={kernels}", f"--actions={sets}",
         f"--pages={pages}", f"--processes={processes}", f"--depth={depth}",
         "--report-format=json"], stdout=subprocess.PIPE, text=True,
        timeout=900, check=True)
    return json.loads(done.stdout)["kernels"]


def is_of(finding, bug):
    kind, cause = BUGS[bug]
    return finding["class"] == kind and (
        cause is None or (finding["cause"] or {}).get("id") == cause)


def steps_of(bug):
    """Of the script in this folder: what it fills memory with is no step."""
    text = (HERE / f"{bug.lower()}.events").read_text()
    return len([line for line in text.splitlines()
                if line and line[0] != "#" and "0x50000000" not in line])


def differs(doc, made):
    """Say which rows of its tables are others."""
    told = doc.read_text().splitlines()
    bugs = {row for row in told if re.match(r"\| B\d", row)}
    rows = sorted(set(made) - set(told)) + sorted(bugs - set(made))
    for row in rows:
        print(f"{row}: {'only' if row in told else 'not'} in {doc}")
    return bool(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--table", required=True, type=pathlib.Path)
    parser.add_argument("--doc", required=True, type=pathlib.Path)
    parser.add_argument("--print", action="store_true")
    args = parser.parse_args()
    _, rows = table.table(args.table)
    best, made, bad = {}, [], 0
    for search in SEARCHES:
        begin = time.monotonic()
        for kernel in explore(args, *search):
            if (kernel["kernel"], *search[1:4]) == COSTS:
                made.append(f"| {search[4]} | {kernel['states']:,} | "
                            f"{len(kernel['findings'])} |")
            for finding in kernel["findings"]:
                for bug in filter(lambda b: is_of(finding, b), BUGS):
                    if rows[bug][kernel["kernel"]] != "yes":
                        print(f"{bug}: found under {kernel['kernel']}, which "
                              f"has it not:\n{finding['script']}")
                        bad = 1
                    known = best.get(bug)
                    if not known or finding["steps"] < known[0]:
                        best[bug] = (finding["steps"], search[1],
                                     kernel["kernel"])
        if args.print:
            print(f"{search}: {time.monotonic() - begin:.1f} s",
                  file=sys.stderr)
    for bug in rows:
        if bug in BEYOND:
            continue
        if bug not in best:
            print(f"{bug}: not found")
            bad = 1
            continue
        steps, sets, kernel = best[bug]
        script = "a program" if bug in OF_PROGRAMS else steps_of(bug)
        made.append(f"| {bug} | {steps} | {script} | {sets} | {kernel} |")
        if bug not in OF_PROGRAMS and steps > script:
            print(f"{bug}: {steps} steps, the script has {script}")
            bad = 1
    if args.print:
        print("\n".join(made))
    sys.exit(differs(args.doc, made) or bad)


if __name__ == "__main__":
    main()
