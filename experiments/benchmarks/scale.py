"""How reading, checking, building and running grow with the districts of a case.

    python experiments/benchmarks/scale.py [--small 1250] [--large 5000] [--weeks 52]

Makes two invented countries on a grid, one `ratio` times the other, measures both in one run (each step the
faster of two), and writes `scale.md`. A ratio of times that is the ratio of sizes is linear growth.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from sim import Scenario
from sim.build import build
from sim.ensemble import Ensemble
from sim.scenario import ways
from sim.study.plausible import remarks
from sim.world.state import NEAR

HERE = Path(__file__).resolve().parent
T = TypeVar("T")
BELIEFS = "of these, beliefs of groups, MB"
"""For each group and each district: they grow with the square, where groups grow with districts."""
LINEAR = 1.25
"""How much more than the ratio of sizes a step may take, and count as linear: caches miss more."""
TARGET = 8000
"""Megabytes that the larger country may take."""
HEADER = """\
name = "grid-{n}"
title = "A grid of {n} districts"
start = 2020-01-06
end = {end}
wet_months = [4, 5, 10]
"""


def country(folder: Path, n: int, weeks: int) -> Path:
    """Write an invented country of `n` districts on a grid; one in ten has a base, one in five a group."""
    rng = np.random.default_rng(n)
    side = math.isqrt(n - 1) + 1
    end = np.datetime64("2020-01-06") + 7 * weeks - 1
    (folder / "schedules").mkdir(parents=True)
    (folder / "scenario.toml").write_text(HEADER.format(n=n, end=end))

    def table(name: str, rows: list[dict[str, object]]) -> None:
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    place = [(i // side, i % side) for i in range(n)]
    table("districts.csv", [
        {"id": f"d{i}", "name": f"District {i}", "province": "P", "latitude": round(-5 + 0.15 * y, 3),
         "longitude": round(20 + 0.15 * x, 3), "area_km2": 280, "population_low": 40_000 + i,
         "population": 50_000 + i, "population_high": 60_000 + i, "urban_share": 0.2, "communities": 3,
         "concealment": 0.4, "rents": 0.4, "state_reach": 0.2, "state_control": 0.4,
         "baseline_violence": i % 7}
        for i, (y, x) in enumerate(place)
    ])  # fmt: skip
    routes = []
    for i, (_, x) in enumerate(place):
        for j in ([i + 1] if x + 1 < side else []) + [i + side]:
            if j < n:
                dry = round(float(rng.uniform(0.8, 3.0)), 2)
                routes.append({"origin": f"d{i}", "destination": f"d{j}", "hours_dry": dry,
                               "hours_wet": round(dry * 1.6, 2)})  # fmt: skip
    table("routes.csv", routes)
    based = range(0, n, 10)
    table("units.csv", [
        {"unit": f"u{i}", "base": f"b{i}", "district": f"d{i}", "posture": "static", "strength": 200}
        for i in based
    ])  # fmt: skip
    table("armed_groups.csv", [
        {"group": f"g{i}", "faction": f"f{i % 20}", "kind": "rebel", "district": f"d{i}", "fighters_low": 50,
         "fighters": 80, "fighters_high": 120, "aim_rule": 0.5, "aim_rent": 0.5, "abusiveness": 0.4,
         "rootedness": 0.5, "control": 0.2} for i in range(0, n, 5)
    ])  # fmt: skip
    table("state_forces.csv", [
        {"unit": f"s{i}", "force": "army", "district": f"d{i}", "personnel_low": 200, "personnel": 250,
         "personnel_high": 300, "capability": 0.4, "will": 0.5, "discipline": 0.5} for i in range(0, n, 3)
    ])  # fmt: skip
    table("humanitarian.csv", [
        {"actor": f"h{i}", "kind": "relief", "district": f"d{i}", "staff": 20, "acceptance": 0.8}
        for i in range(0, n, 8)
    ])  # fmt: skip
    first = np.datetime64("2020-01-06") + 7 * (weeks // 3)
    (folder / "schedules" / "actual.toml").write_text(
        'name = "actual"\ntitle = "One after the other"\n'
        + "".join(
            f'[[actions]]\ndo = "close"\nbase = "b{i}"\non = {first + int(k * weeks * 2 / len(based))}\n'
            for k, i in enumerate(based)
        )
    )
    return folder


def timed(function: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of the faster of two calls, and what it returned."""
    best = math.inf
    for _ in range(2):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def measure(n: int, weeks: int) -> dict[str, float]:
    """Return CPU seconds of each step for a country of `n` districts, and the memory it needs (MB)."""
    with tempfile.TemporaryDirectory() as where:
        folder = country(Path(where) / "case", n, weeks)
        seconds: dict[str, float] = {}
        seconds["reading the files"], case = timed(lambda: Scenario.load(folder))
        seconds["`check` (remarks)"], _ = timed(lambda: remarks(case))

        def search() -> None:
            ways.forget()
            ways.nearest(case, NEAR)

        seconds["the 12 nearest of each district"], _ = timed(search)
        seconds["building the world"], _ = timed(lambda: build(case, "actual"))
        engine = Ensemble(case, "actual")
        engine.run(1, 0, 1)
        seconds[f"a run of {weeks} weeks"], _ = timed(lambda: engine.run(1, 0, 1))
        world = sum(array.nbytes for array in engine.start)
        beliefs = engine.start.beliefs.nbytes
    seconds["the world, MB"] = world / 1e6
    seconds[BELIEFS] = beliefs / 1e6
    return seconds


