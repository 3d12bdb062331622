"""The search finds what running all orders would find, on landscapes that are known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np

from sim.study.sequences import answer
from sim.study.sequences.orders import Order
from sim.study.sequences.search import first_orders, search


class Free:
    """Orders of some bases, of which one comes last if that is asked."""

    def __init__(self, n: int, last: int | None = None) -> None:
        self.names = [f"Base {i}" for i in range(n)]
        self.last = last

    def fits(self, order: Order) -> bool:
        return self.last is None or order[-1] == self.last

    def draw(self, rng: np.random.Generator) -> Order:
        while True:
            order = tuple(int(i) for i in rng.permutation(len(self.names)))
            if self.fits(order):
                return order


def landscape(n: int, seed: int, noise: float) -> dict[Order, np.ndarray]:
    """Return harm in 20 worlds of every order: additive by place, with pairs that do not add up, "
    "and chance."""
    rng = np.random.default_rng(seed)
    place, pair = rng.normal(size=(n, n)), 0.4 * rng.normal(size=(n, n))
    orders = list(permutations(range(n)))
    truth = [
        sum(place[i, p] for p, i in enumerate(o)) + sum(pair[a, b] for a, b in pairwise(o)) for o in orders
    ]
    chance = noise * rng.standard_t(3, size=(len(orders), 20))
    return {o: t + e for o, t, e in zip(orders, truth, chance, strict=True)}


def found_in(harm: dict[Order, np.ndarray], space: Free, seed: int) -> tuple[list[Order], np.ndarray]:
    return search(space, lambda orders, _: np.stack([harm[o] for o in orders], axis=1), seed)


def test_it_finds_the_best_set_with_a_tenth_of_the_runs() -> None:
    hits = 0
    for seed in range(8):
        harm = landscape(6, seed, noise=0.5)
        whole = np.stack(list(harm.values()), axis=1)
        may_be_best = dict(zip(harm, answer.inside(whole), strict=True))
        orders, some = found_in(harm, Free(6), seed)
        assert len(orders) <= 72  # of 720
        best = orders[int(np.argmin(some.mean(axis=0)))]
        hits += may_be_best[best]
        assert np.mean(list(may_be_best.values())) < 0.2
    assert hits == 8


def test_it_is_the_same_for_the_same_seed_and_keeps_to_the_constraints() -> None:
    harm = landscape(5, 3, noise=0.5)
    space = Free(5, last=2)
    one, two = found_in(harm, space, 4), found_in(harm, space, 4)
    assert one[0] == two[0]
    assert np.array_equal(one[1], two[1])
    assert all(o[-1] == 2 for o in one[0])
    assert len(set(one[0])) == len(one[0])


def test_it_ends_when_all_orders_were_run() -> None:
    calls: list[int] = []

    def evaluate(orders: Sequence[Order], number: int) -> np.ndarray:
        calls.append(number)
        return np.ones((4, len(orders)))

    orders, _ = search(Free(3), evaluate, 1)
    assert sorted(orders) == sorted(permutations(range(3)))


def test_first_orders_have_every_base_at_every_place() -> None:
    orders = np.array(first_orders(Free(7), np.random.default_rng(1)))
    for place in orders.T:
        assert set(place) == set(range(7))
