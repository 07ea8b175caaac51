# SPDX-License-Identifier: GPL-2.0-or-later
"""From samples to medians, spreads, ratios and verdicts."""
import math
import statistics

from benchlib import programs, targets


def spread(values):
    """Between which half of them are: first and third quartile."""
    if len(values) < 2:
        return [values[0], values[0]]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return [first, third]


def summed_up(values):
    return {"median": statistics.median(values), "spread": spread(values)}


def paired(mine, theirs):
    """The ratios within each round."""
    return [a / b for a, b in zip(mine, theirs)]


def judge_peers(row, adiemu, peers):
    """The ratios to all peers, and to the best of them."""
    mine = row["samples"][adiemu]
    row["ratio"], row["ratio_spread"] = {}, {}
    for peer in peers:
        ratios = summed_up(paired(mine, row["samples"][peer]))
        row["ratio"][peer] = ratios["median"]
        row["ratio_spread"][peer] = ratios["spread"]
    if not peers:
        return
    best = min(peers, key=row["median"].get)
    row["best_peer"] = best
    row["ratio_to_best"] = row["ratio"][best]
    row["target_ratio"] = targets.ratio_target(row["name"])
    row["target"] = f"<= {row['target_ratio']:.2f}"
    row["ok"] = row["ratio_to_best"] <= row["target_ratio"]


def judge_alone(row, rows, adiemu):
    """A limit in ns, or one to a row that was measured, too."""
    mine = row["samples"][adiemu]
    limit = targets.limit_of(row["name"])
    base = rows.get(limit.base if limit else row.pop("base", None))
    row.pop("base", None)

    if limit and limit.kind == "ns":
        got = row["median"][adiemu]
        row["target"] = f"<= {limit.value} ns"
    elif not base or base is row:
        return
    elif limit and limit.kind == "plus":
        got = statistics.median(
            a - b for a, b in zip(mine, base["samples"][adiemu]))
        row["target"] = f"{got:+.2f} to {base['name']}, <= +{limit.value} ns"
    else:
        got = statistics.median(paired(mine, base["samples"][adiemu]))
        said = f"{got:.2f} to {base['name']}"
        if not limit:
            row["note"] = said
            return
        row["target"] = f"{said}, <= {limit.value:.2f}"
    row["ok"] = got <= limit.value


def judge(rows, labels):
    """Fill in what follows from the samples.  labels: adiemu's first."""
    known = {row["name"]: row for row in rows if "error" not in row}
    for row in known.values():
        sums = {label: summed_up(samples)
                for label, samples in row["samples"].items()}
        row["median"] = {label: s["median"] for label, s in sums.items()}
        row["spread"] = {label: s["spread"] for label, s in sums.items()}
    for row in known.values():
        row["ratio"] = {}
        if row["group"] == "alone":
            judge_alone(row, known, labels[0])
        else:
            judge_peers(row, labels[0], labels[1:])


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


# Which rows each mean is of.
MEANS = {"small": ("small",), "real": ("small", "real"),
         "all": ("small", "real", "more")}


def means(rows, peers):
    """A list of {"of", "rows", "ratio": {peer or "best": mean}}, with the
    target when there is one and no row is missing."""
    found = []
    done = [row for row in rows if "ratio_to_best" in row]
    for name, groups in MEANS.items():
        chosen = [row for row in done if row["group"] in groups]
        # Not twice the same rows.
        if not chosen or found and found[-1]["rows"] == len(chosen):
            continue
        ratio = {peer: geometric_mean([row["ratio"][peer] for row in chosen])
                 for peer in peers}
        ratio["best"] = geometric_mean(
            [row["ratio_to_best"] for row in chosen])
        found.append({"of": name, "rows": len(chosen), "ratio": ratio})
        every = [p for p in programs.PROGRAMS
                 if programs.group_of(p) in groups]
        if name in targets.MEANS and len(chosen) == len(every):
            found[-1]["target"] = targets.MEANS[name]
    return found


def failures(rows):
    """Those that a check does not let pass."""
    return [row for row in rows if "ratio_to_best" in row and
            row["ratio_to_best"] > targets.check_bound(row["name"])]
