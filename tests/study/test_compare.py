from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from worlds import close, plan, small

from sim import ScenarioError, compare, measures
from sim.ensemble import Ensemble
from sim.study import parts, results
from sim.study.compare import BLOCK, Interrupted


@pytest.fixture(scope="module")
def case():
    return small(50).with_schedule(plan("all", *(close(b, 25) for b in ("Alpha post", "Beta post"))))


@pytest.fixture(scope="module")
def result(case):
    return compare(case, replicates=23, seed=4)


def test_results_are_what_the_ensemble_gives(case, result) -> None:
    assert result.names == ["close-alpha", "all", "none"]
    assert result.replicates == 23
    runs = Ensemble(case, "all").run(4, 0, 23).records
    expected = measures.totals(runs)
    for name, values in expected.items():
        assert np.array_equal(result.totals.sel(schedule="all", metric=name).values, values), name
    weekly = runs["killed_by_groups"].sum(axis=2)
    assert np.array_equal(result.weekly.sel(schedule="all", series="killed_by_groups").values, weekly)
    places = result.places.sel(schedule="all", measure="killed").sum(["half_year", "district"]).values
    assert places == pytest.approx(expected["killed"])
    assert result.people_conserved


def test_the_number_of_threads_does_not_matter(case, result) -> None:
    for threads in (1, 2, 3):
        again = compare(case, replicates=23, seed=4, threads=threads)
        assert np.array_equal(again.totals, result.totals)
        assert np.array_equal(again.weekly, result.weekly)
        assert again.vacuums.equals(result.vacuums)
        assert again.cliffs.equals(result.cliffs)


def test_more_replicates_begin_with_the_same_ones(case, result) -> None:
    fewer = compare(case, replicates=7, seed=4)
    assert np.array_equal(fewer.totals, result.totals[:, :7])


def test_summary_holds_every_metric_and_pair(result) -> None:
    s = result.summary
    row = s[(s.schedule == "all") & (s.metric == "killed") & (s.against == "none")].iloc[0]
    d = result.difference("killed", "all")
    assert row.difference_mean == d.mean
    assert row.difference_worst == d.worst
    assert row.runs == 23
    assert row.total_mean == result.totals.sel(schedule="all", metric="killed").mean()
    assert set(s.metric) == set(measures.METRIC)
    assert ((s.metric == "killed") & (s.schedule == "all") & (s.against == "close-alpha")).any()
    none = s[(s.schedule == "none") & (s.against == "none")]
    assert (none.difference_mean == 0).all()


def test_cliffs_and_vacuums_are_named(result, case) -> None:
    assert set(result.cliffs.schedule) == {"close-alpha", "all"}
    assert set(result.cliffs.district) == {"Alpha", "Beta"}
    assert result.cliffs.groupby(["schedule", "base"]).size().eq(23).all()
    assert set(result.vacuums.district) <= {"Alpha", "Beta", "Gamma"}
    assert result.vacuums.onset.between(pd.Timestamp(case.header.start), pd.Timestamp(case.header.end)).all()


def test_schedules_can_be_chosen_by_name_or_made_in_python(case) -> None:
    r = compare(case, ["all", plan("mine", close("Gamma house", 10))], replicates=3)
    assert r.names == ["all", "mine", "none"]
    assert compare(case, ["none"], replicates=2).names == ["none"]
    assert compare(case, ["all", "all"], replicates=2).names == ["all", "none"]
    with pytest.raises(ScenarioError, match="there is no schedule 'al'"):
        compare(case, ["al"], replicates=2)
    with pytest.raises(ScenarioError, match="is not a base"):
        compare(case, [plan("bad", close("Nowhere", 10))], replicates=2)
    with pytest.raises(ValueError, match="replicates must be at least 1"):
        compare(case, replicates=0)


def test_a_stopped_comparison_goes_on_and_ends_the_same(case, result, tmp_path: Path) -> None:
    stop = threading.Event()
    ticks: list[int] = []

    def tick(done: int, of: int) -> None:
        ticks.append(done)
        if done >= BLOCK:
            stop.set()

    with pytest.raises(Interrupted) as caught:
        compare(case, replicates=23, seed=4, threads=1, progress=tick, parts_folder=tmp_path / "p", stop=stop)
    assert BLOCK <= caught.value.done < 23
    kept = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "p").glob("*.npz")}
    assert kept
    ticks.clear()
    again = compare(
        case, replicates=23, seed=4, progress=lambda d, n: ticks.append(d), parts_folder=tmp_path / "p"
    )
    assert ticks[0] == caught.value.done  # what was finished is not run again
    assert all((tmp_path / "p" / name).stat().st_mtime_ns == t for name, t in kept.items())
    assert np.array_equal(again.totals, result.totals)
    assert again.vacuums.equals(result.vacuums)
    assert again.cliffs.equals(result.cliffs)


