"""A year of the corridor, and closures in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim import Scenario
from sim.study.sequences.constraints import Constraints
from sim.study.sequences.orders import Closures
from sim.study.variants import lasting

Make = Callable[..., Closures]


@pytest.fixture(autouse=True)
def in_this_process(sweeps_here: None) -> None:
    """Start no process for a single worker."""


@pytest.fixture(scope="session")
def year(root: Path) -> Scenario:
    """Return the first year of the corridor: 2030, of which April to June, October and November are wet."""
    return lasting(Scenario.load(root / "scenarios" / "corridor"), 52)


@pytest.fixture
def make(year: Scenario) -> Make:
    """Return what makes closures of three bases from 4 March 2030, under further constraints."""

    def made(**asked: object) -> Closures:
        given = {"bases": ["Camps", "Mines", "Ridge"], "first": "2030-03-04", **asked}
        return Closures(year, Constraints.model_validate_json(_json(given)))

    return made


def _json(given: dict[str, object]) -> str:
    import json

    return json.dumps(given)
