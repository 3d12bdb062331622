"""A case's outlines.geojson: its districts' borders, to draw maps with. They drive nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.scenario.errors import ScenarioError
from sim.scenario.read import read_text

OUTLINES = "outlines.geojson"
"""Optional, and no part of a case's digest."""
Rings = tuple[tuple[tuple[float, float], ...], ...]
"""Rings of (longitude, latitude), closed; holes run the other way than what they are in."""


def read_outlines(path: Path, districts: Iterable[str]) -> dict[str, Rings]:
    """Return the rings of each district that has some; nothing if there is no such file.

    Outlines of what is no district (any more) are passed over: districts may be joined by hand.
    Raises `ScenarioError` for a file that is no GeoJSON of (Multi)Polygons with an `id`, for a district that
    stands twice, and for an outline that crosses itself.
    """
    if not path.exists():
        return {}
    try:
        data = json.loads(read_text(path))
        features = data["features"]
        if data["type"] != "FeatureCollection" or not isinstance(features, list):
            raise TypeError
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        if isinstance(error, ScenarioError):
            raise
        problem = "is no GeoJSON FeatureCollection; remove it, or make it by drawdown import districts"
        raise ScenarioError(path, problem) from None
    known = set(districts)
    found: dict[str, Rings] = {}
    first: dict[str, int] = {}
    for i, feature in enumerate(features, start=1):
        where = f"feature {i}"
        try:
            name, geometry = feature["properties"]["id"], feature["geometry"]
            polygons = geometry["coordinates"]
            polygons = [polygons] if geometry["type"] == "Polygon" else polygons
            rings = tuple(_ring(ring) for polygon in polygons for ring in polygon)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            problem = "is no (Multi)Polygon in degrees with an id among its properties"
            raise ScenarioError(path, problem, where=where) from None
        if not rings or not isinstance(name, str) or name not in known:
            continue
        if name in found:
            problem = (
                f"{name!r} has an outline already, feature {first[name]}; keep one, a MultiPolygon if need be"
            )
            raise ScenarioError(path, problem, where=where)
        at = crossing(rings)
        if at is not None:
            problem = (
                f"the outline of {name!r} crosses itself at longitude {at[0]:.4f}, latitude {at[1]:.4f}; "
                "mend it there, or remove the feature: maps then draw a cell around the district's middle"
            )
            raise ScenarioError(path, problem, where=where)
        found[name], first[name] = rings, i
    return found


def crossing(rings: Sequence[Sequence[Sequence[float]]]) -> tuple[float, float] | None:
    """Return a point at which two lines of these closed rings cross, if any do.

    Lines that touch, or run along each other, do not cross. Lines are compared where their spans of one
    coordinate overlap, so the work grows little faster than their number on a map's outlines.
    """
    lines = [np.array([ring[:-1], ring[1:]], np.float64).transpose(1, 0, 2) for ring in map(list, rings)]
    if not lines:
        return None
    ends = np.concatenate(lines)  # line x end x (longitude, latitude)
    spans = np.sort(ends, axis=1)
    order, count = min((_overlaps(spans[:, :, k]) for k in (0, 1)), key=lambda found: int(found[1].sum()))
    ends, spans = ends[order], spans[order]
    total = np.concatenate(([0], np.cumsum(count)))
    start = 0
    while start < len(ends):
        stop = max(start + 1, int(np.searchsorted(total, total[start] + _AT_ONCE, side="right")) - 1)
        some = count[start:stop]
        i = np.repeat(np.arange(start, stop), some)
        j = i + 1 + np.arange(len(i)) - np.repeat(total[start:stop] - total[start], some)
        near = (spans[i, 0] <= spans[j, 1]).all(axis=1) & (spans[j, 0] <= spans[i, 1]).all(axis=1)
        i, j = i[near], j[near]
        found = np.flatnonzero(_parted(ends[i], ends[j]) & _parted(ends[j], ends[i]))
        if len(found):
            (a, b), (c, d) = ends[i[found[0]]], ends[j[found[0]]]
            x, y = a + (b - a) * _turn(c, d, a) / (_turn(c, d, a) - _turn(c, d, b))
            return float(x), float(y)
        start = stop
    return None


_AT_ONCE = 1_000_000
"""Pairs of lines that are compared at once, to bound memory."""


def _overlaps(span: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an order of lines by where their spans begin, and with how many that follow each overlaps."""
    order = np.argsort(span[:, 0], kind="stable")
    last = np.searchsorted(span[order, 0], span[order, 1], side="right")
    return order, last - np.arange(1, len(order) + 1)


def _parted(lines: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return whether the ends of each other line lie on two sides of a line, neither of them on it."""
    a, b = lines[:, 0], lines[:, 1]
    one, two = _turn(a, b, others[:, 0]), _turn(a, b, others[:, 1])
    on = 1e-12 * np.abs(b - a).sum(axis=1)  # of degrees times degrees: what rounding can do
    return (np.minimum(one, two) < -on) & (np.maximum(one, two) > on)


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return twice the area of triangles a, b, c: above zero where c lies to the left of a to b."""
    u, v = b - a, c - a
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def _ring(points: Any) -> tuple[tuple[float, float], ...]:
    ring = tuple((float(p[0]), float(p[1])) for p in points)
    good = all(math.isfinite(x) and abs(x) <= 180 and math.isfinite(y) and abs(y) <= 90 for x, y in ring)
    if len(ring) < 4 or not good:
        raise ValueError
    return ring
