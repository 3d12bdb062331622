"""Districts and routes from administrative units, with stated placeholders for what no map tells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sim.scenario.case import RECORD
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import PLACEHOLDERS
from sim.scenario.importing import geo, outlines, write
from sim.scenario.importing.areas import Area, Borders
from sim.scenario.importing.report import Notes
from sim.scenario.outlines import OUTLINES
from sim.scenario.schema import TABLES, Header, RecordRow, Row

# Guesses. With these, 27 km of road an hour and 1.4 km of road a km as the crow flies, a route takes as
# long as the median route of the DRC case, 19 km/h as the crow flies (nine in ten routes: 3 to 36); in the
# wet season it takes there 1.9 times as long (1.6 to 2.7).
SPEED_KMH = 27.0
DETOUR = 1.4
WETTER = 1.9
INNER = 2 / 3
"""Radii of the larger of two neighbours that lie between their middle points at least: so far are people of
a round district from a town in its middle, on average. Middle points of a town and its land coincide."""
POPULATION_RANGE = 0.2
"""Either side of a population; a guess at how wrong projections of old censuses are."""
UNKNOWN_RANGE = 3.0
"""Times, either way, for a population that had to be guessed from area."""
TOWN_DENSITY = 500.0
"""People a km2 above which a unit is taken for a town."""
PLACEHOLDER: Mapping[str, float] = {
    "concealment": 0.5,
    "rents": 0.3,
    "state_reach": 0.4,
    "state_control": 0.4,
    "displaced": 0,
    "baseline_violence": 0,
}


@dataclass(frozen=True)
class Ways:
    """How routes are made of neighbours."""

    speed_kmh: float = SPEED_KMH
    detour: float = DETOUR
    wetter: float = WETTER


@dataclass(frozen=True)
class Made:
    """Files for a scenario's folder, and what to tell the person who asked for them."""

    files: Mapping[str, str | None]
    """Text by name; None for one to take away."""
    told: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """What could not be filled from the data."""


