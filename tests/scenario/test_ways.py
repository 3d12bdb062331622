"""Bounded searches find what a search of the whole network finds, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import district, route, small

from sim import Scenario
from sim.scenario import ways


@st.composite
def networks(draw: st.DrawFn) -> Scenario:
    """Return a connected network, with many ties and ways that are long in the wet season."""
    n = draw(st.integers(1, 30))
    hours = st.sampled_from([0.1, 0.2, 0.3, 1.0, 1.1, 2.0])
    wet = st.sampled_from([1.0, 1.5, 300.0])
    routes = {}
    for i in range(1, n):
        routes[draw(st.integers(0, i - 1)), i] = draw(hours), draw(wet)
    for a, b in draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60)):
        if a < b:
            routes.setdefault((a, b), (draw(hours), draw(wet)))
    return replace(
        small(),
        districts=tuple(district(f"d{i}") for i in range(n)),
        routes=tuple(route(f"d{a}", f"d{b}", dry, dry * more) for (a, b), (dry, more) in routes.items()),
    )


@settings(max_examples=150)
@given(case=networks(), most=st.sampled_from([1, 3, 12]))
def test_the_nearest_are_those_of_a_whole_search(case: Scenario, most: int) -> None:
    ids = [d.id for d in case.districts]
    graph = case.graph()
    dry = dict(nx.all_pairs_dijkstra_path_length(graph, weight="hours_dry"))
    wet = dict(nx.all_pairs_dijkstra_path_length(graph, weight="hours_wet"))
    near = ways.nearest(case, most)
    for i, origin in enumerate(ids):
        order = sorted(range(len(ids)), key=lambda j: (j != i, dry[origin][ids[j]], j))[:most]
        k = len(order)
        assert near.rows[i].tolist() == order + [-1] * (most - k)
        assert near.hours[0, i, :k].tolist() == [dry[origin][ids[j]] for j in order]
        assert near.hours[1, i, :k].tolist() == [wet[origin][ids[j]] for j in order]
        assert near.adjacent[i, :k].tolist() == [int(j == i or graph.has_edge(origin, ids[j])) for j in order]


@settings(max_examples=100)
@given(case=networks())
def test_a_way_round_is_that_of_a_network_without_the_route(case: Scenario) -> None:
    network = ways.ways(case)
    for r in case.routes:
        graph = case.graph()
        graph.remove_edge(r.origin, r.destination)
        a, b = network.row[r.origin], network.row[r.destination]
        found = ways.round_about(network, a, {b: 1.5}, 1000)
        if nx.has_path(graph, r.origin, r.destination):
            hours = nx.shortest_path_length(graph, r.origin, r.destination, weight="hours_dry")
            assert found == ({b: pytest.approx(hours)} if hours <= 1.5 else {})
        else:
            assert found == {}


def test_what_is_found_is_found_once_and_yours_to_change() -> None:
    case = small()
    ways.forget()
    one = ways.nearest(case, 12)
    one.rows[:] = 7
    other = ways.nearest(replace(case, schedules={}), 12)
    assert ways._near.cache_info().misses == 1
    assert not np.array_equal(one.rows, other.rows)


def test_a_part_that_no_route_joins_is_named() -> None:
    case = small()
    assert ways.ways(case).apart() == []
    assert ways.ways(replace(case, routes=case.routes[:1])).apart() == [2]
