"""Where people live and where units stand: the places and posts of a case, and the way between them.

A place is a settlement and its surroundings. A case gives its places in places.csv; a district that has
none there is laid out by rule, so that every case runs:

- It has one place for every `people_a_place` people (170,000, the size of a health zone in eastern DRC),
  at least two, so that distance means something, and at most twenty; or as many as `communities` in
  districts.csv says. How violent a world is depends on this grain, so it is the same for all cases.
- As large a share of them as of its people are towns. The first, its *seat* (a village where it has no
  town), lies at the district's coordinates, or at its main base if its coordinates are known: one named
  after the district, else the strongest. Further towns are quarters of it.
- Villages lie on a spiral of golden angles (Fermat's) around the district's coordinates, in the disc of
  its area, so that each has as much ground as the other; the first lies opposite to the town. There is no
  map of land and water in this: on a coast or an island a village may lie in the sea, and what counts is
  its distance.
- Each base whose coordinates are known, the strongest first, draws the nearest village to itself: bases
  stand where people live. It draws none where it stands in the town, beside another base's village, or
  outside its district (farther from the middle than `OUTSIDE` radii).

A base without coordinates stands at a place of its name, at the seat if it is the district's main base,
else at the villages in turn.

Coordinates and hours are rounded (about a metre, a third of a second): the last bits of sines differ
between machines, and may not reach the results.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.scenario.ways import nearest
from sim.world.state import NEAR

if TYPE_CHECKING:
    from sim.scenario.case import Scenario
    from sim.scenario.schema import District, PlaceRow

MOST = 24
"""Places that a unit can reach from its post at most."""
FEWEST, LARGEST = 2, 20
"""Places of a district that is laid out by rule."""
DETOUR = 1.3
"""Km of way a km as the crow flies, within a district and to the next (guess)."""
OUTSIDE = 2.0
"""Radii of a district, taken as a disc, beyond which a base stands outside it: many districts are long."""
WIDEST = 26.0
"""Km that a place is wide at most: beyond it nobody lives (guess)."""
TOWN_DENSITY = 5_000.0
"""People a km2 of a town, over which its quarters are spread (guess)."""
BESIDE = 5.0
"""Km within which two bases stand in the same place."""
EARTH = 6371.0
"""Its radius, km."""
GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
"""The golden angle, radians."""


class Place(NamedTuple):
    """A settlement and its surroundings."""

    name: str
    district: int
    """Row of districts.csv."""
    latitude: float
    longitude: float
    share: float
    """Of its district's people, the displaced left aside."""
    people_low: float
    """Residents at the start without the displaced: lower bound."""
    people: float
    people_high: float
    urban: bool
    breadth_km: float
    """Km from one end to the other: of a square with its part of the district's area, at most `WIDEST`."""
    remoteness: float
    """Hours from the seat of its district in the dry season."""
    identity: str
    """The community of identity that lives there, empty if it does not matter."""
    alert_network: bool
    """Whether it belongs to an alert network at the start."""


class Post(NamedTuple):
    """Where units act from: a base, or the seat of a district."""

    name: str
    district: int
    latitude: float
    longitude: float


class Layout(NamedTuple):
    """Places and posts of a case."""

    places: tuple[Place, ...]
    """By district, those of one side by side: its largest town (the seat) first."""
    spans: tuple[range, ...]
    """For each district, the rows of its places."""
    posts: tuple[Post, ...]
    """A post a base, in the order of `Scenario.bases`, then one a district, its seat."""

    def seat(self, district: int) -> Place:
        """Return the first place of a district, where its roads meet."""
        return self.places[self.spans[district].start]


@dataclass(frozen=True)
class Reach:
    """For each post the places that are nearest to it, by dry-season hours, then by row."""

    rows: np.ndarray
    """int64 (P, most): rows of places; -1 fills up."""
    hours: np.ndarray
    """float64 (2, P, most): hours to them in the dry and in the wet season."""
    count: np.ndarray
    """int64 (P,): how many there are."""


