"""Where people live and units stand, and how long the way is between them."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario
from sim.scenario.layout import (
    BESIDE,
    LARGEST,
    MOST,
    OUTSIDE,
    Layout,
    apportion,
    km,
    layout,
    outside,
    radius,
    reach,
)
from sim.scenario.schema import PlaceRow
from sim.world.state import NEAR
from tests.worlds import district, route, scenarios, small, unit


def place(name: str, where: str, people: int, latitude: float = 0.0, **changes: object) -> PlaceRow:
    """Return a place in the middle of the small case's districts, with changes."""
    values: dict[str, object] = {
        "name": name,
        "district": where,
        "latitude": latitude,
        "longitude": 30.0,
        "people_low": people,
        "people": people,
        "people_high": people,
    }
    return PlaceRow.model_validate({**values, **changes})


@st.composite
def spread(draw: st.DrawFn) -> Scenario:
    """Return any scenario, its bases with coordinates in, beside or far from their districts, or without."""
    case = draw(scenarios())
    if draw(st.booleans()):
        free = tuple(d.model_copy(update={"communities": None}) for d in case.districts)
        case = replace(case, districts=free)
    middle = {d.id: (d.latitude, d.longitude) for d in case.districts}
    offset = st.floats(-2.0, 2.0)
    units = []
    for u in case.units:
        north, east = middle[u.district]
        given = {"latitude": north + draw(offset), "longitude": east + draw(offset)}
        units.append(u.model_copy(update=given if draw(st.booleans()) else {}))
    return replace(case, units=tuple(units))


def away(case: Scenario, made: Layout, row: int) -> float:
    """Return the distance of a place from the middle of its district, km."""
    place = made.places[row]
    d = case.districts[place.district]
    return float(km(d.latitude, d.longitude, place.latitude, place.longitude))


@settings(max_examples=60, deadline=None)
@given(spread())
def test_people_add_up_and_places_lie_in_their_district(case: Scenario) -> None:
    made = layout(case)
    assert [p.district for p in made.places] == sorted(p.district for p in made.places)
    assert [c for span in made.spans for c in span] == list(range(len(made.places)))
    for d, span in zip(case.districts, made.spans, strict=True):
        here = [made.places[c] for c in span]
        for estimate, column in (("people_low", "population_low"), ("people_high", "population_high")):
            assert sum(getattr(p, estimate) for p in here) == pytest.approx(getattr(d, column) - d.displaced)
        assert sum(p.people for p in here) == pytest.approx(d.population - d.displaced)
        assert all(0 <= p.people_low <= p.people <= p.people_high for p in here)
        assert len({(p.latitude, p.longitude) for p in here}) == len(here)
        assert here[0].remoteness == 0.0
        assert here[0].urban or not any(p.urban for p in here)
        # quarters of a town that lies at the edge reach beyond it by its own breadth
        assert all(away(case, made, c) <= (OUTSIDE + 1.0) * radius(d) + 0.01 for c in span)
        if not any(u.latitude for u in case.units):
            assert all(away(case, made, c) <= radius(d) + 0.01 for c in span)


@settings(max_examples=60, deadline=None)
@given(spread())
def test_reach_is_sorted_never_faster_in_the_wet_and_the_same_there_and_back(case: Scenario) -> None:
    made = layout(case)
    found = reach(case, made)
    assert found.rows.shape == found.hours.shape[1:] == (len(made.posts), MOST)
    for p, n in enumerate(found.count):
        rows, hours = found.rows[p, :n], found.hours[:, p, :n]
        assert (found.rows[p, n:] == -1).all()
        assert len(set(rows.tolist())) == n > 0
        assert (np.diff(hours[0]) >= 0).all()
        assert (hours >= 0).all()
        assert (hours[1] >= hours[0]).all()
    # between the seats of districts, whose posts come after those of the bases
    seats = {span.start: d for d, span in enumerate(made.spans)}
    first = len(case.bases)
    way = {
        (d, seats[c]): tuple(found.hours[:, first + d, k])
        for d in range(len(case.districts))
        for k, c in enumerate(found.rows[first + d])
        if c in seats
    }
    for (a, b), hours in way.items():
        if (b, a) in way:
            assert hours == pytest.approx(way[b, a], abs=2e-4)


