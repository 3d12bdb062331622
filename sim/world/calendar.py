"""The turn of the week: the date, the season, and a count of harm that begins anew.

Fields that count by the week say so where they are declared, and are cleared next (`sim.week.clear`).
"""

from __future__ import annotations

from sim.chance import fold, run_key
from sim.compiled import behaviour
from sim.declare import Mechanism, Parameter
from sim.world.state import World

PART = "calendar"

LATEST = 1024
"""Added to a week to fold it into a key: weeks of the spin-up are negative, and 0 is the start's."""

# fmt: off
PARAMETERS = (
    Parameter("spin_up", 104.0, "weeks", 0.0, 520.0,
              "time that the world runs under the force of its first day before week 0, so that beliefs, "
              "stores, fear, trust and displacement are the model's own when it begins to count",
              "no source; two years are enough within what can be seen (experiments/responses)"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "season", "surroundings",
        "roads are slower in the wet season",
        "E2a", {},
        "without it it is always dry",
    ),
)
# fmt: on


@behaviour
def begin_week(world: World, week: int) -> None:
    """Set the clock to `week`, draw its key of chance, and begin to count harm anew."""
    clock = world.clock
    clock[0].week = week
    clock[0].season = world.calendar[week + clock[0].before]
    clock[0].attacks = 0
    world.keys[0] = fold(run_key(clock[0].seed, clock[0].replicate), week + LATEST)
    for d in range(len(world.districts)):
        for perpetrator in range(4):
            for kind in range(4):
                world.harm[d, perpetrator, kind] = 0
