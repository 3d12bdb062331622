"""Worlds to measure in: the mission as it stands before its first closure, for as long as asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sim.scenario.case import Scenario


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
