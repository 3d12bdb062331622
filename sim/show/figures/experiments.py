"""Figures of an experiment: criteria side by side, what matters, how answers settle, where it fails."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL
from sim.show.experiments import Analysis, condition, in_words
from sim.show.figures.style import COLOURS, GREY, THOUSANDS, new_figure, styled
from sim.show.numbers import listed, short, wrap
from sim.study.experiments import decide

MOST = 20
"""Factors that are drawn, the largest first."""


def save_all(a: Analysis, folder: Path) -> list[Path]:
    """Draw the figures of an experiment into a folder; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"criteria": criteria(a), "convergence": convergence(a)}
    if not isinstance(a.importance, str):
        drawn["importance"] = importance(a)
    if a.changes is not None:
        drawn["changes"] = changes(a)
    if a.main_effects is not None:
        drawn["main-effects"] = main_effects(a)
    if a.box is not None:
        drawn["conditions"] = conditions(a)
    if a.turnings:
        drawn["levers"] = levers(a)
    made = []
    for name, figure in drawn.items():
        for suffix in ("png", "svg"):
            metadata = {"Software": None} if suffix == "png" else {"Date": None, "Creator": None}
            figure.savefig(folder / f"{name}.{suffix}", dpi=150, metadata=metadata)
            made.append(folder / f"{name}.{suffix}")
    return made


def _foot(a: Analysis) -> str:
    told = a.results.provenance
    return f"Experiment {told['name']} ({told['experiment_sha256'][:8]}). Simulated worlds, not a forecast."


@styled
def criteria(a: Analysis) -> Figure:
    """Three ways to weigh harm side by side; filled: cannot be told from the best by mean harm."""
    rows = a.criteria
    if a.found.beyond_none:
        rows = rows[rows["schedule"] != COUNTERFACTUAL]
    figure = new_figure(7.5, 1.6 + 0.34 * len(rows))
    panels = figure.subplots(1, 3, sharey=True)
    titles = ("mean harm", "mean of the worst\ntwentieth of worlds", "largest regret\n(of a point's mean)")
    y = np.arange(len(rows))
    inside = rows["schedule"].isin(list(a.selection.kept)).to_numpy()
    for axes, column, title in zip(panels, ("mean", "worst", "regret"), titles, strict=True):
        x = rows[column].to_numpy()
        if column == "mean":
            for i, (low, high) in enumerate(zip(rows["mean_low"], rows["mean_high"], strict=True)):
                axes.plot([low, high], [i, i], color="black", lw=2, solid_capstyle="butt")
        axes.scatter(x, y, s=36, c=np.where(inside, COLOURS[0], "white"), edgecolors=COLOURS[0], zorder=3)
        axes.set_title(title, fontsize=9)
        axes.xaxis.set_major_formatter(THOUSANDS)
        axes.locator_params(axis="x", nbins=4)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="0.92")
        ends = [0.0, *x, *(rows["mean_high"] if column == "mean" else ())]
        reach = float(np.nanmax(ends) - np.nanmin(ends)) or 1.0
        axes.set_xlim(float(np.nanmin(ends)) - 0.05 * reach, float(np.nanmax(ends)) + 0.07 * reach)
    panels[0].set_yticks(y, list(rows["schedule"]))
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.supxlabel(
        f"{a.found.words}; bar: 95 % interval of the mean; filled: cannot be told from the best\n{_foot(a)}",
        fontsize=8,
    )
    return figure


@styled
def importance(a: Analysis) -> Figure:
    """What matters to the harm of the worst schedule, with its own uncertainty."""
    found = a.importance
    assert not isinstance(found, str)
    rows = found.table.head(MOST)
    figure = new_figure(7.5, 1.5 + 0.25 * len(rows))
    axes = figure.subplots()
    for i, r in enumerate(rows.itertuples()):
        colour = COLOURS[0] if r.matters else GREY
        axes.plot([r.low, r.high], [i, i], color=colour, lw=2, solid_capstyle="butt")
        axes.plot(r.effect, i, "o", ms=5, color=colour, mfc=colour if r.matters else "white")
    if "noise" in rows:
        axes.axvspan(0, float(rows["noise"].iloc[0]), color="0.93", zorder=0)
    axes.set_yticks(range(len(rows)), list(rows["factor"]))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=min(0.0, float(rows["low"].min())))
    axes.tick_params(axis="y", length=0)
    meaning = {
        "Morris": "mean size of an elementary effect (mu*), in units of the outcome over the whole range",
        "Sobol'": "total Sobol' index: share of the variance that goes with a factor, interactions included",
        "PAWN": "PAWN index: how far knowing the factor moves the distribution of the answer (0 to 1)",
    }[found.method]
    left_out = len(found.table) - len(rows)
    more = f"; {left_out} smaller ones are not shown" if left_out else ""
    grey = "; grey: what shuffled factors seem to do" if "noise" in rows else ""
    axes.set_title(f"What decides the harm of {found.schedule}", fontsize=9)
    axes.set_xlabel(
        f"{meaning}\nbar: 95 % interval; filled: clearly matters{grey}{more}\n{_foot(a)}", fontsize=8
    )
    return figure


