"""Show how memory, files and time of a comparison grow with its replicates.

    python experiments/benchmarks/memory.py [--run 500] [--dealt 500,20000,100000] [--case corridor]

Compares and saves (without figures) in a process of its own for each size, with parts on disk, all of the
case's schedules. Takes the peak memory of the process, the largest size of its folder of parts, the size of
the result, and time. Writes `memory.json` and `memory.md` beside this file. Seconds are noisy; memory is not.

100,000 replicates of five schedules are two hours of computing, which is not what is measured here. Sizes of
`--dealt` therefore run 200 replicates and deal their measured blocks again and again under new numbers: what
adds up, keeps, merges and writes them is the code of every comparison, on as many rows. A size that is both
run and dealt shows whether that makes a difference.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import Scenario

HERE = Path(__file__).resolve().parent
LONG = 100_000
TARGET = 2000.0
"""Megabytes that `LONG` replicates of five schedules may take."""
DEALT = 200
"""Replicates that are run where blocks are dealt again."""


def size_of(folder: Path) -> tuple[int, int]:
    """Return the bytes and the number of files in a folder."""
    sizes = []
    for file in folder.rglob("*"):
        try:
            sizes.append(file.stat().st_size)
        except FileNotFoundError:  # merged just now
            continue
    return sum(sizes), len(sizes)


def deal(scenario: Scenario) -> None:
    """Let this process deal the measured blocks of `DEALT` replicates again instead of running more.

    Each thread still runs its first block, so that the memory of runs is there.
    """
    from sim.ensemble import Ensemble, Runs
    from sim.study import compare, parts, tally

    plans = compare.chosen(scenario, None)
    real = [Ensemble(scenario, plan) for plan in plans]
    measured, blocks = tally.measure, []
    for first in range(0, DEALT, tally.BLOCK):
        runs = [ensemble.run(1, first, tally.BLOCK) for ensemble in real]
        blocks.append(measured(scenario, plans, runs, first))
    kept = tally.trajectories_kept(scenario, len(plans))

    class Once(Ensemble):
        def run(self, seed: int, first: int, count: int, into: Runs | None = None) -> Runs:
            return into or super().run(seed, first, count)

    def again(_case: object, _plans: object, _runs: object, first: int) -> parts.Block:
        number = first // tally.BLOCK % len(blocks)
        block, more = blocks[number], first - number * tally.BLOCK
        rows = {name: getattr(block, name).copy() for name in parts.ROWS}
        for frame in rows.values():
            frame["replicate"] += more
        end = tally.BLOCK if first < kept else 0
        return replace(block, weekly=block.weekly[:, :end], places=block.places[:, :end], **rows)

    compare.Ensemble = Once  # type: ignore[misc]
    tally.measure = again


def measure(case: str, replicates: int, dealt: bool, folder: str, pipe: Any) -> None:
    """Compare, save, and send what it took."""
    from sim import Scenario, compare
    from sim.show import results

    out = Path(folder) / "r"
    parts, most = results.parts_folder(out), [0, 0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            most[:] = [max(a, b) for a, b in zip(most, size_of(parts), strict=True)]

    threading.Thread(target=watch, daemon=True).start()
    scenario = Scenario.load(case)
    compare(scenario, replicates=10)  # loads what is compiled
    if dealt:
        deal(scenario)
    start = time.perf_counter()
    cpu = time.process_time()
    result = compare(scenario, replicates=replicates, parts_folder=parts)
    ran = time.perf_counter() - start
    result.save(out, figures=False)
    done.set()
    pipe.send(
        {
            "replicates": replicates,
            "runs": "dealt" if dealt else "run",
            "schedules": len(result.names),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "run_seconds": ran,
            "save_seconds": time.perf_counter() - start - ran,
            "cpu_seconds": time.process_time() - cpu,
            "parts_mb": most[0] / 1e6,
            "parts_files": most[1],
            "result_mb": size_of(out)[0] / 1e6,
            "kept": dict(result.kept),
        }
    )


def page(case: str, rows: list[dict[str, Any]]) -> str:
    """Return the page."""
    lines = [
        "# Memory and files of long comparisons",
        "",
        f"Case `{case}`, {rows[0]['schedules']} schedules with the counterfactual; {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}. Written by `memory.py` in this folder, "
        "which says what it does.",
        "",
        "| replicates | | peak memory, MB | parts, MB | parts, files | result, MB | runs, s | saving, s "
        "| CPU, s |",
        "|--:|--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    keys = ("peak_mb", "parts_mb", "parts_files", "result_mb", "run_seconds", "save_seconds", "cpu_seconds")
    for row in rows:
        cells = " | ".join(f"{row[k]:,.0f}" for k in keys)
        lines.append(f"| {row['replicates']:,d} | {row['runs']} | {cells} |")
    lines += [
        "",
        f"*run*: every replicate was run. *dealt*: the measured blocks of {DEALT} replicates were dealt "
        "again under new numbers, so that seconds are those of adding up, keeping and writing alone.",
        "",
    ]
    both = {r["replicates"] for r in rows if r["runs"] == "run"}
    both &= {r["replicates"] for r in rows if r["runs"] == "dealt"}
    for n in sorted(both):
        run, dealt = (
            next(r["peak_mb"] for r in rows if (r["replicates"], r["runs"]) == (n, how))
            for how in ("run", "dealt")
        )
        lines += [
            f"Dealing {n:,d} replicates takes {dealt / run:.0%} of the memory that running them does.",
            "",
        ]
    before, last = sorted((r for r in rows if r["runs"] == "dealt"), key=lambda r: r["replicates"])[-2:]
    slope = (last["peak_mb"] - before["peak_mb"]) / (last["replicates"] - before["replicates"])
    at_long = last["peak_mb"] + slope * (LONG - last["replicates"])
    words = "" if last["replicates"] == LONG else ", by the line through the last two sizes"
    kept = last["kept"]
    lines += [
        f"Target: {LONG:,d} replicates of five schedules in under {TARGET:,.0f} MB. They take "
        f"{at_long:,.0f} MB{words}: {'met' if at_long < TARGET else '**missed**'}. Between "
        f"{before['replicates']:,d} and {last['replicates']:,d} replicates memory grows by "
        f"{1000 * slope:.1f} kB a replicate, for the totals of every run, in memory and on their way to the "
        "disk.",
        "",
        f"Kept of {last['replicates']:,d} replicates: trajectories of the first "
        f"{kept['trajectories']:,d}, rows of vacuums of the first {kept['vacuums']:,d}, rows of cliffs of "
        f"the first {kept['cliffs']:,d}; totals, means and the summaries of both over all. The bounds are in "
        "`sim/study/tally.py`.",
        "",
        "While a comparison is under way its finished blocks lie in a folder of parts. Those without "
        "trajectories are merged by the thousand, so that there are at most one file for ten replicates of "
        "the first two thousand and of the thousand under way, and one for every thousand besides: "
        f"{last['parts_files']:,d} at the most here.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure all sizes and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default="500", help="sizes of which every replicate is run")
    parser.add_argument("--dealt", default="500,20000,100000", help="sizes dealt, two or more")
    parser.add_argument("--case", default="corridor")
    args = parser.parse_args()
    sizes = [(int(n), how == "dealt") for how in ("run", "dealt") for n in getattr(args, how).split(",") if n]
    rows = []
    for replicates, dealt in sizes:
        with tempfile.TemporaryDirectory(prefix="drawdown-memory-") as folder:
            here, there = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(
                target=measure, args=(args.case, replicates, dealt, folder, there)
            )
            process.start()
            there.close()
            rows.append(here.recv())
            process.join()
        print(rows[-1], flush=True)
    (HERE / "memory.json").write_text(json.dumps(rows, indent=1) + "\n")
    (HERE / "memory.md").write_text(page(args.case, rows))


if __name__ == "__main__":
    main()
