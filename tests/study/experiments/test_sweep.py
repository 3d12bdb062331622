"""A sweep makes every run once, whoever runs it and whatever is killed on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim import ScenarioError
from sim.cli import app
from sim.study.experiments import parts
from sim.study.experiments import store as stores
from sim.study.experiments import sweep as sweeps
from sim.study.experiments import task as tasks
from sim.study.experiments.errors import Busy, OtherCode, StoreError
from sim.study.experiments.need import Missing
from sim.study.experiments.plan import plan
from sim.study.experiments.store import Results, read
from sim.study.experiments.sweep import Stopped, merge, sweep
from sim.study.experiments.worker import Worker

pytest.importorskip("duckdb")
pytestmark = pytest.mark.usefixtures("small_tasks", "model_in_cache")


@pytest.fixture
def here() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def same(a: Results, b: Results) -> bool:
    """Return whether two stores hold the same, in content and in bytes."""
    names = (stores.RUNS, stores.WEEKLY)
    equal = all((a.folder / n).read_bytes() == (b.folder / n).read_bytes() for n in names)
    assert equal == (a.digest() == b.digest())
    return equal


def test_one_row_a_run_read_back_in_three_ways(whole: Results) -> None:
    frame = whole.runs
    assert len(frame) == whole.provenance["runs"] == 48
    assert list(frame.columns) == list(whole.provenance["columns"])
    assert set(frame["experiment_sha256"]) == {whole.provenance["experiment_sha256"]}
    import duckdb

    with duckdb.connect() as plain:
        rows = plain.execute(
            f"SELECT schedule, avg(killed) FROM '{whole.folder}/runs.parquet' GROUP BY schedule ORDER BY 1"
        ).fetchall()
    means = frame.groupby("schedule")["killed"].mean()
    assert dict(rows) == pytest.approx(means.to_dict())
    data = whole.dataset()
    assert data["killed"].dims == ("scenario", "point", "schedule", "replicate")
    assert data["killed"].attrs["units"] == "persons"
    for run in (0, 5, 47):
        row = frame.iloc[run]
        at = (
            data["killed"]
            .sel(scenario="corridor", schedule=row["schedule"])
            .isel(point=row["point"], replicate=run % 3)
        )
        assert at == row["killed"]
        assert data["met_cost"].isel(scenario=0, point=row["point"]) == row["met_cost"]
    weekly = whole.weekly()
    assert weekly["attacks"].shape == (16, 51)
    assert list(weekly["run"].values) == list(range(0, 48, 3))
    assert "48 of 48 runs" in repr(whole)
    told = (whole.folder / "scenarios" / "corridor" / "scenario" / "scenario.toml").read_text()
    assert "The Corridor" in told
    assert (whole.folder / "experiment.toml").read_text().startswith('\nname = "tiny"')


def test_any_number_of_workers_shards_and_stops_gives_the_same(
    make, whole: Results, tmp_path: Path, here: Executor
) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped, match="after 0 of 48"):
        sweep(make(), tmp_path / "stopped", executor=here, stop=stop, retry_failed=True)
    stop.clear()

    def tick(done: int, of: int, failed: int) -> None:
        if done >= 12:
            stop.set()

    with pytest.raises(Stopped):
        sweep(make(), tmp_path / "stopped", executor=here, progress=tick, stop=stop)
    assert 0 < len(read(tmp_path / "stopped").runs) < 48
    assert same(sweep(make(), tmp_path / "stopped", executor=here), whole)
    with ThreadPoolExecutor(3) as three:
        assert same(sweep(make(), tmp_path / "three", executor=three), whole)
    for shard in ((3, 3), (1, 3)):
        sweep(make(), tmp_path / "shards", executor=here, shard=shard)
    with pytest.raises(StoreError, match="12 of 48 runs are missing, the first of them run 12"):
        merge(make(), out=tmp_path / "shards")
    sweep(make(), tmp_path / "elsewhere", executor=here, shard=(2, 3))
    assert same(merge(make(), [tmp_path / "elsewhere"], tmp_path / "shards"), whole)
    again = []
    sweep(make(), tmp_path / "shards", executor=here, progress=lambda *n: again.append(n))
    assert again == [(48, 48, 0)]


def test_processes_that_are_killed_lose_nothing(make, whole: Results, tmp_path: Path, monkeypatch) -> None:
    chance = random.Random(1)
    started: list[Worker] = []

    class Fragile(Worker):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder)
            started.append(self)
            if len(started) == 1:
                threading.Timer(chance.uniform(0.5, 2.5), os.kill, (self.pid, signal.SIGKILL)).start()

    monkeypatch.setattr(sweeps, "Worker", Fragile)
    result = sweep(make(), tmp_path / "killed", workers=1)
    assert same(result, whole)
    assert len(started) <= 2


PARENT = """
import sys
from sim.study.experiments import plan
plan.CHUNK = 51 * 11 * 13
from sim.study.experiments.sweep import sweep
sweep(sys.argv[1], sys.argv[2], workers=1, progress=lambda *n: print(*n, flush=True))
"""


def test_a_parent_that_is_killed_takes_its_workers_along_and_loses_nothing(
    make, whole: Results, tmp_path: Path, root: Path, here: Executor
) -> None:
    out = tmp_path / "orphan"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(make()), str(out)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "0 48 0\n"
    assert process.stdout.readline() == "12 48 0\n"
    with pytest.raises(Busy, match=f"process {process.pid}"):
        sweep(make(), out, executor=here)
    time.sleep(random.Random(2).uniform(0.0, 0.05))
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while workers_of(out) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not workers_of(out)
    assert len(read(out).runs) >= 12
    assert same(sweep(make(), out, executor=here), whole)


def workers_of(out: Path) -> list[int]:
    """Return the processes that write to a store."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"sim.study.experiments.worker" in words and str(out).encode() in words:
            found.append(int(entry.name))
    return found


