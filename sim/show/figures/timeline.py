"""When bases close under each schedule, and the troops that are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.build import build
from sim.scenario.actions import ACTIONS
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Action, Schedule
from sim.show.figures.style import THOUSANDS, colour, new_figure, styled
from sim.world.codes import UnitKind
from sim.world.mission import execute_schedule

if TYPE_CHECKING:
    from sim.study.comparison import Comparison


def spans(case: Scenario, plan: Schedule, base: str) -> list[tuple[date, date, int]]:
    """Return (from, to, troops) of a base under a schedule, a span for each strength."""
    ends = [a.on for a in plan.actions if a.do == "end-mission" or (a.do == "close" and a.base == base)]
    closes = min(ends) if ends else None
    marks = {case.header.start, case.header.end}
    for u in case.units:
        if u.base != base:
            continue
        opening = case.opening(plan, u)
        if opening and opening <= case.header.end:
            marks.add(opening)
        if u.until:
            marks.add(date.fromordinal(u.until.toordinal() + 1))
    marks |= {a.on for a in plan.actions if a.base == base}
    if closes:
        marks.add(closes)
    days = sorted(m for m in marks if case.header.start <= m <= case.header.end)
    result = []
    for a, b in pairwise(days):
        if closes and a >= closes:
            break
        troops = case.strength_at(plan, base, date.fromordinal(a.toordinal() + 1))
        if troops:
            result.append((a, b, troops))
    return result


def troops_over(case: Scenario, plan: Schedule) -> np.ndarray:
    """Return the troops of each week under a schedule as planned: int (weeks,)."""
    world, _ = build(case, plan.as_planned())
    total = np.zeros(case.weeks, np.int64)
    for week in range(case.weeks):
        world.clock["week"] = week
        execute_schedule(world)
        units = world.peacekeepers
        total[week] = units["strength"][(units["present"] == 1) & (units["kind"] == UnitKind.INFANTRY)].sum()
    return total


@styled
def timeline(result: Comparison) -> Figure:
    """When each base closes under each schedule of a comparison, and the troops that are left."""
    return draw_timeline(
        result.scenario, result.schedules, {name: colour(result, name) for name in result.names}
    )


@styled
def draw_timeline(case: Scenario, plans: Sequence[Schedule], colours: Mapping[str, str]) -> Figure:
    """When each base closes under each schedule, and the troops that are left."""
    closing = [p for p in plans if p.name != COUNTERFACTUAL]
    order: dict[str, date] = {}
    for plan in closing:
        for action in sorted(plan.actions, key=lambda a: (a.on, a.base)):
            if action.do in ("close", "convert", "relocate"):
                order.setdefault(action.base, action.on)
    first = {a.base: a.on for a in closing[0].actions if a.do == "close"} if closing else {}
    bases = sorted(order, key=lambda b: (first.get(b, date.max), order[b], b))
    figure = new_figure(max(7.0, 2.0 + 2.0 * len(closing)), 2.6 + 0.2 * max(len(bases), 4))
    heights = [max(len(bases), 4) * 0.2, 1.3]
    grid = figure.add_gridspec(2, max(len(closing), 1), height_ratios=heights)
    top = None
    marks: dict[str, Artist] = {}
    years = max(1, round((case.header.end - case.header.start).days / 365.25 / 4))
    for i, plan in enumerate(closing):
        axes = figure.add_subplot(grid[0, i], sharey=top, sharex=top)
        top = top or axes
        for row, base in enumerate(bases):
            for a, b, _ in spans(case, plan, base):
                left, width = mdates.date2num(a), (b - a).days
                axes.barh(row, width, left=left, height=0.62, color=colours[plan.name])
        _draw_actions(axes, case, plan, bases, colours[plan.name], marks)
        axes.set_title(plan.title if len(plan.title) <= 24 else plan.name[:28], fontsize=8.5)
        axes.set_ylim(len(bases) - 0.4, -0.6)
        axes.set_yticks(range(len(bases)), bases, fontsize=7.5)
        axes.tick_params(axis="y", length=0, labelleft=i == 0)
        axes.xaxis_date()
        axes.xaxis.set_major_locator(mdates.YearLocator(years))
        axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
        axes.set_xlim(mdates.date2num(case.header.start), mdates.date2num(case.header.end))
        axes.grid(axis="x", color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
    bottom = figure.add_subplot(grid[1, :])
    weeks = mdates.date2num([case.date_of(w) for w in range(case.weeks)])
    for plan in plans:
        bottom.plot(
            weeks,
            troops_over(case, plan),
            color=colours[plan.name],
            lw=1.6,
            drawstyle="steps-post",
            ls="--" if plan.name == COUNTERFACTUAL else "-",
            label=plan.title,
        )
        for action in plan.actions:
            if action.do == "start-follow-on":
                day = mdates.date2num(action.on)
                bottom.axvline(day, color=colours[plan.name], lw=0.9, ls=":")
                bottom.annotate(
                    f"follow-on: {action.follow_on}", (day, 0.86), xycoords=("data", "axes fraction"),
                    xytext=(3, 0), textcoords="offset points", va="top", fontsize=7,
                    color=colours[plan.name],
                )  # fmt: skip
    bottom.xaxis_date()
    bottom.set_ylim(0)
    if len(weeks) > 1:
        bottom.set_xlim(weeks[0], weeks[-1])
    bottom.yaxis.set_major_formatter(THOUSANDS)
    bottom.set_ylabel("troops")
    bottom.legend(fontsize=7, frameon=False, ncols=2, loc="lower left")
    if marks:
        figure.legend(
            marks.values(), marks, loc="outside lower left", ncols=4, fontsize=7, frameon=False,
            handlelength=1.6, columnspacing=1.2,
        )  # fmt: skip
    figure.suptitle(
        "When bases close (bars end), and the troops that are left", x=0.01, ha="left", fontsize=11
    )
    return figure


def _draw_actions(
    axes: Axes,
    case: Scenario,
    plan: Schedule,
    bases: Sequence[str],
    tint: str,
    marks: dict[str, Artist],
) -> None:
    """Draw over the bars of a schedule what it does besides closing, and note what needs a legend."""
    ends = [a.on for a in plan.actions if a.do == "end-mission"]
    end = min(ends, default=case.header.end)
    gates = {g.name: g for g in plan.gates}

    def dot(row: int, a: Action, shape: str, label: str) -> None:
        axes.plot(
            mdates.date2num(a.on), row, shape, ms=4.2, mfc="white", mec="0.15", mew=0.8, zorder=5,
            clip_on=False,
        )  # fmt: skip
        marks.setdefault(label, Line2D([], [], marker=shape, ls="", ms=4.2, mfc="white", mec="0.15", mew=0.8))

    def line(row: int, a: date, b: date, label: str, **style: Any) -> None:
        axes.plot([mdates.date2num(a), mdates.date2num(b)], [row, row], color=tint, **style)
        marks.setdefault(label, Line2D([], [], color="0.4", **style))

    for row, base in enumerate(bases):
        own = sorted((a for a in plan.actions if a.base == base), key=lambda a: a.on)
        closing = [a for a in own if a.do == "close"]
        gone = min([a.on for a in closing] + ends, default=case.header.end)
        for a in own:
            mark = ACTIONS[a.do].mark
            if mark is not None:
                dot(row, a, *mark)
            elif a.do == "convert":
                left = mdates.date2num(a.on)
                axes.barh(
                    row, (gone - a.on).days, left=left, height=0.62, facecolor="none", edgecolor="white",
                    hatch="/////", linewidth=0.0,
                )  # fmt: skip
                marks.setdefault("mobile", Patch(facecolor="0.4", edgecolor="white", hatch="/////", lw=0))
            elif a.do == "leave-team" and gone < end:
                line(row, gone, end, "civilian team stays", lw=1.4, ls=(0, (1, 1.2)))
            elif a.do == "leave-police" and gone < end:
                line(row, gone, end, "police stay", lw=2.2)
            if a.gate and a.do in ("close", "relocate", "convert"):
                late = min(a.on + timedelta(weeks=gates[a.gate].longest_delay), case.header.end)
                line(row, a.on, late, "waits at a gate, at most", marker="|", ms=5, lw=0.9)
