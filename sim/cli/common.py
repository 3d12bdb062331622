"""What commands share: loading, errors, progress, interruption, writing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress

    from sim.scenario.case import Scenario
    from sim.study.draws import Draws

BAD_INPUT = 2
STOPPED = 130
"""Exit code of whatever Ctrl-C or SIGTERM stopped; `sim.cli.main` ends with it outside `ctrl_c`, too."""

err = Console(stderr=True, highlight=False, markup=False, emoji=False)


def fail(message: str) -> typer.Exit:
    """Print one error and return the exit for bad input."""
    err.print(Text.assemble(("error:", "bold red"), f" {visible(message)}"), soft_wrap=True)
    return typer.Exit(BAD_INPUT)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say on a terminal what is done in the meantime, where that may take more than two seconds."""
    with err.status(visible(what)):
        yield


def visible(message: str) -> str:
    """Return a message with what cannot be printed (control characters of a path, say) spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in message)


def load(
    where: str,
    settings: list[str] | None = None,
    without: list[str] | None = None,
    rules: list[str] | None = None,
    readiness: float = 0.0,
) -> Scenario:
    """Load a scenario, and set what the options say; ends the command with an error if anything is wrong."""
    with doing(f"Reading {where} ..."):
        from sim.mechanisms import MechanismError
        from sim.parameters import ParameterError
        from sim.scenario.case import Scenario
        from sim.scenario.errors import ScenarioError

        try:
            case = Scenario.load(where)
            case = case.with_parameters(**_settings(settings)).without(*(without or ()))
            case = case.with_rules(**_rules(rules)) if rules else case
            return case.with_readiness(readiness)
        except (ScenarioError, ParameterError, MechanismError) as error:
            raise fail(str(error)) from None


def _settings(given: list[str] | None) -> dict[str, float]:
    values: dict[str, float] = {}
    for item in given or []:
        name, equals, value = item.partition("=")
        try:
            if not equals:
                raise ValueError
            values[name.strip()] = float(value)
        except ValueError:
            raise fail(f"--set {item}: write NAME=VALUE with a number, e.g. --set met_cost=3") from None
    return values


def _rules(given: list[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for item in given:
        name, equals, form = item.partition("=")
        if not equals or not form:
            raise fail(f"--rule {item}: write RULE=FORM, e.g. --rule contest=lanchester")
        chosen[name.strip()] = form.strip()
    return chosen


def draws_for(which: str | None) -> tuple[Draws | None, str]:
    """Return the draws of parameters that --parameters asks for, and a line to say; see `sim.study.draws`."""
    with doing("Loading the model ..."):
        from sim.study.draws import DrawsError, asked

        try:
            return asked(which)
        except DrawsError as error:
            raise fail(f"--parameters: {error}") from None


def say_if_compiling(one_run: bool = False) -> None:
    """Say that the first run of this version compiles the model, if it does.

    `one_run`: what follows is a run of the Mesa model, not of the ensemble; each is compiled by itself.
    """
    if one_run:
        from sim.model import DrawdownModel as Engine
    else:
        from sim.ensemble import Ensemble as Engine  # type: ignore[assignment]
    if not Engine.is_compiled():
        err.print("Compiling the model, once for this version: about a minute.")


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise fail(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def ctrl_c(stop: threading.Event | None) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) asks to stop after the work under way, the second stops at once."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stop is None or stop.is_set():
            err.print("\nStopped.")
            os._exit(STOPPED)
        stop.set()
        err.print("\nStopping after the work under way (Ctrl-C again: at once) ...")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress(label: str) -> Iterator[tuple[Progress, Any]]:
    """Show a bar of matched runs while the body works, with the time taken and left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("matched runs"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    ) as bar:
        yield bar, bar.add_task(label, total=None)
