"""Shared fixtures and options."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings

from sim import Scenario

mpl.use("Agg")
ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,  # the same examples every time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden baselines anew."""
    parser.addoption("--update-golden", action="store_true", help="write the golden baselines anew")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def drc() -> Scenario:
    """Return the DRC case."""
    return Scenario.load(ROOT / "scenarios" / "drc-monusco")
