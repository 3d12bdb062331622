"""`drawdown list`: list the scenarios there are."""

from __future__ import annotations


def command() -> None:
    """List the scenarios that can be named, with their schedules."""
    from sim.scenario.case import COUNTERFACTUAL, Scenario, available, search_path
    from sim.scenario.errors import ScenarioError

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
