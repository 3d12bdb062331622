"""The order of one week: the single place where it stands.

`week` is the whole step of the model. It is written once and read twice: compiled, with `each` a
plain loop over rows, it is the ensemble's step; as plain Python, with `each` handing the turn to
the agents of a Mesa model, it is `DrawdownModel.step` (`week_with`).

What it names is also what the model consists of: `DECLARED` collects the tables, parameters and mechanisms
of the modules imported here.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from sim.agents import (
    abuse,
    armed_group,
    campaign,
    community,
    ex_combatant,
    faction,
    guard,
    humanitarian,
    militia,
    operation,
    peacekeeper,
    state_force,
    successor,
)
from sim.compiled import behaviour, spliced
from sim.generate import clearing
from sim.registry import collect
from sim.world import crime, district, donors, harm, host, mission, mortality, rumour, site
from sim.world.calendar import begin_week
from sim.world.record import write_record
from sim.world.state import World

DECLARED = collect(list(globals().values()))
"""Everything that the rules of the week declare."""
clear = behaviour(clearing(DECLARED.tables.values()))
"""Set every field that counts by the week back to its start (`Field.weekly`)."""

Behaviour = Callable[[World, int], None]
Each = Callable[[World, np.recarray, Behaviour], None]


@spliced
def each(world: World, table: np.recarray, behaviour: Behaviour) -> None:
    """Let every row of a table act, in order."""
    for i in range(len(table)):
        behaviour(world, i)


@spliced
def week(world: World, number: int) -> None:
    """Simulate week `number` (from 0)."""
    begin_week(world, number)
    clear(world)
    mission.execute_schedule(world)
    each(world, world.donors, donors.fund)
    each(world, world.programme, ex_combatant.run_programme)

    # who is where
    each(world, world.sites, guard.tie_down)
    each(world, world.peacekeepers, peacekeeper.patrol)
    each(world, world.state_forces, state_force.redeploy)
    each(world, world.state_forces, state_force.patrol)
    each(world, world.bases, successor.take_over)
    each(world, world.sites, guard.secure)
    each(world, world.armed_groups, armed_group.muster)
    each(world, world.humanitarians, humanitarian.report)
    each(world, world.communities, community.weigh_alerts)
    each(world, world.districts, district.take_stock)
    each(world, world.state_forces, state_force.train)
    each(world, world.state_forces, abuse.change_command)

    # armed groups look around and make up their minds; all choose before anybody acts
    each(world, world.armed_groups, armed_group.observe)
    each(world, world.factions, campaign.campaign)
    each(world, world.factions, operation.pursue)
    each(world, world.districts, campaign.make_peace)
    each(world, world.armed_groups, armed_group.decide)
    each(world, world.armed_groups, armed_group.prepare)

    # communities under threat warn; whoever hears may answer
    each(world, world.communities, community.warn)
    each(world, world.peacekeepers, peacekeeper.answer)
    each(world, world.state_forces, state_force.answer)
    each(world, world.bases, successor.answer)
    each(world, world.sites, guard.answer)

    # what was chosen happens
    each(world, world.armed_groups, armed_group.act)
    each(world, world.districts, operation.operate)
    each(world, world.peacekeepers, peacekeeper.fight)
    each(world, world.state_forces, abuse.prey)
    each(world, world.communities, militia.raid)
    each(world, world.districts, crime.commit_crimes)
    each(world, world.sites, site.forage)

    # people take it in, flee, come home, are helped
    each(world, world.districts, district.talk_of_violence)
    each(world, world.districts, rumour.hear)
    each(world, world.districts, rumour.believe)
    each(world, world.communities, community.perceive)
    each(world, world.districts, militia.strain)
    each(world, world.communities, militia.arm)
    each(world, world.communities, ex_combatant.reintegrate)
    each(world, world.districts, district.weigh_refuges)
    each(world, world.communities, community.flee)
    each(world, world.communities, community.go_home)
    each(world, world.sites, site.push_home)
    each(world, world.sites, site.shelter)
    each(world, world.sites, site.militarise)
    each(world, world.humanitarians, humanitarian.deliver)
    each(world, world.districts, mortality.die_of_need)
    each(world, world.armed_groups, faction.reorganise)
    each(world, world.districts, faction.emerge)

    # what is known of it, and what is written down
    each(world, world.districts, harm.publish)
    each(world, world.host, host.govern)
    each(world, world.districts, write_record)


def behaviours() -> list[Behaviour]:
    """Return every compiled function that `week` names, in order: what a Mesa model calls from Python."""
    plain = getattr(week, "py_func", week)
    found: dict[Behaviour, None] = {}
    named: Any = None
    for step in dis.get_instructions(plain):
        if step.opname == "LOAD_GLOBAL":
            named = plain.__globals__.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            named = getattr(named, step.argval, None)
        if hasattr(named, "py_func") and named is not each:
            found[named] = None
    return list(found)


def week_with(each: Each) -> Callable[[World, int], None]:
    """Return `week` as plain Python with another `each`: the same code, the same order."""
    plain = getattr(week, "py_func", week)
    return FunctionType(plain.__code__, {**plain.__globals__, "each": each}, plain.__name__)
