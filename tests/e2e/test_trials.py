#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu explore -- PROG: what many runs find, is there when it is run again.

  test_trials.py --adiemu A --guests BUILD/tests/guest

The guests are adi/b2_fork, which keeps tags over swap and fork; host/race, two
threads that count without a lock; adi/mismatch, with a bug of its own.
"""
import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import doc_keys

ARGS = None
ARRAYS = {"lost": "pages", "stale": "pages", "leak": "leaks",
          "wrong release": "wrong_releases", "refused": "refused_saves",
          "tag mismatch": "mismatches"}
PATHS = {"pages": "seen", "leaks": "unreachable_since",
         "wrong_releases": "at", "refused_saves": "at"}


def guest(name):
    return os.path.join(ARGS.guests, name)


def explore(*words, **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([ARGS.adiemu, "explore", *words], text=True,
                          capture_output=True, timeout=600, **kwargs)


def found(*words):
    done = explore("--report-format=json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def again(words, *options):
    """The command line of a finding, and its report."""
    with tempfile.NamedTemporaryFile("r") as f:
        done = subprocess.run(
            [ARGS.adiemu, words[1], *options, "--verbose-pages",
             "--report-format=json", f"--report={f.name}", *words[2:]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)
        return done, json.loads(f.read())


def shows(report, finding):
    key = ARRAYS[finding["class"]]
    cause = finding["cause"] and finding["cause"]["id"]
    for one in report[key]:
        if key in PATHS:
            stamp = one[PATHS[key]]
            if (stamp and stamp["path"]) != finding["path"]:
                continue
            if (one["cause"] and one["cause"]["id"]) != cause:
                continue
        return True
    return False


class Tags(unittest.TestCase):
    PROGRAM = ["-E", "CASE=child", "--"]

    def test_each_command_line_shows_what_was_found(self):
        with tempfile.TemporaryDirectory() as d:
            result = found("--kernel=linux-6.2,remap", "--runs=24",
                           f"--scripts={d}", *self.PROGRAM,
                           guest("adi/b2_fork"))
            linux, remap = result["kernels"]
            self.assertEqual([k["kernel"] for k in result["kernels"]],
                             ["linux-6.2", "remap"])
            self.assertEqual(remap["findings"], [])
            self.assertGreater(len(linux["findings"]), 1)
            self.assertGreater(linux["plain"]["instructions"], 10000)
            for f in linux["findings"]:
                with self.subTest(finding=f):
                    self.assertFalse(f["runs_used_up"] or f["not_as_lines"])
                    done, report = again(f["command_line"])
                    self.assertTrue(shows(report, f), done.stderr)
                    if not f["script"]:
                        continue
                    self.assertIn(f"--events={f['script_file']}",
                                  f["command_line"])
                    self.assertLessEqual(f["lines"], 4)
                    with open(f["script_file"], encoding="utf-8") as s:
                        self.assertTrue(s.read().endswith(f["script"]))
            self.assertTrue(any(f["script"] for f in linux["findings"]))
            seeds = [f["seed"] for f in linux["findings"]]
            self.assertEqual(seeds, sorted(seeds))

    def test_without_scripts_no_file_is_named(self):
        words = ["--kernel=linux-6.2", "--runs=20", *self.PROGRAM,
                 guest("adi/b2_fork")]
        with tempfile.TemporaryDirectory() as d:
            done = explore(*words, cwd=d)
            self.assertEqual(os.listdir(d), [])
        self.assertRegex(done.stdout, "run --kernel.* --events=FILE ")
        self.assertRegex(done.stdout, r"   with FILE, 1 line:\n==adiemu== +after")
        findings = found(*words)["kernels"][0]["findings"]
        self.assertTrue(any(f["script"] for f in findings))
        for f in findings:
            self.assertIsNone(f["script_file"])
            self.assertEqual("--events=FILE" in f["command_line"],
                             f["script"] is not None)

    def test_jobs_make_no_difference(self):
        for form in "text", "json", "list":
            outputs = {explore("--kernel=linux-6.2", "--runs=10",
                               "--shrink=30", f"--report-format={form}",
                               f"--jobs={jobs}", *self.PROGRAM,
                               guest("adi/b2_fork")).stdout
                       for jobs in (1, 2, 5)}
            self.assertEqual(len(outputs), 1)
            self.assertGreater(len(outputs.pop()), 50)

    def test_report(self):
        done = explore("--kernel=linux-6.2,remap", "--runs=10", "--shrink=3",
                       *self.PROGRAM, guest("adi/b2_fork"))
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "==adiemu== EXPLORED: runs of "
                         + guest("adi/b2_fork"))
        self.assertRegex(done.stdout, r"linux-6.2, finding 1 of \d+: \w+")
        self.assertIn("--shrink gives it no more runs", done.stdout)
        self.assertRegex(lines[-2], r"==adiemu== linux-6.2: \d+ findings? in "
                         r"10 runs \(seeds 1 to 10\)")
        self.assertEqual(lines[-1], "==adiemu== remap: none in 10 runs "
                         "(seeds 1 to 10)")

    def test_what_is_given_stays(self):
        result = found("--kernel=linux-6.2", "--runs=12", "--ram=4M",
                       "--swap=32M", "--schedule=rr", "--stress=wait:7",
                       "--shrink=0", *self.PROGRAM, guest("adi/b2_fork"))
        self.assertTrue(result["kernels"][0]["findings"])
        for f in result["kernels"][0]["findings"]:
            options = f["command_line"]
            for prefix, given in (("--ram=", "--ram=4M"),
                                  ("--swap=", "--swap=32M"),
                                  ("--schedule=", "--schedule=rr"),
                                  ("--stress=wait", "--stress=wait:7")):
                self.assertEqual([o for o in options if o.startswith(prefix)],
                                 [given])

    def test_keys_are_those_of_the_document(self):
        keys = doc_keys.of_json(found("--kernel=linux-6.2", "--runs=3",
                                      *self.PROGRAM, guest("adi/b2_fork")))
        self.assertEqual(keys - doc_keys.named(), set())
        self.assertEqual(doc_keys.named("the keys are `program`") - keys,
                         set())

    def test_first_seed(self):
        words = ["--kernel=linux-6.2", "--shrink=0", *self.PROGRAM,
                 guest("adi/b2_fork")]
        whole = found("--runs=12", *words)["kernels"][0]["findings"]
        seed = whole[-1]["seed"]
        one = found(f"--seed={seed}", "--runs=1", *words)
        self.assertEqual(one["first_seed"], seed)
        self.assertIn(whole[-1], one["kernels"][0]["findings"])

    def test_expect(self):
        words = ["--kernel=linux-6.2", "--runs=8", "--shrink=0",
                 *self.PROGRAM, guest("adi/b2_fork")]
        known = explore("--report-format=list", *words).stdout
        self.assertRegex(known, r"\Alinux-6.2, [\w ]+, [\w -]+, [\w-]+, [\w-]+\n")
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(known)
            f.flush()
            self.assertEqual(explore(f"--expect={f.name}", *words).returncode,
                             0)
            f.write("remap, hang, -, -, more\n")
            f.flush()
            done = explore(f"--expect={f.name}", *words)
            self.assertEqual(done.returncode, 1)
            self.assertIn('expected "remap, hang, -, -, more"', done.stderr)


class Program(unittest.TestCase):
    def test_threads_that_race(self):
        result = found("--runs=40", "--stress=wait:1000000", "--shrink=40",
                       "--fail=tagstore:1000000", "--", guest("host/race"))
        # A failure was asked for: then output says nothing.
        self.assertEqual(result["kernels"][0]["findings"], [])
        result = found("--runs=40", "--shrink=60", "--", guest("host/race"))
        f = result["kernels"][0]["findings"][0]
        self.assertEqual((f["class"], f["detail"]),
                         ("output differs", "standard output"))
        with tempfile.TemporaryDirectory() as d:
            words = list(f["command_line"])
            if f["script"]:
                path = os.path.join(d, "lines")
                with open(path, "w", encoding="utf-8") as s:
                    s.write(f["script"])
                words[words.index("--events=FILE")] = f"--events={path}"
            done, _ = again(words)
        plain = subprocess.run([ARGS.adiemu, "run", "-q", guest("host/race")],
                               capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.stdout, plain.stdout)

    def test_a_bug_of_its_own(self):
        result = found("--runs=1", "--shrink=0", "-E", "CASE=after_free", "--",
                       guest("adi/mismatch"))
        f = result["kernels"][0]["findings"][0]
        self.assertEqual((f["class"], f["detail"], f["seed"]),
                         ("tag mismatch", "load", 0))
        self.assertRegex(f["path"], r"\A\w+\Z")
        text = explore("--runs=1", "--shrink=0", "-E", "CASE=after_free", "--",
                       guest("adi/mismatch")).stdout
        self.assertIn(f"tag mismatch (load), in {f['path']}\n", text)
        self.assertIn("the pointer's tag is 2, that of the memory 14\n", text)
        self.assertIn("in the plain run:\n", text)

    def test_all_read_the_same(self):
        done = explore("--runs=6", "--jobs=2", "--report-format=list", "--",
                       guest("plain/read_input"), stdin=None,
                       input="".join(f"line {n}\n" for n in range(30021)))
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("", "", 0))

    def test_one_that_does_not_end(self):
        start = time.monotonic()
        one = explore("--timeout=1", "--", guest("host/spin"), "/nowhere")
        self.assertIn("it has not ended after 1 second\n", one.stdout)
        done = explore("--timeout=2", "--", guest("host/spin"), "/nowhere")
        self.assertLess(time.monotonic() - start, 60)
        self.assertEqual(done.returncode, 0)
        self.assertIn("remap, finding 1 of 1: hang\n", done.stdout)
        self.assertIn("it has not ended after 2 seconds\n", done.stdout)
        self.assertIn("remap: 1 finding in the plain run, the only one, not "
                      "all that were asked for\n", done.stdout)

    def test_one_that_writes_for_ever(self):
        for words, where in ([], "output"), (["err"], "error"):
            start = time.monotonic()
            done = explore("--", guest("host/endless"), *words)
            self.assertLess(time.monotonic() - start, 60)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (
                64, "", "adiemu: explore: the plain run writes more than 64 "
                f"MiB to standard {where}, too much to compare with\n"))
        done = subprocess.run(
            [ARGS.adiemu, "compare", "--kernels=remap", guest("host/endless")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (
            64, "", "adiemu compare: remap: it writes more than 64 MiB to "
            "standard output, too much to compare\n"))

    def test_a_host_without_memory_is_no_finding(self):
        if ARGS.sanitized:
            self.skipTest("a sanitizer maps terabytes for itself")
        for mib, what in (100, "the guest's RAM"), (700, "translated code"):
            done = explore("--runs=2", "--", guest("plain/exit_handlers"),
                           preexec_fn=lambda n=mib << 20: resource.setrlimit(
                               resource.RLIMIT_AS, (n, n)))
            self.assertEqual((done.returncode, done.stdout), (74, ""))
            self.assertRegex(done.stderr, "\\Aadiemu: the host has no memory "
                             f"for {what}.*\n\\Z")

    def test_time(self):
        done = explore("--time=2", "--runs=100000", "--", guest("host/race"),
                       "--shrink=1")
        self.assertRegex(done.stdout, r"in \d+ runs? \(seeds? 1.*\), not all "
                         r"that were asked for\n\Z")
        self.assertEqual(done.returncode, 0)

    def test_interrupted(self):
        for sig, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with subprocess.Popen(
                    [ARGS.adiemu, "explore", "--runs=100000", "--",
                     guest("plain/exit_handlers")], stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, text=True) as child:
                time.sleep(3)
                child.send_signal(sig)
                out, _ = child.communicate(timeout=60)
            self.assertEqual(child.returncode, code)
            self.assertRegex(out, r"remap: .*not all that were asked for\n\Z")

    def test_that_cannot_be_run(self):
        done = explore("--", "/nowhere/program")
        self.assertEqual(done.returncode, 127)
        self.assertEqual(done.stderr, "adiemu: /nowhere/program: No such file "
                         "or directory\n")
        done = explore("--", "/etc/passwd")
        self.assertEqual(done.returncode, 126)
        self.assertEqual(done.stdout, "")


class CommandLine(unittest.TestCase):
    def check(self, words, message):
        done = explore(*words)
        self.assertEqual(done.returncode, 64, done)
        self.assertTrue(done.stderr.startswith(f"adiemu explore: {message}\n"),
                        done.stderr)
        self.assertEqual(done.stdout, "")

    def test_mistakes(self):
        program = ["--", guest("host/race")]
        for option in ("--depth=3", "--actions=swap", "--pages=1", "--sync",
                       "--processes=1", "--check", "--slice=1/2",
                       "--resume=x", "--profile-file=x"):
            name = option.split("=")[0]
            self.check([option, *program],
                       f"{name} is for a search without a program")
        for option in "--runs=3", "--seed=4", "--timeout=2", "--shrink=0":
            name = option.split("=")[0]
            self.check([option], f'{name}: of which program?  It comes after '
                       '"--"')
        self.check(["--ram=4M"], '--ram=4M: for which program?  It comes '
                   'after "--"')
        self.check([guest("host/race")], guest("host/race") + ': not an '
                   'option; a program comes after "--"')
        self.check(["--runs=0", *program],
                   "--runs=0: not a number from 1 to 1000000")
        self.check(["--seed=0", *program],
                   "--seed=0: not a number from 1 to 4294967295")
        self.check(["--timeout=no", *program],
                   "--timeout=no: not a number from 1 to 1000000")
        for option in "--gdb=1", "--events=x", "--realtime", "--history":
            name = option.split("=")[0]
            done = explore(option, *program)
            self.assertEqual(done.returncode, 64)
            self.assertRegex(done.stderr, f"unrecognized option '{name}")

    def test_what_is_after_the_program_is_its_own(self):
        done = explore("--runs=1", "--report-format=list", "--",
                       guest("host/race"), "--depth=3", "--merge")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_help_has_both(self):
        done = explore("--help")
        for option in ("--depth=", "--runs=", "--ram=", "-E VAR", "--stress="):
            self.assertIn(option, done.stdout)
        self.assertEqual(len(re.findall(r"--kernel=", done.stdout)), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guests", required=True, type=os.path.abspath)
    parser.add_argument("--sanitized", action="store_true")
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
