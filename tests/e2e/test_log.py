#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--log: what each category says at each level, and who is quiet when.

The table is that of the manual.  A pattern of a level must be found there and
at the levels above it, and not below; "off" says nothing at all.
"""
import argparse
import re
import subprocess
import sys
import tempfile
import unittest

ARGS = None
LEVELS = ("off", "warn", "info", "debug")
EVENTS = ("migrate 0x70000000\n"  # nothing is there
          "at syscall munmap 1: migrate all\n")
SAYS = {
    "cpu": {
        "warn": [r"cpu warn unsupported 32-bit system call 62 at pc 0x\w+"],
        "info": [r"cpu info pid=1001 trap=0x112 pc=0x\w+"],
        "debug": [r"cpu debug pid=1000 trap=0x16d pc=0x\w+"],
    },
    "mm": {
        "info": [r"mm info event=\d+ mm-start path=none mm=1",
                 r"mm info pid=1000 clone child=1001 mm=2",
                 r"mm info event=\d+ mm-exit path=exit mm=2 .*pid=1001 .*"],
        "debug": [r"mm debug event=\d+ fork path=fork mm=1 child=2 va=0x.*",
                  r"mm debug event=\d+ zap path=exit mm=1 va=0x\w+ end=0x.*",
                  r"mm debug event=\d+ migrate-in .*"],
    },
    "swap": {
        "info": [r"swap info swapon temporary file type=0 pages=2047"],
        "debug": [r"swap debug event=\d+ swap-out path=swap-out mm=1 va=0x\w+ "
                  r"frame=\d+ entry=0x\w+ .*pid=1000 pc=0x\w+",
                  r"swap debug event=\d+ swap-in path=swap-in mm=1 .*"],
    },
    "tags": {
        "debug": [r"tags debug event=\d+ save path=swap-out mm=1 va=0x\w+ .*",
                  r"tags debug event=\d+ restore path=swap-in mm=1 .*"],
    },
    "syscall": {
        "warn": [r"syscall warn unsupported system call 500 at pc 0x\w+",
                 r"syscall warn unsupported ioctl 0x1234 on fd 1 at pc 0x\w+",
                 r"syscall warn unsupported: MADV_REMOVE at pc 0x\w+"],
        "debug": [r"syscall_500\(.*\) = -1 ENOSYS .*",
                  r"munmap\(0x\w+, 8192\) += 0",
                  r"exit_group\(0\) += \?"],
    },
    "signal": {
        "info": [r"signal info pid=1000 handles SIGUSR1 signo=30 .*",
                 r"signal info pid=1001 handles SIGILL signo=4 .*"],
        "debug": [r"signal debug pid=1000 gets SIGUSR1 .*",
                  r"signal debug pid=1000 ignores SIGUSR2 .*",
                  r"signal debug pid=1001 must take SIGILL .*"],
    },
    "loader": {
        "info": [r"loader info pid=1000 entry=0x\w+ code=0x\w+-0x\w+ "
                 r"data=0x\w+-0x\w+ brk=0x\w+ program=.*/log_words"],
        "debug": [r"loader debug pid=1000 sp=0x\w+ args=0x\w+-0x\w+ "
                  r"env=0x\w+-0x\w+"],
    },
    "event": {
        "warn": [r'event warn line=1 insn=\d+ action="migrate .*'],
        "info": [r'event info line=2 insn=\d+ action="migrate .*'],
        "debug": [r"event debug insn=\d+ swapout done=1"],
    },
}


def run(*arguments):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=60,
                          check=False)


def lines_of(category, level, *more):
    """What a run says when this category is at this level, others off."""
    with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
        f.write(EVENTS)
        f.flush()
        done = run("run", "-q", "--swap=16M", "--events=" + f.name,
                   "--stress=swap:1000", f"--log=all:off,{category}:{level}",
                   *more, ARGS.guest)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def count(pattern, lines):
    return sum(bool(re.fullmatch(pattern, line)) for line in lines)


class Levels(unittest.TestCase):
    def test_each_category_at_each_level(self):
        for category, says in SAYS.items():
            for n, level in enumerate(LEVELS):
                lines = lines_of(category, level)
                with self.subTest(category=category, level=level):
                    if level == "off":
                        self.assertEqual(lines, [])
                    for m, lowest in enumerate(LEVELS):
                        for pattern in says.get(lowest, []):
                            self.assertEqual(count(pattern, lines) > 0, m <= n,
                                             (pattern, lines))

    def test_it_says_nothing_of_others(self):
        for category in SAYS:
            for line in lines_of(category, "debug"):
                self.assertRegex(line, r"^(syscall |\w+\(|\[pid |<\.\.\. |--- |\+\+\+ )"
                                 if category == "syscall"
                                 else rf"^{category} ")

    def test_all_is_all(self):
        whole = lines_of("all", "debug")
        for category in SAYS:
            single = lines_of(category, "debug")
            mine = [line for line in whole
                    if line.startswith(category + " ")
                    or category == "syscall" and line[:4].isdigit()]
            if category != "syscall":  # others cut its lines in two
                self.assertEqual(single, mine)

    def test_two_runs_say_the_same(self):
        self.assertEqual(lines_of("all", "debug"), lines_of("all", "debug"))

    def test_what_is_lost_is_said_when_it_is_seen(self):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write("mmap 0x70000000 rw adi\ntag 0x70000000 5\nswapout all\n"
                    "mremap 0x70000000 0x90000000\nread 0x90000000\n")
            f.flush()
            said = {}
            for level in "warn", "info":
                done = run("script", "-q", "--swap=1M", "--kernel=linux-6.2",
                           "--log=tags:" + level, f.name)
                said[level] = [line for line in done.stderr.splitlines()
                               if not line.startswith("==")]
        self.assertEqual(said["warn"], [])
        self.assertEqual(count(r"tags info event=\d+ page lost mm=1 "
                               r"va=0x90000000 .*found=0 expected=5",
                               said["info"]), 1)


class Quiet(unittest.TestCase):
    def ends(self, how, code, *options):
        done = run(*options, ARGS.guest, how)
        self.assertEqual(done.returncode, code)
        return done.stderr

    def test_sigpipe_is_nobodys_business(self):
        for options in (["-q"], ["-q", "--log=all:off"], ["-q", "--swap=1M"]):
            self.assertEqual(self.ends("pipe", 141, "run", *options), "")
        self.assertNotIn("signal", self.ends("pipe", 141, "run"))
        self.assertIn("SIGPIPE",
                      self.ends("pipe", 141, "run", "--log=signal:info"))

    def test_head_takes_what_it_wants(self):
        done = subprocess.run(
            f"{ARGS.adiemu} run -q {ARGS.guest} yes | head -n 3; "
            'echo "${PIPESTATUS[0]}"', shell=True, capture_output=True,
            text=True, executable="/bin/bash", timeout=60, check=False)
        self.assertEqual(done.stdout, "y\ny\ny\n141\n")
        self.assertEqual(done.stderr, "")

    def test_end_of_a_child_is_its_parents_business(self):
        self.assertIn("signal 11", self.ends("child", 0, "run"))
        self.assertEqual(self.ends("child", 0, "run", "-q"), "")

    def test_out_of_memory(self):
        small = ["run", "-q", "--ram=4M"]
        self.assertIn("Out of memory: Killed process 1000",
                      self.ends("oom", 137, *small))
        self.assertEqual(
            self.ends("oom", 137, *small, "--log=mm:off,signal:off"), "")

    def test_all_off_is_silence(self):
        done = run("run", "-q", "--log=all:off", "--swap=16M", ARGS.guest)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_one_warning_a_call(self):
        done = run("run", "-q", "--swap=16M", ARGS.guest)
        self.assertEqual(done.stderr.count("unsupported system call"), 1)
        self.assertEqual(done.stderr.count("unsupported ioctl"), 1)
        self.assertEqual(done.stderr.count("unsupported: MADV_REMOVE"), 1)

    def test_calls_that_are_missing_have_names(self):
        done = run("run", "-q", "--strace", ARGS.guest, "reboot")
        self.assertRegex(done.stderr, r"reboot\(.*\) = -1 ENOSYS ")
        done = run("run", "-q", "--strace", ARGS.guest)
        self.assertRegex(done.stderr, r"syscall_500\(.*\) = -1 ENOSYS ")
        done = run("run", "-q", ARGS.guest, "reboot")
        self.assertIn("unsupported system call 55 (reboot) at pc", done.stderr)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
