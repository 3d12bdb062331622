"""A result replaces another in one step, or not at all, and two commands never share a target."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from worlds import close, plan, small

from sim import compare
from sim.show import figures, results, text
from sim.study import parts
from sim.study.compare import chosen
from sim.study.comparison import Comparison


@pytest.fixture(scope="module")
def case():
    return small(30).with_schedule(plan("all", *(close(b, 15) for b in ("Alpha post", "Beta post"))))


@pytest.fixture(scope="module")
def result(case) -> Comparison:
    return compare(case, ["all"], replicates=4, seed=4)


def inside(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder with their bytes, hidden ones included."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def without(folder: Path, *names: str) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name not in names)


def test_saving_replaces_a_result_and_nothing_else(result, tmp_path: Path) -> None:
    result.save(tmp_path / "r", figures=False)
    (tmp_path / "r" / "old.txt").write_text("old")
    result.save(tmp_path / "r", figures=False)
    assert not (tmp_path / "r" / "old.txt").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(results.NotOurs, match="not a result"):
        result.save(tmp_path / "mine", figures=False)
    (tmp_path / "file").write_text("x")
    with pytest.raises(results.NotOurs, match="is a file"):
        result.save(tmp_path / "file", figures=False)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
    assert without(tmp_path) == ["file", "mine", "r"]  # no leftovers


@pytest.mark.parametrize("swaps", [True, False], ids=["exchange", "two renames"])
def test_a_failure_while_writing_leaves_nothing_and_the_old_result(
    result, tmp_path: Path, monkeypatch, swaps: bool
) -> None:
    if not swaps:
        monkeypatch.setattr(results, "_swap", lambda one, other: False)
    result.save(tmp_path / "r", figures=False)
    before = inside(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(text, "page", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            result.save(tmp_path / "r", figures=False)
    assert inside(tmp_path) == before
    with monkeypatch.context() as patch:  # the second of two renames fails
        rename = Path.rename

        def fails(self: Path, target: Path) -> Path:
            if self.name == "result":
                raise OSError(errno.EIO, "Input/output error")
            return rename(self, target)

        patch.setattr(Path, "rename", fails)
        patch.setattr(results, "_swap", lambda one, other: False)
        with pytest.raises(OSError, match="Input/output"):
            result.save(tmp_path / "r", figures=False)
    assert inside(tmp_path) == before
    result.save(tmp_path / "r", figures=False)
    assert without(tmp_path) == ["r"]


def kill_at(result_folder: Path, where: str) -> None:
    """Save into a folder in a process of its own that is killed in the midst of it."""
    code = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from worlds import small
from sim import compare
from sim.show import results
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if {where!r} == "between":
    results._swap = lambda one, other: False
    rename = Path.rename
    Path.rename = lambda self, to: die() if self.name == "result" else rename(self, to)
else:
    results._sync = die
results.save(compare(small(8), ["none"], replicates=1), Path({str(result_folder)!r}), figures=False)
"""
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("where", ["between", "writing"])
def test_what_a_kill_left_is_put_right_by_the_next_run(result, tmp_path: Path, where: str) -> None:
    folder = result.save(tmp_path / "r", figures=False)
    before = inside(folder)
    kill_at(folder, where)
    hidden = [p for p in tmp_path.iterdir() if p.name.startswith(".r-")]
    assert len(hidden) == 1
    assert folder.exists() == (where == "writing")
    stranger = tmp_path / ".r-notes"
    stranger.mkdir()
    (stranger / "mine.txt").write_text("mine")
    with results.claim(folder):
        assert inside(folder) == before
    assert without(tmp_path) == [".r-notes", "r"]
    assert (stranger / "mine.txt").exists()


def test_a_link_stays_a_link(result, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "r").symlink_to(tmp_path / "disk" / "real")
    result.save(tmp_path / "r", figures=False)
    result.save(tmp_path / "r", figures=False)
    assert (tmp_path / "r").is_symlink()
    assert (tmp_path / "disk" / "real" / "summary.csv").is_file()
    assert without(tmp_path) == ["disk", "r"]
    assert without(tmp_path / "disk") == ["real"]


def test_the_folder_one_stands_in_is_refused(result, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    for folder in (".", "..", str(tmp_path)):
        with pytest.raises(results.NotOurs, match="the folder you are in or one above it"):
            result.save(folder, figures=False)


def test_a_target_has_one_holder_and_a_dead_one_is_no_obstacle(result, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from sim.show import results\n"
    code += "with results.claim(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, str(tmp_path / "r")]
    holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(results.Busy, match=rf"another drawdown \(process {holder.pid}\) is writing to"):
        result.save(tmp_path / "r", figures=False)
    assert not (tmp_path / "r").exists()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    if holder.stdin:
        holder.stdin.close()
    assert (tmp_path / "r.parts" / parts.LOCK).exists()
    result.save(tmp_path / "r", figures=False)
    assert without(tmp_path) == ["r"]
    with results.claim(tmp_path / "r"):
        again = results.claim(tmp_path / "r")
        with pytest.raises(results.Busy, match="this process is writing"):
            again.__enter__()


def test_figures_that_fail_cost_nothing_else(result, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(figures, "district_maps", lambda _: 1 / 0)
    with pytest.raises(results.FiguresFailed, match=r"1 figure could not be drawn \(maps: ZeroDivisionError"):
        result.save(tmp_path / "r")
    told = json.loads((tmp_path / "r" / "provenance.json").read_text())
    assert list(told["figures_failed"]) == ["maps"]
    assert (tmp_path / "r" / "summary.csv").exists()
    drawn = {p.name for p in (tmp_path / "r" / "figures").iterdir()}
    assert drawn == {"timeline.png", "differences.png", "fan-all.png", "fan-none.png", "cliff-all.png"}
    assert without(tmp_path) == ["r"]


def test_what_cannot_be_written_is_known_before_the_first_run(case, tmp_path: Path, monkeypatch) -> None:
    plans = chosen(case, ["all"])
    results.rehearse(case, plans, 2**63 - 1, tmp_path / "new" / "deep" / "r")
    assert not list(tmp_path.iterdir())  # nothing is left of it
    with pytest.raises(OSError, match="File name too long"):
        results.rehearse(case, plans, 1, tmp_path / ("n" * 250))
    (tmp_path / "file").write_text("x")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        results.rehearse(case, plans, 1, tmp_path / "file" / "r")
    monkeypatch.setattr(xr.Dataset, "to_netcdf", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        results.rehearse(case, plans, 1, tmp_path / "r")
    assert without(tmp_path) == ["file"]


def test_whoever_waits_is_told_what_is_done(result, tmp_path: Path) -> None:
    said: list[str] = []
    result.save(tmp_path / "r", stage=said.append)
    assert "writing trajectories.nc" in said
    assert "drawing maps.png" in said
    assert said[-1] == "moving the result into place"


def test_stopping_between_two_files_leaves_the_old_result(result, tmp_path: Path) -> None:
    result.save(tmp_path / "r", figures=False)
    before = inside(tmp_path)

    def stop(what: str) -> None:
        if what == "writing totals.nc":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        result.save(tmp_path / "r", figures=False, stage=stop)
    assert inside(tmp_path) == before
