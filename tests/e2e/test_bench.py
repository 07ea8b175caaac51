#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/run, bench/compare and bench/peers: what they print, write and judge.

No time is looked at: it runs "hello" twice under each emulator.
"""
import argparse
import copy
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, f"{TOP}/bench")
from benchlib import (document, judging, programs, real,  # noqa: E402
                      targets)

ARGS = None
DIR = None
RUN = None  # the results of the one run, as --json has them
DOCUMENT = f"# Title\n\n{document.BEGIN}\nold\n{document.END}\n\nThe end.\n"


def path(name):
    return os.path.join(DIR, name)


def store(name, text):
    with open(path(name), "w", encoding="utf-8") as f:
        f.write(text)
    return path(name)


def load(name):
    with open(path(name), encoding="utf-8") as f:
        return f.read()


def bench(tool, *arguments, **environment):
    return subprocess.run(
        [sys.executable, f"{TOP}/bench/{tool}", *arguments], text=True,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=280,
        check=False, env={**os.environ, "ADIEMU_CACHE": path("cache"),
                          **environment})


def run(*arguments):
    return bench("run", "--adiemu", ARGS.adiemu, "--build", path("guests"),
                 "--cpu", "any", "--rounds", "2", *arguments)


def setUpModule():
    global RUN
    store("doc.md", DOCUMENT)
    done = run("--only", "^(hello|check_hello)$", "--peer", ARGS.qemu,
               *(word for kind in ("json", "csv", "svg", "doc") for word in
                 ("--" + kind, path("doc.md" if kind == "doc"
                                    else "run." + kind))))
    assert done.returncode == 0, done.stdout + done.stderr
    store("run.txt", done.stdout)
    RUN = json.loads(load("run.json"))


class Output(unittest.TestCase):
    def row(self, name):
        return next(row for row in RUN["rows"] if row["name"] == name)

    def test_json_has_samples_and_spread(self):
        row = self.row("hello")
        adiemu, peer = RUN["host"]["versions"]
        self.assertEqual(adiemu, "adiemu")
        self.assertRegex(peer, r"^qemu-\d+\.\d+$")
        for label in adiemu, peer:
            self.assertEqual(len(row["samples"][label]), 2)
            low, high = row["spread"][label]
            self.assertLessEqual(low, row["median"][label])
            self.assertLessEqual(row["median"][label], high)
        self.assertEqual(row["best_peer"], peer)

    def test_table_has_ratio_target_and_host(self):
        text = load("run.txt")
        self.assertRegex(text, r"(?m)^host: .+, \d+ cores, Linux \S+; [\d-]+$")
        self.assertRegex(text, r"(?m)^hello +ms .*\d\.\d\d\.\.\d+\.\d\d  "
                         r"<= 0\.80 (ok|MISS)$")
        self.assertRegex(text, r"(?m)^check_hello_path .* to check_hello_off, "
                         r"<= 1\.05 (ok|MISS)$")
        self.assertIn("geometric mean of 1 small programs: ", text)

    def test_csv_has_a_line_for_each_emulator(self):
        lines = load("run.csv").splitlines()
        head = [line for line in lines if line.startswith("#")]
        self.assertIn(RUN["host"]["cpu"], head[0])
        rows = list(csv.DictReader(lines[len(head):]))
        self.assertEqual([(row["name"], row["emulator"]) for row in rows[:2]],
                         [("hello", label) for label in RUN["host"]["versions"]])
        self.assertEqual(rows[0]["ratio"], "")
        self.assertAlmostEqual(float(rows[1]["ratio"]),
                               self.row("hello")["ratio_to_best"], 4)

    def test_chart_has_a_bar_and_the_line_of_one(self):
        chart = ElementTree.fromstring(load("run.svg"))
        kinds = [part.get("class") for part in chart.iter()]
        self.assertEqual(kinds.count("faster") + kinds.count("slower"), 1)
        self.assertEqual(kinds.count("whisker"), 1)
        self.assertEqual(kinds.count("one"), 1)
        self.assertIn("prefers-color-scheme: dark", load("run.svg"))
        self.assertIn(RUN["host"]["cpu"], load("run.svg"))

    def test_document_changes_between_its_marks(self):
        text = load("doc.md")
        head, _, rest = text.partition(document.BEGIN)
        body, _, tail = rest.partition(document.END)
        self.assertEqual((head, tail), ("# Title\n\n", "\n\nThe end.\n"))
        self.assertNotIn("old", body)
        self.assertIn("](doc.svg)", body)
        self.assertRegex(body, r"(?m)^\| hello \| ms \|")
        self.assertEqual(load("doc.svg"), load("run.svg"))

    def test_from_shows_the_same_and_measures_nothing(self):
        before = load("doc.md")
        done = bench("run", "--from", path("run.json"), "--doc",
                     path("doc.md"), "--svg", path("again.svg"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, load("run.txt"))
        self.assertEqual(load("doc.md"), before)
        self.assertEqual(load("again.svg"), load("run.svg"))

    def test_document_without_marks_stays(self):
        store("plain.md", "nothing here\n")
        done = bench("run", "--from", path("run.json"), "--doc",
                     path("plain.md"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("has no lines", done.stderr)
        self.assertEqual(load("plain.md"), "nothing here\n")

    def test_real_programs_not_built_are_left_out(self):
        done = run("--group", "real", "--peer", ARGS.qemu,
                   "--programs", path("nowhere"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = "lua sqlite zlib bzip2 sha256 gawk cc65"
        self.assertIn(f"not built: {names}; tests/foreign/programs.py --build "
                      f"--work {path('nowhere')} {names}\n", done.stdout)

    def test_wrong_words_end_with_2(self):
        for words, said in ((["--only", "nothing"], "no such program"),
                            (["--only", "("], "--only"),
                            (["--peer", path("nobody")], "no such program"),
                            (["--from", path("nobody")], "No such file")):
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)


class Peers(unittest.TestCase):
    def fake(self, name, version, says):
        """An emulator that is fast, as it knows what the guest will print."""
        script = store(name, "#!/bin/sh\ncase $1 in --version) echo "
                       f"qemu-sparc64 version {version} ;; *) echo {says} ;; "
                       "esac\n")
        os.chmod(script, 0o755)
        return script

    def test_check_fails_beyond_twice_the_target(self):
        fast = self.fake("fast", "12.1.0", "hello")
        done = run("--only", "^hello$", "--check", "--peer", fast,
                   "--json", path("fast.json"))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("again, with 4 rounds: hello\n", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^failed: hello: [\d.]+ of "
                         r"fast-12\.1 is more than 1\.60$")
        row, = json.loads(load("fast.json"))["rows"]
        self.assertEqual(len(row["samples"]["adiemu"]), 4)

    def test_options_are_adiemus_alone(self):
        done = run("--only", "^hello$", "--option=--ram=8M",
                   "--peer", self.fake("plain", "12.1.0", "hello"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^adiemu: adiemu .* --ram=8M$")
        wrong = run("--only", "^hello$", "--option=--no-such",
                    "--peer", self.fake("plain", "12.1.0", "hello"))
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("error: hello: under adiemu: exit code 64", wrong.stdout)

    def test_other_output_is_an_error(self):
        done = run("--only", "^hello$", "--peer",
                   self.fake("wrong", "12.1.0", "goodbye"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("its output under adiemu differs", done.stdout)

    def test_peers_of_one_version_have_other_names(self):
        done = run("--only", "^hello$",
                   "--peer", self.fake("one-a", "12.1.0", "hello"),
                   "--peer", self.fake("one-b", "12.1.7", "hello"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^name .* /one-12\.1  "
                         r"/one-12\.1#2 ")

    def test_peers_that_cannot_be_had_are_named(self):
        os.makedirs(path("bin"), exist_ok=True)
        with open(path("bin/apt-cache"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho Package files:\n")
        os.chmod(path("bin/apt-cache"), 0o755)
        done = bench("peers", PATH=f"{path('bin')}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 1)
        for version in "10.0", "11.1":
            self.assertIn(f"bench/peers: no qemu-sparc64 {version}: apt knows "
                          "no mirror of Debian", done.stderr)

    def test_fetched_peers_are_found(self):
        os.makedirs(path("kept/peers/12.1"))
        peer = path("kept/peers/12.1/qemu-sparc64")
        os.rename(self.fake("peer", "12.1.3", "hello"), peer)
        done = bench("peers", ADIEMU_CACHE=path("kept"), PATH=path("bin"))
        self.assertIn(f"12.1.3 {peer}\n", done.stdout)


class Judging(unittest.TestCase):
    def row(self, name, group, **samples):
        return {"name": name, "unit": "ms", "group": group,
                "samples": samples}

    def judged(self, *rows):
        labels = ["adiemu"] + [label for label in rows[0]["samples"]
                               if label != "adiemu"]
        judging.judge(rows, labels)
        return rows

    def test_best_is_the_fastest_of_all_peers(self):
        row, = self.judged(self.row("int_loop", "small", adiemu=[9, 10, 11],
                                    old=[20, 20, 20], mid=[8, 10, 10],
                                    new=[11, 12, 12]))
        self.assertEqual(row["best_peer"], "mid")
        self.assertEqual(row["ratio_to_best"], 1.1)
        self.assertEqual(row["ratio"]["old"], 0.5)
        self.assertFalse(row["ok"])

    def test_means_are_of_small_and_with_real(self):
        rows = self.judged(
            self.row("a", "small", adiemu=[1], peer=[4]),
            self.row("b", "small", adiemu=[1], peer=[1]),
            self.row("real_a", "real", adiemu=[4], peer=[1]),
            self.row("files", "more", adiemu=[1], peer=[16]))
        found = judging.means(rows, ["peer"])
        self.assertEqual([(mean["of"], mean["rows"],
                           round(mean["ratio"]["best"], 6)) for mean in found],
                         [("small", 2, 0.5), ("real", 3, 1), ("all", 4, 0.5)])
        # Their targets are of all such rows.
        self.assertFalse([mean for mean in found if "target" in mean])
        every = self.judged(*(self.row(p.name, "small", adiemu=[2], peer=[5])
                              for p in programs.PROGRAMS
                              if programs.group_of(p) == "small"))
        mean, = judging.means(every, ["peer"])
        self.assertEqual(mean["target"], targets.MEANS["small"])

    def test_limits_to_another_row(self):
        rows = {row["name"]: row for row in self.judged(
            self.row("rand_load_untagged", "alone", adiemu=[4, 5, 4]),
            self.row("rand_load_mixed", "alone", adiemu=[6, 9, 6]),
            self.row("rand_load_objects", "alone", adiemu=[8, 9, 8]),
            self.row("tag_read", "alone", adiemu=[3.5]),
            self.row("areas_map_100000", "alone", adiemu=[8]))}
        self.assertTrue(rows["rand_load_mixed"]["ok"])
        self.assertFalse(rows["rand_load_objects"]["ok"])
        self.assertFalse(rows["tag_read"]["ok"])
        self.assertNotIn("ok", rows["areas_map_100000"])  # no base

    def test_targets_are_of_rows_that_there_are(self):
        names = [p.name for p in programs.PROGRAMS]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(targets.RATIOS) | set(targets.NOT_YET),
                             set(names))
        groups = [programs.group_of(p) for p in programs.PROGRAMS]
        self.assertEqual(groups.count("small"), 16)
        recipes = {p.name for p in real.recipes.ALL}
        self.assertLessEqual({p.recipe for p in real.PROGRAMS}, recipes)


class Compare(unittest.TestCase):
    def compare(self, change):
        new = copy.deepcopy(RUN)
        row = next(row for row in new["rows"] if row["name"] == "hello")
        peer = list(row["samples"])[1]
        row["samples"][peer] = [10.0, 10.2, 10.1, 10.2]
        row["samples"]["adiemu"] = [10.1, 10.1, 10.2, 10.3]
        store("old.json", json.dumps(new))
        row["samples"]["adiemu"] = change(row["samples"]["adiemu"])
        store("new.json", json.dumps(new))
        return bench("compare", path("old.json"), path("new.json"))

    def test_the_same_is_not_slower(self):
        done = self.compare(lambda samples: samples)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^hello +/qemu-\S+ .* \+0\.0 %$")

    def test_slower_beyond_the_spread_ends_with_1(self):
        done = self.compare(lambda samples: [s * 1.1 for s in samples])
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^hello .* \+10\.0 %  slower$")
        self.assertTrue(done.stdout.endswith("\nslower: hello\n"))

    def test_slower_within_the_spread_is_not_marked(self):
        done = self.compare(lambda samples: [samples[0], *(
            s * 1.05 for s in samples[1:3]), samples[3]])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_faster_is_marked(self):
        done = self.compare(lambda samples: [s * 0.9 for s in samples])
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^hello .* -10\.0 %  faster$")

    def test_other_files_end_with_2(self):
        store("other.json", "[]")
        for name in "other.json", "doc.md", "nobody":
            done = bench("compare", path("run.json"), path(name))
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"bench/compare: {path(name)}: ", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--qemu", required=True, type=os.path.abspath)
    ARGS, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as DIR:
        unittest.main(argv=[sys.argv[0], *rest])
