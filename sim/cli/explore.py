"""`drawdown explore`: one HTML file in which two schedules are looked at side by side."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, doing, err, fail, load, progress, say_if_compiling, write
from sim.cli.options import DEFAULT, ReadinessOption, RuleOption, SetOption, WithoutOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.explore.assumptions import Assumption
    from sim.scenario.case import Scenario
    from sim.scenario.schema import Schedule

REPLICATES = 50
"""Matched runs by default: one a dot."""


def command(
    where: Annotated[
        str,
        typer.Argument(
            help="A result of `drawdown compare` (its folder), or a scenario's name or folder.",
            metavar="[RESULT|SCENARIO]",
        ),
    ] = DEFAULT,
    out: Annotated[
        Path | None, typer.Option(help="The HTML file; default results/SCENARIO-explorer.html.")
    ] = None,
    schedules: Annotated[
        str | None,
        typer.Option(
            help="Schedules to put in, with commas between: names or families, as for `drawdown compare`. "
            "Default: all of the result or scenario. 'none' is always in it.",
            metavar="A,B,...",
        ),
    ] = None,
    toggles: Annotated[
        int,
        typer.Option(help="How many other assumptions to try, those that matter most first.", min=0, max=40),
    ] = 11,
    assume: Annotated[
        list[str] | None,
        typer.Option(
            help="Try this assumption, in place of those chosen: a mechanism to switch off, RULE=FORM, "
            "PARAMETER=VALUE or plausible (each world with another draw of what the record leaves open); may "
            "be repeated.",
            metavar="ASSUMPTION",
        ),
    ] = None,
    replicates: Annotated[
        int, typer.Option(help="Matched runs of each schedule under each assumption.", min=1, max=400)
    ] = REPLICATES,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Which draws of chance; default that of the result (whose first runs are made again), or 1.",
            min=0,
            max=2**63 - 1,
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Default: one a core. Does not change the file.", min=1)
    ] = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
    readiness: ReadinessOption = 0.0,
) -> None:
    """Put two schedules side by side on maps, week by week, in one HTML file.

    The file opens by a double click in any browser of the last years and asks for nothing outside itself,
    so that it can be sent, kept and printed. In it: two maps with one slider of time, 50 dots (a dot is 2
    in 100 matched worlds), sentences that follow the slider, who protects each district, when its bases
    close, and what happened there in one run; and switches for other assumptions: rival rules, plausible
    worlds, and mechanisms switched off, chosen by what was measured of them. It compares simulated worlds
    and forecasts nothing.

    The runs are made by this command: each schedule under each assumption, 50 times. Ctrl-C stops after the
    work under way; the same command then goes on where it stopped.

    Examples:  drawdown explore corridor

    drawdown explore results/drc-monusco --toggles 4 --out explorer.html

    drawdown explore liberia-unmil --assume deterrence --assume contest=lanchester --assume met_cost=1
    """
    stop = threading.Event()
    with ctrl_c(stop):
        case, plans, seed = _subject(where, schedules, seed, settings, without, rule, readiness)
        file = out or Path("results") / f"{case.name}-explorer.html"
        if file.is_dir():
            raise fail(f"{file} is a folder; give --out the name of a file")
        assumptions = _assumptions(case, assume, toggles)
        _make(where, case, plans, assumptions, file, replicates, seed, threads, stop)
    print(
        f"Written: {file} ({file.stat().st_size / 1e6:.1f} MB; {len(plans)} schedules, {replicates} matched "
        f"runs each, under {len(assumptions)} sets of assumptions). Open it in a browser."
    )


def _subject(
    where: str,
    schedules: str | None,
    seed: int | None,
    settings: list[str] | None,
    without: list[str] | None,
    rule: list[str] | None,
    readiness: float,
) -> tuple[Scenario, tuple[Schedule, ...], int]:
    """Return the case, its schedules ('none' last) and the seed, of a result or a scenario."""
    from sim.scenario.errors import ScenarioError
    from sim.study import provenance
    from sim.study.compare import chosen

    named = schedules.split(",") if schedules else None
    try:
        if (Path(where) / provenance.FILE).is_file():
            if settings or without or rule or readiness:
                raise fail(
                    f"{where} is a result, made under its own assumptions; give --set, --without, --rule "
                    "and --host-readiness with a scenario, or --assume to try others beside it"
                )
            with doing(f"Reading {where} ..."):
                result = provenance.read(Path(where))
                case = result.case()
            names = named or [p.name for p in result.made.schedules]
            return case, chosen(case, names), result.made.seed if seed is None else seed
        case = load(where, settings, without, rule, readiness)
        return case, chosen(case, named), 1 if seed is None else seed
    except (ScenarioError, provenance.ProvenanceError) as error:
        raise fail(str(error)) from None


def _assumptions(case: Scenario, keys: list[str] | None, most: int) -> list[Assumption]:
    from sim.explore import assumptions
    from sim.mechanisms import MechanismError
    from sim.parameters import ParameterError
    from sim.scenario.errors import ScenarioError

    try:
        return assumptions.all_of(case, keys, most)
    except (MechanismError, ParameterError, ScenarioError, ValueError) as error:  # of draws: a ValueError
        raise fail(f"--assume: {error}") from None


def _make(
    where: str,
    case: Scenario,
    plans: Sequence[Schedule],
    assumptions: Sequence[Assumption],
    file: Path,
    replicates: int,
    seed: int,
    threads: int | None,
    stop: threading.Event,
) -> None:
    """Make the runs and write the page; ends the command if it is stopped or cannot be."""
    with doing("Loading the model ..."):
        from sim.explore import content, page, runs
        from sim.show import results
        from sim.study import parts
        from sim.study.compare import Interrupted

    place = results.parts_folder(file)
    try:
        parts.check(place)
        with results.claim(file):
            say_if_compiling()
            with progress(f"{case.name}: {len(plans)} schedules, {len(assumptions)} assumptions") as (
                bar,
                task,
            ):

                def tick(done: int, of: int) -> None:
                    bar.update(task, completed=done, total=of)

                def stage(what: str) -> None:
                    bar.update(task, description=f"{case.name}: {what}")
                    if stop.is_set():
                        raise Interrupted(replicates * len(assumptions), replicates * len(assumptions))

                weeks = runs.collect(
                    assumptions, plans, replicates=replicates, seed=seed, folder=place, threads=threads,
                    progress=tick, stop=stop,
                )  # fmt: skip
                _check_against(where, plans, weeks[0], seed)
                made = page.page(content.gather(case, plans, assumptions, weeks, seed=seed, stage=stage))
            write(file, made.encode())
            parts.remove(place)
    except Interrupted as error:
        kept = f" and kept in {place}; the same command goes on from there." if error.done else "."
        err.print(f"Stopped: {error.done} of {error.of} matched runs are finished{kept}", soft_wrap=True)
        raise typer.Exit(STOPPED) from None
    except (FileExistsError, results.Busy, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"cannot write to {file}: {error.strerror or error}") from None


def _check_against(where: str, plans: Sequence[Schedule], weeks: object, seed: int) -> None:
    """End the command if a result's first runs, run again, are not those of the result."""
    from sim.explore import runs
    from sim.study import provenance

    folder = Path(where)
    if not (folder / provenance.FILE).is_file():
        return
    result = provenance.read(folder)
    if seed != result.made.seed:
        return
    assert isinstance(weeks, runs.Weeks)
    wrong = runs.differs(folder, plans, weeks)
    if wrong:
        raise fail(
            f"running the first runs of {folder} again does not give its numbers ({wrong}): it was made by "
            f"another version of drawdown ({result.made.version}), or changed since; compare anew, or "
            "explore its scenario"
        )
