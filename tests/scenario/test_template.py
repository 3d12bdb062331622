"""A new scenario runs at once, and nothing is written for a name that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim import Scenario
from sim.cli import app
from sim.ensemble import Ensemble
from sim.scenario.schema import District
from sim.scenario.template import TemplateError, start


def test_a_new_scenario_runs_and_explains_every_column(tmp_path: Path) -> None:
    made = start("my-case", tmp_path)
    case = Scenario.load(made)
    assert case.name == "my-case"
    record = Ensemble(case, "hasty").run(1, 0, 1).records
    assert record["killed_by_groups"].sum() > 0
    readme = (made / "README.md").read_text()
    for field, info in District.model_fields.items():
        assert f"| `{field}` | {info.description} |" in readme or field in ("source", "certainty", "note")
    assert [p.name for p in tmp_path.iterdir()] == ["my-case"]


@pytest.mark.parametrize("name", ["", "My Case", "../x", "a/b", "-x", "x" * 61, ".."])
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateError, match="cannot name a scenario"):
        start(name, tmp_path / "in")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.txt").write_text("mine")
    with pytest.raises(TemplateError, match="exists already"):
        start("mine", tmp_path)
    assert (tmp_path / "mine" / "x.txt").read_text() == "mine"


def test_the_command_says_what_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = CliRunner().invoke(app, ["new", "my-case"])
    assert out.exit_code == 0, out.output
    assert "drawdown compare" in out.output
    checked = CliRunner().invoke(app, ["check", "my-case"])
    assert "No errors found." in checked.output
    assert CliRunner().invoke(app, ["new", "my-case"]).exit_code == 2


def test_the_teaching_case_is_the_default_and_invented(root: Path) -> None:
    out = CliRunner().invoke(app, ["check"])
    assert "The Corridor, an invented country" in out.output
    case = Scenario.load(root / "scenarios" / "corridor")
    rows = [
        *case.districts,
        *case.routes,
        *case.units,
        *case.armed_groups,
        *case.state_forces,
        *case.humanitarians,
    ]
    assert {r.certainty for r in rows} == {"invented"}


def test_on_the_teaching_case_the_levers_do_what_they_should(root: Path) -> None:
    from sim import compare

    result = compare(Scenario.load(root / "scenarios" / "corridor"), replicates=40)
    hasty, slow = result.difference("killed", "hasty"), result.difference("killed", "border-first")
    assert slow.mean_low > 0
    assert hasty.mean > slow.mean
    regroup = result.difference("vacuum_weeks", "regroup", against="border-first")
    assert regroup.mean_high < 0, "a mobile force leaves fewer vacuums"
