from __future__ import annotations

import pandas as pd

from sim.show import explain
from sim.show.explain import DEEP, listing, own_massacres, own_vacuums

DAY = pd.Timestamp("2020-01-06")


def massacre(schedule: str, killed: int, matched: int, district: str = "A", replicate: int = 0) -> dict:
    """Return a row of massacres.csv."""
    return {
        "schedule": schedule, "replicate": replicate, "district": district, "week": DAY, "killed": killed,
        "attacks": 1, "killed_matched": matched,
    }  # fmt: skip


def vacuum(schedule: str, shared: int, depth: float, killed: float = 5.0, replicate: int = 0) -> dict:
    return {
        "schedule": schedule, "replicate": replicate, "district": "A", "onset": DAY, "weeks": 10,
        "killed": killed, "shared_weeks": shared, "depth": depth,
    }  # fmt: skip


def test_a_massacre_is_offered_once_and_only_if_the_matched_world_lacks_it() -> None:
    rows = pd.DataFrame(
        [
            massacre("fast", 90, 90),  # happens with no drawdown too
            massacre("none", 90, 90),
            massacre("fast", 60, 0, "B"),
            massacre("slow", 61, 0, "B"),  # the same one, graver
            massacre("slow", 50, 20, "C"),
        ],
        index=range(1, 6),
    )
    assert own_massacres(rows).index.tolist() == [4, 5]


def test_a_vacuum_is_offered_once_and_only_if_it_is_the_drawdowns_and_deep() -> None:
    rows = pd.DataFrame(
        [
            vacuum("fast", 10, 0.3, 50.0),  # a vacuum with no drawdown too
            vacuum("fast", 0, DEEP / 2, 40.0),  # a threshold just crossed
            vacuum("fast", 2, 0.3, 3.0),
            vacuum("slow", 2, 0.3, 3.0),
            vacuum("none", 0, 0.3, 9.0),
            vacuum("slow", 0, 0.1, 8.0, replicate=1),
        ],
        index=range(1, 7),
    )
    assert own_vacuums(rows).index.tolist() == [6, 3]


def test_vacuums_that_overlap_in_one_world_are_one() -> None:
    first, longer, later = (
        vacuum(name, 0, 0.3, n) for name, n in (("fast", 5.0), ("slow", 9.0), ("fast", 2.0))
    )
    longer["weeks"] = 12
    later["onset"] = DAY + pd.Timedelta(weeks=12)
    assert own_vacuums(pd.DataFrame([first, longer, later], index=[1, 2, 3])).index.tolist() == [2, 3]


def test_the_listing_says_so_where_there_is_nothing() -> None:
    text = listing(pd.DataFrame([vacuum("none", 0, 0.3)]), pd.DataFrame([massacre("none", 9, 9)]))
    assert text.count("none") == 2


def test_the_listing_keeps_to_80_columns_whatever_the_names() -> None:
    name = "a-schedule-of-a-very-long-name-that-somebody-gave-it-in-a-hurry"
    rows = pd.DataFrame([massacre(name, 90, 0, "Mongbwalu and the country around it")], index=[12345])
    spells = pd.DataFrame([vacuum(name, 0, 0.3, 1234.0)], index=[54321])
    lines = listing(spells, rows).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(
        line.split()[:3] == ["12345", "90", "2020-01-06"] and line.endswith("..., 0") for line in lines
    )
    assert any(line.split()[:4] == ["54321", "1,234", "2020-01-06", "10"] for line in lines)


def change(before: float, after: float, reason: str = "UN protection falls") -> str:
    """Return what is said of a district in which the UN meets a part of attacks and state forces 5%."""
    return explain._numbers(
        pd.Series(
            {
                "un_met_before": before, "un_met": after, "state_met_before": 0.05, "state_met": 0.05,
                "armed": 40, "reason": reason,
            }
        )
    )  # fmt: skip


def test_a_threshold_just_crossed_is_called_that() -> None:
    assert change(0.153, 0.148) == (
        " The threshold was just crossed: the chance that an attack is met by anybody went from 20% to 19%; "
        "40 fighters were there."
    )
    assert "went from 19.4% to 19.2%" in change(0.152, 0.149)
    assert change(0.15, 0.15, "armed group arrives") == (
        " The chance that an attack is met by anybody stayed at 19%; 40 fighters were there."
    )
    deep = change(0.25, 0.09)
    assert "went from 25% to 9% by the UN, and stayed at 5% by state forces; 40 fighters" in deep
    assert "threshold" not in deep
    rows = {"un_met_before": 0.2, "un_met": 0.1, "state_met_before": 0.2, "state_met": 0.1, "armed": 40}
    both = explain._numbers(pd.Series({**rows, "reason": "the wet season begins"}))
    assert "went from 20% to 10% by the UN, and from 20% to 10% by state forces" in both
