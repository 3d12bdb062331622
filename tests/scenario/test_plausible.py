"""What is odd without being wrong is pointed at, and an ordinary case gives no remarks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from worlds import army, close, district, group, plan, route, small, unit

from sim import Scenario
from sim.scenario.plausible import remarks


def test_the_teaching_case_gives_no_remarks(root: Path) -> None:
    assert remarks(Scenario.load(root / "scenarios" / "corridor")) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"routes": (route("alpha", "beta", 0.5), route("beta", "gamma", 2.0))}, "is 156 km/h"),
        ({"routes": (route("alpha", "beta", 400.0, 900.0), route("beta", "gamma"))}, "is 0.2 km/h"),
        ({"routes": (route("alpha", "beta", 4.0, 40.0), route("beta", "gamma"))}, "closed then?"),
        (
            {"routes": (route("alpha", "beta"), route("beta", "gamma"), route("alpha", "gamma", 20.0, 30.0))},
            "nobody would take it",
        ),
        ({"units": (unit("A", "alpha", strength=3000),), "schedules": {}}, "several units?"),
        (
            {"units": (unit("A", "alpha"), unit("B", "alpha")), "schedules": {}},
            "all bases are in one district",
        ),
        (
            {"armed_groups": (group("G", "alpha", fighters=50_000, fighters_high=60_000),)},
            "50,000 fighters among",
        ),
        ({"armed_groups": (group("G", "alpha", control=0.8),)}, "control 120% of it together"),
        ({"schedules": {"x": plan("x", close("Alpha post", 2))}}, "within half a year of the start"),
        ({"schedules": {"x": plan("x", close("Alpha post", 58))}}, "near the end of the run"),
        ({"schedules": {"x": plan("x")}}, "closes nothing"),
        ({"state_forces": (army("A", "beta"),)}, "without a unit there"),
    ],
)
def test_oddities_are_pointed_at(changes: dict[str, object], what: str) -> None:
    places = (
        district("alpha", state_control=0.6 if "state_forces" in changes else 0.4),
        *small().districts[1:],
    )
    found = remarks(replace(small(60), **{"districts": places, **changes}))
    assert any(what in remark for remark in found), found
    assert not any(what in remark for remark in remarks(small(60, schedules={})))
