"""How much faster than an earlier commit? Both alternate in one run, and give the same bits.

    python experiments/benchmarks/against.py COMMIT [--rounds 5] [--keep FOLDER] [--rules]

Checks COMMIT out into a temporary folder (`--keep`: into that one, with what is compiled, for the next
time), starts a worker process for each of the two trees, and lets them take turns at the same work:

    compile       CPU seconds of a first run of the ensemble with an empty cache, the run itself taken off
    ensemble      CPU milliseconds a replicate, in three cases, one thread
    Mesa          CPU seconds of one run of the Mesa model
    plain Mesa    the same uncompiled (a few weeks, scaled up), for this tree alone

Beside them stands the floor: the random draws, exponentials and logarithms of a replicate alone, in a
compiled loop. They are counted over the first weeks of a run in plain Python and scaled up.

Writes `against.md` and `against.json` beside this file. With `--rules` it asks what new rules cost: bits then
differ, Mesa and compilation are left out, and the page is `rules.md`. CPU seconds still depend on who shares
the processor's caches, so every figure is the median over rounds, and the ratios are those to trust.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASES = {"drc-monusco": 20, "darfur-unamid": 10, "corridor": 100}
"""Cases, and how many replicates make a turn."""
COUNTED_WEEKS = 12
DEARER = 1.2
"""How much longer a replicate may take with new rules."""

WORKER = '''
import hashlib, json, sys, time
import numpy as np
from sim import Scenario
from sim.ensemble import Ensemble

ready = {}

def load(case):
    scenario = Scenario.load(f"scenarios/{case}")
    return scenario, "actual" if "actual" in scenario.schedules else min(scenario.schedules)

def ensemble(case, count):
    if case not in ready:
        ready[case] = Ensemble(*load(case))
        first = time.process_time()
        ready[case].run(1, 0, 1)
        first = time.process_time() - first
    else:
        first = None
    start = time.process_time()
    records = ready[case].run(1, 0, count).records
    seconds = time.process_time() - start
    digest = hashlib.sha256()
    for name in sorted(records.dtype.names):
        digest.update(name.encode() + np.ascontiguousarray(records[name]).tobytes())
    return {"seconds": seconds, "first": first, "bits": digest.hexdigest()}

def mesa(case, weeks):
    scenario, schedule = load(case)
    model = scenario.model(schedule, seed=1)
    start = time.process_time()
    while model.week < (weeks or model.scenario.weeks):
        model.step()
    return {"seconds": time.process_time() - start, "weeks": model.week,
            "bits": float(model.world.record["killed_by_groups"].sum())}

def counts(case, weeks):
    """How often a run draws, and takes an exponential or a logarithm, a replicate."""
    from sim import arithmetic, chance
    np.seterr(over="ignore")
    functions = {"draws": chance.mix, "exp": arithmetic.exp, "log": arithmetic.log}
    for name, function in functions.items():  # whoever imported it by name calls the counting code, too
        names = function.__globals__
        if f"kept_{name}" in names:  # of an earlier case
            continue
        kept = type(function)(function.__code__, names)
        names[f"kept_{name}"], names[f"calls_{name}"] = kept, [0]
        made = {}
        exec(f"def f(x):\\n    calls_{name}[0] += 1\\n    return kept_{name}(x)", names, made)
        function.__code__ = made["f"].__code__
    scenario, schedule = load(case)
    model = scenario.model(schedule, seed=1)
    for name, function in functions.items():
        function.__globals__[f"calls_{name}"][0] = 0
    for _ in range(weeks):
        model.step()
    scale = model.scenario.weeks / weeks
    return {name: round(f.__globals__[f"calls_{name}"][0] * scale) for name, f in functions.items()}

def floor(draws, exps, logs):
    """CPU seconds of so many of each alone."""
    import numba
    from sim import arithmetic, chance
    from sim.compiled import compiled

    @compiled
    def loop(draws, exps, logs):
        total = 0.0
        for i in range(draws):
            total += chance.uniform(np.uint64(7), 3, i, 1)
        for i in range(exps):
            total += arithmetic.exp(-1e-6 * i)
        for i in range(logs):
            total += arithmetic.log(1e-6 * (i + 1.0))
        return total

    loop(1, 1, 1)
    times = []
    for _ in range(20):
        start = time.process_time()
        loop(draws, exps, logs)
        times.append(time.process_time() - start)
    return {"seconds": sorted(times)[len(times) // 2]}

for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(globals()[name](*arguments)), flush=True)
'''


class Worker:
    """A process that has one tree's package imported and does what it is told."""

    def __init__(self, tree: Path, cache: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "DRAWDOWN_CACHE_DIR": str(cache), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, name: str, *arguments: Any) -> dict[str, Any]:
        """Let it do one piece of work, and return what it says."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"a worker stopped while at {name} {arguments}")
        return json.loads(answer)  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def check_out(commit: str, folder: Path) -> None:
    """Put the files of a commit into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", str(folder)], input=archive, check=True)


