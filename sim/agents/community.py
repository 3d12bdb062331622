"""Communities: they perceive danger, warn or keep silent, flee, and come home.

A community is some tens of thousands of people in one district: a town, or the villages around a
road. It knows what happened to itself, what is told of its district and of neighbouring ones, and
whom it may trust; it does not know what armed groups intend until it notices something.

Sources: threat and flight, Adhikari 2013 (evidence 2d); choice of refuge as in Flee, Suleimenova,
Bell & Groen 2017; return that needs a safe origin and a safe corridor and gets rarer with time, S1;
alert networks that report to the nearest base, S3 (E1-10); tips weighed against retaliation,
Wheeler 2005 and Kalyvas 2006.
"""

from __future__ import annotations

import math

from sim import chance
from sim.agents.base import DistrictAgent
from sim.agents.ex_combatant import reintegrate
from sim.agents.militia import arm, raid
from sim.arithmetic import clip, exp, logistic
from sim.compiled import behaviour, compiled, inlined
from sim.declare import SILENCE, Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.state import MONTH, NEAR, QUARTER, World

TABLE = Table(
    "communities",
    "People who live together: how many, what they fear, whom they trust, who of them is displaced.",
    (
        Field("district", "i8", "row", "district it lives in"),
        Field("residents_low", "f8", "persons", "estimate of its people at the start, lower bound"),
        Field("residents_best", "f8", "persons", "estimate, most likely"),
        Field("residents_high", "f8", "persons", "estimate, upper bound"),
        Field("residents", "i8", "persons", "people at home now"),
        Field("displaced", "i8", "persons", "its people who are displaced, in the country and abroad"),
        Field("urban", "f8", "0-1", "1 a town, 0 villages"),
        Field("remoteness", "f8", "hours", "travel time from the district's centre in the dry season"),
        Field("organisation", "f8", "0-1", "how well committees and neighbours act together"),
        Field("alert_network", "i8", "flag", "1 if it belongs to a community alert network"),
        Field("listener", "i8", "-", "who listens to it: 0 the UN, 1 the state, 2 civil society"),
        Field("trust_un", "f8", "0-1", "trust that telling the mission helps"),
        Field("trust_state", "f8", "0-1", "trust that telling state forces helps"),
        Field("fear", "f8", "0-1", "how likely it thinks an attack on itself soon is"),
        Field("grievance", "f8", "0-1", "anger at the state"),
        Field("absent", "f8", "weeks", "mean time its displaced have been away"),
        Field(
            "raider", "i8", "row", "armed group about to attack it this week, -1 none", start=-1, weekly=True
        ),
        Field("noticed", "i8", "flag", "1 if it noticed the attack being prepared", weekly=True),
        Field("lead", "f8", "hours", "how long before the attack it noticed", weekly=True),
        Field("alerted", "i8", "flag", "1 if it raised an alert, before or during the attack", weekly=True),
        Field("un_alert", "f8", "0-1", "chance that an attack on it is told to the mission, and heard"),
        Field("state_alert", "f8", "0-1", "chance that it is told to the state, and heard"),
        Field("heard_un", "i8", "flag", "1 if its alert reached a UN base this week", weekly=True),
        Field("heard_state", "i8", "flag", "1 if its alert reached state forces this week", weekly=True),
        Field(
            "arrival",
            "f8",
            "hours",
            "when the first responder reaches it, from the onset; infinite if none does",
            start=math.inf,
            weekly=True,
        ),
        Field("answered_by", "i8", "-", "0 nobody, 1 the UN, 2 state forces", weekly=True),
        Field(
            "uprooted", "i8", "persons", "people of localities attacked or fought over this week", weekly=True
        ),
        Field("shock", "f8", "-", "what it suffered this week, as it moves its fear", weekly=True),
        Field("identity", "i8", "-", "the community of identity it belongs to, -1 where it does not matter"),
        Field("youth", "f8", "0-1", "how far its young people are left out"),
        Field("militia", "i8", "persons", "its residents under arms for self-defence"),
        Field("ex_combatants", "i8", "persons", "its residents who were fighters and are not settled yet"),
        Field("anger", "f8", "attacks", "attacks by other communities of late (decaying)"),
        Field("wronged", "i8", "event", "the last attack by another community, -1 none or no log", start=-1),
        Field("dead", "i8", "persons", "its people killed since the start"),
        Field(
            "event",
            "i8",
            "event",
            "the last event of this week about it, -1 none or no log",
            start=-1,
            weekly=True,
        ),
        Field(
            "accompanied", "f8", "0-1", "how far an unarmed protection team is with it this week", weekly=True
        ),
    ),
)

