"""The ensemble: the same behaviours over the same rows, replicate after replicate, compiled.

No Python objects, no GIL: `compare` and everything that needs many runs uses it. A run here and the
Mesa run of the same replicate are equal to the last bit (`tests/test_engines.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.build import build, check_whole, copy_world, set_parameters
from sim.compiled import compiled, is_compiled
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.start import begin
from sim.week import week
from sim.world.people import census
from sim.world.state import World

UNTOUCHED = ("calendar", "votes", "near", "hours", "neighbours", "reach", "way", "record")
"""Tables that a run does not change, or writes as a whole."""


@compiled
def simulate(world: World, seed: int, replicate: int, weeks: int) -> tuple[int, int]:
    """Draw the start of a replicate and simulate `weeks` weeks of it.

    Returns the persons in the world at the start and at the end, the dead included.
    """
    begin(world, seed, replicate)
    before = census(world)
    for number in range(-world.clock[0].before, weeks):
        week(world, number)
    return before, census(world)


class Runs(NamedTuple):
    """What an ensemble returns."""

    records: np.ndarray
    """(replicates, weeks, districts) of `sim.world.record.TABLE`."""
    people: np.ndarray
    """int64 (replicates, 2): persons in the world at the start and at the end, equal if conserved."""
    done: np.ndarray
    """int64 (replicates, rows): week in which each row of the schedule was carried out, -1 not."""

    def __repr__(self) -> str:
        """Say what it is."""
        replicates, weeks, districts = self.records.shape
        return f"<Runs: {replicates} replicates of {weeks} weeks in {districts} districts>"


class Ensemble:
    """Replicates of one scenario under one schedule. One instance serves one thread."""

    def __init__(self, scenario: Scenario, schedule: str | Schedule) -> None:
        """Build the world once; `run` replays it."""
        self.schedule = schedule
        self.start, self.names = build(scenario, schedule)
        self._world = copy_world(self.start)

    @staticmethod
    def is_compiled() -> bool:
        """Return whether a first run need not wait for compilation."""
        return is_compiled(simulate)

    def set_parameters(self, scenario: Scenario) -> None:
        """Take the parameters, rules and switches of a variant of its scenario: far quicker than a new one.

        The variant must come from the same scenario by `with_parameters`, `with_rules` and `without`.
        """
        if round(scenario.parameter_values()["spin_up"]) != self.start.clock[0].before:
            self.start, self.names = build(scenario, self.schedule)  # its calendar begins at another week
            self._world = copy_world(self.start)
            return
        set_parameters(self.start, scenario)
        for name in ("calendar", "votes"):  # which no run changes, so that `fresh` leaves them alone
            np.copyto(getattr(self._world, name), getattr(self.start, name))

    def run(self, seed: int, first: int, count: int, into: Runs | None = None) -> Runs:
        """Run `count` replicates of `seed`, numbered from `first`.

        Replicate r of a seed is the same whatever was run before and whoever runs it. The GIL is
        released while a replicate runs. `into` takes the result of an earlier call that is no
        longer needed, of the same count: its memory is used again. Raises `ValueError` for a seed or a
        first replicate that is no whole number from 0 to 2^63 - 1.
        """
        check_whole("seed", seed)
        check_whole("first", first)
        weeks, districts = self.start.record.shape
        runs = into or Runs(
            np.zeros((count, weeks, districts), self.start.record.dtype).view(np.recarray),
            np.zeros((count, 2), np.int64),
            np.zeros((count, len(self.start.schedule)), np.int64),
        )
        if runs.records.shape != (count, weeks, districts):
            raise ValueError(f"'into' holds {runs.records.shape[0]} replicates, not {count}")
        for r in range(count):
            world = self.fresh(runs.records[r])
            runs.people[r] = simulate(world, seed, first + r, weeks)
            runs.done[r] = world.schedule["done"]
        return runs

    def fresh(self, record: np.recarray) -> World:
        """Return the world as it is before the start of a run, which will write to `record`."""
        for name, table, at_start in zip(World._fields, self._world, self.start, strict=True):
            if name not in UNTOUCHED:
                np.copyto(table, at_start)
        return self._world._replace(record=record)
