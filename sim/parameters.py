"""All parameters of the model, as the rules declare them: their ranges, and their values in a world."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import pandas as pd

from sim.declare import Parameter, row_dtype
from sim.week import DECLARED

BY_PART: Mapping[str, tuple[Parameter, ...]] = DECLARED.parts
PARAMETERS: Mapping[str, Parameter] = DECLARED.parameters
DTYPE = row_dtype((*((name, "f8") for name in PARAMETERS), *((name, "i8") for name in DECLARED.rules)))


class ParameterError(ValueError):
    """A parameter that does not exist, or a value outside its declared range."""


def check(values: Mapping[str, float]) -> None:
    """Raise `ParameterError` unless all `values` name a parameter and lie in its range."""
    for name, value in values.items():
        if name not in PARAMETERS:
            near = get_close_matches(name, PARAMETERS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; see `drawdown parameters`"
            raise ParameterError(f"there is no parameter {name!r}{hint}")
        p = PARAMETERS[name]
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
            raise ParameterError(f"{name} = {value!r:.40} is not a number; see `drawdown parameters {name}`")
        if not p.low <= value <= p.high:
            unit = "" if p.unit == "1" else f" {p.unit}"
            raise ParameterError(
                f"{name} = {value:g} is outside its range {p.low:g} to {p.high:g}{unit}; "
                f"see `drawdown parameters {name}`"
            )


def record(values: Mapping[str, float], forms: Mapping[str, str] | None = None) -> np.recarray:
    """Return the one-row table of all parameters: defaults, with `values` in their place.

    `forms`: which form of a rule with rivals is in use, by the rule's name; the usual one if it is not
    there. Unchecked, because mechanisms are switched off by values outside the ranges; see `check`.
    """
    row = np.zeros(1, DTYPE)
    for name, p in PARAMETERS.items():
        row[name] = values.get(name, p.default)
    for name, form in (forms or {}).items():
        row[name] = DECLARED.rules[name].number(form)
    return row.view(np.recarray)


def table() -> pd.DataFrame:
    """Return all parameters with unit, default, range, meaning, source and certainty."""
    return pd.DataFrame(
        [
            (group, p.name, p.default, p.low, p.high, p.unit, p.meaning, p.source, p.certainty)
            for group, members in BY_PART.items()
            for p in members
        ],
        columns=["part", "name", "default", "low", "high", "unit", "meaning", "source", "certainty"],
    )
