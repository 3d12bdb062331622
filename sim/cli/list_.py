"""`drawdown list`: list the scenarios there are."""

from __future__ import annotations

from sim.cli.common import doing


def command() -> None:
    """List the scenarios that can be named, with their schedules."""
    with doing("Reading the scenarios ..."):
        from sim.scenario.case import available, search_path
        from sim.show.listing import listing

        found = available()
        text = listing(found)
    if not found:
        places = ", ".join(str(p) for p in search_path()) or "./scenarios"
        print(f"No scenarios found in {places}. Set DRAWDOWN_SCENARIOS to a folder that holds some.")
        return
    print(text)
