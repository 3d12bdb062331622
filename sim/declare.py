"""Declarations: what a table holds, what a parameter means, what can be switched off: said once.

Every agent type and every surrounding process declares, beside its rules, its state as a `Table` of
`Field`s, its numbers as `Parameter`s (in `PARAMETERS`), what of it can be switched off as `Mechanism`s
(in `MECHANISMS`), and rules that have rivals as `Rule`s. `sim.registry` collects them; the start of a
world, the turn of the week, the weekly record, scenario files, error messages, the ODD document and
the tests read them there, and nothing repeats them. `docs/changing-the-model.md` shows how to add one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

Certainty = Literal["read", "abstract", "computed", "memory", "guess"]
"""How sure a number is.

read: the figure was read in the named source. abstract: only the source's abstract was read, so the
direction is supported and the size is not. computed: calculated by the authors from public data,
unreviewed. memory: remembered, not checked. guess: no source; the range says how far it may be off.
"""


@cache
def row_dtype(columns: tuple[tuple[str, str], ...]) -> np.dtype:
    """Return the record dtype with these (name, kind) columns.

    Made once: Numba looks a table's type up by the identity of its dtype, and with an equal but
    other one every call of a behaviour from Python takes five times as long.
    """
    return np.dtype((np.record, np.dtype(list(columns), align=True)))


@dataclass(frozen=True, slots=True)
class Field:
    """One column: `kind` is "i8" (whole numbers, indices, flags), "f8", or "f4" (records).

    What else happens to it is said here and nowhere else:

    start: its value in a new row.
    weekly: it counts within one week: every week begins with `start` (`sim.week.clear`).
    recorded: of districts: its value at the end of each week goes into the record (`sim.world.record`).
    inherited: of armed groups: a group that splits off takes it over (`sim.agents.faction.split`).
    column: the column of the agent type's table of a case that it is filled from (`Table.filled`).
    codes: what the words of that column stand for: their place in a sequence, or a number each.
    """

    name: str
    kind: Literal["i8", "f8", "f4"]
    unit: str
    meaning: str
    start: float = 0.0
    weekly: bool = False
    recorded: bool = False
    inherited: bool = False
    column: str = ""
    codes: Sequence[str] | Mapping[str, int] = ()

    def read(self, row: object) -> float:
        """Return its value in a row of a case's table."""
        given = getattr(row, self.column)
        if isinstance(self.codes, Mapping):
            return self.codes[given]
        return self.codes.index(given) if self.codes else given  # type: ignore[no-any-return]

    def record(self) -> Field:
        """Return the field of the weekly record that keeps it."""
        return replace(
            self, kind="f4", start=0.0, weekly=False, recorded=False, inherited=False, column="", codes=()
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The state of one agent type or process: one row each, one column a field.

    `name` is also that of the table in `sim.world.state.World`.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]

    @property
    def dtype(self) -> np.dtype:
        """The NumPy structured dtype of a row; always the same object."""
        return row_dtype(tuple((field.name, field.kind) for field in self.fields))

    def empty(self, *shape: int) -> np.recarray:
        """Return new rows. A recarray, so that `table[i].field` also works uncompiled."""
        rows = np.zeros(shape, self.dtype).view(np.recarray)
        for field in self.fields:
            if field.start:
                rows[field.name] = field.start
        return rows

    def filled(self, given: Sequence[object], places: Mapping[str, int], spare: int = 0) -> np.recarray:
        """Return new rows filled from the rows of a case's table, and `spare` ones after them.

        Takes fields with a `column` from it, and `district` from the column of that name, whose ids
        `places` numbers.
        """
        rows = self.empty(len(given) + spare)
        for field in self.fields:
            if field.column:
                rows[field.name][: len(given)] = [field.read(row) for row in given]
            elif field.name == "district":
                rows["district"][: len(given)] = [places[row.district] for row in given]  # type: ignore[attr-defined]
        return rows

    def describe(self) -> pd.DataFrame:
        """Return the fields as a data frame (field, unit, meaning)."""
        return pd.DataFrame(
            [(f.name, f.unit, f.meaning) for f in self.fields], columns=["field", "unit", "meaning"]
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the model.

    `low` and `high` bound what is plausible, not what is possible: sensitivity studies draw from
    them, and a scenario that sets a value outside them is refused.
    """

    name: str
    default: float
    unit: str
    low: float
    high: float
    meaning: str
    source: str
    certainty: Certainty = "guess"

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"{self.name}: default {self.default} outside {self.low}..{self.high}")


PROHIBITIVE = 1e9
"""A cost that no utility outweighs, for mechanisms that are off."""
SILENCE = -60.0
"""Log odds at which nothing is ever told (a chance of 1e-26), for mechanisms that are off."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Something in the model that can be switched off by name.

    `off` holds the parameters' values without it (none for the season, which works through the
    calendar). `reaches` says what else changes without it.
    """

    name: str
    part: str
    meaning: str
    source: str
    off: Mapping[str, float]
    reaches: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of which the model has rival forms; a run uses the one that its case or user names.

    `forms`: what each is, by name, the usual one first. Compiled code finds the number of the form in use
    as a parameter of the rule's name: `world.parameters[0].contest == LANCHESTER`.
    """

    name: str
    meaning: str
    forms: Mapping[str, str]

    def number(self, form: str) -> int:
        """Return the number that stands for a form in compiled code."""
        return list(self.forms).index(form)
