"""The story of one run in plain words, told from its event log.

Each thing that can be told is a record (`Told`) made from events, with the number that ranks it. One run
is one draw of chance: it shows how the model's actors get to where they end, and says nothing about what
to expect, for which there is `drawdown compare`. Fights and alerts are too many to be told; the log has
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim import measures
from sim.scenario.actions import ACTIONS
from sim.scenario.case import Scenario
from sim.scenario.schema import Action, Schedule
from sim.show.numbers import listed, percent
from sim.show.text import wrap
from sim.study.eventlog import VACUUM_OPENS
from sim.world.events import KINDS
from sim.world.mission import actions as rows
from sim.world.mission import triggers
from sim.world.state import World

if TYPE_CHECKING:
    from sim.model import DrawdownModel

MASSACRE = 25
"""Civilians killed in a district in a week from which the story tells of it."""
FLIGHT = 15_000
"""People of a district who flee, or of a site who are sent home, in a week from which it tells of it."""
LONG = 13
"""Weeks from which a vacuum is told."""
FALL = 0.02
"""A vacuum is told if protection (0-1) falls by so much: less is a threshold that was just crossed."""
DEMOBILISED = 100
"""Fighters from which it is told that they demobilise; the last of a group are told whatever their number."""
PEOPLE_WEEKS = 1e6
"""People-weeks in a vacuum that weigh as much as one civilian killed."""

VACUUM = "vacuum"
MASSACRE_BY_GROUPS = "massacre by armed groups"
MASSACRE_BY_STATE = "massacre by state forces"
MASSACRE_BY_MILITIA = "massacre by communal militias"
LARGE_FLIGHT = "large flight"
GONE = "armed group gone"
OPENS_BY_CASE = "opens as the case says"
_HARM, _FLIGHTS, _MOVES = 1, 2, 3
RANK = {
    VACUUM: _HARM,
    MASSACRE_BY_GROUPS: _HARM,
    MASSACRE_BY_STATE: _HARM,
    MASSACRE_BY_MILITIA: _HARM,
    LARGE_FLIGHT: _FLIGHTS,
    "people sent home": _FLIGHTS,
    "site handed over": _FLIGHTS,
    "armed group moves": _MOVES,
    "order to redeploy": _MOVES,
    "unit moves on": _MOVES,
    OPENS_BY_CASE: _MOVES,
    "group splits": _MOVES,
    "group joins another": _MOVES,
    "fighters demobilise": _MOVES,
    "group crosses the border": _MOVES,
    "armed group forms": _MOVES,
    "offensive of armed groups begins": _MOVES,
    "offensive of armed groups ends": _MOVES,
    "truce": _MOVES,
    GONE: _MOVES,
}
"""Which kinds are told before others; what is not named here is done by the schedule and comes first."""

CARRIED_OUT = {
    "closure announced": (rows.ANNOUNCE, "announce"),
    "alert networks handed over": (rows.HAND_OVER, "hand-over"),
    "unit reduced": (rows.REDUCE, "reduce"),
    "unit becomes mobile": (rows.CONVERT, "convert"),
    "unit relocates": (rows.RELOCATE, "relocate"),
    "base closes": (rows.CLOSE, "close"),
    "civilian team stays": (rows.LEAVE_TEAM, "leave-team"),
    "mission ends": (rows.END_MISSION, "end-mission"),
    "follow-on presence begins": (rows.FOLLOW_ON, "start-follow-on"),
}
"""Events of the schedule: the row that is carried out, and the kind of action whose words tell it."""

OPENS = {
    "the wet season begins": "as the wet season begins",
    "the dry season begins": "as the dry season begins",
    "UN protection falls": "as UN protection falls",
    "state protection falls": "as protection by state forces falls",
    "armed group arrives": "as an armed group arrives",
}
ENDS = {
    "the wet season begins": ", until the wet season closes the roads",
    "the dry season begins": ", until the dry season opens the roads",
    "UN protection rises": ", until the UN reaches it again",
    "state protection rises": ", until state forces fill it",
    "armed actors leave": ", until no armed actor of any size is left",
}
LEFT = {
    "base closes": "the UN base {base} closes",
    "unit reduced": "the UN base {base} is reduced",
    "unit relocates": "the UN base {base} relocates",
    "unit moves on": "{actor} moves on",
    "order to redeploy": "{actor} is ordered away",
    "armed group moves": "{actor} arrives",
}
"""What is behind a vacuum, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a story can tell."""

    week: int
    kind: str
    """Of the event that it is about, or one of the kinds above."""
    weight: float
    """What ranks it among those of its `rank`: civilians killed, people, fighters, or troops."""
    text: str
    districts: tuple[str, ...] = ()
    """Names of the districts that it is about; none for what concerns the whole mission."""

    @property
    def rank(self) -> int:
        """Return the place of its kind: a lower one is told first."""
        return RANK.get(self.kind, 0)


@dataclass(frozen=True)
class Chronicle:
    """The story of a run: all that can be told of it, in the order of time."""

    case: Scenario
    schedule: Schedule
    world: World = field(repr=False)
    """At the end of the run."""
    log: pd.DataFrame = field(repr=False)
    """Its events, see `sim.study.eventlog.as_frame`."""
    weeks: int

    @classmethod
    def of(cls, model: DrawdownModel) -> Chronicle:
        """Return the story of a Mesa model so far. Raises what `DrawdownModel.events` does."""
        return cls(model.scenario, model.schedule, model.world, model.events(), model.week)

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """All that can be told."""
        found = [*_schedule(self), *_vacuums(self), *_harm(self), *_actors(self), *_gone(self)]
        return tuple(sorted(found, key=lambda t: (t.week, t.rank)))

    def most_telling(self, most: int) -> tuple[Told, ...]:
        """Return at most `most` of it, in the order of time: by rank of the kind, then by weight."""
        chosen = sorted(self.told, key=lambda t: (t.rank, -t.weight, t.week))[:most]
        return tuple(sorted(chosen, key=lambda t: (t.week, t.rank)))

    def text(self, most: int = 60) -> str:
        """Return the story in 80 columns: totals, then at most `most` things by half-year."""
        clock = self.world.clock[0]
        blocks = [
            wrap(self.case.header.title)
            + "\n"
            + wrap(
                f"{self.schedule.title} ({self.schedule.name}), one run: seed {int(clock.seed)}, "
                f"replicate {int(clock.replicate)}"
            ),
            wrap(self._totals()),
        ]
        chosen = self.most_telling(most)
        half = ""
        lines: list[str] = []
        for told in chosen:
            day = self.case.date_of(told.week)
            title = f"{day.year}, {'first' if day.month <= 6 else 'second'} half"
            if title != half:
                half = title
                lines.append(f"\n{title}")
            lines.append(wrap(f"{day:%d %b}  {told.text}", "  ", "          "))
        left = len(self.told) - len(chosen)
        if left:
            smaller = "1 smaller event" if left == 1 else f"{left} smaller events"
            lines.append(f"\n({smaller} left out; --tell N tells more.)")
        return "\n\n".join(blocks) + "\n" + "\n".join(lines) + "\n"

    def _totals(self) -> str:
        row = np.asarray(self.world.record)[: self.weeks]
        total = {name: int(row[name].sum()) for name in row.dtype.names or ()}
        recorded = total["recorded_killed_by_groups"] + total["recorded_killed_by_state"]
        militias = total["killed_by_militias"]
        return (
            f"In this run armed groups kill {total['killed_by_groups']:,d} civilians and state forces "
            f"{total['killed_by_state']:,d} in {self.weeks} weeks; {recorded:,d} of them enter the record. "
            + (f"Communal militias kill {militias:,d} more. " if militias else "")
            + f"People flee {total['fled']:,d} times and return {total['returned']:,d} times. "
            "One run is one draw of chance: for what to expect, compare many (`drawdown compare`)."
        )

    # -- what an event says by itself and the world says more of --------------------------------------

    @cached_property
    def bases(self) -> dict[str, str]:
        """The base of each unit of the case."""
        return {u.unit: u.base for u in self.case.units}

    def of_kind(self, kind: str) -> Iterator[Any]:
        """Yield the events of a kind in the order of time; `Index` is the number of each."""
        yield from self.log[self.log["kind"] == kind].itertuples()

    def row(self, event: Any, action: int) -> np.record | None:
        """Return the row of the schedule by which an event was carried out, if there is one."""
        table = self.world.schedule
        unit = self.world.events[event.Index].actor
        found = (table["done"] == event.week) & (table["action"] == action) & (table["unit"] == unit)
        return table[np.flatnonzero(found)[0]] if found.any() else None


# -- what the schedule does -------------------------------------------------------------------------


def _schedule(story: Chronicle) -> Iterator[Told]:
    """Tell what the mission carries out, once for each base, and what holds it up or turns it.

    It weighs as much as the troops that it takes away, and most where it is about the whole mission.
    """
    log = story.log[story.log["kind"].isin(list(TOLD_OF_SCHEDULE))]
    closed: set[str] = set()
    found: dict[tuple[int, str, str], tuple[Any, float]] = {}
    for e in log.itertuples():
        base = story.bases.get(e.actor, "")
        if e.kind == "base closes":
            if not base or (base in closed and (e.week, e.kind, base) not in found):
                continue  # the base had closed; those who stayed behind leave
            closed.add(base)
        elif e.kind == "base opens":
            closed.discard(base)
        # a base has several units, each with an event of its own
        key = (e.week, e.kind, base if base and e.kind in CARRIED_OUT else f"event {e.Index}")
        first, troops = found.get(key, (e, 0.0))
        found[key] = first, troops + _taken_away(e)
    for e, troops in found.values():
        kind = OPENS_BY_CASE if _opens_by_case(story, e) else e.kind
        yield Told(int(e.week), kind, troops, TOLD_OF_SCHEDULE[e.kind](story, e), _places_of(e))


def _taken_away(e: Any) -> float:
    """Return the troops that an event of the schedule takes from where they are."""
    if e.kind in ("unit reduced", "unit becomes mobile"):
        return float(e.troops_before - e.troops)
    if e.kind in ("base closes", "unit relocates", "base opens"):
        return float(e.troops)
    return {"state force deploys": 0.0, "closure announced": 0.0}.get(e.kind, math.inf)


def _opens_by_case(story: Chronicle, e: Any) -> bool:
    """Return whether a unit opens on the day that the tables of the case give, under any schedule."""
    dated: dict[str, Any] = {}
    if e.kind == "base opens":
        dated = {u.unit: u.opens for u in story.case.units}
    elif e.kind == "state force deploys":
        dated = {s.unit: s.opens for s in story.case.state_forces}
    day = dated.get(e.actor)
    return isinstance(day, date) and story.case.week_of(day) == e.week


def _carried_out(story: Chronicle, e: Any) -> str:
    action, do = CARRIED_OUT[e.kind]
    row = story.row(e, action)
    if row is None or row.entry < 0:
        return f"{e.actor}: {e.kind}."
    base = story.case.bases[row.at_base] if row.at_base >= 0 else ""
    return f"{words(do, base, story.schedule.actions[int(row.entry)])}{_late(e, row)}."


def _late(e: Any, row: np.record | None) -> str:
    late = 0 if row is None else int(e.week - row.planned)
    return "" if late <= 0 else ", a week late" if late == 1 else f", {late} weeks late"


def _opens(story: Chronicle, e: Any) -> str:
    return f"{e.actor} opens in {e.district}{_late(e, story.row(e, rows.OPEN))}."


def _deploys(story: Chronicle, e: Any) -> str:
    return f"{e.actor} is deployed in {e.district}{_late(e, story.row(e, rows.DEPLOY))}."


def _at_gate(story: Chronicle, e: Any) -> Action:
    """Return the action that waits, or was given up, at a gate."""
    table = story.world.schedule
    waits = (table["unit"] == story.world.events[e.Index].actor) & (table["gate"] >= 0)
    waits &= (table["week"] <= e.week) & ((table["done"] < 0) | (table["done"] > e.week))
    return story.schedule.actions[int(table[np.flatnonzero(waits)[0]].entry)]


def _waits(story: Chronicle, e: Any) -> str:
    action = _at_gate(story, e)
    return f"The benchmark of {action.gate} is not met; for now {_not_done(action)}."


def _given_up(story: Chronicle, e: Any) -> str:
    action = _at_gate(story, e)
    return f"The benchmark of {action.gate} was not met in time; {_not_done(action)}."


def _not_done(action: Action) -> str:
    if action.do == "close":
        return f"the UN base {action.base} stays"
    if action.do == "end-mission":
        return "the mission stays"
    return f"no {action.do} of {action.base or action.unit or action.follow_on}"


def _demand(story: Chronicle, e: Any) -> str:
    return f"The host government demands that the mission leave within {int(e.weeks)} weeks."


def _trigger(story: Chronicle, e: Any) -> str:
    does = {
        triggers.PAUSE: f"closures are paused for {int(e.until - e.week)} weeks",
        triggers.REOPEN: "the base that closed there last is to reopen",
        triggers.REINFORCE: "a reserve is sent there",
    }[int(e.does)]
    return f"A trigger of the schedule fires in {e.district}: {does}."


TOLD_OF_SCHEDULE: dict[str, Callable[[Chronicle, Any], str]] = {
    **dict.fromkeys(CARRIED_OUT, _carried_out),
    "base opens": _opens,
    "state force deploys": _deploys,
    "action waits at a gate": _waits,
    "action given up": _given_up,
    "host demands exit": _demand,
    "trigger fires": _trigger,
}
"""What tells each kind of event of the schedule."""


def words(do: str, base: str, action: Action) -> str:
    """Return in words what an action does, without the full stop."""
    kind = ACTIONS[do]
    return kind.say(kind.told, action, base)


# -- vacuums and harm -------------------------------------------------------------------------------


def _vacuums(story: Chronicle) -> Iterator[Told]:
    """Tell of vacuums that open during the run, last and are more than a threshold just crossed."""
    records = np.asarray(story.world.record)[None, : story.weeks]
    record = records[0]
    protection = measures.protection(records)[0]
    places = [d.name for d in story.case.districts]
    ends = {e.cause: e for e in story.of_kind("security vacuum ends")}
    spells = {(places[v.district], v.onset): v for v in measures.vacuums(records).itertuples()}
    for e in story.of_kind(VACUUM_OPENS):
        v: Any = spells[e.district, e.week]
        if e.week == 0 or v.weeks < LONG:
            continue
        own = slice(v.onset, v.onset + v.weeks), v.district
        before, within = protection[v.onset - 1, v.district], protection[own].mean()
        arrives = e.reason == "armed group arrives"
        if record["armed"][own].mean() < 2 * measures.ARMED if arrives else before - within < FALL:
            continue
        over = ends.get(e.Index)
        lasts = "and it lasts to the end" if over is None else f"for {v.weeks} weeks{ENDS[over.reason]}"
        meets = (
            f"{percent(within)} of attacks are met in it"
            if arrives
            else f"{percent(within)} of attacks are met in it, {percent(before)} before"
        )
        yield Told(
            v.onset,
            VACUUM,
            v.killed + v.people_weeks / PEOPLE_WEEKS,
            f"A security vacuum opens in {e.district} {_behind(story, e)}, {lasts}; {meets}; civilians "
            f"killed in it: {int(v.killed)}.",
            (e.district,),
        )


def _behind(story: Chronicle, opens: Any) -> str:
    """Return in words what a vacuum opened by: the event behind it if the log has one, else its reason."""
    if pd.isna(opens.cause):
        return OPENS[opens.reason]
    cause = story.log.loc[int(opens.cause)]
    base = story.bases.get(cause["actor"])
    if cause["kind"] == "base closes" and base is None:
        return f"as {cause['actor']} leaves"
    return "as " + LEFT[cause["kind"]].format(base=base, actor=cause["actor"])


def _harm(story: Chronicle) -> Iterator[Told]:
    """Tell of massacres and of large flights, district by district and week by week."""
    fled = _sums(story, "flight", "persons")
    told = set()
    for place, attacks in _places(story, "attack on civilians"):
        killed = int(attacks["killed"].sum())
        if killed >= MASSACRE:
            told.add(place)
            week, district = place
            came = (attacks["answered_by"] != "nobody").any()
            who = _some(list(dict.fromkeys(attacks["actor"])))
            yield Told(
                week,
                MASSACRE_BY_GROUPS,
                killed,
                f"{killed} civilians are killed in {district}; {who} attacked, "
                f"{'help comes' if came else 'nobody comes'}; {fled.get(place, 0):,d} flee.",
                (district,),
            )
    for (week, district), killed in _sums(story, "abuse by state forces", "killed").items():
        if killed >= MASSACRE:
            text = f"State forces kill {killed} civilians in {district}."
            yield Told(week, MASSACRE_BY_STATE, killed, text, (district,))
    for (week, district), killed in _sums(story, "attack of one community on another", "killed").items():
        if killed >= MASSACRE:
            text = f"Communal militias kill {killed} civilians in {district}."
            yield Told(week, MASSACRE_BY_MILITIA, killed, text, (district,))
    for place, persons in fled.items():
        if persons >= FLIGHT and place not in told:
            text = f"{persons:,d} people flee in {place[1]}."
            yield Told(place[0], LARGE_FLIGHT, persons, text, (place[1],))


def _places(story: Chronicle, kind: str) -> Iterator[tuple[tuple[int, str], pd.DataFrame]]:
    """Yield ((week, district), events) of a kind."""
    found = story.log[story.log["kind"] == kind]
    for (week, district), own in found.groupby(["week", "district"], sort=False):
        yield (int(week), str(district)), own


def _sums(story: Chronicle, kind: str, value: str) -> dict[tuple[int, str], int]:
    """Return the sum of a value of a kind of event for each (week, district) that has any."""
    return {place: int(own[value].sum()) for place, own in _places(story, kind)}


# -- who moves, comes and goes ----------------------------------------------------------------------


def _actors(story: Chronicle) -> Iterator[Told]:
    """Tell of what happens to sites, armed groups and units, each event by itself."""
    for e in story.of_kind("site handed over"):
        text = f"The peacekeepers who guarded {e.actor} have gone; {int(e.persons):,d} people live there."
        yield Told(e.week, e.kind, e.persons, text, _places_of(e))
    for e in story.of_kind("people sent home"):
        if e.persons >= FLIGHT:
            text = f"{int(e.persons):,d} people of {e.actor} are sent home."
            yield Told(e.week, e.kind, e.persons, text, _places_of(e))
    for e in story.of_kind("order to redeploy"):
        text = f"{e.actor} ({int(e.personnel)} soldiers) is ordered from {e.district} to {e.other}."
        yield Told(e.week, e.kind, e.personnel, text, _places_of(e, e.other))
    for e in story.of_kind("unit moves on"):
        text = f"{e.actor} ({int(e.troops)} troops) leaves {e.district}."
        yield Told(e.week, e.kind, e.troops, text, _places_of(e))
    for e in story.of_kind("armed group moves"):
        text = f"{e.actor} ({int(e.fighters)} fighters) moves to {e.other}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e, e.other))
    for e in story.of_kind("group splits"):
        text = f"{e.actor} splits in {e.district}: {int(e.fighters)} fighters leave as {e.other}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    for e in story.of_kind("group joins another"):
        text = f"{e.actor} ({int(e.fighters)} fighters) joins {e.other}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    for e in story.of_kind("fighters demobilise"):
        if e.fighters_left == 0:
            text = f"The last {int(e.fighters)} fighters of {e.actor} demobilise in {e.district}."
        elif e.fighters >= DEMOBILISED:
            text = f"{int(e.fighters)} fighters of {e.actor} demobilise in {e.district}."
        else:
            continue
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    for e in story.of_kind("group crosses the border"):
        way = "into" if e.enters == 1 else "out of"
        text = f"{e.actor} ({int(e.fighters)} fighters) crosses the border {way} {e.district}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    for e in story.of_kind("armed group forms"):
        text = f"An armed group ({e.actor}, {int(e.fighters)} fighters) forms in {e.district}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    yield from _campaigns(story)
    for e in story.of_kind("truce"):
        text = f"Those who fight in {e.district} {'come to' if e.begins == 1 else 'end'} a truce."
        yield Told(e.week, e.kind, 0.0, text, _places_of(e))


def _campaigns(story: Chronicle) -> Iterator[Told]:
    """Tell when factions go on the offensive, and when they end it."""
    factions = {group.group: group.faction for group in story.case.armed_groups}
    for e in story.of_kind("offensive of armed groups begins"):
        backed = ", backed from outside" if e.backed == 1 else ""
        who = factions.get(e.actor, e.actor)
        text = f"{who} ({int(e.fighters)} fighters{backed}) goes on the offensive from {e.district}."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))
    for e in story.of_kind("offensive of armed groups ends"):
        text = f"The offensive of {factions.get(e.actor, e.actor)} ends."
        yield Told(e.week, e.kind, e.fighters, text, _places_of(e))


def _gone(story: Chronicle) -> Iterator[Told]:
    """Tell when groups are last heard of that have no fighters left at the end of the run.

    Not of those that joined another or demobilised to the last, which is told where it happens.
    """
    groups = story.world.armed_groups
    noted = np.asarray(story.world.events[: int(story.world.clock[0].events)])
    did, met = (
        np.isin(noted["kind"], [n for n, kind in enumerate(KINDS) if getattr(kind, column) == "armed_groups"])
        for column in ("actor", "other")
    )
    for g in np.flatnonzero((groups["fighters"] == 0) & (groups["away"] == 0)):
        own = did & (noted["actor"] == g)
        heard = np.flatnonzero(own | (met & (noted["other"] == g)))
        if not len(heard):
            continue
        e = story.log.loc[int(heard[-1])]
        acts = bool(own[heard[-1]])
        if acts and (e["kind"] == "group joins another" or e.get("fighters_left") == 0):
            continue
        yield Told(
            int(e["week"]),
            GONE,
            0.0,
            f"{e['actor' if acts else 'other']} is heard of for the last time, in {e['district']}; at the "
            "end of the run it has no fighters.",
            _places_of(e),
        )


def _places_of(e: Any, *others: str | None) -> tuple[str, ...]:
    """Return the districts that an event is about: where it happens, and others."""
    return tuple(dict.fromkeys(str(name) for name in (e.district, *others) if isinstance(name, str)))


def _some(names: list[str]) -> str:
    """Return a few names in words."""
    return listed(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} other groups"
