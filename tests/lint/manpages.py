#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each option of each command is in its man page, and no page has another.

  manpages.py TOP ADIEMU

What a command has is what its --help says.  "adiemu run" is adiemu.1; pages of
the other commands may leave out what is said there.
"""
import pathlib
import re
import shutil
import subprocess
import sys

TOP, ADIEMU = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
# Of each command; adiemu.1 has them once.
OF_ALL = {"--help", "-h", "-?", "--usage", "--version", "-V"}
bad = 0


def error(text):
    global bad
    print(text)
    bad = 1


def options_of(command):
    """What --help lists: a set for each option, of its spellings."""
    text = subprocess.run([ADIEMU, command, "--help"], check=True,
                          capture_output=True, text=True).stdout
    found = []
    for line in text.splitlines():
        m = re.match(r" {2,6}(-\S.*?)(  |$)", line)
        if m:
            words = re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z0-9?])",
                               m[1])
            if words:
                found.append(set(words) - OF_ALL)
    return [f for f in found if f]


def tags(page):
    """The options that a page explains: the lines behind .TP"""
    text = page.read_text()
    if text.startswith(".so "):
        return tags(page.parent / pathlib.Path(text.split()[1]).name)
    found = set()
    for tag in re.findall(r"(?m)^\.TP\n(.*)", text):
        tag = re.sub(r"\\f.", "", tag).replace("\\-", "-").replace("\\ ", " ")
        found |= set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z0-9])"
                                r"(?![\w])", tag))
    return found


commands = re.findall(r"(?m)^  ([a-z]+) ",
                      subprocess.run([ADIEMU, "--help"], check=True,
                                     capture_output=True, text=True).stdout)
run_options = set().union(*options_of("run"))
for command in commands:
    if command == "help":
        continue
    page = TOP / "docs" / f"adiemu-{command}.1"
    if not page.exists():
        error(f"{page}: there is none")
        continue
    known = tags(page)
    for spellings in options_of(command):
        missing = spellings - known
        if command != "run" and spellings & run_options:
            continue
        for word in sorted(missing):
            error(f"{page.name}: does not have {word}")
    all_words = set().union(*options_of(command)) | OF_ALL
    for word in sorted(known - all_words):
        error(f"{page.name}: {word} is no option of adiemu {command}")
    if shutil.which("man") and not page.read_text().startswith(".so "):
        done = subprocess.run(["man", "--warnings", "-Tutf8", "-Z", "-l", page],
                              capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin",
                                   "LC_ALL": "C.UTF-8", "MANWIDTH": "100"})
        for line in done.stderr.splitlines():
            error(f"{page.name}: {line}")
sys.exit(bad)
