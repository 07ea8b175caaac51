#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Event scripts of adiemu run: the command line, and docs/events.md.

What the document shows is run: its example, each action and each trigger of
its tables, and its errors, word for word.
"""
import argparse
import hashlib
import json
import os
import re
import socket
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
    "move": ["move 0x70000000+4 node 0", "move pid 1 0x70000000 node 0 all"],
    "mbind": ["mbind 0x70000000+4 bind nodes 0x1 move strict",
              "mbind 0x70000000 default"],
    "compact": ["compact", "compact node 0"],
    "mmap": ["mmap 0x70000000+4 rw adi private",
             "mmap 0x70000000+4 rw adi shared shmem 1 from 2",
             "mmap 0x70000000+4 rw private every 2"],
    "munmap": ["munmap 0x70000000"],
    "mprotect": ["mprotect 0x70000000+4 rw adi"],
    "mremap": ["mremap 0x70000000+4 0x78000000"],
    "madvise": ["madvise 0x70000000 dontneed"],
    "mlock": ["mlock 0x70000000", "mlock 0x70000000 onfault"],
    "munlock": ["munlock 0x70000000"],
    "reclaim": ["reclaim 1", "reclaim 1 node 0"],
    "churn": ["churn 9"],
    "truncate": ["truncate 0x74000010", "truncate file 1 8192"],
    "punch": ["punch 0x74000000", "punch file 1 0+2"],
    "pwrite": ["pwrite 0x74000040 4096 7", "pwrite file 1 8000 9000 7 from 3"],
    "sync": ["sync 0x74000000", "sync file 1"],
    "tag": ["tag 0x70000000+4 5", "tag 0x70000000 6 at 127",
            "tag 0x70000000+4 5 every 2"],
    "write": ["write 0x70000000 7"],
    "read": ["read 0x70000000 expect 7"],
    "pin": ["pin 0x70000000"],
    "unpin": ["unpin 0x70000000"],
}
WITHOUT_PROGRAM = {"fork", "exit"}

TRIGGERS = ["at start", "after insn 1000", "at syscall write",
            "before fault anon", "when fault file 1", "after fault cow pid 1",
            "before fault swapin", "when fault migration", "when migrate 2",
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


def nameless(report):
    """Without the options, and the temporary name of the script."""
    return re.sub(r"(?m)^==adiemu== (Command|Events):.*\n", "", report)


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
        rule = re.search(r"^    action   = (.*?) ;$", self.doc, re.M | re.S)[1]
        self.assertEqual(words - set(re.findall(r'"(\w+)"', rule)), set())
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
                    if word in ("truncate", "punch", "pwrite", "sync"):
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
                self.assertEqual('line=2' in err, "migrat" not in trigger)


    def test_the_script_without_a_program_is_as_shown(self):
        shown = blocks()
        at = next(i for i, b in enumerate(shown)
                  if b.startswith("mmap 0x70000000 rw adi"))
        done = alone(shown[at], "--swap=1M", "--kernel=linux-6.2")
        self.assertEqual(done.returncode, 0)
        self.assertIn(shown[at + 1], done.stderr)


def alone(text, *options):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return subprocess.run([ARGS.adiemu, "script", *options, path],
                              capture_output=True, text=True, timeout=60)


class WithoutProgram(unittest.TestCase):
    def test_processes_come_and_go(self):
        done = alone("mmap 0x70000000 rw adi\nfork as 2\nfork pid 2 as 3\n"
                     "exit pid 2\nwrite pid 3 0x70000000 9\n"
                     "read pid 3 0x70000000 expect 9\nat exit pid 3: check\n",
                     "-q", "--log=event:info")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 7)
        self.assertIn('line=7 action="check" done=1', done.stderr)

    def test_an_unexpected_byte_is_exit_code_1(self):
        done = alone("mmap 0x70000000 rw\nread 0x70000000 expect 9\n", "-q")
        self.assertEqual(done.returncode, 1)
        self.assertIn("EBADMSG", done.stderr)

    LOST = "mmap 0x70000000+2 rw\nwrite 0x70000000 1\nwrite 0x70002000 1\n" \
           "swapout all\nfail swapread 1\nswapoff /dev/adi0\n" \
           "pin 0x70000000\nread 0x70000000\nread 0x70002000 expect 2\n"

    def test_a_kernel_bug_ends_it(self):
        for kernel in "linux-6.6", "linux-7.1", "mte-6.12":
            done = alone(self.LOST, "--swap=1M", f"--kernel={kernel}",
                         "--check=full", "--report-format=json")
            self.assertEqual(done.returncode, 72, done.stderr)
            err, report = done.stderr.split("{", 1)
            self.assertIn("adiemu: KERNEL BUG at arch/sparc/mm/fault_64.c, "
                          "do_sparc64_fault(): page 0x70000000, line 8: ", err)
            report = json.loads("{" + report)
            bug = report["kernel_bug"]
            self.assertEqual((bug["id"], bug["access"], bug["va"]),
                             ("fault-hwpoison", "load", "0x70000000"))
            self.assertEqual((bug["at"]["script_line"], bug["at"]["pid"],
                              bug["stack"], bug["call"]), (8, 1, [], None))
            self.assertTrue(report["errors"])
            self.assertEqual([n["line"] for n in
                              report["script"]["never_due"]], [9])
            done = alone(self.LOST, "-q", "--swap=1M", f"--kernel={kernel}",
                         "--error-exitcode=9")
            self.assertEqual(done.returncode, 9)

    def test_a_kernel_that_knows_sigbus_goes_on(self):
        for kernel in "linux-6.2", "mte-6.1", "remap":
            done = alone(self.LOST, "--swap=1M", f"--kernel={kernel}",
                         "--check=full")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertNotIn("KERNEL BUG", done.stderr)

    def test_a_leak_is_the_exit_code_asked_for(self):
        text = "mmap 0x70000000 rw adi\ntag 0x70000000 5\n" \
               "swapout all\nmunmap 0x70000000\n"
        for kernel, code in (("linux-6.2", 9), ("remap", 0)):
            done = alone(text, "-q", "--swap=1M", f"--kernel={kernel}",
                         "--error-exitcode=9")
            self.assertEqual(done.returncode, code)

    def test_each_lost_page_names_its_cause(self):
        # The child's page has no copy after fork; then its copy, of tags
        # of 0, is put into the frame that its parent shows as well.
        r = alone("mmap pid 1 0x70000000+2 rw adi private\n"
                  "tag pid 1 0x70000000 5\n"
                  "swapout pid 1 0x70000000+2\n"
                  "fork pid 1 as 2\n"
                  "read pid 2 0x70000000 tag 5\n"
                  "swapout pid 1 0x70000000+2\n"
                  "read pid 1 0x70000000 tag 5\n"
                  "write pid 2 0x70000040 1\n",
                  "--kernel=linux-6.2", "--swap=512K", "--ram=1M",
                  "--check=full")
        because = [line for line in r.stderr.splitlines() if "because" in line]
        self.assertEqual(r.stderr.count("Tags lost"), 2)
        self.assertEqual(len(because), 2)
        self.assertIn("copy_nonpresent_pte() calls no hook", because[0])
        self.assertIn("do_swap_page() calls a hook that restores into a frame",
                      because[1])
        self.assertIn("by line 8 of the events", because[1])

    def test_checks_change_nothing(self):
        text = "mmap 0x70000000+3 rw adi\ntag 0x70000000+3 5\nfork as 2\n" \
               "swapout all\nwrite pid 2 0x70000000 1\n" \
               "when migrate: munmap pid 2 0x70002000\n" \
               "migrate all\nswapoff /dev/adi0\nat exit: compact\n"
        listed = subprocess.run([ARGS.adiemu, "run", "--kernel=list"],
                                check=True, capture_output=True, text=True)
        for line in listed.stdout.splitlines():
            kernel = line.split()[0]
            runs = [alone(text, "--swap=1M", f"--kernel={kernel}", *check)
                    for check in ([], ["--check=off"], ["--check=path"],
                                  ["--check=full"])]
            for done in runs:
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(nameless(done.stderr),
                                 nameless(runs[0].stderr))

    def test_a_shared_object_is_no_buffer(self):
        """A truncation is of an object from an offset, which may be 0."""
        done = alone("mmap 0x70000000+2 rw shared shmem 7\n"
                     "truncate shmem 7 0\n", "--history",
                     "--report-format=json", "--log=mm:debug")
        self.assertIn(" truncate path=truncate object=1 end=", done.stderr)
        report = json.loads(done.stderr[done.stderr.index("\n{"):])
        gone = [e for e in report["history"]["events"]
                if e["kind"] in ("map-shared", "truncate")][:2]
        self.assertEqual([(e.get("mm"), e["object"], e["va"]) for e in gone],
                         [(1, 1, "0x70000000"), (None, 1, "0x0")])
        self.assertFalse([e for e in gone if "buffer" in e])

    def test_a_line_of_the_log_is_written_in_one_piece(self):
        reader, writer = socket.socketpair(socket.AF_UNIX,
                                           socket.SOCK_SEQPACKET)
        with reader, writer, tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "script")
            with open(path, "w", encoding="utf-8") as f:
                f.write("mmap 0x70000000 rw adi\ntag 0x70000000 5\n")
            subprocess.run([ARGS.adiemu, "script", "-q",
                            "--log=event:info", path],
                           stderr=writer, timeout=60, check=True)
            writer.close()
            pieces = [reader.recv(65536) for _ in range(3)]
        self.assertEqual([p.count(b"\n") for p in pieces], [1, 1, 0])
        self.assertTrue(pieces[0].startswith(b"event info line=1 "), pieces)
        self.assertTrue(pieces[1].endswith(b" result=0\n"), pieces)

    def test_errors(self):
        for text, options, code, message in (
                ("at syscall mmap: check\n", [], 64,
                 ':1:4: "syscall", expected "start" or "exit"'),
                ("after insn 5: check\n", [], 64, 'expected "fault"'),
                ("", ["--stress=swap:5"], 64, "unrecognized option"),
                ("", ["--swap=1M:/tmp/x"], 64, "have no file"),
                ("", ["--check=all"], 64, "not off, path or full"),
                ("", ["--history=0"], 64, "not a number above 0"),
                ("", ["--ram=16K"], 64, "less than 1M")):
            with self.subTest(text=text, options=options):
                done = alone(text, *options)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(message, done.stderr)
        for arguments, message in (([], "no script"),
                                   (["/dev/null", "x"], "more than one"),
                                   (["/nonexistent"], "No such file")):
            done = subprocess.run([ARGS.adiemu, "script", *arguments],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(message, done.stderr)


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
                 'found=0 result=0 why="no page of it is in memory"\n'
                 'event warn line=2 insn=0 action="swapoff /dev/adi5" done=0 '
                 'found=0 result=ENOENT\n')

    def test_events_that_undo_each_fault_end_the_run(self):
        # A page that went to swap once comes back.
        done, err = run_script("after fault anon: swapout all\n")
        self.assertEqual(done.returncode, 3, err)
        done, err = run_script("at start: swapout all\n"
                               "after fault anon: swapout all\n"
                               "after fault swapin: swapout all\n")
        self.assertEqual(done.returncode, 70, err)
        self.assertRegex(err, r"adiemu: line 3 of the events undoes what "
                         r"each fault does: the page at 0x[0-9a-f]+000 is "
                         r"never there for pc 0x[0-9a-f]+\n")

    def test_an_action_that_meets_a_kernel_bug_ends_the_run(self):
        # The program does not touch that page: another thread does.
        text = "mmap pid 1 0x70000000+1 rw\nwrite pid 1 0x70000000 1\n" \
               "swapout pid 1 0x70000000\nfail swapread 1\n" \
               "swapoff /dev/adi0\nread pid 1 0x70000000\n" \
               "write pid 1 0x70000000 2\n"
        done, err = run_script(text.replace("mmap", "mmap"),
                               "--kernel=linux-6.6")
        self.assertEqual(done.returncode, 72, err)
        self.assertEqual(done.stdout, "")
        self.assertEqual(err.count("KERNEL BUG at"), 2, err)
        self.assertNotIn("write pid 1 0x70000000 2", err.split("NEVER")[0])

    def test_events_at_each_instruction_let_the_program_go_on(self):
        for period in 1, 2, 20:
            done, err = run_script("", f"--stress=swap:{period}",
                                   f"--stress=migrate:{period}")
            self.assertEqual(done.returncode, 3, err)

    def test_what_stays_says_why(self):
        done, err = run_script("migrate 0x70000000\n"
                               "when fault swapin: migrate\n"
                               "at exit: swapout all\n", "--stress=swap:5000")
        self.assertIn('line=1 insn=0 action="migrate 0x70000000" done=0 '
                      'found=0 result=0 why="no page of it is in memory"', err)
        self.assertIn('action="migrate" done=0 found=1 result=0 why="a fault '
                      'or a migration holds the page"', err)
        done = alone("mmap 0x70000000+2 rw adi\ntag 0x70000000+2 5\n"
                     "mlock 0x70000000\nswapout 0x70000000\n"
                     "munlock 0x70000000\nfail tagstore 1\n"
                     "swapout 0x70000000\npin 0x70000000\n"
                     "swapout 0x70000000\nmigrate 0x70000000\n"
                     "unpin 0x70000000\nswapoff /dev/adi0\n"
                     "swapout 0x70000000\nmigrate 0x70000000 node 1\n",
                     "-q", "--swap=80K", "--nodes=2", "--kernel=linux-6.2")
        whys = re.findall(r'line=(\d+) .*why="(.*)"', done.stderr)
        self.assertEqual(whys, [
            ("4", "the page is locked in memory"),
            ("7", "the tag store has refused a copy of its tags"),
            ("9", "the page is pinned"),
            ("10", "the page is pinned"),
            ("13", "there is no swap device")])
        done = alone("mmap 0x70000000+20 rw\ntag 0x70000000+20 5\n"
                     "write 0x70000000 1\n", "-q")
        self.assertIn("EOPNOTSUPP", done.stderr)
        done = alone("mmap 0x70000000+20 rw adi\ntag 0x70000000+20 5\n"
                     "swapout 0x70000000+20\nswapout 0x70012000\n",
                     "-q", "--swap=80K")
        self.assertIn('why="the swap devices are full"', done.stderr)

    def test_lines_that_were_never_due_are_listed(self):
        text = ("at syscall mremap 99: swapout all\n"
                "after insn 99999999999: swapout all\n"
                "at syscall exit_group pid 1007: check\n"
                "at syscall exit_group 2: check\n"
                "at syscall exit_group: check\n"
                "check\n")
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "script")
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
            command = [ARGS.adiemu, "run", "--events=" + path]
            plain = subprocess.run([*command, ARGS.guest],
                                   stdin=subprocess.DEVNULL, check=False,
                                   capture_output=True, text=True).stderr
            as_json = subprocess.run([*command, "--report-format=json",
                                      ARGS.guest], stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True,
                                     check=False).stderr
        listed = plain.split("EVENTS THAT WERE NEVER DUE: 4 lines\n")[1]
        self.assertEqual(
            [line[11:] for line in listed.splitlines()[:4]],
            ["   line 1: at syscall mremap 99: swapout all",
             "   line 2: after insn 99999999999: swapout all",
             "   line 3: at syscall exit_group pid 1007: check",
             "   line 4: at syscall exit_group 2: check, which came 1 time"])
        script = json.loads(as_json)["script"]
        self.assertEqual(script["sha256"],
                         hashlib.sha256(text.encode()).hexdigest())
        self.assertEqual([(e["line"], e["came"]) for e in script["never_due"]],
                         [(1, 0), (2, 0), (3, 0), (4, 1)])
        done = alone("when fault swapin: check\nmmap 0x70000000 rw\n",
                     "--swap=1M")
        self.assertIn("NEVER DUE: 1 line\n==adiemu==    line 1: when fault "
                      "swapin: check\n", done.stderr)
        self.assertNotIn("NEVER DUE", alone("check\n").stderr)

    def test_what_the_machine_does_is_nobodys(self):
        done = alone("mmap 0x70000000 rw adi\nwrite 0x70000000 120\n"
                     "tag 0x70000000 5\nswapout all\nfork as 2\n"
                     "exit pid 2\nswapoff /dev/adi0\n"
                     "read 0x70000000 tag 5 expect 120\ncheck\n",
                     "--swap=1M", "--kernel=linux-6.2")
        lines = [line for line in done.stderr.splitlines()
                 if line.endswith("by line 7 of the events")]
        self.assertTrue(lines)
        for line in lines:
            self.assertNotIn("pid", line)
        done, _ = run_script("at syscall munmap 1: swapoff /dev/adi0\n",
                             "--kernel=linux-6.2", "--swap=1M",
                             "--log=swap:debug", "--stress=swap:2000")
        unused = [line for line in done.stderr.splitlines()
                  if "path=swapoff" in line]
        for line in unused:
            self.assertNotIn("pid=", line)
            self.assertNotIn("pc=", line)

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

    def test_a_stress_as_a_script_does_the_same(self):
        stress = ["--stress=swap:2000:3", "--stress=migrate:3100:4",
                  "--stress=wait:3"]
        with tempfile.TemporaryDirectory() as d:
            script, report = (os.path.join(d, n) for n in ("script", "report"))
            options = ["--report-format=json", f"--report={report}"]

            def reports():
                with open(report, encoding="utf-8") as f:
                    whole = json.load(f)
                return {k: whole[k] for k in ("instructions", "events",
                                              "counters", "ram_peak_bytes",
                                              "store_peak_bytes", "totals")}
            run_script("", *options, *stress, f"--stress-script={script}")
            once = reports()
            with open(script, encoding="utf-8") as f:
                text = f.read()
            self.assertRegex(text, r"\Aafter insn \d+: swapout pid \d+ 0x")
            self.assertIn(": migrate pid ", text)
            run_script(text, *options, stress[2])
            self.assertEqual(once, reports())
            self.assertGreater(once["counters"]["pages_swapped_out"], 0)
            self.assertGreater(once["ram_peak_bytes"], 100000)
            self.assertGreater(once["instructions"], 0)

    def test_the_file_of_a_stress(self):
        done, err = run_script("", "--stress-script=/nowhere/file")
        self.assertEqual(done.returncode, 74)
        self.assertEqual(err, "adiemu: --stress-script=/nowhere/file: "
                         "No such file or directory\n")
        done, err = run_script("", "--stress=migrate:1000",
                               "--stress-script=/dev/full")
        self.assertEqual(done.returncode, 74)
        self.assertEqual(err, "adiemu: --stress-script=/dev/full: "
                         "No space left on device\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--doc", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
