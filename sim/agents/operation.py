"""Operations of the army: a government that acts where it can mass force against a group worth the effort.

The army has campaigns against factions of which it knows much, and lets others be. Once a quarter the army of
a district, with units from posts next door, weighs an operation against the strongest armed group there: how
much force it can mass, how much it knows of the threat, how large the group is, and whether peacekeepers look
on. A group that loses gives up ground and fighters, all groups in the district lie low for weeks, and now and
then the beaten one withdraws to a district next door. Civilians are harmed by men who know too little of whom
they fight, and by men whom nobody controls. The posts that lent their men stand thinner for weeks.

Sources: that peacekeepers between or beside the parties change what a government dares, S3 (E1-26, E1-45) and
Phayal & Prins 2020 (E2a: troops do little about state violence where they stand apart); harm where nobody
informs, Kalyvas 2006; violence of undisciplined soldiers in operations, UNJHRO reports on the DRC (from
memory). The form and all sizes are this model's own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim import chance
from sim.agents.abuse import resent, unruly, watched
from sim.agents.armed_group.beliefs import forget_places
from sim.arithmetic import clip, exp
from sim.chance import Fight
from sim.chance import Operation as Draw
from sim.compiled import behaviour, compiled
from sim.declare import Mechanism, Parameter
from sim.world import events
from sim.world.clash import offensive, strongest_enemy
from sim.world.codes import Force, Perpetrator, Standing
from sim.world.district import ungoverned
from sim.world.events import note
from sim.world.fight import loss, state_loses
from sim.world.harm import report
from sim.world.people import kill
from sim.world.state import QUARTER, World

PART = "operations of the army"

# fmt: off
PARAMETERS = (
    Parameter("operation_rate", 4.0, "1/quarter", 0.0, 10.0,
              "operations a quarter against a large, known group by an army that nobody watches and that "
              "has all the force it wants",
              "no source; some 11 a year in the DRC case"),
    Parameter("pursue_rate", 0.027, "1/week", 0.0, 0.1,
              "chance in a week that the army begins a campaign against a large faction that it sees wholly",
              "no source"),
    Parameter("pursue_ends", 0.03, "1/week", 0.01, 0.1,
              "chance in a week that it calls off one against a faction of which it hears nothing any more",
              "no source; in eastern DRC they lasted from half a year to two (Kimia II, Amani Leo, Sokola I: "
              "from memory)", "memory"),
    Parameter("pursued_tempo", 2.4, "1", 1.0, 4.0,
              "operations against a faction against which the army has a campaign, relative to "
              "`operation_rate`",
              "no source"),
    Parameter("unpursued_tempo", 0.45, "1", 0.0, 1.0,
              "operations against others, the same",
              "no source"),
    Parameter("operation_mass", 0.5, "1", 0.0, 1.0,
              "share of their men that quiet posts next door send to an operation",
              "no source"),
    Parameter("operation_known", 0.3, "incidents/week", 0.05, 1.0,
              "incidents that the state knows of at which half of its readiness to act is reached",
              "no source"),
    Parameter("operation_size", 200.0, "fighters", 50.0, 800.0,
              "fighters of a group at which half of that is reached",
              "no source"),
    Parameter("operation_watched", 0.7, "1", 0.0, 1.0,
              "share of operations that an army leaves undone where peacekeepers are everywhere",
              "direction S3 (E1-26: support under conditions); size not in any source"),
    Parameter("operation_troops", 300.0, "persons", 50.0, 1500.0,
              "UN troops based in a district at which 63 % of that is reached",
              "no source; two companies"),
    Parameter("operation_losses", 4.0, "1", 1.0, 10.0,
              "losses in an operation, relative to those of a clash",
              "no source; it lasts for weeks"),
    Parameter("operation_pressure", 0.7, "1", 0.0, 1.0,
              "share of their attacks that groups in the district leave undone in the week of an operation",
              "no source"),
    Parameter("operation_pressure_kept", 0.8, "1/week", 0.5, 0.95,
              "part of that pressure that is left after a week",
              "no source; a month"),
    Parameter("operation_displaces", 0.25, "1", 0.0, 0.5,
              "chance that a beaten group without roots withdraws to a district next door; roots halve it",
              "direction: displacement of violence by offensives (E2f); size not in any source"),
    Parameter("operation_away_kept", 0.75, "1/week", 0.3, 0.95,
              "part of the men sent to an operation next door who are still away after a week",
              "no source; a month"),
    Parameter("operation_harm", 0.5, "incidents/1,000 men", 0.0, 4.0,
              "incidents of violence against civilians in an operation of 1,000 men who know nobody, or obey "
              "nobody",
              "no source"),
    Parameter("operation_blind", 0.2, "1", 0.0, 1.0,
              "part of that harm that comes of not knowing whom one fights; the rest of lack of discipline",
              "no source"),
    Parameter("operation_unruly", 2.5, "1", 1.0, 4.0,
              "how much the second rises, with the square of what discipline lacks",
              "no source; linear, a weak and a hostile army would hardly differ"),
    Parameter("operation_deaths", 2.0, "persons", 0.5, 6.0,
              "mean number killed in such an incident (geometric)",
              "no source"),
)

MECHANISMS = (
    Mechanism(
        "operations", "state forces",
        "the army masses force against armed groups, and harms civilians as it does",
        "E1-26", {"operation_rate": 0.0},
    ),
    Mechanism(
        "army-campaigns", "state forces",
        "the army has campaigns against some factions, and lets others be",
        "guess", {"pursued_tempo": 1.0, "unpursued_tempo": 1.0},
    ),
    Mechanism(
        "operation-restraint", "the mission",
        "an army dares less where peacekeepers are based or seen",
        "E1-26", {"operation_watched": 0.0},
    ),
    Mechanism(
        "operation-withdrawal", "armed groups",
        "groups beaten in an operation withdraw to a district next door",
        "E2f", {"operation_displaces": 0.0},
    ),
)
# fmt: on

INCIDENTS = 40
"""Incidents of an operation, at most."""


class Army(NamedTuple):
    """The men in a district who can be sent on an operation."""

    men: float
    strength: float
    """Effective fighters: men by capability."""
    unruly: float
    """Of the men, as many as nobody controls."""
    first: int
    """Row of the first unit, -1 none."""


@compiled
def army(world: World, d: int) -> Army:
    """Return the soldiers and gendarmes in district `d` who are not on the road or away."""
    men = 0.0
    strength = 0.0
    wild = 0.0
    first = -1
    s = world.districts[d].first_unit
    while s >= 0:
        unit = world.state_forces[s]
        if unit.force == Force.ARMY or unit.force == Force.GENDARMERIE:
            n = max(0.0, float(unit.personnel) - unit.lent) * (1.0 - world.districts[d].away)
            men += n
            strength += n * unit.capability
            wild += n * unruly(unit)
            first = s
        s = unit.next_unit
    return Army(men, strength, wild, first)


@compiled
def restrained(here: np.record, alignment: float, p: np.record) -> float:
    """Return the share (0-1) of operations that the army leaves undone because peacekeepers look on.

    By those who are seen, or by the troops who are based there, whichever is more; a mission tied to the
    government (`alignment`) restrains it less.
    """
    on = max(here.un_presence, 1.0 - exp(-here.un_troops / p.operation_troops))
    return p.operation_watched * on * (1.0 - alignment)


@compiled
def operation_chance(
    here: np.record, massed: float, fighters: float, alignment: float, p: np.record
) -> float:
    """Return the chance (0-1) of an operation this quarter, with `massed` effective soldiers at hand."""
    if massed <= 0.0:
        return 0.0
    odds = massed / (massed + fighters * (1.0 + here.concealment))
    known = here.known_to_state / (here.known_to_state + p.operation_known)
    worth = fighters / (fighters + p.operation_size)
    return clip(p.operation_rate * odds * known * worth * (1.0 - restrained(here, alignment, p)), 0.0, 1.0)


@compiled
def pursuit_changes(faction: np.record, p: np.record) -> float:
    """Return the chance (0-1) that the army begins a campaign against a faction this week, or ends it.

    It begins where it knows much of a large one, and ends as it hears no more of it.
    """
    n = max(1.0, float(faction.fighters))
    known = faction.known / n
    if faction.pursued == 1:
        return p.pursue_ends * (1.0 - known)
    return p.pursue_rate * known * n / (n + p.operation_size)


@behaviour
def pursue(world: World, f: int) -> None:
    """Let the army begin or end a campaign against a faction. The government's friends it leaves in peace."""
    faction = world.factions[f]
    if faction.fighters == 0:
        faction.pursued = 0
        return
    if world.armed_groups[faction.lead].standing == Standing.PRO_GOVERNMENT:
        return
    u = chance.uniform(world.keys[0], chance.PURSUE, f, chance.ONLY)
    if u >= pursuit_changes(faction, world.parameters[0]):
        return
    faction.pursued = 1 - faction.pursued
    n = float(faction.fighters)
    note(
        world.events, world.clock, events.ARMY_CAMPAIGN, world.armed_groups[faction.lead].district,
        faction.lead, -1, -1,
        float(faction.pursued), n, faction.known / n, 0.0, 0.0,
    )  # fmt: skip


