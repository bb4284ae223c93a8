"""The picture: bars on a log scale, above what is better when longer, below what when shorter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#1f6f5c", "#b9b2a3", "#7d8ca3", "#c98b5a")
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1}
BAR = 0.36
_INCHES_A_ROW = 0.62


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of all servers. `ratios` is said beside it; `aim` is marked."""

    says: str
    unit: str
    more_is_better: bool
    values: dict[str, float]
    ratios: str
    aim: float | None


def draw(rows: list[Row], title: str, path: Path) -> None:
    """Write an SVG."""
    groups = [[r for r in rows if r.more_is_better], [r for r in rows if not r.more_is_better]]
    groups = [group for group in groups if group]
    heights = [len(group) for group in groups]
    mpl.rcParams["svg.hashsalt"] = "privity"
    inches = 1.6 + _INCHES_A_ROW * sum(heights) + 0.6 * len(groups)
    figure = Figure(figsize=(9.5, inches), layout="constrained")
    axes = figure.subplots(len(groups), 1, height_ratios=heights, squeeze=False)
    figure.suptitle(title, fontsize=10)
    for group, (axis,) in zip(groups, axes, strict=True):
        _panel(group, axis)
    axes[0][0].legend(loc="lower left", bbox_to_anchor=(0, 1.08), ncols=4, frameon=False)
    figure.savefig(path, metadata={"Date": None})


def _panel(rows: list[Row], axis: Axes) -> None:
    servers = list(dict.fromkeys(server for row in rows for server in row.values))
    shown = [value for row in rows for value in (*row.values.values(), row.aim) if value]
    lowest, highest = min(shown), max(shown)
    axis.set_xscale("log")
    axis.set_xlim(lowest / 2, highest * 3)
    for place, server in enumerate(servers):
        offset = (place - (len(servers) - 1) / 2) * BAR
        heights = [number + offset for number, row in enumerate(rows) if server in row.values]
        values = [row.values[server] for row in rows if server in row.values]
        bars = axis.barh(heights, values, BAR, label=server, color=COLOURS[place])
        axis.bar_label(bars, [_short(value) for value in values], padding=4, fontsize=8, bbox=PAPER)
    for number, row in enumerate(rows):
        beside = axis.get_yaxis_transform()
        axis.text(1.01, number, row.ratios, transform=beside, va="center", weight="bold")
        if row.aim:
            axis.plot([row.aim, row.aim], [number - BAR, number + BAR], color="black", lw=1.5)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axis.set_yticks(range(len(rows)), [f"{row.says}\n{row.unit}" for row in rows], fontsize=8)
    axis.invert_yaxis()
    axis.spines[["top", "right"]].set_visible(False)
    better = "longer" if rows[0].more_is_better else "shorter"
    axis.set_title(
        f"{better} is better; the mark is the aim, at the right how many times better",
        fontsize=9,
        loc="right",
    )


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
