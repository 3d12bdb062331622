"""Figures of a briefing: readable at the width of a page of A4, for the colour-blind, in any language.

Each takes the facts (and, where it needs more, the comparison) and a language, and returns a picture.
Titles, what is counted and how to read it stand beside it as text (`sim.brief.content`), not in it.
"""

from __future__ import annotations

import io
import math
import re
import textwrap

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import offset_copy

from sim.brief.facts import PERPETRATORS, RINGS, Facts
from sim.brief.language import Language
from sim.brief.sentences import PERPETRATOR, RING
from sim.brief.slots import Title
from sim.scenario.case import COUNTERFACTUAL
from sim.show import maps
from sim.show.figures.differences import piles
from sim.show.figures.style import STATE, UN_BLUE, colour, new_figure, styled
from sim.show.figures.where import STEPS, excess_rates, mark_bases, name_largest
from sim.study.comparison import Comparison

WIDTH = 6.7
"""Inches: what a page of A4 or US letter leaves between its margins."""
DOTS = 50
COLUMNS = 4
MARKERS = ("o", "^", "s", "D")
TINTS = ("#0072B2", "#D55E00", "#5C5C5C", "#009E73")


_COORDINATES = re.compile(r' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
NEAR = 1.0
"""Points."""
_DECIMALS = re.compile(r"(\d\.\d)\d+")
"""What is cut to tenths of a point (0.04 mm), which nobody sees: half of a file is such digits."""


def _shortest(path: str) -> str:
    """Return the d of a path in fewer characters, without corners nearer than `NEAR` to the last one."""
    path = re.sub(r"\s*([A-Za-z])\s+", r"\1", path.removeprefix(' d="')).strip()
    path = re.sub(r"(\d)\.0\b", r"\1", path)
    corners = path.rstrip('"z').removeprefix("M").split("L")
    if len(corners) > 40 and not re.search(r"[A-KN-Za-y]", path):
        kept = [corners[0]]
        x, y = map(float, corners[0].split())
        for corner in corners[1:-1]:
            u, v = map(float, corner.split())
            if math.hypot(u - x, v - y) >= NEAR:
                kept.append(corner)
                x, y = u, v
        path = f'M{"L".join([*kept, corners[-1]])}{"z" if "z" in path else ""}"'
    return f' d="{path}'


@styled
def svg(figure: Figure, name: str) -> str:
    """Return a figure as SVG that is the same every time, its ids its own among all figures of a page."""
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": name}):
        # not `Picture.savefig`, which would set the salt of the style
        Figure.savefig(figure, out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # nothing refers to groups
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", text)
    text = _COORDINATES.sub(lambda found: _DECIMALS.sub(r"\1", found[0]), text)
    text = re.sub(r' d="[^"]*"', lambda found: _shortest(found[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text)


def label(f: Facts, lang: Language, name: str, width: int = 26) -> str:
    """Return the title of a schedule on lines of a width."""
    text = Title(*f.label(name), quoted=False).show(lang)
    return "\n".join(textwrap.wrap(text, width, max_lines=3, placeholder=" …"))


def layout(n: int, most: int = COLUMNS) -> tuple[int, int]:
    """Return rows and columns of n panels, at most so many beside each other, the rows about equally long."""
    rows = max(1, -(-n // most))
    return rows, max(1, -(-n // rows))


def _rest(grid: np.ndarray, n: int) -> None:
    """Leave out panels beyond n, and number the axis of those under which nothing stands any more."""
    for ax in grid.flat[n:]:
        ax.axis("off")
    for ax in grid.flat[max(n - grid.shape[1], 0) : n]:
        ax.tick_params(labelbottom=True)


def _numbers(lang: Language) -> FuncFormatter:
    return FuncFormatter(lambda x, _: lang.signed(x) if abs(x) >= 1 or x == 0 else lang.decimals(x, 1))


def _rows(axes: Axes, f: Facts, lang: Language, names: tuple[str, ...], size: float = 8) -> None:
    """Name the rows of schedules."""
    axes.set_yticks(range(len(names)), [label(f, lang, n) for n in names], fontsize=size)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labelsize=7.5)


def cut(values: dict[str, np.ndarray]) -> tuple[float, float]:
    """Return where a common axis is cut, low and high: far beyond the middle nine tenths of each schedule."""
    low = min((float(np.quantile(v, 0.05)) for v in values.values()), default=0.0)
    high = max((float(np.quantile(v, 0.95)) for v in values.values()), default=1.0)
    reach = max(high, 0.0) - min(low, 0.0) or 1.0
    least = min((float(v.min()) for v in values.values()), default=0.0)
    most = max((float(v.max()) for v in values.values()), default=1.0)
    return max(least, min(low, 0.0) - 0.5 * reach), min(most, max(high, 0.0) + 0.5 * reach)


def quantiles(x: np.ndarray) -> np.ndarray:
    """Return the values that dots stand for: as many as there are worlds, at most `DOTS`."""
    dots = min(DOTS, len(x))
    return np.asarray(np.quantile(x, (np.arange(dots) + 0.5) / dots))


@styled
def dots(f: Facts, result: Comparison, lang: Language) -> Figure:
    """Paired differences in those killed: a row a schedule, a dot equally many worlds, one axis for all."""
    names = f.ordered
    row_height = min(0.5, 2.5 / max(len(names), 1))
    figure = new_figure(WIDTH, 0.62 + row_height * max(len(names), 2))
    axes = figure.subplots()
    own = {n: quantiles(f.answers.paired("killed", n)) for n in names}
    low, high = cut(own)
    low, high = min(low, 0.0), max(high, 0.0)
    reach = (high - low) or 1.0
    width = reach / 75.0
    for row, name in enumerate(names):
        inside = own[name][(own[name] >= low) & (own[name] <= high)]
        tint = colour(result, name)
        piled = piles(inside, width)
        step = min(0.052 / row_height, 0.8 / max((h for _, h in piled), default=1))
        axes.plot(
            [x for x, _ in piled],
            [row + 0.34 - step * h for _, h in piled],
            "o",
            ms=3.7,
            color=tint,
            mec="white",
            mew=0.25,
        )
        median = float(np.median(f.answers.paired("killed", name)))
        axes.plot([median, median], [row + 0.3, row + 0.46], color="0.1", lw=1.6, solid_capstyle="butt")
        for beyond, at, mark, side in (
            (own[name][own[name] > high], high, ">", "right"),
            (own[name][own[name] < low], low, "<", "left"),
        ):
            if len(beyond):
                axes.plot(at, row - 0.12, mark, ms=5, mfc="white", mec=tint, mew=1.1, clip_on=False)
                far = beyond.max() if mark == ">" else beyond.min()
                axes.annotate(
                    lang.say("{n} beyond: {far}").format(n=len(beyond), far=lang.signed(far)),
                    (at, row - 0.3),
                    fontsize=6.5,
                    ha=side,
                    va="center",
                    color="0.25",
                )
        axes.axhline(row + 0.34, color="0.85", lw=0.5, zorder=0)
    axes.axvline(0.0, color="0.2", lw=1.0)
    _rows(axes, f, lang, names)
    axes.set_ylim(len(names) - 0.45, -0.6)
    axes.set_xlim(low - 0.03 * reach, high + 0.03 * reach)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    axes.xaxis.set_major_formatter(_numbers(lang))
    axes.set_xlabel(
        lang.say("civilians killed, more (right of zero) or fewer than if every base stays"), fontsize=8
    )
    return figure


@styled
def cliffs(f: Facts, result: Comparison, lang: Language) -> Figure:
    """Protection by provider around closures, mean over the closures of each schedule: small multiples."""
    names = [n for n in f.ordered if (result.around["schedule"] == n).any()]
    rows, columns = layout(len(names))
    figure = new_figure(WIDTH, 0.85 + 1.45 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    top = 1.0
    for ax, name in zip(grid.flat, names, strict=False):
        x, un, state, matched = around(result, name)
        top = max(top, float(np.nanmax(np.append(un + state, matched))))
        ax.fill_between(x, 0, un, color=UN_BLUE, lw=0, step="mid")
        ax.fill_between(x, un, un + state, color=STATE, lw=0, step="mid")
        ax.plot(x, matched, color="0.1", lw=1.0, ls="--", drawstyle="steps-mid")
        ax.axvline(0, color="0.1", lw=0.7)
        ax.set_title(label(f, lang, name, 88 // columns), fontsize=7.5)
        ax.set_xlim(x[0], x[-1])
        ax.set_xticks([0, 26, 52])
        ax.tick_params(labelsize=7)
    _rest(grid, len(names))
    grid[0, 0].set_ylim(0, 1.08 * top)
    for ax in grid[:, 0]:
        ax.set_ylabel(lang.say("attacks met, in 100"), fontsize=7)
    figure.supxlabel(lang.say("weeks from the closure of a base"), fontsize=8)
    figure.legend(
        handles=[
            Patch(color=UN_BLUE, lw=0, label=lang.say("by the UN")),
            Patch(color=STATE, lw=0, label=lang.say("by state forces, where the UN does not")),
            Line2D([], [], color="0.1", lw=1.0, ls="--", label=lang.say("by both, if every base stays")),
        ],
        loc="outside upper left",
        ncols=3,
        fontsize=7,
        frameon=False,
    )
    return figure


def around(result: Comparison, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return weeks from a closure, and attacks met in 100: by the UN, by state forces, in the matched world.

    Means over all closures of a schedule in all worlds.
    """
    own = result.around[result.around["schedule"] == name]
    own = own[own["runs"] > 0]
    grouped = own.groupby("week_from_closure")
    runs = grouped["runs"].sum()

    def mean(column: str) -> np.ndarray:
        return np.asarray(100.0 * (own[column] * own["runs"]).groupby(own["week_from_closure"]).sum() / runs)

    return (
        runs.index.to_numpy(float),
        mean("un"),
        mean("state"),
        mean("un_matched") + mean("state_matched"),
    )


@styled
def courses(f: Facts, result: Comparison, lang: Language) -> Figure:
    """How the difference in all killed so far grows: half and nine tenths of the worlds; small multiples."""
    names = f.ordered
    rows, columns = layout(len(names))
    figure = new_figure(WIDTH, 0.8 + 1.4 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    a = f.answers
    years = np.arange(1, len(a.half_years) + 1) / 2.0
    for ax, name in zip(grid.flat, names, strict=False):
        band = np.quantile(a.cumulated[a.row(name)], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        tint = colour(result, name)
        x = np.append(0.0, years)
        band = np.hstack([np.zeros((5, 1)), band])
        ax.fill_between(x, band[0], band[4], color=tint, alpha=0.2, lw=0)
        ax.fill_between(x, band[1], band[3], color=tint, alpha=0.35, lw=0)
        ax.plot(x, band[2], color=tint, lw=1.6)
        ax.axhline(0, color="0.3", lw=0.7)
        for day in f.closing[name].values():
            ax.axvline((day - f.start).days / 365.25, ymax=0.06, color="0.1", lw=0.7)
        clear = a.clear_from(name) if a.told("killed", name) else None
        if clear is not None:
            ax.axvline(years[clear], color="0.1", lw=0.9, ls=":")
        ax.set_title(label(f, lang, name, 88 // columns), fontsize=7.5)
        ax.set_xlim(0, years[-1])
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.yaxis.set_major_formatter(_numbers(lang))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.tick_params(labelsize=7)
    _rest(grid, len(names))
    for ax in grid[:, 0]:
        ax.set_ylabel(lang.say("killed so far"), fontsize=7)
    figure.supxlabel(
        lang.say("years from {start}").format(start=lang.month(f.start)).replace("\u00a0", " "), fontsize=8
    )
    return figure


@styled
def places(f: Facts, result: Comparison, lang: Language) -> Figure:
    """A map a schedule: killed beyond every base staying, a year per 100,000 people, over the whole run."""
    case = result.scenario
    names = list(f.ordered) or [COUNTERFACTUAL]
    halves = result.places.sizes["half_year"]
    edges = np.array([0, halves])
    rates = {name: excess_rates(result, name, edges)[0] for name in names}
    largest = max(float(np.nanmax(np.abs(v), initial=0.0)) for v in rates.values())
    classes = [s for s in STEPS if s < largest] or [STEPS[0]]
    bounds = [-x for x in classes[::-1]] + classes
    norm = BoundaryNorm(bounds, mpl.colormaps["PuOr_r"].N, extend="both")
    points = maps.project(case.districts)
    shape = (float(np.ptp(points[:, 1])) + 120.0) / (2.0 * (float(np.ptp(points[:, 0])) + 120.0))
    rows, columns = layout(len(names), 3)
    height = min(max(WIDTH / columns * shape, 0.6), 1.9 if rows < 3 else 1.5)
    figure = new_figure(WIDTH, 1.0 + (height + 0.4) * rows)
    figure.set_layout_engine("constrained", h_pad=0.09)  # titles have two lines
    grid = figure.subplots(rows, columns, squeeze=False)
    index = {d.id: i for i, d in enumerate(case.districts)}
    for ax, name in zip(grid.flat, names, strict=False):
        plan = next(p for p in result.schedules if p.name == name)
        drawn = maps.draw(ax, case.districts, rates[name], cmap="PuOr_r", norm=norm, outlines=case.outlines)
        mark_bases(ax, case, plan, case.header.end, points, index)
        low, high = ax.get_xlim()
        ax.set_xlim(low - 0.5 * (high - low), high + 0.5 * (high - low))  # room for the names
        name_largest(ax, case, np.nan_to_num(rates[name]), points, inside=0.27, longest=13)
        for text in ax.texts:
            text.set_in_layout(False)
        ax.set_title(label(f, lang, name, 25), fontsize=7.5, loc="center")
    for ax in grid.flat[len(names) :]:
        ax.axis("off")
    bar = figure.colorbar(
        drawn, ax=grid, orientation="horizontal", fraction=0.04, pad=0.02, aspect=55, spacing="uniform"
    )
    bar.set_ticks(bounds, labels=[lang.signed(x) for x in bounds])
    bar.set_label(
        lang.say(
            "killed a year per 100,000 people, more (orange) or fewer (violet) than if every base stays"
        ),
        fontsize=7.5,
    )
    bar.ax.tick_params(labelsize=7)
    return figure


@styled
def parts(f: Facts, result: Comparison, lang: Language) -> Figure:
    """Where and by whom: means of the paired differences with their intervals, a row a schedule."""
    names = f.ordered
    figure = new_figure(WIDTH, 1.05 + 0.42 * max(len(names), 2))
    left, right = figure.subplots(1, 2, sharey=True)
    made = [m for m in PERPETRATORS if (f.by[m][:-1] - f.by[m][-1]).any()]
    groups = (
        (
            left,
            [(RING[r], [f.ring(n, k) for n in names]) for k, r in enumerate(RINGS)],
            lang.say("Where they live"),
            1,
        ),
        (
            right,
            [(PERPETRATOR[m], [f.perpetrator(n, m) for n in names]) for m in made],
            lang.say("Killed by"),
            2,
        ),
    )
    for ax, series, heading, columns in groups:
        for k, (what, values) in enumerate(series):
            shift = (k - (len(series) - 1) / 2) * 0.2
            for row, d in enumerate(values):
                if not math.isnan(d.mean_low):
                    ax.plot([d.mean_low, d.mean_high], [row + shift] * 2, color=TINTS[k], lw=1.2)
                ax.plot(
                    d.mean,
                    row + shift,
                    MARKERS[k],
                    ms=4.2,
                    color=TINTS[k],
                    mfc=TINTS[k] if d.clear else "white",
                )
            ax.plot([], [], MARKERS[k], ms=4.2, color=TINTS[k], label=what.show(lang))
        ax.axvline(0, color="0.3", lw=0.8)
        ax.set_title(heading, fontsize=8)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.xaxis.set_major_formatter(_numbers(lang))
        ax.grid(axis="y", color="0.92", lw=6)
        ax.set_axisbelow(True)
        if series:
            ax.legend(
                fontsize=6.8,
                frameon=False,
                loc="upper left",
                bbox_to_anchor=(0.0, 0.0),
                ncols=columns,
                bbox_transform=offset_copy(ax.transAxes, figure, -6, -16, units="points"),
                handletextpad=0.2,
                columnspacing=0.9,
            )
        _rows(ax, f, lang, names, 7.5)
    left.set_ylim(len(names) - 0.5, -0.55)
    right.tick_params(labelleft=False)
    return figure


@styled
def costs(f: Facts, result: Comparison, lang: Language) -> Figure:
    """What a schedule costs against what it does: reimbursements, and killed beyond every base staying."""
    figure = new_figure(WIDTH, 2.9)
    axes = figure.subplots()
    axes.axhline(0, color="0.3", lw=0.8)
    spots = []
    for name in f.ordered:
        d = f.answers.difference("killed", name)
        x, tint = f.millions(name), colour(result, name)
        axes.plot([x, x], [d.low, d.high], color=tint, lw=1.3)
        axes.plot(x, d.median, "o", ms=5, color=tint)
        axes.plot(x, d.worst, "_", ms=9, color=tint, mew=1.6)
        spots.append((x, d.median, name, tint))
    axes.plot(0, 0, "s", ms=5, color="0.3")
    spots.append((0.0, 0.0, "", "#4d4d4d"))
    axes.xaxis.set_major_formatter(_numbers(lang))
    axes.yaxis.set_major_formatter(_numbers(lang))
    axes.set_xlabel(
        textwrap.fill(lang.say("US$ million for troops and formed police, against every base staying"), 62),
        fontsize=8,
    )
    axes.set_ylabel(lang.say("civilians killed, more or fewer"), fontsize=8)
    axes.tick_params(labelsize=7.5)
    axes.margins(x=0.06)
    _name(axes, f, lang, spots)
    return figure


def _name(axes: Axes, f: Facts, lang: Language, spots: list[tuple[float, float, str, str]]) -> None:
    """Name the points in a column right of the plot, in the order of their height, a line to each."""
    low, high = axes.get_ylim()
    ordered = sorted(spots, key=lambda s: s[1])
    step = 1.0 / max(len(ordered), 1)
    wanted = [(y - low) / (high - low) for _, y, _, _ in ordered]
    gap = min(0.115, step)
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + gap) if placed else max(y, 0.02))
    over = max((placed[-1] if placed else 0.0) - 0.97, 0.0)
    placed = [p - over for p in placed]
    for (x, y, name, tint), at in zip(ordered, placed, strict=True):
        axes.annotate(
            label(f, lang, name, 30) if name else lang.say("every base stays"),
            (x, y),
            xytext=(1.03, at),
            textcoords="axes fraction",
            fontsize=7,
            va="center",
            color=tint,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "lw": 0.5,
                "color": tint,
                "shrinkA": 1,
                "shrinkB": 3,
                "alpha": 0.7,
            },
        )
