#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What "cmake --install BUILD --prefix X" puts below X, and whether it works.

  test_install.py --cmake FILE --cc FILE --build DIR --top DIR [--flag=F]...

The flags are those that the library itself was compiled with (sanitizers).
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import test_docs

ARGS = None
CXX = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")


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
        self.assertTrue(any(os.path.exists(flag[2:] + "/adimm.h")
                            for flag in cflags))

    def test_library_as_its_document_shows(self):
        folder = os.path.dirname(self.below("lib", "**", "adimm.pc"))
        compiler = os.path.join(self.place.name, "bin")
        os.mkdir(compiler)
        with open(compiler + "/cc", "w", encoding="utf-8") as f:
            flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", *ARGS.flag]
            f.write(f'#!/bin/sh\nexec {ARGS.cc} {" ".join(flags)} "$@"\n')
        os.chmod(compiler + "/cc", 0o755)
        with tempfile.TemporaryDirectory() as place:
            doc = test_docs.Doc(
                os.path.join(ARGS.top, "docs/libadimm.md"), place,
                dict(os.environ, PKG_CONFIG_PATH=folder,
                     PATH=compiler + ":" + os.environ["PATH"]))
            self.assertFalse(doc.check())

    def test_header_alone_in_both_languages(self):
        include = self.below("include")
        self.assertEqual(os.listdir(include), ["adimm.h"])
        compilers = [(ARGS.cc, "-std=c11", "-x", "c"),
                     (ARGS.cc, "-std=c99", "-pedantic", "-x", "c")]
        if CXX:
            compilers.append((CXX, "-std=c++11", "-pedantic", "-x", "c++"))
        for compiler in compilers:
            with self.subTest(compiler=compiler):
                run(*compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                    *self.pkg_config("--cflags"), "-",
                    input="#include <adimm.h>\nint nothing;\n")

    def test_links_with_cplusplus(self):
        if not CXX or ARGS.flag:
            self.skipTest("no C++ compiler with these flags")
        program = os.path.join(self.place.name, "version")
        run(CXX, *self.pkg_config("--cflags"), "-x", "c++", "-",
            "-x", "none", "-o", program, *self.pkg_config("--libs"),
            input="#include <adimm.h>\n#include <cstdio>\n"
                  "int main() { std::puts(adimm_version()); }\n")
        self.assertEqual(run(program).split(), self.pkg_config("--modversion"))

    def test_library_shows_what_its_header_declares(self):
        with open(self.below("include", "adimm.h"), encoding="utf-8") as f:
            code = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        declared = set(re.findall(r"\b(adimm_\w+)\(", code))
        library = self.below("lib", "**", "libadimm.a")
        lines = run("nm", "-P", "--extern-only", library).splitlines()[1:]
        symbols = [line.split()[:2] for line in lines]
        wanted = {name for name, kind in symbols if kind == "U"}
        self.assertGreater(len(declared), 20)
        self.assertEqual({name for name, kind in symbols if kind != "U"},
                         declared)
        self.assertFalse(wanted & {"exit", "_exit", "quick_exit", "printf",
                                   "puts", "perror", "signal", "sigaction"})

    def test_library_has_no_global_state(self):
        if ARGS.flag:
            self.skipTest("sanitizers and coverage keep theirs")
        sizes = dict(line.split()[:2] for line in
                     run("size", "-A", self.below("lib", "**", "libadimm.a"))
                     .splitlines() if line.startswith("."))
        self.assertGreater(int(sizes[".text"]), 100000)
        for section in (".data", ".bss", ".tdata"):
            self.assertEqual(sizes.get(section, "0"), "0", section)
        # The heap in use (base/heap.c): here none ever is, in any thread.
        self.assertEqual(sizes.get(".tbss", "0"), "8")

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
    # The test of the document puts a cc of its own first in PATH.
    ARGS.cc = shutil.which(ARGS.cc) or parser.error(f"no {ARGS.cc}")
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
