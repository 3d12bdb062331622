"""Plausible worlds: which parameters the record leaves open, as draws that every comparison can run over.

    python experiments/plausible/plausible.py [--times 0.1] [--workers 2] [--out results/plausible]

Reads calibration.toml (cases, parameters, scale) and targets.toml (what worlds must answer to) of this
folder. Writes sim/plausible.csv and sim/plausible.json, which `drawdown compare` uses, and the page
plausible.md with its pictures. What is run is kept in --out: stopped by Ctrl-C or killed, the same command
goes on. The result is the same for any number of workers. --times 0.1 runs a tenth of the parameter sets
(a quarter of an hour of one core); full scale takes hours. --trial leaves sim/ and the page as they are and
writes beside --out.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import numpy as np
from pictures import learnt, ruled_out, spreads, tried
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from sim import influence
from sim.parameters import PARAMETERS
from sim.responses import rules_digest
from sim.scenario.errors import ScenarioError
from sim.study import draws
from sim.study.calibrate import checks, files, run
from sim.study.calibrate.abc import quantiles
from sim.study.calibrate.files import Aim
from sim.study.calibrate.run import Found
from sim.study.experiments.errors import StoreError
from sim.study.experiments.need import Missing
from sim.study.experiments.sweep import Stopped

HERE = Path(__file__).resolve().parent
HARDLY = 0.05
"""Share of what was run, below which a target is hardly met."""
SHOWN = 15
"""Parameters that are shown as learnt."""


# -- the page ----------------------------------------------------------------------------------------


def number(value: float) -> str:
    """Return a number as it is read."""
    if not np.isfinite(value):
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def span(aim: Aim, values: np.ndarray, weights: np.ndarray) -> str:
    """Return median and nine in ten of single runs, in the summary's unit."""
    low, middle, high = aim.summary.unscaled(quantiles(values, weights, checks.LEVELS))
    return f"{number(middle)} ({number(low)} to {number(high)})" if np.isfinite(middle) else "untold"


