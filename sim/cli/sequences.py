"""`drawdown sequences`: every order of a mission's closures, in matched worlds."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, doing, draws_for, err, fail, load, progress, say_if_compiling
from sim.cli.options import (
    NamedScenario,
    ParametersOption,
    RuleOption,
    SeedOption,
    SetOption,
    WithoutOption,
)

if TYPE_CHECKING:
    from sim.scenario.case import Scenario
    from sim.study.draws import Draws
    from sim.study.sequences.alone import Alone
    from sim.study.sequences.orders import Closures
    from sim.study.sequences.study import Sequences


def command(
    scenario: NamedScenario,
    bases: Annotated[
        str | None,
        typer.Option(
            help="Bases whose order is open, with commas between; default those that the schedule of "
            "--within closes.",
            metavar="A,B,...",
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            help="Schedule whose other actions stay as they are; default 'actual', if there is one.",
            metavar="SCHEDULE",
        ),
    ] = None,
    constraints: Annotated[
        Path | None,
        typer.Option(help="File of what an order must keep to; see docs/deciding.md.", metavar="FILE"),
    ] = None,
    worlds: Annotated[
        int, typer.Option(help="Matched worlds of the first look, at all orders.", min=5, max=100_000)
    ] = 20,
    again: Annotated[
        int,
        typer.Option(help="Worlds, others, of the second look at the best of them.", min=20, max=100_000),
    ] = 100,
    most: Annotated[
        int,
        typer.Option(help="Orders up to which all are run; of more, a search runs some.", min=1, max=400_000),
    ] = 5040,
    outcome: Annotated[
        str, typer.Option(help="Harm: killed, deaths, excess_deaths, fled or vacuum_people_weeks.")
    ] = "killed",
    seed: SeedOption = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the results; default results/SCENARIO-sequences.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes; default one a core. Does not change the result.", min=1),
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help="Compare no orders; close each base alone, first and last, in the worlds of --again: "
            "what is each worth?",
        ),
    ] = False,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Say what would be run, and run nothing.")
    ] = False,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
    parameters: ParametersOption = None,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
) -> None:
    """Compare every order in which some bases can close.

    Runs all orders that keep to the constraints (not before a day, not in the rains, weeks between two,
    the capital last, what a quarter's budget pays for) in matched worlds, and the best of them again in new
    ones. Says which orders cannot be told from the best, what these have in common, what it does to close a
    base late, what orders cost, and what would be worth finding out before choosing, with a sheet of
    questions for each county. Of more orders than --most, a search runs some hundred.

    - `drawdown sequences corridor --bases Camps,Mines,Ridge --plan`: how many orders, and how long it takes
    - `drawdown sequences corridor --bases Camps,Mines,Ridge`: run them, on all cores
    - `drawdown sequences corridor --bases Camps,Mines,Ridge --alone`: what each base is worth by itself

    Ctrl-C stops after the work under way; the same command goes on from there, to the same result.
    """
    if alone and outcome != "killed":
        raise fail(f"--alone counts civilians killed by district, no {outcome}; leave --outcome out")
    stop = threading.Event()
    with ctrl_c(stop):
        case = load(scenario, settings, without, rule)
        draws, note = draws_for(parameters)
        closures = _closures(case, bases, within, constraints)
        if plan_only:
            print(_described(closures, worlds, again, most))
            return
        folder = out or Path("results") / f"{case.name}-sequences"
        if alone:
            each = _alone(closures, again, seed, draws or "default", folder, stop)
            _write_alone(each, folder, figures)
            return
        found = _studied(
            closures, worlds, again, most, outcome, seed, draws is not None, folder, workers, stop
        )
    if note:
        err.print(note, soft_wrap=True)
    with doing("Computing what it says ..."):
        from sim.show import sequences as show
        from sim.study import telling
        from sim.study.sequences.facts import tell

        told = tell(found) if len(found.second.worlds) >= telling.FEWEST else None
        page = show.page(found, told)
    print(page)
    try:
        for name, table in show.tables(found).items():
            table.to_csv(folder / f"{name}.csv", index=False)
        (folder / "page.txt").write_text(page + "\n", encoding="utf-8")
        if told:
            told.table.to_csv(folder / "what-would-tell.csv", index=False)
            (folder / "field-visit").mkdir(exist_ok=True)
            for name, sheet in show.field_sheets(found, told).items():
                (folder / "field-visit" / f"{name}.md").write_text(sheet, encoding="utf-8")
        if figures:
            from sim.show.figures import sequences as pictures

            pictures.save_all(found, folder / "figures")
    except OSError as error:
        raise fail(f"answers cannot be written: {error.strerror or error}") from None
    err.print(f"Written to {folder}: tables (.csv), page.txt, the runs{', figures/' if figures else ''}.")


def _alone(
    closures: Closures, worlds: int, seed: int, parameters: Draws | str, folder: Path, stop: threading.Event
) -> Alone:
    from sim.study.compare import Interrupted
    from sim.study.sequences.alone import alone

    say_if_compiling()
    try:
        with progress(f"{len(closures)} bases, each alone") as (bar, task):

            def tick(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            return alone(
                closures,
                worlds=worlds,
                seed=seed,
                parameters=parameters,
                progress=tick,
                parts_folder=folder / "runs-alone",
                stop=stop,
            )
    except Interrupted as stopped:
        err.print(
            f"Stopped: {stopped.done:,d} of {stopped.of:,d} worlds are finished and kept; the "
            "same command goes on from there.",
            soft_wrap=True,
        )
        raise typer.Exit(STOPPED) from None
    except ValueError as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"runs cannot be kept: {error.strerror or error}") from None


def _write_alone(each: Alone, folder: Path, figures: bool) -> None:
    from sim.show import sequences as show

    page = show.alone_page(each)
    print(page)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        each.table.to_csv(folder / "alone.csv", index=False, float_format="%.4g")
        (folder / "alone.txt").write_text(page + "\n", encoding="utf-8")
        if figures:
            from sim.show.figures import sequences as pictures

            pictures.save_all(each, folder / "figures")
    except OSError as error:
        raise fail(f"answers cannot be written: {error.strerror or error}") from None
    err.print(f"Written to {folder}: alone.csv, alone.txt{', figures/alone.png' if figures else ''}.")


def _closures(case: Scenario, bases: str | None, within: str | None, file: Path | None) -> Closures:
    """Return the closures that options and file ask for; options come before the file."""
    from sim.scenario.errors import ScenarioError
    from sim.study.sequences.constraints import Constraints, read
    from sim.study.sequences.orders import Closures

    try:
        asked, lines = read(file) if file else (Constraints(), {})
        given: dict[str, object] = {}
        if bases:
            given["bases"] = [b.strip() for b in bases.split(",")]
        if within:
            given["within"] = within
        return Closures(case, asked.model_copy(update=given), file, lines)
    except ScenarioError as error:
        raise fail(str(error)) from None


def _described(closures: Closures, worlds: int, again: int, most: int) -> str:
    """Say what would be run."""
    from sim.show.numbers import wrap
    from sim.study.sequences import search
    from sim.study.sequences.study import CHEAP, SHORT

    case = closures.case
    orders = closures.all(most)
    n = len(closures)
    count = len(orders) if orders is not None else n * (search.SQUARES + search.ROUNDS * search.EACH_ROUND)
    runs = (count + 1) * worlds + (SHORT + CHEAP + 2) * again
    days = closures.days(next(iter(closures))) or ()
    hours = runs * case.weeks * len(case.districts) * 1e-5 / 3600
    lines = [
        f"{n} closures in {case.header.title}: {', '.join(closures.names)}; the first of their orders "
        f"closes one on {', '.join(map(str, days))}.",
        f"{count:,d} orders x {worlds} worlds, then the best again in {again}: about {runs:,d} runs, "
        f"{hours:,.1f} hours of one core."
        + (
            ""
            if orders is not None
            else f" There are more than {most:,d} orders: these are found by a search."
        ),
    ]
    return "\n".join(wrap(line) for line in lines)


def _studied(
    closures: Closures,
    worlds: int,
    again: int,
    most: int,
    outcome: str,
    seed: int,
    plausible: bool,
    folder: Path,
    workers: int | None,
    stop: threading.Event,
) -> Sequences:
    from sim.scenario.errors import ScenarioError
    from sim.study.experiments.errors import StoreError
    from sim.study.experiments.need import Missing
    from sim.study.experiments.sweep import Stopped
    from sim.study.sequences.study import study

    try:
        say_if_compiling()
        with progress("orders") as (bar, task):

            def tell(what: str, done: int, of: int, failed: int) -> None:
                wrong = f", {failed} failed" if failed else ""
                bar.update(task, description=f"{what}{wrong}", completed=done, total=of)

            return study(
                closures,
                worlds=worlds,
                again=again,
                most=most,
                seed=seed,
                plausible=plausible,
                outcome=outcome,
                out=folder,
                workers=workers,
                tell=tell,
                stop=stop,
            )
    except Stopped as stopped:
        err.print(
            f"Stopped: {stopped.done:,d} of {stopped.of:,d} runs of this part are finished and kept; the "
            "same command goes on from there.",
            soft_wrap=True,
        )
        raise typer.Exit(STOPPED) from None
    except (ScenarioError, StoreError, Missing, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(
            f"results cannot be written: {error.strerror or error}; what was finished is kept, and the same "
            "command goes on from there"
        ) from None
