"""The mission: it carries out the drawdown schedule, and decides what the schedule leaves open.

A schedule reaches the world as a table of dated actions on units. Under `none` only those are left
that belong to every schedule: units that move on or were temporary. An action changes nothing but
the unit it names, who listens to alert networks, and what communities are told; what follows is left
to the others.

What a schedule leaves open hangs on what the mission *knows*: gates (benchmarks that must be met before
an action) and triggers (what it does when something passes a level) look at its record and its own
assessment, not at the truth, and its assessment can be too good (`assessment_bias`, E1-65). Execution
is uncertain too: closures slip, and a host may demand that all be over soon (E1-17, E1-18).

`tables`: what it holds. `headquarters`: what it knows. `gates`, `triggers`: what it waits for and answers
to. `actions`: what a row of the schedule does when it is carried out.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import log
from sim.compiled import behaviour, compiled
from sim.world import events, follow_on
from sim.world.events import note
from sim.world.mission.actions import ANNOUNCE, CANCEL, CLOSE, DEPLOY, OPEN, carry_out, deploy
from sim.world.mission.gates import assess, held
from sim.world.mission.tables import DONE, WAITING
from sim.world.mission.triggers import watch
from sim.world.state import NEVER, WEEKS_A_YEAR, World


@compiled
def draw_execution(world: World, key: np.uint64) -> None:
    """Draw what is uncertain in carrying out the schedule: closures that slip, and a host's demand.

    Draws are keyed by base and by nothing of the schedule, so that schedules share them.
    """
    m = world.mission
    m[0].demand = NEVER
    if m[0].demand_chance > 0.0:
        mean = WEEKS_A_YEAR / -log(1.0 - m[0].demand_chance)
        after = chance.exponential(chance.uniform(key, chance.DEMAND, 0, chance.ONLY), mean)
        m[0].demand = int(min(after, 1e9))
    bases = world.bases
    slip = 0
    if m[0].slippage > 0.0:
        for b in range(len(bases)):
            u = chance.uniform(key, chance.SLIP, b, chance.Slip.BASE)
            bases[b].slip = int(chance.exponential(u, m[0].slippage))
        u = chance.uniform(key, chance.SLIP, len(bases), chance.Slip.MISSION)
        slip = int(chance.exponential(u, m[0].slippage))
    t = world.schedule
    for a in range(len(t)):
        action = t[a].action
        if t[a].whole == 1:
            t[a].week += slip
        elif action == CLOSE:
            t[a].week += bases[t[a].at_base].slip
        if t[a].entry < 0 or action in (OPEN, DEPLOY, CANCEL):
            continue
        if t[a].week > m[0].demand:
            soon = m[0].demand if action == ANNOUNCE else m[0].demand + m[0].demand_weeks
            t[a].week = min(t[a].week, soon)


@behaviour
def execute_schedule(world: World) -> None:
    """Open what opens this week, look at triggers and gates, and carry out the actions that are due.

    In the spin-up nothing moves: the mission is what it is on the first day.
    """
    week = world.clock[0].week
    if week < 0:
        return
    open_units(world)
    if week == world.mission[0].demand:
        weeks = float(world.mission[0].demand_weeks)
        note(world.events, world.clock, events.DEMAND, -1, -1, -1, -1, weeks, 0.0, 0.0, 0.0, 0.0)
    for n in range(len(world.triggers)):
        watch(world, n)
    for n in range(len(world.gates)):
        assess(world, n)
    t = world.schedule
    for a in range(len(t)):
        if t[a].status != WAITING or t[a].week > week or held(world, a):
            continue
        t[a].status = DONE
        if carry_out(world, a):
            t[a].done = week
    follow_on.work(world)


@compiled
def open_units(world: World) -> None:
    """Open the units, of the mission and of the state, whose first week it is."""
    week = world.clock[0].week
    units = world.peacekeepers
    for u in range(len(units)):
        if units[u].opens == week:
            units[u].present = 1
            if week > 0:
                n = float(units[u].strength)
                d = units[u].district
                note(world.events, world.clock, events.OPENING, d, u, -1, -1, n, 0.0, 0.0, 0.0, 0.0)
    forces = world.state_forces
    for s in range(len(forces)):
        if forces[s].opens == week and week > 0:
            deploy(world, s)
