#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the list of mutants.

  mutants.py --check            every text of the list is there exactly once,
                                and not_explored.txt names mutants
  mutants.py --list             their names
  mutants.py --apply NAME --output DIR
                                write the changed file below DIR; print its
                                path below the top of the source
"""
import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIST = os.path.join(HERE, "mutants.txt")
NOT_EXPLORED = os.path.join(HERE, "not_explored.txt")
LAYERS = ("mm", "adi", "swap", "migrate")
HOOKS = r"\badi/|hook|arch_|tags|save|restore|undo|keeps_slot"


class Mutant:
    def __init__(self, name, file, bug):
        self.name, self.file, self.bug = name, file, bug
        self.old, self.new = [], []

    def change(self, line):
        """One line of the change, as in a patch: ' ', '-' or '+' first."""
        kind, text = line[:1], line[1:]
        if kind in (" ", "-"):
            self.old.append(text)
        if kind in (" ", "+"):
            self.new.append(text)

    def is_of_hooks(self):
        """Of hooks, undos or tags: by name, file or text."""
        return re.search(HOOKS, f"{self.name} {self.file} {self.bug}")

    def apply(self):
        """The text of the file with the bug; ValueError when it cannot be."""
        with open(os.path.join(TOP, self.file), encoding="utf-8") as f:
            text = f.read()
        old = "\n" + "".join(line + "\n" for line in self.old)
        new = "\n" + "".join(line + "\n" for line in self.new)
        if not self.old or old == new:
            raise ValueError(f"{self.name}: changes nothing")
        # A text that begins with its own end could overlap itself.
        found = len(re.findall(f"(?={re.escape(old)})", text))
        if found != 1:
            raise ValueError(f"{self.name}: found {found} times in "
                             f"{self.file}")
        return text.replace(old, new)


def read_list(path=LIST):
    """The mutants in the order of the list; ValueError with the line."""
    mutants, names = [], set()
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            head = re.fullmatch(r"(\w+): (\w+)/(\w+\.[ch]): (.+)", line)
            if head:
                name, layer, file, bug = head.groups()
                if name in names or layer not in LAYERS:
                    raise ValueError(f"{path}:{number}: {name}")
                names.add(name)
                mutants.append(Mutant(name, f"{layer}/{file}", bug))
            elif line[:1] in (" ", "-", "+") and mutants:
                mutants[-1].change(line)
            elif line and not line.startswith("#"):
                raise ValueError(f"{path}:{number}: {line}")
    return mutants


def read_not_explored():
    """name -> why "adiemu explore" does not find it."""
    with open(NOT_EXPLORED, encoding="utf-8") as f:
        return dict(line.rstrip("\n").split(": ", 1) for line in f
                    if line.strip() and not line.startswith("#"))


def check(mutants):
    bad = 0
    for name in set(read_not_explored()) - {m.name for m in mutants}:
        print(f"{NOT_EXPLORED}: {name} is no mutant", file=sys.stderr)
        bad += 1
    for m in mutants:
        try:
            m.apply()
        except ValueError as e:
            print(e, file=sys.stderr)
            bad += 1
    print(f"{len(mutants)} mutants, {bad} cannot be made")
    return 1 if bad else 0


def write(mutants, name, output):
    found = [m for m in mutants if m.name == name]
    if not found:
        print(f"{name} is not in {LIST}", file=sys.stderr)
        return 1
    text = found[0].apply()
    path = os.path.join(output, found[0].file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    print(found[0].file)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true")
    what.add_argument("--list", action="store_true")
    what.add_argument("--apply", metavar="NAME")
    parser.add_argument("--output", metavar="DIR")
    args = parser.parse_args()
    try:
        mutants = read_list()
        if args.check:
            return check(mutants)
        if args.apply:
            return write(mutants, args.apply, args.output)
    except ValueError as e:
        print(e, file=sys.stderr)
        return 1
    for m in mutants:
        print(f"{m.name:32} {m.file:20} {m.bug}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
