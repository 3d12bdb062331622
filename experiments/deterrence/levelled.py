"""Does the form of deterrence decide the answer, or only its size? Both forms at one total effect.

    python experiments/deterrence/levelled.py [--replicates 100] [CASE ...]

A group that expects to be met attacks less often (rule `deterrence` is `rate`, the default), or weighs the
loss among all that it can do in a week (`choice`). Neither's size has a source. In each case this script sets
`choice_met_cost` so that the whole mission prevents the same share of killings as under `rate`, then asks
both forms for a mission of part of its strength, and for closures. Writes levelled.csv and levelled.png; what
they say stands in README.md, by hand. Some twenty minutes on one core.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim import Scenario, compare
from sim.intervals import mean_interval
from sim.scenario.schema import NO_DRAWDOWN
from sim.study.variants import held

HERE = Path(__file__).resolve().parent
CASES = {"drc-monusco": ("actual", "full-exit"), "darfur-unamid": ("actual", "hasty"), "corridor": ("hasty",)}
"""Schedules that are asked of each."""
DOSES = (0.0, 0.01, 0.1, 0.25, 0.5, 1.0)
RANGE = (0.2, 6.0)
"""Of `choice_met_cost`, as declared."""
HALVINGS = 7
SEED, RESAMPLES = 1, 2000
Found = tuple[str, str, tuple[float, float, float]]
"""What was measured, at which level, and its value with a 95 % interval."""
COLOURS = {"rate": "#1b6ca8", "choice at its default": "#c9a26b", "choice, levelled": "#b5651d"}


def mission(case: Scenario, times: float) -> Scenario:
    """Return a case with every unit `times` as strong (one person at least); 0: without the mission."""
    if times == 0.0:
        return replace(case, units=(), schedules={})
    units = (u.model_copy(update={"strength": max(1, round(times * u.strength))}) for u in case.units)
    return replace(case, units=tuple(units))


def killed(case: Scenario, replicates: int) -> np.ndarray:
    """Return civilians killed in each world in which the bases stay: (replicates,)."""
    result = compare(case, [NO_DRAWDOWN], replicates=replicates, seed=SEED)
    return result.totals.sel(schedule="none", metric="killed").values.astype(float)


def prevented(case: Scenario, replicates: int) -> float:
    """Return the share of killings that the whole mission prevents."""
    none, all_ = (killed(mission(case, times), replicates).mean() for times in (0.0, 1.0))
    return float(1.0 - all_ / none)


def level(case: Scenario, target: float, replicates: int) -> float:
    """Return the `choice_met_cost` at which the mission prevents this share, or the end of its range."""
    low, high = RANGE
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        there = case.with_rules(deterrence="choice").with_parameters(choice_met_cost=middle)
        if prevented(there, replicates) < target:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def interval(stat: Callable[..., Any], *arrays: np.ndarray) -> tuple[float, float, float]:
    """Return a function of means over the same runs, with its bootstrap interval."""
    rng = np.random.default_rng(7)
    draws = rng.integers(0, len(arrays[0]), (RESAMPLES, len(arrays[0])))
    found = stat(*(a[draws].mean(axis=1) for a in arrays))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(stat(*(a.mean() for a in arrays))), float(low), float(high)


def measure(name: str, replicates: int) -> list[dict[str, object]]:
    """Return what each form says of one case."""
    case = Scenario.load(name)
    values = case.parameter_values()
    stays = held(case)
    cost = level(stays, prevented(stays, replicates), replicates)
    rows: list[dict[str, object]] = []
    for form, costs in (
        ("rate", {"met_cost": values["met_cost"]}),
        ("choice at its default", {"choice_met_cost": values["choice_met_cost"]}),
        ("choice, levelled", {"choice_met_cost": cost}),
    ):
        rule = form.split()[0].strip(",")

        def under(world: Scenario, rule: str = rule, costs: dict[str, float] = costs) -> Scenario:
            return world.with_rules(deterrence=rule).with_parameters(**costs)

        told = {"case": name, "form": form, "cost": next(iter(costs.values())), "worlds": replicates}
        found = doses(under(stays), case.weeks / 52.18, replicates)
        found += closures(under(case), CASES[name], replicates)
        rows += [
            told | {"measure": what, "level": at, "value": value, "low": low, "high": high}
            for what, at, (value, low, high) in found
        ]
    return rows


def doses(stays: Scenario, years: float, replicates: int) -> list[Found]:
    """Return what missions of part of their strength prevent."""
    by = {f: killed(mission(stays, f), replicates) for f in DOSES}
    none, whole = by[0.0], by[1.0]
    found: list[Found] = [
        (
            "killed a year without a mission",
            "",
            (none.mean() / years, *(x / years for x in mean_interval(none))),
        ),
        ("prevented by the whole mission, %", "1", interval(lambda a, b: 100 * (1 - b / a), none, whole)),
    ]
    for f in DOSES[1:-1]:
        share = interval(lambda a, s, b: 100 * (a - s) / (a - b), none, by[f], whole)
        found.append(("share of the mission's effect, %", f"{f:g}", share))
    return found


def closures(case: Scenario, plans: Sequence[str], replicates: int) -> list[Found]:
    """Return what closures add."""
    result = compare(case, list(plans), replicates=replicates, seed=SEED)
    killed_ = {
        plan: result.totals.sel(schedule=plan, metric="killed").values.astype(float)
        for plan in ("none", *plans)
    }
    found: list[Found] = []
    for plan in plans:
        more = killed_[plan] - killed_["none"]
        share = interval(lambda x, b: 100 * x / b, more, killed_["none"])
        found += [
            ("more killed", plan, (more.mean(), *mean_interval(more))),
            ("more killed, % of those killed where bases stay", plan, share),
            ("worlds with more killed, of 100", plan, (100 * (more > 0).mean(), math.nan, math.nan)),
        ]
    return found


def picture(table: pd.DataFrame, path: Path) -> None:
    """Draw how the effect grows with the mission's strength, and what closures add, under each form."""
    cases = list(dict.fromkeys(table["case"]))
    figure = Figure(figsize=(3.3 * len(cases) + 0.6, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, len(cases), squeeze=False)
    for j, name in enumerate(cases):
        own = table[table["case"] == name]
        axes = panels[0, j]
        for k, (form, colour) in enumerate(COLOURS.items()):
            rows = own[(own["form"] == form) & own["measure"].str.startswith("share of the mission")]
            x = np.array([0.0, *rows["level"].astype(float), 1.0])
            axes.plot(100 * x, [0.0, *rows["value"], 100.0], color=colour, marker="o", ms=3, lw=1.4)
            for at, low, high in zip(rows["level"].astype(float), rows["low"], rows["high"], strict=True):
                axes.plot([100 * at + k - 1] * 2, [low, high], color=colour, lw=0.8)
        axes.set_title(name, fontsize=9, loc="left")
        axes.set_xlabel("strength of the mission, % of what it is", fontsize=8)
        axes = panels[1, j]
        rows = own[own["measure"].str.startswith("more killed, %")]
        plans = list(dict.fromkeys(rows["level"]))
        for k, (form, colour) in enumerate(COLOURS.items()):
            for i, plan in enumerate(plans):
                r = rows[(rows["form"] == form) & (rows["level"] == plan)].iloc[0]
                y = i + 0.22 * (k - 1)
                axes.plot([r["low"], r["high"]], [y, y], color=colour, lw=1.4)
                axes.plot(r["value"], y, "o", color=colour, ms=5)
        axes.axvline(0, color="0.6", lw=0.8, zorder=0)
        axes.set_yticks(range(len(plans)), plans)
        axes.set_ylim(len(plans) - 0.4, -0.6)
        axes.set_xlabel("more killed, % of those where bases stay", fontsize=8)
    panels[0, 0].set_ylabel("% of the whole mission's effect", fontsize=8)
    for axes in panels.flat:
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        handles=[Line2D([], [], color=c, marker="o", ms=4, label=f) for f, c in COLOURS.items()],
        loc="outside upper left", ncols=3, frameon=False, fontsize=8,
    )  # fmt: skip
    figure.supxlabel(
        f"Matched simulated worlds, {table['worlds'].max()} of each; lines: 95 % intervals. No forecast.",
        fontsize=8,
    )
    figure.savefig(path, dpi=150, metadata={"Software": None})


def main() -> None:
    """Run what is asked, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="CASE")
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    rows = []
    for name in options.cases:
        rows += measure(name, options.replicates)
        print(pd.DataFrame(rows).query("case == @name").to_string(index=False, float_format="%.2f"))
    table = pd.DataFrame(rows)
    table.to_csv(options.out / "levelled.csv", index=False, float_format="%.4g", lineterminator="\n")
    picture(table, options.out / "levelled.png")


if __name__ == "__main__":
    main()
