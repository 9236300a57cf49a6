#!/usr/bin/env python3
"""bench/plot.py JSON... SVG: draws what bench/scale --json has measured; of a stage that was measured twice, the last."""
import json
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, GAP_X, GAP_Y = 250, 130, 60, 80, 70, 105
LINE_Y = 14
COLORS = ("#1f5fa8", "#c2571a", "#3f7f3f", "#7a4fa0")
AXES = (("calls", "stored calls"), ("tenants", "tenants"), ("x_numbers", "X numbers"))
FLAT = 0.10  # what a curve may change by and still be called flat
# What is drawn over each axis: title, unit, and the series; with the least and most of the rounds where there are some.
ROWS = (("user instructions", "thousand", 1000, (("call_instructions", "call"), ("push_instructions", "CDR push"))),
        ("CPU time at 4,000 a second", "us", 1, (("call_us", "call"), ("push_us", "CDR push"))),
        ("start, the database in memory", "ms", 1, (("warm_first_call_ms", "to the first answered call"),
                                                    ("warm_start_cpu_ms", "CPU time of it"))),
        ("page of history", "ms", 1, (("history_of_7_days_ms", "of 7 days"), ("history_of_1_days_ms", "of 1 day"))),
        ("memory", "MiB", 1, (("rss_mib", "resident"),)))


def series_of(stages, axis):
    """The stages that differ in this axis only from the least of all, by its size."""
    least = {name: min(stage[name] for stage in stages) for name, _ in AXES}
    return sorted((stage for stage in stages if all(stage[name] == least[name] for name, _ in AXES if name != axis)),
                  key=lambda stage: stage[axis])


def figure(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def short(number):
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


class Panel:
    """One diagram: the sizes of an axis side by side, whatever their distance, since they grow by powers of ten."""

    def __init__(self, column, row, stages, axis, unit, divisor, series):
        self.x, self.y = LEFT + column * (WIDTH + GAP_X), TOP + row * (HEIGHT + GAP_Y)
        self.stages, self.axis, self.unit, self.divisor = stages, axis, unit, divisor
        self.series = [(name, label) for name, label in series if all(name in stage for stage in stages)]
        self.most = max(self.value(stage, name + kind) for stage in stages for name, _ in self.series
                        for kind in ("", "_most")) * 1.15 or 1

    def value(self, stage, name):
        return stage.get(name, 0) / self.divisor

    def place(self, index, value):
        step = WIDTH / max(len(self.stages), 1)
        return self.x + step * (index + 0.5), self.y + HEIGHT * (1 - value / self.most)

    def draw(self):
        yield f'<rect x="{self.x}" y="{self.y}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#bbb"/>'
        for part in (0, 0.5, 1):
            y = self.y + HEIGHT * (1 - part)
            yield f'<text x="{self.x - 6}" y="{y + 4:.0f}" text-anchor="end">{figure(self.most * part)}</text>'
        for index, stage in enumerate(self.stages):
            x, _ = self.place(index, 0)
            yield f'<text x="{x:.0f}" y="{self.y + HEIGHT + 16}" text-anchor="middle">{short(stage[self.axis])}</text>'
        for number, (name, label) in enumerate(self.series):
            yield from self.draw_series(name, COLORS[number])
            yield (f'<text x="{self.x + WIDTH}" y="{self.y + HEIGHT + 48 + number * LINE_Y}" text-anchor="end" '
                   f'fill="{COLORS[number]}">{escape(self.describe(name, label))}</text>')

    def describe(self, name, label):
        first, last = self.value(self.stages[0], name), self.value(self.stages[-1], name)
        change = f" ({last / first - 1:+.0%})" if len(self.stages) > 1 and first > 0 else ""
        return f"{label} {figure(first)} to {figure(last)}{change}"

    def draw_series(self, name, color):
        points = [self.place(index, self.value(stage, name)) for index, stage in enumerate(self.stages)]
        yield (f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" stroke="{color}" '
               'stroke-width="2"/>')
        for index, (stage, (x, y)) in enumerate(zip(self.stages, points)):
            if f"{name}_most" in stage:
                _, low = self.place(index, self.value(stage, f"{name}_least"))
                _, high = self.place(index, self.value(stage, f"{name}_most"))
                yield f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{color}"/>'
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>'


def draw(about, stages):
    """The lines of the picture."""
    width = LEFT + len(AXES) * (WIDTH + GAP_X)
    height = TOP + len(ROWS) * (HEIGHT + GAP_Y)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11" '
           'fill="#222"><rect width="100%" height="100%" fill="#fff"/>')
    yield (f'<text x="{LEFT}" y="24" font-size="15">What changes with the size of a gateway</text><text x="{LEFT}" y="42">'
           + escape(f'bench/scale at {about["commit"]}, {about["when"]}, {about["cores"]} cores, {about["cpu"]}, fdatasync '
                    f'{about["fdatasync_ms"]:.2f} ms, load average {about["load_average_at_start"]:.1f} to '
                    f'{about["load_average_at_end"]:.1f}; in brackets the change from the least to the most') + "</text>")
    for row, (title, unit, divisor, series) in enumerate(ROWS):
        for column, (axis, words) in enumerate(AXES):
            panel = Panel(column, row, series_of(stages, axis), axis, unit, divisor, series)
            yield (f'<text x="{panel.x}" y="{panel.y - 8}" font-size="12">{escape(f"{title}, {unit}")}</text>'
                   f'<text x="{panel.x + WIDTH / 2}" y="{panel.y + HEIGHT + 32}" text-anchor="middle">{words}</text>')
            yield from panel.draw()
    yield "</svg>"


def changes(stages):
    """Cost curves that are not flat, in words."""
    for axis, words in AXES:
        found = series_of(stages, axis)
        for name, label in (("call_instructions", "a call"), ("push_instructions", "a CDR push")):
            change = max(abs(stage[name] / found[0][name] - 1) for stage in found)
            yield f"{words}: {label} {change:.1%}, {'flat' if change < FLAT else 'NOT FLAT'}"


def main():
    files = [json.loads(Path(name).read_text()) for name in sys.argv[1:-1]]
    stages = {tuple(stage[name] for name, _ in AXES): stage for file in files for stage in file["stages"]}
    Path(sys.argv[-1]).write_text("\n".join(draw(files[0]["about"], list(stages.values()))) + "\n")
    print("\n".join(changes(list(stages.values()))))


if __name__ == "__main__":
    main()