PART = "community"

# fmt: off
PARAMETERS = (
    Parameter("notice_chance", 0.3, "1", 0.1, 0.7,
              "chance that a community of middling organisation notices an attack before it begins",
              "no source; >6,000 alerts a year in eastern DRC (E2c) show that much is noticed"),
    Parameter("lead_time", 4.0, "hours", 1.0, 24.0,
              "mean time between noticing and the onset of the attack",
              "no source"),
    Parameter("warn_baseline", 0.5, "log odds", -1.5, 2.0,
              "log odds of calling somebody trusted half and half, where nobody could take revenge",
              "no source"),
    Parameter("warn_trust", 2.5, "log odds", 0.5, 5.0,
              "what full trust adds to the log odds of warning, compared with none (half each way)",
              "direction: Wheeler 2005 (evidence 3); size not in any source", "abstract"),
    Parameter("warn_retaliation", 2.5, "log odds", 0.5, 5.0,
              "what full control of the district by armed groups takes off the log odds of warning",
              "direction: Kalyvas 2006, Wheeler 2005; size not in any source", "abstract"),
    Parameter("network_gain", 1.6, "1", 1.0, 3.0,
              "how much likelier an alert gets through with an alert network than by chance telephone",
              "no source; direction S3 (E1-10)"),
    Parameter("telephone_chance", 0.5, "1", 0.15, 0.8,
              "chance that an alert gets through without an alert network",
              "no source"),
    Parameter("handed_over_kept", 1.0, "1", 0.3, 1.0,
              "share of what an alert network gains that is kept when the state takes it over",
              "no source; S3 (E1-10, E1-13): hard to keep after a closure, and trusted as the state is"),
    Parameter("relay_kept", 0.6, "1", 0.1, 1.0,
              "share of that gain left when civil society takes it over and passes alerts on",
              "no source; direction S3 (E1-10, E1-13)"),
    Parameter("evacuated_share", 0.5, "1", 0.2, 0.8,
              "share of those in reach of an attack who get away in time when it was noticed",
              "no source"),
    Parameter("uprooted_share", 0.24, "1", 0.1, 0.8,
              "share of the people of an attacked locality who flee",
              "set so that a death displaces 200-500 (E2d: El Geneina 270, Darfur 480)", "computed"),
    Parameter("shock_attack", 0.3, "1", 0.1, 1.0,
              "shock of an attack or a clash near by to a community, apart from its deaths",
              "no source"),
    Parameter("shock_death", 0.1, "1/person", 0.02, 0.5,
              "shock of each death",
              "no source; with `fear_own`, ten deaths nearly reach its full step"),
    Parameter("shock_abuse", 0.1, "1", 0.02, 0.5,
              "shock of an incident of violence by state forces, apart from its deaths",
              "no source"),
    Parameter("told_from_next", 0.2, "1", 0.05, 0.6,
              "weight of what is told of an adjacent district, compared with its own",
              "no source; half of the effect of violence is gone after 350 km in most countries (E2c)"),
    Parameter("fear_own", 0.5, "1", 0.2, 0.9,
              "largest step towards certainty of another attack that a week of its own can cause",
              "no source"),
    Parameter("fear_told", 0.03, "1", 0.005, 0.15,
              "step that each attack elsewhere in the district, of late, causes in a week",
              "no source; direct violence dominates flight (E2d, Adhikari)"),
    Parameter("fear_closure", 0.25, "1", 0.0, 0.6,
              "step that the closure of a base in the district causes if nobody explained it",
              "no source for the size; direction S3 (E1-5, E1-49)"),
    Parameter("fear_fade", 0.06, "1/week", 0.02, 0.15,
              "share of fear that fades in a quiet week",
              "no source; four months"),
    Parameter("panic_threshold", 0.35, "0-1", 0.2, 0.6,
              "fear above which people leave who were not attacked themselves",
              "threshold form: evidence 3 (flight); value not in any source"),
    Parameter("panic_rate", 0.003, "1/week", 0.001, 0.02,
              "share of residents who leave in a week per unit of fear beyond the threshold",
              "no source"),
    Parameter("flight_group", 200.0, "persons", 20.0, 500.0,
              "people who leave together when they leave out of fear (a hamlet, some families)",
              "no source"),
    Parameter("flight_reach", 12.0, "hours", 4.0, 36.0,
              "travel time over which the attraction of a refuge falls by a factor e",
              "form: Flee weights refuges by 1/distance (E2d); value not in any source", "abstract"),
    Parameter("refuge_danger", 1.0, "1/(attacks/week)", 0.2, 3.0,
              "how fast recent attacks make a district unattractive as a refuge",
              "no source"),
    Parameter("abroad_weight", 0.08, "1", 0.01, 0.3,
              "attraction of crossing a border, relative to a safe district at no distance",
              "no source; most of the displaced in eastern DRC stay in the country"),
    Parameter("return_rate", 0.065, "1/week", 0.01, 0.2,
              "share of the displaced who go home in a week when origin and corridor are safe",
              "set so that 3-16 % return in a year under conflict (E2d); OCHA's counts for eastern DRC imply "
              "37 %", "computed"),
    Parameter("return_patience", 156.0, "weeks", 39.0, 312.0,
              "absence over which the inclination to return falls by a factor e",
              "direction S1 (E1-35); value not in any source"),
    Parameter("return_presence", 0.5, "1", 0.0, 1.5,
              "how much full UN presence at home raises the rate of return",
              "direction: Bove, Di Salvatore & Elia 2022 (E2a); size not read", "abstract"),
    Parameter("trust_gain", 0.1, "1", 0.02, 0.3,
              "step of trust towards 1 when an alert is answered",
              "no source"),
    Parameter("trust_loss", 0.06, "1", 0.01, 0.2,
              "step of trust towards 0 when an alert was heard and nobody came",
              "no source"),
    Parameter("trust_fade", 0.01, "1/week", 0.002, 0.05,
              "share of the way back to indifference (one half) that trust goes in a week",
              "no source"),
    Parameter("alerts_shared", 0.2, "1", 0.0, 0.8,
              "chance that a mission that heard an alert passes it on to state forces",
              "no source; direction E1-73 (joint assessment, shared information)"),
    Parameter("project_trust", 0.003, "1/week", 0.0, 0.02,
              "step of trust in the mission towards 1 in a week where it is everywhere to be seen (small "
              "works for the people around bases)",
              "direction S1 (E1-54: quick-impact projects, goodwill); size not in any source"),
    Parameter("project_loss", 0.03, "1", 0.0, 0.15,
              "step of grievance towards 1 with each base that closes in the district, as jobs and services "
              "go with it",
              "direction S1 (E1-54: dependency); size not in any source"),
    Parameter("grievance_fade", 0.005, "1/week", 0.001, 0.02,
              "share of grievance that fades in a week",
              "no source; grievances outlast fears"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "warnings", "communities",
        "communities notice attacks in time and call for help",
        "E1-10", {"notice_chance": 0.0, "warn_baseline": SILENCE},
        "nobody answers any more, as nobody calls",
    ),
    Mechanism(
        "alert-networks", "communities",
        "alert networks carry more alerts to a base than chance telephones do",
        "E1-10", {"network_gain": 1.0},
    ),
    Mechanism(
        "fear-of-retaliation", "communities",
        "people keep silent where armed groups control the district",
        "Kalyvas 2006, Wheeler 2005", {"warn_retaliation": 0.0},
    ),
    Mechanism(
        "trust-learning", "communities",
        "trust in mission and state follows what becomes of alerts, and abuse",
        "guess", {"trust_gain": 0.0, "trust_loss": 0.0, "trust_fade": 0.0, "abuse_trust_loss": 0.0},
    ),
    Mechanism(
        "closure-fear", "communities",
        "a closure that nobody explained frightens people",
        "E1-5, E1-49", {"fear_closure": 0.0},
    ),
    Mechanism(
        "flight", "communities",
        "people flee violence",
        "E2d", {"uprooted_share": 0.0, "panic_rate": 0.0},
    ),
    Mechanism(
        "return", "communities",
        "displaced people come home",
        "E1-35, E2d", {"return_rate": 0.0},
    ),
    Mechanism(
        "shared-alerts", "the mission",
        "the mission passes alerts on to state forces",
        "E1-73", {"alerts_shared": 0.0},
    ),
    Mechanism(
        "projects", "the mission",
        "small works around bases win trust, and leave anger when they end",
        "E1-54", {"project_trust": 0.0, "project_loss": 0.0},
    ),
    Mechanism(
        "network-handover", "the mission",
        "alert networks that are handed over go on carrying more than chance telephones do",
        "E1-13", {"handed_over_kept": 0.0, "relay_kept": 0.0},
        "only schedules that hand them over",
    ),
)
# fmt: on


