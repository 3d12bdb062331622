"""Which schedule is worse: paired differences as dots."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.measures import METRIC
from sim.scenario.case import COUNTERFACTUAL
from sim.show.figures.style import THOUSANDS, colour, new_figure, styled
from sim.show.text import signed, title_of

if TYPE_CHECKING:
    from sim.study.comparison import Comparison


def piles(values: np.ndarray, width: float) -> list[tuple[float, int]]:
    """Return where the dot of each value stands: the middle of its slot, and how high in its pile, from 1.

    Slots are `width` wide and begin at zero, so that no dot crosses it.
    """
    heights: dict[int, int] = {}
    placed = []
    for x in values:
        slot = math.floor(x / width)
        heights[slot] = heights.get(slot, 0) + 1
        placed.append(((slot + 0.5) * width, heights[slot]))
    return placed


@styled
def differences(result: Comparison, metric: str = "killed") -> Figure:
    """Paired differences from the counterfactual, as quantile dots: each dot stands for equally many runs."""
    names = sorted(
        (n for n in result.names if n != COUNTERFACTUAL), key=lambda n: result.difference(metric, n).mean
    )  # the least harm first
    figure = new_figure(7.5, 1.75 + 0.85 * max(len(names), 1))
    axes = figure.subplots()
    own = {
        n: (
            result.totals.sel(schedule=n, metric=metric)
            - result.totals.sel(schedule=COUNTERFACTUAL, metric=metric)
        ).values
        for n in names
    }
    dots = min(50, result.replicates)
    spread = np.concatenate(list(own.values())) if names else np.zeros(1)
    reach = float(np.ptp(np.append(spread, 0.0))) or 1.0
    width = reach / 70.0
    for row, name in enumerate(names):
        q = np.quantile(own[name], (np.arange(dots) + 0.5) / dots)
        piled = piles(q, width)
        step = min(0.075, 0.62 / max(height for _, height in piled))  # clear of the words of the row above
        for x, height in piled:
            axes.plot(
                x,
                row - 0.02 - step * height,
                "o",
                ms=4.2,
                color=colour(result, name),
                mec="white",
                mew=0.3,
            )
        d = result.difference(metric, name)
        if d.runs > 1:
            axes.plot(
                [d.mean_low, d.mean_high], [row + 0.1] * 2, color="black", lw=2.2, solid_capstyle="butt"
            )
        axes.plot(d.mean, row + 0.1, "D", ms=4.5, color="black", mfc="white")
        axes.annotate(
            f"more in {d.higher} of {d.runs} matched worlds, fewer in {d.lower}; mean {signed(d.mean)}",
            (1.0, row + 0.27),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=7.5,
            color="0.25",
        )
    counted = "\n(by armed groups, state forces and communal militias)" if metric == "killed" else ""
    axes.set_title(
        f"{METRIC[metric].label.capitalize()}: more or fewer than with no drawdown{counted}\n"
        f"{result.scenario.header.title}",
        fontsize=9,
    )
    axes.axvline(0.0, color="0.2", lw=1.0)
    axes.set_yticks(range(len(names)), [textwrap.fill(title_of(result, n), 34) for n in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - 0.6, -0.95)
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.set_xlabel(
        "difference from no drawdown in the same simulated world over the whole run\n"
        f"(right of zero: more); {result.replicates} matched worlds; a dot stands for {100 / dots:g} in 100\n"
        "diamond and bar: the mean, and where it may lie (95 % interval, of chance alone:\n"
        "other rules would give another).  Not a forecast.",
        fontsize=8,
    )
    return figure
