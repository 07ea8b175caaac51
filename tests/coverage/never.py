# SPDX-License-Identifier: GPL-2.0-or-later
"""never.txt: why some branches are never taken."""
import re

FOLDERS = ("mm", "adi", "swap", "migrate")
HEAD = re.compile(r"(\w+/\w+\.[ch]): (\w+): (\d+) of (\d+)")


class Mistake(Exception):
    pass


class Rule:
    """Branches of lines with this text are not counted."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern)
        self.reason, self.used = "", 0


class Entry:
    """So many branches of a line are never taken."""

    def __init__(self, number, never, branches):
        self.number, self.never, self.branches = number, never, branches
        self.reason, self.used = "", False


class Sources:
    """The lines of the files, without what is around them."""

    def __init__(self, top):
        self.top, self.files = top, {}

    def lines(self, file):
        if file not in self.files:
            path = self.top / file
            if not path.is_file():
                raise Mistake(f"no file {file}")
            self.files[file] = [line.strip() for line in
                                path.read_text(encoding="utf-8").splitlines()]
        return self.files[file]

    def line(self, file, number):
        return self.lines(file)[number - 1]

    def function(self, file, name):
        """Its lines; none when the file has no such function."""
        text = (self.top / file).read_text(encoding="utf-8")
        body = re.search(rf"^(?!\s)[^\n;]*\b{name}\((?:[^;{{]*)\n{{\n.*?^}}",
                         text, re.M | re.S)
        return [line.strip() for line in body[0].splitlines()] if body else []


def read_list(path):
    """([Rule], {(file, function, text): Entry}); Mistake with the line."""
    rules, entries = [], {}
    paragraphs, now = [], []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line:
                now.append((number, line))
            elif now:
                paragraphs.append(now)
                now = []
    for lines in paragraphs + ([now] if now else []):
        number, head = lines[0]
        rest = [line for _, line in lines[1:]]
        found = HEAD.fullmatch(head)
        if found and found[1].split("/")[0] in FOLDERS and len(rest) > 1 \
                and rest[0].startswith("> "):
            key = (found[1], found[2], rest[0][2:])
            entry = Entry(number, int(found[3]), int(found[4]))
            entry.reason = "\n".join(rest[1:])
            if key in entries or not 0 < entry.never <= entry.branches:
                raise Mistake(f"{path.name}:{number}: {head}")
            entries[key] = entry
        elif head.startswith("rule: ") and rest:
            rule = Rule(head[len("rule: "):])
            rule.reason = "\n".join(rest)
            rules.append(rule)
        else:
            raise Mistake(f"{path.name}:{number}: {head}")
    return rules, entries


def check(entries, sources):
    """What the list says that is not in the sources."""
    bad = []
    for (file, function, text), entry in entries.items():
        where = f"never.txt:{entry.number}:"
        if not (sources.top / file).is_file():
            bad.append(f"{where} no file {file}")
        elif text not in sources.function(file, function):
            bad.append(f"{where} not in {function}() of {file}: {text}")
    return bad
