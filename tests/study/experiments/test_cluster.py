"""The same sweep on a real Dask scheduler and two real workers on this machine, one of which is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sim.study.experiments.cluster import connected
from sim.study.experiments.errors import StoreError
from sim.study.experiments.store import RUNS, WEEKLY, Results
from sim.study.experiments.sweep import sweep

pytest.importorskip("duckdb")
pytest.importorskip("distributed", reason="Dask is not installed: pip install 'drawdown[cluster]'")
pytestmark = pytest.mark.usefixtures("small_tasks", "model_in_cache")


class Cluster:
    """A scheduler and two workers."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.file = folder / "scheduler.json"
        environment = {**os.environ, "PYTHONPATH": str(root)}

        def start(program: str, *options: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.{program}", *options]
            with (folder / f"{program}.log").open("ab") as log:
                return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

        here = ("--host", "127.0.0.1", "--scheduler-file", str(self.file))
        self.scheduler = start("dask_scheduler", *here, "--port", "0", "--no-dashboard")
        given = ("--scheduler-file", str(self.file), "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny")
        self.workers = [start("dask_worker", *given, "--no-dashboard") for _ in range(2)]

    def address(self) -> str:
        """Wait until both workers are there and return where the scheduler listens."""
        from distributed import Client

        deadline = time.monotonic() + 120
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with Client(scheduler_file=str(self.file), timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
            return str(client.scheduler.address)

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, root: Path) -> Iterator[Cluster]:
    folder = tmp_path / "dask"
    folder.mkdir()
    started = Cluster(folder, root)
    yield started
    started.stop()


@pytest.mark.filterwarnings("default")  # Dask's own
def test_two_workers_of_which_one_is_killed(make, whole: Results, cluster: Cluster, tmp_path: Path) -> None:
    address = cluster.address()

    def kill_one(done: int, of: int, failed: int) -> None:
        if done == 12:
            cluster.workers[0].kill()

    with connected(address) as executor:
        result = sweep(make(), tmp_path / "dask-out", executor=executor, progress=kill_one)
        for name in (RUNS, WEEKLY):
            assert (result.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_a_scheduler_that_dies_ends_the_sweep_and_loses_nothing(make, whole: Results, tmp_path: Path) -> None:
    class Dask(ThreadPoolExecutor):
        """Cancels what it was given, as Dask's client does when it loses its scheduler."""

        given = 0

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            self.given += 1
            if self.given < 3:
                return super().submit(*args, **kwargs)
            lost: Future[Any] = Future()
            lost.cancel()
            lost.set_running_or_notify_cancel()
            return lost

        def check(self) -> None:
            if self.given >= 3:
                raise StoreError("the Dask scheduler is gone")

    with ThreadPoolExecutor(1) as here, Dask(1) as dask:
        with pytest.raises(StoreError, match="scheduler is gone"):
            sweep(make(), tmp_path / "lost", executor=dask)
        dask.shutdown()
        again = sweep(make(), tmp_path / "lost", executor=here)
    assert (again.folder / RUNS).read_bytes() == (whole.folder / RUNS).read_bytes()


@pytest.mark.filterwarnings("default")
def test_nobody_answers(monkeypatch) -> None:
    monkeypatch.setattr("sim.study.experiments.cluster.PATIENCE", 0.5)
    with pytest.raises(StoreError, match="no Dask scheduler answers"), connected("tcp://127.0.0.1:9"):
        pass
