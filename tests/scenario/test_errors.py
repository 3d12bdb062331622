"""Bad input gets one error that names file, line, value and remedy, and changes nothing."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sim import Scenario, ScenarioError
from sim.cli import app

SCHEDULE = """
name = "test"
title = "Test"
[[actions]]
do = "close"
base = "Walikale-centre"
on = 2017-07-31
"""


@pytest.fixture
def case(root: Path, tmp_path: Path) -> Path:
    """Return a copy of the DRC case that a test may spoil."""
    folder = tmp_path / "case"
    shutil.copytree(root / "scenarios" / "drc-monusco", folder)
    return folder


def spoil(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence of `old`; returns its line."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def refused(case: Path, *words: str, line: int | None = None) -> ScenarioError:
    """Assert that the case is refused with one error that holds all words, by the command too."""
    with pytest.raises(ScenarioError) as caught:
        Scenario.load(case)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    assert "\n" not in message
    if line is not None:
        assert caught.value.line == line, message
    out = case.parent / "out"
    for command in (["check", str(case)], ["compare", str(case), "--replicates", "2", "--out", str(out)]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2
        assert words[0] in result.output.replace("\n", "")
        assert "Traceback" not in result.output
    assert not out.exists()
    assert not (case.parent / "out.parts").exists()
    return caught.value


def test_the_case_itself_is_fine(case: Path) -> None:
    assert Scenario.load(case).name == "drc-monusco"


def test_unknown_district(case: Path) -> None:
    line = spoil(case / "units.csv", ",walikale,", ",walikle,")
    refused(case, "units.csv", "'walikle' is not a district", "did you mean 'walikale'?", line=line)


def test_base_closed_twice(case: Path) -> None:
    again = '[[actions]]\ndo = "close"\nbase = "Walikale-centre"\non = 2018-01-31\n'
    (case / "schedules" / "test.toml").write_text(SCHEDULE + again)
    refused(case, "test.toml", "already closed on 2017-07-31", "remove one", line=10)


def test_closing_before_opening(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace("Walikale-centre", "Kirumba"))
    refused(case, "test.toml", "Kirumba", "opens only on 2019-10-01", line=7)


def test_closing_after_the_unit_has_moved_on(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace("Walikale-centre", "Panzi"))
    refused(case, "test.toml", "Panzi", "has no troops by then", line=7)


def test_unknown_base(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace("Walikale-centre", "Walikale-center"))
    refused(case, "test.toml", "is not a base", "did you mean 'Walikale-centre'?", line=6)


def test_unit_that_does_not_wait_to_be_opened(case: Path) -> None:
    text = 'name = "test"\ntitle = "T"\n[[actions]]\ndo = "open"\nunit = "Goma"\non = 2018-01-31\n'
    (case / "schedules" / "test.toml").write_text(text)
    refused(case, "test.toml", "'Goma' is not a unit that waits", "regrouped companies", line=5)


def test_date_outside_the_run(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace("2017-07-31", "2031-07-31"))
    refused(case, "test.toml", "2031-07-31 is outside the run (2015-03-02 to 2023-01-08)", line=7)


def test_unit_that_opens_outside_the_run(case: Path) -> None:
    spoil(case / "units.csv", "2017-01-01", "2037-01-01")
    refused(case, "units.csv", "2037-01-01 is outside the run")


def test_reduction_that_is_none(case: Path) -> None:
    text = SCHEDULE.replace('"close"', '"reduce"') + "to = 5000\n"
    (case / "schedules" / "test.toml").write_text(text)
    refused(case, "test.toml", "5000 is no reduction", "has 150 troops", line=8)


def test_negative_population(case: Path) -> None:
    line = spoil(case / "districts.csv", ",913000,1141000,", ",913000,-1141000,")
    refused(case, "districts.csv", "'-1141000'", "greater than or equal to 0", line=line)


def test_population_out_of_order(case: Path) -> None:
    line = spoil(case / "districts.csv", ",913000,1141000,", ",2913000,1141000,")
    refused(case, "districts.csv", "low <= best <= high", "2.913e+06", line=line)


def test_route_to_nowhere(case: Path) -> None:
    line = spoil(case / "routes.csv", "goma,nyiragongo,", "goma,atlantis,")
    refused(case, "routes.csv", "'atlantis' is not a district", line=line)


def test_route_to_itself_twice_or_faster_when_wet(case: Path) -> None:
    line = spoil(case / "routes.csv", "goma,nyiragongo,0.8,1.2", "goma,goma,0.8,1.2")
    refused(case, "routes.csv", "to itself", line=line)
    spoil(case / "routes.csv", "goma,goma,0.8,1.2", "rutshuru,nyiragongo,0.8,1.2")
    refused(case, "routes.csv", "already in line")
    line = spoil(case / "routes.csv", "rutshuru,nyiragongo,0.8,1.2", "goma,nyiragongo,2.8,1.2")
    refused(case, "routes.csv", "hours_wet (1.2) is less than hours_dry (2.8)", line=line)


def test_district_without_a_route(case: Path) -> None:
    path = case / "routes.csv"
    path.write_text("".join(r for r in path.read_text().splitlines(keepends=True) if "idjwi" not in r))
    refused(case, "routes.csv", "no route leads from 'idjwi'", "add at least one route")


def test_two_schedules_of_one_name(case: Path) -> None:
    shutil.copy(case / "schedules" / "fast.toml", case / "schedules" / "zz.toml")
    refused(case, "zz.toml", "'fast' is already the name of fast.toml", line=1)


def test_schedule_named_like_the_counterfactual(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace('"test"', '"none"'))
    refused(case, "test.toml", "built-in counterfactual", line=2)


def test_misspelt_keys(case: Path) -> None:
    line = spoil(case / "scenario.toml", "wet_months", "wet_month")
    refused(case, "scenario.toml", "wet_month", "did you mean 'wet_months'?", line=line)
    spoil(case / "scenario.toml", "wet_month ", "wet_months ")
    line = spoil(case / "scenario.toml", "trust_un", "trust_on")
    refused(case, "scenario.toml", "people.trust_on", "did you mean 'trust_un'?", line=line)
    spoil(case / "scenario.toml", "trust_on", "trust_un")
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace("base =", "bases ="))
    refused(case, "test.toml", "actions.0.bases", "did you mean 'base'?", line=6)


def test_misspelt_column(case: Path) -> None:
    spoil(case / "districts.csv", "concealment", "concealmnet")
    refused(case, "districts.csv", "column 'concealmnet'", "did you mean 'concealment'?", line=1)


def test_missing_column_cell_file_and_folder(case: Path) -> None:
    spoil(case / "districts.csv", "rents,", "")
    refused(case, "districts.csv", "column 'rents'", "is missing", line=1)
    (case / "districts.csv").unlink()
    refused(case, "districts.csv", "no such file")
    shutil.rmtree(case / "schedules")
    (case / "districts.csv").write_text("id\n")
    refused(case, "districts.csv")


def test_row_with_too_many_cells(case: Path) -> None:
    path = case / "routes.csv"
    path.write_text(path.read_text() + "a,b,c\n")
    refused(case, "routes.csv", "has 3 cells where the header has 8")


def test_file_that_is_not_utf8(case: Path) -> None:
    path = case / "armed_groups.csv"
    path.write_bytes(path.read_bytes().replace(b"FDLR-FOCA north", b"FDLR-FOCA nor\xe9", 1))
    refused(case, "armed_groups.csv", "byte 0xe9 is not UTF-8", "UTF-8 encoding", line=3)


@pytest.mark.parametrize("name", ["districts.csv", "scenario.toml", "schedules/fast.toml"])
def test_empty_file(case: Path, name: str) -> None:
    (case / name).write_text(" \n")
    refused(case, Path(name).name, "is empty")


def test_table_with_a_header_and_nothing_else(case: Path) -> None:
    path = case / "districts.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    refused(case, "districts.csv", "no rows")


def test_broken_toml(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text('name = "test"\ntitle = \n')
    refused(case, "test.toml", "not valid TOML", line=2)


def test_duplicate_ids(case: Path) -> None:
    path = case / "districts.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]))
    refused(case, "districts.csv", "'beni' is already the id of line 2")


def test_base_in_two_districts(case: Path) -> None:
    text = (case / "units.csv").read_text()
    (case / "units.csv").write_text(
        text.replace('"Force Intervention Brigade, part at Sake",Sake,masisi', "FIB,Sake,goma")
    )
    refused(case, "units.csv", "base 'Sake' is in 'goma' here and in 'masisi'")


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "abc", "", "0x10"])
def test_numbers_that_are_none(case: Path, value: str) -> None:
    spoil(case / "routes.csv", "goma,nyiragongo,0.8", f"goma,nyiragongo,{value}")
    refused(case, "routes.csv", "hours_dry", line=2)


def test_unknown_and_impossible_parameters(case: Path) -> None:
    path = case / "scenario.toml"
    original = path.read_text()
    path.write_text(original + "\n[parameters]\nmet_costs = 3.0\n")
    refused(case, "scenario.toml", "parameters.met_costs", "did you mean 'met_cost'?")
    path.write_text(original + "\n[parameters]\nmet_cost = 300.0\n")
    refused(case, "scenario.toml", "met_cost = 300 is outside its range 0.2 to 6")


def test_action_with_the_wrong_keys(case: Path) -> None:
    (case / "schedules" / "test.toml").write_text(SCHEDULE + "to = 3\n")
    refused(case, "test.toml", "'to' does not belong to 'close'", line=4)
    (case / "schedules" / "test.toml").write_text(SCHEDULE.replace('base = "Walikale-centre"\n', ""))
    refused(case, "test.toml", "'close' needs 'base'", line=4)
    (case / "schedules" / "test.toml").write_text(SCHEDULE + "announced = 2019-01-01\n")
    refused(case, "test.toml", "announced (2019-01-01) is after the action", line=4)


def test_unknown_scenario_and_schedule_are_named_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["check", "drc-monsco"])
    assert result.exit_code == 2
    assert "did you mean 'drc-monusco'?" in result.output.replace("\n", " ")
    result = CliRunner().invoke(app, ["compare", "drc-monusco", "--schedules", "actul"])
    assert result.exit_code == 2
    assert "did you mean 'actual'?" in result.output.replace("\n", " ")


def test_a_byte_order_mark_and_windows_lines_are_welcome(case: Path) -> None:
    for name in ("districts.csv", "scenario.toml", "schedules/fast.toml"):
        path = case / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(Scenario.load(case).districts) == 24


@given(st.binary(max_size=400))
def test_any_bytes_as_a_table_end_in_one_error_or_a_table(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    from sim.scenario.read import read_table
    from sim.scenario.schema import Route

    path = tmp_path_factory.mktemp("any") / "routes.csv"
    path.write_bytes(raw)
    with pytest.raises(ScenarioError) as caught:
        read_table(path, Route)
    assert "routes.csv" in str(caught.value)


@given(st.text(max_size=300))
def test_any_text_as_a_schedule_ends_in_one_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    from sim.scenario.read import read_toml
    from sim.scenario.schema import Schedule

    path = tmp_path_factory.mktemp("any") / "plan.toml"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ScenarioError) as caught:
        read_toml(path, Schedule)
    assert "plan.toml" in str(caught.value)


def test_an_error_can_travel_between_processes() -> None:
    error = ScenarioError("units.csv", "is wrong", line=3, where="strength")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "units.csv, line 3, strength: is wrong"
    assert (again.line, again.where, again.problem) == (3, "strength", "is wrong")
