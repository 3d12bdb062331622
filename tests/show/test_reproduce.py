"""A result carries all it takes to make it again, and says whether the bits are the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner
from worlds import close, plan, small

from sim import Scenario, compare
from sim.cli import app
from sim.scenario import case as cases
from sim.scenario.fields import Day, Row
from sim.show import results
from sim.show.reproduce import reproduce
from sim.study import provenance
from sim.study.provenance import ProvenanceError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return a result of a copied scenario that is gone, with a family, a mechanism off, a rule, a value."""
    place = tmp_path_factory.mktemp("reproduce")
    shutil.copytree(root / "scenarios" / "corridor", place / "mine")
    header = place / "mine" / "scenario.toml"
    header.write_text(header.read_text() + "# not the one that comes with the package\n")
    case = Scenario.load(place / "mine").without("triage").with_parameters(met_cost=3.0)
    case = case.with_rules(contest="lanchester")
    compare(case, ["hasty", "phased:3"], replicates=3, seed=2**62).save(place / "r", figures=False)
    shutil.rmtree(place / "mine")
    return place / "r"


def copied(folder: Path, tmp_path: Path, **changes: object) -> Path:
    """Return a copy of a result with another provenance."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    told = json.loads((copy / results.PROVENANCE).read_text())
    (copy / results.PROVENANCE).write_text(json.dumps({**told, **changes}))
    return copy


def test_a_result_is_made_again_without_its_scenario_to_the_last_bit(folder: Path, tmp_path: Path) -> None:
    made = reproduce(folder, out=tmp_path / "again", figures=False, threads=1)
    assert made.same
    assert not made.changed
    assert not made.circumstances
    assert "The same to the last bit: totals" in made.report()
    for name in ("summary.csv", "vacuums.csv", "totals.nc", "trajectories.nc", "scenario/units.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    # and what was made again can be made again
    assert reproduce(tmp_path / "again").same


def test_a_case_made_in_python_is_made_again(tmp_path: Path) -> None:
    case = small(30).with_schedule(plan("all", close("Alpha post", 15))).without("looting")
    compare(case, [plan("mine", close("Beta post", 5)), "all"], replicates=2).save(
        tmp_path / "r", figures=False
    )
    assert (tmp_path / "r" / provenance.OBJECTS).is_file()
    assert reproduce(tmp_path / "r").same


def test_files_changed_since_they_were_loaded_are_not_taken_for_the_scenario(
    tmp_path: Path, root: Path
) -> None:
    shutil.copytree(root / "scenarios" / "corridor", tmp_path / "mine")
    case = Scenario.load(tmp_path / "mine")
    units = tmp_path / "mine" / "units.csv"
    units.write_text("\n".join(units.read_text().splitlines()[:-1]) + "\n")
    compare(case, ["none"], replicates=1).save(tmp_path / "r", figures=False)
    assert not (tmp_path / "r" / provenance.SCENARIO).exists()
    kept = provenance.read(tmp_path / "r").case().units
    assert [u.model_dump() for u in kept] == [u.model_dump() for u in case.units]
    assert reproduce(tmp_path / "r").same


def test_what_differs_is_named(folder: Path, tmp_path: Path) -> None:
    told = json.loads((folder / results.PROVENANCE).read_text())
    old = {**told["libraries"], "numpy": "1.0"}
    sums = {**told["sha256"], "totals": "0" * 64}
    other = copied(folder, tmp_path, libraries=old, sha256=sums, code_sha256="f" * 64)
    (other / "vacuums.csv").write_text("edited\n")
    made = reproduce(other)
    assert made.differs == ["totals"]
    assert made.changed == ["vacuums.csv"]
    assert made.circumstances[0].startswith("numpy was 1.0, is ")
    assert made.circumstances[1].startswith("code was ffffffffffff, is ")
    assert "DIFFERENT: totals." in made.report()


def test_what_cannot_be_made_again_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match=r"has no provenance\.json; give the folder of a result"):
        reproduce(tmp_path)
    with pytest.raises(ProvenanceError, match="an older version wrote it"):
        reproduce(copied(folder, tmp_path, sha256={}))
    with pytest.raises(ProvenanceError, match="is the result itself"):
        reproduce(folder, out=folder)
    units = tmp_path / "copy" / "scenario" / "units.csv"
    units.write_text(units.read_text().replace("invented", "estimate"))
    with pytest.raises(ProvenanceError, match="are not those the result was made from"):
        provenance.read(tmp_path / "copy").case()


def test_everything_a_scenario_holds_travels_with_it() -> None:
    names = set(cases.Scenario.__dataclass_fields__)
    by_name = {"schedules", "folder", "digest", "overrides", "off", "rival"}
    assert set(provenance._Objects.model_fields) == names - by_name - {"outlines"}  # which drive nothing


class Post(Row):
    """A row of a further table."""

    table = "posts"
    district: str
    opens: Day


def test_rows_of_further_tables_travel_with_it(monkeypatch) -> None:
    monkeypatch.setattr(provenance, "FURTHER", ("posts",))
    monkeypatch.setitem(provenance._CLASSES, "posts", Post)
    case = replace(small(), more={"posts": (Post(district="alpha", opens=date(2020, 3, 2)),)})
    text = provenance._objects(case).model_dump_json()
    assert provenance._Objects.model_validate_json(text).more == case.more
    with pytest.raises(ValueError, match="no table 'huts'"):
        provenance._Objects.model_validate_json(text.replace("posts", "huts"))


def test_the_command_says_it_and_its_exit_code_too(folder: Path, tmp_path: Path) -> None:
    good = CliRunner().invoke(app, ["reproduce", str(folder)])
    assert good.exit_code == 0, good.output
    assert "The same to the last bit" in good.output
    told = json.loads((folder / results.PROVENANCE).read_text())
    other = copied(folder, tmp_path, sha256={**told["sha256"], "summary": "0" * 64})
    bad = CliRunner().invoke(app, ["reproduce", str(other), "--out", str(tmp_path / "o")])
    assert bad.exit_code == 1
    assert "DIFFERENT: summary." in bad.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "o"]
    none = CliRunner().invoke(app, ["reproduce", str(tmp_path)])
    assert none.exit_code == 2
    assert "give the folder of a result" in " ".join(none.output.split())
