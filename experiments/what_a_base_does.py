"""What a base does for the people around it: the picture of docs/what-a-base-does.md.

    python experiments/what_a_base_does.py [CASE] [--replicates 40]

Runs the DRC case (or another) under `none`, as it is and without peacekeepers, and looks at the end at each
place: hours from its nearest base, the chance that peacekeepers meet an attack there, and how many of its
people were killed. Some two minutes on one core.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim import Scenario
from sim.ensemble import Ensemble
from sim.intervals import mean_interval
from sim.world.codes import UnitKind

OUT = Path(__file__).resolve().parent.parent / "docs" / "img" / "what-a-base-does.png"
RINGS = (0.0, 0.5, 1.5, 3.0, 5.0, 8.0, 15.0)
SEED = 1
WITH, WITHOUT = "#1b6ca8", "#b5651d"


def look(case: Scenario, replicates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hours to the nearest open base, chance to be met, and killed: (replicates, places) each.

    Killed a year per 100,000 people of the place, the spin-up included.
    """
    ensemble = Ensemble(case, "none")
    hours, met, killed = [], [], []
    for r in range(replicates):
        ensemble.run(SEED, r, 1)
        world = ensemble._world
        troops = (world.peacekeepers["present"] == 1) & (world.peacekeepers["kind"] < UnitKind.OBSERVERS)
        open_ = np.unique(world.peacekeepers["post"][troops & (world.peacekeepers["strength"] > 0)])
        nearest = np.full(len(world.communities), np.inf)
        for post in open_:
            n = world.posts["count"][post]
            rows = world.reach[post, :n]
            nearest[rows] = np.minimum(nearest[rows], world.way[0, post, :n])
        years = (world.clock[0].weeks + world.clock[0].before) / 52.18
        hours.append(nearest)
        met.append(world.communities["un_met"].copy())
        killed.append(1e5 * world.communities["dead"] / world.communities["residents_best"] / years)
    return np.array(hours), np.array(met), np.array(killed)


def main() -> None:
    """Run, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", nargs="?", default="drc-monusco")
    parser.add_argument("--replicates", type=int, default=40)
    options = parser.parse_args()
    case = Scenario.load(options.case)
    empty = replace(case, units=tuple(u.model_copy(update={"strength": 0}) for u in case.units))
    hours, met, killed = look(case, options.replicates)
    _, _, alone = look(empty, options.replicates)
    figure = Figure(figsize=(9.5, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    labels, x = [], []
    for k, (low, high) in enumerate(pairwise(RINGS)):
        inside = (hours >= low) & (hours < high)
        if not inside.any():
            continue
        labels.append(f"{low:g}-{high:g}")
        x.append(k)
        weight = inside / np.maximum(inside.sum(axis=1, keepdims=True), 1)
        chance = 100 * (met * weight).sum(axis=1)
        a, b = mean_interval(chance)
        left.bar(k, chance.mean(), color=WITH, width=0.7)
        left.plot([k, k], [a, b], color="black", lw=1.2)
        for values, color, shift in ((killed, WITH, -0.19), (alone, WITHOUT, 0.19)):
            rate = (values * weight).sum(axis=1)
            a, b = mean_interval(rate)
            right.bar(k + shift, rate.mean(), color=color, width=0.36)
            right.plot([k + shift, k + shift], [a, b], color="black", lw=1.2)
        fewer = (alone * weight).sum(axis=1).mean() - (killed * weight).sum(axis=1).mean()
        print(
            f"{labels[-1]} h: met {chance.mean():.1f} %, {fewer:.1f} fewer killed a year and 100,000 people"
        )
    for axes in (left, right):
        axes.set_xticks(x, labels)
        axes.set_xlabel("hours of travel from the nearest base, dry season")
        axes.spines[["top", "right"]].set_visible(False)
    left.set_title("Attacks that peacekeepers meet, of 100", loc="left", fontsize=10)
    right.set_title("People killed a year, per 100,000", loc="left", fontsize=10)
    for color, name, y in ((WITH, "with the mission", 0.97), (WITHOUT, "without it", 0.90)):
        right.text(0.98, y, name, color=color, transform=right.transAxes, ha="right", va="top")
    figure.suptitle(
        f"{case.header.title}; {options.replicates} simulated worlds. Lines: 95 % intervals of the means.",
        fontsize=9,
        x=0.01,
        ha="left",
    )
    figure.savefig(OUT, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
