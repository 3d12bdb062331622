"""Pictures of a calibration: what was ruled out, what was learnt, what could not be met."""

from __future__ import annotations

import numpy as np

from sim.show.figures.style import COLOURS, GREY, Picture, new_figure, styled
from sim.study.calibrate import checks
from sim.study.calibrate.abc import quantiles
from sim.study.calibrate.run import Found

BEFORE, AFTER = "#BBBBBB", COLOURS[0]
FARTHEST = 6.0
"""Standard deviations at which the axis of targets ends."""


@styled
def spreads(found: Found) -> Picture:
    """Draw how far single runs lie from each target, before and after, in standard deviations."""
    aims = found.asked.aims
    figure = new_figure(8.5, 0.8 + 0.27 * len(aims))
    axes = figure.subplots()
    sd = np.sqrt([a.variance + e for a, e in zip(aims, found.pool.ensemble, strict=True)])
    for j, aim in enumerate(aims):
        half = 0.5 * (aim.high - aim.low) / sd[j]
        middle = 0.5 * (aim.low + aim.high)
        y = len(aims) - 1 - j
        axes.barh(
            y, 2 * min(half, FARTHEST), left=-min(half, FARTHEST), height=0.8, color="#DDEBDA", zorder=0
        )
        for values, colour, lift in (
            (found.stages[0].values[:, :, j], BEFORE, 0.17),
            (found.check.values[:, :, j], AFTER, -0.17),
        ):
            ends = quantiles((values.ravel() - middle) / sd[j], np.ones(values.size), checks.LEVELS)
            if not np.isfinite(ends).all():
                axes.text(0.0, y + lift, "untold", color=colour, ha="center", va="center", fontsize=7)
                continue
            low, at, high = np.clip(ends, -FARTHEST, FARTHEST)
            axes.plot([low, high], [y + lift] * 2, color=colour, lw=2.4, solid_capstyle="butt")
            axes.plot(at, y + lift, "o", color=colour, ms=4)
    axes.set_yticks(
        range(len(aims)), [f"{a.case}: {a.name.replace('_', ' ')}" for a in reversed(aims)], fontsize=8
    )
    axes.set_xlim(-FARTHEST, FARTHEST)
    axes.set_ylim(-0.8, len(aims) - 0.2)
    axes.set_xlabel("from the middle of the target, in standard deviations of error, discrepancy and chance")
    axes.set_title("Nine in ten of single runs: all sets (grey), the draws (blue); target (green)")
    return figure


@styled
def ruled_out(found: Found) -> Picture:
    """Draw what is left of the parameters that decide most: the first wave, and what is not ruled out."""
    chosen = _deciding(found, 5)
    names = found.asked.names
    figure = new_figure(8.5, 8.0)
    grid = figure.subplots(len(chosen), len(chosen), squeeze=False)
    first, pool = found.stages[0].points, found.pool.points
    for r, i in enumerate(chosen):
        for c, k in enumerate(chosen):
            axes = grid[r, c]
            axes.set_xticks([])
            axes.set_yticks([])
            if c > r:
                axes.axis("off")
                continue
            if r == c:
                bins = np.linspace(0, 1, 11)
                axes.hist(first[:, i], bins, density=True, color=BEFORE)
                axes.hist(pool[:, i], bins, density=True, histtype="step", color=COLOURS[1], lw=1.4)
                points, weights = found.posterior.points[:, i], found.posterior.weights
                axes.hist(points, bins, density=True, weights=weights, histtype="step", color=AFTER, lw=1.4)
            else:
                axes.scatter(first[:, k], first[:, i], s=4, color=BEFORE, lw=0)
                axes.scatter(pool[:, k], pool[:, i], s=3, color=COLOURS[1], lw=0, alpha=0.6)
                axes.set_xlim(0, 1)
                axes.set_ylim(0, 1)
            if r == len(chosen) - 1:
                axes.set_xlabel(names[k], fontsize=8)
            if c == 0:
                axes.set_ylabel(names[i], fontsize=8)
    figure.suptitle(
        "Parameters that decide most, in their ranges: first wave (grey), not ruled out (orange), draws "
        "(blue)",
        fontsize=10,
    )
    return figure


@styled
def learnt(found: Found, most: int) -> Picture:
    """Draw the draws of the parameters that were narrowed most, in their ranges."""
    points, weights = found.posterior.points, found.posterior.weights
    ends = np.array(
        [quantiles(points[:, i], weights, (0.05, 0.25, 0.5, 0.75, 0.95)) for i in range(points.shape[1])]
    )
    order = np.argsort(ends[:, 4] - ends[:, 0], kind="stable")[:most]
    figure = new_figure(7.5, 0.9 + 0.27 * len(order))
    axes = figure.subplots()
    from sim.parameters import PARAMETERS
    from sim.study.experiments.design import place

    for y, i in enumerate(reversed(order)):
        axes.plot([0, 1], [y, y], color="#E2E2E2", lw=6, solid_capstyle="butt", zorder=0)
        axes.plot(ends[i, [0, 4]], [y, y], color=AFTER, lw=1.5)
        axes.plot(ends[i, [1, 3]], [y, y], color=AFTER, lw=4.5, solid_capstyle="butt")
        axes.plot(ends[i, 2], y, "o", color="white", mec=AFTER, ms=5)
        f = found.asked.factors[i]
        default = PARAMETERS[f.name].default
        if f.low <= default <= f.high:
            axes.plot(place(f, default), y, "|", color=COLOURS[1], ms=11, mew=2)
    axes.set_yticks(range(len(order)), [found.asked.names[i] for i in reversed(order)], fontsize=8)
    axes.set_xticks([0, 1], ["low end", "high end of the declared range"])
    axes.set_title("Draws: nine in ten, half, median; default (orange)")
    return figure


@styled
def tried(found: Found) -> Picture:
    """Draw how often intervals held a known truth, by parameter, beside how much was learnt about it."""
    c = found.coverage
    figure = new_figure(7.0, 3.6)
    axes = figure.subplots()
    low, high = checks.COVERS
    axes.axhspan(100 * low, 100 * high, color="#DDEBDA", zorder=0)
    axes.scatter(100 * c.narrower, 100 * c.parameters, s=12, color=GREY, lw=0)
    for name, share in zip(found.quantities, c.quantities, strict=True):
        if np.isfinite(share):
            axes.axhline(100 * share, color=COLOURS[1], lw=1)
            axes.text(
                axes.get_xlim()[0],
                100 * share,
                f" prevented, {name}",
                color=COLOURS[1],
                fontsize=8,
                va="bottom",
            )
    axes.set_xlabel("width of the interval, % of that of all sets that were not ruled out")
    axes.set_ylabel("truths held, %")
    axes.set_title(f"Intervals of nine in ten over {c.truths} known truths: a dot a parameter")
    return figure


def _deciding(found: Found, most: int) -> list[int]:
    """Return the parameters that most emulators of the last wave know as active."""
    score = np.zeros(len(found.asked.names))
    for made in found.waves[-1].emulators:
        if made is not None:
            score[made.active] += 1.0 / (1.0 + np.arange(len(made.active)))
    return [int(i) for i in np.argsort(-score, kind="stable")[:most]]
