#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--progress and SIGUSR1: how far a run is.

The program is tests/guest/host/spin.c, which ends when a file is there.
"""
import argparse
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None
LINE = (r"adiemu: [\d,]+ instructions, \d+\.\d{3} s, [\d,]+ faults, "
        r"[\d,]+ pages out, [\d,]+ in")
UNCOUNTED = r"adiemu: [\d,]+ faults, [\d,]+ pages out, [\d,]+ in"


class Progress(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.end = os.path.join(folder.name, "end")

    def start(self, *options, stderr=subprocess.PIPE, arguments=()):
        child = subprocess.Popen(
            [ARGS.adiemu, "run", "-q", *options, ARGS.guest, self.end,
             *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=stderr)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.addCleanup(child.stdout.close)
        if child.stderr:
            self.addCleanup(child.stderr.close)
        self.assertEqual(child.stdout.readline(), b"ready\n")
        return child

    def read_until(self, fd, pattern):
        text, end = "", time.monotonic() + 60
        while not re.search(pattern, text):
            self.assertLess(time.monotonic(), end, text)
            if select.select([fd], [], [], 1)[0]:
                text += os.read(fd, 4096).decode()
        return text

    def finish(self, child):
        with open(self.end, "w"):
            pass
        self.assertEqual(child.wait(60), 0)
        return child.stdout.read().decode()

    def test_lines(self):
        """Three at once, as each takes seconds."""
        fd, tty = pty.openpty()
        self.addCleanup(os.close, fd)
        terminal = self.start("--progress", stderr=tty)
        os.close(tty)
        plain = self.start("--progress")
        boxed = self.start("--progress", "--sandbox", "-L", "")
        # On a terminal a line is written over the one before.
        text = self.read_until(fd, rf"{LINE}\x1b\[K\r{LINE}\x1b\[K\r")
        self.assertNotIn("\n", text)
        self.read_until(plain.stderr.fileno(), rf"(?m)^{LINE}\n{LINE}\n")
        self.read_until(boxed.stderr.fileno(), rf"(?m)^{LINE}\n")
        boxed.send_signal(signal.SIGTERM)
        self.assertEqual(boxed.wait(60), 128 + 15)
        self.assertEqual(self.finish(plain), "0 signals\n")
        self.finish(terminal)
        self.read_until(fd, r"\x1b\[K$")

    def test_asked_by_a_signal(self):
        child = self.start("--progress=1000")
        child.send_signal(signal.SIGUSR1)
        self.read_until(child.stderr.fileno(), rf"(?m)^{LINE}\n")
        self.finish(child)

    def test_asked_on_a_terminal(self):
        fd, tty = pty.openpty()
        child = self.start(stderr=tty)
        os.close(tty)
        child.send_signal(signal.SIGUSR1)
        self.read_until(fd, rf"{UNCOUNTED}\x1b\[K\r")
        self.finish(child)
        os.close(fd)

    def test_who_handles_it_gets_it(self):
        child = self.start("--progress=1000", arguments=["handle"])
        child.send_signal(signal.SIGUSR1)
        self.assertEqual(self.finish(child), "1 signals\n")
        self.assertEqual(child.stderr.read(), b"")

    def test_without_either_it_kills(self):
        child = self.start("--log=signal:off")
        child.send_signal(signal.SIGUSR1)
        self.assertEqual(child.wait(60), 128 + 30)

    def test_wrong_words(self):
        for word in "0", "x", "1x", "100000":
            done = subprocess.run([ARGS.adiemu, "run", f"--progress={word}",
                                   ARGS.guest], capture_output=True, text=True)
            self.assertEqual(done.returncode, 64)
            self.assertIn(f"--progress={word}: not a number", done.stderr)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
