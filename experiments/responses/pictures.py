"""The picture of a row: a column a case, a panel for measures of one unit, intervals throughout."""

from __future__ import annotations

import math
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rows import RECORD, TERRITORIES, ZONES, Response

from sim.show.figures.style import COLOURS, GREY, new_figure, styled

GREEN = "#2E7D4F"
VARIED = {
    "dose": "times the strength of every unit",
    "distance": "hours to the nearest base",
    "reduce": "every base reduced to",
    "host": "state forces",
    "help": "travel time",
}
"""What the levels of a row are, below its panels."""
CUT = 400.0
"""Per cent beyond which an interval tells nothing, and is cut."""
HALF_WIDTH = 0.12
"""How far series stand apart at one level."""


def picture(row: Response, table: pd.DataFrame) -> Figure:
    """Return the picture of a row from its points."""
    special = {"dispersion": _dispersion, "one-by-one": _one_by_one, "floor": _floor}
    return special.get(row.name, _grid)(row, table)


@styled
def _grid(row: Response, table: pd.DataFrame) -> Figure:
    cases = list(dict.fromkeys(table["case"]))
    panels = [(label, shown) for label, shown in row.drawn if table["measure"].isin(shown).any()]
    figure = new_figure(1.0 + 2.7 * len(cases), 0.9 + 2.3 * len(panels))
    axes = figure.subplots(len(panels), len(cases), squeeze=False)
    for i, (label, shown) in enumerate(panels):
        for j, case in enumerate(cases):
            ax = axes[i][j]
            here = table[(table["case"] == case) & table["measure"].isin(shown)]
            if i == 0:
                ax.set_title(case)
            if here.empty:
                ax.set_axis_off()
                continue
            _series(ax, here, shown)
            if i == len(panels) - 1:
                ax.set_xlabel(VARIED.get(row.name, ""), fontsize=8)
            if j == 0:
                ax.set_ylabel(label)
        _legend(axes[i], shown, table)
    return _titled(figure, row)


def _series(ax: Axes, here: pd.DataFrame, shown: tuple[str, ...]) -> None:
    """Draw series by level; levels that are numbers are joined, at even steps."""
    measures = [m for m in shown if (here["measure"] == m).any()]
    levels = list(dict.fromkeys(here["level"]))
    ordered = all(_number(level) for level in levels) and len(levels) > 2
    for k, measure in enumerate(measures):
        rows = here[here["measure"] == measure]
        x = np.array([levels.index(level) for level in rows["level"]], float)
        x += HALF_WIDTH * (k - (len(measures) - 1) / 2)
        _points(ax, x, rows, COLOURS[shown.index(measure) % len(COLOURS)], joined=ordered)
        for at, bound in zip(x, zip(rows["bound_low"], rows["bound_high"], strict=True), strict=True):
            _bound(ax, at, bound)
    if here["value"].min() < 0 < here["value"].max() or (here["low"] < 0).any():
        ax.axhline(0.0, color="0.4", lw=0.7)
    elif here["value"].min() >= 0:
        ax.set_ylim(bottom=0.0)
    if len(here) and here["unit"].iloc[0] == "%" and here[["low", "high"]].abs().to_numpy().max() > CUT:
        ax.set_ylim(-0.3 * CUT, 0.6 * CUT)
        ax.annotate("intervals cut", (0.98, 0.98), xycoords="axes fraction", ha="right", va="top", fontsize=7)
    short = max((len(level) for level in levels), default=0) * len(levels) <= 36
    ax.set_xticks(
        range(len(levels)), levels, fontsize=7, rotation=0 if short else 35,
        ha="center" if short else "right", rotation_mode="default" if short else "anchor",
    )  # fmt: skip
    ax.set_xlim(-0.6, max(len(levels), 1) - 0.4)


def _points(ax: Axes, x: np.ndarray, rows: pd.DataFrame, tint: str, *, joined: bool = False) -> None:
    ax.vlines(x, rows["low"], rows["high"], color=tint, lw=1.6, alpha=0.8)
    ax.plot(x, rows["value"], "o-" if joined else "o", color=tint, ms=3.5, lw=0.8)


def _bound(ax: Axes, x: float, bound: tuple[float, float]) -> None:
    """Mark where a value should lie, if it is held between two ends or below one."""
    ends = [b for b in bound if np.isfinite(b) and b != 0.0]
    for end in ends:
        ax.plot([x - 0.3, x + 0.3], [end, end], color=GREEN, lw=1.2)
    if len(ends) == 2:
        ax.fill_between([x - 0.3, x + 0.3], ends[0], ends[1], color=GREEN, alpha=0.15, lw=0)


def _number(level: str) -> bool:
    try:
        float(level)
    except ValueError:
        return False
    return True


