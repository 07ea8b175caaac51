#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals from outside: who gets them, and how soon a run ends.

SIGTERM ends any run within a second, whatever call the program is in the
middle of, and the report is whole.  Others are the program's, if it says what
happens then.
"""
import argparse
import ctypes
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None

SOON = 1.0  # seconds, on a machine that does nothing else
SLACK = 4.0  # for one that does

# The number of each signal in the program.  Real-time ones have the host's;
# two of them are the C library's.
GUEST = {"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6,
         "BUS": 10, "FPE": 8, "SEGV": 11, "SYS": 12, "PIPE": 13, "ALRM": 14,
         "USR1": 30, "USR2": 31, "CHLD": 20, "CONT": 19, "TSTP": 18,
         "TTIN": 21, "TTOU": 22, "URG": 16, "XCPU": 24, "XFSZ": 25,
         "PROF": 27, "IO": 23, "VTALRM": 26, "WINCH": 28, "PWR": 29,
         "STKFLT": 7}
GUEST = {getattr(signal, "SIG" + name): number
         for name, number in GUEST.items() if hasattr(signal, "SIG" + name)}
GUEST.update({n: n for n in range(signal.SIGRTMIN, signal.SIGRTMAX + 1)})
IGNORED = (signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH)
STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
LONG = ("spin", "pause", "populate", "mlock", "mlockall", "map", "mincore",
        "read", "write", "sendfile", "exec", "getrandom")


class Run:
    """The guest in one of its ways, once it is ready."""

    def __init__(self, word, *options, ram="16G", before=None,
                 stdin=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [ARGS.adiemu, "run", f"--ram={ram}", *options, ARGS.guest, word],
            stdin=stdin, stdout=subprocess.PIPE,
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
        for sig in (signal.SIGHUP, signal.SIGXFSZ, signal.SIGSEGV,
                    signal.SIGRTMIN):
            for word in "spin", "populate":
                with self.subTest(sig, word=word):
                    self.ends(self.begin(word), sig, 128 + GUEST[sig])
        for sig, number in GUEST.items():
            if sig not in IGNORED + STOPS:
                with self.subTest(sig):
                    self.ends(self.begin("pause"), sig, 128 + number)

    def test_table_has_all_that_the_host_has(self):
        missing = set(range(1, 65)) - set(GUEST) - {
            signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM}
        self.assertEqual(missing, set(range(32, signal.SIGRTMIN)))

    def test_handler_gets_every_signal(self):
        for sig, number in GUEST.items():
            with self.subTest(sig):
                code, out, err, _ = self.begin("handle_all").send(
                    sig, after=0)
                self.assertEqual((code, out), (
                    0, f"got {number} code 0 pid 0 uid {os.getuid()} "
                    "value (nil)\n"), err)

    def test_handler_gets_what_sigqueue_says(self):
        libc = ctypes.CDLL(None)
        for sig in signal.SIGUSR1, signal.SIGSEGV, signal.SIGRTMIN + 3:
            with self.subTest(sig):
                run = self.begin("handle_all")
                self.assertEqual(libc.sigqueue(
                    run.process.pid, sig, ctypes.c_void_p(0x123456789a)), 0)
                out, err = run.process.communicate(timeout=60)
                self.assertEqual(out, f"got {GUEST[sig]} code -1 pid 0 uid "
                                 f"{os.getuid()} value 0x123456789a\n", err)

    def test_real_time_signals_are_queued(self):
        run = self.begin("count")
        run.process.send_signal(signal.SIGSTOP)
        for _ in range(1500):
            run.process.send_signal(signal.SIGRTMIN)
        run.process.send_signal(signal.SIGRTMAX)
        run.process.send_signal(signal.SIGCONT)
        out, err = run.process.communicate(timeout=60)
        self.assertEqual(out, "1500\n", err)

    def test_some_do_nothing_by_default(self):
        for word in "spin", "pause":
            run = self.begin(word)
            for sig in IGNORED:
                run.process.send_signal(sig)
            self.ends(run, signal.SIGTERM, 143)

    def test_some_stop_adiemu_by_default(self):
        for sig in STOPS:
            with self.subTest(sig):
                # Of an orphaned group they would stop nobody.
                run = self.begin("spin", before=lambda: os.setpgid(0, 0))
                run.process.send_signal(sig)
                _, status = os.waitpid(run.process.pid, os.WUNTRACED)
                self.assertTrue(os.WIFSTOPPED(status))
                self.assertEqual(os.WSTOPSIG(status), sig)
                run.process.send_signal(signal.SIGCONT)
                self.ends(run, signal.SIGTERM, 143)

    def test_sigcont_wakes_who_stopped_itself(self):
        code, out, err, _ = self.begin("stop").send(signal.SIGCONT)
        self.assertEqual((code, out), (0, "goes on\n"), err)

    def test_keys_of_a_terminal_are_for_its_foreground(self):
        """Control-Z and control-C, while a child of the program has it."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(ARGS.adiemu, [ARGS.adiemu, "run", "-q", ARGS.guest,
                                   "job"])
        self.addCleanup(os.close, fd)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        self.assertTrue(self.read_until(fd, b"ready"))
        os.write(fd, b"\x1a")
        self.assertTrue(self.read_until(fd, b"child stopped by 18"))
        os.write(fd, b"\x03")
        self.assertTrue(self.read_until(fd, b"child ended by 2"))

    def read_until(self, fd, text):
        """Is it in what a terminal shows within ten seconds?"""
        seen, end = b"", time.monotonic() + 10
        while text not in seen and time.monotonic() < end:
            if select.select([fd], [], [], 1)[0]:
                try:
                    seen += os.read(fd, 4096)
                except OSError:
                    break
        return text in seen

    def test_handler_gets_its_signal(self):
        for sig, name in ((signal.SIGUSR1, "User defined signal 1"),
                          (signal.SIGINT, "Interrupt"),
                          (signal.SIGQUIT, "Quit"),
                          (signal.SIGXFSZ, "File size limit exceeded")):
            with self.subTest(sig):
                code, out, err, _ = self.begin("handle").send(sig)
                self.assertEqual((code, out), (0, f"got {name}\n"), err)

    def test_read_of_a_pipe_is_interrupted_or_goes_on(self):
        for sig in (signal.SIGUSR1, signal.SIGRTMIN):
            run = self.begin("interrupt", stdin=subprocess.PIPE)
            time.sleep(0.2)
            run.process.send_signal(sig)
            self.assertEqual(run.process.stdout.readline(),
                             "read -1, Interrupted system call\n", sig)
            run.process.communicate()
            run = self.begin("restart", stdin=subprocess.PIPE)
            time.sleep(0.2)
            run.process.send_signal(sig)
            time.sleep(0.2)
            out, _ = run.process.communicate("x")
            self.assertEqual(out, "read 1, no error\n", sig)

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

    def test_program_finds_ignored_what_the_caller_ignored(self):
        def ignore():
            for sig in GUEST:
                signal.signal(sig, signal.SIG_IGN if sig in some
                              else signal.SIG_DFL)

        for some in [], [signal.SIGINT, signal.SIGUSR1, signal.SIGRTMIN + 3]:
            run = Run("ignored", before=ignore)
            run.process.communicate(timeout=60)
            self.assertEqual(run.ready.split(), ["ignored", *map(
                str, sorted(GUEST[sig] for sig in some))])

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
