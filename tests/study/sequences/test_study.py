"""A study of orders goes on where it stopped, and is the same whoever runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.ensemble import Ensemble
from sim.scenario.schema import NO_DRAWDOWN
from sim.show import sequences as show
from sim.study.experiments.sweep import Stopped
from sim.study.sequences import runs
from sim.study.sequences.orders import Closures
from sim.study.sequences.study import Sequences, study

Make = Callable[..., Closures]
TRIGGER = {"when": "recorded-violence", "at_least": 0.01, "do": "pause", "for_weeks": 26, "weeks": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sequences")


@pytest.fixture
def found(make: Make, folder: Path) -> Sequences:
    return study(make(triggers=[TRIGGER]), worlds=5, again=20, out=folder, workers=1)


def test_harm_is_that_of_the_ensemble_beyond_the_matched_world(found: Sequences) -> None:
    closures, order = found.closures, found.orders[3]
    ran = [Ensemble(closures.case, s).run(1, 0, 5) for s in (closures.schedule(order), NO_DRAWDOWN)]
    killed = [
        sum(
            r.records[f].sum(axis=(1, 2), dtype=float)
            for f in ("killed_by_groups", "killed_by_state", "killed_by_militias")
        )
        for r in ran
    ]
    assert found.harm[:, 3] == pytest.approx(killed[0] - killed[1])


def test_the_second_look_is_at_other_worlds_and_at_adaptive_forms(found: Sequences) -> None:
    assert len(found.second.worlds) == 20
    names = [n for n in found.second.schedules if n.endswith("-adaptive")]
    assert len(names) == 3
    assert set(found.criteria["schedule"]) == set(found.second.schedules) - {"none"}
    assert found.again.provenance["experiment"]["seed"] == 2


def test_it_goes_on_where_it_stopped_to_the_same_bits(
    found: Sequences, make: Make, folder: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def tell(what: str, done: int, of: int, failed: int) -> None:
        if done:
            stop.set()

    closures = make(triggers=[TRIGGER])
    with pytest.raises(Stopped):
        study(closures, worlds=5, again=20, out=tmp_path, workers=1, tell=tell, stop=stop)
    again = study(closures, worlds=5, again=20, out=tmp_path, workers=2)
    assert np.array_equal(again.first.values, found.first.values)
    assert np.array_equal(again.second.values, found.second.values)
    assert show.page(again) == show.page(found)
    assert again.table.equals(found.table)


def test_other_settings_are_other_runs(make: Make) -> None:
    closures = make()
    case, order = closures.case, tuple(range(len(closures)))
    cases = (
        case,
        case.with_parameters(abuse_rate=0.3),
        case.without("operations"),
        case.with_rules(contest="lanchester"),
    )
    assert len({runs.plan(Closures(c, closures.asked), [order], 5).recipe.key for c in cases}) == len(cases)


def test_a_search_runs_what_it_needs_and_says_so(make: Make, tmp_path: Path) -> None:
    some = study(make(), worlds=5, again=20, most=2, out=tmp_path, workers=1)
    assert some.searched
    assert len(some.orders) == len(set(some.orders)) <= 6
    text = " ".join(show.page(some).split())
    assert "There may be better ones among those that were never run" in text


def test_the_page_fits_80_columns_and_its_letters_stand_for_orders(found: Sequences) -> None:
    text = show.page(found)
    assert max(map(len, text.splitlines())) <= 80
    for order, letter in show.letters(found).items():
        assert f"{letter}  {found.closures.words(order)}" in text


def test_an_outcome_that_is_not_kept_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'votes' is not kept; choose one of killed, deaths"):
        study(make(), outcome="votes", out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_what_it_says_and_tells_mistakes(root: Path, tmp_path: Path) -> None:
    run, case = CliRunner(), str(root / "scenarios" / "corridor")
    wrong = run.invoke(app, ["sequences", case, "--bases", "Camps,Minse"])
    assert wrong.exit_code == 2
    assert "did you mean 'Mines'" in wrong.output
    planned = run.invoke(app, ["sequences", case, "--bases", "Camps,Mines", "--plan"])
    assert planned.exit_code == 0
    assert "2 orders x 20 worlds" in planned.output
    out = tmp_path / "out"
    made = run.invoke(
        app,
        ["sequences", case, "--bases", "Camps,Mines", "--worlds", "5", "--again", "20", "--parameters",
         "default", "--workers", "1", "--out", str(out)],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    for name in ("orders.csv", "criteria.csv", "last-or-first.csv", "places.csv", "page.txt"):
        assert (out / name).stat().st_size > 0
    assert {p.name for p in (out / "figures").glob("*.png")} == {"places.png", "front.png", "criteria.png"}
