"""A made-up country for the importers: six square districts, three sites of a mission, a few events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner

from sim.cli import app


def square(west: float, south: float, size: float = 1.0) -> list[list[list[float]]]:
    """Return the coordinates of a square polygon."""
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(code: str, name: str, parent: str, rings: object, **more: object) -> dict[str, object]:
    """Return a feature with the property names of COD-AB."""
    properties = {
        "ADM0_FR": "Pays",
        "ADM0_PCODE": "XX",
        "ADM1_FR": parent,
        "ADM1_PCODE": code[:4],
        "ADM2_FR": name,
        "ADM2_PCODE": code,
        **more,
    }
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def country() -> list[dict[str, object]]:
    """Return six units in two rows of three: Aa, Bé, Cc in the south, Dd, Ee, Ff in the north."""
    names = ["Aa", "Bé", "Cc", "Dd", "Ee", "Ff"]
    return [
        feature(f"XX0{i // 3 + 1}0{i % 3 + 1}", name, f"Row {i // 3 + 1}", square(20 + i % 3, 5 + i // 3))
        for i, name in enumerate(names)
    ]


PEOPLE = {
    "XX0101": 90_000,
    "XX0102": 200_000,
    "XX0103": 20_000,
    "XX0201": 150_000,
    "XX0202": 60_000,
    "XX0203": 300_000,
}

SITES = """\
mission,site_id,location,country,latitude,longitude,year,month,no_troops,hq
UNX,1,Aaville,Pays,5.5,20.5,2015,1,600,3
UNX,2,Béville,Pays,5.5,21.5,2015,1,300,0
UNX,4,Office,Pays,6.5,21.5,2015,1,unknown,0
UNX,1,Aaville,Pays,5.5,20.5,2015,7,600,3
UNX,2,Béville,Pays,5.5,21.5,2015,7,300,0
UNX,3,Ffville,Pays,6.5,22.5,2015,7,200,0
UNX,1,Aaville,Pays,5.5,20.5,2016,7,900,3
UNX,3,Ffville,Pays,6.5,22.5,2016,7,200,0
UNX,5,Abroad,Other,9.5,30.5,2016,7,100,0
UNX,1,Aaville,Pays,5.5,20.5,2017,7,400,3
UNY,9,Elsewhere,Other,1.5,1.5,2017,7,100,0
"""

EVENTS = """\
id,year,type_of_violence,where_prec,latitude,longitude,country,date_start,date_end,deaths_civilians,best
1,2014,3,1,5.5,20.5,Pays,2014-03-01 00:00:00.000,2014-03-01,2,5
2,2014,1,2,5.6,20.4,Pays,2014-04-01 00:00:00.000,2014-04-01,0,7
3,2013,3,1,6.5,22.5,Pays,2013-04-01 00:00:00.000,2013-04-01,3,3
4,2014,3,6,6.5,22.5,Pays,2014-04-01 00:00:00.000,2014-04-01,9,9
5,2014,3,1,6.5,50.5,Pays,2014-04-01 00:00:00.000,2014-04-01,1,1
6,2005,3,1,6.5,22.5,Pays,2005-04-01 00:00:00.000,2005-04-01,1,1
7,2014,3,1,6.5,22.5,Other,2014-04-01 00:00:00.000,2014-04-01,4,4
8,2016,3,1,6.5,22.5,Pays,2016-04-01 00:00:00.000,2016-04-01,1,1
"""


def geojson(features: Sequence[object], **more: object) -> str:
    """Return the text of a GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)}, ensure_ascii=False)


def lay(folder: Path) -> None:
    """Write the made-up files into a folder."""
    (folder / "map.geojson").write_text(geojson(country()), encoding="utf-8")
    people = "".join(f"{code},{n}\n" for code, n in PEOPLE.items())
    (folder / "people.csv").write_text("pcode,population\n" + people)
    (folder / "sites.csv").write_text(SITES, encoding="utf-8")
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8")


def run(*words: str | Path) -> tuple[int, str]:
    """Run `drawdown import ...`; return its exit code and what it printed, on one line."""
    result = CliRunner().invoke(app, ["import", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


MAP = ("--geojson", "map.geojson", "--population", "people.csv")
PERIOD = ("--start", "2015-02-02", "--end", "2019-12-29")
"""Options of a new case."""
