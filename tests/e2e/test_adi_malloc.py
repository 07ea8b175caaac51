#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/adi-malloc: its demonstrations are stopped where they are wrong,
and a program that is right has no false report."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

ARGS = None
DEMOS = {"overflow": "store", "underflow": "load", "use_after_free": "load",
         "double_free": "load", "stale_pointer": "store"}


def run(name, *options, preload=True):
    """The result, and the report."""
    preloaded = [f"-ELD_PRELOAD={ARGS.build}/libadimalloc.so"] if preload \
        else []
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report")
        done = subprocess.run(
            [ARGS.adiemu, "run", "--report-format=json", f"--report={report}",
             *preloaded, *options, os.path.join(ARGS.build, name)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=300)
        with open(report, encoding="utf-8") as f:
            return done, json.load(f)


def line_of(demo):
    """The number of the line that is wrong."""
    path = os.path.join(ARGS.source, "demo", f"{demo}.c")
    with open(path, encoding="utf-8") as f:
        return [n for n, text in enumerate(f, 1) if "/* here */" in text]


class Demos(unittest.TestCase):
    def caught(self, demo, done, report):
        self.assertEqual(done.returncode, 128 + 11, done.stderr)
        self.assertEqual(done.stdout.count("nobody"), 0)
        self.assertIn("code SEGV_ADI", done.stderr)
        mismatch, = report["mismatches"]
        self.assertEqual(mismatch["access"], DEMOS[demo])
        lines = [code["line"] for frame in mismatch["stack"]
                 for code in frame["code"]
                 if os.path.basename(code["file"] or "") == f"{demo}.c"]
        self.assertEqual(lines[:1], line_of(demo), mismatch)

    def test_preload(self):
        for demo in DEMOS:
            with self.subTest(demo):
                self.caught(demo, *run(demo))

    def test_static(self):
        for demo in DEMOS:
            with self.subTest(demo):
                self.caught(demo, *run(f"{demo}.static", "--swap=64M",
                                       "--stress=swap:2000:1", preload=False))

    def test_without(self):
        """The C library's own heap sees two of them at most, and no tags."""
        for demo in DEMOS:
            with self.subTest(demo):
                _, report = run(demo, preload=False)
                self.assertEqual(report["counters"]["tag_stores"], 0)
                self.assertEqual(report["mismatches"], [])

    def test_no_tags(self):
        """A CPU without them: a heap like any other."""
        done, report = run("double_free", "--cpu=t4")
        self.assertEqual(done.returncode, 128 + 6)
        self.assertIn("adi-malloc: free: not a block: 0x", done.stderr)
        self.assertEqual(report["counters"]["tag_stores"], 0)
        done, _ = run("overflow.static", "--cpu=t4", preload=False)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "nobody has seen it\n"))


class Heap(unittest.TestCase):
    def right(self, name, *options, preload=True):
        done, report = run(name, "--check=path", *options, preload=preload)
        self.assertEqual((done.returncode, done.stdout), (0, "12000 blocks\n"),
                         done.stderr[-2000:])
        self.assertEqual(report["mismatches"], [])
        self.assertFalse(report["errors"])
        return report["counters"]

    def test_threads(self):
        self.assertGreater(self.right("heap")["tag_stores"], 10000)
        self.right("heap.static", "--schedule=random:3", preload=False)

    def test_pressure(self):
        counters = self.right("heap", "--ram=2M", "--swap=64M")
        self.assertGreater(counters["pages_swapped_out"], 0)
        self.assertGreater(counters["tags_restored"], 0)
        self.right("heap", "--stress=migrate:5000:2")

    def test_no_tags(self):
        self.assertEqual(self.right("heap", "--cpu=t4")["tag_stores"], 0)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--source", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)


if __name__ == "__main__":
    main()
