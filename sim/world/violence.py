"""Violence as it unfolds: clashes between armed actors, and attacks on communities.

Who fights whom and who attacks is decided elsewhere (`sim.agents`); here is what then happens.

An attack lasts until it ends by itself or somebody arrives, and deaths grow while it lasts. Growth
that is stopped at a random time has a heavy tail: with growth g and stopping h the deaths have a
Pareto tail of exponent 1 + h/g, 2.04 by default, before answers and the end of a day cut the tail
(E2f: 2.09). The tail is put in by that choice and is no finding; that answers cut it short is a
consequence. Clashes follow a contest success function (Hirshleifer 1989, evidence 3).

Attacks differ by what they are for (`MODES`): a selective one is aimed at some and makes others
comply, an indiscriminate one falls on everybody and may drive people to the other side (Kalyvas 2006;
against it Lyall 2009, who finds fewer insurgent attacks from shelled villages).
"""

from __future__ import annotations

import math

from sim import chance
from sim.arithmetic import clip, exp, log, power
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter, Rule
from sim.world import events
from sim.world.events import note
from sim.world.harm import report
from sim.world.people import DEAD, RECRUITED, kill, leave_site
from sim.world.state import ARMED_GROUPS, PRO_GOVERNMENT, World

SELECTIVE = 0
INDISCRIMINATE = 1
LOOTING = 2
MODES = ("selective", "indiscriminate", "looting")
"""What an attack on civilians is for; drawn by the motives (`sim.agents.armed_group.choose_mode`)."""

CONTEST = Rule(
    "contest",
    "who wins a fight",
    {
        "ratio": "contest success by relative strength",
        "lanchester": "Lanchester attrition in which the people's support informs",
    },
)
LANCHESTER = CONTEST.number("lanchester")

PART = "violence"

