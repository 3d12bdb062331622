"""The mechanisms of the model by name, as the rules declare them, and what switches each of them off.

A mechanism is off when the parameters it works through have values at which it does nothing: a
chance of zero, a cost nobody would pay. So a model without a mechanism is the same code with other
numbers: nothing is slower, and nothing else can change. `Scenario.without`, `without` in a
scenario.toml and `--without` take these names.

The values lie outside the parameters' declared ranges on purpose: those say what is plausible, and
a world without a mechanism is a question, not a claim about the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.declare import Mechanism
from sim.scenario.errors import did_you_mean
from sim.week import DECLARED

MECHANISMS: Mapping[str, Mechanism] = DECLARED.mechanisms


class MechanismError(ValueError):
    """There is no mechanism of that name."""


def check(names: Iterable[str]) -> None:
    """Raise `MechanismError` unless all `names` are mechanisms."""
    for name in names:
        if name not in MECHANISMS:
            raise MechanismError(f"there is no mechanism {name!r}; {did_you_mean(name, MECHANISMS)}")


def values_without(names: Iterable[str]) -> dict[str, float]:
    """Return the parameter values that switch these mechanisms off."""
    return {parameter: value for name in names for parameter, value in MECHANISMS[name].off.items()}
