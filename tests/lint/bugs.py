#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/profiles.md against adi/profile.c, and docs/invariants.md against check/.

  bugs.py TOP

The table of bugs for readers and that of the profiles give each profile the
same bugs, check/bugs.c knows them all, and no other code knows a profile by
name.  Each function check_*() that judges is in the list of invariants,
each that the list names is in the file that it names, and a unit test breaks
each and wants it to be the one that says so.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(sys.argv[1])
TESTS = "tests/unit/test_check.c", "tests/unit/test_predict.c"
# Only adi/store_linux.c can make descriptors overlap: the mutant linux_overlap does.
NOT_BY_HAND = {"check_descs_are_disjoint"}
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
    profiles = rows[0][3:-1]
    return {row[0]: {p for p, cell in zip(profiles, row[3:]) if cell == "yes"}
            for row in rows if re.fullmatch(r"B\d+", row[0])}


LIST = """
#include <stdio.h>
#include "adi/profile.c"
int main(void)
{
    for (unsigned n = 0; n < NR_PROFILES; n++)
        for (unsigned b = 1; b < 32; b++)
            if (profiles[n].bugs >> b & 1)
                printf("%s B%u\\n", profiles[n].name, b);
}
"""


def bugs_of_profiles():
    """{profile: its bugs}, from adi/profile.c itself; no hook is called."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        program = folder + "/list"
        subprocess.run(["cc", "-std=gnu11", f"-I{TOP}", "-x", "c", "-", "-o", program,
                        "-no-pie", "-Wl,--unresolved-symbols=ignore-all"],
                       input=LIST, text=True, check=True)
        for line in subprocess.run([program], stdout=subprocess.PIPE, text=True,
                                   check=True).stdout.splitlines():
            profile, bug = line.split()
            found.setdefault(profile, set()).add(bug)
    return found


def compare_bugs():
    readers, profiles = bugs_for_readers(), bugs_of_profiles()
    known = {"B" + nr for nr in re.findall(
        r"^ +\{(\d+),", (TOP / "check/bugs.c").read_text(), re.M)}
    if readers.keys() != known:
        complain(f"docs/profiles.md has {sorted(readers)}, "
                 f"check/bugs.c {sorted(known)}")
    for bug, named in readers.items():
        having = {name for name, bugs in profiles.items() if bug in bugs}
        if named != having:
            complain(f"{bug}: docs/profiles.md has {sorted(named)}, "
                     f"adi/profile.c {sorted(having)}")
    for path in sorted(TOP.glob("[a-z]*/**/*.[ch]")):
        folder = path.relative_to(TOP).parts[0]
        if folder in ("build", "tests", "bench") or path.name == "profile.c":
            continue
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for name in profiles:
            if f'"{name}"' in code:
                complain(f"{path.relative_to(TOP)}: knows {name} by name")


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
    tests = "".join((TOP / name).read_text() for name in TESTS)
    for name in sorted(listed - NOT_BY_HAND):
        if f'"{name}"' not in tests:
            complain(f"no unit test breaks {name}()")
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