@behaviour
def operate(world: World, d: int) -> None:
    """Let the army weigh an operation in district `d`, once a quarter, and carry it out."""
    here = world.districts[d]
    p = world.parameters[0]
    here.away *= p.operation_away_kept
    if (world.clock[0].week + d) % QUARTER != 0:
        return
    target = strongest_enemy(world, d)
    if target < 0:
        return
    own = army(world, d)
    men = own.men
    massed = own.strength
    wild = own.unruly
    first = own.first
    for j in range(1, here.neighbour_count):
        n = world.near[d, world.neighbours[d, j]]
        there = army(world, n)
        part = sent(world.districts[n], p)
        men += part * there.men
        massed += part * there.strength
        wild += part * there.unruly
        if first < 0:
            first = there.first
    group = world.armed_groups[target]
    likely = operation_chance(here, massed, float(group.fighters), world.host[0].alignment, p)
    likely *= p.pursued_tempo if world.factions[group.faction].pursued == 1 else p.unpursued_tempo
    if chance.uniform(world.keys[0], chance.OPERATION, d, Draw.HAPPENS) >= likely:
        return
    for j in range(1, here.neighbour_count):
        there = world.districts[world.near[d, world.neighbours[d, j]]]
        there.away += (1.0 - there.away) * sent(there, p)
    carry_out(world, d, target, first, massed, men, wild / men if men > 0.0 else 0.0)