def single_runs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of single runs, of (points, replicates), and equal weights."""
    return values.ravel(), np.ones(values.size)


def could_have(found: Found) -> np.ndarray:
    """Return which share of the draws ran to within the cut of each target: (aims,)."""
    aims, cut = found.asked.aims, found.asked.calibration.rule.cut
    sd = np.sqrt([a.variance for a in aims])
    values = found.check.values[:, 0]
    off = np.stack([a.off(values[:, j]) for j, a in enumerate(aims)], axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(off) <= cut * sd).mean(axis=0))


def about_targets(found: Found) -> list[str]:
    """Return the table of targets: what should be, what is before, and what the draws give."""
    met = could_have(found)
    lines = [
        "| case | summary | should be | all parameter sets | the draws | could be, of all run | of the "
        "draws | how sure |",
        "|--|--|--|--|--|--:|--:|--|",
    ]
    for j, aim in enumerate(found.asked.aims):
        before = span(aim, *single_runs(found.stages[0].values[:, :, j]))
        after = span(aim, *single_runs(found.check.values[:, :, j]))
        lines.append(
            f"| {aim.case} | {aim.summary.title} | {aim.words} | {before} | {after} | {found.reached[j]:.0%} "
            f"| {met[j]:.0%} | {aim.stated.certainty} |"
        )
    return lines


def misfit(found: Found) -> str:
    """Say what no parameter set, or hardly any, could have made."""
    aims = found.asked.aims
    never = [a.label for a, s in zip(aims, found.reached, strict=True) if s == 0.0]
    hardly = [f"{a.label} ({s:.0%})" for a, s in zip(aims, found.reached, strict=True) if 0.0 < s < HARDLY]
    said = []
    if never:
        said.append(f"**No parameter set that was run could have made: {', '.join(never)}.**")
    if hardly:
        said.append(f"Hardly any could: {', '.join(hardly)}.")
    if not said:
        return "Each target could have been made by one parameter set in twenty or more."
    return (
        " ".join(said)
        + " Here the model is wrong in a way that no value of these parameters mends; draws are "
        "as near as it comes."
    )


def about_waves(found: Found) -> list[str]:
    """Return the table of waves."""
    lines = ["| wave | parameter sets | cut | space left | rule out most |", "|--|--:|--:|--:|--|"]
    for n, (w, stage) in enumerate(zip(found.waves, found.stages, strict=False), start=1):
        most = np.argsort(-w.alone, kind="stable")[:3]
        named = ", ".join(f"{found.asked.aims[j].label} ({w.alone[j]:.0%})" for j in most if w.alone[j] > 0)
        lines.append(f"| {n} | {len(stage.points):,d} | {w.cut:g} | {w.left:.2%} | {named or 'nothing'} |")
    return lines


def about_emulators(found: Found) -> str:
    """Say how well emulators foresee what was left out of their fit."""
    last = [e for e in found.waves[-1].emulators if e is not None]
    r2 = np.array([e.explained for e in last])
    within = np.array([e.within for e in last])
    good = sum(r2 >= 0.5)
    return (
        f"Of {len(found.asked.aims)} summaries {len(last)} could be emulated in the last wave; of points "
        f"left out of their fit emulators foresee half of the variance or more for {good}, and in the median "
        f"{np.median(r2):.0%}; {within.min():.0%} to {within.max():.0%} of those points lie within three of "
        "their standard deviations. What an emulator does not know it does not rule out."
    )


def about_parameters(found: Found) -> list[str]:
    """Return the table of the parameters that were learnt about most."""
    lines = [
        "| parameter | range | draws: median (nine in ten) | width beside its range | in most like this? |",
        "|--|--|--|--:|--|",
    ]
    points, weights = found.posterior.points, found.posterior.weights
    width = np.array(
        [np.diff(quantiles(points[:, i], weights, (0.05, 0.95)))[0] / 0.9 for i in range(points.shape[1])]
    )
    for i in np.argsort(width, kind="stable")[:SHOWN]:
        f = found.asked.factors[i]
        low, middle, high = quantiles(found.draws.values[:, i], found.draws.weights, checks.LEVELS)
        default = PARAMETERS[f.name].default
        inside = "default inside" if low <= default <= high else f"**default {default:g} outside**"
        lines.append(
            f"| `{f.name}` | {f.low:g} to {f.high:g} | {middle:.3g} ({low:.3g} to {high:.3g}) | "
            f"{width[i]:.0%} | {inside} |"
        )
    return lines


def about_coverage(found: Found) -> str:
    """Say how often intervals held what is known."""
    c = found.coverage
    low, high = c.interval(c.mean)
    named = {found.asked.names[i]: c.parameters[i] for i in np.argsort(c.narrower)[:5]}
    learnt_most = ", ".join(f"`{n}` {s:.0%}" for n, s in named.items())
    prevented = "; ".join(
        f"{name} {share:.0%} ({c.interval(share)[0]:.0%} to {c.interval(share)[1]:.0%})"
        for name, share in zip(found.quantities, c.quantities, strict=True)
        if np.isfinite(share)
    )
    wide = checks.COVERS[0] <= c.mean <= checks.COVERS[1]
    verdict = "as it should be" if wide else "**not as it should be (85 to 95 %)**"
    return (
        f"{c.truths} worlds whose parameters are known stood for the truth, each with the record that an "
        "observer of one of its histories would have. Intervals of nine in ten held a parameter in "
        f"{c.mean:.1%} of cases (one truth alone {low:.0%} to {high:.0%}), {verdict}; the five about which "
        f"most is learnt: {learnt_most}. The share of killings that the mission prevents, which no record "
        f"shows: {prevented}."
    )


def about_cases(found: Found) -> list[str]:
    """Return the table of what other cases foresee of a case that is left out."""
    table = found.left_out
    if not len(table):
        return ["There is one case, so none can be left out."]
    lines = [
        "| case left out | summary | record | foreseen from the others: median (nine in ten) | record "
        "inside |",
        "|--|--|--|--|--|",
    ]
    for row in table.itertuples():
        lines.append(
            f"| {row.case} | {row.summary} | {row.target} | {number(row.median)} ({number(row.low)} to "
            f"{number(row.high)}) | {'yes' if row.meets else '**no**'} |"
        )
    return lines


def page(found: Found, command: str) -> str:
    """Return plausible.md."""
    asked, size = found.asked, found.size
    seen = influence.table()
    unknown = [n for n in PARAMETERS if n not in seen and n not in asked.names]
    dull = len(PARAMETERS) - len(asked.names)
    runs = sum(s.values.shape[0] * s.values.shape[1] for s in (*found.stages, found.check))
    where = ", ".join(c.scenario for c in asked.calibration.cases)
    lines = [
        "# Plausible worlds",
        "",
        f"Which of {len(asked.names)} parameters' values the record leaves open, found by `{command}` in "
        f"{where}, all at once with one parameter set for all. `drawdown compare` gives every matched run "
        f"another draw of them. Rules {rules_digest()[:8]}; {runs:,d} parameter sets and runs of each in "
        f"{len(asked.calibration.cases)} cases, {found.times:g} of full scale.",
        "",
        "Made by history matching in waves (McCulloch et al. 2022) on Gaussian processes, then approximate "
        "Bayesian computation by rejection with regression (Beaumont et al. 2002) on runs, with errors of "
        "observation and discrepancy as [targets.toml](targets.toml) states them. What varies: tiers 1 and "
        "2, and whatever has no tier yet, over declared ranges ([calibration.toml](calibration.toml)); the "
        f"other {dull} parameters keep their defaults, and so does every rule: **worlds with other rules "
        "are not among these**.",
        *(
            [
                "",
                "Not varied although nobody has measured whether they matter: "
                f"{', '.join(f'`{n}`' for n in unknown)}.",
            ]
            if unknown
            else []
        ),
        "",
        "## What could not be met",
        "",
        misfit(found),
        "",
        "## Targets",
        "",
        "Single runs with the mission as it was before its first closure: median and nine in ten, over all "
        "parameter sets of the first wave (what was thought possible) and over the draws. *Could be*: "
        f"share of parameter sets whose mean lies within {asked.calibration.rule.cut:g} standard deviations "
        "of chance, observation and discrepancy; of the draws: of single runs, without chance.",
        "",
        *about_targets(found),
        "",
        "![Where single runs lie before and after, by target](spreads.png)",
        "",
        "## What was ruled out",
        "",
        "A set is ruled out where its implausibility exceeds the cut for more than "
        f"{asked.calibration.rule.allowed} target(s). Beside each wave: which targets alone rule out most "
        "of what was left before it.",
        "",
        *about_waves(found),
        "",
        about_emulators(found),
        "",
        "![What is left in the parameters that decide most, two by two](ruled-out.png)",
        "",
        "## What was learnt",
        "",
        f"{len(found.draws)} weighted draws from {len(found.pool.points):,d} parameter sets that were not "
        "ruled out. Most parameters are as open as before; those about which most was learnt:",
        "",
        *about_parameters(found),
        "",
        "![Parameters about which most was learnt: the draws in their ranges](learnt.png)",
        "",
        "## Whether it can be believed",
        "",
        about_coverage(found),
        "",
        "![How often intervals of nine in ten hold a known truth, by parameter](coverage.png)",
        "",
        "**Each case left out.** What parameter sets that the other cases do not rule out make of a case, "
        "by the emulators, for one history:",
        "",
        *about_cases(found),
        "",
        "## What is no target",
        "",
        *(f"- {one.what}: {one.why}." for one in asked.targets.left_out),
        f"- Held back for validation: {'; '.join(f'{k} ({v})' for k, v in asked.targets.held_back.items())}.",
        "",
        f"Scale: {size.waves} waves of {size.points:,d} parameter sets with {size.replicates} runs each, a "
        f"pool of {size.pool:,d} with {size.pool_replicates}. So few sets leave emulators of a hundred "
        "parameters coarse: they rule out little, and draws are wide rather than wrong."
        if found.times < 1
        else f"Scale: {size.waves} waves of {size.points:,d} parameter sets.",
    ]
    return "\n".join(lines) + "\n"


# -- the command -------------------------------------------------------------------------------------


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Find plausible parameters.", allow_abbrev=False)
    parser.add_argument("--times", type=float, default=1.0, help="of full scale, e.g. 0.1")
    parser.add_argument("--workers", type=int, default=None, help="processes; default one a core")
    parser.add_argument("--out", type=Path, default=Path("results/plausible"), help="where runs are kept")
    parser.add_argument("--trial", action="store_true", help="write beside the runs, not into sim/ and here")
    parser.add_argument("--folder", type=Path, default=HERE, help="calibration.toml and targets.toml")
    options = parser.parse_args(given)
    if options.times <= 0:
        parser.error("--times must be above 0")
    console = Console(stderr=True)
    stop = threading.Event()

    def halt(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        console.print("Stopping after the work under way ...")

    signal.signal(signal.SIGINT, halt)
    signal.signal(signal.SIGTERM, halt)
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("runs"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(elapsed_when_finished=False),
    )  # fmt: skip
    try:
        asked = files.load(options.folder)
        with Bar(*columns, console=console) as bar:
            task = bar.add_task("starting", total=None)
            found = run.calibrate(
                asked, options.out, times=options.times, workers=options.workers, stop=stop,
                progress=lambda p: bar.update(task, completed=p.done, total=p.of, description=p.doing),
            )  # fmt: skip
    except Stopped as error:
        console.print(f"{error}; the same command goes on from there.")
        return 130
    except (ScenarioError, StoreError, Missing, ValueError) as error:
        console.print(f"error: {error}", markup=False)
        return 2
    command = f"python experiments/plausible/plausible.py --times {options.times:g}"
    place = options.out if options.trial else options.folder
    table = options.out / "plausible.csv" if options.trial else draws.TABLE
    run.ship(found, table, table.with_suffix(".json"), command)
    for name, picture in (
        ("spreads", spreads(found)),
        ("ruled-out", ruled_out(found)),
        ("learnt", learnt(found, SHOWN)),
        ("coverage", tried(found)),
    ):
        picture.savefig(place / f"{name}.png", dpi=130, metadata={"Software": None})
    (place / "plausible.md").write_text(page(found, command), encoding="utf-8")
    print(f"{found.draws}: {table}. Page: {place / 'plausible.md'}")
    print(misfit(found))
    print(about_coverage(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
