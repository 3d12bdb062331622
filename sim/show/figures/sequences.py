"""Figures of many orders: what each base does at each place, harm against cost, criteria side by side."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, TwoSlopeNorm
from matplotlib.figure import Figure

from sim.measures import METRIC
from sim.show import maps
from sim.show.figures.style import COLOURS, GREY, new_figure, styled
from sim.show.numbers import rate
from sim.show.sequences import letters
from sim.study.sequences.alone import WHEN, Alone
from sim.study.sequences.study import Sequences

FOOT = "Simulated worlds, not a forecast."


def save_all(s: Sequences | Alone, folder: Path) -> list[Path]:
    """Draw the figures into a folder; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(s, Alone):
        drawn = {"alone": alone(s)}
    else:
        drawn = {"places": places(s), "front": front(s), "criteria": criteria(s)}
    made = []
    for name, figure in drawn.items():
        for suffix in ("png", "svg"):
            metadata = {"Software": None} if suffix == "png" else {"Date": None, "Creator": None}
            figure.savefig(folder / f"{name}.{suffix}", dpi=150, metadata=metadata)
            made.append(folder / f"{name}.{suffix}")
    return made


@styled
def places(s: Sequences) -> Figure:
    """What each base does at each place of the order, beyond the mean over orders."""
    n = len(s.names)
    worth = s.worth.mean(axis=0)
    error = s.worth.std(axis=0, ddof=1) / np.sqrt(len(s.worth))
    ranked = np.argsort(worth[:, -1] - worth[:, 0], kind="stable")
    figure = new_figure(7.5, 1.9 + 0.38 * n)
    axes = figure.subplots()
    reach = float(np.nanmax(np.abs(worth))) or 1.0
    axes.imshow(worth[ranked], cmap="PuOr_r", norm=TwoSlopeNorm(0.0, -reach, reach), aspect="auto")
    for y, i in enumerate(ranked):
        for x in map(int, np.flatnonzero(~np.isnan(worth[i]))):
            dark = abs(worth[i, x]) > 0.65 * reach
            axes.text(
                x, y, f"{worth[i, x]:+.1f} ± {2 * error[i, x]:.1f}", ha="center", va="center", fontsize=7,
                color="white" if dark else "black",
            )  # fmt: skip
    axes.set_yticks(range(n), [s.names[i] for i in ranked])
    axes.set_xticks(range(n), ["closed first", *(str(p + 2) for p in range(n - 2)), "closed last"])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("What each base does at each place of the order", fontsize=9)
    axes.set_xlabel(
        f"{METRIC[s.outcome].label}, beyond the mean over orders of the same world, ± two standard errors "
        f"({len(s.harm)} worlds)\npurple: less harm with the base at that place. {FOOT}",
        fontsize=8,
    )
    return figure


@styled
def front(s: Sequences) -> Figure:
    """Harm against what is saved, a dot an order."""
    figure = new_figure(7.5, 4.6)
    axes = figure.subplots()
    saved = s.saved / 1e6
    kinds = ((~s.inside, "white", "can be told from the best"), (s.inside, COLOURS[0], "may be the best"))
    for which, colour, label in kinds:
        if which.any():
            axes.scatter(
                saved[which],
                s.estimate[which],
                s=12,
                c=colour,
                edgecolors=COLOURS[0],
                lw=0.6,
                alpha=0.6,
                label=label,
            )
    at = np.flatnonzero(s.front)
    at = at[np.argsort(saved[at])]
    axes.plot(saved[at], s.estimate[at], "-o", color=COLOURS[1], ms=5, lw=1.2, label="no other beats it")
    for order, mark in letters(s).items():
        i = s.orders.index(order)
        axes.annotate(mark, (saved[i], s.estimate[i]), xytext=(4, 4), textcoords="offset points", fontsize=8)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3)
    axes.set_title("Harm against what an order saves", fontsize=9)
    axes.set_ylabel(f"{METRIC[s.outcome].label}\nbeyond no drawdown")
    axes.set_xlabel("US$ m less than without drawdown, for troops and formed police")
    figure.supxlabel(
        f"Harm: means of {len(s.harm)} worlds, drawn towards what the places of the bases say. {FOOT}",
        fontsize=8,
    )
    return figure