@compiled
def notice_chance(base: float, organisation: float) -> float:
    """Return the chance (0-1) that preparations are noticed: `base` at organisation one half."""
    return clip(base * (0.5 + organisation), 0.0, 1.0)


@compiled
def warn_chance(world: World, c: int, to_un: bool) -> float:
    """Return the chance that community `c` passes on what it noticed to the mission or the state.

    Trust in the listener against fear of the armed groups that control the district, on the log
    odds scale (evidence 3: civilian tip choice).
    """
    p = world.parameters[0]
    d = world.communities[c].district
    trust = world.communities[c].trust_un if to_un else world.communities[c].trust_state
    return logistic(
        p.warn_baseline + p.warn_trust * (trust - 0.5) - p.warn_retaliation * world.districts[d].group_control
    )


@compiled
def listening(world: World, c: int, to_un: bool) -> float:
    """Return the chance that a warning finds an ear able to act.

    The mission hears through a base within reach (`un_listening`), better through an alert network;
    an alert network whose base has closed has lost its listener. The state hears through chiefs and
    posts where it governs, better through an alert network that was handed over to it. Civil society
    that has taken one over passes alerts on to whoever is left, some of them.
    """
    p = world.parameters[0]
    d = world.communities[c].district
    line = p.telephone_chance
    listener = world.communities[c].listener
    if world.communities[c].alert_network == 1:
        if listener == 0 and to_un:
            line = clip(line * p.network_gain, 0.0, 1.0)
        elif listener == 1 and not to_un:
            line = clip(line * (1.0 + (p.network_gain - 1.0) * p.handed_over_kept), 0.0, 1.0)
        elif listener == 2:
            line = clip(line * (1.0 + (p.network_gain - 1.0) * p.relay_kept), 0.0, 1.0)
    if to_un:
        return line * world.districts[d].un_listening
    return line * world.districts[d].state_control


