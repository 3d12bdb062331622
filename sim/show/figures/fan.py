"""How harm develops over the weeks, and how it parts from the counterfactual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.measures import KILLED
from sim.scenario.actions import CLOSES
from sim.scenario.case import COUNTERFACTUAL
from sim.show.figures.style import MONTH, THOUSANDS, colour, new_figure, styled
from sim.show.text import title_of

if TYPE_CHECKING:
    from sim.study.comparison import Comparison


def _sums(values: np.ndarray, span: int) -> np.ndarray:
    """Return sums of (R, weeks) over spans of so many weeks: (R, spans)."""
    spans = values.shape[1] // span
    return values[:, : spans * span].reshape(values.shape[0], spans, span).sum(axis=2)


@styled
def fan(result: Comparison, name: str) -> Figure:
    """Civilians killed over time under one schedule, and how it parts from the counterfactual."""
    case = result.scenario
    span = MONTH if case.weeks >= 2 * MONTH else 1
    weeks = result.weekly.coords["week"].values[::span][: case.weeks // span]
    weekly = result.weekly.sel(series=list(KILLED)).sum("series")
    own = _sums(weekly.sel(schedule=name).values.astype(float), span)
    base = _sums(weekly.sel(schedule=COUNTERFACTUAL).values.astype(float), span)
    tint = colour(result, name)
    panels = 1 if name == COUNTERFACTUAL else 2
    figure = new_figure(7.5, 2.9 * panels + 0.3)
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    _bands(axes[0], weeks, own, tint)
    axes[0].plot(weeks, np.median(base, axis=0), color="0.2", lw=1.0, ls="--")
    axes[0].set_ylabel(f"civilians killed in {'four weeks' if span == MONTH else 'a week'}")
    axes[0].set_ylim(0, float(np.quantile(own, 0.995)) * 1.08 or 1.0)
    kept = result.kept["trajectories"]
    few = f" (the first {kept:,d} of {result.replicates:,d} runs)" if kept < result.replicates else ""
    axes[0].set_title(title_of(result, name) + few)
    if panels == 2:
        gap = np.cumsum(own - base, axis=1)
        _bands(axes[1], weeks, gap, tint)
        axes[1].axhline(0.0, color="0.2", lw=1.0, ls="--")
        axes[1].set_ylabel("killed since the start,\nmore than with no drawdown")
    plan = next(p for p in result.schedules if p.name == name)
    days = sorted({a.on for a in plan.actions if a.do in CLOSES})
    for ax in axes:
        for day in days:
            ax.axvline(mdates.date2num(day), color="0.8", lw=0.7, zorder=0)
        ax.yaxis.set_major_formatter(THOUSANDS)
        if len(weeks) > 1:
            ax.set_xlim(weeks[0], weeks[-1])
    handles = [
        Line2D([], [], color=tint, lw=1.8, label="median run"),
        Line2D([], [], color=tint, lw=7, alpha=0.45, label="half of the runs"),
        Line2D([], [], color=tint, lw=7, alpha=0.18, label="nine runs in ten"),
        Line2D([], [], color=tint, lw=0.6, label="three single runs"),
        Line2D([], [], color="0.2", lw=1, ls="--", label="no drawdown (median)"),
    ]
    if days:
        handles.append(Line2D([], [], color="0.8", lw=0.9, label="a base closes"))
    axes[0].legend(handles=handles, fontsize=7, frameon=False, ncols=2, loc="upper right")
    return figure


def _bands(axes: Axes, x: np.ndarray, runs: np.ndarray, tint: str) -> None:
    """Draw quantile bands, the median and three single runs of (R, T) values."""
    q = np.quantile(runs, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    axes.fill_between(x, q[0], q[4], color=tint, alpha=0.18, lw=0)
    axes.fill_between(x, q[1], q[3], color=tint, alpha=0.32, lw=0)
    for r in range(min(3, len(runs))):
        axes.plot(x, runs[r], color=tint, lw=0.5, alpha=0.7)
    axes.plot(x, q[2], color=tint, lw=1.8)