@styled
def changes(a: Analysis) -> Figure:
    """How the harm of the worst schedule changes if one thing is different."""
    assert a.changes is not None
    rows = a.changes.head(MOST)
    figure = new_figure(7.5, 1.5 + 0.25 * len(rows))
    axes = figure.subplots()
    for i, r in enumerate(rows.itertuples()):
        colour = COLOURS[0] if r.clear else GREY
        axes.plot([r.low, r.high], [i, i], color=colour, lw=2, solid_capstyle="butt")
        axes.plot(r.change, i, "o", ms=5, color=colour, mfc=colour if r.clear else "white")
    axes.axvline(0.0, color="0.2", lw=1)
    axes.set_yticks(range(len(rows)), [f"{r.factor} {in_words(r.value)}" for r in rows.itertuples()])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(THOUSANDS)
    left_out = len(a.changes) - len(rows)
    more = f"; {left_out} smaller ones are not shown" if left_out else ""
    whole = float(decide.mean_over(a.found.values, axis=1)[0, a.found.schedules.index(a.worst)])
    axes.set_title(f"If one thing were different: the harm of {a.worst}", fontsize=9)
    axes.set_xlabel(
        f"change of {a.found.words} (as it is: {short(whole)})\nbar: 95 % interval over "
        f"{a.found.values.shape[1]:,d} matched worlds; filled: clear among all changes "
        f"together{more}\n{_foot(a)}",
        fontsize=8,
    )
    return figure


@styled
def main_effects(a: Analysis) -> Figure:
    """The harm of the worst schedule over each factor of a grid, all others averaged."""
    assert a.main_effects is not None
    own = a.found.values[:, :, a.found.schedules.index(a.worst)]
    names = [f for f in a.points if a.points[f].nunique() > 1]
    figure = new_figure(2.6 * max(len(names), 2), 3.4)
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        values = list(dict.fromkeys(a.points[name]))
        means = np.stack([own[(a.points[name] == v).to_numpy()].mean(axis=0) for v in values])
        low, high = np.array([mean_interval(row) for row in means]).T
        axes.fill_between(range(len(values)), low, high, color=COLOURS[0], alpha=0.18, lw=0)
        axes.plot(range(len(values)), means.mean(axis=1), "o-", color=COLOURS[0], ms=4, lw=1.6)
        axes.set_xticks(range(len(values)), [f"{v:g}" if isinstance(v, float) else str(v) for v in values])
        axes.set_xlabel(name, fontsize=8)
        axes.tick_params(labelsize=8)
        axes.margins(x=0.15)
        axes.yaxis.set_major_formatter(THOUSANDS)
    panels[0].set_ylim(bottom=min(0.0, panels[0].get_ylim()[0]))
    figure.suptitle(f"The harm of {a.worst}, over each by itself", fontsize=9)
    figure.supxlabel(
        f"{a.found.words}: mean over all other values, with its 95 % interval\n(it holds what worlds share; "
        f"changes are told within worlds). {_foot(a)}",
        fontsize=7,
    )
    return figure


