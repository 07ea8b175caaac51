# SPDX-License-Identifier: GPL-2.0-or-later
"""Put the table of a run into a document, and its chart beside it."""
import os

from benchlib import chart, printing

BEGIN = "<!-- bench/run: what follows is its output -->"
END = "<!-- bench/run: end -->"


def markdown(lines):
    """A table: the first column is text, the others are numbers."""
    yield "| " + " | ".join(lines[0]) + " |"
    yield "|---|" + "---:|" * (len(lines[0]) - 2) + "---|"
    for line in lines[1:]:
        yield "| " + " | ".join(line) + " |"


def section(results, picture):
    labels = list(results["host"]["versions"])
    rows = [row for row in results["rows"] if "error" not in row]
    yield from ("    " + line for line in printing.host_lines(results["host"]))
    compared = [row for row in rows if "ratio_to_best" in row]
    if compared:
        yield ""
        yield f"![ratios to the best peer]({picture})"
        yield ""
        yield from markdown(printing.table(compared, labels))
        yield ""
        yield from (f"- {line}" for line in
                    printing.mean_lines(results["geometric_mean"]))
    alone = [row for row in rows if "ratio_to_best" not in row]
    if alone:
        yield ""
        # Without the columns of the peers.
        yield from markdown([
            [cell for i, cell in enumerate(line)
             if i < 3 or i >= len(line) - 2]
            for line in printing.table(alone, labels)])


def write(path, results):
    """The document is to have both marks; the chart is named as it is."""
    picture = os.path.splitext(path)[0] + ".svg"
    with open(path, encoding="utf-8") as f:
        text = f.read()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise OSError(0, f'has no lines "{BEGIN}" and "{END}"')
    chart.write(picture, results)
    body = "\n".join(section(results, os.path.basename(picture)))
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{head}{begin}\n\n{body}\n\n{end}{tail}")