def test_a_task_that_kills_every_worker_is_stored_as_failed(
    make, whole: Results, tmp_path: Path, monkeypatch, here: Executor
) -> None:
    class Doomed:
        def __init__(self, folder: Path) -> None:
            self.folder = folder

        def run(self, task: tasks.Task) -> tasks.Receipt:
            if task.first == 12:
                raise sweeps.Died("a worker process ended by signal 9")
            return parts.run(task, self.folder)

        def stop(self) -> None:
            pass

    monkeypatch.setattr(sweeps, "Worker", Doomed)
    result = sweep(make(), tmp_path / "doomed", workers=1)
    frame = result.runs
    assert frame["failed"].tolist() == [12 <= run < 24 for run in range(48)]
    assert "signal 9, 5 times; perhaps for want of memory" in frame["error"][12]
    assert frame.loc[12, "met_cost"] == whole.runs.loc[12, "met_cost"]
    assert "12 failed" in repr(result)
    assert same(sweep(make(), tmp_path / "doomed", executor=here, retry_failed=True), whole)


def test_what_fails_is_kept_and_can_be_tried_again(
    make, whole: Results, tmp_path: Path, here: Executor, break_run
) -> None:
    tasks.forget()
    with pytest.MonkeyPatch.context() as broken, ThreadPoolExecutor(1) as executor:
        break_run(broken, "none", 4)
        result = sweep(make(), tmp_path / "broken", executor=executor)
        frame = result.runs
        assert frame.index[frame["failed"]].tolist() == [13]
        assert frame["killed"].isna().sum() == 1
        assert not same(result, whole)
        again = sweep(make(), tmp_path / "broken", executor=executor, retry_failed=True)
        assert again.runs["failed"].sum() == 1
    untouched = sweep(make(), tmp_path / "broken", executor=here)
    assert untouched.runs["failed"].sum() == 1  # only when asked for
    assert same(sweep(make(), tmp_path / "broken", executor=here, retry_failed=True), whole)


@pytest.mark.parametrize("what", ["experiment", "scenario", "code"])
def test_what_has_changed_is_not_mixed(make, tmp_path: Path, monkeypatch, here: Executor, what: str) -> None:
    file = make()
    sweep(file, tmp_path / "out", executor=here, shard=(1, 2))
    words = {"experiment": "the experiment's file", "scenario": "files of a scenario", "code": "the code"}
    if what == "experiment":
        make({"Hardly.": "A lot."})
    elif what == "scenario":
        header = file.parent / "corridor" / "scenario.toml"
        header.write_text(header.read_text().replace("trust_un = 0.7", "trust_un = 0.71"))
    else:
        monkeypatch.setattr("sim.study.experiments.plan.code_digest", lambda: "0" * 64)
    before = sorted(p.name for p in (tmp_path / "out" / "parts").iterdir())
    with pytest.raises(StoreError, match=f"before {words[what]}.* changed"):
        sweep(file, tmp_path / "out", executor=here)
    assert sorted(p.name for p in (tmp_path / "out" / "parts").iterdir()) == before


