"""What a government that acts does when bases close: the picture of docs/a-government-that-acts.md.

    python experiments/a_government_that_acts.py [CASE] [SCHEDULE] [--replicates 200]

Runs the case under `none` and a schedule with four kinds of state forces, and takes apart by whose hand more
civilians are killed. Beside it the placebo: the same worlds with one fighter more in one group, where nothing
closes. Some three minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim import Scenario
from sim.ensemble import Ensemble
from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL

sys.path.insert(0, str(Path(__file__).resolve().parent / "responses"))
import changes

OUT = Path(__file__).resolve().parent.parent / "docs" / "img" / "a-government-that-acts.png"
HOSTS = ("hostile", "weak", "as they are", "able")
GROUPS, OPERATIONS, STATE = "#5b7f95", "#8c2d04", "#d98b4a"
SEED = 1
WHO = ("groups", "state", "militias")


def main() -> None:
    """Run, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", nargs="?", default="drc-monusco")
    parser.add_argument("schedule", nargs="?", default="full-exit")
    parser.add_argument("--replicates", type=int, default=200)
    options = parser.parse_args()
    case, n = Scenario.load(options.case), options.replicates
    years = case.weeks / 52.18
    figure = Figure(figsize=(9.5, 3.9), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
    for k, how in enumerate(HOSTS):
        world = case if how == "as they are" else changes.host(case, how)
        stay = Ensemble(world, COUNTERFACTUAL).run(SEED, 0, n).records
        close = Ensemble(world, options.schedule).run(SEED, 0, n).records

        def more(field: str, a: np.ndarray = stay, b: np.ndarray = close) -> np.ndarray:
            return (b[field].sum(axis=(1, 2), dtype=float) - a[field].sum(axis=(1, 2), dtype=float)) / years

        groups = more("killed_by_groups") + more("killed_by_militias")
        fighting = more("killed_in_operations")
        state = more("killed_by_state") - fighting
        whole = groups + fighting + state
        base = 0.0
        for part, color in ((groups, GROUPS), (state, STATE), (fighting, OPERATIONS)):
            left.bar(k, part.mean(), bottom=base, color=color, width=0.62)
            base += part.mean()
        a, b = mean_interval(whole)
        left.plot([k + 0.2, k + 0.2], [a, b], color="black", lw=1.3)
        left.plot([k + 0.2], [np.median(whole)], "o", color="white", mec="black", ms=5)
        for shift, record, face in ((-0.19, stay, "#c9c4bb"), (0.19, close, OPERATIONS)):
            rate = record["operations"].sum(axis=(1, 2), dtype=float) / years
            a, b = mean_interval(rate)
            right.bar(k + shift, rate.mean(), color=face, width=0.36)
            right.plot([k + shift, k + shift], [a, b], color="black", lw=1.2)
        killed = sum(stay[f"killed_by_{who}"].sum(axis=(1, 2), dtype=float) for who in WHO)
        level = killed.mean() / years
        stirred = Ensemble(changes.one_fighter_more(world), COUNTERFACTUAL).run(SEED, 0, n).records
        placebo = sum(more(f"killed_by_{who}", stay, stirred) for who in WHO)
        p, q = mean_interval(placebo)
        print(
            f"{how}: killed a year where bases stay {level:.0f}; more where they close {whole.mean():+.0f} "
            f"({100 * whole.mean() / level:+.0f} %), median {np.median(whole):+.0f}, in "
            f"{100 * (whole > 0).mean():.0f} % of worlds; by groups {groups.mean():+.0f}, by the state "
            f"{state.mean() + fighting.mean():+.0f}, of that in operations {fighting.mean():+.0f}; placebo "
            f"{placebo.mean():+.0f} ({p:+.0f} to {q:+.0f})"
        )
    for axes in (left, right):
        axes.set_xticks(range(len(HOSTS)), HOSTS)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel("state forces")
    left.set_title("More civilians killed a year where bases close", loc="left", fontsize=10)
    right.set_title("Operations of the army a year", loc="left", fontsize=10)
    for text, color, y in (
        ("by armed groups and militias", GROUPS, 0.98),
        ("by state forces in operations", OPERATIONS, 0.92),
        ("by state forces otherwise", STATE, 0.86),
    ):
        left.text(0.98, y, text, color=color, transform=left.transAxes, ha="right", va="top", fontsize=9)
    right.text(0.02, 0.98, "bases stay", color="#8f8a80", transform=right.transAxes, va="top", fontsize=9)
    right.text(0.02, 0.92, "bases close", color=OPERATIONS, transform=right.transAxes, va="top", fontsize=9)
    top = left.get_ylim()[1]
    left.set_ylim(top=1.18 * top)
    right.set_ylim(top=1.18 * right.get_ylim()[1])
    title = case.schedule(options.schedule).title
    figure.suptitle(
        f"{case.header.title}, “{title}”; {n} matched worlds.\nLines: 95 % intervals of the means; circle: "
        "the median world.",
        fontsize=9,
        x=0.01,
        ha="left",
    )
    figure.savefig(OUT, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
