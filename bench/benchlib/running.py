# SPDX-License-Identifier: GPL-2.0-or-later
"""Compile the guests, run them in turn, and keep what each run took."""
import collections
import hashlib
import os
import re
import signal
import subprocess
import tempfile
import time

from benchlib import emulators, real
from benchlib.programs import Library, Ways, group_of

COMPILER = "sparc64-linux-gnu-gcc"
FLAGS = ["-std=gnu11", "-O2"]
# Dropped one after the other when the compiler does not know them.
OPTIONAL_FLAGS = ["-mcpu=ultrasparc", "-fno-optimize-sibling-calls"]
TIMEOUT_S = 900
BENCH = os.path.join(emulators.TOP, "bench")


class BenchError(Exception):
    """What went wrong with a program, in a line."""


class Bench:
    """What all runs have in common."""

    def __init__(self, args, found, build):
        self.emulators = found  # adiemu, then the peers
        self.adiemu = found[0]
        self.rounds = args.rounds
        self.programs = args.programs  # the folder of the built ones
        self.build = build
        self.runner = Runner(args.time)


# ------------------------------------------------------------- the guests

def compile_guest(build, name, cpu=None, dynamic=False):
    source = f"{BENCH}/guest/{name}.c"
    output = f"{build}/{name}" + (f"-{cpu}" if cpu else "") + \
        ("-dynamic" if dynamic else "")
    inputs = [source, f"{BENCH}/guest/bench.h",
              f"{emulators.TOP}/tests/guest/adi/adi.h"]
    if os.path.exists(output) and all(
            os.path.getmtime(f) < os.path.getmtime(output) for f in inputs):
        return output
    optional = [f"-mcpu={cpu}"] if cpu else OPTIONAL_FLAGS
    for drop in range(1 if cpu else len(OPTIONAL_FLAGS) + 1):
        done = subprocess.run(
            [COMPILER, *FLAGS, *([] if dynamic else ["-static"]),
             *optional[drop:], f"-I{BENCH}/guest",
             f"-I{emulators.TOP}/tests/guest", source, "-o", output, "-lm"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False)
        if done.returncode == 0:
            return output
    raise BenchError("does not compile:\n" + done.stderr)


# ---------------------------------------------------------------- running

class Runner:
    """Runs commands one at a time, by the clock or by what they used."""

    def __init__(self, kind="cpu"):
        self.kind = kind
        self.out = tempfile.TemporaryFile()
        self.err = tempfile.TemporaryFile()
        self.process = None
        self.environment = {"PATH": os.environ.get("PATH", ""),
                            "TMPDIR": os.environ.get("TMPDIR") or fast_dir()}
        signal.signal(signal.SIGALRM, lambda *_: self.process.kill())

    def run(self, command, folder=None, stdin=os.devnull):
        """Seconds, and the output.

        They are user and system time of the process and of the children that
        it waited for; or from start to end (kind "wall").
        """
        for f in self.out, self.err:
            f.seek(0)
            f.truncate()
        with open(os.path.join(folder or "", stdin), "rb") as source:
            signal.alarm(TIMEOUT_S)
            start = time.perf_counter()
            # close_fds=False: posix_spawn() in place of fork().
            self.process = subprocess.Popen(
                command, stdin=source, stdout=self.out, stderr=self.err,
                env=self.environment, cwd=folder, close_fds=False)
            _, status, used = os.wait4(self.process.pid, 0)
            seconds = time.perf_counter() - start
        code = self.process.returncode = os.waitstatus_to_exitcode(status)
        if not signal.alarm(0):
            raise BenchError(f"does not end within {TIMEOUT_S} s")
        if self.kind == "cpu":
            seconds = used.ru_utime + used.ru_stime
        self.out.seek(0)
        self.err.seek(0)
        output = self.out.read()
        if code != 0:
            last = (self.err.read() or output).decode(errors="replace")
            raise BenchError(f"exit code {code}: {last.strip()[-300:]}")
        return seconds, output


def fast_dir():
    """Where swap files go: in memory if there is such a place."""
    shm = "/dev/shm"
    return shm if os.access(shm, os.W_OK) else tempfile.gettempdir()


def shown(output):
    """A short output, or a digest."""
    if len(output) > 200:
        digest = hashlib.sha256(output).hexdigest()[:16]
        return f"{len(output)} bytes, {digest}"
    return repr(output.decode(errors="replace"))


def check_output(expected, output, who):
    if output != expected:
        raise BenchError(f"its output under {who} differs: {shown(output)}, "
                         f"not {shown(expected)}")


def run_whole(program, bench):
    """A list of ms for each emulator."""
    folder, stdin = None, os.devnull
    if isinstance(program, real.Real):
        argv = real.command(program, bench.programs)
        folder = real.prepare(program, bench.build)
        stdin = program.stdin or os.devnull
        dynamic, repeat = True, 1
    else:
        dynamic, repeat = program.dynamic, program.repeat
        argv = [compile_guest(bench.build, program.args[0], dynamic=dynamic),
                *program.args[1:]]
    samples = {e.label: [] for e in bench.emulators}
    outputs = {}

    for _ in range(bench.rounds):
        for e in bench.emulators:
            total = 0
            for _ in range(repeat):
                try:
                    seconds, output = bench.runner.run(
                        e.command(dynamic, *argv), folder, stdin)
                except BenchError as error:
                    raise BenchError(f"under {e.label}: {error}") from None
                check_output(outputs.setdefault(e.label, output), output,
                             e.label + ", run again,")
                total += seconds
            samples[e.label].append(total / repeat * 1e3)
    # What the first peer printed is right.
    reference = outputs[bench.emulators[min(1, len(outputs) - 1)].label]
    for label, output in outputs.items():
        check_output(reference, output, label)
    return samples


def run_ways(program, bench):
    """A list of ms for each way; they are to print the same."""
    samples = {way: [] for way in program.ways}
    expected = {}

    for _ in range(bench.rounds):
        for way, (options, cpu) in program.ways.items():
            guest = compile_guest(bench.build, program.args[0], cpu)
            seconds, output = bench.runner.run(bench.adiemu.command(
                False, *options, guest, *program.args[1:]))
            if program.same_output:
                check_output(expected.setdefault(None, output), output,
                             f"{bench.adiemu.label}, {way},")
            samples[way].append(seconds * 1e3)
    return samples


def find_library(program, adiemu):
    folder = os.path.dirname(adiemu.path)
    for place in folder, os.path.dirname(folder):
        path = f"{place}/bench/{program.name}"
        if os.access(path, os.X_OK):
            return path
    raise BenchError("is not built beside adiemu")


def run_timed(program, bench):
    """A list of ns for each row that the program prints."""
    rows = collections.defaultdict(list)
    rounds = bench.rounds
    if isinstance(program, Library):
        # It takes the median of its own rounds.
        rounds = 1
        command = [find_library(program, bench.adiemu), *program.args]
    else:
        command = bench.adiemu.command(
            False, "--realtime", *program.options,
            compile_guest(bench.build, program.args[0]), *program.args[1:])
    expected = None

    for _ in range(rounds):
        _, output = bench.runner.run(command)
        result = b""
        for line in output.splitlines(True):
            found = re.fullmatch(rb"(\w+) ([0-9.]+)\n", line)
            if found:
                rows[found[1].decode()].append(float(found[2]))
            else:
                result += line
        expected = expected or result
        check_output(expected, result, bench.adiemu.label + ", run again,")
    return dict(rows)


def run_program(program, bench):
    """Its rows, not judged: name, unit, and a list for each emulator."""
    mine = bench.adiemu.label
    try:
        if isinstance(program, Ways):
            return [{"name": f"{program.name}_{way}", "unit": "ms",
                     "group": "alone", "samples": {mine: samples},
                     "base": f"{program.name}_{next(iter(program.ways))}"}
                    for way, samples in run_ways(program, bench).items()]
        group = group_of(program)
        if group != "alone":
            return [{"name": program.name, "unit": "ms", "group": group,
                     "samples": run_whole(program, bench)}]
        return [{"name": name, "group": "alone", "samples": {mine: samples},
                 "unit": "bytes" if name.startswith("bytes_") else "ns"}
                for name, samples in run_timed(program, bench).items()]
    except BenchError as error:
        return [{"name": program.name, "error": str(error)}]
