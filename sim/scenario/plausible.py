"""What a careful colleague would point at in a scenario that loads without error.

Nothing here is forbidden; each remark names what it is about and why it is worth a second look. The
bounds are rules of thumb of the authors, no sources.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

import networkx as nx

from sim.scenario.case import Scenario
from sim.scenario.schema import Row, Schedule

FASTEST_KMH = 80.0
"""Between middle points as the crow flies; a convoy on tarmac hardly does it."""
SLOWEST_KMH = 0.5
"""Slower than walking in mountains."""
WETTER = 6.0
"""Times by which the wet season lengthens a journey; beyond it a way is rather closed."""
FIGHTERS_SHARE = 0.02
"""Fighters, as a share of a district's people."""
CITY_DENSITY = 30_000.0
"""People a km2; denser than nearly all cities."""
BATTALION = 1200
"""Persons in one unit beyond which it is rather several."""
NEAR = 0.8
"""Share of the sum of two radii within which districts must touch."""
ROUND_ABOUT = 3.0
"""Times the direct way that a way round may take."""
OFF = 0.10
"""Share by which troops may differ from the record."""
PEOPLE_OFF = 0.01
"""Share by which people may differ from the record: a rounding."""
PLACEHOLDERS = "placeholder for "
"""How a note begins that lists the columns nobody has estimated yet."""


def remarks(case: Scenario) -> list[str]:
    """Return remarks on a scenario, in the order of its files."""
    return [
        *_districts(case),
        *_routes(case),
        *_side_by_side(case),
        *_units(case),
        *_actors(case),
        *_schedules(case),
        *_record(case),
        *_placeholders(case),
    ]


def _districts(case: Scenario) -> Iterator[str]:
    for d in case.districts:
        density = d.population / d.area_km2
        if density > CITY_DENSITY:
            yield f"districts.csv, {d.id}: {density:,.0f} people a km2 is denser than nearly all cities"
        if d.urban_share > 0.8 and d.area_km2 > 5000:
            yield f"districts.csv, {d.id}: {d.urban_share:.0%} in towns on {d.area_km2:,.0f} km2"
        if d.population_low == d.population == d.population_high:
            yield f"districts.csv, {d.id}: population has no range; is it really certain?"
    people = sum(d.population for d in case.districts)
    groups = sum(g.fighters for g in case.armed_groups)
    if people and groups / people > FIGHTERS_SHARE / 2:
        yield f"armed_groups.csv: {groups:,d} fighters among {people:,d} people are many"


def _distance(case: Scenario, a: str, b: str) -> float:
    """Return the distance of two middle points, km."""
    one, other = (next(d for d in case.districts if d.id == name) for name in (a, b))
    middle = math.radians((one.latitude + other.latitude) / 2)
    x = (one.longitude - other.longitude) * math.cos(middle)
    return 111.2 * math.hypot(x, one.latitude - other.latitude)


def _routes(case: Scenario) -> Iterator[str]:
    graph = case.graph()
    for r in case.routes:
        where = f"routes.csv, line {r.line}, {r.origin} to {r.destination}"
        km = _distance(case, r.origin, r.destination)
        speed = km / r.hours_dry
        if speed > FASTEST_KMH:
            yield f"{where}: {km:.0f} km as the crow flies in {r.hours_dry:g} hours is {speed:.0f} km/h"
        if km > 10 and speed < SLOWEST_KMH:
            yield f"{where}: {km:.0f} km as the crow flies in {r.hours_dry:g} hours is {speed:.1f} km/h"
        if r.hours_wet > WETTER * r.hours_dry:
            times = r.hours_wet / r.hours_dry
            yield f"{where}: {times:.0f} times as long in the wet season; is it closed then?"
        graph.remove_edge(r.origin, r.destination)
        if nx.has_path(graph, r.origin, r.destination):
            round_about = nx.shortest_path_length(graph, r.origin, r.destination, weight="hours_dry")
            if r.hours_dry > 1.5 * round_about:
                yield (
                    f"{where}: {r.hours_dry:g} hours, and {round_about:.1f} through other districts; nobody "
                    "would take it"
                )
        graph.add_edge(r.origin, r.destination, hours_dry=r.hours_dry, hours_wet=r.hours_wet)


