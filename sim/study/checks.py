"""The patterns and facts that a world is held against: what is expected, and what agreement is worth.

A check is judged in one world by that world's runs. Sources: docs/sources.md ("E", "facts") and, where a
value is said to be of a record, experiments/validation/record.csv: the same estimator on UCDP GED at the
grain of the model's districts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim import measures
from sim.study import dispersion

HOLDS, EDGE, FAILS, UNKNOWN = "holds", "cannot be told", "fails", "cannot be measured"
SET, PUT_IN, FREE, NEVER = "set by it", "put in by a rule", "free", "never tuned to"
WORTH: Mapping[str, str] = {
    SET: "parameters were set by it in the world named; elsewhere they are carried over",
    PUT_IN: "a rule puts it in: agreement shows that the code does what it was made to do, and no more",
    FREE: "nothing was set by it",
    NEVER: "reported, and nothing was or will be set by it",
}
"""What agreement with a check is worth, by word."""
DRC = ("drc-monusco",)
INF = math.inf


@dataclass(frozen=True)
class Expected:
    """One pattern: its key on the page, and what is expected."""

    key: str
    value: str
    """Name of the measured value."""
    title: str
    target: tuple[float, float]
    """Interval that the mean over runs should lie in; infinite where one-sided."""
    unit: str
    source: str
    worth: str
    """A key of `WORTH`."""
    note: str = ""
    set_in: tuple[str, ...] = ()
    """Cases in which parameters were set by it."""


@dataclass(frozen=True)
class Check:
    """A pattern in one world: what is expected, what the runs give, and what that is worth."""

    expected: Expected
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """One value a run; NaN where a run has too little."""
    case: str = ""
    known: tuple[float, float] | None = None
    """The interval of the mean, where it is not that of the values."""

    @property
    def mean(self) -> float:
        """Mean over the runs that have a value."""
        told = self.values[np.isfinite(self.values)]
        return float(told.mean()) if len(told) else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of that mean."""
        if self.known is not None:
            return self.known
        told = self.values[np.isfinite(self.values)]
        return measures.mean_interval(told) if len(told) > 1 else (math.nan, math.nan)

    @property
    def verdict(self) -> str:
        """Whether the interval of the mean lies in the target, across its edge, or outside."""
        low, high = self.interval
        target = self.expected.target
        if not math.isfinite(low):
            return UNKNOWN
        if target[0] <= low and high <= target[1]:
            return HOLDS
        return FAILS if high < target[0] or low > target[1] else EDGE

    @property
    def worth(self) -> str:
        """What agreement is worth in this world; what was set elsewhere is carried over."""
        if self.expected.worth == SET and self.case not in self.expected.set_in:
            return "carried over"
        return self.expected.worth


