# SPDX-License-Identifier: GPL-2.0-or-later
"""What is run, and which rows it makes."""
import collections

from benchlib import real

# small: those of the first geometric mean; alone: no peer runs them.
GROUPS = "small", "more", "real", "alone"

# A program that every emulator runs, timed from outside, in ms.
# repeat: runs in a row that make one sample.
Whole = collections.namedtuple("Whole", "name args group repeat dynamic",
                               defaults=("small", 1, False))

# A program that only adiemu runs and that times itself, in ns: it prints
# lines "ROW NUMBER".
Timed = collections.namedtuple("Timed", "name args options", defaults=((),))

# A program of this project, beside adiemu in its build folder, that times
# the library without a CPU and prints the same lines.
Library = collections.namedtuple("Library", "name args", defaults=((),))

# A program in several ways, timed from outside, in ms: a row for each,
# NAME_WAY, and what it costs is its ratio to the first.  A way has options of
# adiemu, and the CPU that the program is compiled for (None: as the others).
# same_output: GCC fuses multiplications for the newer CPU, and rounds
# otherwise.
Ways = collections.namedtuple("Ways", "name args ways same_output",
                              defaults=(True,))

BUILDS = {"v9": ((), "v9"), "niagara7": ((), "niagara7")}


def levels(*options):
    return {level: ((f"--check={level}", *options), None)
            for level in ("off", "path", "full")}


# What looks on while a program runs.  An event that never comes is enough to
# have the instructions counted.
WATCHERS = {
    "plain": ((), None),
    "count": (("--stress=migrate:1000000000000",), None),
    "history": (("--history", "--report-format=json", "--report=/dev/null"),
                None),
    "strace": (("--strace=/dev/null",), None),
}

PROGRAMS = [
    Whole("int_loop", ["int_loop"]),
    Whole("fib", ["fib"]),
    Whole("sieve_8m", ["sieve", "8", "5"]),
    Whole("sieve_1m", ["sieve", "1", "60"]),
    Whole("indirect_calls", ["indirect_calls"]),
    Whole("qsort_ints", ["qsort_ints"]),
    Whole("nbody", ["nbody"]),
    Whole("snprintf_float", ["snprintf_float"]),
    Whole("malloc_free", ["malloc_free"]),
    Whole("strcmp_4k", ["strcmp_4k"]),
    Whole("overflow", ["overflow"]),
    Whole("syscalls", ["syscalls"]),
    Whole("hello", ["hello"], repeat=10),
    Whole("signals", ["signals"]),
    Whole("mmap_touch", ["mmap_touch"]),
    Whole("longjmp", ["longjmp"]),
    Whole("hello_dynamic", ["hello"], "more", 10, True),
    Whole("files", ["files"], "more"),
    Whole("cow", ["cow"], "more"),
    *(Whole("threads_" + kind, ["threads", kind], "more")
      for kind in ("create", "mutex", "futex", "signal", "fork", "pipe",
                   "socket")),
    *real.PROGRAMS,
    Timed("tagged_access", ["tagged_access"]),
    Timed("tag_ops", ["tag_ops"]),
    Timed("swap_pages_1000", ["swap_pages", "1000"], ("--swap=64M",)),
    Timed("swap_pages_4000", ["swap_pages", "4000"], ("--swap=128M",)),
    Timed("areas_1000", ["areas", "1000"]),
    Timed("areas_10000", ["areas", "10000"]),
    Timed("areas_100000", ["areas", "100000"]),
    *(Ways("built_" + args[0], args, BUILDS)
      for args in (["bits"], ["int_loop"], ["fib"], ["sieve", "1", "60"],
                   ["indirect_calls"], ["qsort_ints"], ["snprintf_float"],
                   ["malloc_free"], ["strcmp_4k"])),
    Ways("built_nbody", ["nbody"], BUILDS, False),
    Ways("check_hello", ["hello"], levels()),
    Ways("check_syscalls", ["syscalls"], levels()),
    Ways("check_swap_1000", ["swap_pages", "1000"], levels("--swap=64M"),
         False),
    Ways("watch_fib", ["fib"], WATCHERS),
    Ways("watch_syscalls", ["syscalls"], WATCHERS),
    Library("bench_store", ["-r"]),
    Library("bench_paths", ["-r"]),
]


def group_of(program):
    if isinstance(program, Whole):
        return program.group
    return "real" if isinstance(program, real.Real) else "alone"
