"""How much does the DRC comparison rest on guesses? The numbers of drc-first-look.md.

    python experiments/drc_first_look.py [--quick] [--replicates 40] [--draws 400]

One at a time: every parameter at the low and at the high end of its declared range, the others at
their defaults. Jointly: all parameters at once, drawn from their ranges (Latin hypercube, uniform).
Each setting runs the same matched worlds under `none`, `actual` and `full-exit`, joint draws also under two
orders. Writes two tables and a figure
beside drc-first-look.md. Finished settings are kept as they come: a run that was stopped goes on.
About half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.progress import track
from scipy.stats import qmc, spearmanr

from sim import Scenario, compare
from sim.compiled import source_digest
from sim.parameters import PARAMETERS

HERE = Path(__file__).resolve().parent
OUT = HERE / "drc-first-look"
SCHEDULES = ("actual", "quiet-first", "hot-first", "full-exit")
SEED = 1
SAME = 0.02
"""A fifth of what chance moves the excess by with 40 runs; a smaller change of the rules shows in no tier."""


def one_at_a_time() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the defaults, then each parameter at both ends of its range."""
    yield "defaults", {}
    for p in PARAMETERS.values():
        for end, value in (("low", p.low), ("high", p.high)):
            if value != p.default:
                yield f"{p.name} {end}", {p.name: value}