def _side_by_side(case: Scenario) -> Iterator[str]:
    """Point at districts that must touch, have no route between them, and a long way round."""
    speeds = [_distance(case, r.origin, r.destination) / r.hours_dry for r in case.routes]
    if not speeds:
        return
    usual = statistics.median(speeds)
    graph = case.graph()
    radius = {d.id: math.sqrt(d.area_km2 / math.pi) for d in case.districts}
    for a, b in combinations(case.districts, 2):
        km = _distance(case, a.id, b.id)
        if km > NEAR * (radius[a.id] + radius[b.id]) or graph.has_edge(a.id, b.id):
            continue
        hours = nx.shortest_path_length(graph, a.id, b.id, weight="hours_dry")
        if hours * usual > ROUND_ABOUT * km:
            yield (
                f"routes.csv, {a.id} and {b.id}: {km:.0f} km apart without a route, and {hours:.1f} hours "
                "round about; is there no way between them?"
            )


def _units(case: Scenario) -> Iterator[str]:
    for u in case.units:
        if u.strength > BATTALION:
            yield f"units.csv, line {u.line}, {u.unit}: {u.strength:,d} troops in one unit; several units?"
    if not case.units:
        yield "units.csv: has no rows; nothing can be drawn down"
    named = {d for u in case.units for d in (u.district,)}
    if case.units and len(named) == 1 and len(case.districts) > 1:
        yield "units.csv: all bases are in one district"


def _actors(case: Scenario) -> Iterator[str]:
    for name, rows in (
        ("armed_groups.csv", case.armed_groups),
        ("state_forces.csv", case.state_forces),
        ("humanitarian.csv", case.humanitarians),
    ):
        if not rows:
            yield f"{name}: has no rows; is there nobody?"
    people = {d.id: d.population for d in case.districts}
    control: dict[str, float] = {d.id: d.state_control for d in case.districts}
    for g in case.armed_groups:
        control[g.district] += g.control
        if g.fighters > FIGHTERS_SHARE * people[g.district]:
            yield (
                f"armed_groups.csv, line {g.line}, {g.group}: {g.fighters:,d} fighters among "
                f"{people[g.district]:,d} people of {g.district}"
            )
    for name, share in control.items():
        if share > 1.0 + 1e-9:
            yield f"{name}: state and armed groups control {share:.0%} of it together at the start"
    posted = {s.district for s in case.state_forces}
    for d in case.districts:
        if d.state_control > 0.5 and d.id not in posted:
            yield f"districts.csv, {d.id}: the state controls {d.state_control:.0%} without a unit there"


def _schedules(case: Scenario) -> Iterator[str]:
    if case.units and not case.schedules:
        yield "schedules: there is none of the case's own; only families (drawdown schedules) can be compared"
    quarter = (case.header.end - case.header.start) / 4
    for plan in case.schedules.values():
        days = [a.on for a in plan.actions if a.do in ("close", "end-mission")]
        if not days:
            yield f"schedules, {plan.name}: closes nothing"
            continue
        if (min(days) - case.header.start).days < 180:
            yield (
                f"schedules, {plan.name}: the first closure ({min(days)}) comes within half a year of the "
                "start; the first year of a run settles"
            )
        if case.header.end - max(days) < quarter / 2:
            yield (
                f"schedules, {plan.name}: the last closure ({max(days)}) comes near the end of the run; "
                "little can follow from it"
            )


def _record(case: Scenario) -> Iterator[str]:
    """Hold the tables against what record.csv says."""
    yield from _record_people(case)
    yield from _record_troops(case)
    yield from _record_closures(case)


