"""The command `drawdown`: one file a command; `app` puts them together."""

from sim.cli.app import app, main

__all__ = ["app", "main"]
