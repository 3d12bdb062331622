"""`drawdown compare`: compare drawdown schedules over matched runs."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, err, fail, load, progress, say_if_compiling
from sim.cli.options import DEFAULT, RuleOption, ScenarioArgument, SeedOption, SetOption, WithoutOption


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
    replicates: Annotated[int, typer.Option(help="Matched runs of each schedule.", min=1)] = 200,
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
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON instead of text.")
    ] = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
) -> None:
    """Compare drawdown schedules over matched runs.

    Runs the same draws of chance under each schedule and under 'none', in which every base stays;
    prints a table and sentences that say how sure they are; writes summary.csv, trajectories.nc,
    vacuums.csv, cliffs.csv, massacres.csv, provenance.json and figures. Ctrl-C stops after the work
    under way; the same command then goes on where it stopped.
    """
    from sim.scenario.errors import ScenarioError

    case = load(scenario, settings, without, rule)
    from sim.study import parts, results
    from sim.study.compare import Interrupted, chosen, compare

    folder = out or Path("results") / case.name
    try:
        plans = chosen(case, schedules.split(",") if schedules else None)
        results.check_target(folder)
        parts.check(results.parts_folder(folder))
    except (ScenarioError, FileExistsError) as error:
        raise fail(str(error)) from None
    say_if_compiling()
    stop = threading.Event()
    with ctrl_c(stop), progress(f"{case.name}: {len(plans)} schedules") as (bar, task):

        def tick(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        try:
            result = compare(
                case,
                plans,
                replicates=replicates,
                seed=seed,
                threads=threads,
                progress=tick,
                parts_folder=results.parts_folder(folder),
                stop=stop,
            )
        except Interrupted as error:
            bar.stop()
            err.print(
                f"Stopped: {error.done} of {error.of} replicates are finished and kept in "
                f"{results.parts_folder(folder)}; the same command goes on from there.",
                soft_wrap=True,
            )
            raise typer.Exit(STOPPED) from None
        except OSError as error:
            bar.stop()
            raise fail(f"cannot write to {folder}: {error.strerror or error}") from None
    try:
        result.save(folder, figures=figures)
    except OSError as error:
        raise fail(f"cannot write to {folder}: {error.strerror or error}") from None
    parts.remove(results.parts_folder(folder))
    if as_json:
        print(
            json.dumps(
                {"provenance": result.provenance, "summary": result.summary.to_dict("records")}, default=str
            )
        )
        return
    from sim.show import text

    print(text.page(result))
    print(
        text.wrap(
            f"Written to {folder}: summary.csv, trajectories.nc, vacuums.csv, cliffs.csv, massacres.csv, "
            "provenance.json" + (", figures/" if figures else "") + "."
        )
    )
