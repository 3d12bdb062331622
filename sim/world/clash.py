"""Who fights whom for ground: clashes that armed groups begin, and offensives against them.

Whether to fight is decided elsewhere (`sim.agents`), who wins in `sim.world.fight`; here is whom the fight
is with, and what changes hands.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.chance import Contest, Fight
from sim.compiled import compiled
from sim.world import events
from sim.world.codes import Standing
from sim.world.district import incident_rate
from sim.world.events import note
from sim.world.fight import defenders, group_wins, lose_fighters, loss, state_loses, state_wins, uproot
from sim.world.state import World


@compiled
def rivals(world: World, g: int) -> int:
    """Offer the groups whose ground in its district group `g` may fight for; returns how many.

    Detachments of one faction leave each other's ground alone; who has left the district this week is
    out of reach.
    """
    groups = world.armed_groups
    group = groups[g]
    n = 0
    i = world.districts[group.district].first_group
    while i >= 0:
        other = groups[i]
        if other.faction != group.faction and other.district == group.district and other.fighters > 0:
            if other.control > 0.0:
                n = chance.offer(world.candidates, n, i, other.control)
        i = other.next_group
    return n


@compiled
def contest(world: World, g: int) -> None:
    """Fight for control of its district, with one opponent drawn by the share that it holds.

    Ungoverned ground has no defender and is left to the slow taking-over in `act`.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    key = world.keys[0]
    # groups that stand with the government leave its ground alone
    of_state = 0.0 if group.standing == Standing.PRO_GOVERNMENT else here.state_control
    n = rivals(world, g)
    of_rivals = 0.0
    for i in range(n):
        of_rivals += world.candidates[i].weight
    held = of_state + of_rivals
    if held <= 1e-9:
        return
    x = chance.uniform(key, chance.CONTEST, g, Contest.OPPONENT) * held
    here.clashes += 1
    here.known_to_people += incident_rate(p)
    here.known_to_state += incident_rate(p)
    if x < of_state or n == 0:
        fight_state(world, g)
    else:
        fight_rival(world, g, chance.pick(world.candidates, n, x - of_state))


@compiled
def fight_state(world: World, g: int) -> None:
    """Fight the state for its ground in the district of group `g`."""
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    key = world.keys[0]
    against = defenders(here, p)
    win = 1.0 - state_wins(here, against, float(group.fighters), p)
    won = chance.uniform(key, chance.CONTEST, g, Contest.WIN) < win
    clash(world, g, -1, won, win, against)
    engaged = min(group.fighters, int(against))
    u = chance.uniform(key, chance.CONTEST, g, Contest.OWN_LOSS)
    lose_fighters(group, u, engaged, loss(won, p), world.ledger[0], p)
    u = chance.uniform(key, chance.CONTEST, g, Contest.THEIR_LOSS)
    state_loses(world, group.district, u, engaged, loss(not won, p))
    if won:
        taken = p.contest_step * here.state_control
        here.state_control -= taken
        group.control += taken


@compiled
def fight_rival(world: World, g: int, r: int) -> None:
    """Fight group `r` for its ground in the district of group `g`."""
    p = world.parameters[0]
    group = world.armed_groups[g]
    rival = world.armed_groups[r]
    key = world.keys[0]
    win = group_wins(float(group.fighters), float(rival.fighters), p)
    won = chance.uniform(key, chance.CONTEST, g, Contest.WIN) < win
    clash(world, g, r, won, win, float(rival.fighters))
    engaged = min(group.fighters, rival.fighters)
    u = chance.uniform(key, chance.CONTEST, g, Contest.OWN_LOSS)
    lose_fighters(group, u, engaged, loss(won, p), world.ledger[0], p)
    u = chance.uniform(key, chance.CONTEST, g, Contest.THEIR_LOSS)
    lose_fighters(rival, u, engaged, loss(not won, p), world.ledger[0], p)
    if won:
        taken = p.contest_step * rival.control
        rival.control -= taken
        group.control += taken
    else:
        group.control *= 1.0 - p.contest_step


@compiled
def clash(world: World, g: int, rival: int, won: bool, win: float, against: float) -> None:
    """Note a clash that group `g` began with `rival` (-1 the state), and uproot people by it."""
    group = world.armed_groups[g]
    d = group.district
    event = note(
        world.events, world.clock, events.CLASH, d, g, rival, -1,
        1.0 if won else 0.0, win, float(group.fighters), against, 0.0,
    )  # fmt: skip
    world.districts[d].last_incident = event
    uproot(world, d, chance.CONTEST, g, Contest.UPROOT, event)


@compiled
def strongest_enemy(world: World, d: int) -> int:
    """Return the armed group, not of the government's side, that controls most of district `d`; -1 none."""
    groups = world.armed_groups
    target = -1
    g = world.districts[d].first_group
    while g >= 0:
        group = groups[g]
        if group.standing != Standing.PRO_GOVERNMENT and group.district == d and group.fighters > 0:
            if target < 0 or group.control > groups[target].control:
                target = g
        g = group.next_group
    return target


@compiled
def offensive(
    world: World,
    kind: int,
    unit: int,
    agent: int,
    stream: int,
    g: int,
    strength: float,
    known: float,
    losses: float,
) -> bool:
    """Attack armed group `g` with `strength` effective fighters; returns whether the attack was won.

    `kind`: the event; `unit`: whose it is; `agent`, `stream`: by whom chance is drawn; `losses`: of the
    group, relative to those of a clash.
    Cleared ground is held only as far as the state is present there; the rest is nobody's. Whoever
    attacks bears the own losses elsewhere.
    """
    p = world.parameters[0]
    group = world.armed_groups[g]
    here = world.districts[group.district]
    key = world.keys[0]
    here.clashes += 1
    here.known_to_people += incident_rate(p)
    hidden = 1.0 + here.concealment  # who knows the ground fights as if more
    win = state_wins(here, strength, group.fighters * hidden, p)
    won = chance.uniform(key, stream, agent, Fight.WIN) < win
    event = note(
        world.events, world.clock, kind, group.district, unit, g, here.last_incident,
        1.0 if won else 0.0, win, known, float(group.fighters), 0.0,
    )  # fmt: skip
    uproot(world, group.district, stream, agent, Fight.UPROOT, event)
    engaged = min(group.fighters, int(strength))
    u = chance.uniform(key, stream, agent, Fight.GROUP_LOSS)
    lose_fighters(group, u, engaged, losses * loss(not won, p), world.ledger[0], p)
    if won:
        clear(group, here, p)
    return won


@compiled
def clear(group: np.record, here: np.record, p: np.record) -> None:
    """Take ground from a group that lost to an offensive."""
    taken = p.offensive_gain * group.control
    group.control -= taken
    here.state_control += taken * here.state_presence
