#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/explore.md and docs/judge-a-patch.md against what they tell of.

  explore.py TOP ADIEMU

The table of sets has those of --actions=list, in that order, and each is in a
search of tests/bugs/known.list, of which the document knows the number.  So it
does of the bugs put in on purpose: those that are not found, a row for each
reason, are as many as tests/mutate/not_explored.txt has.  The table of hooks
has what --profile-file=list says that a store can do.
"""
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
TOP, ADIEMU = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.append(str(TOP / "tests/mutate"))
import mutants

STORES = ("va", "page", "slot")
DOC = (TOP / "docs/explore.md").read_text()
KNOWN = re.findall(r"^explore .*--actions=(\S+)",
                   (TOP / "tests/bugs/known.list").read_text(), re.M)
bad = 0


def same(what, told, true):
    global bad
    if told != true:
        bad = 1
        print(f"{what}: the document has {told}, it is {true}")


def number(pattern):
    """Those of a sentence, which there must be."""
    found = re.search(pattern, DOC)
    if not found:
        sys.exit(f"docs/explore.md: nothing like {pattern}")
    return [int(n) for n in found.groups()]


def rows(text, head):
    """The cells of the table with this first row."""
    table = text.split(head + "\n", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")]
            for line in table.splitlines()[1:]]


def listed(option):
    return subprocess.run([ADIEMU, "explore", f"{option}=list"], check=True,
                          capture_output=True, text=True).stdout.splitlines()


def compare_sets():
    sets = [line.split()[0] for line in listed("--actions")]
    same("sets", [row[0] for row in rows(DOC, "| Set | |")], sets)
    searched = {name for actions in KNOWN for name in actions.split(",")}
    same("sets that no search of known.list has",
         sorted(set(sets) - searched), [])
    same("searches of known.list", number(r"known\.list` has what (\d+)"),
         [len(KNOWN)])


def compare_mutants():
    of_hooks = [m.name for m in mutants.read_list() if m.is_of_hooks()]
    unseen = mutants.read_not_explored()
    same("mutants of not_explored.txt that are not of hooks",
         sorted(set(unseen) - set(of_hooks)), [])
    same("bugs of hooks, and those that are found",
         number(r"Of the (\d+) bugs of hooks.* it sees (\d+)"),
         [len(of_hooks), len(of_hooks) - len(unseen)])
    same("bugs that are not found",
         sum(int(row[0]) for row in rows(DOC, "| Not found | |")), len(unseen))


def compare_hooks():
    told = {row[0]: row[1:] for row in
            rows((TOP / "docs/judge-a-patch.md").read_text(),
                 "| Hook | Where | `va` | `page` | `slot` |")}
    true = {}
    for line in listed("--profile-file"):
        hook = re.fullmatch(r"hook (\w+) none\|(\w+) +(.*) \(([^()]*)\)", line)
        if hook:
            name, word, where, stores = hook.groups()
            true[name] = [where] + [word if s in stores.split(", ") else ""
                                    for s in STORES]
    for name in sorted(told.keys() | true.keys()):
        same(f"hook {name}", told.get(name), true.get(name))


compare_sets()
compare_mutants()
compare_hooks()
sys.exit(bad)
