"""Outlines to draw a case's maps with: its districts' borders, simplified and without those inside.

A border that two districts share is simplified once, so that they still fit together. That holds where
both outlines have the same points along it, as official maps do; elsewhere they may part by the tolerance.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from sim.scenario.importing import geo
from sim.scenario.importing.areas import Area
from sim.scenario.importing.report import Notes
from sim.scenario.outlines import crossing

MOST_POINTS = 8000
"""Of all districts together; a file of about 150 kB."""
FINEST = 2000.0
"""Parts of the map's extent that are told apart at most."""
_REFINED = 6
"""How often borders that came to cross are tried with a quarter of the tolerance."""
_GRID = 1e-5
"""Degrees; points nearer than that are one."""

Point = tuple[int, int]
"""Longitude and latitude in steps of the grid."""


def simplified(
    areas: Sequence[Area], ids: Mapping[str, str], notes: Notes | None = None, most: int = MOST_POINTS
) -> str:
    """Return GeoJSON with the outline of each district under its `id`; the same for the same areas.

    An outline that crosses itself on the map already is left out, and noted.
    """
    rings = [_dissolved(a.outline) for a in areas]
    points = np.array([p for district in rings for ring in district for p in ring], np.float64)
    extent = float(np.ptp(points, axis=0).max())
    tolerance = extent / FINEST
    arcs = _Arcs(rings)
    while True:
        result = [_simple(arcs, district, tolerance) for district in rings]
        if sum(len(ring) for district in result for ring in district) <= most or tolerance > extent / 20:
            break
        tolerance *= 1.4
    for _ in range(_REFINED):  # with points left out, a line may have come to cross another
        crossed = [i for i, district in enumerate(result) if crossing(district)]
        if not crossed:
            break
        for i in crossed:
            arcs.refine(rings[i])
        result = [_simple(arcs, district, tolerance) for district in rings]
    features = []
    for a, district in zip(areas, result, strict=True):
        polygons = _polygons(district, tolerance)
        if crossing([ring for polygon in polygons for ring in polygon]):
            if notes is not None:
                notes.add(
                    "left aside", "outlines that cross themselves; maps draw a cell instead", ids[a.code]
                )
            continue
        features.append(
            {
                "type": "Feature",
                "properties": {"id": ids[a.code]},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
        )
    lines = ",\n".join(json.dumps(f, separators=(",", ":")) for f in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _simple(arcs: _Arcs, rings: Sequence[Sequence[Point]], tolerance: float) -> list[list[Point]]:
    """Return a district's rings with fewer points; its largest keeps enough of them to enclose something."""
    result = [arcs.simplified(ring, tolerance) for ring in rings]
    if rings:
        largest = max(range(len(rings)), key=lambda i: _twice_area(rings[i]))
        while len(result[largest]) < 4 and tolerance > 0.1:
            tolerance /= 4
            result[largest] = arcs.simplified(rings[largest], tolerance)
    return result


def _dissolved(outline: geo.Outline) -> list[list[Point]]:
    """Return an outline's rings, each closed, land to the left, without borders between its own parts."""
    ends: dict[Point, list[Point]] = defaultdict(list)
    for polygon in outline:
        for k, ring in enumerate(polygon):
            grid = np.round(ring / _GRID).astype(np.int64)
            turn = _twice_area(grid)
            if (turn < 0) == (k == 0):  # outer rings run against the clock, holes with it
                grid = grid[::-1]
            corners: list[Point] = [(int(x), int(y)) for x, y in grid]
            for a, b in pairwise(corners):
                if a == b:
                    continue
                if a in ends.get(b, ()):  # the same line the other way: a border inside
                    ends[b].remove(a)
                else:
                    ends[a].append(b)
    rings: list[list[Point]] = []
    for start in list(ends):
        while ends[start]:
            path = [start]
            while True:
                following = ends[path[-1]]
                if not following:
                    break
                path.append(following.pop(0))
                if path[-1] == start:
                    break
            if len(path) > 3 and path[0] == path[-1]:
                rings.append(path)
    return rings


def _twice_area(ring: Sequence[Point] | np.ndarray) -> float:
    x, y = np.asarray(ring, np.float64).T
    x, y = x - x[0], y - y[0]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


class _Arcs:
    """Rings cut where the neighbours of a point differ from ring to ring, so that shared parts are alike."""

    def __init__(self, districts: Sequence[Sequence[Sequence[Point]]]) -> None:
        around: dict[Point, set[Point]] = defaultdict(set)
        for district in districts:
            for ring in district:
                for a, b in pairwise(ring):
                    around[a].add(b)
                    around[b].add(a)
        self.ends = {point for point, near in around.items() if len(near) != 2}
        self.finer: dict[frozenset[Point], float] = {}  # factors of the tolerance, by arc

    def refine(self, rings: Sequence[Sequence[Point]]) -> None:
        """Keep more of the points of a district's borders from now on, in whatever district they are."""
        for arc in {_key(arc): arc for ring in rings for arc in self._of(ring)}:
            self.finer[arc] = self.finer.get(arc, 1.0) / 4.0

    def _of(self, ring: Sequence[Point]) -> list[list[Point]]:
        """Return the arcs of a closed ring, in order."""
        open_ = list(ring[:-1])
        cuts = [i for i, point in enumerate(open_) if point in self.ends]
        if not cuts:  # an island: begin at a point that does not depend on where the file begins
            cuts = [open_.index(min(open_))]
        turned = open_[cuts[0] :] + open_[: cuts[0]]
        turned.append(turned[0])
        places = [i - cuts[0] for i in cuts] + [len(turned) - 1]
        return [turned[a : b + 1] for a, b in pairwise(places)]

    def simplified(self, ring: Sequence[Point], most: float) -> list[Point]:
        """Return a closed ring with the points that matter; a small one may come out as a line."""
        result: list[Point] = []
        for arc in self._of(ring):
            tolerance = most * self.finer.get(_key(arc), 1.0)
            # from the same end in both districts, so that what is kept agrees
            if (arc[0], arc[1]) > (arc[-1], arc[-2]):
                kept = _kept(arc[::-1], tolerance)[::-1]
            else:
                kept = _kept(arc, tolerance)
            result += kept[1:] if result else kept
        return result


def _key(arc: Sequence[Point]) -> frozenset[Point]:
    """Return what names an arc from either end."""
    return frozenset((arc[0], arc[1], arc[-2], arc[-1]))


def _kept(arc: Sequence[Point], tolerance: float) -> list[Point]:
    """Return the points of a line that lie more than the tolerance off it (Douglas and Peucker)."""
    points = np.array(arc, np.float64)
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        along = points[b] - points[a]
        off = points[a + 1 : b] - points[a]
        length = float(np.hypot(*along))
        if length == 0.0:
            away = np.hypot(off[:, 0], off[:, 1])
        else:
            away = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0]) / length
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = a + 1 + worst
            keep[middle] = True
            stack += [(a, middle), (middle, b)]
    return [p for p, k in zip(arc, keep, strict=True) if k]


def _polygons(rings: Sequence[Sequence[Point]], tolerance: float) -> list[list[list[list[float]]]]:
    """Return the rings of a district as the coordinates of a MultiPolygon, specks left out."""
    sized = sorted(((_twice_area(r), i) for i, r in enumerate(rings) if len(r) > 3), reverse=True)
    outer = [(area, i) for area, i in sized if area > 0]
    if not outer:
        return []
    speck = min(8.0 * tolerance**2, outer[0][0])
    shells = [i for area, i in outer if area >= speck]
    polygons = {i: [rings[i]] for i in shells}
    for area, i in sized:
        if -area < speck:
            continue
        x, y = np.array(rings[i][:1], np.float64).T
        for shell in reversed(shells):  # the smallest around it
            ring = np.array(rings[shell], np.float64)
            inside = geo.inside([[ring]], x, y)[0] or rings[i][0] in rings[shell]
            if inside and polygons[shell][0] is not rings[i]:
                polygons[shell].append(rings[i])
                break
    return [
        [[[round(x * _GRID, 4), round(y * _GRID, 4)] for x, y in ring] for ring in polygon]
        for polygon in polygons.values()
    ]