def slug(name: str) -> str:
    """Return a name in lower case without accents, with hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def ids_of(areas: Sequence[Area]) -> list[str]:
    """Return a short unique id for each unit: its name, with its province or code where names repeat."""
    result = []
    plain = [slug(a.name) for a in areas]
    longer = [f"{slug(a.name)}-{slug(a.parent)}" for a in areas]
    for i, a in enumerate(areas):
        if plain[i] and plain.count(plain[i]) == 1:
            result.append(plain[i])
        elif plain[i] and a.parent and longer.count(longer[i]) == 1 and longer[i] not in plain:
            result.append(longer[i])
        else:
            result.append(a.code.casefold())
    return result


def _shown_names(areas: Sequence[Area], notes: Notes) -> dict[str, str]:
    """Return a name to show for each unit: its own, with its province or code where names repeat."""
    plain = [a.name for a in areas]
    longer = [f"{a.name} ({a.parent or a.code})" for a in areas]
    result = {}
    for a, name in zip(areas, longer, strict=True):
        if plain.count(a.name) == 1:
            result[a.code] = a.name
            continue
        result[a.code] = name if longer.count(name) == 1 else f"{a.name} ({a.code})"
        notes.add("mended", "districts of one name, told apart", result[a.code])
    return result


def make(
    areas: Sequence[Area],
    borders: Borders,
    joined: Sequence[tuple[Area, Area, float]],
    *,
    source: str,
    population_source: str,
    ways: Ways,
    density: float | None,
    header: Header | None,
    source_file: Path,
    notes: Notes | None = None,
) -> Made:
    """Return districts.csv, routes.csv, outlines, the record of populations, and what a new folder needs.

    With a `header`, scenario.toml and empty tables for the actors are made too.
    """
    notes = notes or Notes()
    ids = dict(zip((a.code for a in areas), ids_of(areas), strict=True))
    names = _shown_names(areas, notes)
    told, missing = [], []
    districts = []
    per_km2 = _density(areas, density, source_file)
    for a in areas:
        people = a.population
        guessed = not people
        if people is None or people == 0:
            people = max(100, round(a.km2 * per_km2))
        low, high = (
            (1 / UNKNOWN_RANGE, UNKNOWN_RANGE) if guessed else (1 - POPULATION_RANGE, 1 + POPULATION_RANGE)
        )
        dense = people / a.km2 > TOWN_DENSITY
        # dense units are towns: nowhere to hide, and the state is there if it is anywhere
        row: dict[str, Any] = {
            **PLACEHOLDER,
            **({"concealment": 0.1, "state_reach": 0.7, "state_control": 0.8} if dense else {}),
            "id": ids[a.code],
            "name": names[a.code],
            "province": a.parent or a.name,
            "latitude": f"{a.latitude:.4f}",
            "longitude": f"{a.longitude:.4f}",
            "area_km2": f"{a.km2:.1f}",
            "population_low": round(people * low),
            "population": people,
            "population_high": round(people * high),
            "urban_share": 0.9 if dense else 0.15,
            "source": f"map: {source}; population: {'guess from area' if guessed else population_source}",
            "certainty": "estimate",
        }
        empty = [*(["population"] if guessed else []), "population range", "urban_share"]
        empty += list(PLACEHOLDER)
        row["note"] = f"{PLACEHOLDERS}{', '.join(empty)}"
        districts.append(row)
    unknown = [ids[a.code] for a in areas if not a.population]
    told.append(f"{len(districts)} districts, {sum(int(d['population']) for d in districts):,d} people")
    merged = [a for a in areas if len(a.members) > 1]
    if merged:
        told.append(f"{len(merged)} of them are several units merged (see record.csv for which)")
    if unknown:
        missing.append(
            f"districts.csv, population of {listed(unknown)}: guessed at {per_km2:.3g} people a km2"
        )
    missing.append(f"districts.csv, population_low and _high: {POPULATION_RANGE:.0%} either side, a guess")
    for column in ("urban_share", *PLACEHOLDER):
        values = sorted({float(d[column]) for d in districts})
        shown = " or ".join(f"{v:g}" for v in values) if len(values) < 4 else "by population"
        missing.append(f"districts.csv, {column}: {shown} everywhere, a placeholder")
    missing.append("districts.csv, border, crime, identities, tension: left empty")
    missing.append("places.csv: none; places are laid out by a rule, a place for 170,000 people")

    routes = [_route(a, b, ids, ways, notes) for a, b in _pairs(areas, borders)]
    told.append(f"{len(routes)} routes between neighbours")
    for a, b, km in joined:
        told.append(
            f"{ids[a.code]} and {ids[b.code]} share no border; joined by the shortest line between parts "
            f"({km:.0f} km) so that the network is whole. Is there a way?"
        )
    missing.append(
        f"routes.csv, hours: {ways.detour:g} km of way a km as the crow flies at {ways.speed_kmh:g} km/h, "
        f"{ways.wetter:g} times as long in the wet season; guesses, the same for roads, rivers and footpaths"
    )
    unused = ("communities", "border", "crime", "identities", "tension")
    by_outline = bool(areas) and all(a.outline for a in areas)
    files: dict[str, str | None] = {
        "districts.csv": write.table(write.columns_of(TABLES["districts.csv"], unused), districts),
        "routes.csv": write.table(write.columns_of(TABLES["routes.csv"]), routes),
        RECORD: write.table(write.columns_of(RecordRow), populations(areas, ids, population_source)),
        OUTLINES: outlines.simplified(areas, ids, notes) if by_outline else None,
    }
    if header is not None:
        files["scenario.toml"] = _header(header)
        for name, row_type in TABLES.items():
            if name not in files and not row_type.optional:
                rare = [
                    n for n, f in row_type.model_fields.items() if not f.is_required() and n not in _USUAL
                ]
                files[name] = write.table(write.columns_of(row_type, rare), [])
        missing += [
            "units.csv: empty (drawdown import bases)",
            "armed_groups.csv, state_forces.csv, humanitarian.csv: empty, to be written by hand",
            "scenario.toml, wet_months: a guess unless you gave them; [people], [host]: defaults",
        ]
    return Made(files, tuple(told), tuple(missing))


_USUAL = ("kind", "readiness", "opens", "until", "outside_supply", "arrears_weeks", *Row.model_fields)


def populations(areas: Sequence[Area], ids: Mapping[str, str], source: str) -> list[dict[str, Any]]:
    """Return the rows of record.csv that keep which units, with how many people, make up a district."""
    return [
        {
            "kind": "population",
            "name": ids[a.code],
            "code": code,
            "value": "" if people is None else people,
            "source": source,
            "certainty": "extract",
        }
        for a in areas
        for code, people in a.members
    ]


def _density(areas: Sequence[Area], given: float | None, file: Path) -> float:
    """Return people a km2 for units whose population is unknown."""
    if given is not None:
        return given
    known = [a for a in areas if a.population]
    if len(known) == len(areas):
        return 0.0
    if not known:
        raise ScenarioError(
            file,
            "holds no populations; give a table with --population, or a guess in people a km2 with --density",
        )
    # the middle one: a mean would spread the capital over the country
    return sorted((a.population or 0) / a.km2 for a in known)[len(known) // 2]


def _pairs(areas: Sequence[Area], borders: Borders) -> Iterator[tuple[Area, Area]]:
    by_code = {a.code: a for a in areas}
    for one, other in sorted(borders):
        yield by_code[one], by_code[other]


def _route(a: Area, b: Area, ids: Mapping[str, str], ways: Ways, notes: Notes) -> dict[str, Any]:
    between = float(geo.distance_km(a.latitude, a.longitude, b.latitude, b.longitude))
    least = INNER * max(a.radius_km, b.radius_km)
    km = max(between, least)
    told = f"{between:.0f} km between middle points"
    if between < least:
        told += f", {km:.0f} km taken: one lies within the other's reach"
        notes.add(
            "mended",
            "routes.csv: middle points much nearer than people are (a town in its land); two thirds of the "
            "larger radius taken",
            f"{ids[a.code]} and {ids[b.code]}, {between:.0f} km, taken for {km:.0f}",
        )
    dry = max(0.1, km * ways.detour / ways.speed_kmh)
    return {
        "origin": ids[a.code],
        "destination": ids[b.code],
        "hours_dry": f"{dry:.1f}",
        "hours_wet": f"{dry * ways.wetter:.1f}",
        "mode": "road",
        "source": "neighbours by shared border",
        "certainty": "estimate",
        "note": f"{PLACEHOLDERS}hours_dry, hours_wet, mode; {told}",
    }


def wet_months(latitude: float) -> list[int]:
    """Return a guess at the wet season in the tropics: two rains at the equator, one away from it."""
    if latitude > 4:
        return [5, 6, 7, 8, 9, 10]
    return [11, 12, 1, 2, 3, 4] if latitude < -4 else [3, 4, 5, 9, 10, 11]


def months(text: str) -> list[int]:
    """Return the months of a list such as '5,6,7'."""
    try:
        return [int(m) for m in text.split(",") if m.strip()]
    except ValueError:
        raise ScenarioError(
            "--wet-months", f"{text[:40]!r} must be numbers of months with commas, e.g. 5,6,7,8"
        ) from None


def new_header(folder: Path, title: str, start: date, end: date, wet: Sequence[int]) -> Header:
    """Return the header of a new scenario. Raises `ScenarioError` for a period or months that cannot be."""
    name = folder.name
    try:
        return Header(name=name, title=title or name, start=start, end=end, wet_months=list(wet))
    except ScenarioError as error:
        raise ScenarioError(folder / "scenario.toml", error.problem, where=error.where) from None


def _header(header: Header) -> str:
    return (
        f"name = {write.toml_string(header.name)}\n"
        f"title = {write.toml_string(header.title)}\n"
        f"start = {header.start}\n"
        f"end = {header.end}\n"
        f"wet_months = {header.wet_months}\n"
        'about = """\n'
        "Made by drawdown import: say here what the case is, what is estimated and what is left out.\n"
        '"""\n\n'
        "# What is assumed of communities at the start; these are the defaults.\n"
        "[people]\n"
        "trust_un = 0.5\n"
        "trust_state = 0.4\n"
        "organisation = 0.5\n"
        "fear = 0.1\n"
        "grievance = 0.3\n"
        "alert_network_share = 0.5\n"
    )


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return names with commas between, the first few of many."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
