"""Areas, middle points, outlines and shared borders, against what is known without computing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maps import square

from sim.scenario.importing import geo
from sim.scenario.importing.areas import Area, borders_of, connect, join, merge_small
from sim.scenario.importing.locate import Locator


def ring(points: object) -> geo.Ring:
    return np.array(points, float)


def cell(west: float, south: float, size: float = 1.0) -> geo.Outline:
    return [[ring(r) for r in square(west, south, size)]]


def area(code: str, west: float, south: float, size: float = 1.0, people: int | None = 1000) -> Area:
    outline = cell(west, south, size)
    km2, lon, lat = geo.outline_moments(outline)
    return Area(code, code, "P", lat, lon, km2, people, outline, ((code, people),))


def test_distances_that_are_known() -> None:
    assert geo.distance_km(0, 0, 0, 1) == pytest.approx(111.195, abs=0.01)
    assert geo.distance_km(90, 0, -90, 77) == pytest.approx(math.pi * geo.RADIUS_KM)
    # Bangui to Bria, from their coordinates in an atlas: about 450 km
    assert geo.distance_km(4.37, 18.58, 6.54, 21.99) == pytest.approx(449, abs=2)


@given(st.floats(-170, 169), st.floats(-80, 79))
def test_a_cell_of_a_degree_has_the_area_of_its_zone(west: float, south: float) -> None:
    zone = math.sin(math.radians(south + 1)) - math.sin(math.radians(south))
    true = geo.RADIUS_KM**2 * math.radians(1) * zone
    km2, lon, lat = geo.ring_moments(cell(west, south)[0][0])
    assert km2 == pytest.approx(true, rel=1e-9)
    assert lon == pytest.approx(west + 0.5, abs=1e-6)
    assert south < lat < south + 1
    backwards, _, _ = geo.ring_moments(cell(west, south)[0][0][::-1])
    assert backwards == pytest.approx(km2)


def test_a_hole_is_taken_out_and_is_outside() -> None:
    outline = [[ring(square(20, 5, 2.0)[0]), ring(square(20.5, 5.5, 1.0)[0])]]
    km2, lon, _ = geo.outline_moments(outline)
    whole, _, _ = geo.outline_moments(cell(20, 5, 2.0))
    hole, _, _ = geo.outline_moments(cell(20.5, 5.5, 1.0))
    assert km2 == pytest.approx(whole - hole)
    assert lon == pytest.approx(21.0)
    found = geo.inside(outline, np.array([21.0, 20.2, 30.0]), np.array([6.0, 6.0, 6.0]))
    assert found.tolist() == [False, True, False]


@given(st.lists(st.tuples(st.floats(20, 23), st.floats(5, 7)), min_size=1, max_size=30))
def test_every_point_of_a_tiling_lies_in_one_cell(points: list[tuple[float, float]]) -> None:
    cells = [cell(20 + i % 3, 5 + i // 3) for i in range(6)]
    lon, lat = (np.array(x) for x in zip(*points, strict=True))
    hits = sum(geo.inside(c, lon, lat).astype(int) for c in cells)
    on_edge = (lon == 23) | (lat == 7)
    assert (hits[~on_edge] == 1).all()


def test_neighbours_share_a_border_and_corners_do_not() -> None:
    cells = [area(f"c{i}", 20 + i % 3, 5 + i // 3) for i in range(6)]
    borders = borders_of(cells)
    assert set(borders) == {
        ("c0", "c1"), ("c1", "c2"), ("c3", "c4"), ("c4", "c5"), ("c0", "c3"), ("c1", "c4"), ("c2", "c5"),
    }  # fmt: skip
    side = geo.distance_km(5, 21, 6, 21)
    assert borders["c0", "c1"] == pytest.approx(side, rel=0.02)


def test_outlines_simplified_one_by_one_are_still_neighbours() -> None:
    left = area("left", 20, 5)
    ragged = [[21.003, 5], [22, 5], [22, 6], [20.998, 6], [21.002, 5.6], [20.997, 5.3], [21.003, 5]]
    km2, lon, lat = geo.outline_moments([[ring(ragged)]])
    right = Area("right", "right", "P", lat, lon, km2, 1, [[ring(ragged)]])
    assert borders_of([left, right])["left", "right"] > 80
    assert borders_of([left, right], touch_km=0.05)["left", "right"] < 40  # only where they cross


def test_small_units_join_the_neighbour_with_the_longest_border() -> None:
    cells = [area("a", 20, 5, people=500), area("b", 21, 5, people=9000), area("c", 20, 6, people=8000)]
    borders = {("a", "b"): 10.0, ("a", "c"): 90.0, ("b", "c"): 5.0}
    left, around = merge_small(cells, borders, 1000)
    assert {a.code: a.population for a in left} == {"b": 9000, "c": 8500}
    assert around == {("b", "c"): 15.0}
    assert sorted(m for a in left for m, _ in a.members) == ["a", "b", "c"]
    alone, _ = merge_small(cells, borders, 1000, [cells[0]])
    assert {a.code for a in alone} == {"a", "b", "c"}


@given(st.lists(st.integers(0, 5000), min_size=6, max_size=6), st.integers(0, 6000))
def test_merging_loses_nobody_and_no_land(people: list[int], least: int) -> None:
    cells = [area(f"c{i}", 20 + i % 3, 5 + i // 3, people=n) for i, n in enumerate(people)]
    left, around = merge_small(cells, borders_of(cells), least)
    assert sum(a.population or 0 for a in left) == sum(people)
    assert sum(a.km2 for a in left) == pytest.approx(sum(c.km2 for c in cells))
    assert sorted(m for a in left for m, _ in a.members) == [c.code for c in cells]
    assert len(left) == 1 or all((a.population or 0) >= least for a in left)
    assert all(x in {a.code for a in left} for ends in around for x in ends)
    _, added = connect(left, around)
    assert added == []


def test_joined_units_meet_in_the_middle() -> None:
    both = join([area("a", 20, -0.5), area("b", 21, -0.5)], {}, "a", "b")[2]
    assert (both.longitude, both.latitude) == (pytest.approx(21.0), pytest.approx(0.0, abs=1e-6))


def test_islands_are_joined_by_the_shortest_line() -> None:
    cells = [area("a", 20, 5), area("b", 21, 5), area("far", 30, 5)]
    borders, added = connect(cells, borders_of(cells))
    assert [(x.code, y.code) for x, y, _ in added] == [("b", "far")]
    assert ("b", "far") in borders


def test_points_on_a_border_belong_somewhere_and_far_ones_do_not() -> None:
    cells = [area("a", 20, 5), area("b", 21, 5)]
    found = Locator(cells, snap_km=10).find([5.5, 5.5, 5.5, 4.95, 4.0], [20.5, 21.0, 22.05, 20.5, 20.5])
    assert found[0] == 0
    assert found[1] in (0, 1)
    assert found[2:] == [1, 0, None]


def test_without_outlines_size_counts_and_a_town_lies_in_its_land() -> None:
    land = Area("land", "Land", "P", 5.0, 20.0, 31_416.0)  # radius 100 km
    town = Area("town", "Town", "P", 5.3, 20.3, 31.4)
    small = Area("small", "Small", "P", 5.0, 21.2, 314.0)
    find = Locator([land, town, small]).find
    assert find([5.32], [20.3]) == [1]  # in the town, and in the land around it
    assert find([5.0], [20.8]) == [0]  # nearer to the small one, but within the large
    assert find([9.0], [20.0]) == [None]
