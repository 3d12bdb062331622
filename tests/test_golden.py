"""Golden baselines of every shipped case: numbers that may change only on purpose.

    pytest tests/test_golden.py --update-golden

writes them anew; then say under "Results change" in CHANGELOG.md what changed, and why.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from worlds import small

from sim import Scenario
from sim.ensemble import Ensemble

FILE = Path(__file__).parent / "golden" / "baselines.json"
CASES = sorted(p.parent.name for p in (Path(__file__).parents[1] / "scenarios").glob("*/scenario.toml"))
MORE = (("drc-monusco", "full-exit"),)
"""Runs besides the schedule that happened (or the first) and the counterfactual of each case."""
REPLICATES = {"drc-monusco": 2}
"""How many replicates are summed up, if not one."""

Sums = dict[str, float]


def runs_of(name: str, case: Scenario) -> list[str]:
    """Return the schedules of a case whose numbers are kept."""
    happened = "actual" if "actual" in case.schedules else next(iter(case.schedules))
    return [happened, "none", *(schedule for other, schedule in MORE if other == name)]


def sums(case: Scenario, schedule: str, replicates: int) -> Sums:
    """Return the sum of every recorded field over some replicates of a run."""
    records = Ensemble(case, schedule).run(1, 0, replicates).records
    return {name: float(records[name].sum(dtype="f8")) for name in records.dtype.names}


def measured(name: str, root: Path) -> dict[str, Sums]:
    """Return the sums of each run of a shipped case, or of the small one of the tests."""
    if name == "small":
        return {"small, close-alpha": sums(small(), "close-alpha", 2)}
    case = Scenario.load(root / "scenarios" / name)
    replicates = REPLICATES.get(name, 1)
    return {f"{name}, {schedule}": sums(case, schedule, replicates) for schedule in runs_of(name, case)}


@cache
def kept() -> dict[str, Sums]:
    """Return the numbers on file."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}  # type: ignore[no-any-return]


def changes(before: Sums, now: Sums) -> list[str]:
    """Return how numbers differ, a line each, such as `attacks: 812 -> 815, +0.4 %`, the largest first."""
    found = []
    for name in dict.fromkeys([*before, *now]):
        a, b = before.get(name), now.get(name)
        if a is None or b is None:
            found.append((float("inf"), f"{name}: {'is new' if a is None else 'is gone'}"))
        elif a != b:
            part = abs(b - a) / abs(a) if a else float("inf")
            size = f"{100 * (b - a) / abs(a):+.2g} %" if a else "from nothing"
            found.append((part, f"{name}: {a:.12g} -> {b:.12g}, {size}"))
    return [line for _, line in sorted(found, key=lambda one: -one[0])]


@pytest.mark.parametrize("name", ["small", *CASES])
def test_results_have_not_changed(name: str, root: Path, request: pytest.FixtureRequest) -> None:
    now = measured(name, root)
    if request.config.getoption("--update-golden"):
        others = json.loads(FILE.read_text()) if FILE.exists() else {}
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps({**others, **now}, indent=1) + "\n")
        pytest.skip("golden baselines written anew")
    for run, numbers in now.items():
        assert run in kept(), f"{run} has no baseline; write it with --update-golden"
        lines = changes(kept()[run], numbers)
        assert not lines, f"{len(lines)} numbers of {run!r} have changed:\n  " + "\n  ".join(lines[:12])


def test_a_change_can_be_read() -> None:
    assert changes({"attacks": 812.0, "fled": 10.0}, {"attacks": 815.0, "fled": 10.0}) == [
        "attacks: 812 -> 815, +0.37 %"
    ]
    assert changes({"raids": 0.0}, {"raids": 2.0}) == ["raids: 0 -> 2, from nothing"]
    assert changes({"old": 1.0}, {"new": 1.0}) == ["old: is gone", "new: is new"]


def test_what_is_kept_is_what_is_tested(root: Path) -> None:
    shipped = {
        f"{name}, {s}" for name in CASES for s in runs_of(name, Scenario.load(root / "scenarios" / name))
    }
    assert set(kept()) == shipped | {"small, close-alpha"}
