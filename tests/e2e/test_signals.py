#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals from outside: who gets them, and how soon a run ends.

SIGTERM ends any run within a second, whatever call the program is in the
middle of, and the report is whole.  Others are the program's, if it says what
happens then.
"""
import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None

SOON = 1.0  # seconds, on a machine that does nothing else
SLACK = 4.0  # for one that does
LONG = ("spin", "pause", "populate", "mlock", "mlockall", "map", "mincore",
        "read", "write", "sendfile", "exec", "getrandom")


class Run:
    """The guest in one of its ways, once it is ready."""

    def __init__(self, word, *options, ram="16G", before=None):
        self.process = subprocess.Popen(
            [ARGS.adiemu, "run", f"--ram={ram}", *options, ARGS.guest, word],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, preexec_fn=before)
        self.ready = self.process.stdout.readline()

    def send(self, sig, after=0.2):
        """Exit code, stdout, stderr and how long it took."""
        time.sleep(after)
        start = time.monotonic()
        self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err, time.monotonic() - start


class Signals(unittest.TestCase):
    def begin(self, word, *options, **how):
        run = Run(word, *options, **how)
        self.addCleanup(run.process.kill)
        self.assertEqual(run.ready, "ready\n", word)
        return run

    def ends(self, run, sig, code):
        got, _, err, seconds = run.send(sig)
        self.assertEqual(got, code, err)
        self.assertIn("ERROR SUMMARY: ", err)
        self.assertLess(seconds, SOON + SLACK)

    def test_sigterm_ends_any_call(self):
        for word in LONG:
            with self.subTest(word):
                self.ends(self.begin(word), signal.SIGTERM, 143)

    def test_sigterm_ends_a_call_with_large_tables(self):
        """Page tables that it made for two seconds go in less than one."""
        for word in "populate", "mlock", "map":
            with self.subTest(word):
                code, _, err, seconds = self.begin(word).send(
                    signal.SIGTERM, after=2)
                self.assertEqual(code, 143, err)
                self.assertIn("ERROR SUMMARY: ", err)
                self.assertLess(seconds, SOON + SLACK)

    def test_others_end_a_program_that_does_not_care(self):
        # 128 and the number that the signal has in the program.
        for sig, number in ((signal.SIGHUP, 1), (signal.SIGINT, 2),
                            (signal.SIGQUIT, 3), (signal.SIGXCPU, 24),
                            (signal.SIGXFSZ, 25), (signal.SIGUSR1, 30),
                            (signal.SIGUSR2, 31)):
            for word in "spin", "pause", "populate":
                with self.subTest(sig, word=word):
                    self.ends(self.begin(word), sig, 128 + number)

    def test_handler_gets_its_signal(self):
        for sig, name in ((signal.SIGUSR1, "User defined signal 1"),
                          (signal.SIGINT, "Interrupt"),
                          (signal.SIGQUIT, "Quit"),
                          (signal.SIGXFSZ, "File size limit exceeded")):
            with self.subTest(sig):
                code, out, err, _ = self.begin("handle").send(sig)
                self.assertEqual((code, out), (0, f"got {name}\n"), err)

    def test_sigterm_ends_also_who_handles_it(self):
        self.ends(self.begin("handle"), signal.SIGTERM, 143)

    def test_ignored_signal_is_ignored(self):
        run = self.begin("ignore")
        run.process.send_signal(signal.SIGINT)
        self.ends(run, signal.SIGTERM, 143)

    def test_blocked_signal_waits_for_the_program(self):
        code, out, err, _ = self.begin("wait").send(signal.SIGUSR2)
        self.assertEqual((code, out), (0, "got User defined signal 2\n"), err)

    def test_signal_ignored_by_the_caller_stays_ignored(self):
        run = self.begin("spin", before=lambda: signal.signal(
            signal.SIGHUP, signal.SIG_IGN))
        run.process.send_signal(signal.SIGHUP)
        self.ends(run, signal.SIGTERM, 143)

    def test_limit_of_file_size_does_not_kill_us(self):
        with tempfile.TemporaryDirectory() as d:
            report = os.path.join(d, "report")
            done = subprocess.run(
                [ARGS.adiemu, "run", f"--report={report}", ARGS.guest, "none"],
                capture_output=True, text=True, preexec_fn=lambda:
                resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
            self.assertEqual(done.returncode, 74, done.stderr)
            self.assertIn("report", done.stderr)


class Memory(unittest.TestCase):
    """Page tables are RAM: a program cannot have more of them."""

    def test_tables_of_nothing_are_bounded(self):
        for word in "populate", "map", "mlock":
            with self.subTest(word):
                done = subprocess.run(
                    [ARGS.adiemu, "run", "--ram=16M", ARGS.guest, word],
                    capture_output=True, text=True, timeout=120,
                    preexec_fn=lambda: None)
                self.assertEqual(done.returncode, 137, done.stderr)
                self.assertIn("Out of memory", done.stderr)
        # In KiB: of the whole process, with all that it is made of.
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        if not ARGS.sanitized:
            self.assertLess(used, 2 << 20)


def main():
    global ARGS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--sanitized", action="store_true")
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
