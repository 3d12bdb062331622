"""District maps without outlines: cells around the districts' middle points.

A cell is a disc of the district's area, cut where it meets its neighbours' (a Voronoi diagram of
the middle points). Cities, much smaller than the rest, are discs on top. The caption must say so:
these are not surveyed borders.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Polygon

from sim.scenario.schema import District

KM_PER_DEGREE = 111.2
CAPTION = "Districts are cells around their middle points, cities discs: not surveyed borders."
_CORNERS = 96


def project(districts: Sequence[District]) -> np.ndarray:
    """Return the middle points in km east and north of the case's middle: float (D, 2)."""
    lat = np.array([d.latitude for d in districts])
    lon = np.array([d.longitude for d in districts])
    squeeze = math.cos(math.radians(float(lat.mean())))
    return np.column_stack([(lon - lon.mean()) * squeeze * KM_PER_DEGREE, (lat - lat.mean()) * KM_PER_DEGREE])


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


def draw(
    axes: Axes,
    districts: Sequence[District],
    values: np.ndarray,
    *,
    cmap: str,
    norm: Normalize,
    labels: bool = False,
) -> PatchCollection:
    """Draw the districts coloured by `values` (D,), white where NaN; returns what a colour bar needs."""
    shapes = cells(districts)
    city = is_city(districts)
    order = [*np.flatnonzero(~city), *np.flatnonzero(city)]
    patches = PatchCollection(
        [Polygon(shapes[i], closed=True) for i in order],
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
    corners = np.concatenate([s for s in shapes if len(s)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.02 * float((high - low).max())
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    axes.set_aspect("equal")
    axes.axis("off")
    return patches
