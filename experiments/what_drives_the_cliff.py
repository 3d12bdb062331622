"""Which mechanisms make a drawdown dangerous, and which do nothing? By switching each off.

    python experiments/what_drives_the_cliff.py [--replicates 60]

For each mechanism, the same matched worlds are run with and without it, under `none` and under two
schedules, in three worlds: eastern DRC, Darfur, Liberia. Its share in a schedule's excess is how much smaller
the excess is without it: a difference of paired differences, replicate by replicate. Writes a table and a
figure a world to the folder what-drives-the-cliff/. A quarter of an hour on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.progress import track

from sim import Scenario, compare
from sim.measures import mean_interval
from sim.mechanisms import MECHANISMS
from sim.study.comparison import Comparison

OUT = Path(__file__).resolve().parent / "what-drives-the-cliff"
WORLDS = {
    "drc-monusco": ("actual", "full-exit"),
    "darfur-unamid": ("actual", "hasty"),
    "liberia-unmil": ("actual", "ebola-exit"),
}
"""Cases, and the two schedules of each: what happened, and the hastiest."""
TOLD = 24
"""Mechanisms that a figure shows: those with the largest shares."""
SEED = 1


def excess(result: Comparison, schedule: str, metric: str) -> np.ndarray:
    """Return the paired differences of a metric from `none`, one a replicate."""
    own = result.totals.sel(schedule=schedule, metric=metric).values
    return np.asarray(own - result.totals.sel(schedule="none", metric=metric).values)


def ablate(world: str, replicates: int) -> pd.DataFrame:
    """Return a row a mechanism and schedule: the excess with and without it, and the difference."""
    case, schedules = Scenario.load(world), WORLDS[world]
    whole = compare(case, schedules, replicates=replicates, seed=SEED)
    rows = []
    for name, mechanism in track(MECHANISMS.items(), description=world):
        without = compare(case.without(name), schedules, replicates=replicates, seed=SEED)
        for schedule in schedules:
            with_it, without_it = excess(whole, schedule, "killed"), excess(without, schedule, "killed")
            share = with_it - without_it
            low, high = mean_interval(share)
            rows.append(
                {
                    "mechanism": name,
                    "part": mechanism.part,
                    "schedule": schedule,
                    "killed_none": without.totals.sel(schedule="none", metric="killed").values.mean(),
                    "excess_with": with_it.mean(),
                    "excess_without": without_it.mean(),
                    "share": share.mean(),
                    "share_low": low,
                    "share_high": high,
                }
            )
    return pd.DataFrame(rows)


def figure(table: pd.DataFrame, world: str) -> Figure:
    """Return the largest shares of mechanisms in the excess, one panel a schedule, sorted by the first."""
    schedules = WORLDS[world]
    drawn = Figure(figsize=(9.5, 7.0), layout="constrained")
    FigureCanvasAgg(drawn)
    panels = drawn.subplots(1, len(schedules), sharey=True)
    excess_with = table.groupby("schedule")["excess_with"].first()
    relative = (table["share"].abs() / table["schedule"].map(excess_with).abs()).groupby(table["mechanism"])
    largest = set(relative.max().nlargest(TOLD).index)
    first = table[(table["schedule"] == schedules[0]) & table["mechanism"].isin(largest)]
    order = first.sort_values("share")["mechanism"].tolist()
    for ax, schedule in zip(panels, schedules, strict=True):
        rows = table[table["schedule"] == schedule].set_index("mechanism").loc[order]
        clear = (rows["share_low"] > 0) | (rows["share_high"] < 0)
        for y, (row, sure) in enumerate(zip(rows.itertuples(), clear, strict=True)):
            tint = ("#B24A00" if row.share > 0 else "#3A6EA5") if sure else "0.65"
            ax.plot([row.share_low, row.share_high], [y, y], color=tint, lw=2)
            ax.plot(row.share, y, "o", ms=4.5, color=tint)
        ax.axvline(0, color="0.2", lw=1)
        ax.axvline(rows["excess_with"].iloc[0], color="0.5", lw=0.8, ls=":")
        ax.set_title(f"{schedule} (dotted: its whole excess)", loc="left", fontsize=9, weight="bold")
        ax.set_xlabel("civilians killed beyond 'none' that go with the mechanism", fontsize=8)
        ax.set_yticks(range(len(order)), order, fontsize=8)
        ax.tick_params(axis="x", labelsize=8)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", lw=0.3, color="0.85")
    drawn.suptitle(
        f"{world}: what goes with each mechanism, the excess with it less the excess without it "
        f"({TOLD} largest)\n"
        "orange: the closures do more harm with it; blue: less; grey: cannot be told from zero",
        x=0.01, ha="left", fontsize=10,
    )  # fmt: skip
    return drawn


def main() -> None:
    """Run, write table and figure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=60)
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    for world, schedules in WORLDS.items():
        table = ablate(world, options.replicates)
        table.to_csv(OUT / f"{world}.csv", index=False, float_format="%.1f", lineterminator="\n")
        figure(table, world).savefig(OUT / f"{world}.png", dpi=130, metadata={"Software": None})
        for schedule in schedules:
            rows = table[table["schedule"] == schedule].sort_values("share", ascending=False)
            print(rows.drop(columns=["part", "schedule"]).round(0).to_string(index=False))


if __name__ == "__main__":
    main()