@compiled
def alert_chance(world: World, c: int, to_un: bool) -> float:
    """Return the chance that an attack on community `c` is told to the mission or the state, and heard."""
    return warn_chance(world, c, to_un) * listening(world, c, to_un)


@behaviour
def weigh_alerts(world: World, c: int) -> None:
    """Weigh how likely it is that a call for help is made and heard, for whoever protects the district."""
    world.communities[c].un_alert = alert_chance(world, c, True)
    world.communities[c].state_alert = alert_chance(world, c, False)


@behaviour
def warn(world: World, c: int) -> None:
    """Notice an attack, in time or when it comes, and call the mission, the state, both or nobody."""
    t = world.communities
    if t[c].raider < 0:
        return
    key = world.keys[0]
    p = world.parameters[0]
    d = t[c].district
    watchful = t[c].organisation + p.team_notice * t[c].accompanied
    if chance.uniform(key, chance.WARN, c, 0) < notice_chance(p.notice_chance, watchful):
        t[c].noticed = 1
        t[c].lead = chance.exponential(chance.uniform(key, chance.WARN, c, 5), p.lead_time)
    told_un = chance.uniform(key, chance.WARN, c, 1) < warn_chance(world, c, True)
    told_state = chance.uniform(key, chance.WARN, c, 2) < warn_chance(world, c, False)
    if not (told_un or told_state):
        return
    t[c].alerted = 1
    world.districts[d].alerts += 1
    if told_un and chance.uniform(key, chance.WARN, c, 3) < listening(world, c, True):
        t[c].heard_un = 1
        world.districts[d].alarm += 1.0 / p.alarm_memory
    if told_state and chance.uniform(key, chance.WARN, c, 4) < listening(world, c, False):
        t[c].heard_state = 1
        world.districts[d].known_threat += 1.0 / p.alarm_memory
    if t[c].heard_un == 1 and t[c].heard_state == 0:
        if chance.uniform(key, chance.WARN, c, 6) < p.alerts_shared:
            t[c].heard_state = 1
            world.districts[d].known_threat += 1.0 / p.alarm_memory
    if t[c].heard_un == 1 or t[c].heard_state == 1:
        world.districts[d].heard += 1
    if len(world.events) > 0:
        g = t[c].raider
        t[c].event = note(
            world.events, world.clock, events.ALERT, d, c, g, world.armed_groups[g].decision,
            1.0 if told_un else 0.0, 1.0 if told_state else 0.0,
            float(t[c].heard_un), float(t[c].heard_state), t[c].lead,
        )  # fmt: skip
        if t[c].heard_state == 1:
            world.districts[d].incident = t[c].event


