"""Persons are conserved: everybody is at home, displaced, abroad, under arms, or dead.

The few moves that change what a person is (killed, dead of need, taken or recruited into an armed
group, deserted) stand here, so that the account is kept in one place. Births and natural deaths are
outside the model: runs last a few years and both sides of every comparison would share them.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip
from sim.chance import Kill
from sim.compiled import compiled, inlined
from sim.declare import Field, Table
from sim.world.codes import Fate
from sim.world.state import NEAR, World

LEDGER = Table(
    "ledger",
    "Where people went who are no longer civilians at home or displaced; one row.",
    (
        Field("civilians_killed", "i8", "persons", "civilians killed since the start"),
        Field("recruited", "i8", "persons", "people who joined an armed group"),
        Field("taken", "i8", "persons", "abducted people whom armed groups kept"),
        Field("demobilised", "i8", "persons", "fighters who came forward for a programme"),
        Field("remobilised", "i8", "persons", "former fighters who were called up again"),
        Field("detained", "i8", "persons", "fighters whom police detained"),
        Field("militia_killed", "i8", "persons", "people of self-defence militias killed fighting"),
        Field("deserted", "i8", "persons", "fighters who went back to a community"),
        Field("fighters_killed", "i8", "persons", "fighters of armed groups killed"),
        Field("soldiers_killed", "i8", "persons", "soldiers and police killed"),
        Field("dead_of_need", "i8", "persons", "people who died of unmet need; not among the killed"),
    ),
)

DEAD, DEAD_OF_NEED, RECRUITED, HOME = Fate


@compiled
def slot_of(near: np.ndarray, home: int, host: int) -> int:
    """Return the column of `World.displaced` for people of `home` staying in `host`, -1 if none."""
    for k in range(NEAR):
        if near[home, k] == host:
            return k
    return -1


@inlined
def hosted_around(community: np.record, here: np.record) -> int:
    """Return how many displaced people stay around a community: outside camps, spread by residents."""
    outside = here.hosted - here.in_sites
    if here.residents <= 0 or outside <= 0:
        return 0
    return int(outside * community.residents / here.residents)


@compiled
def kill(world: World, c: int, n: int, stream: int, agent: int, draw: int) -> int:
    """Kill `n` civilians around community `c`: its residents, and displaced people staying there.

    The displaced share the risk in proportion to their number in the district. Uses draws from
    `draw` on of (stream, agent). Returns how many died: fewer than `n` if fewer are there.
    """
    if n <= 0:
        return 0
    community = world.communities[c]
    d = community.district
    here = world.districts[d]
    residents = community.residents
    hosted = hosted_around(community, here)
    among_hosted = 0
    if hosted > 0:
        u = chance.uniform(world.keys[0], stream, agent, draw + Kill.AMONG_HOSTED)
        among_hosted = chance.binomial(u, n, hosted / (hosted + residents))
    if here.in_sites > 0:
        among_hosted = min(among_hosted, here.hosted - here.in_sites)
    among_hosted = take_displaced(world, d, among_hosted, DEAD, stream, agent, draw + Kill.HOMES)
    of_residents = min(community.residents, n - among_hosted)
    community.residents -= of_residents
    community.dead += of_residents
    world.ledger[0].civilians_killed += of_residents
    return among_hosted + of_residents


@compiled
def take_displaced(world: World, d: int, n: int, fate: int, stream: int, agent: int, draw: int) -> int:
    """Take `n` of the displaced whom district `d` hosts to a `fate`, from their homes in proportion.

    `fate` (`Fate`): killed, dead of need, recruited (the caller counts them), or sent home, safe or not.
    Uses draws from `draw` on of (stream, agent). Returns how many there were to take.
    """
    if n <= 0:
        return 0
    key = world.keys[0]
    here = world.districts[d]
    left = n
    pool = here.hosted
    for k in range(here.near_count):  # whose displaced are here: people of this and of near districts
        if left == 0:
            break
        origin = world.near[d, k]
        home = world.districts[origin]
        slot = slot_of(world.near, origin, d)
        if slot < 0:
            continue
        for c in range(home.first_community, home.end_community):
            staying = world.displaced[c, slot]
            if staying == 0 or left == 0:
                continue
            u = chance.uniform(key, stream, agent, draw)
            draw += 1
            gone = min(staying, chance.binomial(u, left, clip(staying / pool, 0.0, 1.0)))
            pool = max(1, pool - staying)
            if gone == 0:
                continue
            world.displaced[c, slot] -= gone
            community = world.communities[c]
            community.displaced -= gone
            if fate == DEAD:
                community.dead += gone
            elif fate == HOME:
                bring_back(community, home, gone, world.parameters[0])
            left -= gone
    gone = n - left
    here.hosted -= gone
    if fate == DEAD:
        world.ledger[0].civilians_killed += gone
    elif fate == DEAD_OF_NEED:
        world.ledger[0].dead_of_need += gone
    return gone


@compiled
def bring_back(community: np.record, home: np.record, n: int, p: np.record) -> None:
    """Bring `n` people back to a community against their will: to fear, anger, and quarrels at home."""
    community.residents += n
    step = p.push_harm * n / community.residents
    community.fear += step * (1.0 - community.fear)
    community.grievance += step * (1.0 - community.grievance)
    quarrel = p.push_tension * n / max(1, home.residents)
    home.tension += clip(quarrel, 0.0, 1.0) * (1.0 - home.tension)


@compiled
def census(world: World) -> int:
    """Return the number of persons in the world, the dead included: constant from week to week."""
    total = 0
    for c in range(len(world.communities)):
        total += world.communities[c].residents
        for k in range(NEAR + 1):
            total += world.displaced[c, k]
    for g in range(len(world.armed_groups)):
        total += world.armed_groups[g].fighters + world.armed_groups[g].away
    for s in range(len(world.state_forces)):
        total += world.state_forces[s].personnel
    ledger = world.ledger[0]
    dead = ledger.civilians_killed + ledger.fighters_killed + ledger.soldiers_killed
    return total + dead + ledger.militia_killed + ledger.detained + ledger.dead_of_need


@compiled
def leave_site(world: World, s: int, n: int, fate: int, stream: int, agent: int, draw: int) -> int:
    """Take up to `n` people out of site `s` to a `fate` (see `take_displaced`); returns how many."""
    site = world.sites[s]
    left = take_displaced(world, site.district, min(n, site.persons), fate, stream, agent, draw)
    site.persons -= left
    world.districts[site.district].in_sites -= left
    return left