def measure(commit: str, folder: Path, rounds: int, rules: bool = False) -> dict[str, Any]:
    """Return all figures: lists of two stand for (the earlier commit, this tree)."""
    check_out(commit, folder / "earlier")
    trees = {"earlier": folder / "earlier", "now": ROOT}
    workers = [Worker(tree, folder / f"cache-{name}") for name, tree in trees.items()]
    plain = Worker(ROOT, folder / "cache-now", NUMBA_DISABLE_JIT="1")
    result: dict[str, Any] = {"commit": commit, "cases": {}}
    for case, count in CASES.items():
        start = [w("ensemble", case, count) for w in workers]
        if case == next(iter(CASES)):
            result["compile"] = [s["first"] - s["seconds"] / count for s in start]
        times = [[w("ensemble", case, count) for w in workers] for _ in range(rounds)]
        ms = [statistics.median(1000 * t[i]["seconds"] / count for t in times) for i in (0, 1)]
        counted = plain("counts", case, COUNTED_WEEKS)
        floor = 1000 * workers[1]("floor", *counted.values())["seconds"]
        result["cases"][case] = {
            "ms": ms,
            "ratio": statistics.median(a["seconds"] / b["seconds"] for a, b in times),
            "equal": start[0]["bits"] == start[1]["bits"],
            "counts": counted,
            "floor ms": floor,
        }
        print(case, json.dumps(result["cases"][case]), flush=True)
    if rules:
        for w in (*workers, plain):
            w.stop()
        return result
    case = next(iter(CASES))
    for w in workers:
        w("mesa", case, None)  # compiles
    times = [[w("mesa", case, None) for w in workers] for _ in range(min(rounds, 3))]
    slow = Worker(ROOT, folder / "cache-now", NUMBA_DISABLE_JIT="1")
    few = slow("mesa", case, COUNTED_WEEKS)
    result["mesa"] = {
        "seconds": [statistics.median(t[i]["seconds"] for t in times) for i in (0, 1)],
        "ratio": statistics.median(a["seconds"] / b["seconds"] for a, b in times),
        "equal": times[0][0]["bits"] == times[0][1]["bits"],
        "plain seconds": few["seconds"] / few["weeks"] * times[0][1]["weeks"],
    }
    for w in (*workers, plain, slow):
        w.stop()
    return result


def report(r: dict[str, Any]) -> str:
    """Return the figures as a page."""
    old, new = r["compile"]
    mesa = r["mesa"]
    equal = all(c["equal"] for c in (*r["cases"].values(), mesa))
    ensemble = r["cases"][next(iter(CASES))]["ms"][1] / 1000
    lines = [
        "# Against an earlier commit",
        "",
        f"This tree against `{r['commit']}`, by turns in one run: medians of CPU time. By `against.py`.",
        "",
        "| | earlier | now | ratio | target | same bits |",
        "|--|--:|--:|--:|--:|--|",
        f"| compiling the ensemble, s | {old:.1f} | {new:.1f} | {new / old:.2f} | at most 0.5 | |",
    ]
    targets = {"drc-monusco": "at least 1.25", "darfur-unamid": "at least 1.4"}
    for case, c in r["cases"].items():
        lines.append(
            f"| a replicate of {case}, ms | {c['ms'][0]:.1f} | {c['ms'][1]:.1f} | {c['ratio']:.2f} | "
            f"{targets.get(case, '-')} | {'yes' if c['equal'] else 'NO'} |"
        )
    lines += [
        f"| a Mesa run of {next(iter(CASES))}, s | {mesa['seconds'][0]:.2f} | {mesa['seconds'][1]:.2f} | "
        f"{mesa['ratio']:.1f} | at least 6 | {'yes' if mesa['equal'] else 'NO'} |",
        *(
            []
            if equal
            else ["", "Where bits differ, results were meant to change: CHANGELOG.md, Results change."]
        ),
        "",
        "| | draws | exp | log | those alone, ms | a replicate over that |",
        "|--|--:|--:|--:|--:|--:|",
        *(
            f"| {case} | {c['counts']['draws']:,} | {c['counts']['exp']:,} | {c['counts']['log']:,} | "
            f"{c['floor ms']:.2f} | {c['ms'][1] / c['floor ms']:.1f} |"
            for case, c in r["cases"].items()
        ),
        "",
        f"A run of {next(iter(CASES))} takes {mesa['plain seconds']:.0f} s under Mesa in plain Python, "
        f"{mesa['seconds'][1]:.2f} s under Mesa compiled, {ensemble:.3f} s in the ensemble: "
        f"{mesa['plain seconds'] / ensemble:,.0f} times as fast as the first.",
        "",
    ]
    return "\n".join(lines)


def report_rules(r: dict[str, Any]) -> str:
    """Return what new rules cost, as a page."""
    lines = [
        "# What new rules cost",
        "",
        f"This tree against `{r['commit']}`, by turns in one run: medians of CPU time of one replicate, one "
        "thread. By `against.py --rules`.",
        "",
        "| | earlier, ms | now, ms | now / earlier | at most | random draws now |",
        "|--|--:|--:|--:|--:|--:|",
    ]
    for case, c in r["cases"].items():
        lines.append(
            f"| {case} | {c['ms'][0]:.1f} | {c['ms'][1]:.1f} | {1 / c['ratio']:.2f} | {DEARER} | "
            f"{c['counts']['draws']:,} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="folder to check out and compile in, kept")
    parser.add_argument("--rules", action="store_true", help="what new rules cost: bits may differ")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        result = measure(
            options.commit, (options.keep or Path(temporary)).resolve(), options.rounds, options.rules
        )
    if options.rules:
        (HERE / "rules.md").write_text(report_rules(result))
        print(report_rules(result))
        return
    (HERE / "against.json").write_text(json.dumps(result, indent=1) + "\n")
    text = report(result)
    (HERE / "against.md").write_text(text)
    print(text)
    if not all(c["equal"] for c in (*result["cases"].values(), result["mesa"])):
        raise SystemExit("the two commits give different results")


if __name__ == "__main__":
    main()