@styled
def criteria(s: Sequences) -> Figure:
    """Three ways to weigh harm side by side, of the orders that were looked at again."""
    rows = s.criteria
    letter = {s.closures.name(o): mark for o, mark in letters(s).items()}
    labels = [
        letter[r.schedule.removesuffix("-adaptive")] + (" adaptive" if r.adaptive else "")
        for r in rows.itertuples()
    ]
    figure = new_figure(7.5, 1.6 + 0.26 * len(rows))
    panels = figure.subplots(1, 3, sharey=True)
    titles = ("mean harm", "mean of the worst\ntwentieth of worlds", "largest regret")
    y = np.arange(len(rows))
    for axes, column, title in zip(panels, ("mean", "worst", "regret"), titles, strict=True):
        if column == "mean":
            axes.hlines(y, rows["mean_low"], rows["mean_high"], color="black", lw=2)
        colours = np.where(rows["adaptive"], COLOURS[1], COLOURS[0])
        axes.scatter(rows[column], y, s=30, c=colours, zorder=3)
        axes.axvline(0.0, color=GREY, lw=0.8)
        axes.set_title(title, fontsize=9)
        axes.locator_params(axis="x", nbins=4)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="0.92")
    panels[0].set_yticks(y, labels)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.supxlabel(
        f"{METRIC[s.outcome].label} beyond no drawdown, {len(s.second.worlds)} worlds; bar: 95 % "
        "interval of the mean\n"
        f"{FOOT}",
        fontsize=8,
    )
    return figure


@styled
def alone(a: Alone) -> Figure:
    """Where each base stands and in how many worlds more are killed around it once it alone closes."""
    case = a.closures.case
    points = maps.project(case.districts)
    at = {d.name: points[i] for i, d in enumerate(case.districts)}
    width, height = np.ptp(points, axis=0) + 150.0
    figure = new_figure(8.0, 3.1 * float(np.clip(height / width, 0.5, 1.2)) + 1.5)
    panels = figure.subplots(1, 2)
    blank = np.full(len(case.districts), np.nan)
    scale = BoundaryNorm(np.linspace(-1.0, 1.0, 11), 256)
    colours = mpl.colormaps["PuOr_r"]
    for axes, when in zip(panels, WHEN, strict=True):
        maps.draw(axes, case.districts, blank, cmap="Greys", norm=scale, outlines=case.outlines)
        rows = a.table[a.table["closes"] == when]
        for district, own in rows.groupby("district", sort=False):
            x, y = at[str(district)]
            for k, r in enumerate(own.itertuples()):
                share = (r.more - r.fewer) / r.worlds
                told = r.there_low > 0 or r.there_high < 0
                below = y - 0.06 * (height + width) / 2 * k
                axes.scatter(
                    x,
                    below,
                    s=90,
                    color=colours(scale(share)),
                    edgecolors="black",
                    lw=1.8 if told else 0.5,
                    zorder=4,
                )
                axes.annotate(
                    f"{r.base} {rate(r.there, sign=True)}", (x, below), xytext=(7, 0),
                    textcoords="offset points", fontsize=7, va="center", zorder=5,
                )  # fmt: skip
        axes.set_title(f"if it closes {when}", fontsize=9)
    figure.suptitle(f"{case.header.title}: what is each base worth? It alone closes", fontsize=9)
    bar = figure.colorbar(
        ScalarMappable(scale, colours),
        ax=panels,
        orientation="horizontal",
        fraction=0.04,
        pad=0.02,
        aspect=50,
    )
    bar.set_label(
        "share of worlds with more killed in its district than if the base never closes, less that with "
        "fewer\n"
        f"number: civilians killed more, mean of {a.table['worlds'].iloc[0]} matched worlds; thick edge: its "
        f"95 % interval lacks zero. {FOOT}\n{maps.caption(case.outlines)}",
        fontsize=7,
    )
    bar.ax.tick_params(labelsize=7)
    return figure
