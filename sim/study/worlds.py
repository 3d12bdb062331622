"""Several worlds, each judged by itself, and the one comparison that needs two of them.

A pattern that holds in one world says nothing of another: verdicts are given world by world, and none is
summed over them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.scenario.case import Scenario
from sim.study.checks import EDGE, FAILS, HOLDS, INF, NEVER, UNKNOWN, Check, Expected
from sim.study.validate import Validation, table_of, validate

WORLDS = ("drc-monusco", "darfur-unamid", "south-sudan-unmiss", "liberia-unmil", "corridor")
"""Three at war, of which the third was not used to set anything, one at peace, and an invented one."""
PATTERNS = {
    "L": "violence is dispersed over places, months and years as in the record",
    "1": "severity of attacks is heavy-tailed",
    "2": "attacks cluster in time, net of the place",
    "3": "violence spreads more by expansion than by relocation",
    "4": "troops lower armed groups' violence more than the state's",
    "5": "police, not troops, lower crime and post-war violence",
    "6": "immediate response to 10-30 % of attacks",
    "7": "200-500 people displaced per death",
    "8": "3-16 % of the displaced return in a year",
    "9": "closing quiet bases changes little on average, with a heavy tail in active conflict only",
    "10": "an exit beside able and willing forces is safer than one beside weak or hostile ones",
    "11": "recorded harm can fall while true harm rises",
    "12": "without peacekeepers violence is higher, and not total; by size as in the literature",
    "13": "violence and control relate as in Kalyvas",
}
"""The dispersion of violence and the thirteen patterns, in a few words."""
IN_PART = "in part"
APART = Expected(
    "10c",
    "apart",
    "excess of the exit in the Darfur-like world, less that in the Liberia-like one",
    (0.0, INF),
    "killed per 100,000 a year",
    "pattern 10",
    NEVER,
    "real cases, which differ in everything",
)


def pattern_of(check: Check) -> str:
    """Return the key of the pattern that a check belongs to; empty for facts and for stricter forms."""
    found = re.fullmatch(r"(\d+|L)[0-9a-z]*", check.expected.key)
    return found.group(1) if found and found.group(1) in PATTERNS else ""


def verdict_of(checks: Sequence[Check]) -> str:
    """Return the verdict on a pattern from the checks that belong to it: all must hold."""
    told = [c.verdict for c in checks if c.verdict != UNKNOWN]
    if not told:
        return UNKNOWN
    if all(v == HOLDS for v in told):
        return HOLDS
    if HOLDS in told:
        return IN_PART
    return FAILS if FAILS in told else EDGE


@dataclass(frozen=True)
class Across:
    """Validations of several worlds, and the check that needs two of them."""

    worlds: tuple[Validation, ...]
    checks: tuple[Check, ...]

    def checks_of(self, pattern: str, world: int) -> list[Check]:
        """Return the checks that a pattern rests on in one world."""
        return [c for c in self.worlds[world].checks if pattern_of(c) == pattern]

    def verdict(self, pattern: str, world: int) -> str:
        """Return the verdict on a pattern in one world."""
        return verdict_of(self.checks_of(pattern, world))

    def frame(self) -> pd.DataFrame:
        """Return every check of every world, and across worlds, as one table."""
        parts = {w.case.name: w.checks for w in self.worlds}
        if self.checks:
            parts |= {"across": self.checks}
        whole = pd.concat([table_of(c).assign(world=name) for name, c in parts.items()], ignore_index=True)
        return whole[["world", *(c for c in whole.columns if c != "world")]]


def validate_worlds(
    cases: Sequence[Scenario],
    *,
    replicates: int = 30,
    seed: int = 1,
    own_parameters: bool = False,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Across:
    """Validate each case under its "actual" schedule.

    All cases have one parameter set: the values that a scenario.toml sets for itself are left out
    (`Scenario.with_defaults`) unless `own_parameters`. Other parameters and errors as
    `sim.study.validate.validate`.
    """
    worlds: list[Validation] = []

    def tick(done: int, of: int) -> None:
        if progress:
            progress(len(worlds) * of + done, len(cases) * of)

    for case in cases:
        world = case if own_parameters else case.with_defaults()
        worlds.append(validate(world, replicates=replicates, seed=seed, progress=tick, stop=stop))
    by_name = {w.case.name: w for w in worlds}
    darfur, liberia = by_name.get("darfur-unamid"), by_name.get("liberia-unmil")
    apart = (Check(APART, darfur.exits - liberia.exits),) if darfur and liberia else ()
    return Across(tuple(worlds), apart)