@behaviour
def perceive(world: World, c: int) -> None:
    """Update fear and trust from what happened this week, here and nearby."""
    p = world.parameters[0]
    t = world.communities
    d = t[c].district

    calm = 1.0 - p.fear_told * world.districts[d].told  # chance that nothing shakes it
    if t[c].shock > 0.0:
        calm *= 1.0 - p.fear_own * (1.0 - exp(-t[c].shock))
    if world.districts[d].unexplained > 0.0:
        calm *= 1.0 - clip(p.fear_closure * world.districts[d].unexplained, 0.0, 1.0)
    calm *= 1.0 - p.rumour_fear * world.districts[d].rumour
    t[c].fear = t[c].fear * (1.0 - p.fear_fade)
    t[c].fear += (1.0 - calm) * (1.0 - t[c].fear)

    t[c].trust_un += p.trust_fade * (0.5 - t[c].trust_un)
    t[c].trust_state += p.trust_fade * (0.5 - t[c].trust_state)
    t[c].trust_un += p.project_trust * world.districts[d].un_presence * (1.0 - t[c].trust_un)
    t[c].trust_un -= p.rumour_mistrust * world.districts[d].rumour * t[c].trust_un
    if t[c].heard_un == 1:
        if t[c].answered_by == 1:
            t[c].trust_un += p.trust_gain * (1.0 - t[c].trust_un)
        else:
            t[c].trust_un -= p.trust_loss * t[c].trust_un
    if t[c].heard_state == 1:
        if t[c].answered_by == 2:
            t[c].trust_state += p.trust_gain * (1.0 - t[c].trust_state)
        else:
            t[c].trust_state -= p.trust_loss * t[c].trust_state
    t[c].grievance *= 1.0 - p.grievance_fade
    if world.districts[d].closed > 0:
        lost = clip(p.project_loss * world.districts[d].closed, 0.0, 1.0)
        t[c].grievance += lost * (1.0 - t[c].grievance)


