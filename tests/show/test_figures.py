from __future__ import annotations

from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import pytest
from worlds import START, close, district, plan, small

from sim import Action, compare
from sim.show import figures, maps


@pytest.fixture(scope="module")
def result():
    return compare(small(60), replicates=12, seed=1)


def test_every_figure_draws_and_repeats_itself(result, tmp_path) -> None:
    first = figures.save_all(result, tmp_path / "a")
    second = figures.save_all(result, tmp_path / "b")
    assert [p.name for p in first] == [p.name for p in second]
    for a, b in zip(first, second, strict=True):
        assert a.stat().st_size > 10_000
        assert a.read_bytes() == b.read_bytes()


def test_a_matplotlibrc_that_lies_about_changes_nothing(result, tmp_path) -> None:
    first = figures.save_all(result, tmp_path / "a")
    lies = {
        "font.size": 31,
        "axes.grid": True,
        "lines.linewidth": 9,
        "savefig.dpi": 40,
        "savefig.bbox": "tight",
    }
    with mpl.rc_context({**lies, "figure.facecolor": "black", "savefig.facecolor": "black"}):
        second = figures.save_all(result, tmp_path / "b")
    for a, b in zip(first, second, strict=True):
        assert a.read_bytes() == b.read_bytes(), a.name


def test_figures_draw_in_degenerate_cases(tmp_path) -> None:
    figures.save_all(compare(small(20), ["none"], replicates=1), tmp_path / "one")
    figures.save_all(
        compare(small(20, armed_groups=(), state_forces=()), ["none"], replicates=2), tmp_path / "quiet"
    )


@pytest.mark.parametrize("weeks", [1, 3, 4, 8])
def test_figures_draw_of_a_run_of_few_weeks(weeks: int, tmp_path) -> None:
    case = small(weeks, schedules={"all": plan("all", close("Alpha post", 0))})
    result = compare(case, replicates=2)
    names = {path.name for path in figures.save_all(result, tmp_path)}
    assert {"timeline.png", "fan-all.png", "fan-none.png", "differences.png"} <= names


def test_dots_never_cross_zero(result) -> None:
    figure = figures.differences(result)
    own = (
        result.totals.sel(schedule="close-alpha", metric="killed")
        - result.totals.sel(schedule="none", metric="killed")
    ).values
    dots = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"]
    q = np.quantile(own, (np.arange(12) + 0.5) / 12)
    assert [x > 0 for x in dots] == [x >= 0 for x in q]


def test_spans_follow_closures_reductions_and_the_end_of_the_mission() -> None:
    day = START + timedelta(weeks=10)
    case = small(30).with_schedule(plan("cut", Action(do="reduce", base="Beta post", on=day, to=100)))
    (a, b) = figures.spans(case, case.schedule("cut"), "Beta post")
    assert a == (START, day, 400)
    assert b == (day, case.header.end, 100)
    shut = small(30).with_schedule(plan("end", Action(do="end-mission", on=day)))
    assert figures.spans(shut, shut.schedule("end"), "Alpha post") == [(START, day, 150)]
    assert figures.spans(case, case.schedule("close-alpha"), "Alpha post")[-1][1] == START + timedelta(
        weeks=20
    )


def test_cells_lie_apart_and_cover_their_points() -> None:
    places = [district(f"d{i}", latitude=i % 3, longitude=30 + i // 3) for i in range(9)]
    shapes = maps.cells(places)
    points = maps.project(places)
    for i, shape in enumerate(shapes):
        nearest = np.argmin(np.linalg.norm(shape[:, None] - points[None], axis=2), axis=1)
        own = np.linalg.norm(shape - points[i], axis=1)
        other = np.linalg.norm(shape - points[nearest], axis=1)
        assert (own <= other + 1e-6).all()  # no corner lies in another's cell


def test_cities_are_discs_on_top() -> None:
    places = [
        district("land"),
        district("more", longitude=31.0),
        district("city", area_km2=50.0, longitude=30.2),
    ]
    assert maps.is_city(places).tolist() == [False, False, True]


def test_marks_on_maps_need_no_bases() -> None:
    empty = small(20, units=(), schedules={})
    figure = figures.district_maps(compare(empty, ["none"], replicates=2), periods=2)
    assert figure.axes
    assert date.max
