"""What is each of the seven closing bases of UNMISS worth? Each closes alone, early or half a year later.

    python experiments/unmiss-2025/worth.py [--replicates 80]

Writes worth.csv: a row a base and day, with the civilians killed more than where it never closes, in its own
district and in the country, over the whole run; means of matched runs with their 95 % interval.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pandas as pd

from sim import Action, Scenario, Schedule, compare
from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL

HERE = Path(__file__).resolve().parent
CASE = HERE.parents[1] / "scenarios" / "south-sudan-unmiss-2025"
BASES = ("Aweil", "Torit", "Yei", "Koch", "Akobo", "Bunj", "Pariang")
DAYS = {"first": date(2025, 11, 24), "last": date(2026, 6, 29)}
"""The week of the first closure on record, and the end of the mission's budget year."""


def main() -> None:
    """Run, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=80)
    options = parser.parse_args()
    case = Scenario.load(CASE)
    home = {u.base: u.district for u in case.units}
    names = {d.id: d.name for d in case.districts}
    plans = [
        Schedule(
            name=f"{base.lower()}-{when}",
            title=f"{base} alone, {when}",
            actions=(Action(do="close", base=base, on=day),),
        )
        for base in BASES
        for when, day in DAYS.items()
    ]
    result = compare(case, schedules=plans, replicates=options.replicates, seed=1)
    there = result.places.sel(measure="killed").sum("half_year")
    more = there - there.sel(schedule=COUNTERFACTUAL)
    rows = []
    for base in BASES:
        for when in DAYS:
            name = f"{base.lower()}-{when}"
            own = more.sel(schedule=name, district=names[home[base]]).to_numpy()
            all_of_it = more.sel(schedule=name).sum("district").to_numpy()
            low, high = mean_interval(own)
            least, most = mean_interval(all_of_it)
            rows.append(
                {
                    "base": base,
                    "closes": when,
                    "there": own.mean(),
                    "there_low": low,
                    "there_high": high,
                    "runs_more": int((own > 0).sum()),
                    "runs_less": int((own < 0).sum()),
                    "runs": len(own),
                    "country": all_of_it.mean(),
                    "country_low": least,
                    "country_high": most,
                }
            )
    table = pd.DataFrame(rows)
    table.to_csv(HERE / "worth.csv", index=False, float_format="%.1f", lineterminator="\n")
    print(table.to_string(index=False, float_format="%.1f"))


if __name__ == "__main__":
    main()
