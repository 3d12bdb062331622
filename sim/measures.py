"""What is measured: vacuums, cliffs, harm, and paired differences.

Everything here is computed from the weekly record (`sim.world.record`), the same for Mesa runs and
for the ensemble. Shapes: R replicates, W weeks, D districts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from sim.intervals import FEWEST, p_value
from sim.intervals import mean_interval as mean_interval  # noqa: PLC0414  (others find it here)
from sim.scenario.actions import ACTIONS
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.timetable import timetable
from sim.world.mission import actions

SHORTEST_VACUUM = 4
"""Weeks that a gap must last to count as a security vacuum."""
ARMED = 10
"""Fighters from which an armed actor counts as present."""
RULES = 0.5
"""Share of a district from which an armed group counts as governing it."""
DEPTH_WEEKS = 13
"""Weeks after a closure over which the depth of a cliff is measured."""
REFILLED = 0.2
"""A cliff ends when less than this share of its depth is left."""
LOSS = 0.001
"""Mean loss of protection (0-1) above which a closure took any."""

KILLED = ("killed_by_groups", "killed_by_state", "killed_by_militias")
"""Fields that count civilians killed by organised violence; crime is counted apart from it."""
RECORDED = tuple(f"recorded_{name}" for name in KILLED)


def summed(records: np.ndarray, fields: Sequence[str]) -> np.ndarray:
    """Return the sum of some fields, in the shape of `records`."""
    return np.sum([records[name].astype(np.float64) for name in fields], axis=0)


# -- security vacuums -------------------------------------------------------------------------------


def people_unprotected(records: np.ndarray) -> np.ndarray:
    """Return how many people live, where an armed actor is present, without protection that deters.

    Residents and displaced hosted, of the places whose protection would not cut the attacks of an informed
    group enough (`sim.world.deterrence.deters`): float (R, W, D).
    """
    people = records["residents"].astype(np.float64) + records["hosted"]
    return np.where(records["armed"] >= ARMED, people * (1.0 - records["deterred"]), 0.0)


def unprotected(records: np.ndarray) -> np.ndarray:
    """Return where armed actors are present and most people lack protection that deters: bool (R, W, D)."""
    return (records["deterred"] < 0.5) & (records["armed"] >= ARMED)


def in_vacuum(records: np.ndarray, shortest: int = SHORTEST_VACUUM) -> np.ndarray:
    """Return the weeks that belong to a vacuum of at least `shortest` weeks: bool (R, W, D)."""
    r, d, start, end = _spells(unprotected(records), shortest)
    replicates, weeks, districts = records.shape
    steps = np.zeros((replicates, weeks + 1, districts), np.int8)
    steps[r, start, d] = 1
    steps[r, end, d] = -1
    return np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1].astype(bool)


def vacuums(
    records: np.ndarray, shortest: int = SHORTEST_VACUUM, counterfactual: np.ndarray | None = None
) -> pd.DataFrame:
    """Return all security vacuums, one row each.

    Columns: replicate (position in `records`), district (row), onset (week), weeks, people_weeks
    (residents and displaced hosted, summed over its weeks), governed (share of its weeks in which an
    armed group controlled at least half of the district), killed (civilians, true), ended_by: "UN",
    "state forces", "armed actors left", or "still open" at the end of the run. With the `counterfactual`'s
    records also shared_weeks (those of its weeks that belong to a vacuum in the matched world too) and
    depth (protection it has less than that world, 0-1, mean of its weeks).
    """
    r, d, start, end = _spells(unprotected(records), shortest)

    def over_spell(values: np.ndarray) -> np.ndarray:
        running = np.zeros((values.shape[0], values.shape[1] + 1, values.shape[2]))
        np.cumsum(values, axis=1, out=running[:, 1:])
        return running[r, end, d] - running[r, start, d]

    people = records["residents"].astype(np.float64) + records["hosted"]
    killed = summed(records, KILLED)
    after = np.minimum(end, records.shape[1] - 1)
    un = records["un_met"][r, after, d] - records["un_met"][r, end - 1, d]
    state = records["state_met"][r, after, d] - records["state_met"][r, end - 1, d]
    ended_by = np.select(
        [end >= records.shape[1], records["armed"][r, after, d] < ARMED, un >= state],
        ["still open", "armed actors left", "UN"],
        "state forces",
    )
    frame = pd.DataFrame(
        {
            "replicate": r,
            "district": d,
            "onset": start,
            "weeks": end - start,
            "people_weeks": over_spell(people),
            "governed": over_spell(records["ruler_control"] >= RULES) / (end - start),
            "killed": over_spell(killed),
            "ended_by": ended_by,
        }
    )
    if counterfactual is not None:
        frame["shared_weeks"] = over_spell(in_vacuum(counterfactual, shortest)).astype(np.int64)
        frame["depth"] = over_spell(protection(counterfactual) - protection(records)) / (end - start)
    return frame


def _spells(open_: np.ndarray, shortest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return replicate, district, first week and week after the last of each run of True.

    Ordered by replicate, district and time.
    """
    padded = np.zeros((open_.shape[0], open_.shape[2], open_.shape[1] + 2), np.int8)
    padded[:, :, 1:-1] = np.moveaxis(open_, 1, 2)
    change = np.diff(padded, axis=2)
    r, d, start = np.nonzero(change == 1)
    end = np.nonzero(change == -1)[2]
    keep = end - start >= shortest
    return r[keep], d[keep], start[keep], end[keep]


