"""What is odd without being wrong is pointed at, and an ordinary case gives no remarks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from worlds import START, army, close, district, group, plan, route, small, unit

from sim import Scenario, ScenarioError
from sim.scenario.schema import RecordRow
from sim.study.plausible import remarks


def test_the_teaching_case_gives_no_remarks(root: Path) -> None:
    assert remarks(Scenario.load(root / "scenarios" / "corridor")) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"routes": (route("alpha", "beta", 0.5), route("beta", "gamma", 2.0))}, "is 156 km/h"),
        ({"routes": (route("alpha", "beta", 400.0, 900.0), route("beta", "gamma"))}, "is 0.2 km/h"),
        ({"routes": (route("alpha", "beta", 4.0, 40.0), route("beta", "gamma"))}, "closed then?"),
        (
            {"routes": (route("alpha", "beta"), route("beta", "gamma"), route("alpha", "gamma", 20.0, 30.0))},
            "nobody would take it",
        ),
        ({"units": (unit("A", "alpha", strength=3000),), "schedules": {}}, "several units?"),
        (
            {"units": (unit("A", "alpha"), unit("B", "alpha")), "schedules": {}},
            "all bases are in one district",
        ),
        (
            {"armed_groups": (group("G", "alpha", fighters=50_000, fighters_high=60_000),)},
            "50,000 fighters among",
        ),
        ({"armed_groups": (group("G", "alpha", control=0.8),)}, "control 120% of it together"),
        ({"schedules": {"x": plan("x", close("Alpha post", 2))}}, "within half a year of the start"),
        ({"schedules": {"x": plan("x", close("Alpha post", 58))}}, "near the end of the run"),
        ({"schedules": {"x": plan("x")}}, "closes nothing"),
        ({"state_forces": (army("A", "beta"),)}, "without a unit there"),
    ],
)
def test_oddities_are_pointed_at(changes: dict[str, object], what: str) -> None:
    places = (
        district("alpha", state_control=0.6 if "state_forces" in changes else 0.4),
        *small().districts[1:],
    )
    found = remarks(replace(small(60), **{"districts": places, **changes}))
    assert any(what in remark for remark in found), found
    assert not any(what in remark for remark in remarks(small(60, schedules={})))


def test_districts_side_by_side_without_a_route_are_pointed_at() -> None:
    places = (
        district("alpha"),
        district("beta", longitude=31.0),
        district("gamma", longitude=30.3),
    )
    case = replace(
        small(60), districts=places, routes=(route("alpha", "beta", 4.0), route("beta", "gamma", 4.0))
    )
    what = "alpha and gamma: 33 km apart without a route, and 8.0 hours round about"
    assert any(what in remark for remark in remarks(case))
    ways = (*case.routes, route("alpha", "gamma", 2.0))
    assert not any("round about" in remark for remark in remarks(replace(case, routes=ways)))
    apart = replace(case, districts=(*places[:2], district("gamma", longitude=32.0)))
    assert not any("round about" in remark for remark in remarks(apart))


def said(kind: str, name: str, **more: object) -> RecordRow:
    return RecordRow.model_validate({"kind": kind, "name": name, **more})


def recorded(*rows: RecordRow, **changes: object) -> list[str]:
    """Return what is said of a case of 60 weeks whose Alpha post closes in week 20, held against rows."""
    actual = plan("actual", close("Alpha post", 20))
    case = replace(small(60, schedules={"actual": actual}), record=rows, **changes)
    return [x for x in remarks(case) if "record" in x or "under 'actual'" in x]


def in_week(week: int) -> date:
    return START + timedelta(weeks=week)


def test_an_agreeing_record_gives_no_remarks() -> None:
    case = small(60)
    troops = sum(u.strength for u in case.units)
    left = troops - sum(u.strength for u in case.units if u.base == "Alpha post")
    assert 0 < left < troops
    assert not recorded(
        said("population", "alpha", code="A1", value=250_000),
        said("population", "alpha", code="A2", value=150_000),
        said("mission-total", "UNX", date=START, value=troops * 1.09),
        said("mission-total", "UNX", date=in_week(30), value=left),
        said("closure", "Alpha post", date=in_week(21), earliest=in_week(18), latest=in_week(24)),
    )


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (said("population", "alpha", value=390_000), "population 400,000, and 390,000 in record.csv"),
        (said("population", "omega", value=1), "'omega' is no district"),
        (said("mission-total", "UNX", date=START, value=99_999), "totals of UNX by more than 10% on 1 of 1"),
        (said("mission-total", "UNX", date=in_week(30), value=1), "there"),
        (
            said("closure", "Alpha post", date=in_week(25), earliest=in_week(22), latest=in_week(30)),
            "on 2020-05-25 under 'actual'",
        ),
        (said("closure", "Gamma post", date=in_week(25)), "is no base of units.csv"),
        (said("closure", "Beta post", date=in_week(25)), "stays under 'actual'"),
    ],
)
def test_a_record_that_disagrees_is_pointed_at(row: RecordRow, what: str) -> None:
    case = small(60)
    assert {"Alpha post", "Beta post"} <= set(case.bases)
    assert "Gamma post" not in case.bases
    assert any(what in remark for remark in recorded(row)), recorded(row)


def test_a_closure_nobody_recorded_is_pointed_at() -> None:
    found = recorded(said("closure", "Beta post", date=in_week(25)))
    assert any("record.csv knows of no closure" in remark for remark in found)


def test_closures_on_record_are_not_held_against_a_schedule_that_is_not_there() -> None:
    row = said("closure", "Beta post", date=in_week(25))
    other = plan("other", close("Alpha post", 20))
    found = [
        x for x in remarks(replace(small(60, schedules={"other": other}), record=(row,))) if "record.csv" in x
    ]
    assert found == [
        "record.csv: has closures, and no schedule 'actual' carries them out; they are not compared"
    ]


def test_the_record_drives_nothing_and_a_bad_one_is_an_error(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corridor"
    shutil.copytree(root / "scenarios" / "corridor", folder)
    before = Scenario.load(folder)
    (folder / "record.csv").write_text("kind,name,value\npopulation,harbour,1\n")
    after = Scenario.load(folder)
    assert after.digest == before.digest
    assert any("harbour: population 900,000" in x for x in remarks(after))
    (folder / "record.csv").write_text("kind,name,value\nclosure,Harbour,\n")
    with pytest.raises(ScenarioError, match=r"record\.csv, line 2: a closure needs a date"):
        Scenario.load(folder)


def test_a_district_without_a_route_and_a_second_closure_are_errors(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corridor"
    shutil.copytree(root / "scenarios" / "corridor", folder)
    routes = (folder / "routes.csv").read_text().splitlines()
    (folder / "routes.csv").write_text("\n".join(r for r in routes if "forest" not in r))
    with pytest.raises(ScenarioError, match="no route leads from 'forest'"):
        Scenario.load(folder)
    (folder / "routes.csv").write_text("\n".join(routes))
    hasty = folder / "schedules" / "border-first.toml"
    hasty.write_text(hasty.read_text() + '\n[[actions]]\ndo = "close"\nbase = "Ridge"\non = 2032-05-01\n')
    with pytest.raises(ScenarioError, match="'Ridge' is already closed"):
        Scenario.load(folder)