# fmt: off
PARAMETERS = (
    Parameter("contest_step", 0.15, "1", 0.05, 0.4,
              "share of the loser's control that changes hands in a won clash",
              "no source"),
    Parameter("contest_sharpness", 1.0, "1", 0.5, 2.0,
              "exponent of strength in the contest success function",
              "form: Hirshleifer 1989 (evidence 3, from memory)", "memory"),
    Parameter("lanchester_edge", 1.0, "1", 0.3, 3.0,
              "losses that a fighter inflicts in a Lanchester fight, relative to a soldier",
              "no source; for the rival rule `contest = lanchester`"),
    Parameter("informed_least", 0.05, "1", 0.01, 0.3,
              "share of state fire that is aimed where nobody informs (Lanchester with popular support)",
              "form: Deitchman 1962; Atkinson, Gutfraind & Kress 2012 (evidence 3, form from memory)",
              "memory"),
    Parameter("offensive_gain", 0.15, "1", 0.05, 0.5,
              "share of a group's control that a won offensive takes",
              "no source"),
    Parameter("clash_loss", 0.015, "1", 0.005, 0.05,
              "share of those engaged that the loser of a clash loses; the winner loses a third of that",
              "set so that deaths of soldiers have the recorded order (KST: 723 in the Kivus in two years)"),
    Parameter("winner_loss", 0.33, "1", 0.1, 0.8,
              "losses of the winner of a clash, relative to the loser",
              "no source"),
    Parameter("un_support", 0.25, "1", 0.0, 1.0,
              "weight of UN troops based in a district when state forces there are attacked",
              "no source; force is almost never used (E2c, OIOS)"),
    Parameter("violence_scale", 0.82, "persons", 0.3, 1.6,
              "deaths at the onset of an attack by 100 fighters on a community that was not warned",
              "set so that about half of the lethal attacks in the DRC case kill one (E2f, GED: 43 %)",
              "computed"),
    Parameter("violence_growth", 0.25, "1/hour", 0.1, 0.5,
              "rate at which the deaths of an attack grow while it lasts",
              "with `violence_stop` it gives the exponent 1 + stop/growth of the size distribution, 2.04 "
              "(E2f: 2.09 for civilian deaths); growth stopped at a random time gives such a tail",
              "computed"),
    Parameter("violence_stop", 0.26, "1/hour", 0.1, 0.6,
              "rate at which an attack ends by itself",
              "see `violence_growth`; mean length 3.8 hours", "computed"),
    Parameter("violence_longest", 24.0, "hours", 8.0, 72.0,
              "an attack lasts no longer",
              "no source; bounds the tail at some 330 deaths for 100 fighters, more or less by mode"),
    Parameter("locality_size", 1000.0, "persons", 300.0, 4000.0,
              "median size of a locality that is attacked or fought over (log-normal, sigma 1)",
              "no source"),
    Parameter("locality_share", 0.3, "1", 0.1, 0.6,
              "largest share of a locality that one attack kills",
              "no source; others get away"),
    Parameter("injured_rate", 0.3, "1", 0.1, 2.0,
              "people injured per person killed in an attack by an armed group",
              "0.2-0.3 in massacres around Beni 2014 and 2018 (UNJHRO, Amnesty, Heidelberg); more where "
              "beatings count", "read"),
    Parameter("abducted_rate", 3.0, "persons/attack", 0.5, 6.0,
              "people abducted in an attack by 100 fighters",
              "set so that abductions exceed killings as recorded in the Kivus (KST 2017-19: 3,316 to "
              "1,897)", "computed"),
    Parameter("abducted_kept", 0.3, "1", 0.05, 0.7,
              "share of the abducted who are kept in the group",
              "no source"),
    Parameter("group_sexual_violence", 0.3, "persons/attack", 0.05, 1.5,
              "survivors of sexual violence per attack, without the part that is never told to anybody",
              "no source"),
    Parameter("answer_loss", 0.015, "1", 0.003, 0.08,
              "share of its fighters a group loses when it is met during an attack",
              "no source; force is almost never used (E2c, OIOS)"),
    Parameter("loot_weeks", 1.0, "weeks", 0.2, 3.0,
              "upkeep that an attack brings in if nobody meets it",
              "no source"),
    Parameter("selective_scale", 0.7, "1", 0.2, 1.0,
              "deaths and people uprooted by a selective attack, relative to looting",
              "direction: Kalyvas 2006 (selective violence is personal); size not in any source", "abstract"),
    Parameter("indiscriminate_scale", 1.8, "1", 1.0, 4.0,
              "the same for an indiscriminate attack",
              "direction: Kalyvas 2006; size not in any source", "abstract"),
    Parameter("compliance", 0.02, "1", 0.0, 0.1,
              "share of the ungoverned ground in its reach that a selective attack brings a group, as people "
              "comply",
              "direction: Kalyvas 2006; size not in any source", "abstract"),
    Parameter("backlash", 0.03, "1", -0.1, 0.2,
              "share of its control that an indiscriminate attack costs a group, as people turn from it",
              "contested: counterproductive in Kalyvas 2006, the reverse in Lyall 2009 (24 % fewer attacks "
              "from shelled villages); hence a range with both signs", "abstract"),
    Parameter("denounced_grudge", 0.3, "1", 0.0, 1.0,
              "grudge caused by an alert against it",
              "no source"),
    Parameter("loss_grudge", 5.0, "1", 0.0, 20.0,
              "grudge caused by losing all fighters (in proportion for a part)",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "un-support", "the mission",
        "UN troops count when state forces are attacked",
        "guess", {"un_support": 0.0},
    ),
    Mechanism(
        "taking-sides", "armed groups",
        "people comply after selective violence, and turn from a group after indiscriminate violence",
        "Kalyvas 2006; against it Lyall 2009", {"compliance": 0.0, "backlash": 0.0},
    ),
)
# fmt: on


@compiled
def contest_success(mine: float, theirs: float, sharpness: float) -> float:
    """Return the chance (0-1) that the first of two sides wins (ratio form, Hirshleifer 1989)."""
    a = power(mine, sharpness)
    b = power(theirs, sharpness)
    if a + b <= 0.0:
        return 0.5
    return a / (a + b)


