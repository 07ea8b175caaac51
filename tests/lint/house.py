#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What comments and documents say of the source tree, against the tree.

  house.py TOP BUILD

- "Used by:" at the head of a header names the folders or files above its own
  that include it, and none that do not; what is said of its own folder is so.
  Tests need no word.
- A path in README, CONTRIBUTING or docs/ is there.
- The picture of docs/design.md has the layers that there are.
- docs/design.md names the tables of mm/ops.h, which says how many they are.
- A group of emu/linux/syscalls.def is headed by the files of its handlers; no
  call of it is in callnames.def, too.
- The fuzzer of scripts knows the words of script/verbs.def; the one of system
  calls knows how to draw arguments of each that has some.
- A layer needs no symbol of a layer above it (nm, of the objects in BUILD).
- No struct but struct cpu has an engine, and no CPU is the only one: an engine
  is that of a task, or of a CPU that was given or found.
- What is not static is used by another file, if only by a test.
- A table of struct file_ops is static: only its own file asks for that kind.
  Each op says what the call gives without it.
- No function is longer than 60 lines.
- No folder of emu/linux/ has more than 15 files that are compiled.
- What begins with #! is executable.
- A source file begins with the licence that README.md says.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys

TOP, BUILD = map(pathlib.Path, sys.argv[1:3])
LAYERS = ("base", "event", "mm", "adi", "swap", "migrate", "judge", "print",
          "check", "script", "explore", "api", "emu", "cli")
bad = 0


def complain(where, why):
    global bad
    bad = 1
    print(f"{where}: {why}")


def sources(*patterns):
    return sorted(p for layer in LAYERS for pattern in patterns
                  for p in (TOP / layer).rglob(pattern))


def name(path):
    return str(path.relative_to(TOP))


# ------------------------------------------------------------------ Used by

EVERYONE = re.compile(r"\b(everyone|every layer|anyone|all)\b")
PLACE = re.compile(r"(?<!/)\b(?:[a-z_]+/)+(?:[a-z_0-9]+\.[ch])?|\b[a-z_0-9]+\.[ch]\b"
                   r"|\btests\b")


def covers(place, user, folder):
    """Does @place, a word of a header in @folder, mean the file @user?"""
    if place == "tests":
        return user.startswith("tests/")
    if place.endswith("/"):
        return user.startswith(place)
    if "/" in place:
        return user == place
    # A bare name: of this folder, or of one beside it in emu/linux/.
    return user == f"{folder}/{place}" or \
        folder.startswith("emu/linux") and user.startswith("emu/linux/") and \
        user.endswith("/" + place)


def check_used_by():
    files = sources("*.[ch]") + sorted((TOP / "tests").rglob("*.[ch]"))
    includes = {name(path): set(re.findall(r'^#include "(.*)"',
                                           path.read_text(), re.M))
                for path in files}
    users = collections.defaultdict(set)
    for user, headers in includes.items():
        for header in headers:
            users[header].add(user)
    for header in sources("*.h"):
        head = re.search(r"^ \* Used by:((?:.*)(?:\n \*  +.*)*)",
                         header.read_text(), re.M)
        if not head:
            continue
        words, folder, direct = head[1], name(header.parent), users[name(header)]
        every, todo = set(), list(direct)
        while todo:  # and by those of headers
            user = todo.pop()
            if user not in every:
                every.add(user)
                todo += users[user]
        places = PLACE.findall(words)
        for place in places:
            if "through" not in words and \
               not any(covers(place, user, folder) for user in every):
                complain(name(header), f"{place} does not use it")
        if EVERYONE.search(words):
            continue
        own = "emu/linux" if folder.startswith("emu/linux") else folder
        for user in sorted(direct):
            if not user.startswith(("tests/", own + "/")) and \
               not any(covers(place, user, folder) for place in places):
                complain(name(header), f"does not say that {user} uses it")


# ---------------------------------------------------------------- documents

def check_documents():
    tops = "|".join(LAYERS + ("tests", "bench", "docs", "cmake"))
    path = re.compile(rf"(?<![\w/.-])((?:{tops})/[\w/.-]*\w/?)")
    docs = [TOP / "README.md", TOP / "CONTRIBUTING.md",
            *sorted((TOP / "docs").glob("*"))]
    for doc in docs:
        for word in re.findall(r"`([^`\n]+)`", doc.read_text()):
            for place in path.findall(word):
                if re.search(r"[A-Z]{4}", place):
                    continue  # a name for many
                # A program is named without its suffix.
                if not any((TOP / (place + end)).exists() for end in ("", ".c")):
                    complain(name(doc), f"no {place}")


