"""In which unit a point lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from sim.scenario.case import RECORD, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.importing import geo, record, units, write
from sim.scenario.importing.areas import Area
from sim.scenario.importing.report import Notes


class Locator:
    """Finds the unit of a point: by outlines where there are some, else by the nearest middle point.

    With outlines, a point outside all of them belongs to the nearest within `snap_km` (places on a
    border, simplified outlines). Without, distances count in radii of a circle of the unit's area, so
    that a large unit reaches farther; a point within 1.3 radii of a much smaller one is in that (a town
    and the land around it). On the maps of CAR, Chad, Cote d'Ivoire, Liberia, South Sudan and Sudan that
    is right for 78 to 93 points in a hundred, plain distance for 70 to 89. Beyond two radii a point is
    outside.
    """

    def __init__(self, areas: Sequence[Area], *, snap_km: float = 10.0) -> None:
        self.areas = list(areas)
        self.by_outline = all(a.outline for a in areas)
        self.snap_km = snap_km
        if self.by_outline:
            samples = [geo.along(a.outline, 1.0)[0] for a in areas]
            self._owner = np.repeat(np.arange(len(areas)), [len(s) for s in samples])
            self._edge = cKDTree(np.concatenate(samples))

    def find(self, lats: Sequence[float], lons: Sequence[float]) -> list[int | None]:
        """Return the number of the unit of each point, None if outside."""
        y, x = np.asarray(lats, np.float64), np.asarray(lons, np.float64)
        found = np.full(len(y), -1)
        if self.by_outline:
            for i, a in enumerate(self.areas):
                open_ = np.flatnonzero(found < 0)
                found[open_[geo.inside(a.outline, x[open_], y[open_])]] = i
            open_ = np.flatnonzero(found < 0)
            if len(open_):
                away, nearest = self._edge.query(geo.on_sphere(y[open_], x[open_]))
                close = away <= self.snap_km
                found[open_[close]] = self._owner[nearest[close]]
        elif len(y):
            size = np.array([a.radius_km for a in self.areas])
            to = np.stack([geo.distance_km(y, x, a.latitude, a.longitude) for a in self.areas], axis=1) / size
            best = to.argmin(axis=1)
            enclave = (to <= 1.3) & (size < size[best][:, None] / 3)
            smallest = np.where(enclave, size, np.inf).argmin(axis=1)
            best = np.where(enclave.any(axis=1), smallest, best)
            found = np.where(to[np.arange(len(y)), best] <= 2.0, best, -1)
        return [int(i) if i >= 0 else None for i in found]


def of_case(
    folder: Path, geojson: Path | None, level: int | None, code_property: str, snap_km: float, notes: Notes
) -> tuple[Locator, list[str]]:
    """Return what finds the unit of a point, and the district of each unit.

    With the map that the districts were made of, by its outlines; without, by middle points. Raises
    `ScenarioError` for another map.
    """
    if geojson is None:
        case = Scenario.load(folder)
        middles = [
            Area(d.id, d.name, d.province, d.latitude, d.longitude, d.area_km2) for d in case.districts
        ]
        return Locator(middles), [d.id for d in case.districts]
    _, rows = write.raw_rows(folder / RECORD)
    district_of = record.districts_of(rows)
    if not district_of:
        raise ScenarioError(
            folder / RECORD,
            "does not say which units of the map make up the districts; leave --geojson out (nearest middle "
            "point), or make the districts with drawdown import districts",
        )
    found = units.read(
        geojson, level=level, code_property=code_property, codes_only=True, having=district_of, notes=notes
    )
    if {a.code for a in found} != set(district_of):
        lacking = sorted(set(district_of) - {a.code for a in found})
        raise ScenarioError(
            geojson,
            f"has no unit {', '.join(lacking[:5])}, of which the districts are made; same file and --level?",
        )
    return Locator(found, snap_km=snap_km), [district_of[a.code] for a in found]
