#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--strace: what it prints of a program, against what strace(1) does.

The program is tests/guest/host/traced.c, for SPARC64 and for this machine.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ARGS = None

# Another name for the same call.
NAMES = {"fstatat64": "newfstatat", "stat64": "stat"}


def normal(line):
    """Without what differs by machine and not by who prints it."""
    line = re.sub(r"^(\w+)", lambda m: NAMES.get(m[1], m[1]), line)
    line = re.sub(r"\)\s+= ", ") = ", line)
    # The restorer is an argument of SPARC's, and a field of this machine's.
    line = re.sub(r", 0x[0-9a-f]+, 8\) = ", ", 8) = ", line) \
        if line.startswith("rt_sigaction") else line
    line = re.sub(r"SA_RESTORER\|?", "", line)
    line = re.sub(r", sa_restorer=0x[0-9a-f]+", "", line)
    line = re.sub(r"sa_flags=[0,}]*", "sa_flags=", line)
    # Flags are in the order of their numbers.
    line = re.sub(r"\b[A-Z]+_\w+(\|[A-Z]+_\w+)+",
                  lambda m: "|".join(sorted(m[0].split("|"))), line)
    line = re.sub(r"0x[0-9a-f]{4,}", "ADDRESS", line)
    line = re.sub(r", left \{[^}]*\}", "", line)
    line = re.sub(r"data=(0x7|\{u32=\d+, u64=\d+\})", "data=DATA", line)
    # What adiemu's open(2) leaves in the flags of an open file.
    if "F_GETFL" in line:
        line = line.replace("O_NOFOLLOW|", "")
    line = re.sub(r"^_llseek\(3, 0, \[0\], ", "lseek(3, 0, ", line)
    line = re.sub(r" /\* [^*]* \*/", "", line)
    line = re.sub(r"~?\[([A-Z0-9]+( [A-Z0-9]+)+)\]",
                  lambda m: " ".join(sorted(m[1].split())), line)
    return line


class Strace(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def adiemu(self, *arguments, options=("--strace",)):
        folder = os.path.join(self.folder, "ours")
        os.makedirs(folder, exist_ok=True)
        return subprocess.run(
            [os.path.abspath(ARGS.adiemu), "run", "-q", *options,
             os.path.abspath(ARGS.guest), *arguments],
            cwd=folder, capture_output=True, text=True, timeout=60)

    def test_as_strace(self):
        if not shutil.which("strace"):
            self.skipTest("no strace")
        folder = os.path.join(self.folder, "theirs")
        os.mkdir(folder)
        theirs = subprocess.run(["strace", os.path.abspath(ARGS.native)],
                                cwd=folder, capture_output=True, text=True,
                                timeout=60)
        if "PTRACE_TRACEME" in theirs.stderr:
            self.skipTest("no process may be traced here")
        ours = self.adiemu()
        self.assertEqual(ours.returncode, 3)

        def lines(text):
            between = re.split(r"close\(-9\).*\n", text)
            pid = re.search(r"getpid\(\)\s+= (\d+)", between[1])[1]
            return [normal(re.sub(rf"\b{pid}\b", "PID", line))
                    for line in between[1].splitlines()]
        self.assertEqual(lines(ours.stderr), lines(theirs.stderr))
        self.assertGreater(len(lines(ours.stderr)), 80)

    def test_lines_of_two_processes(self):
        said = self.adiemu("fork").stderr
        for line in (
                "[pid  1000] read(3,  <unfinished ...>",
                '[pid  1001] write(4, "x", 1)            = 1',
                "[pid  1001] exit_group(5)               = ?",
                "[pid  1001] +++ exited with 5 +++",
                'read resumed>"x", 1)',
                "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 5}], 0, NULL) "
                "= 1001",
                "\n+++ exited with 3 +++\n"):
            self.assertIn(line, said)

    def test_signals_that_kill(self):
        said = self.adiemu("segv").stderr
        self.assertIn("\n--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, "
                      "si_addr=NULL} ---\n", said)
        self.assertRegex(said, r"\+\+\+ killed by SIGSEGV \+\+\+\n$")
        said = self.adiemu("segv", options=("--strace", "--core")).stderr
        self.assertRegex(said, r"\+\+\+ killed by SIGSEGV \(core dumped\) "
                               r"\+\+\+\n$")

    def test_adi(self):
        for name, code in (("adiderr_store", "SEGV_ADIDERR"),
                           ("adiperr_load", "SEGV_ADIPERR"),
                           ("accadi", "SEGV_ACCADI")):
            said = subprocess.run(
                [ARGS.adiemu, "run", "-q", "--strace",
                 os.path.join(ARGS.adi, name)],
                capture_output=True, text=True, timeout=60).stderr
            self.assertRegex(said, r"\n--- SIGSEGV \{si_signo=SIGSEGV, "
                             rf"si_code={code}, si_addr=0x[0-9a-f]+\}} ---\n")
            self.assertIn("PROT_READ|PROT_WRITE|PROT_ADI", said)

    def test_to_a_file(self):
        path = os.path.join(self.folder, "log")
        run = self.adiemu("fork", options=(f"--strace={path}",))
        self.assertEqual((run.returncode, run.stderr), (3, ""))
        with open(path) as f:
            first = f.read()
        self.assertTrue(first.endswith("+++ exited with 3 +++\n"))
        self.adiemu("fork", options=(f"--strace={path}",))
        with open(path) as f:
            self.assertEqual(f.read(), first)
        run = self.adiemu(options=("--strace=/no/such/file",))
        self.assertEqual(run.returncode, 74)
        self.assertEqual(run.stderr, "adiemu: --strace=/no/such/file: No such "
                         "file or directory\n")
        self.assertEqual(self.adiemu(options=("--strace=",)).returncode, 64)

    def test_a_file_that_is_full(self):
        run = self.adiemu(options=("--strace=/dev/full",))
        self.assertEqual(run.returncode, 74)
        self.assertIn("--strace=/dev/full: No space left", run.stderr)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--native", required=True)
    parser.add_argument("--adi", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
