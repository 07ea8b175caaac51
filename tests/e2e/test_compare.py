#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu compare: one program under several kernels.

The guest is adi/b2_fork: under each linux-* its child loses the tags of a page
that was swapped out before the fork, under the others not.
"""
import argparse
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None
USUAL = ["remap", "linux-6.1", "linux-6.12", "mte-6.12"]
LONGTERM = ["linux-5.15", "linux-6.1", "linux-6.6", "linux-6.12",
            "linux-6.18"]
MACHINE = ["--ram=4M", "--swap=64M", "-E", "CASE=child"]


def adiemu(*arguments):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=120)


def compare(*arguments, machine=MACHINE):
    return adiemu("compare", *arguments, *machine, ARGS.guest)


def profiles():
    """Their names, in the order of the table."""
    listed = adiemu("run", "--kernel=list").stdout.splitlines()
    return [line.split()[0] for line in listed]


def loses(name):
    return name.startswith("linux-")


class Matrix(unittest.TestCase):
    def rows(self, done):
        self.assertEqual(done.stderr, "")
        table = list(csv.reader(io.StringIO(done.stdout)))
        names = table[0][2:]
        return {(row[0], row[1]): dict(zip(names, row[2:]))
                for row in table[1:]}

    def test_csv_says_who_loses(self):
        done = compare("--format=csv", "--kernels=all")
        self.assertEqual(done.returncode, 0)
        rows = self.rows(done)
        lost = rows["whole run", "lost pages"]
        self.assertEqual(list(lost), profiles())
        for name in lost:
            self.assertEqual(lost[name], "1" if loses(name) else "0", name)
            self.assertEqual(rows["swap-in", "lost pages"][name], lost[name])
            self.assertEqual(rows["whole run", "verdict"][name],
                             "ERRORS" if loses(name) else "clean", name)
            self.assertEqual(rows["whole run", "output"][name],
                             "differs" if loses(name) else "same", name)
            self.assertEqual(rows["whole run", "exit status"][name], "0")
        self.assertEqual(rows["fork", "shared"]["remap"], "1")
        self.assertEqual(rows["fork", "shared"]["linux-6.1"], "0")

    def test_exit_status_is_of_the_named_profile(self):
        for name in ("linux-6.2", "linux-5.17", "swap-keyed", "remap"):
            done = compare("--kernel", name, "--format", "csv")
            self.assertEqual(done.returncode, int(loses(name)), name)

    def test_json_holds_the_reports(self):
        whole = json.loads(compare("--format=json", "--jobs=1").stdout)
        self.assertEqual(list(whole["reports"]), USUAL)
        for name, report in whole["reports"].items():
            self.assertEqual(report["profile"], name)
            self.assertEqual(report["errors"], loses(name))
        saved = [r for r in whole["matrix"]
                 if r["path"] == "swap-out" and r["row"] == "saved"]
        self.assertEqual(saved[0]["values"]["linux-6.1"], 1)

    def columns(self, done):
        """The names of each column of the text matrix, by what is in it."""
        lines = done.stdout.splitlines()
        body = lines.index("swap-out")
        widths = {len(l) for l in lines[body:]
                  if l.startswith("  ") and "ns a page" not in l}
        self.assertEqual(widths, {len(lines[0])})
        ends = [m.end() for m in re.finditer(r"\S+", lines[0])]
        names = [[] for _ in ends]
        for line in lines[:body]:
            for m in re.finditer(r"\S+", line):
                names[ends.index(m.end())].append(m.group())
        return names

    def test_text_has_a_column_for_those_that_do_the_same(self):
        done = compare()
        self.assertEqual(self.columns(done), [
            ["remap"], ["linux-6.1", "linux-6.12"], ["mte-6.12"]])
        done = compare("--kernels=all")
        self.assertLessEqual(len(done.stdout.splitlines()[0]), 120)
        names = self.columns(done)
        self.assertEqual(sorted(sum(names, [])), sorted(profiles()))
        cells = [[f"{where} {row} {cells[name]}" for (where, row), cells in
                  self.steady(compare("--kernels=all", "--format=csv")).items()]
                 for name in profiles()]
        same = {}
        for name, what in zip(profiles(), cells):
            same.setdefault("\n".join(what), []).append(name)
        self.assertEqual(names, list(same.values()))

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
        self.assertEqual(rows["whole run", "lost pages"]["linux-6.1"], "1")
        self.assertEqual(rows["whole run", "lost pages"]["remap"], "0")


class Columns(unittest.TestCase):
    """--kernels: which, and in which order."""

    def names(self, *arguments):
        done = adiemu("compare", "--format=csv", *arguments,
                      "--events-only=/dev/null")
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()[0].split(",")[2:]

    def test_lists(self):
        every = profiles()
        for text, names in (
                ("all", every),
                ("lts", ["remap"] + LONGTERM),
                ("mte-6.1,remap,linux-5.17", ["mte-6.1", "remap",
                                              "linux-5.17"]),
                ("remap,swap-keyed,swap-keyed-5.18", ["remap", "mte-6.6",
                                                      "mte-5.18"]),
                ("remap,linux-6.*", ["remap"] + [
                    n for n in every if n.startswith("linux-6.")]),
                ("[!l]*,lts,linux-6.1", [n for n in every if not loses(n)] +
                 LONGTERM)):
            self.assertEqual(self.names("--kernels=" + text), names, text)
        self.assertEqual(self.names("--kernels", "lts", "--kernels", "remap"),
                         ["remap"])
        self.assertEqual(self.names(), USUAL)

    def test_the_one_of_the_exit_status_is_there(self):
        self.assertEqual(self.names("--kernels=linux-5.15"),
                         ["remap", "linux-5.15"])
        self.assertEqual(self.names("--kernel=mte-6.1"), ["mte-6.1"] + USUAL)
        self.assertEqual(self.names("--kernel=linux-6.12"), USUAL)
        self.assertEqual(self.names("--kernels=remap,mte-6.6",
                                    "--kernel=swap-keyed"),
                         ["remap", "mte-6.6"])

    def test_name_that_is_none(self):
        for text, word in (("vms", "vms"), ("remap,linux-9.*,all",
                                            "linux-9.*"),
                           ("", ""), ("all,", ""), ("LTS", "LTS")):
            done = compare("--kernels=" + text)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertEqual(done.stderr, "adiemu compare: --kernels: no "
                             f'profile is called "{word}"; try adiemu run '
                             "--kernel=list\n")


def cell_rows(text):
    table = list(csv.reader(io.StringIO(text)))
    return {(row[0], row[1]): row[2:] for row in table[1:]}


class Input(unittest.TestCase):
    """Every run reads the same standard input."""

    def compare(self, *arguments, **kwargs):
        command = [ARGS.adiemu, "compare", "--format=csv", ARGS.reader]
        return subprocess.run([*command, *arguments], capture_output=True,
                              text=True, timeout=120, **kwargs)

    def status(self, done):
        rows = cell_rows(done.stdout)
        self.assertEqual(set(rows["whole run", "output"]), {"same"})
        codes = set(rows["whole run", "exit status"])
        self.assertEqual(len(codes), 1, done.stderr)
        return int(codes.pop())

    def test_pipe(self):
        text = "".join(f"line {n}\n" for n in range(50021))
        done = self.compare(input=text)
        self.assertEqual(self.status(done), 21)

    def test_file_from_where_it_is(self):
        with tempfile.TemporaryFile() as f:
            f.write(b"one\ntwo\nthree\nfour\n")
            f.flush()
            os.lseek(f.fileno(), 4, os.SEEK_SET)
            done = self.compare("9", stdin=f)
        self.assertEqual(self.status(done), 3)

    def test_nothing(self):
        self.assertEqual(self.status(self.compare(stdin=subprocess.DEVNULL)),
                         0)

    def test_closed(self):
        done = self.compare(preexec_fn=lambda: os.close(0))
        self.assertEqual(self.status(done), 0)

    def test_without_end(self):
        with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as yes:
            done = self.compare("3", stdin=yes.stdout)
            yes.kill()
        self.assertEqual(self.status(done), 3)

    def test_that_comes_late(self):
        with subprocess.Popen(["sh", "-c", "sleep 1; echo a; sleep 1; echo b"],
                              stdout=subprocess.PIPE) as late:
            done = self.compare(stdin=late.stdout)
        self.assertEqual(self.status(done), 2)

    def test_stderr_says_who(self):
        done = self.compare("9", input="a\nb\n")
        self.assertEqual(done.stderr,
                         "".join(f"{n}: a\n{n}: b\n" for n in USUAL))


class Ending(unittest.TestCase):
    """No run outlives compare."""

    def start(self):
        child = subprocess.Popen(
            [ARGS.adiemu, "compare", "--jobs=2", ARGS.reader, "forever"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        with open(f"/proc/{child.pid}/task/{child.pid}/children",
                  encoding="ascii") as f:
            while True:
                f.seek(0)
                runs = [int(pid) for pid in f.read().split()]
                if len(runs) == 2 and all(self.waits(r) for r in runs):
                    return child, runs
                self.assertIsNone(child.poll())
                time.sleep(0.02)

    def waits(self, pid):
        """Has it become "adiemu run", and does the program pause?"""
        with open(f"/proc/{pid}/cmdline", encoding="ascii") as f:
            if not f.read().startswith("adiemu\0run\0"):
                return False
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().split()[2] == "S"

    def gone(self, runs):
        end = time.monotonic() + 10
        while any(os.path.exists(f"/proc/{pid}") for pid in runs):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_ends_its_children(self):
        for sig, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130),
                          (signal.SIGHUP, 129), (signal.SIGKILL, -9),
                          (signal.SIGQUIT, -3)):
            child, runs = self.start()
            child.send_signal(sig)
            out, _ = child.communicate(timeout=60)
            self.assertEqual(child.returncode, code)
            self.assertEqual(out, b"")
            self.gone(runs)


class Script(unittest.TestCase):
    """--events-only: a script and no program."""

    TEXT = ("mmap 0x70000000 rw adi\n"
            "tag 0x70000000 5\n"
            "swapout all\n"
            "munmap 0x70000000\n")

    def compare(self, text, *options, separate=False):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write(text)
            f.flush()
            script = (["--events-only", f.name] if separate
                      else ["--events-only=" + f.name])
            return adiemu("compare", "--format=csv", "--swap=1M", *options,
                          *script)

    def test_who_leaks(self):
        for separate in False, True:
            done = self.compare(self.TEXT, "--kernel=linux-6.2",
                                separate=separate)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, "")
            rows = cell_rows(done.stdout)
            self.assertEqual(rows["zap", "leaked bytes"],
                             ["65536" if loses(name) else "0"
                              for name in ["linux-6.2"] + USUAL])
        self.assertEqual(self.compare(self.TEXT).returncode, 0)

    def test_expectations_are_its_exit_status(self):
        done = self.compare(self.TEXT.replace(
            "munmap 0x70000000", "read 0x70000000 tag 5 expect 7"))
        self.assertEqual(cell_rows(done.stdout)["whole run", "exit status"],
                         ["1"] * len(USUAL))

    def test_a_kernel_bug_is_its_verdict(self):
        done = self.compare("mmap 0x70000000 rw\nwrite 0x70000000 1\n"
                            "swapout all\nfail swapread 1\n"
                            "swapoff /dev/adi0\nread 0x70000000\n",
                            "--kernels=linux-6.2,linux-6.6,mte-6.12")
        rows = cell_rows(done.stdout)
        self.assertEqual(rows["whole run", "verdict"],
                         ["clean", "clean", "kernel BUG", "kernel BUG"])
        self.assertEqual(rows["whole run", "exit status"],
                         ["0", "0", "72", "72"])
        self.assertIn("KERNEL BUG at arch/sparc/mm/fault_64.c", done.stderr)

    def test_mistakes_are_said_once(self):
        done = self.compare("mmap\n")
        self.assertEqual(done.returncode, 64)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        done = self.compare(self.TEXT, "--strace")
        self.assertEqual(done.returncode, 64)
        self.assertIn("'--strace'", done.stderr)
        done = adiemu("compare", "--events-only", "/nonexistent")
        self.assertEqual(done.returncode, 64)
        self.assertIn("/nonexistent: No such file", done.stderr)
        done = adiemu("compare", "--events-only", "/dev/null", ARGS.guest)
        self.assertEqual(done.returncode, 64)
        self.assertIn("has no program", done.stderr)


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
        self.wrong("for adiemu run", "--strace=f", ARGS.guest)
        self.wrong("for adiemu run", "-D", "f", ARGS.guest)
        self.wrong("for adiemu run", "--show-reachable", ARGS.guest)
        self.wrong("for adiemu run", "--kernel=list", ARGS.guest)
        self.wrong("needs --format=json", "--history", ARGS.guest)
        self.wrong("needs --format=json", "--verbose-pages", ARGS.guest)

    def test_what_is_refused_is_not_offered(self):
        text = adiemu("compare", "--help").stdout
        for option in ("--report", "--error-exitcode", "--show-reachable"):
            self.assertNotIn(option, text)
        self.assertEqual(text.count("Exit status"), 1)

    def test_options_of_like_names(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("at exit 1: check\n")
            f.flush()
            for option in (["--events=" + f.name], ["--events", f.name]):
                done = compare("--format=csv", *option)
                self.assertEqual(done.returncode, 0, done.stderr)

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
    parser.add_argument("--reader", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
