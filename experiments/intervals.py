"""How often does a 95 % interval of the mean hold the mean? Several methods, four cases, 20 to 200 runs.

    python experiments/intervals.py [--runs 1000] [--samples 4000]

Runs each case under one schedule and under 'none', takes the mean paired difference of all runs for the
truth, draws samples of 20, 50 and 200 of them with replacement, and counts how often each method's interval
holds the truth. Writes experiments/intervals/coverage.csv and the tables of experiments/intervals.md. Some
seven minutes of one core, half of it for the runs. `--page` writes the tables anew from coverage.csv.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import track
from scipy import stats

from sim import Scenario, intervals, measures
from sim.ensemble import Ensemble

HERE = Path(__file__).resolve().parent
CASES = {
    "drc-monusco": "actual",
    "liberia-unmil": "actual",
    "darfur-unamid": "actual",
    "corridor": "hasty",
}
METRICS = (
    "killed",
    "killed_by_groups",
    "killed_by_state",
    "killed_by_criminals",
    "excess_deaths",
    "deaths",
    "fled",
    "vacuum_weeks",
)
SIZES = (20, 50, 200)
RESAMPLES = 999
BLOCK = 10
USED = "farther of t and Hall (used)"
GOOD = (0.93, 0.97)
"""Coverage that a 95 % interval should have."""
MARK = "<!-- generated: coverage -->"

Interval = tuple[np.ndarray, np.ndarray]
"""Lower and upper ends, one a sample."""


def differences(name: str, schedule: str, runs: int) -> dict[str, np.ndarray]:
    """Return the paired differences of every metric between a schedule and 'none': name to (runs,)."""
    case = Scenario.load(name)
    pairs = []
    for plan in (schedule, "none"):
        ensemble = Ensemble(case, case.schedule(plan))
        blocks = [
            measures.totals(ensemble.run(1, first, min(BLOCK, runs - first)).records)
            for first in range(0, runs, BLOCK)
        ]
        pairs.append({m: np.concatenate([b[m] for b in blocks]) for m in METRICS})
    return {m: pairs[0][m] - pairs[1][m] for m in METRICS}


# -- methods: samples (S, n) to intervals ------------------------------------------------------------


def student(x: np.ndarray) -> Interval:
    n = x.shape[1]
    half = stats.t.ppf(0.975, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return x.mean(axis=1) - half, x.mean(axis=1) + half


def johnson(x: np.ndarray) -> Interval:
    """Student's t about a centre that is moved by the skewness (Johnson 1978)."""
    n = x.shape[1]
    s2 = x.var(axis=1, ddof=1)
    third = ((x - x.mean(axis=1, keepdims=True)) ** 3).mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        move = np.where(s2 > 0, third / (6 * s2 * n), 0.0)
    low, high = student(x)
    return low + move, high + move


def hall(x: np.ndarray) -> Interval:
    """Student's t of a transformation that takes the skewness out (Hall 1992)."""
    n = x.shape[1]
    s = x.std(axis=1, ddof=1)
    third = ((x - x.mean(axis=1, keepdims=True)) ** 3).mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        g = np.where(s > 0, third / s**3, 0.0) / np.sqrt(n)
    g = np.where(np.abs(g) < 1e-9, 1e-9, g)
    t = stats.t.ppf(0.975, n - 1)
    ends = [3.0 / g * (np.cbrt(1.0 + g * (u - g / 6.0)) - 1.0) * s / np.sqrt(n) for u in (t, -t)]
    return x.mean(axis=1) - ends[0], x.mean(axis=1) - ends[1]


def used(x: np.ndarray) -> Interval:
    """The method of `sim.intervals`: the farther of Student's t and Hall's, with a larger skewness."""
    ends = np.array([intervals.mean_interval(row) for row in x])
    return ends[:, 0], ends[:, 1]


def _resampled(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return row[rng.integers(0, len(row), (RESAMPLES, len(row)))]


def percentile(x: np.ndarray) -> Interval:
    rng = np.random.default_rng(20)
    ends = [np.quantile(_resampled(row, rng).mean(axis=1), [0.025, 0.975]) for row in x]
    return tuple(np.array(ends).T)


def bca(x: np.ndarray) -> Interval:
    """BCa bootstrap (Efron 1987), with the acceleration of a mean in closed form."""
    rng = np.random.default_rng(20)
    ends = []
    z = stats.norm.ppf([0.025, 0.975])
    for row in x:
        means = _resampled(row, rng).mean(axis=1)
        d = row - row.mean()
        spread = (d**2).sum()
        below = np.clip(((means < row.mean()).mean() + (means <= row.mean()).mean()) / 2, 1e-4, 1 - 1e-4)
        z0 = stats.norm.ppf(below)
        a = (d**3).sum() / (6 * spread**1.5) if spread > 0 else 0.0
        ends.append(np.quantile(means, stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))))
    return tuple(np.array(ends).T)


def bootstrap_t(x: np.ndarray) -> Interval:
    rng = np.random.default_rng(20)
    root = np.sqrt(x.shape[1])
    ends = []
    for row in x:
        again = _resampled(row, rng)
        error = again.std(axis=1, ddof=1) / root
        with np.errstate(invalid="ignore", divide="ignore"):
            t = (again.mean(axis=1) - row.mean()) / error
        t = t[np.isfinite(t)]
        if not len(t):
            ends.append((row.mean(), row.mean()))
            continue
        low, high = np.quantile(t, [0.025, 0.975])
        own = row.std(ddof=1) / root
        ends.append((row.mean() - high * own, row.mean() - low * own))
    return tuple(np.array(ends).T)


