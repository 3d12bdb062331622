"""One run over time: harm, displacement, control, and vacuums."""

from __future__ import annotations

import matplotlib.dates as mdates
import numpy as np
from matplotlib.figure import Figure

from sim import measures
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.show.figures.style import MONTH, THOUSANDS, new_figure, styled
from sim.world.state import World

GROUPS, ARMY, NOBODY = "#B24A00", "#3A6EA5", "#DDDDDD"
KILLED = {
    "by armed groups": ("killed_by_groups", GROUPS),
    "by state forces": ("killed_by_state", ARMY),
    "by communal militias": ("killed_by_militias", "#7B3F98"),
}


@styled
def run(case: Scenario, plan: Schedule, world: World, weeks: int) -> Figure:
    """Return four panels of the first `weeks` of a run: harm, displacement, control, and vacuums."""
    row = np.asarray(world.record)[:weeks]
    dates = np.array([case.date_of(w) for w in range(weeks)])
    figure = new_figure(8.0, 8.2)
    harm, displaced, control, vacuums = axes = figure.subplots(4, 1, sharex=True)

    months = weeks // MONTH
    whole = months * MONTH
    bottom = np.zeros(months)
    for label, (name, tint) in KILLED.items():
        sums = row[name].sum(axis=1)[:whole].reshape(months, MONTH).sum(axis=1)
        if sums.any():
            harm.bar(dates[:whole:MONTH], sums, 24, bottom=bottom, color=tint, label=label, align="edge")
        bottom += sums
    harm.set_ylim(0, 1.2 * max(1.0, bottom.max(initial=0.0)))  # room for the legend
    harm.set_ylabel("civilians killed\nin four weeks")
    harm.yaxis.set_major_formatter(THOUSANDS)

    displaced.plot(dates, row["hosted"].sum(axis=1) / 1e6, color="#5B3E8C", label="displaced within the area")
    displaced.set_ylabel("million persons")
    displaced.set_ylim(0)

    by_state = row["state_control"].mean(axis=1)
    by_groups = row["group_control"].mean(axis=1)
    control.stackplot(
        dates,
        by_state,
        np.clip(1.0 - by_state - by_groups, 0.0, 1.0),
        by_groups,
        colors=[ARMY, NOBODY, GROUPS],
        labels=["state", "nobody", "armed groups"],
    )
    control.set_ylim(0, 1)
    control.set_ylabel("control\n(mean of districts)")

    vacuums.fill_between(
        dates,
        measures.in_vacuum(row[None])[0].sum(axis=1),
        step="post",
        color="#888888",
        label="districts in a security vacuum",
    )
    vacuums.set_ylabel("districts")
    vacuums.set_ylim(0)

    closed = measures.realised(measures.closures(case, plan), world.schedule["done"])[0]
    for ax in axes:
        for week in closed[closed >= 0]:
            ax.axvline(mdates.date2num(case.date_of(int(week))), color="0.6", lw=0.7, ls=":", zorder=3)
        if ax.get_legend_handles_labels()[0]:
            ax.legend(fontsize=7.5, frameon=ax is control, loc="upper left", ncols=3)
        if len(dates) > 1:
            ax.set_xlim(dates[0], dates[-1])
    figure.suptitle(
        f"{case.header.title}\n{plan.title}, one run (dotted: a base closes)",
        x=0.01,
        ha="left",
        fontsize=10.5,
    )
    return figure
