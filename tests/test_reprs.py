"""What a notebook shows of things: short, and a table where there is one."""

from __future__ import annotations

import pytest
from worlds import small

from sim import compare
from sim.ensemble import Ensemble


@pytest.fixture(scope="module")
def things() -> dict[str, object]:
    case = small(8)
    model = case.model("close-alpha", seed=3, replicate=2)
    model.step()
    runs = Ensemble(case, "none").run(1, 0, 2)
    return {
        "case": case,
        "schedule": case.schedules["close-alpha"],
        "action": case.schedules["close-alpha"].actions[0],
        "model": model,
        "world": model.world,
        "runs": runs,
        "comparison": compare(case, replicates=2),
    }


def test_they_say_in_a_line_or_two_what_they_are(things: dict[str, object]) -> None:
    for name, thing in things.items():
        assert len(repr(thing)) < 900, name
    assert repr(things["action"]).startswith("<Action close 'Alpha post' on 20")
    assert "1 action, 20" in repr(things["schedule"])
    assert "week 1 of 8, seed 3, replicate 2" in repr(things["model"])
    assert repr(things["runs"]) == "<Runs: 2 replicates of 8 weeks in 3 districts>"


@pytest.mark.parametrize("name", ["case", "schedule", "model", "comparison"])
def test_notebooks_show_a_table_with_what_is_not_ours_escaped(things: dict[str, object], name: str) -> None:
    page = things[name]._repr_html_()
    assert page.startswith("<table>")
    assert page.count("<tr>") >= 2
    case = things["case"]
    hostile = case.header.model_copy(update={"title": "<script>"})
    from dataclasses import replace

    assert "<script>" not in replace(case, header=hostile)._repr_html_()
