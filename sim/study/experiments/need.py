"""Libraries that only experiments need: imported when they are used, and asked for by name if missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Missing(ImportError):
    """A library of an extra that is not installed; the message says how to install it."""


def need(module: str, extra: str, what: str) -> Any:
    """Import a module of an extra. Raises `Missing`."""
    try:
        return import_module(module)
    except ImportError:
        raise Missing(
            f"{what} needs {module.partition('.')[0]}, which is not installed; install it with: pip install "
            f"'drawdown[{extra}]'"
        ) from None


def salib(module: str) -> Any:
    """Import a module of SALib, which samples and analyses Morris' and Sobol's designs."""
    return need(f"SALib.{module}", "experiments", "this design")