@compiled
def sent(there: np.record, p: np.record) -> float:
    """Return the share (0-1) of its men that a post next door sends: less, the more it has to do itself."""
    return p.operation_mass / (1.0 + there.known_to_state)


@compiled
def carry_out(world: World, d: int, target: int, first: int, massed: float, men: float, wild: float) -> None:
    """Fight group `target` with `men`, `massed` effective soldiers, and leave behind what that brings.

    `first`: the unit that stands for them; `wild`: what they lack of discipline.
    """
    p = world.parameters[0]
    here = world.districts[d]
    key = world.keys[0]
    group = world.armed_groups[target]
    engaged = min(group.fighters, int(massed))
    here.operations += 1
    won = offensive(
        world, events.OFFENSIVE, first, d, chance.OPERATION, target, massed, here.known_to_state,
        p.operation_losses,
    )  # fmt: skip
    u = chance.uniform(key, chance.OPERATION, d, Fight.OWN_LOSS)
    state_loses(world, d, u, engaged, p.operation_losses * loss(won, p))
    g = here.first_group
    while g >= 0:
        other = world.armed_groups[g]
        if other.district == d:
            other.pressed = max(other.pressed, p.operation_pressure)
        g = other.next_group
    harm_civilians(world, d, first, men, wild)
    if won and group.fighters > 0:
        withdraw(world, d, target)


