# SPDX-License-Identifier: GPL-2.0-or-later
"""The suites that foreign.py runs: where they come from, how they are built.

Each is a class with
  name        for the table, left.txt and the folders
  cases()     the programs, after fetching and compiling what is not there
  verdict()   what an exit status says

Nothing of them is in this repository.
"""
import glob
import os
import re
import shlex
import shutil
import subprocess
import tarfile

CROSS = "sparc64-linux-gnu-"


class Error(Exception):
    """The suite cannot be had or built."""


class Case:
    """A program and its arguments; argv is None when it could not be built."""

    def __init__(self, suite, name, argv):
        self.suite, self.name, self.argv = suite, name, argv


def read(path):
    with open(path, encoding="latin-1") as f:
        return f.read()


def tool(*command, cwd=None, log=None):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    if log:
        with open(log, "a", encoding="utf-8") as f:
            f.write(f"$ {shlex.join(command)}\n{done.stdout}")
    return done.returncode, done.stdout


class Suite:
    """What they have in common."""

    name = ""
    skipped = None  # the exit status of "not on this machine"

    def __init__(self, work, sources, only, dynamic):
        self.linked = [] if dynamic else ["-static"]
        kind = "dynamic" if dynamic else "static"
        self.wanted = re.compile(only).search
        self.sources = sources and os.path.join(sources, self.name)
        self.source = os.path.join(work, f"source.{kind}", self.name)
        self.build = os.path.join(work, f"build.{kind}", self.name)
        self.environment = {}
        os.makedirs(self.build, exist_ok=True)

    def take_sources(self):
        """Copy the folder of --sources; a build may write in it."""
        if os.path.isdir(self.source):
            return
        if not self.sources or not os.path.isdir(self.sources):
            raise Error(f"is no package: put its sources in DIR/{self.name} "
                        "and say --sources=DIR")
        shutil.copytree(self.sources, self.source, symlinks=True)

    def compile(self, name, command):
        """The binary of NAME, or None when the compiler refuses."""
        binary = os.path.join(self.build, name.replace("/", "."))
        if os.path.exists(binary):
            return binary
        code, _ = tool(CROSS + "gcc", *self.linked, *command, "-o", binary,
                       log=binary + ".log")
        return None if code else binary


class Torture(Suite):
    """gcc.c-torture/execute, from Debian's package of the compiler's source."""

    name = "gcc"
    package = "gcc-12-source"
    options = re.compile(
        r'dg-(?:additional-)?options\s+(?:\{\s*)?"([^"]*)"\s*\}')  # for all
    more_options = re.compile(r'^set additional_flags "?([^"\n]*)', re.M)

    def fetch(self):
        if os.path.isdir(self.source):
            return
        if self.sources and os.path.isdir(self.sources):
            self.take_sources()
            return
        folder = self.source + ".deb"
        os.makedirs(folder, exist_ok=True)
        code, said = tool("apt-get", "download", self.package, cwd=folder)
        if code:
            raise Error(f"apt-get download {self.package}: {said}")
        code, said = tool("dpkg-deb", "-x",
                          *glob.glob(f"{folder}/{self.package}*.deb"), folder)
        if code:
            raise Error(said)
        archive, = glob.glob(f"{folder}/usr/src/*/gcc-*.tar.xz")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, members=(
                m for m in tar if "/gcc.c-torture/execute/" in m.name))
        found, = glob.glob(f"{folder}/*/gcc/testsuite/gcc.c-torture/execute")
        os.rename(found, self.source)
        shutil.rmtree(folder)

    def case(self, path):
        name = os.path.relpath(path, self.source)[:-2]
        scripts = [path[:-2] + ".x"]
        if name.startswith("builtins/"):
            scripts.append(f"{self.source}/builtins/builtins.exp")
        given = self.options.findall(read(path))
        for script in filter(os.path.exists, scripts):
            given += self.more_options.findall(read(script))
        command = ["-O2", "-w", *" ".join(given).split(), path, "-lm"]
        if name.startswith("builtins/"):
            command[-1:] = [path[:-2] + "-lib.c",
                            f"{self.source}/builtins/lib/main.c", "-lm"]
        binary = self.compile(name, command)
        return Case(self, name, binary and [binary])

    def cases(self, pool):
        self.fetch()
        paths = [p for folder in ("", "ieee/", "builtins/")
                 for p in sorted(glob.glob(f"{self.source}/{folder}*.c"))
                 if not p.endswith("-lib.c") and self.wanted(
                     os.path.relpath(p, self.source)[:-2])]
        return list(pool.map(self.case, paths))