def layout(scenario: Scenario) -> Layout:
    """Return the places and posts of a scenario: the same from the same tables."""
    header = scenario.header.people
    given: dict[str, list[PlaceRow]] = {}
    for row in scenario.places:
        given.setdefault(row.district, []).append(row)
    bases: dict[str, list[_Base]] = {}
    for base in _bases(scenario):
        bases.setdefault(base.district, []).append(base)
    places: list[Place] = []
    spans: list[range] = []
    stands: dict[str, tuple[float, float]] = {}
    for d, district in enumerate(scenario.districts):
        here = bases.get(district.id, [])
        main = _main(district, here)
        if district.id in given:
            sites = _given(given[district.id])
        else:
            sites = _laid_out(district, d, header.people_a_place, main, here)
        stands |= _stand(sites, main, here)
        networks = math.ceil(header.alert_network_share * len(sites)) if here else 0
        seats = apportion([share for _, share in district.identities], len(sites))
        identities = [name for (name, _), n in zip(district.identities, seats, strict=True) for _ in range(n)]
        identities += [""] * (len(sites) - len(identities))
        breadth = min(math.sqrt(district.area_km2 / len(sites)), WIDEST)
        seat = sites[0]
        spans.append(range(len(places), len(places) + len(sites)))
        for k, site in enumerate(sites):
            way = DETOUR * float(km(seat.latitude, seat.longitude, site.latitude, site.longitude))
            places.append(
                Place(
                    name=site.name,
                    district=d,
                    latitude=site.latitude,
                    longitude=site.longitude,
                    share=site.share,
                    people_low=site.share * (district.population_low - district.displaced),
                    people=site.share * (district.population - district.displaced),
                    people_high=site.share * (district.population_high - district.displaced),
                    urban=site.urban,
                    breadth_km=breadth,
                    remoteness=round(way / header.local_speed_kmh, 4),
                    identity=identities[k],
                    alert_network=k < networks,
                )
            )
    index = {d.id: i for i, d in enumerate(scenario.districts)}
    at = {u.base: index[u.district] for u in scenario.units}
    posts = [Post(name, at[name], *stands[name]) for name in scenario.bases]
    for d, district in enumerate(scenario.districts):
        first = places[spans[d].start]
        posts.append(Post(district.name, d, first.latitude, first.longitude))
    return Layout(tuple(places), tuple(spans), tuple(posts))


def reach(scenario: Scenario, layout: Layout, most: int = MOST) -> Reach:
    """Return the `most` nearest places of each post, and the hours to them.

    Within a district units go straight, `DETOUR` km for a km at the local speed, or by way of the seat,
    whichever is shorter. To the next district, too, but no faster a km than by the route between the two
    seats: what slows that, a river or mountains, lies in between. Farther off they go by way of the seats:
    out of the own district, by the roads of routes.csv, into the other. In the wet season local ways take
    as much longer as the routes do on average. Looks no farther than the `NEAR` nearest districts of a
    post.
    """
    speed = scenario.header.people.local_speed_kmh
    wet = np.mean([r.hours_wet / r.hours_dry for r in scenario.routes]) if scenario.routes else 1.0
    near, roads, neighbours = nearest(scenario, NEAR)
    latitude = np.array([p.latitude for p in layout.places])
    longitude = np.array([p.longitude for p in layout.places])
    hours_in = np.array([[1.0], [wet]]) * np.array([p.remoteness for p in layout.places])
    spans = [np.arange(span.start, span.stop) for span in layout.spans]
    found = Reach(
        np.full((len(layout.posts), most), -1, np.int64),
        np.zeros((2, len(layout.posts), most)),
        np.zeros(len(layout.posts), np.int64),
    )
    seats = np.array([span.start for span in layout.spans], np.int64)
    an_hour = np.array([[1.0], [wet]]) * DETOUR / speed  # hours a km as the crow flies, dry and wet
    candidates: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for p, post in enumerate(layout.posts):
        d = post.district
        seat = layout.places[seats[d]]
        if d not in candidates:
            there = near[d][near[d] >= 0]
            road = roads[:, d, : len(there)]
            direct = np.zeros(len(there), bool)
            direct[neighbours[d][neighbours[d] >= 0]] = True
            apart = km(seat.latitude, seat.longitude, latitude[seats[there]], longitude[seats[there]])
            pace = np.where(direct, np.maximum(an_hour, road / np.maximum(apart, 1.0)), np.inf)
            pace[:, 0] = an_hour[:, 0]
            sizes = [len(spans[j]) for j in there]
            candidates[d] = (
                np.concatenate([spans[j] for j in there]),
                np.repeat(pace, sizes, axis=1),
                np.repeat(road, sizes, axis=1),
            )
        rows, pace, road = candidates[d]
        straight = km(post.latitude, post.longitude, latitude[rows], longitude[rows])
        out = km(post.latitude, post.longitude, seat.latitude, seat.longitude)
        around = an_hour * out + road + hours_in[:, rows]
        with np.errstate(invalid="ignore"):  # no distance at an infinite pace
            dry, in_rain = np.round(np.fmin(pace * straight, around), 4)
        nearest_first = np.lexsort((rows, dry))[:most]
        n = len(nearest_first)
        found.rows[p, :n] = rows[nearest_first]
        found.hours[0, p, :n] = dry[nearest_first]
        found.hours[1, p, :n] = in_rain[nearest_first]
        found.count[p] = n
    return found


