#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Names in reports: functions and lines, from good and from bad files.

The guest is tests/guest/adi/mismatch.c, with debug information; its tag
mismatch is a use after free.
"""
import argparse
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest

ARGS = None
CALLS = ["sum", "after_free", "main"]
SETTERS = ["tag_set", "paint", "give_back", "after_free"]


def run(program, *options):
    return subprocess.run([ARGS.adiemu, "run", "-q", "-E", "CASE=after_free",
                           *options, program], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120)


def source_line(text):
    """Its number in the guest."""
    with open(ARGS.source, encoding="utf-8") as f:
        found = [n for n, line in enumerate(f, 1) if text in line]
    assert len(found) == 1, text
    return found[0]


class Sections:
    """The sections of a 64-bit big-endian ELF file, by name."""

    def __init__(self, data):
        shoff, = struct.unpack_from(">Q", data, 40)
        size, nr, names = struct.unpack_from(">HHH", data, 58)
        heads = [struct.unpack_from(">IIQQQQ", data, shoff + i * size)
                 for i in range(nr)]
        at = heads[names][4]
        self.by_name = {}
        for name, _, _, _, offset, length in heads:
            end = data.index(b"\0", at + name)
            self.by_name[data[at + name:end].decode()] = (offset, length)


class Names(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def copy(self, data):
        path = os.path.join(self.folder.name, "prog")
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, 0o755)
        return path

    def report(self, program, *options):
        path = os.path.join(self.folder.name, "report.json")
        done = run(program, f"--report={path}", "--report-format=json",
                   *options)
        self.assertEqual(done.returncode, 139, done.stderr)
        with open(path, encoding="utf-8") as f:
            return json.load(f), done.stderr

    @staticmethod
    def functions(stack):
        return [name["function"] for frame in stack for name in frame["code"]]

    def test_json(self):
        report, said = self.report(ARGS.guest)
        mismatch, = report["mismatches"]
        self.assertEqual(self.functions(mismatch["stack"])[:3], CALLS)
        self.assertEqual(self.functions(mismatch["set"]["stack"])[:4], SETTERS)
        first = mismatch["stack"][0]["code"][0]
        self.assertTrue(first["file"].endswith("mismatch.c"), first)
        self.assertEqual(first["line"], source_line("s += n->value;"))
        self.assertEqual(mismatch["stack"][1]["code"][0]["line"],
                         source_line('printf("%ld\\n", sum(a));'))
        self.assertNotIn("names", said)

    def test_text(self):
        done = run(ARGS.guest)
        line = source_line("s += n->value;")
        self.assertRegex(done.stderr,
                         rf"at 0x[0-9a-f]+: sum \(mismatch\.c:{line}\)\n")
        line = source_line("give_back(b);")
        self.assertRegex(done.stderr,
                         rf"by 0x[0-9a-f]+: after_free \(mismatch\.c:{line}\)")
        self.assertRegex(done.stderr,
                         r"tag_set \(adi\.h:\d+\)\n.*inlined in paint \(")

    def test_stamps(self):
        path = os.path.join(self.folder.name, "r.json")
        done = subprocess.run([ARGS.adiemu, "run", "-E", "CASE=stale",
                               "--ram=4M", "--swap=64M",
                               "--kernel=linux-6.2", f"--report={path}",
                               "--report-format=json", ARGS.guest],
                              stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(done.returncode, 0)
        with open(path, encoding="utf-8") as f:
            page, = json.load(f)["pages"]
        self.assertEqual([n["function"] for n in page["seen"]["code"]],
                         ["stale"])
        self.assertEqual(page["cause"]["at"]["code"][0]["function"],
                         "__mremap")

    def test_leaf(self):
        """Functions without a window of their own have callers, too."""
        for name, call in (("memcpy", "memcpy(to, p, large);"),
                           ("strchr", "r = strchr(p"),
                           ("value", "r = by_pointer("),
                           ("strlen", "r = (long)strlen(p);")):
            report, _ = self.report(ARGS.guest, "-ECASE=leaf", f"-ELEAF={name}")
            stack = report["mismatches"][0]["stack"]
            with self.subTest(name=name):
                self.assertIn(name, self.functions(stack)[0])
                self.assertEqual(self.functions(stack)[1:3], ["leaf", "main"])
                self.assertEqual(stack[1]["code"][0]["line"],
                                 source_line(call))

    def test_handler(self):
        """A handler is called by what the signal has interrupted."""
        report, _ = self.report(ARGS.guest, "-ECASE=handler")
        self.assertEqual(
            self.functions(report["mismatches"][0]["stack"])[:5],
            ["value", "in_handler", "value", "interrupted", "main"])

    def test_without_symbols(self):
        """The chain needs none of it."""
        with open(ARGS.guest, "rb") as f:
            data = bytearray(f.read())
        whole, _ = self.report(ARGS.guest)
        struct.pack_into(">Q", data, 40, 0)  # e_shoff, e_shentsize and on
        struct.pack_into(">HHH", data, 58, 0, 0, 0)
        bare, said = self.report(self.copy(data))
        self.assertEqual([f["pc"] for f in bare["mismatches"][0]["stack"]],
                         [f["pc"] for f in whole["mismatches"][0]["stack"]])
        self.assertEqual(self.functions(bare["mismatches"][0]["stack"]), [])
        self.assertNotIn("internal error", said)

    def test_changed(self):
        """Not the file that ran any more: no names, rather than wrong ones."""
        with open(ARGS.guest, "rb") as f:
            program = self.copy(f.read())
        path = os.path.join(self.folder.name, "report.json")
        child = subprocess.Popen(
            [ARGS.adiemu, "run", "-q", "-E", "CASE=wait",
             f"--report={path}", "--report-format=json", program],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.assertEqual(child.stdout.readline(), b"ready\n")
        os.utime(program, (0, 0))
        child.communicate(b"go\n", timeout=120)
        with open(path, encoding="utf-8") as f:
            mismatch, = json.load(f)["mismatches"]
        self.assertEqual(self.functions(mismatch["stack"]), [])

    def test_broken(self):
        """Whatever the file says of itself, the report comes."""
        with open(ARGS.guest, "rb") as f:
            good = f.read()
        wanted = [(at, n) for name, (at, n) in Sections(good).by_name.items()
                  if re.match(r"\.(debug_|symtab|strtab)", name) and n > 64]
        self.assertGreater(len(wanted), 4)
        for seed in range(40):
            rng = random.Random(seed)
            data = bytearray(good)
            for _ in range(rng.choice((1, 10, 1000))):
                at, n = rng.choice(wanted)
                data[at + rng.randrange(n)] = rng.randrange(256)
            report, said = self.report(self.copy(data))
            with self.subTest(seed=seed):
                self.assertEqual(len(report["mismatches"]), 1)
                self.assertNotIn("internal error", said)
                for frame in report["mismatches"][0]["stack"]:
                    for name in frame["code"]:
                        for word in (name["function"], name["file"]):
                            self.assertRegex(word or "", r"^[ -~]*$")


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--source", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
