"""From a scenario and a schedule to the tables of a world.

The same tables start the Mesa model and the ensemble. What is uncertain about the start (people,
fighters, personnel) is kept as low, best, high here and drawn for each replicate in `sim.start.begin`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from sim import parameters
from sim.agents import armed_group, community, ex_combatant, humanitarian, state_force
from sim.scenario import ways
from sim.scenario.case import Scenario
from sim.scenario.schema import FURTHER, Schedule
from sim.timetable import first_week, timetable
from sim.week import DECLARED
from sim.world import district, donors, host, people, record, site
from sim.world.events import EVENTS
from sim.world.state import (
    BELIEFS,
    CANDIDATES,
    CLOCK,
    DECAYS,
    LONGEST_REPORT_DELAY,
    NEAR,
    NEVER,
    World,
)


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
    communities, displaced, community_names = _communities(scenario, districts)
    near, hours, neighbours = ways.nearest(scenario, NEAR)
    districts["near_count"] = (near >= 0).sum(axis=1)
    districts["neighbour_count"] = (neighbours >= 0).sum(axis=1)
    groups = _armed_groups(scenario, index)
    orders = timetable(scenario, plan)
    more = {name: DECLARED.tables[name].filled(scenario.rows_of(name), index) for name in FURTHER}
    world = World(
        clock=CLOCK.empty(1),
        keys=np.zeros(1, np.uint64),
        parameters=parameters.record(scenario.parameter_values(), scenario.rules.model_dump()),
        calendar=_calendar(scenario),
        votes=_votes(scenario),
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
        communities=communities,
        displaced=displaced,
        armed_groups=groups,
        beliefs=BELIEFS.empty(len(groups), len(districts)),
        state_forces=_state_forces(scenario, index),
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
    names = {
        "districts": [d.name for d in scenario.districts],
        "communities": community_names,
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

    The variant must differ in nothing else: `build` would make the same world from it.
    """
    world.parameters[:] = parameters.record(scenario.parameter_values(), scenario.rules.model_dump())
    world.calendar[:] = _calendar(scenario)
    world.votes[:] = _votes(scenario)


def copy_world(world: World) -> World:
    """Return a world with its own copy of every array."""
    return World._make(array.copy() for array in world)


def _calendar(scenario: Scenario) -> np.ndarray:
    wet = set() if "season" in scenario.switched_off else set(scenario.header.wet_months)
    # a week belongs to the month of its middle day
    middle = [date.fromordinal(scenario.date_of(w).toordinal() + 3) for w in range(scenario.weeks)]
    return np.array([int(day.month in wet) for day in middle], np.int64)


def _votes(scenario: Scenario) -> np.ndarray:
    """Return how near a vote is in each week: 1 in its own, falling to 0 over `vote_weeks` on both sides."""
    span = scenario.parameter_values()["vote_weeks"]
    near = np.zeros(scenario.weeks)
    for day in scenario.header.host.elections:
        distance = np.abs(np.arange(scenario.weeks) - scenario.week_of(day))
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


def apportion(shares: Sequence[float], seats: int) -> list[int]:
    """Return how many of `seats` each share gets (largest remainders); what shares leave over stays free."""
    exact = [share * seats for share in shares]
    got = [int(x) for x in exact]
    left = round(sum(exact)) - sum(got)
    for i in sorted(range(len(exact)), key=lambda i: (got[i] - exact[i], i))[:left]:
        got[i] += 1
    return got


def _communities(scenario: Scenario, districts: np.recarray) -> tuple[np.recarray, np.ndarray, list[str]]:
    """Divide each district into towns and villages; villages lie at growing distances from its centre."""
    people_at_start = scenario.header.people
    with_base = {u.district for u in scenario.units}
    identities = _identities(scenario)
    rows: list[dict[str, float]] = []
    names: list[str] = []
    away: list[int] = []
    for d, place in enumerate(scenario.districts):
        towns = min(place.communities, round(place.communities * place.urban_share))
        if place.urban_share >= 0.1:
            towns = max(towns, 1)
        if place.urban_share < 0.9 and place.communities > 1:
            towns = min(towns, place.communities - 1)
        villages = place.communities - towns
        urban = place.urban_share if towns else 0.0
        urban = urban if villages else 1.0
        edge = 1.3 * math.sqrt(place.area_km2 / math.pi) / people_at_start.local_speed_kmh
        networks = (
            math.ceil(people_at_start.alert_network_share * place.communities) if place.id in with_base else 0
        )
        districts[d]["first_community"] = len(rows)
        districts[d]["end_community"] = len(rows) + place.communities
        weighted = 0.0
        seats = apportion([share for _, share in place.identities], place.communities)
        belongs = [
            identities[name] for (name, _), n in zip(place.identities, seats, strict=True) for _ in range(n)
        ]
        belongs += [-1] * (place.communities - len(belongs))
        districts[d]["fractionalisation"] = (
            1.0 - sum(share**2 for _, share in place.identities) if belongs[0] >= 0 else 0
        )
        for k in range(place.communities):
            town = k < towns
            part = urban / towns if town else (1.0 - urban) / villages
            # villages fill the district evenly by area: half of it lies beyond 0.7 of its radius
            remoteness = 0.0 if town else edge * math.sqrt((k - towns + 0.5) / villages)
            weighted += part * remoteness
            rows.append(
                {
                    "district": d,
                    "residents_low": part * (place.population_low - place.displaced),
                    "residents_best": part * (place.population - place.displaced),
                    "residents_high": part * (place.population_high - place.displaced),
                    "urban": float(town),
                    "remoteness": remoteness,
                    "organisation": people_at_start.organisation,
                    "alert_network": int(k < networks),
                    "trust_un": people_at_start.trust_un,
                    "trust_state": people_at_start.trust_state,
                    "fear": people_at_start.fear,
                    "grievance": people_at_start.grievance,
                }
            )
            rows[-1]["identity"] = belongs[k]
            rows[-1]["youth"] = people_at_start.youth
            kind = "town" if town else "villages"
            number = k + 1 if town else k - towns + 1
            names.append(f"{place.name} {kind} {number}")
            away.append(
                round(place.displaced * (k + 1) / place.communities)
                - round(place.displaced * k / place.communities)
            )
        districts[d]["remoteness"] = weighted
    table = community.TABLE.empty(len(rows))
    for name in rows[0]:
        table[name] = [values[name] for values in rows]
    former = people_at_start.ex_combatants
    weights = table["residents_best"] / max(table["residents_best"].sum(), 1.0)
    table["ex_combatants"] = apportion([float(w) * former for w in weights], 1)
    displaced = np.zeros((len(rows), NEAR + 1), np.int64)
    displaced[:, 0] = away
    table["displaced"] = away
    table["absent"] = people_at_start.absent_weeks
    for d in range(len(districts)):
        first, end = districts[d]["first_community"], districts[d]["end_community"]
        districts[d]["hosted"] = displaced[first:end, 0].sum()
    return table, displaced, names


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
