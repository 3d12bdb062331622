"""Communities: they perceive danger, warn or keep silent, flee, and come home.

A community is the people of one *place*: a town with its surroundings, or the villages around a road, with
coordinates (`sim.scenario.layout`). It is where people are attacked and protected: what a unit is worth to
it depends on the travel time from the unit's post. It knows what happened to itself, what is told of its
district and of neighbouring ones, and whom it may trust; it does not know what armed groups intend until it
notices something.

Sources: threat and flight, Adhikari 2013 (evidence 2d); choice of refuge as in Flee, Suleimenova,
Bell & Groen 2017; return that needs a safe origin and a safe corridor and gets rarer with time, S1;
alert networks that report to the nearest base, S3 (E1-10); tips weighed against retaliation,
Wheeler 2005 and Kalyvas 2006.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.agents.base import DistrictAgent
from sim.agents.ex_combatant import reintegrate
from sim.agents.militia import arm, raid
from sim.arithmetic import clip, exp, logistic
from sim.chance import Flee, Warn
from sim.compiled import behaviour, compiled, inlined
from sim.declare import SILENCE, Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.attack import who
from sim.world.codes import Answer, Listener, legend
from sim.world.district import incident_rate
from sim.world.events import note
from sim.world.state import MONTH, NEAR, QUARTER, WEEKS_A_YEAR, World

HALF = 0.5
"""Trust in somebody trusted half and half, for whom `warn_baseline` is told."""
EACH_CHOOSES = 8
"""As many groups that flee choose a refuge each for itself; more are shared out place by place."""

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
        Field("breadth", "f8", "km", "how far its people live apart"),
        Field("remoteness", "f8", "hours", "travel time from the district's centre in the dry season"),
        Field("organisation", "f8", "0-1", "how well committees and neighbours act together"),
        Field("alert_network", "i8", "flag", "1 if it belongs to a community alert network"),
        Field("listener", "i8", "-", f"who listens to it: {legend(Listener)}"),
        Field("trust_un", "f8", "0-1", "trust that telling the mission helps"),
        Field("trust_state", "f8", "0-1", "trust that telling state forces helps"),
        Field("fear", "f8", "0-1", "how likely it thinks an attack on itself soon is"),
        Field("grievance", "f8", "0-1", "anger at the state"),
        Field("absent", "f8", "weeks", "mean time its displaced have been away"),
        Field("integration", "f8", "1/year", "share of its displaced who settle for good where they are"),
        Field("raids", "i8", "attacks", "attacks by armed groups on it this week", weekly=True),
        Field("first_attack", "i8", "row", "the last of these, -1 none (linked list)", start=-1, weekly=True),
        Field("un_patrols", "f8", "patrols/week", "UN patrols that reach it", weekly=True),
        Field("state_patrols", "f8", "patrols/week", "army and police patrols that reach it", weekly=True),
        Field("un_miss", "f8", "0-1", "chance that no UN unit answers from it", start=1.0, weekly=True),
        Field("state_miss", "f8", "0-1", "chance that no state unit does", start=1.0, weekly=True),
        Field("un_deaf", "f8", "0-1", "chance that no UN base has an ear for it", start=1.0, weekly=True),
        Field("state_deaf", "f8", "0-1", "chance that no state post has", start=1.0, weekly=True),
        Field("un_presence", "f8", "0-1", "how visible UN patrols are in it"),
        Field("state_presence", "f8", "0-1", "how visible state patrols are in it"),
        Field("un_alert", "f8", "0-1", "chance that an attack on it is told to the mission, and heard"),
        Field("state_alert", "f8", "0-1", "chance that it is told to the state, and heard"),
        Field("un_met", "f8", "0-1", "true chance that the UN meets an attack on it"),
        Field("state_met", "f8", "0-1", "true chance that state forces do"),
        Field("alarm", "f8", "alerts/week", "what mission and state have heard from it of late (decaying)"),
        Field("heard_un", "i8", "flag", "1 if an alert of it reached the mission this week", weekly=True),
        Field("heard_state", "i8", "flag", "1 if one reached state forces this week", weekly=True),
        Field("answered_by", "i8", "-", f"who came to help: {legend(Answer)}", weekly=True),
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
        Field("dead", "i8", "persons", "its people killed since the start, the spin-up included"),
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
    Parameter("notice_unorganised", 0.5, "1", 0.0, 0.8,
              "part of that chance in a community without any organisation",
              "no source"),
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
    Parameter("uprooted_share", 0.5, "1", 0.1, 0.8,
              "share of the people of an attacked locality who flee",
              "set so that a death displaces 200-500 (E2d: El Geneina 270, Darfur 480), and by the displaced "
              "of the Central African Republic when recorded deaths are replayed", "computed"),
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
    Parameter("return_rate", 0.016, "1/week", 0.005, 0.1,
              "share of the displaced who go home in a week when origin and corridor are safe",
              "set by the displaced of the Central African Republic when recorded deaths are replayed, and "
              "so that 3-16 % return in a year under conflict (E2d); OCHA's counts for eastern DRC imply "
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
              "share of the way back to `trust_settled` that trust goes in a week",
              "no source"),
    Parameter("trust_settled", 0.5, "0-1", 0.2, 0.8,
              "trust in mission and state to which people return when nothing happens",
              "no source; indifference"),
    Parameter("state_ears", 200.0, "soldiers", 30.0, 3000.0,
              "able soldiers and police at work at a place at which 63 % of calls for help reach them",
              "no source"),
    Parameter("alerts_shared", 0.1, "1", 0.0, 0.8,
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
def notice_chance(organisation: float, p: np.record) -> float:
    """Return the chance (0-1) that preparations are noticed: the parameter's at organisation one half."""
    return clip(p.notice_chance * (p.notice_unorganised + organisation), 0.0, 1.0)


