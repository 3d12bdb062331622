"""The scenarios there are, as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError
from sim.show.text import wrap


def listing(scenarios: Mapping[str, Path]) -> str:
    """Return scenarios with their titles and schedules, wrapped to the width of a terminal.

    `scenarios`: folders by name, see `sim.scenario.case.available`. One that cannot be read says why.
    """
    lines = []
    for name, folder in scenarios.items():
        lines.append(name)
        try:
            case = Scenario.load(folder)
        except ScenarioError as error:
            lines.append(wrap(f"cannot be used: {error}", "  ", "    "))
            continue
        lines.append(wrap(case.header.title, "  "))
        lines.append(wrap(f"schedules: {', '.join([*case.schedules, COUNTERFACTUAL])}", "  ", "    "))
    return "\n".join(lines)
