"""A finished result can be gone back into, and says so if it cannot."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim import Scenario, compare
from sim.cli import app
from sim.scenario.schema import Action, Schedule
from sim.show import explain
from sim.study import retrace

LEAVE = Schedule(
    name="goma-and-all",
    title="Everything at once",
    actions=(Action(do="end-mission", on=date(2016, 1, 4)),),
)


@pytest.fixture(scope="module")
def result(drc: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small result, with a mechanism off, a parameter set, a schedule from Python."""
    case = drc.without("triage").with_parameters(attack_rate=0.6)
    out = tmp_path_factory.mktemp("results") / "r"
    return compare(case, [LEAVE], replicates=3, seed=4).save(out, figures=False)


def test_a_replicate_comes_out_as_it_did(result: Path, drc: Scenario) -> None:
    run = retrace.again(result, "goma-and-all", 2)
    case = drc.without("triage").with_parameters(attack_rate=0.6)
    assert run.case.parameter_values() == case.parameter_values()
    model = case.model(LEAVE, seed=4, replicate=2)
    for _ in range(60):
        model.step()
    assert np.array_equal(np.asarray(model.world.record)[:60], run.record[:60])
    base = retrace.again(result, "none", 2)
    assert np.array_equal(base.record, run.matched)


def test_every_row_of_a_result_can_be_found_again(result: Path) -> None:
    for name in ("vacuums", "massacres"):
        rows = retrace.table(result, name)
        for number in (1, len(rows) // 2, len(rows)):
            _, row = retrace.find(result, name, number)
            assert row.equals(rows.loc[number])


def test_the_story_of_a_massacre_says_what_the_log_says(result: Path) -> None:
    number = 1
    run, row = retrace.find(result, "massacres", number)
    story = explain.massacre(run, row, number)
    flat = " ".join(story.split())
    assert f"{row['killed']} civilians killed in {row['district']}" in flat
    week = run.case.week_of(row["week"].date())
    attacks = run.log[
        (run.log["kind"] == "attack on civilians")
        & (run.log["week"] == week)
        & (run.log["district"] == row["district"])
    ]
    assert attacks["killed"].sum() == row["killed"]
    gravest = attacks.loc[attacks["killed"].idxmax()]
    assert f"{gravest['actor'][1:]} decided to attack {gravest['other']}" in flat
    assert f"killed {int(gravest['killed'])} civilians" in flat
    assert "in truth it was" in flat
    assert all(len(line) <= 80 for line in story.splitlines())


def test_the_story_of_a_vacuum_that_the_exit_opened(result: Path) -> None:
    rows = retrace.table(result, "vacuums")
    opened = rows[(rows["schedule"] == "goma-and-all") & (rows["onset"] == pd.Timestamp(2016, 1, 4))]
    assert len(opened) > 3
    number = int(opened.index[0])
    story = " ".join(explain.vacuum(*retrace.find(result, "vacuums", number), number).split())
    assert "The UN's part in protection fell." in story
    assert "left as its base closed on 04 Jan 2016" in story
    assert "to 0% by the UN" in story
    assert "no vacuum." in story


def test_every_vacuum_of_a_run_has_a_story(result: Path) -> None:
    rows = retrace.table(result, "vacuums")
    for number in rows.index[:: max(1, len(rows) // 6)]:
        story = explain.vacuum(*retrace.find(result, "vacuums", int(number)), int(number))
        assert "How it opened" in story
        assert "nan" not in story.lower().split()


def test_the_command_lists_and_tells(result: Path) -> None:
    listed = CliRunner().invoke(app, ["explain", str(result)])
    assert listed.exit_code == 0
    assert "--massacre N" in listed.output
    told = CliRunner().invoke(app, ["explain", str(result), "--massacre", "2"])
    assert told.exit_code == 0
    assert "Who decided it, and why" in told.output


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--massacre", "9999"], "has no row 9999; its rows are 1 to"),
        (["--vacuum", "1", "--massacre", "1"], "not both"),
        (["--vacuum", "0"], "greater than or equal to 1"),
    ],
)
def test_wrong_numbers_are_refused(result: Path, arguments: list[str], what: str) -> None:
    out = CliRunner().invoke(app, ["explain", str(result), *arguments])
    assert out.exit_code == 2
    assert what in " ".join(out.output.split())


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    out = CliRunner().invoke(app, ["explain", str(tmp_path)])
    assert out.exit_code == 2
    assert "give the folder of a result" in " ".join(out.output.split())


def spoiled(result: Path, tmp_path: Path, **changes: object) -> Path:
    """Return a copy of a result with another provenance."""
    folder = tmp_path / "spoiled"
    folder.mkdir()
    for name in ("vacuums.csv", "massacres.csv"):
        (folder / name).write_bytes((result / name).read_bytes())
    provenance = json.loads((result / "provenance.json").read_text())
    (folder / "provenance.json").write_text(json.dumps({**provenance, **changes}))
    return folder


def test_a_result_that_cannot_be_made_again_is_refused(result: Path, tmp_path: Path) -> None:
    other_files = spoiled(result, tmp_path, scenario_sha256="0" * 64)
    with pytest.raises(retrace.RetraceError, match="not those the result was made from"):
        retrace.find(other_files, "massacres", 1)
    (tmp_path / "b").mkdir()
    other_seed = spoiled(result, tmp_path / "b", seed=5)
    with pytest.raises(retrace.RetraceError, match="another version"):
        retrace.find(other_seed, "massacres", 1)
