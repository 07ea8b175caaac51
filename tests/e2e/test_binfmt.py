#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu binfmt: in a user namespace, whose binfmt_misc is its own.

The program is tests/guest/host/words.c.
"""
import argparse
import os
import re
import subprocess
import sys
import unittest

ARGS = None
FOLDER = "/proc/sys/fs/binfmt_misc"


def run(*arguments):
    return subprocess.run([ARGS.adiemu, "binfmt", *arguments],
                          capture_output=True, text=True, timeout=60)


def inside(script, mount=True):
    """A shell in a namespace; $A is adiemu, $G the program."""
    if mount:
        script = f"mount -t binfmt_misc b {FOLDER} || exit 99\n" + script
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "A": os.path.abspath(ARGS.adiemu),
             "G": os.path.abspath(ARGS.guest)})


class Line(unittest.TestCase):
    def test_line(self):
        done = run()
        self.assertEqual(done.stdout, run("--print").stdout)
        fields = done.stdout.rstrip("\n").split(done.stdout[0])
        self.assertEqual(fields[1:4], ["adiemu-sparc64", "M", ""])
        self.assertEqual(fields[6], os.path.realpath(ARGS.adiemu))
        self.assertRegex(fields[7], "^FP?$")

        def bytes_of(field):
            return bytes(int(m[1], 16) if m[1] else ord(m[0])
                         for m in re.finditer(r"\\x(..)|.", field))
        magic, mask = map(bytes_of, fields[4:6])
        self.assertEqual(len(magic), len(mask))
        with open(ARGS.guest, "rb") as f:
            head = f.read(len(magic))
        for kind in 2, 3:
            elf = head[:17] + bytes([kind]) + head[18:]
            self.assertEqual(bytes(a & b for a, b in zip(elf, mask)),
                             bytes(a & b for a, b in zip(magic, mask)))
        with open(sys.executable, "rb") as f:
            other = f.read(len(magic))
        self.assertNotEqual(bytes(a & b for a, b in zip(other, mask)), magic)

    def test_wrong_words(self):
        self.assertEqual(run("--what").returncode, 64)
        done = run("x")
        self.assertEqual(done.returncode, 64)
        self.assertIn("x: it takes no argument", done.stderr)


class Kernel(unittest.TestCase):
    def setUp(self):
        if inside("true").returncode != 0:
            self.skipTest("no binfmt_misc in a namespace here")

    def test_not_mounted(self):
        done = inside(f"umount {FOLDER}; $A binfmt --register")
        self.assertEqual(done.returncode, 74)
        self.assertIn("binfmt_misc is not mounted: mount -t", done.stderr)

    def test_register_run_and_unregister(self):
        done = inside("""
            $A binfmt --register && $A binfmt --register; echo $?
            cd "$(dirname "$G")" && ./words a "two words" "" --strace
            echo "= $?"
            bash -c 'exec -a "other name" ./words -q'
            echo "= $?"
            $A binfmt --unregister && $A binfmt --unregister; echo $?
            ./words || echo gone
            """)
        self.assertEqual(done.stdout.splitlines(), [
            "74", "[./words]", "[a]", "[two words]", "[]", "[--strace]", "= 5",
            "[other name]", "[-q]", "= 2", "74", "gone"], done.stderr)
        self.assertIn("is there already; --unregister it", done.stderr)
        self.assertIn("there is no ", done.stderr)
        self.assertNotIn("==adiemu==", done.stderr)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
