"""From a drawdown schedule to the rows that the mission carries out.

Actions name bases; rows name units. What a schedule needs beyond the scenario's own units (civilian
teams that stay, reserves) is added as units at the end, so that the others keep their numbers and
with them their draws of chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.agents import peacekeeper
from sim.scenario.actions import ACTIONS
from sim.scenario.case import COUNTERFACTUAL, Scenario, shrink
from sim.scenario.schema import BENCHMARKS, Action, Schedule
from sim.scenario.ways import ways
from sim.world.codes import Posture, UnitKind
from sim.world.mission import actions, tables, triggers
from sim.world.state import NEVER

DOES = {"pause": triggers.PAUSE, "reopen": triggers.REOPEN, "reinforce": triggers.REINFORCE}
BENCHMARK = {name: i for i, name in enumerate(BENCHMARKS)}
RESERVE_READINESS = 1.4
"""Readiness of a reserve, that of the quick-reaction forces of the scenarios."""
SOONER = {actions.OPEN: 0}
"""Place among the actions of one week: a unit opens before the others act."""


class Orders(NamedTuple):
    """The tables of the mission."""

    schedule: np.recarray
    bases: np.recarray
    gates: np.recarray
    triggers: np.recarray
    mission: np.recarray
    units: np.recarray
    unit_names: list[str]


@dataclass(frozen=True)
class Row:
    """A row of `sim.world.mission.tables.SCHEDULE` before it is one."""

    week: int
    action: int
    unit: int = -1
    strength: int = 0
    notice: float = 0.0
    base: int = -1
    day: float = 0.0
    district: int = -1
    hours: float = 0.0
    hours_wet: float = 0.0
    to: int = -1
    whole: int = 0
    entry: int = -1


def first_week(scenario: Scenario, opening: date | str | None) -> int:
    """Return the first week of what opens on a day; 0 if there from the start."""
    if opening is None:
        return 0
    if isinstance(opening, str) or opening == date.max:
        return NEVER
    return scenario.week_of(opening)


def timetable(scenario: Scenario, plan: Schedule) -> Orders:
    """Return the tables of the mission under a schedule, before the start."""
    return Maker(scenario, plan).orders()


class Maker:
    """Makes the tables; holds what its parts, and the rows of actions (`sim.scenario.actions`), share."""

    def __init__(self, scenario: Scenario, plan: Schedule) -> None:
        self.case = scenario
        self.plan = plan
        self.place = {d.id: i for i, d in enumerate(scenario.districts)}
        self.base = {name: i for i, name in enumerate(scenario.bases)}
        self.at = {u.base: u.district for u in scenario.units}
        self.ways = ways(scenario)
        self.number = {u.unit: i for i, u in enumerate(scenario.units)}
        self.post = {s.unit: (i, s.district) for i, s in enumerate(scenario.state_forces)}
        self.rows: list[Row] = []
        self.added: list[tuple[str, Mapping[str, float]]] = []
        self.district = dict(self.at)
        """Of each base, as far as the actions have been read."""
        self.left: dict[str, date] = {}
        """When units leave."""
        self.never: set[str] = set()
        """Units that never come."""
        self.staying: set[str] = set()
        """Units that stay when their base closes."""
        self.teams: list[tuple[int, int]] = []
        """Civilian teams that stay, and their bases."""

    def orders(self) -> Orders:
        """Return all tables."""
        self.make_rows()
        triggers = self.make_triggers()
        gates, gate_of = self.make_gates()
        old = [
            (r.week, SOONER.get(r.action, 1), r.action, r.unit, r.strength, r.notice, r.entry)
            for r in self.rows
        ]
        table = tables.SCHEDULE.empty(len(self.rows))
        for i, n in enumerate(sorted(range(len(old)), key=lambda n: old[n])):
            row = self.rows[n]
            for name in ("week", "action", "unit", "strength", "notice", "day", "district", "hours",
                         "hours_wet", "to", "whole", "entry"):  # fmt: skip
                table[i][name] = getattr(row, name)
            table[i]["at_base"] = row.base
            table[i]["planned"] = row.week
            table[i]["gate"] = gate_of.get(row.entry, -1)
        bases = tables.BASES.empty(len(self.base))
        for name, b in self.base.items():
            bases[b]["district"] = self.place[self.at[name]]
        headquarters = tables.MISSION.empty(1)
        if self.plan.slippage:
            headquarters["slippage"] = self.plan.slippage.mean_weeks
        if self.plan.acceleration:
            headquarters["demand_chance"] = self.plan.acceleration.chance
            headquarters["demand_weeks"] = self.plan.acceleration.weeks
        units = self.make_units()
        names = [u.unit for u in self.case.units] + [name for name, _ in self.added]
        return Orders(table, bases, gates, triggers, headquarters, units, names)

    def add(self, name: str, **values: float) -> int:
        """Add a unit that the scenario does not have; returns its number."""
        taken = {*self.number, *(n for n, _ in self.added)}
        while name in taken:
            name += " (2)"
        self.added.append((name, {"opens": NEVER, "readiness": 1.0, **values}))
        return len(self.number) + len(self.added) - 1

    def make_units(self) -> np.recarray:
        """Return the units of the case, and those added."""
        table = peacekeeper.TABLE.filled(self.case.units, self.place, spare=len(self.added))
        for row, t in zip(self.case.units, table, strict=False):
            t["base"] = t["post"] = self.base[row.base]
            t["opens"] = NEVER if self.held(row.opens) else first_week(self.case, row.opens)
        for i, (_, values) in enumerate(self.added, start=len(self.case.units)):
            for name, value in values.items():
                table[i][name] = value
            table[i]["post"] = max(table[i]["base"], 0)  # a reserve has none before it is sent
        return table

    def held(self, day: date | str | None) -> bool:
        """Return whether what happens to a unit of itself on a day does not, as the schedule is `none`.

        It holds the force of the last day before the first closure: what opens or moves on later belongs to
        plans that know of a drawdown.
        """
        first = self.case.first_closure
        if self.plan.name != COUNTERFACTUAL or first is None or not isinstance(day, date):
            return False
        return day >= first

    # -- actions -----------------------------------------------------------------------------------

    def make_rows(self) -> None:
        """Turn actions on bases into dated actions on units, `until` of units.csv among them."""
        case, plan = self.case, self.plan
        ends = [a.on for a in plan.actions if a.do == "end-mission"]
        end_of_mission = min(ends) if ends else None
        kinds = [ACTIONS[a.do] for a in plan.actions]
        for i in plan.ordered:
            if not kinds[i].late:
                kinds[i].make(self, i, plan.actions[i])
        for i, kind in enumerate(kinds):
            if kind.late:
                kind.make(self, i, plan.actions[i])
        for one in case.units:
            gone = self.left.get(one.unit)
            if one.until is not None and not self.held(one.until) and (gone is None or gone > one.until):
                if end_of_mission is None or one.until < end_of_mission:
                    week = case.week_of(one.until) + 1
                    self.rows.append(Row(week, actions.MOVE_ON, self.number[one.unit]))

    def here(self, base: str) -> int:
        """Return the district (row) of a base as far as the actions have been read, -1 for no base."""
        return self.place[self.district[base]] if base else -1

    def first_unit(self, base: str) -> int:
        """Return the first unit (row) of a base."""
        return self.number[self.case.units_at(base)[0].unit]

    def shrunk(self, a: Action) -> dict[int, int]:
        """Return the strengths that an action leaves to the units (rows) of its base; -1 as it is."""
        before = self.case.unit_strengths(self.plan, a.base, a.on)
        after = shrink(before, a.to) if a.to is not None else dict.fromkeys(before, -1)
        return {self.number[unit]: n for unit, n in after.items() if unit not in self.left}

    def row(self, entry: int, action: int, **values: float) -> None:
        """Add a row of an action of the schedule, at its base and in the base's district if not told."""
        a = self.plan.actions[entry]
        day = (a.on - self.case.header.start).days / 7.0
        notice = (a.on - a.announced).days / 7.0 if a.announced else 0.0
        if action in (actions.REDUCE, actions.CONVERT):
            notice = 0.0
        week = self.case.week_of(a.on)
        place = {"base": self.base.get(a.base, -1), "district": self.here(a.base)}
        self.rows.append(Row(week, action, day=day, notice=notice, entry=entry, **{**place, **values}))  # type: ignore[arg-type]

    def withdraw(self, entry: int, bases: Sequence[str]) -> None:
        """Add the rows of bases that close or relocate."""
        case, plan = self.case, self.plan
        a = plan.actions[entry]
        whole = a.do == "end-mission"
        for base in bases:
            here = self.here(base)
            for u in case.units_at(base):
                if u.unit in self.staying and not whole:
                    continue
                gone = u.unit in self.left
                if gone and not (whole and plan.conditional and u.unit not in self.never):
                    continue  # what may slip, wait or come back is closed again at the end
                b, unit = self.base[base], self.number[u.unit]
                if not gone and (case.opening(plan, u) or date.min) >= a.on:
                    if a.do != "relocate":
                        self.rows.append(Row(0, actions.CANCEL, unit, base=b))
                        self.left[u.unit] = a.on
                        self.never.add(u.unit)
                elif u.until is None or u.until >= a.on:
                    if a.do == "relocate":
                        way = self.way(here, a)
                        self.row(entry, actions.RELOCATE, unit=unit, base=b, hours=way[0], hours_wet=way[1],
                                 district=self.place[a.district])  # fmt: skip
                    else:
                        self.row(entry, actions.CLOSE, unit=unit, base=b, whole=int(whole), district=here)
                        self.left[u.unit] = a.on

    def way(self, here: int, a: Action) -> tuple[float, float]:
        """Return the hours from a district to that of an action, in the dry and in the wet season."""
        there = self.place[a.district]
        dry = self.ways.hours_to(here, [there])[there]
        wet = self.ways.hours_to(here, [there], "hours_wet")[there]
        return dry, wet

    # -- gates and triggers ------------------------------------------------------------------------

    def make_gates(self) -> tuple[np.recarray, dict[int, int]]:
        """Return a row a gated action, and which row belongs to which action."""
        named = {g.name: g for g in self.plan.gates}
        gated = [i for i, a in enumerate(self.plan.actions) if a.gate]
        table = tables.GATES.empty(len(gated))
        for n, i in enumerate(gated):
            a = self.plan.actions[i]
            gate = named[a.gate]
            level = gate.at_least if gate.at_least is not None else gate.at_most
            where = -1 if gate.where == "mission-area" else self.place[self.case.district_of(self.plan, a)]
            values = {
                "benchmark": BENCHMARK[gate.benchmark], "at_least": int(gate.at_least is not None),
                "level": level, "weeks": gate.weeks, "district": where, "at_base": self.base.get(a.base, -1),
                "longest": gate.longest_delay, "stay": int(gate.then == "stay"),
            }  # fmt: skip
            for name, value in values.items():
                table[n][name] = value
        return table, {i: n for n, i in enumerate(gated)}

    def make_triggers(self) -> np.recarray:
        """Return a row a trigger; adds the reserves that they send."""
        table = tables.TRIGGERS.empty(len(self.plan.triggers))
        for n, trigger in enumerate(self.plan.triggers):
            reserve = -1
            if trigger.do == "reinforce":
                reserve = self.add(
                    f"Reserve {n + 1}", base=-1, kind=UnitKind.INFANTRY, posture=Posture.MOBILE,
                    strength=trigger.troops or 0, readiness=RESERVE_READINESS,
                )  # fmt: skip
            level = trigger.at_least if trigger.at_least is not None else trigger.at_most
            values = {
                "benchmark": BENCHMARK[trigger.when], "at_least": int(trigger.at_least is not None),
                "level": level, "weeks": trigger.weeks, "anywhere": int(trigger.where == "any"),
                "does": DOES[trigger.do], "lasts": trigger.for_weeks or 0, "delay": trigger.delay,
                "unit": reserve, "most": trigger.most,
            }  # fmt: skip
            for name, value in values.items():
                table[n][name] = value
        return table
