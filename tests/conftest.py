"""Shared fixtures and options, and how tests share out the cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from browsing import CHROMIUM
from hypothesis import HealthCheck, settings
from worlds import camps

from sim import Scenario
from sim.compiled import _Compiled
from sim.ensemble import Ensemble, simulate
from sim.start import begin
from sim.study.experiments.store import Results
from sim.study.experiments.sweep import sweep
from sim.week import behaviours, week
from sim.world.people import census

mpl.use("Agg")
ROOT = Path(__file__).resolve().parent.parent
WHOLE = {simulate, begin, week, census, *behaviours()}
"""What whole models call."""

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
    marked = option.markexpr not in ("", "documents", "not documents")
    picked = option.keyword or marked or any(".py" in path for path in option.file_or_dir)
    here = picked or config.getoption("lf", False) or option.trace or option.capture == "no"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if here or cores == 1 else min(cores, 4)


PLAIN = ("agents", "scenario", "world")
"""Folders of tests that need no compiled model."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let one of two workers compile the model while the other runs tests that need none.

    Workers begin with a part of the list each, the second in the middle of it.
    """
    if hasattr(config, "workerinput"):
        plain = [item for item in items if item.path.relative_to(ROOT / "tests").parts[0] in PLAIN]
        others = [item for item in items if item not in set(plain)]
        half = len(items) // 2
        items[:] = [*others[:half], *plain, *others[half:]]


UNITS = (ROOT / "tests" / "agents", ROOT / "tests" / "world")
"""Tests that call single rules."""


@pytest.fixture(autouse=True)
def rules_called_singly_run_plain(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let tests of single rules call them as plain Python: the same bits, without a compilation for each.

    Not behaviours, which whole models call too and which are therefore compiled anyway, and not the draws of
    chance, of which a rule takes many. `@pytest.mark.compiled` compiles all the same.
    """
    plain: list[_Compiled] = []
    if any(folder in request.path.parents for folder in UNITS) and not request.node.get_closest_marker(
        "compiled"
    ):
        compile_it = _Compiled._code_for

        def code_for(self: _Compiled, args: Sequence[Any]) -> Callable[..., Any]:
            leaf = self.py_func.__module__ in ("sim.chance", "sim.arithmetic")
            if leaf or self in WHOLE:
                return compile_it(self, args)
            plain.append(self)
            return self.py_func  # type: ignore[no-any-return]

        monkeypatch.setattr(_Compiled, "_code_for", code_for)
    yield
    for rule in plain:
        rule.__dict__.pop("_codes", None)


@pytest.fixture(scope="session")
def model_in_cache() -> None:
    """See to it that the model is compiled, for tests that start a process and do not wait long for it."""
    case = camps(8)
    Ensemble(case, "exit").run(1, 0, 1)
    case.model("exit").run()


@pytest.fixture
def sweeps_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sweeps of one worker run in this process, as the start of another takes seconds."""

    def here(*args: Any, **options: Any) -> Results:
        if options.get("workers") != 1:
            return sweep(*args, **options)
        with ThreadPoolExecutor(1) as pool:
            return sweep(*args, **options, executor=pool)

    for user in ("sequences.study", "calibrate.stages"):
        monkeypatch.setattr(f"sim.study.{user}.sweep", here)


@pytest.fixture(scope="module")  # for the session would leave other tests an event loop that runs
def browser() -> Iterator[Any]:
    """Return Debian's Chromium, driven by Playwright; skips where either is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install '.[browser]'")
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or name another of its kind in DRAWDOWN_CHROMIUM")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


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
