"""Violent events of a window of time, from UCDP GED or from ACLED; an event that stands twice counts once.

UCDP GED holds events of organised violence in which somebody died. ACLED holds more; what counts here are
its battles, its explosions and remote violence, and its violence against civilians, deadly or not. Its
riots, protests and strategic developments do not: the model's `baseline_violence` is about armed actors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import tables
from sim.scenario.importing.mistakes import Gather, every
from sim.scenario.importing.report import Notes

Measure = Literal["events", "deaths", "civilians"]
GED_TYPES = ("1", "2", "3")
"""GED's type_of_violence: state-based, non-state, one-sided."""
GED_PRECISION = 3
"""GED's where_prec up to which an event counts: 1 the place itself, 2 near it, 3 the second-order
administrative unit; from 4 on only the province, an area or the country is known."""
ACLED_TYPES = ("Battles", "Explosions/Remote violence", "Violence against civilians")
ACLED_PRECISION = 2
"""ACLED's geo_precision up to which an event counts: 1 the place itself, 2 near it; 3 a larger region."""
ACLED_KNOWN = (*ACLED_TYPES, "Riots", "Protests", "Strategic developments")

_GED = {
    "date": ("date_start",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "best": ("best",),
    "civilians": ("deaths_civilians",),
    "type": ("type_of_violence",),
}
_GED_TOO = {"id": ("id",), "country": ("country",), "precision": ("where_prec",)}
_GED_HINTS = {"event_id_cnty": "is an ACLED table; give it with --acled"}
_ACLED = {
    "date": ("event_date",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "best": ("fatalities",),
    "type": ("event_type",),
}
_ACLED_TOO = {
    "id": ("event_id_cnty", "data_id"),
    "country": ("country",),
    "precision": ("geo_precision",),
    "target": ("civilian_targeting",),
}
_ACLED_HINTS = {
    "type_of_violence": "is a UCDP GED table; give it with --ged",
    "fatalities": "has no row for each event with its type, day and coordinates; sums by month and district "
    "cannot be read, export the events (acleddata.com, Data Export Tool)",
}


@dataclass(frozen=True)
class Event:
    """An event that counts: its place and its weight in the measure asked for."""

    place: tuple[float, float]
    weight: int


@dataclass
class Events:
    """Events in the window: how many at each place, and what was left aside."""

    places: Counter[tuple[float, float]] = field(default_factory=Counter)
    events: int = 0
    vague: int = 0
    last: date | None = None
    """Day of the last event of the country in the file, whatever the window."""


@dataclass(frozen=True)
class Asked:
    """Which events count, and how."""

    first: date
    last: date
    country: str = ""
    types: Sequence[str] = ()
    """Empty: those that count without being asked for."""
    measure: Measure = "events"
    precision: int | None = None
    """None: as precise as the district."""


_VAGUE = "vague"
_Read = Callable[[tables.Line, Asked], "Event | str | None"]


def read_ged(path: Path, asked: Asked, *, encoding: str = "", notes: Notes | None = None) -> Events:
    """Return the events of a UCDP GED table, official or an extract with its column names."""
    return _read(path, asked, (_GED, _GED_TOO, _GED_HINTS), _ged_event, encoding, notes or Notes())


def read_acled(path: Path, asked: Asked, *, encoding: str = "", notes: Notes | None = None) -> Events:
    """Return the events of an ACLED export.

    Deaths are its fatalities; civilians killed are those of violence against civilians, and of other
    events that it marks as targeting civilians, where it does.
    """
    return _read(path, asked, (_ACLED, _ACLED_TOO, _ACLED_HINTS), _acled_event, encoding, notes or Notes())


def acled_type(text: str) -> str:
    """Return ACLED's event type by today's name ('Battle-Government regains territory': 'Battles')."""
    plain = text.casefold().strip()
    if plain.startswith("battle"):
        return "Battles"
    if "remote violence" in plain or plain.startswith("explosion"):
        return "Explosions/Remote violence"
    return next((known for known in ACLED_KNOWN if known.casefold() == plain), "")


def _read(
    path: Path,
    asked: Asked,
    columns: tuple[tables.Names, tables.Names, Mapping[str, str]],
    event_of: _Read,
    encoding: str,
    notes: Notes,
) -> Events:
    found = Events()
    countries: set[str] = set()
    wanted = asked.country.casefold()
    by_id: dict[str, Event | str | None] = {}
    needed, optional, hints = columns
    mistakes = Gather()
    with mistakes:
        for line in tables.lines(
            path, needed, optional, encoding=encoding, mistakes=mistakes, notes=notes, hints=hints
        ):
            if wanted:
                here = line.text("country")
                countries.add(here)
                if here.casefold() != wanted:
                    continue
            with mistakes:
                day = line.day("date")
                found.last = max(found.last or day, day)
                inside = asked.first <= day <= asked.last
                event = event_of(line, asked) if inside else None
                key = line.text("id") or f"line {line.number}"
                if key in by_id:
                    what = f"{path.name}: events that stand more than once, counted once (the last row)"
                    notes.add("left aside", what, f"id {key}")
                by_id[key] = event
                if inside and (line.blank("latitude") or line.blank("longitude")):
                    notes.add(
                        "left aside", f"{path.name}: events without coordinates", f"line {line.number}, {day}"
                    )
    mistakes.check()
    for event in by_id.values():
        if isinstance(event, Event):
            found.events += 1
            found.places[event.place] += event.weight
        elif event == _VAGUE:
            found.vague += 1
    if asked.country and found.last is None:
        known = {name for name in countries if name}
        if not known:
            problem = f"does not name countries; leave --country {asked.country} out"
            raise ScenarioError(path, problem)
        raise ScenarioError(path, f"has no event in {asked.country!r}; {did_you_mean(asked.country, known)}")
    return found


def _ged_event(line: tables.Line, asked: Asked) -> Event | str | None:
    kind = str(line.whole("type", 1, 3))
    if kind not in (asked.types or GED_TYPES) or line.blank("latitude") or line.blank("longitude"):
        return None
    cell = "best" if asked.measure == "deaths" else "civilians"
    place, weight, vague = every(
        line.place,
        lambda: 1 if asked.measure == "events" else line.whole(cell, 0, 1_000_000),
        lambda: _vague(line, 7, asked.precision or GED_PRECISION),
    )
    return _VAGUE if vague else Event(place, weight)


def _acled_event(line: tables.Line, asked: Asked) -> Event | str | None:
    kind = acled_type(line.text("type"))
    if not kind:
        known = ", ".join(ACLED_KNOWN)
        raise line.error("type", f"{line.text('type')[:40]!r} is no event type of ACLED ({known})")
    if kind not in (asked.types or ACLED_TYPES) or line.blank("latitude") or line.blank("longitude"):
        return None
    at_civilians = kind == "Violence against civilians" or not line.blank("target")
    counts = asked.measure == "deaths" or at_civilians
    place, weight, vague = every(
        line.place,
        lambda: 1 if asked.measure == "events" else line.whole("best", 0, 1_000_000) * counts,
        lambda: _vague(line, 3, asked.precision or ACLED_PRECISION),
    )
    return _VAGUE if vague else Event(place, weight)


def _vague(line: tables.Line, highest: int, most: int) -> bool:
    return not line.blank("precision") and line.whole("precision", 1, highest) > most
