"""What pyproject.toml admits: what is tested, and of libraries whose private parts are used nothing newer."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement


@pytest.fixture(scope="module")
def needed(root: Path) -> dict[str, Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {r.name.lower(): r for r in map(Requirement, project["dependencies"])}


def test_what_is_tested_is_what_is_admitted(needed: dict[str, Requirement]) -> None:
    outside = {name: version(name) for name, r in needed.items() if not r.specifier.contains(version(name))}
    assert not outside


@pytest.mark.parametrize(
    ("name", "breaks"),
    [
        ("mesa", "3.5.1"),  # its cells, and a property Model.scenario that writes to ours
        ("numba", "0.69.0"),  # sim/whole.py
    ],
)
def test_what_would_break_is_not_installed(needed: dict[str, Requirement], name: str, breaks: str) -> None:
    assert not needed[name].specifier.contains(breaks)
