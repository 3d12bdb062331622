"""The six studies can be run as they stand, take as long as they say, and get a page."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from sim.study.experiments.experiment import Experiment
from sim.study.experiments.plan import plan

SECONDS = 2e-6
"""CPU time of a district-week, as `drawdown sweep --plan` reckons."""


@pytest.fixture(scope="module")
def script(root: Path) -> dict[str, object]:
    return runpy.run_path(str(root / "experiments" / "six_studies.py"))


def test_each_says_what_is_expected_and_takes_at_most_five_minutes(
    root: Path, script: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    page = (root / "docs" / "studies.md").read_text(encoding="utf-8")
    for name in script["NAMES"]:  # type: ignore[attr-defined]
        asked = Experiment.load(root / "experiments" / name)
        assert asked.name == name
        assert f"experiments/{name}/experiment.toml" in page
        assert "none" in asked.levers.schedules
        made = plan(asked)
        cells = sum(c.weeks * len(c.districts) for c in made.recipe.cases) / len(made.recipe.cases)
        assert SECONDS * cells * made.runs <= 300
        few = plan(script["small"](asked))  # type: ignore[operator]
        assert few.runs < made.runs / 10