class LibcTest(Suite):
    """libc-test, the parts that are no benchmark of a printf()."""

    name = "libc-test"
    flags = ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-D_FILE_OFFSET_BITS=64",
             "-w", "-fno-builtin", "-frounding-math", "-g"]
    libraries = ["-lpthread", "-lm", "-lrt", "-lresolv", "-lutil"]

    def case(self, path):
        name = os.path.relpath(path, f"{self.source}/src")[:-2]
        common = [p for p in glob.glob(f"{self.source}/src/common/*.c")
                  if not p.endswith("runtest.c")]
        extra = glob.glob(path[:-2] + "_dso.c")
        binary = self.compile(name, [*self.flags, f"-I{self.source}/src/common",
                                     path, *extra, *common, *self.libraries])
        return Case(self, name, binary and [binary])

    def cases(self, pool):
        self.take_sources()
        paths = [p for folder in ("functional", "regression")
                 for p in sorted(glob.glob(f"{self.source}/src/{folder}/*.c"))
                 if not p.endswith("_dso.c") and self.wanted(
                     os.path.relpath(p, f"{self.source}/src")[:-2])]
        return list(pool.map(self.case, paths))


class Ltp(Suite):
    """The Linux Test Project, as its runtest/syscalls and runtest/mm say."""

    name = "ltp"
    skipped = 32
    folders = [f"testcases/kernel/{f}" for f in (
        "syscalls", "mem", "ipc", "security/dirtyc0w",
        "security/dirtyc0w_shmem", "security/dirtypipe",
        "security/prot_hsymlinks")]
    lists = ["syscalls", "mm"]

    def make(self, jobs):
        log = os.path.join(self.build, "make.log")
        if not os.path.exists(f"{self.source}/configure"):
            tool("make", "autotools", cwd=self.source, log=log)
        if not os.path.exists(f"{self.source}/include/config.h"):
            code, said = tool(
                "./configure", f"--host={CROSS[:-1]}", f"CC={CROSS}gcc",
                f"LDFLAGS={' '.join(self.linked)}", "--without-numa", cwd=self.source, log=log)
            if code:
                raise Error(said[-2000:])
        # One by one: where one program does not compile, "make -k" in a folder
        # above leaves the folders behind it out.
        for folder in ["lib", *self.leaves()]:
            tool("make", "-k", f"-j{jobs}", "-C", folder, cwd=self.source,
                 log=log)

    def leaves(self):
        """Folders with a Makefile, and none below them that has one."""
        found = []
        for folder in self.folders:
            for where, below, names in os.walk(f"{self.source}/{folder}"):
                if "Makefile" in names and not any(
                        os.path.exists(f"{where}/{b}/Makefile")
                        for b in below):
                    found.append(where)
        return sorted(found)

    def programs(self):
        """Name: path of each program; links to all of them in one folder."""
        found = {}
        for folder in self.folders:
            for where, _, names in os.walk(f"{self.source}/{folder}"):
                for name in names:
                    path = os.path.join(where, name)
                    if "." not in name and os.access(path, os.X_OK) and \
                            os.path.isfile(path):
                        found[name] = path
        bin_dir = os.path.join(self.build, "testcases/bin")  # of LTPROOT
        shutil.rmtree(bin_dir, ignore_errors=True)
        os.makedirs(bin_dir)
        for name, path in found.items():
            os.symlink(path, os.path.join(bin_dir, name))
        self.environment = {"LTPROOT": self.build, "LTP_COLORIZE_OUTPUT": "n",
                            "KCONFIG_SKIP_CHECK": "1",
                            "PATH": f"{bin_dir}:/usr/bin:/bin"}
        return found

    def cases(self, pool):
        self.take_sources()
        self.make(pool._max_workers)
        programs = self.programs()
        found = {}
        for name in self.lists:
            for line in read(f"{self.source}/runtest/{name}").splitlines():
                words = shlex.split(line, comments=True)
                if len(words) < 2 or re.search(r"[;&|$]", line) or \
                        not self.wanted(words[0]):
                    continue
                path = programs.get(words[1])
                argv = [path, *words[2:]] if path else None
                found.setdefault(words[0], Case(self, words[0], argv))
        return list(found.values())


ALL = [Torture, LibcTest, Ltp]
