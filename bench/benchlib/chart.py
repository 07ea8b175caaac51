# SPDX-License-Identifier: GPL-2.0-or-later
"""A chart of the ratios to the best peer, as SVG: bars, 1.0, spreads.

It has a background of its own and follows the reader's light or dark mode.
"""
from xml.sax.saxutils import escape

ROW, GAP = 18, 12          # pixels: a row, and between two groups
LEFT, WIDTH, RIGHT = 130, 480, 190
TOP, BOTTOM = 62, 34
GROUPS = {"small": "small programs", "real": "real programs",
          "more": "files and threads"}
STYLE = """
  svg { background: #fcfcfb }
  .ground { fill: #fcfcfb }
  text { font: 12px system-ui, sans-serif; fill: #0b0b0b }
  .minor { fill: #52514e }
  .title { font-size: 14px; font-weight: 600 }
  .faster { fill: #2a78d6 } .slower { fill: #d95926 }
  .grid { stroke: #e1e0d9 } .one { stroke: #0b0b0b; stroke-width: 1.5 }
  .whisker { stroke: #0b0b0b; stroke-width: 1.2; fill: none }
  @media (prefers-color-scheme: dark) {
    svg { background: #1a1a19 }
    .ground { fill: #1a1a19 }
    text { fill: #ffffff } .minor { fill: #c3c2b7 }
    .faster { fill: #3987e5 } .slower { fill: #d95926 }
    .grid { stroke: #2c2c2a } .one, .whisker { stroke: #ffffff }
  }
"""


def step_of(end):
    """Between two lines of the grid."""
    return next(s for s in (0.2, 0.5, 1, 2, 5, 10, 10 ** 9) if end / s <= 8)


class Scale:
    """From a ratio to pixels; linear, as a bar begins at 0."""

    def __init__(self, rows):
        end = max([1.1] + [row["ratio_spread"][row["best_peer"]][1]
                           for row in rows])
        self.step = step_of(end)
        self.end = end

    def x(self, ratio):
        return round(LEFT + WIDTH * min(ratio, self.end) / self.end, 1)

    def ticks(self):
        n = int(self.end / self.step + 1e-9)
        return [round(i * self.step, 1) for i in range(n + 1)]


def text(x, y, said, kind="", anchor="start"):
    kind = f' class="{kind}"' if kind else ""
    end = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x}" y="{y}"{kind}{end}>{escape(said)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<path class="{kind}" d="M{x1} {y1}L{x2} {y2}"/>'


def bar(row, y, scale):
    ratio = row["ratio_to_best"]
    low, high = (scale.x(v) for v in row["ratio_spread"][row["best_peer"]])
    end = scale.x(ratio)
    middle = y + ROW / 2
    kind = "faster" if ratio <= 1 else "slower"
    said = f"{row['name']}: {ratio:.2f} of {row['best_peer']}"
    return [
        f'<g><title>{escape(said)}</title>',
        text(LEFT - 8, y + 13, row["name"], anchor="end"),
        f'<rect class="{kind}" x="{LEFT}" y="{y + 3}" '
        f'width="{round(end - LEFT, 1)}" height="{ROW - 6}" rx="2"/>',
        f'<path class="whisker" d="M{low} {middle - 3}v6M{low} {middle}'
        f'H{high}M{high} {middle - 3}v6"/>',
        text(LEFT + WIDTH + RIGHT - 10, y + 13, row["best_peer"], "minor",
             "end"), "</g>"]


def value(row, y, scale):
    """The number behind the bar, drawn over the line of 1.0."""
    ratio = row["ratio_to_best"]
    x = scale.x(max(ratio, row["ratio_spread"][row["best_peer"]][1]))
    return (f'<rect class="ground" x="{x + 4:.1f}" y="{y + 2}" width="28" '
            f'height="{ROW - 4}"/>' +
            text(f"{x + 6:.1f}", y + 13, f"{ratio:.2f}"))


def grid(scale, bottom):
    out = []
    for tick in scale.ticks():
        x = scale.x(tick)
        out += [line(x, TOP - 4, x, bottom, "grid"),
                text(x, bottom + 16, f"{tick:g}", "minor", "middle")]
    return out


def svg(results):
    """The chart, or None where no row has a peer."""
    rows = [row for row in results["rows"] if "ratio_to_best" in row]
    if not rows:
        return None
    scale, head = Scale(rows), results["host"]
    bars, values, y = [], [], TOP
    for group, said in GROUPS.items():
        chosen = [row for row in rows if row["group"] == group]
        if not chosen:
            continue
        bars.append(text(8, y + 13, said, "minor"))
        y += ROW
        for row in chosen:
            bars += bar(row, y, scale)
            values.append(value(row, y, scale))
            y += ROW
        y += GAP
    bottom = y - GAP + 4
    width, height = LEFT + WIDTH + RIGHT, bottom + BOTTOM
    one = scale.x(1)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}"/>',
        text(8, 20, "Time of adiemu, as a ratio to the best qemu-sparc64",
             "title"),
        text(8, 38, f"{head['cpu']}, {head['cores']} cores, {head['kernel']}; "
             f"{head['time']} time, median of {head['rounds']} pairs; "
             "whiskers: quartiles", "minor"),
        *grid(scale, bottom), *bars,
        line(one, TOP - 4, one, bottom, "one"),
        *values,
        text(one, TOP - 8, "1.0: as fast", "minor", "middle"),
        text(width - 10, TOP - 8, "best peer", "minor", "end"),
        "</svg>", ""])


def write(path, results):
    picture = svg(results)
    if picture is None:
        raise OSError(0, "no row was compared with a peer")
    with open(path, "w", encoding="utf-8") as f:
        f.write(picture)
