"""Comparisons with agent classes of your own: Mesa models instead of the ensemble, a block a process.

Much slower: a Mesa run takes as long as tens of compiled ones. What comes out is measured the same way.
"""

from __future__ import annotations

import hashlib
import inspect
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from sim.agents.base import DistrictAgent
from sim.ensemble import Runs
from sim.model import DrawdownModel
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study import tally
from sim.study.draws import Draws
from sim.study.parts import Block

Agents = Sequence[type[DistrictAgent]]


def identity(agents: Agents) -> list[str]:
    """Return a name for each class that changes with its source: what a result was made with.

    The source of a class is that of all of its bases outside this package, too; one that cannot be read
    (typed into a console) counts by name alone.
    """
    return [f"{kind.__module__}.{kind.__qualname__} {_digest(kind)[:16]}" for kind in agents]


def _digest(kind: type) -> str:
    digest = hashlib.sha256()
    for base in kind.__mro__:
        if base.__module__.split(".")[0] in ("sim", "mesa", "builtins"):
            continue
        try:
            digest.update(inspect.getsource(base).encode())
        except (OSError, TypeError):
            digest.update(base.__qualname__.encode())
    return digest.hexdigest()


def run_block(seed: int, first: int, count: int) -> Block:
    """Run `count` replicates from `first` on under every schedule, with these classes, and measure them.

    In a process of `pool`.
    """
    case, plans, agents, draws = _given
    runs = [_runs(case, plan, agents, draws, seed, first, count) for plan in plans]
    return tally.measure(case, plans, runs, first)


_given: tuple[Scenario, Sequence[Schedule], Agents, Draws | None]


def _take(case: Scenario, plans: Sequence[Schedule], agents: Agents, draws: Draws | None) -> None:
    """Keep in this process what its runs need."""
    global _given  # noqa: PLW0603  (a process of a pool has no other place)
    _given = (case, plans, agents, draws)


def _runs(
    case: Scenario, plan: Schedule, agents: Agents, draws: Draws | None, seed: int, first: int, count: int
) -> Runs:
    records, people, done = [], [], []
    for replicate in range(first, first + count):
        world = case if draws is None else draws.world_of(case, seed, replicate)
        model = DrawdownModel(world, plan, seed=seed, replicate=replicate, agents=agents)
        model.run()
        records.append(np.array(model.world.record))
        people.append((model.people_at_start, model.census()))
        done.append(np.array(model.world.schedule["done"]))
        model.remove_all_agents()  # Mesa would keep the model in memory
    return Runs(
        np.stack(records).view(np.recarray), np.array(people, np.int64), np.stack(done).astype(np.int64)
    )


def pool(
    case: Scenario, plans: Sequence[Schedule], agents: Agents, workers: int, draws: Draws | None = None
) -> ProcessPoolExecutor:
    """Return processes that know these classes, to call `run_block`.

    Where a process can be forked, classes from a notebook are known in it; elsewhere they must stand in a
    module. Raises `ValueError` if they do not.
    """
    given = (case, tuple(plans), agents, draws)
    if sys.platform == "linux":
        forked = multiprocessing.get_context("fork")  # hands on what is given as it is
        return ProcessPoolExecutor(workers, forked, initializer=_take, initargs=given)
    here = [kind.__name__ for kind in agents if kind.__module__ == "__main__"]
    if here:
        raise ValueError(
            f"{', '.join(here)}: on this system classes for compare(agents=...) must stand in a module that "
            "can be imported, not in a notebook or script"
        )
    return ProcessPoolExecutor(workers, initializer=_take, initargs=given)


def check(agents: Agents) -> None:
    """Raise `TypeError` unless all are agent classes."""
    for kind in agents:
        if not (isinstance(kind, type) and issubclass(kind, DistrictAgent)):
            raise TypeError(f"{kind!r} is no agent class; give subclasses of e.g. ArmedGroup")
