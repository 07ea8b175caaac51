#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two profiles more, added to adi/profile.c as a newcomer would.

  scratch_profile.py PROFILE.C OUTPUT

"scratch" is "remap" without its hook of fork and says that it has B2;
"scratch-denies" is the same and does not say so.
"""
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text()
remap = re.search(r'^    \{\n        \.name = "remap",.*?^    \},\n', text,
                  re.M | re.S)[0]


def changed(pattern, to, initialiser):
    result, times = re.subn(pattern, to, initialiser)
    assert times == 1, pattern
    return result


denies = changed(r" *\[HOOK_FORK_SWAP\] = .*\n", "", remap)
denies = changed(r'\.summary = ".*"', '.summary = "as remap, but fork forgets"',
                 denies)
denies = changed('"remap"', '"scratch-denies"', denies)
honest = changed("scratch-denies", "scratch", denies)
honest = changed(r"\.bugs = (.*),\n", r".bugs = \1 | BUG(2),\n", honest)

head, table, rest = text.partition("static const struct adi_profile profiles")
at = rest.index("\n};\n") + 1
pathlib.Path(sys.argv[2]).write_text(head + table + rest[:at] + honest + denies
                                     + rest[at:])
