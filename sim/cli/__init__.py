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
    """Run the command; a closed pipe (`drawdown ... | head`) ends it quietly, and so do Ctrl-C and SIGTERM.

    From the first import to the last line both end with exit code 130. Once a command is through, nothing
    changes its exit code any more.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    loading = True

    def stop(_number: int, _frame: object) -> None:
        os.write(2, b"\nStopped.\n")
        if loading:  # nothing is under way
            os._exit(130)
        # Not KeyboardInterrupt: let out of an exec() it has the interpreter end by SIGINT, even if caught.
        raise SystemExit(130)

    for number in signals:
        signal.signal(number, stop)  # commands that have more to say set their own: common.ctrl_c
    try:
        from sim.cli.app import app

        loading = False
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)


def __getattr__(name: str) -> Any:
    """Import the commands when they are first asked for: `main` must be ready to be stopped before."""
    if name == "app":
        from sim.cli.app import app

        globals()["app"] = app  # the commands, not the module of the same name
        return app
    raise AttributeError(f"module 'sim.cli' has no attribute {name!r}")
