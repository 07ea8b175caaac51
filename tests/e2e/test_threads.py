#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The turns of threads: each seed has its own, and always the same.

The program is tests/guest/host/race.c: two threads that count without a lock.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import unittest

ARGS = None
RIGHT = "4000 of 4000\n"


def run(*options):
    return subprocess.run([ARGS.adiemu, "run", *options, ARGS.guest],
                          capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)


class Threads(unittest.TestCase):
    def outputs(self, *schedules):
        return [run("-q", *s.split()).stdout for s in schedules]

    def test_long_turns(self):
        """Nothing is lost while each thread ends within its turn."""
        self.assertEqual(self.outputs("--schedule=rr"), [RIGHT])

    def test_random(self):
        """A turn ends between a load and its store."""
        out = self.outputs(*(f"--schedule=random:{n} --quantum=100"
                             for n in range(5)))
        self.assertTrue(all(o != RIGHT for o in out), out)
        self.assertEqual(len(set(out)), 5, out)

    def test_pct(self):
        """One change of priority at the right place is enough."""
        out = self.outputs(*(f"--schedule=pct:{n}" for n in range(30)))
        wrong = sum(o != RIGHT for o in out)
        self.assertGreater(wrong, 3, out)
        self.assertGreater(30 - wrong, 3, out)

    def test_repeated(self):
        """The same options: the same run, byte for byte."""
        for schedule in ("rr", "random:3", "pct:3:9"):
            runs = []
            for _ in range(2):
                with tempfile.TemporaryDirectory() as d:
                    path = os.path.join(d, "report")
                    done = run(f"--schedule={schedule}", "--quantum=300",
                               "--swap=64M", "--stress=swap:1000:5",
                               "--log=all:debug", "--history=2000",
                               "--report-format=json", f"--report={path}")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    with open(path, encoding="utf-8") as f:
                        report = f.read().replace(d, "")
                    runs.append((done.stdout, done.stderr.replace(d, ""),
                                 report))
            self.assertEqual(runs[0], runs[1], schedule)


def main():
    global ARGS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