METHODS: dict[str, Callable[[np.ndarray], Interval]] = {
    "BCa": bca,
    "percentile": percentile,
    "Student's t": student,
    "Johnson's t": johnson,
    "bootstrap-t": bootstrap_t,
    "Hall": hall,
    USED: used,
}


RESAMPLING = ("BCa", "percentile", "bootstrap-t")
"""Slow: of `killed` only, and of fewer samples."""


def coverage(
    values: np.ndarray, methods: Iterable[str], samples: int, seed: int = 7
) -> list[dict[str, object]]:
    """Return a row a size and method: how often the interval holds the mean, and misses on either side."""
    rng = np.random.default_rng(seed)
    truth = values.mean()
    rows = []
    for n in SIZES:
        x = values[rng.integers(0, len(values), (samples, n))]
        for name in methods:
            low, high = METHODS[name](x[: samples // 8] if name in RESAMPLING else x)
            rows.append(
                {
                    "n": n,
                    "method": name,
                    "covers": float(((low <= truth) & (truth <= high)).mean()),
                    "below": float((high < truth).mean()),
                    "above": float((low > truth).mean()),
                    "width": float(np.median(high - low)),
                }
            )
    return rows


def page(frame: pd.DataFrame) -> str:
    """Return coverage of `killed` and over all metrics, and where it is not good, as Markdown."""
    lines = [
        f"{frame.runs[0]:,d} runs a case and {frame.samples[0]:,d} samples of each size (an eighth as many "
        "of the methods that resample): counts are good to "
        f"{196 * (0.95 * 0.05 / frame.samples[0]) ** 0.5:.1f} points, of those that resample to "
        f"{196 * (0.95 * 0.05 * 8 / frame.samples[0]) ** 0.5:.1f}. An outcome in which no run differs is "
        "left out.",
        "",
    ]
    for title, part in (
        (
            "Civilians killed, share of samples whose interval holds the mean:",
            frame[frame.metric == "killed"],
        ),
        (f"The same over {len(METRICS)} outcomes (their median, and the worst of them):", frame),
    ):
        columns = [(c, n) for c in CASES for n in SIZES]
        lines += [
            title,
            "",
            "| method | " + " | ".join(f"{c} {n}" for c, n in columns) + " |",
            "|--|" + "--:|" * len(columns),
        ]
        for method in METHODS:
            if part is frame and method in RESAMPLING:
                continue
            cells = []
            for case, n in columns:
                own = part[(part.case == case) & (part.n == n) & (part.method == method)]["covers"]
                cells.append(f"{own.median():.1%}" + (f" ({own.min():.1%})" if len(own) > 1 else ""))
            lines.append(f"| {method} | " + " | ".join(cells) + " |")
        lines.append("")
    own = frame[frame.method == USED]
    few = own[(own.metric == "killed") & (own.n == SIZES[0])]
    bad = own[(own.covers < GOOD[0]) | (own.covers > GOOD[1])]
    lines += [
        f"The method used holds the mean in {GOOD[0]:.0%} to {GOOD[1]:.0%} of samples in "
        f"{len(own) - len(bad)} of {len(own)} combinations of case, outcome and size"
        + (
            ". The others, with the share of intervals that lie wholly below and above the mean:"
            if len(bad)
            else "."
        ),
        "",
    ]
    if len(bad):
        lines += [
            "| case | outcome | runs | skewness | holds | below | above |",
            "|--|--|--:|--:|--:|--:|--:|",
        ]
        lines += [
            f"| {r.case} | `{r.metric}` | {r.n} | {r.skewness:.1f} | {r.covers:.1%} | {r.below:.1%} | "
            f"{r.above:.1%} |"
            for r in bad.itertuples()
        ]
        lines.append("")
    sides = "; ".join(f"{r.case} {r.below:.1%} below, {r.above:.1%} above" for r in few.itertuples())
    lines += [
        f"Misses are not the same on both sides where differences are skewed. Of killed, with {SIZES[0]} "
        f"runs, the whole interval lies below or above the mean in: {sides}.",
        "",
    ]
    return "\n".join(lines)


def measured(runs: int, samples: int) -> pd.DataFrame:
    """Return coverage: a row a case, metric, size and method."""
    rows = []
    for name, schedule in CASES.items():
        values = differences(name, schedule, runs)
        for metric in track(METRICS, description=name):
            if np.ptp(values[metric]) > 0:
                spread = {
                    "skewness": float(stats.skew(values[metric])),
                    "kurtosis": float(stats.kurtosis(values[metric])),
                }
                methods = [m for m in METHODS if metric == "killed" or m not in RESAMPLING]
                rows += [
                    {"case": name, "runs": runs, "samples": samples, "metric": metric, **spread, **row}
                    for row in coverage(values[metric], methods, samples)
                ]
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--page", action="store_true", help="only write the tables anew")
    options = parser.parse_args()
    table = HERE / "intervals" / "coverage.csv"
    if not options.page:
        table.parent.mkdir(exist_ok=True)
        frame = measured(options.runs, options.samples)
        frame.to_csv(table, index=False, float_format="%.4g", lineterminator="\n")
    readme = HERE / "intervals.md"
    head = readme.read_text(encoding="utf-8").partition(MARK)[0]
    readme.write_text(f"{head}{MARK}\n\n{page(pd.read_csv(table))}", encoding="utf-8")


if __name__ == "__main__":
    main()