@compiled
def harm_rate(here: np.record, wild: float, alignment: float, p: np.record) -> float:
    """Return the incidents of violence against civilians of 1,000 men in an operation.

    They do not know whom they fight where people do not trust them or a group holds them; and they do as they
    like as far as nobody controls them (`wild`), or watches.
    """
    blind = 1.0 - here.trust_state * (1.0 - clip(here.group_control, 0.0, 1.0))
    rate = p.operation_blind * blind + (1.0 - p.operation_blind) * p.operation_unruly * wild * wild
    return p.operation_harm * rate * (1.0 - p.oversight * watched(here, alignment))


@compiled
def harm_civilians(world: World, d: int, first: int, men: float, wild: float) -> None:
    """Let an operation in district `d` by `men` harm civilians."""
    p = world.parameters[0]
    here = world.districts[d]
    key = world.keys[0]
    mean = men / 1000.0 * harm_rate(here, wild, world.host[0].alignment, p)
    u = chance.uniform(key, chance.OPERATION, d, Draw.INCIDENTS)
    communities = here.end_community - here.first_community
    for i in range(min(INCIDENTS, chance.poisson(u, mean))):
        draw = Draw.EACH * (i + 1)
        me = INCIDENTS * d + i
        c = here.first_community + int(
            chance.uniform(key, chance.OPERATION, d, draw + Draw.COMMUNITY) * communities
        )
        deaths = chance.geometric(
            chance.uniform(key, chance.OPERATION, d, draw + Draw.DEATHS), p.operation_deaths
        )
        killed = kill(world, c, deaths, chance.OPERATION, d, draw + Draw.VICTIMS)
        u = chance.uniform(key, chance.OPERATION, d, draw + Draw.INJURED)
        injured = chance.poisson(u, p.abuse_injured)
        u = chance.uniform(key, chance.OPERATION, d, draw + Draw.DETAINED)
        detained = chance.poisson(u, p.abuse_detained)
        u = chance.uniform(key, chance.OPERATION, d, draw + Draw.ASSAULTED)
        assaulted = chance.poisson(u, p.abuse_sexual_violence)
        victims = (killed, injured, detained, assaulted)
        report(world, d, c, Perpetrator.STATE_FORCES, victims, len(world.state_forces) + me)
        resent(world.communities[c], killed, p)
        here.abuses += 1
        here.killed_in_operations += killed
        note(
            world.events, world.clock, events.ABUSE, d, first, c, here.last_incident,
            float(killed), float(injured), world.state_forces[first].arrears,
            watched(here, world.host[0].alignment), 0.0,
        )  # fmt: skip


@compiled
def withdraw(world: World, d: int, g: int) -> None:
    """Let a beaten group withdraw to the district next door that it could hold best, or stay."""
    p = world.parameters[0]
    here = world.districts[d]
    group = world.armed_groups[g]
    u = chance.uniform(world.keys[0], chance.OPERATION, d, Draw.WITHDRAWS)
    if u >= p.operation_displaces * (1.0 - 0.5 * group.rootedness):
        return
    to = -1
    best = 0.0
    for j in range(1, here.neighbour_count):
        n = world.near[d, world.neighbours[d, j]]
        free = ungoverned(world.districts[n])
        if to < 0 or free > best:
            to = n
            best = free
    if to < 0:
        return
    note(
        world.events, world.clock, events.GROUP_MOVE, d, g, to, -1,
        float(group.fighters), group.hurt, 0.0, 0.0, 0.0,
    )  # fmt: skip
    group.district = to
    group.control = min(p.foothold, best)
    group.hold = group.control
    forget_places(world, g)
