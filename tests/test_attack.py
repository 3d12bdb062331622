"""The attacks that are run by hand (tests/attack/) run on today's files, and a few tries find nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FEW = {"scenarios.py": "--count=4", "imports.py": "--runs=3", "worlds.py": "--worlds=1"}


@pytest.mark.parametrize("name", FEW)
def test_an_attack_runs(name: str, tmp_path: Path) -> None:
    script = Path(__file__).parent / "attack" / name
    done = subprocess.run(
        [sys.executable, str(script), FEW[name]],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