def check_picture():
    picture = re.search(r"(?:^    .*\n)+", (TOP / "docs/design.md").read_text(),
                        re.M)[0]
    shown = set(re.findall(r"[\w/]+", picture)) - {"v", "Unicorn"}
    for layer in shown ^ (set(LAYERS) - {"emu"} |
                          {"emu/gdb", "emu/linux", "emu/engine"}):
        complain("docs/design.md", f"the picture and the layers differ: {layer}")


def check_tables():
    header, design = "mm/ops.h", (TOP / "docs/design.md").read_text()
    text = (TOP / header).read_text()
    tables = re.findall(r"^struct (\w+_ops) \{", text, re.M)
    number = "zero one two three four five six seven eight".split()[len(tables)]
    if f"{number} tables" not in text or f"{number} tables" not in design:
        complain(header, f"has {number} tables, its head or docs/design.md not")
    for table in tables:
        if f"`{table}`" not in design:
            complain("docs/design.md", f"does not name {table}")


# -------------------------------------------------------------- syscalls.def

def check_syscalls():
    table = "emu/linux/syscalls.def"
    homes = {}
    for path in sorted((TOP / "emu/linux").rglob("*.c")):
        for call in re.findall(r"^[\w *]*\bsys_(\w+)\(", path.read_text(), re.M):
            homes[call] = path.name
    missing = set(re.findall(r"^CALL_NAME\(\d+, (\w+)\)",
                             (TOP / "emu/linux/callnames.def").read_text(), re.M))
    group = ()
    for line in (TOP / table).read_text().splitlines():
        head = re.fullmatch(r"/\* ((?:\w+\.c(?:, )?)+) \*/", line)
        row = re.match(r"SYSCALL\(\d+, (\w+),", line)
        if head:
            group = head[1].split(", ")
        elif row and homes.get(row[1]) not in group:
            complain(table, f"{row[1]} is of {homes.get(row[1], 'no file')}, "
                            f"not of {', '.join(group)}")
        if row and row[1] in missing:
            complain("emu/linux/callnames.def", f"{row[1]} is there now")


def check_verbs():
    known = (TOP / "tests/fuzz/script.dict").read_text()
    for word in re.findall(r'^VERB\(\w+, ("\w+")',
                           (TOP / "script/verbs.def").read_text(), re.M):
        if word not in known:
            complain("tests/fuzz/script.dict", f"does not have {word}")


def check_calls_of_fuzzer():
    text = (TOP / "tests/fuzz/guest/tune.def").read_text()
    known = set(re.findall(r"^(?:TUNE|AS_DRAWN)\((\w+)", text, re.M))
    for call, args in re.findall(r'^SYSCALL\(\d+, (\w+), "(.*)"\)',
                                 (TOP / "emu/linux/syscalls.def").read_text(),
                                 re.M):
        if args and call not in known:
            complain("tests/fuzz/guest/tune.def", f"does not have {call}")


# -------------------------------------------------------------------- layers

def below(layer):
    """The layers that @layer may call, as layers.sh has them."""
    text = (TOP / "tests/lint/layers.sh").read_text()
    row = re.search(rf"^ +{layer}\) +echo '(.*)' ;;", text, re.M)
    return set(row[1].split())


def layer_of(path):
    return "emu/engine" if path.startswith("emu/engine/") else path.split("/")[0]


def objects():
    """(object, source) of each layer."""
    for layer in LAYERS:
        for obj in sorted((BUILD / layer).rglob("*.c.o")):
            # An object is named from the folder of its CMakeLists.txt.
            folder, path = str(obj.relative_to(BUILD)).split("CMakeFiles/")
            source = folder + path.split(".dir/", 1)[1][:-2]
            if (TOP / source).is_file():
                yield str(obj), source
    for obj in sorted((BUILD / "CMakeFiles").rglob("*.c.o")):
        source = str(obj).split(".dir/", 1)[1][:-2]
        if source.split("/")[0] in LAYERS:
            yield str(obj), source


