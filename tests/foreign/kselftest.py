#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the kernel's own test of /dev/adi under adiemu.

  kselftest.py --adiemu build/release/cli/adiemu [--sources DIR]

The test is tools/testing/selftests/sparc64/drivers/adi-test.c.  It comes from
Debian's package of the kernel's source (139 MB), or from DIR, a tree of the
kernel.  By hand: it runs as root of a user namespace, as /dev/adi is root's,
in an empty folder, under each kernel and with little and much memory.  Not under
--stress: it takes it that no frame changes hands while it looks.

Prints what the test says under the first, a line for each of the others.
Exit status: 0 when all pass.
"""
import argparse
import glob
import itertools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "linux-source-6.1"
FILES = ["tools/testing/selftests/kselftest.h",
         "tools/testing/selftests/sparc64/drivers/adi-test.c"]
# The test writes from 0x6000 on, and around the end of the last range.
OPTIONS = [["--ram=256M"], ["--ram=4M"], ["--ram=64M", "--nodes=4"],
           ["--ram=64M", "--swap=64M"]]


def kernels(adiemu):
    listed = subprocess.run([adiemu, "run", "--kernel=list"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return [line.split()[0] for line in listed.splitlines()]


def sources(args, folder):
    """The tree that has FILES."""
    if args.sources:
        return args.sources
    subprocess.run(["apt-get", "-q", "download", PACKAGE], cwd=folder,
                   check=True)
    package, = glob.glob(f"{folder}/{PACKAGE}*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    archive, = glob.glob(f"{folder}/usr/src/{PACKAGE}.tar.xz")
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.split("/", 1)[-1]
            if name in FILES:
                tar.extract(member, folder)
    return f"{folder}/{PACKAGE}"


def run(args, binary, options):
    with tempfile.TemporaryDirectory() as cwd:
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", args.adiemu, "run", "-q",
             "--check=path", *options, binary], cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=600)
    good = done.returncode == 0 and "not ok" not in done.stdout and \
        done.stdout.count("\nok ") == 8
    return good, done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--sources", type=os.path.abspath)
    args = parser.parse_args()
    folder = tempfile.mkdtemp()
    failed = 0
    try:
        tree = sources(args, folder)
        binary = os.path.join(folder, "adi-test")
        subprocess.run(["sparc64-linux-gnu-gcc", "-O2", "-w", "-static",
                        os.path.join(tree, FILES[1]), "-o", binary],
                       check=True)
        for n, (kernel, options) in enumerate(
                itertools.product(kernels(args.adiemu), OPTIONS)):
            options = [f"--kernel={kernel}", *options]
            good, done = run(args, binary, options)
            failed += not good
            if n == 0 or not good:
                print(done.stdout, end="")
            print(f"{'passed' if good else 'FAILED'}: {' '.join(options)}")
    finally:
        shutil.rmtree(folder)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
