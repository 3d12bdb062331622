"""The experiment behind the response page, on the invented case with two runs a world."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sim import Scenario

NAMES = ("changes", "matched", "rows", "pictures", "responses")


@pytest.fixture(scope="module")
def there(root: Path) -> Any:
    """Return the modules of the experiment, found as its command finds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "experiments" / "responses"))
        yield {name: importlib.import_module(name) for name in NAMES}


@pytest.fixture(scope="module")
def corridor(root: Path) -> Scenario:
    return Scenario.load(root / "scenarios" / "corridor")


def test_every_row_runs_on_the_invented_case(there: dict[str, ModuleType], corridor: Scenario) -> None:
    rows = there["rows"]
    ran: list[int] = []
    work = there["matched"].Work(tick=ran.append)
    for row in rows.RESPONSES:
        if corridor.name not in row.cases:
            continue
        points = list(row.measure(work, corridor, 2))
        assert any(p.bound for p in points), row.name
        assert all(math.isfinite(p.value) or "a year" not in p.unit for p in points), row.name
        assert len({(p.measure, p.level) for p in points}) == len(points), row.name
        drawn = {m for _, shown in row.drawn for m in shown}
        assert not drawn or drawn & {p.measure for p in points}, row.name
    assert sum(ran) > 100


def test_runs_do_not_depend_on_threads(there: dict[str, ModuleType], corridor: Scenario) -> None:
    matched = there["matched"]
    one, two = (
        matched.run(matched.Work(threads=t), corridor, "none", matched.harm(), 6)["at"] for t in (1, 3)
    )
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("interval", "bound", "verdict"),
    [
        ((1.0, 2.0), (0.0, math.inf), "green"),
        ((-1.0, 2.0), (0.0, math.inf), "open"),
        ((-2.0, -1.0), (0.0, math.inf), "red"),
        ((0.0, 0.0), (0.0, math.inf), "red"),  # what does nothing is not above nothing
        ((0.0, 0.0), (-math.inf, 0.0), "red"),
        ((0.0, 0.0), (0.0, 0.0), "green"),
        ((50.0, 60.0), (50.0, 85.0), "green"),
        ((40.0, 60.0), (50.0, 85.0), "open"),
        ((86.0, 90.0), (50.0, 85.0), "red"),
        ((1.0, 2.0), None, ""),
    ],
)
def test_verdicts(
    there: dict[str, ModuleType],
    interval: tuple[float, float],
    bound: tuple[float, float] | None,
    verdict: str,
) -> None:
    assert there["matched"].verdict_of(sum(interval) / 2, *interval, bound) == verdict


def test_a_proportion_stays_between_none_and_all(there: dict[str, ModuleType]) -> None:
    proportion = there["matched"].proportion
    assert proportion(np.zeros(20, bool)) == pytest.approx((0.0, 0.0, 16.1), abs=0.1)
    assert proportion(np.arange(20) < 10) == pytest.approx((50.0, 29.9, 70.1), abs=0.1)


def test_a_dose_is_of_every_unit_and_none_is_no_mission(
    there: dict[str, ModuleType], corridor: Scenario
) -> None:
    changes = there["changes"]
    assert changes.troops(changes.strength(corridor, 0.5)) == pytest.approx(
        0.5 * changes.troops(corridor), abs=len(corridor.units)
    )
    assert all(u.strength == 1 for u in changes.strength(corridor, 1e-6).units)
    assert not changes.strength(corridor, 0.0).units


def test_the_held_mission_neither_grows_nor_shrinks(there: dict[str, ModuleType], drc: Scenario) -> None:
    changes = there["changes"]
    held = changes.held(drc)
    first, last = (changes.bases_at(held, week) for week in (1, drc.weeks - 1))
    assert first == last
    day = changes.first_closure(drc)
    plan = drc.schedule("none")
    assert sum(first.values()) == sum(drc.strength_at(plan, b, day) for b in drc.bases)


def test_reducing_leaves_the_part_it_says(there: dict[str, ModuleType], corridor: Scenario) -> None:
    changes = there["changes"]
    held = changes.held(corridor)
    plan = changes.reducing(held, 0.5, 52)
    after = held.date_of(60)
    left = sum(held.strength_at(plan, b, after) for b in held.bases)
    assert left == pytest.approx(0.5 * changes.troops(held), rel=0.02)


def test_pages_keep_reasons_and_put_before_beside_now(there: dict[str, ModuleType]) -> None:
    page, matched, rows = there["responses"], there["matched"], there["rows"]
    row = rows.RESPONSES[0]
    made = {"model": "abc", "digest": "d", "seconds": 1.0}

    def table(value: float) -> Any:
        point = matched.Point(
            "corridor", "share of the mission's effect", "0.01", value, value - 1, value + 1, "%", 9,
            (-math.inf, 5.0),
        )  # fmt: skip
        return page.rows_of(row, [point], made)

    text = page.page(table(2.0), table(87.0), {row.name: "No strength in the rules."})
    assert "87.0 (86.0 to 88.0) red | 2.00 (1.00 to 3.00) | green |" in text
    assert "| red | **green** | 1 green | No strength in the rules. |" in text
    (shipped,) = page.summary(table(87.0), {})["rows"]
    assert (shipped["verdict"], shipped["red"]) == ("red", 1)


def test_what_is_known_is_not_run_again(
    there: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = there["responses"]
    monkeypatch.setattr(page, "HERE", tmp_path)
    (tmp_path / "reasons.toml").write_text("", encoding="utf-8")
    command = ["--quick", "--rows", "floor", "--cases", "corridor", "--threads", "1"]
    page.main(command)
    kept = (tmp_path / "quick" / "responses.csv").read_bytes()
    floor = next(r for r in there["rows"].RESPONSES if r.name == "floor")
    monkeypatch.setattr(there["matched"], "run", None)  # would fail
    page.main(command)
    assert (tmp_path / "quick" / "responses.csv").read_bytes() == kept
    assert (tmp_path / "quick" / f"{floor.name}.png").stat().st_size > 5000
