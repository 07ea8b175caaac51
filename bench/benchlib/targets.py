# SPDX-License-Identifier: GPL-2.0-or-later
"""What each row is to reach.  Nothing else in bench/ has a target.

RATIOS are times to those of the best peer.  LIMITS are of rows that adiemu
alone has: in ns, or to another row that was measured in the same run.
"""
import collections

# The row that has none of its own.
ANY_ROW = 0.95

RATIOS = {
    "fib": 0.6,
    "overflow": 0.2,
    "syscalls": 0.5,
    "hello": 0.8,
    "hello_dynamic": 0.8,
    "mmap_touch": 0.3,
    "cow": 0.3,
    "threads_fork": 0.3,
}

# Geometric means, of the rows of "small" and of them with "real".
MEANS = {"small": 0.42, "real": 0.50}

# A check fails (bench/run --check) where a ratio is worse than this many
# times its target: what it finds is a fault, not a noisy machine.
CHECK_FACTOR = 2

# Where the step is not there yet that is to reach the target: what a check
# lets pass until then.
NOT_YET = {"mmap_touch": 0.9}

# kind: "ns" (at most that many), or, of another row, "times" (at most that
# multiple) or "plus" (that many ns more).
Limit = collections.namedtuple("Limit", "kind value base", defaults=(None,))


def ratio_target(name):
    return RATIOS.get(name, ANY_ROW)


def check_bound(name):
    return NOT_YET.get(name, CHECK_FACTOR * ratio_target(name))


def limits():
    found = {"tag_set": Limit("ns", 6), "tag_set_mixed": Limit("ns", 6),
             "tag_read": Limit("ns", 3)}
    for how in "seq_store", "seq_load", "rand_store", "rand_load":
        base = how + "_untagged"
        found[how + "_uniform"] = Limit("times", 1.02, base)
        for kind in "mixed", "objects":
            # At random the host's own cache misses come on top.
            found[f"{how}_{kind}"] = Limit(
                "plus", 3 if how.startswith("rand") else 2, base)
    for pages in 1000, 4000:
        for kind in "uniform", "mixed":
            found[f"swap_{kind}_{pages}"] = Limit(
                "times", 1.15, f"swap_plain_{pages}")
    for how in "map", "find", "unmap", "cut", "join":
        found[f"areas_{how}_100000"] = Limit("times", 1.25,
                                             f"areas_{how}_1000")
    for row in "hello", "syscalls", "swap_1000":
        found[f"check_{row}_path"] = Limit("times", 1.05, f"check_{row}_off")
    found["check_swap_1000_full"] = Limit("times", 3, "check_swap_1000_off")
    for row in "fib", "syscalls":
        found[f"watch_{row}_count"] = Limit("times", 1.05,
                                            f"watch_{row}_plain")
    # The stores that must not depend on the number of pages.
    for profile in "remap", "mte_6_1":
        for pattern in "uniform", "mixed":
            for pages in 1000, 100000, 1000000:
                row = f"{profile}_{pattern}_{pages}"
                found[f"store_{row}"] = Limit("times", 3, "packing_" + row)
    return found


def limit_of(name):
    """None when it has none."""
    if name.startswith("built_") and name.endswith("_niagara7"):
        return Limit("times", 1.1, name.replace("_niagara7", "_v9"))
    return limits().get(name)