@given(st.lists(st.floats(0.0, 1.0), max_size=6), st.integers(1, 30))
def test_seats_go_to_shares_by_largest_remainders(parts: list[float], seats: int) -> None:
    total = max(sum(parts), 1.0)
    shares = [part / total for part in parts]
    got = apportion(shares, seats)
    assert sum(got) == round(sum(share * seats for share in shares))
    assert all(abs(n - share * seats) < 1.0 for n, share in zip(got, shares, strict=True))


def one(**changes: object) -> Scenario:
    """Return a case of one district, with changes to it, without bases."""
    values = {"communities": None, "population_low": 100, "population_high": 9_000_000, **changes}
    return small(districts=(district("alpha", **values),), routes=(), units=(), armed_groups=(), sites=())


@pytest.mark.parametrize(
    ("people", "places"), [(100, 2), (400_000, 2), (850_000, 5), (8_500_000, LARGEST), (1_020_000, 6)]
)
def test_a_place_stands_for_170_000_people_and_a_district_has_two(people: int, places: int) -> None:
    assert len(layout(one(population=people)).places) == places


def test_the_header_may_say_how_many_people_a_place_has_and_a_district_how_many_places() -> None:
    case = one(population=800_000)
    fine = case.header.people.model_copy(update={"people_a_place": 50_000})
    assert len(layout(replace(case, header=case.header.model_copy(update={"people": fine}))).places) == 16
    assert len(layout(one(population=800_000, communities=7)).places) == 7


def test_villages_fill_a_district_evenly_by_area() -> None:
    case = one(population=3_400_000, urban_share=0.0, area_km2=10_000.0)
    made = layout(case)
    distances = [away(case, made, c) for c in range(1, len(made.places))]
    assert sum(x < radius(case.districts[0]) / math.sqrt(2.0) for x in distances) == pytest.approx(9, abs=1)
    assert distances == sorted(distances)


def test_the_town_lies_at_the_base_named_after_the_district_and_bases_draw_villages() -> None:
    case = small()
    towns = (case.districts[0].model_copy(update={"communities": 5}), *case.districts[1:])
    units = (
        unit("Strong", "alpha", strength=900, latitude=0.1, longitude=30.1),
        unit("Alpha (police)", "alpha", strength=50, latitude=-0.2, longitude=30.0),
        unit("Beside", "alpha", strength=30, latitude=0.1, longitude=30.1 + BESIDE / 120),
        unit("Abroad", "alpha", latitude=3.0, longitude=30.0),
    )
    made = layout(replace(case, districts=towns, units=units))
    at = [(p.latitude, p.longitude) for p in made.places if p.district == 0]
    assert at[0] == (-0.2, 30.0)  # the one named after it, strong or not
    assert at.count((0.1, 30.1)) == 1
    assert sum(abs(north) > 0.5 for north, _ in at) == 0  # nobody lives where 'Abroad' stands
    assert outside(case.districts[0], 3.0, 30.0)
    assert [(post.latitude, post.longitude) for post in made.posts[:4]] == [
        (u.latitude, u.longitude) for u in units
    ]
    nameless = layout(replace(case, districts=towns, units=units[:1]))
    assert (nameless.places[0].latitude, nameless.places[0].longitude) == (0.1, 30.1)


@pytest.mark.parametrize(("north", "east"), [(0.2, 0.0), (-0.1, 0.2), (0.0, -0.25)])
def test_the_first_village_lies_opposite_to_a_town_at_the_edge(north: float, east: float) -> None:
    case = one(population=300_000)
    base = unit("Alpha", "alpha", latitude=north, longitude=30.0 + east)
    town, village = layout(replace(case, units=(base,))).places
    assert (town.latitude, town.longitude) == (north, 30.0 + east)
    ahead = north * village.latitude + east * (village.longitude - 30.0)
    assert ahead == pytest.approx(
        -math.hypot(north, east) * radius(case.districts[0]) / math.sqrt(2) / 111.2, rel=0.01
    )


