#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A fault of adiemu, put in on purpose: does --check show how to see it again?

  repro.py --build DIR [--define NAME=VALUE]...

Builds adiemu with a mutant that only --check sees, runs a guest, takes the
event script out of the message, and runs the same with that script and
without --check: both must end with 70 and name the same invariant.
"""
import argparse
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
import mutate

MUTANT, GUEST = "zap_no_hook", "b1_zap"
OPTIONS = ["--kernel=remap", "--swap=64M", "-E", "CASE=munmap"]
EXIT_INTERNAL = 70


def fail(why, text):
    print(f"{why}\n{text}", file=sys.stderr)
    sys.exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--define", action="append", default=[])
    args = parser.parse_args()
    job = mutate.Job(os.path.abspath(args.build), args)
    job.configure(MUTANT, guests=True)
    job.build("adiemu", f"tests/guest/adi/{GUEST}")
    command = [job.path("cli", "adiemu"), "run"] + OPTIONS
    guest = [job.path("tests", "guest", "adi", GUEST)]

    code, text = mutate.run_group(command + ["--check=full"] + guest,
                                  mutate.GUEST_SECONDS)
    broken = re.search(r"^adiemu: invariant (\d+) broken, (\w+)", text, re.M)
    script = re.search(r"^after insn \d+: check$", text, re.M)
    if code != EXIT_INTERNAL or not broken or not script:
        fail(f"--check does not see {MUTANT}: exit code {code}", text)
    if not re.search(r"event \d+: save", text):
        fail("the story of the page is missing", text)
    with tempfile.TemporaryDirectory() as folder:
        events = os.path.join(folder, "events")
        with open(events, "w", encoding="utf-8") as f:
            f.write(script[0] + "\n")
        code, again = mutate.run_group(command + [f"--events={events}"] + guest,
                                       mutate.GUEST_SECONDS)
    if code != EXIT_INTERNAL or broken[0] not in again:
        fail(f"the script does not show it again: exit code {code}", again)
    print(f"{broken[0]}: again by {script[0]!r}")


if __name__ == "__main__":
    main()
