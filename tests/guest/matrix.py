#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every ordinary guest under every kernel, with each kind of stress.

  matrix.py --build build/dev [--only REGEX] [--jobs N]

runs the programs that ctest calls guest.plain.* under each profile of
`adiemu run --kernel=list`, with --stress=swap, --stress=migrate and both,
and compares output and exit code with the reference that ctest uses.
Prints a table of profile by stress; exits with 1 when a run differed.  CI
runs a part of these (run_guest.py, VARIANTS); this is all of them.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

STRESS = {
    "swap": ["--swap=64M", "--stress=swap:10000:7"],
    "migrate": ["--stress=migrate:10000:7"],
    "both": ["--swap=64M", "--stress=swap:10000:7",
             "--stress=migrate:14000:7"],
}


def option(command, name):
    return command[command.index(name) + 1] if name in command else None


def guests(build, only):
    """Name: (reference command, binary, adiemu) as ctest has them."""
    shown = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build,
                           check=True, capture_output=True, text=True)
    found = {}
    for test in json.loads(shown.stdout)["tests"]:
        m = re.fullmatch(r"guest\.plain\.(.*)", test["name"])
        if not m or not re.search(only, m.group(1)):
            continue
        command = test["command"]
        binary, native = command[-1], option(command, "--native")
        reference = [native] if native else [option(command, "--qemu"), binary]
        found[m.group(1)] = reference, binary, option(command, "--adiemu")
    return found


def run(command):
    with tempfile.TemporaryDirectory() as cwd:
        try:
            done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=600,
                                  start_new_session=True)
        except subprocess.TimeoutExpired:
            return None
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return code, done.stdout


def profiles(adiemu):
    listed = subprocess.run([adiemu, "run", "--kernel=list"], check=True,
                            capture_output=True, text=True)
    return [line.split()[0] for line in listed.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()

    found = guests(args.build, args.only)
    if not found:
        sys.exit("no guest of that name")
    kernels = profiles(next(iter(found.values()))[2])
    failed = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        want = {name: pool.submit(run, f[0]) for name, f in found.items()}
        got = {(kernel, stress, name): pool.submit(
                   run, [f[2], "run", "-q", f"--kernel={kernel}", *options,
                         f[1]])
               for kernel in kernels for stress, options in STRESS.items()
               for name, f in found.items()}
        for key, future in got.items():
            if future.result() != want[key[2]].result():
                failed.append(key)
    print(f"{'':18}" + "".join(f"{s:>12}" for s in STRESS))
    for kernel in kernels:
        cells = ""
        for stress in STRESS:
            bad = sum(f[:2] == (kernel, stress) for f in failed)
            cells += f"{len(found) - bad:>8}/{len(found)}"
        print(f"{kernel:18}{cells}")
    for key in failed:
        print("differs:", *key)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
