"""How much the matched design tells, and how many worlds an answer takes: experiments/matched.md.

    python experiments/matched.py [--times 1.0] [--before]

For some cases: the excess of a schedule over `none` in matched worlds, its spread over worlds, and the
number of worlds after which the 95 % interval of its mean is a tenth of it wide to each side. Beside it
the same where no closure moves a campaign, where the worlds are not matched, and the placebo: `none`
with one fighter more in one group. `--before` writes what it finds into before.csv, the table to hold
it against. Some six minutes on two cores.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from sim import Scenario
from sim.ensemble import Ensemble
from sim.intervals import mean_interval
from sim.scenario.case import COUNTERFACTUAL

sys.path.insert(0, str(Path(__file__).resolve().parent / "responses"))
import changes

HERE = Path(__file__).resolve().parent / "matched"
CASES = {
    "drc-monusco": (("actual", "full-exit"), 300),
    "darfur-unamid": (("actual", "hasty"), 240),
    "liberia-unmil": (("actual",), 600),
    "corridor": (("hasty",), 600),
}
SEED, BLOCK = 1, 20
WHO = ("groups", "state", "militias")


TOP = """\
# What matching tells, and how many worlds an answer takes

Civilians killed by armed groups, state forces and communal militias over whole runs, a schedule against
the same worlds in which every base stays. *Worst tenth carries*: share of the whole excess that lies in
the tenth of worlds where it is largest. *Placebo*: `none` with one fighter more in one group, so what
chance alone makes of the smallest difference. Numbers: `python experiments/matched.py`
([table](matched/matched.csv)).
"""
BELOW = """\
in how much a closure does, as some are at war and some are not. So a mean alone says little: look at
the median, at how many worlds are worse, and at the worst twentieth. `drawdown compare --precision 10%`
runs until the means are as precise as asked."""
BEFORE = """
## Before wars began and ended

The same with the rules before (no campaigns, no operations of the army): worlds differed less, and
differences took fewer of them.
"""


def killed(case: Scenario, schedule: str, n: int) -> np.ndarray:
    """Return the civilians killed in each of `n` worlds."""

    def run(first: int) -> np.ndarray:
        records = Ensemble(case, schedule).run(SEED, first, min(BLOCK, n - first)).records
        return sum(records[f"killed_by_{who}"].sum(axis=(1, 2), dtype=float) for who in WHO)

    with ThreadPoolExecutor() as pool:
        return np.concatenate(list(pool.map(run, range(0, n, BLOCK))))


def row(case: str, what: str, stay: np.ndarray, other: np.ndarray) -> dict[str, object]:
    """Return what is said of the difference of two sets of matched worlds."""
    more = other - stay
    n = len(more)
    low, high = mean_interval(more)
    worst = np.sort(more)[-max(1, n // 10) :]
    mean = float(more.mean())
    return {
        "case": case,
        "what": what,
        "worlds": n,
        "killed": stay.mean(),
        "cv": stay.std(ddof=1) / stay.mean(),
        "mean": mean,
        "low": low,
        "high": high,
        "median": float(np.median(more)),
        "p5": float(np.quantile(more, 0.05)),
        "p95": float(np.quantile(more, 0.95)),
        "worse": float((more > 0).mean()),
        "sd_matched": more.std(ddof=1),
        "sd_unmatched": float(np.sqrt(stay.var(ddof=1) + other.var(ddof=1))),
        "for_a_tenth": (1.96 * more.std(ddof=1) / (0.1 * mean)) ** 2 if mean else np.nan,
        "worst_tenth": float(worst.sum() / more.sum()) if more.sum() else np.nan,
    }


def measure(times: float) -> pd.DataFrame:
    """Run all cases."""
    rows = []
    for name, (schedules, worlds) in CASES.items():
        case, n = Scenario.load(name), max(BLOCK, round(times * worlds))
        stay = killed(case, COUNTERFACTUAL, n)
        for schedule in schedules:
            rows.append(row(name, schedule, stay, killed(case, schedule, n)))
            print(name, schedule, flush=True)
        rows.append(row(name, "placebo", stay, killed(changes.one_fighter_more(case), COUNTERFACTUAL, n)))
        try:
            unmoved = case.without("campaign-openings")
        except ValueError:
            continue  # rules without campaigns
        rows.append(
            row(
                name,
                f"{schedules[0]}, no closure moves the onset of a campaign",
                killed(unmoved, COUNTERFACTUAL, n),
                killed(unmoved, schedules[0], n),
            )
        )
    return pd.DataFrame(rows)


def number(value: float, signed: bool = False) -> str:
    """Return a count of people."""
    return "" if pd.isna(value) else f"{value:+,.0f}" if signed else f"{value:,.0f}"


def lines(table: pd.DataFrame) -> list[str]:
    """Return the table of the page."""
    head = (
        "| case | schedule | killed under `none` (CV of worlds) | more killed: mean (95 %) | median | 5 to "
        "95 % of worlds | worse in | sd, matched | sd, not matched | worst tenth carries | worlds for ± 10 % "
        "|"
    )
    made = [head, "|--|--|" + "--:|" * 9]
    for r in table.itertuples():
        placebo, told = r.what == "placebo", r.low > 0.0 or r.high < 0.0
        interval = f"{number(r.mean, True)} ({number(r.low, True)} to {number(r.high, True)})"
        cells = (
            r.case,
            r.what,
            f"{number(r.killed)} ({r.cv:.2f})",
            interval,
            number(r.median, True),
            f"{number(r.p5, True)} to {number(r.p95, True)}",
            f"{100 * r.worse:.0f} %",
            number(r.sd_matched),
            number(r.sd_unmatched),
            "" if placebo or not told else f"{r.worst_tenth:.2f}",
            "" if placebo else number(r.for_a_tenth) if told else "mean not told from 0",
        )
        made.append("| " + " | ".join(cells) + " |")
    return made


def page(now: pd.DataFrame, before: pd.DataFrame | None) -> str:
    """Return experiments/matched.md."""
    gain = now[~now["what"].str.startswith("placebo")]
    ratio = (gain["sd_unmatched"] / gain["sd_matched"]) ** 2
    text = [
        TOP,
        *lines(now),
        "",
        f"Matching lowers the variance of a difference {ratio.min():.0f} to {ratio.max():.0f} times. What is "
        "left is no noise: worlds differ",
        BELOW,
    ]
    if before is not None:
        text += [BEFORE, *lines(before)]
    return "\n".join(text) + "\n"


def main() -> None:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=float, default=1.0, help="worlds, relative to the usual number")
    parser.add_argument("--before", action="store_true", help="write the table to hold later ones against")
    options = parser.parse_args()
    table = measure(options.times)
    HERE.mkdir(exist_ok=True)
    if options.before:
        table.to_csv(HERE / "before.csv", index=False, float_format="%.6g")
        return
    table.to_csv(HERE / "matched.csv", index=False, float_format="%.6g")
    before = pd.read_csv(HERE / "before.csv") if (HERE / "before.csv").exists() else None
    (HERE.parent / "matched.md").write_text(page(table, before), encoding="utf-8")


if __name__ == "__main__":
    main()