def _record_people(case: Scenario) -> Iterator[str]:
    there = {d.id: d.population for d in case.districts}
    said: dict[str, float] = {}
    unknown = set()
    for r in case.record:
        if r.kind != "population":
            continue
        if r.name not in there:
            yield f"record.csv, line {r.line}: {r.name!r} is no district"
        if r.value is None:
            unknown.add(r.name)
        else:
            said[r.name] = said.get(r.name, 0.0) + r.value
    for name, people in said.items():
        if name in there and name not in unknown and abs(there[name] - people) > PEOPLE_OFF * people:
            yield (
                f"districts.csv, {name}: population {there[name]:,d}, and {people:,.0f} in record.csv; "
                "projected to another year?"
            )


def _record_troops(case: Scenario) -> Iterator[str]:
    """Compare troops with each recorded total; after the start, those under `actual`."""
    plan = case.schedules.get("actual")
    totals: dict[str, list[tuple[float, date, float, float]]] = {}
    for r in case.record:
        if r.kind != "mission-total" or r.date is None or r.value is None or r.date > case.header.end:
            continue
        if r.date > case.header.start and plan is None:
            continue
        day = max(r.date, case.header.start + timedelta(days=1))
        here = sum(_troops(case, plan or case.schedule("none"), base, day) for base in case.bases)
        off = abs(here - r.value) / max(r.value, 1.0)
        totals.setdefault(r.name, []).append((off, r.date, here, r.value))
    for name, found in totals.items():
        bad = [x for x in found if x[0] > OFF]
        if bad:
            _, day, troops, said = max(bad)
            yield (
                f"units.csv: troops differ from record.csv's totals of {name} by more than {OFF:.0%} on "
                f"{len(bad)} of {len(found)} dates, most on {day}: {troops:,.0f} here, {said:,.0f} there"
            )


def _troops(case: Scenario, plan: Schedule, base: str, day: date) -> int:
    """Return the troops of a base on a day under a schedule, closures and the mission's end included."""
    for a in plan.actions:
        if a.on <= day and (a.do == "end-mission" or (a.do == "close" and a.base == base)):
            return 0
    return case.strength_at(plan, base, day)


def _record_closures(case: Scenario) -> Iterator[str]:
    plan = case.schedules.get("actual")
    recorded = [r for r in case.record if r.kind == "closure" and r.date is not None]
    closed = {} if plan is None else {a.base: a.on for a in plan.actions if a.do == "close"}
    ends = [] if plan is None else [a.on for a in plan.actions if a.do == "end-mission"]
    left = {u.base: u.until for u in case.units if u.until is not None}
    for r in recorded:
        first, last = r.earliest or r.date, r.latest or r.date
        if r.date is None or first is None or last is None or first > case.header.end:
            continue
        where = f"record.csv, line {r.line}, {r.name}"
        when = closed.get(r.name) or left.get(r.name) or min(ends, default=None)
        if r.name not in case.bases:
            yield f"{where}: is no base of units.csv; under another name?"
        elif when is None:
            if last <= case.header.end:
                yield f"{where}: closed about {r.date}, and stays under 'actual'"
        elif not first <= when <= last:
            yield f"{where}: closed between {first} and {last}, and on {when} under 'actual'"
    if recorded:
        names = {r.name for r in recorded}
        for base, when in closed.items():
            if base not in names:
                yield f"schedules, actual: {base} closes on {when}, and record.csv knows of no closure"


def _placeholders(case: Scenario) -> Iterator[str]:
    tables: tuple[tuple[str, Sequence[Row]], ...] = (
        ("districts.csv", case.districts),
        ("routes.csv", case.routes),
        ("units.csv", case.units),
        ("armed_groups.csv", case.armed_groups),
        ("state_forces.csv", case.state_forces),
        ("humanitarian.csv", case.humanitarians),
    )
    for name, rows in tables:
        columns: dict[str, int] = {}
        for row in rows:
            if row.note.startswith(PLACEHOLDERS):
                for column in row.note.removeprefix(PLACEHOLDERS).split(";")[0].split(","):
                    columns[column.strip()] = columns.get(column.strip(), 0) + 1
        if columns:
            listed = ", ".join(f"{c} ({n})" for c, n in columns.items())
            yield (
                f"{name}: placeholders in {max(columns.values())} of {len(rows)} rows: {listed}. Estimate "
                "what matters to you and take its name out of the note"
            )
