"""`drawdown schedules`: list and draw a scenario's schedules."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail, load, write
from sim.cli.options import DEFAULT, ScenarioArgument


def command(
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
    case = load(scenario)
    from sim.scenario.errors import ScenarioError
    from sim.scenario.families import FAMILIES, NUMBERS
    from sim.show.numbers import wrap

    try:
        with doing("Making the schedules ..."):
            from sim.show import schedules

            plans = [*case.schedules.values(), *(case.schedule(text) for text in add or ())]
            described = [schedules.describe(case, plan) for plan in plans]
    except ScenarioError as error:
        raise fail(str(error)) from None
    for text in described:
        print(wrap(text, "", "    "))
    print("\nFamilies, for any scenario, e.g. --schedules phased:3,periphery-first:notice=8+steps=4")
    for family in FAMILIES.values():
        print(wrap(f"{family.name}: {family.about}", "  ", "      "))
    print("Numbers of a family")
    for key, meaning in NUMBERS.items():
        print(wrap(f"{key}: {meaning}", "  ", "      "))
    if plans:
        png = io.BytesIO()
        with doing("Drawing the timeline ..."):
            schedules.figure(case, plans).savefig(png, format="png", dpi=130, metadata={"Software": None})
        target = out or Path("results") / f"{case.name}-schedules.png"
        write(target, png.getvalue())
        print(f"\nTimeline: {target}")
