"""A validation measures what it says, and its verdicts follow from intervals."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim import Scenario
from sim.cli import app
from sim.show import validation
from sim.study.validate import EDGE, FAILS, HOLDS, UNKNOWN, Check, Validation, validate


def check(*values: float, target: tuple[float, float] = (2.0, 3.0)) -> Check:
    """Return a check with these values."""
    return Check("0", "x", target, "", "", np.array(values))


def test_verdicts_follow_from_the_interval_of_the_mean() -> None:
    assert check(2.4, 2.5, 2.6, 2.5).verdict == HOLDS
    assert check(5.0, 5.1, 4.9).verdict == FAILS
    assert check(1.0, 1.1, 0.9).verdict == FAILS
    assert check(1.0, 4.0, 2.0, 1.5).verdict == EDGE
    assert check(math.nan, math.nan).verdict == UNKNOWN
    assert check(5.0, 5.1, target=(1.0, math.inf)).verdict == HOLDS


@pytest.fixture(scope="module")
def result(drc: Scenario) -> Validation:
    """Return a small validation of the DRC case."""
    return validate(drc, replicates=4, seed=2)


def test_every_check_has_a_value_for_every_run_or_says_why_not(result: Validation) -> None:
    assert {c.number.rstrip("abc") for c in result.checks} >= {
        str(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13)
    }
    for c in result.checks:
        if c.verdict == UNKNOWN:
            assert c.note, c.title
        else:
            assert len(c.values) == 4, c.title
            assert np.isfinite(c.mean), c.title


def test_it_measures_the_runs_of_a_comparison(result: Validation, drc: Scenario) -> None:
    from sim.ensemble import Ensemble

    record = Ensemble(drc, "actual").run(2, 0, 4).records
    answered = 100 * record["answered_un"].sum(axis=(1, 2)) / record["attacks"].sum(axis=(1, 2))
    found = next(c for c in result.checks if c.number == "6")
    assert found.values == pytest.approx(answered)


def test_without_deterrence_and_answers_troops_do_nothing(drc: Scenario) -> None:
    powerless = drc.without(
        "un-answers", "un-patrols", "un-support", "mentoring", "robust-action", "shared-alerts"
    )
    found = {c.number: c for c in validate(powerless, replicates=3, seed=2).checks}
    assert found["6"].mean == 0.0
    assert found["12"].mean == pytest.approx(1.0, abs=0.15)


def test_page_and_figure_show_every_check(result: Validation) -> None:
    page = validation.page(result, "x.png")
    for c in result.checks:
        assert f"| {c.number} | {c.title}" in page
    assert "](x.png)" in page
    assert "nan" not in page
    assert len(validation.figure(result).axes) == 4


def test_the_printed_table_shows_every_check_in_80_columns(result: Validation) -> None:
    lines = validation.printed(result).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["verdict", "value", "(95", "%)", "target", "pattern"]
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == [
        c.number for c in result.checks
    ]


def test_command_writes_page_table_and_picture(tmp_path: Path) -> None:
    out = CliRunner().invoke(
        app, ["validate", "drc-monusco", "--replicates", "2", "--out", str(tmp_path / "v")]
    )
    assert out.exit_code == 0, out.output
    assert "value (95 %)" in out.stdout.strip().splitlines()[0]
    assert sorted(p.name for p in (tmp_path / "v").iterdir()) == [
        f"drc-monusco.{e}" for e in ("csv", "md", "png")
    ]
    bad = CliRunner().invoke(app, ["validate", "drc-monusco", "--schedule", "fats"])
    assert bad.exit_code == 2


def test_too_few_runs_are_refused(drc: Scenario) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        validate(drc, replicates=1)
