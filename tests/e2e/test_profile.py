#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A profile is added by one initialiser, and its bugs are judged by it.

  test_profile.py --adiemu ADIEMU --guest B2_FORK

ADIEMU has the profiles of scratch_profile.py.  The first has a bug and says
so: its findings are predicted.  The second has the same bug and denies it:
--check=full ends the run with 70.
"""
import argparse
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--adiemu", required=True)
parser.add_argument("--guest", required=True)
args = parser.parse_args()
bad = 0


def expect(name, condition, run):
    global bad
    if not condition:
        bad = 1
        print(f"{name}: exit {run.returncode}\n{run.stdout}{run.stderr}")


def run(*words):
    return subprocess.run([args.adiemu, *words], capture_output=True,
                          text=True, timeout=120)


def fork(profile, case):
    return run("run", "--ram=4M", "--swap=64M", f"--kernel={profile}",
               "--check=full", "-E", f"CASE={case}", args.guest)


listed = run("run", "--kernel=list")
expect("listed", "as remap, but fork forgets" in listed.stdout, listed)

for case in "child", "grandchild", "cached", "unused":
    r = fork("remap", case)
    expect(f"remap {case}", r.returncode != 70 and "not 5" not in r.stdout, r)
    r = fork("scratch", case)
    expect(f"scratch {case}", r.returncode != 70, r)
    if case in ("child", "grandchild"):
        expect(f"scratch {case}", f"{case}: not 5" in r.stdout
               and "copy_nonpresent_pte" in r.stderr, r)
        r = fork("scratch-denies", case)
        expect(f"denied {case}", r.returncode == 70
               and "check_saved_tags_are_right" in r.stderr, r)

sys.exit(bad)
