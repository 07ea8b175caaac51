#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors with one cause are one record, in the text and in JSON.

The guest adi/one_cause moves a thousand pages that are in swap by one mremap;
linux-6.2 loses the tags of each.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ARGS = None
LOST = ["--swap=64M", "--kernel=linux-6.2"]
# One cause, which strikes by three lines of the script.
SCRIPT = """\
mmap 0x70000000+4 rw adi
tag 0x70000000+4 5
swapout 0x70000000+4
mremap 0x70000000 0x90000000
mremap 0x70002000+2 0x90002000
mremap 0x70006000 0x90006000
read 0x90000000
read 0x90002000
read 0x90004000
read 0x90006000
"""


def adiemu(*arguments, code=0):
    done = subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == code, (done.returncode, done.stderr)
    return done.stderr


def guest(name):
    return os.path.join(ARGS.guests, name)


def records(text):
    """The parts of a report that are records: lists of lines."""
    lines = [line.removeprefix("==adiemu==").strip()
             for line in text.splitlines()]
    parts = [part.split("\n") for part in "\n".join(lines).split("\n\n")]
    return [p for p in parts if re.search(r" record \d+ of \d+$", p[0])]


class Text(unittest.TestCase):
    def test_a_thousand_pages_are_one_record(self):
        text = adiemu("run", *LOST, guest("one_cause"))
        leak, pages = records(text)
        self.assertRegex(leak[0], r"^65,536 bytes in 1 allocation definitely "
                         r"leaked, loss record 1 of 1$")
        self.assertEqual(pages[0], "Tags lost 1,000 times, page record 1 of 1")
        self.assertEqual(pages[1],
                         "mm 1, VA 0x90000000-0x907d0000, 1,000 pages")
        self.assertRegex(pages[2], r"^because move_ptes\(\) calls no hook: ")
        self.assertEqual(pages[3], "the first:")
        first = [n for n, line in enumerate(pages)
                 if "128 of 128 blocks differ" in line]
        self.assertEqual(len(first), 3)
        self.assertIn("VA 0x90000000:", pages[first[0]])
        self.assertIn("history of the page:", pages)
        self.assertEqual(pages[-1], "and 997 more; --verbose-pages has them")
        self.assertLess(len(text.splitlines()), 60)
        self.assertIn("TAG SUMMARY: 1,000 pages lost, 0 stale", text)
        self.assertIn("ERROR SUMMARY: 1,001 errors from 2 contexts", text)

    def test_verbose_has_all(self):
        text = adiemu("run", "--verbose-pages", *LOST, guest("one_cause"))
        _, pages = records(text)
        self.assertEqual(pages[3], "one by one:")
        for what in ("128 of 128 blocks differ", "seen at swap-in",
                     "history of the page:", ": mremap,"):
            self.assertEqual(sum(what in line for line in pages), 1000, what)
        self.assertNotIn("more;", text)

    def test_each_counts_for_the_exit_code(self):
        adiemu("run", "-q", "--error-exitcode=3", *LOST, guest("one_cause"),
               code=3)


class Reachable(unittest.TestCase):
    def test_says_when_it_was_judged(self):
        """The page is in swap when the process exits."""
        text = adiemu("run", "--show-reachable", "-E", "CASE=reachable",
                      *LOST, guest("b1_zap"))
        leak, = records(text)
        self.assertIn("still reachable, loss record 1 of 1", leak[0])
        self.assertRegex(leak[-1], r"^judged at exit, before exit_mmap\(\) "
                         r"unmaps the areas, event \d+, pid 1000")
        self.assertIn("still reachable: 65,536 bytes in 1 allocation, at "
                      "exit, before the areas are unmapped", text)
        self.assertIn("ERROR SUMMARY: 0 errors from 0 contexts", text)

    def test_copy_of_a_slot(self):
        """Of no mm.  Slots become free in batches: this one not yet."""
        text = adiemu("run", "--show-reachable", "-E", "CASE=reachable",
                      "--swap=64M", "--kernel=swap-keyed", guest("b1_zap"))
        leak, = records(text)
        self.assertRegex(leak[-1], r"^judged after the last exit, as "
                         r"its slot is not free yet, event \d+, pid 1000")


class Script(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def script(self, text, *options, code=0):
        with open(self.path("s.events"), "w", encoding="utf-8") as f:
            f.write(text)
        return adiemu("script", *LOST, *options, self.path("s.events"),
                      code=code)

    def json(self, text, *options):
        self.script(text, "--report-format=json",
                    "--report=" + self.path("r.json"), *options)
        with open(self.path("r.json"), encoding="utf-8") as f:
            return json.load(f)

    def test_places_of_one_cause(self):
        report = self.json(SCRIPT)
        self.assertEqual(report["schema"], 2)
        lost, = [r for r in report["records"] if r["list"] == "pages"]
        self.assertEqual((lost["kind"], lost["count"]), ("lost", 4))
        self.assertEqual(lost["cause"]["function"], "move_ptes")
        self.assertEqual([(p["first"]["script_line"], p["count"])
                          for p in lost["places"]], [(4, 1), (5, 2), (6, 1)])
        pages = records(self.script(SCRIPT))[-1]
        self.assertEqual(pages[3:5], ["and 2 times, by line 5 of the events",
                                      "and 1 time, by line 6 of the events"])

    def test_limit_of_mismatches(self):
        text = ("mmap 0x70000000 rw adi\ntag 0x70000000 5\n"
                "read 0x70000000 tag 3\nread 0x70000040 tag 3\n")
        said = self.script(text)
        self.assertEqual(len(records(said)), 2)
        self.assertIn("at line 3 of the events", records(said)[0])
        said = self.script(text, "--mismatch=first", "--log=all:off")
        self.assertEqual(len(records(said)), 1)
        self.assertIn("1 tag mismatch more; --mismatch=all has them", said)
        self.assertIn("2 errors from 1 context", said)

    def test_refused_save_and_mismatch_are_said(self):
        """When they happen: --log=tags:info."""
        said = self.script("mmap 0x70000000 rw adi\ntag 0x70000000 5\n"
                           "read 0x70000000 tag 3\nfail tagstore 1\n"
                           "swapout 0x70000000\n", "--log=tags:info")
        self.assertRegex(said, r"(?m)^tags info mismatch load mm=1 va=0x3")
        self.assertRegex(said, r"(?m)^tags info event=\d+ save-failed "
                         r"path=swap-out mm=1 va=0x70000000")

    def test_ranges_with_holes(self):
        """Every second page of sixteen: eight ranges, four in the text."""
        odd = [hex(0x70000000 + 0x4000 * i) for i in range(8)]
        text = ("mmap 0x70000000+16 rw adi\ntag 0x70000000+16 5\n"
                "swapout 0x70000000+16\nmremap 0x70000000+16 0x90000000\n" +
                "".join(f"read {hex(int(va, 16) + 0x20000000)}\n"
                        for va in odd) +
                "munmap 0x90000000+16\n")
        pages = records(self.script(text))[-1]
        self.assertEqual(pages[0], "Tags lost 8 times, page record 1 of 1")
        self.assertEqual(pages[4], "mm 1, VA 0x9000c000-0x9000e000, 1 page")
        self.assertEqual(pages[5], "and 4 ranges more; --verbose-pages has "
                         "them")
        report = self.json(text)
        record = report["records"][-1]
        self.assertEqual(len(record["ranges"]), 8)
        self.assertEqual(record["count"], 8)
        self.assertEqual(record["listed"], 3)
        self.assertEqual(len(self.json(text, "--verbose-pages")["pages"]), 8)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guests", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
