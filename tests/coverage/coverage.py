#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which branches of mm/, adi/, swap/ and migrate/ are taken, and by what.

  coverage.py --build build/coverage [--jobs N] [--quick]
  coverage.py --build build/coverage --again
  coverage.py --check

Builds, runs the random driver alone, then the unit tests, the guests and the
command line, and prints who took how many branches.  Then come the branches
that nobody took, each with its reason from never.txt.  Exit code 1: one has
none, or never.txt says what is not so.  Exit code 2: there are no numbers.

--again prints what the last run has left, --check reads never.txt alone
against the sources, without any build.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

import never

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
LIST = pathlib.Path(__file__).with_name("never.txt")
DRIVER_OPS = 100000
QUICK_OPS = 10000
NOT_TESTS = "fuzz|mutate|lint|random"
GCOV_FILES = 40  # in one call of gcov

# Where a branch is, and all that the lines of one text have.
Place = collections.namedtuple("Place", "file function text")
Line = collections.namedtuple("Line", "number runs counts")


def fail(why):
    print(f"coverage.py: {why}", file=sys.stderr)
    sys.exit(2)


def run(*command):
    print("+", *command, file=sys.stderr, flush=True)
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        fail(f"{os.path.basename(command[0])} failed")


# ---------------------------------------------------------------- counting

def zero(build):
    for path in build.rglob("*.gcda"):
        path.unlink()


def gcov_documents(build):
    """What gcov says of each object, those that never ran included.

    emu/engine/ is always optimised, which mixes the branches of headers with
    its own; what it includes is counted in other objects."""
    notes = sorted(path for path in build.rglob("*.gcno")
                   if path.parent.name != "engine")
    if not notes:
        fail(f"{build} was not built for gcov (preset coverage)")
    paths = []
    for note in notes:
        data = note.with_suffix(".gcda")
        paths.append(str(data if data.exists() else note))
    for i in range(0, len(paths), GCOV_FILES):
        out = subprocess.run(
            ["gcov", "--branch-probabilities", "--json-format", "--stdout",
             *paths[i:i + GCOV_FILES]],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=build,
            check=True).stdout
        for document in out.splitlines():
            if document:
                yield json.loads(document)


def counts(build):
    """{"file function line": [runs, count of each branch...]}, summed over
    the objects that a header is compiled into."""
    total = {}
    for document in gcov_documents(build):
        base = pathlib.Path(document["current_working_directory"])
        for source in document["files"]:
            path = (base / source["file"]).resolve()
            if not path.is_relative_to(TOP):
                continue
            name = path.relative_to(TOP).as_posix()
            if name.split("/")[0] not in never.FOLDERS:
                continue
            for line in source["lines"]:
                if not line["branches"]:
                    continue
                key = f"{name} {line['function_name']} {line['line_number']}"
                new = [line["count"]] + [b["count"] for b in line["branches"]]
                old = total.setdefault(key, [0] * len(new))
                if len(old) != len(new):
                    fail(f"{key}: not the same branches in each object")
                total[key] = [a + b for a, b in zip(old, new)]
    return total


def run_driver(build, args):
    zero(build)
    ops = QUICK_OPS if args.quick else DRIVER_OPS
    run(str(build / "tests/fuzz/random_mm"), "--ops", str(ops),
        "--jobs", str(args.jobs))
    return counts(build)


def run_tests(build, args):
    zero(build)
    what = ["-L", "unit"] if args.quick else ["-LE", NOT_TESTS]
    run("ctest", "--test-dir", str(build), "--output-on-failure",
        "-j", str(args.jobs), *what)
    return counts(build)


def measure(build, args):
    saved = build / "branches.json"
    if args.again:
        if not saved.exists():
            fail("nothing was measured yet")
        return json.loads(saved.read_text())
    run("cmake", "--preset", "coverage", "-S", str(TOP), "-B", str(build))
    run("cmake", "--build", str(build), "--parallel", str(args.jobs))
    result = {"driver": run_driver(build, args),
              "tests": run_tests(build, args)}
    saved.write_text(json.dumps(result))
    return result


# --------------------------------------------------------------- reporting

def by_place(total, sources):
    """{Place: [Line, ...]}"""
    places = collections.defaultdict(list)
    for key, values in total.items():
        file, function, number = key.split()
        text = sources.line(file, int(number))
        places[Place(file, function, text)].append(
            Line(int(number), values[0], values[1:]))
    return places


