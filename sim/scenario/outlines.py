"""A case's outlines.geojson: its districts' borders, to draw maps with. They drive nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.scenario.errors import ScenarioError
from sim.scenario.read import read_text

OUTLINES = "outlines.geojson"
"""Optional, and no part of a case's digest."""
Rings = tuple[tuple[tuple[float, float], ...], ...]
"""Rings of (longitude, latitude), closed; holes run the other way than what they are in."""


def read_outlines(path: Path, districts: Iterable[str]) -> dict[str, Rings]:
    """Return the rings of each district that has some; nothing if there is no such file.

    Outlines of what is no district (any more) are passed over: districts may be joined by hand.
    Raises `ScenarioError` for a file that is no GeoJSON of (Multi)Polygons with an `id`.
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
        if rings and isinstance(name, str) and name in known:
            found[name] = found.get(name, ()) + rings
    return found


def _ring(points: Any) -> tuple[tuple[float, float], ...]:
    ring = tuple((float(p[0]), float(p[1])) for p in points)
    good = all(math.isfinite(x) and abs(x) <= 180 and math.isfinite(y) and abs(y) <= 90 for x, y in ring)
    if len(ring) < 4 or not good:
        raise ValueError
    return ring