def massacres(records: np.ndarray, most: int = 20, counterfactual: np.ndarray | None = None) -> pd.DataFrame:
    """Return the gravest district-weeks: those with most civilians killed by armed groups.

    Columns: replicate (position in `records`), district (row), week, killed, attacks. At most `most`
    rows, the gravest first; equal ones by replicate, week and district. With the `counterfactual`'s
    records also killed_matched: those killed there in that week of the matched world.
    """
    killed = records["killed_by_groups"]
    gravest = np.argsort(-killed.reshape(-1), kind="stable")[:most]
    r, week, d = np.unravel_index(gravest, killed.shape)
    frame = pd.DataFrame(
        {
            "replicate": r,
            "district": d,
            "week": week,
            "killed": killed[r, week, d].astype(np.int64),
            "attacks": records["attacks"][r, week, d].astype(np.int64),
        }
    )
    if counterfactual is not None:
        frame["killed_matched"] = counterfactual["killed_by_groups"][r, week, d].astype(np.int64)
    return frame[frame["killed"] > 0].reset_index(drop=True)


# -- physical security cliffs -----------------------------------------------------------------------


def protection(records: np.ndarray) -> np.ndarray:
    """Return the true chance (0-1) that anybody meets an attack on civilians: float (R, W, D)."""
    return 1.0 - (1.0 - records["un_met"].astype(np.float64)) * (1.0 - records["state_met"])


def closures(scenario: Scenario, schedule: Schedule) -> pd.DataFrame:
    """Return the closures of a schedule as planned: base, district (row), week, rows.

    One row a base that closes, or relocates and so leaves its district; `rows` are its rows in the table
    that the mission carries out (`sim.timetable`).
    """
    table = timetable(scenario, schedule).schedule
    index = {d.id: i for i, d in enumerate(scenario.districts)}
    numbers = {name: i for i, name in enumerate(scenario.bases)}
    rows: list[tuple[str, int, int, tuple[int, ...], str]] = []
    for i in schedule.ordered:
        action = schedule.actions[i]
        leaves = ACTIONS[action.do].leaves
        if not leaves:
            continue
        own = (table["entry"] == i) & np.isin(table["action"], (actions.CLOSE, actions.RELOCATE))
        for base in (action.base,) if action.base else scenario.bases:
            found = np.flatnonzero(own & (table["at_base"] == numbers[base]))
            earlier = [n for n, r in enumerate(rows) if r[0] == base and r[4] == "closes"]
            if len(found) and earlier:  # closed by then, or at the mission's end if it was given up
                row = rows[earlier[-1]]
                rows[earlier[-1]] = (*row[:3], row[3] + tuple(int(n) for n in found), row[4])
            elif len(found):
                place = index[scenario.district_of(schedule, action.model_copy(update={"base": base}))]
                week = scenario.week_of(action.on)
                rows.append((base, place, week, tuple(int(n) for n in found), leaves))
    return pd.DataFrame([row[:4] for row in rows], columns=["base", "district", "week", "rows"])


