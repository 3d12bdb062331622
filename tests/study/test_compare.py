from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from worlds import close, plan, small

from sim import ScenarioError, compare, measures
from sim.ensemble import Ensemble
from sim.parameters import PARAMETERS
from sim.show import results
from sim.study import compare as comparing
from sim.study import parts, provenance, tally
from sim.study.compare import Interrupted, TooMuch
from sim.study.tally import BLOCK


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


def bounded(monkeypatch: pytest.MonkeyPatch, *, rows: int = 100) -> None:
    """Keep little: trajectories of ten replicates, few rows, spans of two blocks."""
    monkeypatch.setattr(tally, "TRAJECTORIES_KEPT", BLOCK)
    monkeypatch.setattr(tally, "ROWS_KEPT", rows)
    for module in (tally, comparing):
        monkeypatch.setattr(module, "SPAN", 2 * BLOCK)


def test_beyond_its_bounds_the_first_are_kept_and_the_rest_is_summed(case, monkeypatch) -> None:
    whole = compare(case, replicates=47, seed=4)
    assert whole.kept == {"trajectories": 47, "vacuums": 47, "cliffs": 47}
    assert whole.note == ""
    bounded(monkeypatch)
    few = compare(case, replicates=47, seed=4)
    assert few.kept["trajectories"] == 10
    assert few.note.startswith("Kept of 47 replicates: single trajectories of the first 10, rows of")
    assert np.array_equal(few.totals, whole.totals)
    assert few.summary.equals(whole.summary)
    assert few.massacres.equals(whole.massacres)
    assert np.array_equal(few.weekly, whole.weekly[:, :10])
    assert np.array_equal(few.places, whole.places[:, :10])
    for name in ("vacuums", "cliffs"):
        n = few.kept[name]
        assert n % BLOCK == 0
        assert n < 47
        rows = getattr(whole, name)
        assert len(getattr(few, name)) == (rows["replicate"] < n).sum() <= 100
        assert set(getattr(few, name)["replicate"]) <= set(range(n))
    # what stands for the rest is over all of them, and the same as where all is kept
    for result in (few, whole):
        assert np.allclose(result.weekly_mean, whole.weekly.astype(float).mean("replicate"))
        assert np.allclose(result.places_mean, whole.places.astype(float).mean("replicate"))
        vacuums = result.vacuum_summary.set_index(["schedule", "district"])
        by_place = whole.vacuums.groupby(["schedule", "district"])
        assert vacuums["vacuums"].sum() == len(whole.vacuums)
        for key, rows in by_place:
            assert vacuums.loc[key, "vacuums"] == len(rows)
            assert vacuums.loc[key, "replicates_with_vacuum"] == rows["replicate"].nunique()
            assert vacuums.loc[key, "mean_killed"] == pytest.approx(rows["killed"].sum() / 47)
        cliffs = result.cliff_summary.set_index(["schedule", "base"])
        for key, rows in whole.cliffs.groupby(["schedule", "base"]):
            assert cliffs.loc[key, "closures"] == len(rows)
            assert cliffs.loc[key, "mean_depth"] == pytest.approx(rows["depth"].mean())
            assert cliffs.loc[key, "refilled"] == rows["width"].notna().sum()


def test_what_is_kept_of_the_first_alone_is_said_where_it_is_used(case, monkeypatch, tmp_path: Path) -> None:
    bounded(monkeypatch)
    few = compare(case, replicates=47, seed=4)
    few.save(tmp_path / "r", figures=False)
    assert "single trajectories of the first 10" in (tmp_path / "r" / "summary.txt").read_text()
    assert provenance.read(tmp_path / "r").made.kept == few.kept
    with xr.open_dataset(tmp_path / "r" / "trajectories.nc", engine="scipy") as data:
        assert data.attrs["replicates_kept"] == 10
        assert data.attrs["replicates_in_all"] == 47
        assert "the first 10 of 47 replicates" in data.attrs["about"]
        assert data["killed_by_groups"].sizes["replicate"] == 10
        assert np.array_equal(data["killed_by_groups_mean"], few.weekly_mean.sel(series="killed_by_groups"))
    with xr.open_dataset(tmp_path / "r" / "totals.nc", engine="scipy") as data:
        assert np.array_equal(data["killed"], few.totals.sel(metric="killed"))