@compiled
def warn_chance(trust: float, group_control: float, p: np.record) -> float:
    """Return the chance (0-1) that a community passes on what it noticed.

    Trust in the listener (0-1) against fear of the armed groups that control the district, on the log
    odds scale (evidence 3: civilian tip choice).
    """
    return logistic(p.warn_baseline + p.warn_trust * (trust - HALF) - p.warn_retaliation * group_control)


@compiled
def line(community: np.record, to: int, p: np.record) -> float:
    """Return the chance (0-1) that a community's alert gets through to a `Listener`.

    Better through an alert network than by chance telephone. A network serves whoever listens to it, the
    mission until it has been handed over; civil society passes alerts on to both, some of them.
    """
    if community.alert_network == 1:
        if community.listener == Listener.CIVIL_SOCIETY:
            return clip(p.telephone_chance * (1.0 + (p.network_gain - 1.0) * p.relay_kept), 0.0, 1.0)
        if community.listener == Listener.UN and to == Listener.UN:
            return clip(p.telephone_chance * p.network_gain, 0.0, 1.0)
        if community.listener == Listener.STATE and to == Listener.STATE:
            return clip(p.telephone_chance * (1.0 + (p.network_gain - 1.0) * p.handed_over_kept), 0.0, 1.0)
    return p.telephone_chance


@inlined
def ear(community: np.record, here: np.record, to: int) -> float:
    """Return the chance (0-1) that there is somebody of a `Listener` to call."""
    if to == Listener.UN:
        return 1.0 - community.un_deaf
    return 1.0 - (1.0 - here.state_control) * community.state_deaf


@compiled
def hears_chance(community: np.record, here: np.record, to: int, p: np.record) -> float:
    """Return the chance (0-1) that a warning finds an ear able to act.

    The mission hears through a base within reach: an alert network whose base has closed has lost its
    listener. The state hears through chiefs where it governs, and through its posts.
    """
    return line(community, to, p) * ear(community, here, to)


