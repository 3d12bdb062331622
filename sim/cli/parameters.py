"""`drawdown parameters`: show parameters."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.common import fail


def command(
    name: Annotated[str | None, typer.Argument(help="One parameter; default all.")] = None,
) -> None:
    """Show the model's parameters: default, range, unit, meaning, source, and how sure it is."""
    from sim.parameters import BY_MODULE, PARAMETERS
    from sim.scenario.errors import did_you_mean
    from sim.show.text import wrap

    if name is not None and name not in PARAMETERS:
        raise fail(f"there is no parameter {name!r}; {did_you_mean(name, PARAMETERS)}")
    for part, members in BY_MODULE.items():
        shown = [p for p in members if name in (None, p.name)]
        if shown and name is None:
            print(f"\n{part.upper()}")
        for p in shown:
            print(f"{p.name} = {p.default:g} {p.unit}  [{p.low:g} to {p.high:g}; {p.certainty}]")
            print(wrap(p.meaning, "    "))
            print(wrap(f"source: {p.source}", "    "))
