"""`drawdown import` on a made-up country: what is written, what is refused; refusal writes nothing."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from maps import EVENTS, MAP, PEOPLE, PERIOD, SITES, country, feature, geojson, lay, run, square

from sim import Scenario, ScenarioError
from sim.scenario.importing import sites, tables, units, violence
from sim.study.plausible import PLACEHOLDERS, remarks

T = TypeVar("T")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lay(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def made(*more: str) -> Scenario:
    code, out = run("districts", "pays", *MAP, *PERIOD, *more)
    assert code == 0, out
    return Scenario.load(Path("scenarios/pays"))


# -- districts -------------------------------------------------------------------------------------


def test_a_map_becomes_a_case_that_loads(place: Path) -> None:
    case = made()
    assert {d.id: d.population for d in case.districts} == dict(
        zip(["aa", "be", "cc", "dd", "ee", "ff"], PEOPLE.values(), strict=True)
    )
    assert {d.province for d in case.districts} == {"Row 1", "Row 2"}
    assert len(case.routes) == 7
    hours = {(r.origin, r.destination): (r.hours_dry, r.hours_wet) for r in case.routes}
    km = 110.7  # a degree of longitude at 5.5 north
    assert hours["aa", "be"] == (
        pytest.approx(km * 1.4 / 27, abs=0.06),
        pytest.approx(km * 1.4 / 27 * 1.9, abs=0.1),
    )
    aa = case.districts[0]
    assert (aa.latitude, aa.longitude) == (pytest.approx(5.5, abs=1e-3), pytest.approx(20.5))
    assert aa.area_km2 == pytest.approx(111.195**2 * 0.9954, rel=1e-3)
    assert (aa.population_low, aa.population_high) == (72_000, 108_000)
    assert all(d.certainty == "estimate" and d.note.startswith(PLACEHOLDERS) for d in case.districts)
    assert {(r.name, r.code, r.value) for r in case.record} >= {("be", "XX0102", 200_000.0)}
    assert [p.name for p in Path("scenarios").iterdir()] == ["pays"], "nothing temporary is left"


def test_what_could_not_be_filled_is_listed(place: Path) -> None:
    _, out = run("districts", "pays", *MAP, *PERIOD)
    for word in (
        "concealment",
        "rents",
        "state_reach",
        "urban_share",
        "hours",
        "armed_groups.csv",
        "wet_months",
    ):
        assert word in out.partition("Not in the data")[2]
    found = " ".join(remarks(Scenario.load(Path("scenarios/pays"))))
    assert "districts.csv: placeholders in 6 of 6 rows: population range (6)" in found
    assert "armed_groups.csv: has no rows" in found


def test_units_are_kept_dropped_merged_and_raised(place: Path) -> None:
    assert {d.id for d in made("--keep", "Row 1,XX0201").districts} == {"aa", "be", "cc", "dd"}
    case = made("--force", "--drop", "ff")
    assert len(case.districts) == 5
    case = made("--force", "--merge-below", "70000")
    assert {d.id: d.population for d in case.districts}["be"] == 220_000
    assert {d.id: d.population for d in case.districts}["ff"] == 360_000 or len(case.districts) == 4
    assert sum(d.population for d in case.districts) == sum(PEOPLE.values())
    case = made("--force", "--merge-below", "70000", "--apart", "Cc")
    assert "cc" in {d.id for d in case.districts}
    lone = run(
        "districts", "provinces", "--geojson", "map.geojson", "--level", "1", "--density", "10", *PERIOD
    )
    assert lone[0] == 0, lone
    provinces = Scenario.load(Path("scenarios/provinces"))
    assert {d.name for d in provinces.districts} == {"Row 1", "Row 2"}
    assert provinces.districts[0].area_km2 == pytest.approx(3 * 12_300, rel=0.01)
    assert provinces.districts[0].population_high > 8 * provinces.districts[0].population_low


def test_a_missing_population_is_guessed_wide_and_said(place: Path) -> None:
    (place / "people.csv").write_text("pcode,population\nXX0101,123000\nXX0102,123000\n")
    code, out = run("districts", "pays", *MAP, *PERIOD)
    assert code == 0
    assert "population of cc, dd, ee, ff: guessed" in out
    case = Scenario.load(Path("scenarios/pays"))
    guessed = case.districts[3]
    assert guessed.population == pytest.approx(123_000, rel=0.02)
    assert guessed.population_high == pytest.approx(9 * guessed.population_low, rel=0.01)


def test_an_island_gets_a_way_and_a_warning(place: Path) -> None:
    island = feature("XX0301", "Isle", "Sea", square(30, 5), population=1000)
    (place / "map.geojson").write_text(geojson([*country(), island]))
    code, out = run("districts", "pays", *MAP, *PERIOD)
    assert code == 0
    assert "isle share no border" in out
    assert any("isle" in (r.origin, r.destination) for r in Scenario.load(Path("scenarios/pays")).routes)


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        ("ADM2_PCODE", "ADM2_EN", "ADM1_EN"),
        ("adm2_pcode", "adm2_name", "adm1_name"),
        ("ADM2_PCODE", "ADM2_PT", "ADM1_PT"),
        ("admin2Pcod", "admin2Name", "admin1Name"),
        ("id", "name", "parent"),
        ("shapeID", "shapeName", "Province"),
    ],
)
def test_the_usual_property_names_are_understood(place: Path, code: str, name: str, parent: str) -> None:
    given = [
        {**feature("", "", "", square(20 + i, 5)), "properties": {code: f"C{i}", name: f"N{i}", parent: "P"}}
        for i in range(2)
    ]
    (place / "map.geojson").write_text("\ufeff" + geojson(given), encoding="utf-8")
    found = units.read(place / "map.geojson")
    assert [(a.code, a.name, a.parent) for a in found] == [("C0", "N0", "P"), ("C1", "N1", "P")]


def test_names_that_repeat_get_their_province(place: Path) -> None:
    twins = [
        feature("XX0101", "Same", "South", square(20, 5)),
        feature("XX0201", "Same", "North", square(20, 6)),
    ]
    (place / "map.geojson").write_text(geojson(twins))
    assert {d.id for d in made().districts} == {"same-south", "same-north"}


def test_tables_of_middle_points_and_neighbours(place: Path) -> None:
    (place / "nodes.csv").write_text(
        "iso,level,id,name,parent,lat,lon,area_km2,population\r\nXXX,adm1,X1,One,Land,5,20,900,1000\r\n"
        "XXX,adm1,X2,Two,Land,5,21,900,2000\r\nYYY,adm1,Y1,Far,Other,9,21,900,\r\n",
        newline="",
    )
    (place / "edges.csv").write_text("iso,id1,id2,shared_border_km_approx\nXXX,X1,X2,80\nYYY,Y1,X2,3\n")
    words = ("districts", "pays", "--nodes", "nodes.csv", "--edges", "edges.csv", *PERIOD)
    assert "has units of 2 countries (XXX, YYY)" in run(*words)[1]
    assert "no unit of 'XXY'; did you mean 'XXX'?" in run(*words, "--country", "XXY")[1]
    code, out = run(*words, "--country", "XXX")
    assert code == 0, out
    case = Scenario.load(Path("scenarios/pays"))
    assert {d.id: d.population for d in case.districts} == {"one": 1000, "two": 2000}
    assert len(case.routes) == 1


def test_an_existing_case_is_filled_only_with_force_and_keeps_the_rest(place: Path) -> None:
    made()
    folder = place / "scenarios" / "pays"
    (folder / "README.md").write_text("mine")
    header = (folder / "scenario.toml").read_text().replace("trust_un = 0.5", "trust_un = 0.9")
    (folder / "scenario.toml").write_text(header)
    before = files(folder)
    code, out = run("districts", "pays", *MAP)
    assert code == 2
    assert "districts.csv: is there already; --force replaces it" in out
    assert files(folder) == before
    assert run("districts", "pays", *MAP, "--force", "--speed", "54")[0] == 0
    assert Scenario.load(folder).header.people.trust_un == 0.9
    assert (folder / "README.md").read_text() == "mine"


def test_districts_that_other_tables_need_cannot_be_taken_away(place: Path) -> None:
    made()
    run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")
    before = files(place / "scenarios")
    code, out = run("districts", "pays", *MAP, "--drop", "aa", "--force")
    assert code == 2
    assert "scenarios/pays/units.csv, line 2, column 'district': 'aa' is not a district" in out
    assert files(place / "scenarios") == before


# -- bases -----------------------------------------------------------------------------------------


def test_site_maps_become_units_closures_and_a_record(place: Path) -> None:
    made()
    code, out = run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", "--geojson", "map.geojson")
    assert code == 0, out
    assert "1 sites with troops lie outside the case's districts: Abroad (Other)" in out
    assert "1 sites without a count of troops" in out
    case = Scenario.load(Path("scenarios/pays"))
    units = {u.unit: (u.district, u.strength, u.opens) for u in case.units}
    assert units == {
        "Aaville": ("aa", 600, None),
        # counted 600 in July 2015 and 900 in July 2016
        "Aaville, reinforcement 1": ("aa", 300, date(2016, 1, 14)),
        "Béville": ("be", 300, None),
        "Ffville": ("ff", 200, date(2015, 4, 15)),
    }
    actions = {(a.do, a.base): (a.on, a.to) for a in case.schedules["actual"].actions}
    assert actions == {
        ("close", "Béville"): (date(2016, 1, 14), None),
        ("close", "Ffville"): (date(2017, 1, 13), None),
        ("reduce", "Aaville"): (date(2017, 1, 13), 400),
    }
    closures = {r.name: (r.earliest, r.date, r.latest) for r in case.record if r.kind == "closure"}
    assert closures["Béville"] == (date(2015, 7, 15), date(2016, 1, 14), date(2016, 7, 15))
    totals = {r.date: r.value for r in case.record if r.kind == "mission-total"}
    assert totals[date(2016, 7, 15)] == 1100
    assert any(r.kind == "population" for r in case.record), "the record of populations is kept"
    assert not [x for x in remarks(case) if "record" in x], "what was imported agrees with its record"


def test_a_year_with_two_counts_counts_its_average_once_and_old_counts_are_not_smoothed(place: Path) -> None:
    made()
    rows = ["2010,900,900", "2011,900,900", "2012,800,475", "2012,150,475", "2013,150,150"]
    (place / "years.csv").write_text(
        "mission,year,country,location,latitude,longitude,NoTroops,ave.no.troops\n"
        + "".join(
            f"UNX,{year},Pays,Aaville,5.5,20.5,{troops},{average}\n"
            for year, troops, average in (row.split(",") for row in rows)
        )
    )
    code, out = run("bases", "pays", "--mission", "UNX", "--geopko", "years.csv", "--geojson", "map.geojson")
    assert code == 0, out
    (unit,) = Scenario.load(Path("scenarios/pays")).units
    assert unit.strength == 150, "the last count before the start, not a fit to all of them"
    (site,) = sites.read_geopko(place / "years.csv", ["UNX"]).values()
    assert site.troops[date(2012, 1, 1)] == 475


def test_rows_added_to_the_record_by_hand_stay(place: Path) -> None:
    made()
    words = ("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")
    assert run(*words)[0] == 0
    record = place / "scenarios" / "pays" / "record.csv"
    before = len(Scenario.load(record.parent).record)
    with record.open("a") as file:
        file.write("mission-total,UNX,,2015-12-31,,,1234,UN troop report,read,\n")
    assert run(*words, "--force")[0] == 0
    after = Scenario.load(record.parent).record
    assert len(after) == before + 1
    assert any(r.value == 1234 for r in after)


def test_a_base_that_moved_on_leaves_under_every_schedule(place: Path) -> None:
    made()
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", "--moved", "Béville")[0] == 0
    case = Scenario.load(Path("scenarios/pays"))
    assert next(u for u in case.units if u.base == "Béville").until == date(2016, 1, 14)
    assert "Béville" not in {a.base for a in case.schedules["actual"].actions}
    assert not [x for x in remarks(case) if "record" in x]
    bad = run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", "--moved", "Beville", "--force")
    assert "did you mean 'Béville'?" in bad[1]


def test_official_spellings_gzip_bom_crlf_semicolons_and_latin_1_are_read(place: Path) -> None:
    plain = sites.read_geopko(place / "sites.csv", ["UNX"])
    official = SITES.replace("no_troops", "No.troops").replace("mission,", "Mission,", 1)
    (place / "a.csv").write_bytes(("\ufeff" + official.replace("\n", "\r\n")).encode())
    (place / "b.csv.gz").write_bytes(gzip.compress(SITES.encode()))
    (place / "c.csv").write_text(SITES.replace(",", ";"), encoding="utf-8")
    (place / "d.csv").write_bytes(SITES.encode("latin-1"))
    for name in ("a.csv", "b.csv.gz", "c.csv"):
        assert sites.read_geopko(place / name, ["unx"]) == plain
    assert sites.read_geopko(place / "d.csv", ["UNX"], encoding="latin-1") == plain
    with pytest.raises(ScenarioError, match=r"line 3: byte 0xe9 is not UTF-8; .*--encoding"):
        sites.read_geopko(place / "d.csv", ["UNX"])


def test_a_site_without_a_name_is_called_after_its_place(place: Path) -> None:
    (place / "sites.csv").write_text(SITES.replace("Ffville", ""), encoding="utf-8")
    made()
    assert run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")[0] == 0
    assert "Site at 6.50, 22.50" in Scenario.load(Path("scenarios/pays")).bases


def test_radpko_years_become_units(place: Path) -> None:
    (place / "radpko.csv").write_text(
        "mission,country,base,date,year,latitude,longitude,pko_deployed,untrp\n"
        "UNX,Pays,aaville,2014-01-01,2014,5.5,20.5,700,600.4\nUNX,Pays,aaville,2015-01-01,2015,5.5,20.5,700,610\n"
        "UNX,Pays,béville,2015-06-01,2015,5.5,21.5,99,90.2\nUNX,Pays,aaville,2016-01-01,2016,5.5,20.5,700,605\n"
        "UNX,Pays,aaville,2017-01-01,2017,5.5,20.5,700,605\n",
        encoding="utf-8",
    )
    made()
    code, out = run("bases", "pays", "--mission", "UNX", "--radpko", "radpko.csv")
    assert code == 0, out
    case = Scenario.load(Path("scenarios/pays"))
    assert {u.unit: (u.strength, u.opens) for u in case.units} == {
        "Aaville": (600, None),
        "Béville": (90, date(2015, 6, 1)),
    }
    closing = case.schedules["actual"].actions[0]
    assert (closing.base, closing.on) == ("Béville", date(2015, 9, 16)), "between June and the year's end"
    # imported again without a closure in sight, the earlier closure goes
    rows = (place / "radpko.csv").read_text(encoding="utf-8").splitlines()
    (place / "radpko.csv").write_text("\n".join(r for r in rows if "béville" not in r), encoding="utf-8")
    assert run("bases", "pays", "--mission", "UNX", "--radpko", "radpko.csv", "--force")[0] == 0
    assert Scenario.load(Path("scenarios/pays")).schedules["actual"].actions == ()


def test_troops_that_were_seen_and_not_counted_keep_a_site_open() -> None:
    days = [date(2015 + i, 1, 15) for i in range(5)]
    site = sites.Site("S", "", 5.0, 20.0, {days[1]: 300.0, days[2]: None, days[3]: 0.0})
    time = sites.stay(site, days)
    assert time is not None
    assert (time.opened, time.closed) == ((days[0], days[1]), (days[2], days[3]))
    assert sites.stay(sites.Site("T", "", 5.0, 20.0, {days[1]: None}), days) is None


@given(st.lists(st.integers(0, 3000), min_size=2, max_size=12))
def test_a_garrison_rises_and_falls_and_stays_within_its_counts(counts: list[int]) -> None:
    days = [date(2015 + i, 1, 15) for i in range(len(counts))]
    site = sites.Site("S", "", 5.0, 20.0, {d: float(n) for d, n in zip(days, counts, strict=True)})
    steps = [n for _, n in site.steps()]
    if not any(counts):
        assert sites.stay(site, days) is None
        assert steps == []
        return
    top = steps.index(max(steps))
    assert steps[: top + 1] == sorted(steps[: top + 1])
    assert steps[top:] == sorted(steps[top:], reverse=True)
    assert min(n for n in counts if n) - 1 <= min(steps) <= max(steps) <= max(counts) + 1
    time = sites.stay(site, days)
    assert time is not None
    assert (time.opened is None) == (counts[0] > 0)
    assert (time.closed is None) == (counts[-1] > 0)
    if time.closed:
        assert time.last < sites.middle(*time.closed) < time.closed[1]


@given(st.lists(st.floats(0, 3000), min_size=1, max_size=9))
def test_the_fit_rises_falls_keeps_the_sum_and_is_no_worse_than_a_constant(counts: list[float]) -> None:
    fit = sites.unimodal(counts)
    top = fit.index(max(fit))
    assert all(a <= b + 1e-9 for a, b in pairwise(fit[: top + 1]))
    assert all(a >= b - 1e-9 for a, b in pairwise(fit[top:]))
    assert sum(fit) == pytest.approx(sum(counts), abs=1e-6)
    mean = sum(counts) / len(counts)
    assert sum((a - b) ** 2 for a, b in zip(fit, counts, strict=True)) <= 1e-6 + sum(
        (mean - b) ** 2 for b in counts
    )


@pytest.mark.parametrize(
    ("counts", "fit"),
    [
        ([600, 600, 900, 400], [600, 600, 900, 400]),
        ([650, 150, 650], [650, 400, 400]),
        ([100, 300, 200, 500, 400], [100, 250, 250, 500, 400]),
    ],
)
def test_fits_that_are_known(counts: list[float], fit: list[float]) -> None:
    assert sorted(sites.unimodal(counts)) == pytest.approx(sorted(fit))


# -- violence --------------------------------------------------------------------------------------


def baseline() -> dict[str, float]:
    return {d.id: d.baseline_violence for d in Scenario.load(Path("scenarios/pays")).districts}


def test_events_before_the_start_are_counted_by_district(place: Path) -> None:
    made()
    words = ("violence", "pays", "--ged", "events.csv", "--country", "Pays", "--geojson", "map.geojson")
    code, out = run(*words)
    assert code == 0, out
    assert baseline() == {"aa": 2, "be": 0, "cc": 0, "dd": 0, "ee": 0, "ff": 1}
    assert "1 outside all of them" in out
    assert "1 events left aside" in out
    case = Scenario.load(Path("scenarios/pays"))
    assert "baseline_violence" not in case.districts[0].note
    assert "violence: events.csv, events 2010-02-02 to 2015-02-01" in case.districts[0].source
    again = run(*words)
    assert again[0] == 2
    assert "baseline_violence is filled already" in again[1]
    assert run(*words, "--force", "--measure", "civilians", "--types", "3", "--years", "12")[0] == 0
    assert baseline() == {"aa": 2, "be": 0, "cc": 0, "dd": 0, "ee": 0, "ff": 4}
    assert Scenario.load(Path("scenarios/pays")).districts[0].source.count("violence: ") == 1
    # by the nearest middle point it is the same here
    assert run(*words[:-2], "--force")[0] == 0
    assert baseline()["aa"] == 2


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--country", "Pais"), "no event in 'Pais'; did you mean 'Pays'?"),
        ((), "give --country"),
        (("--country", "Pays", "--to", "2016-01-01"), "is not before the start of the run (2015-02-02)"),
        (("--country", "Pays", "--from", "2016-01-01"), "is after the last day"),
        (("--country", "Pays", "--measure", "dead"), "must be events, deaths or civilians"),
        (("--country", "Pays", "--types", "4"), "must be of 1, 2 and 3"),
    ],
)
def test_windows_and_countries_that_cannot_be(place: Path, words: tuple[str, ...], what: str) -> None:
    made()
    before = files(place / "scenarios")
    code, out = run("violence", "pays", "--ged", "events.csv", *words)
    assert code == 2
    assert what in out
    assert files(place / "scenarios") == before


# -- bad input -------------------------------------------------------------------------------------

BAD_TABLES = [
    ("sites.csv", lambda t: "", "is empty"),
    ("sites.csv", lambda t: "\n \n", "is empty"),
    ("sites.csv", lambda t: t.splitlines()[0] + "\n", "has a header but no rows"),
    (
        "sites.csv",
        lambda t: t.replace("latitude", "lattitude"),
        "line 1, column 'latitude': is missing; did you mean 'lattitude'?",
    ),
    ("sites.csv", lambda t: t.replace("location", "latitude"), "column 'location': is missing"),
    ("sites.csv", lambda t: t.replace("hq", "month"), "column 'month': appears twice"),
    (
        "sites.csv",
        lambda t: t.replace("6.5,22.5,2015", "96.5,22.5,2015"),
        "line 7, column 'latitude': '96.5' must lie between",
    ),
    (
        "sites.csv",
        lambda t: t.replace("6.5,22.5,2015", "6.5,-inf,2015"),
        "line 7, column 'longitude': '-inf' must lie between",
    ),
    (
        "sites.csv",
        lambda t: t.replace("6.5,22.5,2015", '"6,5",22.5,2015'),
        "'6,5' is not a number; write decimals with a point",
    ),
    (
        "sites.csv",
        lambda t: t.replace("2015,7,200", "2015,13,200"),
        "column 'month': '13' must lie between 1 and 12",
    ),
    (
        "sites.csv",
        lambda t: t.replace("2015,7,200", "2015,7,-1"),
        "column 'no_troops': '-1' must lie between",
    ),
    (
        "sites.csv",
        lambda t: t.replace("Ffville", "=cmd()"),
        "line 7, column 'location': '=cmd()' begins with '='",
    ),
    ("sites.csv", lambda t: t.replace("Ffville", "x" * 101), "a name has at most 100"),
    ("sites.csv", lambda t: t.replace("Ffville", "F\x1bf"), "cannot be printed"),
    ("sites.csv", lambda t: t.replace("Ffville", "F\0f"), "line 7: holds a NUL character"),
    ("sites.csv", lambda t: t.replace("200,0\n", "200\n", 1), "line 7: has 9 cells where the header has 10"),
    ("sites.csv", lambda t: t.replace("Ffville", '"Ffville'), "is not a CSV table"),
    ("sites.csv", lambda t: "PK\x03\x04" + t, "is a damaged zip archive or workbook"),
    ("sites.csv", lambda t: t.replace("UNX", "UNZ"), "has no mission 'UNX'; did you mean"),
    (
        "sites.csv",
        lambda t: t.replace("20.5,", "60.5,").replace("21.5,", "61.5,").replace("22.5,", "62.5,"),
        "no site of UNX with troops lies in",
    ),
    (
        "events.csv",
        lambda t: t.replace("2014-03-01 00", "01/03/2014 00"),
        "line 2, column 'date_start': '01/03/2014 00:00:00.000' does not begin with a date",
    ),
    (
        "events.csv",
        lambda t: t.replace("deaths_civilians,best", "deaths,best"),
        "column 'deaths_civilians': is missing",
    ),
    (
        "events.csv",
        lambda t: t.replace("2014,3,1,5.5", "2014,9,1,5.5"),
        "column 'type_of_violence': '9' must lie between 1 and 3",
    ),
    (
        "events.csv",
        lambda t: t.replace("2014,3,1,5.5", "2014,3,1,inf"),
        "line 2, column 'latitude': 'inf' must lie between",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "what"), BAD_TABLES, ids=[w for _, _, w in BAD_TABLES])
def test_bad_tables_end_in_one_error_and_nothing_written(place: Path, name: str, spoil, what: str) -> None:
    made()
    text = {"sites.csv": SITES, "events.csv": EVENTS}[name]
    (place / name).write_bytes(spoil(text).encode())
    before = files(place / "scenarios")
    if name == "sites.csv":
        code, out = run("bases", "pays", "--mission", "UNX", "--geopko", name)
    else:
        code, out = run("violence", "pays", "--ged", name, "--country", "Pays")
    assert code == 2
    assert out.startswith("error: ")
    assert name in out or "sites" in out
    assert what in out
    assert files(place / "scenarios") == before
    assert [p.name for p in (place / "scenarios").iterdir()] == ["pays"]


def broken(**geometry: object) -> str:
    first, *rest = country()
    return geojson([{**first, "geometry": geometry or None}, *rest])


RING = square(20, 5)[0]
BAD_MAPS = [
    ("", "is not valid JSON"),
    ("{", "line 1: is not valid JSON"),
    ("[" * 100_000, "is not valid JSON"),
    ("[]", "no GeoJSON FeatureCollection"),
    ('{"type": "FeatureCollection", "features": []}', "has no features"),
    ('{"type": "FeatureCollection", "features": [3]}', "feature 1: is no feature"),
    (geojson(country(), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32634"}}), "export it as WGS84"),
    (broken(type="Point", coordinates=[20, 5]), "its geometry is Point; units need a Polygon"),
    (broken(type="MultiPolygon", coordinates=[[]]), "a polygon without rings"),
    (broken(type="Polygon", coordinates=[RING[:3]]), "has a ring of 3 points"),
    (broken(type="Polygon", coordinates=[[*RING[:3], ["a", 5], RING[0]]]), "not a pair of numbers"),
    (broken(type="Polygon", coordinates=[[*RING[:3], [None, 5], RING[0]]]), "not a pair of numbers"),
    (broken(type="Polygon", coordinates=[[*RING[:3], [5], RING[0]]]), "not a pair of numbers"),
    (
        broken(type="Polygon", coordinates=[[*RING[:3], [float("nan"), 5], RING[0]]]),
        "is no longitude and latitude",
    ),
    (broken(type="Polygon", coordinates=[[[512_000, 480_000], *RING[1:]]]), "512000, 480000 is no longitude"),
    (broken(type="Polygon", coordinates=[[RING[0]] * 5]), "encloses no area"),
    (geojson([feature("XX0101", "=1+1", "P", [RING])]), "begins with '='"),
    (geojson([feature("XX0101", "", "P", [RING])]), "is empty where a name is needed"),
    (geojson([feature("XX0101", None, "P", [RING])]), "missing where a name or code is needed"),  # type: ignore[arg-type]
    (geojson([feature("XX0101", "A", "P", [RING], population="many")]), "'many' is not a number of people"),
    (geojson([{"type": "Feature", "properties": {"x": 1}, "geometry": None}]), "--code-property"),
]


@pytest.mark.parametrize(("text", "what"), BAD_MAPS, ids=[w for _, w in BAD_MAPS])
def test_bad_maps_end_in_one_error_and_nothing_written(place: Path, text: str, what: str) -> None:
    (place / "map.geojson").write_text(text, encoding="utf-8")
    code, out = run("districts", "pays", "--geojson", "map.geojson", "--density", "10", *PERIOD)
    assert code == 2, out
    assert out.startswith("error: map.geojson")
    assert what in out
    assert not (place / "scenarios").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("pays", "--geojson", "map.geojson", *PERIOD), "holds no populations; give a table"),
        (("pays", "--geojson", "none.geojson", *PERIOD), "there is no such file"),
        (("pays", *MAP), "is a new case; give its period"),
        (
            ("pays", *MAP, "--start", "2015-02-02", "--end", "2015-02-01"),
            "is less than a week",
        ),
        (("pays", *MAP, *PERIOD, "--wet-months", "5,13"), "should be less than or equal to 12"),
        (("pays", *MAP, *PERIOD, "--wet-months", "May"), "must be numbers of months"),
        (("pays", *MAP, *PERIOD, "--keep", "Aaa"), "no unit or province 'Aaa'; did you mean 'Aa'?"),
        (("pays", *MAP, *PERIOD, "--drop", "Row 1,Row 2"), "no unit is left"),
        (("pays", *MAP, *PERIOD, "--country", "CAF"), "has no unit of 'CAF'"),
        (("pays", *MAP, *PERIOD, "--level", "3"), "no property such as 'adm3_pcode'"),
        (("pays", *MAP, *PERIOD, "--name-property", "NAME"), "no feature has the property 'NAME'"),
        (("pays", *MAP, *PERIOD, "--population-column", "n"), "column 'n': is missing"),
        (("pays", *PERIOD), "give either --geojson, or --nodes and --edges"),
        (("Pays", *MAP, *PERIOD), "cannot name a scenario"),
        (("../Out", *MAP, *PERIOD), "cannot name a scenario"),
    ],
)
def test_requests_that_cannot_be_met(place: Path, words: tuple[str, ...], what: str) -> None:
    before = files(place)
    code, out = run("districts", *words)
    if (
        words[0] == ".."
    ):  # a folder that is there: the current folder's parent; files go there and nowhere else
        return
    assert code == 2
    assert out.startswith("error: ")
    assert what in out
    assert files(place) == before


def test_people_of_another_edition_are_refused(place: Path) -> None:
    (place / "people.csv").write_text("ADM2_PCODE,T_TL\nCF11,5\n")
    assert "none of its codes (CF11 ...) is a unit of the map" in run("districts", "pays", *MAP, *PERIOD)[1]
    (place / "people.csv").write_text("ADM2_PCODE,T_TL\nXX0101,5\nXX0101,6\n")
    assert "line 3, column 'ADM2_PCODE': 'XX0101' appears twice" in run("districts", "pays", *MAP, *PERIOD)[1]


def test_nothing_is_written_through_a_link_that_leads_elsewhere(place: Path) -> None:
    made()
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (place / "scenarios" / "pays" / "schedules").rmdir() if (
        place / "scenarios/pays/schedules"
    ).exists() else None
    (place / "scenarios" / "pays" / "schedules").symlink_to(elsewhere)
    code, out = run("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv")
    assert code == 2
    assert "symbolic link" in out
    assert list(elsewhere.iterdir()) == []


def test_cases_that_came_with_the_package_are_not_touched(place: Path) -> None:
    code, out = run("bases", "corridor", "--mission", "UNX", "--geopko", "sites.csv")
    assert code == 2
    assert "corridor" in out


def test_another_map_than_the_districts_came_from_is_refused(place: Path) -> None:
    made()
    (place / "other.geojson").write_text(geojson(country()[:3]))
    words = ("--mission", "UNX", "--geopko", "sites.csv", "--geojson")
    assert "has no unit XX0201, XX0202, XX0203" in run("bases", "pays", *words, "other.geojson")[1]
    (place / "scenarios" / "pays" / "record.csv").unlink()
    assert "does not say which units of the map" in run("bases", "pays", *words, "map.geojson")[1]


# -- anything ----------------------------------------------------------------------------------------


def tried(read: Callable[[], T], path: Path, nothing: T) -> T:
    """Return what is read, or nothing if it is refused with an error that names the file."""
    try:
        return read()
    except ScenarioError as error:
        if not str(error).startswith(str(path)):
            raise
        return nothing


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(["5.5", "20.5", "2015", "7", "UNX", "nan", '"', "=1", "1e999"])
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=4))
def test_any_table_is_read_or_refused_with_its_place(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(["mission", "location", "latitude", "longitude", "year", "month", "no_troops"])
        writer.writerows(rows)
    for site in tried(lambda: sites.read_geopko(path, ["UNX"]), path, {}).values():
        assert -90 <= site.latitude <= 90
        assert site.name


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.sampled_from(["Polygon", 20.5])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(coordinates=JSON, name=JSON, kind=st.sampled_from(["Polygon", "MultiPolygon"]))
def test_any_map_is_read_or_refused_with_its_place(
    tmp_path: Path, coordinates: object, name: object, kind: str
) -> None:
    path = tmp_path / "m.geojson"
    first = feature("XX0101", "A", "P", [RING], ADM2_FR=name)
    first["geometry"] = {"type": kind, "coordinates": coordinates}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [first]}))
    for unit in tried(lambda: units.read(path), path, []):
        assert unit.km2 > 0


@given(st.sets(st.sampled_from(["population", "rents", "displaced", "baseline_violence"])), st.booleans())
def test_a_placeholder_is_struck_from_a_note(columns: set[str], more: bool) -> None:
    note = (
        f"{PLACEHOLDERS}{', '.join(sorted(columns))}{'; and more' if more else ''}"
        if columns
        else "; and more"
    )
    struck = violence.without_placeholder(note, "baseline_violence")
    assert "baseline_violence" not in struck
    assert all(c in struck for c in columns - {"baseline_violence"})
    assert more == ("and more" in struck) or not columns


def test_a_line_knows_where_it_is_even_after_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n"one\ntwo",1\n\nx,y\n')
    lines = tables.lines(path, {"a": ("A",), "b": ("b",)})
    assert next(lines).number == 2
    last = next(lines)
    with pytest.raises(ScenarioError, match=r"t\.csv, line 5, column 'b': 'y' is not a number"):
        last.value("b", 0, 1)
