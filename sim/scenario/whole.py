"""Whether the tables of a scenario fit each other: names, places, routes, bases and camps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.fields import SCHEDULED, Row
from sim.scenario.layout import km, radius
from sim.scenario.tables import TABLES, District, Unit
from sim.scenario.ways import ways

if TYPE_CHECKING:
    from sim.scenario.case import Scenario


def _file(case: Scenario, name: str) -> Path:
    return case.folder / name if case.folder else Path(name)


def check(case: Scenario) -> None:
    """Raise `ScenarioError` unless the tables of a case fit each other."""
    ids = {d.id for d in case.districts}
    tables = [(file, row, case.rows_of(row.table)) for file, row in TABLES.items()]
    for file, row, given in tables:
        if row.key:
            _unique(case, file, given, row.key)
    for file, row, given in tables:
        for one in given:
            for column in row.places:
                place = getattr(one, column)
                if place not in ids:
                    raise ScenarioError(
                        _file(case, file),
                        f"{place!r} is not a district; {did_you_mean(place, ids)}",
                        line=one.line,
                        where=f"column {column!r}",
                    )
    _names(case)
    _routes(case)
    _places(case)
    _units(case)
    _groups(case)
    _people(case)
    _sites(case)


def _unique(case: Scenario, name: str, rows: Iterable[Row], column: str) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        value = getattr(row, column)
        if value in seen:
            raise ScenarioError(
                _file(case, name),
                f"{value!r} is already the {column} of line {seen[value]}; give each its own",
                line=row.line,
                where=f"column {column!r}",
            )
        seen[value] = row.line


def _routes(case: Scenario) -> None:
    file = _file(case, "routes.csv")
    seen: dict[frozenset[str], int] = {}
    for route in case.routes:
        pair = frozenset((route.origin, route.destination))
        if len(pair) == 1:
            raise ScenarioError(
                file, f"leads from {route.origin!r} to itself; name two districts", line=route.line
            )
        if pair in seen:
            raise ScenarioError(
                file,
                f"the route {route.origin!r} - {route.destination!r} is already in line {seen[pair]}; "
                "routes run both ways, keep the faster one",
                line=route.line,
            )
        seen[pair] = route.line
    apart = ways(case).apart()
    if apart:
        named = sorted(case.districts[i].id for i in apart)
        raise ScenarioError(
            file,
            f"no route leads from {', '.join(repr(name) for name in named[:5])} to the other districts; "
            "add at least one route",
        )


FAR = 5.0
"""Radii of a district, and 100 km more, beyond which coordinates are not in it."""


def _in_or_near(case: Scenario, name: str, row: Row, latitude: float, longitude: float) -> None:
    """Refuse coordinates so far from their district that they cannot be meant."""
    district = next(d for d in case.districts if d.id == row.district)  # type: ignore[attr-defined]
    away = float(km(district.latitude, district.longitude, latitude, longitude))
    if away > FAR * radius(district) + 100.0:
        raise ScenarioError(
            _file(case, name),
            f"{latitude:g}, {longitude:g} is {away:,.0f} km from the middle of {district.id!r} "
            f"({district.latitude:g}, {district.longitude:g}); are they the wrong way round, or another's?",
            line=row.line,
            where="column 'latitude'",
        )


def _places(case: Scenario) -> None:
    given: dict[str, int] = {}
    for place in case.places:
        _in_or_near(case, "places.csv", place, place.latitude, place.longitude)
        given[place.district] = given.get(place.district, 0) + 1
    for district in case.districts:
        n = given.get(district.id)
        if n is not None and district.communities is not None and n != district.communities:
            raise ScenarioError(
                _file(case, "districts.csv"),
                f"{district.communities} for {district.id!r}, which has {n} in places.csv; leave it empty",
                line=district.line,
                where="column 'communities'",
            )


def _units(case: Scenario) -> None:
    file = _file(case, "units.csv")
    place: dict[str, Unit] = {}
    at: dict[str, Unit] = {}
    for unit in case.units:
        first = place.setdefault(unit.base, unit)
        if first.district != unit.district:
            raise ScenarioError(
                file,
                f"base {unit.base!r} is in {unit.district!r} here and in {first.district!r} "
                f"in line {first.line}; a base is in one district",
                line=unit.line,
                where="column 'district'",
            )
        if unit.latitude is not None and unit.longitude is not None:
            known = at.setdefault(unit.base, unit)
            if (known.latitude, known.longitude) != (unit.latitude, unit.longitude):
                raise ScenarioError(
                    file,
                    f"base {unit.base!r} is at {unit.latitude:g}, {unit.longitude:g} here and at "
                    f"{known.latitude:g}, {known.longitude:g} in line {known.line}; a base is in one place, "
                    "give it once or the same for each of its units",
                    line=unit.line,
                    where="column 'latitude'",
                )
            _in_or_near(case, "units.csv", unit, unit.latitude, unit.longitude)
        for column in ("opens", "until"):
            day = getattr(unit, column)
            if isinstance(day, date) and not case.header.start <= day <= case.header.end:
                never = (column == "opens") == (day > case.header.end)
                remedy = "take out the row, it is never there" if never else f"leave {column} empty"
                raise ScenarioError(
                    file,
                    f"{day} is outside the run ({case.header.start} to {case.header.end}); {remedy}",
                    line=unit.line,
                    where=f"column {column!r}",
                )


def _sites(case: Scenario) -> None:
    file = _file(case, "sites.csv")
    place = {u.base: u.district for u in case.units}
    left = {d.id: d.displaced for d in case.districts}
    for site in case.sites:
        if site.base and site.base not in place:
            raise ScenarioError(
                file,
                f"{site.base!r} is not a base; {did_you_mean(site.base, place)}",
                line=site.line,
                where="column 'base'",
            )
        if site.base and place[site.base] != site.district:
            raise ScenarioError(
                file,
                f"base {site.base!r} is in {place[site.base]!r}, the site in {site.district!r}; a base "
                "guards sites in its own district",
                line=site.line,
                where="column 'base'",
            )
        left[site.district] -= site.displaced
        if left[site.district] < 0:
            raise ScenarioError(
                file,
                f"the sites of {site.district!r} hold more people than 'displaced' in districts.csv says",
                line=site.line,
                where="column 'displaced'",
            )


def _names(case: Scenario) -> None:
    """Refuse what results and actions, which go by name, could not tell apart."""
    file = _file(case, "districts.csv")
    seen: dict[str, District] = {}
    for place in case.districts:
        first = seen.setdefault(place.name.casefold(), place)
        if first is not place:
            raise ScenarioError(
                file,
                f"{place.name!r} is already the name of {first.id!r} in line {first.line}, and results go by "
                f"name; tell them apart, e.g. '{place.name} ({place.province})'",
                line=place.line,
                where="column 'name'",
            )
    ours = {u.unit: u.line for u in case.units if u.opens == SCHEDULED}
    for force in case.state_forces:
        if force.opens == SCHEDULED and force.unit in ours:
            raise ScenarioError(
                _file(case, "state_forces.csv"),
                f"{force.unit!r} is also a unit that waits in units.csv, line {ours[force.unit]}, and a "
                "schedule opens units by name; give each its own",
                line=force.line,
                where="column 'unit'",
            )


def _groups(case: Scenario) -> None:
    file = _file(case, "armed_groups.csv")
    known = {name for d in case.districts for name, _ in d.identities}
    for group in case.armed_groups:
        if group.identity and group.identity not in known:
            raise ScenarioError(
                file,
                f"{group.identity!r} lives in no district (identities in districts.csv); "
                + (did_you_mean(group.identity, known) if known else "leave it empty"),
                line=group.line,
                where="column 'identity'",
            )


def _people(case: Scenario) -> None:
    people = sum(d.population_low for d in case.districts)
    if case.header.people.ex_combatants > people:
        raise ScenarioError(
            _file(case, "scenario.toml"),
            f"{case.header.people.ex_combatants} former fighters are more than the {people} people "
            "(population_low) of all districts",
            where="people.ex_combatants",
        )
