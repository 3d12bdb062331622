"""The physical security cliff itself: who protects, before and after each closure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.show.figures.style import STATE, UN_BLUE, new_figure, styled
from sim.show.text import title_of

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

MOST = 12
"""Closures drawn at most: those that left most people without protection."""
COLUMNS = 4


@styled
def cliff(result: Comparison, name: str) -> Figure:
    """Protection by provider around each closure of a schedule, mean of the runs; small multiples."""
    around = result.around[result.around["schedule"] == name]
    cliffs = result.cliffs[result.cliffs["schedule"] == name] if len(result.cliffs) else result.cliffs
    all_ = list(dict.fromkeys(around["base"]))
    lost = {b: _people_uncovered(cliffs, b) for b in all_}
    shown = sorted(sorted(all_, key=lambda b: -lost[b])[:MOST], key=all_.index)
    columns = min(COLUMNS, max(len(shown), 1))
    rows = max(1, -(-len(shown) // columns))
    figure = new_figure(2.45 * columns + 0.6, 1.75 * rows + 1.5)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax, base in zip(grid.flat, shown, strict=False):
        _panel(ax, around[around["base"] == base], cliffs[cliffs["base"] == base], base)
    for ax in grid.flat[len(shown) :]:
        ax.axis("off")
    for ax in grid.flat[max(len(shown) - columns, 0) : len(shown)]:
        ax.tick_params(labelbottom=True)  # nothing stands below it
    if not shown:
        grid[0, 0].text(0.5, 0.5, "no base closes", ha="center", transform=grid[0, 0].transAxes)
    else:
        grid[0, 0].set_ylim(0, _top(around))
    of = (
        f"the {len(shown)} of {len(all_)} closures that leave most people with less; "
        if len(all_) > MOST
        else ""
    )
    figure.suptitle(
        f"Around each closure: who protects? {title_of(result, name)}", x=0.01, ha="left", fontsize=11
    )
    figure.supxlabel(
        textwrap.fill(
            "weeks from the closure.  Height: chance in 100 that somebody comes when civilians there "
            f"are attacked; mean of up to {result.replicates} matched runs; {of}not a forecast",
            int(34 * columns),
        ),
        fontsize=7.5,
    )
    figure.legend(
        handles=[
            Patch(color=UN_BLUE, lw=0, label="the UN"),
            Patch(color=STATE, lw=0, label="state forces, where the UN does not"),
            Line2D([], [], color="0.1", lw=1.0, ls="--", label="both, had the bases stayed"),
        ],
        loc="outside upper right",
        ncols=3,
        fontsize=7.5,
        frameon=False,
    )
    return figure


def _people_uncovered(cliffs: pd.DataFrame, base: str) -> float:
    """Return the protection lost times the people who lost it, mean of the runs."""
    own = cliffs[cliffs["base"] == base]
    return float((own["depth"] * own["people"]).mean()) if len(own) else 0.0


def _top(around: pd.DataFrame) -> float:
    """Return the upper end of the common axis, in percent."""
    values = pd.concat([around["un"] + around["state"], around["un_matched"] + around["state_matched"]])
    return max(1.0, 108.0 * float(values.max()))


def _panel(ax: Axes, around: pd.DataFrame, cliffs: pd.DataFrame, base: str) -> None:
    x = around["week_from_closure"].to_numpy()
    un, state = 100.0 * around["un"].to_numpy(), 100.0 * around["state"].to_numpy()
    ax.fill_between(x, 0, un, color=UN_BLUE, lw=0, step="mid")
    ax.fill_between(x, un, un + state, color=STATE, lw=0, step="mid")
    matched = 100.0 * (around["un_matched"] + around["state_matched"]).to_numpy()
    ax.plot(x, matched, color="0.1", lw=1.0, ls="--", drawstyle="steps-mid")
    ax.axvline(0, color="0.1", lw=0.7)
    ax.set_title("\n".join(textwrap.wrap(base, 28)), fontsize=7.5, pad=14)
    counts = cliffs["refilled_by"].value_counts()
    n = int(counts.sum())
    nobody = int(counts.get("nobody", 0))
    text = f"{around['district'].iloc[0]}; nobody refills in {nobody} of {n} worlds" if n else "in no run"
    ax.text(0, 1.02, text, transform=ax.transAxes, fontsize=6.5, color="0.3", va="bottom")
    ax.set_xlim(x[0], x[-1])
    ax.set_xticks([-13, 0, 13, 26, 39, 52])
    ax.tick_params(labelsize=7)
