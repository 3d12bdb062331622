"""One script makes every page that holds numbers of the model: none is forgotten."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

BY_HAND = {"everything.py"}
"""Scripts that make no page of numbers of the rules; those of benchmarks/ are of a machine."""
PARTS = {
    "pictures.py", "sources.py", "changes.py", "matched.py", "rows.py", "record.py",
}  # fmt: skip
"""Files of a folder that its script uses, or that are of records alone."""


@pytest.fixture
def everything(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script, with a project of its own to work in."""
    spec = importlib.util.spec_from_file_location("everything", root / "experiments" / "everything.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "everything", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "MADE", tmp_path / "made.json")
    return module


def test_every_script_makes_a_page_that_is_listed(everything: ModuleType, root: Path) -> None:
    folder = root / "experiments"
    scripts = {p.relative_to(folder).as_posix() for p in folder.rglob("*.py")}
    scripts = {s for s in scripts if not s.startswith("benchmarks/") and s not in BY_HAND}
    scripts = {s for s in scripts if not ("/" in s and s.rpartition("/")[2] in PARTS)}
    run = {
        word.removeprefix("experiments/")
        for page in everything.PAGES
        for command in page.commands
        for word in command.split()
        if word.startswith("experiments/") and word.endswith(".py")
    }
    assert run == scripts
    names = [page.name for page in everything.PAGES]
    assert len(set(names)) == len(names)
    assert {after for page in everything.PAGES for after in page.after} <= set(names)
    assert set(json.loads((folder / "made.json").read_text())) <= set(names)


def page(module: ModuleType, name: str, code: str, after: tuple[str, ...] = ()) -> object:
    (module.ROOT / f"{name}.py").write_text(code)
    return module.Page(name, (f"{sys.executable} {name}.py",), 1, after)


def run(module: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["everything.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        module.main()
    return int(ended.value.code or 0)


def test_what_is_of_other_rules_is_made_in_order_and_what_fails_is_told(
    everything: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (
        "import pathlib; p = pathlib.Path('told'); p.write_text((p.read_text() if p.exists() else '') + '{}')"
    )
    pages = (
        page(everything, "second", told.format("2"), after=("first",)),
        page(everything, "first", told.format("1")),
        page(everything, "broken", "raise SystemExit(3)"),
    )
    monkeypatch.setattr(everything, "PAGES", pages)
    assert run(everything, monkeypatch) == 1
    assert "broken" in capsys.readouterr().err
    assert (everything.ROOT / "told").read_text() == "12"
    assert set(everything.made()) == {"first", "second"}
    assert run(everything, monkeypatch) == 1  # what was made is not made again
    assert (everything.ROOT / "told").read_text() == "12"
    assert run(everything, monkeypatch, "first") == 0  # unless it is named
    assert (everything.ROOT / "told").read_text() == "121"


def test_pages_that_need_records_are_left_out_without_them(
    everything: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (everything.ROOT / "needs.py").write_text("import sys; open('said', 'w').write(sys.argv[1])")
    monkeypatch.setattr(
        everything, "PAGES", (everything.Page("needs", (f"{sys.executable} needs.py {everything.DATA}",), 1),)
    )
    assert run(everything, monkeypatch) == 0
    assert "Left out" in capsys.readouterr().out
    assert run(everything, monkeypatch, "--data", "records") == 0
    assert (everything.ROOT / "said").read_text() == "records"
    assert "these rules" in everything.listing(everything.made()["needs"])
