"""Violence before the start, per district, from UCDP GED events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import tables, write
from sim.scenario.importing.areas import Locator
from sim.scenario.importing.districts import Made
from sim.scenario.plausible import PLACEHOLDERS

Measure = Literal["events", "deaths", "civilians"]
PRECISION = 3
"""GED's where_prec up to which an event counts: 1 the place itself, 2 near it, 3 the second-order
administrative unit; from 4 on only the province, an area or the country is known."""

_GED = {
    "date": ("date_start",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "best": ("best",),
    "civilians": ("deaths_civilians",),
    "type": ("type_of_violence",),
}
_GED_TOO = {"country": ("country",), "precision": ("where_prec",)}


@dataclass
class Events:
    """Events in the window: how many at each place, and what was left aside."""

    places: Counter[tuple[float, float]] = field(default_factory=Counter)
    events: int = 0
    vague: int = 0
    last: date | None = None
    """Day of the last event of the country in the file, whatever the window."""


def read_ged(
    path: Path,
    first: date,
    last: date,
    *,
    country: str = "",
    kinds: Sequence[int] = (1, 2, 3),
    measure: Measure = "events",
    precision: int = PRECISION,
    encoding: str = "",
) -> Events:
    """Return the events of a window from a GED table, official or an extract with its column names."""
    found = Events()
    countries: set[str] = set()
    wanted = country.casefold()
    for line in tables.lines(path, _GED, _GED_TOO, encoding=encoding):
        if country:
            here = line.text("country")
            countries.add(here)
            if here.casefold() != wanted:
                continue
        day = line.day("date")
        found.last = max(found.last or day, day)
        if not first <= day <= last or line.whole("type", 1, 3) not in kinds:
            continue
        latitude, longitude = line.value("latitude", -90, 90), line.value("longitude", -180, 180)
        weight = 1
        if measure != "events":
            weight = line.whole("best" if measure == "deaths" else "civilians", 0, 1_000_000)
        if line.text("precision") and line.whole("precision", 1, 7) > precision:
            found.vague += 1
            continue
        found.events += 1
        found.places[latitude, longitude] += weight
    if country and found.last is None:
        known = {name for name in countries if name}
        if not known:
            raise ScenarioError(path, f"does not name countries; leave --country {country} out")
        raise ScenarioError(path, f"has no event in {country!r}; {did_you_mean(country, known)}")
    return found


def make(
    folder: Path,
    events: Events,
    locator: Locator,
    ids: Sequence[str],
    *,
    first: date,
    last: date,
    measure: Measure,
    source: str,
    force: bool,
) -> Made:
    """Return districts.csv with `baseline_violence` filled; its other cells stay as they are."""
    path = folder / "districts.csv"
    header, rows = write.raw_rows(path)
    filled = [
        r
        for r in rows
        if (r.get("baseline_violence") or "0").strip() not in ("", "0", "0.0")
        or "violence: " in r.get("source", "")
    ]
    if filled and not force:
        raise ScenarioError(
            path,
            f"baseline_violence is filled already ({filled[0]['id']}: {filled[0]['baseline_violence']}); "
            "--force replaces it",
        )
    places = list(events.places)
    found = locator.find([lat for lat, _ in places], [lon for _, lon in places])
    sums: Counter[str] = Counter()
    outside = 0
    for place, i in zip(places, found, strict=True):
        if i is None:
            outside += events.places[place]
        else:
            sums[ids[i]] += events.places[place]
    for row in rows:
        row["baseline_violence"] = str(sums[row["id"].strip()])
        if "source" in row:
            kept = [s for s in row["source"].split("; ") if s and not s.startswith("violence: ")]
            row["source"] = "; ".join([*kept, f"violence: {source}, {measure} {first} to {last}"])
        if "note" in row:
            row["note"] = without_placeholder(row["note"], "baseline_violence")
    total = sum(events.places.values())
    told = [
        f"{events.events:,d} events of {first} to {last} with a known place"
        + ("" if measure == "events" else f", {total:,d} {measure}"),
        f"{total - outside:,d} {measure} in {len(+sums)} of {len(rows)} districts, {outside:,d} outside "
        "all of them",
    ]
    if events.vague:
        told.append(
            f"{events.vague:,d} events left aside: only their province, area or country is known (where_prec "
            f"above {PRECISION})"
        )
    if events.last and events.last < last:
        told.append(f"the last event in the file is of {events.last}: does it cover the whole window?")
    return Made({"districts.csv": write.table(header, rows)}, tuple(told))


def without_placeholder(note: str, column: str) -> str:
    """Return a note whose list of placeholders no longer names a column."""
    if not note.startswith(PLACEHOLDERS):
        return note
    listed, semicolon, rest = note.removeprefix(PLACEHOLDERS).partition(";")
    left = [name for name in (n.strip() for n in listed.split(",")) if name and name != column]
    if not left:
        return rest.strip()
    return f"{PLACEHOLDERS}{', '.join(left)}{semicolon}{rest}"


def districts_of(record: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the district of each administrative unit, by code, as record.csv keeps it."""
    return {r["code"]: r["name"] for r in record if r["kind"] == "population" and r.get("code")}