@compiled
def lanchester_success(state: float, group: float, informed: float, people: float, edge: float) -> float:
    """Return the chance (0-1) that the state beats a group that hides among `people`.

    Deitchman's mixed law with information (Deitchman 1962; Atkinson, Gutfraind & Kress 2012): the
    group's fire is aimed, dS/dt = -edge G; of the state's only the share m `informed` is, the rest
    falls on G in proportion to its share of the people, dG/dt = -S (m + (1 - m) G / P). The
    invariant of these compares S^2 / 2 with edge x the integral of g / (m + (1 - m) g / P) from 0
    to G; the chance is the ratio of the two, as chance decides single fights.
    """
    if state <= 0.0 or group <= 0.0:
        return 0.5 if state == group else (1.0 if state > group else 0.0)
    m = clip(informed, 0.001, 1.0)
    z = (1.0 - m) * group / (m * max(people, group))
    # integral = G^2 / m x (z - ln(1 + z)) / z^2, which tends to 1/2 for small z
    part = 0.5 - z / 3.0 if z < 1e-3 else (z - log(1.0 + z)) / (z * z)
    hidden = edge * group * group / m * part
    open_field = 0.5 * state * state
    return open_field / (open_field + hidden)


@compiled
def state_wins(world: World, d: int, state: float, group: float) -> float:
    """Return the chance (0-1) that `state` effective soldiers beat `group` fighters in district `d`.

    By the scenario's rule `contest`: the ratio of strengths, or Lanchester's law with the people's
    support, as far as they trust the state and armed groups do not control them.
    """
    p = world.parameters[0]
    if p.contest != LANCHESTER:
        return contest_success(state, group, p.contest_sharpness)
    t = world.districts
    support = t[d].trust_state * (1.0 - t[d].group_control)
    informed = p.informed_least + (1.0 - p.informed_least) * support
    return lanchester_success(state, group, informed, t[d].residents, p.lanchester_edge)


@compiled
def group_wins(world: World, mine: float, theirs: float) -> float:
    """Return the chance (0-1) that one armed group beats another, by the scenario's rule `contest`.

    Lanchester's square law where both sides' fire is aimed.
    """
    p = world.parameters[0]
    if p.contest != LANCHESTER:
        return contest_success(mine, theirs, p.contest_sharpness)
    return contest_success(mine * mine, theirs * theirs, p.contest_sharpness)


@compiled
def attack_deaths(onset: float, growth: float, hours: float) -> float:
    """Return the deaths an attack causes if it lasts `hours`: onset x e^(growth x hours).

    With exponential lengths of rate `stop` the deaths have a Pareto tail of exponent
    1 + stop / growth; whoever ends an attack early cuts that tail.
    """
    return onset * exp(growth * hours)


@inlined
def defenders(world: World, d: int) -> float:
    """Return the strength (effective fighters) of the state, with UN support, in district `d`."""
    return world.districts[d].state_strength + world.parameters[0].un_support * world.districts[d].un_troops


@compiled
def lose_fighters(world: World, g: int, u: float, engaged: int, share: float) -> None:
    """Lose `share` of as many fighters as were engaged, remember it, and bear a grudge.

    As many are engaged as the weaker side has: the stronger does not lose more for being larger.
    """
    t = world.armed_groups
    if t[g].fighters <= 0:
        return
    killed = chance.binomial(u, min(engaged, t[g].fighters), share)
    t[g].hurt += killed / t[g].fighters
    t[g].grudge += world.parameters[0].loss_grudge * killed / t[g].fighters
    t[g].fighters -= killed
    world.ledger[0].fighters_killed += killed


@compiled
def state_loses(world: World, d: int, u: float, engaged: int, share: float) -> None:
    """Let the first state unit in district `d` lose `share` of as many as were engaged."""
    s = world.districts[d].first_unit
    if s < 0:
        return
    killed = chance.binomial(u, min(engaged, world.state_forces[s].personnel), share)
    world.state_forces[s].personnel -= killed
    world.ledger[0].soldiers_killed += killed


