# SPDX-License-Identifier: GPL-2.0-or-later
"""The results as a table, as JSON and as CSV."""
import csv
import json

from benchlib import emulators

MEAN_OF = {"small": "small programs", "real": "small and real programs",
           "all": "all programs"}


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.2f}"


def between(spread):
    return f"{number(spread[0])}..{number(spread[1])}"


def verdict(row):
    if "target" in row:
        return row["target"] + (" ok" if row["ok"] else " MISS")
    return row.get("note", "-")


def table(rows, labels):
    """Lines of cells.  The spread is that of the ratio to the best peer, or
    of the time itself where no peer runs the program."""
    lines = [["name", "unit", *labels, *("/" + p for p in labels[1:]),
              "/best", "spread", "target"]]
    for row in rows:
        if "error" in row:
            lines.append([row["name"], "error"] + [""] * (len(lines[0]) - 2))
            continue
        values = [number(row["median"][p]) if p in row["median"] else "-"
                  for p in labels]
        ratios = [f"{row['ratio'][p]:.2f}" if p in row["ratio"] else "-"
                  for p in labels[1:]]
        if "ratio_to_best" in row:
            best = f"{row['ratio_to_best']:.2f}"
            spread = between(row["ratio_spread"][row["best_peer"]])
        else:
            best, spread = "-", between(row["spread"][labels[0]])
        lines.append([row["name"], row["unit"], *values, *ratios, best,
                      spread, verdict(row)])
    return lines


def print_table(rows, labels):
    lines = table(rows, labels)
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = [cell.ljust(width) if i in (0, 1, len(line) - 1)
                 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())


def mean_lines(means):
    for mean in means:
        *peers, _ = mean["ratio"]
        best = mean["ratio"]["best"]
        line = (f"geometric mean of {mean['rows']} {MEAN_OF[mean['of']]}: "
                f"{best:.2f} to the best peer")
        if len(peers) > 1:
            line += "; " + ", ".join(f"{mean['ratio'][p]:.2f} to {p}"
                                     for p in peers)
        if "target" in mean:
            ok = "ok" if best <= mean["target"] else "MISS"
            line += f" (target {mean['target']:.2f} {ok})"
        yield line


def host_lines(head):
    yield (f"host: {head['cpu']}, {head['cores']} cores, {head['kernel']}; "
           f"{head['date']}")
    yield (f"{head['rounds']} rounds, {head['time']} time, {head['pinned']}, "
           f"swap files in {head['swap_files']}")
    for label, version in head["versions"].items():
        yield " ".join([f"{label}: {version}", *(
            head.get("options", []) if label == "adiemu" else [])])


def write_json(path, results):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)
        f.write("\n")


def read_json(path):
    with open(path, encoding="utf-8") as f:
        results = json.load(f)
    if not isinstance(results, dict) or "rows" not in results:
        raise ValueError("is not what bench/run --json writes")
    return results


def write_csv(path, results):
    """A line for each row and emulator; what the host is, as comments."""
    with open(path, "w", encoding="utf-8", newline="") as f:
        for line in host_lines(results["host"]):
            f.write(f"# {line}\n")
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["name", "group", "unit", "emulator", "rounds", "median",
                      "first_quartile", "third_quartile", "min", "max",
                      "ratio", "ratio_first_quartile", "ratio_third_quartile",
                      "best_peer", "target"])
        for row in results["rows"]:
            for label, samples in row.get("samples", {}).items():
                ratio = row["ratio"].get(label)
                spread = row.get("ratio_spread", {}).get(label, [None, None])
                numbers = [row["median"][label], *row["spread"][label],
                           min(samples), max(samples), ratio, *spread]
                out.writerow(
                    [row["name"], row["group"], row["unit"], label,
                     len(samples), *("" if v is None else f"{v:.6g}"
                                     for v in numbers),
                     int(row.get("best_peer") == label),
                     row.get("target_ratio", "")])


def write(path, option, writer, *args):
    """Have @writer write the file, or end with 2."""
    try:
        writer(path, *args)
    except OSError as error:
        emulators.stop(f"{option}={path}: {error.strerror}")
