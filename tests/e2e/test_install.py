#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What "cmake --install BUILD --prefix X" puts below X, and whether it works.

  test_install.py --cmake FILE --cc FILE --build DIR --top DIR [--flag=F]...

The flags are those that the library itself was compiled with (sanitizers).
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile
import unittest

ARGS = None


def run(*command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                          check=False, **kwargs)
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stderr}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        # Not where it was installed: a package is moved about, too.
        first = os.path.join(cls.place.name, "first")
        cls.prefix = os.path.join(cls.place.name, "moved")
        run(ARGS.cmake, "--install", ARGS.build, "--prefix", first)
        os.rename(first, cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def below(self, *path):
        found = glob.glob(os.path.join(self.prefix, *path), recursive=True)
        self.assertTrue(found, path)
        return found[0]

    def pkg_config(self, *arguments):
        folder = os.path.dirname(self.below("lib", "**", "adimm.pc"))
        return run("pkg-config", *arguments, "adimm",
                   env=dict(os.environ, PKG_CONFIG_PATH=folder)).split()

    def test_program(self):
        version = run(self.below("bin", "adiemu"), "--version").split()[1]
        self.assertEqual(self.pkg_config("--modversion"), [version])

    def test_pkg_config_knows_where_it_is(self):
        prefix = self.pkg_config("--variable=prefix")[0]
        self.assertEqual(os.path.realpath(prefix),
                         os.path.realpath(self.prefix))
        cflags = self.pkg_config("--cflags-only-I")
        self.assertTrue(any(os.path.exists(flag[2:] + "/adi/adi.h")
                            for flag in cflags))

    def test_program_of_somebody_else(self):
        source = os.path.join(ARGS.top, "tests/e2e/use_library.c")
        program = os.path.join(self.place.name, "use_library")
        run(ARGS.cc, "-std=c11", "-Wall", "-Wextra", "-Werror", *ARGS.flag,
            *self.pkg_config("--cflags"), source, "-o", program,
            *self.pkg_config("--libs"))
        self.assertEqual(dict(line.split() for line in
                              run(program).splitlines()),
                         {"remap": "0", "swap-keyed": "0",
                          "swap-keyed-5.18": "0", "linux-6.2": "65536",
                          "linux-5.17": "65536"})

    def test_every_header_stands_alone(self):
        include = self.below("include", "adimm")
        headers = glob.glob(include + "/*/*.h")
        self.assertGreater(len(headers), 50)
        for header in headers:
            with self.subTest(header=header):
                run(ARGS.cc, "-std=c11", "-Wall", "-Wextra", "-Werror",
                    "-fsyntax-only", *self.pkg_config("--cflags"), "-x", "c",
                    "-", input=f"#include <{os.path.relpath(header, include)}>"
                    "\nint nothing;\n")

    def test_manuals(self):
        pages = glob.glob(os.path.join(ARGS.top, "docs", "*.1"))
        self.assertTrue(pages)
        for page in pages:
            self.below("share", "man", "man1", os.path.basename(page))

    def test_completions(self):
        for path in (("bash-completion", "completions", "adiemu"),
                     ("zsh", "site-functions", "_adiemu")):
            self.assertTrue(os.path.isfile(self.below("share", *path)))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--top", required=True)
    parser.add_argument("--flag", action="append", default=[])
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
