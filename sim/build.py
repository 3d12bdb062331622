"""From a scenario and a schedule to the tables of a world.

The same tables start the Mesa model and the ensemble. What is uncertain about the start (people,
fighters, personnel) is kept as low, best, high here and drawn for each replicate in `sim.start.begin`.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from sim import parameters
from sim.agents import armed_group, campaign, community, ex_combatant, humanitarian, state_force
from sim.scenario import ways
from sim.scenario.case import Scenario
from sim.scenario.layout import Layout, apportion, layout, reach
from sim.scenario.schema import FURTHER, Schedule
from sim.timetable import first_week, timetable
from sim.week import DECLARED
from sim.world import attack, district, donors, host, people, record, site
from sim.world.events import EVENTS
from sim.world.state import (
    BELIEFS,
    CANDIDATES,
    CLOCK,
    DECAYS,
    LEFTS,
    LONGEST_REPORT_DELAY,
    NEAR,
    NEVER,
    RAIDS,
    World,
)
from sim.world.ways import POSTS

LARGEST_SEED = 2**63 - 1


def check_whole(name: str, value: object, low: int = 0, high: int = LARGEST_SEED) -> None:
    """Raise `ValueError` unless a seed or the number of a run is one that every engine and file can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} {value!r:.40} is not a whole number")
    if not low <= value <= high:
        top = " (2^63 - 1)" if high == LARGEST_SEED else ""
        raise ValueError(f"{name} {value} is outside its range, {low} to {high}{top}")


def build(
    scenario: Scenario, schedule: str | Schedule, *, events: int = 0
) -> tuple[World, dict[str, list[str]]]:
    """Return the tables of a scenario under a schedule, before the start, and the names of the rows.

    Call `sim.start.begin` to draw a replicate's start from them. `events`: room in the event log, 0
    for none.
    """
    plan = scenario.schedule(schedule) if isinstance(schedule, str) else schedule
    index = {d.id: i for i, d in enumerate(scenario.districts)}
    districts = district.TABLE.filled(scenario.districts, index)
    for row, t in zip(scenario.districts, districts, strict=True):
        t["breadth"] = math.sqrt(row.area_km2)
        t["border"] = int(bool(row.border))
    districts["state_reach"] = np.maximum(districts["state_reach"], districts["state_control"])
    places = layout(scenario)
    communities, displaced = _communities(scenario, places, districts)
    most = max(len(span) for span in places.spans)
    posts, within, way = _posts(scenario, places)
    near, hours, neighbours = ways.nearest(scenario, NEAR)
    districts["near_count"] = (near >= 0).sum(axis=1)
    districts["neighbour_count"] = (neighbours >= 0).sum(axis=1)
    groups = _armed_groups(scenario, index)
    before = round(scenario.parameter_values()["spin_up"])
    orders = timetable(scenario, plan)
    more = {name: DECLARED.tables[name].filled(scenario.rows_of(name), index) for name in FURTHER}
    world = World(
        clock=CLOCK.empty(1),
        keys=np.zeros(1, np.uint64),
        parameters=parameters.record(scenario.parameter_values(), scenario.rules.model_dump()),
        calendar=_calendar(scenario, before),
        votes=_votes(scenario, before),
        host=host.HOST.filled([scenario.header.host], {}),
        programme=_programme(scenario),
        schedule=orders.schedule,
        bases=orders.bases,
        gates=orders.gates,
        triggers=orders.triggers,
        mission=orders.mission,
        districts=districts,
        near=near,
        hours=hours,
        neighbours=neighbours,
        decay=np.zeros((DECAYS, 2, len(districts), NEAR)),
        refuge=np.zeros((len(districts), NEAR)),
        posts=posts,
        reach=within,
        way=way,
        left=np.zeros((LEFTS, *way.shape)),
        communities=communities,
        displaced=displaced,
        armed_groups=groups,
        factions=campaign.TABLE.empty(2 * len(groups)),
        beliefs=BELIEFS.empty(len(groups), len(districts)),
        held=BELIEFS.empty(len(groups), most),
        attacks=attack.TABLE.empty(RAIDS * len(communities)),
        state_forces=(forces := _state_forces(scenario, index)),
        men=np.zeros((len(forces), most)),
        peacekeepers=orders.units,
        humanitarians=humanitarian.TABLE.filled(scenario.humanitarians, index),
        **more,
        sites=_sites(scenario, index, districts),
        donors=donors.TABLE.filled([scenario.header.money], {}),
        harm=np.zeros((len(districts), 4, 4), np.int64),
        recorded=np.zeros((len(districts), 4, 4), np.int64),
        pending=np.zeros((len(districts), LONGEST_REPORT_DELAY + 1, 4, 4), np.int64),
        ledger=people.LEDGER.empty(1),
        record=record.TABLE.empty(scenario.weeks, len(districts)),
        candidates=CANDIDATES.empty(
            1 + max(len(communities), len(groups), len(scenario.humanitarians), len(scenario.sites))
        ),
        events=EVENTS.empty(events),
    )
    world.clock["weeks"] = scenario.weeks
    world.clock["before"] = before
    names = {
        "districts": [d.name for d in scenario.districts],
        "communities": [place.name for place in places.places],
        "armed_groups": [g.group for g in scenario.armed_groups]
        + [f"new group {i + 1}" for i in range(len(groups) - len(scenario.armed_groups))],
        "state_forces": [s.unit for s in scenario.state_forces],
        "peacekeepers": orders.unit_names,
        "humanitarians": [h.actor for h in scenario.humanitarians],
        "sites": [s.site for s in scenario.sites],
        **{name: [getattr(row, row.key) for row in scenario.rows_of(name)] for name in FURTHER},
    }
    return world, names


