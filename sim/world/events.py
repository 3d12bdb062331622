"""The event log: what happened, to whom, why as its doer saw it, and which event led to it.

Behaviours note events as they act. A world built without room for events notes none; nothing else
depends on it, so the same replicate can be run again with the log open when somebody asks why
(`drawdown explain`). Mesa and the ensemble write the same log, because the same behaviours do.

`cause` is the row of the event without which this one would not have happened as it did, as far as
the model follows it: an attack follows from an alert that went unanswered or from a decision, a
flight from an attack, a redeployment from the last incident the state knew of. Chance, beliefs
and strengths stand in the numbers of an event, not in its cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.compiled import compiled
from sim.declare import Field, Table


@dataclass(frozen=True, slots=True)
class Event:
    """What one kind of event is called, whom it is about, and what its values mean.

    actor, other: the tables of which its `actor` and `other` are rows, empty if it has none. An `other`
    of -1 stands for nobody (a clash: for the state); an answer's actor is told by its value `by`.
    values: names of its values, in the units of the fields and parameters they come from.
    past: what its actor did, to follow the actor's name in a story (`drawdown explain`).
    leaves: whether peacekeepers leave a district by it.
    """

    kind: str
    actor: str = ""
    other: str = ""
    values: tuple[str, ...] = ()
    past: str = ""
    leaves: bool = False


KINDS: list[Event] = []
"""Every kind of event; its place is its number in the log."""


def event(
    kind: str, actor: str = "", other: str = "", values: str = "", past: str = "", leaves: bool = False
) -> int:
    """Declare a kind of event (see `Event`; `values` in one string, at most five), and return its number."""
    KINDS.append(Event(kind, actor, other, tuple(values.split()), past, leaves))
    return len(KINDS) - 1


OPENING = event("base opens", actor="peacekeepers", values="troops", past="opened")
CLOSURE = event(
    "base closes",
    actor="peacekeepers",
    values="troops notice_weeks",
    past="left as its base closed",
    leaves=True,
)
REDUCTION = event(
    "unit reduced", actor="peacekeepers", values="troops_before troops", past="was reduced", leaves=True
)
DEPARTURE = event("unit moves on", actor="peacekeepers", values="troops", past="moved on", leaves=True)
DECISION = event(
    "decides to attack",
    actor="armed_groups",
    other="communities",
    values="believed_met true_met control_motive hunger_motive revenge_motive",
)
ALERT = event(
    "alert",
    actor="communities",
    other="armed_groups",
    values="told_un told_state heard_un heard_state lead_hours",
)
ANSWER = event("answer", other="communities", values="by hours")
ATTACK = event(
    "attack on civilians",
    actor="armed_groups",
    other="communities",
    values="killed injured abducted hours answered_by",
)
CLASH = event("clash", actor="armed_groups", other="armed_groups", values="won win_chance fighters opponent")
OFFENSIVE = event(
    "offensive", actor="state_forces", other="armed_groups", values="won win_chance known_to_state fighters"
)
ABUSE = event(
    "abuse by state forces",
    actor="state_forces",
    other="communities",
    values="killed injured arrears_weeks watched",
)
FLIGHT = event("flight", actor="communities", values="persons fear uprooted")
ORDER = event(
    "order to redeploy",
    actor="state_forces",
    other="districts",
    values="gap_here gap_there weeks personnel",
    past="was ordered away",
)
REDEPLOYMENT = event("redeployment", actor="state_forces", other="districts", past="arrived")
GROUP_MOVE = event(
    "armed group moves",
    actor="armed_groups",
    other="districts",
    values="fighters hurt believed_met",
    past="moved",
)
AID_ATTACK = event(
    "attack on aid", actor="humanitarians", other="armed_groups", values="weeks_suspended hunger"
)
RAID = event(
    "attack of one community on another",
    actor="communities",
    other="communities",
    values="killed injured hours met tension",
)
SPLINTER = event(
    "group splits", actor="armed_groups", other="armed_groups", values="fighters fighters_left hurt"
)
MERGER = event(
    "group joins another", actor="armed_groups", other="armed_groups", values="fighters fighters_joined"
)
DEMOBILISATION = event(
    "fighters demobilise", actor="armed_groups", other="communities", values="fighters fighters_left"
)
CROSSING = event("group crosses the border", actor="armed_groups", values="fighters hurt enters")
SITE_HANDED_OVER = event("site handed over", actor="sites", values="persons guarded militarised")
SITE_ATTACKED = event(
    "site attacked", actor="sites", other="armed_groups", values="killed guarded militarised persons running"
)
SENT_HOME = event("people sent home", actor="sites", values="persons persons_left")
# what schedules do besides opening, closing and reducing
ANNOUNCEMENT = event("closure announced", actor="peacekeepers")
HAND_OVER = event("alert networks handed over", actor="peacekeepers", values="networks to")
CONVERSION = event("unit becomes mobile", actor="peacekeepers", values="troops_before troops")
RELOCATION = event(
    "unit relocates",
    actor="peacekeepers",
    other="districts",
    values="troops weeks",
    past="left for another district",
    leaves=True,
)
TEAM = event("civilian team stays", actor="peacekeepers", values="persons")
DEPLOYMENT = event("state force deploys", actor="state_forces", values="personnel", past="was deployed")
MISSION_END = event("mission ends")
FOLLOW_ON = event("follow-on presence begins", values="presence")
GATE = event("action waits at a gate", actor="peacekeepers", values="known level")
GIVEN_UP = event("action given up", actor="peacekeepers", values="known level weeks")
DEMAND = event("host demands exit", values="weeks")
TRIGGER = event("trigger fires", values="does known level until")
OPERATION = event(
    "peacekeepers attack an armed group",
    actor="peacekeepers",
    other="armed_groups",
    values="won win_chance known_to_mission fighters",
)
ONSET = event("armed group forms", actor="armed_groups", other="communities", values="fighters grievance")
CAMPAIGN = event(
    "offensive of armed groups begins",
    actor="armed_groups",
    values="fighters backed violence_near believed_met lost",
    past="went on the offensive",
)
CAMPAIGN_ENDS = event(
    "offensive of armed groups ends",
    actor="armed_groups",
    values="fighters backed violence_near believed_met lost",
    past="ended its offensive",
)
ARMY_CAMPAIGN = event("campaign of the army", actor="armed_groups", values="begins fighters known")
TRUCE = event("truce", values="begins attacks_and_clashes")

NAMED = {event.kind: event for event in KINDS}
"""Kinds of events by what they are called."""

EVENTS = Table(
    "events",
    "The event log; empty unless asked for.",
    (
        Field("week", "i8", "week", "week it happened in"),
        Field("kind", "i8", "-", "what happened, see `KINDS`"),
        Field("district", "i8", "row", "where, -1 nowhere in particular"),
        Field("actor", "i8", "row", "who did it, a row of the table that its `Event` names"),
        Field(
            "other", "i8", "row", "to or against whom, a row of the table that its `Event` names; -1 nobody"
        ),
        Field("cause", "i8", "event", "the event that led to it, -1 none that the model follows"),
        Field("a", "f8", "-", "first of its values, see `Event.values`"),
        Field("b", "f8", "-", "second"),
        Field("c", "f8", "-", "third"),
        Field("d", "f8", "-", "fourth"),
        Field("e", "f8", "-", "fifth"),
        Field("mode", "i8", "-", "decisions to attack: 0 selective, 1 indiscriminate, 2 looting; -1 others"),
    ),
)


@compiled
def note(
    log: np.recarray,
    clock: np.recarray,
    kind: int,
    district: int,
    actor: int,
    other: int,
    cause: int,
    a: float,
    b: float,
    c: float,
    d: float,
    e: float,
) -> int:
    """Write an event; returns its number, -1 where no log is kept (in the spin-up, too).

    A log that is full counts on.
    """
    if len(log) == 0 or clock[0].week < 0:
        return -1
    n = clock[0].events
    clock[0].events = n + 1
    if n >= len(log):
        return -1
    log[n].week = clock[0].week
    log[n].kind = kind
    log[n].district = district
    log[n].actor = actor
    log[n].other = other
    log[n].cause = cause
    log[n].a = a
    log[n].b = b
    log[n].c = c
    log[n].d = d
    log[n].e = e
    log[n].mode = -1
    return n