def number_of_places(district: District, people_a_place: int) -> int:
    """Return how many places a district has where places.csv says nothing."""
    if district.communities is not None:
        return district.communities
    return min(max(FEWEST, round(district.population / people_a_place)), LARGEST)


def apportion(shares: Sequence[float], seats: int) -> list[int]:
    """Return how many of `seats` each share gets (largest remainders); what shares leave over stays free."""
    exact = [share * seats for share in shares]
    got = [int(x) for x in exact]
    left = round(sum(exact)) - sum(got)
    for i in sorted(range(len(exact)), key=lambda i: (got[i] - exact[i], i))[:left]:
        got[i] += 1
    return got


def km(
    latitude: float | np.ndarray,
    longitude: float | np.ndarray,
    other_latitude: float | np.ndarray,
    other_longitude: float | np.ndarray,
) -> np.ndarray:
    """Return the distance on the globe as the crow flies, km."""
    a, b = np.radians(latitude), np.radians(other_latitude)
    half = np.sin((b - a) / 2.0) ** 2
    half = half + np.cos(a) * np.cos(b) * np.sin(np.radians(other_longitude - longitude) / 2.0) ** 2
    return 2.0 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def radius(district: District) -> float:
    """Return the radius of a district as if it were a disc, km."""
    return math.sqrt(district.area_km2 / math.pi)


def outside(district: District, latitude: float, longitude: float) -> bool:
    """Return whether coordinates lie farther from a district's middle than it reaches."""
    return float(km(district.latitude, district.longitude, latitude, longitude)) > OUTSIDE * radius(district)


class _Base(NamedTuple):
    name: str
    district: str
    strength: int
    """Of the units there from the start."""
    at: tuple[float, float] | None


class _Site(NamedTuple):
    name: str
    latitude: float
    longitude: float
    share: float
    urban: bool


def _bases(scenario: Scenario) -> Iterator[_Base]:
    """Yield the bases in the order of units.csv."""
    for name in scenario.bases:
        units = scenario.units_at(name)
        strength = sum(u.strength for u in units if u.opens is None)
        at = next(
            ((u.latitude, u.longitude) for u in units if u.latitude is not None and u.longitude is not None),
            None,
        )
        yield _Base(name, units[0].district, strength, at)


def _main(district: District, bases: Sequence[_Base]) -> _Base | None:
    """Return the main base of a district: the strongest of those named after it, else the strongest."""
    strongest = sorted(bases, key=lambda b: -b.strength)
    named = [b for b in strongest if _named_after(b.name, district)]
    return next(iter(named or strongest), None)


def _named_after(base: str, district: District) -> bool:
    """Return whether a base bears the district's name: 'Masisi-centre' in Masisi, 'Beni' in Beni city."""
    words = _words(base)
    own = [_words(district.name), _words(district.id)]
    return bool(words) and any(name and (words <= name or name <= words) for name in own)


