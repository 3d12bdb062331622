"""What a careful colleague would point at in a scenario that loads without error.

Nothing here is forbidden; each remark names what it is about and why it is worth a second look. The
bounds are rules of thumb of the authors, no sources.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

from sim.scenario.actions import CLOSES
from sim.scenario.case import Scenario
from sim.scenario.fields import PLACEHOLDERS
from sim.scenario.layout import outside
from sim.scenario.schema import SCHEDULED, District, Row, Schedule
from sim.scenario.ways import round_about, ways

FASTEST_KMH = 80.0
"""Between middle points as the crow flies; a convoy on tarmac hardly does it."""
SLOWEST_KMH = 0.5
"""Slower than walking in mountains."""
WETTER = 6.0
"""Times by which the wet season lengthens a journey; beyond it a way is rather closed."""
FORCES_SHARE = 0.1
"""Personnel of the state, as a share of all people."""
FIGHTERS_SHARE = 0.02
"""Fighters, as a share of a district's people."""
CITY_DENSITY = 30_000.0
"""People a km2; denser than nearly all cities."""
BATTALION = 1200
"""Persons in one unit beyond which it is rather several."""
ABSENT = 0.05
"""Presence of a base's patrols, and chance that it stops an attack, of which less is next to nothing."""
LARGEST_MISSION = 45_000
"""Troops; more than any mission of the UN ever had."""
SHORT = 52
"""Weeks; a shorter run hardly settles."""
FEW = 50
"""People in a community below which it is hardly one."""
MOST = 25
"""Remarks of one kind that are told; of more, the number."""
NEAR = 0.8
"""Share of the sum of two radii within which districts must touch."""
ROUND_ABOUT = 3.0
"""Times the direct way that a way round may take."""
LONGER = 1.5
"""Times the way through other districts that a route takes which nobody would take."""
LOOKED_AT = 200
"""Districts among which a way round is looked for, the nearest."""
EARTH = 6371.0
"""Its radius, km."""
OFF = 0.10
"""Share by which troops may differ from the record."""
PLACES_OFF = 0.3
"""Share by which the people of a district's places may differ from the district's."""
PEOPLE_OFF = 0.01
"""Share by which people may differ from the record: a rounding."""


def remarks(case: Scenario) -> list[str]:
    """Return remarks on a scenario, in the order of its files; of many of one kind the first few."""
    found: list[str] = []
    for looking in (
        _header, _districts, _places, _stands, _routes, _side_by_side, _units, _actors, _sites, _schedules,
        _never_opened, _record, _placeholders, _guesses, _weak_bases,
    ):  # fmt: skip
        several = list(looking(case))
        found += several[:MOST]
        if len(several) > MOST:
            file = several[MOST].partition(",")[0].partition(":")[0]
            found.append(f"{file}: {len(several) - MOST:,d} more remarks of this kind")
    return found


def _header(case: Scenario) -> Iterator[str]:
    """Point at what lies outside the run, or waits for what never comes."""
    start, end = case.header.start, case.header.end
    span = timedelta(weeks=case.parameter_values()["vote_weeks"])
    for day in case.header.host.elections:
        if not start - span < day < end + span:
            yield (
                f"scenario.toml, host.elections: {day} is so far outside the run ({start} to {end}) that "
                "it has no effect"
            )
    ddr = case.header.ddr
    if ddr.start and ddr.start > end:
        yield f"scenario.toml, ddr.start: {ddr.start} is after the end of the run ({end}); nobody joins"
    if ddr.end and ddr.end < start:
        yield f"scenario.toml, ddr.end: {ddr.end} is before the start of the run ({start}); nobody joins"
    if ddr.places and not ddr.start:
        yield f"scenario.toml, ddr.places: {ddr.places:,d} places and no start; nobody joins"
    if ddr.start and not ddr.places:
        yield "scenario.toml, ddr: a programme without places; nobody joins"
    if case.weeks < SHORT:
        yield f"scenario.toml: a run of {case.weeks} weeks; little can be seen before and after a closure"


def _districts(case: Scenario) -> Iterator[str]:
    for d in case.districts:
        density = d.population / d.area_km2
        if density > CITY_DENSITY:
            yield f"districts.csv, {d.id}: {density:,.0f} people a km2 is denser than nearly all cities"
        if d.urban_share > 0.8 and d.area_km2 > 5000:
            yield f"districts.csv, {d.id}: {d.urban_share:.0%} in towns on {d.area_km2:,.0f} km2"
        if d.population_low == d.population == d.population_high:
            yield f"districts.csv, {d.id}: population has no range; is it really certain?"
        if d.communities and d.population < FEW * d.communities:
            yield f"districts.csv, {d.id}: {d.communities} places for {d.population:,d} people"
        if d.latitude == 0.0 and d.longitude == 0.0:
            yield f"districts.csv, {d.id}: latitude and longitude are 0, in the sea; a missing place?"
    yield from _one_place(case)
    people = sum(d.population for d in case.districts)
    groups = sum(g.fighters for g in case.armed_groups)
    if people and groups / people > FIGHTERS_SHARE / 2:
        yield f"armed_groups.csv: {groups:,d} fighters among {people:,d} people are many"


