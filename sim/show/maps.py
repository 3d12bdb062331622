"""District maps: outlines where a case has them, else cells around the districts' middle points.

A cell is a disc of the district's area, cut where it meets its neighbours' (a Voronoi diagram of
the middle points). Cities, much smaller than the rest, are discs on top. The caption must say so:
these are not surveyed borders.

Coordinates are km east and north of the case's middle: longitude is squeezed by the cosine of latitude.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.path import Path

from sim.scenario.outlines import Rings
from sim.scenario.schema import District

KM_PER_DEGREE = 111.2
CAPTION = "Districts are cells around their middle points, cities discs: not surveyed borders."
OUTLINED = "Outlines of districts are simplified; cities are discs."
_CORNERS = 96


def caption(outlines: Mapping[str, Rings]) -> str:
    """Return what must stand under a map of a case with these outlines."""
    return OUTLINED if outlines else CAPTION


def project(districts: Sequence[District]) -> np.ndarray:
    """Return the middle points in km east and north of the case's middle: float (D, 2)."""
    return _km(districts, np.array([(d.longitude, d.latitude) for d in districts]))


def _km(districts: Sequence[District], degrees: np.ndarray) -> np.ndarray:
    """Return points of (longitude, latitude) in km from the middle of the districts: float (n, 2)."""
    lat = float(np.mean([d.latitude for d in districts]))
    lon = float(np.mean([d.longitude for d in districts]))
    squeeze = math.cos(math.radians(lat))
    return np.column_stack(
        [(degrees[:, 0] - lon) * squeeze * KM_PER_DEGREE, (degrees[:, 1] - lat) * KM_PER_DEGREE]
    )


def is_city(districts: Sequence[District]) -> np.ndarray:
    """Return which districts are drawn as discs: those with less than a fifteenth of the median area."""
    area = np.array([d.area_km2 for d in districts])
    return area < np.median(area) / 15.0


def cells(districts: Sequence[District]) -> list[np.ndarray]:
    """Return the corners of each district's cell, km: list of float (corners, 2)."""
    points = project(districts)
    city = is_city(districts)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    angles = np.linspace(0.0, 2.0 * math.pi, _CORNERS, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    result = []
    for i, district in enumerate(districts):
        if city[i]:
            result.append(points[i] + circle * extent * 0.022)
            continue
        radius = 1.3 * math.sqrt(district.area_km2 / math.pi)
        shape = points[i] + circle * radius
        for j in range(len(districts)):
            if j != i and not city[j]:
                shape = _nearer(shape, points[i], points[j])
        result.append(shape)
    return result


def _nearer(shape: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the part of a convex polygon that lies nearer to `own` than to `other`."""
    middle, along = (own + other) / 2.0, other - own
    side = (shape - middle) @ along  # <= 0: ours
    kept: list[np.ndarray] = []
    for k in range(len(shape)):
        a, b = shape[k], shape[(k + 1) % len(shape)]
        sa, sb = side[k], side[(k + 1) % len(shape)]
        if sa <= 0:
            kept.append(a)
        if (sa < 0 < sb) or (sb < 0 < sa):
            kept.append(a + (b - a) * (sa / (sa - sb)))
    return np.array(kept) if kept else shape[:0]


def shapes(districts: Sequence[District], outlines: Mapping[str, Rings]) -> list[list[np.ndarray]]:
    """Return the rings of each district, km, or its cell as one: lists of float (corners, 2)."""
    city = is_city(districts)
    found = [[cell] for cell in cells(districts)]
    for i, district in enumerate(districts):
        if district.id in outlines and not city[i]:
            found[i] = [_km(districts, np.array(ring)) for ring in outlines[district.id]]
    return found


def draw(
    axes: Axes,
    districts: Sequence[District],
    values: np.ndarray,
    *,
    cmap: str,
    norm: Normalize,
    labels: bool = False,
    outlines: Mapping[str, Rings] | None = None,
) -> PatchCollection:
    """Draw the districts coloured by `values` (D,), white where NaN; returns what a colour bar needs."""
    found = shapes(districts, outlines or {})
    city = is_city(districts)
    order = [*np.flatnonzero(~city), *np.flatnonzero(city)]
    drawn: list[Patch] = []
    for i in order:
        if len(found[i]) == 1:
            drawn.append(Polygon(found[i][0], closed=True))
        else:
            drawn.append(PathPatch(Path.make_compound_path(*(Path(p, closed=True) for p in found[i]))))
    patches = PatchCollection(
        drawn,
        cmap=mpl.colormaps[cmap].with_extremes(bad="white"),
        norm=norm,
        edgecolor="0.72",
        linewidth=0.4,
    )
    patches.set_array(np.ma.masked_invalid(np.asarray(values, float)[order]))
    axes.add_collection(patches)
    points = project(districts)
    if labels:
        for i, district in enumerate(districts):
            if not city[i]:
                x, y = points[i]
                axes.text(x, y, district.name, ha="center", va="center", fontsize=6, color="0.15")
    corners = np.concatenate([ring for rings in found for ring in rings if len(ring)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.02 * float((high - low).max())
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    axes.set_aspect("equal")
    axes.axis("off")
    return patches
