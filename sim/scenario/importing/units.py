"""Administrative units from the features of a map: which property means what, one unit a code."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import features, geo
from sim.scenario.importing.areas import Area
from sim.scenario.importing.features import Feature
from sim.scenario.importing.mistakes import Gather, every
from sim.scenario.importing.names import checked_name
from sim.scenario.importing.report import Notes

FAR_APART = 3.0
"""Radii of the larger between two parts of one unit, beyond which a reader is asked whether it is one."""

_PLAIN_CODE = ("pcode", "id", "code", "shapeid")
_PLAIN_NAME = ("name", "shapename")
_PLAIN_PARENT = ("parent", "province", "region")


def read(
    path: Path,
    *,
    level: int | None = None,
    country: str = "",
    code_property: str = "",
    name_property: str = "",
    parent_property: str = "",
    population_property: str = "",
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    codes_only: bool = False,
    having: Container[str] | None = None,
    notes: Notes | None = None,
) -> list[Area]:
    """Return the units of a map in longitude and latitude (see `features.read` for what it may be).

    Understands the property names of OCHA's COD-AB (`ADM2_PCODE`, `ADM2_FR`, `adm2_name` ...), of GADM
    (`GID_2`, `NAME_2`) and of geoBoundaries, and `id`, `name`, `parent`. A level above the file's own
    merges its units. Units that are dropped, not kept, or not among the codes in `having` may be wrong in
    any way; with `codes_only` a unit is named by its code. Raises `ScenarioError` that names the features,
    all mistakes together.
    """
    notes = notes or Notes()
    found = features.read(path, notes)
    known: dict[str, str] = {}
    for feature in found:
        known.update({name.casefold(): name for name in feature.properties})
    if level is None:
        levels = [n for n in range(1, 6) if _pick(known, _code_names(n))]
        level = max(levels, default=None)
    above = (level or 1) - 1
    code, name, parent, people = every(
        lambda: _chosen(path, known, code_property, _code_names(level), "--code-property"),
        lambda: (
            ""
            if codes_only
            else _chosen(path, known, name_property, _name_names(known, level), "--name-property")
        ),
        lambda: _given(path, known, parent_property, "--parent-property"),
        lambda: _given(path, known, population_property, "--population-property"),
    )
    if not parent and not codes_only:
        parent = _pick(known, _name_names(known, above) if level else _PLAIN_PARENT)
    people = people or _pick(known, ("population", "pop", "t_tl"))
    here = _of_country(path, found, known, country)
    groups = _groups(path, here, (code, name, parent), keep, drop, notes)
    mistakes = Gather()
    areas = []
    for key, parts in groups.items():
        if having is not None and key not in having:
            continue
        with mistakes:
            _check_one_unit(path, key, parts, name, parent)
            area = _area(path, key, parts, name, parent, people, notes)
            if area is not None:
                areas.append(area)
    with mistakes:
        _check_apart(path, areas)
    mistakes.check()
    if not areas and having is None:
        raise ScenarioError(path, "no unit with a geometry is left")
    return areas


# -- which property is which -----------------------------------------------------------------------


def _code_names(level: int | None) -> tuple[str, ...]:
    if level is None:
        return _PLAIN_CODE
    cod = tuple(f"{a}{level}{b}" for a in ("adm", "admin") for b in ("_pcode", "pcode", "pcod"))
    return (*cod, f"gid_{level}")


def _name_names(known: Iterable[str], level: int | None) -> tuple[str, ...]:
    if level is None:
        return _PLAIN_NAME
    fixed = [f"adm{level}_{x}" for x in ("name", "en", "fr", "es", "pt")] + [f"admin{level}name"]
    others = [n for n in known if re.fullmatch(rf"adm(in)?{level}_?(name_?)?([a-z]{{2}})?", n)]
    return (*fixed, *sorted(others), f"name_{level}")


def _pick(known: Mapping[str, str], names: Iterable[str]) -> str:
    return next((known[n] for n in names if n in known), "")


def _chosen(path: Path, known: Mapping[str, str], given: str, names: tuple[str, ...], option: str) -> str:
    if given:
        if given.casefold() not in known:
            problem = f"no feature has the property {given!r}; {did_you_mean(given, known.values())}"
            raise ScenarioError(path, problem, where=option)
        return known[given.casefold()]
    found = _pick(known, names)
    if not found:
        there = ", ".join(sorted(known.values())[:12]) or "none"
        raise ScenarioError(
            path, f"no property such as {names[0]!r}; name it with {option} (properties there: {there})"
        )
    return found


def _given(path: Path, known: Mapping[str, str], given: str, option: str) -> str:
    return _chosen(path, known, given, (), option) if given else ""


# -- which features are which unit -----------------------------------------------------------------


def _of_country(
    path: Path, found: Sequence[Feature], known: Mapping[str, str], country: str
) -> list[Feature]:
    if not country:
        return list(found)
    of_country = [known[n] for n in known if re.fullmatch(r"iso|iso3|country|gid_0|adm(in)?0_?\w*", n)]
    countries: set[str] = set()
    here = []
    for feature in found:
        names = {str(feature.properties.get(n)) for n in of_country if feature.properties.get(n)}
        countries |= names
        if country.casefold() in {x.casefold() for x in names}:
            here.append(feature)
    if not here and countries:
        raise ScenarioError(path, f"has no unit of {country!r}; {did_you_mean(country, countries)}")
    if not here:
        problem = f"does not say which country its units are in; leave --country {country} out"
        raise ScenarioError(path, problem)
    return here


def _groups(
    path: Path,
    found: Sequence[Feature],
    properties: tuple[str, str, str],
    keep: Sequence[str],
    drop: Sequence[str],
    notes: Notes,
) -> dict[str, list[Feature]]:
    """Return the features of each code, without units that are dropped or not kept."""
    code, name, parent = properties
    groups: dict[str, list[Feature]] = {}
    unused = {w.casefold(): w for w in (*keep, *drop)}
    kept_words, dropped_words = ({w.casefold() for w in words} for words in (keep, drop))
    known: set[str] = set()
    mistakes = Gather()
    for feature in found:
        words = {_shown(feature.properties.get(p)) for p in (code, name, parent) if p} - {""}
        known |= words
        folded = {w.casefold() for w in words}
        for word in folded & unused.keys():
            del unused[word]
        if folded & dropped_words or (kept_words and not folded & kept_words):
            continue
        with mistakes:
            groups.setdefault(_string(path, feature, code, notes), []).append(feature)
    for word in unused.values():
        problem = f"has no unit or province {word!r}; {did_you_mean(word, known)}"
        mistakes.add(ScenarioError(path, problem))
    mistakes.check()
    if not groups:
        raise ScenarioError(path, "no unit is left; keep more or drop fewer")
    return groups


def _shown(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()


def _check_one_unit(path: Path, code: str, parts: Sequence[Feature], name: str, parent: str) -> None:
    """Raise `ScenarioError` if the features of a code cannot be one unit: other names or provinces."""
    first = parts[0]
    for other in parts[1:]:
        for key in (name, parent):
            one, two = (_shown(f.properties.get(key)) if key else "" for f in (first, other))
            if one and two and one.casefold() != two.casefold():
                raise ScenarioError(
                    path,
                    f"{code!r} is the code of {one!r} ({first.where}) and of {two!r}; give each unit its "
                    "own, or name another property with --code-property",
                    where=f"{other.where}, {key}",
                )


def _check_apart(path: Path, areas: Sequence[Area]) -> None:
    """Raise `ScenarioError` for units of different codes that are the same piece of land."""
    mistakes = Gather()
    there: dict[tuple[float, ...], Area] = {}
    for a in areas:
        place = (round(a.latitude, 6), round(a.longitude, 6), round(a.km2, 3))
        twin = there.setdefault(place, a)
        if twin is not a:
            problem = f"{twin.code!r} and {a.code!r} have the same outline; leave one out with --drop"
            mistakes.add(ScenarioError(path, problem))
    mistakes.check()


# -- one unit --------------------------------------------------------------------------------------


def _string(path: Path, feature: Feature, key: str, notes: Notes | None) -> str:
    value = feature.properties.get(key)
    where = f"{feature.where}, {key}"
    if value is None or isinstance(value, (dict, list, bool)):
        shown = "missing" if value is None else f"{value!r:.40}"
        raise ScenarioError(path, f"{shown} where a name or code is needed", where=where)
    return checked_name(_shown(value), path, notes, where=where)


def _area(
    path: Path,
    code: str,
    parts: Sequence[Feature],
    name: str,
    parent: str,
    people: str,
    notes: Notes,
) -> Area | None:
    """Return a unit, or None if it has no geometry at all."""
    outlines: list[tuple[Feature, geo.Outline]] = []
    for part in parts:
        if _empty(part.geometry):
            notes.add("left aside", f"{path.name}: features without a geometry", f"{part.where} ({code})")
        else:
            outlines.append((part, _outline(path, part.geometry or {}, f"{part.where} ({code})")))
    if not outlines:
        return None
    outlines = _once(path, code, outlines, notes)
    _remark_far_parts(path, code, outlines, notes)
    outline = [polygon for _, o in outlines for polygon in o]
    km2, longitude, latitude = geo.outline_moments(outline)
    first = outlines[0][0]
    if km2 < 1e-3:
        raise ScenarioError(path, "its outline encloses no area", where=f"{first.where} ({code})")
    numbers = [_people(path, f, people, code) for f, _ in outlines if people]
    known = [n for n in numbers if n is not None]
    people_there = sum(known) if known and len(known) == len(outlines) else None
    return Area(
        code=code,
        name=_string(path, first, name, notes) if name else code,
        parent=_string(path, first, parent, notes) if parent and first.properties.get(parent) else "",
        latitude=latitude,
        longitude=longitude,
        km2=km2,
        population=people_there,
        outline=outline,
        members=((code, people_there),),
    )


def _once(
    path: Path, code: str, outlines: list[tuple[Feature, geo.Outline]], notes: Notes
) -> list[tuple[Feature, geo.Outline]]:
    """Return the features of a unit without those that stand twice, exactly or nearly."""
    kept: list[tuple[Feature, geo.Outline]] = []
    moments: list[tuple[float, float, float]] = []
    for feature, outline in outlines:
        km2, lon, lat = geo.outline_moments(outline)
        radius = math.sqrt(km2 / math.pi)
        twin = next(
            (
                k
                for k, (area, x, y) in enumerate(moments)
                if abs(area - km2) <= 0.05 * max(area, km2)
                and float(geo.distance_km(lat, lon, y, x)) <= 0.02 * radius
            ),
            None,
        )
        if twin is None:
            kept.append((feature, outline))
            moments.append((km2, lon, lat))
        else:
            example = f"{feature.where} is {kept[twin][0].where} again ({code})"
            notes.add("left aside", f"{path.name}: features that stand twice, counted once", example)
    return kept


def _remark_far_parts(
    path: Path, code: str, outlines: Sequence[tuple[Feature, geo.Outline]], notes: Notes
) -> None:
    moments = [geo.outline_moments(outline) for _, outline in outlines]
    for (area, x, y), (other, u, v) in combinations(moments, 2):
        km = float(geo.distance_km(y, x, v, u))
        if km > FAR_APART * (math.sqrt(max(area, other) / math.pi) + 10.0):
            what = f"{path.name}: units of parts that lie far apart; is the code one unit's?"
            notes.add("look twice", what, f"{code}, {km:.0f} km")
            return


def _people(path: Path, feature: Feature, key: str, code: str) -> int | None:
    value = feature.properties.get(key)
    if value in (None, ""):
        return None
    try:
        number = float(value)
        if isinstance(value, bool) or not math.isfinite(number) or not 0 <= number <= 1e8:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        where = f"{feature.where} ({code}), {key}"
        raise ScenarioError(path, f"{value!r:.40} is not a number of people", where=where) from None
    return round(number)


def _empty(geometry: Mapping[str, Any] | None) -> bool:
    """Return whether there is no geometry, or one that several programs write for none."""
    if not geometry:
        return True
    inside = geometry.get("geometries" if geometry.get("type") == "GeometryCollection" else "coordinates")
    return isinstance(inside, (list, tuple)) and len(inside) == 0 and geometry.get("type") is not None


def _outline(path: Path, geometry: Mapping[str, Any], where: str) -> geo.Outline:
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        inside = geometry.get("geometries")
        parts = [g for g in inside if isinstance(g, dict)] if isinstance(inside, list) else []
        parts = [g for g in parts if g.get("type") in ("Polygon", "MultiPolygon") and not _empty(g)]
        if parts:  # lines and points besides are left by programs that clip
            return [polygon for g in parts for polygon in _outline(path, g, where)]
    if kind not in ("Polygon", "MultiPolygon"):
        problem = f"its geometry is {kind or 'missing'}; units need a Polygon or MultiPolygon"
        raise ScenarioError(path, problem, where=where)
    polygons = geometry.get("coordinates")
    if kind == "Polygon":
        polygons = [polygons]
    if not isinstance(polygons, (list, tuple)) or not polygons:
        raise ScenarioError(path, "its geometry has no coordinates", where=where)
    outline = []
    for polygon in polygons:
        if not isinstance(polygon, (list, tuple)) or not polygon:
            raise ScenarioError(path, "its geometry has a polygon without rings", where=where)
        outline.append([_ring(path, ring, where) for ring in polygon])
    if max(p[0][:, 0].max() for p in outline) - min(p[0][:, 0].min() for p in outline) > 180:
        raise ScenarioError(path, "spans more than half the globe; split it at the date line", where=where)
    return outline


def _ring(path: Path, ring: Any, where: str) -> geo.Ring:
    try:
        points = [(p[0], p[1]) for p in ring]
        if any(x is None or isinstance(x, (str, bool)) for p in points for x in p):
            raise ValueError
        array = np.array(points, np.float64)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise ScenarioError(path, "has a point that is not a pair of numbers", where=where) from None
    if len(array) < 4:
        raise ScenarioError(path, f"has a ring of {len(array)} points; it takes four", where=where)
    wrong = ~np.isfinite(array).all(axis=1) | (np.abs(array) > (180.0, 90.0)).any(axis=1)
    if wrong.any():
        lon, lat = array[wrong][0]
        raise ScenarioError(
            path,
            f"{lon:g}, {lat:g} is no longitude and latitude in degrees; export the file as WGS84 (EPSG:4326)",
            where=where,
        )
    if (array[0] != array[-1]).any():
        array = np.concatenate([array, array[:1]])
    return array
