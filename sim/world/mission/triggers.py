"""Triggers: what the mission does when something that it knows passes a level."""

from __future__ import annotations

from sim.compiled import compiled
from sim.world import events
from sim.world.events import note
from sim.world.mission.actions import CLOSE
from sim.world.mission.headquarters import known
from sim.world.state import World

PAUSE = 0
REOPEN = 1
REINFORCE = 2


@compiled
def watch(world: World, n: int) -> None:
    """Fire a trigger if what it looks at passes its level in a district that it watches."""
    t = world.triggers
    week = world.clock[0].week
    u = t[n].unit
    if u >= 0 and world.peacekeepers[u].present == 1 and week >= t[n].until:
        units = world.peacekeepers
        note(
            world.events, world.clock, events.DEPARTURE, units[u].district, u, -1, -1,
            float(units[u].strength), 0.0, 0.0, 0.0, 0.0,
        )  # fmt: skip
        units[u].present = 0
    if t[n].fired >= t[n].most or week < t[n].until or week < t[n].weeks or week == 0:
        return
    if t[n].does == PAUSE and world.mission[0].ended >= 0:
        return
    for d in range(len(world.districts)):
        last = -1
        for b in range(len(world.bases)):
            if world.bases[b].district == d and world.bases[b].closed >= 0:
                if last < 0 or world.bases[b].closed > world.bases[last].closed:
                    last = b
        if last < 0 and t[n].anywhere == 0:
            continue
        value = known(world, t[n].benchmark, d, -1, t[n].weeks)
        if value >= t[n].level if t[n].at_least == 1 else value <= t[n].level:
            fire(world, n, d, last, value)
            return


@compiled
def fire(world: World, n: int, d: int, base: int, value: float) -> None:
    """Pause closures, reopen the base that closed last in district `d`, or send the reserve there."""
    t = world.triggers
    week = world.clock[0].week
    units = world.peacekeepers
    t[n].fired += 1
    if t[n].does == PAUSE:
        t[n].until = week + t[n].lasts
        world.mission[0].paused = max(world.mission[0].paused, t[n].until)
    elif t[n].does == REINFORCE:
        u = t[n].unit
        units[u].district = d
        units[u].post = len(world.bases) + d
        units[u].opens = week + max(t[n].delay, 1)
        t[n].until = units[u].opens + t[n].lasts
    else:
        t[n].until = week + max(t[n].delay, 1)
        world.bases[base].closed = -1
        rows = world.schedule
        for a in range(len(rows)):
            if rows[a].action == CLOSE and rows[a].at_base == base and rows[a].done >= 0:
                units[rows[a].unit].opens = t[n].until
    does = float(t[n].does)
    over = float(t[n].until)
    note(world.events, world.clock, events.TRIGGER, d, -1, -1, -1, does, value, t[n].level, over, 0.0)
