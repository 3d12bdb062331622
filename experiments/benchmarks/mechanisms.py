"""What each mechanism costs in time: the ensemble with everything on against the same without it.

    python experiments/benchmarks/mechanisms.py [--case darfur-unamid] [--replicates 8] [--rounds 5]

Both are timed in turns within one process, so that whatever else the machine does falls on both. A
mechanism is off by neutral parameter values: what it costs is what it does, and what it makes others do
(without attacks there is less to warn of). Writes a table, most expensive first, to mechanisms.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rich.progress import track

from sim import Scenario
from sim.ensemble import Ensemble
from sim.mechanisms import MECHANISMS

OUT = Path(__file__).resolve().parent / "mechanisms.md"


def seconds(ensemble: Ensemble, replicates: int) -> float:
    """Return the processor time that some replicates take."""
    start = time.process_time()
    ensemble.run(1, 0, replicates)
    return time.process_time() - start


def main() -> None:
    """Time every mechanism and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", default="darfur-unamid")
    parser.add_argument("--replicates", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    case = Scenario.load(options.case)
    whole = Ensemble(case, "actual")
    seconds(whole, options.replicates)  # compile, warm up
    rows = []
    for name in track(MECHANISMS, description="mechanisms"):
        without = Ensemble(case.without(name), "actual")
        ratios = [
            seconds(without, options.replicates) / seconds(whole, options.replicates)
            for _ in range(options.rounds)
        ]
        rows.append((name, 1.0 - float(np.median(ratios)), float(np.ptp(ratios))))
    rows.sort(key=lambda row: -row[1])
    lines = [
        "# What each mechanism costs",
        "",
        f"`python experiments/benchmarks/mechanisms.py`: {options.case}, `actual`, {options.replicates} "
        f"replicates, {options.rounds} rounds of with and without in turns. Cost: share of the time of a "
        "whole run that goes when the mechanism is off (median; negative: without it others have more to "
        "do). Spread: largest less smallest ratio of the rounds; a cost below it cannot be told from zero.",
        "",
        "| without | cost | spread |",
        "|--|--:|--:|",
        *(f"| `{name}` | {100 * cost:+.0f} % | {100 * spread:.0f} % |" for name, cost, spread in rows),
        "",
    ]
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
