# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of others as rows: built from Debian's sources as the tests do.

tests/foreign/recipes.py says how each is compiled, and makes the inputs; what
is run here is long enough to be timed.  Without the built programs the rows
are left out.
"""
import collections
import os
import sys

from benchlib import emulators

sys.path.insert(0, os.path.join(emulators.TOP, "tests", "foreign"))
import recipes  # noqa: E402

# recipe: the name of the program there.  inputs: name in the folder where it
# runs, and what makes it.  {bin} is the folder of the binaries.
Real = collections.namedtuple("Real", "name recipe args stdin inputs",
                              defaults=(None, {}))


def script(name):
    def make():
        path = os.path.join(emulators.TOP, "bench", "guest", name)
        with open(path, "rb") as f:
            return f.read()
    return make


def repeated(make, times):
    return lambda: make() * times


PROGRAMS = [
    Real("real_lua", "lua", ["{bin}/lua", "work.lua"],
         inputs={"work.lua": script("work.lua")}),
    Real("real_sqlite", "sqlite", ["{bin}/sqlite3", ":memory:"], "work.sql",
         {"work.sql": recipes.statements(times=4, error=False)}),
    Real("real_zlib", "zlib", ["{bin}/minigzip", "-6", "-c"], "text",
         {"text": recipes.text(5000000)}),
    Real("real_bzip2", "bzip2", ["{bin}/bzip2", "-9", "-c"], "text",
         {"text": recipes.text(2000000)}),
    Real("real_sha256", "sha256", ["{bin}/busybox", "sha256sum"], "text",
         {"text": repeated(recipes.text(1000000), 40)}),
    Real("real_regex", "gawk",
         ["{bin}/gawk", "/(a|e)[^o ]*t+h?(in|er)?$/ || "
          "/\\<(st?|h.)i+[rn]o?\\>.*(de|lu)+/ "
          "{ n++; gsub(/[aeiou]+[rst]/, \"<&>\"); k += length($0) } "
          "END { print n, k }", "text"], None,
         {"text": recipes.text(5000000)}),
    Real("real_compiler", "cc65",
         ["{bin}/bin/cc65", "-O", "-o", "/dev/stdout", "work.c"], None,
         {"work.c": recipes.functions(60)}),
]


def default_folder():
    return os.path.join(emulators.cache_folder(), "programs")


def command(program, folder):
    """What is run; None when it is not built."""
    place = os.path.join(folder, program.recipe)
    argv = [word.replace("{bin}", place) for word in program.args]
    built = os.path.exists(os.path.join(place, ".built"))
    return argv if built and os.access(argv[0], os.X_OK) else None


def prepare(program, build):
    """A folder with the inputs."""
    folder = os.path.join(build, program.name)
    os.makedirs(folder, exist_ok=True)
    for name, make in program.inputs.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(make())
    return folder


def how_to_build(programs, folder):
    names = " ".join(dict.fromkeys(p.recipe for p in programs))
    return (f"not built: {names}; "
            f"tests/foreign/programs.py --build --work {folder} {names}")