@compiled
def locality(world: World, people: int, u: float) -> int:
    """Return the size of a locality among `people` (log-normal, no larger than they are)."""
    return min(people, int(world.parameters[0].locality_size * exp(chance.normal(u))))


@compiled
def uproot(world: World, d: int, stream: int, agent: int, draw: int, event: int) -> None:
    """Endanger the people of one locality of district `d` by a clash, `event` (uses two draws)."""
    first = world.districts[d].first_community
    n = world.districts[d].end_community - first
    c = first + int(chance.uniform(world.keys[0], stream, agent, draw) * n)
    u = chance.uniform(world.keys[0], stream, agent, draw + 1)
    world.communities[c].uprooted += locality(world, world.communities[c].residents, u)
    world.communities[c].event = event
    world.communities[c].shock += world.parameters[0].shock_attack


@compiled
def clash(world: World, g: int, rival: int, won: bool, win: float, against: float) -> None:
    """Note a clash that group `g` began with `rival` (-1 the state), and uproot people by it."""
    d = world.armed_groups[g].district
    fighters = float(world.armed_groups[g].fighters)
    event = note(
        world.events,
        world.clock,
        events.CLASH,
        d,
        g,
        rival,
        -1,
        1.0 if won else 0.0,
        win,
        fighters,
        against,
        0.0,
    )
    world.districts[d].incident = event
    uproot(world, d, chance.CONTEST, g, 1, event)


@compiled
def contest(world: World, g: int) -> None:
    """Fight for control of its district, with one opponent drawn by the share that it holds.

    Ungoverned ground has no defender and is left to the slow taking-over in `act`.
    """
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    key = world.keys[0]
    # groups that stand with the government leave its ground alone, detachments each other's
    of_state = 0.0 if t[g].standing == PRO_GOVERNMENT else world.districts[d].state_control
    rivals = 0.0
    other = world.districts[d].first_group
    while other >= 0:
        if t[other].faction != t[g].faction and t[other].district == d and t[other].fighters > 0:
            rivals += t[other].control
        other = t[other].next_group
    held = of_state + rivals
    if held <= 1e-9:
        return
    x = chance.uniform(key, chance.CONTEST, g, 0) * held
    world.districts[d].clashes += 1
    world.districts[d].danger += 1.0 / p.alarm_memory
    world.districts[d].known_threat += 1.0 / p.alarm_memory
    u_win = chance.uniform(key, chance.CONTEST, g, 4)
    u_loss = chance.uniform(key, chance.CONTEST, g, 5)
    u_gain = chance.uniform(key, chance.CONTEST, g, 6)
    if x < of_state:
        against = defenders(world, d)
        win = 1.0 - state_wins(world, d, against, t[g].fighters)
        won = u_win < win
        clash(world, g, -1, won, win, against)
        engaged = min(t[g].fighters, int(defenders(world, d)))
        lose_fighters(world, g, u_loss, engaged, p.clash_loss * p.winner_loss if won else p.clash_loss)
        state_loses(world, d, u_gain, engaged, p.clash_loss if won else p.clash_loss * p.winner_loss)
        if won:
            taken = p.contest_step * world.districts[d].state_control
            world.districts[d].state_control -= taken
            t[g].control += taken
        return
    x -= of_state
    other = world.districts[d].first_group
    rival = -1
    while other >= 0:  # whose ground the draw fell on
        if t[other].faction != t[g].faction and t[other].district == d and t[other].fighters > 0:
            if t[other].control > 0.0:
                rival = other
                x -= t[other].control
                if x <= 0.0:
                    break
        other = t[other].next_group
    win = group_wins(world, t[g].fighters, t[rival].fighters)
    won = u_win < win
    clash(world, g, rival, won, win, float(t[rival].fighters))
    engaged = min(t[g].fighters, t[rival].fighters)
    lose_fighters(world, g, u_loss, engaged, p.clash_loss * p.winner_loss if won else p.clash_loss)
    lose_fighters(world, rival, u_gain, engaged, p.clash_loss if won else p.clash_loss * p.winner_loss)
    if won:
        taken = p.contest_step * t[rival].control
        t[rival].control -= taken
        t[g].control += taken
    else:
        t[g].control *= 1.0 - p.contest_step


