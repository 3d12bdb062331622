from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sim import __version__
from sim.cli import app

RUN = CliRunner()


def test_help_teaches_and_every_command_has_some() -> None:
    out = RUN.invoke(app, ["--help"])
    assert out.exit_code == 0
    assert "drawdown compare drc-monusco" in out.output
    for command in ("compare", "run", "check", "list", "parameters"):
        assert command in out.output
        assert RUN.invoke(app, [command, "--help"]).exit_code == 0
    assert __version__ in RUN.invoke(app, ["--version"]).output


def test_list_and_check(drc) -> None:
    out = RUN.invoke(app, ["list"]).output
    assert "drc-monusco" in out
    assert "actual, fast, full-exit, hot-first, quiet-first, none" in out
    out = RUN.invoke(app, ["check", "drc-monusco"])
    assert out.exit_code == 0
    assert "24 districts" in out.output
    assert "No errors found." in out.output


def test_parameters_can_be_looked_up() -> None:
    assert "met_cost = 1.4 value" in RUN.invoke(app, ["parameters", "met_cost"]).output
    assert "parameters that matter most" in RUN.invoke(app, ["parameters"]).output
    bad = RUN.invoke(app, ["parameters", "met_costs"])
    assert bad.exit_code == 2
    assert "did you mean 'met_cost'?" in bad.output


def test_compare_writes_prints_and_replaces(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "r"
    command = [
        "compare",
        "drc-monusco",
        "--schedules",
        "full-exit",
        "--replicates",
        "3",
        "--out",
        str(out),
        "--no-figures",
    ]
    first = RUN.invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "full-exit" in first.output
    assert "matched runs" in first.output
    assert (out / "summary.csv").exists()
    assert not out.with_name("r.parts").exists()
    again = RUN.invoke(app, [*command, "--json", "--threads", "1"])
    assert again.exit_code == 0
    data = json.loads(again.stdout)
    assert data["provenance"]["replicates"] == 3
    killed = next(r for r in data["summary"] if r["schedule"] == "full-exit" and r["metric"] == "killed")
    assert killed["runs"] == 3


def test_parameters_can_be_set_for_a_comparison(tmp_path: Path) -> None:
    command = ["compare", "drc-monusco", "--schedules", "none", "--replicates", "1", "--no-figures", "--out"]
    ok = RUN.invoke(app, [*command, str(tmp_path / "a"), "--set", "met_cost=3.5"])
    assert ok.exit_code == 0, ok.output
    assert json.loads((tmp_path / "a" / "provenance.json").read_text())["parameters"]["met_cost"] == 3.5
    for wrong, word in (
        ("met_cost", "NAME=VALUE"),
        ("met_cost=x", "NAME=VALUE"),
        ("met_cost=99", "outside its range"),
        ("met=1", "there is no parameter"),
    ):
        bad = RUN.invoke(app, [*command, str(tmp_path / "b"), "--set", wrong])
        assert bad.exit_code == 2
        assert word in bad.output
        assert not (tmp_path / "b").exists()


def test_compare_leaves_a_strangers_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    out = RUN.invoke(app, ["compare", "drc-monusco", "--replicates", "1", "--out", str(tmp_path)])
    assert out.exit_code == 2
    assert "not a result" in out.output.replace("\n", " ")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("/", "is the folder you are in or one above it"),
        ("..", "is the folder you are in or one above it"),
        ("n" * 300, "name too long"),
        ("file/r", "cannot write to file/r"),
        ("file", "is a file"),
    ],
)
def test_a_place_where_no_result_can_be_is_an_error_before_the_first_run(
    out: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    done = RUN.invoke(app, ["compare", "corridor", "--replicates", "1", "--out", out])
    assert done.exit_code == 2, done.output
    assert done.output.startswith("error: ")
    assert words in done.output
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_an_error_before_the_first_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    full = shutil._ntuple_diskusage(10**12, 10**12, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    done = RUN.invoke(app, ["compare", "corridor", "--replicates", "50", "--out", "r"])
    assert done.exit_code == 2
    assert "has 0 MB free; choose a place on another disk" in done.output


def test_run_tells_and_draws(tmp_path: Path) -> None:
    figure = tmp_path / "run.png"
    out = RUN.invoke(
        app, ["run", "drc-monusco", "--schedule", "full-exit", "--out", str(figure), "--tell", "10"]
    )
    assert out.exit_code == 0, out.output
    assert "one run: seed 1, replicate 0" in out.output.replace("\n", " ")
    assert figure.stat().st_size > 10_000
    bad = RUN.invoke(app, ["run", "drc-monusco", "--schedule", "fats"])
    assert bad.exit_code == 2
    assert "did you mean 'fast'?" in bad.output.replace("\n", " ")


def start(out: Path, replicates: int) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "sim.cli",
        "compare",
        "drc-monusco",
        "--schedules",
        "actual",
        "--replicates",
        str(replicates),
        "--out",
        str(out),
        "--no-figures",
    ]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )


