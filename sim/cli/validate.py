"""`drawdown validate`: hold runs against patterns from the record."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, doing, err, fail, load, progress, say_if_compiling, write
from sim.cli.options import RuleOption, SeedOption, SetOption, WithoutOption


def command(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenarios; none: eastern DRC, Darfur, South Sudan, Liberia and an invented world.",
            metavar="[SCENARIO]...",
        ),
    ] = None,
    schedule: Annotated[
        str, typer.Option(help="The schedule to run, of one scenario; default 'actual', else its first.")
    ] = "",
    replicates: Annotated[int, typer.Option(help="Runs of each world.", min=2)] = 30,
    seed: SeedOption = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for page, table and figure; default results/validation[-SCENARIO]."),
    ] = None,
    own_parameters: Annotated[
        bool,
        typer.Option(
            "--own-parameters",
            help="Of several worlds: keep the parameter values that scenarios set for themselves.",
        ),
    ] = False,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
) -> None:
    """Hold runs against patterns from the record, each with a target and a verdict.

    One scenario: a page on it. Several, or none: one page on all under one default parameter set, each
    judged by itself. With the verdicts of the response page, which are not measured anew.
    Writes NAME.md, NAME.csv and NAME.png. A pattern that fails is a finding about the model, not an
    error: the exit code stays 0.
    """
    with doing("Loading the model ..."):
        from sim.scenario.errors import ScenarioError
        from sim.show import validation
        from sim.show.numbers import wrap
        from sim.study.validate import validate
        from sim.study.worlds import WORLDS, validate_worlds

    cases = [load(name, settings, without, rule) for name in scenarios or WORLDS]
    alone = cases[0] if len(cases) == 1 else None
    if schedule and alone is None:
        raise fail("--schedule goes with one scenario; name it")
    name = alone.name if alone else "validation"
    folder = out or Path("results") / (f"validation-{alone.name}" if alone else "validation")
    try:
        plan = alone.schedule(schedule) if schedule and alone else None
    except ScenarioError as error:
        raise fail(str(error)) from None
    say_if_compiling()
    stop = threading.Event()
    with ctrl_c(stop), progress(f"{name}: patterns") as (bar, task):

        def tick(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        try:
            if alone:
                one = validate(alone, plan, replicates=replicates, seed=seed, progress=tick, stop=stop)
                bar.update(task, description=f"{name}: writing and drawing")
                page, frame = validation.page(one, f"{name}.png"), one.frame()
                drawn, table = validation.figure(one), validation.printed(one)
            else:
                all_ = validate_worlds(
                    cases,
                    replicates=replicates,
                    seed=seed,
                    own_parameters=own_parameters,
                    progress=tick,
                    stop=stop,
                )
                bar.update(task, description=f"{name}: writing and drawing")
                page, frame = validation.page_across(all_, f"{name}.png"), all_.frame()
                drawn, table = validation.figure_across(all_), validation.printed_across(all_)
        except InterruptedError as error:
            bar.stop()
            err.print(f"Stopped: {error}; nothing was written.", soft_wrap=True)
            raise typer.Exit(STOPPED) from None
    png = io.BytesIO()
    with doing("Drawing the figure ..."):
        drawn.savefig(png, format="png", dpi=130, metadata={"Software": None})
    write(folder / f"{name}.md", page.encode())
    write(
        folder / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
    )
    write(folder / f"{name}.png", png.getvalue())
    print(table)
    print("\n" + validation.printed_responses() + "\n")
    print(wrap(f"Written to {folder}: {name}.md, {name}.csv, {name}.png."))
