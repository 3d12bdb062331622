"""Running until the answer is as precise as asked.

After a first number of matched replicates the widest half of the 95 % intervals of the mean excess is held
against what was asked: a share of the largest mean excess. If it is too wide, as many replicates more are
run as the widest interval calls for, at least half as many again; then it is looked at anew. So there are few
looks, and none before the tail of the differences has been seen.

A stop at a fixed relative width keeps the coverage of the interval as the width asked falls (Chow & Robbins
1965, Ann. Math. Stat. 36:457-462; Nadas 1969, Ann. Math. Stat. 40:667-671). For finite widths and long tails
it loses some of it; how much is measured in tests/study/test_precise.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sim.intervals import LEVEL, mean_interval
from sim.scenario.case import COUNTERFACTUAL
from sim.study.comparison import Comparison

FIRST = 200
"""Replicates before the first look."""
MORE = 1.5
"""Times by which replicates grow from one look to the next, at least."""
RESERVE = 1.1
"""Times what the interval calls for: what is estimated from few runs is often too low."""
ROUND = 20
"""Replicates are a multiple of it (`sim.study.tally.BLOCK`), so that no run is made twice."""
AT_MOST = 20_000
METRIC = "killed"


@dataclass(frozen=True, slots=True)
class Look:
    """How precise the answer is after some replicates."""

    replicates: int
    schedule: str
    """That with the widest interval."""
    half: float
    """Half of the width of the 95 % interval of its mean excess, persons."""
    largest: float
    """The largest mean excess of all schedules (absolute), persons."""
    calls_for: int
    """Replicates that the width asked would take, as far as these runs can tell."""
    asked: float
    """Share (0-1) of the largest mean excess."""

    @property
    def precise(self) -> bool:
        """Return whether the widest interval is as narrow as asked."""
        return self.half <= self.asked * self.largest

    def __str__(self) -> str:
        """Say it in a line."""
        if self.largest <= 0.0:
            return f"{self.replicates:,d} replicates: no schedule differs from {COUNTERFACTUAL} at all"
        share = 100 * self.half / self.largest
        line = (
            f"{self.replicates:,d} replicates: mean excess of {self.schedule} known to ±{self.half:,.0f} "
            f"killed, {share:.0f} % of the largest mean; {100 * self.asked:.0f} % asked"
        )
        return line if self.precise else f"{line}, which takes about {self.calls_for:,d}"


def look(comparison: Comparison, asked: float) -> Look:
    """Return how precise a comparison is about civilians killed, held against what was `asked` (0-1)."""
    widest, schedule, largest = 0.0, comparison.names[0], 0.0
    for name in comparison.names:
        if name == COUNTERFACTUAL:
            continue
        a, b = (comparison.totals.sel(schedule=s, metric=METRIC).values for s in (name, COUNTERFACTUAL))
        excess = a - b
        low, high = mean_interval(excess, LEVEL)
        largest = max(largest, abs(float(excess.mean())))
        if (high - low) / 2.0 > widest:
            widest, schedule = (high - low) / 2.0, name
    n = comparison.replicates
    if largest > 0.0:
        calls_for = math.ceil(n * (widest / (asked * largest)) ** 2)
    else:
        calls_for = n if widest == 0.0 else AT_MOST
    return Look(n, schedule, widest, largest, calls_for, asked)


def next_number(seen: Look, at_most: int) -> int:
    """Return the replicates to go on to after a look that was not precise."""
    wanted = max(MORE * seen.replicates, RESERVE * seen.calls_for)
    return min(at_most, ROUND * math.ceil(wanted / ROUND))


def until_precise(
    run: Callable[[int], Comparison], asked: float, at_most: int, told: Callable[[Look], None]
) -> tuple[Comparison, list[Look]]:
    """Run until the widest interval is a share `asked` of the largest mean excess, or `at_most` are run.

    `run`: returns the comparison of a number of replicates; what was run before it should find again.
    `told`: is given each look. Raises `ValueError` unless 0 < asked < 1.
    """
    if not 0.0 < asked < 1.0:
        raise ValueError(f"precision must lie between 0 and 100 %, not {100 * asked:g} %")
    n = min(FIRST, at_most)
    looks = []
    while True:
        result = run(n)
        looks.append(look(result, asked))
        told(looks[-1])
        done = looks[-1].precise or (looks[-1].largest == 0.0 and looks[-1].half == 0.0)
        if done or n >= at_most:
            return result, looks
        n = next_number(looks[-1], at_most)
