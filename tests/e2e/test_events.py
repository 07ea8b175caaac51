#!/usr/bin/env python3
"""Event scripts of adiemu run: the command line, and docs/events.md.

What the document shows is run: its example, each action and each trigger of
its tables, and its errors, word for word.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import unittest

ARGS = None

# One line for each action of the table, on a program that has these pages.
ACTIONS = {
    "swapout": ["swapout all", "swapout pid 1 0x70000000+2"],
    "migrate": ["migrate all node 0", "migrate 0x70000000+2"],
    "swapoff": ["swapoff /dev/adi0"],
    "swapon": ["swapon /dev/adi0", "swapon /dev/adi0 pri 3"],
    "fail": ["fail tagstore 1", "fail swapread 1", "fail swapwrite 1"],
    "check": ["check"],
    "mmap": ["mmap 0x70000000+4 rw adi private",
             "mmap 0x70000000+4 rw adi shared shmem 1 from 2"],
    "munmap": ["munmap 0x70000000"],
    "mprotect": ["mprotect 0x70000000+4 rw adi"],
    "mremap": ["mremap 0x70000000+4 0x78000000"],
    "madvise": ["madvise 0x70000000 dontneed"],
    "mlock": ["mlock 0x70000000", "mlock 0x70000000 onfault"],
    "munlock": ["munlock 0x70000000"],
    "reclaim": ["reclaim 1"],
    "truncate": ["truncate 0x74000010", "truncate file 1 8192"],
    "punch": ["punch 0x74000000", "punch file 1 0+2"],
    "sync": ["sync 0x74000000", "sync file 1"],
    "tag": ["tag 0x70000000+4 5", "tag 0x70000000 6 at 127"],
    "write": ["write 0x70000000 7"],
    "read": ["read 0x70000000 expect 7"],
    "pin": ["pin 0x70000000"],
    "unpin": ["unpin 0x70000000"],
}
WITHOUT_PROGRAM = {"fork", "exit"}

TRIGGERS = ["at start", "after insn 1000", "at syscall write",
            "before fault anon", "when fault file 1", "after fault cow pid 1",
            "before fault swapin", "when fault migration",
            "at exit"]


def run_script(text, *options):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run(
            [ARGS.adiemu, "run", "-q", "--swap=1M", f"--events={path}",
             *options, ARGS.guest],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=60)
    return done, done.stderr.replace(path, "FILE")


def blocks():
    """The indented blocks of the document, each without its indent."""
    with open(ARGS.doc, encoding="utf-8") as f:
        text = f.read()
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M)
    return ["".join(line[4:] + "\n" for line in b.strip("\n").split("\n"))
            for b in found]


def table_words(doc, heading):
    """Words in backquotes that begin a row of the table after a heading."""
    part = doc.split(heading, 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (.*?) \|", part, re.M)
    return {w.split()[0] for row in rows for w in re.findall(r"`([^`]+)`", row)}


class Document(unittest.TestCase):
    def setUp(self):
        with open(ARGS.doc, encoding="utf-8") as f:
            self.doc = f.read()

    def test_the_example_runs(self):
        done, err = run_script(blocks()[0])
        self.assertEqual(done.returncode, 3, err)
        self.assertNotIn("FILE:", err)

    def test_the_errors_are_those_shown(self):
        shown = blocks()
        at = next(i for i, b in enumerate(shown) if b.startswith("FILE:1:1:"))
        done, err = run_script(shown[at + 1])
        self.assertEqual(done.returncode, 64)
        self.assertEqual(err, shown[at])
        self.assertEqual(done.stdout, "")

    def test_each_action_is_run(self):
        words = table_words(self.doc, "## What\n")
        self.assertEqual(words, set(ACTIONS) | WITHOUT_PROGRAM)
        for word in WITHOUT_PROGRAM:
            done, err = run_script(f"{word} as 2\n")
            self.assertEqual(done.returncode, 64)
            self.assertIn("only the program itself", err)
        setup = "mmap 0x70000000+4 rw adi\ntag 0x70000000+4 5\n"
        for word, lines in ACTIONS.items():
            for line in lines:
                with self.subTest(line=line):
                    before = setup
                    if word == "swapon":
                        before += "swapoff /dev/adi0\n"
                    if line.endswith("expect 7"):
                        before += "write 0x70000000 7\n"
                    if word in ("truncate", "punch", "sync"):
                        before += "mmap 0x74000000+2 rw shared file 1\n"
                    if word == "unpin":
                        before += "pin 0x70000000\n"
                    done, err = run_script(before + line + "\n",
                                           "--log=event:info")
                    self.assertEqual(done.returncode, 3, err)
                    self.assertIn(f'action="{line}"', err)
                    self.assertNotIn("event warn", err)

    def test_each_trigger_is_run(self):
        for trigger in TRIGGERS:
            with self.subTest(trigger=trigger):
                done, err = run_script("swapout all\n" + trigger + ": check\n",
                                       "--log=event:info")
                self.assertEqual(done.returncode, 3, err)
                self.assertEqual('line=2' in err, "migration" not in trigger)


class CommandLine(unittest.TestCase):
    def test_ten_errors_are_listed(self):
        done, err = run_script("x\n" * 12)
        self.assertEqual(done.returncode, 64)
        lines = err.splitlines()
        self.assertEqual(len(lines), 11)
        self.assertTrue(lines[9].startswith("FILE:10:1: "))
        self.assertEqual(lines[10], "FILE: 2 more errors")

    def test_a_missing_file_is_a_wrong_option(self):
        done = subprocess.run(
            [ARGS.adiemu, "run", "--events=/nonexistent/e", ARGS.guest],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--events=/nonexistent/e: No such file", done.stderr)

    def test_a_directory_is_a_wrong_option(self):
        done = subprocess.run(
            [ARGS.adiemu, "run", "--events=/", ARGS.guest],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--events=/: Is a directory", done.stderr)

    def test_an_empty_file_is_a_script(self):
        done, err = run_script("")
        self.assertEqual((done.returncode, err), (3, ""))

    def test_an_action_without_effect_is_a_warning(self):
        done, err = run_script("swapout 0x70000000\nswapoff /dev/adi5\n")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(
            err, 'event warn line=1 insn=0 action="swapout 0x70000000" done=0 '
                 'found=0 result=0\n'
                 'event warn line=2 insn=0 action="swapoff /dev/adi5" done=0 '
                 'found=0 result=ENOENT\n')

    def test_two_runs_are_the_same(self):
        script = ("after insn 20000: swapout all\n"
                  "after insn 40000: migrate all\n"
                  "after fault swapin: check\n")
        runs = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as d:
                report = os.path.join(d, "report")
                _, err = run_script(script, f"--report={report}",
                                    "--log=event:info")
                with open(report, encoding="utf-8") as f:
                    runs.append((err, f.read()))
        self.assertEqual(runs[0], runs[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--doc", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
