"""A calibration is tried on functions whose answer is known, and once, small, on the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim import influence
from sim.parameters import PARAMETERS
from sim.scenario.errors import ScenarioError
from sim.study.calibrate import abc, checks, emulator, files, history, run, stages, summaries
from sim.study.calibrate.abc import Pool
from sim.study.calibrate.files import Aim, Rule, Target
from sim.study.calibrate.stages import Stage
from sim.study.calibrate.summaries import Summary

CALIBRATION = """
title = "Small"
[[cases]]
scenario = "corridor"
years = 3
without = true
[uncertainties]
parameters = ["attack_rate", "met_cost"]
[size]
waves = 1
points = 40
replicates = 2
pool = 80
pool_replicates = 1
draws = 30
truths = 10
"""
TARGETS = """
[held_back]
B = "what closures do"
[[targets]]
summary = "recorded"
case = "corridor"
low = 20
high = 90
error = 1.3
discrepancy = 1.3
source = "invented"
certainty = "guess"
[[targets]]
summary = "prevented"
case = "corridor"
low = 0
high = 98
error = 5
discrepancy = 10
source = "invented"
certainty = "guess"
"""


def folder(place: Path, calibration: str = CALIBRATION, targets: str = TARGETS) -> Path:
    (place / files.CALIBRATION).write_text(calibration)
    (place / files.TARGETS).write_text(targets)
    return place


def aim(low: float, high: float, error: float, name: str = "x") -> Aim:
    stated = Target(
        summary="by_state", case="c", low=low, high=high, error=error, discrepancy=error, source="s",
        certainty="guess",
    )  # fmt: skip
    return Aim("c", name, Summary("x"), low, high, error**2, stated)


# -- files -------------------------------------------------------------------------------------------


def test_the_files_of_this_project_can_be_read() -> None:
    asked = files.load(Path(__file__).parents[3] / "experiments" / "plausible")
    assert len(asked.factors) > 10
    assert not {a.stated.fact for a in asked.aims} & set(asked.targets.held_back)
    assert {a.case for a in asked.aims} == {c.scenario for c in asked.calibration.cases}


def test_what_nobody_has_measured_can_be_varied_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {n: row for n, row in influence.table().items() if n not in ("met_cost", "abuse_rate", "spin_up")}
    monkeypatch.setattr(influence, "table", lambda: known)
    asked = files.load(
        folder(tmp_path, f'unmeasured = true\n{CALIBRATION}\n[fixed]\nspin_up = "how a run begins"')
    )
    unknown = {n for n in PARAMETERS if n not in known} - {"spin_up"}
    assert {"met_cost", "abuse_rate"} <= unknown
    assert set(asked.names) == {"attack_rate"} | unknown


def test_what_is_asked_is_on_the_right_scale(tmp_path: Path) -> None:
    asked = files.load(folder(tmp_path))
    assert asked.names == ("attack_rate", "met_cost")
    recorded, prevented = asked.aims
    assert recorded.summary.unscaled([recorded.low, recorded.high]) == pytest.approx([20, 90])
    assert recorded.variance == pytest.approx(2 * np.log(1.3) ** 2)
    assert prevented.variance == 125
    assert list(prevented.off(np.array([-7.0, 50.0, 99.0]))) == [-7, 0, 1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"met_cost"]', '"met_costs"]', r"calibration.toml.*line 8.*met_costs.*did you mean 'met_cost'"),
        ('scenario = "corridor"', 'scenario = "coridor"', r"line 4.*did you mean 'corridor'"),
        ('summary = "recorded"', 'summary = "recordet"', r"targets.toml.*line 5.*did you mean 'recorded'"),
        ('case = "corridor"\nlow = 20', 'case = "drc"\nlow = 20', r"is no case of calibration.toml"),
        ("low = 20\nhigh = 90", "low = 90\nhigh = 20", r"above high"),
        ("low = 20\nhigh = 90", "low = 20", r"give 'value', or 'low' and 'high'"),
        ("error = 1.3", "error = 0.3", r"must be a factor of 1 or more"),
        ('certainty = "guess"\n[[', 'certainty = "guess"\nfact = "B"\n[[', r"held back for validation"),
        ("without = true", "without = false", r"needs runs without a mission"),
        ("waves = 1", "waves = 0", r"waves"),
        ("[size]", '[fixed]\nspin_upp = "x"\n[size]', r"did you mean 'spin_up'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_remedy(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert (CALIBRATION + TARGETS).count(old)
    place = folder(tmp_path, CALIBRATION.replace(old, new), TARGETS.replace(old, new, 1))
    with pytest.raises(ScenarioError, match=f"(?s){said}"):
        files.load(place)


# -- emulators and waves -----------------------------------------------------------------------------


def test_an_emulator_foresees_a_smooth_function_and_knows_what_it_does_not_know() -> None:
    rng = np.random.default_rng(1)
    points, new = rng.random((120, 12)), rng.random((400, 12))

    def truth(x: np.ndarray) -> np.ndarray:
        return 3.0 * x[:, 0] + np.sin(5.0 * x[:, 1]) + 0.3 * x[:, 2]

    noise = np.full(120, 0.04)
    made = emulator.fit(points, truth(points) + 0.2 * rng.standard_normal(120), noise, 1)
    assert made is not None
    mean, variance = made.predict(new)
    assert np.corrcoef(mean, truth(new))[0, 1] > 0.97
    assert set(made.active[:2]) == {0, 1}
    z = (mean - truth(new)) / np.sqrt(variance)
    assert 0.2 < z.std() < 1.6
    assert made.explained > 0.8
    nothing = emulator.fit(points, rng.standard_normal(120), np.full(120, 0.3), 1)
    assert nothing is not None
    assert nothing.explained < 0.3


def test_an_emulator_of_a_constant_or_of_too_few_points_is_none() -> None:
    points = np.random.default_rng(1).random((50, 3))
    assert emulator.fit(points, np.ones(50), np.zeros(50), 1) is None
    few = np.where(np.arange(50) < 10, np.arange(50.0), np.nan)
    assert emulator.fit(points, few, np.zeros(50), 1) is None


def stage_of(points: np.ndarray, rng: np.random.Generator, runs: int = 4, chance: float = 0.1) -> Stage:
    """Return runs of a model with two summaries: the first parameter, and the second's square."""
    mean = np.stack([points[:, 0], points[:, 1] ** 2], axis=1)
    values = mean[:, None, :] + chance * rng.standard_normal((len(points), runs, 2))
    nothing = np.full((len(points), 1), np.nan)
    return Stage("s", points, values, nothing, points[:, :1].copy())


