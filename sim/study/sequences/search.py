"""Search for the best order where there are too many to run all.

A few orders in which every base comes at every place are run in matched worlds. What each base does at each
place is fitted to them (`answer.fitted`); the order with least harm by that fit is an assignment of bases to
places, which SciPy solves to optimality. It is solved for many resampled sets of the worlds: each of the
orders
found may be the best one as far as these worlds can tell. Those are run, too, and the fit is made anew.

Orders are not additive: what a base does depends on which others are gone. The fit only proposes; what
is said of an order rests on its own runs, in worlds that the search has not seen. How often it finds what
running all would find: experiments/sequences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from scipy.optimize import linear_sum_assignment

from sim.study.sequences import answer
from sim.study.sequences.orders import Order

SQUARES = 4
"""Times that each base comes at each place in the first orders."""
ROUNDS = 3
"""Times that orders are proposed and run."""
EACH_ROUND = 2
"""Orders that are proposed in a round, for each base."""
RESAMPLES = 200
"""Resampled sets of worlds in a round."""
POOL = 500
"""Orders drawn at random from which proposals are made up where assignments break a constraint."""


class Space(Protocol):
    """What a search needs to know of the orders that it may choose."""

    @property
    def names(self) -> Sequence[str]:
        """The bases."""

    def fits(self, order: Order) -> bool:
        """Return whether an order keeps to the constraints."""

    def draw(self, rng: np.random.Generator) -> Order:
        """Return an order at random that does."""


Evaluate = Callable[[Sequence[Order], int], np.ndarray]
"""Given orders and the number of the round, returns their harm in the same worlds: (worlds, orders)."""


def search(space: Space, evaluate: Evaluate, seed: int = 1) -> tuple[list[Order], np.ndarray]:
    """Return the orders that were run, and their harm: (worlds, orders). The same for the same seed."""
    rng = np.random.default_rng(seed)
    orders = first_orders(space, rng)
    harm = evaluate(orders, 0)
    for number in range(1, ROUNDS + 1):
        new = proposed(space, orders, harm, rng)
        if not new:
            break
        harm = np.concatenate([harm, evaluate(new, number)], axis=1)
        orders = orders + new
    return orders, harm


def first_orders(space: Space, rng: np.random.Generator) -> list[Order]:
    """Return orders in which every base comes at every place, as far as the constraints let it."""
    n = len(space.names)
    found: dict[Order, None] = {}
    for _ in range(SQUARES):
        square = (np.arange(n)[:, None] + np.arange(n)[None, :]) % n
        square = rng.permutation(n)[square[rng.permutation(n)][:, rng.permutation(n)]]
        for row in square:
            order = tuple(map(int, row))
            found[order if space.fits(order) else space.draw(rng)] = None
    return list(found)


def proposed(
    space: Space, orders: Sequence[Order], harm: np.ndarray, rng: np.random.Generator
) -> list[Order]:
    """Return orders that may be the best and were not run yet, the likeliest first."""
    n, worlds = len(space.names), len(harm)
    wanted = EACH_ROUND * n
    found = answer.fitted(space.names, orders, harm)  # (worlds, bases, places)
    done = set(orders)
    votes: dict[Order, int] = {}
    for _ in range(RESAMPLES):
        cost = found[rng.integers(0, worlds, worlds)].mean(axis=0)
        base, place = linear_sum_assignment(cost)
        order = tuple(int(b) for b in base[np.argsort(place)])
        if order not in done and space.fits(order):
            votes[order] = votes.get(order, 0) + 1
    new = sorted(votes, key=lambda o: -votes[o])[:wanted]
    if len(new) < wanted:
        cost = found.mean(axis=0)
        others = {space.draw(rng) for _ in range(POOL)} - done - set(new)
        new += sorted(others, key=lambda o: (cost[list(o), range(n)].sum(), o))[: wanted - len(new)]
    return new
