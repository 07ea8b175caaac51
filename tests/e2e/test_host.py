#!/usr/bin/env python3
"""The host is safe from the guest, and from us.

Nothing runs as root: as root, the test runs adiemu as nobody, each time in a
folder of its own.  The guests are in tests/guest/host.
"""
import argparse
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
        self.assertTrue(said.endswith("ERROR SUMMARY: 0 errors\n"), said)


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
    ARGS, rest = parser.parse_known_args()
    ARGS.adiemu = os.path.abspath(ARGS.adiemu)
    ARGS.guests = os.path.abspath(ARGS.guests)
    with tempfile.TemporaryDirectory() as programs:
        become_nobody(programs)
        unittest.main(argv=sys.argv[:1] + rest)
