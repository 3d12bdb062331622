"""What a mission could find out beforehand is what the runs began with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.ensemble import Ensemble
from sim.scenario.schema import NO_DRAWDOWN
from sim.show import sequences as show
from sim.study.sequences.facts import FACTS, counties, tell
from sim.study.sequences.orders import Closures
from sim.study.sequences.study import study


def test_facts_are_those_of_the_worlds_before_the_first_closure(
    make: Callable[..., Closures], tmp_path: Path
) -> None:
    closures = make(bases=["Camps", "Ridge"])
    found = study(closures, worlds=5, again=40, out=tmp_path, workers=1)
    known = counties(found)
    assert known.shape == (40, 2 * len(FACTS))
    weeks = closures.case.week_of(closures.first)
    whole = Ensemble(closures.case, NO_DRAWDOWN).run(2, 0, 40)  # the whole year: a run does not see its end
    camps = [d.name for d in closures.case.districts].index("Camps")
    armed = whole.records["armed"][:, max(weeks - 13, 0) : weeks, camps].mean(axis=1)
    assert known["Camps: fighters"].to_numpy() == pytest.approx(armed)
    told = tell(found)
    assert len(told.table) == 2 * len(FACTS)
    assert set(told.table["county"]) == {"Camps", "Ridge"}
    assert (told.table["worth"] <= told.whole).all()
    sheets = show.field_sheets(found, told)
    assert set(sheets) == {"camps", "ridge"}
    assert "Who answers the telephone" in sheets["camps"]
    assert sheets["camps"].count("| |\n") == len(FACTS)
    text = show.page(found, told)
    assert "What would tell" in text
    assert max(map(len, text.splitlines())) <= 80
    assert np.isfinite(told.table["error"]).all()
