"""Imports point one way: nothing below knows what is above it.

Every import counts, those inside functions and each of several names too; only those for type checkers
do not. Rooms lie in an order, and within a room no modules import each other in a circle.
"""

from __future__ import annotations

import ast
from pathlib import Path

import networkx as nx
import pytest

ROOMS = (
    "sim.scenario.errors sim.intervals sim.influence sim.responses sim.markup sim.workbook",
    "sim.pointer sim.whole sim.cache sim.compiled sim.arithmetic sim.declare sim.generate sim.registry",
    "sim.chance",
    "sim.world",
    "sim.agents",
    "sim.start sim.week",
    "sim.parameters sim.mechanisms",
    "sim.scenario",
    "sim.timetable sim.build",
    "sim.ensemble sim.model",
    "sim.measures",
    "sim.study",
    "sim.show",
    "sim.brief sim.explore sim.register",
    "sim.serve",
    "sim.cli_import sim.cli",
)
DOORS = {
    ("sim.scenario.case", "sim.model"): "Scenario.model()",
    ("sim.model", "sim.study.eventlog"): "DrawdownModel.events()",
    ("sim.study.comparison", "sim.show.text"): "Comparison.sentences()",
    ("sim.study.comparison", "sim.show.results"): "Comparison.save()",
}
"""Methods that hand on to what is above, for those who type: each imports in its body, when it is called."""


def modules(root: Path) -> dict[str, Path]:
    """Return every module of the package by name."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((root / "sim").rglob("*.py"))
    }


def imports(source: str, known: set[str]) -> set[tuple[str, bool]]:
    """Return the modules that a source imports, and whether it does so when it is loaded itself."""
    tree = ast.parse(source)
    later = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    for branch in ast.walk(tree):
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test):
            for statement in branch.body:
                later |= {id(n) for n in ast.walk(statement)}
                for n in ast.walk(statement):
                    n.for_types = True  # type: ignore[attr-defined]
    found = set()
    for node in ast.walk(tree):
        if getattr(node, "for_types", False):
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in whole]
        else:
            continue
        found |= {(name, id(node) not in later) for name in names if name in known}
    return found


def rank(module: str) -> int:
    """Return the room of a module: that with the longest name that fits."""
    fits = {
        name: i
        for i, room in enumerate(ROOMS)
        for name in room.split()
        if module == name or module.startswith(name + ".")
    }
    return fits[max(fits, key=len)]


@pytest.fixture(scope="module")
def arrows(root: Path) -> dict[tuple[str, str], bool]:
    """Return each import as (who, whom), and whether it happens when the module is loaded."""
    known = modules(root)
    found: dict[tuple[str, str], bool] = {}
    for module, path in known.items():
        if module == "sim":  # hands on what it is asked for
            continue
        for name, at_once in imports(path.read_text(encoding="utf-8"), set(known) - {"sim"}):
            if name != module:
                found[module, name] = found.get((module, name), False) or at_once
    return found


def test_every_import_points_down_or_within_its_room(arrows: dict[tuple[str, str], bool]) -> None:
    up = [f"{a} imports {b}" for a, b in arrows if rank(b) > rank(a) and (a, b) not in DOORS]
    assert not up


def test_no_modules_import_each_other_in_a_circle(arrows: dict[tuple[str, str], bool]) -> None:
    graph = nx.DiGraph([arrow for arrow in arrows if arrow not in DOORS])
    assert [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1] == []


def test_doors_are_there_and_open_only_when_used(arrows: dict[tuple[str, str], bool]) -> None:
    assert {door: arrows.get(door) for door in DOORS} == dict.fromkeys(DOORS, False)


def test_what_counts_as_an_import() -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "from sim import chance, week\n"
        "if TYPE_CHECKING:\n    from sim.model import DrawdownModel\n"
        "def f():\n    from sim.study import parts\n    import sim.cli\n"
    )
    known = {"sim", "sim.chance", "sim.week", "sim.model", "sim.study", "sim.study.parts", "sim.cli"}
    assert imports(source, known) == {
        ("sim.chance", True), ("sim.week", True), ("sim.study.parts", False), ("sim.cli", False),
    }  # fmt: skip
    assert rank("sim.scenario.errors") < rank("sim.mechanisms") < rank("sim.scenario.case")
