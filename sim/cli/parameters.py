"""`drawdown parameters`: what the numbers of the model mean, where they come from, and which matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail, write


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="A parameter's name, or words to look for in names, meanings and sources.",
            metavar="[WORD]...",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them, not only those that matter most.")
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Write all, or those found, to this CSV file.")] = None,
) -> None:
    """Show the model's parameters: default, range, unit, meaning, source, how sure, how much it matters.

    Without a word: those that move a headline of the DRC case by 30 % or more over their range, the strongest
    first. See docs/parameters.md.
    """
    with doing("Loading the model ..."):
        from sim.parameters import PARAMETERS
        from sim.scenario.errors import did_you_mean
        from sim.show import parameters

    found = parameters.search(words or ())
    if not found:
        text = " ".join(words or ())
        raise fail(
            f"no parameter has {text!r} in its name, meaning or source; {did_you_mean(text, PARAMETERS)}"
        )
    if csv is not None:
        write(csv, parameters.table(found).to_csv(index=False, lineterminator="\n").encode())
        print(f"Written to {csv}: {len(found)} parameters.")
        return
    print(parameters.page(found, first_tier=not words and not everything))