def set_parameters(world: World, scenario: Scenario) -> None:
    """Give a world, before its start, the parameters, rules and switches of a variant of its scenario.

    The variant must differ in nothing else: `build` would make the same world from it. Raises `ValueError`
    for another `spin_up`, which takes a world of its own.
    """
    if round(scenario.parameter_values()["spin_up"]) != world.clock[0].before:
        raise ValueError("another spin_up takes another world; build one from the variant")
    world.parameters[:] = parameters.record(scenario.parameter_values(), scenario.rules.model_dump())
    before = int(world.clock[0].before)
    world.calendar[:] = _calendar(scenario, before)
    world.votes[:] = _votes(scenario, before)


def copy_world(world: World) -> World:
    """Return a world with its own copy of every array."""
    return World._make(array.copy() for array in world)


def _calendar(scenario: Scenario, before: int) -> np.ndarray:
    wet = set() if "season" in scenario.switched_off else set(scenario.header.wet_months)
    # a week belongs to the month of its middle day
    middle = [date.fromordinal(scenario.date_of(w).toordinal() + 3) for w in range(-before, scenario.weeks)]
    return np.array([int(day.month in wet) for day in middle], np.int64)


def _votes(scenario: Scenario, before: int) -> np.ndarray:
    """Return how near a vote is in each week: 1 in its own, falling to 0 over `vote_weeks` on both sides."""
    span = scenario.parameter_values()["vote_weeks"]
    near = np.zeros(before + scenario.weeks)
    for day in scenario.header.host.elections:
        distance = np.abs(np.arange(-before, scenario.weeks) - scenario.week_of(day))
        near = np.maximum(near, np.clip(1.0 - distance / span, 0.0, 1.0))
    return near


def _programme(scenario: Scenario) -> np.recarray:
    given = scenario.header.ddr
    table = ex_combatant.PROGRAMME.filled([given], {})
    table["start"] = scenario.week_of(given.start) if given.start else NEVER
    table["end"] = scenario.week_of(given.end) + 1 if given.end else NEVER
    return table


def _identities(scenario: Scenario) -> dict[str, int]:
    """Return a number for each community of identity that a case names."""
    named = [name for d in scenario.districts for name, _ in d.identities]
    named += [g.identity for g in scenario.armed_groups if g.identity]
    return {name: i for i, name in enumerate(dict.fromkeys(named))}


