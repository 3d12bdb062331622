"""Maps made by others as features with properties and a geometry: GeoJSON, or a shapefile in a zip."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario.importing import source
from sim.scenario.importing.report import Notes

_MAPS = (".shp", ".geojson", ".json")


@dataclass(frozen=True)
class Feature:
    """A feature of a map, as the file has it."""

    where: str
    """Its number, for errors: 'feature 3'."""
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


def read(path: Path, notes: Notes) -> list[Feature]:
    """Return the features of a map in longitude and latitude.

    `path` is a GeoJSON file (may be gzipped), a shapefile with its companions beside it, or a zip archive
    with one of either; of several in an archive, the inner path says which (`adm.zip/caf_adm2.shp`).
    """
    origin = source.find(path, source.LARGEST_MAP)
    if origin.kind == "book":
        raise origin.error("is a workbook, and no map")
    if origin.kind == "zip":
        inner = source.chosen(origin, _MAPS, "map")
        if inner.casefold().endswith(".shp"):
            return _shapefile(origin, _parts_in_zip(origin, inner), notes)
        return _geojson(origin, source.whole(origin, inner))
    if origin.file.suffix.casefold() == ".shp":
        return _shapefile(origin, _parts_beside(origin.file), notes)
    return _geojson(origin, source.whole(origin))


# -- GeoJSON ---------------------------------------------------------------------------------------


def _geojson(origin: source.Source, raw: bytes) -> list[Feature]:
    try:
        utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        data = json.loads(raw.decode("utf-16" if utf16 else "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = f"byte 0x{raw[error.start]:02x} is not UTF-8 text; is this a GeoJSON file in UTF-8?"
        raise origin.error(problem, line=line) from None
    except json.JSONDecodeError as error:
        raise origin.error(
            f"is not valid JSON: {error.msg}, column {error.colno}", line=error.lineno
        ) from None
    except (RecursionError, ValueError) as error:
        raise origin.error(f"is not valid JSON: {str(error)[:80]}") from None
    if isinstance(data, dict) and data.get("type") == "Topology":
        raise origin.error("is TopoJSON; convert it to GeoJSON (mapshaper.org does)")
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise origin.error("is JSON but no GeoJSON FeatureCollection")
    found = data.get("features")
    if not isinstance(found, list) or not found:
        raise origin.error("has no features")
    _check_crs(origin, data.get("crs"))
    features = []
    for i, feature in enumerate(found, start=1):
        good = isinstance(feature, dict) and isinstance(feature.get("properties"), dict)
        if not good or not isinstance(feature.get("geometry") or {}, dict):
            raise origin.error("is no feature with properties and a geometry", where=f"feature {i}")
        features.append(Feature(f"feature {i}", feature["properties"], feature.get("geometry")))
    return features


def _check_crs(origin: source.Source, crs: Any) -> None:
    text = json.dumps(crs) if crs else ""
    if crs and not re.search(r"CRS84|4326", text):
        problem = f"its coordinates are in {text[:80]}; export it as WGS84 (EPSG:4326)"
        raise origin.error(problem, where="crs")


# -- shapefiles ------------------------------------------------------------------------------------


def _parts_in_zip(origin: source.Source, inner: str) -> dict[str, bytes]:
    stem = inner[: -len(".shp")].casefold()
    there = {n.casefold(): n for n in source.members(origin, (".shp", ".shx", ".dbf", ".prj", ".cpg"))}
    parts = {e: there[stem + e] for e in (".shp", ".shx", ".dbf", ".prj", ".cpg") if stem + e in there}
    return {ending: source.whole(origin, name) for ending, name in parts.items()}


def _parts_beside(file: Path) -> dict[str, bytes]:
    beside = {p.suffix.casefold(): p for p in file.parent.glob(f"{_escaped(file.stem)}.*")}
    wanted = {e: p for e, p in beside.items() if e in (".shp", ".shx", ".dbf", ".prj", ".cpg")}
    return {e: source.whole(source.find(p, source.LARGEST_MAP)) for e, p in wanted.items()}


def _escaped(stem: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", stem)


def _shapefile(origin: source.Source, parts: Mapping[str, bytes], notes: Notes) -> list[Feature]:
    if ".dbf" not in parts:
        raise origin.error("its .dbf, which holds the names, is missing; keep a shapefile's parts together")
    _check_projection(origin, parts.get(".prj", b"").decode("latin-1"), notes)
    named = parts.get(".cpg", b"").decode("ascii", "replace").strip()
    try:
        found = _records(parts)
    except Exception as error:
        # the reader of shapefiles raises whatever its unpacking of bytes comes upon
        problem = f"is damaged, or no shapefile ({type(error).__name__}: {str(error)[:80]})"
        raise origin.error(problem) from None
    if not found:
        raise origin.error("has no features")
    encodings = list(dict.fromkeys(e for e in (_codec(named), "utf-8", "cp1252", "latin-1") if e))
    for encoding in encodings:
        try:
            decoded = [_decoded(feature, encoding) for feature in found]
        except UnicodeDecodeError:
            continue
        if encoding != encodings[0]:
            what = f"{origin.path.name}: names are not in {encodings[0]}; read as {encoding}, look at them"
            notes.add("mended", what)
        return decoded
    raise origin.error("names are in no encoding known here; save the layer with UTF-8 names")


def _decoded(feature: Feature, encoding: str) -> Feature:
    """Return a feature whose texts, read byte by byte, are read in their encoding."""

    def plain(value: Any) -> Any:
        # texts of a .dbf are padded with spaces or NULs
        return value.encode("latin-1").decode(encoding).strip(" \0") if isinstance(value, str) else value

    properties = {plain(name): plain(value) for name, value in feature.properties.items()}
    return Feature(feature.where, properties, feature.geometry)


def _codec(name: str) -> str:
    """Return Python's name of the encoding that a .cpg file names, '' if there is none."""
    import codecs

    name = name.casefold().removeprefix("ansi ").removeprefix("oem ")
    for guess in (name, f"cp{name}", {"88591": "latin-1"}.get(name, "")):
        try:
            return codecs.lookup(guess).name if guess else ""
        except LookupError:
            continue
    return ""


