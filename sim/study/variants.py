"""Worlds to measure in, made from a case: the mission as it stands, longer, beside other state forces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sim.scenario.case import Scenario

HOSTS: Mapping[str, Mapping[str, float]] = {
    "able": {"capability": 0.8, "will": 0.85, "discipline": 0.9, "arrears_weeks": 0.0},
    "as they are": {},
    "weak": {},
    "hostile": {"will": 0.1, "discipline": 0.15},
    "twice as many": {},
}
"""State forces by what is set in every unit; weak ones have half of their capability and will."""


def first_closure(case: Scenario) -> date:
    """Return the day of the first closure of "actual", or else of any schedule; else the first day."""
    plans = [case.schedules["actual"]] if "actual" in case.schedules else list(case.schedules.values())
    days = [a.on for plan in plans for a in plan.actions if a.do in ("close", "reduce", "end-mission")]
    return min(days, default=case.header.start)


def held(case: Scenario) -> Scenario:
    """Return a case with the mission as it stands the day before its first closure, and nothing after.

    Later reinforcements would make a world in which bases stay one in which the mission grows.
    """
    first = first_closure(case)
    there = []
    for unit in case.units:
        opened = unit.opens is None or (isinstance(unit.opens, date) and unit.opens <= first)
        if opened and (unit.until is None or unit.until >= first):
            there.append(unit.model_copy(update={"opens": None, "until": None}))
    return replace(case, units=tuple(there), schedules={})


def lasting(case: Scenario, weeks: int) -> Scenario:
    """Return a case that runs for so many weeks from its start."""
    end = case.header.start + timedelta(weeks=weeks, days=-1)
    return replace(case, header=case.header.model_copy(update={"end": end}))


def host(case: Scenario, how: str) -> Scenario:
    """Return a case with other state forces, see `HOSTS`; raises `ValueError` for a word not among them."""
    if how not in HOSTS:
        raise ValueError(f"there is no host {how!r}; choose one of {', '.join(HOSTS)}")
    forces = []
    for force in case.state_forces:
        new: dict[str, float] = dict(HOSTS[how])
        if how == "weak":
            new = {"capability": 0.5 * force.capability, "will": 0.5 * force.will}
        elif how == "twice as many":
            counts = ("personnel_low", "personnel", "personnel_high")
            new = {name: 2 * getattr(force, name) for name in counts}
        forces.append(force.model_copy(update=new))
    return replace(case, state_forces=tuple(forces))
