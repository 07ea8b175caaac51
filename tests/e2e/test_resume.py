#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu explore --resume: an end in the middle makes no difference.

  test_resume.py --adiemu A
"""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import unittest

ARGS = None
TRIES = 60  # as many ends in the middle, at most


def command(*options):
    return [ARGS.adiemu, "explore", *options]


def explore(*options):
    return subprocess.run(command(*options), text=True, capture_output=True,
                          timeout=600)


class Resume(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = f"{folder.name}/kept"

    def ends(self, number, seconds, *options):
        """End it by a signal until it comes to its end; how often, and the
        last report."""
        for nr in range(TRIES):
            with subprocess.Popen(
                    command(*options, f"--resume={self.file}"), text=True,
                    stdout=subprocess.PIPE, start_new_session=True) as child:
                try:
                    out = child.communicate(timeout=seconds * (nr + 1))[0]
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, number)
                    out = child.communicate(timeout=60)[0]
            if child.returncode == 0:
                return nr, out
            self.assertEqual(child.returncode, 130 if number == signal.SIGINT
                             else -number)
        self.fail("it came to no end")

    def same_as_one(self, number, seconds, *options):
        options = (*options, "--report-format=json")
        nr, out = self.ends(number, seconds, *options)
        self.assertGreater(nr, 0)
        self.assertEqual(out, explore(*options).stdout)
        # The end is kept, too.
        again = explore(*options, f"--resume={self.file}")
        self.assertEqual(again.stdout, out)
        return out

    def test_interrupt(self):
        self.same_as_one(signal.SIGINT, 0.3, "--kernel=linux-6.2",
                         "--depth=7", "--jobs=1")

    def test_kill_loses_nothing(self):
        self.same_as_one(signal.SIGKILL, 0.3, "--kernel=linux-6.2",
                         "--depth=7", "--jobs=1")

    def test_slice(self):
        self.same_as_one(signal.SIGINT, 0.2, "--kernel=linux-6.2",
                         "--depth=8", "--slice=2/5", "--jobs=1")

    def test_deeper(self):
        """What was complete goes on, and is what one search is."""
        for options in (("--kernel=linux-6.2",), ("--kernel=mte-5.18,remap",
                                                  "--check"),
                        ("--kernel=linux-6.2", "--slice=2/3")):
            for depth in (2, 4, 5):
                to = (*options, f"--depth={depth}", "--report-format=json")
                done = explore(*to, f"--resume={self.file}")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout, explore(*to).stdout)
            for name in os.listdir(os.path.dirname(self.file)):
                os.unlink(os.path.join(os.path.dirname(self.file), name))

    def test_deeper_after_an_interrupt(self):
        options = ("--kernel=linux-6.2", "--jobs=1")
        explore(*options, "--depth=5", f"--resume={self.file}")
        explore(*options, "--depth=50", "--time=1", f"--resume={self.file}")
        self.same_as_one(signal.SIGKILL, 0.3, *options, "--depth=7")

    def test_time(self):
        options = ("--kernel=mte-5.18", "--depth=7", "--jobs=1",
                   "--report-format=json")
        out, nr = "", 0
        while '"stopped": null' not in out:
            nr += 1
            self.assertLess(nr, TRIES)
            done = explore(*options, f"--time={nr}",
                           f"--resume={self.file}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            out = done.stdout
        self.assertEqual(out, explore(*options).stdout)

    def test_several_kernels_have_a_file_each(self):
        options = ("--kernel=linux-6.2,remap", "--depth=5")
        out = explore(*options).stdout
        for jobs in (1, 2):
            self.assertEqual(explore(*options, f"--resume={self.file}",
                                     f"--jobs={jobs}").stdout, out)
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.file))),
                         ["kept.linux-6.2", "kept.remap"])
        os.unlink(f"{self.file}.remap")
        self.assertEqual(explore(*options, f"--resume={self.file}").stdout,
                         out)

    def test_states_that_end(self):
        actions = f"{self.file}.events"
        with open(actions, "w", encoding="utf-8") as f:
            f.write("mmap 0x70000000 rw adi\nmunmap 0x70000000\n")
        for _ in range(2):
            self.assertIn("none, complete to any depth (3 states)",
                          explore(f"--actions={actions}",
                                  f"--resume={self.file}").stdout)
        with open(actions, "a", encoding="utf-8") as f:
            f.write("tag 0x70000000 5\n")
        self.refused('made with "', f"--actions={actions}")

    def refused(self, said, *options):
        done = explore(*options, f"--resume={self.file}")
        self.assertEqual((done.returncode, done.stdout), (64, ""), said)
        self.assertIn(f"{self.file}: {said}", done.stderr)

    def test_other_options(self):
        used = ["--kernel=linux-6.2", "--depth=4"]
        explore(*used, f"--resume={self.file}")
        for options, said in (
                (["--kernel=remap", "--depth=4"],
                 'made with "--kernel=linux-6.2", not "--kernel=remap"'),
                (["--kernel=linux-6.2", "--depth=3"],
                 "has gone beyond --depth already"),
                ([*used, "--pages=1"], 'made with "pages 0x'),
                ([*used, "--processes=1"], 'made with "--processes=2", not "'),
                ([*used, "--sync"], 'made with "--sync: 0", not "--sync: 1"'),
                ([*used, "--check"], 'made with "--check: 0", not "'),
                ([*used, "--actions=swap"], 'made with "'),
                ([*used, "--slice=1/2"],
                 'made with "--slice=0/0", not "--slice=1/2"')):
            self.refused(said, *options)
        same = explore(*used, f"--resume={self.file}", "--time=9", "--jobs=1")
        self.assertEqual(same.stdout, explore(*used).stdout)

    def test_damaged(self):
        options = ("--kernel=linux-6.2", "--depth=4")
        explore(*options, f"--resume={self.file}")
        with open(self.file, "rb") as f:
            data = f.read()
        rng = random.Random(1)
        sizes = {0, 1, 7, 8, 111, 112, 120, len(data) - 1, len(data) - 8,
                 *(rng.randrange(len(data)) for _ in range(20))}
        broken = [data[:n] for n in sizes]
        broken += [data + b"\0", data + data, data[7::-1] + data[8:],
                   data.replace(b"adiemu ", b"adiemU ")]
        for at in (*range(0, 128, 3), *(rng.randrange(len(data))
                                        for _ in range(40)), len(data) - 1):
            one = bytearray(data)
            one[at] ^= 1 << rng.randrange(8)
            broken.append(bytes(one))
        for content in broken:
            with open(self.file, "wb") as f:
                f.write(content)
            self.refused("damaged", *options)
            with open(self.file, "rb") as f:
                self.assertEqual(f.read(), content)

    def test_files_that_cannot_be(self):
        for path in ("/nowhere/kept", "/dev/null/kept"):
            done = explore("--depth=2", f"--resume={path}")
            self.assertEqual(done.returncode, 74, path)
        os.mkdir(self.file)
        self.refused("damaged", "--depth=2")


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
