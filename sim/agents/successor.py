"""Stepping in: the state takes over bases of the mission that close, as far as it is able and willing.

When the government knows that a base will close, it orders men from units near by to that base. They are
real men, missing where they come from, and no more than units can spare; once the base is closed they act
from it as the mission did: they patrol, are told, and answer, with the capability and pay that they have
and without the mission's vehicles. So who closes with notice leaves somebody behind, if the host is able.

Sources: refilling a base is what decides what a closure costs (S3, E1-1, E1-20: able and willing); notice
and joint planning, E1-72, E1-73. The form and every size are this model's own.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents.state_force import leniency
from sim.arithmetic import clip, exp
from sim.compiled import behaviour, compiled
from sim.declare import Mechanism, Parameter
from sim.world.alert import alert_draw, answer_alert, stops
from sim.world.attack import BAND
from sim.world.codes import Answer, Force, UnitKind
from sim.world.mission.actions import CLOSE
from sim.world.state import EAR, STATE_ANSWER, World

HUNDRED = 100.0
"""Men whose patrols `state_patrols_per_100` counts."""

PART = "stepping in"

# fmt: off
PARAMETERS = (
    Parameter("takeover_rate", 0.15, "1/week", 0.0, 0.4,
              "share of the men whom an able and willing unit could spare that it sends to a closing base "
              "in a week",
              "no source; seven weeks, a little more than the delay of a redeployment"),
    Parameter("takeover_spare", 0.35, "1", 0.0, 0.6,
              "share of its men that a unit can spare for bases of the mission",
              "no source"),
    Parameter("takeover_ratio", 1.0, "soldiers/peacekeeper", 0.3, 3.0,
              "soldiers whom the state wants at a base for each peacekeeper who leaves it",
              "no source"),
    Parameter("takeover_reach", 8.0, "hours", 1.0, 40.0,
              "travel time over which what a unit sends to a base falls by a factor e",
              "no source"),
)

MECHANISMS = (
    Mechanism(
        "stepping-in", "state forces",
        "able and willing state forces take over bases that close",
        "E1-1, E1-72", {"takeover_rate": 0.0},
    ),
)
# fmt: on


@compiled
def foresee(world: World) -> None:
    """Note when the government knows of each closure that the schedule plans: its notice beforehand."""
    t = world.schedule
    for a in range(len(t)):
        if t[a].action == CLOSE and t[a].at_base >= 0:
            base = world.bases[t[a].at_base]
            known = t[a].planned - int(t[a].notice)
            if known < base.foreseen:
                base.foreseen = known


@compiled
def troops_at(world: World, b: int) -> float:
    """Return the armed troops of the mission at base `b`, or those who left it when it closed."""
    if world.bases[b].closed >= 0:
        return world.bases[b].troops  # type: ignore[no-any-return]
    total = 0.0
    for u in range(len(world.peacekeepers)):
        unit = world.peacekeepers[u]
        if unit["base"] == b and unit.present == 1 and unit.kind < UnitKind.OBSERVERS:
            total += unit.strength
    return total


@behaviour
def take_over(world: World, b: int) -> None:
    """Send men to a base that the government knows will close, and let them work once it has."""
    base = world.bases[b]
    foreseen = world.clock[0].week >= base.foreseen or base.closed >= 0  # a demand of exit comes unforeseen
    if not foreseen or world.parameters[0].takeover_rate <= 0.0:
        return
    wanted = world.parameters[0].takeover_ratio * troops_at(world, b) - base.men
    if wanted > 0.0:
        send(world, b, wanted)
    if base.closed >= 0 and base.men > 0.0:
        stand_in(world, b)


@compiled
def send(world: World, b: int, wanted: float) -> None:
    """Let units of army and gendarmerie in the districts near base `b` send men, no more than `wanted`."""
    p = world.parameters[0]
    base = world.bases[b]
    season = world.clock[0].season
    d = base.district
    for k in range(world.districts[d].near_count):
        hours = world.hours[season, d, k]
        s = world.districts[world.near[d, k]].first_unit
        while s >= 0 and wanted > 0.0:
            unit = world.state_forces[s]
            if unit.force != Force.POLICE and unit.effort > 0.0:
                spare = max(0.0, p.takeover_spare * unit.personnel - unit.lent)
                able = unit.capability * unit.will
                men = min(wanted, p.takeover_rate * able * exp(-hours / p.takeover_reach) * spare)
                if men > 0.0:
                    share = men / (base.men + men)
                    base.capability += share * (unit.capability - base.capability)
                    base.will += share * (unit.will - base.will)
                    base.men += men
                    unit.lent += men
                    wanted -= men
            s = unit.next_unit


@compiled
def acts_from_base(base: np.record, fighters: float, p: np.record) -> float:
    """Return the chance (0-1) that the men who took over a base end an attack at its door."""
    able = p.untrained_answer + (1.0 - p.untrained_answer) * base.capability
    wants = clip(p.state_act_chance * able * base.will, 0.0, 1.0)
    ready = 1.0 - exp(-base.men / (p.company_strength * p.state_ready))
    return wants * ready * stops(base.capability * p.post_share * base.men, fighters, p)


@compiled
def stand_in(world: World, b: int) -> None:
    """Add the men who took over base `b` to the places within its reach, as the mission's troops were."""
    p = world.parameters[0]
    base = world.bases[b]
    season = world.clock[0].season
    patrols = base.men / HUNDRED * p.state_patrols_per_100 * base.capability * base.will
    acts = acts_from_base(base, BAND, p)
    heard = 1.0 - exp(-base.men * base.capability * base.will / p.state_ears)
    total = 0.0
    for k in range(world.posts[b].count):
        total += world.left[STATE_ANSWER, season, b, k]
    for k in range(world.posts[b].count):
        place = world.communities[world.reach[b, k]]
        left = world.left[STATE_ANSWER, season, b, k]
        part = patrols * left * left / total if total > 0.0 else 0.0
        place.state_patrols += part
        world.districts[place.district].state_patrols += part
        place.state_miss *= 1.0 - acts * left
        place.state_deaf *= 1.0 - heard * world.left[EAR, season, b, k]


@behaviour
def answer(world: World, b: int) -> None:
    """Answer alerts that reached state forces from a base that was taken over."""
    base = world.bases[b]
    if base.closed < 0 or base.men <= 0.0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    season = world.clock[0].season
    for k in range(world.posts[b].count):
        place = world.communities[world.reach[b, k]]
        if place.heard_state == 0:
            continue
        left = world.left[STATE_ANSWER, season, b, k]
        a = place.first_attack
        while a >= 0:
            one = world.attacks[a]
            if one.heard_state == 1:
                group = world.armed_groups[one.group]
                acts = acts_from_base(base, group.fighters, p) * left
                acts *= leniency(group.standing, base.will, p)
                draw = alert_draw(one)
                if chance.uniform(key, chance.ANSWER_POST, b, draw + chance.Answer.ACT) < acts:
                    u = chance.uniform(key, chance.ANSWER_POST, b, draw + chance.Answer.DEPART)
                    hours = chance.exponential(u, p.state_mobilise) + world.way[season, b, k]
                    answer_alert(world, a, hours, Answer.STATE, world.districts[base.district].first_unit)
            a = one.next_here