@compiled
def alert_chance(community: np.record, here: np.record, to: int, p: np.record) -> float:
    """Return the chance (0-1) that an attack on a community is told to a `Listener`, and heard."""
    trust = community.trust_un if to == Listener.UN else community.trust_state
    return warn_chance(trust, here.group_control, p) * hears_chance(community, here, to, p)


@behaviour
def weigh_alerts(world: World, c: int) -> None:
    """Weigh how likely it is that a call for help is made and heard, for whoever protects it."""
    community = world.communities[c]
    here = world.districts[community.district]
    p = world.parameters[0]
    community.un_alert = alert_chance(community, here, Listener.UN, p)
    community.state_alert = alert_chance(community, here, Listener.STATE, p)


@behaviour
def warn(world: World, c: int) -> None:
    """Notice attacks, in time or when they come, and call the mission, the state, both or nobody."""
    a = world.communities[c].first_attack
    while a >= 0:
        warn_of(world, a)
        a = world.attacks[a].next_here


@compiled
def warn_of(world: World, a: int) -> None:
    """Let the people of a place warn of attack `a` on it; a patrol may happen on it, too.

    There is one decision to tell and one telephone: who would have called the mission calls the state
    where the mission has gone. Nobody calls where there is nobody to call.
    """
    one = world.attacks[a]
    c = one.community
    community = world.communities[c]
    key = world.keys[0]
    p = world.parameters[0]
    here = world.districts[community.district]
    me = who(one)
    watchful = community.organisation + p.team_notice * community.accompanied
    if chance.uniform(key, chance.WARN, me, Warn.NOTICE) < notice_chance(watchful, p):
        one.noticed = 1
        one.lead = chance.exponential(chance.uniform(key, chance.WARN, me, Warn.LEAD), p.lead_time)
    control = here.group_control
    tell = chance.uniform(key, chance.WARN, me, Warn.TELL)
    told_un = tell < warn_chance(community.trust_un, control, p) * ear(community, here, Listener.UN)
    told_state = tell < warn_chance(community.trust_state, control, p) * ear(community, here, Listener.STATE)
    through = chance.uniform(key, chance.WARN, me, Warn.LINE)
    seen = chance.uniform(key, chance.WARN, me, Warn.UN_SEES) < p.encounter_chance * community.un_presence
    by_un = seen or (told_un and through < line(community, Listener.UN, p))
    seen_state = (
        chance.uniform(key, chance.WARN, me, Warn.STATE_SEES) < p.encounter_chance * community.state_presence
    )
    by_state = seen_state or (told_state and through < line(community, Listener.STATE, p))
    if by_un and not by_state:
        by_state = chance.uniform(key, chance.WARN, me, Warn.SHARE) < p.alerts_shared
    if not (told_un or told_state or by_un or by_state):
        return
    one.alerted = 1
    here.alerts += 1
    if by_un:
        one.heard_un = 1
        community.heard_un = 1
        here.known_to_mission += incident_rate(p)
    if by_state:
        one.heard_state = 1
        community.heard_state = 1
        here.known_to_state += incident_rate(p)
    if by_un or by_state:
        here.heard += 1
        community.alarm += incident_rate(p)
    if len(world.events) > 0:
        one.event = note(
            world.events, world.clock, events.ALERT, community.district, c, one.group, one.decision,
            1.0 if told_un else 0.0, 1.0 if told_state else 0.0,
            float(one.heard_un), float(one.heard_state), one.lead,
        )  # fmt: skip
        if one.heard_state == 1:
            here.last_incident = one.event


