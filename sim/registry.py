"""What the rules declare, collected from the modules in which they stand.

`collect` starts from the functions and modules that `sim.week` names and follows their imports, so that
a module of rules is found as soon as the week, or a rule that is found, uses it: there is no list to
add to. `sim.week.DECLARED` is what it finds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from sim.declare import Mechanism, Parameter, Rule, Table

RULES = ("sim.agents.", "sim.world.")
"""Where modules of rules stand."""

T = TypeVar("T", Table, Parameter, Mechanism, Rule)


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that the modules of rules declare, in the order in which they are found."""

    modules: tuple[ModuleType, ...]
    tables: Mapping[str, Table]
    """By name, which is also the field of `sim.world.state.World`."""
    parts: Mapping[str, tuple[Parameter, ...]]
    """Parameters by the part of the model that they belong to (a module's `PART`)."""
    parameters: Mapping[str, Parameter]
    mechanisms: Mapping[str, Mechanism]
    rules: Mapping[str, Rule]
    agents: tuple[type[Any], ...]
    """Classes of Mesa agents: those with a `table` of their own (`sim.agents.base.DistrictAgent`)."""


def collect(names: Iterable[object]) -> Declared:
    """Return what is declared in the modules of `names` (modules, functions) and those that they import.

    Raises `ValueError` if two declarations of one kind share a name: one would hide the other.
    """
    modules = _modules(names)
    values = [value for module in modules for value in vars(module).values()]
    tables = {id(v): v for v in values if isinstance(v, Table)}.values()
    rules = {id(v): v for v in values if isinstance(v, Rule)}.values()
    parts: dict[str, tuple[Parameter, ...]] = {}
    for module in modules:
        if hasattr(module, "PARAMETERS"):
            parts[module.PART] = parts.get(module.PART, ()) + module.PARAMETERS
    mechanisms = [one for m in modules for one in getattr(m, "MECHANISMS", ())]
    order = list(dict.fromkeys(one.part for one in mechanisms))
    return Declared(
        modules=tuple(modules),
        tables=_named(tables),
        parts=parts,
        parameters=_named(p for members in parts.values() for p in members),
        mechanisms=_named(sorted(mechanisms, key=lambda one: order.index(one.part))),
        rules=_named(rules),
        agents=tuple(dict.fromkeys(v for v in values if isinstance(v, type) and "table" in vars(v))),
    )


def _modules(names: Iterable[object]) -> list[ModuleType]:
    """Return the modules of rules that values belong to, then those that these name, and so on."""
    found: dict[str, ModuleType] = {}
    wave = list(names)
    while wave:
        new = dict.fromkeys(name for value in wave if (name := _home(value)).startswith(RULES))
        fresh = [sys.modules[name] for name in new if name not in found]
        found |= {module.__name__: module for module in fresh}
        wave = [value for module in fresh for value in vars(module).values()]
    return list(found.values())


def _home(value: object) -> str:
    """Return the name of the module that a value is or comes from, empty if it does not say."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return name if isinstance(name, str) else ""


def _named(declared: Iterable[T]) -> dict[str, T]:
    named: dict[str, T] = {}
    for one in declared:
        if one.name in named:
            raise ValueError(f"two declarations of the name {one.name!r}; give each its own")
        named[one.name] = one
    return named
