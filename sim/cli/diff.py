"""`drawdown diff`: tell two schedules apart."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.common import doing, fail, load
from sim.cli.options import NamedScenario


def command(
    scenario: NamedScenario,
    one: Annotated[str, typer.Argument(help="A schedule, or a family with numbers.", metavar="ONE")],
    other: Annotated[str, typer.Argument(help="Another.", metavar="OTHER")],
) -> None:
    """Tell two schedules of a scenario apart, in words."""
    case = load(scenario)
    from sim.scenario.errors import ScenarioError

    try:
        with doing("Comparing the schedules ..."):
            from sim.show import schedules

            text = schedules.differences(case, case.schedule(one), case.schedule(other))
    except ScenarioError as error:
        raise fail(str(error)) from None
    print(text)
