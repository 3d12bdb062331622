"""Hold what was expected of UNMISS 2025-27 against what the comparison and the study say.

    drawdown compare south-sudan-unmiss-2025 --replicates 200 --seed 1 --parameters default
    drawdown sweep unmiss-2025
    drawdown analyse unmiss-2025
    python experiments/unmiss-2025/judge.py [--expectations 100]

Writes judged.csv, a row a line of preregistration.md (right: its 95 % interval lies within what was
expected; wrong: outside; else it cannot be told), and districts.csv, the excess by district. With
`--expectations` it runs the schedules once more and writes expectations.csv, the shares of worlds that are
scored when the record is known.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sim import Scenario, measures
from sim.ensemble import Ensemble
from sim.intervals import mean_interval, proportion_interval
from sim.study.experiments.store import read

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CASE = "south-sudan-unmiss-2025"
PLAN, FORCE, DEMAND, EXIT = "contingency-plan", "reaction-force", "government-demand", "forced-exit"
YEAR = 52


def verdict(low: float, high: float, at_least: float, at_most: float) -> str:
    """Return whether an interval lies in the range that was expected."""
    if at_least <= low and high <= at_most:
        return "right"
    return "wrong" if high < at_least or low > at_most else "cannot be told"


def judged(
    totals: xr.Dataset, places: xr.DataArray, weekly: xr.DataArray
) -> Iterator[tuple[str, str, str, str]]:
    """Yield line, what was expected, what came out, and the verdict, for lines 1 to 8.

    `totals` has (schedule, replicate) for each metric, `places` the killed by (schedule, replicate,
    half_year, district), `weekly` by (schedule, replicate, week).
    """
    killed = totals["killed"]
    none = killed.sel(schedule="none")
    level = float(none.mean())

    def excess(plan: str, than: str = "none") -> np.ndarray:
        return (killed.sel(schedule=plan) - killed.sel(schedule=than)).to_numpy()  # type: ignore[no-any-return]

    expected = {PLAN: (-1, 4, 50, 80), DEMAND: (2, 10, 75, 98), EXIT: (5, 20, 90, 100)}
    for line, plan in (("1", PLAN), ("3", DEMAND), ("4", EXIT)):
        low, high, few, many = expected[plan]
        a, b = (100.0 * x / level for x in mean_interval(excess(plan)))
        yield (
            f"{line} {plan}, excess",
            f"{low:+} to {high:+} %",
            f"{a:+.1f} to {b:+.1f} %",
            verdict(a, b, low, high),
        )
        share = float((excess(plan) > 0).mean())
        a, b = (100.0 * x for x in proportion_interval(share, len(none)))
        yield (
            f"{line} {plan}, worlds with more",
            f"{few} to {many} of 100",
            f"{a:.0f} to {b:.0f}",
            verdict(a, b, few, many),
        )
    a, b = (100.0 * x / level for x in mean_interval(excess(FORCE, PLAN)))
    yield "2 reaction-force less plan", "-1.5 to +1.5 %", f"{a:+.1f} to {b:+.1f} %", verdict(a, b, -1.5, 1.5)
    a, b = (100.0 * x for x in proportion_interval(float((excess(FORCE, PLAN) < 0).mean()), len(none)))
    yield (
        "2 reaction-force, worlds with less",
        "45 to 65 of 100",
        f"{a:.0f} to {b:.0f}",
        verdict(a, b, 45, 65),
    )
    a, b = mean_interval(excess(DEMAND, PLAN))
    yield "5 demand more than plan", "above 0", f"{a:+.0f} to {b:+.0f}", verdict(a, b, 0, np.inf)
    a, b = (100.0 * x for x in proportion_interval(float((excess(EXIT, DEMAND) > 0).mean()), len(none)))
    yield "5 exit worse than demand", "65 to 100 of 100", f"{a:.0f} to {b:.0f}", verdict(a, b, 65, 100)
    a, b = mean_interval(excess(FORCE, PLAN))
    yield (
        "5 plan and force not told apart",
        "interval holds 0",
        f"{a:+.0f} to {b:+.0f}",
        "right" if a < 0 < b else "wrong",
    )

    by = (places - places.sel(schedule="none")).sum("half_year")
    three = [n for n in by["district"].to_numpy() if any(w in n for w in ("Bentiu", "Wau", "Malakal"))]
    there = by.sel(schedule=DEMAND, district=three).sum("district").to_numpy()
    a, b = mean_interval(there - 0.5 * excess(DEMAND))
    yield (
        "6 demand: Bentiu, Wau, Malakal less half of all",
        "above 0",
        f"{a:+.0f} to {b:+.0f}",
        verdict(a, b, 0, np.inf),
    )
    means = by.sel(schedule=PLAN).mean("replicate")
    most = str(means["district"].to_numpy()[int(means.to_numpy().argmax())])
    a, b = mean_interval(by.sel(schedule=PLAN, district=most).to_numpy())
    yield (
        f"6 plan: largest excess ({most})",
        "at most +15",
        f"{a:+.0f} to {b:+.0f}",
        verdict(a, b, -np.inf, 15),
    )
    by_year = weekly.groupby("week.year").sum()
    growth = by_year.sel(year=2027) - by_year.sel(year=2026)
    growth = growth - growth.sel(schedule="none")
    for plan, bounds in ((DEMAND, (0.0, np.inf)), (PLAN, (-np.inf, 0.0))):
        a, b = mean_interval(growth.sel(schedule=plan).to_numpy())
        said = "above 0" if plan == DEMAND else "at most 0"
        yield (
            f"7 {plan}: excess of 2027 less that of 2026",
            said,
            f"{a:+.0f} to {b:+.0f}",
            verdict(a, b, *bounds),
        )
    recorded = totals["recorded_killed"]
    share = float(recorded.sel(schedule="none").mean()) / level
    for plan in (DEMAND, EXIT):
        more = (recorded.sel(schedule=plan) - recorded.sel(schedule="none")).to_numpy()
        a, b = mean_interval(more - share * excess(plan))
        yield (
            f"8 {plan}: recorded less {share:.0%} of excess",
            "below 0",
            f"{a:+.0f} to {b:+.0f}",
            verdict(a, b, -np.inf, 0),
        )


def worlds() -> Iterator[tuple[str, str, str, str]]:
    """Yield line 9, of the study: in how many points the forced exit is worst, and what may be best."""
    runs = read(ROOT / "results" / "unmiss-2025").runs
    means = runs.pivot_table(index="point", columns="schedule", values="killed", aggfunc="mean")
    worst = int((means.idxmax(axis=1) == EXIT).sum())
    yield "9 forced-exit worst", "30 to 40 of 40 points", f"{worst}", verdict(worst, worst, 30, 40)
    best = str(means.mean().drop("none").idxmin())
    yield (
        "9 least harm of the four",
        f"{PLAN} or {FORCE}",
        best,
        "right" if best in (PLAN, FORCE) else "wrong",
    )


def expectations(replicates: int) -> pd.DataFrame:
    """Return, for each schedule and district with a closure, the share of worlds that will be scored.

    The ratio of deaths on record in the year after to the year before, divided by that of all districts
    without a closure; a world in which the two are equal (mostly: no deaths) counts half.
    """
    case = Scenario.load(ROOT / "scenarios" / CASE)
    ids = [d.id for d in case.districts]
    home = {u.base: u.district for u in case.units}
    rows = []
    for name, plan in sorted(case.schedules.items()):
        run = Ensemble(case, plan).run(1, 0, replicates).records
        dead = sum(run[f].astype(float) for f in measures.RECORDED)
        closed = {home[b]: w for b, w in sorted(closing_weeks(case, name).items(), key=lambda c: -c[1])}
        still = [i for i, d in enumerate(ids) if d not in closed]
        for district, week in sorted(closed.items()):
            i, before, after = ids.index(district), slice(max(week - YEAR, 0), week), slice(week, week + YEAR)
            was, now = dead[:, before, i].mean(1), dead[:, after, i].mean(1)
            was_still, now_still = (
                dead[:, before][:, :, still].mean((1, 2)),
                dead[:, after][:, :, still].mean((1, 2)),
            )
            left, right = now * was_still, was * now_still
            above = np.where(left == right, 0.5, left > right)
            rows.append(
                {
                    "schedule": name,
                    "district": district,
                    "first_week": week,
                    "recorded_before_a_year": float(was.mean() * YEAR),
                    "share_above_one": float(above.mean()),
                }
            )
    return pd.DataFrame(rows)


def closing_weeks(case: Scenario, plan: str) -> dict[str, int]:
    """Return the planned week of each closure of a base with troops."""
    found = measures.closures(case, case.schedules[plan])
    armed = {u.base for u in case.units if u.kind == "infantry"}
    return {r.base: int(r.week) for r in found.itertuples() if r.base in armed}


def main() -> None:
    """Judge, and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--expectations", type=int, default=0, metavar="RUNS", help="runs a schedule; 0: none"
    )
    options = parser.parse_args()
    folder = ROOT / "results" / CASE
    totals = xr.load_dataset(folder / "totals.nc")
    paths = xr.load_dataset(folder / "trajectories.nc")
    places, weekly = paths["district_killed"], sum(paths[name] for name in measures.KILLED)
    rows = [*judged(totals, places, weekly), *worlds()]
    table = pd.DataFrame(rows, columns=["line", "expected", "came out", "verdict"])
    table.to_csv(HERE / "judged.csv", index=False, lineterminator="\n")
    print(table.to_string(index=False))
    by = (places - places.sel(schedule="none")).sum("half_year").drop_sel(schedule="none")
    found = []
    for plan in by["schedule"].to_numpy():
        for district in by["district"].to_numpy():
            x = by.sel(schedule=plan, district=district).to_numpy()
            low, high = mean_interval(x)
            found.append(
                (plan, district, x.mean(), low, high, int((x > 0).sum()), int((x < 0).sum()), len(x))
            )
    pd.DataFrame(
        found,
        columns=["schedule", "district", "killed_more", "low", "high", "runs_more", "runs_less", "runs"],
    ).to_csv(HERE / "districts.csv", index=False, float_format="%.1f", lineterminator="\n")
    if options.expectations:
        expectations(options.expectations).to_csv(
            HERE / "expectations.csv", index=False, float_format="%.3f", lineterminator="\n"
        )


if __name__ == "__main__":
    main()
