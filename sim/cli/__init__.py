"""The command `drawdown`: one file a command; `sim.cli.app` puts them together."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command; a closed pipe (`drawdown ... | head`) ends it quietly, and so does an early Ctrl-C."""

    def stop(number: int, _frame: object) -> None:
        os.write(2, b"\nStopped.\n")
        os._exit(128 + number)  # nothing is under way while modules are imported

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    from sim.cli.app import app

    for number, handler in before.items():
        signal.signal(number, handler)
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def __getattr__(name: str) -> Any:
    """Import the commands when they are first asked for: `main` must be ready to be stopped before."""
    if name == "app":
        from sim.cli.app import app

        globals()["app"] = app  # the commands, not the module of the same name
        return app
    raise AttributeError(f"module 'sim.cli' has no attribute {name!r}")