def wait_for_parts(out: Path, process: subprocess.Popen[str], n: int = 2) -> None:
    for _ in range(6000):  # five minutes: other tests may keep the cores busy
        if len(list(out.with_name(out.name + ".parts").glob("*.npz"))) >= n:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    pytest.fail("no parts appeared")


@pytest.mark.usefixtures("model_in_cache")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_or_killed_comparison_loses_nothing_and_leaves_no_half_result(
    tmp_path: Path, how: int
) -> None:
    out = tmp_path / "r"
    process = start(out, 4000)
    wait_for_parts(out, process)
    process.send_signal(how)
    _, errors = process.communicate(timeout=300)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "goes on from there" in errors.replace("\n", " ")
    assert not out.exists()
    parts = list(out.with_name("r.parts").glob("*.npz"))
    assert len(parts) >= 2
    assert [p.name for p in tmp_path.iterdir()] == ["r.parts"]
    done = start(out, 10 * len(parts))
    stdout, errors = done.communicate(timeout=300)
    assert done.returncode == 0, errors
    assert f"{10 * len(parts)} matched runs" in stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r"]


MOMENTS = {
    "while it is loaded": """
class Finder:
    def find_spec(name, *_):
        if name == "sim.cli.compare":
            os.kill(os.getpid(), how)
sys.meta_path.insert(0, Finder)
""",
    "before it has begun": """
import typer.core
made = typer.core.TyperGroup.make_context
def make_context(*args, **named):
    os.kill(os.getpid(), how)
    return made(*args, **named)
typer.core.TyperGroup.make_context = make_context
""",
    "while it prints": """
class Out:
    def write(self, text):
        os.kill(os.getpid(), how)
    def flush(self):
        pass
sys.stdout = Out()
""",
    "once it is through": """
import atexit
atexit.register(lambda: os.kill(os.getpid(), how))
""",
}
"""What a process does to send itself a signal at some moment of a command."""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_at_any_moment_ends_a_command_with_130_or_not_at_all(
    moment: str, how: signal.Signals
) -> None:
    code = f"import os, signal, sys\nfrom sim.cli import main\nhow = {how:d}\n{MOMENTS[moment]}\nmain()\n"
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    if moment == "once it is through":
        assert (done.returncode, done.stderr) == (0, "")
        assert __version__ in done.stdout
    else:
        assert (done.returncode, done.stderr) == (130, "\nStopped.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list"], ["Reading the scenarios"]),
        (["glossary"], ["Loading the model"]),
        (["check", "corridor"], ["Reading corridor", "Looking for what is odd"]),
        (["diff", "corridor", "hasty", "regroup"], ["Reading corridor", "Comparing the schedules"]),
        (["schedules", "corridor"], ["Reading corridor", "Making the schedules", "Drawing the timeline"]),
        (["explain", "nowhere"], ["Reading nowhere"]),
        (["import", "districts", "nowhere"], ["Making districts from the map"]),
    ],
)
def test_a_terminal_is_told_what_is_being_done(
    words: list[str], said: list[str], tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that may take more than two seconds is silent: imports, reading, drawing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    quiet = RUN.invoke(app, words)
    screen = StringIO()
    monkeypatch.setattr("sim.cli.common.err", Console(file=screen, force_terminal=True, width=80))
    told = RUN.invoke(app, words)
    places = [screen.getvalue().find(one) for one in said]
    assert -1 not in places
    assert places == sorted(places)
    assert told.stdout == quiet.stdout
    assert not any(one in quiet.output for one in said)  # and files and pipes are told nothing