def _one_place(case: Scenario) -> Iterator[str]:
    """Point at districts that share their middle point, or their people to the last digit."""
    for what, columns in (
        ("middle point", ("latitude", "longitude")),
        ("people and area", ("population", "area_km2")),
    ):
        seen: dict[tuple[float, ...], District] = {}
        for d in case.districts:
            first = seen.setdefault(tuple(getattr(d, column) for column in columns), d)
            if first is not d:
                yield f"districts.csv, {d.id}: has the {what} of {first.id}; does it stand there twice?"


def _places(case: Scenario) -> Iterator[str]:
    """Point at places that lie outside their district, on one spot, or hold too many or few people."""
    district = {d.id: d for d in case.districts}
    here: dict[str, int] = {}
    seen: dict[tuple[float, float], str] = {}
    for row in case.places:
        here[row.district] = here.get(row.district, 0) + row.people
        if outside(district[row.district], row.latitude, row.longitude):
            yield f"places.csv, line {row.line}, {row.name}: lies outside {row.district}, taken as a disc"
        first = seen.setdefault((row.latitude, row.longitude), row.name)
        if first != row.name:
            yield f"places.csv, line {row.line}, {row.name}: lies where {first} does; the same place twice?"
    for name, people in here.items():
        there = district[name].population
        if abs(people - there) > PLACES_OFF * there:
            yield (
                f"places.csv: the places of {name} have {people:,d} people, and districts.csv {there:,d}; "
                "its people are divided in proportion"
            )


def _stands(case: Scenario) -> Iterator[str]:
    """Point at bases that stand outside their district, or nobody knows where."""
    district = {d.id: d for d in case.districts}
    unknown = []
    for base in case.bases:
        units = case.units_at(base)
        u = next((u for u in units if u.latitude is not None and u.longitude is not None), None)
        if u is None:
            unknown.append(base)
        elif outside(district[u.district], u.latitude or 0.0, u.longitude or 0.0):
            yield (
                f"units.csv, line {u.line}, {base}: stands outside {u.district}, taken as a disc; nobody is "
                "taken to live beside it"
            )
    if unknown and len(unknown) < len(case.bases):
        shown = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
        yield (
            f"units.csv: {len(unknown)} of {len(case.bases)} bases have no coordinates and stand in the "
            f"district's main town or in its villages in turn: {shown}"
        )


def _km(one: District, other: District) -> float:
    """Return the distance of two middle points, km."""
    middle = math.radians((one.latitude + other.latitude) / 2)
    x = (one.longitude - other.longitude + 180.0) % 360.0 - 180.0
    return 111.2 * math.hypot(x * math.cos(middle), one.latitude - other.latitude)


def _routes(case: Scenario) -> Iterator[str]:
    place = {d.id: d for d in case.districts}
    shorter = _ways_round(case)
    for n, r in enumerate(case.routes):
        where = f"routes.csv, line {r.line}, {r.origin} to {r.destination}"
        km = _km(place[r.origin], place[r.destination])
        speed = km / r.hours_dry
        if speed > FASTEST_KMH:
            yield f"{where}: {km:.0f} km as the crow flies in {r.hours_dry:g} hours is {speed:.0f} km/h"
        if km > 10 and speed < SLOWEST_KMH:
            yield f"{where}: {km:.0f} km as the crow flies in {r.hours_dry:g} hours is {speed:.1f} km/h"
        if r.hours_wet > WETTER * r.hours_dry:
            times = r.hours_wet / r.hours_dry
            yield f"{where}: {times:.0f} times as long in the wet season; is it closed then?"
        if n in shorter:
            yield (
                f"{where}: {r.hours_dry:g} hours, and {shorter[n]:.1f} through other districts; nobody would "
                "take it"
            )


def _ways_round(case: Scenario) -> dict[int, float]:
    """Return the routes (row) that are much longer than the way through other districts, and its hours.

    A way through more than the `LOOKED_AT` nearest districts is not looked for.
    """
    network = ways(case)
    own: dict[int, dict[int, int]] = {}
    for n, r in enumerate(case.routes):
        own.setdefault(network.row[r.origin], {})[network.row[r.destination]] = n
    shorter: dict[int, float] = {}
    for origin, routes in own.items():
        bounds = {there: case.routes[n].hours_dry / LONGER for there, n in routes.items()}
        found = round_about(network, origin, bounds, LOOKED_AT)
        shorter |= {routes[there]: hours for there, hours in found.items() if hours < bounds[there]}
    return shorter


