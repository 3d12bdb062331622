"""How sure the evidence makes us: what an answer rests on, apart from how likely the runs make it.

Runs pin down what the rules and tables imply. Whether these are right is another question, and no
number of runs answers it. What is known of it is counted here: how many parameters are guesses, how many
of those that move the answer are, and how many rows of the case's tables are estimates.

Which parameters move an answer is measured for some cases, by running each at both ends of its range, and
kept in the case's folder as `influence.csv`: one row a setting with the columns schedule, parameter (empty:
defaults), end ("low", "high"), mean, low and high (the excess in civilians killed with its 95 % interval)
and runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sim import parameters
from sim.scenario.case import Scenario

INFLUENCE = "influence.csv"
MOVES = 0.1
"""Part of the default's excess by which a parameter must move it, clearly, to count as moving the answer."""
WEAK = ("estimate", "invented", "memory")
"""How sure rows are that no source stands behind."""

Rating = Literal["low", "moderate", "high"]


@dataclass(frozen=True)
class Evidence:
    """What an answer rests on."""

    parameters: int
    guesses: int
    rows: int
    weak_rows: int
    """Rows of the case's tables that are estimated, remembered or invented."""
    schedule: str = ""
    """The schedule whose influences were measured; empty if none were."""
    moving: tuple[str, ...] = ()
    """Parameters that, alone at an end of their range, move its excess clearly by `MOVES` or more."""
    moving_guesses: int = 0
    lowest: float = 0.0
    highest: float = 0.0
    """The excess at the settings that make it smallest and largest."""
    default: float = 0.0
    undone: tuple[tuple[str, str, float], ...] = ()
    """(parameter, end, mean): guesses that, alone, make the excess lose its sign or its clearness."""

    @property
    def measured(self) -> bool:
        """Whether it was measured which parameters move the answer."""
        return bool(self.schedule)

    @property
    def rating(self) -> Rating:
        """How sure the evidence makes us.

        High: it was measured what moves the answer, at most a tenth of that and of the tables' rows is
        guessed, and no guess undoes it. Moderate: the same with a half. Low: anything else.
        """
        if not self.measured:
            return "low"
        parts = (self.moving_guesses / max(len(self.moving), 1), self.weak_rows / max(self.rows, 1))
        if self.undone or max(parts) > 0.5:
            return "low"
        return "moderate" if max(parts) > 0.1 else "high"


def evidence(case: Scenario) -> Evidence:
    """Return what the answers of a case rest on."""
    sure = {name: p.certainty for name, p in parameters.PARAMETERS.items()}
    tables = (
        case.districts,
        case.routes,
        case.units,
        case.armed_groups,
        case.state_forces,
        case.humanitarians,
        case.sites,
    )
    rows = [row for table in tables for row in table]
    counted = Evidence(
        parameters=len(sure),
        guesses=sum(c == "guess" for c in sure.values()),
        rows=len(rows),
        weak_rows=sum(row.certainty in WEAK for row in rows),
    )
    file = case.folder / INFLUENCE if case.folder else None
    changed = bool(case.overrides or case.off or case.rival)
    if file is None or changed or not file.is_file():
        return counted
    frame = pd.read_csv(file, keep_default_na=False)
    default = frame[frame["parameter"] == ""].iloc[0]
    settings = frame[(frame["parameter"] != "") & frame["parameter"].isin(list(sure))]
    mean = float(default["mean"])
    reach = MOVES * abs(mean)
    moved = settings[(settings["low"] > mean + reach) | (settings["high"] < mean - reach)]
    moving = tuple(dict.fromkeys(moved["parameter"]))
    side = 1.0 if mean > 0 else -1.0
    near = settings["low"] if mean > 0 else -settings["high"]
    undone = settings[(near <= 0) & (settings["parameter"].map(sure) == "guess")]
    undone = undone.iloc[(side * undone["mean"]).argsort()]
    return Evidence(
        **{name: getattr(counted, name) for name in ("parameters", "guesses", "rows", "weak_rows")},
        schedule=str(default["schedule"]),
        moving=moving,
        moving_guesses=sum(sure[name] == "guess" for name in moving),
        lowest=float(settings["mean"].min()),
        highest=float(settings["mean"].max()),
        default=mean,
        undone=tuple((str(r.parameter), str(r.end), float(r.mean)) for r in undone.itertuples()),
    )