def realised(closing: pd.DataFrame, done: np.ndarray) -> np.ndarray:
    """Return the week in which each closure really happened, -1 if it did not: int (R, closures).

    `done`: weeks in which the rows of the schedule were carried out, (R, rows) or (rows,).
    """
    done = np.atleast_2d(done)
    weeks = np.full((len(done), len(closing)), -1, np.int64)
    for n, rows in enumerate(closing["rows"]):
        own = done[:, list(rows)]
        first = np.where(own >= 0, own, np.iinfo(np.int64).max).min(axis=1)
        weeks[:, n] = np.where((own >= 0).any(axis=1), first, -1)
    return weeks


def cliffs(
    closing: pd.DataFrame, records: np.ndarray, counterfactual: np.ndarray, when: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the physical security cliff of each closure in each replicate.

    `when`: the weeks in which closures really happened (`realised`); by default all as planned. What did
    not happen in a replicate has no cliff there.

    Lost protection is what the district had the week before the closure, moved on as in the matched
    world in which the bases stay, less what it has: both worlds share every shock, so what is lost
    is lost through the schedule. Columns: base, replicate, district, week, before (protection, 0-1),
    depth (mean loss over the following `DEPTH_WEEKS`, 0-1), width (weeks until less than `REFILLED`
    of the depth is left, NaN if never), refilled_by ("UN", "state forces", "nobody"), people
    (residents and displaced hosted at the closure), exposed_people_weeks (`people_unprotected` from then
    on, beyond those in the matched world).
    """
    with_, without = protection(counterfactual), protection(records)
    gap = with_ - without  # (R, W, D)
    people = records["residents"].astype(np.float64) + records["hosted"]
    exposed = people_unprotected(records) - people_unprotected(counterfactual)
    rows = []
    weeks = records.shape[1]
    for n, (base, d, planned) in enumerate(closing[["base", "district", "week"]].itertuples(index=False)):
        for r in range(records.shape[0]):
            week = planned if when is None else int(when[r, n])
            if not 0 <= week < weeks:
                continue
            lost = gap[r, week:, d] - gap[r, max(week - 1, 0), d]
            depth = lost[: min(DEPTH_WEEKS, weeks - week)].mean()
            width, by = math.nan, "nobody"
            if depth > LOSS:
                left = lost[1:] < REFILLED * depth
                if left.any():
                    width = float(np.argmax(left) + 1)
                    week_refilled = week + int(width)
                    un = _gain(records, counterfactual, "un_met", r, week, week_refilled, d)
                    state = _gain(records, counterfactual, "state_met", r, week, week_refilled, d)
                    by = "UN" if un >= state else "state forces"
            rows.append(
                (
                    base,
                    r,
                    d,
                    week,
                    float(without[r, max(week - 1, 0), d]),
                    float(depth),
                    width,
                    by,
                    float(people[r, week, d]),
                    float(exposed[r, week:, d].sum()),
                )
            )
    columns = [
        "base",
        "replicate",
        "district",
        "week",
        "before",
        "depth",
        "width",
        "refilled_by",
        "people",
        "exposed_people_weeks",
    ]
    return pd.DataFrame(rows, columns=columns)


def _gain(a: np.ndarray, b: np.ndarray, field: str, r: int, start: int, end: int, d: int) -> float:
    """Return how much a provider's part grew from `start` to `end` beyond its growth in the other world."""
    own = a[field][r, end, d] - a[field][r, start, d]
    other = b[field][r, end, d] - b[field][r, start, d]
    return float(own - other)


# -- totals of a run --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Metric:
    """A number per run: `of` turns records (R, W, D) into totals (R,).

    headline: every schedule is compared with every other in it, not with the counterfactual alone.
    """

    name: str
    label: str
    unit: str
    of: Callable[[np.ndarray], np.ndarray]
    headline: bool = False


def counted(name: str, label: str, unit: str, *fields: str, headline: bool = False) -> Metric:
    """Return the metric that sums fields of the record (the one of its name) over weeks and districts."""

    def total(records: np.ndarray) -> np.ndarray:
        sums = [records[f].sum(axis=(1, 2), dtype=np.float64) for f in fields or (name,)]
        return np.sum(sums, axis=0)

    return Metric(name, label, unit, total, headline)


def _vacuum_weeks(records: np.ndarray) -> np.ndarray:
    return in_vacuum(records).sum((1, 2)) * 1.0


def _vacuum_people(records: np.ndarray) -> np.ndarray:
    return people_unprotected(records).sum(axis=(1, 2))


METRICS: tuple[Metric, ...] = (
    counted("killed", "civilians killed", "persons", *KILLED, headline=True),
    counted("killed_by_groups", "civilians killed by armed groups", "persons"),
    counted("killed_by_state", "civilians killed by state forces", "persons"),
    counted("killed_by_militias", "civilians killed by communal militias", "persons"),
    counted("killed_by_criminals", "people killed by criminals", "persons"),
    counted("injured_by_groups", "civilians injured by armed groups", "persons"),
    counted("injured_by_state", "civilians injured by state forces", "persons"),
    counted("abducted_by_groups", "civilians abducted by armed groups", "persons"),
    counted("abducted_by_state", "civilians detained by state forces", "persons"),
    counted("assaulted_by_groups", "survivors of sexual violence, armed groups", "persons"),
    counted("assaulted_by_state", "survivors of sexual violence, state forces", "persons"),
    counted("recorded_killed", "civilians killed, as recorded", "persons", *RECORDED),
    counted("recorded_killed_by_groups", "killed by armed groups, as recorded", "persons"),
    counted("recorded_killed_by_state", "killed by state forces, as recorded", "persons"),
    counted("fled", "flights (people who fled, each time)", "persons", headline=True),
    counted("returned", "returns", "persons"),
    counted("attacks", "attacks on civilians by armed groups", "attacks"),
    counted("answered", "attacks answered by UN or state", "attacks", "answered_un", "answered_state"),
    counted("clashes", "clashes", "clashes"),
    counted("raids", "attacks of one community on another", "raids"),
    counted("abuses", "violent incidents by state forces", "incidents"),
    Metric("vacuum_weeks", "district-weeks in a security vacuum", "weeks", _vacuum_weeks),
    Metric("vacuum_people_weeks", "people-weeks that nobody protects", "people-weeks", _vacuum_people),
    counted("aid_delivered", "people-weeks of aid delivered", "people-weeks"),
    counted("aid_incidents", "attacks on aid", "incidents"),
    counted("excess_deaths", "excess deaths from want", "persons"),
    counted(
        "deaths",
        "all deaths counted: killed, by criminals, of want",
        "persons",
        *KILLED,
        "killed_by_criminals",
        "excess_deaths",
    ),
    counted("killed_in_sites", "killed in camps and protection sites", "persons"),
    counted("assaulted_at_sites", "survivors of sexual violence around camps", "persons"),
    counted("sent_home", "people sent home against their will", "persons"),
    counted("site_weeks", "people-weeks in camps and protection sites", "people-weeks", "in_sites"),
    counted("troop_weeks", "troop-weeks of the mission", "troop-weeks", "un_troops"),
    counted("police_weeks", "police-weeks of the mission", "police-weeks", "un_police"),
)
"""What a run comes to. A metric is declared here alone; what it counts is declared in `sim.world`."""
METRIC: Mapping[str, Metric] = {m.name: m for m in METRICS}


def metric_named(name: str) -> Metric:
    """Return a metric. Raises `ValueError` that names those that exist."""
    if name not in METRIC:
        near = get_close_matches(name, METRIC, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"there is no metric {name!r}{hint} The metrics are: {', '.join(METRIC)}")
    return METRIC[name]


def metric_coordinates() -> dict[str, object]:
    """Return the coordinate `metric` of totals, with the long names and units beside it."""
    return {
        "metric": [m.name for m in METRICS],
        "long_name": ("metric", [m.label for m in METRICS]),
        "units": ("metric", [m.unit for m in METRICS]),
    }


def totals(records: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of every run: name to float (R,)."""
    return {metric.name: metric.of(records) for metric in METRICS}


# -- paired differences -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """What a schedule does beyond another one, over matched runs. Units of the metric.

    `higher`, `lower`: in how many of the `runs` it was above, below zero. `low`, `high`: the 90 %
    interval of the *runs* (how far single runs spread). `mean_low`, `mean_high`: the 95 % confidence
    interval of the *mean* (how well the runs pin it down; NaN below `sim.intervals.FEWEST` runs), and
    `p_value` that of a mean of zero. `worst`: expected shortfall, the mean of the worst 5 % of the runs
    (of fewer than 100 runs it rests on fewer than five).
    """

    runs: int
    mean: float
    mean_low: float
    mean_high: float
    median: float
    low: float
    high: float
    worst: float
    higher: int
    lower: int
    p_value: float

    @property
    def clear(self) -> bool:
        """Whether the 95 % interval of the mean excludes zero."""
        return self.mean_low > 0 or self.mean_high < 0

    @property
    def _interval(self) -> str:
        if math.isnan(self.mean_low):
            return f"too few runs for an interval (fewer than {FEWEST})"
        return f"{self.mean_low:+,.1f} to {self.mean_high:+,.1f}"

    def __repr__(self) -> str:
        """Say it in two lines."""
        return (
            f"<Difference: more in {self.higher} of {self.runs} matched runs, fewer in {self.lower}; nine in "
            f"ten {self.low:+,.1f} to {self.high:+,.1f};\n mean {self.mean:+,.1f}, its 95 % interval "
            f"{self._interval}>"
        )

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        rows = (
            ("more in", f"{self.higher} of {self.runs} matched runs"),
            ("fewer in", f"{self.lower} of {self.runs}"),
            ("nine runs in ten", f"{self.low:+,.1f} to {self.high:+,.1f}"),
            ("mean", f"{self.mean:+,.1f}"),
            ("95 % interval of the mean", self._interval),
        )
        return "<table>" + "".join(f"<tr><th>{a}</th><td>{b}</td></tr>" for a, b in rows) + "</table>"


def difference(a: np.ndarray, b: np.ndarray) -> Difference:
    """Summarise the paired differences a - b (same replicates in the same order, shape (R,))."""
    d = np.asarray(a, float) - np.asarray(b, float)
    n = len(d)
    worst = np.sort(d)[-max(1, math.ceil(0.05 * n)) :].mean()
    mean_low, mean_high = mean_interval(d) if n >= FEWEST else (math.nan, math.nan)
    low, median, high = np.quantile(d, [0.05, 0.5, 0.95])
    return Difference(
        runs=n,
        mean=float(d.mean()),
        mean_low=mean_low,
        mean_high=mean_high,
        median=float(median),
        low=float(low),
        high=float(high),
        worst=float(worst),
        higher=int((d > 0).sum()),
        lower=int((d < 0).sum()),
        p_value=p_value(d) if n >= FEWEST else math.nan,
    )
