"""`drawdown compare`: compare drawdown schedules over matched runs."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, doing, draws_for, err, fail, load, progress, say_if_compiling
from sim.cli.options import (
    DEFAULT,
    ParametersOption,
    ReadinessOption,
    RuleOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WithoutOption,
)

if TYPE_CHECKING:
    from sim.scenario.case import Scenario
    from sim.study.comparison import Comparison
    from sim.study.draws import Draws

REPLICATES = 200
FIGURES_FAILED = 1
"""Exit code where the tables are written and figures could not be drawn."""


def command(
    scenario: ScenarioArgument = DEFAULT,
    schedules: Annotated[
        str | None,
        typer.Option(
            help="Schedules to compare, with commas between: names, or families with numbers such as "
            "phased:3 or periphery-first:notice=8+steps=4 (see `drawdown schedules`). Default: all of the "
            "scenario's. 'none' is always run.",
            metavar="A,B,...",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            help="Matched runs of each schedule, default 200; with --precision the most that are run, "
            "default 20,000.",
            min=1,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="Run until the 95 % interval of every mean excess is so wide to each side, as a share of "
            "the largest mean excess: 10% or 0.1.",
            metavar="SHARE",
        ),
    ] = None,
    seed: SeedOption = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results; default results/SCENARIO. An earlier result is replaced."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Default: one a core. Does not change the result.", min=1)
    ] = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
    readiness: ReadinessOption = 0.0,
    parameters: ParametersOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON instead of text.")
    ] = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
    details: Annotated[
        bool, typer.Option("--details", help="Print the sentences on every schedule, not only the main ones.")
    ] = False,
) -> None:
    """Compare drawdown schedules over matched runs.

    Runs the same draws of chance under each schedule and under 'none', in which every base stays;
    prints a table and sentences that say how sure they are; writes tables, trajectories, provenance, the
    scenario and figures to a folder. Ctrl-C stops after the work under way; the same command then goes on
    where it stopped.
    """
    stop = threading.Event()
    with ctrl_c(stop):
        case = load(scenario, settings, without, rule, readiness)
        folder = out or Path("results") / case.name
        draws, note = draws_for(parameters)
        result, failed = _compared(
            case,
            folder,
            schedules,
            _number(replicates, precision),
            seed,
            threads,
            figures,
            stop,
            draws,
        )
    if note:
        err.print(note, soft_wrap=True)
    if as_json:
        from sim.show.machine import as_json as plain

        with doing("Computing what it says ..."):
            told = json.dumps(plain(result), default=str)
        print(told)
    else:
        from sim.show import text

        with doing("Computing what it says ..."):
            told = text.page(result, details=details)
        print(told)
        print(
            text.wrap(
                f"Written to {folder}: tables (.csv, .nc), provenance.json, the scenario"
                + (", figures/" if figures else "")
                + "."
            )
        )
    if failed:
        fail(f"{failed}. What else is drawn is there; give --no-figures to do without.")
        raise typer.Exit(FIGURES_FAILED)


def _number(replicates: int | None, precision: str | None) -> tuple[int, float | None]:
    """Return how many replicates to run (at most), and how precise the answer is to be, if that was asked."""
    if precision is None:
        return replicates or REPLICATES, None
    text = precision.strip()
    try:
        share = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        raise fail(f"--precision {precision!r} is no share; give 10% or 0.1") from None
    if not 0.0 < share < 1.0:
        raise fail(f"--precision {precision!r} must lie between 0 and 100 %, e.g. 10%")
    from sim.study.precise import AT_MOST

    return replicates or AT_MOST, share


def _compared(
    case: Scenario,
    folder: Path,
    schedules: str | None,
    number: tuple[int, float | None],
    seed: int,
    threads: int | None,
    figures: bool,
    stop: threading.Event,
    draws: Draws | None,
) -> tuple[Comparison, str]:
    """Compare and write; returns the result, and why figures could not be drawn, if so."""
    with doing("Loading the model ..."):
        from sim.scenario.errors import ScenarioError
        from sim.show import results
        from sim.study import parts
        from sim.study.compare import Interrupted, check_size, chosen, compare
        from sim.study.precise import FIRST, Look, until_precise

    replicates, precision = number
    place = results.parts_folder(folder)
    try:
        plans = chosen(case, schedules.split(",") if schedules else None)
        results.check_target(folder)
        parts.check(place)
        first = replicates if precision is None else min(replicates, FIRST)
        check_size(case, plans, first, threads or os.cpu_count() or 1, folder)
        with results.claim(folder):
            with doing(f"Trying whether a result can be written to {folder} ..."):
                results.rehearse(case, plans, seed, folder, draws)
            say_if_compiling()
            with progress(f"{case.name}: {len(plans)} schedules") as (bar, task):

                def tick(done: int, of: int) -> None:
                    bar.update(task, completed=done, total=of)

                def stage(what: str) -> None:
                    bar.update(task, description=f"{case.name}: {what}")
                    if stop.is_set():  # between two files; the folder being written is removed
                        raise Interrupted(first, first)

                def run(n: int) -> Comparison:
                    return compare(
                        case,
                        plans,
                        replicates=n,
                        seed=seed,
                        threads=threads,
                        progress=tick,
                        parts_folder=place,
                        stop=stop,
                        stage=stage,
                        parameters=draws or "default",
                    )

                def told(look: Look) -> None:
                    err.print(str(look), soft_wrap=True, markup=False, highlight=False)

                if precision is None:
                    result = run(replicates)
                else:
                    result, looks = until_precise(run, precision, replicates, told)
                    result.provenance["stopping"] = {
                        "precision": precision,
                        "looked_after": [look.replicates for look in looks],
                        "precise": looks[-1].precise,
                    }
                failed = ""
                try:
                    result.save(folder, figures=figures, stage=stage)
                except results.FiguresFailed as error:
                    failed = str(error)
            parts.remove(place)
            return result, failed
    except Interrupted as error:
        err.print(
            f"Stopped: {error.done} of {error.of} replicates are finished"
            + (f" and kept in {place}; the same command goes on from there." if error.done else "."),
            soft_wrap=True,
        )
        raise typer.Exit(STOPPED) from None
    except (ScenarioError, FileExistsError, results.Busy, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        kept = f"; finished runs are kept in {place}: the same command goes on from there"
        there = kept if parts.any_kept(place) else ""
        raise fail(f"cannot write to {folder}: {error.strerror or error}{there}") from None
