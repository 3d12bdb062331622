"""Distances, areas, middle points, outlines and shared borders on the sphere.

Outlines are lists of polygons; a polygon is a list of rings, the outer one first; a ring is an array of
(longitude, latitude) in degrees whose last point repeats the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

RADIUS_KM = 6371.0088
Ring = np.ndarray[Any, np.dtype[np.float64]]
Array = np.ndarray[Any, Any]
Polygon = list[Ring]
Outline = list[Polygon]


def distance_km(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Return the great-circle distance, km (haversine)."""
    a, b = np.radians(lat1), np.radians(lat2)
    h = np.sin((b - a) / 2) ** 2
    h = h + np.cos(a) * np.cos(b) * np.sin((np.radians(lon2) - np.radians(lon1)) / 2) ** 2
    return 2 * RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))


def ring_moments(ring: Ring) -> tuple[float, float, float]:
    """Return area (km2, never negative), longitude and latitude of the middle of one ring.

    Computed in the cylindrical equal-area projection (longitude, sine of latitude), which keeps areas
    exact; between its points an outline is straight there.
    """
    x, y = np.radians(ring[:, 0]), np.sin(np.radians(ring[:, 1]))
    x0, y0 = x[0], y[0]
    x, y = x - x0, y - y0
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    twice = float(cross.sum())
    if twice == 0.0:
        return 0.0, float(ring[0, 0]), float(ring[0, 1])
    cx = float(((x[:-1] + x[1:]) * cross).sum()) / (3 * twice) + float(x0)
    cy = float(((y[:-1] + y[1:]) * cross).sum()) / (3 * twice) + float(y0)
    return (
        abs(twice) / 2 * RADIUS_KM**2,
        float(np.degrees(cx)),
        float(np.degrees(np.arcsin(np.clip(cy, -1.0, 1.0)))),
    )


def outline_moments(outline: Outline) -> tuple[float, float, float]:
    """Return area (km2), longitude and latitude of the middle of an outline, holes taken out."""
    parts = [
        (sign * area, lon, np.sin(np.radians(lat)))
        for polygon in outline
        for sign, (area, lon, lat) in zip(
            [1.0] + [-1.0] * (len(polygon) - 1), map(ring_moments, polygon), strict=True
        )
    ]
    total = sum(a for a, _, _ in parts)
    if total <= 0.0:
        return 0.0, parts[0][1], float(np.degrees(np.arcsin(parts[0][2])))
    lon = sum(a * x for a, x, _ in parts) / total
    height = sum(a * y for a, _, y in parts) / total
    return total, float(lon), float(np.degrees(np.arcsin(np.clip(height, -1.0, 1.0))))


def inside(outline: Outline, lons: Array, lats: Array) -> Array:
    """Return which points lie in an outline (even-odd rule; a hole is outside)."""
    result = np.zeros(len(lons), bool)
    for polygon in outline:
        outer = polygon[0]
        near = np.flatnonzero(
            (lons >= outer[:, 0].min())
            & (lons <= outer[:, 0].max())
            & (lats >= outer[:, 1].min())
            & (lats <= outer[:, 1].max())
        )
        for some in np.array_split(near, len(near) // 500 + 1):
            odd = np.zeros(len(some), bool)
            for ring in polygon:
                odd ^= _crossings_odd(ring, lons[some], lats[some])
            result[some] |= odd
    return result


def _crossings_odd(ring: Ring, lons: Array, lats: Array) -> Array:
    """Return whether a line from each point eastwards crosses the ring an odd number of times."""
    x1, y1, x2, y2 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
    px, py = lons[:, None], lats[:, None]
    spans = (y1 > py) != (y2 > py)
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros_like(x1), where=y2 != y1)
    crossed = spans & (px < x1 + (py - y1) * slope)
    return crossed.sum(axis=1) % 2 == 1


def along(outline: Outline, spacing_km: float) -> tuple[Array, Array]:
    """Return points along an outline, as (points x 3) on the sphere in km, and the km each stands for."""
    points, weights = [], []
    for polygon in outline:
        for ring in polygon:
            lon, lat = ring[:, 0], ring[:, 1]
            length = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:])
            pieces = np.maximum(1, np.ceil(length / spacing_km)).astype(int)
            which = np.repeat(np.arange(len(length)), pieces)
            first = np.concatenate([[0], np.cumsum(pieces)[:-1]])
            share = (np.arange(len(which)) - first[which] + 0.5) / pieces[which]
            points.append(
                on_sphere(
                    lat[which] + share * (lat[which + 1] - lat[which]),
                    lon[which] + share * (lon[which + 1] - lon[which]),
                )
            )
            weights.append((length / pieces)[which])
    return np.concatenate(points), np.concatenate(weights)


def on_sphere(lats: Any, lons: Any) -> Any:
    """Return points in space, km."""
    a, b = np.radians(lats), np.radians(lons)
    return RADIUS_KM * np.stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], axis=-1)


def shared_borders(outlines: Sequence[Outline], tolerance_km: float) -> dict[tuple[int, int], float]:
    """Return the length (km) of border that each pair of outlines shares, for those that share any.

    Border counts as shared where the other outline runs within the tolerance, so that outlines that
    were simplified one by one are neighbours too. Outlines that touch in a corner share up to a few
    times the tolerance.
    """
    samples = [along(outline, tolerance_km) for outline in outlines]
    trees = [cKDTree(points) for points, _ in samples]
    low = [points.min(axis=0) - 2 * tolerance_km for points, _ in samples]
    high = [points.max(axis=0) + 2 * tolerance_km for points, _ in samples]
    reach = 1.5 * tolerance_km  # half a step between sample points besides the tolerance
    found = {}
    for i in range(len(outlines)):
        points, weights = samples[i]
        for j in range(i + 1, len(outlines)):
            if np.any(low[i] > high[j]) or np.any(low[j] > high[i]):
                continue
            near = np.flatnonzero(np.all((points >= low[j]) & (points <= high[j]), axis=1))
            if len(near) == 0:
                continue
            away, _ = trees[j].query(points[near], distance_upper_bound=reach)
            length = float(weights[near[np.isfinite(away)]].sum())
            if length > 0.0:
                found[i, j] = length
    return found
