from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from worlds import camps

from sim import measures
from sim.ensemble import Ensemble
from sim.explore import assumptions, runs
from sim.explore.runs import ARRAYS, Weeks, collect
from sim.study.compare import Interrupted, chosen, compare


def same(a: Weeks, b: Weeks) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ARRAYS)


def test_weeks_are_those_of_the_ensemble(made) -> None:
    for one, weeks in zip(made.assumptions, made.weeks, strict=True):
        for s, plan in enumerate(made.plans):
            records = Ensemble(one.case, plan).run(3, 0, 24).records
            killed = measures.summed(records, measures.KILLED)
            assert np.array_equal(np.moveaxis(weeks.killed[s], 2, 1), killed)
            assert np.array_equal(weeks.vacuum[s].T, measures.in_vacuum(records).sum(axis=0))
            both = (weeks.un[s] + weeks.state[s]).T / 24
            assert both == pytest.approx(measures.protection(records).mean(axis=0), abs=1e-6)
    assert made.weeks[0].totals.sum() > 0
    assert not np.array_equal(made.weeks[0].killed, made.weeks[1].killed), (
        "without deterrence it is another world"
    )


def test_plausible_worlds_are_those_of_a_comparison_and_leave_no_trace(made) -> None:
    tried = assumptions.all_of(made.case, ["plausible", "deterrence"], 0)
    weeks = collect(tried, made.plans, replicates=12, seed=3, threads=1)
    plausible = compare(made.case, None, replicates=12, seed=3, parameters="plausible")
    assert np.array_equal(plausible.totals.sel(metric="killed").values, weeks[1].totals)
    assert not np.array_equal(weeks[0].totals, weeks[1].totals)
    assert np.array_equal(weeks[0].totals, made.weeks[0].totals[:, :12])
    assert np.array_equal(weeks[2].totals, made.weeks[1].totals[:, :12]), (
        "what comes after has its own values"
    )


def test_closures_happen_when_they_are_carried_out(made) -> None:
    planned = [w for plan in made.plans for w in measures.closures(made.case, plan)["week"]]
    assert planned
    assert np.array_equal(made.weeks[0].closed, np.tile(planned, (24, 1)))


def test_totals_are_those_of_a_comparison(made, tmp_path: Path) -> None:
    result = compare(made.case, None, replicates=24, seed=3)
    assert np.array_equal(result.totals.sel(metric="killed").values, made.weeks[0].totals)
    result.save(tmp_path / "r", figures=False)
    assert runs.differs(tmp_path / "r", made.plans, made.weeks[0]) == ""
    killed = made.weeks[0].killed.copy()
    killed[0, 7, 0, 5] += 1
    other = Weeks(killed, *(getattr(made.weeks[0], name) for name in ARRAYS[1:]))
    assert f"'{made.plans[0].name}', replicate 7" in runs.differs(tmp_path / "r", made.plans, other)


def test_stopped_and_going_on_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = camps(12)
    plans, tried = chosen(case, ["exit"]), assumptions.all_of(case, ["deterrence"], 0)
    whole = collect(tried, plans, replicates=25, seed=1, threads=1)
    stop = threading.Event()
    seen: list[tuple[int, int]] = []

    def tick(done: int, of: int) -> None:
        seen.append((done, of))
        if done >= 20:
            stop.set()

    folder = tmp_path / "parts"
    with pytest.raises(Interrupted) as stopped:
        collect(tried, plans, replicates=25, seed=1, folder=folder, threads=1, progress=tick, stop=stop)
    assert (stopped.value.done, stopped.value.of) == (20, 50)
    assert seen[0] == (0, 50)
    torn = sorted(folder.glob("*.npz"))[0]
    torn.write_bytes(torn.read_bytes()[:100])  # as a full disk would leave it
    blocks: list[int] = []
    run = runs.block
    monkeypatch.setattr(runs, "block", lambda *given: blocks.append(given[4]) or run(*given))
    again = collect(tried, plans, replicates=25, seed=1, folder=folder, threads=2)
    assert len(blocks) == 6 - 2 + 1, "what was there is not run again, but for the torn one"
    assert all(same(a, b) for a, b in zip(whole, again, strict=True))


def test_a_strangers_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    case = camps(12)
    with pytest.raises(FileExistsError, match="move it away"):
        collect(
            assumptions.all_of(case, None, 0), chosen(case, ["exit"]), replicates=1, seed=1, folder=tmp_path
        )
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
