"""A case's outlines: what is read, what is refused, and what an import makes of outlines that cross."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maps import square

from sim.scenario.errors import ScenarioError
from sim.scenario.importing import outlines
from sim.scenario.importing.areas import Area
from sim.scenario.importing.report import Notes
from sim.scenario.outlines import crossing, read_outlines

BOWTIE = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
TOUCHING = [[0, 0], [1, 1], [0, 2], [2, 2], [1, 1], [2, 0], [0, 0]]  # two triangles that share a point
HOLED = [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[0, 1], [0, 2], [1, 2], [1, 1], [0, 1]]]  # along the rim

Point = tuple[int, int]
closed = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=7).map(
    lambda points: [*points, points[0]]
)


def written(folder: Path, *features: tuple[str, list[object]]) -> Path:
    """Return a file with polygons of these names and rings."""
    path = folder / "outlines.geojson"
    items = [
        {"type": "Feature", "properties": {"id": n}, "geometry": {"type": "Polygon", "coordinates": rings}}
        for n, rings in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    return path


def area(*rings: list[list[float]]) -> Area:
    outline = [[np.array(ring, float)] for ring in rings]
    return Area("A", "A", "P", 1.0, 1.0, 100.0, 1000, outline, (("A", 1000),))


def test_outlines_that_touch_themselves_are_read(tmp_path: Path) -> None:
    path = written(
        tmp_path, ("a", [TOUCHING]), ("b", HOLED), ("elsewhere", [BOWTIE]), ("elsewhere", [BOWTIE])
    )
    rings = read_outlines(path, ["a", "b", "c"])
    assert {name: [len(r) for r in found] for name, found in rings.items()} == {"a": [7], "b": [5, 5]}


def test_an_outline_that_crosses_itself_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ("a", square(10, 10)), ("b", [BOWTIE]))
    with pytest.raises(ScenarioError) as caught:
        read_outlines(path, ["a", "b"])
    assert str(caught.value) == (
        f"{path}, feature 2: the outline of 'b' crosses itself at longitude 1.0000, latitude 1.0000; mend it "
        "there, or remove the feature: maps then draw a cell around the district's middle"
    )


def test_rings_of_one_district_that_cross_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ("a", [*square(0, 0, 2), *square(1, 1, 2)]))
    with pytest.raises(
        ScenarioError, match=r"feature 1: the outline of 'a' crosses itself at longitude [12]"
    ):
        read_outlines(path, ["a"])


def test_a_district_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ("a", square(0, 0)), ("b", square(1, 0)), ("a", square(0, 0)))
    with pytest.raises(ScenarioError) as caught:
        read_outlines(path, ["a", "b"])
    assert str(caught.value) == (
        f"{path}, feature 3: 'a' has an outline already, feature 1; keep one, a MultiPolygon if need be"
    )


@given(st.lists(closed, max_size=3))
def test_crossing_is_found_where_there_is_one_and_nowhere_else(rings: list[list[Point]]) -> None:
    def turn(a: Point, b: Point, c: Point) -> int:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    lines = [line for ring in rings for line in pairwise(ring)]
    crossed = any(
        turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
        for (a, b), (c, d) in combinations(lines, 2)
    )
    assert (crossing(rings) is not None) == crossed


def test_many_lines_are_compared_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 400)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    ring[-1] = ring[0]
    for at_once in (1, 7, 1_000_000):
        monkeypatch.setattr("sim.scenario.outlines._AT_ONCE", at_once)
        assert crossing([ring]) is None
        crossed = ring.copy()
        crossed[[100, 101]] = crossed[[101, 100]]
        assert crossing([crossed]) == pytest.approx((0.0, 1.0), abs=0.05)


def test_leaving_points_out_makes_no_lines_cross() -> None:
    land = [[0, 0], [4, 0], [5, 0.4], [6, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    island = [[0, -8], [10, -8], [5, 0.1], [0, -8]]  # reaches into the bay of the land
    notes = Notes()
    made = json.loads(outlines.simplified([area(land, island)], {"A": "a"}, notes, most=9))
    polygons = made["features"][0]["geometry"]["coordinates"]
    rings = [ring for polygon in polygons for ring in polygon]
    assert [len(ring) for ring in rings] == [8, 4]  # without care the bay is cut off, through the island
    assert crossing(rings) is None
    assert not notes.short()


def test_outlines_that_cross_themselves_on_the_map_are_left_aside(tmp_path: Path) -> None:
    good = area([[5, 0], [6, 0], [6, 1], [5, 1], [5, 0]])
    bad = replace(area([[0, 0], [4, 4], [4, 0], [0, 1], [0, 0]]), code="B")
    notes = Notes()
    path = tmp_path / "outlines.geojson"
    path.write_text(outlines.simplified([good, bad], {"A": "a", "B": "b"}, notes))
    assert list(read_outlines(path, ["a", "b"])) == ["a"]
    assert notes.short() == ["outlines that cross themselves; maps draw a cell instead (1): b"]