def check_objects():
    source_of = dict(objects())
    defined, wanted = {}, collections.defaultdict(set)
    if not source_of:
        complain("house.py", f"no objects in {BUILD}")
        return
    out = subprocess.run(["nm", "-A", "-P", *source_of], text=True, check=True,
                         capture_output=True).stdout
    for line in out.splitlines():
        obj, symbol, kind = line.split()[:3]
        source = source_of[obj.removesuffix(":")]
        if kind == "U":
            wanted[source].add(symbol)
        elif kind.isupper():
            defined[symbol] = source
    elsewhere = "".join(p.read_text()
                        for p in sorted((TOP / "tests").rglob("*.c")))
    used = set().union(*wanted.values()) | set(re.findall(r"\w+", elsewhere))
    for symbol, source in sorted(defined.items()):
        # The linker gives these to the archive and to the system.
        if symbol not in used and symbol != "main" and \
           not symbol.startswith("__wrap_") and \
           source != "emu/engine/targets.c":
            complain(source, f"{symbol} is used by no other file")
    for source, symbols in sorted(wanted.items()):
        may = below(layer_of(source))
        for symbol in sorted(symbols):
            home = defined.get(symbol)
            if home and not may & {layer_of(home), home.split("/")[0]}:
                complain(source, f"needs {symbol}() of {home}")


# -------------------------------------------------------------------- engines

def check_engines():
    for path in sorted((TOP / "emu").rglob("*.[ch]")):
        where, text = name(path), path.read_text()
        if where.startswith("emu/engine/") or where == "emu/cpu.h":
            continue
        for owner in re.findall(r"(\S+)(?:->|\.)engine\b(?!/)", text):
            if not re.search(r"\b((this_)?cpu|cpus\[\w+\])$", owner):
                complain(where, f"{owner} has an engine, and is no CPU")
        if path.suffix == ".h" and re.search(r"^ +struct engine \*\w+;", text, re.M):
            complain(where, "has an engine: that is for struct cpu")
        if re.search(r"\bcpus\[0\]", text) and where != "emu/machine.c":
            complain(where, "the first CPU is not the only one")


# ------------------------------------------------------------- kinds of files

def check_file_kinds():
    for path in sources("*.[ch]"):
        for line in path.read_text().splitlines():
            if re.match(r"(?!static )(\w+ )*const struct file_ops \w+ *(=|;)", line):
                complain(name(path), "a table of a kind of file is not static:"
                         " others could ask whether a file is one")
    header = "emu/linux/fs/file_ops.h"
    ops = re.search(r"^struct file_ops \{\n(.*?)^\};", (TOP / header).read_text(),
                    re.M | re.S)[1]
    for group in ops.split("\n\n"):
        if "NULL: " not in group:
            complain(header, "does not say what it means that this is NULL: "
                     + ", ".join(re.findall(r"\(\*(\w+)\)", group)))
    for path in sources("*.c"):
        if name(path) not in ("emu/linux/fs/files.c", "emu/linux/fs/host_file.c") \
           and "host_file_ops" in path.read_text():
            complain(name(path), "asks whether a file is the host's")


# ----------------------------------------------------------------- functions

MAX_LINES = 60


def check_functions():
    for path in sources("*.c"):
        start = 0
        for nr, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                start = nr
            elif line == "}" and start and nr - start - 1 > MAX_LINES:
                complain(f"{name(path)}:{start}",
                         f"a function of {nr - start - 1} lines")


# ------------------------------------------------------------------- folders

MAX_FILES = 15


def check_folders():
    for folder in (TOP / "emu/linux").rglob("*/"):
        files = len(list(folder.glob("*.c")))
        if files > MAX_FILES:
            complain(name(folder) + "/", f"has {files} files")


# --------------------------------------------------------- scripts, licences

SOURCE = re.compile(r"\.([chS1]|def|cmake|in|py|sh|bash|js|css|html)$"
                    r"|/_adiemu$|CMakeLists\.txt$")


def check_heads():
    licence = re.search(r"^([\w.-]+); see \[LICENSE\]",
                        (TOP / "README.md").read_text(), re.M)[1]
    # Second, where the first line is for who runs the file.
    head = re.compile(rf"([#<'.].*\n)?\W+ SPDX-License-Identifier: {licence}\b"
                      .encode())
    for folder, below_it, files in os.walk(TOP):
        if folder == str(TOP):
            below_it[:] = set(below_it) - {"build", ".git"}
        below_it[:] = set(below_it) - {"__pycache__"}
        for path in (pathlib.Path(folder) / f for f in files):
            with open(path, "rb") as f:
                start = f.read(200)
            script = start.startswith(b"#!/")
            if script and not os.access(path, os.X_OK):
                complain(name(path), "begins with #! and is not executable")
            if (script or SOURCE.search(name(path))) and not head.match(start):
                complain(name(path), f"does not begin with the licence, {licence}")


check_used_by()
check_documents()
check_picture()
check_tables()
check_syscalls()
check_verbs()
check_calls_of_fuzzer()
check_objects()
check_engines()
check_file_kinds()
check_functions()
check_folders()
check_heads()
sys.exit(bad)
