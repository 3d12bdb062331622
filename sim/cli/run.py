"""`drawdown run`: run one world in Mesa and tell what happened in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import ctrl_c, doing, draws_for, err, fail, load, say_if_compiling, write
from sim.cli.options import (
    DEFAULT,
    ParametersOption,
    RuleOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WithoutOption,
)


def command(
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
    parameters: ParametersOption = None,
) -> None:
    """Run one world in Mesa and tell what happened in it.

    One run shows how the actors get to where they end; it says nothing about what to expect. The
    same seed and replicate are part of what `compare` runs. Without --schedule: 'actual' where the
    scenario has one, else its first.
    """
    case = load(scenario, settings, without, rule)
    draws, note = draws_for(parameters)
    case = draws.world_of(case, seed, replicate) if draws else case
    from sim.scenario.case import COUNTERFACTUAL
    from sim.scenario.errors import ScenarioError

    name = schedule or (
        "actual" if "actual" in case.schedules else next(iter(case.schedules), COUNTERFACTUAL)
    )
    try:
        plan = case.schedule(name)
    except ScenarioError as error:
        raise fail(str(error)) from None
    with doing("Loading the model ..."):
        from sim.show.chronicle import Chronicle
        from sim.show.figures import run
        from sim.study.eventlog import LogFull

    target = out or Path("results") / f"{case.name}-{plan.name}-run.png"
    if target.is_dir():
        raise fail(f"{target} is a folder; give --out the name of a file")
    say_if_compiling(one_run=True)
    with ctrl_c(None), doing(f"Running {case.name}, {plan.name}: {case.weeks} weeks ..."):
        model = case.model(plan, seed=seed, replicate=replicate, events=True).run()
        try:
            story = Chronicle.of(model)
        except LogFull:  # once more, with room for all
            room = int(model.world.clock[0].events)
            model = case.model(plan, seed=seed, replicate=replicate, events=room).run()
            story = Chronicle.of(model)
    print(story.text(tell))
    if draws:
        print(f"Parameters: draw {draws.chosen(seed, replicate, 1)[0]} of the plausible ones.")
    if note:
        err.print(note, soft_wrap=True)
    png = io.BytesIO()
    with doing("Drawing the figure ..."):
        drawn = run(case, plan, model.world, model.week)
        drawn.savefig(png, format="png", dpi=150, metadata={"Software": None})
    write(target, png.getvalue())
    print(f"Figure: {target}")
    if events is not None:
        log = story.log.to_csv(float_format="%.6g", lineterminator="\n")
        write(events, log.encode())
        print(f"Event log: {events}")
