"""Shared fixtures and options, and how tests share out the cores and what is compiled."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib as mpl
import numba
import pytest
from hypothesis import HealthCheck, settings
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher
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


def pytest_configure(config: pytest.Config) -> None:
    """Let a worker take turns with the others in what it compiles."""
    if hasattr(config, "workerinput") and os.name == "posix":  # elsewhere each compiles for itself
        compile_in_turn(Path(numba.config.CACHE_DIR) / "turns")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with the documents: of the longest tests, one left for last would run alone."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.name != "test_docs.py")


def compile_in_turn(folder: Path) -> None:
    """Compile each function of the package in one process while the others wait, and then load it.

    All workers start with the same empty cache: they would compile the same model at the same time. Nor
    is Numba's cache made for it: two processes that add a variant of one function each can take the same
    file for it. A turn is a lock on a file named by the function, so that two processes can compile
    different functions; a function waits only for those that it calls, never in a circle.
    """
    import fcntl

    folder.mkdir(exist_ok=True)
    compile_now = Dispatcher.compile
    mine = set()

    def compile_(self: Dispatcher, sig: object) -> object:
        function = self.py_func
        name = f"{function.__module__}.{function.__qualname__}"
        with global_compiler_lock:  # one thread of this process at a time, as within `compile` itself
            if not name.startswith("sim.") or name in mine:
                return compile_now(self, sig)
            with (folder / name).open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                mine.add(name)
                try:
                    return compile_now(self, sig)
                finally:
                    mine.remove(name)

    Dispatcher.compile = compile_


@pytest.fixture(scope="session")
def model_in_cache() -> None:
    """See to it that the model is compiled, for tests that start a process which takes no turns.

    It would compile the model for itself, for a minute or more, next to a worker that does the same.
    """
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
