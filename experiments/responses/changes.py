"""Worlds in which one thing is different: strength, roads, host, groups, length. Each returns a new case.

Only tables, the header and parameters by name are touched, so that these go on meaning what they say when
rules change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import networkx as nx
import numpy as np

from sim import Action, Scenario, Schedule
from sim.parameters import PARAMETERS
from sim.scenario.case import COUNTERFACTUAL
from sim.scenario.schema import NO_DRAWDOWN, SCHEDULED
from sim.study.variants import HOSTS as HOSTS  # noqa: PLC0414  (rows find them here)
from sim.study.variants import first_closure as first_closure  # noqa: PLC0414
from sim.study.variants import held as held  # noqa: PLC0414
from sim.study.variants import host as host  # noqa: PLC0414
from sim.study.variants import lasting as lasting  # noqa: PLC0414

LONG_ROADS, SHORT_ROADS = 20.0, 0.05


def strength(case: Scenario, times: float) -> Scenario:
    """Return a case with every unit of the mission `times` as strong (one person at least); 0: no mission."""
    if times == 0.0:
        return replace(case, units=(), schedules={})
    units = (u.model_copy(update={"strength": max(1, round(times * u.strength))}) for u in case.units)
    return replace(case, units=tuple(units))


def troops(case: Scenario) -> int:
    """Return how many persons the mission's units have."""
    return sum(u.strength for u in case.units)


def roads(case: Scenario, times: float, around: str = "") -> Scenario:
    """Return a case in which ways take `times` as long: all, or those that lead to one district.

    All: ways within districts too.
    """
    routes = tuple(
        r.model_copy(update={"hours_dry": times * r.hours_dry, "hours_wet": times * r.hours_wet})
        if not around or around in (r.origin, r.destination)
        else r
        for r in case.routes
    )
    if around:
        return replace(case, routes=routes)
    speed = case.header.people.local_speed_kmh / times
    people = case.header.people.model_copy(update={"local_speed_kmh": speed})
    return replace(case, routes=routes, header=case.header.model_copy(update={"people": people}))


def groups(case: Scenario, times: int) -> Scenario:
    """Return a case with `times` as many fighters in every group; 0: no groups, and none forms."""
    if times == 0:
        return replace(case, armed_groups=()).without("onset", "remobilisation")
    counts = ("fighters_low", "fighters", "fighters_high")
    more = (g.model_copy(update={n: times * getattr(g, n) for n in counts}) for g in case.armed_groups)
    return replace(case, armed_groups=tuple(more))


def harmless(case: Scenario) -> Scenario:
    """Return a case in which no group has an abusive bent, and none forms."""
    mild = tuple(g.model_copy(update={"abusiveness": 0.0}) for g in case.armed_groups)
    return replace(case, armed_groups=mild).without("onset")


def one_fighter_more(case: Scenario) -> Scenario:
    """Return a case in which the first armed group has one fighter more: what chance makes of so little."""
    first = case.armed_groups[0]
    more = {name: getattr(first, name) + 1 for name in ("fighters_low", "fighters", "fighters_high")}
    return replace(case, armed_groups=(first.model_copy(update=more), *case.armed_groups[1:]))


def set_if_there(case: Scenario, **values: float) -> Scenario:
    """Return a case with parameters set, each within its range, those that there are."""
    known = {name: value for name, value in values.items() if name in PARAMETERS}
    clipped = {n: min(max(v, PARAMETERS[n].low), PARAMETERS[n].high) for n, v in known.items()}
    return case.with_parameters(**clipped)


def earlier(case: Scenario, weeks: int) -> Scenario:
    """Return a case that has run for `weeks` more when its period begins; schedules keep their days.

    By a parameter or key named `spin_up...` where there is one, else by an earlier start.
    """
    for name in (n for n in PARAMETERS if n.startswith("spin_up")):
        return set_if_there(case, **{name: case.parameter_values()[name] + weeks})
    for name in (n for n in type(case.header).model_fields if n.startswith("spin_up")):
        longer = getattr(case.header, name) + weeks
        return replace(case, header=case.header.model_copy(update={name: longer}))
    start = case.header.start - timedelta(weeks=weeks)
    return replace(case, header=case.header.model_copy(update={"start": start}))


