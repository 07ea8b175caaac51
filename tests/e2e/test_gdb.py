#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--gdb: gdb-multiarch debugs a program, and what else may be at the line.

The guest is tests/guest/host/debug.c.
"""
import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import rsp

ARGS = None


def target(*arguments, **kwargs):
    return rsp.Target(ARGS.adiemu, ARGS.guest, *arguments, **kwargs)


class Gdb(unittest.TestCase):
    """Scripts of gdb-multiarch."""

    def setUp(self):
        if not shutil.which("gdb-multiarch"):
            self.skipTest("no gdb-multiarch")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def command(self, t, commands, remote="remote"):
        words = ["set pagination off", "set style enabled off",
                 f"target {remote} {t.path}", *commands]
        return ["gdb-multiarch", "-nx", "-batch",
                *[w for c in words for w in ("-ex", c)], ARGS.guest]

    def gdb(self, arguments, *commands, options=(), remote="remote"):
        """What gdb said, what the program wrote, its exit status."""
        with target(*arguments, options=options, connect=False) as t:
            said = subprocess.run(
                self.command(t, commands, remote), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=30, check=False).stdout
            out, code = t.end()
        return said, out, code

    def test_break_and_finish_through_windows(self):
        said, out, code = self.gdb(
            ["deep"], "break deep if n == 0", "continue", "backtrace",
            "finish", "finish", "up 3", "print n", "set var n = n", "down 3",
            "delete", "continue")
        frames = set(re.findall(r"^#(\d+) .*\bdeep \(n=", said, re.M))
        self.assertEqual(len(frames), 21)
        self.assertRegex(said, r"#20 .* deep \(n=20\)")
        self.assertRegex(said, r"Value returned is \$1 = 1\n")
        self.assertRegex(said, r"Value returned is \$2 = 2\n")
        self.assertRegex(said, r"\$3 = 5\n")
        self.assertIn("exited with code 03", said)
        self.assertEqual((out, code), ("sum 211 counter 211\n", 3))

    def test_step_and_registers(self):
        said, out, _ = self.gdb(
            ["deep"], "hbreak run_deep", "continue", "stepi", "stepi",
            "print $npc - $pc", "step", "info symbol $pc", "print $g0",
            "print/x $asi", "print $f1 = 2.5", "print $f1", "print $f62 = 1.25",
            "print $f62", "print $o5 = 99", "print $o5", "info registers y",
            "print counter = 100", "delete", "continue")
        self.assertRegex(said, r"(?s)Breakpoint 1, .*run_deep.* = 4\n")
        self.assertRegex(said, r"deep \(n=(<optimized out>|20)\)")
        for value in r"= 2\.5\n\$\d = 2\.5", r"= 1\.25\n\$\d = 1\.25", \
                r"= 99\n\$\d+ = 99":
            self.assertRegex(said, value)
        self.assertIn("sum 211 counter 311", out)

    def test_watch(self):
        said, _, _ = self.gdb(
            ["deep"], "watch shared", "continue", "continue", "print shared")
        self.assertRegex(said, r"Hardware watchpoint 1: shared\s+Old value = 0"
                               r"\s+New value = 211")
        said, _, _ = self.gdb(
            ["deep"], "break deep if n == 0", "continue", "delete",
            "awatch counter", "rwatch shared", "continue", "continue", "kill")
        self.assertRegex(said, r"(?s)Hardware access \(read/write\) watchpoint "
                               r"2: counter\s+Value = 0.*New value = 1\n")

    def test_watch_of_a_call(self):
        with target("say", stdin=subprocess.PIPE, connect=False) as t:
            t.process.stdin.write(b"two")
            t.process.stdin.close()
            t.process.stdin = None
            said = subprocess.run(
                self.command(t, ["break run_say", "continue", "next",
                                 "watch *(char *)word", "continue", "kill"]),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=30,
                check=False).stdout
        self.assertRegex(said, r"Old value = 0 '\\000'\s+New value = 116 't'")

    def test_threads(self):
        said, out, code = self.gdb(
            ["threads"], "break all_there", "continue", "info threads",
            "thread apply all -q backtrace -3", "thread 2", "stepi", "stepi",
            "thread 1", "delete", "next", "continue")
        self.assertEqual(len(re.findall(r'"worker"', said)), 2)
        self.assertRegex(said, r"\* 1 +Thread .*all_there")
        self.assertEqual((out, code), ("shared 3\n", 0))

    def test_break_in_threads(self):
        said, _, code = self.gdb(["threads"], "break work", "continue",
                                 "continue", "continue")
        self.assertEqual(len(re.findall(r"hit Breakpoint 1, work \(n=", said)),
                         2)
        self.assertEqual(code, 0)

    def test_signals(self):
        said, out, code = self.gdb(
            ["signal"], "continue", "print $_siginfo.si_signo", "continue",
            "signal 0", "print $_siginfo._sifields._sigfault.si_addr",
            "continue")
        self.assertEqual(said.count("received signal SIGUSR1"), 2)
        self.assertRegex(said, r"\$1 = 30\n")
        self.assertIn("received signal SIGSEGV", said)
        self.assertRegex(said, r"\$2 = \(void \*\) 0x8\n")
        self.assertIn("terminated with signal SIGSEGV", said)
        self.assertIn("got 30\n", out)
        self.assertEqual(code, 128 + 11)

    def test_pass_signals(self):
        said, out, _ = self.gdb(
            ["signal"], "handle SIGUSR1 nostop noprint pass",
            "handle SIGSEGV nostop noprint pass", "continue")
        self.assertNotIn("received", said)
        self.assertIn("got 60\n", out)

    def test_tags(self):
        """gdb's own commands, by /proc/PID/adi/ of the target."""
        said, out, _ = self.gdb(
            ["tags"], "break use_tags", "continue", "adi examine/300 0x70000000",
            "adi assign/65 0x70000040 = 3", "adi x/256 0x5000000070000000",
            "adi x 0x100000", "adi assign 0x70000080 = 9",
            "awatch *(char *)0x70000040", "continue", "adi x/256 0x70000000",
            "delete", "continue")
        for line in "5 0 0 0 0", "5 3 3 0", "5 7 9 0":
            self.assertIn(f"0x70000000:\t{line}\n", said)
        self.assertIn("not in ADI maps", said)
        # A store of a tag is an access to its block.
        self.assertRegex(said, r"Hardware access .* \*\(char \*\)0x70000040")
        self.assertEqual(out, "tags 5 7\n")

    def test_monitor(self):
        said, out, code = self.gdb(
            ["tags"], "break use_tags", "continue",
            "monitor tags 0x70000000 128", "monitor swapout 0x70000000",
            "monitor event tag 0x70000000 6 at 3",
            "monitor tags 0x70000000 320", "monitor migrate 0x70000000",
            "monitor event at exit: check", "monitor event nonsense",
            "monitor event", "monitor tags", "monitor tags 1 99999999",
            "monitor tags 0x100000", "monitor", "monitor what",
            "monitor report", "monitor help", "x/s 0x70000000", "continue",
            options=["--swap=16M"])
        self.assertIn("0x70000000: 5 0\n", said)
        self.assertIn("swapout pid 1000 0x70000000\" done=1", said)
        self.assertIn("0x70000000: 5 0 0 6 0\n", said)
        self.assertIn("migrate pid 1000 0x70000000\" done=1", said)
        self.assertIn("carried out at once", said)
        self.assertIn('"nonsense", expected', said)
        self.assertEqual(said.count("tags ADDR [LEN]: of how many"), 2)
        self.assertIn("0x100000: -\n", said)
        self.assertIn("try: monitor help", said)
        self.assertRegex(said, "1 pages? swapped|swapped out")
        self.assertIn("TAG SUMMARY: 0 pages lost", said)
        self.assertEqual((out, code), ("tags 5 7\n", 0))

    def test_files(self):
        """The program and what /proc says of it are read from the target."""
        said, _, _ = self.gdb(
            ["deep"], "info proc", "info proc mappings", "info auxv",
            "remote get /proc/1000/status status", "shell grep Name status",
            f"remote get {ARGS.guest} copy",
            f"shell cmp copy {ARGS.guest} && echo the same", "kill")
        self.assertIn("the same\n", said)
        self.assertRegex(said, f"cmdline = '{ARGS.guest} deep'")
        self.assertRegex(said, f"exe = '{ARGS.guest}'")
        self.assertRegex(said, r"0x100000 .* r-xp .*/debug\n")
        self.assertRegex(said, r"AT_PAGESZ .* 8192")
        self.assertRegex(said, r"Name:\s+debug")

    def test_fork(self):
        said, out, _ = self.gdb(
            ["fork"], "catch fork", "continue", "break in_child", "continue")
        self.assertRegex(said, r"Catchpoint 1 \(forked process 1001\)")
        self.assertNotIn("hit Breakpoint", said)
        self.assertEqual(out, "child 5 counter 0\n")

    def test_follow_fork(self):
        said, out, _ = self.gdb(
            ["fork"], "set follow-fork-mode child", "break in_child",
            "continue", "info inferiors", "continue")
        self.assertRegex(said, r"hit Breakpoint 1, in_child")
        self.assertRegex(said, r"Inferior 2 \(process 1001\) exited with code 05")
        self.assertEqual(out, "child 5 counter 0\n")

    def test_two_processes(self):
        said, out, _ = self.gdb(
            ["fork"], "set detach-on-fork off", "set schedule-multiple on",
            "break in_child", "continue", "info threads", "next",
            "next", "print counter", "inferior 1", "print counter", "continue",
            "inferior 1", "continue")
        self.assertRegex(said, r"1\.1 +Thread 1000\.1000 ")
        self.assertRegex(said, r"\* 2\.1 +Thread 1001\.1001 .* in_child")
        self.assertRegex(said, r"(?s)\$1 = 42\n.*\$2 = 0\n")
        self.assertEqual(out, "child 5 counter 0\n")

    def test_exec(self):
        said, out, code = self.gdb(
            ["exec"], "catch exec", "continue", "break deep if n == 3",
            "continue", "print n", "continue")
        self.assertIn(f"exec'd {ARGS.guest}", said)
        self.assertIn("$1 = 3\n", said)
        self.assertEqual((out, code), ("sum 211 counter 211\n", 3))

    def test_run_is_refused(self):
        said, _, _ = self.gdb(["deep"], "kill", "run", remote="extended-remote")
        self.assertRegex(said, "Remote connection closed|runs its program once")

    def test_reverse_step(self):
        said, out, code = self.gdb(
            ["deep"], "break deep if n == 0", "continue", "reverse-stepi",
            "print/x $npc == $pc + 4", "stepi", "print counter", "delete",
            "finish", "finish", "next", "print counter", "reverse-next",
            "print counter", "reverse-finish", "backtrace 1", "continue")
        self.assertRegex(said, r"(?s)in deep \(n=1\).*\$1 = 0x0\n")
        self.assertRegex(said, r"(?s)\$5 = 4\n.*\$6 = 2\n")
        self.assertEqual((out, code), ("sum 211 counter 211\n", 3))

    def test_reverse_continue(self):
        said, out, code = self.gdb(
            ["deep"], "break deep if n == 19", "continue", "watch counter",
            "delete 1", "continue", "continue", "continue", "print counter",
            "reverse-continue", "print counter", "reverse-continue",
            "print counter", "reverse-continue", "print $pc == &_start",
            "continue", "print counter", "delete", "break deep", "continue",
            "reverse-continue", "print n", "delete", "continue",
            "print $_exitcode")
        self.assertRegex(said, r"(?s)\$1 = 4\n.*Old value = 4\s+New value = 2\n"
                               r".*\$2 = 2\n.*Old value = 2\s+New value = 1\n")
        self.assertRegex(said, r"(?s)\$3 = 1\n.*Old value = 1\s+New value = 0\n")
        self.assertEqual((out, code), ("sum 211 counter 211\n", 3))

    def test_reverse_threads(self):
        said, out, _ = self.gdb(
            ["threads"], "break all_there", "continue", "reverse-stepi",
            "break work", "reverse-continue", "print n", "reverse-continue",
            "print n", "continue", "print n", "delete", "continue")
        self.assertRegex(said, r"(?s)\$1 = 2\n.*\$2 = 1\n.*\$3 = 2\n")
        self.assertEqual(out, "shared 3\n")

    def test_reverse_says_nothing_again(self):
        """What was written is not written twice, and what was read stays."""
        with target("say", stdin=subprocess.PIPE, connect=False) as t:
            t.process.stdin.write(b"two")
            t.process.stdin.close()
            t.process.stdin = None
            said = subprocess.run(
                self.command(t, ["break _exit", "continue", "break say",
                                 "reverse-continue", "print (char *)$o0",
                                 "reverse-continue", "print (char *)$o0",
                                 "reverse-continue", "continue", "continue",
                                 "print (char *)$o0", "delete", "continue"]),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=30,
                check=False).stdout
            out, code = t.end()
        self.assertEqual(re.findall('= 0x[0-9a-f]+ "(.*)"', said),
                         [" three\\n", "two", " three\\n"])
        self.assertEqual((out, code), ("one two three\n", 0))

    def test_no_way_back(self):
        said, out, _ = self.gdb(
            ["file"], "break say", "continue", "reverse-stepi",
            "reverse-continue", "print counter", "delete", "continue")
        self.assertEqual(said.count("adiemu: no way back: the program has "
                                    "opened a file to write"), 2)
        self.assertRegex(said, r"\$1 = 0\n")
        self.assertEqual(out, "made\n")
        said, _, _ = self.gdb(["deep"], "stepi", "reverse-stepi", "kill",
                              options=["--realtime"])
        self.assertIn("no way back: with --realtime runs differ", said)

    def test_interrupt(self):
        with target("loop", connect=False) as t:
            gdb = subprocess.Popen(
                self.command(t, ["continue", "print counter > 0",
                                 "set var stop = 1", "continue"]),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
            said = ""
            while "_start" not in said:
                said += gdb.stdout.readline()
            while gdb.poll() is None:
                time.sleep(0.1)
                gdb.send_signal(signal.SIGINT)
                if select_line(gdb):
                    break
            said += gdb.communicate(timeout=20)[0]
            out, code = t.end()
        self.assertIn("received signal SIGINT", said)
        self.assertIn("$1 = 1\n", said)
        self.assertEqual((out, code), ("stopped\n", 0))

    def test_same_run(self):
        """The program cannot tell: what it counts is what it counts alone."""
        _, out, code = self.gdb(
            ["deep"], "break deep", "continue 5", "watch counter", "continue",
            "delete", "stepi 50", "continue")
        alone = subprocess.run([ARGS.adiemu, "-q", ARGS.guest, "deep"],
                               stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual((out, code), (alone.stdout, alone.returncode))


def select_line(gdb):
    import select
    return bool(select.select([gdb.stdout], [], [], 0.2)[0])


class Line(unittest.TestCase):
    """Without gdb: what a client may say, and what it may not."""

    def address(self, name):
        nm = subprocess.run(["sparc64-linux-gnu-nm", ARGS.guest], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
        return int(re.search(f"^(\\w+) \\w {name}$", nm, re.M)[1], 16)

    def test_registers_and_memory(self):
        with target("deep") as t:
            self.assertIn("PacketSize=", t.ask("qSupported:swbreak+"))
            self.assertRegex(t.ask("?"), "^T05thread:3e8;")
            regs = t.ask("g")
            self.assertEqual(len(regs), 2 * (32 * 8 + 32 * 4 + 16 * 8 + 6 * 8))
            pc = int(t.ask("p50"), 16)
            self.assertEqual(t.ask("G" + regs), "OK")
            self.assertEqual(t.ask(f"m{pc:x},4"), t.ask(f"m{pc:x},8")[:8])
            self.assertEqual(t.ask("P17=0123456789abcdef"), "OK")
            self.assertEqual(t.ask("p17"), "0123456789abcdef")
            sp = int(t.ask("pe"), 16) + 2047 - 1024 # free below
            self.assertEqual(t.ask(f"M{sp:x},3:616263"), "OK")
            self.assertEqual(t.ask(f"X{sp + 3:x},2:}}\x03e"), "OK")
            self.assertEqual(t.ask(f"m{sp:x},5"), "6162632365")
            self.assertEqual(t.ask("s"), t.ask("?"))
            self.assertEqual(int(t.ask("p50"), 16), pc + 4)
            self.assertEqual(t.ask("D"), "OK")
            self.assertEqual(t.end()[1], 3)

    def test_errors(self):
        with target("deep") as t:
            for packet in ("p", "p56", "pffffffffffffffff", "P1", "P1=",
                           "P1=12", "G00", "m", "m0", "m0,8", "m1,",
                           "mffffffffffffffff,8", "M0,1:00", "M0", "X0,5:a",
                           "X0,ffffffffffffffff:a", "Z0,1,4", "Z2,0,0",
                           "Z2,fffffffffffffff,fffffffffffffff", "Z0,",
                           "vCont;x", "vCont;c:0", "vCont;Cff", "C", "Cff",
                           "HgFFFF", "Hx1", "T77", "T", "vKill;77", "vKill;",
                           "D;77", "D;zz", "qThreadExtraInfo,77",
                           "qXfer:auxv:read:x:0,10", "qXfer:auxv:read::0",
                           "qXfer:features:read:no.xml:0,10",
                           "qXfer:exec-file:read:77:0,10", "QPassSignals:zz",
                           "vRun;66", "vAttach;1", "qMemTags:0,1:1",
                           "qMemTags:0,0:1", "qMemTags:100000,1:0",
                           "QMemTags:100000,1:1:", "QMemTags:100000,1:1:05",
                           "QMemTags:0,1:1:10", "qRcmd,6", "qRcmd,zz"):
                self.assertRegex(t.ask(packet), r"^E", packet)
            for packet in ("", "y", "vMustReplyEmpty", "qTStatus", "Z9,0,4",
                           "QNonStop:1", "qXfer:nothing:read::0,10", "R00"):
                self.assertEqual(t.ask(packet), "", packet)
            self.assertEqual(t.ask("qXfer:auxv:read::ffffffff,10"), "l")
            self.assertEqual(t.ask("vCont?"), "vCont;c;C;s;S")
            for packet, err in (("open:2f6e6f,0,0", "2"), ("open:2f,1,0", "1e"),
                                ("open:2f646576,0,0", "d"), ("open:,,", "16"),
                                ("open:2f70726f632f313030302f6d656d,0,0", "d"),
                                ("open:" + "61" * 5000 + ",0,0", "16"),
                                ("close:3", "9"), ("fstat:0", "9"),
                                ("pread:3,1,0", "9"), ("pwrite:3,0,a", "9"),
                                ("pread:3", "16"), ("unlink:61", "1e"),
                                ("readlink:2f", "16")):
                self.assertEqual(t.ask("vFile:" + packet), "F-1," + err, packet)
            for _ in range(32):
                fd = t.ask("vFile:open:2f70726f632f73656c662f6d617073,0,0")
                self.assertRegex(fd, "^F[0-9a-f]+$")
            self.assertEqual(t.ask("vFile:open:61,0,0"), "F-1,18")
            self.assertRegex(t.ask(f"vFile:pread:{fd[1:]},9,0"), "^F9;00100000-")
            self.assertEqual(t.ask(f"vFile:pread:{fd[1:]},9,fffffff"), "F0;")
            self.assertEqual(t.ask(f"vFile:pwrite:{fd[1:]},0,a"), "F-1,1e")
            self.assertEqual(t.ask("c"), "W03")
            self.assertEqual(t.end()[1], 3)

    def test_files_of_the_sandbox(self):
        """The program may have the other end: it hears no more than by calls."""
        def ask(t, what, name):
            more = ",0,0" if what == "open" else ""
            return t.ask(f"vFile:{what}:{name.encode().hex()}{more}")

        with target("deep") as t:
            self.assertEqual(ask(t, "readlink", "/etc/nosuch"), "F-1,2")
            self.assertEqual(ask(t, "readlink", "/etc/passwd"), "F-1,16")
            self.assertRegex(ask(t, "open", "/etc/passwd"), "^F[0-9a-f]+$")
        with target("deep", options=["--sandbox"], connect=False) as t:
            if t.process.poll() == 71:
                self.skipTest("this kernel has no sandbox")
            t.connect()
            for name in "/etc/nosuch", "/etc/passwd", "/etc":
                self.assertEqual(ask(t, "open", name), "F-1,d", name)
                self.assertEqual(ask(t, "readlink", name), "F-1,d", name)
            self.assertRegex(ask(t, "open", os.path.abspath(ARGS.guest)),
                             "^F[0-9a-f]+$")

    def test_nobody_goes_on(self):
        for packet in "vCont;s:100000", "vCont;c:999":
            with target("deep") as t:
                self.assertEqual(t.ask(packet),
                                 "E.No unwaited-for children left.")
                self.assertRegex(t.ask("vCont;s:3e8"), "^T05")
            with target("deep") as t:
                t.ask("qSupported:no-resumed+")
                self.assertEqual(t.ask(packet), "N")

    def test_tag_packets(self):
        with target("tags") as t:
            pc = self.address("use_tags")
            self.assertEqual(t.ask(f"Z1,{pc:x},4"), "OK")
            self.assertRegex(t.ask("c"), "^T05")
            self.assertEqual(t.ask("qMemTags:70000000,81:1"), "m050000")
            self.assertEqual(t.ask("qMemTags:5000000070000001,1:1"), "m05")
            self.assertEqual(t.ask("QMemTags:70000040,c0:1:0102"), "OK")
            self.assertEqual(t.ask("qMemTags:70000000,140:1"), "m0501020100")
            self.assertEqual(t.ask("Z2,70000044,1"), "OK")
            self.assertEqual(t.ask(f"z1,{pc:x},4"), "OK")
            self.assertRegex(t.ask("c"), "^T05.*watch:70000044;")
            self.assertEqual(t.ask("qMemTags:70000040,1:1"), "m07")

    def test_detach_after_a_way_back(self):
        with target("say", stdin=subprocess.DEVNULL) as t:
            exit_ = self.address("_exit")
            self.assertEqual(t.ask(f"Z0,{exit_:x},4"), "OK")
            self.assertRegex(t.ask("c"), "^T05")
            self.assertRegex(t.ask("bc"), "^T05.*replaylog:begin;")
            self.assertEqual(t.ask("D"), "OK")
            self.assertEqual(t.end(), ("one nothing three\n", 0))

    def test_turns_stay(self):
        """Where gdb looks does not change whose turn it is."""
        counts = set()
        work = self.address("work")
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report")
            for packets in (["c"], ["s"] * 5 + ["c"],
                            [f"Z1,{work:x},4", "c", "s", "s", "D"]):
                with target("threads", options=[
                        f"--report={report}", "--report-format=json"]) as t:
                    for packet in packets:
                        t.ask(packet)
                    t.socket.close()
                    self.assertEqual(t.end(), ("shared 3\n", 0))
                with open(report, encoding="utf-8") as f:
                    counts.add(json.load(f)["instructions"])
        self.assertEqual(len(counts), 1)

    def test_sums(self):
        with target("deep") as t:
            t.socket.sendall(b"$?#00")
            self.assertEqual(t.socket.recv(1), b"-")
            t.socket.sendall(b"$qC#b4")
            self.assertEqual(t.receive(), "QC3e8")
            t.socket.sendall(b"-")
            self.assertEqual(t.receive(), "QC3e8")
            self.assertEqual(t.ask("QStartNoAckMode"), "OK")

    def test_garbage(self):
        """Nothing that comes makes it fail."""
        rng = random.Random(1)
        verbs = ["m", "M", "X", "P", "p", "G", "Z0,", "z2,", "vCont;", "H",
                 "qXfer:", "qXfer:threads:read:", "qSupported:", "Q", "T", "",
                 "qThreadExtraInfo,", "QPassSignals:", "vFile:open:",
                 "vFile:pread:", "qRcmd,", "qMemTags:", "QMemTags:",
                 "vFile:pwrite:", "vFile:readlink:"]
        with target("deep") as t:
            t.ask("QStartNoAckMode")
            for _ in range(600):
                body = "".join(rng.choice("0123456789abcdef,;:=p-.}*x \x00\xff")
                               for _ in range(rng.randrange(40)))
                packet = rng.choice(verbs) + body
                if not re.match(r"vCont;[cCsS]", packet):
                    t.ask(packet)
            t.socket.sendall(b"$" + b"a" * 100000)
            t.socket.sendall(b"#00")
            t.socket.sendall(bytes(rng.randrange(256) for _ in range(5000)
                                   ).replace(b"$", b"") + b"$$?#5e")
            self.assertIsNone(t.process.poll())

    def test_gone(self):
        """A gdb that vanishes leaves the program to itself."""
        for say in "", "Z0,100000,4":
            with target("deep") as t:
                if say:
                    t.ask(say)
                t.socket.close()
                self.assertEqual(t.end(), ("sum 211 counter 211\n", 3))
        with target("loop") as t:
            t.send("c")
            t.socket.close()
            time.sleep(0.1)
            self.assertIsNone(t.process.poll())

    def test_kill(self):
        with target("deep") as t:
            t.send("k")
            self.assertEqual(t.end(), ("", 128 + 9))
        with target("loop") as t:
            t.send("c")
            time.sleep(0.1)
            t.process.terminate()
            self.assertEqual(t.receive(), "X0f")
            self.assertEqual(t.end()[1], 128 + 15)
        with target("deep") as t:
            t.ask("?")
            t.process.terminate()
            self.assertEqual(t.end()[1], 128 + 15)

    def test_interrupt_of_a_call(self):
        with target("wait", stdin=subprocess.PIPE) as t:
            t.send("c")
            time.sleep(0.05)
            t.socket.sendall(b"\x03")
            self.assertRegex(t.receive(), "^T02thread:3e8;")
            t.send("c")
            t.process.stdin.write(b"\x07")
            t.process.stdin.flush()
            self.assertEqual(t.receive(), "W07")

    def test_come_later(self):
        with target("loop", where=",suspend=n") as t:
            self.assertRegex(t.ask("?"), "^T05")
            self.assertEqual(t.ask("D"), "OK")
            t.socket.close()
            t.buffer = b""
            t.connect()
            self.assertRegex(t.ask("?"), "^T05")
            t.send("k")
            self.assertEqual(t.end()[1], 128 + 9)

    def test_socket_that_was_left(self):
        with target("deep") as t:
            line = subprocess.run(
                [ARGS.adiemu, f"--gdb={t.path}", ARGS.guest, "deep"], text=True,
                stderr=subprocess.PIPE, check=False, timeout=20).stderr
            self.assertRegex(line, "^adiemu: gdb at .*: bind: Address already")
            t.process.kill()
            t.process.wait()
            t.socket.close()
            t.until_nobody_listens()
            again = subprocess.Popen(
                [ARGS.adiemu, "-q", f"--gdb={t.path}", ARGS.guest, "deep"],
                stdout=subprocess.PIPE)
            t.connect()
            t.buffer = b""
            self.assertRegex(t.ask("?"), "^T05")
            t.send("k")
            self.assertEqual(again.communicate(timeout=20)[0], b"")
        self.assertFalse(os.path.exists(t.path))

    def test_port(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen([ARGS.adiemu, "-q", "-g", f"{port},wait",
                                    ARGS.guest, "deep"],
                                   stdout=subprocess.PIPE)
        for _ in range(2000):
            try:
                with socket.create_connection(("127.0.0.1", port), 60):
                    break
            except ConnectionRefusedError:
                time.sleep(0.005)
        self.assertEqual(process.communicate(timeout=20)[0],
                         b"sum 211 counter 211\n")


class Options(unittest.TestCase):
    def refused(self, *words):
        done = subprocess.run([ARGS.adiemu, *words, ARGS.guest, "deep"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=20, check=False)
        return done.stderr.splitlines()[0], done.returncode

    def test_bad(self):
        for where, why in (("", "neither a port nor"), ("0", "not a port"),
                           ("70000", "not a port"), ("x,then", "behind the"),
                           ("/" + "x" * 200, "too long")):
            line, code = self.refused(f"--gdb={where}")
            self.assertRegex(line, f"--gdb={re.escape(where)}: {why}")
            self.assertEqual(code, 64)
        line, code = self.refused("compare", "--gdb=1234")
        self.assertIn("--gdb is for adiemu run", line)
        self.assertEqual(code, 64)

    def test_no_place(self):
        line, code = self.refused("--gdb=/nowhere/at/all")
        self.assertRegex(line, "^adiemu: gdb at /nowhere/at/all: bind: No such")
        self.assertEqual(code, 74)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--guest", required=True, type=os.path.abspath)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
