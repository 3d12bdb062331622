"""A result that is read back says what it said; what is damaged is named with a remedy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import close, plan, small

from sim import Scenario, compare
from sim.show import text
from sim.study.comparison import TABLES
from sim.study.evidence import evidence
from sim.study.load import load
from sim.study.provenance import ProvenanceError


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    case = small(40).with_schedule(plan("all", *(close(b, 15) for b in ("Alpha post", "Beta post"))))
    result = compare(case, ["all"], replicates=6, seed=3)
    folder = tmp_path_factory.mktemp("load") / "r"
    result.save(folder, figures=False)
    return result, folder


def test_what_is_read_is_what_was_written(saved) -> None:
    result, folder = saved
    again = load(folder)
    assert text.page(again) == text.page(result)
    assert again.names == result.names
    for name in ("totals", "weekly", "places", "weekly_mean", "places_mean"):
        one, other = getattr(result, name), getattr(again, name)
        assert one.dims == other.dims
        assert np.array_equal(one.values, other.values, equal_nan=True), name
        for dim in one.dims:
            assert (one.coords[dim].values == other.coords[dim].values).all(), (name, dim)
    for name in TABLES:
        one, other = getattr(result, name), getattr(again, name)
        pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=1e-9)
    assert again.people_conserved == result.people_conserved


def test_values_that_were_set_are_kept_and_no_others(saved, tmp_path: Path) -> None:
    same = load(saved[1]).scenario
    assert same.overrides == {"spin_up": 0.0}  # a case made in Python keeps no parameters of its own
    assert not same.off
    assert not same.rival
    compare(small(30).with_parameters(met_cost=3.0), ["close-alpha"], replicates=1).save(
        tmp_path / "r", figures=False
    )
    again = load(tmp_path / "r").scenario
    assert again.overrides == {"met_cost": 3.0, "spin_up": 0.0}
    assert again.parameter_values() == small(30).with_parameters(met_cost=3.0).parameter_values()


def test_what_was_switched_off_stays_off(tmp_path: Path) -> None:
    case = small(30).without("triage").with_rules(contest="lanchester")
    compare(case, ["close-alpha"], replicates=1).save(tmp_path / "r", figures=False)
    again = load(tmp_path / "r").scenario
    assert again.switched_off == case.switched_off
    assert again.rules == case.rules
    assert again.parameter_values() == case.parameter_values()
    assert again.overrides == {"spin_up": 0.0}


@pytest.mark.parametrize(
    "name", ["totals.nc", "trajectories.nc", "around.csv", "cliffs.csv", "provenance.json"]
)
def test_a_missing_or_torn_file_is_named_with_a_remedy(saved, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "r"
    shutil.copytree(saved[1], folder)
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    with pytest.raises(ProvenanceError, match=name):
        load(folder)
    if not name.endswith(".csv"):
        (folder / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(ProvenanceError, match=rf"{name}.*(restore|compare)"):
            load(folder)


def test_files_of_another_result_are_refused(saved, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    shutil.copytree(saved[1], folder)
    told = json.loads((folder / "provenance.json").read_text())
    told["replicates"] = 7
    (folder / "provenance.json").write_text(json.dumps(told))
    with pytest.raises(ProvenanceError, match=r"totals\.nc is not of this result"):
        load(folder)


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="give the folder of a result"):
        load(tmp_path)


def test_outlines_and_influences_travel_with_a_result(root: Path, tmp_path: Path) -> None:
    """They drive nothing, but maps and confidence are made from them."""
    folder = tmp_path / "corridor"
    shutil.copytree(root / "scenarios" / "corridor", folder)
    ring = [[30.0, 0.0], [31.0, 0.0], [31.0, 1.0], [30.0, 0.0]]
    district = Scenario.load(folder).districts[0].id
    feature = {
        "type": "Feature",
        "properties": {"id": district},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    outlines = {"type": "FeatureCollection", "features": [feature]}
    (folder / "outlines.geojson").write_text(json.dumps(outlines))
    (folder / "influence.csv").write_text(
        "schedule,parameter,end,mean,low,high,runs\nhasty,,,100,80,120,40\nhasty,met_cost,low,5,-10,20,40\n"
    )
    compare(Scenario.load(folder), ["hasty"], replicates=1).save(tmp_path / "r", figures=False)
    shutil.rmtree(folder)
    case = load(tmp_path / "r").scenario
    assert set(case.outlines) == {district}
    assert evidence(case).schedule == "hasty"
