"""Show how memory, files and time of a comparison grow with its replicates.

    python experiments/benchmarks/memory.py [--sizes 5000,10000,20000] [--case corridor]

Compares and saves (without figures) in a process of its own for each size, with parts on disk, all of the
case's schedules. Takes the peak memory of the process, the largest size of its folder of parts, the size of
the result, and time; fits a line, and says what 100,000 replicates would take by it. Writes `memory.json`
and `memory.md` beside this file. Seconds are noisy; memory is not.
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
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
LONG = 100_000


def size_of(folder: Path) -> tuple[int, int]:
    """Return the bytes and the number of files in a folder."""
    sizes = []
    for file in folder.rglob("*"):
        try:
            sizes.append(file.stat().st_size)
        except FileNotFoundError:  # merged just now
            continue
    return sum(sizes), len(sizes)


def measure(case: str, replicates: int, folder: str, pipe: Any) -> None:
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
    start = time.perf_counter()
    cpu = time.process_time()
    result = compare(scenario, replicates=replicates, parts_folder=parts)
    ran = time.perf_counter() - start
    result.save(out, figures=False)
    done.set()
    pipe.send(
        {
            "replicates": replicates,
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
    n = np.array([r["replicates"] for r in rows], float)
    lines = [
        "# Memory and files of long comparisons",
        "",
        f"Case `{case}`, {rows[0]['schedules']} schedules with the counterfactual; {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}. Written by `memory.py` in this folder.",
        "",
        "| replicates | peak memory, MB | parts, MB | parts, files | result, MB | runs, s | saving, s "
        "| CPU, s |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    keys = ("peak_mb", "parts_mb", "parts_files", "result_mb", "run_seconds", "save_seconds", "cpu_seconds")
    for row in rows:
        lines.append(f"| {row['replicates']:,d} | " + " | ".join(f"{row[k]:,.0f}" for k in keys) + " |")
    last = n >= n[-2]  # where bounds are reached
    slopes = {k: np.polyfit(n[last], [r[k] for r in rows if r["replicates"] >= n[-2]], 1) for k in keys}
    foreseen = " | ".join(f"{np.polyval(slopes[k], LONG):,.0f}" for k in keys)
    lines.append(f"| {LONG:,d}, by the line through the last two | {foreseen} |")
    ratio = rows[-1]["cpu_seconds"] / rows[-2]["cpu_seconds"] / (n[-1] / n[-2])
    kept = rows[-1]["kept"]
    lines += [
        "",
        f"Memory grows by {slopes['peak_mb'][0] * 1024:.1f} kB a replicate once the bounds are reached: the "
        "totals of every run, in memory and on their way to the disk. CPU time of the last two sizes, over "
        f"linear: {ratio:.2f}.",
        "",
        f"Kept of {rows[-1]['replicates']:,d} replicates: trajectories of the first "
        f"{kept['trajectories']:,d}, rows of vacuums of the first {kept['vacuums']:,d}, rows of cliffs of "
        f"the first {kept['cliffs']:,d}; totals, means and the summaries of both over all. The bounds are in "
        "`sim/study/tally.py`.",
        "",
        "Target: 100,000 replicates of five schedules in under 2,000 MB.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="5000,10000,20000")
    parser.add_argument("--case", default="corridor")
    args = parser.parse_args()
    rows = []
    for replicates in sorted(map(int, args.sizes.split(","))):
        with tempfile.TemporaryDirectory(prefix="drawdown-memory-") as folder:
            here, there = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(target=measure, args=(args.case, replicates, folder, there))
            process.start()
            there.close()
            rows.append(here.recv())
            process.join()
        print(rows[-1], flush=True)
    (HERE / "memory.json").write_text(json.dumps(rows, indent=1) + "\n")
    (HERE / "memory.md").write_text(page(args.case, rows))


if __name__ == "__main__":
    main()