def without_groups(n: int, weeks: int) -> tuple[float, float]:
    """Return the size of a world of `n` districts without groups (MB), and microseconds a district and week.

    Copying the world before the run is left out.
    """
    with tempfile.TemporaryDirectory() as where:
        case = replace(Scenario.load(country(Path(where) / "case", n, weeks)), armed_groups=())
    engine = Ensemble(case, "none")
    runs = engine.run(1, 0, 1)
    whole, _ = timed(lambda: engine.run(1, 0, 1, runs))
    copying, _ = timed(lambda: engine.fresh(runs.records[0]))
    return sum(array.nbytes for array in engine.start) / 1e6, 1e6 * (whole - copying) / n / weeks


def page(
    small: int,
    large: int,
    a: dict[str, float],
    b: dict[str, float],
    sizes: dict[int, tuple[float, float]],
) -> str:
    """Return the results as a page."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# Benchmark of size",
        "",
        f"Invented countries of {small:,d} and {large:,d} districts on a grid, one in ten with a "
        f"base, one in five with an armed group; {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. CPU seconds, the faster of "
        "two. Written by `scale.py` in this folder: `python experiments/benchmarks/scale.py "
        f"{' '.join(sys.argv[1:])}".rstrip()
        + "`.",
        "",
        f"| | {small:,d} districts | {large:,d} districts | ratio (sizes: {large / small:.1f}) |",
        "|--|--:|--:|--:|",
    ]
    for name, less in a.items():
        ratio = b[name] / less if less else math.nan
        lines.append(f"| {name} | {less:.2f} | {b[name]:.2f} | {ratio:.1f} |")
    ratios = {name: b[name] / a[name] for name in a if a[name] > 0.05 and not name.endswith("MB")}
    more = [name for name, ratio in ratios.items() if ratio > LINEAR * large / small]
    built = sum(b[name] for name in ("reading the files", "building the world"))
    lines += [
        "",
        f"Reading and building {large:,d} districts takes {built:.1f} s. Beliefs are kept for each group and "
        "each district, so that they grow with the square where groups grow with the districts. Of the steps "
        + (f"more than linear: {', '.join(more)}." if more else f"none takes over {LINEAR} times linear."),
        "",
        "A run without groups, whose beliefs are not linear, and without the copying of the world before it:",
        "",
        "| districts | the world, MB | microseconds a district and week |",
        "|--:|--:|--:|",
        *(f"| {n:,d} | {size:.0f} | {each:.2f} |" for n, (size, each) in sizes.items()),
        "",
        "Linear growth would be one number in the last column. Where it rises, the world outgrows the cache "
        "of the processor (`lscpu` tells its size; 32 MB where this page was first written). How much of the "
        "rise that explains has not been measured.",
        "",
        f"Peak memory of the whole benchmark, both countries: {peak:,.0f} MB (target: under {TARGET:,d} MB).",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure both sizes and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", type=int, default=1250)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--weeks", type=int, default=52)
    options = parser.parse_args()
    a = measure(options.small, options.weeks)
    b = measure(options.large, options.weeks)
    sizes = [options.small // 2 * 2**i for i in range(5)]
    own = {n: without_groups(n, options.weeks) for n in sizes}
    text = page(options.small, options.large, a, b, own)
    (HERE / "scale.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
