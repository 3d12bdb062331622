"""The start of a replicate: what is uncertain about it is drawn from the estimates of the case."""

from __future__ import annotations

from sim import chance
from sim.agents.abuse import licence
from sim.agents.campaign import begin_campaigns
from sim.agents.militia import militia_wanted
from sim.agents.state_force import spread
from sim.agents.successor import foresee
from sim.compiled import compiled
from sim.world.mission import draw_execution
from sim.world.state import World
from sim.world.ways import tabulate


@compiled
def begin(world: World, seed: int, replicate: int) -> None:
    """Draw the start of one replicate: how many people, fighters and personnel there are.

    Estimates are drawn from triangular distributions on low, best, high: one draw a district for
    its people (all its communities rise or fall together), one for each group and unit.
    """
    world.clock[0].seed = seed
    world.clock[0].replicate = replicate
    tabulate(world)
    key = chance.fold(chance.run_key(seed, replicate), 0)  # weeks count from more here
    for d in range(len(world.districts)):
        u = chance.uniform(key, chance.START, d, chance.Start.PEOPLE)
        for c in range(world.districts[d].first_community, world.districts[d].end_community):
            t = world.communities
            t[c].residents = int(
                chance.triangular(u, t[c].residents_low, t[c].residents_best, t[c].residents_high)
            )
            world.districts[d].residents += t[c].residents
            # as many as fear and trust at the start call for
            t[c].militia = int(militia_wanted(t[c], world.districts[d].tension, world.parameters[0]))
    for g in range(len(world.armed_groups)):
        a = world.armed_groups
        a[g].supply = world.parameters[0].first_supply * world.parameters[0].supply_cap
        u = chance.uniform(key, chance.START, g, chance.Start.FIGHTERS)
        strength = int(chance.triangular(u, a[g].fighters_low, a[g].fighters_best, a[g].fighters_high))
        a[g].rest = strength
        a[g].hold = a[g].control
        if a[g].enters >= 0:
            a[g].away = strength
        else:
            a[g].fighters = strength
    for s in range(len(world.state_forces)):
        f = world.state_forces
        u = chance.uniform(key, chance.START, s, chance.Start.PERSONNEL)
        f[s].personnel = int(
            chance.triangular(u, f[s].personnel_low, f[s].personnel_best, f[s].personnel_high)
        )
        u = chance.uniform(key, chance.COMMAND, s, chance.Command.WHO)
        f[s].licence = licence(u, world.parameters[0])
        if f[s].personnel > 0:
            spread(world, s, 1.0)
    for u in range(len(world.peacekeepers)):
        if world.peacekeepers[u].opens == 0:
            world.peacekeepers[u].present = 1
    begin_campaigns(world, key)
    foresee(world)
    draw_execution(world, key)
