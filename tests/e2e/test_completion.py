#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What bash and zsh complete, asked as a person does: on a terminal.

  test_completion.py --adiemu FILE --folder cli/completion

For each shell: a line is typed, TAB is pressed, and the rest of the word must
appear, or the list of what it may be.
"""
import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ARGS = None
TIMEOUT_S = 100
QUIET_S = 0.3


class Shell:
    """A shell on a terminal of its own."""

    def __init__(self, command, setup, folder):
        environment = {"PATH": f"{folder}/bin:" + os.environ["PATH"],
                       "TERM": "dumb", "HOME": folder, "LC_ALL": "C",
                       "LINES": "200", "COLUMNS": "200"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.type("stty rows 200 columns 200\n" + setup + "echo REA''DY\n")
        self.read_until("READY")
        self.read_quiet()

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_some(self, timeout):
        ready, _, _ = select.select([self.fd], [], [], timeout)
        text = os.read(self.fd, 65536).decode(errors="replace") if ready else ""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\a]", "", text)

    def read_until(self, *expected):
        """What appears, until all of it is there."""
        text, end = "", time.monotonic() + TIMEOUT_S
        while not all(e in text for e in expected):
            if time.monotonic() > end:
                raise AssertionError(f"no {expected} in {text!r}")
            text += self.read_some(0.2)
        return text

    def read_quiet(self):
        text = ""
        while part := self.read_some(QUIET_S):
            text += part
        return text

    def forget(self):
        """Away with the line."""
        self.type("\x15")
        self.read_quiet()

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


class Completion:
    """The same of each shell."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        folder = self.place.name
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.abspath(ARGS.adiemu),
                   os.path.join(folder, "bin", "adiemu"))
        for name in "program", "deeds.events", "lines.json":
            with open(os.path.join(folder, name), "w", encoding="ascii"):
                pass
        self.shell = Shell(self.COMMAND, self.SETUP.format(ARGS.folder),
                           folder)

    def tearDown(self):
        self.shell.close()
        self.place.cleanup()

    def completes(self, typed, rest):
        self.shell.type(typed + "\t")
        self.shell.read_until(typed + rest)
        self.shell.forget()

    def lists(self, typed, *expected):
        self.shell.type(typed + self.LIST)
        text = self.shell.read_until(*expected)
        self.shell.forget()
        return text

    def test_commands(self):
        self.completes("adiemu comp", "are ")
        self.completes("adiemu rep", "ort ")
        self.lists("adiemu ", "compare", "report", "run", "script",
                   "binfmt", "help")
        self.completes("adiemu help sc", "ript ")

    def test_every_option(self):
        for command in "run", "compare", "report", "script", "explore", "binfmt":
            text = subprocess.run([ARGS.adiemu, command, "--help"],
                                  capture_output=True, text=True,
                                  check=True).stdout
            options = re.findall(r"^ {2,6}(?:-., +)?(--[a-z-]+)", text, re.M)
            self.assertIn("--help", options)
            self.lists(f"adiemu {command} --", *options)

    def test_words_of_options(self):
        self.completes("adiemu run --kernel=linux-7", ".1 ")
        self.completes("adiemu run --kernel mte-5", ".18 ")
        self.completes("adiemu run --kernel=ho", "st ")
        self.completes("adiemu compare --kernels=lt", "s")
        self.completes("adiemu compare --kernels linux-5.15,linux-7", ".1")
        self.completes("adiemu compare --kernels=remap,lts,linux-5.15,mte-5", ".18")
        self.completes("adiemu compare --format=c", "sv ")
        self.completes("adiemu run --report-format=js", "on ")
        self.completes("adiemu script --check=fu", "ll ")
        self.completes("adiemu run --stress=mig", "rate:")
        self.completes("adiemu run --fail=tag", "store:")
        self.completes("adiemu run --log=swap:de", "bug")
        self.completes("adiemu --kernel=rem", "ap ")
        self.completes("adiemu run -d in", "_asm ")

    def test_files(self):
        self.completes("adiemu run --events=dee", "ds.events ")
        self.completes("adiemu run --sandbox --bind=dee", "ds.events ")
        self.completes("adiemu compare --events-only dee", "ds.events ")
        self.completes("adiemu report --html lin", "es.json ")
        self.completes("adiemu run prog", "ram ")
        self.completes("adiemu prog", "ram ")
        self.completes("adiemu run --ram 4M -E A=b prog", "ram ")
        self.completes("adiemu run ./program dee", "ds.events ")


class Bash(Completion, unittest.TestCase):
    COMMAND = ["bash", "--norc", "--noprofile", "-i"]
    SETUP = ("bind 'set bell-style none'; bind 'set page-completions off';"
             "bind 'set completion-query-items 0'; PS1='> '; "
             ". {}/adiemu.bash\n")
    LIST = "\x1b?"


class Zsh(Completion, unittest.TestCase):
    COMMAND = ["zsh", "-f", "-i"]
    SETUP = ("PS1='> '; unsetopt beep; "
             "unset zle_bracketed_paste; bindkey -e; LISTMAX=1000; "
             "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D\n")
    LIST = "\x04"


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--folder", required=True)
    ARGS, rest = parser.parse_known_args()
    ARGS.folder = os.path.abspath(ARGS.folder)
    for shell in "bash", "zsh":
        if not shutil.which(shell):
            sys.exit(f"no {shell}")
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
