"""Figures of a comparison: timeline of closures, fan charts, district maps, paired differences."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.build import build
from sim.measures import KILLED, METRIC
from sim.scenario.actions import ACTIONS
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Action, Schedule
from sim.show import maps
from sim.show.text import signed, title_of
from sim.world.codes import UnitKind
from sim.world.mission import execute_schedule

if TYPE_CHECKING:
    from sim.study.compare import Comparison

COLOURS = ("#0072B2", "#D55E00", "#7B3F98", "#009E73", "#B8860B", "#56B4E9", "#CC79A7")
"""One a schedule, distinguishable with colour-blindness (after Okabe & Ito 2008)."""
GREY = "#666666"
MONTH = 4
"""Weeks that fan charts sum over."""
_THOUSANDS = FuncFormatter(lambda x, _: f"{x:,.0f}")
_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "drawdown",
}


def colour(result: Comparison, name: str) -> str:
    """Return the colour of a schedule, the same in every figure."""
    if name == COUNTERFACTUAL:
        return GREY
    others = [n for n in result.names if n != COUNTERFACTUAL]
    return COLOURS[others.index(name) % len(COLOURS)]


class Picture(Figure):
    """A figure without pyplot's global state that notebooks show all the same."""

    def _repr_png_(self) -> bytes:
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=110, metadata={"Software": None})
        return png.getvalue()


