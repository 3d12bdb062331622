"""Compare the schedules of every case, and bring each case's README and picture up to date.

    python experiments/cases.py [--replicates 100] [CASE ...]

Writes `differences.png` into each case's folder, the section "What the model shows" of its README (to the
end of the file), a row a case and schedule into experiments/cases/summary.csv, and the tables of
docs/cases.md and experiments/drc-first-look.md. Some ten minutes on two cores for all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from rich.progress import track

from sim import Scenario, compare
from sim.scenario.case import COUNTERFACTUAL, available
from sim.show.figures import differences
from sim.study.comparison import Comparison

ROOT = Path(__file__).resolve().parent.parent
OUT = Path(__file__).resolve().parent / "cases"
PAGE = ROOT / "docs" / "cases.md"
FIRST_LOOK = ROOT / "experiments" / "drc-first-look.md"
TITLE = "## What the model shows"
MAIN = ("actual", "hasty", "contingency-plan")
"""The schedule of a case that its row of docs/cases.md is about: the first of these that it has."""
SEED = 1


def table(result: Comparison) -> pd.DataFrame:
    """Return a row a schedule: totals, and differences to the matched worlds with their intervals."""
    rows = []
    years = result.scenario.weeks / 52.18
    for name in result.names:
        row: dict[str, object] = {"case": result.scenario.name, "schedule": name, "years": round(years, 1)}
        for metric in ("killed", "recorded_killed", "killed_by_criminals", "excess_deaths", "vacuum_weeks"):
            row[metric] = float(result.totals.sel(schedule=name, metric=metric).mean())
        if name != COUNTERFACTUAL:
            for metric in ("killed", "recorded_killed", "vacuum_weeks"):
                d = result.difference(metric, name)
                row |= {f"{metric}_more": d.mean, f"{metric}_low": d.mean_low, f"{metric}_high": d.mean_high}
            d = result.difference("killed", name)
            row |= {"runs_more": d.higher, "runs": d.runs, "p5": d.low, "p95": d.high}
        rows.append(row)
    return pd.DataFrame(rows)


def level(result: Comparison) -> str:
    """Say how many are killed a year before the first closure, where all bases stay."""
    from sim import measures

    case = result.scenario
    weeks = [measures.closures(case, p)["week"].min() for p in result.schedules if p.actions]
    first = int(min((w for w in weeks if w > 8), default=52))  # a comparison with NaN is false
    weekly = result.weekly.sel(schedule=COUNTERFACTUAL).isel(week=slice(0, first)).mean("replicate")
    a_year = {s: float(weekly.sel(series=s).sum()) * 52.18 / first for s in weekly.coords["series"].values}
    killed = sum(a_year[s] for s in measures.KILLED)
    return (
        f"Before the first closure ({first} weeks) some {killed:,.0f} civilians a year are killed by "
        f"organised violence ({a_year['killed_by_groups']:,.0f} by armed groups, "
        f"{a_year['killed_by_state']:,.0f} by state forces, {a_year['killed_by_militias']:,.0f} by "
        f"communal militias), of which about {a_year['recorded_killed']:,.0f} would be recorded. "
        "Only this level may be held against the record."
    )


def section(result: Comparison, rows: pd.DataFrame) -> str:
    """Return the section of a README."""
    lines = [
        TITLE,
        "",
        f"`drawdown compare {result.scenario.name} --replicates {result.replicates} --seed {result.seed}`: "
        "differences between simulated worlds, conditional on the rules and on these tables; no forecast "
        "and no estimate of what happened. Means of matched runs; killed by armed groups, state forces and "
        "communal militias.",
        "",
        "| schedule | killed | more than under `none` (95 % interval of the mean) | as the record would show "
        "it | more in | district-weeks of vacuum, more |",
        "|--|--:|--:|--:|--:|--:|",
    ]
    for r in rows.itertuples():
        if r.schedule == COUNTERFACTUAL:
            lines.append(f"| `none` | {r.killed:,.0f} | | | | ({r.vacuum_weeks:,.0f} in all) |")
        else:
            lines.append(
                f"| `{r.schedule}` | {r.killed:,.0f} | {r.killed_more:+,.0f} ({r.killed_low:+,.0f} to "
                f"{r.killed_high:+,.0f}) | {r.recorded_killed_more:+,.0f} | {r.runs_more:.0f} of "
                f"{r.runs:.0f} | {r.vacuum_weeks_more:+,.0f} |"
            )
    lines += [
        "",
        level(result),
        "",
        "![Civilians killed under each schedule, each minus the same simulated world in which the bases "
        "stay](differences.png)",
        "",
    ]
    return "\n".join(lines)


def tell(summary: pd.DataFrame) -> None:
    """Bring the tables of docs/cases.md and experiments/drc-first-look.md up to date; their words stay."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for name, own in summary.groupby("case"):
        plans = own.set_index("schedule")
        happened = next(plan for plan in MAIN if plan in plans.index)
        others = plans.drop(index=[happened, COUNTERFACTUAL])
        none, r, worst = plans.loc[COUNTERFACTUAL], plans.loc[happened], others["killed_more"].idxmax()
        people = sum(d.population for d in Scenario.load(ROOT / "scenarios" / str(name)).districts)
        told = (
            f" {none.killed / none.years:,.0f} ({none.recorded_killed / none.killed:.0%}) |"
            f" {r.killed_more:+,.0f} ({r.killed_low:+,.0f} to {r.killed_high:+,.0f}) |"
            f" {1e5 * r.killed_more / r.years / people:+.2f} | {r.recorded_killed_more:+,.0f} |"
            f" `{worst}` {others.loc[worst].killed_more:+,.0f} |"
        )
        i = next((i for i, line in enumerate(lines) if f"scenarios/{name}/README.md) |" in line), -1)
        if i < 0:
            continue
        lines[i] = "|".join(lines[i].split("|")[:3]) + "|" + told
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = FIRST_LOOK.read_text(encoding="utf-8").splitlines()
    drc = summary[summary["case"] == "drc-monusco"].set_index("schedule")
    for r in drc.drop(index=COUNTERFACTUAL).itertuples():
        i = next(i for i, line in enumerate(lines) if line.startswith(f"| `{r.Index}` |"))
        lines[i] = (
            f"| `{r.Index}` | {r.killed_more:+,.0f} | {r.killed_low:+,.0f} to {r.killed_high:+,.0f} |"
            f" {r.runs_more:.0f} of {r.runs:.0f} | {r.p5:+,.0f} to {r.p95:+,.0f} |"
            f" {100 * r.killed_more / drc.loc[COUNTERFACTUAL].killed:.1f} % |"
        )
    FIRST_LOOK.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Run, write pictures, sections and the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", help="default: all")
    parser.add_argument("--replicates", type=int, default=100)
    options = parser.parse_args()
    names = options.cases or sorted(available())
    OUT.mkdir(exist_ok=True)
    file = OUT / "summary.csv"
    frames = [pd.read_csv(file)] if file.exists() else []
    for name in track(names, description="cases"):
        result = compare(Scenario.load(ROOT / "scenarios" / name), replicates=options.replicates, seed=SEED)
        rows = table(result)
        folder = ROOT / "scenarios" / name
        differences(result).savefig(
            folder / "differences.png", dpi=130, bbox_inches="tight", metadata={"Software": None}
        )
        readme = folder / "README.md"
        before = readme.read_text(encoding="utf-8").split(TITLE)[0].rstrip()
        readme.write_text(f"{before}\n\n{section(result, rows)}", encoding="utf-8")
        frames = [f[f["case"] != name] for f in frames] + [rows]
    whole = pd.concat(frames, ignore_index=True).sort_values("case", kind="stable")
    whole.to_csv(file, index=False, float_format="%.2f", lineterminator="\n")
    tell(pd.read_csv(file))


if __name__ == "__main__":
    main()