def gathered(case: Scenario, readiness: float) -> Scenario:
    """Return a case whose infantry waits as quick-reaction forces at a few hubs, by their readiness.

    Hubs are the districts with most troops, one for six with a base; each unit goes to the nearest.
    """
    at: dict[str, int] = {}
    for unit in case.units:
        at[unit.district] = at.get(unit.district, 0) + unit.strength
    hubs = sorted(at, key=lambda d: -at[d])[: max(1, round(len(at) / 6))]
    hours = dict(nx.all_pairs_dijkstra_path_length(case.graph(), weight="hours_dry"))
    far = float("inf")
    units, place = [], {}
    for unit in case.units:
        nearest = min(hubs, key=lambda hub: hours[unit.district].get(hub, far))
        place[unit.base] = nearest
        new: dict[str, object] = {"district": nearest}
        if unit.kind == "infantry":
            new |= {"posture": "mobile", "readiness": readiness}
        units.append(unit.model_copy(update=new))
    return replace(case, units=tuple(units), schedules={})


def posted(case: Scenario) -> Scenario:
    """Return a case whose infantry is all in posts, of one readiness, with its troops where they are."""
    units = (
        u.model_copy(update={"posture": "static", "readiness": 1.0}) if u.kind == "infantry" else u
        for u in case.units
    )
    return replace(case, units=tuple(units), schedules={})


def with_successors(case: Scenario) -> Scenario:
    """Return a case with a state unit for each base, of its strength, that a schedule must open."""
    plain = next(f for f in case.state_forces if f.force == "army")
    new = []
    for base in case.bases:
        units = case.units_at(base)
        men = sum(u.strength for u in units)
        values = {
            "unit": f"Successor at {base}"[:120], "district": units[0].district, "opens": SCHEDULED,
            "personnel_low": men, "personnel": men, "personnel_high": men,
            "capability": 0.7, "will": 0.7, "discipline": 0.7, "arrears_weeks": 0.0,
        }  # fmt: skip
        new.append(plain.model_copy(update=values))
    return replace(case, state_forces=(*case.state_forces, *new))


# -- who is where ----------------------------------------------------------------------------------


def beside(case: Scenario, district: str) -> np.ndarray:
    """Return where each district lies, seen from one: 0 itself, 1 adjacent by a route, 2 farther: (D,)."""
    graph = case.graph()
    return np.array([0 if d.id == district else 1 if d.id in graph[district] else 2 for d in case.districts])


def hours_to_bases(case: Scenario, districts: Iterable[str] | None = None) -> np.ndarray:
    """Return hours from each district to the nearest of `districts` (default: all with a base): (2, D).

    In the dry season and the wet one; infinite where no way leads, 0 where a base is in the district.
    """
    graph = case.graph()
    sources = {u.district for u in case.units} if districts is None else set(districts)
    hours = np.full((2, len(case.districts)), np.inf)
    for season, weight in enumerate(("hours_dry", "hours_wet")):
        found = nx.multi_source_dijkstra_path_length(graph, sources, weight=weight) if sources else {}
        hours[season] = [found.get(d.id, np.inf) for d in case.districts]
    return hours


def wet(case: Scenario) -> np.ndarray:
    """Return which weeks are in the wet season: bool (weeks,)."""
    return np.array([case.date_of(w).month in case.header.wet_months for w in range(case.weeks)])


# -- schedules ---------------------------------------------------------------------------------------


def bases_at(case: Scenario, week: int, district: str = "") -> dict[str, int]:
    """Return the troops of each base that is there in a week if none closes, the strongest first."""
    day = case.date_of(week)
    there = {b: case.strength_at(NO_DRAWDOWN, b, day) for b in case.bases}
    place = {u.base: u.district for u in case.units}
    mine = {b: n for b, n in there.items() if n > 0 and (not district or place[b] == district)}
    return dict(sorted(mine.items(), key=lambda item: -item[1]))


def plan(name: str, actions: Iterable[Action]) -> Schedule:
    """Return a schedule."""
    return Schedule(name=name, title=name, actions=tuple(actions))


def closing(case: Scenario, name: str, bases: Iterable[str], week: int, notice: int = 0) -> Schedule:
    """Return the schedule that closes bases in one week, with so many weeks' notice (0: none)."""
    on = case.date_of(week)
    told = case.date_of(week - notice) if notice else None
    return plan(name, [Action(do="close", base=b, on=on, announced=told) for b in bases])


def reducing(case: Scenario, to: float, week: int) -> Schedule:
    """Return the schedule that reduces every base to a part of its troops in one week; 0 closes all."""
    there = bases_at(case, week)
    if to == 0.0:
        return closing(case, "to-0", there, week)
    on = case.date_of(week)
    cut = {b: max(1, round(to * n)) for b, n in there.items()}
    actions = [Action(do="reduce", base=b, to=left, on=on) for b, left in cut.items() if left < there[b]]
    return plan(f"to-{100 * to:.0f}-percent", actions)


NONE = COUNTERFACTUAL
