"""The importers on extracts of the real data sets, where these are at hand."""

from __future__ import annotations

import csv
import gzip
import os
import re
import shlex
import shutil
import textwrap
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from maps import run
from typer.testing import CliRunner

from sim import Scenario
from sim.cli import app
from sim.scenario.importing import areas, events, geo, nodes, sites, units
from sim.scenario.importing.locate import Locator
from sim.study.plausible import remarks

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
DATA = Path(os.environ.get("DRAWDOWN_DATA", BESIDE))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the extracts are not at {DATA}")

NODES, EDGES = DATA / "districts" / "district_nodes.csv", DATA / "districts" / "district_edges.csv"
GEOPKO = DATA / "geopko" / "geopko_v21_site_map_dates.csv.gz"
CAF = DATA / "districts" / "CAF_districts_simplified.geojson"
GED = DATA / "ged" / "ged231_caf_events.csv"


@pytest.mark.parametrize("iso", ["LBR", "CIV", "TCD", "CAF", "SSD", "SDN"])
def test_outlines_agree_with_the_table_made_from_full_ones(iso: str) -> None:
    outlined = units.read(DATA / "districts" / f"{iso}_districts_simplified.geojson", country=iso)
    table, borders = nodes.read_nodes(NODES, EDGES, country=iso)
    known = {a.code: a for a in table}
    assert {a.code for a in outlined} == set(known)
    away = [
        geo.distance_km(a.latitude, a.longitude, known[a.code].latitude, known[a.code].longitude)
        for a in outlined
    ]
    assert max(away) < 2
    assert np.median([abs(a.km2 / known[a.code].km2 - 1) for a in outlined]) < 0.01
    found = areas.borders_of(outlined)
    assert len(found.keys() & borders.keys()) > 0.96 * len(borders)
    assert len(found.keys() - borders.keys()) <= 1


def test_closing_months_agree_with_those_derived_elsewhere() -> None:
    """Another derivation of the same table gives the month in the middle between the same two maps."""
    with (DATA / "geopko" / "geopko_v21_sites_and_closures.csv").open(encoding="utf-8") as file:
        derived = [r for r in csv.DictReader(file) if r["closure_kind"] == "within"]
    compared = 0
    for mission in ("MINUSCA", "UNMIL", "UNOCI", "MINURCAT"):
        found = sites.read_geopko(GEOPKO, [mission])
        maps = sorted({day for site in found.values() for day in site.troops})
        for row in derived:
            if row["mission_family"] != mission or row["site_id"] not in found:
                continue
            time = sites.stay(found[row["site_id"]], maps)
            assert time is not None
            assert time.closed is not None
            assert f"{time.closed[0]:%Y-%m} {time.closed[1]:%Y-%m}" == (
                f"{row['last_map_with_troops']} {row['next_map_without']}"
            )
            year, month = map(int, row["closure_month_est"].split("-"))
            assert abs((sites.middle(*time.closed) - date(year, month, 15)).days) <= 31
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("mission", ["MINUSCA", "UNMIL", "UNOCI", "MONUSCO"])
def test_totals_agree_with_those_summed_elsewhere(mission: str) -> None:
    with (DATA / "geopko" / "mission_month_troops_from_geopko.csv").open(encoding="utf-8") as file:
        summed = {
            date(int(r["year"]), int(r["month"]), 15): float(r["troops_on_map"])
            for r in csv.DictReader(file)
            if r["mission"] == mission
        }
    found = sites.read_geopko(GEOPKO, [mission]).values()
    assert len(summed) > 5
    with gzip.open(GEOPKO, "rt", encoding="utf-8") as file:
        maps = {(date(int(r["year"]), int(r["month"]), 15), r["source"]) for r in csv.DictReader(file)
                if r["mission"] == mission}  # fmt: skip
    editions = Counter(day for day, _ in maps)
    for day, total in summed.items():
        here = sum(site.troops.get(day) or 0 for site in found)
        if editions[day] == 1:
            assert here == pytest.approx(total)
        else:  # a map and its republished editions, of which the other sum has all
            assert 0.8 * total < editions[day] * here < 1.2 * total
    assert (max(editions.values()) > 1) == (mission == "MONUSCO")