def test_bases_without_coordinates_stand_at_the_seat_then_in_the_villages_in_turn() -> None:
    case = small()
    units = tuple(unit(name, "alpha", strength=n) for name, n in (("B", 100), ("A", 300), ("C", 50)))
    made = layout(replace(case, units=units))
    at = [(p.latitude, p.longitude) for p in made.places]
    assert [(post.latitude, post.longitude) for post in made.posts[:3]] == [at[1], at[0], at[2]]


def test_places_that_are_given_are_used_and_the_others_laid_out() -> None:
    free = tuple(d.model_copy(update={"communities": None}) for d in small().districts)
    given = (
        place("Hamlet", "alpha", 30_000, 0.2),
        place("Market", "alpha", 90_000, 0.1, urban=1),
        place("Old town", "alpha", 100_000, 0.3),
    )
    made = layout(small(districts=free, places=given, units=(unit("Hamlet (2020)", "alpha"),)))
    here = [made.places[c] for c in made.spans[0]]
    assert [p.name for p in here] == ["Market", "Old town", "Hamlet"]
    assert [round(p.share, 3) for p in here] == [0.409, 0.455, 0.136]
    assert sum(p.people for p in here) == pytest.approx(free[0].population)
    assert made.posts[0].latitude == 0.2  # a base of a place's name stands there
    assert len(made.spans[1]) == 2


def test_near_posts_take_fewer_hours_and_a_slow_route_slows_the_way_across_it() -> None:
    case = small()
    near, far = (
        unit(name, "alpha", longitude=30.0 + x, latitude=0.0) for name, x in (("n", 0.1), ("f", 0.3))
    )
    seat = replace(case, units=(unit("Alpha", "alpha", strength=900), near, far))
    made = layout(seat)
    found = reach(seat, made)
    hours = [dict(zip(found.rows[p], found.hours[0, p], strict=True)) for p in range(3)]
    assert hours[0][0] == 0.0 < hours[1][0] < hours[2][0]
    beta = made.spans[1].start
    direct = 1.3 * float(km(0.0, 30.0, 0.0, 30.7)) / case.header.people.local_speed_kmh
    assert hours[0][beta] == pytest.approx(min(4.0, direct))
    slow = replace(seat, routes=(route("alpha", "beta", 70.0, 700.0), case.routes[1]))
    crossing = reach(slow, made)
    k = crossing.rows[0].tolist().index(beta)
    assert crossing.hours[:, 0, k] == pytest.approx([70.0, 700.0])


def test_seasons_lengthen_local_ways_as_they_do_the_routes() -> None:
    case = small()
    made = layout(case)
    found = reach(case, made)
    village = made.spans[0].start + 1
    p = len(case.bases)
    k = found.rows[p].tolist().index(village)
    assert found.hours[1, p, k] / found.hours[0, p, k] == pytest.approx(1.5, abs=1e-3)  # 6 / 4 and 3 / 2


def test_a_post_looks_no_farther_than_the_nearest_districts() -> None:
    ids = [f"d{i}" for i in range(NEAR + 6)]
    row = tuple(district(name, longitude=20.0 + i / 2, communities=1) for i, name in enumerate(ids))
    case = small(districts=row, routes=tuple(map(route, ids[:-1], ids[1:])), units=(), armed_groups=())
    case = replace(case, state_forces=(), humanitarians=())
    found = reach(case, layout(case))
    assert (found.count == NEAR).all()
    assert found.rows[0, :NEAR].tolist() == list(range(NEAR))


def test_a_world_of_thousands_of_districts_is_laid_out_in_seconds() -> None:
    side = 60
    ids = [f"d{i}" for i in range(side * side)]
    row = tuple(
        district(name, latitude=(i // side) / 2, longitude=(i % side) / 2, communities=None)
        for i, name in enumerate(ids)
    )
    ways = [route(ids[i], ids[i + 1]) for i in range(len(ids) - 1) if (i + 1) % side]
    ways += [route(ids[i], ids[i + side]) for i in range(len(ids) - side)]
    case = small(districts=row, routes=tuple(ways), units=(), armed_groups=())
    case = replace(case, state_forces=(), humanitarians=())
    begin = time.process_time()
    assert reach(case, layout(case)).count.min() == MOST
    assert time.process_time() - begin < 10.0
