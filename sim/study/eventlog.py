"""The event log of one replicate as a table, from the ensemble or from a Mesa model.

`event_log` runs the replicate again with the log open: a replicate is the same whoever runs it, so
nothing has to be kept of the runs of a comparison to be able to ask later why something happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim import measures
from sim.build import build
from sim.ensemble import simulate
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.world.codes import Mode, words
from sim.world.events import KINDS
from sim.world.state import World

if TYPE_CHECKING:
    from sim.model import DrawdownModel

VACUUM_OPENS = "security vacuum opens"
VACUUM_ENDS = "security vacuum ends"
BY = {0.0: "nobody", 1.0: "UN", 2.0: "state forces"}
LEAVING = tuple(event.kind for event in KINDS if event.leaves)
ROOM = 60
"""Events a week for which there is room at first; a log that turns out longer is run again."""


class LogFull(RuntimeError):
    """A Mesa model noted more events than it was given room for."""


def event_log(
    case: Scenario, schedule: str | Schedule, *, seed: int, replicate: int
) -> tuple[pd.DataFrame, World]:
    """Run one replicate with the log open; returns its events (see `as_frame`) and the world at the end.

    The numbers are those of the same replicate in a comparison.
    """
    room = ROOM * case.weeks
    while True:
        world, names = build(case, schedule, events=room)
        simulate(world, seed, replicate, case.weeks)
        noted = int(world.clock[0].events)
        if noted <= room:
            return as_frame(case, world, names), world
        room = noted


def log_of(model: DrawdownModel) -> pd.DataFrame:
    """Return the events of a Mesa model made with `events`; see `as_frame`.

    Raises `ValueError` if it keeps none, `LogFull` if it noted more than there was room for.
    """
    room, noted = len(model.world.events), int(model.world.clock[0].events)
    if room == 0:
        raise ValueError("this model keeps no event log; make it with events=True")
    if noted > room:
        raise LogFull(f"{noted} events and room for {room}; make the model with events={2 * noted}")
    return as_frame(model.scenario, model.world, model.names, weeks=model.week)


def as_frame(
    case: Scenario, world: World, names: dict[str, list[str]], weeks: int | None = None
) -> pd.DataFrame:
    """Return the log as a table, one row an event in the order of time.

    Columns: event (index: its number), week, date, kind, district, actor, other (names; None for
    nobody), cause (number of the event that led to it, <NA> if none), then the values that say why
    and how much (`sim.world.events.KINDS`), missing where a kind has none of that name. Vacuums are
    found in the record of the run and come last, after the events noted by behaviours.
    """
    noted = world.events[: int(world.clock[0].events)]
    kinds = noted["kind"]
    count = len(noted)
    districts = np.array([*names["districts"], None], object)  # -1, nowhere in particular, is the last
    columns: dict[str, np.ndarray] = {
        "week": noted["week"].copy(),
        "kind": np.array([event.kind for event in KINDS], object)[kinds],
        "district": districts[noted["district"]],
        "actor": np.full(count, None, object),
        "other": np.full(count, None, object),
    }
    tables = {name: np.array(rows, object) for name, rows in names.items()}
    values: dict[str, np.ndarray] = {}
    for kind in np.unique(kinds):
        own = np.flatnonzero(kinds == kind)
        event = KINDS[kind]
        for column, table in (("actor", event.actor), ("other", event.other)):
            rows = noted[column][own]
            if table:
                known = rows >= 0
                columns[column][own[known]] = tables[table][rows[known]]
        for letter, name in zip("abcde", event.values, strict=False):
            values.setdefault(name, np.full(count, np.nan))[own] = noted[letter][own]
    answers = np.flatnonzero(columns["kind"] == "answer")
    for by, table in ((1.0, "peacekeepers"), (2.0, "state_forces")):
        own = answers[values["by"][answers] == by] if len(answers) else answers
        own = own[noted["actor"][own] >= 0]  # men who took over a base belong to no unit any more
        columns["actor"][own] = tables[table][noted["actor"][own]]
    frame = pd.DataFrame({**columns, **values})
    frame.insert(5, "cause", pd.array(np.where(noted["cause"] >= 0, noted["cause"], -1), "Int64"))
    frame.loc[frame["cause"] < 0, "cause"] = pd.NA
    if (noted["mode"] >= 0).any():
        frame["mode"] = np.array([*words(Mode), None], object)[noted["mode"]]
    for name in ("by", "answered_by"):
        if name in frame:
            frame[name] = frame[name].map(BY)
    found = _vacuums(case, world, names, frame, weeks or case.weeks)
    frame = pd.concat([frame, found], ignore_index=True) if len(found) else frame
    frame.insert(1, "date", pd.to_datetime([case.date_of(int(w)) for w in frame["week"]]))
    frame.index.name = "event"
    return frame


def _vacuums(
    case: Scenario, world: World, names: dict[str, list[str]], log: pd.DataFrame, weeks: int
) -> pd.DataFrame:
    """Return the vacuums of the run as events: what changed in the week they opened and ended, and why."""
    records = np.asarray(world.record)[None, :weeks]
    rows: list[dict[str, object]] = []
    first = len(log)
    for v in measures.vacuums(records).itertuples():
        d, start, end = int(v.district), int(v.onset), int(v.onset + v.weeks)
        opened = {"week": start, "kind": VACUUM_OPENS, "district": names["districts"][d]}
        opens = first + len(rows)
        rows.append({**opened, **_change(case, world, names, log, d, start, opening=True)})
        if end < weeks:
            ended = {"week": end, "kind": VACUUM_ENDS, "district": names["districts"][d], "cause": opens}
            rows.append({**ended, **_change(case, world, names, log, d, end, opening=False), "cause": opens})
    frame = pd.DataFrame(rows)
    if "cause" in frame:
        frame["cause"] = frame["cause"].astype("Int64")
    return frame


def _change(
    case: Scenario,
    world: World,
    names: dict[str, list[str]],
    log: pd.DataFrame,
    d: int,
    week: int,
    *,
    opening: bool,
) -> dict[str, object]:
    """Return what changed in district `d` in `week`, the reason, and the event behind it if one is noted."""
    row = world.record
    before = max(week - 1, 0)
    values: dict[str, object] = {}
    for name in ("un_met", "state_met", "armed"):
        values[f"{name}_before"] = float(row[name][before, d])
        values[name] = float(row[name][week, d])
    if week == 0:
        return {**values, "reason": "from the start"}
    place = names["districts"][d]
    armed_before, armed = row["armed"][before, d], row["armed"][week, d]
    if (armed_before < measures.ARMED) == opening and (armed < measures.ARMED) != opening:
        moved = log[(log["kind"] == "armed group moves") & log["week"].between(week - 1, week)]
        moved = moved[moved["other" if opening else "district"] == place]
        reason = "armed group arrives" if opening else "armed actors leave"
        return {**values, "reason": reason, **_last(moved)}
    sign = -1.0 if opening else 1.0
    un = sign * (row["un_met"][week, d] - row["un_met"][before, d])
    state = sign * (row["state_met"][week, d] - row["state_met"][before, d])
    season_before, season_now = world.calendar[[w + int(world.clock[0].before) for w in (before, week)]]
    if season_now != season_before:
        if not _nearest(log, names, world, d, week, opening):
            season = "the wet season begins" if season_now == 1 else "the dry season begins"
            return {**values, "reason": season}
    if un >= state:
        reason = "UN protection falls" if opening else "UN protection rises"
        return {**values, "reason": reason, **_nearest(log, names, world, d, week, opening)}
    kind = "order to redeploy" if opening else "redeployment"
    moved = log[(log["kind"] == kind) & log["week"].between(week - 1, week) & (log["district"] == place)]
    reason = "state protection falls" if opening else "state protection rises"
    return {**values, "reason": reason, **_last(moved)}


def _nearest(
    log: pd.DataFrame, names: dict[str, list[str]], world: World, d: int, week: int, opening: bool
) -> dict[str, object]:
    """Return the UN unit that left (or came) in `week` nearest to district `d`, the largest of equals."""
    kinds = LEAVING if opening else ("base opens",)
    found = log[log["kind"].isin(kinds) & (log["week"] == week)]
    hours = {names["districts"][n]: world.hours[0, d, k] for k, n in enumerate(world.near[d]) if n >= 0}
    found = found[found["district"].isin(hours)]
    if not len(found):
        return {}
    ranked = sorted(found.itertuples(), key=lambda e: (hours[e.district], -e.troops, e.Index))
    return {"cause": int(ranked[0].Index)}


def _last(events: pd.DataFrame) -> dict[str, object]:
    return {"cause": int(events.index[-1])} if len(events) else {}


def chain(log: pd.DataFrame, event: int) -> list[int]:
    """Return an event and those that led to it, the first cause first."""
    found = [event]
    while not pd.isna(log.at[found[-1], "cause"]):
        found.append(int(log.at[found[-1], "cause"]))
    return found[::-1]


def effects(log: pd.DataFrame, event: int) -> list[int]:
    """Return the events that follow directly from one."""
    return [int(i) for i in log.index[log["cause"] == event]]
