"""What files of this work get wrong, kind by kind: the right value, and a line in the report."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapefile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from maps import EVENTS, MAP, PERIOD, SITES, country, feature, geojson, lay, run, square
from typer.testing import CliRunner

from sim import Scenario, ScenarioError
from sim.cli import app
from sim.scenario.importing import events, nodes, outlines, sites, tables, units, write
from sim.scenario.importing.mistakes import Mistakes
from sim.scenario.importing.names import mended
from sim.scenario.importing.report import REPORT, Notes
from sim.scenario.outlines import read_outlines

HEADER = "Source,Mission,Year,Month,Location,Country,Latitude,Longitude,No.troops\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lay(tmp_path)
    return tmp_path


def table(rows: list[str]) -> tuple[dict[str, sites.Site], Notes]:
    Path("pko.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    notes = Notes()
    found = sites.read_geopko(Path("pko.csv"), ["UNX"], notes=notes)
    return sites.join_renamed(found, notes), notes


def row(source: str, year: int, month: int, name: str, lat: object, lon: object, troops: object) -> str:
    return f"{source},UNX,{year},{month},{name},Pays,{lat},{lon},{troops}"


def day(year: int, month: int) -> date:
    return date(year, month, 15)


# -- bases -----------------------------------------------------------------------------------------


def test_a_site_under_two_names_is_one_base(place: Path) -> None:
    rows = [row(f"M{y}", y, 1, "Camp" if y < 2016 else "Aaville", 5.5, 20.5, 300) for y in range(2013, 2019)]
    rows += [row(f"M{y}", y, 1, "Other", 6.5, 20.5, 100) for y in range(2013, 2019)]
    found, notes = table(rows)
    assert {s.name: len(s.troops) for s in found.values()} == {"Aaville": 6, "Other": 6}
    assert "Camp and Aaville (0.0 km apart, from January 2016), as Aaville" in notes.of("joined")[0]


@pytest.mark.parametrize(
    ("place_of_second", "first_year"),
    [((5.5, 20.6), 2016), ((5.5, 20.5), 2015), ((5.5, 20.5), 2017)],
    ids=["elsewhere", "both on one map", "a map without either between"],
)
def test_sites_that_do_not_follow_each_other_at_one_place_stay_two(
    place: Path, place_of_second: tuple[float, float], first_year: int
) -> None:
    rows = [row(f"M{y}", y, 1, "Camp", 5.5, 20.5, 300) for y in range(2013, 2016)]
    rows += [row(f"M{y}", y, 1, "New", *place_of_second, 300) for y in range(first_year, 2019)]
    rows += [row(f"M{y}", y, 1, "Other", 6.5, 20.5, 100) for y in range(2013, 2019)]
    found, notes = table(rows)
    assert {s.name for s in found.values()} == {"Camp", "New", "Other"}
    assert not notes.of("joined")


def test_two_maps_of_one_month_are_not_added_up(place: Path) -> None:
    rows = [row("Rev. 1", 2016, 4, "A", 5.5, 20.5, 300), row("Rev. 1", 2016, 4, "B", 6.5, 20.5, 100)]
    again = [row("Rev. 1.1", 2016, 4, "A", 5.5, 20.5, 320), row("Rev. 1.1", 2016, 4, "B", 6.5, 20.5, 100)]
    found, notes = table(rows + again)
    assert {s.name: s.troops[day(2016, 4)] for s in found.values()} == {"A": 320, "B": 100}
    assert "'Rev. 1' beside 'Rev. 1.1': left aside" in notes.of("left aside")[0]
    # a camp and its headquarters on one map are added
    both, _ = table([*rows, row("Rev. 1", 2016, 4, "A", 5.5, 20.5, 50)])
    assert next(s for s in both.values() if s.name == "A").troops == {day(2016, 4): 350}


def test_a_slip_in_the_month_goes_where_its_map_is(place: Path) -> None:
    rows = [row("Rev. 1", 2016, 4, n, 5.5 + i / 10, 20.5, 300) for i, n in enumerate("AB")]
    rows += [row("Rev. 2", 2016, 4, "A", 5.5, 20.5, 280)]
    rows += [row("Rev. 2", 2016, 6, n, 5.5 + i / 10, 20.5, 300) for i, n in enumerate("BC", start=1)]
    found, _ = table(rows)
    assert next(s for s in found.values() if s.name == "A").troops == {day(2016, 4): 300, day(2016, 6): 280}


def test_rows_that_stand_twice_count_once(place: Path) -> None:
    rows = [row("R", 2016, 4, "A", 5.5, 20.5, 300)] * 2
    found, notes = table(rows)
    assert next(iter(found.values())).troops == {day(2016, 4): 300}
    assert "stand twice, counted once (1): line 3, A" in notes.of("left aside")[0]


def test_one_stray_row_does_not_move_a_base(place: Path) -> None:
    rows = [row(f"M{y}", y, 1, "A", 5.5 if y < 2016 else 9.0, 20.5, 300) for y in range(2013, 2017)]
    for order in (rows, rows[::-1]):
        found, notes = table(order)
        site = next(iter(found.values()))
        assert (site.latitude, site.longitude) == (5.5, 20.5)
        assert "A, 1 of 4 rows up to 389 km away" in notes.of("look twice")[0]


def test_two_places_of_one_name_on_one_map_are_two_sites(place: Path) -> None:
    rows = [row("M", 2016, 4, "A", lat, 20.5, 300) for lat in (5.5, 6.5)]
    found, _ = table(rows)
    assert sorted(s.latitude for s in found.values()) == [5.5, 6.5]
    assert [s.troops for s in found.values()] == [{day(2016, 4): 300.0}] * 2


def test_a_row_without_coordinates_is_left_aside_or_lies_with_its_site(place: Path) -> None:
    rows = [row("M", 2016, 4, "A", 5.5, 20.5, 300), row("N", 2016, 7, "A", "NA", "", 200)]
    rows += [row("M", 2016, 4, "unclear", "NA", "NA", 150)]
    found, notes = table(rows)
    assert [s.name for s in found.values()] == ["A"]
    assert next(iter(found.values())).troops[day(2016, 7)] == 200
    assert "line 4, unclear, April 2016, 150 troops" in notes.of("left aside")[0]


def test_a_yearly_table_is_read_and_said_to_be_coarse(place: Path) -> None:
    text = "mission,year,country,location,latitude,longitude,NoTroops,ave.no.troops\n"
    text += "".join(f"UNX,{y},Pays,Aaville,5.5,20.5,700,650\n" for y in range(2014, 2018))
    text += "".join(
        f"UNX,{y},Pays,Béville,5.5,21.5,,\nUNX,{y},Pays,Cc,5.5,22.5,300,300\n" for y in (2014, 2015)
    )
    (place / "yearly.csv").write_text(text, encoding="utf-8")
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    code, out = run("bases", "pays", "--mission", "UNX", "--geopko", "yearly.csv")
    assert code == 0, out
    assert "a row is a year" in out
    case = Scenario.load(Path("scenarios/pays"))
    assert {u.base: u.strength for u in case.units} == {"Aaville": 650, "Cc": 300}
    assert [a.on for a in case.schedules["actual"].actions] == [date(2015, 7, 2)]


def test_tables_of_another_kind_are_told_apart(place: Path) -> None:
    (place / "radpko.csv").write_text("mission,base,date,latitude,longitude,untrp\nUNX,a,2015-01-01,5,20,7\n")
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    code, out = run("bases", "pays", "--mission", "UNX", "--geopko", "radpko.csv")
    assert (code, "give it with --radpko" in out) == (2, True)
    code, out = run("violence", "pays", "--acled", "events.csv", "--country", "Pays")
    assert (code, "give it with --ged" in out) == (2, True)


# -- maps ------------------------------------------------------------------------------------------


def test_a_map_that_names_its_units_otherwise_serves_bases_and_violence(place: Path) -> None:
    given_map = [
        {**f, "properties": {"ID": f["properties"]["ADM2_PCODE"], "WHO": f["properties"]["ADM2_FR"]}}  # type: ignore[index]
        for f in country()
    ]
    (place / "map.geojson").write_text(geojson(given_map), encoding="utf-8")
    named = ("--code-property", "ID")
    assert run("districts", "pays", *MAP, *PERIOD, *named, "--name-property", "WHO")[0] == 0
    with_map = ("--geojson", "map.geojson", *named)
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", *with_map)[0] == 0
    assert run("violence", "pays", "--ged", "events.csv", *with_map)[0] == 0


@pytest.mark.parametrize(("name", "parent"), [("Far", "Row 1"), ("Aa", "Row 9")])
def test_a_code_of_two_units_is_refused(place: Path, name: str, parent: str) -> None:
    (place / "map.geojson").write_text(geojson([*country(), feature("XX0101", name, parent, square(30, 9))]))
    code, out = run("districts", "pays", *MAP, *PERIOD)
    assert code == 2
    assert "feature 7" in out
    assert "'XX0101' is the code of" in out
    assert run("districts", "pays", *MAP, *PERIOD, "--drop", name if name != "Aa" else parent)[0] == 0


def test_a_feature_that_stands_twice_counts_once(place: Path) -> None:
    first = country()[0]
    first["properties"]["population"] = 1000  # type: ignore[index]
    (place / "map.geojson").write_text(geojson([first, *country()[1:], first]), encoding="utf-8")
    notes = Notes()
    found = units.read(place / "map.geojson", notes=notes)
    assert found[0].km2 == pytest.approx(111.195**2 * 0.9954, rel=1e-3)
    assert found[0].population == 1000
    assert "feature 7 is feature 1 again (XX0101)" in notes.of("left aside")[0]


def test_one_outline_under_two_codes_is_refused(place: Path) -> None:
    (place / "map.geojson").write_text(
        geojson([*country(), feature("XX0109", "Aa 2", "Row 1", square(20, 5))])
    )
    assert "'XX0101' and 'XX0109' have the same outline" in run("districts", "pays", *MAP, *PERIOD)[1]


@pytest.mark.parametrize("geometry", [None, {}, {"type": "Polygon", "coordinates": []}])
def test_units_without_a_geometry_are_left_aside(place: Path, geometry: object) -> None:
    nowhere = {**feature("XX0301", "Unassigned", "Row 1", []), "geometry": geometry}
    (place / "map.geojson").write_text(geojson([*country(), nowhere]), encoding="utf-8")
    code, out = run("districts", "pays", *MAP, *PERIOD)
    assert code == 0, out
    assert "features without a geometry (1): feature 7 (XX0301)" in out
    assert len(Scenario.load(Path("scenarios/pays")).districts) == 6


def test_what_is_dropped_may_be_wrong(place: Path) -> None:
    wrong = {**feature("XX0301", "Sea", "Row 1", []), "geometry": {"type": "Point", "coordinates": [20, 5]}}
    (place / "map.geojson").write_text(geojson([*country(), wrong]), encoding="utf-8")
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 2
    assert run("districts", "pays", *MAP, *PERIOD, "--drop", "Sea")[0] == 0


def test_a_town_inside_its_district_is_not_a_few_minutes_away(place: Path) -> None:
    ring = feature("XX0101", "Ring", "P", [*square(20, 5, 1.0), square(20.45, 5.45, 0.1)[0]])
    town = feature("XX0102", "Town", "P", square(20.45, 5.45, 0.1))
    (place / "map.geojson").write_text(geojson([ring, town]))
    assert run("districts", "pays", "--geojson", "map.geojson", "--density", "20", *PERIOD)[0] == 0
    case = Scenario.load(Path("scenarios/pays"))
    radius = (case.districts[0].area_km2 / 3.14159) ** 0.5
    assert case.routes[0].hours_dry == pytest.approx(2 / 3 * radius * 1.4 / 27, abs=0.1)


def test_names_that_repeat_are_told_apart_where_they_are_shown(place: Path) -> None:
    twins = [feature(f"XX0{i}01", "Same", p, square(20, 5 + i)) for i, p in enumerate(["South", "North"])]
    (place / "map.geojson").write_text(geojson(twins))
    assert run("districts", "pays", "--geojson", "map.geojson", "--density", "20", *PERIOD)[0] == 0
    assert {d.name for d in Scenario.load(Path("scenarios/pays")).districts} == {
        "Same (South)",
        "Same (North)",
    }


# -- people and events -----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["120,000", "120 000", "120\u202f000", "120'000", "120000", "120000.0"])
def test_tags_and_thousands_separators_are_understood(place: Path, written: str) -> None:
    text = "ADM2_PCODE,ADM2_EN,T_TL\n#adm2+code,#adm2+name,#population+total\n"
    text += f'XX01,A,"{written}"\n,Total,"{written}"\n'
    (place / "p.csv").write_text(text, encoding="utf-8")
    assert nodes.read_population(place / "p.csv") == {"XX01": 120_000}


def test_a_point_that_may_part_thousands_is_refused(place: Path) -> None:
    (place / "p.csv").write_text("pcode,population\nXX01,120.000\nXX02,1.120.000\n")
    with pytest.raises(ScenarioError, match=r"'120\.000' may be 120 or 120000 people") as caught:
        nodes.read_population(place / "p.csv")
    assert "line 3" not in str(caught.value)


def test_an_event_that_stands_twice_counts_once_by_its_last_row(place: Path) -> None:
    again = "2,2014,1,2,6.5,22.5,Pays,2014-04-01,2014-04-01,0,3\n"
    (place / "events.csv").write_text(EVENTS + again, encoding="utf-8")
    asked = events.Asked(date(2010, 1, 1), date(2015, 1, 1), country="Pays", measure="deaths")
    notes = Notes()
    found = events.read_ged(place / "events.csv", asked, notes=notes)
    assert found.places[6.5, 22.5] == 3 + 3
    assert (5.6, 20.4) not in found.places
    assert "id 2" in notes.of("left aside")[0]


ACLED = """\
event_id_cnty,event_date,event_type,sub_event_type,actor1,civilian_targeting,country,admin1,\
latitude,longitude,geo_precision,fatalities
PAY1,30 April 2014,Battles,Armed clash,Rebels,,Pays,Row 1,5.5,20.5,1,5
PAY2,2014-05-01,Violence against civilians,Attack,Rebels,Civilian targeting,Pays,Row 1,5.5,20.5,2,4
PAY2,2014-05-01,Violence against civilians,Attack,Rebels,Civilian targeting,Pays,Row 1,5.5,20.5,2,3
PAY3,01 June 2014,Protests,Peaceful protest,Protesters,,Pays,Row 1,5.5,20.5,1,0
PAY4,02 June 2014,Explosions/Remote violence,Shelling,Rebels,,Pays,Row 2,6.5,22.5,3,9
PAY5,03 June 2014,Explosions/Remote violence,Shelling,Rebels,Civilian targeting,Pays,Row 2,6.5,22.5,1,2
PAY6,03 June 2014,Riots,Mob violence,Rioters,Civilian targeting,Pays,Row 2,6.5,22.5,1,1
"""


@pytest.mark.parametrize(
    ("words", "aa", "ff"),
    [
        ((), 2, 1),
        (("--measure", "deaths"), 8, 2),
        (("--measure", "civilians"), 3, 2),
        (("--types", "Riots,Protests"), 1, 1),
        (("--precision", "3"), 2, 2),
    ],
)
def test_acled_is_read(place: Path, words: tuple[str, ...], aa: int, ff: int) -> None:
    (place / "acled.csv").write_text(ACLED, encoding="utf-8")
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    code, out = run("violence", "pays", "--acled", "acled.csv", "--country", "Pays", *words)
    assert code == 0, out
    found = {d.id: d.baseline_violence for d in Scenario.load(Path("scenarios/pays")).districts}
    assert (found["aa"], found["ff"]) == (aa, ff)


def test_sums_of_acled_are_refused_with_what_to_use(place: Path) -> None:
    (place / "acled.csv").write_text("Country,Admin1,Month,Year,Events,Fatalities\nPays,Row 1,May,2014,3,4\n")
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    code, out = run("violence", "pays", "--acled", "acled.csv", "--country", "Pays")
    assert (code, "export the events" in out) == (2, True)


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@given(name=st.text("abcdeéèêëçñïôö ÉÀ'-", min_size=1, max_size=20))
def test_wrongly_decoded_names_are_mended_and_others_stay(encoding: str, name: str) -> None:
    assert mended(name) == name
    try:
        mangled = name.encode().decode(encoding)
    except UnicodeDecodeError:
        return
    assert mended(mangled) == name
    assert mended("LIBERTÉ’S Ã ville") == "LIBERTÉ’S Ã ville"


def test_a_mended_name_is_listed(place: Path) -> None:
    (place / "map.geojson").write_text(geojson([feature("XX0101", "MÃ©naka", "P", square(20, 5))]))
    assert run("districts", "pays", "--geojson", "map.geojson", "--density", "20", *PERIOD)[0] == 0
    assert Scenario.load(Path("scenarios/pays")).districts[0].name == "Ménaka"
    report = (place / "scenarios/pays" / REPORT).read_text(encoding="utf-8")
    assert "'MÃ©naka' read as 'Ménaka'" in report


# -- files of other kinds --------------------------------------------------------------------------


def shapes(
    folder: Path, name: str, *, projection: str = 'GEOGCS["GCS_WGS_1984"]', encoding: str = "utf-8"
) -> bytes:
    parts = {e: io.BytesIO() for e in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding=encoding) as writer:
        writer.field("ADM2_PCODE", "C", size=20)
        writer.field("ADM2_FR", "C", size=50)
        for f in country():
            ring = f["geometry"]["coordinates"][0]  # type: ignore[index]
            writer.poly([ring[::-1]])
            writer.record(f["properties"]["ADM2_PCODE"], f["properties"]["ADM2_FR"])  # type: ignore[index]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending, part in parts.items():
            archive.writestr(f"{name}.{ending}", part.getvalue())
        archive.writestr(f"{name}.prj", projection)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_zipped_shapefile_is_the_same_map(place: Path, encoding: str) -> None:
    (place / "adm.zip").write_bytes(shapes(place, "adm2", encoding=encoding))
    plain, packed = units.read(place / "map.geojson"), units.read(place / "adm.zip")
    assert [(a.code, a.name, a.km2) for a in packed] == [
        (a.code, a.name, pytest.approx(a.km2)) for a in plain
    ]
    with zipfile.ZipFile(place / "adm.zip") as archive:
        archive.extractall(place)
    assert len(units.read(place / "adm2.shp")) == 6


def test_a_zip_of_several_layers_says_which_and_takes_one(place: Path) -> None:
    inside = zipfile.ZipFile(io.BytesIO(shapes(place, "a/adm2")))
    with zipfile.ZipFile(place / "adm.zip", "w") as archive:
        for name in inside.namelist():
            archive.writestr(name, inside.read(name))
            archive.writestr(name.replace("adm2", "adm1"), inside.read(name))
    with pytest.raises(
        ScenarioError, match=r"holds 2 maps; name one of them: .*adm\.zip/a/adm1\.shp, .*adm2\.shp"
    ):
        units.read(place / "adm.zip")
    assert len(units.read(place / "adm.zip" / "a" / "adm2.shp")) == 6
    with pytest.raises(ScenarioError, match=r"did you mean 'a/adm2\.shp'"):
        units.read(place / "adm.zip" / "a" / "adm3.shp")


def test_a_map_in_metres_is_refused(place: Path) -> None:
    (place / "adm.zip").write_bytes(shapes(place, "adm2", projection='PROJCS["WGS_1984_UTM_Zone_34N"]'))
    with pytest.raises(ScenarioError, match=r"WGS_1984_UTM_Zone_34N.*export it as WGS84"):
        units.read(place / "adm.zip")


def book(sheets: dict[str, list[list[object]]]) -> bytes:
    """Return a small .xlsx with numbers as floats and texts inline."""

    def cell(value: object) -> str:
        if isinstance(value, (int, float)):
            return f"<c><v>{float(value)}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    office = "http://schemas.openxmlformats.org"
    names = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, start=1))
    links = "".join(
        f'<Relationship Id="r{i}" Type="{office}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{office}/package/2006/content-types">{kinds}</Types>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{office}/spreadsheetml/2006/main" '
            f'xmlns:r="{office}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{office}/package/2006/relationships">{links}</Relationships>',
        )
        for i, rows in enumerate(sheets.values(), start=1):
            body = "".join(f"<row>{''.join(map(cell, r))}</row>" for r in rows)
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{office}/spreadsheetml/2006/main"><sheetData>{body}</sheetData>'
                "</worksheet>",
            )
    return packed.getvalue()


def test_a_workbook_is_read_by_the_sheet_that_fits(place: Path) -> None:
    people: list[list[object]] = [["pcode", "population"], ["XX0101", 90_000], ["XX0102", 200_000.0]]
    (place / "p.xlsx").write_bytes(book({"read me": [["Made by", "us"]], "adm2": people}))
    assert nodes.read_population(place / "p.xlsx") == {"XX0101": 90_000, "XX0102": 200_000}
    (place / "p.xlsx").write_bytes(book({"old": people, "new": [*people, ["XX0103", 5]]}))
    with pytest.raises(
        ScenarioError, match=r"has 2 sheets with these columns; name one of them: .*p\.xlsx/old"
    ):
        nodes.read_population(place / "p.xlsx")
    assert nodes.read_population(place / "p.xlsx" / "new")["XX0103"] == 5


def test_gzip_zip_tabs_and_utf_16_are_read(place: Path) -> None:
    (place / "map.geojson.gz").write_bytes(gzip.compress((place / "map.geojson").read_bytes()))
    assert len(units.read(place / "map.geojson.gz")) == 6
    plain = sites.read_geopko(place / "sites.csv", ["UNX"])
    (place / "t.tsv").write_text(SITES.replace(",", "\t"), encoding="utf-16")
    with zipfile.ZipFile(place / "s.zip", "w") as archive:
        archive.writestr("sites.csv", SITES)
        archive.writestr("__MACOSX/._sites.csv", b"\0")
    for name in ("t.tsv", "s.zip"):
        assert sites.read_geopko(place / name, ["UNX"]) == plain


def test_pipes_devices_folders_and_damaged_archives_are_refused_at_once(place: Path) -> None:
    os.mkfifo(place / "pipe.csv")
    (place / "cut.csv.gz").write_bytes(gzip.compress(SITES.encode())[:-20])
    (place / "cut.zip").write_bytes(shapes(place, "adm2")[:200])
    (place / "long.csv").write_text("x" * (1 << 21))
    for name, what in (
        ("pipe.csv", "is a pipe or a device"),
        ("/dev/zero", "is a pipe or a device"),
        (".", "is a folder"),
        ("cut.csv.gz", "is it damaged"),
        ("cut.zip", "is a damaged zip"),
        ("long.csv", "no end of line"),
        ("none.csv/inner.csv", "there is no such file"),
        ("sites.csv/inner", "neither a folder nor an archive"),
    ):
        with pytest.raises(ScenarioError, match=what):
            list(tables.lines(Path(name), {"a": ("a",)}))
        with pytest.raises(ScenarioError):
            units.read(Path(name))


# -- all mistakes at once --------------------------------------------------------------------------


def test_all_missing_columns_and_bad_cells_are_told_at_once(place: Path) -> None:
    text = SITES.replace("latitude", "lattitude").replace("month", "mo").replace("no_troops", "n")
    (place / "sites.csv").write_text(text, encoding="utf-8")
    with pytest.raises(
        Mistakes, match=r"2 mistakes:(.|\n)*'latitude': is missing(.|\n)*'ave.no.troops': is missing"
    ):
        sites.read_geopko(place / "sites.csv", ["UNX"])
    text = SITES.replace("5.5,20.5,2015,1,600", "95.5,x,2015,13,600").replace("200,0\n", "200\n", 1)
    (place / "sites.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Mistakes) as caught:
        sites.read_geopko(place / "sites.csv", ["UNX"])
    assert [(e.line, e.where) for e in caught.value.errors] == [
        (2, "column 'latitude'"),
        (2, "column 'month'"),
        (7, ""),
    ]


def test_mistakes_of_map_and_people_are_told_together(place: Path) -> None:
    bad = [{**f, "geometry": {"type": "Point", "coordinates": [20, 5]}} for f in country()[:2]]
    (place / "map.geojson").write_text(geojson([*bad, *country()[2:]]), encoding="utf-8")
    (place / "people.csv").write_text("pcode,population\nXX0101,many\nXX0102,few\n")
    code, out = run("districts", "pays", *MAP, *PERIOD)
    assert code == 2
    assert "4 mistakes" in out
    printed = CliRunner().invoke(app, ["import", "districts", "pays", *MAP, *PERIOD]).output
    assert [line[:4] for line in printed.splitlines()] == ["erro", *["  - "] * 4]
    for part in ("feature 1 (XX0101)", "feature 2 (XX0102)", "line 2, column 'population'", "line 3"):
        assert part in out
    assert not (place / "scenarios").exists()


@pytest.mark.parametrize(
    "option", ["--density", "--speed", "--detour", "--wetter", "--touch", "--least-border"]
)
def test_what_is_endless_is_no_number_of_an_option(option: str, place: Path) -> None:
    for value in ("inf", "nan", "1e300", "-inf"):
        code, out = run("districts", "pays", *MAP, *PERIOD, option, value)
        assert code == 2, out
        assert "Invalid value for" in out
    assert not (place / "scenarios").exists()


# -- written as one --------------------------------------------------------------------------------


def test_a_kill_at_any_step_leaves_the_old_case_whole(place: Path) -> None:
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    folder = place / "scenarios" / "pays"
    (folder / "README.md").write_text("mine")
    files = {"districts.csv": (folder / "districts.csv").read_text().replace("Row 1", "South")}
    files["routes.csv"] = (folder / "routes.csv").read_text().replace("road", "track")
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    after = {**before, **{n: t.encode() for n, t in files.items()}}
    seen = []
    for step in range(1, 60):
        child = os.fork()
        if child == 0:
            calls = 0

            def stop(event: str, arguments: object) -> None:
                nonlocal calls
                if event in (
                    "open",
                    "os.rename",
                    "os.link",
                    "os.remove",
                    "os.mkdir",
                    "os.rmdir",
                    "ctypes.dlsym",
                ):
                    calls += 1
                    if calls == step:  # noqa: B023
                        os.kill(os.getpid(), 9)

            import sys

            sys.addaudithook(stop)
            write.publish(folder, files)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        now = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
        assert now in (before, after), f"neither the old case nor the new after {step} steps"
        seen.append(now == after)
        if status == 0:
            break
    assert seen[0] is False
    assert seen[-1] is True
    assert Scenario.load(folder).districts[0].province == "South"


def test_a_case_is_written_whole_without_the_swap_of_names_too(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_swapped", lambda one, other: False)
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    (place / "scenarios/pays/README.md").write_text("mine")
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")[0] == 0
    assert (place / "scenarios/pays/README.md").read_text() == "mine"
    assert [p.name for p in (place / "scenarios").iterdir()] == ["pays"]


def test_a_case_of_districts_alone_passes_the_check(place: Path) -> None:
    from typer.testing import CliRunner

    from sim.cli import app

    (place / "map.geojson").write_text(geojson([feature("XX0101", "Aa", "P", square(20, 5))]))
    assert run("districts", "pays", "--geojson", "map.geojson", "--density", "20", *PERIOD)[0] == 0
    result = CliRunner().invoke(app, ["check", "pays"])
    assert result.exit_code == 0, result.output
    assert "armed_groups.csv: has no rows" in result.output


def test_each_import_writes_its_own_part_of_the_report(place: Path) -> None:
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    assert run("violence", "pays", "--ged", "events.csv", "--country", "Pays")[0] == 0
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")[0] == 0
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", "--force")[0] == 0
    text = (place / "scenarios/pays" / REPORT).read_text(encoding="utf-8")
    parts = [line for line in text.splitlines() if line.startswith("## ")]
    assert parts == [
        "## Districts, from map.geojson",
        "## Bases, from sites.csv",
        "## Violence, from events.csv",
    ]


# -- outlines --------------------------------------------------------------------------------------


def test_outlines_are_kept_simplified_and_without_borders_inside(place: Path) -> None:
    ragged = [[20 + i / 200, 6 + 1e-5 * (i % 2)] for i in range(201)]
    south = [[20, 5], [21, 5], *ragged[::-1], [20, 5]]
    north = [*ragged, [21, 7], [20, 7], ragged[0]]
    given_map = [feature("XX0101", "S", "P", [south]), feature("XX0102", "N", "P", [north])]
    (place / "map.geojson").write_text(geojson(given_map))
    found = units.read(place / "map.geojson")
    ids = {"XX0101": "s", "XX0102": "n"}
    text = outlines.simplified(found, ids)
    assert text == outlines.simplified(found, ids)
    (place / "outlines.geojson").write_text(text)
    rings = read_outlines(place / "outlines.geojson", ids.values())
    assert {name: len(r[0]) for name, r in rings.items()} == {"s": 5, "n": 5}
    assert set(rings["s"][0]) & set(rings["n"][0]) == {(20.0, 6.0), (21.0, 6.0)}
    both = replace(found[0], outline=[*found[0].outline, *found[1].outline])
    merged = outlines.simplified([both], {"XX0101": "all"})
    shape = json.loads(merged)["features"][0]["geometry"]["coordinates"]
    assert len(shape) == 1
    assert len(shape[0][0]) <= 7


def test_a_case_keeps_the_outlines_of_its_map_and_only_of_it(place: Path) -> None:
    assert run("districts", "pays", *MAP, *PERIOD)[0] == 0
    case = Scenario.load(Path("scenarios/pays"))
    assert set(case.outlines) == {d.id for d in case.districts}
    digest = case.digest
    (place / "scenarios/pays/outlines.geojson").write_text('{"type": "FeatureCollection", "features": [1]}')
    with pytest.raises(ScenarioError, match=r"outlines\.geojson, feature 1: is no \(Multi\)Polygon"):
        Scenario.load(Path("scenarios/pays"))
    (place / "scenarios/pays/outlines.geojson").unlink()
    assert Scenario.load(Path("scenarios/pays")).digest == digest


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_any_bytes_are_refused_with_an_error(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(start + data)
    with pytest.raises(ScenarioError):
        units.read(path)
    with pytest.raises(ScenarioError):
        list(tables.lines(path, {"a": ("a column that nobody has",)}))
