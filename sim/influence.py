"""How much each parameter matters: what it does to two headline numbers over its declared range.

Measured by `experiments/parameter_tiers.py` and shipped with the package, so that a reader of some three
hundred parameters begins with the few that decide an answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("influence.json")
EDGES = (0.3, 0.1)
"""Tier 1 are parameters that move a headline by the first share or more, tier 2 by the second, 3 the rest."""
TIERS = {
    1: "moves a headline by 30 % or more over its range",
    2: "by 10 to 30 %",
    3: "by less than 10 %",
}
HEADLINES = {
    "level": "civilians killed with no drawdown",
    "excess": "civilians killed beyond that if every base closes",
}


@dataclass(frozen=True, slots=True)
class Influence:
    """What a parameter does to each headline at the two ends of its range, as a share of the headline.

    `level`, `excess`: (at the low end, at the high end), e.g. (-0.2, 0.5): a fifth less, half as much again.
    """

    level: tuple[float, float]
    excess: tuple[float, float]

    @property
    def largest(self) -> float:
        """The largest change of a headline, as a share of it, without its sign."""
        return max(abs(x) for x in (*self.level, *self.excess))

    @property
    def tier(self) -> int:
        """1, 2 or 3, see `TIERS`."""
        return tier(self.largest)

    @property
    def words(self) -> str:
        """Say it, e.g. "level -20 % to +50 %, excess -5 % to +4 %"."""
        return ", ".join(f"{name} {a:+.0%} to {b:+.0%}" for name, (a, b) in self._ends())

    def _ends(self) -> list[tuple[str, tuple[float, float]]]:
        return [("level", self.level), ("excess", self.excess)]


def tier(largest: float) -> int:
    """Return the tier of a parameter that moves a headline by a share of it."""
    return 1 if largest >= EDGES[0] else 2 if largest >= EDGES[1] else 3


@cache
def table() -> dict[str, Influence]:
    """Return the influence of each parameter that was measured, the largest first."""
    rows = {
        name: Influence(tuple(row["level"]), tuple(row["excess"]))
        for name, row in made()["parameters"].items()
    }
    return dict(sorted(rows.items(), key=lambda item: -item[1].largest))


def older() -> str:
    """Return what the file is older than, "before ...", if the rules have changed since; or nothing."""
    return str(made().get("older", ""))


@cache
def made() -> dict[str, Any]:
    """Return what the file holds: how it was made, and what it says of all parameters together."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content