@styled
def convergence(a: Analysis) -> Figure:
    """How the difference between the lowest schedule and each other settles as units are added."""
    others = [s for s in a.criteria["schedule"] if s not in (a.selection.best, COUNTERFACTUAL)]
    figure = new_figure(7.5, 3.6)
    axes = figure.subplots()
    for i, name in enumerate(others[: len(COLOURS)]):
        rows = decide.convergence(a.found, name, a.selection.best)
        axes.fill_between(rows["units"], rows["low"], rows["high"], color=COLOURS[i], alpha=0.13, lw=0)
        axes.plot(rows["units"], rows["mean"], color=COLOURS[i], lw=1.6, label=name)
    axes.axhline(0.0, color="0.2", lw=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.xaxis.set_minor_formatter("")
    ticks = [n for n in (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000) if n <= len(a.found.units)]
    axes.set_xticks(ticks or [len(a.found.units)])
    axes.yaxis.set_major_formatter(THOUSANDS)
    if others:
        axes.legend(frameon=False, fontsize=8)
    axes.set_title(f"More harm than {a.selection.best}: does the answer settle?", fontsize=9)
    axes.set_xlabel(
        f"{a.selection.unit}s of the design ({a.selection.runs_a_unit} runs of each schedule in one); band: "
        f"95 % interval of the mean\n{_foot(a)}",
        fontsize=8,
    )
    return figure


@styled
def conditions(a: Analysis) -> Figure:
    """Where the worst schedule does most harm, in the two factors that tell it best."""
    box = a.box
    assert box is not None
    fails = a.failing(a.worst)
    names = sorted(box.limits, key=lambda n: box.quasi_p[n])
    rest = [n for n in a.points if _is_number(a, n) and n not in names]
    x, y = [*names, *rest, names[0]][:2]
    figure = new_figure(6.2, 4.8)
    axes = figure.subplots()
    at = [_values(a, name) for name in (x, y)]
    axes.scatter(at[0][~fails], at[1][~fails], s=26, c="white", edgecolors=GREY, label="the other points")
    axes.scatter(
        at[0][fails],
        at[1][fails],
        s=26,
        c=COLOURS[1],
        edgecolors=COLOURS[1],
        label="its worst quarter of points",
    )
    spans = [_span(a, name) for name in (x, y)]
    axes.add_patch(
        Rectangle(
            (spans[0][0], spans[1][0]), spans[0][1] - spans[0][0], spans[1][1] - spans[1][0],
            fc=COLOURS[1], alpha=0.10, ec=COLOURS[1], lw=1.2,
        )
    )  # fmt: skip
    for name, axis, label in ((x, axes.xaxis, axes.set_xlabel), (y, axes.yaxis, axes.set_ylabel)):
        label(name)
        if not _is_number(a, name):
            words = sorted(set(a.points[name]))
            axis.set_ticks(range(len(words)), words)
    said = listed([condition(n, limit) for n, limit in box.limits.items()])
    axes.set_title(wrap(f"{a.worst} does most harm where {said}"), fontsize=9)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2)
    figure.supxlabel(
        f"coverage {box.coverage:.0%}, density {box.density:.0%} (of all points {box.base:.0%})\n{_foot(a)}",
        fontsize=8,
    )
    return figure


MOST_CURVES = 6
"""Curves that are drawn, the surest to turn first."""


@styled
def levers(a: Analysis) -> Figure:
    """Harm along each lever, and where it turns if it does."""
    shown = sorted(a.turnings, key=lambda item: item[1].p_value)[:MOST_CURVES]
    columns = min(len(shown), 2)
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(3.9 * columns, 0.7 + 2.7 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).flat
    for (curve, found), axes in zip(shown, panels, strict=False):
        own = a.found.units[:, [a.found.schedules.index(s) for s in curve.schedules]]
        low, high = np.array([mean_interval(own[:, k]) for k in range(own.shape[1])]).T
        if found.told:
            axes.axvspan(*found.step_range, color=COLOURS[1], alpha=0.16, lw=0)
        axes.fill_between(curve.x, low, high, color=COLOURS[0], alpha=0.18, lw=0)
        axes.plot(curve.x, own.mean(axis=0), "o-", color=COLOURS[0], ms=4, lw=1.6)
        axes.axhline(0.0, color="0.2", lw=0.8)
        axes.set_xlabel(
            curve.lever + (f", weeks from {curve.first_day}" if curve.first_day else ""), fontsize=8
        )
        told = f"steepest within {found.step_range[0]:g} to {found.step_range[1]:g}"
        axes.set_title(f"{curve.fixed}\n{told if found.told else 'no cliff can be told'}", fontsize=8)
        axes.yaxis.set_major_formatter(THOUSANDS)
        axes.tick_params(labelsize=8)
    for axes in list(panels):  # what is left over
        axes.set_visible(False)
    more = f"; {len(a.turnings) - len(shown)} more in turning.csv" if len(a.turnings) > len(shown) else ""
    figure.supxlabel(
        f"{a.found.words}: mean and its 95 % interval (it holds what worlds share; steps are compared within "
        f"worlds)\nshaded: where the steepest step lies, 95 %{more}. {_foot(a)}",
        fontsize=7,
    )
    return figure


def _is_number(a: Analysis, name: str) -> bool:
    return bool(pd.api.types.is_numeric_dtype(a.points[name]))


def _values(a: Analysis, name: str) -> np.ndarray:
    """Return where points lie on an axis; words side by side, spread a little so that all are seen."""
    if _is_number(a, name):
        return a.points[name].to_numpy(float)
    words = sorted(set(a.points[name]))
    spread = np.random.default_rng(0).uniform(-0.25, 0.25, len(a.points))
    return np.array([words.index(v) for v in a.points[name]]) + spread


def _span(a: Analysis, name: str) -> tuple[float, float]:
    """Return the span of the box on an axis."""
    assert a.box is not None
    limit = a.box.limits.get(name)
    if isinstance(limit, frozenset):
        words = sorted(set(a.points[name]))
        at = [words.index(w) for w in limit]
        return min(at) - 0.4, max(at) + 0.4
    values = _values(a, name)
    low, high = limit if limit else (-math.inf, math.inf)
    edge = 0.02 * float(np.ptp(values))
    return max(low, float(values.min()) - edge), min(high, float(values.max()) + edge)
