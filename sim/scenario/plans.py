"""Whether a drawdown schedule fits a case: its bases, units, dates, gates and triggers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sim.scenario.actions import ACTIONS, CLOSES
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.read import line_of
from sim.scenario.schema import SCHEDULED, Action, Gate, Schedule

if TYPE_CHECKING:
    from sim.scenario.case import Scenario


def check(case: Scenario, schedule: Schedule, file: Path, lines: Mapping[str, int]) -> None:
    """Raise `ScenarioError` unless a schedule fits a case; see `Scenario.check_schedule`."""
    _Checker(case, schedule, file, lines).check()


class _Checker:
    """Walks through the actions in the order of time."""

    def __init__(self, case: Scenario, schedule: Schedule, file: Path, lines: Mapping[str, int]) -> None:
        self.case = case
        self.plan = schedule
        self.file = file
        self.lines = dict(lines)
        self.gates = {g.name: g for g in schedule.gates}
        self.done: dict[tuple[str, str], date] = {}
        self.district = {u.base: u.district for u in case.units}
        self.closed: dict[str, date] = {}
        self.ids = {d.id for d in case.districts}
        self.state = {s.unit for s in case.state_forces}
        self.waiting = {u.unit for u in case.units if u.opens == SCHEDULED}
        self.waiting |= {s.unit for s in case.state_forces if s.opens == SCHEDULED}
        self.announced = {a.base for a in schedule.actions if a.do == "announce"}
        self.handed = {a.base for a in schedule.actions if a.do == "hand-over"}

    def fail(self, where: str, problem: str) -> NoReturn:
        raise ScenarioError(self.file, problem, line=line_of(self.lines, where), where=where)

    def check(self) -> None:
        self._names_of_gates()
        ended: date | None = None
        for i in self.plan.ordered:
            a = self.plan.actions[i]
            start, end = self.case.header.start, self.case.header.end
            if not start <= a.on <= end:
                self.fail(f"actions.{i}.on", f"{a.on} is outside the run ({start} to {end})")
            after_end = ACTIONS[a.do].after_end or a.unit in self.state
            if ended is not None and not after_end:
                self.fail(f"actions.{i}.on", f"{a.on} is after the mission's end ({ended})")
            if a.do == "end-mission":
                ended = a.on
            elif a.unit:
                self._open(i, a)
            elif a.base:
                self._base(i, a)
            if a.gate:
                self._gate(i, a)
        for i, trigger in enumerate(self.plan.triggers):
            closing = any(a.do in CLOSES for a in self.plan.actions)
            if trigger.where == "closed" and not closing:
                self.fail(
                    f"triggers.{i}.where", "'closed' watches districts of closed bases, and no base closes"
                )

        self._gates_nobody_waits_at()

    def _gates_nobody_waits_at(self) -> None:
        waited_at = {a.gate for a in self.plan.actions}
        for i, gate in enumerate(self.plan.gates):
            if gate.name not in waited_at:
                self.fail(
                    f"gates.{i}.name",
                    f"no action waits at {gate.name!r}; name it as the 'gate' of an action, or take it out",
                )

    def _names_of_gates(self) -> None:
        seen: set[str] = set()
        for i, gate in enumerate(self.plan.gates):
            if gate.name in seen:
                problem = f"{gate.name!r} is already the name of a gate; give each its own"
                self.fail(f"gates.{i}.name", problem)
            seen.add(gate.name)

    def _once(self, i: int, key: str, a: Action) -> None:
        name = getattr(a, key)
        what = (a.do, f"{name} {a.recipient}")
        if ACTIONS[a.do].once and what in self.done:
            self.fail(
                f"actions.{i}.{key}",
                f"{name!r} is already {ACTIONS[a.do].once} on {self.done[what]}; remove one of the two",
            )
        self.done[what] = a.on
        if a.do in CLOSES and not a.gate:  # one that may wait at a gate leaves the base open for now
            self.closed[name] = a.on

    def _open(self, i: int, a: Action) -> None:
        waiting = self.waiting
        if a.unit not in waiting:
            self.fail(
                f"actions.{i}.unit",
                f"{a.unit!r} is not a unit that waits to be opened ('scheduled' in units.csv or "
                f"state_forces.csv); {did_you_mean(a.unit, waiting)}",
            )
        self._once(i, "unit", a)

    def _base(self, i: int, a: Action) -> None:
        case = self.case
        if not case.units_at(a.base):
            self.fail(f"actions.{i}.base", f"{a.base!r} is not a base; {did_you_mean(a.base, case.bases)}")
        closed = self.closed.get(a.base)
        self._once(i, "base", a)
        if closed is not None:
            self.fail(f"actions.{i}.base", f"{a.base!r} is already closed on {closed}")
        strengths = case.unit_strengths(self.plan, a.base, a.on)
        there = sum(strengths.values())
        if there == 0:
            opening = [case.opening(self.plan, u) for u in case.units_at(a.base)]
            later = [day for day in opening if day is not None and a.on <= day < date.max]
            why = f"opens only on {min(later)}" if later else "has no troops by then (see units.csv)"
            self.fail(f"actions.{i}.on", f"{a.on}: base {a.base!r} {why}; an action needs an open base")
        here = [u for u in case.units_at(a.base) if u.unit in strengths]
        if a.do in ("reduce", "convert") and a.to is not None and a.to > there - (a.do == "reduce"):
            self.fail(f"actions.{i}.to", f"{a.to} is no reduction: {a.base!r} has {there} troops by then")
        if a.do == "convert" and not any(u.kind == "infantry" and u.posture == "static" for u in here):
            self.fail(
                f"actions.{i}.base", f"{a.base!r} has no static infantry by then, so nothing can be converted"
            )
        if a.do == "leave-police" and not any(u.kind == "formed-police" for u in here):
            self.fail(f"actions.{i}.base", f"{a.base!r} has no formed police by then (kind in units.csv)")
        if a.do == "relocate":
            if a.district not in self.ids:
                self.fail(
                    f"actions.{i}.district",
                    f"{a.district!r} is not a district; {did_you_mean(a.district, self.ids)}",
                )
            if a.district == self.district[a.base]:
                self.fail(f"actions.{i}.district", f"{a.base!r} is in {a.district!r} already; name another")
            self.district[a.base] = a.district

    def _gate(self, i: int, a: Action) -> None:
        where = f"actions.{i}.gate"
        gate = self.gates.get(a.gate)
        if gate is None:
            self.fail(where, f"{a.gate!r} is not the name of a gate; {did_you_mean(a.gate, self.gates)}")
        if gate.where == "district" and not (a.base or a.unit):
            self.fail(
                where,
                f"{a.do!r} has no district, and gate {gate.name!r} looks at one; set its "
                "where = 'mission-area'",
            )
        if gate.benchmark == "alert-networks-handed-over":
            if a.do == "hand-over":
                self.fail(
                    where,
                    f"a hand-over that waits at {gate.name!r} for alert networks to be handed over waits for "
                    "itself; choose another gate",
                )
            if not self._can_hand_over(gate, a):
                self.fail(
                    where,
                    f"{gate.name!r} can never be met: nothing hands over the alert networks it looks at",
                )
        if gate.benchmark == "notice-given":
            if not a.base:
                problem = f"{gate.name!r} looks at the notice given of one base, and {a.do!r} has none"
                self.fail(where, problem)
            if a.base not in self.announced:
                self.fail(
                    where,
                    f"{gate.name!r} can never be met: no action announces the closure of {a.base!r}; add "
                    "do = 'announce'",
                )

    def _can_hand_over(self, gate: Gate, a: Action) -> bool:
        if gate.where == "mission-area":
            return bool(self.handed)
        here = self.case.district_of(self.plan, a)
        return any(
            self.case.units_at(base)[0].district == here for base in self.handed if base in self.district
        )