def test_waves_rule_out_what_cannot_be_and_keep_what_can() -> None:
    rng, rule = np.random.default_rng(2), Rule(allowed=0)
    aims = [aim(0.7, 0.7, 0.05), aim(0.2, 0.3, 0.05, "y")]
    one = history.wave(stage_of(history.first_points(80, 5, 1), rng), aims, [], rule, 1)
    points = history.next_points(100, [one], aims, rule, 5, 2)
    two = history.wave(stage_of(points, rng), aims, [one], rule, 2)
    assert two.left <= one.left < 0.6
    truth = np.array([[0.7, 0.5, 0.1, 0.2, 0.3]])
    false = np.array([[0.1, 0.5, 0.1, 0.2, 0.3], [0.7, 1.0, 0.1, 0.2, 0.3]])
    assert history.left(truth, [one, two], aims, rule).all()
    assert not history.left(false, [one, two], aims, rule).any()
    last = history.next_points(200, [one, two], aims, rule, 5, 3)
    assert history.left(last, [one, two], aims, rule).all()
    assert len(np.unique(last, axis=0)) == 200
    assert np.array_equal(last, history.next_points(200, [one, two], aims, rule, 5, 3))


def test_where_nothing_is_left_the_cut_is_raised_and_said() -> None:
    rng, rule = np.random.default_rng(2), Rule(allowed=0, least=0.05)
    wave = history.wave(
        stage_of(history.first_points(80, 5, 1), rng), [aim(4, 4, 0.02), aim(0, 1, 1, "y")], [], rule, 1
    )
    assert wave.cut > rule.cut
    assert wave.left >= 0.05


def test_the_second_largest_implausibility_counts_if_one_target_may_be_missed() -> None:
    found = np.array([[5.0, 1.0, 2.0], [0.0, 9.0, 9.0]])
    assert list(history.counted(found, 0)) == [5, 9]
    assert list(history.counted(found, 1)) == [2, 9]
    assert list(history.counted(found, 5)) == [1, 0]


# -- draws -------------------------------------------------------------------------------------------


def pool_of(points: np.ndarray, rng: np.random.Generator, chance: float = 0.1) -> Pool:
    stage = stage_of(points, rng, 2, chance)
    return run.pool_of(stage, np.full(2, chance**2))


