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

import numpy as np

from sim.compiled import compiled
from sim.declare import Field, Table

OPENING = 0
CLOSURE = 1
REDUCTION = 2
DEPARTURE = 3
DECISION = 4
ALERT = 5
ANSWER = 6
ATTACK = 7
CLASH = 8
OFFENSIVE = 9
ABUSE = 10
FLIGHT = 11
ORDER = 12
REDEPLOYMENT = 13
GROUP_MOVE = 14
AID_ATTACK = 15
RAID = 16
SPLINTER = 17
MERGER = 18
DEMOBILISATION = 19
CROSSING = 20
SITE_HANDED_OVER = 21
SITE_ATTACKED = 22
SENT_HOME = 23
# what schedules do besides opening, closing and reducing
ANNOUNCEMENT = 24
HAND_OVER = 25
CONVERSION = 26
RELOCATION = 27
TEAM = 28
DEPLOYMENT = 29
MISSION_END = 30
FOLLOW_ON = 31
GATE = 32
GIVEN_UP = 33
DEMAND = 34
TRIGGER = 35
OPERATION = 36
ONSET = 37
KINDS = (
    "base opens",
    "base closes",
    "unit reduced",
    "unit moves on",
    "decides to attack",
    "alert",
    "answer",
    "attack on civilians",
    "clash",
    "offensive",
    "abuse by state forces",
    "flight",
    "order to redeploy",
    "redeployment",
    "armed group moves",
    "attack on aid",
    "attack of one community on another",
    "group splits",
    "group joins another",
    "fighters demobilise",
    "group crosses the border",
    "site handed over",
    "site attacked",
    "people sent home",
    # what schedules do
    "closure announced",
    "alert networks handed over",
    "unit becomes mobile",
    "unit relocates",
    "civilian team stays",
    "state force deploys",
    "mission ends",
    "follow-on presence begins",
    "action waits at a gate",
    "action given up",
    "host demands exit",
    "trigger fires",
    "peacekeepers attack an armed group",
    "armed group forms",
)
ACTORS = (
    "peacekeepers", "peacekeepers", "peacekeepers", "peacekeepers",
    "armed_groups", "communities", "", "armed_groups", "armed_groups", "state_forces", "state_forces",
    "communities", "state_forces", "state_forces", "armed_groups", "humanitarians",
    "communities", "armed_groups", "armed_groups", "armed_groups", "armed_groups",
    "sites", "sites", "sites",
    # what schedules do
    "peacekeepers", "peacekeepers", "peacekeepers", "peacekeepers", "peacekeepers", "state_forces",
    "", "", "peacekeepers", "peacekeepers", "", "", "peacekeepers", "armed_groups",
)  # fmt: skip
"""The table that `actor` is a row of, by kind; an answer's is told by its value `by`."""
OTHERS = (
    "", "", "", "",
    "communities", "armed_groups", "communities", "communities", "armed_groups", "armed_groups",
    "communities", "", "districts", "districts", "districts", "armed_groups",
    "communities", "armed_groups", "armed_groups", "communities", "",
    "", "armed_groups", "",
    # what schedules do
    "", "", "", "districts", "", "", "", "", "", "", "", "", "armed_groups", "communities",
)  # fmt: skip
"""The table that `other` is a row of, by kind; -1 stands for nobody (a clash: for the state)."""
VALUES = (
    ("troops",),
    ("troops", "notice_weeks"),
    ("troops_before", "troops"),
    ("troops",),
    ("believed_met", "true_met", "control_motive", "hunger_motive", "revenge_motive"),
    ("told_un", "told_state", "heard_un", "heard_state", "lead_hours"),
    ("by", "hours"),
    ("killed", "injured", "abducted", "hours", "answered_by"),
    ("won", "win_chance", "fighters", "opponent"),
    ("won", "win_chance", "known_threat", "fighters"),
    ("killed", "injured", "arrears_weeks", "watched"),
    ("persons", "fear", "uprooted"),
    ("gap_here", "gap_there", "weeks"),
    (),
    ("fighters", "hurt", "believed_met"),
    ("weeks_suspended", "hunger"),
    ("killed", "injured", "hours", "met", "tension"),
    ("fighters", "fighters_left", "hurt"),
    ("fighters", "fighters_joined"),
    ("fighters", "fighters_left"),
    ("fighters", "hurt", "enters"),
    ("persons", "guarded", "militarised"),
    ("killed", "guarded", "militarised", "persons", "running"),
    ("persons", "persons_left"),
    # what schedules do
    (),
    ("networks", "to"),
    ("troops_before", "troops"),
    ("troops", "weeks"),
    ("persons",),
    ("personnel",),
    (),
    ("presence",),
    ("known", "level"),
    ("known", "level", "weeks"),
    ("weeks",),
    ("does", "known", "level", "until"),
    ("won", "win_chance", "alarm", "fighters"),
    ("fighters", "grievance"),
)
"""Names of the values of an event, by kind; in the units of the fields and parameters they come from."""

EVENTS = Table(
    "events",
    "The event log; empty unless asked for.",
    (
        Field("week", "i8", "week", "week it happened in"),
        Field("kind", "i8", "-", "what happened, see `KINDS`"),
        Field("district", "i8", "row", "where, -1 nowhere in particular"),
        Field("actor", "i8", "row", "who did it, a row of the table that `ACTORS` names"),
        Field("other", "i8", "row", "to or against whom, a row of the table that `OTHERS` names; -1 nobody"),
        Field("cause", "i8", "event", "the event that led to it, -1 none that the model follows"),
        Field("a", "f8", "-", "first of its values, see `VALUES`"),
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
    """Write an event; returns its number, -1 where no log is kept. A log that is full counts on."""
    if len(log) == 0:
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