def _legend(axes: np.ndarray, shown: tuple[str, ...], table: pd.DataFrame) -> None:
    names = [m for m in shown if (table["measure"] == m).any()]
    if len(names) > 1:
        tints = [COLOURS[shown.index(name) % len(COLOURS)] for name in names]
        handles = [axes[-1].plot([], [], "o", ms=3.5, color=tint)[0] for tint in tints]
        axes[-1].legend(
            handles, [textwrap.fill(n, 30) for n in names], fontsize=7, frameon=False,
            loc="center left", bbox_to_anchor=(1.0, 0.5),
        )  # fmt: skip


def _titled(figure: Figure, row: Response) -> Figure:
    words = textwrap.fill(f"Should be: {row.should}", round(figure.get_figwidth() * 14))
    figure.suptitle(f"{row.title}\n{words}", x=0.01, ha="left", fontsize=9)
    return figure


@styled
def _one_by_one(row: Response, table: pd.DataFrame) -> Figure:
    """A column a territory, the two orders below each other; colours are zones."""
    figure = new_figure(9.2, 6.0)
    orders = ("strongest first", "weakest first")
    axes = figure.subplots(len(orders), len(TERRITORIES), sharey="col")
    for j, name in enumerate(TERRITORIES.values()):
        for i, order in enumerate(orders):
            ax = axes[i][j]
            names = {f"more killed {zone}" for zone in ZONES}
            here = table[table["level"].str.startswith(f"{name}, {order}") & table["measure"].isin(names)]
            every = list(dict.fromkeys(here["level"]))
            for k, zone in enumerate(ZONES):
                rows = here[here["measure"] == f"more killed {zone}"]
                x = np.arange(len(rows)) + 1 + HALF_WIDTH * (k - 1)
                _points(ax, x, rows, COLOURS[k])
            ax.axhline(0.0, color="0.4", lw=0.7)
            gone = [level[level.index("(") + 1 :].split(" ")[0] for level in every]
            ax.set_xticks(range(1, len(every) + 1), [f"{k + 1}\n{g}" for k, g in enumerate(gone)], fontsize=7)
            ax.set_title(f"{name}, {order}", fontsize=9)
            if j == 0:
                ax.set_ylabel("more killed a year")
            if i == 1 and j == 1:
                ax.set_xlabel("bases closed, and the troops that went with them", fontsize=8)
    _legend(axes[0], tuple(f"more killed {z}" for z in ZONES), table)
    return _titled(figure, row)


@styled
def _dispersion(row: Response, table: pd.DataFrame) -> Figure:
    """A panel a number, cases beside each other, the record's range as a band."""
    measures = [m for m in dict.fromkeys(table["measure"]) if m in RECORD]
    others = [m for m in dict.fromkeys(table["measure"]) if m not in RECORD]
    cases = list(dict.fromkeys(table["case"]))
    high = math.ceil(len([*measures, *others]) / 4)
    figure = new_figure(9.6, 2.5 * high)
    axes = figure.subplots(high, 4).ravel()
    for ax, measure in zip(axes, [*measures, *others], strict=False):
        rows = table[table["measure"] == measure].set_index("case").reindex(cases)
        bound = rows["bound_low"].iloc[0], rows["bound_high"].iloc[0]
        if np.isfinite(bound).all():
            ax.axhspan(*bound, color=GREEN, alpha=0.15, lw=0)
        for k, case in enumerate(cases):
            _points(ax, np.array([float(k)]), rows.loc[[case]], COLOURS[k % len(COLOURS)])
        unit = (
            f" ({rows['unit'].iloc[0]})"
            if isinstance(rows["unit"].iloc[0], str) and rows["unit"].iloc[0]
            else ""
        )
        ax.set_title(textwrap.fill(measure + unit, 30), fontsize=8)
        ax.set_xticks(range(len(cases)), cases, rotation=30, ha="right", fontsize=7)
        ax.set_xlim(-0.6, len(cases) - 0.4)
        ax.axhline(0.0, color="0.4", lw=0.7)
    for ax in axes[len(measures) + len(others) :]:
        ax.set_visible(False)
    return _titled(figure, row)


@styled
def _floor(row: Response, table: pd.DataFrame) -> Figure:
    rows = table[table["measure"] == "attacks without abusiveness"]
    own = table[table["measure"] == "parameters of its own"].set_index("case")["value"]
    figure = new_figure(6.4, 3.6)
    ax = figure.subplots()
    y = np.arange(len(rows))[::-1]
    ax.axvspan(0.0, 2.0, color=GREEN, alpha=0.15, lw=0)
    ax.hlines(y, rows["low"], rows["high"], color=COLOURS[0], lw=1.6)
    ax.plot(rows["value"], y, "o", ms=4, color=COLOURS[0])
    for at, case in zip(y, rows["case"], strict=True):
        count = int(own.get(case, 0))
        if count:
            ax.annotate(
                f"{count} parameters of its own", (1.0, at), xycoords=("axes fraction", "data"),
                ha="right", va="center", fontsize=7, color=GREY,
            )  # fmt: skip
    ax.set_yticks(y, rows["case"], fontsize=8)
    ax.set_xlim(-0.5, 1.35 * rows["high"].max())  # room for what is written beside
    ax.set_xlabel("attacks with abusiveness 0, % of the default's")
    return _titled(figure, row)
