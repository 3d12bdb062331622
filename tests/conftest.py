"""Shared fixtures and options, and how tests share out the cores."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings
from worlds import camps

from sim import Scenario
from sim.ensemble import Ensemble

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes share the tests under `-n auto`, which pyproject.toml asks for.

    One a core for the suite or a folder of it, up to four: more would wait for the same compilation. Whoever
    picks tests or wants to see their output gets them in this process, without the wait for workers.
    """
    option = config.option
    picked = option.keyword or option.markexpr or any(".py" in path for path in option.file_or_dir)
    here = picked or config.getoption("lf", False) or option.trace or option.capture == "no"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if here or cores == 1 else min(cores, 4)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with the documents: of the longest tests, one left for last would run alone."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.name != "test_docs.py")


@pytest.fixture(scope="session")
def model_in_cache() -> None:
    """See to it that the model is compiled, for tests that start a process and do not wait long for it."""
    case = camps(8)
    Ensemble(case, "exit").run(1, 0, 1)
    case.model("exit").run()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def drc() -> Scenario:
    """Return the DRC case."""
    return Scenario.load(ROOT / "scenarios" / "drc-monusco")


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of extracts from public records; skips where they are not: no part of the project."""
    folder = Path(os.environ.get("DRAWDOWN_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the extracts are not at {folder}")
    return folder
