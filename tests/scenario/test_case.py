from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from worlds import close, plan, small

from sim import Scenario, ScenarioError
from sim.build import build
from sim.parameters import PARAMETERS
from sim.scenario.case import available, find

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_the_drc_case_is_what_its_readme_says(drc: Scenario) -> None:
    assert len(drc.districts) == 24
    assert {d.province for d in drc.districts} == {"North Kivu", "South Kivu", "Ituri"}
    first = min(a.on for a in drc.schedules["actual"].actions if a.do == "close")
    last = max(a.on for a in drc.schedules["actual"].actions if a.do == "close")
    assert (first - drc.header.start).days >= 365
    assert (drc.header.end - last).days >= 2 * 365
    july_2017 = {
        a.base
        for a in drc.schedules["actual"].actions
        if a.do == "close" and "2017-07-15" < str(a.on) < "2017-09-01"
    }
    assert {"Walikale-centre", "Bunyampuli", "Masisi-centre", "Nyabiondo", "Luofu"} <= july_2017
    assert set(drc.schedules) >= {"actual", "fast", "quiet-first", "hot-first"}


def test_orders_differ_only_in_order(drc: Scenario) -> None:
    def closures(name: str) -> tuple[list[date], set[str]]:
        actions = [a for a in drc.schedules[name].actions if a.do == "close"]
        return sorted(a.on for a in actions), {a.base for a in actions}

    assert closures("quiet-first") == closures("hot-first") == closures("actual")

    def rest(name: str) -> list[tuple[object, ...]]:
        return sorted(
            (a.do, a.on, a.base, a.unit, a.to or 0) for a in drc.schedules[name].actions if a.do != "close"
        )

    assert rest("quiet-first") == rest("hot-first") == rest("actual")


def test_walikale_loses_its_permanent_presence(drc: Scenario) -> None:
    actual = drc.schedules["actual"]
    here = [u.base for u in drc.units if u.district == "walikale" and u.opens is None]
    assert len(here) == 4
    for base in here:
        assert any(a.do == "close" and a.base == base and a.on < date(2017, 9, 1) for a in actual.actions)


def test_fast_closes_everything_in_six_months(drc: Scenario) -> None:
    opens = {u.base: u.opens for u in drc.units}
    for action in drc.schedules["fast"].actions:
        if action.do == "close" and (opens[action.base] is None or opens[action.base] < date(2017, 7, 1)):
            assert date(2017, 7, 1) <= action.on <= date(2017, 12, 31)


def test_every_estimate_is_marked_and_every_fact_has_a_source(drc: Scenario) -> None:
    tables = (drc.districts, drc.routes, drc.units, drc.armed_groups, drc.state_forces, drc.humanitarians)
    for rows in tables:
        for row in rows:
            if row.certainty in ("read", "extract"):
                assert row.source not in ("", "no source"), row
    for schedule in drc.schedules.values():
        for action in schedule.actions:
            if action.certainty in ("read", "extract"):
                assert action.source, action


@pytest.mark.skipif(not DATA.is_dir(), reason="the Geo-PKO extract is not beside the project")
def test_troops_agree_with_geopko_in_order_of_magnitude(drc: Scenario) -> None:
    """At the start of 2016, by province, within 15 % of the map of January 2016."""
    import gzip

    on_map = {"North Kivu": 0.0, "South Kivu": 0.0, "Ituri": 0.0}
    with gzip.open(DATA / "geopko" / "geopko_v21_site_map_dates.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["mission"] != "MONUSCO" or (row["year"], row["month"]) != ("2016", "1"):
                continue
            lat, lon = float(row["latitude"]), float(row["longitude"])
            troops = float(row["no_troops"]) if row["no_troops"].isdigit() else 0.0
            if row["adm1"] == "Sud-Kivu":
                on_map["South Kivu"] += troops
            elif row["adm1"] == "Nord-Kivu" or row["location"] == "Goma":
                on_map["North Kivu"] += troops
            elif row["adm1"] == "Orientale" and lon > 28.5 and lat < 2.6:
                on_map["Ituri"] += troops
    day = date(2016, 1, 15)
    province = {d.id: d.province for d in drc.districts}
    ours = dict.fromkeys(on_map, 0)
    for base in drc.bases:
        where = next(province[u.district] for u in drc.units if u.base == base)
        ours[where] += drc.strength_at(drc.schedules["actual"], base, day)
    for name, troops in on_map.items():
        assert ours[name] == pytest.approx(troops, rel=0.15), name


def test_distances_are_shortest_paths_sorted_by_the_dry_season(drc: Scenario) -> None:
    world, _ = build(drc, "none")
    index = {d.id: i for i, d in enumerate(drc.districts)}
    goma = index["goma"]
    assert world.near[goma, 0] == goma
    assert world.hours[0, goma, 0] == 0.0
    assert (world.hours[0, goma, 1:] >= world.hours[0, goma, :-1]).all()
    assert (world.hours[1] >= world.hours[0] - 1e-9).all()
    k = world.near[goma].tolist().index(index["rutshuru"])
    assert world.hours[0, goma, k] == pytest.approx(0.8 + 1.2)
    assert world.districts[goma].near_count == (world.near[goma] >= 0).sum()
    neighbours = world.neighbours[goma, : world.districts[goma].neighbour_count].tolist()
    assert neighbours[0] == 0  # itself
    assert k not in neighbours
    assert world.near[goma].tolist().index(index["nyiragongo"]) in neighbours


def test_names_are_found_where_scenarios_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    assert find("drc-monusco").name == "drc-monusco"
    assert find(root / "scenarios" / "drc-monusco").name == "drc-monusco"
    own = tmp_path / "mine"
    own.mkdir()
    (own / "scenario.toml").write_text("name = 'mine'")
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(tmp_path))
    assert available()["mine"] == own
    with pytest.raises(ScenarioError, match=r"no scenario\.toml"):
        find(tmp_path)


def test_schedules_made_in_python_are_checked_too() -> None:
    case = small()
    with pytest.raises(ScenarioError, match="is not a base; did you mean 'Alpha post'"):
        case.with_schedule(plan("wrong", close("Alpha posts", 5)))
    with pytest.raises(ScenarioError, match="a schedule 'close-alpha' already"):
        case.with_schedule(plan("close-alpha"))
    assert "later" in case.with_schedule(plan("later", close("Beta post", 5))).schedules
    assert "later" not in case.schedules


def test_parameters_are_set_on_a_copy() -> None:
    case = small()
    other = case.with_parameters(met_cost=3.0)
    assert other.parameter_values()["met_cost"] == 3.0
    assert case.parameter_values()["met_cost"] == PARAMETERS["met_cost"].default


def test_the_digest_notices_every_change(root: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "case"
    shutil.copytree(root / "scenarios" / "drc-monusco", folder)
    first = Scenario.load(folder).digest
    assert first == Scenario.load(root / "scenarios" / "drc-monusco").digest
    path = folder / "routes.csv"
    path.write_text(path.read_text().replace("goma,nyiragongo,0.8", "goma,nyiragongo,0.9", 1))
    assert Scenario.load(folder).digest != first
