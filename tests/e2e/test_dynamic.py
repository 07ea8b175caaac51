#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamically linked programs: libraries, and where they are found.

The program is tests/guest/dl/dl.c; what it prints must be what it prints under
qemu-sparc64 with the same -L.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

ARGS = None


def run(command, **variables):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("LD_", "ADIEMU_", "QEMU_"))}
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, env={**env, **variables})


def guest(name):
    return os.path.join(ARGS.guests, name)


class Dynamic(unittest.TestCase):
    def adiemu(self, *arguments, **variables):
        return run([ARGS.adiemu, "run", "-q", *arguments], **variables)

    def both(self, *options):
        """The same output and exit code under both; the output."""
        program = [guest("dl"), guest("plugin.so")]
        here = self.adiemu("-L", ARGS.sysroot, *options, *program)
        there = run([ARGS.qemu, "-L", ARGS.sysroot, *options, *program])
        self.assertEqual(here.stdout, there.stdout, here.stderr)
        self.assertEqual(here.returncode, there.returncode)
        return here.stdout

    def test_library(self):
        out = self.both()
        self.assertIn("41 42\n", out)
        self.assertIn("child 43, mine 8\n", out)
        self.assertIn("plugin goes after 42 calls\n", out)
        self.assertIn("libnowhere.so: cannot open shared object file", out)

    def test_binding(self):
        """At once, instead of at the first call."""
        self.assertEqual(self.both("-E", "LD_BIND_NOW=1"), self.both())

    def test_preload(self):
        out = self.both("-E", f"LD_PRELOAD={guest('preload.so')}")
        self.assertIn("abs 1003 1004,", out)

    def test_library_path(self):
        program = [guest("dl"), "plugin.so"]
        done = self.adiemu(*program)
        self.assertEqual(done.returncode, 1)
        self.assertIn("plugin.so: cannot open", done.stdout)
        done = self.adiemu("-E", f"LD_LIBRARY_PATH={ARGS.guests}", *program)
        self.assertEqual(done.returncode, 8, done.stdout)

    def test_swapped_out(self):
        for options in (["--swap=64M", "--stress=swap:3000:5"],
                        ["--stress=migrate:3000:5"], ["--stress=wait:1"]):
            done = self.adiemu("--check=path", *options, guest("dl"),
                               guest("plugin.so"))
            self.assertEqual(done.stdout, self.both(), done.stderr)

    def test_frames(self):
        """Functions of a library have their names, and say where they are."""
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "r.json")
            done = self.adiemu(f"--report={path}", "--report-format=json",
                               guest("dl"), guest("plugin.so"), "peek")
            self.assertEqual(done.returncode, 139, done.stderr)
            with open(path, encoding="utf-8") as f:
                mismatch, = json.load(f)["mismatches"]
        names = [frame["code"][0] for frame in mismatch["stack"]]
        self.assertEqual(
            [(n["function"], n["library"]) for n in names[:3]],
            [("plugin_peek", "plugin.so"), ("mismatch", None), ("main", None)])
        self.assertEqual(names[3]["library"], "libc.so.6")
        done = self.adiemu(guest("dl"), guest("plugin.so"), "peek")
        self.assertRegex(done.stderr, r"at 0x[0-9a-f]+: plugin_peek "
                                      r"\((plugin\.c:\d+|in plugin\.so)\)\n")

    def test_sysroot(self):
        program = [guest("dl"), guest("plugin.so")]
        for options, variables, code, text in (
                (["-L", ARGS.sysroot], {}, 8, ""),
                ([], {"ADIEMU_LD_PREFIX": ARGS.sysroot}, 8, ""),
                (["-L", ""], {}, 127, "its interpreter /lib64/ld-linux.so.2: "
                                      "No such file or directory; -L says"),
                ([], {"ADIEMU_LD_PREFIX": "/usr/include"}, 127, "; -L says"),
                (["-L", "/nonexistent"], {}, 74,
                 "adiemu: /nonexistent: No such file or directory"),
                (["-L", ARGS.adiemu], {}, 74, "Not a directory")):
            with self.subTest(options=options, variables=variables):
                done = self.adiemu(*options, *program, **variables)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(text, done.stderr)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    for name in ("--adiemu", "--guests", "--qemu", "--sysroot"):
        parser.add_argument(name, required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
