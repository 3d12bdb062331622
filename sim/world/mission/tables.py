"""The tables of the mission: the schedule, its bases, gates and triggers, and headquarters."""

from __future__ import annotations

from sim.declare import Field, Table
from sim.world.mission.actions import ACTIONS
from sim.world.state import NEVER

WAITING = 0
DONE = 1
GIVEN_UP = 2
STATES = ("waiting", "done", "given up")

SCHEDULE = Table(
    "schedule",
    "The drawdown schedule: one row an action on one unit.",
    (
        Field("week", "i8", "week", "week in which it is due: as planned, then moved by chance"),
        Field("action", "i8", "-", ", ".join(f"{i} {name}" for i, name in enumerate(ACTIONS))),
        Field("unit", "i8", "row", "the peacekeeper unit (state unit: deploy), -1 none", start=-1),
        Field("strength", "i8", "persons", "strength from then on (reduce, convert; -1 as it is)"),
        Field("notice", "f8", "weeks", "how long before communities were told and prepared, as planned"),
        Field("at_base", "i8", "-", "number of the base, -1 none", start=-1),
        Field("planned", "i8", "week", "week in which it was planned"),
        Field("day", "f8", "weeks", "the planned day, since the start of the run"),
        Field("district", "i8", "row", "where it takes effect; where to (relocate); -1 nowhere", start=-1),
        Field("hours", "f8", "hours", "way to the new district in the dry season (relocate)"),
        Field("hours_wet", "f8", "hours", "in the wet season"),
        Field("to", "i8", "-", "new listener (hand over), or kind of follow-on presence", start=-1),
        Field("whole", "i8", "flag", "1 if it is part of the end of the whole mission"),
        Field("gate", "i8", "row", "the gate at which it waits, -1 none", start=-1),
        Field("entry", "i8", "-", "number of the action in the schedule file, -1 from units.csv", start=-1),
        Field("status", "i8", "-", ", ".join(f"{i} {name}" for i, name in enumerate(STATES))),
        Field("done", "i8", "week", "week in which it was carried out, -1 not", start=-1),
    ),
)
BASES = Table(
    "bases",
    "The mission's bases, in the order of units.csv.",
    (
        Field("district", "i8", "row", "where it is"),
        Field(
            "told",
            "f8",
            "weeks",
            "when communities were told of its closure, since the start; -1 not",
            start=-1,
        ),
        Field("closed", "i8", "week", "week in which it closed, -1 while open", start=-1),
        Field(
            "left",
            "i8",
            "week",
            "week in which it last left a district, closed or relocated; -1 never",
            start=-1,
        ),
        Field("slip", "i8", "weeks", "by how much its closure slips in this replicate"),
        Field(
            "foreseen", "i8", "week", "week from which the government knows that it will close", start=NEVER
        ),
        Field("troops", "f8", "persons", "armed peacekeepers who left when it closed"),
        Field("men", "f8", "persons", "soldiers sent to take it over (at work once it is closed)"),
        Field("capability", "f8", "0-1", "mean capability of these"),
        Field("will", "f8", "0-1", "mean will of these to protect civilians"),
    ),
)
GATES = Table(
    "gates",
    "Gates at which actions wait, one row a gated action.",
    (
        Field("benchmark", "i8", "-", "what is looked at"),
        Field("at_least", "i8", "flag", "1 met from the level on, 0 up to it"),
        Field("level", "f8", "-", "the level"),
        Field("weeks", "i8", "weeks", "over how many weeks it is averaged"),
        Field("district", "i8", "row", "where, -1 everywhere"),
        Field("at_base", "i8", "-", "base of the action, -1 none"),
        Field("longest", "i8", "weeks", "longest delay"),
        Field("stay", "i8", "flag", "1 if the action is given up after that, 0 if carried out"),
        Field("value", "f8", "-", "what the mission knows this week"),
        Field("met", "i8", "flag", "1 if it is met this week"),
        Field("waited", "i8", "flag", "1 once an action has waited at it"),
    ),
)
TRIGGERS = Table(
    "triggers",
    "What the mission does when something it knows passes a level.",
    (
        Field("benchmark", "i8", "-", "what is looked at"),
        Field("at_least", "i8", "flag", "1 fires from the level on, 0 up to it"),
        Field("level", "f8", "-", "the level"),
        Field("weeks", "i8", "weeks", "over how many weeks it is averaged"),
        Field("anywhere", "i8", "flag", "1 all districts are watched, 0 those of closed bases"),
        Field("does", "i8", "-", "0 pause, 1 reopen, 2 reinforce"),
        Field("lasts", "i8", "weeks", "how long a pause or reinforcement lasts"),
        Field("delay", "i8", "weeks", "weeks until a base reopens or the reserve arrives"),
        Field("unit", "i8", "row", "the reserve, -1 none"),
        Field("most", "i8", "-", "how often it can fire"),
        Field("fired", "i8", "-", "how often it has"),
        Field("until", "i8", "week", "week in which what it did is over"),
    ),
)
MISSION = Table(
    "mission",
    "Mission headquarters: what is uncertain in carrying out the schedule, and what follows; one row.",
    (
        Field("slippage", "f8", "weeks", "mean time by which closures come late, 0 never"),
        Field("demand_chance", "f8", "1/year", "chance in a year that the host demands exit"),
        Field("demand_weeks", "i8", "weeks", "time it then leaves"),
        Field("demand", "i8", "week", "week in which the host demands exit, in this replicate", start=NEVER),
        Field("paused", "i8", "week", "closures wait until this week"),
        Field("ended", "i8", "week", "week in which the mission ended, -1 not", start=-1),
        Field("follow_on", "i8", "-", "kind of follow-on presence, -1 none", start=-1),
        Field("follow_on_since", "i8", "week", "week in which it began"),
        Field("mentoring", "f8", "0-1", "mentoring of state units by it, relative to a full mission"),
    ),
)
