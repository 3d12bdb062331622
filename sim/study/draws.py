"""Plausible worlds: draws of the parameters that the record leaves open, shipped with the package.

Made by `experiments/plausible/plausible.py`: `plausible.csv` has a draw a row, `plausible.json` says of which
rules and targets. Matched run r of a comparison has the parameters of one draw, the same under every
schedule: which one, `Draws.chosen` says for any number of runs, whoever makes them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import parameters
from sim.responses import rules_digest
from sim.scenario.case import Scenario

TABLE = Path(__file__).resolve().parents[1] / "plausible.csv"
ABOUT = TABLE.with_suffix(".json")
GOLDEN = 0.6180339887498949
"""Steps of this, modulo 1, lie evenly however many there are."""
COMMAND = "python experiments/plausible/plausible.py"


class DrawsError(ValueError):
    """A table of draws that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Draws:
    """Weighted parameter sets."""

    names: tuple[str, ...]
    values: np.ndarray
    """float64 (draws, parameters)"""
    weights: np.ndarray
    """float64 (draws,), adding up to 1"""

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in parameters.PARAMETERS:
                raise DrawsError(
                    f"draws of {name!r}, which is no parameter of this version; make them anew: {COMMAND}"
                )
        if len(self.values) == 0 or self.values.shape != (len(self.weights), len(self.names)):
            raise DrawsError(f"a table of draws needs a weight and {len(self.names)} numbers a row")
        if not (np.isfinite(self.values).all() and (self.weights >= 0).all() and self.weights.sum() > 0):
            raise DrawsError("draws must be numbers, and their weights not all 0")
        low, high = (
            np.array([getattr(parameters.PARAMETERS[n], end) for n in self.names]) for end in ("low", "high")
        )
        wrong = np.argwhere((self.values < low) | (self.values > high))
        if len(wrong):
            row, column = wrong[0]
            raise DrawsError(
                f"draw {row} has {self.names[column]} = {self.values[row, column]:g}, outside its range "
                f"{low[column]:g} to {high[column]:g}; make draws anew: {COMMAND}"
            )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.weights)

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Draws: {len(self)} of {len(self.names)} parameters>"

    def chosen(self, seed: int, first: int, count: int) -> np.ndarray:
        """Return which draw each of some replicates of a seed has: int64 (count,).

        By weight, and evenly: any run of consecutive replicates has each draw about as often as its weight
        says. Replicate r of a seed always has the same one.
        """
        start = int.from_bytes(hashlib.sha256(f"drawdown draws {seed}".encode()).digest()[:4]) / 2**32
        at = (start + np.arange(first, first + count) * GOLDEN) % 1.0
        edges = np.cumsum(self.weights / self.weights.sum())
        return np.minimum(np.searchsorted(edges, at, side="right"), len(self) - 1)

    def parameters_of(self, draw: int) -> dict[str, float]:
        """Return the parameters of a draw by name."""
        return dict(zip(self.names, map(float, self.values[draw]), strict=True))

    def world(self, case: Scenario, draw: int) -> Scenario:
        """Return a case with the parameters of a draw.

        What the case's files or `with_parameters` set stays set, and so does what a mechanism that is off
        sets.
        """
        values = {**self.parameters_of(draw), **case.header.parameters, **case.overrides}
        return replace(case, overrides=values)

    def world_of(self, case: Scenario, seed: int, replicate: int) -> Scenario:
        """Return a case with the parameters that a replicate of a seed has."""
        return self.world(case, int(self.chosen(seed, replicate, 1)[0]))

    def csv(self) -> str:
        """Return the table as text; `read` gives the same numbers back, to the last bit."""
        frame = pd.DataFrame(self.values, columns=list(self.names))
        frame.insert(0, "weight", self.weights)
        frame.insert(0, "draw", np.arange(len(self)))
        return frame.to_csv(index=False, lineterminator="\n")

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the table as text (hexadecimal, 64 digits)."""
        return hashlib.sha256(self.csv().encode()).hexdigest()


def read(text: str) -> Draws:
    """Read a table of draws. Raises `DrawsError`."""
    try:
        frame = pd.read_csv(io.StringIO(text), float_precision="round_trip")
        weights = frame["weight"].to_numpy(np.float64)
        rest = frame.drop(columns=["draw", "weight"])
        return Draws(tuple(map(str, rest.columns)), rest.to_numpy(np.float64), weights)
    except DrawsError:
        raise
    except (KeyError, ValueError, pd.errors.ParserError) as error:
        raise DrawsError(
            f"not a table of draws, with columns draw, weight and parameters ({str(error).splitlines()[0]})"
        ) from None


def shipped() -> Draws:
    """Return the draws that are shipped. Raises `DrawsError` if there are none, or of other parameters."""
    if not TABLE.is_file():
        raise DrawsError(f"no plausible parameters are shipped with this version; make them: {COMMAND}")
    try:
        return read(TABLE.read_text(encoding="utf-8"))
    except DrawsError as error:
        raise DrawsError(f"{TABLE}: {error}") from None


@cache
def about() -> Mapping[str, Any]:
    """Return what is said of the shipped draws: rules, targets, scale, waves; empty if there are none."""
    if not ABOUT.is_file():
        return {}
    content: dict[str, Any] = json.loads(ABOUT.read_text(encoding="utf-8"))
    return content


ENOUGH = 0.5
"""Part of the full scale of a calibration from which its draws are used unasked."""


def rough() -> str:
    """Return why the shipped draws are not used unasked though they are of these rules; empty if they are.

    A calibration at a small part of its scale leaves nearly all that was possible before.
    """
    times = float(about().get("times", 1.0))
    if times >= ENOUGH:
        return ""
    return f"the plausible parameters that are shipped come of a calibration at {times:g} of its scale"


def stale() -> str:
    """Return why the shipped draws do not belong to these rules, in words; empty if they do."""
    if not TABLE.is_file() or not about():
        return "no plausible parameters are shipped"
    if about()["rules"] != rules_digest():
        return "the plausible parameters that are shipped were found under older rules"
    if about()["sha256"] != hashlib.sha256(TABLE.read_bytes().replace(b"\r\n", b"\n")).hexdigest():
        return "the table of plausible parameters was changed by hand"
    return ""


def asked(which: str | Draws | None) -> tuple[Draws | None, str]:
    """Return the draws that a command uses, None for the parameters of the case, and a line to say.

    which: "plausible", "default", draws, or None: plausible ones if they belong to these rules and come of a
    calibration at half of its scale or more. Raises `DrawsError` for any other word, and if "plausible"
    ones are asked for that cannot be had.
    """
    if isinstance(which, Draws):
        return which, ""
    if which == "default":
        return None, ""
    why = stale()
    if which == "plausible":
        return shipped(), f"Note: {why}." if why else ""
    if which is not None:
        raise DrawsError(f"parameters {which!r}: write plausible or default")
    if why:
        return None, f"One parameter set, the default one, in every run: {why} ({COMMAND} finds some)."
    if why := rough():
        return (
            None,
            f"One parameter set, the default one, in every run: {why} (--parameters plausible has them).",
        )
    return shipped(), ""