def test_events_are_counted_once_and_all() -> None:
    with GED.open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if "2014-01-01" <= r["date_start"] <= "2018-12-31"]
    precise = [r for r in rows if int(r["where_prec"]) <= 3]
    asked = events.Asked(date(2014, 1, 1), date(2018, 12, 31), country="central african republic")
    found = events.read_ged(GED, asked)
    assert (found.events, found.vague) == (len(precise), len(rows) - len(precise))
    deaths = events.read_ged(GED, replace(asked, measure="deaths"))
    assert sum(deaths.places.values()) == sum(int(r["best"]) for r in precise)
    outlined = units.read(CAF)
    places = list(found.places)
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    by_outline = Locator(outlined, snap_km=0).find(lats, lons)
    table, _ = nodes.read_nodes(NODES, EDGES, country="CAF")
    order = {a.code: i for i, a in enumerate(outlined)}
    nearest = Locator(sorted(table, key=lambda a: order[a.code])).find(lats, lons)
    same = [a == b for a, b in zip(by_outline, nearest, strict=True) if a is not None]
    assert np.mean(same) > 0.8


def test_a_whole_case_from_the_extracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with NODES.open(encoding="utf-8") as file:
        people = [f"{r['id']},{r['population']}\n" for r in csv.DictReader(file) if r["iso"] == "LBR"]
    Path("people.csv").write_text("pcode,population\n" + "".join(people))
    outlines = str(DATA / "districts" / "LBR_districts_simplified.geojson")
    period = ("--start", "2011-01-03", "--end", "2018-12-30")
    code, out = run("districts", "liberia", "--geojson", outlines, "--population", "people.csv", *period)
    assert code == 0, out
    code, out = run("bases", "liberia", "--mission", "UNMIL", "--geopko", str(GEOPKO), "--geojson", outlines)
    assert code == 0, out
    case = Scenario.load("scenarios/liberia")
    assert len(case.districts) == 15
    closures = [a for a in case.schedules["actual"].actions if a.do == "close"]
    assert len(closures) > 20
    monrovia = next(u for u in case.units if u.base == "Monrovia")
    assert monrovia.district == "montserrado"
    assert not [x for x in remarks(case) if "record.csv, line" in x or "knows of no closure" in x]


def test_the_tutorial_works_as_it_is_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commands and tables, in their order, on extracts under the names it uses."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(CAF, "caf_adm2.geojson")
    shutil.copy(GED, "ged.csv")
    Path("geopko.csv").write_bytes(gzip.decompress(GEOPKO.read_bytes()))
    with NODES.open(encoding="utf-8") as file:
        people = [f"{r['id']},{r['population']}\n" for r in csv.DictReader(file) if r["iso"] == "CAF"]
    Path("caf_population.csv").write_text("pcode,population\n" + "".join(people))
    text = (root / "docs" / "making-a-case.md").read_text(encoding="utf-8")
    shown = re.compile(
        r"^ *```sh\n(?P<commands>.*?)^ *```"
        r"|`(?P<name>scenarios/\S+)`[^`]*?^ *```(?:csv|toml)\n(?P<body>.*?)^ *```",
        re.MULTILINE | re.DOTALL,
    )
    ran, written = [], []
    for part in shown.finditer(text):
        if part["name"]:
            Path(part["name"]).write_text(textwrap.dedent(part["body"]), encoding="utf-8")
            written.append(Path(part["name"]).name)
            continue
        for line in part["commands"].replace("\\\n", " ").splitlines():
            words = shlex.split(line)
            assert words[0] == "drawdown"
            if words[1] == "compare":  # compiles; its schedules are tried below
                continue
            result = CliRunner().invoke(app, words[1:])
            assert result.exit_code == 0, f"{line}\n{result.output}"
            ran.append(words[1])
    assert ran == ["import", "import", "import", "check", "schedules"]
    assert written == [
        "places.csv",
        "armed_groups.csv",
        "state_forces.csv",
        "humanitarian.csv",
        "west-first.toml",
    ]
    case = Scenario.load("scenarios/car-minusca")
    assert (len(case.districts), len(case.bases)) == (37, 11)
    assert {d.id: d.baseline_violence for d in case.districts}["bimbo"] == 34, "as the text says"
    assert len(case.armed_groups) == 3
    assert [p.district for p in case.places] == ["birao", "birao"]
    assert all(u.latitude is not None for u in case.units), "as the maps have it"
    case.schedule("phased:3")
    case.schedule("west-first")
