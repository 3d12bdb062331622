"""What the documents show runs, and what they generate is up to date."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

from sim.cli import app
from sim.show import tables
from sim.week import DECLARED

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = (
    "README.md",
    "docs/guide.md",
    "docs/making-a-case.md",
    "docs/reading-a-result.md",
    "experiments/drc-first-look.md",
    "docs/studies.md",
    "docs/deciding.md",
    "scenarios/corridor/README.md",
    "experiments/what-drives-the-cliff.md",
    "experiments/validation/validation.md",
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language in a document."""
    return [body for kind, body in FENCE.findall(path.read_text(encoding="utf-8")) if kind == language]


def commands(root: Path) -> list[tuple[str, str]]:
    """Return (document, command line) of every `drawdown` command shown, without comments."""
    found = []
    for name in DOCUMENTS:
        for block in blocks(root / name, "bash"):
            lines = (line.split("#")[0].strip() for line in block.replace("\\\n", " ").splitlines())
            found += [(name, line) for line in lines if line.startswith("drawdown ")]
    return found


def shrunk(code: str) -> str:
    """Return code or a command with few replicates, points or worlds, so that it is quick."""
    code = re.sub(r"(--replicates |replicates=|REPLICATES = )\d+", r"\g<1>4", code)
    code = re.sub(r"(POINTS = )\d+", r"\g<1>6", code)
    code = re.sub(r"--worlds \d+", "--worlds 5", re.sub(r"--again \d+", "--again 20", code))
    return re.sub(r"replicates=REPLICATES // 2", "replicates=2", code)


def small_experiment(root: Path, here: Path) -> None:
    """Put the teaching experiment beside the commands, with 12 points of 2 replicates."""
    text = (root / "experiments" / "corridor-pace" / "experiment.toml").read_text(encoding="utf-8")
    folder = here / "experiments" / "corridor-pace"
    folder.mkdir(parents=True)
    text = text.replace("points = 64", "points = 12").replace("replicates = 10 ", "replicates = 2 ")
    assert "points = 12" in text
    assert "replicates = 2 " in text
    (folder / "experiment.toml").write_text(text, encoding="utf-8")


def test_readme_opens_with_two_commands_of_one_line(root: Path) -> None:
    first, second = blocks(root / "README.md", "bash")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.startswith("python3 -m venv")
    assert first.rstrip().endswith("drawdown compare drc-monusco")
    assert second.startswith("python3 -m venv")
    assert second.rstrip().endswith("pytest")