def _records(parts: Mapping[str, bytes]) -> list[Feature]:
    """Return the features of a shapefile, a character of their texts a byte."""
    import shapefile

    shapefile.VERBOSE = False
    files = {e[1:]: io.BytesIO(parts[e]) for e in (".shp", ".shx", ".dbf") if e in parts}
    with shapefile.Reader(**files, encoding="latin-1") as reader:
        features = []
        for i, record in enumerate(reader.iterShapeRecords(), start=1):
            geometry = None
            if record.shape.shapeType != shapefile.NULL:
                geometry = dict(record.shape.__geo_interface__)
            features.append(Feature(f"feature {i}", record.record.as_dict(), geometry))
    return features


def _check_projection(origin: source.Source, text: str, notes: Notes) -> None:
    if not text.strip():
        notes.add(
            "look twice",
            f"{origin.path.name}: has no .prj, so nobody says that it is in longitude and latitude",
        )
    elif re.match(r"\s*PROJ(CS|CRS)", text):
        name = "".join(re.findall(r'^\s*\w+\["([^"]*)"', text)[:1])
        raise origin.error(
            f"its coordinates are in {name!r:.60}; export it as WGS84 (EPSG:4326)", where="prj"
        )
    elif not re.search(r"WGS[_ ]?(19)?84", text):
        name = "".join(re.findall(r'^\s*\w+\["([^"]*)"', text)[:1])
        what = f"{origin.path.name}: is in {name!r:.60}, not WGS84; places may lie some hundred metres off"
        notes.add("look twice", what)