@behaviour
def perceive(world: World, c: int) -> None:
    """Update fear and trust from what happened this week, here and nearby."""
    community = world.communities[c]
    here = world.districts[community.district]
    p = world.parameters[0]
    fear(community, here, p)
    community.trust_un += p.trust_fade * (p.trust_settled - community.trust_un)
    community.trust_state += p.trust_fade * (p.trust_settled - community.trust_state)
    community.trust_un += p.project_trust * here.un_presence * (1.0 - community.trust_un)
    community.trust_un -= p.rumour_mistrust * here.rumour * community.trust_un
    if community.heard_un == 1:
        community.trust_un = judged(community.trust_un, community.answered_by == Answer.UN, p)
    if community.heard_state == 1:
        community.trust_state = judged(community.trust_state, community.answered_by == Answer.STATE, p)
    community.grievance *= 1.0 - p.grievance_fade
    if here.closed > 0:
        lost = clip(p.project_loss * here.closed, 0.0, 1.0)
        community.grievance += lost * (1.0 - community.grievance)


@compiled
def fear(community: np.record, here: np.record, p: np.record) -> None:
    """Let fear fade, and rise with what shook a community this week."""
    unshaken = 1.0 - p.fear_told * here.talk  # chance that nothing shakes it
    if community.shock > 0.0:
        unshaken *= 1.0 - p.fear_own * (1.0 - exp(-community.shock))
    if here.unexplained > 0.0:
        unshaken *= 1.0 - clip(p.fear_closure * here.unexplained, 0.0, 1.0)
    unshaken *= 1.0 - p.rumour_fear * here.rumour
    faded = community.fear * (1.0 - p.fear_fade)
    community.fear = faded + (1.0 - unshaken) * (1.0 - faded)


@compiled
def judged(trust: float, came: bool, p: np.record) -> float:
    """Return the trust (0-1) in somebody who heard an alert, and came or did not."""
    if came:
        return trust + p.trust_gain * (1.0 - trust)
    return trust - p.trust_loss * trust


@compiled
def leaving(community: np.record, decides: bool, p: np.record) -> float:
    """Return how many of a community leave this week (mean).

    People of localities that were attacked, and, in the week in which a community `decides`, for a month,
    others whose fear has passed a threshold.
    """
    people = 0.0
    if community.uprooted > 0:
        people += p.uprooted_share * community.uprooted
    if community.fear > p.panic_threshold and decides:
        people += MONTH * p.panic_rate * (community.fear - p.panic_threshold) * community.residents
    return people