def _figure(width: float, height: float) -> Figure:
    mpl.rcParams.update(_STYLE)
    figure = Picture(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_all(result: Comparison, folder: Path) -> list[Path]:
    """Write every figure of a comparison as PNG; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {"timeline": timeline(result), "differences": differences(result), "maps": district_maps(result)}
    for name in result.names:
        made[f"fan-{name}"] = fan(result, name)
    files = []
    for name, figure in made.items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150, metadata={"Software": None})
        files.append(path)
    return files


# -- when bases close -------------------------------------------------------------------------------


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


def timeline(result: Comparison) -> Figure:
    """When each base closes under each schedule of a comparison, and the troops that are left."""
    return draw_timeline(
        result.scenario, result.schedules, {name: colour(result, name) for name in result.names}
    )


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
    figure = _figure(max(7.0, 2.0 + 2.0 * len(closing)), 2.6 + 0.2 * max(len(bases), 4))
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
    bottom.set_xlim(weeks[0], weeks[-1])
    bottom.yaxis.set_major_formatter(_THOUSANDS)
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


# -- how it develops --------------------------------------------------------------------------------


def _monthly(values: np.ndarray) -> np.ndarray:
    """Return sums over months of four weeks: (R, months)."""
    months = values.shape[1] // MONTH
    return values[:, : months * MONTH].reshape(values.shape[0], months, MONTH).sum(axis=2)


def fan(result: Comparison, name: str) -> Figure:
    """Civilians killed over time under one schedule, and how it parts from the counterfactual."""
    case = result.scenario
    weeks = result.weekly.coords["week"].values[::MONTH][: case.weeks // MONTH]
    weekly = result.weekly.sel(series=list(KILLED)).sum("series")
    own = _monthly(weekly.sel(schedule=name).values.astype(float))
    base = _monthly(weekly.sel(schedule=COUNTERFACTUAL).values.astype(float))
    tint = colour(result, name)
    panels = 1 if name == COUNTERFACTUAL else 2
    figure = _figure(7.5, 2.9 * panels + 0.3)
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    _bands(axes[0], weeks, own, tint)
    axes[0].plot(weeks, np.median(base, axis=0), color="0.2", lw=1.0, ls="--")
    axes[0].set_ylabel("civilians killed in four weeks")
    axes[0].set_ylim(0, float(np.quantile(own, 0.995)) * 1.08 or 1.0)
    axes[0].set_title(title_of(result, name))
    if panels == 2:
        gap = np.cumsum(own - base, axis=1)
        _bands(axes[1], weeks, gap, tint)
        axes[1].axhline(0.0, color="0.2", lw=1.0, ls="--")
        axes[1].set_ylabel("killed since the start,\nmore than with no drawdown")
    plan = next(p for p in result.schedules if p.name == name)
    days = sorted({a.on for a in plan.actions if a.do in ("close", "end-mission")})
    for ax in axes:
        for day in days:
            ax.axvline(mdates.date2num(day), color="0.8", lw=0.7, zorder=0)
        ax.yaxis.set_major_formatter(_THOUSANDS)
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


# -- where ------------------------------------------------------------------------------------------


def district_maps(result: Comparison, periods: int = 4) -> Figure:
    """Excess deaths by district and period: small multiples, a row a schedule."""
    case = result.scenario
    names = [n for n in result.names if n != COUNTERFACTUAL] or [COUNTERFACTUAL]
    killed = result.places.sel(measure="killed")
    halves = killed.sizes["half_year"]
    periods = min(periods, halves)
    edges = np.linspace(0, halves, periods + 1).round().astype(int)
    people = np.array([d.population for d in case.districts], float)
    rates = {}
    for name in names:
        excess = (killed.sel(schedule=name) - killed.sel(schedule=COUNTERFACTUAL)).mean("replicate").values
        years = np.diff(edges) * 0.5
        sums = np.stack([excess[a:b].sum(axis=0) for a, b in pairwise(edges)])
        rates[name] = sums / years[:, None] / people * 1e5
    largest = max(float(np.abs(v).max()) for v in rates.values())
    limit = _round_up(
        float(np.quantile(np.abs(np.concatenate(list(rates.values()))), 0.97)) or largest or 1.0
    )
    points = maps.project(case.districts)
    width = float(np.ptp(points[:, 0])) + 150.0
    height = float(np.ptp(points[:, 1])) + 150.0
    cell = 1.9
    figure = _figure(cell * periods * (width / height) * 1.25 + 1.2, cell * len(names) + 1.25)
    grid = figure.subplots(len(names), periods, squeeze=False)
    starts = result.places.coords["half_year"].values
    index = {d.id: i for i, d in enumerate(case.districts)}
    for i, name in enumerate(names):
        plan = next(p for p in result.schedules if p.name == name)
        for k in range(periods):
            ax = grid[i, k]
            drawn = maps.draw(ax, case.districts, rates[name][k], cmap="PuOr_r", vmin=-limit, vmax=limit)
            end = starts[edges[k + 1]] if edges[k + 1] < halves else np.datetime64(case.header.end)
            day = end.astype("datetime64[D]").astype(date)
            _mark_bases(ax, case, plan, day, points, index)
            if k == periods - 1:
                _name_largest(ax, case, rates[name][k], points, limit)
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
        drawn,
        ax=grid,
        orientation="horizontal",
        fraction=0.03,
        pad=0.01,
        aspect=50,
        extend="both" if largest > limit else "neither",
    )
    bar.set_label(
        "civilians killed a year per 100,000 people, more (orange)\n"
        "or fewer (violet) than with no drawdown; mean of the runs\n"
        "▲ district with a UN base at the end of the period   × all its bases closed by then\n"
        + maps.CAPTION,
        fontsize=7,
    )
    bar.ax.tick_params(labelsize=7)
    return figure


def _mark_bases(
    ax: Axes, case: Scenario, plan: Schedule, day: date, points: np.ndarray, index: dict[str, int]
) -> None:
    """Mark districts: a triangle where a base is open, a cross where bases have closed and none is left."""
    closed: dict[int, bool] = {}
    for base in case.bases:
        d = index[next(u.district for u in case.units if u.base == base)]
        parts = spans(case, plan, base)
        is_open = any(a <= day <= b for a, b, _ in parts) and not _closed_by(plan, base, day)
        was_open = any(a <= day for a, _, _ in parts)
        if is_open:
            closed[d] = False
        elif was_open and _closed_by(plan, base, day):
            closed.setdefault(d, True)
    for d, gone in closed.items():
        ax.plot(
            *points[d],
            marker="x" if gone else "^",
            ms=3.4,
            color="0.1",
            mfc="none" if gone else "white",
            mew=0.8,
        )


def _name_largest(ax: Axes, case: Scenario, values: np.ndarray, points: np.ndarray, limit: float) -> None:
    """Name the districts with the largest differences, at most three, beside the map."""
    named = [int(d) for d in np.argsort(-np.abs(values))[:3] if abs(values[d]) >= 0.3 * limit]
    low, high = ax.get_ylim()
    apart = 0.1 * (high - low)
    middle = float(np.mean(ax.get_xlim()))
    for east in (False, True):
        y_above = math.inf
        for d in sorted((d for d in named if (points[d, 0] > middle) == east), key=lambda d: -points[d, 1]):
            y = min(float(points[d, 1]), y_above - apart)
            y_above = y
            ax.annotate(
                case.districts[d].name,
                xy=(points[d, 0], points[d, 1]),
                xytext=(1.03 if east else -0.03, (y - low) / (high - low)),
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


def _round_up(x: float) -> float:
    """Return x rounded up to 1, 2 or 5 times a power of ten."""
    if x <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(x))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= x - 1e-12)


# -- which is worse ---------------------------------------------------------------------------------


def differences(result: Comparison, metric: str = "killed") -> Figure:
    """Paired differences from the counterfactual, as quantile dots: each dot stands for equally many runs."""
    names = [n for n in result.names if n != COUNTERFACTUAL]
    figure = _figure(7.5, 1.3 + 0.85 * max(len(names), 1))
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
        highest = int(np.unique(np.floor(q / width), return_counts=True)[1].max())
        step = min(0.075, 0.8 / highest)  # the highest pile stays in its row
        heights: dict[int, int] = {}
        for x in q:
            slot = math.floor(x / width)  # a dot never crosses zero
            heights[slot] = heights.get(slot, 0) + 1
            axes.plot(
                (slot + 0.5) * width,
                row - 0.02 - step * heights[slot],
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
            f"more in {d.higher} of {d.runs} runs; mean {signed(d.mean)}",
            (1.0, row + 0.27),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=7.5,
            color="0.25",
        )
    axes.set_title(f"{METRIC[metric].label.capitalize()}: more or fewer than with no drawdown")
    axes.axvline(0.0, color="0.2", lw=1.0)
    axes.set_yticks(range(len(names)), [textwrap.fill(title_of(result, n), 34) for n in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - 0.6, -0.95)
    axes.xaxis.set_major_formatter(_THOUSANDS)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.set_xlabel(
        "difference from no drawdown in the same simulated world (right of zero: more)\n"
        f"not a forecast;  a dot stands for {result.replicates / dots:g} of {result.replicates} runs;  "
        "diamond and bar: mean and its 95 % interval",
        fontsize=8,
    )
    return figure
