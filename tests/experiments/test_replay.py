"""The experiment that replays records: what is read, and what the page says of it."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import Scenario


@pytest.fixture(scope="module")
def there(root: Path) -> Any:
    """Return the modules of the experiment, found as its command finds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "experiments" / "replay"))
        yield {name: importlib.import_module(name) for name in ("sources", "replay")}


def test_every_county_is_in_one_district_of_the_case(there: dict[str, ModuleType]) -> None:
    case = Scenario.load("south-sudan-unmiss")
    counties = there["sources"].COUNTIES
    assert set(counties) == {d.id for d in case.districts}
    every = [c for listed in counties.values() for c in listed.split(", ")]
    assert len(set(every)) == len(every) >= 78


def test_deaths_by_county_and_month_become_incidents(there: dict[str, ModuleType], data: Path) -> None:
    sources = there["sources"]
    case = sources.within(Scenario.load("south-sudan-unmiss"), date(2022, 12, 31))
    incidents = sources.south_sudan(data, case)
    deaths = pd.read_csv(data / "ged" / "ged231_ssd_county_month.csv")
    known = deaths["month_end"].between("2019-02-01", "2022-12-31")
    known &= deaths["county"].isin(sources.district_of())
    assert sum(i.killed for i in incidents if i.week > 3) == pytest.approx(
        deaths.loc[known, "deaths_best"].sum(), rel=0.02
    )
    assert all(i.killed < 40 for i in incidents)


def test_every_event_of_car_falls_on_a_prefecture_in_its_week(
    there: dict[str, ModuleType], data: Path
) -> None:
    sources = there["sources"]
    case = sources.car(data, date(2010, 1, 4), date(2022, 12, 31))
    assert len(case.districts) == 17
    assert sum(d.displaced for d in case.districts) == pytest.approx(197_000, rel=0.2)
    incidents = sources.car_incidents(data, case)
    assert {i.district for i in incidents} <= {d.id for d in case.districts}
    assert sum(i.killed for i in incidents) > 13_000
    assert all(0 <= i.week < case.weeks for i in incidents)


def test_outflow_has_a_column_a_district(there: dict[str, ModuleType], data: Path) -> None:
    table = there["sources"].outflow(data)
    assert list(table.columns) == list(there["sources"].COUNTIES)
    assert len(table) == 34
    assert table.to_numpy().sum() > 600_000


def test_weeks_are_summed_by_the_month_they_begin_in(there: dict[str, ModuleType]) -> None:
    weekly = np.ones((9, 2))
    months = pd.period_range("2020-01", "2020-03", freq="M")
    found = there["replay"].by_month(weekly, date(2020, 1, 6), months)
    assert found.tolist() == [[4, 4], [4, 4], [1, 1]]


def test_verdicts_need_a_skill_that_tells(there: dict[str, ModuleType]) -> None:
    replay = there["replay"]
    assert [replay.better(x) for x in (0.3, 0.05, -0.05, -0.3)] == [
        replay.GOOD,
        replay.SAME,
        replay.SAME,
        replay.BAD,
    ]


def test_the_page_shows_each_line_with_its_verdict(there: dict[str, ModuleType]) -> None:
    replay = there["replay"]
    line = replay.Line("Flight", "counts", "skill +0.3", "as before", replay.GOOD, "note")
    text = replay.page([line], pd.DataFrame({"return_rate": [0.065], "skill": [-2.31]}), 4, 1.0)
    assert "| Flight | counts | skill +0.3 | as before | **better than naive** | note |" in text
    assert "| 0.065 | -2.31 |" in text


def test_camps_of_flee_are_judged_against_what_is_simpler(there: dict[str, ModuleType], data: Path) -> None:
    lines, drawn = there["replay"].flee(data)
    assert len(lines) == len(drawn) == 3
    assert all("Flee 0.5" in line.naive for line in lines)
