#!/usr/bin/env python3
"""docs/profiles.md against check/bugs.c, and docs/invariants.md against check/.

  bugs.py TOP

The table of bugs for readers and the one that predicts give each profile the
same bugs.  Each function check_*() that judges is in the list of invariants,
and each that the list names is in the file that it names.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
bad = 0


def complain(why):
    global bad
    bad = 1
    print(why)


def bugs_for_readers():
    text = (TOP / "docs/profiles.md").read_text()
    table = text.split("## Which bugs each has", 1)[1]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")]
            for line in table.splitlines() if line.startswith("|")]
    profiles = rows[0][2:-1]
    return {row[0]: {p for p, cell in zip(profiles, row[2:]) if cell == "yes"}
            for row in rows if re.fullmatch(r"B\d+", row[0])}


def bugs_that_predict():
    text = (TOP / "check/bugs.c").read_text()
    text = re.sub(r"\bLINUX\b(?=,)", '" linux-6.2 linux-5.17 "', text)
    return {"B" + nr: set(profiles.split())
            for nr, profiles in re.findall(r'\{(\d+), "([^"]*)"', text)}


def compare_bugs():
    readers, predict = bugs_for_readers(), bugs_that_predict()
    if readers.keys() != predict.keys() or len(readers) != 20:
        complain(f"bugs: {sorted(readers)} and {sorted(predict)}")
    for bug in readers.keys() & predict.keys():
        if readers[bug] != predict[bug]:
            complain(f"{bug}: docs/profiles.md has {sorted(readers[bug])}, "
                     f"check/bugs.c {sorted(predict[bug])}")


def compare_invariants():
    text = (TOP / "docs/invariants.md").read_text()
    listed = set()
    for row in re.findall(r"^\| [\d, ]+ \|.*\|([^|]*)\|$", text, re.M):
        source = None
        for word in re.findall(r"`([^`]+)`", row):
            if word.endswith(".c"):
                source = (TOP / "check" / word).read_text()
                continue
            listed.add(word)
            if not source or not re.search(rf"\b{word}\(", source):
                complain(f"docs/invariants.md: no {word}()")
    for path in sorted((TOP / "check").glob("*.c")):
        # One that names itself in a failure is an invariant.
        for name, body in re.findall(
                r"^(?:static )?bool (\w+)\((.*?)^\}", path.read_text(),
                re.M | re.S):
            if "BROKEN(" in body and name not in listed:
                complain(f"docs/invariants.md lacks {name}() of {path.name}")


compare_bugs()
compare_invariants()
sys.exit(bad)
