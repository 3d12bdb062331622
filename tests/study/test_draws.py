from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import close, plan, small

from sim import compare
from sim.parameters import PARAMETERS
from sim.responses import rules_digest
from sim.show import results
from sim.show.reproduce import reproduce
from sim.study import draws as drawing
from sim.study import provenance, retrace
from sim.study.draws import Draws, DrawsError, asked, read


def some(count: int = 5, weights: tuple[float, ...] = ()) -> Draws:
    """Return draws that differ in how often groups attack, and in the first parameter there is."""
    rng = np.random.default_rng(3)
    names = ("attack_rate", next(n for n in PARAMETERS if n != "attack_rate"))
    values = [[rng.uniform(PARAMETERS[n].low, PARAMETERS[n].high) for n in names] for _ in range(count)]
    return Draws(names, np.array(values), np.array(weights or [1.0] * count))


@pytest.fixture(scope="module")
def case():
    return small(50).with_schedule(plan("all", *(close(b, 25) for b in ("Alpha post", "Beta post"))))


@pytest.fixture(scope="module")
def result(case):
    return compare(case, ["all"], replicates=23, seed=4, parameters=some())


def test_each_replicate_has_the_parameters_of_its_draw_under_every_schedule(case, result) -> None:
    draws = some()
    for r in (0, 9, 10, 22):
        world = draws.world(case, int(result.drawn[r]))
        assert world.parameter_values()["attack_rate"] == draws.values[result.drawn[r], 0]
        alone = compare(world, ["all"], replicates=r + 1, seed=4)
        assert np.array_equal(alone.totals[:, r], result.totals[:, r])
    assert len(set(result.drawn)) == 5


def test_the_number_of_threads_does_not_matter(case, result) -> None:
    for threads in (1, 3):
        again = compare(case, ["all"], replicates=23, seed=4, threads=threads, parameters=some())
        assert np.array_equal(again.totals, result.totals)
    fewer = compare(case, ["all"], replicates=7, seed=4, parameters=some())
    assert np.array_equal(fewer.totals, result.totals[:, :7])


def test_a_mesa_model_of_a_replicate_is_the_same_world(case, result) -> None:
    world = some().world_of(case, 4, 3)
    model = world.model("all", seed=4, replicate=3).run()
    assert model.world.record["attacks"].sum() == result.totals.sel(schedule="all", metric="attacks")[3]


def test_what_is_set_by_hand_is_not_drawn(case) -> None:
    by_hand = case.with_parameters(attack_rate=0.5)
    assert some().world(by_hand, 2).parameter_values()["attack_rate"] == 0.5
    off = replace(case, header=case.header.model_copy(update={"parameters": {"attack_rate": 0.4}}))
    assert some().world(off, 2).parameter_values()["attack_rate"] == 0.4


def test_a_result_carries_its_draws_and_is_reproduced(case, result, tmp_path) -> None:
    folder = result.save(tmp_path / "r", figures=False)
    assert read((folder / provenance.DRAWS).read_text()).sha256 == some().sha256
    made = reproduce(folder, figures=False)
    assert made.same, made.report()
    run = retrace.again(folder, "all", 6)
    killed = run.record["killed_by_groups"].sum() - run.matched["killed_by_groups"].sum()
    totals = result.totals.sel(metric="killed_by_groups", replicate=6)
    assert killed == float(totals.sel(schedule="all") - totals.sel(schedule="none"))
    (folder / provenance.DRAWS).write_text(some(6).csv())
    with pytest.raises(provenance.ProvenanceError, match="does not hold the draws"):
        provenance.read(folder).case() and provenance.read(folder).draws()
    with pytest.raises(retrace.RetraceError, match="draws"):
        retrace.again(folder, "all", 6)
    assert results.file_digest(folder / "summary.csv") == made.sha256["summary"]


def test_which_draw_each_run_has_is_even_by_weight() -> None:
    draws = some(4, (0.4, 0.3, 0.2, 0.1))
    chosen = draws.chosen(1, 0, 1000)
    assert np.bincount(chosen) / 1000 == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.005)
    assert np.bincount(chosen[:50]) / 50 == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.04)
    assert list(draws.chosen(1, 70, 5)) == list(chosen[70:75])
    assert list(draws.chosen(2, 0, 50)) != list(chosen[:50])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30), st.integers(0, 2**63 - 1))
def test_a_table_read_back_is_the_same_to_the_last_bit(weights: list[float], seed: int) -> None:
    if not sum(weights) > 0:
        return
    draws = some(len(weights), tuple(weights))
    back = read(draws.csv())
    assert back.names == draws.names
    assert np.array_equal(back.values, draws.values)
    assert np.array_equal(back.weights, draws.weights)
    chosen = back.chosen(seed, 0, 20)
    assert (np.array(weights)[chosen] > 0).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.rename(columns={"attack_rate": "attack_rat"}), "no parameter of this version"),
        (lambda f: f.assign(attack_rate=1e9), "outside its range"),
        (lambda f: f.drop(columns="weight"), "not a table of draws"),
        (lambda f: f.assign(weight=0.0), "not all 0"),
        (lambda f: f.iloc[:0], "a weight"),
    ],
)
def test_a_table_that_cannot_be_is_refused(change, said, tmp_path) -> None:
    table = tmp_path / "t.csv"

    table.write_text(some().csv())
    with pytest.raises(DrawsError, match=said):
        read(change(pd.read_csv(table)).to_csv(index=False))


def ship(monkeypatch: pytest.MonkeyPatch, folder, **about: object) -> None:
    draws = some()
    (folder / "plausible.csv").write_text(draws.csv())
    told = {"rules": rules_digest(), "sha256": draws.sha256} | about
    (folder / "plausible.json").write_text(json.dumps(told))
    monkeypatch.setattr(drawing, "TABLE", folder / "plausible.csv")
    monkeypatch.setattr(drawing, "ABOUT", folder / "plausible.json")
    drawing.about.cache_clear()


def test_draws_of_these_rules_are_what_is_used(monkeypatch, tmp_path) -> None:
    ship(monkeypatch, tmp_path)
    found, line = asked(None)
    assert found is not None
    assert found.sha256 == some().sha256
    assert not line
    assert asked("default") == (None, "")
    with pytest.raises(DrawsError, match="write plausible or default"):
        asked("plausibel")


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"rules": "b0"}, "older rules"),
        ({"sha256": "b0"}, "changed by hand"),
        ({"times": 0.04}, "0.04 of its"),
    ],
)
def test_draws_of_other_rules_are_not_used_unasked(about, said, monkeypatch, tmp_path) -> None:
    ship(monkeypatch, tmp_path, **about)
    found, line = asked(None)
    assert found is None
    assert said in line
    found, line = asked("plausible")
    assert found is not None
    assert said in line or "times" in about


def test_without_a_table_runs_have_the_default_parameters(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(drawing, "TABLE", tmp_path / "none.csv")
    assert "no plausible parameters" in asked(None)[1]
    with pytest.raises(DrawsError, match=r"plausible\.py"):
        asked("plausible")


def test_the_shipped_table_belongs_to_these_rules_or_says_that_it_does_not() -> None:
    if not drawing.TABLE.is_file():
        pytest.skip("no table of plausible parameters is shipped")
    if drawing.stale():
        assert asked(None)[0] is None
        pytest.skip(f"{drawing.stale()}: run experiments/plausible/plausible.py")
    assert len(drawing.shipped()) >= 20
