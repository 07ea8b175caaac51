#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--sandbox: tests/guest/host/hostile.c tries to get out.

Without the option the same tries are done: it is the sandbox that refuses.
"""
import argparse
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

ARGS = None

# What it does without the sandbox, and with it is told.
REFUSED = dict.fromkeys("""
    open_outside write_outside list_outside path_outside dotdot openat_dotdot
    proc_root proc_cwd through_link create_through_link through_folder_link
    hard_link link_of_stdin reopen_stdin chmod_stdin touch_stdin rename_in
    rename_out create_outside mkdir_outside fifo_outside unlink_outside
    chmod_outside chown_outside touch_outside truncate_outside stat_outside
    statfs_outside access_outside readlink_outside chdir_outside
    watch_outside watch_above exec_outside map_outside host_password
    host_null host_ptmx tcp_connect tcp_listen udp_send tcp6 unix_connect
    unix_bind queue ro_connect""".split(), "EACCES")
REFUSED.update(dict.fromkeys("""
    ro_write ro_truncate ro_create ro_unlink ro_chmod ro_rename ro_reopen
    ro_fchmod ro_socket""".split(), "EROFS"))
REFUSED["ro_link"] = "EXDEV"
REFUSED["unix_abstract"] = "EPERM"

ALLOWED = """ro_read pair unix_inside rw_work exec_self look_above""".split()

# Processes and devices of the host: without it neither.
NEVER = {
    "kill_host": "ESRCH", "queue_signal": "ESRCH", "tkill_host": "ESRCH",
    "owner_host": "ESRCH", "pidfd_host": "ESRCH", "read_host": "ESRCH",
    "proc_host": "ENOENT", "nice_host": "ESRCH", "limit_host": "ESRCH",
    "type_terminal": "ENOTTY", "mount_proc": "ENOSYS"}


def landlock():
    """The version of the kernel's; 0: none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(libc.syscall(444, None, 0, 1), 0)


