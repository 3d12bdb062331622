"""Ways through the network of districts: who is near whom, and how long the way takes.

Every search stops as soon as what is asked for is settled, so that the work grows with the districts and
not with their square. Lengths are sums along a way from its origin, the least of all ways, as any
search of shortest ways finds them: the same to the last bit.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sim.scenario.case import Scenario
    from sim.scenario.schema import Route

Season = Literal["hours_dry", "hours_wet"]
Edges = Sequence[Sequence[tuple[float, int]]]
"""For each district (row) its routes: hours and the other district, the shortest first, then by row."""


class Near(NamedTuple):
    """Nearest districts of each district, itself first, then by dry-season hours, then by row."""

    rows: np.ndarray
    """int64 (D, most): rows of districts.csv; -1 fills up."""
    hours: np.ndarray
    """float64 (2, D, most): hours to them in the dry and in the wet season."""
    adjacent: np.ndarray
    """int64 (D, most): 1 where a route leads directly there (and for itself)."""


class Ways:
    """The network of a scenario by rows of districts.csv; get it from `ways`."""

    def __init__(self, ids: Sequence[str], routes: Sequence[Route]) -> None:
        self.row = {name: i for i, name in enumerate(ids)}
        self.edges: dict[Season, list[list[tuple[float, int]]]] = {
            "hours_dry": [[] for _ in ids],
            "hours_wet": [[] for _ in ids],
        }
        for route in routes:
            a, b = self.row[route.origin], self.row[route.destination]
            for season, edges in self.edges.items():
                hours = getattr(route, season)
                edges[a].append((hours, b))
                edges[b].append((hours, a))
        for edges in self.edges.values():
            for own in edges:
                own.sort()

    def hours_from(self, origin: int, season: Season = "hours_dry") -> dict[int, float]:
        """Return the hours from a district to every district that a way leads to."""
        return _search(self.edges[season], origin)

    def hours_to(
        self,
        origin: int,
        targets: Collection[int],
        season: Season = "hours_dry",
        *,
        within: float = float("inf"),
        most: int | None = None,
    ) -> dict[int, float]:
        """Return the hours from a district to those of `targets` that are found.

        Looks no farther than `within` hours, and at no more than `most` districts.
        """
        found = _search(self.edges[season], origin, targets, within, most)
        return {t: found[t] for t in targets if t in found}

    def nearest(self, most: int) -> Near:
        """Return the `most` nearest districts of each, by dry-season hours."""
        size = len(self.row)
        near = Near(
            np.full((size, most), -1, np.int64),
            np.zeros((2, size, most)),
            np.zeros((size, most), np.int64),
        )
        dry, wet = self.edges["hours_dry"], self.edges["hours_wet"]
        short = [_shortest_of(own, most) for own in dry]
        for i in range(size):
            found = _nearest(short, i, most)
            when_wet = _search(wet, i, [j for _, j in found])
            direct = {j for _, j in dry[i]} | {i}
            for k, (hours, j) in enumerate(found):
                near.rows[i, k] = j
                near.hours[0, i, k] = hours
                near.hours[1, i, k] = when_wet[j]
                near.adjacent[i, k] = int(j in direct)
        return near

    def apart(self) -> list[int]:
        """Return the smallest part of the network that no route joins to the rest, none if all is joined."""
        left = set(range(len(self.row)))
        parts = []
        while left:
            part = set(_search(self.edges["hours_dry"], min(left)))
            parts.append(sorted(part))
            left -= part
        return min(parts, key=lambda p: (len(p), p)) if len(parts) > 1 else []


def ways(case: Scenario) -> Ways:
    """Return the network of a scenario; of one that only differs in its schedules, the same object."""
    return _ways(tuple(d.id for d in case.districts), case.routes)


def nearest(case: Scenario, most: int) -> Near:
    """Return the `most` nearest districts of each district of a scenario, in arrays of your own."""
    with _one_at_a_time:  # the threads of a comparison start together
        made = _near(tuple(d.id for d in case.districts), case.routes, most)
    return Near(*(array.copy() for array in made))


def forget() -> None:
    """Forget the networks that were searched, to measure how long the search takes."""
    _ways.cache_clear()
    _near.cache_clear()


_one_at_a_time = threading.Lock()


@lru_cache(maxsize=4)
def _ways(ids: tuple[str, ...], routes: tuple[Route, ...]) -> Ways:
    return Ways(ids, routes)


@lru_cache(maxsize=4)
def _near(ids: tuple[str, ...], routes: tuple[Route, ...], most: int) -> Near:
    return _ways(ids, routes).nearest(most)


def _nearest(edges: Edges, origin: int, most: int) -> list[tuple[float, int]]:
    """Return hours and row of the `most` nearest districts, `origin` first, ties by row."""
    found: dict[int, float] = {}
    heap = [(0.0, -1, origin)]  # -1: itself comes first whatever its row
    while heap and len(found) < most:
        hours, _, here = heapq.heappop(heap)
        if here in found:
            continue
        found[here] = hours
        for way, there in edges[here]:
            if there not in found:
                heapq.heappush(heap, (hours + way, there, there))
    return [(hours, here) for here, hours in found.items()]


def _shortest_of(own: Sequence[tuple[float, int]], most: int) -> Sequence[tuple[float, int]]:
    """Return those of a district's routes that can lead to one of the `most` nearest of any district.

    The first `most`; and any that rounding could make as long as the last of these.
    """
    if len(own) <= most:
        return own
    last = own[most - 1][0]
    begin, end = (bisect_right(own, (hours, len(own) << 40)) for hours in (last, last * (1.0 + 1e-9)))
    return [*own[:most], *own[begin:end]]


def _search(
    edges: Edges,
    origin: int,
    targets: Collection[int] | None = None,
    within: float = float("inf"),
    most: int | None = None,
) -> dict[int, float]:
    """Return hours to districts, at least to `targets` (default all), within bounds.

    A target is settled, too, when all districts that a route joins to it are: one that the wet season
    cuts off does not send the search through the whole network.
    """
    found: dict[int, float] = {}
    open_ = {t: len(edges[t]) for t in targets} if targets is not None else {-1: 1}
    reached = {origin: 0.0}
    heap = [(0.0, origin)]
    while heap and open_ and (most is None or len(found) < most):
        hours, here = heapq.heappop(heap)
        if here in found:
            continue
        if hours > within:
            break
        found[here] = hours
        open_.pop(here, None)
        for way, there in edges[here]:
            if there in found:
                continue
            if there not in reached or hours + way < reached[there]:
                reached[there] = hours + way
                heapq.heappush(heap, (hours + way, there))
            if there in open_:
                open_[there] -= 1
                if not open_[there]:
                    del open_[there]
                    found[there] = reached[there]
    return {there: hours for there, hours in found.items() if hours <= within}


def round_about(network: Ways, origin: int, destinations: Mapping[int, float], most: int) -> dict[int, float]:
    """Return the hours from a district to others by ways that do not begin with the route between the two.

    `destinations`: each with the hours beyond which a way does not count; those that are not found within
    them, or not among the `most` nearest districts, are left out. Dry season.
    """
    edges = network.edges["hours_dry"]
    longest = max(destinations.values(), default=0.0)
    # ways by their first step: (hours, here, first); a district may be settled by two different first steps
    heap = [(way, there, there) for way, there in edges[origin] if way <= longest]
    heapq.heapify(heap)
    settled: dict[int, set[int]] = {origin: {origin, -1}}
    result: dict[int, float] = {}
    while heap and len(settled) <= most and len(result) < len(destinations):
        hours, here, first = heapq.heappop(heap)
        firsts = settled.setdefault(here, set())
        if first in firsts or len(firsts) == 2:
            continue
        firsts.add(first)
        if here in destinations and here != first and here not in result and hours <= destinations[here]:
            result[here] = hours
        for way, there in edges[here]:
            if hours + way <= longest and there != origin and len(settled.get(there, ())) < 2:
                heapq.heappush(heap, (hours + way, there, first))
    return result
