"""Who is at a base on a day, as a schedule plans it: what reduces, moves or opens units before that day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sim.scenario.fields import SCHEDULED
from sim.scenario.schedule import Action, Schedule
from sim.scenario.tables import Unit

if TYPE_CHECKING:
    from sim.scenario.case import Scenario


def opening(schedule: Schedule, unit: Unit) -> date | None:
    """Return the day a unit opens under a schedule: None if there from the start, `date.max` if never."""
    if unit.opens != SCHEDULED:
        return unit.opens  # type: ignore[return-value]
    return schedule.openings.get(unit.unit, date.max)


def unit_strengths(case: Scenario, schedule: Schedule, base: str, day: date) -> dict[str, int]:
    """Return the troops of each unit of a base the day before `day` under a schedule."""
    units = case.units_at(base)
    opens = {u.unit: opening(schedule, u) or date.min for u in units}
    there = {u.unit: u.strength for u in units if opens[u.unit] < day and (u.until is None or u.until >= day)}
    cuts = [a for a in schedule.actions_at(base) if a.do in ("reduce", "convert") and a.on < day]
    for cut in sorted(cuts, key=lambda a: a.on):
        if cut.to is not None:
            there.update(shrink({n: k for n, k in there.items() if opens[n] < cut.on}, cut.to))
    return there


def district_of(case: Scenario, schedule: Schedule, action: Action) -> str:
    """Return the district in which an action on a base or unit takes effect, as planned."""
    if action.do == "open":
        return case.posts[action.unit]
    where = case.units_at(action.base)[0].district
    moves = [a for a in schedule.actions_at(action.base) if a.do == "relocate"]
    for move in sorted(moves, key=lambda a: a.on):
        if move.on < action.on:
            where = move.district
    return where


def shrink(strengths: Mapping[str, int], to: int) -> dict[str, int]:
    """Return strengths scaled down to the total `to`, in whole persons (largest remainders)."""
    total = sum(strengths.values())
    if total <= to or total == 0:
        return dict(strengths)
    exact = {name: to * n / total for name, n in strengths.items()}
    result = {name: int(x) for name, x in exact.items()}
    for name in sorted(exact, key=lambda n: (result[n] - exact[n], n))[: to - sum(result.values())]:
        result[name] += 1
    return result
