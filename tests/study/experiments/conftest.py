"""A case of a year, and a small experiment in it, that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim.ensemble import Ensemble
from sim.study.experiments import plan
from sim.study.experiments.store import Results
from sim.study.experiments.sweep import sweep

TEXT = """
name = "tiny"
title = "A tiny experiment"
question = "Does it matter?"
expected = "Hardly."
why = "It is tiny."
scenarios = ["corridor"]
replicates = 3
seed = 7
outcomes = ["killed", "fled"]

[levers]
schedules = ["none", "fast:bases=all"]

[[levers.families]]
family = "phased"
numbers = {steps = [2, 3], bases = ["all"]}

[uncertainties]
parameters = ["met_cost", "decisiveness"]

[[uncertainties.rules]]
rule = "contest"

[[uncertainties.switches]]
mechanism = "escort"

[design]
kind = "latin-hypercube"
points = 4
seed = 3

[keep]
weekly = ["attacks"]
replicates = 1
"""

Make = Callable[..., Path]


def _writer(root: Path, folder: Path) -> Make:
    """Put the case into a folder, and return what writes the experiment beside it."""
    corridor = folder / "corridor"
    shutil.copytree(root / "scenarios" / "corridor", corridor, ignore=shutil.ignore_patterns("*.png"))
    for file in (corridor / "schedules").glob("*.toml"):
        file.unlink()
    header = (corridor / "scenario.toml").read_text()
    assert "end = 2034-01-08" in header
    (corridor / "scenario.toml").write_text(header.replace("end = 2034-01-08", "end = 2030-12-29"))

    def write(swap: dict[str, str] | None = None) -> Path:
        text = TEXT
        for old, new in (swap or {}).items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / "experiment.toml").write_text(text)
        return folder / "experiment.toml"

    return write


@pytest.fixture
def make(root: Path, tmp_path: Path) -> Make:
    """Return a function that writes the experiment, with some of its text replaced; returns the file."""
    return _writer(root, tmp_path / "tiny")


SMALL = 51 * 11 * 13
"""District-weeks of a task of 12 runs."""


@pytest.fixture(scope="module")
def whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the results of a sweep that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    file = _writer(root, folder / "tiny")()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as here:
        patch.setattr(plan, "CHUNK", SMALL)
        return sweep(file, folder / "whole", executor=here)


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tasks be so small that the experiment has several: 12 runs each."""
    monkeypatch.setattr(plan, "CHUNK", SMALL)


@pytest.fixture
def break_run() -> Callable[[pytest.MonkeyPatch, str, int], None]:
    """Return a function that lets one replicate under one schedule raise, alone or among others."""
    return _break_run


def _break_run(monkeypatch: pytest.MonkeyPatch, schedule: str, replicate: int) -> None:
    """Let one replicate under one schedule raise, alone or among others."""
    usual = Ensemble.run

    def run(self, seed, first, count, into=None):
        if self.plan_name == schedule and first <= replicate < first + count:
            raise ZeroDivisionError("a mistake in a rule")
        return usual(self, seed, first, count, into)

    def init(self, scenario, plan_):
        self.plan_name = plan_.name
        begin(self, scenario, plan_)

    begin = Ensemble.__init__
    monkeypatch.setattr(Ensemble, "__init__", init)
    monkeypatch.setattr(Ensemble, "run", run)
