"""Administrative units and their shared borders: chosen, merged, joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import geo

TOUCH_KM = 0.5
"""How far apart two outlines may run and still share their border."""
MIN_BORDER_KM = 3.0
"""Border that neighbours share at least; less is a corner where several units meet."""

Borders = dict[tuple[str, str], float]
"""Shared border in km by the codes of two units, in order."""


@dataclass(frozen=True)
class Area:
    """A unit, or several merged."""

    code: str
    name: str
    parent: str
    latitude: float
    longitude: float
    km2: float
    population: int | None = None
    outline: geo.Outline = field(default_factory=list, repr=False)
    members: tuple[tuple[str, int | None], ...] = ()
    """Code and population of each unit it is made of."""

    @property
    def radius_km(self) -> float:
        """Radius of a circle of the same area, km."""
        return math.sqrt(self.km2 / math.pi)


def pair(one: str, other: str) -> tuple[str, str]:
    """Return two codes in order."""
    return (one, other) if one < other else (other, one)


def borders_of(
    areas: Sequence[Area], *, touch_km: float = TOUCH_KM, least_km: float = MIN_BORDER_KM
) -> Borders:
    """Return which units share a border of at least `least_km`, from their outlines."""
    shared = geo.shared_borders([a.outline for a in areas], touch_km)
    return {pair(areas[i].code, areas[j].code): km for (i, j), km in shared.items() if km >= least_km}


# -- choosing and merging --------------------------------------------------------------------------


def matches(area: Area, word: str) -> bool:
    """Return whether a word is a unit's code, name or parent, whatever the case."""
    return word.casefold() in (area.code.casefold(), area.name.casefold(), area.parent.casefold())


def choose(areas: Sequence[Area], keep: Sequence[str], drop: Sequence[str], path: Path) -> list[Area]:
    """Return the units to keep, by code, name or parent."""
    for word in (*keep, *drop):
        if not any(matches(a, word) for a in areas):
            known = {x for a in areas for x in (a.code, a.name, a.parent) if x}
            raise ScenarioError(path, f"has no unit or province {word!r}; {did_you_mean(word, known)}")
    kept = [a for a in areas if not keep or any(matches(a, w) for w in keep)]
    kept = [a for a in kept if not any(matches(a, w) for w in drop)]
    if not kept:
        raise ScenarioError(path, "no unit is left; keep more or drop fewer")
    return kept


def merged(one: Area, other: Area) -> Area:
    """Return two units as one, under the name of the one with more people."""
    first, second = sorted((one, other), key=lambda a: (-(a.population or 0), -a.km2, a.code))
    km2 = one.km2 + other.km2
    middle = (one.km2 * geo.on_sphere(one.latitude, one.longitude)) + (
        other.km2 * geo.on_sphere(other.latitude, other.longitude)
    )
    x, y, z = middle / np.linalg.norm(middle)
    known = one.population is not None and other.population is not None
    return Area(
        code=first.code,
        name=first.name,
        parent=first.parent,
        latitude=float(np.degrees(np.arcsin(z))),
        longitude=float(np.degrees(np.arctan2(y, x))),
        km2=km2,
        population=(one.population or 0) + (other.population or 0) if known else None,
        outline=[*first.outline, *second.outline],
        members=(*first.members, *second.members),
    )


def join(areas: Sequence[Area], borders: Borders, one: str, other: str) -> tuple[list[Area], Borders, Area]:
    """Return units and borders with two of them merged, and the merged one."""
    by_code = {a.code: a for a in areas}
    both = merged(by_code.pop(one), by_code.pop(other))
    result = [both if a.code == both.code else a for a in areas if a.code == both.code or a.code in by_code]
    new: Borders = {}
    for ends, km in borders.items():
        a, b = (both.code if code in (one, other) else code for code in ends)
        if a != b:
            new[pair(a, b)] = new.get(pair(a, b), 0.0) + km
    return result, new, both


def merge_small(
    areas: Sequence[Area], borders: Borders, least: int, apart: Sequence[Area] = ()
) -> tuple[list[Area], Borders]:
    """Merge units of fewer than `least` people into the neighbour with whom they share most border.

    Smallest first; neighbours of the same province go before others. A unit whose people are unknown,
    that has no neighbour, or that is to stay apart, stays as it is.
    """
    alone = {a.code for a in apart}
    now, around = list(areas), dict(borders)
    while True:
        by_code = {a.code: a for a in now}
        small = sorted(
            (a for a in now if a.population is not None and a.population < least and a.code not in alone),
            key=lambda a: (a.population or 0, a.code),
        )
        for a in small:
            near = [(b if a.code == c else c, km) for (b, c), km in around.items() if a.code in (b, c)]
            near = [(code, km) for code, km in near if code not in alone]
            if near:
                break
        else:
            return now, around
        best = max(near, key=lambda n: (by_code[n[0]].parent == a.parent, n[1], n[0]))[0]
        now, around, _ = join(now, around, a.code, best)


def connect(areas: Sequence[Area], borders: Borders) -> tuple[Borders, list[tuple[Area, Area, float]]]:
    """Join parts that touch nothing else by the shortest line between middle points; return the lines too."""
    borders = dict(borders)
    added = []
    part = {a.code: i for i, a in enumerate(areas)}

    def unite(one: str, other: str) -> None:
        old, new = part[one], part[other]
        part.update({code: new for code, i in part.items() if i == old})

    for one, other in borders:
        unite(one, other)
    while len(set(part.values())) > 1:
        km, i, j = min(
            (float(geo.distance_km(a.latitude, a.longitude, b.latitude, b.longitude)), i, j)
            for i, a in enumerate(areas)
            for j, b in enumerate(areas)
            if i < j and part[a.code] != part[b.code]
        )
        borders[pair(areas[i].code, areas[j].code)] = 0.0
        unite(areas[i].code, areas[j].code)
        added.append((areas[i], areas[j], km))
    return borders, added