def _words(name: str) -> frozenset[str]:
    """Return the words of a name without what stands in brackets, in plain letters."""
    plain = unicodedata.normalize("NFD", name.partition("(")[0].casefold())
    return frozenset(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


def _given(rows: Sequence[PlaceRow]) -> list[_Site]:
    """Return the places of a district that places.csv gives: towns first, the largest of them first."""
    everybody = sum(row.people for row in rows)
    ordered = sorted(rows, key=lambda row: (-row.urban, -row.people))
    return [
        _Site(row.name, row.latitude, row.longitude, row.people / everybody, bool(row.urban))
        for row in ordered
    ]


def _laid_out(
    district: District, d: int, people_a_place: int, main: _Base | None, bases: Sequence[_Base]
) -> list[_Site]:
    """Return the places of a district by the rule above."""
    count = number_of_places(district, people_a_place)
    towns = min(count, round(count * district.urban_share))
    if district.urban_share >= 0.1:
        towns = max(towns, 1)
    if district.urban_share < 0.9 and count > 1:
        towns = min(towns, count - 1)
    villages = count - towns
    urban = (district.urban_share if villages else 1.0) if towns else 0.0
    middle = (district.latitude, district.longitude)
    edge = radius(district)
    seat = main.at if main and main.at and not outside(district, *main.at) else middle
    # the first village lies opposite to a town that is not in the middle, else in another direction in each
    # district
    east = ((seat[1] - middle[1] + 180.0) % 360.0 - 180.0) * math.cos(math.radians(middle[0]))
    turn = d * GOLDEN if seat == middle else math.atan2(-east, middle[0] - seat[0])
    across = min(edge, math.sqrt(urban * district.population / TOWN_DENSITY / math.pi))
    quarters = [_from(seat, turn + k * GOLDEN, across * math.sqrt(k / towns)) for k in range(towns)]
    # villages fill the district evenly by area: half of it lies beyond 0.7 of its radius
    around = [
        _from(middle, turn + k * GOLDEN, edge * math.sqrt((k + 0.5) / villages)) for k in range(villages)
    ]
    if not towns:
        around[0] = seat
    taken = [seat]
    free = list(range(0 if towns else 1, villages))
    for at in [b.at for b in sorted(bases, key=lambda b: -b.strength) if b.at is not None]:
        if not free or outside(district, *at):
            continue
        if any(km(*at, *spot) <= (max(BESIDE, across) if spot is seat else BESIDE) for spot in taken):
            continue
        away = [float(km(*at, *around[k])) for k in free]
        around[free.pop(away.index(min(away)))] = at
        taken.append(at)
    sites = [
        _Site(f"{district.name} town {k + 1}", *spot, urban / towns, True) for k, spot in enumerate(quarters)
    ]
    sites += [
        _Site(f"{district.name} villages {k + 1}", *spot, (1.0 - urban) / villages, False)
        for k, spot in enumerate(around)
    ]
    return sites


def _from(start: tuple[float, float], angle: float, distance: float) -> tuple[float, float]:
    """Return the point so many km from another, in a direction (radians from north)."""
    if not distance:
        return start
    a, arc = math.radians(start[0]), distance / EARTH
    sine = math.sin(a) * math.cos(arc) + math.cos(a) * math.sin(arc) * math.cos(angle)
    b = math.asin(max(-1.0, min(1.0, sine)))
    turned = math.atan2(
        math.sin(angle) * math.sin(arc) * math.cos(a), math.cos(arc) - math.sin(a) * math.sin(b)
    )
    longitude = (start[1] + math.degrees(turned) + 180.0) % 360.0 - 180.0
    return round(math.degrees(b), 5), round(longitude, 5)


def _stand(
    sites: Sequence[_Site], main: _Base | None, bases: Sequence[_Base]
) -> dict[str, tuple[float, float]]:
    """Return where each base of a district stands."""
    spot = {site.name: (site.latitude, site.longitude) for site in sites}
    by_name = {_words(name): at for name, at in spot.items()}
    seat = (sites[0].latitude, sites[0].longitude)
    known = [b.at for b in bases if b.at is not None]
    villages = [at for at in spot.values() if at != seat]
    free = [at for at in villages if all(km(*at, *base) > BESIDE for base in known)]
    villages = free or villages or [seat]
    stands: dict[str, tuple[float, float]] = {}
    turn = 0
    for base in bases:
        if base.at is not None:
            stands[base.name] = base.at
        elif _words(base.name) in by_name:
            stands[base.name] = by_name[_words(base.name)]
        elif base is main:
            stands[base.name] = seat
        else:
            stands[base.name] = villages[turn % len(villages)]
            turn += 1
    return stands
