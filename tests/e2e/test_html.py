#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu report --html, looked at in a real headless Chromium.

The guest is adi/b3_mremap: it moves a page that is in swap.  Under linux-6.2
its saved tags stay behind: one leak, one lost page; under remap they move.
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
MACHINE = ["--ram=4M", "--swap=64M", "-E", "CASE=far"]
NASTY = "</script><script>window.pwned=1</script><!--<img src=x onerror=" \
    "pwned=1>&\u2028\"'\\"


def adiemu(*arguments, stdin=None):
    return subprocess.run([ARGS.adiemu, *arguments], capture_output=True,
                          text=True, input=stdin or "", timeout=300)


def path(name):
    return os.path.join(DIR, name)


def run_report(name, *options):
    done = adiemu("run", "--report=" + path(name), "--report-format=json",
                  *options, *MACHINE, ARGS.guest)
    assert done.returncode == 0, done.stderr
    return path(name)


def page_of(report, name):
    done = adiemu("report", "--html", report, "-o", path(name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return path(name)


def load(report):
    with open(report, encoding="utf-8") as f:
        return json.load(f)


def store(name, value):
    with open(path(name), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False)
    return path(name)


def texts(page, selector):
    return page.eval("[...document.querySelectorAll(%s)]"
                     ".map((e) => e.textContent)" % json.dumps(selector))


class Shown(unittest.TestCase):
    """Each test opens a page; none may complain or ask for another file."""

    def open(self, file, **how):
        page = BROWSER.open(file, **how)

        def done():
            self.assertEqual(page.problems, [])
            self.assertEqual(page.requests,
                             ["file://" + os.path.abspath(file)])
            self.assertTrue(page.eval("byId('error').hidden"))
            page.close()
        self.addCleanup(done)
        return page

    def find(self, page, text):
        """Type into the filter, as a person would."""
        page.eval("byId('find').focus(); byId('find').select()")
        page.type(text)
        page.wait("page.timeline.terms.map((t) => t.word).join(' ') === " +
                  json.dumps(text))

    def keep(self, page, name):
        page.eval("new Promise((r) => requestAnimationFrame(() => "
                  "setTimeout(r, 100)))")
        page.screenshot(os.path.join(ARGS.artifacts, name))


class Compare(Shown):
    @classmethod
    def setUpClass(cls):
        done = adiemu("compare", "--format=json", "--history",
                      "--kernels=all", *MACHINE, ARGS.guest)
        assert done.returncode == 0, done.stderr
        with open(path("compare.json"), "w", encoding="utf-8") as f:
            f.write(done.stdout)
        cls.report = json.loads(done.stdout)
        cls.page = page_of(path("compare.json"), "compare.html")

    def test_matrix_is_that_of_the_report(self):
        page = self.open(self.page)
        names = list(self.report["reports"])
        self.assertEqual(texts(page, "#matrix thead th"), names)
        rows = page.eval("[...document.querySelectorAll('#matrix tbody tr:"
                         "not(.group)')].map((r) => [...r.children]"
                         ".map((c) => c.textContent))")
        self.assertEqual(len(rows), len(self.report["matrix"]))
        for shown, row in zip(rows, self.report["matrix"]):
            self.assertEqual(shown[0], row["row"])
            for text, name in zip(shown[1:], names):
                value = row["values"][name]
                if isinstance(value, str):
                    self.assertEqual(text, value)
                else:
                    self.assertEqual(int(text.replace(",", "")
                                         .replace("–", "0")), value)
        self.assertIn("swap-outtry_to_unmap_one",
                      texts(page, "#matrix .group th"))
        self.keep(page, "report-compare.png")

    def test_matrix_is_as_wide_as_its_box(self):
        """Thirteen columns: the box scrolls, what a row is stays."""
        for width, dark in ((1640, False), (1640, True), (700, False),
                            (700, True)):
            page = self.open(self.page, width=width, dark=dark)
            box = "document.querySelector('#matrix .wide')"
            narrow = width == 700
            self.assertEqual(page.eval(
                f"{box}.scrollWidth > {box}.clientWidth"), narrow)
            page.eval("byId('matrix').scrollIntoView()")
            page.eval(f"{box}.scrollLeft = 330")
            page.eval("[...document.querySelectorAll('#matrix thead button')]"
                      ".at(-4).click()")
            self.assertEqual(page.eval("page.profile"), "mte-5.18")
            self.assertEqual(page.eval(f"{box}.scrollLeft"), 330 * narrow)
            edge = page.eval(f"{box}.getBoundingClientRect().left")
            for row in ("thead td", "th[scope=row]", ".group div"):
                self.assertEqual(page.eval(
                    f"document.querySelector('#matrix {row}')"
                    ".getBoundingClientRect().left"), edge, row)
            name = page.eval("document.querySelector('#matrix .picked')"
                             ".getBoundingClientRect().right")
            self.assertLess(name, width)
            self.assertEqual(page.eval(
                "document.documentElement.scrollWidth"), width)
            self.keep(page, "report-compare-%d-%s.png" %
                      (width, "dark" if dark else "light"))

    def test_first_profile_with_errors_is_shown(self):
        page = self.open(self.page)
        self.assertEqual(page.eval("byId('profile').value"), "linux-5.14")
        self.assertEqual(texts(page, "#facts .bad")[0], "ERRORS")
        leaks = texts(page, "#leaks tbody tr")
        self.assertEqual(len(leaks), 1)
        self.assertIn("definitely leaked", leaks[0])
        self.assertIn("mremap (move_ptes)", leaks[0])
        self.assertEqual(len(texts(page, "#pages tbody tr")), 1)
        self.assertEqual(page.eval("document.querySelectorAll("
                                   "'#timeline .tail').length"), 2)
        self.assertIn("lost 128", texts(page, "#map text"))

    def test_causes_come_first(self):
        """One card for the cause of the leak and of the lost page."""
        page = self.open(self.page)
        self.assertEqual(page.eval("document.querySelector('main section')"
                                   ".id"), "errors")
        self.assertEqual(texts(page, ".cause h3"),
                         ["move_ptes()calls no hook: the saved tags stay at "
                          "the old address"])
        leak, lost = texts(page, ".cause li")
        self.assertIn("1 allocation definitely leaked, 65,536 bytes in mm 1 "
                      "0x70000000-0x70800000", leak)
        self.assertIn("1 page lost in mm 1 0x80000000-0x80002000", lost)
        self.assertIn("__mremap", lost)
        for section in ("leaks", "pages"):
            self.assertEqual(texts(page, f"#{section} th")[0], "because")
            self.assertIn("move_ptes()", texts(page, f"#{section} td")[0])
        page.eval("document.querySelector('.cause .ev').click()")
        self.assertIn("mm 1 0x70000000", texts(page, "#timeline .picked text"))
        self.find(page, "0x80000000")
        self.assertEqual(len(texts(page, ".cause li")), 1)

    def test_empty_sections_are_not_there(self):
        page = self.open(self.page)
        shown = texts(page, "nav a")
        self.assertNotIn("Wrong releases", shown)
        self.assertNotIn("Refused saves", shown)
        self.assertTrue(page.eval("byId('wrong').hidden"))
        page.eval("document.querySelector('#matrix thead button').click()")
        for section in ("errors", "leaks", "pages"):
            self.assertTrue(page.eval(f"byId('{section}').hidden"), section)
        self.assertEqual(texts(page, "nav a")[0], "Paths")

    def test_other_profile_is_a_click_away(self):
        page = self.open(self.page)
        page.eval("document.querySelector('#matrix thead button').click()")
        self.assertEqual(page.eval("byId('profile').value"), "remap")
        self.assertEqual(texts(page, "#facts .good"), ["clean"])
        self.assertEqual(texts(page, "#leaks tbody tr"), [])
        bars = page.eval("[...document.querySelectorAll('#timeline .list "
                         ".life')].map((b) => b.getAttribute('class'))")
        self.assertEqual(bars, ["life moved", "life restored"])
        self.assertIn("5", texts(page, "#map .digit"))
        titles = texts(page, "#timeline .list .life title")
        self.assertIn("saved by swap-out", titles[0])
        self.assertIn("moved here by mremap", titles[1])

    def test_profile_by_keyboard(self):
        page = self.open(self.page)
        page.eval("byId('profile').focus()")
        page.press("End", vk=35)
        page.wait("page.profile === 'mte-6.12'")
        self.assertIn("swap slot 0x200000", texts(page, "#timeline text"))


class Run(Shown):
    @classmethod
    def setUpClass(cls):
        cls.json = run_report("run.json", "--history", "--kernel=linux-6.2")
        cls.report = load(cls.json)
        cls.page = page_of(cls.json, "run.html")

    def test_rows_and_pictures_are_there(self):
        page = self.open(self.page, dark=True)
        self.assertEqual(texts(page, "#matrix tbody th"),
                         list(self.report["paths"]))
        self.assertEqual(len(texts(page, "#events tbody tr")),
                         len(self.report["history"]["events"]))
        for picture in ("#timeline .row", "#timeline .life", "#map .tag",
                        "#timeline .mark", "#map .strip", ".axis line"):
            self.assertGreater(page.eval(
                "document.querySelectorAll('%s').length" % picture), 0,
                picture)
        box = page.eval("(() => { const b = document.querySelector("
                        "'#timeline .list .life rect')"
                        ".getBoundingClientRect();"
                        "return [b.width, b.height]; })()")
        self.assertGreater(min(box), 5)
        dark = page.eval("getComputedStyle(document.body).backgroundColor")
        self.assertEqual(dark, "rgb(20, 22, 26)")
        self.keep(page, "report-run.png")

    def test_tables_fit_a_laptop(self):
        page = self.open(self.page, width=1400)
        wide = page.eval("[...document.querySelectorAll('.wide, .list')]"
                         ".filter((e) => e.scrollWidth > e.clientWidth + 1)"
                         ".map((e) => e.parentNode.id)")
        self.assertEqual(wide, [])
        self.keep(page, "report-laptop.png")

    def test_page_fits_a_phone(self):
        page = self.open(self.page, width=390, height=844)
        self.assertEqual(page.eval("document.documentElement.scrollWidth"),
                         390)
        self.keep(page, "report-phone.png")

    def test_labels_are_not_clipped(self):
        """However long, and on whatever screen."""
        report = json.loads(json.dumps(self.report))
        for f in report["pages"]:
            f["va"] = "0xfff8000100002000"
        for r in report["records"]:
            if r["list"] == "pages":
                r["ranges"] = [dict(r["ranges"][0], start=f["va"],
                                    end="0xfff8000100004000")]
        file = page_of(store("long.json", report), "long.html")
        for width in (1400, 390):
            page = self.open(file, width=width)
            over = page.eval(
                "[...document.querySelectorAll('#timeline .row > text')]"
                ".map((t) => t.getBBox()).filter((b) => b.x < 0 || "
                "b.x + b.width > page.timeline.label).length")
            self.assertEqual(over, 0)
            self.assertEqual(page.eval(
                "[...document.querySelectorAll('#map .row > text')]"
                ".filter((t) => t.getBBox().x + t.getBBox().width > "
                "page.map.box.clientWidth).length"), 0)

    def test_fates_have_a_colour_each(self):
        page = self.open(self.page)
        colours = page.eval(
            "[...document.querySelectorAll('.legend .life rect')]"
            ".map((r) => getComputedStyle(r).fill)")
        self.assertEqual(len(colours), 7)
        self.assertEqual(len(set(colours)), 7, colours)

    def test_command_does_the_run_again(self):
        page = self.open(self.page)
        words = texts(page, "#command")[0].split()
        self.assertEqual(words, self.report["command_line"])

    def test_records_name_what_is_not_listed(self):
        report = json.loads(json.dumps(self.report))
        for r in report["records"]:
            r["count"] += 1200
        page = self.open(page_of(store("more.json", report), "more.html"))
        self.assertIn("1,200 more of the same causes are not in the report; "
                      "--verbose-pages has them.",
                      texts(page, "#leaks .note"))
        self.assertIn("1,201 pages lost", texts(page, ".cause li")[1])

    def test_mismatches_and_refused_saves(self):
        report = json.loads(json.dumps(self.report))
        frame = {"pc": "0x100", "code": [
            {"function": "f", "file": "/a/b.c", "line": 7}]}
        report["mismatches"] = [{
            "access": "load", "bytes": 8, "address": "0x2000000070000048",
            "pointer_tag": 2, "memory_tag": 14, "precise": True,
            "stack": [frame], "set": {"tag": 14, "stack": [frame]},
            "count": 3, "range": ["0x70000040", "0x70000048"]}]
        at = report["pages"][0]["seen"]
        report["refused_saves"] = [
            {"record": 2, "mm": 1, "va": "0x70000000", "at": at,
             "cause": None}]
        page = self.open(page_of(store("mis.json", report), "mis.html"))
        self.assertIn("Tag mismatch: load of 8 bytesthe pointer has tag 2, "
                      "the memory 14", texts(page, ".cause h3"))
        self.assertIn("3 times at 0x70000040-0x70000048, precise"
                      "f (b.c:7)tag 14 was set by f (b.c:7)",
                      texts(page, ".cause li"))
        self.assertEqual(len(texts(page, "#refused tbody tr")), 1)

    def test_kernel_bug_comes_first(self):
        report = json.loads(json.dumps(self.report))
        report["kernel_bug"] = {
            "id": "fault-hwpoison", "file": "arch/sparc/mm/fault_64.c",
            "function": "do_sparc64_fault", "why": "what it met",
            "access": "store", "call": "read", "mm": 1, "va": "0x70000000",
            "at": report["pages"][0]["seen"], "program": 1, "stack": [
                {"pc": "0x100", "code": [
                    {"function": "f", "file": "/a/b.c", "line": 7}]}],
            "older_events": 0, "history": []}
        report["totals"]["kernel_bugs"] = 1
        page = self.open(page_of(store("bug.json", report), "bug.html"))
        self.assertEqual(texts(page, ".cause h3")[0],
                         "KERNEL BUG at arch/sparc/mm/fault_64.c, "
                         "do_sparc64_fault()what it met")
        self.assertIn(" at the store of 0x70000000, mm 1, in system call read",
                      texts(page, ".cause li")[0])
        self.assertIn("f (b.c:7)", texts(page, ".cause li")[0])
        self.assertIn("kernel BUG", texts(page, "#facts dd"))

    def test_filter_finds_rows(self):
        page = self.open(self.page)
        all_rows = len(texts(page, "#events tbody tr"))
        self.find(page, "swap-in")
        events = texts(page, "#events tbody tr")
        self.assertTrue(0 < len(events) < all_rows)
        for row in events:
            self.assertIn("swap-in", row)
        self.find(page, "0x70004000")  # inside the leaked buffer
        self.assertEqual(len(texts(page, "#leaks tbody tr")), 1)
        self.assertEqual(len(texts(page, "#pages tbody tr")), 0)
        self.find(page, "lost 0x80000000")
        self.assertEqual(len(texts(page, "#leaks tbody tr")), 0)
        self.assertEqual(len(texts(page, "#pages tbody tr")), 1)
        self.assertEqual(len(texts(page, "#timeline .row")), 1)
        self.find(page, "nothing like this")
        self.assertEqual(texts(page, "#timeline .row"), [])
        self.assertEqual(page.eval("byId('found').textContent"),
                         "0 pages, 0 leaks, 0 events")
        page.press("Escape", vk=27)
        page.wait("byId('find').value === ''")
        self.assertEqual(len(texts(page, "#events tbody tr")), all_rows)

    def test_link_of_a_leak_leads_to_its_row(self):
        page = self.open(self.page)
        page.eval("document.querySelector('#leaks .ev').click()")
        self.assertIn("mm 1 0x70000000", texts(page, "#timeline .picked text"))
        story = " ".join(texts(page, ".story li"))
        self.assertIn("saved by swap-out #3", story)
        self.assertIn("nothing could release it after mremap", story)

    def test_keyboard_walks_the_pictures(self):
        page = self.open(self.page)
        page.eval("document.querySelector('#timeline .list').focus()")
        page.press("ArrowDown", vk=40)
        page.press("ArrowDown", vk=40)
        self.assertIn("mm 1 0x80000000", texts(page, "#timeline .picked text"))
        page.press("+")
        self.assertLess(page.eval("page.timeline.high - page.timeline.low"),
                        self.report["events"] - 1)
        page.press("0")
        self.assertEqual(page.eval("page.timeline.low"), 1)
        page.eval("document.querySelector('#map .list').focus()")
        for _ in range(3):
            page.press("ArrowDown", vk=40)
        page.press("ArrowRight", vk=39)
        self.assertIn("0x80000040, block 1: tag 0",
                      texts(page, "#cell")[0])
        page.press("/")
        self.assertEqual(page.eval("document.activeElement.id"), "find")

    def test_column_sorts(self):
        page = self.open(self.page)
        page.eval("[...document.querySelectorAll('#events th button')]"
                  ".find((b) => b.textContent === 'kind').click()")
        kinds = texts(page, "#events tbody td:nth-child(2)")
        self.assertEqual(kinds, sorted(kinds))
        self.assertEqual(page.eval("document.querySelector('#events "
                                   "[aria-sort=ascending]').textContent"),
                         "kind")

    def test_without_history_there_is_a_hint(self):
        page = self.open(page_of(run_report(
            "plain.json", "--kernel=linux-6.2"), "plain.html"))
        self.assertEqual(len(texts(page, "#leaks tbody tr")), 1)
        self.assertIn("--history", texts(page, "#timeline .note")[0])
        self.assertIn("--history", texts(page, "#map .note")[0])
        self.assertEqual(len(texts(page, "#timeline .row")), 2)

    def test_report_of_a_script(self):
        with open(path("s.events"), "w", encoding="utf-8") as f:
            f.write("mmap 0x70000000+2 rw adi\ntag 0x70000000+2 5\n"
                    "fork as 2\nswapout 0x70000000\n"
                    "write pid 2 0x70000000 1\n")
        done = adiemu("script", "--kernel=linux-6.2", "--swap=1M",
                      "--history", "--report-format=json",
                      "--report=" + path("s.json"), path("s.events"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        history = load(path("s.json"))["history"]
        self.assertEqual([s["left"]["pid"] for s in history["spaces"]],
                         [2, 1])
        self.assertEqual([len(s["pages"]) for s in history["spaces"]],
                         [2, 2])
        page = self.open(page_of(path("s.json"), "s.html"))
        self.assertEqual(len(texts(page, "#events tbody tr")),
                         len(history["events"]))
        self.assertGreater(page.eval("document.querySelectorAll("
                                     "'#timeline .life').length"), 0)
        self.assertIn("5", texts(page, "#map .digit"))
        self.assertEqual(texts(page, "#timeline .note"), [])

    def test_cut_history_says_so(self):
        short = load(run_report("cut.json", "--history=5"))["history"]
        self.assertEqual(len(short["events"]), 5)
        self.assertGreater(short["events_left_out"], 5)
        page = self.open(page_of(path("cut.json"), "cut.html"))
        self.assertIn("%d earlier events and %d earlier" %
                      (short["events_left_out"], short["lives_left_out"])
                      if short["lives_left_out"] else
                      "%d earlier events are not in it (--history=5)" %
                      short["events_left_out"],
                      texts(page, "#timeline .note")[0])
        self.assertEqual(short["events"][0]["event"], short["complete_from"])

    def test_cut_history_has_all_of_a_lost_page(self):
        report = load(run_report("few.json", "--history=6",
                                 "--kernel=linux-6.2"))
        history = report["history"]
        kept = [e["event"] for e in history["events"]]
        self.assertLess(kept[0], history["complete_from"])
        for stamp in report["pages"][0]["history"]:
            self.assertIn(stamp["event"], kept)
        page = self.open(page_of(path("few.json"), "few.html"))
        self.assertEqual(len(texts(page, "#timeline .unknown")), 1)

    def test_text_of_the_guest_is_harmless(self):
        report = json.loads(json.dumps(self.report))
        report["command"] = NASTY
        report["leaks"][0]["class"] = NASTY
        report["history"]["events"][0]["path"] = NASTY
        report["counters"][NASTY] = 1
        file = page_of(store("nasty.json", report), "nasty.html")
        with open(file, encoding="utf-8") as f:
            self.assertEqual(f.read().count("</script>"), 2)
        page = self.open(file)
        self.assertEqual(texts(page, "h1"), [NASTY])
        self.assertFalse(page.eval("'pwned' in window"))
        self.assertEqual(page.eval("document.images.length"), 0)

    def test_name_that_is_not_utf8(self):
        name = os.path.join(os.fsencode(DIR), b"g\xff")
        os.symlink(os.path.abspath(ARGS.guest), name)
        done = adiemu("compare", "--format=json", *MACHINE,
                      os.fsdecode(name))
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertTrue(report["program"].endswith("/g?"))
        page = self.open(page_of(store("name.json", report), "name.html"))
        self.assertEqual(texts(page, "h1"), [report["program"]])

    def test_many_events(self):
        report = json.loads(json.dumps(self.report))
        history = report["history"]
        history["events"], history["lives"], report["leaks"] = [], [], []
        for i in range(5000):
            va = hex(0x70000000 + i * 0x2000)
            history["events"] += [
                {"event": 2 * i + 1 + k, "kind": kind, "path": p, "insn": i,
                 "pid": 1000, "pc": "0x1", "mm": 1, "va": va, "tags": "5"}
                for k, kind, p in ((0, "save", "swap-out"),
                                   (1, "swap-out", "swap-out"))]
            history["lives"].append(
                {"life": i + 1, "from": "save", "fate": "restored",
                 "bytes": 8, "begin": 2 * i + 1, "begin_path": "swap-out",
                 "end": 10001, "end_path": "swap-in", "mm": 1, "va": va})
        report["pages"] = []
        page = self.open(page_of(store("many.json", report), "many.html"))
        self.assertEqual(page.eval("page.timeline.rows.length"), 5000)
        drawn = page.eval("document.querySelectorAll('*').length")
        self.assertLess(drawn, 10000)
        page.eval("document.querySelector('#timeline .list').focus()")
        page.press("End", vk=35)
        page.wait("document.querySelector('#timeline .picked') !== null")
        self.assertIn("mm 1 0x7270e000", texts(page, "#timeline .picked text"))
        self.keep(page, "report-many.png")
        self.find(page, "0x7270e000")
        self.assertEqual(len(texts(page, "#timeline .row")), 1)
        self.assertEqual(len(texts(page, "#events tbody tr")), 2)


class Refused(unittest.TestCase):
    def wrong(self, text, *arguments, stdin=None):
        done = adiemu("report", *arguments, stdin=stdin)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, "")
        return done

    def not_json(self, text, stdin):
        done = self.wrong(text, "--html", "-", stdin=stdin)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_options(self):
        self.wrong("no format", "r.json")
        self.wrong("no report", "--html")
        self.wrong("more than one", "--html", "a", "b")
        self.wrong("/nonexistent: No such file", "--html", "/nonexistent")

    def test_bad_json_has_its_position(self):
        self.not_json("stdin:2:10: ", '{\n "a": nope }')
        self.not_json("stdin:1:", '{"a": "\x1b[2J')
        self.not_json("stdin:1:", "")

    def test_other_json_is_no_report(self):
        self.not_json("not a report of adiemu", "[]")
        self.not_json("a report of schema 1, made by another adiemu; this "
                      "one reads schema 2", '{"schema": 1}')
        self.not_json('"profile" is missing', '{"schema": 2}')
        report = load(run_report("broken.json", "--history"))
        report["history"]["lives"] = {}
        self.not_json('"lives" is missing or wrong', json.dumps(report))
        self.not_json('"reports" is missing or wrong', json.dumps(
            {"schema": 2, "program": "p", "matrix": [], "reports": {}}))

    def test_full_disk(self):
        report = run_report("full.json")
        done = adiemu("report", "--html", report, "-o", "/dev/full")
        self.assertEqual(done.returncode, 74)
        self.assertEqual(done.stderr,
                         "adiemu report: /dev/full: "
                         "No space left on device\n")

    def test_history_is_a_number(self):
        done = adiemu("run", "--history=none", ARGS.guest)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--history=none: not a number above 0", done.stderr)


def main():
    global ARGS, BROWSER, DIR
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--artifacts", required=True,
                        help="folder for the screenshots")
    ARGS, rest = parser.parse_known_args()
    binary = chromium.find()
    if not binary:
        sys.exit("test_html: no Chromium: install the package chromium, or "
                 "name a binary in CHROMIUM")
    os.makedirs(ARGS.artifacts, exist_ok=True)
    with tempfile.TemporaryDirectory() as DIR, \
            chromium.Chromium(binary) as BROWSER:
        unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