def test_a_worker_with_other_code_runs_nothing(make, tmp_path: Path, monkeypatch, here: Executor) -> None:
    made = plan(make())
    monkeypatch.setattr(tasks, "code_digest", lambda: "0" * 64)
    with pytest.raises(OtherCode):
        sweep(made, tmp_path / "out", executor=here)
    assert not list((tmp_path / "out" / "parts").iterdir())


def test_a_full_disk_loses_nothing(make, whole: Results, tmp_path: Path, monkeypatch, here: Executor) -> None:
    resource = pytest.importorskip("resource")
    usual, written = parts.copy, []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def copy(connection, query: str, path: Path) -> None:
        written.append(path)
        try:
            if len(written) == 4:  # the disk takes 500 bytes of the second task's runs, and no more
                resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
            usual(connection, query, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    monkeypatch.setattr(parts, "copy", copy)
    out = tmp_path / "full"
    with pytest.raises(OSError, match=r"File too large|[Ww]rite"):
        sweep(make(), out, executor=here)
    assert not list(out.rglob("*.tmp"))
    assert len(read(out).runs) >= 12
    assert same(sweep(make(), out, executor=here), whole)


def test_a_torn_part_is_made_again(make, whole: Results, tmp_path: Path, here: Executor) -> None:
    out = tmp_path / "torn"
    sweep(make(), out, executor=here, shard=(1, 2))
    part = min((out / "parts").glob("[0-9a-f]*.parquet"))
    part.write_bytes(part.read_bytes()[:-100])
    assert len(read(out).runs) == 12
    assert same(sweep(make(), out, executor=here), whole)


def test_folders_that_hold_something_else_are_left_alone(make, tmp_path: Path, here: Executor) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match=r"thesis\.txt"):
        sweep(make(), out, executor=here)
    with pytest.raises(StoreError, match="is a file"):
        sweep(make(), out / "thesis.txt", executor=here)
    assert [p.name for p in out.iterdir()] == ["thesis.txt"]
    with pytest.raises(StoreError, match="no sweep"):
        read(out)
    with pytest.raises(ScenarioError):
        sweep(tmp_path / "nowhere", out)


def test_what_is_not_installed_is_named_before_anything_is_run(make, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(Missing, match=r"duckdb, which is not installed.*drawdown\[experiments\]"):
        sweep(make(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command(make, whole: Results, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = str(make())

    def command(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    said = command("sweep", file, "--plan")
    assert "48 runs: 1 scenario x 4 points x 4 schedules x 3 replicates" in said
    assert "Expected: Hardly." in said
    assert not (tmp_path / "results").exists()
    assert "killed" in command("sweep", file, "--replay", "16")
    assert "0 to 47" in command("sweep", file, "--replay", "48", code=2)
    assert "write I/N" in command("sweep", file, "--shard", "4/3", code=2)
    with ThreadPoolExecutor(1) as here:
        sweep(file, "results/tiny", executor=here, shard=(1, 2))
        assert "24 of 48 runs are missing" in command("merge", file, code=2)
        sweep(file, "results/tiny", executor=here, shard=(2, 2))
    assert "drawdown analyse tiny" in command("sweep", file)
    assert same(read(tmp_path / "results" / "tiny"), whole)
    assert "48 runs in results/tiny" in command("merge", file)
    assert "no sweep" in command("merge", file, "elsewhere", code=2)


def test_numbers_and_absences_keep_their_types(whole: Results) -> None:
    frame = whole.runs
    assert pd.api.types.is_integer_dtype(frame["lever_steps"])
    assert np.isnan(frame["killed"]).sum() == 0
    types = whole.sql("DESCRIBE SELECT * FROM runs").set_index("column_name")["column_type"]
    assert types["lever_steps"] == "BIGINT"
    assert types["lever_bases"] == types["contest"] == types["error"] == "VARCHAR"
    assert types["failed"] == "BOOLEAN"
