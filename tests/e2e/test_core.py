#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Core files: what is in them, when there is one, and what its name is.

The guest is tests/guest/host/core.c.
"""
import argparse
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None
PAGE = 8192
FIXED = 0x70000000
HUGE = 0xfff8010000000000
PRSTATUS, PRFPREG, PRPSINFO, AUXV = 1, 2, 3, 6
SIGINFO, FILES = 0x53494749, 0x46494c45
SIGABRT, SIGSEGV = 6, 11


def run(*arguments, options=("--core",), **kwargs):
    return subprocess.run(
        [ARGS.adiemu, "run", "-q", *options, ARGS.guest, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace", timeout=120,
        check=False, **kwargs)


class Core:
    """A core file, read by what elf.h says and nothing else."""

    def __init__(self, name="core"):
        with open(name, "rb") as f:
            self.bytes = f.read()
        self.header = struct.unpack_from(">16sHHIQQQIHHHHHH", self.bytes)
        self.segments = [struct.unpack_from(">IIQQQQQQ", self.bytes,
                                            64 + 56 * i)
                         for i in range(self.header[10])]
        offset, size = self.segments[0][2], self.segments[0][5]
        self.notes, at = [], offset
        while at < offset + size:
            names, descs, kind = struct.unpack_from(">III", self.bytes, at)
            at += 12
            owner = self.bytes[at:at + names - 1].decode()
            at += names + 3 & ~3
            self.notes.append((owner, kind, self.bytes[at:at + descs]))
            at += descs + 3 & ~3

    def note(self, kind, which=0):
        return [desc for owner, k, desc in self.notes
                if owner == "CORE" and k == kind][which]

    def registers(self, which=0):
        return struct.unpack_from(">36Q", self.note(PRSTATUS, which), 112)

    def segment(self, va):
        for s in self.segments[1:]:
            if s[3] <= va < s[3] + s[6]:
                return s
        return None

    def memory(self, va, size):
        s = self.segment(va)
        at = va - s[3]
        assert at + size <= s[5], "not dumped"
        return self.bytes[s[2] + at:s[2] + at + size]


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def assert_none(self):
        self.assertEqual(os.listdir(), [])


class Contents(Scratch):
    def test_fault(self):
        for kernel in "remap", "linux-6.2", "swap-keyed":
            with self.subTest(kernel):
                done = run("fault", options=["--core", "--swap=16M",
                                             "--check=full",
                                             f"--kernel={kernel}"])
                self.assertEqual(done.returncode, 128 + SIGSEGV, done.stderr)
                self.assertRegex(done.stderr, r"core dumped\n")
                self.look(Core(), int(re.search(r"pc (0x[0-9a-f]+)",
                                                done.stderr)[1], 16))

    def look(self, core, pc):
        self.assertEqual(core.header[1:4], (4, 43, 1))  # ET_CORE, SPARCV9
        self.assertEqual([(o, k) for o, k, _ in core.notes],
                         [("CORE", k) for k in (PRSTATUS, PRPSINFO, SIGINFO,
                                                AUXV, FILES, PRFPREG)] +
                         [("NetBSD-CORE@1000", k) for k in (32, 34)])
        r = core.registers()
        self.assertEqual((r[33], r[34]), (pc, pc + 4))
        self.assertEqual((r[4], r[13], r[16], r[23], r[25], r[35]),
                         (0x4444, 0x3335, 0x1110, 0x1117, 0x2220, 0x55))
        self.assertEqual(r[32] & 0x80000, 0x80000)  # mcde
        status = core.note(PRSTATUS)
        self.assertEqual(struct.unpack_from(">iiih", status),
                         (SIGSEGV, 0, 0, SIGSEGV))
        self.assertEqual(struct.unpack_from(">I", status, 32), (1000,))
        fp = core.note(PRFPREG)
        self.assertEqual(fp[20:24], b"in d")  # %f5
        self.assertEqual(struct.unpack_from(">d", fp, 8 * 20), (3.25,))  # %f40
        self.assertEqual(struct.unpack_from(">iiiiQ", core.note(SIGINFO)),
                         (SIGSEGV, 0, 1, 0, 24))
        info = core.note(PRPSINFO)
        self.assertEqual(info[40:56].rstrip(b"\0"), b"core")
        self.assertEqual(info[56:].rstrip(b"\0"), f"{ARGS.guest} fault "
                         .encode()[:79])
        auxv = struct.unpack(f">{len(core.note(AUXV)) // 8}Q",
                             core.note(AUXV))
        self.assertEqual(dict(zip(auxv[::2], auxv[1::2]))[48], 64)
        self.assertIn(os.path.realpath(ARGS.guest).encode(), core.note(FILES))
        self.assertEqual(core.memory(FIXED, 7), b"tagged\0")
        self.assertEqual(core.memory(FIXED + 8 * PAGE, 10), b"no access\0")
        self.assertEqual(core.segment(FIXED + 4 * PAGE)[5:7], (0, PAGE))
        # The window of the registers is where %sp says, too.
        self.assertEqual(core.memory(r[14] + 2047, 128),
                         struct.pack(">16Q", *r[16:32]))

    def test_threads(self):
        for options in [], ["--stress=wait:1"], ["--schedule=random:3"]:
            with self.subTest(options):
                done = run("threads", options=["--core", *options])
                self.assertEqual(done.returncode, 128 + SIGABRT, done.stderr)
                core = Core()
                pids = [struct.unpack_from(">I", core.note(PRSTATUS, i), 32)[0]
                        for i in range(3)]
                self.assertEqual((pids[0], sorted(pids)),
                                 (1001, [1000, 1001, 1002]))
                self.assertEqual(len({core.registers(i)[14]
                                      for i in range(3)}), 3)
                for i in range(3):
                    r = core.registers(i)
                    self.assertEqual(core.memory(r[14] + 2047, 128),
                                     struct.pack(">16Q", *r[16:32]))
                psinfo = core.note(PRPSINFO)
                self.assertEqual(psinfo[1:2], b"D")
                self.assertEqual(struct.unpack_from(">I", psinfo, 24), (1000,))

    def test_sparse(self):
        run("fault", options=["--core", "--swap=16M"])
        st = os.stat("core")
        self.assertEqual(st.st_mode & 0o7777, 0o600)
        self.assertLess(st.st_blocks * 512, st.st_size)

    def test_huge(self):
        """Nobody looks at each of a billion pages that are not there."""
        done = run("huge", "private")
        if "File too large" in done.stderr:
            self.skipTest("no file of 8 TiB can be made here")
        self.assertIn("core dumped", done.stderr)
        with open("core", "rb") as f:
            header = struct.unpack(">16sHHIQQQIHHHHHH", f.read(64))
            for _ in range(header[10]):
                s = struct.unpack(">IIQQQQQQ", f.read(56))
                if s[3] == HUGE:
                    f.seek(s[2] + (1 << 42))
                    self.assertEqual(f.read(14), b"in the middle\0")
                    return
        self.fail("no such segment")

    def test_huge_ends_by_sigterm(self):
        """Each page of shared memory is made, until there is no room."""
        with subprocess.Popen(
                [ARGS.adiemu, "run", "-q", "--core", "--ram=4M", ARGS.guest,
                 "huge", "shared"], stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))) as child:
            while not os.path.exists("core"):
                time.sleep(0.01)
            child.terminate()
            self.assertIn(child.wait(timeout=60), (-signal.SIGTERM,
                                                   128 + signal.SIGABRT))

    def test_same_each_time(self):
        run("fault", options=["--core=a", "--swap=16M"])
        run("fault", options=["--core=b", "--swap=16M"])
        with open("a", "rb") as a, open("b", "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_filter(self):
        self.assertEqual(run("filter", "0").returncode, 128 + SIGABRT)
        self.assertEqual({s[5] for s in Core().segments[1:]}, {0})
        run("filter", "0x10")  # the first page of what begins an ELF file
        self.assertEqual(sorted(s[5] for s in Core().segments[1:])[-2:],
                         [0, PAGE])
        run("filter", "5")
        core = Core()
        self.assertTrue(all(s[5] == s[6] for s in core.segments[1:]
                            if s[6] < 1 << 20 and s[1]))


class Whether(Scratch):
    def test_not_asked_for(self):
        done = run("child", options=[])
        self.assertEqual(done.stdout, "signal 6 core 0\n")
        self.assert_none()

    def test_status(self):
        done = run("child")
        self.assertEqual(done.stdout, "signal 6 core 1\n")
        self.assertEqual(os.listdir(), ["core"])

    def test_undumpable(self):
        self.assertEqual(run("undumpable").returncode, 128 + SIGABRT)
        self.assert_none()

    def test_limits(self):
        for nr in 0, PAGE - 1:
            self.assertEqual(run("limit", str(nr)).returncode, 128 + SIGABRT)
            self.assert_none()
        for nr in PAGE, 30000, 500000:
            done = run("limit", str(nr))
            self.assertEqual(done.returncode, 128 + SIGABRT)
            self.assertIn("core dumped", done.stderr)
            self.assertLessEqual(os.stat("core").st_size,
                                 nr + 2 * PAGE)  # holes do not count

    def test_full(self):
        """As a full disk: the host writes no more."""
        def little():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        done = run("limit", "9999999", preexec_fn=little)
        self.assertEqual(done.returncode, 128 + SIGABRT, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 2, done.stderr)
        self.assertRegex(done.stderr, "core file core of pid 1000: File too")
        self.assertEqual(Core().header[1], 4)

    def test_not_to_be_made(self):
        os.mkdir("core")
        done = run("fault", options=["--core", "--swap=16M"])
        self.assertEqual(done.returncode, 128 + SIGSEGV)
        self.assertRegex(done.stderr, "core file core of pid 1000: File exists")
        self.assertNotIn("core dumped", done.stderr)

    def test_replaces(self):
        """One that is there goes, and what a link leads to stays."""
        with open("other", "w", encoding="utf-8") as f:
            f.write("mine")
        os.symlink("other", "core")
        run("undumpable")
        self.assertTrue(os.path.islink("core"))
        run("moved", ".")
        self.assertFalse(os.path.islink("core"))
        self.assertEqual(os.stat("other").st_size, 4)


class Names(Scratch):
    def test_pattern(self):
        os.mkdir("there")
        run("moved", "there", options=["--core=%e.%p.%s.%%"])
        self.assertEqual(os.listdir("there"), ["core.1000.6.%"])
        run("moved", "there", options=[f"--core={os.getcwd()}/c%i"])
        self.assertEqual(sorted(os.listdir()), ["c1000", "there"])

    def test_wrong(self):
        for pattern in "|cat", "%t", "50%", "", "x" * 128:
            done = run("fault", options=[f"--core={pattern}"])
            self.assertEqual(done.returncode, 64)
            self.assertIn("--core=", done.stderr)


class Readers(Scratch):
    def tool(self, name):
        found = shutil.which(name)
        if not found:
            self.skipTest(f"no {name}")
        return found

    def test_readelf(self):
        run("fault", options=["--core", "--swap=16M"])
        done = subprocess.run(
            [self.tool("sparc64-linux-gnu-readelf"), "-W", "-h", "-l", "-n",
             "core"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, check=True, timeout=60)
        self.assertRegex(done.stdout, r"CORE \(Core file\)")
        for note in "PRSTATUS", "PRPSINFO", "AUXV", "FILE", "FPREGSET":
            self.assertIn(f"NT_{note} ", done.stdout)
        self.assertNotRegex(done.stderr, "corrupt|beyond|Warning")

    def gdb(self, *commands):
        words = [w for c in ("set style enabled off", *commands)
                 for w in ("-ex", c)]
        return subprocess.run(
            [self.tool("gdb-multiarch"), "-nx", "-batch", *words, ARGS.guest,
             "core"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=True,
            timeout=120).stdout

    def test_gdb(self):
        run("fault", options=["--core", "--swap=16M"])
        said = self.gdb("p $l7", "x/s 0x70000000", "p (char *)&in_data",
                        "p $f40", "p/x $y", "bt", "info auxv")
        self.assertRegex(said, r"\$1 = 4375\n")
        self.assertIn('"tagged"', said)
        self.assertIn('"in data"', said)
        self.assertRegex(said, r"\$3 = 3.25\n\$4 = 0x55\n")
        self.assertRegex(said, r"#0 .* fault .*\n(#1 .*\n)?#[12] .* main ")
        self.assertRegex(said, "AT_PAGESZ .* 8192")

    def test_gdb_windows(self):
        run("windows")
        said = self.gdb("bt")
        self.assertEqual(len(re.findall(r"^#\d+ .* in deep", said, re.M)), 21)

    def test_gdb_threads(self):
        run("threads")
        said = self.gdb("info threads", "thread apply all bt")
        self.assertRegex(said, r"\* 1 .*LWP 1001")
        self.assertRegex(said, r"in end ")
        self.assertRegex(said, r"in wait_for_end ")
        self.assertRegex(said, r"in main ")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--guest", required=True, type=os.path.abspath)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