@compiled
def stand(world: World, g: int, c: int) -> None:
    """Let the militia of community `c`, if there is one, and its attackers lose people to each other."""
    militia = world.communities[c].militia
    fighters = world.armed_groups[g].fighters
    if militia == 0 or fighters == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    engaged = min(militia, fighters)
    lost = chance.binomial(chance.uniform(key, chance.STRIKE, g, 8), engaged, p.clash_loss)
    lost = min(lost, world.communities[c].residents)
    world.communities[c].militia -= min(lost, militia)
    world.communities[c].residents -= lost
    world.communities[c].dead += lost
    world.ledger[0].militia_killed += lost
    lose_fighters(world, g, chance.uniform(key, chance.STRIKE, g, 9), engaged, p.clash_loss)


@compiled
def resistance(militia: float, attackers: float) -> float:
    """Return the part (0-1) of an attack that a militia holds off: its share of all who fight."""
    if militia <= 0.0:
        return 0.0
    return militia / (militia + attackers)


@compiled
def severity(world: World, mode: int) -> float:
    """Return the deaths and people uprooted by an attack of a mode (see `MODES`), relative to looting."""
    if mode == SELECTIVE:
        return world.parameters[0].selective_scale
    if mode == INDISCRIMINATE:
        return world.parameters[0].indiscriminate_scale
    return 1.0


@compiled
def strike(world: World, g: int) -> None:
    """Attack the chosen community or camp; it lasts until it ends by itself or somebody arrives."""
    p = world.parameters[0]
    t = world.armed_groups
    c = t[g].target
    d = t[g].district
    s = t[g].site
    key = world.keys[0]
    community = world.communities
    stream = chance.SITE if s >= 0 else chance.STRIKE
    alerted = community[c].alerted == 1
    met = community[c].answered_by > 0
    scale = severity(world, t[g].mode)

    hours = chance.exponential(chance.uniform(key, stream, g, 0), 1.0 / p.violence_stop)
    hours = min(hours, p.violence_longest, community[c].arrival)
    force = math.sqrt(t[g].fighters / 100.0)
    onset = p.violence_scale * force * scale
    if s < 0:
        onset *= 1.0 - resistance(community[c].militia, t[g].fighters)
    if community[c].noticed == 1:
        onset *= 1.0 - p.evacuated_share
    people = world.sites[s].persons if s >= 0 else community[c].residents
    there = locality(world, people, chance.uniform(key, stream, g, 1))
    deaths = min(attack_deaths(onset, p.violence_growth, hours), p.locality_share * there)
    wanted = chance.whole(chance.uniform(key, stream, g, 2), deaths)
    if s >= 0:
        killed = leave_site(world, s, wanted, DEAD, stream, g, 1000)
    else:
        killed = kill(world, c, wanted, stream, g, 16)
    injured = chance.poisson(chance.uniform(key, stream, g, 3), p.injured_rate * deaths)
    abducted = chance.poisson(chance.uniform(key, stream, g, 4), p.abducted_rate * force)
    assaulted = chance.poisson(
        chance.uniform(key, stream, g, 5), p.group_sexual_violence * 2.0 * t[g].abusiveness
    )
    abducted = min(abducted, world.sites[s].persons if s >= 0 else community[c].residents)
    kept = chance.binomial(chance.uniform(key, stream, g, 6), abducted, p.abducted_kept)
    if s >= 0:
        kept = leave_site(world, s, kept, RECRUITED, stream, g, 2000)
    else:
        community[c].residents -= kept
    t[g].fighters += kept
    world.ledger[0].taken += kept
    report(world, d, c, ARMED_GROUPS, (killed, injured, abducted, assaulted), g)
    community[c].event = note(
        world.events, world.clock, events.ATTACK, d, g, c,
        community[c].event if alerted else t[g].decision,
        float(killed), float(injured), float(abducted), hours, float(community[c].answered_by),
    )  # fmt: skip

    if s >= 0:
        scatter(world, s, g, min(int(scale * there), world.sites[s].persons), killed)
    else:
        stand(world, g, c)
        community[c].uprooted += max(0, min(int(scale * there), community[c].residents))
    community[c].shock += p.shock_attack + p.shock_death * deaths
    world.districts[d].attacks += 1
    world.districts[d].danger += 1.0 / p.alarm_memory
    take_sides(world, g)
    if met:
        world.districts[d].known_threat += 1.0 / p.alarm_memory
        world.districts[d].incident = community[c].event
        lose_fighters(world, g, chance.uniform(key, stream, g, 7), t[g].fighters, p.answer_loss)
    else:
        t[g].supply = min(p.supply_cap, t[g].supply + p.loot_weeks)
    if alerted:
        t[g].grudge += p.denounced_grudge