def test_parts_of_a_finished_span_are_merged_and_give_the_same_bits(
    case, monkeypatch, tmp_path: Path
) -> None:
    bounded(monkeypatch)
    straight = compare(case, replicates=67, seed=4, threads=1)
    compare(case, replicates=44, seed=4, parts_folder=tmp_path / "p")
    counts = sorted(int(p.stem.split("-")[2]) for p in (tmp_path / "p").glob("*.npz"))
    assert counts == [4, 10, 10, 20]  # trajectories are kept in the first span: it stays in blocks
    ticks: list[int] = []
    on = compare(
        case, replicates=67, seed=4, progress=lambda d, n: ticks.append(d), parts_folder=tmp_path / "p"
    )
    assert ticks[0] == 40
    assert np.array_equal(on.totals, straight.totals)
    assert on.kept == straight.kept
    for name in ("weekly_mean", "places_mean"):
        assert np.array_equal(getattr(on, name), getattr(straight, name))
    for name in ("vacuums", "cliffs", "massacres", "vacuum_summary", "cliff_summary"):
        assert getattr(on, name).equals(getattr(straight, name)), name


def test_what_this_machine_cannot_hold_is_refused_with_what_it_would_take(case, tmp_path: Path) -> None:
    with pytest.raises(TooMuch, match=r"^1,000,000,000 replicates of 3 schedules would take .* TB of me"):
        compare(case, replicates=10**9, parts_folder=tmp_path / "p")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [-1, 2**63, 10**30])
def test_a_seed_out_of_range_is_refused_before_the_first_run(case, seed: int) -> None:
    with pytest.raises(ValueError, match=r"outside its range, 0 to 9223372036854775807"):
        compare(case, replicates=1, seed=seed)


@pytest.mark.parametrize("seed", [1.5, "1", True, None])
def test_a_seed_that_is_no_whole_number_is_refused(case, seed: object) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        compare(case, replicates=1, seed=seed)


@pytest.mark.parametrize("replicates", [0, -1, "10", 2.0, True])
def test_a_number_of_replicates_that_is_none_is_refused(case, replicates: object) -> None:
    with pytest.raises(ValueError, match="a whole number of at least 1"):
        compare(case, replicates=replicates)


@pytest.mark.parametrize("seed", [0, 2**31, 2**63 - 1])
def test_any_seed_in_range_can_be_saved(case, seed: int, tmp_path: Path) -> None:
    compare(case, ["all"], replicates=1, seed=seed).save(tmp_path / "r", figures=False)
    assert provenance.read(tmp_path / "r").made.seed == seed


def test_a_run_of_one_week_can_be_saved(case, tmp_path: Path) -> None:
    header = case.header.model_copy(update={"end": case.header.start.replace(day=13)})
    one = replace(case, header=header, schedules={})
    assert one.weeks == 1
    result = compare(one, replicates=2)
    result.save(tmp_path / "r", figures=False)
    assert result.weekly.sizes["week"] == 1


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
    assert compare(case, "all", replicates=2).names == ["all", "none"]
    with pytest.raises(ScenarioError, match="there is no schedule 'al'"):
        compare(case, ["al"], replicates=2)
    with pytest.raises(ScenarioError, match="is not a base"):
        compare(case, [plan("bad", close("Nowhere", 10))], replicates=2)


def test_a_stopped_comparison_goes_on_and_ends_the_same(case, tmp_path: Path) -> None:
    result = compare(case, replicates=203, seed=4)
    stop = threading.Event()
    ticks: list[int] = []

    def tick(done: int, of: int) -> None:
        ticks.append(done)
        if done >= BLOCK:
            stop.set()

    with pytest.raises(Interrupted) as caught:
        compare(
            case, replicates=203, seed=4, threads=1, progress=tick, parts_folder=tmp_path / "p", stop=stop
        )
    assert BLOCK <= caught.value.done < 203
    kept = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "p").glob("*.npz")}
    assert kept
    ticks.clear()
    again = compare(
        case, replicates=203, seed=4, progress=lambda d, n: ticks.append(d), parts_folder=tmp_path / "p"
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
        "totals.nc",
        "vacuums.csv",
        "cliffs.csv",
        "massacres.csv",
        "vacuum_summary.csv",
        "cliff_summary.csv",
        "around.csv",
        "provenance.json",
        "scenario.json",
        "figures",
    }
    assert {p.name for p in (folder / "figures").iterdir()} >= {
        "timeline.png",
        "maps.png",
        "differences.png",
        "fan-all.png",
        "cliff-all.png",
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
    assert p["parameters"]["met_cost"] == PARAMETERS["met_cost"].default
    assert [s["name"] for s in p["schedules"]] == result.names
    assert all(p["checks"].values())
    assert p["code_sha256"]
    assert {"numpy", "numba", "llvmlite", "mesa", "pandas", "xarray", "scipy", "networkx"} <= set(
        p["libraries"]
    )
    assert p["python"]
    assert p["machine"]
    assert p["processor"]
