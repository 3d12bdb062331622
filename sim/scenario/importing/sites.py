"""Sites of a mission by map, from Geo-PKO (site by map date, or by year) or RADPKO (base by year).

A site was there from its first map with troops, counted or "unknown", to its last; maps between on which
it is missing count as gaps of the maps. What tables get wrong is mended here, and noted:

- Rows of a site and month are added only if they come from one map (headquarters and camp); of several
  maps said to be of one month, one is taken.
- A site lies where most of its rows put it, whatever a stray row says.
- A row without coordinates lies where the other rows of its site do, or is left aside.
- A site whose name ends on the map before another begins at the same place is that other, renamed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import isotonic_regression

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import geo, tables
from sim.scenario.importing.mistakes import Gather, every
from sim.scenario.importing.report import Notes

CHANGE = 0.1
"""Smaller changes of a garrison between maps are not followed."""
LEAST_CHANGE = 50
"""Nor are changes of fewer troops."""
SAME_PLACE_KM = 1.0
"""Within which a name that ends and one that begins are one base."""
STRAY_KM = 5.0
"""Beyond which a site's rows do not agree about its place."""
TWO_PLACES_KM = 10.0
"""Beyond which two rows of one name on one map are two sites."""

_GEOPKO = {
    "mission": ("mission",),
    "name": ("location",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "year": ("year",),
    # the yearly table has both: the average over the maps, and the number of one of them
    "troops": ("ave.no.troops", "no_troops"),
}
_GEOPKO_TOO = {"month": ("month",), "site": ("site_id",), "country": ("country",), "map": ("source",)}
_GEOPKO_HINTS = {"untrp": "is a RADPKO table; give it with --radpko"}
_RADPKO = {
    "mission": ("mission",),
    "name": ("base",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "date": ("date",),
    "troops": ("untrp",),
}
_RADPKO_TOO = {"country": ("country",)}
_RADPKO_HINTS = {"no_troops": "is a Geo-PKO table; give it with --geopko"}


@dataclass
class Site:
    """A site of a mission: where it is, and its troops by map (None: there, but not counted)."""

    name: str
    country: str
    latitude: float
    longitude: float
    troops: dict[date, float | None] = field(default_factory=dict)
    since: date | None = None
    """First day it was seen, if the source knows better than by its maps."""

    def counted(self) -> list[date]:
        """Return the maps that count troops here, in order."""
        return sorted(day for day, n in self.troops.items() if n)

    def seen(self) -> list[date]:
        """Return the maps that show troops here, counted or not, in order; none if none counts them."""
        return sorted(day for day, n in self.troops.items() if n or n is None) if self.counted() else []

    def steps(self) -> list[tuple[date, int]]:
        """Return the maps on which its strength changes, and to what: rising to a peak, falling from it."""
        there = self.counted()
        found: list[tuple[date, int]] = []
        for day, n in zip(there, unimodal([self.troops[day] or 0.0 for day in there]), strict=True):
            if not found or abs(n - found[-1][1]) >= max(LEAST_CHANGE, CHANGE * found[-1][1]):
                found.append((day, max(1, round(n))))
        return found


def unimodal(counts: Sequence[float]) -> list[float]:
    """Return the sequence nearest to counts (least squares) that rises to a peak and falls from there.

    Its sum is that of the counts.
    """
    best: list[float] = []
    least = float("inf")
    for peak in range(1, len(counts) + 1):
        up = isotonic_regression(counts[:peak]).x
        down = isotonic_regression(counts[peak:], increasing=False).x if peak < len(counts) else []
        if len(down) and down[0] > up[-1]:
            continue  # the peak is later
        fit = [*map(float, up), *map(float, down)]
        error = sum((a - b) ** 2 for a, b in zip(fit, counts, strict=True))
        if error < least - 1e-9:
            best, least = fit, error
    return best


def middle(one: date, other: date) -> date:
    """Return the day in the middle of two."""
    return one + timedelta(days=(other - one).days // 2)


@dataclass(frozen=True)
class Stay:
    """A site's time: the maps before and after tell between which days it opened and closed."""

    first: date
    last: date
    opened: tuple[date, date] | None
    """None if it is on the first map of the mission."""
    closed: tuple[date, date] | None
    """None if it is on the last."""


def stay(site: Site, maps: Sequence[date]) -> Stay | None:
    """Return a site's time, None if no map counts troops there."""
    there = site.seen()
    if not there:
        return None
    first, last = there[0], there[-1]
    before = max((d for d in maps if d < first), default=None)
    after = min((d for d in maps if d > last), default=None)
    return Stay(first, last, (before, first) if before else None, (last, after) if after else None)


# -- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sighting:
    """A row: a site on a map."""

    line: int
    name: str
    country: str
    day: date
    map: str
    place: tuple[float, float] | None
    troops: float | None


def read_geopko(
    path: Path, missions: Sequence[str], *, encoding: str = "", notes: Notes | None = None
) -> dict[str, Site]:
    """Return the sites of missions from a Geo-PKO 2.x table with a row per site and map, or site and year."""
    notes = notes or Notes()
    sites = _read(path, (_GEOPKO, _GEOPKO_TOO, _GEOPKO_HINTS), missions, encoding, _geopko_day, notes)
    if any(day.day == 1 for site in sites.values() for day in site.troops):
        notes.add(
            "look twice",
            f"{path.name}: a row is a year, so bases open and close within half a year of the date given; "
            "the Geo-PKO table by site and map date tells it to the month",
        )
    return sites


def read_radpko(
    path: Path, missions: Sequence[str], *, encoding: str = "", notes: Notes | None = None
) -> dict[str, Site]:
    """Return the sites of missions from a RADPKO table with a row per base and year (or month)."""
    sites = _read(
        path, (_RADPKO, _RADPKO_TOO, _RADPKO_HINTS), missions, encoding, lambda line: line.day("date"),
        notes or Notes(),
    )  # fmt: skip
    monthly = any(len({day.year for day in site.troops}) < len(site.troops) for site in sites.values())
    if not monthly:
        # a row is a year, and its date the first month in it: count years, remember the month
        for site in sites.values():
            site.since = min(site.troops)
            site.troops = {date(day.year, 1, 1): n for day, n in site.troops.items()}
    return sites


def _geopko_day(line: tables.Line) -> date:
    """Return the day that stands for a map: the middle of its month; of a yearly row, the year's first."""
    year = line.whole("year", 1945, 2100)
    return date(year, line.whole("month", 1, 12), 15) if "month" in line.names else date(year, 1, 1)


def _read(
    path: Path,
    columns: tuple[tables.Names, tables.Names, Mapping[str, str]],
    missions: Sequence[str],
    encoding: str,
    day_of: Callable[[tables.Line], date],
    notes: Notes,
) -> dict[str, Site]:
    wanted = {m.casefold() for m in missions}
    seen: set[str] = set()
    rows: dict[str, list[_Sighting]] = defaultdict(list)
    whole_rows: set[tuple[str, ...]] = set()
    mistakes = Gather()
    needed, optional, hints = columns
    with mistakes:
        for line in tables.lines(
            path, needed, optional, encoding=encoding, mistakes=mistakes, notes=notes, hints=hints
        ):
            mission = line.text("mission")
            seen.add(mission)
            if mission.casefold() not in wanted:
                continue
            with mistakes:
                key, found = _sighting(line, day_of)
                row = tuple(line.row)
                if needed is _GEOPKO and "month" not in line.names:
                    # A year has a row for each count in it, and each has the average of the year.
                    row = (key, str(found.day), str(found.place), str(found.troops))
                if row in whole_rows:
                    what = f"{path.name}: rows that stand twice, counted once"
                    notes.add("left aside", what, f"line {line.number}, {found.name}")
                else:
                    whole_rows.add(row)
                    rows[key].append(found)
    mistakes.check()
    for mission in missions:
        if mission.casefold() not in {m.casefold() for m in seen}:
            mistakes.add(ScenarioError(path, f"has no mission {mission!r}; {did_you_mean(mission, seen)}"))
    mistakes.check()
    return _sites(path, rows, notes)


def _sighting(line: tables.Line, day_of: Callable[[tables.Line], date]) -> tuple[str, _Sighting]:
    """Return which site a row is of, and the row."""
    nowhere = line.blank("latitude") or line.blank("longitude")
    uncounted = line.blank("troops") or line.text("troops").casefold() == "unknown"
    place, day, troops, name = every(
        lambda: None if nowhere else line.place(),
        lambda: day_of(line),
        lambda: None if uncounted else line.count("troops", 100_000),
        lambda: "" if line.blank("name") else line.name("name"),
    )
    if not name:
        name = f"Site at {place[0]:.2f}, {place[1]:.2f}" if place else "Site without a name"
    country = line.text("country")
    key = line.text("site") or f"{name.casefold()}, {country.casefold()}"
    return key, _Sighting(line.number, name, country, day, line.text("map"), place, troops)


def _sites(path: Path, rows: Mapping[str, list[_Sighting]], notes: Notes) -> dict[str, Site]:
    sizes = Counter((r.map, r.day) for here in rows.values() for r in here)
    sites = {}
    for key, here in rows.items():
        if not any(r.place for r in here):
            what = f"{path.name}: rows without coordinates"
            for r in here:
                told = "not counted" if r.troops is None else f"{r.troops:,.0f} troops"
                notes.add("left aside", what, f"line {r.line}, {r.name}, {r.day:%B %Y}, {told}")
            continue
        for k, part in enumerate(_places(here)):
            sites[f"{key} ({k + 1})" if k else key] = _site(path, part, sizes, notes)
    return sites


def _places(rows: list[_Sighting]) -> list[list[_Sighting]]:
    """Return the rows of a name, apart where one map shows two places of that name."""
    groups: list[tuple[tuple[float, float], list[_Sighting]]] = []
    for r in rows:
        place = r.place
        if place is None:
            continue
        near = next((g for p, g in groups if geo.distance_km(*p, *place) <= TWO_PLACES_KM), None)
        if near is None:
            groups.append((place, [r]))
        else:
            near.append(r)
    shown = Counter((r.map, r.day) for _, g in groups for r in {(r.map, r.day): r for r in g}.values())
    if len(groups) == 1 or max(shown.values()) == 1:
        return [rows]
    groups[0][1].extend(r for r in rows if r.place is None)
    return [g for _, g in groups]


def _site(path: Path, rows: list[_Sighting], sizes: Counter[tuple[str, date]], notes: Notes) -> Site:
    places = [r.place for r in rows if r.place is not None]
    latitude, longitude = _middle_place(places)
    names = Counter(r.name for r in rows)
    name = max(names, key=lambda n: (names[n], max(r.day for r in rows if r.name == n)))
    away = [float(geo.distance_km(latitude, longitude, *p)) for p in places]
    if max(away) > STRAY_KM:
        stray = sum(km > STRAY_KM for km in away)
        notes.add(
            "look twice",
            f"{path.name}: sites whose rows lie apart; the place of most of them was taken",
            f"{name}, {stray} of {len(away)} rows up to {max(away):.0f} km away",
        )
    if len(places) < len(rows):
        what = f"{path.name}: rows without coordinates, put where the site's other rows are"
        notes.add("mended", what, f"{name}, {len(rows) - len(places)} rows")
    site = Site(name, rows[0].country, latitude, longitude)
    for r in _of_one_map(path, rows, sizes, notes):
        before = site.troops.get(r.day)
        site.troops[r.day] = r.troops if before is None else before + (r.troops or 0)
    return site


def _middle_place(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the place with the least sum of distances to all: that of most rows, if most agree."""
    points = Counter(places)
    if len(points) == 1:
        return places[0]
    lat, lon = (np.array(x) for x in zip(*points, strict=True))
    weight = np.array(list(points.values()))
    away = geo.distance_km(lat[:, None], lon[:, None], lat, lon) @ weight
    return list(points)[int(np.argmin(away))]


def _of_one_map(
    path: Path, rows: Sequence[_Sighting], sizes: Counter[tuple[str, date]], notes: Notes
) -> list[_Sighting]:
    """Return a site's rows with one map a month: of several, that with most rows in the month.

    The row of another map whose other rows are of another month is a slip, and goes there.
    """
    days = {r.day for r in rows}
    result = []
    for day in sorted(days):
        here = [r for r in rows if r.day == day]
        best = max({r.map: r.line for r in here}.items(), key=lambda m: (sizes[m[0], day], m[1]))[0]
        for r in here:
            if r.map == best:
                result.append(r)
                continue
            others = {d: n for (m, d), n in sizes.items() if m == r.map and d != day}
            usual = max(others, key=lambda d: (others[d], d), default=day)
            moves = others.get(usual, 0) >= sizes[r.map, day] and usual not in days
            if moves:
                days.add(usual)
                result.append(replace(r, day=usual))
            told = f"the row of {r.name} read as of {usual:%B %Y}" if moves else "left aside"
            notes.add(
                "left aside",
                f"{path.name}: rows of a second map of one month, not added up",
                f"{day:%B %Y}, {r.map[:50]!r} beside {best[:50]!r}: {told}",
            )
    return result


# -- renamed sites ---------------------------------------------------------------------------------


def join_renamed(sites: Mapping[str, Site], notes: Notes, separate: Iterable[str] = ()) -> dict[str, Site]:
    """Return sites with those joined that are one place under names that follow each other.

    Two sites are one if they lie within `SAME_PLACE_KM`, no map shows troops at both, and wherever one
    follows the other it does so from one map to the next. Those named in `separate` stay apart.
    """
    result = dict(sites)
    maps = sorted({day for site in sites.values() for day in site.troops})
    order = {day: i for i, day in enumerate(maps)}
    alone = {name.casefold() for name in separate}
    while True:
        shown = sorted((k for k in result if result[k].seen()), key=lambda k: (result[k].seen()[0], k))
        pairs = [
            (km, one, other)
            for i, one in enumerate(shown)
            for other in shown[i + 1 :]
            if not {result[one].name.casefold(), result[other].name.casefold()} & alone
            and (km := _apart(result[one], result[other])) <= SAME_PLACE_KM
            and _follow(result[one].seen(), result[other].seen(), order)
        ]
        if not pairs:
            return result
        km, one, other = min(pairs)
        first, second = result[one], result.pop(other)
        joined = _joined(first, second)
        result[one] = joined
        when = f"{second.seen()[0]:%B %Y}"
        notes.add(
            "joined",
            "one base under two names: one ends on the map before the other begins, at the same place",
            f"{first.name} and {second.name} ({km:.1f} km apart, from {when}), as {joined.name}",
        )


def _apart(one: Site, other: Site) -> float:
    return float(geo.distance_km(one.latitude, one.longitude, other.latitude, other.longitude))


def _follow(one: Sequence[date], other: Sequence[date], order: Mapping[date, int]) -> bool:
    if set(one) & set(other):
        return False
    of = {**dict.fromkeys(one, 0), **dict.fromkeys(other, 1)}
    days = sorted(of)
    changes = [(a, b) for a, b in pairwise(days) if of[a] != of[b]]
    return all(order[b] - order[a] == 1 for a, b in changes)


def _joined(one: Site, other: Site) -> Site:
    """Return two sites as one, under the name that more maps have, or the later."""
    keeps = one if len(one.counted()) > len(other.counted()) else other
    troops = {**one.troops, **other.troops}
    for day in one.troops.keys() & other.troops.keys():
        both = [n for n in (one.troops[day], other.troops[day]) if n]
        troops[day] = both[0] if both else None
    since = min((s.since for s in (one, other) if s.since), default=None)
    return Site(keeps.name, keeps.country, keeps.latitude, keeps.longitude, troops, since)