def _communities(
    scenario: Scenario, places: Layout, districts: np.recarray
) -> tuple[np.recarray, np.ndarray]:
    """Return the people of each place, and where its displaced are: those a district hosts are its own."""
    people = scenario.header.people
    identities = _identities(scenario)
    table = community.TABLE.empty(len(places.places))
    away = np.zeros(len(table), np.int64)
    for d, (given, span) in enumerate(zip(scenario.districts, places.spans, strict=True)):
        districts[d]["first_community"] = span.start
        districts[d]["end_community"] = span.stop
        named = any(places.places[c].identity for c in span)
        districts[d]["fractionalisation"] = (
            1.0 - sum(share**2 for _, share in given.identities) if named else 0.0
        )
        n = len(span)
        away[span.start : span.stop] = [
            round(given.displaced * (k + 1) / n) - round(given.displaced * k / n) for k in range(n)
        ]
    for t, place in zip(table, places.places, strict=True):
        t["district"] = place.district
        t["residents_low"] = place.people_low
        t["residents_best"] = place.people
        t["residents_high"] = place.people_high
        t["urban"] = float(place.urban)
        t["breadth"] = place.breadth_km
        t["remoteness"] = place.remoteness
        t["organisation"] = people.organisation
        t["alert_network"] = int(place.alert_network)
        t["trust_un"] = people.trust_un
        t["trust_state"] = people.trust_state
        t["fear"] = people.fear
        t["grievance"] = people.grievance
        t["identity"] = identities[place.identity] if place.identity else -1
        t["youth"] = people.youth
        t["integration"] = people.integration
    weights = table["residents_best"] / max(table["residents_best"].sum(), 1.0)
    table["ex_combatants"] = apportion([float(w) * people.ex_combatants for w in weights], 1)
    displaced = np.zeros((len(table), NEAR + 1), np.int64)
    displaced[:, 0] = away
    table["displaced"] = away
    table["absent"] = people.absent_weeks
    for t in districts:
        first, end = t["first_community"], t["end_community"]
        t["hosted"] = displaced[first:end, 0].sum()
        own = table[first:end]
        total = max(own["residents_best"].sum(), 1.0)
        t["remoteness"] = (own["residents_best"] * own["remoteness"]).sum() / total
    return table, displaced


def _posts(scenario: Scenario, places: Layout) -> tuple[np.recarray, np.ndarray, np.ndarray]:
    """Return the posts, the places within reach of each, and the hours to them."""
    within = reach(scenario, places)
    posts = POSTS.empty(len(places.posts))
    posts["district"] = [post.district for post in places.posts]
    posts["count"] = within.count
    return posts, within.rows, within.hours


def _armed_groups(scenario: Scenario, index: dict[str, int]) -> np.recarray:
    given = scenario.armed_groups
    factions = {name: i for i, name in enumerate(dict.fromkeys(g.faction for g in given))}
    identities = _identities(scenario)
    # rows to spare for groups that split off: a quarter as many as there are, at least two
    spare = max(2, len(given) // 4) if given else 0
    table = armed_group.TABLE.filled(given, index, spare)
    table["spare"][len(given) :] = 1
    for row, t in zip(given, table, strict=False):
        t["faction"] = factions[row.faction]
        t["identity"] = identities[row.identity] if row.identity else -1
        t["enters"] = scenario.week_of(row.enters) if row.enters else -1
        t["outside_supply"] = row.outside_supply * row.fighters
        t["control"] = 0.0 if row.enters else row.control
    return table


def _state_forces(scenario: Scenario, index: dict[str, int]) -> np.recarray:
    table = state_force.TABLE.filled(scenario.state_forces, index)
    for row, t in zip(scenario.state_forces, table, strict=True):
        t["opens"] = first_week(scenario, row.opens)
        t["present"] = int(t["opens"] == 0)
    return table


def _sites(scenario: Scenario, index: dict[str, int], districts: np.recarray) -> np.recarray:
    bases = {name: i for i, name in enumerate(scenario.bases)}
    table = site.TABLE.filled(scenario.sites, index)
    for row, t in zip(scenario.sites, table, strict=True):
        t["community"] = districts[t["district"]]["first_community"]  # the town, if there is one
        t["guarded_from"] = bases.get(row.base, -1)
        districts[t["district"]]["in_sites"] += row.displaced
    return table
