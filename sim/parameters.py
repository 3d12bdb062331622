"""All parameters of the model, collected from where they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import pandas as pd

from sim.agents import (
    abuse,
    armed_group,
    community,
    ex_combatant,
    faction,
    guard,
    humanitarian,
    militia,
    peacekeeper,
    state_force,
)
from sim.declare import Parameter, row_dtype
from sim.world import (
    crime,
    district,
    donors,
    follow_on,
    harm,
    host,
    mission,
    mortality,
    rumour,
    site,
    violence,
)

BY_MODULE: Mapping[str, tuple[Parameter, ...]] = {
    "community": community.PARAMETERS,
    "self-defence and communal violence": militia.PARAMETERS,
    "armed group": armed_group.PARAMETERS,
    "what becomes of armed groups": faction.PARAMETERS,
    "former fighters": ex_combatant.PARAMETERS,
    "state force": state_force.PARAMETERS,
    "abuse by state forces": abuse.PARAMETERS,
    "peacekeeper": peacekeeper.PARAMETERS,
    "humanitarian": humanitarian.PARAMETERS,
    "district": district.PARAMETERS,
    "violence": violence.PARAMETERS,
    "crime": crime.PARAMETERS,
    "host government": host.PARAMETERS,
    "harm and its record": harm.PARAMETERS,
    "mission": mission.PARAMETERS,
    "rumours": rumour.PARAMETERS,
    "camps and protection sites": site.PARAMETERS,
    "guards of camps": guard.PARAMETERS,
    "excess mortality": mortality.PARAMETERS,
    "donors": donors.PARAMETERS,
    "follow-on presence": follow_on.PARAMETERS,
}
PARAMETERS: Mapping[str, Parameter] = {p.name: p for group in BY_MODULE.values() for p in group}
DTYPE = row_dtype(tuple((name, "f8") for name in PARAMETERS))


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
        if not p.low <= value <= p.high:
            unit = "" if p.unit == "1" else f" {p.unit}"
            raise ParameterError(
                f"{name} = {value:g} is outside its range {p.low:g} to {p.high:g}{unit}; "
                f"see `drawdown parameters {name}`"
            )


def record(values: Mapping[str, float]) -> np.recarray:
    """Return the one-row table of all parameters: defaults, with `values` in their place.

    Unchecked, because mechanisms are switched off by values outside the ranges; see `check`.
    """
    row = np.zeros(1, DTYPE)
    for name, p in PARAMETERS.items():
        row[name] = values.get(name, p.default)
    return row.view(np.recarray)


def table() -> pd.DataFrame:
    """Return all parameters with unit, default, range, meaning, source and certainty."""
    return pd.DataFrame(
        [
            (group, p.name, p.default, p.low, p.high, p.unit, p.meaning, p.source, p.certainty)
            for group, members in BY_MODULE.items()
            for p in members
        ],
        columns=["part", "name", "default", "low", "high", "unit", "meaning", "source", "certainty"],
    )
