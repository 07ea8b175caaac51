#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/model.md against the sources.

  model.py TOP

Each function that a table names in its middle column, after the file it is in,
is there.  And each function that a header of mm/, adi/, swap/ or migrate/
explains by one of the kernel ("do_mmap()") is in a table.  So is each word of
mm/policy.h.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
FOLDERS = ("mm", "adi", "swap", "migrate")
text = (TOP / "docs/model.md").read_text()
bad = 0


def complain(why):
    global bad
    bad = 1
    print(why)


def code(path):
    """A source without comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)


named = set()
for row in re.findall(r"^\|[^|]*\|([^|]*)\|[^|]*\|$", text, re.M):
    source = None
    for word in re.findall(r"`([^`]+)`", row):
        if "/" in word:
            path = TOP / word
            source = code(path) if path.is_file() else None
            if source is None:
                complain(f"docs/model.md: no file {word}")
        elif source is not None:
            named.add(word)
            if not re.search(rf"^\w[\w *]*\b{word}\(", source, re.M):
                complain(f"docs/model.md: no {word}() in {path.name}")

# What the versions differ in: each word of mm/policy.h has its row.
table = text.split("## What the versions differ in", 1)[1].split("\n## ", 1)[0]
rows = set(re.findall(r"^\| `(\w+)` \|", table, re.M))
words = set(re.findall(r"^    X\((\w+), ", (TOP / "mm/policy.h").read_text(), re.M))
for word in sorted(rows ^ words):
    complain(f"{word}: not both in docs/model.md and mm/policy.h")

# A comment that names a function, and the declarations right below it.
EXPLAINED = re.compile(r"/\*((?:(?!\*/).)*)\*/\n((?:[^\n/#]+\n)+)", re.S)
DECLARED = re.compile(r"^(?!\s|struct \w+ \{)[\w *]*?(\w+)\(", re.M)
headers = [h for folder in FOLDERS for h in sorted((TOP / folder).glob("*.h"))
           if h.name != "internal.h"]
all_ours = {name for h in headers for name in DECLARED.findall(code(h))}
for header in headers:
    for comment, below in EXPLAINED.findall(header.read_text()):
        ours = DECLARED.findall(below)
        kernel = set(re.findall(r"\b(\w+)\(\)", comment)) - all_ours
        if kernel and ours and not named & set(ours):
            complain(f"docs/model.md: no row for {ours[0]}() of "
                     f"{header.relative_to(TOP)}, after {sorted(kernel)[0]}()")
sys.exit(bad)
