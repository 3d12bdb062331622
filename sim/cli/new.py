"""`drawdown new`: start a scenario of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail


def command(
    name: Annotated[str, typer.Argument(help="Its name: lower case, digits, hyphens.", metavar="NAME")],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder to make it in; default ./scenarios.")
    ] = None,
) -> None:
    """Start a scenario of your own: a copy of the invented teaching case, to be changed row by row.

    It runs at once. The columns of its tables are explained in its README.
    """
    with doing("Copying the teaching case ..."):
        from sim.scenario.errors import ScenarioError
        from sim.scenario.template import TemplateError, start

    try:
        made = start(name, folder or Path("scenarios"))
    except (TemplateError, ScenarioError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"cannot write the scenario: {error.strerror or error}") from None
    print(f"Made {made}. It runs: drawdown compare {made}")
    print("Change its tables (README.md in it explains every column); drawdown check names any mistake.")
