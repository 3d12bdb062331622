"""What the site promises and can be seen without building it; `.ci/run site` builds it."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import sim
from sim.show import figures
from sim.show.glossary import TERMS

TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def build(root: Path) -> ModuleType:
    """Return docs/build.py."""
    spec = importlib.util.spec_from_file_location("build_site", root / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def listed(root: Path) -> set[Path]:
    """Return the pages that are in some table of contents."""
    found = set()
    for page in (root / "docs").glob("*.md"):
        for block in TOCTREE.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if not line or line.startswith(":"):
                    continue
                entry = (line.rpartition("<")[2].rstrip(">") if "<" in line else line).strip()
                for suffix in (".md", ".py"):
                    found |= {p.resolve() for p in page.parent.glob(entry + suffix)}
    return found


def test_every_page_is_in_a_table_of_contents(root: Path) -> None:
    pages = {root / "docs" / name for name in ("index.md",)}
    every = [
        *(root / "docs").glob("*.md"),
        *(root / "notebooks").glob("*.py"),
        *(root / "scenarios").glob("*/*.md"),
        *(p for p in (root / "experiments").rglob("*.md") if "quick" not in p.parts),
        root / "CHANGELOG.md",
    ]
    assert {p.resolve() for p in every} - listed(root) == {p.resolve() for p in pages}


def test_every_public_name_is_in_the_reference(root: Path) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"auto\w+:: sim\.(\w+)$", text, re.MULTILINE))
    assert documented == set(sim.__all__)
    members = re.search(r"automodule:: sim\.show\.figures\n   :members: (.*)", text)
    assert members is not None
    drawn = set(members[1].split(", "))
    assert drawn == set(figures.__all__) - {
        "draw_timeline",
        "spans",
        "troops_over",
    }  # what `timeline` is made of


def test_what_the_reference_names_exists(root: Path) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    for kind, name in re.findall(r"auto(\w+):: (sim[\w.]*)$", text, re.MULTILINE):
        module, _, attribute = (name, "", "") if kind == "module" else name.rpartition(".")
        found = importlib.import_module(module)
        assert not attribute or hasattr(found, attribute), name


def test_the_glossary_of_the_site_is_that_of_the_command(root: Path) -> None:
    text = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert all(f"\n{term}\n  {meaning}\n" in text for term, meaning in TERMS.items())


def test_gallery_holds_twenty_figures_each_with_a_heading(root: Path) -> None:
    examples = sorted((root / "docs" / "gallery").glob("[0-9][0-9]_*.py"))
    assert len(examples) >= 20
    for path in examples:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        title, rule, *_ = (ast.get_docstring(tree) or "").splitlines()
        assert set(rule) == {"="}, path.name
        assert len(rule) == len(title), path.name
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        assert "figure" in names, f"{path.name} leaves no figure to show"


def test_links_that_lead_nowhere_are_found(build: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<p id="here"></p><a href="b.html#there">1</a><a href="#here">2</a><a href="https://x.org/c.html">3</a>'
        '<a href="b.html#gone">4</a><a href="missing.html">5</a><img src="missing.png">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p><a href="a.html#here">6</a>')
    assert build.broken(tmp_path) == ["a.html: b.html#gone", "a.html: missing.html", "a.html: missing.png"]