def _side_by_side(case: Scenario) -> Iterator[str]:
    """Point at districts that must touch, have no route between them, and a long way round."""
    place = {d.id: d for d in case.districts}
    speeds = [_km(place[r.origin], place[r.destination]) / r.hours_dry for r in case.routes]
    usual = statistics.median(speeds) if speeds else 0.0
    if not usual:
        return
    network = ways(case)
    direct = {frozenset((r.origin, r.destination)) for r in case.routes}
    apart: dict[int, list[int]] = {}
    for a, b in _touching(case.districts):
        if frozenset((case.districts[a].id, case.districts[b].id)) not in direct:
            apart.setdefault(a, []).append(b)
    for a, others in sorted((a, sorted(others)) for a, others in apart.items()):
        one = case.districts[a]
        hours = network.hours_to(a, others, most=LOOKED_AT)
        for b in others:
            km = _km(one, case.districts[b])
            way = hours.get(b, math.inf)
            if way * usual > ROUND_ABOUT * km:
                long = f"{way:.1f} hours" if b in hours else "a way through very many districts"
                yield (
                    f"routes.csv, {one.id} and {case.districts[b].id}: {km:.0f} km apart without a route, "
                    f"and {long} round about; is there no way between them?"
                )


def _touching(districts: Sequence[District]) -> Iterator[tuple[int, int]]:
    """Return pairs of districts (rows, the lower first) so near that, as large as they are, they must touch.

    Districts are sorted into squares of their own size, one grid a size, and looked for only in the
    squares around.
    """
    radius = [math.sqrt(d.area_km2 / math.pi) for d in districts]
    grids: dict[int, dict[tuple[int, int, int], list[int]]] = {}

    def square(d: District, size: float) -> tuple[int, int, int]:
        # on a globe, as degrees of longitude differ in length
        lat, lon = math.radians(d.latitude), math.radians(d.longitude)
        x, y, z = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
        return math.floor(x * EARTH / size), math.floor(y * EARTH / size), math.floor(z * EARTH / size)

    for i, d in enumerate(districts):
        level = math.ceil(math.log2(radius[i]))
        grids.setdefault(level, {}).setdefault(square(d, 2.0 * 2.0**level), []).append(i)
    for i, d in enumerate(districts):
        own = math.ceil(math.log2(radius[i]))
        for level, grid in grids.items():
            if level < own:
                continue  # found from the smaller one
            x, y, z = square(d, 2.0 * 2.0**level)
            for step in product((-1, 0, 1), repeat=3):
                for j in grid.get((x + step[0], y + step[1], z + step[2]), ()):
                    if level == own and j <= i:
                        continue
                    if _km(d, districts[j]) <= NEAR * (radius[i] + radius[j]):
                        yield min(i, j), max(i, j)


def _units(case: Scenario) -> Iterator[str]:
    for u in case.units:
        if u.strength > BATTALION:
            yield f"units.csv, line {u.line}, {u.unit}: {u.strength:,d} troops in one unit; several units?"
        if u.readiness == 0.0:
            yield f"units.csv, line {u.line}, {u.unit}: readiness 0; it never acts on an alert"
    troops = sum(u.strength for u in case.units if u.opens is None)
    if troops > LARGEST_MISSION:
        yield f"units.csv: {troops:,d} peacekeepers at the start are more than any mission ever had"
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
    end = case.header.end
    for group in case.armed_groups:
        if group.enters and group.enters > end:
            yield (
                f"armed_groups.csv, line {group.line}, {group.group}: enters on {group.enters}, after the "
                f"end of the run ({end}); it never appears"
            )
    for force in case.state_forces:
        if isinstance(force.opens, date) and force.opens > end:
            yield (
                f"state_forces.csv, line {force.line}, {force.unit}: opens on {force.opens}, after the end "
                f"of the run ({end}); it never appears"
            )
    personnel = sum(f.personnel for f in case.state_forces)
    inhabitants = sum(d.population for d in case.districts)
    if personnel > FORCES_SHARE * inhabitants:
        yield f"state_forces.csv: {personnel:,d} personnel among {inhabitants:,d} people are many"
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


def _sites(case: Scenario) -> Iterator[str]:
    plan = case.schedule("none")
    guards: dict[str, int] = {}
    for s in case.sites:
        if s.kind == "protection-site" and not s.base:
            yield f"sites.csv, line {s.line}, {s.site}: a protection site at no base; who guards it?"
        guards[s.base] = guards.get(s.base, 0) + s.guards
    day = case.header.start + timedelta(days=1)
    for base, n in guards.items():
        there = case.strength_at(plan, base, day) if base else n
        if n > there:
            yield f"sites.csv: {n:,d} guards from {base}, which has {there:,d} troops at the start"


