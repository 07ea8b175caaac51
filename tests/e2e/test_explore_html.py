#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of adiemu explore as HTML, looked at in a real headless Chromium.

  test_explore_html.py --adiemu A --artifacts DIR
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import unittest

import chromium

ARGS = None
BROWSER = None
DIR = None
SEARCH = ["explore", "--kernel=linux-6.2,mte-5.18,remap", "--depth=5",
          "--actions=swap,fork,migrate"]
NASTY = "</pre></script><script>window.pwned=1</script><img src=x onerror=" \
    "pwned=1>&amp;\"'"


def adiemu(*arguments):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, timeout=300)


def path(name):
    return os.path.join(DIR, name)


def page_of(report, name):
    with open(path(name + ".json"), "w", encoding="utf-8") as f:
        json.dump(report, f)
    done = adiemu("report", "--html", path(name + ".json"), "-o", path(name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return path(name)


def texts(page, selector):
    return page.eval("[...document.querySelectorAll(%s)]"
                     ".map((e) => e.textContent)" % json.dumps(selector))


class Explored(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = adiemu(*SEARCH, "--report-format=json")
        assert done.returncode == 0, done.stderr
        cls.report = json.loads(done.stdout)
        cls.kernels = cls.report["kernels"]
        cls.page = page_of(cls.report, "explore.html")

    def open(self, file=None, **how):
        """None may complain, or ask for another file."""
        file = file or self.page
        page = BROWSER.open(file, **how)

        def done():
            self.assertEqual(page.problems, [])
            self.assertEqual(page.requests,
                             ["file://" + os.path.abspath(file)])
            page.close()
        self.addCleanup(done)
        return page

    def rows(self, page, section):
        return page.eval(f"[...document.querySelectorAll('#{section} tbody tr')"
                         "].map((r) => [...r.children].map((c) => "
                         "[c.textContent, c.querySelector('a')?.hash || '']))")

    def test_both_ways_make_the_same_page(self):
        done = adiemu(*SEARCH, "--report-format=html", "--jobs=3")
        with open(self.page, encoding="utf-8") as f:
            self.assertEqual(done.stdout, f.read())

    def test_kernels_say_how_far_they_came(self):
        rows = self.rows(self.open(), "kernels")
        for row, k in zip(rows, self.kernels):
            words = [text for text, _ in row]
            self.assertEqual(words[:3], [
                k["kernel"], str(len(k["findings"])), "complete to depth 5"])
            self.assertEqual(words[3:5], [f"{k[key]:,}"
                                          for key in ("states", "tried")])
            for text, part in zip(words[5:], (k["hooks"], k["paths"])):
                nr = len(part["reached"])
                self.assertEqual(text, f"{nr} of {nr + len(part['never'])}")

    def test_each_cell_leads_to_its_finding(self):
        page = self.open()
        rows = self.rows(page, "classes")
        self.assertEqual({row[0][0] for row in rows}, {
            f["class"] for k in self.kernels for f in k["findings"]})
        for row in rows:
            for (text, link), k in zip(row[1:], self.kernels):
                ours = [i for i, f in enumerate(k["findings"], 1)
                        if f["class"] == row[0][0]]
                self.assertEqual(text, str(len(ours)) if ours else "–")
                self.assertEqual(link, f"#{k['kernel']}-{ours[0]}" if ours
                                 else "")
        nr = 0
        for row in self.rows(page, "causes"):
            for (text, link), k in zip(row[1:], self.kernels):
                if not link:
                    self.assertEqual(text, "–")
                    continue
                nr += 1
                f = k["findings"][int(link.rsplit("-", 1)[1]) - 1]
                self.assertEqual(text, str(f["steps"]))
                self.assertTrue(row[0][0].startswith(f["class"]))
                self.assertIn(f["cause"]["what"] if f["cause"] else "no cause",
                              row[0][0])
                page.eval(f"document.querySelector('a[href=\"{link}\"]')"
                          ".click()")
                self.assertEqual(texts(page, ".finding:target h4")[0]
                                 .split(",")[0].split(" (")[0], f["class"])
        self.assertEqual(nr, sum(len(k["findings"]) for k in self.kernels))

    def test_findings_have_their_script_and_story(self):
        page = self.open()
        findings = [(k, f) for k in self.kernels for f in k["findings"]]
        scripts = texts(page, ".finding pre.script")
        self.assertEqual(len(scripts), len(findings))
        for text, (k, f) in zip(scripts, findings):
            head, script = text.split("\n", 1)
            options = self.report["script_options"]
            self.assertEqual(head, f"# adiemu script {options} "
                             f"--kernel={k['kernel']} FILE")
            self.assertEqual(script, f["script"])
        steps = texts(page, ".finding .story > li")
        stories = [s for _, f in findings for s in f["story"]]
        self.assertEqual(len(steps), len(stories))
        for text, story in zip(steps, stories):
            self.assertEqual(text.rstrip("\n"), "".join(
                [story["step"] or "the processes end", *story["events"],
                 *story["findings"]]))
        self.assertIn("try_to_unmap_one(): the tags of 0x70000000 of mm 1 are "
                      "saved, all 5", texts(page, ".story li li"))
        # The last step shows it, or the end of the processes.
        for _, f in findings:
            self.assertTrue(f["story"][-1]["findings"], f)

    def test_a_script_is_copied(self):
        page = self.open()
        page.eval("document.querySelector('.finding button').click()")
        self.assertIn(texts(page, ".finding button")[0],
                      ("Copied", "Selected"))
        self.assertEqual(page.eval("getSelection().toString()").strip(),
                         texts(page, ".finding pre")[0].strip())

    def test_coverage_names_what_was_not_reached(self):
        page = self.open()
        said = texts(page, "#coverage dd")
        for k in self.kernels:
            for part in (k["hooks"], k["paths"]):
                for key in ("reached", "never"):
                    self.assertIn(", ".join(part[key]) or said[0], said)

    def test_it_fits_its_window(self):
        for width, dark in ((1640, False), (1640, True), (390, False),
                            (390, True)):
            page = self.open(width=width, dark=dark)
            self.assertEqual(page.eval(
                "document.documentElement.scrollWidth"), width)
            self.assertEqual(page.eval(
                "getComputedStyle(document.body).backgroundColor"),
                "rgb(20, 22, 26)" if dark else "rgb(255, 255, 255)")
            self.assertGreater(page.eval(
                "document.querySelector('.finding').offsetWidth"), width / 2)
            page.screenshot(os.path.join(
                ARGS.artifacts, "explore-%d-%s.png" %
                (width, "dark" if dark else "light")))

    def test_it_needs_no_javascript(self):
        with open(self.page, encoding="utf-8") as f:
            text = f.read()
        for k in self.kernels:
            for f in k["findings"]:
                self.assertIn(f["script"].splitlines()[-1], text)
        self.assertEqual(text.count("<article "), text.count("</article>"))

    def test_text_is_no_markup(self):
        report = json.loads(json.dumps(self.report))
        report["actions"] = report["script_options"] = NASTY
        for k in report["kernels"]:
            k["kernel"] = NASTY
            k["idle_steps"] = [NASTY]
            for part in ("hooks", "paths"):
                k[part]["never"] = [NASTY]
            for f in k["findings"]:
                f.update({"class": NASTY, "detail": NASTY, "path": NASTY,
                          "script": NASTY, "cause": {"function": NASTY,
                                                     "what": NASTY},
                          "story": [{"step": NASTY, "events": [NASTY],
                                     "findings": [NASTY]}]})
        page = self.open(page_of(report, "nasty.html"))
        self.assertEqual(page.eval("typeof window.pwned"), "undefined")
        self.assertEqual(page.eval("document.querySelectorAll('img').length"),
                         0)
        self.assertIn(NASTY, texts(page, "#facts dd"))
        self.assertIn(NASTY, texts(page, ".story code"))
        self.assertTrue(texts(page, "pre.script")[0].endswith("\n" + NASTY))

    def test_a_file_of_actions_may_have_any_name(self):
        name = path('a<b>&".events')
        with open(name, "w", encoding="utf-8") as f:
            f.write("mmap 0x70000000 rw adi\n")
        done = adiemu("explore", f"--actions={name}", "--report-format=html",
                      f"--report={path('named.html')}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(name, texts(self.open(path("named.html")), "#facts dd"))

    def test_merged_and_stopped(self):
        parts = []
        for k in (1, 3):
            parts.append(path(f"{k}.json"))
            adiemu("explore", "--kernel=linux-6.2", "--depth=4",
                   f"--slice={k}/3", "--report-format=json",
                   f"--report={parts[-1]}")
        done = adiemu("explore", "--merge", *parts, "--report-format=html",
                      f"--report={path('merged.html')}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        page = self.open(path("merged.html"))
        self.assertIn("not complete: slice 2 of 3 is missing",
                      texts(page, "#kernels td"))
        with open(parts[0], encoding="utf-8") as f:
            one = page_of(json.load(f), "one.html")
        self.assertIn("slice 1 of 3 complete to depth 4",
                      texts(self.open(one), "#kernels td"))
        done = adiemu("explore", "--merge", parts[0], "--report-format=json")
        both = page_of(json.loads(done.stdout), "both.html")
        self.assertIn("not complete: slices 2, 3 of 3 are missing",
                      texts(self.open(both), "#kernels td"))
        self.assertTrue(texts(page, ".finding .story li"))
        report = json.loads(json.dumps(self.report))
        report["kernels"][0]["stopped"] = "time"
        self.assertIn("not complete: ended by --time after depth 5",
                      texts(self.open(page_of(report, "time.html")),
                            "#kernels td"))

    def test_what_is_no_report(self):
        def refused(report, key):
            with open(path("bad.json"), "w", encoding="utf-8") as f:
                json.dump(report, f)
            done = adiemu("report", "--html", path("bad.json"), "-o",
                          path("bad.html"))
            self.assertEqual(done.returncode, 64, key)
            self.assertIn(f'"{key}" is missing or wrong', done.stderr)
        for key in ("actions", "steps", "depth", "pages", "processes"):
            refused({**self.report, key: [1]}, key)
        for where in (lambda r: r["kernels"][0],
                      lambda r: r["kernels"][0]["findings"][0]):
            for key in where(self.report):
                if key in ("any_depth", "stopped", "detail", "cause", "path"):
                    continue  # null, or shown when they are there
                report = json.loads(json.dumps(self.report))
                where(report)[key] = {"a": 1}
                refused(report, key)


def main():
    global ARGS, BROWSER, DIR
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--artifacts", required=True,
                        help="folder for the screenshots")
    ARGS, rest = parser.parse_known_args()
    binary = chromium.find()
    if not binary:
        sys.exit("test_explore_html: no Chromium: install the package "
                 "chromium, or name a binary in CHROMIUM")
    os.makedirs(ARGS.artifacts, exist_ok=True)
    with tempfile.TemporaryDirectory() as DIR, \
            chromium.Chromium(binary) as BROWSER:
        unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
