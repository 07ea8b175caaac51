#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu explore --slice, --merge: many find what one finds.

  test_slices.py --adiemu A
"""
import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import doc_keys

ARGS = None
KERNELS = "--kernel=linux-6.2,mte-5.18,remap"


def explore(*options):
    return subprocess.run([ARGS.adiemu, "explore", *options], text=True,
                          capture_output=True, timeout=600)


def found(*options):
    done = explore("--report-format=json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def slices(nr, *options):
    return [found(f"--slice={k}/{nr}", *options) for k in range(1, nr + 1)]


def merge(reports, *options):
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{folder}/{i}.json" for i in range(len(reports))]
        for name, report in zip(names, reports):
            with open(name, "w", encoding="utf-8") as f:
                f.write(report if isinstance(report, str)
                        else json.dumps(report))
        done = explore("--merge", *names, *options)
        done.stderr = done.stderr.replace(f"{folder}/", "")
        return done


def merged(reports):
    done = merge(reports, "--report-format=json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kinds(kernel):
    return sorted((f["class"], str(f["detail"]), str(f["cause"]), f["path"],
                   f["steps"]) for f in kernel["findings"])


class Slices(unittest.TestCase):
    def check(self, nr, *options):
        """Returns the slices, and the report of one search."""
        one, parts = found(*options), slices(nr, *options)
        whole = merged(parts)
        self.assertEqual(whole["slices"], nr)
        self.assertEqual(whole["missing"], [])
        for key in ("actions", "steps", "pages", "processes", "depth",
                    "script_options"):
            self.assertEqual(whole[key], one[key])
        self.assertEqual(len(whole["kernels"]), len(one["kernels"]))
        for ours, theirs in zip(whole["kernels"], one["kernels"]):
            self.assertEqual(kinds(ours), kinds(theirs))
            for key in ("kernel", "any_depth", "stopped", "hooks", "paths",
                        "idle_steps"):
                self.assertEqual(ours[key], theirs[key])
            if not ours["any_depth"]:
                self.assertEqual(ours["complete_depth"],
                                 theirs["complete_depth"])
            self.assertGreaterEqual(ours["states"], theirs["states"])
        return parts, one

    def test_slices_find_what_one_search_finds(self):
        for nr in (1, 3, 8):
            for depth in (5, 6):
                parts, one = self.check(nr, KERNELS, f"--depth={depth}")
                self.assertTrue(one["kernels"][0]["findings"])
                for k in range(3):
                    shares = [p["kernels"][k]["share"] for p in parts]
                    self.assertGreaterEqual(shares[0]["states"], 8 * nr)
                    self.assertEqual(sum(s["own"] for s in shares),
                                     shares[0]["states"])
                    if nr > 1 and depth == 6:
                        for part in parts:
                            self.assertLess(part["kernels"][k]["states"],
                                            one["kernels"][k]["states"])

    def test_keys_are_those_of_the_document(self):
        parts = slices(2, "--kernel=linux-6.2", "--depth=4")
        keys = doc_keys.of_json([*parts, merged(parts)])
        self.assertEqual(keys - doc_keys.named(), set())
        self.assertEqual(doc_keys.named("The JSON of a slice") - keys, set())

    def test_other_sets(self):
        for sets, depth in (("swap,fail", 4), ("swap,migrate,moving", 4),
                            ("swap,shmem", 4)):
            self.check(5, KERNELS, f"--actions={sets}", f"--depth={depth}",
                       "--check", "--sync")

    def test_slices_where_states_end(self):
        with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
            for at in range(0x70000000, 0x70006000, 0x2000):
                f.write(f"mmap {at:#x} rw adi\nmunmap {at:#x}\n"
                        f"tag {at:#x} 5\ntag {at:#x} 6\n")
            f.flush()
            for nr in (1, 2, 100):  # there are never 800 states
                parts, one = self.check(nr, "--kernel=linux-6.2", "--depth=50",
                                        f"--actions={f.name}")
                self.assertTrue(one["kernels"][0]["any_depth"])
                self.assertEqual(parts[0]["kernels"][0]["share"]["depth"] > 0,
                                 nr < 100)

    def test_order_makes_no_difference(self):
        parts = slices(6, KERNELS, "--depth=5")
        for form in ("text", "json", "list"):
            outputs = set()
            for _ in range(3):
                random.shuffle(parts)
                outputs.add(merge(parts, f"--report-format={form}").stdout)
            self.assertEqual(len(outputs), 1)
            self.assertGreater(len(outputs.pop()), 100)

    def test_verdicts(self):
        parts = slices(8, "--kernel=linux-6.2", "--depth=5")
        self.assertRegex(
            merge(parts).stdout, r"==adiemu== linux-6.2: 6 findings, complete "
            r"to depth 5 \([\d,]+ states, some in more than one slice\)\n\Z")
        del parts[6], parts[2]
        self.assertIn("findings, not complete: slices 3, 7 of 8 are missing (",
                      merge(parts).stdout)
        whole = merged(parts)
        self.assertEqual(whole["missing"], [3, 7])
        self.assertFalse(whole["kernels"][0]["any_depth"])
        self.assertEqual(whole["kernels"][0]["complete_depth"],
                         parts[0]["kernels"][0]["share"]["depth"] - 1)
        self.assertIn("not complete: slices 2, 3, 4, 5, 6, 7, 8 of 8 are ",
                      merge(parts[:1]).stdout)
        self.assertIn("slice 2 of 8 complete to depth 3 (",
                      explore("--slice=2/8", "--depth=3").stdout)

    def test_the_least_depth_is_complete(self):
        parts = slices(3, "--kernel=linux-6.2", "--depth=6")
        parts[1]["kernels"][0]["complete_depth"] = 4
        parts[1]["kernels"][0]["stopped"] = "time"
        kernel = merged(parts)["kernels"][0]
        self.assertEqual(kernel["complete_depth"], 4)
        self.assertEqual(kernel["stopped"], "time")
        self.assertIn("not complete: ended by --time after depth 4 (",
                      merge(parts).stdout)
        # And one that did not come to where they part.
        parts[1]["kernels"][0].update(
            complete_depth=1, share={"depth": 0, "states": 0, "own": 0})
        self.assertEqual(merged(parts)["kernels"][0]["complete_depth"], 1)

    def test_the_first_of_equally_long_scripts(self):
        parts = slices(2, "--kernel=linux-6.2", "--depth=4")
        lost = [p["kernels"][0]["findings"] for p in parts]
        for findings, script, steps in zip(lost, ("b\n", "a\n"), (4, 4)):
            findings[0].update(script=script, steps=steps, path="swapoff")
            del findings[1:]
        lost[1][0].update({k: lost[0][0][k]
                           for k in ("class", "detail", "cause")})
        self.assertEqual([f["script"] for f in
                          merged(parts)["kernels"][0]["findings"]], ["a\n"])
        lost[0][0]["steps"] = 3
        self.assertEqual([f["script"] for f in
                          merged(parts)["kernels"][0]["findings"]], ["b\n"])

    def test_scripts_and_expect(self):
        parts = slices(3, "--kernel=linux-6.2", "--depth=5")
        known = merge(parts, "--report-format=list").stdout
        self.assertEqual(sorted(known.splitlines()), sorted(explore(
            "--kernel=linux-6.2", "--depth=5",
            "--report-format=list").stdout.splitlines()))
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/known", "w", encoding="utf-8") as f:
                f.write(known)
            self.assertEqual(merge(parts, f"--expect={folder}/known",
                                   f"--scripts={folder}/new").returncode, 0)
            self.assertEqual(len(os.listdir(f"{folder}/new")), 6)
            parts = slices(3, "--kernel=linux-6.2", "--depth=3")
            self.assertEqual(merge(parts, f"--expect={folder}/known",
                                   f"--report={folder}/r").returncode, 1)

    def test_invariants_are_merged(self):
        parts = slices(2, "--kernel=linux-6.2", "--depth=3")
        for nr, part in zip((7, 8), parts):
            part["kernels"][0]["findings"] = [
                {"class": "invariant broken", "detail": None, "cause": None,
                 "path": "swap-out", "steps": 2, "script": "x\n", "story": [],
                 "invariant": nr}]
        done = merge(parts, "--report-format=json")
        self.assertEqual(done.returncode, 70)
        self.assertEqual([f["invariant"] for f in json.loads(done.stdout)
                          ["kernels"][0]["findings"]], [7, 8])

    def refused(self, reports, said):
        done = merge(reports)
        self.assertEqual((done.returncode, done.stdout), (64, ""), said)
        self.assertIn(said, done.stderr)

    def test_what_does_not_belong_together(self):
        one, two = slices(2, "--kernel=linux-6.2", "--depth=3")

        def other(*options):
            return found("--slice=2/2", *options)
        self.refused([one, one], "1.json: slice 1 again, after 0.json")
        self.refused([one, found("--slice=2/3", "--kernel=linux-6.2",
                                 "--depth=3")], '"slices" is not that of 0.')
        six = "--kernel=linux-6.2"
        for options, said in (
                ([six, "--depth=4"], '"depth" is not that of 0.json'),
                ([six, "--depth=3", "--pages=1"], '"steps" is not that of'),
                ([six, "--depth=3", "--actions=swap"], '"actions" is not'),
                (["--kernel=remap", "--depth=3"],
                 "remap where others have linux-6.2"),
                (["--kernel=linux-6.2,remap", "--depth=3"], "other kernels "),
                ([six, "--depth=3", "--check"], "not as 0.json: another ver"),
                ([six, "--depth=3", "--sync"], "not as 0.json: another ver")):
            self.refused([one, other(*options)], said)
        share = two["kernels"][0]["share"]
        share["states"] += 1
        self.refused([one, two], "linux-6.2: this slice divided other states")
        share["states"] -= 1
        share["own"] -= 1
        self.refused([one, two], "of the 52 states that were divided")

    def test_what_is_no_report_of_a_slice(self):
        one = slices(2, "--kernel=linux-6.2", "--depth=5")[0]
        self.refused(["{"], "0.json: line 1: ")
        self.refused([""], "0.json: line ")
        for text in ("[]", "{}"):
            self.refused([text], "not the report of a slice, in JSON")
        self.refused([found("--depth=2")], "not the report of a slice")
        for key in ("slice", "slices", "identity", "kernels", "depth",
                    "steps", "pages", "processes", "actions"):
            report = copy.deepcopy(one)
            for value in (None, -1, 10 ** 9, [], {}, True):
                report[key] = value
                done = merge([report])
                if value not in (-1, 10 ** 9) or key in ("slice", "slices"):
                    self.assertEqual(done.returncode, 64, (key, value))
        for where in (lambda r: r["kernels"][0],
                      lambda r: r["kernels"][0]["share"],
                      *(lambda r, i=i: r["kernels"][0]["findings"][i]
                        for i in range(len(one["kernels"][0]["findings"])))):
            for key in where(one):
                report = copy.deepcopy(one)
                where(report)[key] = [1]
                self.assertEqual(merge([report]).returncode, 64, key)

    def test_what_is_of_a_wrong_kind(self):
        one = slices(2, "--kernel=linux-6.2", "--depth=5")[0]

        def kernel(r):
            return r["kernels"][0]
        for where, key, values in (
                (kernel, "findings", ("x", -1, True, None, {})),
                (lambda r: kernel(r)["hooks"], "never", ("x", [1], None)),
                (lambda r: kernel(r)["paths"], "never", ("x", ["x"], {})),
                (lambda r: kernel(r)["findings"][0]["cause"], "what",
                 (1, [], True)),
                (lambda r: kernel(r)["findings"][0]["cause"], "function",
                 (1, [], True)),
                (lambda r: kernel(r)["findings"][0]["cause"], "missing",
                 (1, "x"))):
            for value in values:
                with self.subTest(key=key, value=value):
                    report = copy.deepcopy(one)
                    where(report)[key] = value
                    self.assertEqual(merge([report]).returncode, 64)

    def test_options(self):
        for options, said in (
                (["--slice=0/3"], "--slice=0/3: not K/N, from 1/1"),
                (["--slice=4/3"], "--slice=4/3: not K/N"),
                (["--slice=3"], "--slice=3: not K/N"),
                (["--slice=1/3x"], "--slice=1/3x: not K/N"),
                (["--slice=1/65537"], "not K/N, from 1/1 to 65536/65536"),
                (["--merge"], "--merge: of which reports?"),
                (["--merge", "--depth=3", "x"], "no option of a search")):
            done = explore(*options)
            self.assertEqual(done.returncode, 64, options)
            self.assertIn(said, done.stderr)
        self.assertEqual(explore("--merge", "/nowhere/x").returncode, 74)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
