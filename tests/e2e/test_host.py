#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The host is safe from the guest, and from us.

Nothing runs as root: as root, the test runs adiemu as nobody, each time in a
folder of its own.  The guests are in tests/guest/host.
"""
import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None
AS = {}  # whom to run as, for subprocess


def guest(name):
    return os.path.join(ARGS.guests, name)


def command(*arguments, options=()):
    """The program and its arguments, in adiemu with these options."""
    return [ARGS.adiemu, "run", "-q", *options, guest(arguments[0]),
            *arguments[1:]]


def run(*arguments, options=(), **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(command(*arguments, options=options), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          errors="replace", timeout=120, **AS, **kwargs)


class Scratch(unittest.TestCase):
    """In an empty folder, which is removed afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        if AS:
            os.chown(folder.name, AS["user"], AS["group"])
        os.chdir(folder.name)


class Stdio(Scratch):
    """Descriptors 0, 1 and 2."""

    def with_closed(self, *closed):
        shell = " ".join(f"{fd}>&-" for fd in closed)
        text = " ".join(command("stdio", options=["--swap=1M"]))
        done = subprocess.run(f"{text} {shell}", shell=True, timeout=60,
                              stdin=subprocess.DEVNULL, **AS)
        return done.returncode

    def test_closed_ones_stay_closed(self):
        self.assertEqual(self.with_closed(), 7)
        self.assertEqual(self.with_closed(0), 6)
        self.assertEqual(self.with_closed(1), 5)
        self.assertEqual(self.with_closed(2), 3)
        self.assertEqual(self.with_closed(0, 1, 2), 0)

    def test_report_survives_o_nonblock(self):
        """The guest sets it on what is our stderr, too, and fills the pipe."""
        with subprocess.Popen([ARGS.adiemu, "run", guest("stdio"), "noisy"],
                              stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, **AS) as child:
            time.sleep(1)  # it stands before a full pipe
            said = child.stderr.read().lstrip(b"x").decode()
            self.assertEqual(child.wait(60), 0, said)
        self.assertTrue(said.startswith("==adiemu== adiemu"), said)
        self.assertTrue(said.endswith("ERROR SUMMARY: 0 errors from 0 contexts\n"), said)


class Report(Scratch):
    """The file of --report, in a folder that the guest shuts."""

    def test_is_written_all_the_same(self):
        with open("report", "w", encoding="utf-8") as f:
            f.write("of an earlier run\n" * 1000)
        os.chmod("report", 0o666)
        done = subprocess.run(
            [ARGS.adiemu, "run", "--report=report", guest("shut")], text=True,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
            check=False, **AS)
        os.chmod(".", 0o700)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open("report", encoding="utf-8") as f:
            text = f.read()
        self.assertTrue(text.startswith("==adiemu== adiemu 0."), text)
        self.assertTrue(text.endswith("ERROR SUMMARY: 0 errors from 0 contexts\n"), text)


