"""Administrative units from tables: middle points and neighbours, and people by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import tables
from sim.scenario.importing.areas import Area, Borders, pair
from sim.scenario.importing.mistakes import Gather, every
from sim.scenario.importing.report import Notes

_NODES = {
    "code": ("id", "pcode", "code"),
    "name": ("name",),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "longitude", "long"),
    "km2": ("area_km2", "area_sqkm"),
}
_NODES_TOO = {
    "parent": ("parent", "province"),
    "population": ("population", "T_TL", "pop"),
    "country": ("iso", "iso3", "country"),
}
_EDGES = {"one": ("id1", "origin", "from"), "other": ("id2", "destination", "to")}
_EDGES_TOO = {"km": ("shared_border_km_approx", "shared_border_km", "border_km")}


def read_nodes(
    nodes: Path, edges: Path, *, country: str = "", encoding: str = "", notes: Notes | None = None
) -> tuple[list[Area], Borders]:
    """Return units and their borders from a table of middle points and one of neighbours."""
    notes = notes or Notes()
    areas: dict[str, Area] = {}
    elsewhere: set[str] = set()
    countries: set[str] = set()
    mistakes = Gather()
    with mistakes:
        for line in tables.lines(
            nodes, _NODES, _NODES_TOO, encoding=encoding, mistakes=mistakes, notes=notes
        ):
            with mistakes:
                here = line.text("country")
                countries.add(here)
                code = line.name("code")
                if country and here.casefold() != country.casefold():
                    elsewhere.add(code)
                elif code in areas:
                    raise line.error("code", f"{code!r} appears twice; give each unit its own")
                else:
                    areas[code] = _area(line, code)
    with mistakes:  # of the second table tell at least the columns that are missing
        tables.check_columns(edges, _EDGES, encoding)
    mistakes.check()
    if not areas:
        raise ScenarioError(
            nodes, f"has no unit of {country!r}; {did_you_mean(country, countries)}", where="--country"
        )
    if not country and len(countries) > 1:
        raise ScenarioError(
            nodes,
            f"has units of {len(countries)} countries ({', '.join(sorted(countries)[:8])}); choose one",
            where="--country",
        )
    return list(areas.values()), _borders(edges, areas, elsewhere, nodes, encoding)


def _area(line: tables.Line, code: str) -> Area:
    name, (latitude, longitude), km2, people = every(
        lambda: line.name("name"),
        line.place,
        lambda: line.value("km2", 1e-3, 1e7),
        lambda: None if line.blank("population") else line.people("population"),
    )
    return Area(
        code=code,
        name=name,
        parent="" if line.blank("parent") else line.name("parent"),
        latitude=latitude,
        longitude=longitude,
        km2=km2,
        population=people,
        members=((code, people),),
    )


def _borders(
    edges: Path, areas: Mapping[str, Area], elsewhere: set[str], nodes: Path, encoding: str
) -> Borders:
    borders: Borders = {}
    mistakes = Gather()
    with mistakes:
        for line in tables.lines(edges, _EDGES, _EDGES_TOO, encoding=encoding, mistakes=mistakes):
            with mistakes:
                one, other = line.text("one"), line.text("other")
                if one in areas and other in areas and one != other:
                    borders[pair(one, other)] = 1.0 if line.blank("km") else line.value("km", 0, 1e5)
                for key, code in (("one", one), ("other", other)):
                    if code not in areas and code not in elsewhere:
                        problem = f"{code!r:.40} is not a unit of {nodes}; {did_you_mean(code, areas)}"
                        raise line.error(key, problem)
    mistakes.check()
    return borders


def read_population(
    path: Path, *, column: str = "", code_column: str = "", encoding: str = "", notes: Notes | None = None
) -> dict[str, int]:
    """Return people by code from a table such as `pcode,population` (COD-PS: `ADM2_PCODE`, `T_TL`)."""
    notes = notes or Notes()
    codes = (
        (code_column,) if code_column else ("pcode", "ADM2_PCODE", "ADM3_PCODE", "ADM1_PCODE", "id", "code")
    )
    needed = {"code": codes, "population": (column,) if column else ("population", "T_TL", "pop")}
    found: dict[str, int | None] = {}
    mistakes = Gather()
    with mistakes:
        for line in tables.lines(path, needed, encoding=encoding, mistakes=mistakes, notes=notes):
            with mistakes:
                if line.blank("code"):  # sums under the table
                    what = f"{path.name}: rows of people without a code"
                    notes.add("left aside", what, f"line {line.number}, {line.text('population')[:20]!r}")
                    continue
                code = line.name("code")
                people = None if line.blank("population") else line.people("population")
                if code in found and found[code] != people:
                    raise line.error("code", f"{code!r} appears twice; keep one row a unit")
                if code in found:
                    notes.add("left aside", f"{path.name}: rows that stand twice, counted once", code)
                found[code] = people
    mistakes.check()
    return {code: people for code, people in found.items() if people is not None}


def with_population(areas: Sequence[Area], people: Mapping[str, int], path: Path) -> list[Area]:
    """Return units with the people of a table; those not in it keep what they had."""
    if not any(a.code in people for a in areas):
        raise ScenarioError(
            path,
            f"none of its codes ({', '.join(sorted(people)[:3])} ...) is a unit of the map "
            f"({', '.join(a.code for a in areas[:3])} ...); is it of the same level and edition?",
        )
    result = []
    for a in areas:
        n = people.get(a.code, a.population)
        result.append(replace(a, population=n, members=((a.code, n),)))
    return result
