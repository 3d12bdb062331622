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


def test_what_would_break_is_not_installed(needed: dict[str, Requirement]) -> None:
    assert not needed["numba"].specifier.contains("0.69.0")  # sim/whole.py


@pytest.mark.parametrize("newer", ["3.3.1", "3.5.1"])
def test_mesa_is_admitted_as_far_as_it_was_tried(needed: dict[str, Requirement], newer: str) -> None:
    assert needed["mesa"].specifier.contains(newer)