@behaviour
def flee(world: World, c: int) -> None:
    """Leave: people of attacked localities, and others once fear passes a threshold, in groups."""
    p = world.parameters[0]
    community = world.communities[c]
    here = world.districts[community.district]
    people = leaving(community, (world.clock[0].week + c) % MONTH == 0, p)
    if people <= 0.0:
        return
    size = int(p.flight_group)
    u = chance.uniform(world.keys[0], chance.FLEE, c, Flee.GROUPS)
    groups = min(chance.poisson(u, people / size), community.residents // size)
    if groups == 0:
        return
    away_before = community.displaced
    if groups <= EACH_CHOOSES:
        for i in range(groups):
            u = chance.uniform(world.keys[0], chance.FLEE, c, Flee.REFUGE + i)
            displace(world, c, refuge(world, community.district, u), size)
    else:
        share_out(world, c, groups, size)
    n_leaving = groups * size
    if len(world.events) > 0:
        cause = community.event if community.uprooted > 0 else -1
        note(
            world.events, world.clock, events.FLIGHT, community.district, c, -1, cause,
            float(n_leaving), community.fear, float(community.uprooted), 0.0, 0.0,
        )  # fmt: skip
    community.residents -= n_leaving
    community.absent = community.absent * away_before / (away_before + n_leaving)
    here.fled += n_leaving


@inlined
def refuge_total(world: World, d: int) -> float:
    """Return the attraction of all refuges together, abroad included where there is a border."""
    return world.refuge[d, NEAR - 1] + world.parameters[0].abroad_weight * world.districts[d].border


@inlined
def last_resort(here: np.record) -> int:
    """Return where people go who find no refuge near: abroad (`NEAR`), or else within their district (0)."""
    return NEAR if here.border == 1 else 0


@compiled
def refuge(world: World, d: int, u: float) -> int:
    """Return the refuge that a uniform `u` falls on: a near district by attraction, or `NEAR`, abroad."""
    x = u * refuge_total(world, d)
    for k in range(NEAR):
        if x < world.refuge[d, k]:
            return k
    return last_resort(world.districts[d])


@compiled
def share_out(world: World, c: int, groups: int, size: int) -> None:
    """Let many groups of community `c` choose refuges as if each for itself, place by place."""
    d = world.communities[c].district
    left = groups
    done = 0.0
    total = refuge_total(world, d)
    for k in range(NEAR):
        weight = world.refuge[d, k] - done
        if weight <= 0.0 or left == 0:
            continue
        share = clip(weight / (total - done), 0.0, 1.0)
        go = chance.binomial(chance.uniform(world.keys[0], chance.FLEE, c, Flee.REFUGE + k), left, share)
        done = world.refuge[d, k]
        left -= go
        displace(world, c, k, go * size)
    if left > 0:
        displace(world, c, last_resort(world.districts[d]), left * size)


@compiled
def displace(world: World, c: int, k: int, persons: int) -> None:
    """Count people of community `c` as displaced in its k-th near district (`NEAR`: abroad)."""
    world.displaced[c, k] += persons
    world.communities[c].displaced += persons
    if k < NEAR:
        world.districts[world.near[world.communities[c].district, k]].hosted += persons


@compiled
def return_share(community: np.record, here: np.record, p: np.record) -> float:
    """Return the share of a community's displaced who wish to go home in a quarter, if the way is safe."""
    return (
        QUARTER
        * p.return_rate
        * (1.0 - community.fear)
        * (1.0 - community.fear)
        * exp(-community.absent / p.return_patience)
        * (1.0 + p.return_presence * here.un_presence)
        * here.return_safety
    )


@compiled
def settle(world: World, c: int, k: int) -> int:
    """Let some of those displaced in the k-th near district settle there for good; returns how many.

    They count among the people of one of its places from then on (local integration).
    """
    community = world.communities[c]
    u = chance.uniform(world.keys[0], chance.SETTLE, c, 2 * k)
    stay = chance.binomial(
        u, world.displaced[c, k], clip(QUARTER * community.integration / WEEKS_A_YEAR, 0.0, 1.0)
    )
    if stay == 0:
        return 0
    host = world.districts[world.near[community.district, k]]
    u = chance.uniform(world.keys[0], chance.SETTLE, c, 2 * k + 1)
    to = host.first_community + int(u * (host.end_community - host.first_community))
    world.communities[to].residents += stay
    world.displaced[c, k] -= stay
    community.displaced -= stay
    host.hosted -= stay
    host.went_home += stay
    return stay


@behaviour
def go_home(world: World, c: int) -> None:
    """Return, as far as home and the way there seem safe and absence was not too long; or settle elsewhere.

    Those displaced in one place decide once a quarter.
    """
    community = world.communities[c]
    if community.displaced == 0:
        return
    p = world.parameters[0]
    here = world.districts[community.district]
    community.absent += 1.0
    wish = -1.0
    came = 0
    for k in range((world.clock[0].week + c) % QUARTER, NEAR + 1, QUARTER):
        n = world.displaced[c, k]
        if n == 0:
            continue
        if wish < 0.0:
            wish = return_share(community, here, p)
        u = chance.uniform(world.keys[0], chance.RETURN, c, k)
        if k < NEAR:
            n -= settle(world, c, k)
            host = world.districts[world.near[community.district, k]]
            back = chance.binomial(
                u, n, clip(wish * host.return_safety, 0.0, 1.0)
            )  # the way leads through there
            host.hosted -= back
            host.went_home += back
        else:
            back = chance.binomial(u, n, clip(wish, 0.0, 1.0))
        world.displaced[c, k] -= back
        came += back
    community.residents += came
    community.displaced -= came
    here.returned += came


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
