"""The command `drawdown`."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sim import __version__
from sim.cli_import import import_app
from sim.scenario.case import COUNTERFACTUAL, Scenario, available, search_path
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.schema import Certainty

BAD_INPUT = 2
STOPPED = 130

app = typer.Typer(
    name="drawdown",
    help="Compare ways to close peacekeeping bases.\n\n"
    "An agent-based simulation of what follows when bases close in one order, at one pace, or not at all: "
    "where security vacuums open, who fills them, and what it does to civilians. It compares simulated "
    "worlds; it forecasts nothing.\n\n"
    "Begin with:  drawdown compare drc-monusco",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(import_app, name="import")
_err = Console(stderr=True, highlight=False)

DEFAULT = "corridor"
ScenarioArgument = Annotated[
    str,
    typer.Argument(
        help="A scenario's name (see `drawdown list`) or its folder; default corridor, an invented case.",
        metavar="[SCENARIO]",
    ),
]
NamedScenario = Annotated[
    str, typer.Argument(help="A scenario's name (see `drawdown list`) or its folder.", metavar="SCENARIO")
]
SeedOption = Annotated[
    int, typer.Option(help="Which draws of chance; the same seed gives the same result.", min=0)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Set a parameter, NAME=VALUE; may be repeated. See `drawdown parameters`.",
        metavar="NAME=VALUE",
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        help="Switch a mechanism off; may be repeated. See `drawdown mechanisms`.",
        metavar="MECHANISM",
    ),
]

RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="Use a rival rule form: contest=ratio or lanchester, target=control or expected-cost.",
        metavar="RULE=FORM",
    ),
]


def _fail(message: str) -> typer.Exit:
    """Print one error and return the exit for bad input."""
    _err.print(f"[bold red]error:[/] {_escape(message)}", soft_wrap=True)
    return typer.Exit(BAD_INPUT)


def _escape(message: str) -> str:
    return message.replace("[", "\\[")


def _load(
    where: str,
    settings: list[str] | None = None,
    without: list[str] | None = None,
    rules: list[str] | None = None,
) -> Scenario:
    from sim.mechanisms import MechanismError
    from sim.parameters import ParameterError

    try:
        case = Scenario.load(where)
        case = case.with_parameters(**_settings(settings)).without(*(without or ()))
        return case.with_rules(**_rules(rules)) if rules else case
    except (ScenarioError, ParameterError, MechanismError) as error:
        raise _fail(str(error)) from None


def _settings(given: list[str] | None) -> dict[str, float]:
    values: dict[str, float] = {}
    for item in given or []:
        name, equals, value = item.partition("=")
        try:
            if not equals:
                raise ValueError
            values[name.strip()] = float(value)
        except ValueError:
            raise _fail(f"--set {item}: write NAME=VALUE with a number, e.g. --set met_cost=3") from None
    return values


def _rules(given: list[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for item in given:
        name, equals, form = item.partition("=")
        if not equals or not form:
            raise _fail(f"--rule {item}: write RULE=FORM, e.g. --rule contest=lanchester")
        chosen[name.strip()] = form.strip()
    return chosen


def _say_if_compiling() -> None:
    from sim.compiled import is_compiled

    if not is_compiled():
        _err.print("Compiling the model, once for this version: about a minute.")


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(f"drawdown {__version__}")
        raise typer.Exit


@app.command("compare")
def compare_command(
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
    case = _load(scenario, settings, without, rule)
    from sim.study import parts, results
    from sim.study.compare import Interrupted, chosen, compare

    folder = out or Path("results") / case.name
    try:
        plans = chosen(case, schedules.split(",") if schedules else None)
        results.check_target(folder)
        parts.check(results.parts_folder(folder))
    except (ScenarioError, FileExistsError) as error:
        raise _fail(str(error)) from None
    _say_if_compiling()
    stop = threading.Event()
    with _ctrl_c(stop), _progress(f"{case.name}: {len(plans)} schedules") as (bar, task):

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
            _err.print(
                f"Stopped: {error.done} of {error.of} replicates are finished and kept in "
                f"{results.parts_folder(folder)}; the same command goes on from there.",
                soft_wrap=True,
            )
            raise typer.Exit(STOPPED) from None
        except OSError as error:
            bar.stop()
            raise _fail(f"cannot write to {folder}: {error.strerror or error}") from None
    try:
        result.save(folder, figures=figures)
    except OSError as error:
        raise _fail(f"cannot write to {folder}: {error.strerror or error}") from None
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


@app.command("run")
def run_command(
    scenario: ScenarioArgument = DEFAULT,
    schedule: Annotated[str, typer.Option(help="The schedule to run; 'none' keeps every base.")] = "",
    seed: SeedOption = 1,
    replicate: Annotated[int, typer.Option(help="Which replicate of the seed.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="File for the figure; default results/SCENARIO-SCHEDULE-run.png.")
    ] = None,
    tell: Annotated[int, typer.Option(help="About how many events to tell.", min=1)] = 60,
    events: Annotated[
        Path | None,
        typer.Option(help="Write the event log to this CSV file: who did what, why, and its cause."),
    ] = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
) -> None:
    """Run one world in Mesa and tell what happened in it.

    One run shows how the actors get to where they end; it says nothing about what to expect. The
    same seed and replicate are part of what `compare` runs. Without --schedule: 'actual' where the
    scenario has one, else its first.
    """
    case = _load(scenario, settings, without, rule)
    name = schedule or (
        "actual" if "actual" in case.schedules else next(iter(case.schedules), COUNTERFACTUAL)
    )
    try:
        plan = case.schedule(name)
    except ScenarioError as error:
        raise _fail(str(error)) from None
    from sim.show.chronicle import Chronicle

    target = out or Path("results") / f"{case.name}-{plan.name}-run.png"
    if target.is_dir():
        raise _fail(f"{target} is a folder; give --out the name of a file")
    _say_if_compiling()
    with _ctrl_c(None), _err.status(f"{case.name}, {plan.name}: {case.weeks} weeks"):
        model = case.model(plan, seed=seed, replicate=replicate, events=events is not None)
        story = Chronicle(model).run()
    print(story.text(tell))
    png = io.BytesIO()
    story.figure().savefig(png, format="png", dpi=150, metadata={"Software": None})
    _write(target, png.getvalue())
    print(f"Figure: {target}")
    if events is not None:
        log = model.events().to_csv(float_format="%.6g", lineterminator="\n")
        _write(events, log.encode())
        print(f"Event log: {events}")


@app.command("explain")
def explain_command(
    result: Annotated[
        Path, typer.Argument(help="Folder of a result of `drawdown compare`.", metavar="RESULT")
    ],
    vacuum: Annotated[int | None, typer.Option(help="Number of a row of vacuums.csv, from 1.", min=1)] = None,
    massacre: Annotated[
        int | None, typer.Option(help="Number of a row of massacres.csv, from 1.", min=1)
    ] = None,
) -> None:
    """Tell the story of one security vacuum or massacre of a result.

    Runs its replicate again with the event log open, and tells who did what, knowing what, and which
    event led to which. Without a number: lists the gravest.
    """
    from sim.show import explain
    from sim.study import retrace

    if vacuum is not None and massacre is not None:
        raise _fail("give --vacuum or --massacre, not both")
    try:
        if vacuum is None and massacre is None:
            print(explain.listing(retrace.table(result, "vacuums"), retrace.table(result, "massacres")))
            return
        _say_if_compiling()
        if vacuum is not None:
            print(explain.vacuum(*retrace.find(result, "vacuums", vacuum), vacuum))
        elif massacre is not None:
            print(explain.massacre(*retrace.find(result, "massacres", massacre), massacre))
    except retrace.RetraceError as error:
        raise _fail(str(error)) from None


@app.command("validate")
def validate_command(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenarios; none: an eastern-DRC-like, a Darfur-like, a Liberia-like and an invented world.",
            metavar="[SCENARIO]...",
        ),
    ] = None,
    schedule: Annotated[
        str, typer.Option(help="The schedule to run, of one scenario; default 'actual', else its first.")
    ] = "",
    replicates: Annotated[int, typer.Option(help="Runs of each world.", min=2)] = 40,
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

    One scenario: a page on it. Several, or none: one page on all under one default parameter set, with
    what shows only across worlds.
    Writes NAME.md, NAME.csv and NAME.png. A pattern that fails is a finding about the model, not an
    error: the exit code stays 0.
    """
    from sim.show import validation
    from sim.study.validate import validate
    from sim.study.worlds import PATTERNS, WORLDS, validate_worlds

    cases = [_load(name, settings, without, rule) for name in scenarios or WORLDS]
    alone = cases[0] if len(cases) == 1 else None
    if schedule and alone is None:
        raise _fail("--schedule goes with one scenario; name it")
    name = alone.name if alone else "validation"
    folder = out or Path("results") / (f"validation-{alone.name}" if alone else "validation")
    try:
        plan = alone.schedule(schedule) if schedule and alone else None
    except ScenarioError as error:
        raise _fail(str(error)) from None
    _say_if_compiling()
    stop = threading.Event()
    with _ctrl_c(stop), _progress(f"{name}: patterns") as (bar, task):

        def tick(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        try:
            if alone:
                one = validate(alone, plan, replicates=replicates, seed=seed, progress=tick, stop=stop)
                page, frame = validation.page(one, f"{name}.png"), one.frame()
                drawn = validation.figure(one)
            else:
                all_ = validate_worlds(
                    cases,
                    replicates=replicates,
                    seed=seed,
                    own_parameters=own_parameters,
                    progress=tick,
                    stop=stop,
                )
                page, frame = validation.page_across(all_, f"{name}.png"), all_.frame()
                drawn = validation.figure_across(all_)
        except InterruptedError as error:
            bar.stop()
            _err.print(f"Stopped: {error}; nothing was written.", soft_wrap=True)
            raise typer.Exit(STOPPED) from None
    png = io.BytesIO()
    drawn.savefig(png, format="png", dpi=130, metadata={"Software": None})
    _write(folder / f"{name}.md", page.encode())
    _write(
        folder / f"{name}.csv", frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
    )
    _write(folder / f"{name}.png", png.getvalue())
    if alone:
        for check in one.checks:
            print(f"{check.number:>4}  {check.verdict:<18} {validation.value(check):<26} {check.title}")
    else:
        for number, text in PATTERNS.items():
            print(f"{number:>4}  {all_.verdict(number)[0]:<18} {text}")
    print(f"Written to {folder}: {name}.md, {name}.csv, {name}.png.")


@app.command("check")
def check_command(scenario: ScenarioArgument = DEFAULT) -> None:
    """Check a scenario's files, say what it consists of, and point at what looks odd.

    Exit code 2 if something is wrong; what is merely worth a second look leaves it 0.
    """
    case = _load(scenario)
    people = sum(d.population for d in case.districts)
    troops = sum(u.strength for u in case.units if u.opens is None)
    print(f"{case.header.title}")
    print(f"  {case.header.start} to {case.header.end}, {case.weeks} weeks")
    print(f"  {len(case.districts)} districts with {people:,d} people, {len(case.routes)} routes")
    print(f"  {len(case.bases)} bases; {troops:,d} peacekeepers at the start in {len(case.units)} units")
    print(
        f"  {len(case.armed_groups)} armed groups, {sum(g.fighters for g in case.armed_groups):,d} fighters"
    )
    print(
        f"  {len(case.state_forces)} state units, {sum(s.personnel for s in case.state_forces):,d} personnel"
    )
    staff = sum(h.staff for h in case.humanitarians)
    print(f"  {len(case.humanitarians)} humanitarian actors, {staff:,d} staff")
    for plan in case.schedules.values():
        closing = sum(a.do == "close" for a in plan.actions)
        whole = " and the end of the mission" if any(a.do == "end-mission" for a in plan.actions) else ""
        print(f"  schedule {plan.name}: {closing} closures{whole}. {plan.title}")
    print(f"  schedule {COUNTERFACTUAL}: {case.schedule(COUNTERFACTUAL).title} (always there)")
    rows = [
        *case.districts,
        *case.routes,
        *case.units,
        *case.armed_groups,
        *case.state_forces,
        *case.humanitarians,
    ]
    counts = {c: sum(r.certainty == c for r in rows) for c in get_args(Certainty)}
    print("  how sure its rows are: " + ", ".join(f"{n} {c}" for c, n in counts.items() if n))
    from sim.scenario.plausible import remarks
    from sim.show.text import wrap

    found = remarks(case)
    if found:
        print("Worth a second look:")
        for remark in found:
            print(wrap(remark, "  - ", "    "))
    print("No errors found.")


@app.command("schedules")
def schedules_command(
    scenario: ScenarioArgument = DEFAULT,
    add: Annotated[
        list[str] | None,
        typer.Option(help="Another to show, e.g. phased:3; may be repeated.", metavar="FAMILY:NUMBERS"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for the timeline; default results/SCENARIO-schedules.png.")
    ] = None,
) -> None:
    """List a scenario's schedules and the families that can be made for it, and draw them.

    A family is a rule that makes a schedule: NAME, or NAME:NUMBERS with + between the numbers, wherever a
    schedule can be named.
    """
    case = _load(scenario)
    from sim.scenario.families import FAMILIES, NUMBERS
    from sim.show import schedules
    from sim.show.text import wrap

    try:
        plans = [*case.schedules.values(), *(case.schedule(text) for text in add or ())]
    except ScenarioError as error:
        raise _fail(str(error)) from None
    for plan in plans:
        print(wrap(schedules.describe(case, plan), "", "    "))
    print("\nFamilies, for any scenario, e.g. --schedules phased:3,periphery-first:notice=8+steps=4")
    for family in FAMILIES.values():
        print(wrap(f"{family.name}: {family.about}", "  ", "      "))
    print("Numbers of a family")
    for key, meaning in NUMBERS.items():
        print(wrap(f"{key}: {meaning}", "  ", "      "))
    if plans:
        png = io.BytesIO()
        schedules.figure(case, plans).savefig(png, format="png", dpi=130, metadata={"Software": None})
        target = out or Path("results") / f"{case.name}-schedules.png"
        _write(target, png.getvalue())
        print(f"\nTimeline: {target}")


@app.command("diff")
def diff_command(
    scenario: NamedScenario,
    one: Annotated[str, typer.Argument(help="A schedule, or a family with numbers.", metavar="ONE")],
    other: Annotated[str, typer.Argument(help="Another.", metavar="OTHER")],
) -> None:
    """Tell two schedules of a scenario apart, in words."""
    case = _load(scenario)
    from sim.show import schedules

    try:
        print(schedules.differences(case, case.schedule(one), case.schedule(other)))
    except ScenarioError as error:
        raise _fail(str(error)) from None


@app.command("new")
def new_command(
    name: Annotated[str, typer.Argument(help="Its name: lower case, digits, hyphens.", metavar="NAME")],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder to make it in; default ./scenarios.")
    ] = None,
) -> None:
    """Start a scenario of your own: a copy of the invented teaching case, to be changed row by row.

    It runs at once. The columns of its tables are explained in its README.
    """
    from sim.scenario.template import TemplateError, start

    try:
        made = start(name, folder or Path("scenarios"))
    except (TemplateError, ScenarioError) as error:
        raise _fail(str(error)) from None
    except OSError as error:
        raise _fail(f"cannot write the scenario: {error.strerror or error}") from None
    print(f"Made {made}. It runs: drawdown compare {made}")
    print("Change its tables (README.md in it explains every column); drawdown check names any mistake.")


@app.command("list")
def list_command() -> None:
    """List the scenarios that can be named, with their schedules."""
    found = available()
    if not found:
        places = ", ".join(str(p) for p in search_path()) or "./scenarios"
        print(f"No scenarios found in {places}. Set DRAWDOWN_SCENARIOS to a folder that holds some.")
        return
    for name, folder in found.items():
        try:
            case = Scenario.load(folder)
        except ScenarioError as error:
            print(f"{name}\n  cannot be used: {error}")
            continue
        print(f"{name}\n  {case.header.title}")
        print(f"  schedules: {', '.join([*case.schedules, COUNTERFACTUAL])}")


@app.command("parameters")
def parameters_command(
    name: Annotated[str | None, typer.Argument(help="One parameter; default all.")] = None,
) -> None:
    """Show the model's parameters: default, range, unit, meaning, source, and how sure it is."""
    from sim.parameters import BY_PART, PARAMETERS
    from sim.show.text import wrap

    if name is not None and name not in PARAMETERS:
        raise _fail(f"there is no parameter {name!r}; {did_you_mean(name, PARAMETERS)}")
    for part, members in BY_PART.items():
        shown = [p for p in members if name in (None, p.name)]
        if shown and name is None:
            print(f"\n{part.upper()}")
        for p in shown:
            print(f"{p.name} = {p.default:g} {p.unit}  [{p.low:g} to {p.high:g}; {p.certainty}]")
            print(wrap(p.meaning, "    "))
            print(wrap(f"source: {p.source}", "    "))


@app.command("mechanisms")
def mechanisms_command() -> None:
    """Show the mechanisms that can be switched off with --without, and what switches them off."""
    from sim.mechanisms import MECHANISMS
    from sim.show.text import wrap

    part = ""
    for m in MECHANISMS.values():
        if m.part != part:
            part = m.part
            print(f"\n{part.upper()}")
        print(m.name)
        print(wrap(f"{m.meaning} ({m.source})" + (f"; {m.reaches}" if m.reaches else ""), "    "))
        off = ", ".join(f"{name} = {value:g}" for name, value in m.off.items()) or "the calendar stays dry"
        print(wrap(f"off: {off}", "    "))


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _fail(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def _ctrl_c(stop: threading.Event | None) -> Iterator[None]:
    """The first Ctrl-C asks to stop after the work under way, the second stops at once."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stop is None or stop.is_set():
            _err.print("\nStopped.")
            os._exit(STOPPED)
        stop.set()
        _err.print("\nStopping after the blocks under way (Ctrl-C again: at once) ...")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(label: str) -> Iterator[tuple[Progress, Any]]:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("matched runs"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=_err,
        transient=True,
    ) as bar:
        yield bar, bar.add_task(label, total=None)


def main() -> None:
    """Run the command; a closed pipe (`drawdown ... | head`) ends it quietly."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
