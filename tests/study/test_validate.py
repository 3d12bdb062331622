"""A validation measures what it says, and its verdicts follow from intervals."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from worlds import small

from sim import Scenario
from sim.cli import app
from sim.ensemble import Ensemble
from sim.show import validation
from sim.study import dispersion
from sim.study.checks import EDGE, FAILS, FREE, GROUPS, HOLDS, SET, UNKNOWN, WORTH, Check, Expected
from sim.study.validate import Validation, validate
from sim.study.variants import HOSTS, host


def check(*values: float, target: tuple[float, float] = (2.0, 3.0)) -> Check:
    """Return a check with these values."""
    return Check(Expected("0", "x", "x", target, "", "", FREE), np.array(values))


def test_verdicts_follow_from_the_interval_of_the_mean() -> None:
    assert check(2.4, 2.5, 2.6, 2.5).verdict == HOLDS
    assert check(5.0, 5.1, 4.9).verdict == FAILS
    assert check(1.0, 1.1, 0.9).verdict == FAILS
    assert check(1.0, 4.0, 2.0, 1.5).verdict == EDGE
    assert check(math.nan, math.nan).verdict == UNKNOWN
    assert check(5.0, 5.1, target=(1.0, math.inf)).verdict == HOLDS
    known = Check(check().expected, np.array([2.5]), known=(2.1, 2.9))
    assert (known.mean, known.interval, known.verdict) == (2.5, (2.1, 2.9), HOLDS)


def test_a_few_runs_with_a_value_do_not_speak_for_the_others() -> None:
    some = [math.nan] * 4 + [2.5, 2.5]
    assert check(*some).verdict == HOLDS
    assert check(*some, math.nan).verdict == UNKNOWN


def test_what_was_set_in_one_world_is_carried_over_to_others() -> None:
    expected = Expected("0", "x", "x", (2.0, 3.0), "", "", SET, set_in=("drc-monusco",))
    assert Check(expected, case="drc-monusco").worth == SET
    assert Check(expected, case="corridor").worth == "carried over"


def test_expectations_are_complete() -> None:
    everything = [e for group in GROUPS.values() for e in group]
    assert len({e.key for e in everything}) == len({e.value for e in everything}) == len(everything)
    for e in everything:
        assert e.target[0] < e.target[1], e.key
        assert e.worth in WORTH, e.key
        assert e.source, e.key
        assert (e.worth == SET) == bool(e.set_in), e.key


@pytest.mark.parametrize(
    "case",
    [
        small(1),
        small(3),
        small(60, armed_groups=()),
        small(60, armed_groups=(), state_forces=(), units=(), sites=(), schedules={}),
    ],
    ids=["a week", "three weeks", "no armed groups", "nobody but people"],
)
def test_a_small_world_is_held_against_what_it_can_show(case: Scenario) -> None:
    found = validate(case, "none", replicates=2)
    assert any(c.verdict == UNKNOWN for c in found.checks)
    assert validation.figure(found).axes
    assert UNKNOWN in validation.page(found, "x.png")
    assert validation.printed(found)


@pytest.fixture(scope="module")
def result(drc: Scenario) -> Validation:
    """Return a small validation of the DRC case."""
    return validate(drc, replicates=3, seed=2)


def test_every_check_has_a_value_for_every_run_or_cannot_be_measured(result: Validation) -> None:
    assert [c.expected for c in result.checks] == [e for group in GROUPS.values() for e in group]
    for c in result.checks:
        if c.verdict != UNKNOWN:
            assert np.isfinite(c.mean), c.expected.title
            assert c.known or len(c.values) == 3, c.expected.title


def test_it_measures_the_runs_of_a_comparison(result: Validation, drc: Scenario) -> None:
    record = Ensemble(drc, "actual").run(2, 0, 3).records
    answered = 100 * record["answered_un"].sum(axis=(1, 2)) / record["attacks"].sum(axis=(1, 2))
    assert result.check("6").values == pytest.approx(answered)


def test_dispersion_is_that_of_worlds_in_which_bases_stay(result: Validation, drc: Scenario) -> None:
    spread = dispersion.of_case(drc, 3, seed=2)
    assert result.check("L1").values == pytest.approx(spread["dispersion"])
    low, high = result.check("L16").interval
    assert 0.0 <= low < high <= 100.0, "three runs do not tell that there is none in a hundred"


def test_without_deterrence_and_answers_troops_do_nothing(drc: Scenario) -> None:
    powerless = drc.without(
        "un-answers", "un-patrols", "un-support", "mentoring", "robust-action", "shared-alerts",
        "operation-restraint", "campaigns",  # a war that begins in one world only is noise
    )  # fmt: skip
    found = validate(powerless, replicates=3, seed=2)
    assert found.check("6").mean == 0.0
    assert found.check("12").mean == pytest.approx(1.0, abs=0.15)
    assert found.check("12t").mean == pytest.approx(0.0, abs=0.02)


def test_a_quiet_world_and_an_active_one_are_told_apart(result: Validation) -> None:
    assert result.observed["recorded_a_year"].mean() > 25
    assert result.check("9c").verdict == UNKNOWN


def test_hosts_differ_in_their_state_forces_only(drc: Scenario) -> None:
    cases = {name: host(drc, name) for name in HOSTS}
    assert len({(c.districts, c.armed_groups, c.units) for c in cases.values()}) == 1
    will = {name: sum(f.will for f in c.state_forces) for name, c in cases.items()}
    assert will["hostile"] < will["weak"] < will["as they are"] < will["able"]
    assert cases["as they are"] == drc
    with pytest.raises(ValueError, match="choose one of able"):
        host(drc, "friendly")


def test_page_and_figure_show_every_check(result: Validation) -> None:
    page = validation.page(result, "x.png")
    for c in result.checks:
        assert f"| {c.expected.key} | {c.expected.title}" in page
        if c.verdict == FAILS:
            assert f"- **{c.expected.key}** " in page
    assert "](x.png)" in page
    assert "nan" not in page
    assert len(validation.figure(result).axes) == 4


def test_the_printed_table_shows_every_check_in_80_columns(result: Validation) -> None:
    lines = validation.printed(result).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["verdict", "value", "(95", "%)", "target", "pattern"]
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == [
        c.expected.key for c in result.checks
    ]


def test_command_writes_page_table_and_picture(tmp_path: Path) -> None:
    out = CliRunner().invoke(app, ["validate", "corridor", "--replicates", "2", "--out", str(tmp_path / "v")])
    assert out.exit_code == 0, out.output
    assert "value (95 %)" in out.stdout.strip().splitlines()[0]
    assert sorted(p.name for p in (tmp_path / "v").iterdir()) == [
        f"corridor.{e}" for e in ("csv", "md", "png")
    ]
    bad = CliRunner().invoke(app, ["validate", "corridor", "--schedule", "fats"])
    assert bad.exit_code == 2


def test_too_few_runs_are_refused(drc: Scenario) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        validate(drc, replicates=1)
