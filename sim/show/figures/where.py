"""Where the harm lies: maps by district and period."""

from __future__ import annotations

import math
import textwrap
from datetime import date
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure

from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.show import maps
from sim.show.figures.style import colour, new_figure, styled
from sim.show.figures.timeline import spans
from sim.show.text import title_of

if TYPE_CHECKING:
    from sim.study.comparison import Comparison


STEPS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Edges of the classes of a map, for deaths a year per 100,000 people: each about three times the last."""
TELL = 2.0
"""Standard errors that a mean must lie off zero to be coloured: about 95 in 100."""


@styled
def district_maps(result: Comparison, periods: int = 4) -> Figure:
    """Excess deaths by district and period: small multiples, a row a schedule.

    Coloured is only what the runs can tell from nothing, district by district.
    """
    case = result.scenario
    names = [n for n in result.names if n != COUNTERFACTUAL] or [COUNTERFACTUAL]
    halves = result.places.sizes["half_year"]
    periods = min(periods, halves)
    edges = np.linspace(0, halves, periods + 1).round().astype(int)
    rates = {name: excess_rates(result, name, edges) for name in names}
    largest = max(float(np.nanmax(np.abs(v), initial=0.0)) for v in rates.values())
    classes = [s for s in STEPS if s < largest] or [STEPS[0]]
    bounds = [-x for x in classes[::-1]] + classes
    norm = BoundaryNorm(bounds, mpl.colormaps["PuOr_r"].N, extend="both")
    points = maps.project(case.districts)
    width = float(np.ptp(points[:, 0])) + 150.0
    height = float(np.ptp(points[:, 1])) + 150.0
    cell = 1.9
    figure = new_figure(cell * periods * (width / height) * 1.25 + 1.2, cell * len(names) + 1.75)
    grid = figure.subplots(len(names), periods, squeeze=False)
    starts = result.places.coords["half_year"].values
    index = {d.id: i for i, d in enumerate(case.districts)}
    for i, name in enumerate(names):
        plan = next(p for p in result.schedules if p.name == name)
        for k in range(periods):
            ax = grid[i, k]
            drawn = maps.draw(
                ax, case.districts, rates[name][k], cmap="PuOr_r", norm=norm, outlines=case.outlines
            )
            end = starts[edges[k + 1]] if edges[k + 1] < halves else np.datetime64(case.header.end)
            day = end.astype("datetime64[D]").astype(date)
            mark_bases(ax, case, plan, day, points, index)
            if k == periods - 1:
                name_largest(ax, case, np.nan_to_num(rates[name][k]), points)
            if i == 0:
                ax.set_title(f"{str(starts[edges[k]])[:7]} to {str(end)[:7]}", fontsize=8, loc="center")
        grid[i, 0].text(
            -0.04,
            0.5,
            "\n".join(textwrap.wrap(title_of(result, name), 22)),
            rotation=90,
            transform=grid[i, 0].transAxes,
            va="center",
            ha="right",
            fontsize=8,
            color=colour(result, name),
            weight="bold",
        )
    bar = figure.colorbar(
        drawn, ax=grid, orientation="horizontal", fraction=0.03, pad=0.01, aspect=50, spacing="uniform"
    )
    bar.set_ticks(bounds, labels=[f"{x:+g}" for x in bounds])
    bar.set_label(
        "civilians killed a year per 100,000 people, more (orange) or fewer (violet) than in the same\n"
        f"simulated world with no drawdown; mean of {result.kept['trajectories']} matched runs, "
        "not a forecast\nwhite: the runs cannot tell it from no difference\n"
        "at the end of the period:  ▲ all UN bases of the district open   half-filled: some closed   "
        "× all closed\n" + maps.caption(case.outlines),
        fontsize=7,
    )
    bar.ax.tick_params(labelsize=7)
    return figure


def excess_rates(result: Comparison, name: str, edges: np.ndarray) -> np.ndarray:
    """Return excess deaths a year per 100,000 people by period and district: float (periods, D).

    `edges`: first half-year of each period, and the end. NaN where the mean of the paired differences lies
    within `TELL` standard errors of zero, or where there are fewer than five runs to tell by.
    """
    killed = result.places.sel(measure="killed")
    gap = (killed.sel(schedule=name) - killed.sel(schedule=COUNTERFACTUAL)).values.astype(float)
    sums = np.add.reduceat(gap, edges[:-1], axis=1)  # (R, periods, D)
    mean = sums.mean(axis=0)
    if len(sums) < 5:
        return np.full(mean.shape, np.nan)
    told = np.abs(mean) > TELL * sums.std(axis=0, ddof=1) / math.sqrt(len(sums))
    years = np.diff(edges) * 0.5
    people = np.array([d.population for d in result.scenario.districts], float)
    return np.where(told, mean / years[:, None] / people * 1e5, np.nan)


def mark_bases(
    ax: Axes, case: Scenario, plan: Schedule, day: date, points: np.ndarray, index: dict[str, int]
) -> None:
    """Mark districts with bases: a triangle where all are open, half of one where some are, else a cross."""
    counts: dict[int, list[int]] = {}  # open, closed
    for base in case.bases:
        d = index[next(u.district for u in case.units if u.base == base)]
        parts = spans(case, plan, base)
        closed = _closed_by(plan, base, day)
        if any(a <= day <= b for a, b, _ in parts) and not closed:
            counts.setdefault(d, [0, 0])[0] += 1
        elif any(a <= day for a, _, _ in parts) and closed:
            counts.setdefault(d, [0, 0])[1] += 1
    for d, (still, gone) in counts.items():
        ax.plot(
            *points[d],
            marker="^" if still else "x",
            ms=3.8,
            color="0.1",
            fillstyle="bottom" if still and gone else "full",
            mfc="0.1" if still else "none",
            markerfacecoloralt="white",
            mec="white" if still and not gone else "0.1",
            mew=0.5 if still else 0.8,
        )


def name_largest(
    ax: Axes,
    case: Scenario,
    values: np.ndarray,
    points: np.ndarray,
    inside: float = -0.03,
    longest: int = 99,
) -> None:
    """Name the districts with the largest differences, at most three, beside the map.

    `inside`: how far from the edges of the axes the names begin, as a share of their width. `longest`:
    characters of a name that are written.
    """
    named = [int(d) for d in np.argsort(-np.abs(values))[:3] if abs(values[d]) >= STEPS[0]]
    low, high = ax.get_ylim()
    apart = 0.1 * (high - low)
    middle = float(np.mean(ax.get_xlim()))
    for east in (False, True):
        y_above = math.inf
        for d in sorted((d for d in named if (points[d, 0] > middle) == east), key=lambda d: -points[d, 1]):
            y = min(float(points[d, 1]), y_above - apart)
            y_above = y
            ax.annotate(
                textwrap.shorten(case.districts[d].name, longest, placeholder=" …"),
                xy=(points[d, 0], points[d, 1]),
                xytext=(1.0 - inside if east else inside, (y - low) / (high - low)),
                textcoords="axes fraction",
                ha="left" if east else "right",
                va="center",
                fontsize=6.5,
                color="0.15",
                arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "0.45", "shrinkA": 1, "shrinkB": 4},
            )


def _closed_by(plan: Schedule, base: str, day: date) -> bool:
    return any(
        a.on <= day and (a.do == "end-mission" or (a.do == "close" and a.base == base)) for a in plan.actions
    )
