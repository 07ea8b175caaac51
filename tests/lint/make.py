#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Can make build it, too, not ninja alone?

  make.py TOP CMAKE [-DNAME=VALUE...]

ninja knows of each object how it is made; make only of those of the target
that it is in, so that a rule which names objects of others wants those targets
first.  Configures TOP for make, elsewhere, and looks at what it would do.  The
exit code is 1 when a target lacks another, 77 when there is no make.
"""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

OBJECT = re.compile(r"([\w./-]+)/CMakeFiles/([\w.-]+)\.dir/\S+\.o\b")
AFTER = re.compile(r"^(\S+\.dir)/all:(?: (\S+)/all)?$", re.MULTILINE)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def lacking(build):
    """Lines about targets that use objects of those that they do not await."""
    awaits = collections.defaultdict(set)
    for target, other in AFTER.findall(read(f"{build}/CMakeFiles/Makefile2")):
        awaits[target].add(other)
    if not awaits:
        sys.exit("make.py: Makefile2 reads as no Makefile2 did")
    for rules in glob.glob(f"{build}/**/build.make", recursive=True):
        target = os.path.relpath(os.path.dirname(rules), build)
        for folder, name in sorted(set(OBJECT.findall(read(rules)))):
            other = os.path.relpath(
                os.path.join(build, folder, f"CMakeFiles/{name}.dir"), build)
            if other not in awaits[target] | {target}:
                yield f"{target} has objects of {other}, and may be made first"


def main():
    top, cmake, *options = sys.argv[1:]
    if not shutil.which("make"):
        return 77
    with tempfile.TemporaryDirectory() as build:
        subprocess.run([cmake, "-G", "Unix Makefiles", "-S", top, "-B", build,
                        *options], check=True, stdout=subprocess.DEVNULL)
        lines = sorted(set(lacking(build)))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
