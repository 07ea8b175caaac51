#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: what it refuses, and what it says about it.

Each broken program file is made from a good one here; adiemu must name the
file, say what is wrong with it in one line, and exit as a shell would.
"""
import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ARGS = None
COMMANDS = ("run", "compare", "report", "script")
ODD = "a\x1b[31mb\n'c"
ODD_QUOTED = "$'a\\033[31mb\\012\\'c'"
ODD_ESCAPED = "a\\033[31mb\\012'c"

EHDR_TYPE, EHDR_MACHINE, EHDR_ENTRY = 16, 18, 24
EHDR_PHOFF, EHDR_PHENTSIZE, EHDR_PHNUM = 32, 54, 56
PHDR_BYTES = 56
PT_LOAD, PT_INTERP = 1, 3


def run(*arguments, **kwargs):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, errors="replace",
                          stdin=subprocess.DEVNULL, timeout=60, **kwargs)


class Elf:
    """A program file whose header fields can be changed."""

    def __init__(self):
        with open(ARGS.guest, "rb") as f:
            self.data = bytearray(f.read())

    def put(self, form, at, value):
        struct.pack_into(">" + form, self.data, at, value)
        return self

    def get(self, form, at):
        return struct.unpack_from(">" + form, self.data, at)[0]

    def load(self, n):
        """Offset of the n-th PT_LOAD header."""
        phoff = self.get("Q", EHDR_PHOFF)
        for i in range(self.get("H", EHDR_PHNUM)):
            at = phoff + i * PHDR_BYTES
            if self.get("I", at) == PT_LOAD:
                if n == 0:
                    return at
                n -= 1
        raise IndexError


class Refused(unittest.TestCase):
    """Files that cannot be run."""

    def refuse(self, data, text, code=126, mode=0o755):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "prog")
            with open(path, "wb") as f:
                f.write(data)
            os.chmod(path, mode)
            done = run("run", path)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(path, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_empty(self):
        self.refuse(b"", "not an ELF file")

    def test_text(self):
        self.refuse(b"hello\n" * 100, "not an ELF file")

    def test_script(self):
        self.refuse(b"#!/bin/sh\nexit 0\n", "a script")

    def test_wrong_class(self):
        self.refuse(Elf().put("B", 4, 1).data, "32-bit")

    def test_unknown_class(self):
        self.refuse(Elf().put("B", 4, 7).data, "unknown class")

    def test_little_endian(self):
        self.refuse(Elf().put("B", 5, 1).data, "little-endian")

    def test_unknown_version(self):
        self.refuse(Elf().put("B", 6, 9).data, "unknown version")

    def test_wrong_machine(self):
        self.refuse(Elf().put("H", EHDR_MACHINE, 62).data,
                    "another machine")

    def test_object_file(self):
        self.refuse(Elf().put("H", EHDR_TYPE, 1).data, "not a program")

    def interpreted(self, name):
        """A program whose interpreter is @name, as the file has it."""
        elf = Elf()
        at = elf.get("Q", EHDR_PHOFF) + 2 * PHDR_BYTES
        elf.put("I", at, PT_INTERP)
        elf.put("Q", at + 8, len(elf.data))
        elf.put("Q", at + 32, len(name))
        elf.data += name
        return elf

    def test_interpreter_name(self):
        for name, text in ((b"", "too long, or empty"),
                           (b"\0", "too long, or empty"),
                           (b"/x", "does not end"),
                           (b"/" * 4096 + b"\0", "too long, or empty")):
            self.refuse(self.interpreted(name).data, text)
        elf = self.interpreted(b"/lib64/ld-linux.so.2\0")
        self.refuse(elf.data[:-8], "lies past the end")

    def test_interpreter_file(self):
        for name, text, code in (
                (b"/nonexistent/ld.so\0", "No such file", 127),
                (b"/nonexistent/l\x1b[31md.so\0", "l\\033[31md.so", 127),
                (b"/tmp\0", "/tmp: Permission denied", 126),
                (b"/dev/null\0", "/dev/null: Permission denied", 126),
                (b"/bin/sh\0", "/bin/sh: a little-endian ELF file", 126)):
            with self.subTest(name=name):
                self.refuse(self.interpreted(name).data, text, code)

    def test_no_program_headers(self):
        self.refuse(Elf().put("H", EHDR_PHNUM, 0).data,
                    "without program headers")

    def test_too_many_program_headers(self):
        self.refuse(Elf().put("H", EHDR_PHNUM, 4000).data, "too many")

    def test_odd_program_header_size(self):
        self.refuse(Elf().put("H", EHDR_PHENTSIZE, 8).data, "unknown size")

    def test_program_headers_past_end(self):
        self.refuse(Elf().put("Q", EHDR_PHOFF, 1 << 40).data, "truncated")

    def test_half_a_header(self):
        self.refuse(Elf().data[:40], "truncated")

    def test_truncated(self):
        self.refuse(Elf().data[:5000], "truncated")

    def test_larger_in_file(self):
        elf = Elf()
        at = elf.load(0)
        elf.put("Q", at + 40, elf.get("Q", at + 32) - 1)
        self.refuse(elf.data, "larger in the file")

    def test_overlap(self):
        elf = Elf()
        elf.put("Q", elf.load(1) + 16, elf.get("Q", elf.load(0) + 16))
        elf.put("Q", elf.load(1) + 8, 0)
        self.refuse(elf.data, "overlap")

    def test_absurd_size(self):
        elf = Elf()
        self.refuse(elf.put("Q", elf.load(1) + 40, (1 << 64) - 1).data,
                    "outside the address space")

    def test_absurd_address(self):
        elf = Elf()
        self.refuse(elf.put("Q", elf.load(1) + 16, 0xfff8 << 48).data,
                    "outside the address space")

    def test_misaligned_segment(self):
        elf = Elf()
        at = elf.load(0) + 16
        self.refuse(elf.put("Q", at, elf.get("Q", at) + 4).data,
                    "not aligned")

    def test_misaligned_entry(self):
        elf = Elf()
        entry = elf.get("Q", EHDR_ENTRY)
        self.refuse(elf.put("Q", EHDR_ENTRY, entry + 2).data,
                    "entry point")

    def test_not_executable(self):
        if os.geteuid() == 0:
            # Root may read it, but nobody may run a file without x.
            self.refuse(Elf().data, "Permission denied", mode=0o644)
        else:
            self.refuse(Elf().data, "Permission denied", mode=0o600)

    def test_directory(self):
        with tempfile.TemporaryDirectory() as d:
            done = run("run", d)
        self.assertEqual(done.returncode, 126)
        self.assertIn("Is a directory", done.stderr)

    def test_missing(self):
        done = run("run", "/nonexistent/prog")
        self.assertEqual(done.returncode, 127)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("/nonexistent/prog: No such file", done.stderr)


class Options(unittest.TestCase):
    """Wrong options: exit 64, and the option is named."""

    def wrong(self, option, text):
        done = run("run", option, ARGS.guest)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn(text, done.stderr.splitlines()[0])

    def test_wrong_options(self):
        for option, text in (
                ("--nonsense", "--nonsense"),
                ("--ram=lots", "--ram=lots: not a size"),
                ("--ram=12", "--ram=12: less than 1M"),
                ("--ram=-4M", "not a size"),
                ("--nodes=0", "--nodes=0: not a number from 1 to 8"),
                ("--nodes=9", "not a number from 1 to 8"),
                ("--nodes=two", "not a number"),
                ("--ram=99999999999999999999G", "not a size"),
                ("--swap=8K", "less than 10 pages"),
                ("--swap=1M:", "no file name"),
                ("--swap=1Mx", "not a size"),
                ("--swap=1M,pri=32768", "no priority"),
                ("--swap=1M,pri=-1", "no priority"),
                ("--swap=1M,prio=1", "not pri=N or sync"),
                ("--swap=1M,syn", "not pri=N or sync"),
                ("--swap=1M,sync,pri=x", "no priority"),
                ("--swap=1M,sync,sync", "sync twice"),
                ("--swap=1M,pri=1,sync,pri=2", "pri twice"),
                ("--kernel=vms", "--kernel=vms: no such profile"),
                ("--cpu=m6", "--cpu=m6: not m7, t5, t4, ultrasparc or v9"),
                ("--engine=none=off", "no such step"),
                ("--engine=flags", "not STEP=on or STEP=off"),
                ("--engine=all=off,flags=offer", "not STEP=on or STEP=off"),
                ("--engine=all=off,", "not STEP=on or STEP=off"),
                ("--stress=sleep:3", "not swap:PERIOD"),
                ("--stress=swap:0", "above 0"),
                ("--stress=swap:5:x", "SEED"),
                ("--stress=wait:0", "above 0"),
                ("--stress=wait:5:7", "not a number above 0"),
                ("--schedule=fifo", "not rr, random"),
                ("--schedule=rr:5", "not rr, random"),
                ("--schedule=random:x", "not rr, random"),
                ("--schedule=random:1:2", "not rr, random"),
                ("--schedule=pct:1:0", "DEPTH is not from 1 to 64"),
                ("--schedule=pct:1:2:3", "not rr, random"),
                ("--quantum=0", "not a number from 1 to 1T"),
                ("--quantum=2T", "not a number from 1 to 1T"),
                ("--fail=disk:1", "not tagstore:N"),
                ("--fail=swapread:zero", "above 0"),
                ("--report-format=xml", "neither text nor json"),
                ("--error-exitcode=300", "below 256"),
                ("--log=swap:loud", "loud"),
                ("--log=soup:debug", "soup"),
                ("--seed=abc", "not a number")):
            with self.subTest(option=option):
                self.wrong(option, text)

    def test_no_program(self):
        done = run("run")
        self.assertEqual(done.returncode, 64)
        self.assertIn("no program", done.stderr)

    def test_no_command(self):
        self.assertEqual(run().returncode, 64)
        done = run("walk")
        self.assertEqual(done.returncode, 127)
        self.assertIn('no command and no file "walk"', done.stderr)
        done = run("help", "walk")
        self.assertEqual(done.returncode, 64)
        self.assertIn('"walk"', done.stderr)

    def test_version_and_help_everywhere(self):
        version = re.compile(r"adiemu \d+\.\d+\.\d+\n")
        for command in [], *([c] for c in COMMANDS):
            for option in "--version", "-V":
                done = run(*command, option)
                self.assertEqual(done.returncode, 0)
                self.assertRegex(done.stdout, version)
            helps = {run(*command, option).stdout
                     for option in ("--help", "-h", "-?")}
            helps.add(run("help", *command).stdout)
            self.assertEqual(len(helps), 1, command)
            self.assertIn(" ".join(["Usage: adiemu", *command]), helps.pop())
        self.assertIn("--stress", run("run", "--help").stdout)
        for command in COMMANDS:
            self.assertRegex(run("--help").stdout, rf"(?m)^  {command} ")

    def test_script_without_end(self):
        for command in (["run", "--events=/dev/zero", ARGS.guest],
                        ["script", "/dev/zero"]):
            done = run(*command)
            self.assertEqual(done.returncode, 64)
            self.assertIn("/dev/zero: File too large", done.stderr)

    def test_kernel_list(self):
        done = run("run", "--kernel=list")
        self.assertEqual(done.returncode, 0)
        names = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertIn("linux-6.2", names)
        self.assertIn("remap", names)
        self.assertIn("mte-6.6", names)

    def test_steps_of_the_engine(self):
        done = run("run", "--engine=list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertIn("flags", names)
        for name in names:
            self.assertEqual(run("run", f"--engine={name}=off,{name}=on", "-q",
                                 ARGS.guest).returncode, 3)
        for value, code in ("all=off", 3), ("none=off", 64):
            done = subprocess.run(
                [ARGS.adiemu, "run", "-q", ARGS.guest], capture_output=True,
                text=True, timeout=60,
                env={**os.environ, "ADIEMU_ENGINE": value})
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr,
                         "^adiemu run: ADIEMU_ENGINE=none=off: .*no such step")

    def test_steps_leave_blocks_where_they_end(self):
        """Turns, events and time wait for the end of a block."""
        guest = os.path.join(os.path.dirname(ARGS.guest), "asm_long_blocks")
        for options in ["-d", "in_asm"], ["--quantum=5000", "--log=all:info",
                                          "--report-format=json"]:
            on, off = (run("run", *options, f"--engine=all={how}", guest)
                       for how in ("on", "off"))
            self.assertEqual((on.returncode, off.returncode), (0, 0))
            self.assertEqual(on.stdout, off.stdout)
            self.assertEqual(on.stderr.replace("all=on", "all=off"),
                             off.stderr)

    def test_kernel_of_the_host(self):
        """One line says which; 2.6.x, for UNAME26, is older than all."""
        release = os.uname().release
        for command in ([], ["setarch", "--uname-2.6"]):
            done = subprocess.run(
                [*command, ARGS.adiemu, "run", "--kernel=host",
                 "--report-format=json", ARGS.guest],
                capture_output=True, text=True, timeout=60)
            said, report = done.stderr.split("\n", 1)
            report = json.loads(report)
            m = re.fullmatch(r"mm warn host=(\S+) kernel=(linux-[\d.]+)", said)
            self.assertTrue(m, said)
            self.assertEqual(m[2], report["profile"])
            self.assertIn(f"--kernel={m[2]}", report["command_line"])
            if command:
                self.assertRegex(m[1], r"^2\.6\.")
                self.assertEqual(m[2], "linux-5.14")
            else:
                self.assertEqual(m[1], release)
        for command in (["script", "--kernel=host", "--report=/dev/null",
                         "/dev/null"],
                        ["compare", "--kernel=host", "--format=csv",
                         "--events-only=/dev/null"],
                        ["run", "-q", "--kernel=host", ARGS.guest]):
            done = run(*command)
            self.assertEqual(done.stderr.count("host="), 1, command)
            self.assertEqual(done.stderr.count("\n"), 1, command)
        for quiet in ["--kernel=remap"], ["--log=mm:off"]:
            done = run("run", "-q", "--kernel=host", *quiet, ARGS.guest)
            self.assertEqual(done.stderr, "")

    def test_too_many_swap_devices(self):
        done = run("run", *["--swap=1M"] * 24, ARGS.guest)
        self.assertEqual(done.returncode, 64)
        self.assertIn("more than 23", done.stderr)

    def test_two_swap_devices_in_one_file(self):
        with tempfile.TemporaryDirectory() as d:
            swap = "--swap=1M:" + os.path.join(d, "swap")
            done = run("run", swap, swap, ARGS.guest)
        self.assertEqual(done.returncode, 74)
        self.assertIn("two swap devices in one file", done.stderr)


class HostFiles(unittest.TestCase):
    """What adiemu writes for itself and cannot: exit 74, and the file named.

    A file that cannot be opened is found before anything runs.
    """

    NOWHERE, FULL = "/nonexistent/file", "/dev/full"
    FILES = ["run --report={} PROG", "script --report={} SCRIPT",
             "report --html -o {} REPORT"]
    SWAPS = ["run --swap=1M:{} PROG", "compare --swap=1M:{} PROG"]
    STREAMS = ["compare PROG", "compare --format=json PROG",
               "compare --format=csv PROG",
               "compare --events-only=SCRIPT", "report --html REPORT",
               "--help", "--version", "run --help"]
    TEMPORARY = ["run --swap=1M PROG", "script --swap=1M SCRIPT",
                 "compare --swap=1M PROG"]

    def setUp(self):
        d = tempfile.TemporaryDirectory()
        self.addCleanup(d.cleanup)
        self.names = {"PROG": os.path.abspath(ARGS.guest),
                      "SCRIPT": os.path.join(d.name, "s.events"),
                      "REPORT": os.path.join(d.name, "r.json")}
        with open(self.names["SCRIPT"], "w", encoding="ascii") as f:
            f.write("mmap 0x70000000 rw adi\n")
        run("script", "--report-format=json",
            "--report=" + self.names["REPORT"], self.names["SCRIPT"])

    def fails(self, line, text, path="", **kwargs):
        words = [re.sub("PROG|SCRIPT|REPORT", lambda m: self.names[m[0]], w)
                 for w in line.format(path).split()]
        with self.subTest(line, path=path):
            done = subprocess.run(
                [ARGS.adiemu, *words], stdin=subprocess.DEVNULL, text=True,
                check=False, stderr=subprocess.PIPE,
                **{"stdout": subprocess.PIPE, **kwargs})
            self.assertEqual(done.returncode, 74, done.stderr)
            self.assertIn(text, done.stderr)
            return done

    def test_cannot_be_made(self):
        for line in self.FILES + self.SWAPS[:1]:
            done = self.fails(line, self.NOWHERE + ": No such file",
                              self.NOWHERE)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(done.stderr.splitlines()), 1)
        self.fails(self.SWAPS[1], self.NOWHERE + ": No such file",
                   self.NOWHERE)

    def test_closed_stdout(self):
        for line in self.STREAMS:
            self.fails(line, "stdout: Bad file descriptor",
                       preexec_fn=lambda: os.close(1))

    def test_report_is_not_its_own_page(self):
        report = self.names["REPORT"]
        with open(report, "rb") as f:
            before = f.read()
        self.fails("report --html -o {} REPORT",
                   report + ": input file is output file", report)
        with open(report, "rb") as f:
            self.assertEqual(f.read(), before)

    def test_is_full(self):
        for line in self.FILES:
            self.fails(line, "No space left on device", self.FULL)
        for line in self.STREAMS:
            with open(self.FULL, "w", encoding="ascii") as full:
                self.fails(line, "stdout: No space left on device",
                           stdout=full)

    def test_is_beyond_the_limit_of_size(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        for line in self.TEMPORARY:
            self.fails(line, "temporary swap file: File too large",
                       preexec_fn=limit)
        for line in "run --report={} PROG", "script --report={} SCRIPT":
            with tempfile.NamedTemporaryFile() as f:
                self.fails(line, "the report could not be written: "
                           "File too large", f.name, preexec_fn=limit)
        done = subprocess.run(
            [ARGS.adiemu, "compare", ARGS.guest], input="x" * 300, text=True,
            check=False, capture_output=True, preexec_fn=limit)
        self.assertEqual((done.returncode, done.stdout), (74, ""))
        self.assertIn("File too large", done.stderr)

    def test_has_no_folder(self):
        nowhere = {**os.environ, "TMPDIR": "/nonexistent"}
        for line in self.TEMPORARY:
            self.fails(line, "temporary swap file: No such file", env=nowhere)

    def test_report_on_stderr_is_full(self):
        with open(self.FULL, "w", encoding="ascii") as full:
            done = subprocess.run([ARGS.adiemu, "run", ARGS.guest],
                                  stdin=subprocess.DEVNULL, stderr=full,
                                  stdout=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 74)


class Running(unittest.TestCase):
    """What a good program gets."""

    def test_report_goes_to_stderr_and_code_is_the_programs(self):
        done = run("run", ARGS.guest)
        self.assertEqual(done.returncode, 3)
        self.assertIn("ERROR SUMMARY: 0 errors from 0 contexts", done.stderr)
        self.assertNotIn("adiemu", done.stdout)

    def test_without_a_command_it_runs(self):
        whole = run("run", ARGS.guest)
        for arguments in ([ARGS.guest], ["--", ARGS.guest],
                          ["--ram=256M", ARGS.guest]):
            done = run(*arguments)
            self.assertEqual(done.stdout, whole.stdout)
            self.assertEqual(done.stderr.replace(" --ram=256M", ""),
                             whole.stderr)
            self.assertEqual(done.returncode, 3)
        done = run("--ram=lots", ARGS.guest)
        self.assertEqual(done.returncode, 64)
        self.assertTrue(done.stderr.startswith("adiemu: --ram=lots"))
        self.assertEqual(run("/nonexistent/prog").returncode, 127)

    def test_a_report_says_how_it_is_made_again(self):
        with tempfile.TemporaryDirectory() as d:
            def shell(*command):
                """By bash, which adds something to the environment."""
                return subprocess.run(
                    ["bash", "-c", *command], capture_output=True, text=True,
                    check=False, stdin=subprocess.DEVNULL,
                    env={"PATH": d + ":" + os.environ["PATH"], "HOME": d})

            os.symlink(os.path.abspath(ARGS.adiemu),
                       os.path.join(d, "adiemu"))
            path = os.path.join(d, ODD)
            shutil.copy(ARGS.guest, path)
            script = os.path.join(d, "my events")
            with open(script, "wb") as f:
                f.write(b"at syscall mprotect: swapout all\n")
            done = shell(
                '"$0" "$@"', "adiemu", "run", "--ra", "8M", "--swap=1M,pri=3",
                "--swap=2M", "--kern=linux-6.2", "-rnew",
                "--stress=swap:5000:3", "--events", script, "--check=path",
                "-E", "A=b c'd", "-U", "HOME", "-0", "$name", "--seed=7",
                "--report=" + os.path.join(d, "report"), "--strace",
                "--log=all:debug", path, "an argument", "-x")
            self.assertEqual(done.returncode, 3)
            with open(os.path.join(d, "report"), encoding="utf-8") as f:
                first = f.read()
            command = re.search("(?m)^==adiemu== Command: (.*)$", first)[1]
            self.assertTrue(command.startswith(
                "adiemu run --ram=8M --swap=1M,pri=3 --swap=2M "
                "--kernel=linux-6.2 --uname=new --stress=swap:5000:3 "))
            self.assertTrue(command.endswith("'an argument' -x"))
            with open(script, "rb") as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            self.assertIn(f"Events: '{script}', SHA-256 {digest}\n", first)
            again = shell(command)
            self.assertEqual(again.stderr[again.stderr.index("==adiemu=="):],
                             first)
            done = run("run", "--report-format=json", "--ram=8M", "--seed=7",
                       "--", path)
            report = json.loads(done.stderr)
            self.assertEqual(report["command_line"],
                             ["adiemu", "run", "--ram=8M", "--seed=7", path])
            self.assertEqual(report["seed"], 7)
            self.assertNotIn("script", report)

    def test_control_bytes_of_names_reach_no_terminal(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, ODD)
            shutil.copy(ARGS.guest, path)
            done = run("run", ODD, cwd=d)
            self.assertEqual(done.returncode, 3)
            self.assertIn(f"Command: adiemu run {ODD_QUOTED}\n", done.stderr)
            self.assertNotIn("\x1b", done.stderr)
        for arguments in (["run", ODD], ["run", "--report=/nonexistent/" + ODD,
                                         ARGS.guest],
                          ["script", ODD], ["report", "--html", ODD]):
            done = run(*arguments)
            self.assertIn(ODD_ESCAPED + ": No such file", done.stderr)
            self.assertNotIn("\x1b", done.stderr)

    def test_control_bytes_of_options_reach_no_terminal(self):
        for arguments in (["run", "--kernel=" + ODD], ["run", "--" + ODD],
                          ["run", "--events=/nonexistent/" + ODD, "x"],
                          ["script", "x", ODD], ["compare", "--jobs=" + ODD],
                          ["report", "--html", "x", ODD]):
            done = run(*arguments)
            self.assertEqual(done.returncode, 64)
            self.assertIn(ODD_ESCAPED, done.stderr)
            self.assertNotIn("\x1b", done.stderr)

    def test_report_has_the_mode_that_the_caller_wants(self):
        with tempfile.TemporaryDirectory() as d:
            for mask in 0o022, 0o077, 0o006:
                path = os.path.join(d, f"report{mask:o}")
                run("run", "--report=" + path, ARGS.guest, umask=mask)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o666 & ~mask)

    def test_quiet_says_nothing(self):
        self.assertEqual(run("run", "-q", ARGS.guest).stderr, "")

    def test_strace_shows_calls(self):
        done = run("run", "-q", "--strace", ARGS.guest)
        self.assertRegex(done.stderr, r"\nexit_group\(3\) += \?")
        self.assertRegex(done.stderr, r'\nwrite\(1, ".*"\.\.\., \d+\) = ')

    def test_options_as_qemu_spells_them(self):
        done = run("-strace", "-cpu", "t5", "-seed", "5", "-E", "A=-strace",
                   "-U", "HOME", "-0", "-cpu", "-L", "", "-s", "16M", "-q",
                   ARGS.guest)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("{rlim_cur=16384*1024, ", done.stderr)
        for option in ("-singlestep", "-B", "-R", "-p", "-dfilter", "-trace",
                       "-plugin", "-one-insn-per-tb"):
            done = run("run", option, ARGS.guest)
            self.assertEqual(done.returncode, 64)
            self.assertIn(f"{option} is an option of qemu that is not "
                          "supported", done.stderr)
        self.assertEqual(run("run", "-version").stdout,
                         run("--version").stdout)
        self.assertIn("--strace", run("run", "-help").stdout)
        # Behind the program they are the program's.
        self.assertEqual(run("run", "-q", ARGS.guest, "-singlestep")
                         .returncode, 3)

    def test_wrong_arguments_of_those(self):
        for options, text in ((["-d", "cpu"], "-d cpu: not in_asm or strace"),
                              (["-d", "in_asm,"], "-d : not in_asm"),
                              (["-s", "1"], "-s 1: not a size"),
                              (["-cpu", "x"], "--cpu=x: not m7")):
            done = run("run", *options, ARGS.guest)
            self.assertEqual(done.returncode, 64)
            self.assertIn(text, done.stderr)
        done = run("run", "-D", "/no/such/file", ARGS.guest)
        self.assertEqual((done.returncode, done.stderr),
                         (74, "adiemu: -D /no/such/file: No such file or "
                          "directory\n"))
        done = run("run", "-q", "-d", "in_asm", "-D", "/dev/full", ARGS.guest)
        self.assertEqual(done.returncode, 74)

    def test_in_asm(self):
        with tempfile.TemporaryDirectory() as d:
            logs = []
            for name in "a", "b":
                path = os.path.join(d, name)
                done = run("run", "-q", "-d", "in_asm,strace", "-D", path,
                           ARGS.guest)
                self.assertEqual((done.returncode, done.stderr), (3, ""))
                with open(path) as f:
                    logs.append(f.read())
        self.assertEqual(*logs)
        self.assertRegex(logs[0], r"(?m)^-{16}\nIN:\n"
                         r"0x0000000000[0-9a-f]{6}:  bc100000  mov %g0, %fp$")
        self.assertRegex(logs[0], r"(?m)^exit_group\(3\) += \?$")
        self.assertNotIn("unfinished", logs[0].split("exit_group")[0][-2000:])

    def test_swap_file_has_a_header(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "swap")
            run("run", "-q", "--swap=1M:" + path, ARGS.guest)
            with open(path, "rb") as f:
                page = f.read(8192)
        self.assertEqual(page[-10:], b"SWAPSPACE2")

    def test_closed_stdout_is_no_crash(self):
        done = subprocess.run([ARGS.adiemu, "run", "-q", ARGS.guest],
                              stdin=subprocess.DEVNULL, close_fds=True,
                              preexec_fn=lambda: os.close(1), timeout=60)
        self.assertLess(done.returncode, 128)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