def is_ruled_out(rules, place, lines):
    """A rule speaks of lines that run: one that never does hides nothing."""
    if any(line.runs == 0 for line in lines):
        return False
    for rule in rules:
        if rule.pattern.search(place.text):
            rule.used += sum(c == 0 for line in lines for c in line.counts)
            return True
    return False


def print_table(measured, wanted):
    both = {key: [a + b for a, b in zip(values, measured["tests"][key])]
            for key, values in measured["driver"].items()}
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])
    for key in wanted:
        row = rows[key.split("/")[0] + "/"]
        row[0] += len(both[key]) - 1
        for column, total in enumerate(
                (measured["driver"], measured["tests"], both), 1):
            row[column] += sum(c > 0 for c in total[key][1:])
    rows = {f + "/": rows[f + "/"] for f in never.FOLDERS}
    rows["all"] = [sum(column) for column in zip(*rows.values())]
    print(f"{'':10}{'branches':>10}{'driver':>10}{'tests':>10}{'both':>10}"
          f"{'never':>8}")
    for name, (nr, *taken) in rows.items():
        print(f"{name:10}{nr:10}" + "".join(
            f"{100 * t / nr:8.1f} %" for t in taken) + f"{nr - taken[2]:8}")


def print_never(places, entries):
    """The branches never taken.  Returns how many have no reason."""
    unexplained = 0
    for place, lines in sorted(places.items(),
                               key=lambda p: (p[0].file, p[1][0].number)):
        zeros = sum(c == 0 for line in lines for c in line.counts)
        nr = sum(len(line.counts) for line in lines)
        if zeros == 0:
            continue
        entry = entries.get(place)
        for line in sorted(lines):
            if 0 in line.counts:
                print(f"\n{place.file}:{line.number}: {place.function}(): "
                      f"taken {' '.join(str(c) for c in line.counts)} times")
        print(f"    {place.text}")
        if entry and (entry.never, entry.branches) == (zeros, nr):
            entry.used = True
            print(entry.reason)
        else:
            unexplained += zeros
            said = f", never.txt says {entry.never} of {entry.branches}" \
                if entry else ""
            print(f"UNEXPLAINED: {zeros} of {nr} never taken{said}")
            if entry:
                entry.used = True
    return unexplained


def report(measured):
    sources = never.Sources(TOP)
    rules, entries = never.read_list(LIST)
    bad = never.check(entries, sources)
    total = {key: [a + b for a, b in zip(values, measured["tests"][key])]
             for key, values in measured["driver"].items()}
    places = by_place(total, sources)
    ruled_out = {place for place, lines in places.items()
                 if is_ruled_out(rules, place, lines)}
    wanted = []
    for key in total:
        file, function, number = key.split()
        place = Place(file, function, sources.line(file, int(number)))
        if place not in ruled_out:
            wanted.append(key)
    print_table(measured, wanted)
    for rule in rules:
        print(f"\nnot counted: {rule.used} branches never taken of lines with "
              f"{rule.pattern.pattern}\n{rule.reason}")
        if not rule.used:
            bad.append(f"never.txt: the rule {rule.pattern.pattern} is stale")
    unexplained = print_never(
        {p: lines for p, lines in places.items() if p not in ruled_out},
        entries)
    for place, entry in entries.items():
        if not entry.used:
            bad.append(f"never.txt:{entry.number}: stale: all branches of "
                       f"this line are taken, or it is not compiled")
    explained = sum(e.never for e in entries.values() if e.used)
    print()
    for why in bad:
        print(why)
    print(f"{unexplained} branches unexplained, {explained} explained, "
          f"{len(bad)} mistakes in never.txt")
    return 1 if unexplained or bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true",
                        help="unit tests alone, and a tenth of the operations")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    try:
        if args.check:
            rules, entries = never.read_list(LIST)
            bad = never.check(entries, never.Sources(TOP))
            print("\n".join(bad + [f"{len(entries)} lines explained, "
                                   f"{len(rules)} rules, {len(bad)} mistakes"]))
            return 1 if bad else 0
        if not args.build:
            parser.error("--build or --check")
        return report(measure(args.build.resolve(), args))
    except never.Mistake as e:
        fail(e)


if __name__ == "__main__":
    sys.exit(main())
