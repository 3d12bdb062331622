"""From a drawdown schedule to the rows that the mission carries out.

Actions name bases; rows name units. What a schedule needs beyond the scenario's own units (civilian
teams that stay, reserves) is added as units at the end, so that the others keep their numbers and
with them their draws of chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.agents import peacekeeper
from sim.agents.peacekeeper import CIVILIAN_TEAM, INFANTRY, MOBILE, STATIC
from sim.scenario.case import Scenario, shrink
from sim.scenario.schema import BENCHMARKS, Action, Schedule
from sim.scenario.ways import ways
from sim.world import mission
from sim.world.follow_on import KINDS as FOLLOW_ON
from sim.world.state import NEVER

RECIPIENTS = {"state": mission.STATE_LISTENS, "civil-society": mission.CIVIL_SOCIETY_LISTENS}
DOES = {"pause": mission.PAUSE, "reopen": mission.REOPEN, "reinforce": mission.REINFORCE}
BENCHMARK = {name: i for i, name in enumerate(BENCHMARKS)}
RESERVE_READINESS = 1.4
"""Readiness of a reserve, that of the quick-reaction forces of the scenarios."""
SOONER = {mission.OPEN: 0}
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
    """A row of `sim.world.mission.SCHEDULE` before it is one."""

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
    maker = _Maker(scenario, plan)
    return maker.orders()


class _Maker:
    """Makes the tables; holds what its parts share."""

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

    def orders(self) -> Orders:
        self.make_rows()
        triggers = self.make_triggers()
        gates, gate_of = self.make_gates()
        old = [
            (r.week, SOONER.get(r.action, 1), r.action, r.unit, r.strength, r.notice, r.entry)
            for r in self.rows
        ]
        table = mission.SCHEDULE.empty(len(self.rows))
        for i, n in enumerate(sorted(range(len(old)), key=lambda n: old[n])):
            row = self.rows[n]
            for name in ("week", "action", "unit", "strength", "notice", "day", "district", "hours",
                         "hours_wet", "to", "whole", "entry"):  # fmt: skip
                table[i][name] = getattr(row, name)
            table[i]["at_base"] = row.base
            table[i]["planned"] = row.week
            table[i]["gate"] = gate_of.get(row.entry, -1)
            table[i]["done"] = -1
        bases = mission.BASES.empty(len(self.base))
        for name, b in self.base.items():
            bases[b]["district"] = self.place[self.at[name]]
        bases["told"] = bases["closed"] = bases["left"] = -1
        headquarters = mission.MISSION.empty(1)
        headquarters["demand"] = NEVER
        headquarters["ended"] = headquarters["follow_on"] = -1
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
        table = peacekeeper.TABLE.empty(len(self.case.units) + len(self.added))
        for row, t in zip(self.case.units, table, strict=False):
            t["base"] = self.base[row.base]
            t["district"] = self.place[row.district]
            t["kind"] = peacekeeper.KINDS.index(row.kind)
            t["strength"] = row.strength
            t["women"] = row.women
            t["offensive"] = row.offensive
            t["posture"] = peacekeeper.POSTURES.index(row.posture)
            t["readiness"] = row.readiness
            t["opens"] = first_week(self.case, row.opens)
        for i, (_, values) in enumerate(self.added, start=len(self.case.units)):
            for name, value in values.items():
                table[i][name] = value
        return table

    # -- actions -----------------------------------------------------------------------------------

    def make_rows(self) -> None:
        """Turn actions on bases into dated actions on units, `until` of units.csv among them."""
        case, plan = self.case, self.plan
        ends = [a.on for a in plan.actions if a.do == "end-mission"]
        end_of_mission = min(ends) if ends else None
        left: dict[str, date] = {}
        never: set[str] = set()
        staying: set[str] = set()
        teams: list[tuple[int, int]] = []
        district = dict(self.at)  # of each base, by then
        for i in plan.ordered:
            a = plan.actions[i]
            b = self.base.get(a.base, -1)
            first = self.number[case.units_at(a.base)[0].unit] if a.base else -1
            here = self.place[district[a.base]] if a.base else -1
            if a.do == "reduce" and a.to is not None:
                before = case.unit_strengths(plan, a.base, a.on)
                for unit, strength in shrink(before, a.to).items():
                    if unit not in left:
                        self.row(i, mission.REDUCE, unit=self.number[unit], strength=strength, base=b,
                                 district=here)  # fmt: skip
            elif a.do == "convert":
                before = case.unit_strengths(plan, a.base, a.on)
                after = shrink(before, a.to) if a.to is not None else dict.fromkeys(before, -1)
                for unit, strength in after.items():
                    if unit not in left:
                        self.row(i, mission.CONVERT, unit=self.number[unit], strength=strength, base=b,
                                 district=here)  # fmt: skip
            elif a.do == "announce":
                self.row(i, mission.ANNOUNCE, unit=first, base=b, district=here)
            elif a.do == "hand-over":
                to = RECIPIENTS[a.recipient]
                self.row(i, mission.HAND_OVER, unit=first, base=b, district=here, to=to)
            elif a.do == "leave-police":
                staying |= {u.unit for u in case.units_at(a.base) if u.kind == "formed-police"}
            elif a.do == "leave-team":
                team = self.add(
                    f"Civilian team at {a.base}", base=b, district=here, kind=CIVILIAN_TEAM,
                    posture=STATIC, strength=a.to or 0,
                )  # fmt: skip
                teams.append((team, b))
                self.row(i, mission.LEAVE_TEAM, unit=team, base=b, district=here)
            elif a.do == "start-follow-on":
                self.row(i, mission.FOLLOW_ON, to=FOLLOW_ON.index(a.follow_on))
            elif a.do in ("close", "relocate", "end-mission"):
                self.withdraw(i, left, never, staying, district)
                if a.do == "end-mission":
                    for team, at in teams:
                        self.row(i, mission.CLOSE, unit=team, base=at, whole=1, district=here)
                    self.row(i, mission.END_MISSION, whole=1)
            if a.do == "relocate":
                district[a.base] = a.district
        for i, a in enumerate(plan.actions):
            if a.do == "open" and a.unit in self.post:
                s, name = self.post[a.unit]
                self.row(i, mission.DEPLOY, unit=s, district=self.place[name])
            elif a.do == "open" and a.unit not in never:
                u = self.number[a.unit]
                base = case.units[u].base
                self.row(i, mission.OPEN, unit=u, base=self.base[base], district=self.place[self.at[base]])
        for one in case.units:
            gone = left.get(one.unit)
            if one.until is not None and (gone is None or gone > one.until):
                if end_of_mission is None or one.until < end_of_mission:
                    week = case.week_of(one.until) + 1
                    self.rows.append(Row(week, mission.MOVE_ON, self.number[one.unit]))

    def row(self, entry: int, action: int, **values: float) -> None:
        """Add a row of an action of the schedule."""
        a = self.plan.actions[entry]
        day = (a.on - self.case.header.start).days / 7.0
        notice = (a.on - a.announced).days / 7.0 if a.announced else 0.0
        if action in (mission.REDUCE, mission.CONVERT):
            notice = 0.0
        week = self.case.week_of(a.on)
        self.rows.append(Row(week, action, day=day, notice=notice, entry=entry, **values))  # type: ignore[arg-type]

    def withdraw(
        self,
        entry: int,
        left: dict[str, date],
        never: set[str],
        staying: set[str],
        district: Mapping[str, str],
    ) -> None:
        """Add the rows of a base that closes or relocates, or of all at the end of the mission."""
        case, plan = self.case, self.plan
        a = plan.actions[entry]
        whole = a.do == "end-mission"
        for base in case.bases if whole else (a.base,):
            here = self.place[district[base]]
            for u in case.units_at(base):
                if u.unit in staying and not whole:
                    continue
                gone = u.unit in left
                if gone and not (whole and plan.conditional and u.unit not in never):
                    continue  # what may slip, wait or come back is closed again at the end
                b, unit = self.base[base], self.number[u.unit]
                if not gone and (case.opening(plan, u) or date.min) >= a.on:
                    if a.do != "relocate":
                        self.rows.append(Row(0, mission.CANCEL, unit, base=b))
                        left[u.unit] = a.on
                        never.add(u.unit)
                elif u.until is None or u.until >= a.on:
                    if a.do == "relocate":
                        way = self.way(here, a)
                        self.row(entry, mission.RELOCATE, unit=unit, base=b, hours=way[0], hours_wet=way[1],
                                 district=self.place[a.district])  # fmt: skip
                    else:
                        self.row(entry, mission.CLOSE, unit=unit, base=b, whole=int(whole), district=here)
                        left[u.unit] = a.on

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
        table = mission.GATES.empty(len(gated))
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
        table = mission.TRIGGERS.empty(len(self.plan.triggers))
        for n, trigger in enumerate(self.plan.triggers):
            reserve = -1
            if trigger.do == "reinforce":
                reserve = self.add(
                    f"Reserve {n + 1}", base=-1, kind=INFANTRY, posture=MOBILE, strength=trigger.troops or 0,
                    readiness=RESERVE_READINESS,
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
