"""Which parameters matter, how much, and by how much ignorance of them is magnified in the answer.

    python experiments/parameter_tiers.py

Reads what `experiments/drc_first_look.py` measured (each parameter at both ends of its range, and joint
draws of all) and writes `sim/influence.json`, which `drawdown parameters` shows, and `docs/parameters.md`.
Runs the DRC case a little, to say which rules the numbers belong to (`fingerprint`).

Magnification after Edeling et al. 2021 (Nature Computational Science 1, on CovidSim): the coefficient of
variation of the answer over that of the inputs.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from sim import Scenario, influence
from sim.ensemble import Ensemble
from sim.parameters import PARAMETERS

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "parameters.md"
COLUMNS = {"level": "killed_none", "excess": "full-exit"}
RUNS = 8
"""Runs a setting of the table of single parameters, as it was last made (`--replicates`)."""
NORMAL_QUARTILES = 1.349
"""Interquartile range of a normal distribution, in standard deviations."""


def fingerprint(case: Scenario) -> dict[str, float]:
    """Return a few sums of two runs of the DRC case: they change whenever a rule or a default does."""
    sums = {}
    for name in ("none", "full-exit"):
        records = Ensemble(case, name).run(1, 0, 2).records
        for field in ("attacks", "killed_by_groups", "killed_by_state", "fled", "armed"):
            sums[f"{name}, {field}"] = float(records[field].sum(dtype="f8"))
    return sums


def ends(measured: pd.DataFrame, name: str, headline: str) -> tuple[float, float]:
    """Return the change of a headline at the low and the high end of a parameter, as a share of it.

    Raises `KeyError` if the parameter was not measured.
    """
    p = PARAMETERS[name]
    base = measured.at["defaults", COLUMNS[headline]]
    low, high = (
        0.0 if value == p.default else measured.at[f"{name} {end}", COLUMNS[headline]] / base - 1.0
        for end, value in (("low", p.low), ("high", p.high))
    )
    return round(float(low), 3), round(float(high), 3)


def spread(x: np.ndarray) -> tuple[float, float]:
    """Return the coefficient of variation, and the same from quartiles and median, which no tail moves."""
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75])
    return float(np.std(x, ddof=1) / np.mean(x)), float((high - low) / NORMAL_QUARTILES / middle)


def magnification(joint: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return, by headline, how much wider the answer spreads than the inputs, both relative to their size."""
    varied = [p for p in PARAMETERS.values() if p.high > p.low and p.low + p.high > 0]
    inputs = float(np.mean([(p.high - p.low) / math.sqrt(12.0) / ((p.low + p.high) / 2.0) for p in varied]))
    result = {}
    for headline, column in COLUMNS.items():
        cv, robust = spread(joint[column].to_numpy())
        result[headline] = {
            "inputs": round(inputs, 3),
            "answer": round(cv, 3),
            "answer_by_quartiles": round(robust, 3),
            "magnified": round(cv / inputs, 2),
            "magnified_by_quartiles": round(robust / inputs, 2),
        }
    return result


def page(made: dict[str, object], rows: dict[str, influence.Influence]) -> str:
    """Return docs/parameters.md."""
    counts = {t: sum(r.tier == t for r in rows.values()) for t in influence.TIERS}
    m = made["magnification"]
    assert isinstance(m, dict)
    since = made.get("older")
    newer = len(set(PARAMETERS) - set(rows))
    warning = f"**Older than the rules.** Measured {since}; {newer} are newer and in no tier."
    lines = [
        "# Which parameters matter",
        "",
        *([warning, ""] if since else []),
        "Made by `python experiments/parameter_tiers.py` from the DRC case: each parameter at both ends of "
        f"its declared range, the others at their defaults, {RUNS} matched runs each, and "
        f"{made['joint_draws']} joint draws of all, two runs each. Two headlines: the *level* "
        f"({influence.HEADLINES['level']}) and the *excess* ({influence.HEADLINES['excess']}).",
        "",
        f"**{counts[1]} move a headline by 30 % or more**, {counts[2]} by 10 to 30 %, and {counts[3]} by "
        f"less. With {RUNS} runs chance alone moves the excess by a fifth, so the edges of the tiers are "
        "blurred. One at a time says nothing of what parameters do together.",
        "",
        "**Ignorance is magnified.** Drawn together over their ranges parameters have a coefficient of "
        f"variation of {m['level']['inputs']:.2f} on average; that of the level is "
        f"{m['level']['answer']:.1f} and of the excess {m['excess']['answer']:.1f}: "
        f"{m['level']['magnified']:.1f} and {m['excess']['magnified']:.1f} times as much "
        f"({m['level']['magnified_by_quartiles']:.1f} and {m['excess']['magnified_by_quartiles']:.1f} by "
        "quartiles, which no tail moves). Edeling et al. (2021) found up to three in CovidSim, where 19 of "
        "940 mattered.",
        "",
        "`drawdown parameters` shows the first tier; `--all` the rest, a word searches, `--csv` writes a "
        "table.",
    ]
    for t, meaning in influence.TIERS.items():
        own = {n: r for n, r in rows.items() if r.tier == t}
        lines += ["", f"## Tier {t}: {meaning}", ""]
        if t == len(influence.TIERS):
            lines.append(", ".join(f"`{n}`" for n in sorted(own)) + ".")
            continue
        lines += [
            "| parameter | default | range | level, low to high end | excess, low to high end | how sure |",
            "|--|--:|--|--:|--:|--|",
        ]
        for n, r in own.items():
            p = PARAMETERS[n]
            lines.append(
                f"| `{n}` | {p.default:g} | {p.low:g} to {p.high:g} {'' if p.unit == '1' else p.unit} | "
                f"{r.level[0]:+.0%} to {r.level[1]:+.0%} | {r.excess[0]:+.0%} to {r.excess[1]:+.0%} | "
                f"{p.certainty} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the file and the page."""
    measured = pd.read_csv(HERE / "drc-first-look" / "one-at-a-time.csv").set_index("setting")
    joint = pd.read_csv(HERE / "drc-first-look" / "jointly.csv")
    made = {
        "about": "Change of two headlines of the DRC case at the low and the high end of each parameter's "
        "range, as a share of the headline; by experiments/parameter_tiers.py",
        "fingerprint": fingerprint(Scenario.load("drc-monusco")),
        "magnification": magnification(joint),
        "joint_draws": len(joint),
        "parameters": {
            name: {headline: ends(measured, name, headline) for headline in COLUMNS} for name in PARAMETERS
        },
    }
    influence.FILE.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    influence.table.cache_clear()
    influence.made.cache_clear()
    PAGE.write_text(page(made, influence.table()), encoding="utf-8")


if __name__ == "__main__":
    main()
