"""Which assumptions an explorer tries: rival forms of rules, plausible worlds, mechanisms switched off.

Chosen from what the rules declare and from what was measured of their parameters (`sim.influence`), so that a
mechanism or a rival form that is added is among the candidates without being named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim import influence
from sim.declare import PROHIBITIVE, Mechanism
from sim.mechanisms import MECHANISMS
from sim.parameters import PARAMETERS
from sim.scenario.case import Scenario
from sim.show.numbers import percent
from sim.study import draws
from sim.study.draws import Draws
from sim.week import DECLARED

PLAUSIBLE = "plausible"
"""The key of plausible worlds: each matched run has other values of what the record leaves open."""


@dataclass(frozen=True)
class Assumption:
    """One set of assumptions under which all schedules are run."""

    key: str
    """As on the command line: a mechanism, RULE=FORM, PARAMETER=VALUE or "plausible"; empty for the case as
    it is."""
    label: str
    meaning: str
    case: Scenario = field(repr=False)
    """The case under it."""
    draws: Draws | None = field(default=None, repr=False)
    """Of which each matched run has one, the same under every schedule; None for one set of parameters."""


def as_it_is(case: Scenario) -> Assumption:
    """Return the case as it is."""
    meaning = "the rules and values of the case"
    if case.overrides or case.off or case.rival:
        meaning += ", with what was set for this file"
    return Assumption("", "As the case has it", meaning, case)


def chosen(case: Scenario, most: int) -> list[Assumption]:
    """Return at most `most` assumptions: rival forms of rules, plausible worlds, mechanisms by influence.

    The influence of a mechanism is the largest change of the excess (see `sim.influence`) by any parameter
    that works it. Left out: what is off in the case already, and deeds that are forbidden rather than assumed
    away (without attacks on civilians there is nothing to compare), and plausible worlds found under other
    rules.
    """
    forms = case.rules.model_dump()
    keys = [
        f"{rule.name}={form}"
        for rule in DECLARED.rules.values()
        for form in rule.forms
        if form != forms[rule.name]
    ]
    weights = {m.name: weight(m) for m in MECHANISMS.values() if PROHIBITIVE not in m.off.values()}
    candidates = [name for name in weights if name not in case.switched_off and weights[name] > 0.0]
    keys += [] if draws.stale() else [PLAUSIBLE]
    keys += sorted(candidates, key=lambda name: (-weights[name], name))
    return [named(case, key) for key in keys[:most]]


def weight(mechanism: Mechanism) -> float:
    """Return by how much the parameters that work a mechanism move the excess, as a share of it."""
    measured = influence.table()
    return max(
        (abs(x) for name in mechanism.off if name in measured for x in measured[name].excess), default=0.0
    )


def named(case: Scenario, key: str) -> Assumption:
    """Return an assumption by its key: a mechanism to switch off, RULE=FORM, PARAMETER=VALUE or "plausible".

    Raises `MechanismError`, `ParameterError`, `ScenarioError` or `DrawsError` for one that does not exist.
    """
    if key == PLAUSIBLE:
        return _plausible(case)
    name, equals, value = key.partition("=")
    if not equals:
        varied = case.without(name)
        return Assumption(
            key, f"Without {name}", f"as if this were not so: {MECHANISMS[name].meaning}", varied
        )
    if name in DECLARED.rules:
        rule = DECLARED.rules[name]
        varied = case.with_rules(**{name: value})
        return Assumption(key, f"Rival rule {key}", f"{rule.meaning}: {rule.forms[value]}", varied)
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{key!r}: write a mechanism, RULE=FORM or PARAMETER=VALUE with a number") from None
    varied = case.with_parameters(**{name: number})
    unit = "" if PARAMETERS[name].unit == "1" else f" {PARAMETERS[name].unit}"
    usual = case.parameter_values()[name]
    return Assumption(key, f"{name} {number:g}{unit} instead of {usual:g}", PARAMETERS[name].meaning, varied)


def _plausible(case: Scenario) -> Assumption:
    shipped = draws.shipped()
    meaning = (
        f"in each world other values of the {len(shipped.names)} parameters that the record leaves open, the "
        "same under every schedule"
    )
    if doubt := draws.stale():
        meaning += f"; {doubt}"
    elif draws.rough():
        part = percent(float(draws.about()["times"]))
        meaning += f"; found by a calibration at {part} of its scale, which rules out little"
    return Assumption(PLAUSIBLE, "Plausible worlds", meaning, case, shipped)


def all_of(case: Scenario, keys: Sequence[str] | None, most: int) -> list[Assumption]:
    """Return the case as it is, then the assumptions that are named, or chosen where none are."""
    others = chosen(case, most) if keys is None else [named(case, key) for key in dict.fromkeys(keys)]
    return [as_it_is(case), *others]
