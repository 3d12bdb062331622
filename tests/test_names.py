"""What can be imported, and under which names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sim


def test_the_distributions_name_is_another_for_the_package() -> None:
    import drawdown

    assert drawdown is sim
    from drawdown import Scenario

    assert Scenario is sim.Scenario


def test_what_there_is_to_import_is_shown_and_is_there() -> None:
    assert {"Scenario", "Schedule", "Action", "DrawdownModel", "compare", "Comparison"} <= set(dir(sim))
    for name in sim.__all__:
        assert getattr(sim, name) is not None


def test_the_command_also_goes_by_the_distributions_name(root: Path) -> None:
    command = [sys.executable, "-m", "drawdown", "--version"]
    out = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == f"drawdown {sim.__version__}"