class SwapFile(Scratch):
    """A file that is given to --swap."""

    OPTIONS = ["--ram=2M", "--swap=16M:swap"]

    def start(self, **kwargs):
        """A run that has filled its swap, and waits."""
        child = subprocess.Popen(
            command("swapper", options=self.OPTIONS), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **AS,
            **kwargs)
        self.addCleanup(child.communicate)
        self.assertEqual(child.stdout.readline(), "full\n")
        return child

    def test_second_user_is_refused(self):
        first = self.start()
        second = run("swapper", options=self.OPTIONS)
        self.assertEqual(second.stderr, "adiemu: swap file swap: another run "
                         "has it as its swap file\n")
        self.assertEqual(second.returncode, 74)
        out, err = first.communicate("\n")
        self.assertEqual((out, err), ("0 pages are wrong\n", ""))
        self.assertEqual(first.returncode, 0)
        self.assertEqual(run("swapper", options=self.OPTIONS).returncode, 0)

    def test_other_file_is_left_alone(self):
        for text in ("diary", "diary" * 3000):
            with open("swap", "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod("swap", 0o666)
            done = run("swapper", options=self.OPTIONS)
            self.assertEqual(done.stderr, "adiemu: swap file swap: exists, and "
                             "is not a swap file (no SWAPSPACE2 header): not "
                             "overwritten\n")
            self.assertEqual(done.returncode, 74)
            with open("swap", encoding="utf-8") as f:
                self.assertEqual(f.read(), text)

    def test_fifo_is_refused_at_once(self):
        os.mkfifo("swap")
        os.chmod("swap", 0o666)
        done = run("swapper", options=self.OPTIONS)
        self.assertEqual(done.stderr,
                         "adiemu: swap file swap: not a regular file\n")
        self.assertEqual(done.returncode, 74)

    def test_read_error_is_told(self):
        """Somebody else makes the file shorter: a page is not there."""
        child = subprocess.Popen(
            [ARGS.adiemu, "run", *self.OPTIONS, "--report=report",
             "--report-format=json", guest("swapper")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **AS)
        self.assertEqual(child.stdout.readline(), "full\n")
        os.truncate("swap", 8192)
        _, err = child.communicate("\n")
        self.assertIn("adiemu: swap file swap: read: Input/output error\n", err)
        self.assertIn("uncaught target signal 10 (Bus error)", err)
        self.assertEqual(child.returncode, 74)
        with open("report", encoding="utf-8") as f:
            report = json.load(f)
        self.assertEqual(report["host_errors"], [
            {"what": "swap file swap", "call": "read",
             "error": "Input/output error", "count": 1}])

    def test_no_space_is_told(self):
        """On a file system of 4 MiB, which only root can make."""
        mount = "mount -t tmpfs -o size=4M,mode=777 none . && cd \"$PWD\""
        if os.getuid() != 0 or subprocess.run(
                ["unshare", "-m", "sh", "-c", mount], check=False,
                stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no file system can be mounted here")
        text = " ".join(["exec", "setpriv", "--reuid=nobody", "--clear-groups"]
                        + command("swapper", options=self.OPTIONS))
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", f"{mount} && {text}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False)
        self.assertIn("adiemu: swap file swap: write: No space left on device\n",
                      done.stderr)
        self.assertRegex(done.stderr, r"ERRORS OF THE HOST:\n==adiemu==    swap "
                         r"file swap: write: No space left on device, \d+ times")
        self.assertEqual(done.returncode, 74)


class Memory(Scratch):
    """Of the host: what a program has of the kernel's does not grow on."""

    MOST = 24 << 10  # KiB; adiemu itself has 12, the machine 4
    ENDS = {"messages": "ENOMEM", "semaphores": "ENOMEM", "undo": "ENOMEM",
            "segments": "ENOSPC", "signals": "EAGAIN", "timers": "EAGAIN",
            "locks": "ENOLCK", "children": "EAGAIN", "zombies": "EAGAIN"}

    def test_is_bounded(self):
        for word, end in self.ENDS.items():
            with self.subTest(word), subprocess.Popen(
                    command("grow", word, options=["--ram=4M"]), text=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, **AS) as child:
                out = child.stdout.read()
                _, status, used = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                self.assertEqual(out, end + "\n", child.stderr.read())
                if not ARGS.sanitized:
                    self.assertLess(used.ru_maxrss, self.MOST)


class Descriptors(Scratch):
    """Of the host: adiemu may have 40."""

    def with_limit(self, *arguments):
        text = " ".join(command(*arguments))
        return subprocess.run(f"ulimit -n 40; exec {text}", shell=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120, check=False, **AS)

    def test_process_takes_none(self):
        done = self.with_limit("many", "children")
        self.assertEqual((done.stdout, done.stderr), ("200 children\n", ""))

    def test_end_is_told_once(self):
        done = self.with_limit("many", "files")
        self.assertEqual(done.stdout, "Too many open files in system\n")
        self.assertEqual(done.stderr, "syscall warn the host lets adiemu have "
                         "40 descriptors, and all are in use: ENFILE\n")
        self.assertEqual(done.returncode, 0)

    def test_limit_is_raised(self):
        """What is asked for in vain is what the host's limit says at most."""
        text = " ".join(command("many", "files"))
        done = subprocess.run(f"ulimit -Sn 40; exec {text}", shell=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120, check=False, **AS)
        self.assertEqual((done.stdout, done.stderr),
                         ("Too many open files\n", ""))


class Isolation(Scratch):
    """Names that lead out of the machine."""

    def test_nothing_of_ours_has_a_name(self):
        """The swap file is one of the descriptors that it looks for."""
        text = " ".join(command("reach", options=["--swap=1M:swap"]))
        done = subprocess.run(f"exec {text} $$", shell=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, check=False, **AS)
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    def test_swap_file_is_not_stored_to(self):
        """do_mmap(): IS_SWAPFILE()."""
        done = run("swapmap", options=["--swap=1M:swap"])
        self.assertEqual(done.stdout, "shared: Text file busy\n"
                         "mprotect: Permission denied\nprivate: mapped\n")

    def test_start_in_proc(self):
        """The host's is not the machine's: it starts there, or in /."""
        self.assertEqual(run("where", cwd="/proc").stdout, "/proc\nno\n")
        self.assertEqual(run("where", cwd="/proc/1").stdout, "/\nno\n")


class Ids(Scratch):
    """In a user namespace the host has only some users and groups."""

    NAMES = ("real uid", "effective uid", "saved uid", "real gid",
             "effective gid", "saved gid", "all")

    def test_what_is_not_mapped_is_refused(self):
        """make_kuid() of set*id(2); the real ids are used later only."""
        unshare = ["unshare", "--user", "--map-root-user"]
        if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL,
                          check=False, **AS).returncode:
            self.skipTest("no user namespace can be made here")
        done = subprocess.run([*unshare, *command("mapped")], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False, **AS)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout, "".join(
            f"{name}: EINVAL\n" for name in self.NAMES) + "none: done\n")

    @unittest.skipIf(os.getuid() != 0, "only root allows setgroups() there")
    def test_groups_that_cannot_come_back_stay(self):
        """Root of a namespace without group 5, which it has from before."""
        shell = "read go; exec " + " ".join(command("mapped", "groups"))
        with subprocess.Popen(["unshare", "--user", "sh", "-c", shell],
                              user=AS["user"], group=AS["group"],
                              extra_groups=[5], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            mine = os.readlink("/proc/self/ns/user")
            while os.readlink(f"/proc/{child.pid}/ns/user") == mine:
                if child.poll() is not None:
                    self.skipTest("no user namespace can be made here")
                time.sleep(0.01)
            for kind, number in (("uid", AS["user"]), ("gid", AS["group"])):
                with open(f"/proc/{child.pid}/{kind}_map", "w",
                          encoding="ascii") as f:
                    f.write(f"0 {number} 1\n")
            out, err = child.communicate("\n", timeout=60)
        self.assertIn("unsupported: other groups", err)
        self.assertEqual((out, child.returncode), ("groups: EPERM\n", 0))


@unittest.skipIf(os.getuid() != 0, "root makes device nodes")
class Devices(Scratch):
    """Root, in an empty folder, with a node of its own."""

    CALLS = ("chmod", "fchmod", "chown", "lchown", "fchown", "link", "rename",
             "rename onto", "mknod", "mknod of a disk", "unlink")

    def setUp(self):
        super().setUp()
        try:
            os.mknod("node", 0o20644, os.makedev(1, 3))
        except PermissionError:
            self.skipTest("not here")
        with open("file", "w", encoding="utf-8"):
            pass

    def run_as_root(self, *options):
        done = subprocess.run(
            command("device", options=options), text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=60, check=True)
        lines = dict(line.split(": ") for line in done.stdout.splitlines())
        self.assertEqual(lines.pop("mknod of a FIFO"), "ok")
        self.assertEqual(lines.pop("open"), "ok")
        self.assertEqual(lines.pop("write"), "ok")
        self.assertEqual(set(lines), set(self.CALLS))
        return lines, done.stderr

    def test_left_alone(self):
        before = os.stat("node")
        lines, err = self.run_as_root()
        self.assertEqual(set(lines.values()), {"Operation not permitted"})
        self.assertEqual(err.count("--allow-host-devices"), len(self.CALLS))
        after = os.stat("node")
        for key in ("st_mode", "st_uid", "st_gid", "st_nlink", "st_rdev"):
            self.assertEqual(getattr(before, key), getattr(after, key))
        self.assertEqual(sorted(os.listdir()), ["fifo", "file", "node"])

    def test_allowed(self):
        lines, err = self.run_as_root("--allow-host-devices")
        self.assertEqual(set(lines.values()), {"ok"})
        self.assertEqual(err, "")
        self.assertEqual(sorted(os.listdir()),
                         ["disk", "fifo", "made", "other"])


def become_nobody(folder):
    """What goes wrong in a guest shall not be able to do much.

    The programs go to @folder: a build may be where nobody can look.
    """
    if os.getuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    AS.update(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    ARGS.adiemu = shutil.copy(ARGS.adiemu, folder)
    ARGS.guests = shutil.copytree(ARGS.guests, os.path.join(folder, "guests"))
    os.chmod(folder, 0o755)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guests", required=True)
    parser.add_argument("--sanitized", action="store_true")
    ARGS, rest = parser.parse_known_args()
    ARGS.adiemu = os.path.abspath(ARGS.adiemu)
    ARGS.guests = os.path.abspath(ARGS.guests)
    with tempfile.TemporaryDirectory() as programs:
        become_nobody(programs)
        unittest.main(argv=sys.argv[:1] + rest)
