"""Persons are conserved: everybody is at home, displaced, abroad, under arms, or dead.

The few moves that change what a person is (killed, dead of want, taken or recruited into an armed
group, deserted) stand here, so that the account is kept in one place. Births and natural deaths are
outside the model: runs last a few years and both sides of every comparison would share them.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Field, Table
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
        Field("died_of_want", "i8", "persons", "people who died of unmet need; not among the killed"),
    ),
)

# What becomes of displaced people who are taken out of their district's count (`take_displaced`).
DEAD = np.int64(0)
WANT = np.int64(1)
RECRUITED = np.int64(2)
HOME = np.int64(3)


@compiled
def slot_of(world: World, home: int, host: int) -> int:
    """Return the column of `World.displaced` for people of `home` staying in `host`, -1 if none."""
    for k in range(NEAR):
        n = world.near[home, k]
        if n < 0:
            break
        if n == host:
            return k
    return -1


@compiled
def kill(world: World, c: int, n: int, stream: int, agent: int, draw: int) -> int:
    """Kill `n` civilians around community `c`: its residents, and displaced people staying there.

    The displaced share the risk in proportion to their number in the district. Uses draws from
    `draw` on of (stream, agent). Returns how many died: fewer than `n` if fewer are there.
    """
    if n <= 0:
        return 0
    t = world.communities
    d = t[c].district
    residents = t[c].residents
    hosted = 0
    outside = world.districts[d].hosted - world.districts[d].in_sites  # those in camps are apart
    if world.districts[d].residents > 0 and outside > 0:
        hosted = int(outside * residents / world.districts[d].residents)
    key = world.keys[0]
    among_hosted = 0
    if hosted > 0:
        among_hosted = chance.binomial(
            chance.uniform(key, stream, agent, draw), n, hosted / (hosted + residents)
        )
    if world.districts[d].in_sites > 0:
        among_hosted = min(among_hosted, outside)
    among_hosted = take_displaced(world, d, among_hosted, DEAD, stream, agent, draw + 1)
    of_residents = min(t[c].residents, n - among_hosted)
    t[c].residents -= of_residents
    t[c].dead += of_residents
    world.ledger[0].civilians_killed += of_residents
    return among_hosted + of_residents


@compiled
def take_displaced(world: World, d: int, n: int, fate: np.int64, stream: int, agent: int, draw: int) -> int:
    """Take `n` of the displaced whom district `d` hosts to a `fate`, from their homes in proportion.

    `fate`: killed, dead of want, recruited (the caller counts them), or sent home, safe or not. Uses draws
    from `draw` on of (stream, agent). Returns how many there were to take.
    """
    if n <= 0:
        return 0
    key = world.keys[0]
    t = world.communities
    left = n
    pool = world.districts[d].hosted
    for k in range(NEAR):  # whose displaced are here: people of this and of near districts
        home = world.near[d, k]
        if home < 0 or left == 0:
            break
        slot = slot_of(world, home, d)
        if slot < 0:
            continue
        for other in range(world.districts[home].first_community, world.districts[home].end_community):
            here = world.displaced[other, slot]
            if here == 0 or left == 0:
                continue
            u = chance.uniform(key, stream, agent, draw)
            draw += 1
            gone = min(here, chance.binomial(u, left, clip(here / pool, 0.0, 1.0)))
            pool = max(1, pool - here)
            if gone == 0:
                continue
            world.displaced[other, slot] -= gone
            t[other].displaced -= gone
            if fate == DEAD:
                t[other].dead += gone
            elif fate == HOME:
                come_back(world, other, gone)
            left -= gone
    gone = n - left
    world.districts[d].hosted -= gone
    if fate == DEAD:
        world.ledger[0].civilians_killed += gone
    elif fate == WANT:
        world.ledger[0].died_of_want += gone
    return gone


@compiled
def come_back(world: World, c: int, n: int) -> None:
    """Bring `n` people back to community `c` against their will: to fear, anger, and quarrels."""
    p = world.parameters[0]
    t = world.communities
    t[c].residents += n
    step = p.push_harm * n / t[c].residents
    t[c].fear += step * (1.0 - t[c].fear)
    t[c].grievance += step * (1.0 - t[c].grievance)
    home = t[c].district
    quarrel = p.push_tension * n / max(1, world.districts[home].residents)
    world.districts[home].tension += clip(quarrel, 0.0, 1.0) * (1.0 - world.districts[home].tension)


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
    return total + dead + ledger.militia_killed + ledger.detained + ledger.died_of_want


@compiled
def leave_site(world: World, s: int, n: int, fate: np.int64, stream: int, agent: int, draw: int) -> int:
    """Take up to `n` people out of site `s` to a `fate` (see `take_displaced`); returns how many."""
    d = world.sites[s].district
    left = take_displaced(world, d, min(n, world.sites[s].persons), fate, stream, agent, draw)
    world.sites[s].persons -= left
    world.districts[d].in_sites -= left
    return left
