"""Declarations: what a table holds and what a parameter means, said once.

Every agent type and every surrounding process declares its state as a `Table` of `Field`s and its
numbers as `Parameter`s. Scenario files, error messages, the ODD document and the tests read these
declarations; nothing repeats them.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """One column: `kind` is "i8" (whole numbers, indices, flags), "f8", or "f4" (records)."""

    name: str
    kind: Literal["i8", "f8", "f4"]
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """The state of one agent type or process: one row each, one column a field."""

    name: str
    meaning: str
    fields: tuple[Field, ...]

    @property
    def dtype(self) -> np.dtype:
        """The NumPy structured dtype of a row; always the same object."""
        return row_dtype(tuple((field.name, field.kind) for field in self.fields))

    def empty(self, *shape: int) -> np.recarray:
        """Return rows of zeros. A recarray, so that `table[i].field` also works uncompiled."""
        return np.zeros(shape, self.dtype).view(np.recarray)

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
