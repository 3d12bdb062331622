from __future__ import annotations

import pandas as pd

from sim.show.explain import DEEP, listing, own_massacres, own_vacuums

DAY = pd.Timestamp("2020-01-06")


def massacre(schedule: str, killed: int, matched: int, district: str = "A", replicate: int = 0) -> dict:
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
            massacre("slow", 60, 0, "B"),  # the same one
            massacre("slow", 50, 20, "C"),
        ],
        index=range(1, 6),
    )
    assert own_massacres(rows).index.tolist() == [3, 5]


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


def test_the_listing_says_so_where_there_is_nothing() -> None:
    text = listing(pd.DataFrame([vacuum("none", 0, 0.3)]), pd.DataFrame([massacre("none", 9, 9)]))
    assert text.count("none") == 2
