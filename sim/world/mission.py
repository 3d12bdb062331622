"""The mission: it carries out the drawdown schedule.

A schedule reaches the world as a table of dated actions on units. Under `none` only those are left
that belong to every schedule: units that move on or were temporary. An action changes nothing but
the unit it names and what communities are told; what follows is left to the others.
"""

from __future__ import annotations

from sim.arithmetic import clip
from sim.compiled import behaviour
from sim.declare import Field, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.state import World

CLOSE = 0
REDUCE = 1
CANCEL = 2
MOVE_ON = 3
ACTIONS = ("close", "reduce", "cancel", "move on")

SCHEDULE = Table(
    "schedule",
    "The drawdown schedule: one row an action on one unit.",
    (
        Field("week", "i8", "week", "week in which it takes effect"),
        Field("action", "i8", "-", "0 close, 1 reduce, 2 cancel (never opens), 3 move on"),
        Field("unit", "i8", "row", "the peacekeeper unit"),
        Field("strength", "i8", "persons", "strength from then on (reduce)"),
        Field("notice", "f8", "weeks", "how long before communities were told and prepared"),
        Field("first", "i8", "flag", "1 for the first unit of a closing base: a base closes once"),
    ),
)

# fmt: off
PARAMETERS = (
    Parameter("full_notice", 8.0, "weeks", 2.0, 26.0,
              "notice after which the closure of a base counts as fully explained to communities",
              "no source; direction S3 (E1-5: procedures for closing bases and telling communities)"),
)
# fmt: on


@behaviour
def execute_schedule(world: World) -> None:
    """Open the bases that open this week, and carry out this week's actions."""
    week = world.clock[0].week
    units = world.peacekeepers
    log = world.events
    for u in range(len(units)):
        if units[u].opens == week:
            units[u].present = 1
            if week > 0:
                strength = float(units[u].strength)
                note(
                    log,
                    world.clock,
                    events.OPENING,
                    units[u].district,
                    u,
                    -1,
                    -1,
                    strength,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                )
    for a in range(len(world.schedule)):
        if world.schedule[a].week != week:
            continue
        u = world.schedule[a].unit
        d = units[u].district
        action = world.schedule[a].action
        had = float(units[u].strength)
        if action == CLOSE:
            notice = world.schedule[a].notice
            note(log, world.clock, events.CLOSURE, d, u, -1, -1, had, notice, 0.0, 0.0, 0.0)
        elif action == REDUCE:
            left = float(world.schedule[a].strength)
            note(log, world.clock, events.REDUCTION, d, u, -1, -1, had, left, 0.0, 0.0, 0.0)
        elif action == MOVE_ON:
            note(log, world.clock, events.DEPARTURE, d, u, -1, -1, had, 0.0, 0.0, 0.0, 0.0)
        if action == REDUCE:
            units[u].strength = world.schedule[a].strength
        else:
            units[u].present = 0
        if action == CANCEL:
            units[u].opens = -1
        if action == CLOSE and world.schedule[a].first == 1:
            told = clip(world.schedule[a].notice / world.parameters[0].full_notice, 0.0, 1.0)
            world.districts[d].closed += 1
            world.districts[d].unexplained += 1.0 - told
