"""What a sweep costs: against Mesa's batch_run, beyond bare runs, for many runs, and in the store.

    python experiments/benchmarks/sweep.py [--runs 100000] [--keep FOLDER]

1. Runs a second of `mesa.batch_run` and of a sweep: the same model, case, schedule, seeds and outcome, in
   this one call, and the same numbers.
2. What the runner adds to bare calls of the ensemble, for tasks of about 20 ms: CPU seconds, alternating.
3. `--runs` runs of the teaching case end to end: time, memory, bytes a run. Stopped, it goes on where it was
   if `--keep` names the same folder.
4. Rows a second that one process writes to the store.

Writes `sweep.md` and `sweep.json` beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import mesa

from sim import DrawdownModel, Experiment, Scenario, run_scenarios
from sim.ensemble import Ensemble
from sim.measures import METRIC
from sim.study.experiments import parts
from sim.study.experiments import task as tasks
from sim.study.experiments.plan import Plan, plan
from sim.study.experiments.sweep import cores, sweep

HERE = Path(__file__).resolve().parent
CASE, SCHEDULE = "corridor", "hasty"


class OneRun(DrawdownModel):
    """The Mesa model as `batch_run` wants it: everything but the replicate is fixed."""

    def __init__(self, replicate: int, rng: Any = None, seed: Any = None) -> None:
        super().__init__(Scenario.load(CASE), SCHEDULE, seed=1, replicate=replicate)
        self.datacollector = mesa.DataCollector(model_reporters={"killed": killed})

    def step(self) -> None:
        """One week; batch_run makes one step too many."""
        if self.week < self.scenario.weeks:
            super().step()
        if self.week == self.scenario.weeks:
            self.running = False
            self.datacollector.collect(self)


def killed(model: OneRun) -> float:
    return float(METRIC["killed"].of(model.world.record[None])[0])


def against_mesa(replicates: int = 16) -> dict[str, Any]:
    OneRun(0).step()  # compiled
    run_scenarios(CASE, [{}], schedules=[SCHEDULE], replicates=1)
    start = time.perf_counter()
    rows = mesa.batch_run(
        OneRun, {"replicate": list(range(replicates))}, number_processes=cores(), display_progress=False
    )
    mesa_seconds = time.perf_counter() - start
    theirs = {row["replicate"]: row["killed"] for row in rows}
    start = time.perf_counter()
    table = run_scenarios(CASE, [{}], schedules=[SCHEDULE], replicates=40 * replicates)
    ours_seconds = time.perf_counter() - start
    ours = dict(zip(table["replicate"], table["killed"], strict=True))
    return {
        "mesa_processes": cores(),
        "mesa_runs_a_second": replicates / mesa_seconds,
        "sweep_processes": 1,
        "sweep_runs_a_second": 40 * replicates / ours_seconds,
        "same_numbers": all(ours[r] == theirs[r] for r in range(replicates)),
    }


def experiment(points: int, replicates: int) -> Experiment:
    return Experiment(
        name="benchmark",
        title="A benchmark",
        question="How long does it take?",
        expected="Not long.",
        why="The runner does little.",
        scenarios=[CASE],
        replicates=replicates,
        outcomes=["killed", "fled", "vacuum_weeks", "excess_deaths"],
        levers={"schedules": ["none", "border-first", "coast-first", "hasty"]},
        uncertainties={"parameters": ["met_cost", "decisiveness", "warn_baseline", "first_supply"]},
        design={"kind": "latin-hypercube", "points": points},
    )


def overhead(folder: Path, rounds: int = 5) -> dict[str, Any]:
    """CPU seconds of one task of the runner over those of the same bare calls."""
    made = plan(experiment(20, 4))  # 80 calls of 4 runs, about 20 ms each
    (folder / "parts").mkdir(parents=True)
    task = made.task(0, made.runs)
    outcomes = made.recipe.outcomes
    parts.run(task, folder)
    fresh, bare, ours = [], [], []
    ready = [Ensemble(made.recipe.cases[0], p) for p in made.recipe.plans[0]]
    for number in range(rounds + 1):
        start = time.process_time()
        for p, point in task.points.items():
            case = tasks.variant(made.recipe, 0, point)
            for ensemble in ready:
                ensemble.set_parameters(case)
                runs = ensemble.run(1, made.recipe.replicate(p, 0), 4)
                for name in outcomes:
                    METRIC[name].of(runs.records)
        bare.append(time.process_time() - start)
        start = time.process_time()
        for first in range(0, made.runs, 160):
            parts.run(made.task(first, 160), folder)
        ours.append(time.process_time() - start)
        if number == 0:
            start = time.process_time()
            for p, point in list(task.points.items())[:5]:
                case = tasks.variant(made.recipe, 0, point)
                for schedule in made.recipe.plans[0]:
                    runs = Ensemble(case, schedule).run(1, made.recipe.replicate(p, 0), 4)
            fresh.append(4 * (time.process_time() - start))
    ratios = [o / b for o, b in zip(ours[1:], bare[1:], strict=True)]
    return {
        "ms_a_call": 1000 * statistics.median(bare[1:]) / 80,
        "runner_over_bare": statistics.median(ratios),
        "runner_over_bare_all": ratios,
        "runner_over_new_ensemble_each_call": statistics.median(ours[1:]) / fresh[0],
    }


def many(folder: Path, runs: int) -> dict[str, Any]:
    """Run the teaching case `runs` times, end to end, and watch time and memory."""
    made: Plan = plan(experiment(runs // 400, 100))
    peak = [0, 0]
    over = threading.Event()

    def watch() -> None:
        import psutil

        here = psutil.Process()
        while not over.wait(1.0):
            peak[0] = max(peak[0], here.memory_info().rss)
            workers = [p.memory_info().rss for p in here.children()]
            peak[1] = max([peak[1], *workers])

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    begun: list[tuple[float, int]] = []

    def tick(done: int, of: int, failed: int) -> None:
        begun.append((time.perf_counter(), done))

    start = time.perf_counter()
    results = sweep(made, folder, progress=tick)
    seconds = time.perf_counter() - start
    over.set()
    size = sum(f.stat().st_size for f in folder.glob("*.parquet"))
    return {
        "runs": made.runs,
        "from_here": made.runs - begun[0][1],
        "processes": cores(),
        "seconds": seconds,
        "runs_a_second": (made.runs - begun[0][1]) / seconds,
        "peak_mb_parent": peak[0] / 1e6,
        "peak_mb_worker": peak[1] / 1e6,
        "bytes_a_run": size / made.runs,
        "digest": results.digest(),
    }


def store_rate(folder: Path) -> dict[str, Any]:
    made = plan(experiment(10, 25))
    (folder / "parts").mkdir(parents=True)
    measured = tasks.measure(made.task(0, 1000))
    rates = []
    for number in range(20):
        task = tasks.Task(made.recipe, number * 1000, 1000, {})
        start = time.perf_counter()
        parts.put(folder, task, measured)
        rates.append(1000 / (time.perf_counter() - start))
    return {"rows_a_part": 1000, "rows_a_second": statistics.median(rates)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        found = {
            "load": os.getloadavg()[0],
            "mesa": against_mesa(),
            "overhead": overhead(place / "overhead"),
            "store": store_rate(place / "store"),
        }
        print(json.dumps(found, indent=1), flush=True)
        found["many"] = many(given.keep or place / "many", given.runs)
    found["parent_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    (HERE / "sweep.json").write_text(json.dumps(found, indent=1) + "\n")
    (HERE / "sweep.md").write_text(page(found))
    print(page(found))


def page(found: dict[str, Any]) -> str:
    m, o, s, n = found["mesa"], found["overhead"], found["store"], found["many"]
    ratio = m["sweep_runs_a_second"] / m["mesa_runs_a_second"]
    same = "the same numbers" if m["same_numbers"] else "**not the same numbers**"
    rows = (
        (
            f"`mesa.batch_run`, {m['mesa_processes']} processes, {CASE} under `{SCHEDULE}`",
            f"{m['mesa_runs_a_second']:.2f} runs a second",
        ),
        (
            f"`run_scenarios`, one process, the same model, seeds and outcome: {same}",
            f"{m['sweep_runs_a_second']:.0f} runs a second",
        ),
        ("ratio", f"{ratio:.0f}"),
        (
            "CPU of the runner (tables, hashes, Parquet) over bare calls of a reused ensemble, calls of "
            f"{o['ms_a_call']:.0f} ms",
            f"{o['runner_over_bare']:.2f} (each: {', '.join(f'{r:.2f}' for r in o['runner_over_bare_all'])})",
        ),
        ("the same over a new `Ensemble` for every call", f"{o['runner_over_new_ensemble_each_call']:.2f}"),
        (
            f"rows that one process writes to the store, in parts of {s['rows_a_part']:,}",
            f"{s['rows_a_second']:,.0f} a second",
        ),
        (
            f"{n['runs']:,} runs end to end, {n['processes']} processes",
            f"{n['seconds']:,.0f} s, {n['runs_a_second']:.0f} runs a second",
        ),
        (
            "memory at its highest: the parent, a worker",
            f"{n['peak_mb_parent']:.0f} MB, {n['peak_mb_worker']:.0f} MB",
        ),
        ("on the disk", f"{n['bytes_a_run']:.1f} bytes a run"),
    )
    listed = "\n".join(f"| {what} | {value} |" for what, value in rows)
    return (
        "# What a sweep costs\n\nWritten by `python experiments/benchmarks/sweep.py` "
        f"({cores()} cores, load {found['load']:.1f} at the start: trust ratios).\n\n"
        f"| | |\n|--|--:|\n{listed}\n"
    )


if __name__ == "__main__":
    main()