@compiled
def scatter(world: World, s: int, g: int, there: int, killed: int) -> None:
    """Let people run from a camp that group `g` attacked; they stay in the district, elsewhere."""
    p = world.parameters[0]
    t = world.sites
    d = t[s].district
    running = int(p.uprooted_share * there)
    t[s].persons -= running
    world.districts[d].in_sites -= running
    note(
        world.events, world.clock, events.SITE_ATTACKED, d, s, g, world.communities[t[s].community].event,
        float(killed), t[s].guarded, t[s].militarised, float(t[s].persons), float(running),
    )  # fmt: skip
    t[s].alarm += 1.0 / p.alarm_memory
    world.districts[d].site_attacks += 1
    world.districts[d].killed_in_sites += killed


@compiled
def take_sides(world: World, g: int) -> None:
    """Let people comply after a selective attack of `g`, or turn from it after an indiscriminate one."""
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    if t[g].mode == SELECTIVE:
        world.districts[d].selective += 1
        free = clip(1.0 - world.districts[d].state_control - world.districts[d].group_control, 0.0, 1.0)
        t[g].control += p.compliance * t[g].reach * free
    elif t[g].mode == INDISCRIMINATE:
        world.districts[d].indiscriminate += 1
        t[g].control = clip(t[g].control * (1.0 - p.backlash), 0.0, 1.0)


@compiled
def strongest_enemy(world: World, d: int) -> int:
    """Return the armed group, not of the government's side, that controls most of district `d`; -1 none."""
    groups = world.armed_groups
    target = -1
    g = world.districts[d].first_group
    while g >= 0:
        enemy = groups[g].standing != PRO_GOVERNMENT
        if enemy and groups[g].district == d and groups[g].fighters > 0:
            if target < 0 or groups[g].control > groups[target].control:
                target = g
        g = groups[g].next_group
    return target


@compiled
def offensive(
    world: World, kind: int, agent: int, stream: int, g: int, strength: float, known: float
) -> bool:
    """Let `agent` attack armed group `g` with `strength` effective fighters; returns whether it won.

    Cleared ground is held only as far as the state is present there; the rest is nobody's. Whoever
    attacks bears the own losses elsewhere.
    """
    p = world.parameters[0]
    t = world.armed_groups
    d = t[g].district
    key = world.keys[0]
    world.districts[d].clashes += 1
    world.districts[d].danger += 1.0 / p.alarm_memory
    hidden = 1.0 + world.districts[d].concealment  # who knows the ground fights as if more
    win = state_wins(world, d, strength, t[g].fighters * hidden)
    won = chance.uniform(key, stream, agent, 4) < win
    event = note(
        world.events, world.clock, kind, d, agent, g, world.districts[d].incident,
        1.0 if won else 0.0, win, known, float(t[g].fighters), 0.0,
    )  # fmt: skip
    uproot(world, d, stream, agent, 1, event)
    engaged = min(t[g].fighters, int(strength))
    u = chance.uniform(key, stream, agent, 5)
    lose_fighters(world, g, u, engaged, p.clash_loss if won else p.clash_loss * p.winner_loss)
    if won:
        taken = p.offensive_gain * t[g].control
        t[g].control -= taken
        world.districts[d].state_control += taken * world.districts[d].state_presence
    return won
