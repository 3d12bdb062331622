"""The turn of the week: the date, the season, and a count of harm that begins anew.

Fields that count by the week say so where they are declared, and are cleared next (`sim.week.clear`).
"""

from __future__ import annotations

from sim.chance import fold, run_key
from sim.compiled import behaviour
from sim.declare import Mechanism
from sim.world.state import World

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
    clock[0].season = world.calendar[week]
    world.keys[0] = fold(run_key(clock[0].seed, clock[0].replicate), week + 1)
    for d in range(len(world.districts)):
        for perpetrator in range(4):
            for kind in range(4):
                world.harm[d, perpetrator, kind] = 0