def test_parts_of_another_seed_code_or_case_are_not_taken(case, tmp_path: Path) -> None:
    compare(case, replicates=5, seed=4, parts_folder=tmp_path / "p")
    ticks: list[int] = []
    compare(case, replicates=5, seed=5, progress=lambda d, n: ticks.append(d), parts_folder=tmp_path / "p")
    assert ticks[0] == 0
    ticks.clear()
    other = case.with_parameters(met_cost=3.0)
    compare(other, replicates=5, seed=4, progress=lambda d, n: ticks.append(d), parts_folder=tmp_path / "p")
    assert ticks[0] == 0


def test_a_torn_part_is_run_again(case, result, tmp_path: Path) -> None:
    compare(case, replicates=23, seed=4, parts_folder=tmp_path / "p")
    torn = sorted((tmp_path / "p").glob("*.npz"))[1]
    torn.write_bytes(torn.read_bytes()[:500])
    again = compare(case, replicates=23, seed=4, parts_folder=tmp_path / "p")
    assert np.array_equal(again.totals, result.totals)


def test_a_folder_that_is_not_of_parts_is_left_alone(case, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not a folder of finished parts"):
        compare(case, replicates=2, parts_folder=tmp_path / "p")
    parts.remove(tmp_path / "p")
    assert (tmp_path / "p" / "mine.txt").exists()


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != results.PROVENANCE
    }


def test_what_is_written_is_complete_and_the_same_each_time(case, result, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "a")
    compare(case, replicates=23, seed=4, threads=1).save(tmp_path / "b")
    assert digest(folder) == digest(tmp_path / "b")
    assert {p.name for p in folder.iterdir()} == {
        "summary.csv",
        "summary.txt",
        "trajectories.nc",
        "vacuums.csv",
        "cliffs.csv",
        "massacres.csv",
        "provenance.json",
        "figures",
    }
    assert {p.name for p in (folder / "figures").iterdir()} >= {
        "timeline.png",
        "maps.png",
        "differences.png",
        "fan-all.png",
    }
    with xr.open_dataset(folder / "trajectories.nc", engine="scipy") as data:
        assert np.array_equal(
            data["killed_by_groups"].values, result.weekly.sel(series="killed_by_groups").values
        )
        assert [str(s) for s in data["schedule"].values] == result.names
        assert data["district_killed"].dims == ("schedule", "replicate", "half_year", "district")
    assert len(pd.read_csv(folder / "summary.csv")) == len(result.summary)
    p = json.loads((folder / "provenance.json").read_text())
    assert p["seed"] == 4
    assert p["replicates"] == 23
    assert p["parameters"]["met_cost"] == 2.0
    assert [s["name"] for s in p["schedules"]] == result.names
    assert all(p["checks"].values())
    assert p["code_sha256"]


def test_saving_replaces_a_result_and_nothing_else(result, tmp_path: Path) -> None:
    result.save(tmp_path / "r", figures=False)
    (tmp_path / "r" / "old.txt").write_text("old")
    result.save(tmp_path / "r", figures=False)
    assert not (tmp_path / "r" / "old.txt").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(results.NotOurs, match="not a result"):
        result.save(tmp_path / "mine", figures=False)
    (tmp_path / "file").write_text("x")
    with pytest.raises(results.NotOurs, match="is a file"):
        result.save(tmp_path / "file", figures=False)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "mine", "r"]  # no leftovers


def test_a_failure_while_writing_leaves_nothing_and_the_old_result(
    result, tmp_path: Path, monkeypatch
) -> None:
    result.save(tmp_path / "r", figures=False)
    before = digest(tmp_path / "r")
    from sim.show import text

    monkeypatch.setattr(text, "page", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        result.save(tmp_path / "r", figures=False)
    assert digest(tmp_path / "r") == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]
