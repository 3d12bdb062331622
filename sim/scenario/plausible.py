"""What a careful colleague would point at in a scenario that loads without error.

Nothing here is forbidden; each remark names what it is about and why it is worth a second look. The
bounds are rules of thumb of the authors, no sources.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import networkx as nx

from sim.scenario.case import Scenario

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


def remarks(case: Scenario) -> list[str]:
    """Return remarks on a scenario, in the order of its files."""
    return [*_districts(case), *_routes(case), *_units(case), *_actors(case), *_schedules(case)]


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


def _units(case: Scenario) -> Iterator[str]:
    for u in case.units:
        if u.strength > BATTALION:
            yield f"units.csv, line {u.line}, {u.unit}: {u.strength:,d} troops in one unit; several units?"
    named = {d for u in case.units for d in (u.district,)}
    if case.units and len(named) == 1 and len(case.districts) > 1:
        yield "units.csv: all bases are in one district"


def _actors(case: Scenario) -> Iterator[str]:
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