def _never_opened(case: Scenario) -> Iterator[str]:
    """Point at units that wait for a schedule to open them, and none does."""
    opened = {name for plan in case.schedules.values() for name in plan.openings}
    for file, units in (("units.csv", case.units), ("state_forces.csv", case.state_forces)):
        for u in units:
            of_a_family = getattr(u, "force", "") == "protection"  # families of schedules open it
            if u.opens == SCHEDULED and u.unit not in opened and not of_a_family:
                yield f"{file}, line {u.line}, {u.unit}: is 'scheduled', and no schedule opens it"


def _schedules(case: Scenario) -> Iterator[str]:
    if case.units and not case.schedules:
        yield "schedules: there is none of the case's own; only families (drawdown schedules) can be compared"
    quarter = (case.header.end - case.header.start) / 4
    for plan in case.schedules.values():
        for n, trigger in enumerate(plan.triggers, start=1):
            if trigger.when == "armed-groups" and trigger.at_least and not case.armed_groups:
                yield f"schedules, {plan.name}: trigger {n} watches armed groups, and there are none"
        days = [a.on for a in plan.actions if a.do in CLOSES]
        if not days:
            yield f"schedules, {plan.name}: closes nothing"
            continue
        if (min(days) - case.header.start).days < 180:
            yield (
                f"schedules, {plan.name}: the first closure ({min(days)}) comes within half a year of the "
                "start; there is little before it to compare with"
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
    gone = _gone(plan or case.schedule("none"))
    totals: dict[str, list[tuple[float, date, float, float]]] = {}
    for r in case.record:
        if r.kind != "mission-total" or r.date is None or r.value is None or r.date > case.header.end:
            continue
        if r.date > case.header.start and plan is None:
            continue
        day = max(r.date, case.header.start + timedelta(days=1))
        here = sum(
            case.strength_at(plan or case.schedule("none"), base, day)
            for base in case.bases
            if min(gone.get(base, date.max), gone.get("", date.max)) > day
        )
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


def _gone(plan: Schedule) -> dict[str, date]:
    """Return the day on which each base closes under a schedule; under "" the end of the mission."""
    days: dict[str, date] = {}
    for a in plan.actions:
        if a.do in CLOSES:
            days[a.base] = min(a.on, days.get(a.base, date.max))
    return days


def _record_closures(case: Scenario) -> Iterator[str]:
    plan = case.schedules.get("actual")
    recorded = [r for r in case.record if r.kind == "closure" and r.date is not None]
    if recorded and plan is None:
        yield "record.csv: has closures, and no schedule 'actual' carries them out; they are not compared"
        return
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


def _guesses(case: Scenario) -> Iterator[str]:
    """Say how much of what decides most rests on guesses: people, troops, fighters, soldiers."""
    inputs: tuple[tuple[str, str, Sequence[tuple[Row, int]]], ...] = (
        ("districts.csv", "people", [(d, d.population) for d in case.districts]),
        ("units.csv", "peacekeepers", [(u, u.strength) for u in case.units]),
        ("armed_groups.csv", "fighters", [(g, g.fighters) for g in case.armed_groups]),
        ("state_forces.csv", "state personnel", [(f, f.personnel) for f in case.state_forces]),
    )
    for file, what, rows in inputs:
        total = sum(n for _, n in rows)
        guessed = sum(n for row, n in rows if row.certainty in ("estimate", "memory"))
        if total and guessed >= total / 2:
            yield (
                f"{file}: {guessed / total:.0%} of {total:,d} {what} are estimates or from memory; a result "
                "that hangs on them is a guess too"
            )


def _weak_bases(case: Scenario) -> Iterator[str]:
    """Point at bases whose troops, spread over their district, protect next to nothing."""
    from sim.study.protection import of_bases  # it builds the world

    weak = [p for p in of_bases(case) if p.presence < ABSENT and p.answer < ABSENT]
    if not weak:
        return
    area = {d.id: d.area_km2 for d in case.districts}
    shown = ", ".join(
        f"{p.base} ({p.troops:,d} in {area[p.district]:,.0f} km2 of {p.district}: presence {p.presence:.1%}, "
        f"stops {p.answer:.1%} of attacks of which it hears)"
        for p in weak[:5]
    )
    more = f", and {len(weak) - 5} more" if len(weak) > 5 else ""
    yield (
        f"units.csv: {len(weak)} of {len(case.bases)} bases protect next to nothing of their districts at "
        f"the start, so that closing them changes little: {shown}{more}. Do people live where they stand?"
    )


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
