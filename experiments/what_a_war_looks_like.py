"""What a war looks like in the model: the picture of docs/what-a-war-looks-like.md.

    python experiments/what_a_war_looks_like.py [CASE] [--replicates 60]

Left: one simulated world in which the bases stay, killed by month in its most violent districts. Right: the
same by year in several worlds. Some two minutes on one core.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim import Scenario
from sim.ensemble import Ensemble
from sim.scenario.case import COUNTERFACTUAL

OUT = Path(__file__).resolve().parent.parent / "docs" / "img" / "what-a-war-looks-like.png"
MONTH, YEAR = 4, 52
DISTRICTS = 12
STEPS = (1, 5, 25, 100)
"""Killed in a month from which a cell is darker."""
SHADES = ("#f4f1ec", "#f3d2a2", "#e39a52", "#b5541c", "#5e1f08")


def main() -> None:
    """Run, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", nargs="?", default="drc-monusco")
    parser.add_argument("--replicates", type=int, default=60)
    parser.add_argument("--world", type=int, default=3, help="the world on the left, a replicate")
    options = parser.parse_args()
    case = Scenario.load(options.case)
    records = Ensemble(case, COUNTERFACTUAL).run(1, 0, options.replicates).records
    killed = records["killed_by_groups"].astype(float)
    one = killed[options.world]
    months = len(one) // MONTH
    by_month = one[: months * MONTH].reshape(months, MONTH, -1).sum(axis=1).T
    worst = np.argsort(-by_month.sum(axis=1))[:DISTRICTS]
    figure = Figure(figsize=(10.5, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    cells = np.searchsorted(STEPS, by_month[worst], side="right")
    left.imshow(
        cells,
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(SHADES),
        vmin=-0.5,
        vmax=len(SHADES) - 0.5,
        extent=(0.0, months * MONTH / YEAR, len(worst) - 0.5, -0.5),
    )
    left.set_yticks(range(len(worst)), [case.districts[d].name for d in worst], fontsize=8)
    left.set_xlabel("years")
    left.set_title("One world: killed by armed groups in a month", loc="left", fontsize=10)
    names = [
        "nobody",
        *(f"{a} to {b - 1}" for a, b in pairwise(STEPS)),
        f"{STEPS[-1]} or more",
    ]
    left.legend(
        [Patch(facecolor=shade, edgecolor="#888888", lw=0.4) for shade in SHADES],
        names,
        ncols=len(SHADES),
        loc="upper center",
        bbox_to_anchor=(0.45, -0.13),
        frameon=False,
        fontsize=8,
        handlelength=1.2,
        columnspacing=1.0,
    )
    years = killed.shape[1] // YEAR
    by_year = killed[:, : years * YEAR].reshape(len(killed), years, YEAR, -1).sum(axis=(2, 3))
    x = np.arange(1, years + 1)
    for r, world in enumerate(by_year[:20]):
        shown = r == options.world
        right.plot(
            x, world, color="#b5541c" if shown else "#9aa5ad", lw=1.8 if shown else 0.8, zorder=2 + shown
        )
    right.plot(x, np.median(by_year, axis=0), color="black", lw=2.2, zorder=4)
    right.set_ylim(0, 1.22 * by_year[:20].max())
    left.spines[:].set_visible(False)
    right.set_xticks(x)
    right.set_xlabel("year")
    right.spines[["top", "right"]].set_visible(False)
    right.set_title("Twenty worlds: killed by armed groups in a year", loc="left", fontsize=10)
    for text, color, y in (
        (f"median of {len(by_year)} worlds", "black", 0.97),
        ("the world on the left", "#b5541c", 0.91),
        ("others", "#7a858d", 0.85),
    ):
        right.text(0.98, y, text, color=color, transform=right.transAxes, ha="right", va="top", fontsize=9)
    figure.suptitle(f"{case.header.title}: worlds in which the bases stay", fontsize=9, x=0.01, ha="left")
    figure.savefig(OUT, dpi=150, metadata={"Software": None})
    quiet, loud = by_year.min(axis=1), by_year.max(axis=1)
    middle = float(np.median(by_year))
    print(
        f"median year {middle:.0f}; worst year of a world: median {np.median(loud):.0f}, "
        f"most {loud.max():.0f}"
    )
    print(f"worlds with a year under a third of it {100 * (quiet < middle / 3).mean():.0f} %, ", end="")
    print(f"over three times {100 * (loud > 3 * middle).mean():.0f} %")
    total = by_year.sum(axis=1)
    print(f"CV of the totals of runs {total.std(ddof=1) / total.mean():.2f}")


if __name__ == "__main__":
    main()