class Sandbox(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = os.path.realpath(folder.name)
        for name in "out", "rw", "ro":
            os.mkdir(os.path.join(self.top, name))
        for name in ("out/secret", "out/other", "out/gone", "out/cut",
                     "ro/file", "ro/gone", "ro/other"):
            with open(self.path(name), "w") as f:
                f.write("text")
        os.symlink("secret", self.path("out/symlink"))
        shutil.copy(ARGS.guest, self.path("out/program"))

    def path(self, name):
        return os.path.join(self.top, name)

    def run_guest(self, *options, arguments=None, guest=None, stdin=None):
        with open(stdin or self.path("out/secret")) as f:
            return subprocess.run(
                [os.path.abspath(ARGS.adiemu), "run", "-q", *options,
                 os.path.abspath(guest or ARGS.guest), *(arguments or [])],
                stdin=f, capture_output=True, text=True, timeout=120,
                cwd=self.path("rw"))

    def tries(self, *options):
        servers = [socket.socket(), *(socket.socket(socket.AF_UNIX)
                                      for _ in range(3))]
        for s in servers:
            self.addCleanup(s.close)
        servers[0].bind(("127.0.0.1", 0))
        port = servers[0].getsockname()[1]
        servers[1].bind(self.path("out/server"))
        servers[2].bind(f"\0adiemu-test-{port}")
        servers[3].bind(self.path("ro/server"))
        for s in servers:
            s.listen(5)
        run = self.run_guest(
            *options, arguments=[self.path("out"), self.path("rw"),
                                 self.path("ro"), str(port),
                                 str(os.getpid())])
        self.assertEqual(run.returncode, 0, run.stderr)
        return dict(line.split(": ") for line in run.stdout.splitlines())

    def bound(self):
        return ["--sandbox", f"--bind={self.path('rw')}",
                f"--bind={self.path('ro')}:ro"]

    def test_hostile_program_is_refused(self):
        before = sorted(os.listdir(self.path("out")))
        got = self.tries(*self.bound())
        want = {**REFUSED, **dict.fromkeys(ALLOWED, "done"), **NEVER,
                "open_missing": "EACCES", "memory": "EACCES"}
        if landlock() < 2:
            want["rw_work"] = "EXDEV"  # rename between folders
        self.assertEqual(got, want)
        self.assertEqual(sorted(set(os.listdir(self.path("out")))
                                - {"server"}), before)
        self.assertEqual(os.stat(self.path("out/cut")).st_size, 4)

    def test_without_it_the_same_program_does_all_that(self):
        got = self.tries()
        for name in REFUSED:
            self.assertEqual(got[name], "done", name)
        for name in ALLOWED:
            self.assertEqual(got[name], "done", name)
        for name, errno in NEVER.items():
            self.assertEqual(got[name], errno, name)
        self.assertEqual(got["open_missing"], "ENOENT")

    def test_without_bind_there_is_nothing(self):
        run = self.run_guest("--sandbox", "-L", "",
                             arguments=[self.path("out"), self.path("rw"),
                                        self.path("ro"), "1", "1", "ro_read"])
        self.assertEqual(run.stdout, "ro_read: EACCES\n")

    def test_the_host_refuses_too(self):
        """What the host has of this process: no new privileges, a filter."""
        child = subprocess.Popen(
            [ARGS.adiemu, "run", "-q", "--sandbox", ARGS.waiter,
             "forever"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.addCleanup(child.stdout.close)
        
        child.stdin.close()
        self.assertTrue(child.stdout.read(1))
        with open(f"/proc/{child.pid}/status") as f:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in f)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")

    def test_programs_run_as_before(self):
        for name in ARGS.programs:
            plain = self.run_guest(guest=name)
            boxed = self.run_guest("--sandbox", "--bind=.",
                                   "--bind=/dev/zero:ro", guest=name)
            self.assertEqual((boxed.returncode, boxed.stdout, boxed.stderr),
                             (plain.returncode, plain.stdout, plain.stderr),
                             name)

    def test_report_has_names(self):
        """A child reads the program's file, within the sandbox."""
        run = subprocess.run(
            [ARGS.adiemu, "run", "--sandbox", "-E", "CASE=after_free",
             f"--report={self.path('report')}", ARGS.named],
            capture_output=True, text=True, timeout=120)
        with open(self.path("report")) as f:
            report = f.read()
        self.assertRegex(report, r"main \(mismatch\.c:\d+\)", run.stderr)

    def test_words_that_are_wrong(self):
        cases = [
            (["--bind=/tmp"], 64, "--bind=/tmp: is for --sandbox"),
            (["--sandbox", "--bind="], 64, "--bind=: no path"),
            (["--sandbox", "--bind=/no/such"], 74,
             "--bind /no/such: No such file or directory"),
            (["--sandbox", f"--bind={self.top}",
              f"--bind={self.path('ro')}:ro"], 74, "(:ro) cannot be below"),
            (["--sandbox", f"--bind={self.path('ro')}:ro",
              f"--bind={self.top}"], 74, "(:ro) cannot be below"),
        ]
        for options, code, text in cases:
            run = self.run_guest(*options)
            self.assertEqual(run.returncode, code, options)
            self.assertIn(text, run.stderr)

    def test_relative_paths_and_links(self):
        os.symlink("rw", self.path("alias"))
        os.makedirs(self.path("rw/in"))
        with open(self.path("rw/in/file"), "w") as f:
            f.write("x")
        for bind, ro in (("alias", "alias/in"), ("rw/in/..", "rw/in"),
                         ("./rw", "rw/in")):
            with open("/dev/null") as null:
                run = subprocess.run(
                    [os.path.abspath(ARGS.adiemu), "run", "-q", "--sandbox",
                     f"--bind={bind}", os.path.abspath(ARGS.guest), "/x", "/x",
                     ro, "1", "1", "ro_read"],
                    stdin=null, capture_output=True, text=True, cwd=self.top)
            self.assertEqual((run.stdout, run.stderr), ("ro_read: done\n", ""),
                             bind)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--waiter", required=True)
    parser.add_argument("--named", required=True)
    parser.add_argument("--programs", nargs="+", required=True)
    ARGS, rest = parser.parse_known_args()
    if not landlock():
        print("skipped: the kernel has no Landlock")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
