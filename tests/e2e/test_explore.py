#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu explore: what it finds, is there when the script is carried out.

  test_explore.py --adiemu A
"""
import argparse
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import doc_keys

ARGS = None
CLASSES = {"lost": "tags_lost", "stale": "stale_tags"}


def explore(*options, **kwargs):
    return subprocess.run([ARGS.adiemu, "explore", *options], text=True,
                          capture_output=True, timeout=600, **kwargs)


def found(*options):
    done = explore("--report-format=json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def carried_out(options, kernel, script):
    """The report of "adiemu script"."""
    with tempfile.NamedTemporaryFile("w", suffix=".events") as f, \
            tempfile.NamedTemporaryFile("r") as report:
        f.write(script)
        f.flush()
        done = subprocess.run(
            [ARGS.adiemu, "script", *shlex.split(options),
             f"--kernel={kernel}", "--check=full", "--report-format=json",
             f"--report={report.name}", f.name], text=True,
            capture_output=True, timeout=60)
        return done, json.loads(report.read())


def shows(done, report, finding):
    """Does this report have what was found?"""
    cause = finding["cause"] and finding["cause"]["id"]

    def blamed(one):
        return (one["cause"] and one["cause"]["id"]) == cause
    if finding["class"] in CLASSES:
        return any(blamed(p) and p["kind"] == finding["class"]
                   for p in report["pages"])
    if finding["class"] == "leak":
        return any(blamed(leak) for leak in report["leaks"])
    if finding["class"] == "wrong release":
        return any(blamed(r) and r["kind"] == finding["detail"]
                   for r in report["wrong_releases"])
    if finding["class"] == "refused":
        return any(blamed(r) for r in report["refused_saves"])
    if finding["class"] == "kernel BUG":
        return done.returncode == 72
    return False


class Explore(unittest.TestCase):
    def check_scripts(self, *options):
        result = found(*options)
        for kernel in result["kernels"]:
            for f in kernel["findings"]:
                with self.subTest(kernel=kernel["kernel"], finding=f):
                    lines = f["script"].splitlines()
                    acts = [line for line in lines if " fault " not in line
                            and not line.startswith("when migrate")]
                    self.assertEqual(len(acts), f["steps"])
                    done, report = carried_out(result["script_options"],
                                               kernel["kernel"], f["script"])
                    self.assertTrue(shows(done, report, f), report)
        return result

    def test_each_script_shows_what_was_found(self):
        for sets, depth, kernels in (
                ("swap,fork", 6, "linux-6.2,linux-7.1,mte-5.18"),
                ("swap,map,protect,move,advice", 4, "linux-6.2,linux-5.17,remap"),
                ("swap,migrate,moving,fail", 4, "linux-6.2,linux-6.12"),
                ("swap,shmem,file", 4, "linux-6.2,linux-5.17,mte-6.6"),
                ("swap,fault,race", 5, "linux-6.2"),
                # Steps of others that never come, before those that do.
                ("fault,race,swap", 5, "linux-5.17,linux-6.6")):
            result = self.check_scripts(f"--kernel={kernels}",
                                        f"--actions={sets}",
                                        f"--depth={depth}")
            self.assertTrue(any(k["findings"] for k in result["kernels"]))

    def test_remap_and_the_store_of_slots_have_none(self):
        result = found("--kernel=remap,mte-6.6", "--depth=6", "--check")
        for kernel in result["kernels"]:
            self.assertEqual(kernel["findings"], [])
            self.assertEqual(kernel["complete_depth"], 6)
            self.assertFalse(kernel["any_depth"])
        done = explore("--kernel=remap", "--depth=3")
        self.assertRegex(done.stdout, r"==adiemu== remap: none, complete to "
                         r"depth 3 \(\d+ states\)\n\Z")

    def test_jobs_make_no_difference(self):
        for form in ("text", "json", "list"):
            outputs = {explore("--kernel=linux-6.2", "--depth=6",
                               f"--report-format={form}",
                               f"--jobs={jobs}").stdout for jobs in (1, 2, 5)}
            self.assertEqual(len(outputs), 1)
            self.assertGreater(len(outputs.pop()), 100)

    def test_actions_of_a_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write("mmap 0x70000000 rw adi # and no more\n"
                    "tag 0x70000000 5\nmunmap 0x70000000\n"
                    "when fault swapin: migrate\nread 0x70000000\n")
            f.flush()
            result = found("--kernel=linux-6.2", f"--actions={f.name}")
            self.assertEqual(result["steps"], 4)
            kernel = result["kernels"][0]
            self.assertEqual(kernel["hooks"], {
                "reached": [], "never": ["unmap_swap", "unmap_migrate",
                                         "swapin_late"]})
            self.assertIn("exit", kernel["paths"]["reached"])
            self.assertIn("swap-out", kernel["paths"]["never"])
            self.assertEqual(kernel["idle_steps"], [
                "when fault swapin: migrate; read 0x70000000"])
            # Nothing is ever in swap: the states end.
            self.assertTrue(kernel["any_depth"])
            self.assertEqual(kernel["findings"], [])
            f.write("swapout 0x70000000\n")
            f.flush()
            kernel = found("--kernel=linux-6.2",
                           f"--actions={f.name}")["kernels"][0]
            self.assertIn("zap", [f["cause"]["id"] for f in kernel["findings"]])

    def test_steps_that_never_did_anything_are_named(self):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write("tag 0x70000000 5\nswapout 0x70000000\nmunmap 0x0\n"
                    "read 0x70000000\nmigrate 0x70000000\n")
            f.flush()
            out = explore("--kernel=linux-6.2",
                          f"--actions={f.name}").stdout.splitlines()
        self.assertRegex(out[-3], r"linux-6.2: reached 0 of 3 hooks \(never "
                         r"unmap_swap, unmap_migrate, swapin_late\), \d+ of ")
        self.assertRegex(out[-2], r"never did anything: 4 of 5 steps: \"tag "
                         r"0x70000000 5\", .* and 1 more$")
        self.assertRegex(out[-1], "linux-6.2: none, complete to any depth")
        done = explore("--kernel=linux-6.2,remap,mte-6.6", "--depth=5")
        self.assertNotIn("never did anything", done.stdout)
        self.assertRegex(done.stdout, r"mte-6.6: reached 6 of 6 hooks, \d")

    def test_what_is_always_refused_did_nothing(self):
        refused = ["madvise 0x70000000+2 guard", "madvise 0x70004000+2 free",
                   "mremap 0x70000000+2 0x70002000"]
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write("mmap 0x70000000+2 rw\nwrite 0x70000000 1\n"
                    "mmap 0x70004000+2 rw shared shmem 1\n"
                    "read 0x70004000\n" + "\n".join(refused) + "\n")
            f.flush()
            kernel = found("--kernel=linux-6.2", "--depth=4",
                           f"--actions={f.name}")["kernels"][0]
        self.assertEqual(kernel["idle_steps"], refused)

    def test_a_story_says_when_data_are_lost(self):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            f.write("mmap 0x70000000 rw adi private file 1\n"
                    "write 0x70000000 1\nswapout 0x70000000\n"
                    "truncate file 1 0\nread 0x70000000\n")
            f.flush()
            kernel = found("--kernel=linux-5.17", "--depth=5",
                           f"--actions={f.name}")["kernels"][0]
        lost = [f for f in kernel["findings"] if f["class"] == "data lost"]
        self.assertEqual(len(lost), 1)
        said = [step["findings"] for step in lost[0]["story"]]
        self.assertEqual(said[:-1], [[]] * (len(said) - 1))
        self.assertEqual(said[-1], ["data lost (past the end of the file), on path fault"])
        self.assertIn("object 1 from page 0 on is cut off", " ".join(
            event for step in lost[0]["story"] for event in step["events"]))

    def test_a_copy_may_outlive_its_device(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("name forgets\nkernel mte-6.6\nhook swap_invalidate none\n"
                    "hook swap_invalidate_area none\n")
            f.flush()
            kernel = found(f"--profile-file={f.name}", "--actions=swap",
                           "--pages=1", "--processes=1", "--depth=6")
        self.assertIn("leak", [f["class"]
                               for f in kernel["kernels"][0]["findings"]])

    def test_failures_of_the_nth_are_steps(self):
        steps = "mmap 0x70000000+2 rw adi private\ntag 0x70000000+2 5\n" \
            "swapout 0x70000000+2\nswapoff /dev/adi0\n"
        with tempfile.NamedTemporaryFile("w", suffix=".steps") as f:
            f.write(steps)
            f.flush()
            words = [f"--actions={f.name}", "--kernel=linux-5.17",
                     "--depth=5", "--report-format=json"]
            one = json.loads(explore("--fail=swapwrite:1", *words).stdout)
            two = json.loads(explore("--fail=swapwrite:2",
                                     "--fail=tagstore:1", *words).stdout)
        self.assertEqual((one["steps"], two["steps"]), (5, 7))
        self.assertTrue(two["actions"].endswith(
            ".steps, --fail=tagstore:1, --fail=swapwrite:2"))
        self.assertGreater(two["kernels"][0]["states"],
                           one["kernels"][0]["states"])
        # B7: the slot stays taken.
        stuck = [[f["script"] for f in r["kernels"][0]["findings"]
                  if f["class"] == "swapoff stuck"] for r in (one, two)]
        self.assertEqual(stuck[0], [])
        self.assertIn("fail tagstore 1\n", stuck[1][0])

    def test_expect(self):
        known = explore("--kernel=linux-6.2", "--depth=5",
                        "--report-format=list").stdout
        self.assertIn("linux-6.2, leak, definitely leaked, zap, zap\n", known)
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(known)
            f.flush()
            same = explore("--kernel=linux-6.2", "--depth=5",
                           f"--expect={f.name}")
            self.assertEqual((same.returncode, same.stderr), (0, ""))
            more = explore("--kernel=linux-6.2", "--depth=6",
                           f"--expect={f.name}")
            self.assertEqual(more.returncode, 1)
            self.assertRegex(more.stderr, r'expected "", found "linux-6.2, ')
            less = explore("--kernel=remap", "--depth=3", f"--expect={f.name}")
            self.assertEqual(less.returncode, 1)

    def test_what_is_expected_is_read_before_the_search(self):
        for text, said in (("linux-6.2, lost\n", 'x:1: "linux-6.2, lost": not '
                            '"KERNEL, CLASS, DETAIL, CAUSE, PATH"'),
                           ("remap, leak, -, zap, zap\nremap, lsot, -, -, zap\n",
                            'x:2: "remap, lsot, -, -, zap": no class of '),
                           ("remap, lost, -, zap, zap", "a line that has no end"),
                           ("a, lost, b, c, d, e\n", "x:1: ")):
            with tempfile.TemporaryDirectory() as folder:
                with open(f"{folder}/x", "w", encoding="utf-8") as f:
                    f.write(text)
                done = explore("--depth=50", f"--expect={folder}/x",
                               f"--report={folder}/report")
                self.assertEqual(done.returncode, 64)
                self.assertIn(said, done.stderr)
                self.assertEqual(os.listdir(folder), ["x"])

    def test_a_report_is_there_until_there_is_another(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/report"
            with open(path, "w", encoding="utf-8") as f:
                f.write("old\n" * 10000)
            with subprocess.Popen([ARGS.adiemu, "explore", "--depth=50",
                                   f"--report={path}"]) as child:
                time.sleep(0.5)
                child.kill()
            self.assertEqual(os.path.getsize(path), 40000)
            explore("--kernel=linux-6.2", "--depth=4", "--report-format=list",
                    f"--report={path}")
            done = explore("--kernel=linux-6.2", "--depth=4",
                           "--report-format=list", f"--report={path}",
                           f"--expect={path}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            os.mkfifo(f"{folder}/pipe")
            with subprocess.Popen([ARGS.adiemu, "explore", "--depth=2",
                                   f"--report={folder}/pipe"]) as child:
                with open(f"{folder}/pipe", encoding="utf-8") as f:
                    self.assertIn("remap: none", f.read())
            self.assertEqual(child.returncode, 0)

    def test_scripts(self):
        with tempfile.TemporaryDirectory() as folder:
            done = explore("--kernel=linux-6.2", "--depth=4",
                           f"--scripts={folder}/new",
                           f"--report={folder}/report")
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            names = sorted(os.listdir(f"{folder}/new"))
            self.assertEqual(names, [f"linux-6.2-{i}.events"
                                     for i in range(1, len(names) + 1)])
            with open(f"{folder}/report", encoding="utf-8") as f:
                self.assertIn(f"finding {len(names)} of {len(names)}: ",
                              f.read())
            with open(f"{folder}/new/{names[0]}", encoding="utf-8") as f:
                self.assertIn("\nmmap 0x70000000+2 rw adi private\n", f.read())

    def test_time_and_interrupt_say_how_far_it_came(self):
        done = explore("--kernel=remap", "--depth=50", "--time=1",
                       "--report-format=json")
        self.assertEqual(done.returncode, 0)
        kernel = json.loads(done.stdout)["kernels"][0]
        self.assertEqual(kernel["stopped"], "time")
        self.assertLess(kernel["complete_depth"], 50)
        self.assertRegex(
            explore("--kernel=remap", "--depth=50", "--time=1").stdout,
            r"remap: none, not complete: ended by --time after depth \d \(")
        with subprocess.Popen([ARGS.adiemu, "explore", "--depth=50",
                               "--kernel=remap,mte-6.6"],
                              stdout=subprocess.PIPE, text=True,
                              start_new_session=True) as child:
            time.sleep(1.5)
            os.killpg(child.pid, signal.SIGINT)
            out = child.communicate(timeout=60)[0]
        self.assertEqual(child.returncode, 130)
        said = "none, not complete: ended by SIGINT after depth"
        self.assertRegex(out, rf"remap: {said} \d \(.*\n"
                         rf"==adiemu== mte-6.6: {said} 0 \(1 state\)\n\Z")

    def test_address_space_is_that_of_the_states(self):
        """Of what a host may give, a search takes what it needs."""
        if ARGS.sanitized:
            self.skipTest("a sanitizer maps terabytes for itself")
        def limit(nr):
            return lambda: resource.setrlimit(resource.RLIMIT_AS, (nr, nr))
        done = explore("--kernel=remap", "--depth=5", "--jobs=2",
                       preexec_fn=limit(400 << 20))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("none, complete to depth 5", done.stdout)
        for mib in 48, 200:
            done = explore("--kernel=remap", preexec_fn=limit(mib << 20))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (
                70, "", "adiemu: explore: the host has no memory to begin "
                "with: each process needs 350 MiB of address space\n"))

    def test_a_process_that_dies_is_a_finding(self):
        with subprocess.Popen([ARGS.adiemu, "explore", "--depth=50",
                               "--jobs=2"], stdout=subprocess.PIPE,
                              text=True) as search:
            time.sleep(2)  # a depth takes longer by now
            with open(f"/proc/{search.pid}/task/{search.pid}/children",
                      encoding="ascii") as f:
                os.kill(int(f.read().split()[0]), signal.SIGKILL)
            out = search.communicate(timeout=120)[0]
        self.assertEqual(search.returncode, 70)
        self.assertRegex(out, r"finding 1 of 1: crash\n"
                         r"==adiemu==    a fault of adiemu\n"
                         r"==adiemu==    in \d+ steps?:\n")
        self.assertRegex(out, r"remap: 1 finding, not complete: adiemu crashed "
                         r"after depth \d \(")

    def test_errors(self):
        for options, code, said in (
                (["--actions=swap,frok"], 64, 'no set is called "frok"'),
                (["--actions="], 64, "--actions: no set is named"),
                (["--actions=swap,fork,map,migrate,fault,race,moving",
                  "--pages=4", "--processes=4"], 64,
                 "--actions: more than 512 steps"),
                (["--kernel=linux-9"], 64, 'no profile is called "linux-9"'),
                (["--depth=0"], 64, "--depth=0: not a number from 1 to 250"),
                (["--jobs=x"], 64, "--jobs=x: not a number"),
                (["--report-format=csv"], 64, "neither text, json, list nor html"),
                (["--fail=tagstore:17"], 64,
                 "--fail: steps let up to the 16th fail"),
                (["--fail=swap:1"], 64, "--fail=swap:1: not tagstore:N"),
                (["--fail=tagstore:1", "--ram=8M"], 64,
                 "--ram=8M: for which program?"),
                (["word"], 64, "word: not an option"),
                (["--actions=/nowhere/x.events"], 74, "/nowhere/x.events: "),
                (["--actions=/dev/null"], 64, "/dev/null: no actions"),
                (["--profile-file=/nowhere/p"], 74, "/nowhere/p: "),
                (["--profile-file=/dev/null"], 64,
                 '/dev/null:0: the end, expected "kernel"'),
                (["--profile-file=/dev/null", "--check"], 64, "--check knows"),
                # Before a search that would last for days.
                (["--depth=50", "--report=/nowhere/x"], 74, "/nowhere/x: "),
                (["--depth=50", "--report=/"], 74, "/: Is a directory"),
                (["--depth=50", "--scripts=/dev/null/x"], 74, "/dev/null/x: "),
                (["--depth=50", "--scripts=/dev/null"], 74,
                 "/dev/null: Not a directory"),
                (["--depth=50", "--expect=/nowhere/x"], 74, "/nowhere/x: "),
                (["--depth=50", "--expect=/dev/zero"], 74,
                 "/dev/zero: File too large"),
                (["--profile-file=/dev/zero"], 74,
                 "/dev/zero: File too large"),
                (["--depth=50", f"--expect={ARGS.adiemu}"], 64,
                 f"{ARGS.adiemu}:1: ")):
            done = explore(*options)
            self.assertEqual(done.returncode, code, options)
            self.assertIn(said, done.stderr)
        for text, said in (("fork as 5\n", ":1: a process above 4"),
                           ("reclaim 3\n", ":1: what it does depends on"),
                           ("check\ntag 0x70000000+17 5\n",
                            ":2: the steps are about more than 16 pages"),
                           ("tag 0x70000000+1026 5 every 2\n",
                            ":1: the steps are about more than 512 pages"),
                           ("punch shmem 1 16\n", ":1: the steps are about"),
                           ("mmpa 0x1\n", ':1:1: "mmpa", expected an action'),
                           ("at exit: check\n", ":1: expected no trigger"),
                           ("read 0x70000000\nwhen fault swapin: migrate\n",
                            ":2: expected a line without a trigger below"),
                           ("when fault swapin: migrate\n# and\n"
                            "when fault cow: migrate\nread 0x70000000\n",
                            ":1: expected a line without a trigger below")):
            with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
                f.write(text)
                f.flush()
                done = explore(f"--actions={f.name}")
            self.assertEqual(done.returncode, 64)
            self.assertIn(said, done.stderr)

    def test_words_of_a_profile_are_listed(self):
        done = explore("--profile-file=list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^hook unuse none\|restore +unuse_p")
        self.assertRegex(done.stdout, r"(?m)^policy zeromap on\|off +a page ")

    def test_keys_are_those_of_the_document(self):
        keys = doc_keys.of_json(found("--kernel=linux-6.2", "--depth=4"))
        self.assertEqual(keys - doc_keys.named(), set())
        self.assertEqual(doc_keys.named("there are the keys `actions`") - keys,
                         {"time", "frames", "room", "crash", "invariant"})

    def test_sets_are_listed(self):
        names = [line.split()[0] for line in
                 explore("--actions=list").stdout.splitlines()]
        self.assertIn("swap", names)
        for name in names:
            self.assertEqual(explore(f"--actions={name}",
                                     "--depth=2").returncode, 0)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--sanitized", action="store_true")
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
