#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sessions that the documentation shows, done again.

  test_docs.py --adiemu FILE --top DIR [--guest FILE]... DOC...

An indented block that begins with "$ " is a session: commands, each with
what it prints.  They are done in the order of the document, in one folder
where adiemu is on the PATH, tests/ is that of the source tree, and the guests
are.  "[...]" stands for any lines.  What depends on compiler, host or time is
not compared: code addresses, numbers of frames, events and instructions, slots
of the swap file, pages of the binary and of its stack, nanoseconds; which seed
of many finds something.  "cat FILE"
makes the file.

All of it is done in a small environment and in a large one: the stack of the
programs begins with it.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

TIMEOUT_S = 120
ENVIRONMENTS = {"small": {}, "large": {"FILL": "x" * 60000}}
VARIES = [
    (r"\b(pc|frame|event|insn|entry) (0x)?[0-9a-f]+", r"\1 N"),
    (r"\b\d[\d,]* (events|instructions)\b", r"N \1"),
    (r" +[\d,]+ ((file|anonymous) pages? faulted in)", r" N \1"),
    (r"^(==adiemu==    (at|by)) 0x[0-9a-f]+:", r"\1 N:"),
    (r"^(  ns a page) .*", r"\1"),
    (r"0x7fe[0-9a-f]{8}\b", "STACK"),
    (r"0xfff8[0-9a-f]{12}\b", "MAPPED"),
    (r"\bfinding \d+ of \d+:", "finding N of N:"),
    (r"\b\d+ findings? in\b", "N findings in"),
    (r"\bby seed \d+, shrunk in \d+ runs?", "by seed N, shrunk in N runs"),
    (r"-\d+\.events\b", "-N.events"),
]
# They print code addresses, and need the same compiler to do so.
NOT_HERE = re.compile(r"^sparc64-linux-gnu-(addr2line|objdump)\b")


def sessions(text):
    """Lists of (command, [line of output])."""
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M):
        lines = [line[4:] for line in block.strip("\n").split("\n")]
        if not lines[0].startswith("$ "):
            continue
        session = []
        for line in lines:
            if line.startswith("$ "):
                session.append([line[2:], []])
            elif line.startswith("> "):
                session[-1][0] += "\n" + line[2:]
            else:
                session[-1][1].append(line)
        yield session


def plain(line):
    for pattern, word in VARIES:
        line = re.sub(pattern, word, line)
    return line.rstrip()


def matches(expected, lines):
    """Are these the lines, with [...] for any?"""
    if not expected:
        return not lines
    if expected[0] == "[...]":
        return any(matches(expected[1:], lines[n:])
                   for n in range(len(lines) + 1))
    return (bool(lines) and plain(expected[0]) == plain(lines[0])
            and matches(expected[1:], lines[1:]))


class Doc:
    def __init__(self, path, folder, environment):
        self.path, self.folder = path, folder
        self.environment, self.bad, self.done = environment, 0, 0

    def run(self, command, expected):
        while expected and not expected[-1]:
            expected.pop()
        if command.startswith("cat "):
            with open(os.path.join(self.folder, command[4:]), "w",
                      encoding="utf-8") as f:
                f.write("\n".join(expected) + "\n")
            return
        if NOT_HERE.match(command):
            return
        done = subprocess.run(["bash", "-c", command], cwd=self.folder,
                              env=self.environment, timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        lines = done.stdout.decode(errors="replace").splitlines()
        self.done += 1
        if not matches(expected, lines):
            self.bad += 1
            print(f"{self.path}: $ {command}\nprints", *lines, sep="\n    ")

    def check(self):
        with open(self.path, encoding="utf-8") as f:
            text = f.read()
        for session in sessions(text):
            for command, expected in session:
                self.run(command, expected)
        print(f"{self.path}: {self.done} commands, {self.bad} differ")
        return self.bad or not self.done


def in_folder(args, doc, extra):
    """Do the sessions of a document in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.abspath(args.adiemu),
                   os.path.join(folder, "bin", "adiemu"))
        os.symlink(os.path.join(os.path.abspath(args.top), "tests"),
                   os.path.join(folder, "tests"))
        for guest in args.guest:
            os.symlink(os.path.abspath(guest),
                       os.path.join(folder, os.path.basename(guest)))
        path = os.environ.get("PATH", os.defpath)
        return Doc(doc, folder, {
            "LC_ALL": "C", "PATH": os.path.join(folder, "bin") + ":" + path,
            **extra}).check()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--top", required=True)
    parser.add_argument("--guest", action="append", default=[])
    parser.add_argument("doc", nargs="+")
    args = parser.parse_args()
    bad = 0
    for name, extra in ENVIRONMENTS.items():
        print(f"in a {name} environment:")
        for doc in args.doc:
            bad |= bool(in_folder(args, doc, extra))
    return bad


if __name__ == "__main__":
    sys.exit(main())