ATTACKS = (
    Expected(
        "1a",
        "exponent",
        "exponent of attacks that kill ten or more",
        (2.0, 2.5),
        "",
        "E2f; 2.2 in CAR",
        PUT_IN,
        "growth stopped at a random time",
    ),
    Expected(
        "1b",
        "top tenth",
        "share of deaths in the gravest tenth of lethal attacks",
        (60, 75),
        "%",
        "E2f; 60 in CAR",
        PUT_IN,
        "follows from 1a and the size at the onset",
    ),
    Expected(
        "1c",
        "one dead",
        "share of lethal attacks that kill one",
        (33, 53),
        "%",
        "E2f (43, with ten points either way); 35 in CAR",
        SET,
        "`violence_scale`",
        DRC,
    ),
    Expected(
        "H1",
        "exponent above 3",
        "exponent of lethal attacks that kill more than three",
        (1.84, 1.96),
        "",
        "fact H; 1.92 in CAR",
        PUT_IN,
        "one country there",
    ),
    Expected(
        "H2",
        "top hundredth",
        "share of deaths in the gravest hundredth of lethal attacks",
        (17, 38),
        "%",
        "fact H (27), E2f (38)",
        PUT_IN,
    ),
    Expected(
        "2a",
        "triggered",
        "share of lethal attacks that others triggered",
        (37, 70),
        "%",
        "E2f (37 to 50); CAR prefectures 58, sub-prefectures 70",
        FREE,
        "net of each district's background",
    ),
    Expected(
        "2b",
        "memory",
        "memory of triggering",
        (2.0, 10.5),
        "weeks",
        "E2f (2 to 6); CAR prefectures 3.9, sub-prefectures 10",
        SET,
        "`grudge_memory`",
        DRC,
    ),
    Expected(
        "F",
        "clustered",
        "of attacks that chance would leave alone for a month either way, share that has "
        "another in the district",
        (40, 54),
        "%",
        "fact F (50); CAR prefectures 46, sub-prefectures 42",
        FREE,
        "by chance: weeks shuffled within each district",
    ),
    Expected(
        "3a",
        "expansion or relocation",
        "spread by expansion for each by relocation",
        (1.0, INF),
        "times",
        "E2f (Schutte & Weidmann); CAR prefectures 1.2, sub-prefectures 0.6",
        FREE,
        "districts that stay violent give much of it",
    ),
    Expected(
        "3'",
        "expansion",
        "spread by expansion, relative to chance",
        (1.0, INF),
        "times",
        "stricter than 3a; CAR 1.1 to 1.3",
        FREE,
        "the neighbour stays violent more often than most",
    ),
)
"""Sizes of attacks, and how they follow each other."""
MISSION = (
    Expected(
        "4",
        "effects apart",
        "effect of the mission on killings by groups, less that on killings by the state",
        (0.0, INF),
        "points",
        "E2a",
        FREE,
        "percent of killings prevented",
    ),
    Expected(
        "5",
        "police and crime",
        "effect of the mission's police on killings by criminals, less that of its troops",
        (0.0, INF),
        "points",
        "E2a (Bara 2020)",
        PUT_IN,
        "percent prevented; `police_need`, `troop_policing`",
    ),
    Expected(
        "6",
        "answered",
        "attacks that a UN unit answers",
        (10, 30),
        "%",
        "E2c (OIOS)",
        SET,
        "`ready_companies`",
        DRC,
    ),
    Expected(
        "12",
        "without",
        "killings without peacekeepers, relative to those with",
        (1.0, 10.0),
        "times",
        "E2a",
        SET,
        "higher, and the world goes on; `met_cost`",
        DRC,
    ),
    Expected(
        "12t",
        "per thousand",
        "fall of the log of killings by groups for each 1,000 troops",
        (0.0, 0.5),
        "",
        "E2a: from 0 (Kocher) by 0.12 (Hultman 2014, battle deaths) to 0.5 (Hultman 2013)",
        SET,
        "a wide prior; `met_cost`",
        DRC,
    ),
    Expected(
        "10a",
        "able less weak",
        "excess of the exit beside able state forces, less that beside weak ones",
        (-INF, 0.0),
        "% of killed",
        "pattern 10, E1-1",
        NEVER,
        "the same case, state forces changed",
    ),
    Expected(
        "10b",
        "hostile less able",
        "excess of the exit beside hostile state forces, less that beside able ones",
        (0.0, INF),
        "% of killed",
        "pattern 10",
        NEVER,
        "the same case, state forces changed",
    ),
)
"""What a mission does, and beside whom."""
PEOPLE = (
    Expected(
        "7",
        "displaced per death",
        "people displaced per death",
        (200, 500),
        "persons",
        "E2d",
        SET,
        "`uprooted_share`",
        DRC,
    ),
    Expected(
        "8",
        "return",
        "displaced people who return in a year",
        (3, 16),
        "%",
        "E2d",
        SET,
        "`return_rate`; OCHA's counts for eastern DRC imply 37",
        DRC,
    ),
    Expected(
        "I",
        "elasticity",
        "elasticity of monthly outflow with respect to recorded deaths",
        (-0.05, 0.16),
        "",
        "fact I; 0.06 in the counties of South Sudan",
        FREE,
        "travellers counted there; flight here",
    ),
)
"""Displacement."""
RECORD = (
    Expected(
        "11",
        "misled",
        "closures after which true harm rose and recorded harm fell",
        (1.0, INF),
        "%",
        "E1-11",
        FREE,
        "rise against the matched run, fall against last year",
    ),
    Expected(
        "B",
        "zero in interval",
        "an observer's estimate for closures: interval contains zero",
        (50, 100),
        "% of worlds",
        "fact B",
        FREE,
    ),
    Expected(
        "A",
        "closing quiet",
        "quiet bases close so many times as often as violent ones",
        (1.9, 4.0),
        "times",
        "fact A",
        PUT_IN,
        "bases wait for a quiet quarter",
    ),
    Expected(
        "C",
        "onset difference",
        "onset in quiet places after a closure, less that where bases stay",
        (-INF, 0.0),
        "points",
        "fact C (13 % against 24 %)",
        FREE,
        "selection of bases alone gives it",
    ),
    Expected(
        "E",
        "median change",
        "median change of recorded deaths around closures",
        (-1.0, 1.0),
        "deaths",
        "fact E",
        FREE,
        "radius 50 km there, whole districts here",
    ),
    Expected(
        "9a",
        "quiet closures",
        "change of log(1 + deaths) in the year after quiet bases close, against the matched world",
        (-0.1, 0.1),
        "",
        "facts B, C",
        NEVER,
        "quiet: no recorded deaths in the year before",
    ),
    Expected(
        "9b",
        "worst twentieth",
        "active conflict: share of the rise in deaths at the worst twentieth of closures",
        (50.0, 100.0),
        "%",
        "fact E (80)",
        NEVER,
        "25 recorded dead a year or more",
    ),
    Expected(
        "9c",
        "quiet world",
        "no active conflict: more killed in the year after a closure",
        (-0.5, 0.5),
        "persons",
        "fact E",
        NEVER,
        "under 25 recorded dead a year",
    ),
)
"""What one would see of closures."""
CONTROL = (
    Expected(
        "13a",
        "domination",
        "attacks where one side dominates (groups hold 10-30 or 70-85 %), relative to parity",
        (1.0, INF),
        "times",
        "Kalyvas 2006",
        PUT_IN,
        "`control_violence`",
    ),
    Expected(
        "13b",
        "full control",
        "attacks under full control, relative to domination",
        (0.0, 1.0),
        "times",
        "Kalyvas 2006",
        PUT_IN,
        "`control_violence`, `ruler_restraint`",
    ),
    Expected(
        "13c",
        "selective without control",
        "selective attacks where groups control next to nothing, relative to domination",
        (0.0, 1.0),
        "times",
        "Kalyvas 2006",
        PUT_IN,
        "`control_violence`; without informers there is nobody to select",
    ),
    Expected(
        "13'",
        "all without control",
        "the same for all attacks",
        (0.0, 1.0),
        "times",
        "stricter than 13c",
        FREE,
        "the hungry loot there, and violence is indiscriminate",
    ),
    Expected(
        "13''",
        "indiscriminate",
        "share of attacks that are indiscriminate: next to no control, less that at 70-85 %",
        (0.0, 100.0),
        "points",
        "Kalyvas 2006",
        PUT_IN,
        "`indiscriminate_violence`",
    ),
)
"""Violence and control."""
SPREAD_SET_IN: tuple[str, ...] = ()
"""Cases in which parameters were set by the dispersion of violence; none: it is free everywhere."""
SPREAD = tuple(
    Expected(
        f"L{n}", row.name, row.title, row.target, row.unit, row.record,
        SET if SPREAD_SET_IN else FREE, set_in=SPREAD_SET_IN,
    )
    for n, row in enumerate((*dispersion.ROWS, *dispersion.ACROSS), start=1)
)  # fmt: skip
"""Dispersion of violence over places, months and years, within places (facts G, K, L)."""
GROUPS: Mapping[str, Sequence[Expected]] = {
    "How violence is spread over places, months and years": SPREAD,
    "Attacks: their sizes, and how they follow each other": ATTACKS,
    "What the mission does, and beside whom": MISSION,
    "Displacement and return": PEOPLE,
    "What one would see of closures": RECORD,
    "Violence and control": CONTROL,
}
"""All checks, in the order of the page."""
