from __future__ import annotations

from pathlib import Path

from sim.scenario.case import available
from sim.show.listing import listing


def test_the_scenarios_fit_a_terminal_of_80_columns(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "scenario.toml").write_text("name = 3")
    text = listing({**available(), "broken": broken})
    assert "drc-monusco" in text
    assert "cannot be used" in text
    long = [line for line in text.splitlines() if len(line) > 80]
    assert all(" " not in line.strip() for line in long), "only a path without a space may be longer"