@pytest.mark.documents
def test_every_command_shown_works(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = commands(root)
    there = {c.name for c in app.registered_commands} | {g.name for g in app.registered_groups}
    assert {line.split()[1] for _, line in shown} == there, "every command is shown somewhere"
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    small_experiment(root, tmp_path)
    for line, document in {line: document for document, line in shown}.items():
        words = shlex.split(shrunk(line))[1:]
        if words[0] == "compare":
            words += [] if "--replicates" in words else ["--replicates", "4"]
            words += ["--no-figures"]
        if words[0] == "explore":
            words += [] if "--replicates" in words else ["--replicates", "2"]
            words += [] if "--toggles" in words or "--assume" in words else ["--toggles", "1"]
        if words[0] == "analyse":
            words += ["--no-figures"]
        if words[0] == "serve":  # tests/serve lets it answer
            uvicorn = pytest.importorskip("uvicorn")
            monkeypatch.setattr(uvicorn.Server, "run", lambda _self, sockets: [s.close() for s in sockets])
            words += ["--port", "0"]
        if words[0] == "validate" and "--replicates" not in words:
            words += ["--replicates", "2"]
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, f"{document}: {line}\n{result.output}"


@pytest.mark.documents
def test_python_in_the_guide_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    code = [shrunk(block) for block in blocks(root / "docs" / "guide.md", "python")]
    reads_results = next(i for i, block in enumerate(code) if "results/drc-monusco" in block)
    result = CliRunner().invoke(
        app, ["compare", "drc-monusco", "--schedules", "actual", "--replicates", "2", "--no-figures"]
    )
    assert result.exit_code == 0, result.output
    space: dict[str, object] = {}
    exec(code.pop(reads_results), space)
    for block in code:
        exec(block, space)
    as_it_is, cautious = space["as_it_is"], space["cautious"]
    attacks = [model.history()["attacks"].sum() for model in (as_it_is, cautious)]  # type: ignore[attr-defined]
    assert attacks[0] > attacks[1] > 0


@pytest.mark.documents
def test_a_colleagues_question_is_answered(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    small_experiment(root, tmp_path)
    page = root / "docs" / "studies.md"
    space: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(block.replace('sweep("corridor-pace")', 'sweep("corridor-pace", workers=1)'), space)
    (query,) = blocks(page, "sql")
    with duckdb.connect() as plain:
        rows = plain.execute(query).fetchall()
    (line,) = (b for b in blocks(page, "python") if ".query(" in b)
    answer = eval(line.strip(), space)
    assert {notice: killed for notice, killed, _ in rows} == pytest.approx(answer.to_dict())
    assert set(answer.index) == {0, 26}


NOTEBOOKS = {
    "1_the_cliff.py": 5,
    "2_two_plans_compared.py": 4,
    "3_your_own_case.py": 2,
    "4_your_own_rule.py": 2,
    "5_what_matters.py": 2,
    "6_what_we_do_not_know.py": 3,
    "7_what_an_observer_would_conclude.py": 3,
    "8_write_the_briefing.py": 1,
    "drc_comparison.py": 3,
}
"""Each notebook, and how many pictures it shows."""


@pytest.mark.documents
def test_python_for_those_who_come_from_other_tools_runs(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    small_experiment(root, tmp_path)
    space: dict[str, object] = {}
    for block in blocks(root / "docs" / "coming-from.md", "python"):
        quick = re.sub(r"replicates=\d+", "replicates=2", block).replace("range(2)", "range(1)")
        exec(quick.replace('sweep("corridor-pace")', 'sweep("corridor-pace", workers=1)'), space)
    assert set(space["runs"]["point"]) == {0, 1, 2}  # type: ignore[index]
    assert space["rows"]
    assert len(space["inputs"]) == len(space["results"].runs)  # type: ignore[arg-type, attr-defined]


@pytest.mark.documents
@pytest.mark.usefixtures("model_in_cache")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(root: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    path = root / "notebooks" / name
    notebook = jupytext.reads(shrunk(path.read_text(encoding="utf-8")), fmt="py:percent")
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [one for one in shown if {"image/png", "image/svg+xml"} & set(one.get("data", {}))]
    assert len(pictures) == NOTEBOOKS[name]
    warned = [one["text"] for one in shown if one.get("name") == "stderr"]
    assert not [text for text in warned if "TqdmWarning" not in text]  # Mesa's bar, without ipywidgets


def test_every_notebook_is_tested(root: Path) -> None:
    assert {p.name for p in (root / "notebooks").iterdir() if p.is_file()} == set(NOTEBOOKS)


@pytest.mark.usefixtures("model_in_cache")
@pytest.mark.parametrize(
    "name",
    ["docs/ODD.md", "docs/reading-a-result.md", "docs/model-card.md", "docs/TRACE.md", "docs/glossary.md"],
)
def test_generated_parts_are_up_to_date(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    text = (root / name).read_text(encoding="utf-8")
    assert tables.refreshed(text) == text, f"run: python -m sim.show.tables {name}"
    assert tables.refreshed("<!-- generated: week -->old<!-- end of week -->") != text


@pytest.mark.parametrize(
    "name",
    [
        *DOCUMENTS,
        "docs/ODD.md",
        "docs/sources.md",
        "docs/mechanisms.md",
        "docs/architecture.md",
        "docs/changing-the-model.md",
        "docs/model-card.md",
        "docs/TRACE.md",
        "docs/coming-from.md",
        "experiments/intervals.md",
        "scenarios/drc-monusco/README.md",
        "experiments/benchmarks/engine.md",
    ],
)
def test_links_lead_somewhere(root: Path, name: str) -> None:
    path = root / name
    links = [t for t in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in t]
    for target in links:
        assert os.path.exists(path.parent / target), f"{name}: {target}"


NUMBERS = {
    r"(\d+) parameters": len(DECLARED.parameters),
    r"(\d+)\s+switches": len(DECLARED.mechanisms),
}
"""What documents may say of the size of the model, and what is true."""


@pytest.mark.parametrize("pattern", NUMBERS)
def test_documents_state_the_numbers_of_the_registry(root: Path, pattern: str) -> None:
    said = [
        (path.name, int(number))
        for path in (root / "README.md", *(root / "docs").glob("*.md"))
        for number in re.findall(pattern, path.read_text(encoding="utf-8"))
    ]
    assert said, f"no document says how many: {pattern}"
    assert {number for _, number in said} == {NUMBERS[pattern]}, said


def test_the_mechanisms_that_sources_name_are_counted_alike(root: Path) -> None:
    table = (root / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    states = re.findall(r"^\| \d+ \| [^|]+ \| (In|Part|No) \|", table, re.MULTILINE)
    counts = tuple(states.count(state) for state in ("In", "Part", "No"))
    readme = (root / "README.md").read_text(encoding="utf-8")
    said = re.search(
        r"(\d+) mechanisms that sources name: (\d+) in the model, (\d+) in part, (\d+) left", readme
    )
    assert said is not None
    assert tuple(map(int, said.groups())) == (len(states), *counts)
    assert f"name {len(states)} mechanisms" in table


def test_a_walk_names_files_and_functions_that_exist(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(sim/[\w/]+(?:\.py|/)?)`", text):
        assert (root / name).exists(), name


def test_version_is_the_same_everywhere(root: Path) -> None:
    from sim import __version__

    assert f"version: {__version__}\n" in (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f'version = "{__version__}"' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert f"## {__version__}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
