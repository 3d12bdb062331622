"""All commands together, in the order in which `drawdown --help` lists them.

What a command needs is imported when it is run, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from sim import __version__
from sim.cli import (
    analyse,
    brief,
    check,
    compare,
    diff,
    excel,
    explain,
    explore,
    glossary,
    list_,
    mechanisms,
    new,
    parameters,
    register,
    reproduce,
    run,
    schedules,
    sequences,
    serve,
    sweep,
    validate,
)
from sim.cli_import import import_app

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
for name, module in {
    "compare": compare,
    "run": run,
    "brief": brief,
    "explain": explain,
    "explore": explore,
    "serve": serve,
    "reproduce": reproduce,
    "sweep": sweep,
    "sequences": sequences,
    "validate": validate,
    "check": check,
    "schedules": schedules,
    "diff": diff,
    "new": new,
    "list": list_,
    "parameters": parameters,
    "mechanisms": mechanisms,
    "register": register,
    "glossary": glossary,
}.items():
    app.command(name)(module.command)
app.command("merge")(sweep.merge)
app.command("analyse")(analyse.command)
app.add_typer(import_app, name="import")
app.add_typer(excel.app, name="excel")


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(f"drawdown {__version__}")
        raise typer.Exit
