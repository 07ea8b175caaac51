#!/usr/bin/env python3
"""adiemu compare: one program under every profile.

The guest is adi/b2_fork: under linux-5.17 and linux-6.2 its child loses the
tags of a page that was swapped out before the fork, under the others not.
"""
import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

ARGS = None
LOSES = {"linux-5.17", "linux-6.2"}
KEEPS = {"remap", "swap-keyed", "swap-keyed-5.18"}
MACHINE = ["--ram=4M", "--swap=64M", "-E", "CASE=child"]


def adiemu(*arguments):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=120)


def compare(*arguments, machine=MACHINE):
    return adiemu("compare", *arguments, *machine, ARGS.guest)


class Matrix(unittest.TestCase):
    def rows(self, done):
        self.assertEqual(done.stderr, "")
        table = list(csv.reader(io.StringIO(done.stdout)))
        names = table[0][2:]
        return {(row[0], row[1]): dict(zip(names, row[2:]))
                for row in table[1:]}

    def test_csv_says_who_loses(self):
        done = compare("--format=csv")
        self.assertEqual(done.returncode, 0)
        rows = self.rows(done)
        lost = rows["whole run", "lost pages"]
        self.assertEqual(set(lost), LOSES | KEEPS)
        for name in lost:
            loses = name in LOSES
            self.assertEqual(lost[name], "1" if loses else "0", name)
            self.assertEqual(rows["swap-in", "lost pages"][name], lost[name])
            self.assertEqual(rows["whole run", "verdict"][name],
                             "ERRORS" if loses else "clean", name)
            self.assertEqual(rows["whole run", "output"][name],
                             "differs" if loses else "same", name)
            self.assertEqual(rows["whole run", "exit status"][name], "0")
        self.assertEqual(rows["fork", "shared"]["remap"], "1")
        self.assertEqual(rows["fork", "shared"]["linux-6.2"], "0")

    def test_exit_status_is_of_the_named_profile(self):
        for name in ("linux-6.2", "linux-5.17", "swap-keyed", "remap"):
            done = compare("--kernel", name, "--format", "csv")
            self.assertEqual(done.returncode, int(name in LOSES), name)

    def test_json_holds_the_reports(self):
        whole = json.loads(compare("--format=json", "--jobs=1").stdout)
        self.assertEqual(set(whole["reports"]), LOSES | KEEPS)
        for name, report in whole["reports"].items():
            self.assertEqual(report["profile"], name)
            self.assertEqual(report["errors"], name in LOSES)
        saved = [r for r in whole["matrix"]
                 if r["path"] == "swap-out" and r["row"] == "saved"]
        self.assertEqual(saved[0]["values"]["linux-6.2"], 1)

    def test_text_lines_up(self):
        lines = compare().stdout.splitlines()
        self.assertTrue(LOSES | KEEPS <= set(lines[0].split()))
        self.assertIn("swap-out", lines)
        widths = {len(l) for l in lines if l.startswith("  ")}
        self.assertEqual(widths, {len(lines[0])})

    def test_two_dashes_end_the_options(self):
        plain = compare("--format=csv")
        dashes = compare("--format=csv", machine=MACHINE + ["--"])
        self.assertEqual(dashes.returncode, 0)
        self.assertEqual(self.steady(plain), self.steady(dashes))

    def steady(self, done):
        """What does not change from run to run."""
        return {name: row for name, row in self.rows(done).items()
                if "ns" not in name[1]}

    def test_one_swap_file_is_used_in_turn(self):
        with tempfile.TemporaryDirectory() as d:
            machine = ["--ram=4M", "--swap=16M:" + os.path.join(d, "swap"),
                       "-E", "CASE=child"]
            done = compare("--format=csv", "--jobs=4", machine=machine)
        rows = self.rows(done)
        self.assertEqual(rows["whole run", "lost pages"]["linux-6.2"], "1")
        self.assertEqual(rows["whole run", "lost pages"]["remap"], "0")


class Refused(unittest.TestCase):
    def wrong(self, text, *arguments):
        done = adiemu("compare", *arguments)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_options(self):
        self.wrong("neither text, json nor csv", "--format=xml", ARGS.guest)
        self.wrong("no such profile", "--kernel=vms", ARGS.guest)
        self.wrong("from 1 to", "--jobs=0", ARGS.guest)
        self.wrong("not a size", "--ram=lots", ARGS.guest)
        self.wrong("no program", "--format=csv")
        self.wrong("for adiemu run", "--report=r", ARGS.guest)
        self.wrong("for adiemu run", "--error-exitcode=3", ARGS.guest)

    def test_program(self):
        done = adiemu("compare", "/nonexistent/prog")
        self.assertEqual(done.returncode, 127)
        self.assertIn("/nonexistent/prog", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_help(self):
        done = adiemu("compare", "--help")
        self.assertIn("--format", done.stdout)
        self.assertIn("--stress", done.stdout)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