def test_draws_are_the_posterior_where_that_is_known() -> None:
    rng = np.random.default_rng(5)
    pool = pool_of(rng.random((4000, 3)), rng)
    aims = [aim(0.5, 0.5, 0.1), aim(-9, 9, 0.1, "y")]  # a flat prior, and a normal likelihood of sd 0.141
    found = abc.posterior(aims, pool, 600, rng)
    assert found.weights.sum() == pytest.approx(1)
    mean = found.weights @ found.points[:, 0]
    sd = np.sqrt(found.weights @ (found.points[:, 0] - mean) ** 2)
    assert mean == pytest.approx(0.5, abs=0.03)
    assert sd == pytest.approx(0.141, abs=0.03)
    low, high = abc.quantiles(found.points[:, 2], found.weights, (0.05, 0.95))
    assert (low, high) == pytest.approx((0.05, 0.95), abs=0.06)  # of which nothing is learnt


def test_draws_stay_in_their_ranges_and_targets_can_be_left_out() -> None:
    rng = np.random.default_rng(6)
    pool = pool_of(rng.random((500, 3)), rng)
    aims = [aim(3.0, 3.0, 0.1), aim(0.0, 0.01, 0.1, "y")]
    found = abc.posterior(aims, pool, 100, rng, more=pool.points[:, :1])
    assert ((found.points > 0) & (found.points < 1)).all()
    assert found.more.shape == (100, 1)
    free = abc.posterior(aims, pool, 100, np.random.default_rng(6), leave=np.array([True, False]))
    assert abs(free.weights @ free.points[:, 0] - 0.5) < 0.12


def test_weighted_quantiles() -> None:
    x = np.array([3.0, 1.0, np.nan, 2.0])
    assert abc.quantiles(x, np.ones(4), [0.5])[0] == 2
    assert abc.quantiles(x, np.array([1, 0, 5, 0]), [0.1, 0.9]) == pytest.approx([3, 3], abs=1e-6)
    assert np.isnan(abc.quantiles(np.full(3, np.nan), np.ones(3), [0.5])).all()


def test_intervals_hold_truths_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    points = rng.random((800, 4))
    pool = pool_of(points, rng)
    aims = [aim(0.5, 0.5, 0.1), aim(0.2, 0.4, 0.1, "y")]
    found = checks.coverage(aims, pool, 200, 150, points[:, :1] * 10.0, 1)
    assert found.truths == 150
    assert 0.82 < found.mean < 0.96
    assert 0.82 < found.quantities[0] <= 1.0
    assert found.narrower[0] < 0.7
    assert found.narrower[3] > 0.9


def test_what_no_parameter_set_can_make_is_a_misfit() -> None:
    rng = np.random.default_rng(8)
    pool = pool_of(rng.random((200, 3)), rng)
    reached = checks.misfits([aim(5, 6, 0.1), aim(0, 1, 0.1, "y")], pool, 3.0)
    assert reached[0] == 0
    assert reached[1] == 1


# -- with the model ----------------------------------------------------------------------------------


def test_summaries_of_a_world_with_and_without_a_mission() -> None:
    from sim.ensemble import Ensemble

    asked = files.Case(scenario="corridor", years=3, without=True)
    made = files.Calibration.model_construct(cases=[asked])
    stays, gone = stages.worlds(files.Asked(Path(), made, None, (), (), {}))  # type: ignore[arg-type]
    assert stays.weeks == 156
    assert not gone.units
    records = Ensemble(stays, "none").run(1, 0, 2).records
    found = summaries.measure(stays, records)
    assert set(found) == set(summaries.MEASURED)
    assert all(values.shape == (2,) for values in found.values())
    killed = sum(records[f"killed_by_{who}"].sum() for who in ("groups", "state", "militias"))
    assert found["killed"].sum() == pytest.approx(killed / (156 * 7 / 365.2425), rel=1e-3)
    without = dict(found, first_killed=2.0 * found["first_killed"])
    assert summaries.paired(found, without)["prevented"] == pytest.approx([50, 50])


@pytest.mark.usefixtures("sweeps_here")
def test_a_calibration_goes_on_where_it_was_stopped_with_the_same_bits(tmp_path: Path) -> None:
    asked = files.load(folder(tmp_path))
    told: list[run.Progress] = []
    one = run.calibrate(asked, tmp_path / "runs", workers=1, progress=told.append)
    assert told[-1].done == told[-1].of == 2 * (40 * 2 + 80 + run.CHECKED)
    for part in (tmp_path / "runs").glob("pool-*/runs.parquet"):
        part.unlink()  # as if it had been killed there
    two = run.calibrate(asked, tmp_path / "runs", workers=2)
    assert one.draws.sha256 == two.draws.sha256
    assert len(one.draws) == 30
    run.ship(one, tmp_path / "t.csv", tmp_path / "t.json", "command")
    assert (tmp_path / "t.csv").read_text() == one.draws.csv()
    assert run.about(one, "command")["sha256"] == one.draws.sha256
    assert one.coverage.truths == 10