def jointly(count: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield `count` draws of all parameters from their ranges."""
    names = list(PARAMETERS)
    low = [PARAMETERS[n].low for n in names]
    high = [PARAMETERS[n].high for n in names]
    unit = qmc.LatinHypercube(len(names), rng=np.random.default_rng(SEED)).random(count)
    for i, row in enumerate(qmc.scale(unit, low, high)):
        yield f"draw {i}", {n: float(v) for n, v in zip(names, row, strict=True)}


def measure(
    case: Scenario, settings: dict[str, float], schedules: tuple[str, ...], replicates: int
) -> dict[str, Any]:
    """Return what a setting gives: totals under `none`, and paired differences of each schedule."""
    changed = case.with_parameters(**settings)
    result = compare(changed, schedules, replicates=replicates, seed=SEED, threads=1)
    none = result.totals.sel(schedule="none").mean("replicate")
    row: dict[str, Any] = {
        "killed_none": float(none.sel(metric="killed")),
        "recorded_none": float(none.sel(metric="recorded_killed")),
    }
    pairs = {name: (name, "none") for name in schedules}
    if "quiet-first" in schedules:
        pairs["hot_minus_quiet"] = ("hot-first", "quiet-first")
    for label, (one, other) in pairs.items():
        d = result.difference("killed", one, other)
        row |= {label: d.mean, f"{label}_low": d.mean_low, f"{label}_high": d.mean_high}
    row["recorded_actual"] = result.difference("recorded_killed", "actual").mean
    return row


def run(
    name: str,
    settings: list[tuple[str, dict[str, float]]],
    case: Scenario,
    schedules: tuple[str, ...],
    replicates: int,
) -> pd.DataFrame:
    """Measure all settings, those kept from an earlier start excepted; returns a row a setting."""
    kept = OUT / f".{name}-{replicates}-{source_digest()[:12]}-{case.digest[:12]}.jsonl"
    done: dict[str, dict[str, Any]] = {}
    if kept.exists():
        lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
        rows = [json.loads(line) for line in lines if line.endswith("\n")]
        done = {row["setting"]: row for row in rows}
    with kept.open("w", encoding="utf-8") as file:
        for row in done.values():
            file.write(json.dumps(row) + "\n")
        todo = [(label, values) for label, values in settings if label not in done]
        with ProcessPoolExecutor() as pool:  # a setting a core: small comparisons use threads badly
            work = partial(measure, case, schedules=schedules, replicates=replicates)
            rows = pool.map(work, [values for _, values in todo])
            for (label, _), row in track(zip(todo, rows, strict=True), description=name, total=len(todo)):
                done[label] = {"setting": label, **row}
                file.write(json.dumps(done[label]) + "\n")
                file.flush()
    table = pd.DataFrame([done[label] for label, _ in settings])
    table.to_csv(OUT / f"{name}.csv", index=False, float_format="%.1f", lineterminator="\n")
    kept.unlink()
    return table


def missing(case: Scenario, replicates: int = 40) -> pd.DataFrame:
    """Measure only the parameters that the table of single parameters lacks, and return all of it.

    Raises `SystemExit` if the row of defaults no longer comes out as it stands there, to `SAME`: then the
    rules have changed, and all has to be measured anew.
    """
    file = OUT / "one-at-a-time.csv"
    there = pd.read_csv(file).set_index("setting")
    means = ["killed_none", "recorded_none", "actual", "full-exit", "recorded_actual"]
    now = measure(case, {}, ("actual", "full-exit"), replicates)
    off = {name: now[name] / there.at["defaults", name] - 1.0 for name in means}
    print("row of defaults, now against then: " + ", ".join(f"{n} {x:+.2%}" for n, x in off.items()))
    if any(abs(x) > SAME for x in off.values()):
        raise SystemExit(f"{file}: the row of defaults has changed; run this without --missing")
    settings = list(one_at_a_time())
    todo = [(label, values) for label, values in settings if label not in there.index]
    if todo:
        with ProcessPoolExecutor() as pool:
            work = partial(measure, case, schedules=("actual", "full-exit"), replicates=replicates)
            rows = pool.map(work, [values for _, values in todo])
            for (label, _), row in track(zip(todo, rows, strict=True), total=len(todo)):
                there.loc[label] = row
    table = there.loc[[label for label, _ in settings]].reset_index()
    table.to_csv(file, index=False, float_format="%.1f", lineterminator="\n")
    return table


def geography(case: Scenario) -> tuple[float, int]:
    """Return the rank correlation of killings under `none` with GED place-years, and of how many places."""
    result = compare(case, ["actual"], replicates=50, seed=SEED)
    killed = result.places.sel(schedule="none", measure="killed").sum("half_year").mean("replicate").values
    ged = np.array([d.baseline_violence for d in case.districts])
    known = np.array([d.id not in ("goma", "bukavu") for d in case.districts])  # the extract has no rows
    return float(spearmanr(killed[known], ged[known]).statistic), int(known.sum())


def beliefs(case: Scenario, district: str = "walikale") -> pd.DataFrame:
    """Return what groups in a district believe and what is true in one run, a row a quarter."""
    d = [place.id for place in case.districts].index(district)
    rows = []
    models = {name: case.model(name, seed=SEED, replicate=0) for name in ("actual", "none")}
    for week in range(260):
        row: dict[str, Any] = {"date": case.date_of(week)}
        for name, model in models.items():
            model.step()
            there = [g.expects_to_be_met() for g in model.armed_groups if g.district == d and g.fighters > 0]
            place = model.world.districts[d]
            row |= {
                f"believed, {name}": np.mean(there) if there else np.nan,
                f"true, {name}": 1 - (1 - place.un_met) * (1 - place.state_met),
            }
        if week >= 118 and week % 13 == 0:
            rows.append(row)
    return pd.DataFrame(rows)


def figure(single: pd.DataFrame, joint: pd.DataFrame, plausible: pd.Series) -> Figure:
    """Return the picture: what moves the excess under `actual` most, and what joint draws give."""
    drawn = Figure(figsize=(9.5, 5.2), layout="constrained")
    FigureCanvasAgg(drawn)
    left, right = drawn.subplots(1, 2, width_ratios=[1.25, 1.0])
    base = single.iloc[0]
    rows = single.iloc[1:].copy()
    rows[["parameter", "end"]] = rows["setting"].str.rsplit(" ", n=1, expand=True)
    wide = rows.pivot(index="parameter", columns="end", values="actual").fillna(base["actual"])
    span = (wide["high"] - wide["low"]).abs().sort_values(ascending=False)
    top = wide.loc[span.index[:18]][::-1]
    for y, (low, high) in enumerate(top[["low", "high"]].to_numpy()):
        left.plot([low, high], [y, y], color="0.6", lw=1.2, zorder=1)
        left.plot(low, y, "o", ms=5, color="#0072B2", label="at the low end" if y == 0 else None)
        left.plot(high, y, "o", ms=5, color="#D55E00", label="at the high end" if y == 0 else None)
    left.set_yticks(range(len(top)), list(top.index), fontsize=8)
    left.axvline(base["actual"], color="0.3", lw=0.8, ls=":")
    left.axvline(0, color="0.2", lw=1.0)
    left.set_title("One parameter at a time: the 18 that matter most", loc="left", fontsize=9, weight="bold")
    left.set_xlabel("killed under 'actual', more than with no drawdown\n(dotted: all at default)", fontsize=8)
    left.legend(fontsize=7.5, frameon=False, loc="lower right")
    # Shares, because totals differ by orders of magnitude between draws.
    for own, colour, label in (
        (~plausible, "0.75", "other draws"),
        (plausible, "#0072B2", "violence of a plausible size"),
    ):
        right.plot(
            100 * joint.loc[own, "actual"] / joint.loc[own, "killed_none"],
            100 * joint.loc[own, "hot_minus_quiet"] / joint.loc[own, "killed_none"],
            "o", ms=3.6, color=colour, mec="white", mew=0.3, label=f"{label} ({int(own.sum())})",
        )  # fmt: skip
    right.axvline(0, color="0.2", lw=1.0)
    right.axhline(0, color="0.2", lw=1.0)
    right.set_title("All parameters at once", loc="left", fontsize=9, weight="bold")
    right.set_xlabel("excess under 'actual', % of killed with no drawdown", fontsize=8)
    right.set_ylabel("'hot-first' minus 'quiet-first', %", fontsize=8)
    right.legend(fontsize=7.5, frameon=False)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    return drawn


def spread(values: pd.Series) -> str:
    """Return the median and the 90 % interval in words."""
    low, middle, high = values.quantile([0.05, 0.5, 0.95])
    return f"median {middle:,.1f}, nine in ten between {low:,.1f} and {high:,.1f}"


def influence(single: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Return what `sim.study.evidence` reads: the excess of `actual` at both ends of each parameter."""
    named = single["setting"].replace("defaults", "").str.rsplit(" ", n=1, expand=True)
    return pd.DataFrame(
        {
            "schedule": "actual",
            "parameter": named[0],
            "end": named[1].fillna(""),
            "mean": single["actual"],
            "low": single["actual_low"],
            "high": single["actual_high"],
            "runs": replicates,
        }
    )


def write_influence(single: pd.DataFrame, replicates: int) -> None:
    """Write the table that `drawdown compare` says how sure the evidence is by.

    Without intervals (fewer than 20 runs a setting) there is none, and one of older rules goes.
    """
    file = HERE.parent / "scenarios" / "drc-monusco" / "influence.csv"
    if single["actual_low"].isna().any():
        file.unlink(missing_ok=True)
        return
    influence(single, replicates).to_csv(file, index=False, float_format="%.1f", lineterminator="\n")


def main() -> None:
    """Run, write tables and figure, and print what the page says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few settings and runs, to see that it works")
    parser.add_argument(
        "--missing", action="store_true", help="only single parameters that the table lacks, and stop there"
    )
    parser.add_argument(
        "--replicates", type=int, default=40, help="runs a setting (a quarter as many a joint draw)"
    )
    parser.add_argument("--draws", type=int, default=400, help="joint draws of all parameters")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    case = Scenario.load("drc-monusco")
    if options.missing:
        write_influence(missing(case, options.replicates), options.replicates)
        return
    ends = list(one_at_a_time())[: 5 if options.quick else None]
    single = run("one-at-a-time", ends, case, ("actual", "full-exit"), options.replicates)
    write_influence(single, options.replicates)
    draws = list(jointly(10 if options.quick else options.draws))
    joint = run("jointly", draws, case, SCHEDULES, max(options.replicates // 4, 1))

    years = case.weeks / 52.18
    yearly = joint["killed_none"] / years
    reference = single["killed_none"].iloc[0] / years
    plausible = yearly.between(reference / 2.5, reference * 2.5)
    rho, districts = geography(case)
    print(f"rank correlation with GED place-years 2010-15: {rho:.2f} over {districts} districts")
    print(f"killed a year with no drawdown: {reference:,.0f} at the defaults; draws {spread(yearly)}")
    for label, own in (("all draws", joint), ("draws of a plausible size", joint[plausible])):
        print(f"{label}: {len(own)}")
        for name in (*SCHEDULES, "hot_minus_quiet"):
            print(
                f"  {name}: above zero in {np.mean(own[name] > 0):.0%}, clearly so in "
                f"{np.mean(own[f'{name}_low'] > 0):.0%}, clearly below in "
                f"{np.mean(own[f'{name}_high'] < 0):.0%}; % of those killed with no drawdown: "
                f"{spread(100 * own[name] / own['killed_none'])}"
            )
        print(
            f"  full-exit more than three times actual in {np.mean(own['full-exit'] > 3 * own['actual']):.0%}"
        )
        print(
            f"  recorded excess below the true one in {np.mean(own['recorded_actual'] < own['actual']):.0%}"
        )
    unclear = single[single["actual_low"] <= 0]["setting"].tolist()
    print(f"one at a time, 'actual' not clearly worse than none: {', '.join(unclear) or 'never'}")
    print("chance of being met in Walikale, as groups there believe and as it is, in one run")
    print(beliefs(case).round(3).to_string(index=False))
    figure(single, joint, plausible).savefig(OUT / "robustness.png", dpi=130)


if __name__ == "__main__":
    main()
