"""Which mechanisms make a drawdown dangerous, and which do nothing? By switching each off.

    python experiments/what_drives_the_cliff.py [--replicates 100]

For each mechanism, the same matched worlds are run with and without it, under `none` and under two
schedules. Its share in a schedule's excess is how much smaller the excess is without it: a difference of
paired differences, replicate by replicate. Writes a table and a figure to the folder
what-drives-the-cliff/. Four minutes on two cores.
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
from sim.study.compare import Comparison

OUT = Path(__file__).resolve().parent / "what-drives-the-cliff"
CASE = "drc-monusco"
SCHEDULES = ("actual", "full-exit")
SEED = 1


def excess(result: Comparison, schedule: str, metric: str) -> np.ndarray:
    """Return the paired differences of a metric from `none`, one a replicate."""
    own = result.totals.sel(schedule=schedule, metric=metric).values
    return np.asarray(own - result.totals.sel(schedule="none", metric=metric).values)


def ablate(replicates: int) -> pd.DataFrame:
    """Return a row a mechanism and schedule: the excess with and without it, and the difference."""
    case = Scenario.load(CASE)
    whole = compare(case, SCHEDULES, replicates=replicates, seed=SEED)
    rows = []
    for name, mechanism in track(MECHANISMS.items(), description="mechanisms"):
        without = compare(case.without(name), SCHEDULES, replicates=replicates, seed=SEED)
        for schedule in SCHEDULES:
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


def figure(table: pd.DataFrame) -> Figure:
    """Return the shares of all mechanisms in the excess, one panel a schedule, sorted by the first."""
    drawn = Figure(figsize=(9.5, 8.0), layout="constrained")
    FigureCanvasAgg(drawn)
    panels = drawn.subplots(1, len(SCHEDULES), sharey=True)
    order = table[table["schedule"] == SCHEDULES[0]].sort_values("share")["mechanism"].tolist()
    for ax, schedule in zip(panels, SCHEDULES, strict=True):
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
        "What goes with each mechanism: the excess with it, less the excess without it\n"
        "orange: the closures do more harm with it; blue: less; grey: cannot be told from zero",
        x=0.01, ha="left", fontsize=10,
    )  # fmt: skip
    return drawn


def main() -> None:
    """Run, write table and figure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=100)
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    table = ablate(options.replicates)
    table.to_csv(OUT / "drc.csv", index=False, float_format="%.1f", lineterminator="\n")
    figure(table).savefig(OUT / "drc.png", dpi=130)
    for schedule in SCHEDULES:
        rows = table[table["schedule"] == schedule].sort_values("share", ascending=False)
        print(rows.drop(columns=["part", "schedule"]).round(0).to_string(index=False))


if __name__ == "__main__":
    main()