@behaviour
def flee(world: World, c: int) -> None:
    """Leave: people of attacked localities, and others once fear passes a threshold, in groups."""
    p = world.parameters[0]
    t = world.communities
    d = t[c].district
    key = world.keys[0]
    leaving = 0.0
    if t[c].uprooted > 0:
        leaving += p.uprooted_share * t[c].uprooted
    if t[c].fear > p.panic_threshold and (world.clock[0].week + c) % MONTH == 0:
        leaving += MONTH * p.panic_rate * (t[c].fear - p.panic_threshold) * t[c].residents
    if leaving <= 0.0:
        return
    size = int(p.flight_group)
    groups = chance.poisson(chance.uniform(key, chance.FLEE, c, 0), leaving / size)
    groups = min(groups, t[c].residents // size)
    if groups == 0:
        return
    away_before = t[c].displaced
    if groups <= 8:  # each group chooses for itself
        for i in range(groups):
            send(world, c, size, chance.uniform(key, chance.FLEE, c, 1 + i))
    else:  # many: the same choice, shared out place by place
        left = groups
        done = 0.0
        total = refuge_total(world, d)
        for k in range(NEAR):
            weight = world.refuge[d, k] - done
            if weight <= 0.0 or left == 0:
                continue
            share = clip(weight / (total - done), 0.0, 1.0)
            go = chance.binomial(chance.uniform(key, chance.FLEE, c, 1 + k), left, share)
            done = world.refuge[d, k]
            left -= go
            settle(world, c, k, go * size)
        if left > 0:
            settle(world, c, NEAR if world.districts[d].border == 1 else 0, left * size)
    n_leaving = groups * size
    if len(world.events) > 0:
        uprooted = float(t[c].uprooted)
        cause = t[c].event if t[c].uprooted > 0 else -1
        fled = float(n_leaving)
        note(world.events, world.clock, events.FLIGHT, d, c, -1, cause, fled, t[c].fear, uprooted, 0.0, 0.0)
    t[c].residents -= n_leaving
    t[c].absent = t[c].absent * away_before / (away_before + n_leaving)
    world.districts[d].fled += n_leaving


@inlined
def refuge_total(world: World, d: int) -> float:
    """Return the attraction of all refuges together, abroad included where there is a border."""
    return world.refuge[d, NEAR - 1] + world.parameters[0].abroad_weight * world.districts[d].border


@compiled
def send(world: World, c: int, persons: int, u: float) -> None:
    """Let a group of community `c` choose a refuge: near districts by attraction, or abroad."""
    d = world.communities[c].district
    x = u * refuge_total(world, d)
    for k in range(NEAR):
        if x < world.refuge[d, k]:
            settle(world, c, k, persons)
            return
    settle(world, c, NEAR if world.districts[d].border == 1 else 0, persons)


@compiled
def settle(world: World, c: int, k: int, persons: int) -> None:
    """Count people of community `c` as displaced in its k-th near district (`NEAR`: abroad)."""
    world.displaced[c, k] += persons
    world.communities[c].displaced += persons
    if k < NEAR:
        world.districts[world.near[world.communities[c].district, k]].hosted += persons


@behaviour
def go_home(world: World, c: int) -> None:
    """Return, as far as home and the way there seem safe and absence was not too long.

    Those displaced in one place decide once a quarter.
    """
    p = world.parameters[0]
    t = world.communities
    d = t[c].district
    if t[c].displaced == 0:
        return
    t[c].absent += 1.0
    first = (world.clock[0].week + c) % QUARTER
    wish = -1.0
    came = 0
    for k in range(first, NEAR + 1, QUARTER):
        n = world.displaced[c, k]
        if n == 0:
            continue
        if wish < 0.0:
            wish = (
                QUARTER
                * p.return_rate
                * (1.0 - t[c].fear)
                * (1.0 - t[c].fear)
                * exp(-t[c].absent / p.return_patience)
                * (1.0 + p.return_presence * world.districts[d].un_presence)
                * world.districts[d].calm
            )
        rate = wish
        if k < NEAR:
            rate *= world.districts[world.near[d, k]].calm  # the way leads through where they are
        back = chance.binomial(chance.uniform(world.keys[0], chance.RETURN, c, k), n, clip(rate, 0.0, 1.0))
        world.displaced[c, k] -= back
        if k < NEAR:
            world.districts[world.near[d, k]].hosted -= back
            world.districts[world.near[d, k]].went_home += back
        came += back
    t[c].residents += came
    t[c].displaced -= came
    world.districts[d].returned += came


class Community(DistrictAgent):
    """A community in a Mesa model."""

    table = TABLE

    def weigh_alerts(self) -> None:
        """Weigh how likely it is that a call for help is made and heard."""
        weigh_alerts(self.world, self.row)

    def warn(self) -> None:
        """Notice an attack being prepared, and tell somebody or nobody."""
        warn(self.world, self.row)

    def reintegrate(self) -> None:
        """Let some former fighters settle."""
        reintegrate(self.world, self.row)

    def arm(self) -> None:
        """Form or dissolve self-defence."""
        arm(self.world, self.row)

    def raid(self) -> None:
        """Attack another community, or not."""
        raid(self.world, self.row)

    def perceive(self) -> None:
        """Update fear and trust."""
        perceive(self.world, self.row)

    def flee(self) -> None:
        """Leave, as far as danger and fear call for it."""
        flee(self.world, self.row)

    def go_home(self) -> None:
        """Return, as far as home and the way there seem safe."""
        go_home(self.world, self.row)
