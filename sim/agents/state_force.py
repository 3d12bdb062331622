"""State forces: they move into gaps late or never, patrol, answer, fight, and may prey on civilians.

A unit is able (personnel, capability), willing (will), and disciplined to different degrees. Its
effort falls where the mission does the work (crowding out) and when pay is late; abuse rises with
arrears and impunity and falls with discipline and oversight. An impartial, a contested and a
predatory state are regions of this parameter space, not switches.

Sources: able and willing, crowding out, oversight and due diligence, S3 (E1-1, E1-20, E1-21, E1-26,
E1-27, E1-45); UN units avoid confronting government forces, Phayal & Prins 2020 (E2a). Forms for
abuse and for redeployment are this model's own (evidence 3: "functional form [M]/mine").
"""

from __future__ import annotations

import math

from sim import chance
from sim.agents.base import DistrictAgent
from sim.agents.peacekeeper import arrive
from sim.arithmetic import clip, exp
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.events import note
from sim.world.harm import report
from sim.world.people import kill
from sim.world.state import NEAR, PRO_GOVERNMENT, STATE_FORCES, World
from sim.world.violence import offensive, state_loses, strongest_enemy

ARMY = 0
POLICE = 1
GENDARMERIE = 2
PROTECTION = 3
FORCES = ("army", "police", "gendarmerie", "protection")

HOURS_ON_THE_ROAD = 84.0
"""Hours a unit travels in a week: twelve a day."""

TABLE = Table(
    "state_forces",
    "Army, police and special units: where, how many, how able, willing, paid and disciplined.",
    (
        Field(
            "force",
            "i8",
            "-",
            "0 army, 1 police, 2 gendarmerie, 3 special force to protect civilians",
            column="force",
            codes=FORCES,
        ),
        Field("district", "i8", "row", "where it is posted"),
        Field("personnel_low", "f8", "persons", "estimate at the start, lower bound", column="personnel_low"),
        Field("personnel_best", "f8", "persons", "estimate, most likely", column="personnel"),
        Field("personnel_high", "f8", "persons", "estimate, upper bound", column="personnel_high"),
        Field("personnel", "i8", "persons", "strength now"),
        Field("opens", "i8", "week", "first week in which it is deployed"),
        Field("present", "i8", "flag", "1 once it is deployed; its people are counted before, elsewhere"),
        Field("own_capability", "f8", "0-1", "its capability without help from outside", column="capability"),
        Field(
            "capability",
            "f8",
            "0-1",
            "training and equipment: worth in a fight, patrols it can run",
            column="capability",
        ),
        Field("will", "f8", "0-1", "readiness to protect civilians here", column="will"),
        Field("own_discipline", "f8", "0-1", "its discipline without help from outside", column="discipline"),
        Field("discipline", "f8", "0-1", "how well superiors control it", column="discipline"),
        Field("arrears", "f8", "weeks", "time since it was last paid", column="arrears_weeks"),
        Field("destination", "i8", "row", "district it is ordered to, -1 none", start=-1),
        Field("arrives", "i8", "week", "week in which it gets there"),
        Field("effort", "f8", "0-1", "share of its capacity it works this week"),
        Field("next_unit", "i8", "row", "next unit in the same district, -1 none (linked list)", start=-1),
        Field("order", "i8", "event", "the order it is on its way by, -1 none or no log", start=-1),
    ),
)

PART = "state force"

# fmt: off
PARAMETERS = (
    Parameter("crowding_out", 0.35, "1", 0.0, 0.7,
              "share of a unit's effort that falls away where UN patrols are everywhere to be seen",
              "direction S3 (E1-27, review of MONUSCO 2019); size not in any source"),
    Parameter("pay_chance", 0.15, "1/week", 0.05, 0.3,
              "chance that a unit is paid in a week",
              "no source; monthly pay would be 0.25"),
    Parameter("arrears_weight", 0.03, "1/week", 0.0, 0.15,
              "loss of effort per week of arrears",
              "no source; direction S3 (E1-21)"),
    Parameter("state_patrols_per_100", 12.0, "patrols/week", 4.0, 25.0,
              "patrols of 100 fully capable and willing soldiers or police",
              "no source; half of a UN company's, which has vehicles"),
    Parameter("review_chance", 0.08, "1/week", 0.02, 0.25,
              "chance that the posting of an army unit is reviewed in a week",
              "no source; once a quarter"),
    Parameter("redeploy_threshold", 0.6, "incidents/week", 0.2, 2.0,
              "how much larger the gap elsewhere must be for a unit to be ordered there",
              "no source; state forces redeploy 'late or never' (S3)"),
    Parameter("redeploy_delay", 5.0, "weeks", 1.0, 26.0,
              "mean time from the order to the arrival, besides the road",
              "no source"),
    Parameter("redeploy_hours_cost", 0.03, "incidents/week/hour", 0.0, 0.1,
              "how distance counts against a redeployment",
              "no source"),
    Parameter("cover_weight", 0.5, "incidents/week", 0.1, 2.0,
              "how much full state presence in a district reduces its gap; UN presence counts as much as "
              "crowding out",
              "no source"),
    Parameter("state_act_chance", 0.8, "1", 0.2, 1.0,
              "chance that a fully willing and capable unit at no distance acts on an alert",
              "no source"),
    Parameter("state_answer_reach", 2.5, "hours", 0.5, 8.0,
              "travel time over which that chance falls by a factor e (fewer vehicles than the UN)",
              "no source"),
    Parameter("state_mobilise", 5.0, "hours", 1.0, 24.0,
              "mean time from an alert to departure",
              "no source"),
    Parameter("offensive_rate", 0.2, "1/week", 0.03, 0.6,
              "chance in a week that a fully willing army unit attacks an armed group in its district, per"
              " known incident a week",
              "no source"),
    Parameter("abuse_rate", 0.2, "incidents/week", 0.05, 0.6,
              "incidents of violence by an undisciplined, paid unit of 500 whom nobody watches",
              "set so that the state's part in recorded violations has the recorded order (E2g: 61 % in "
              "2018)", "computed"),
    Parameter("abuse_arrears", 0.06, "1/week", 0.0, 0.2,
              "growth of that rate per week of arrears",
              "direction S3 (E1-21); size not in any source"),
    Parameter("oversight", 0.3, "1", 0.0, 0.6,
              "share of abuse that full oversight (UN patrols and monitors who see and report) prevents",
              "direction S3 (E1-45); small, as troops do little about state violence (E2a)", "abstract"),
    Parameter("accountability", 0.2, "1", 0.0, 0.5,
              "share of abuse that complaints of well-organised communities prevent",
              "direction S3 (E1-48: civil society holds the state to account); size not in any source"),
    Parameter("mentor_rate", 0.01, "1/week", 0.0, 0.03,
              "step of capability and discipline towards `mentor_reach` in a week of full mentoring",
              "direction S3 (E1-22); size not in any source"),
    Parameter("mentor_reach", 0.7, "0-1", 0.5, 0.9,
              "capability and discipline to which mentoring can bring a unit",
              "no source"),
    Parameter("mentor_decay", 0.01, "1/week", 0.002, 0.04,
              "share of what mentoring has brought that is lost in a week without it",
              "direction S3 (E1-38: gains fade after exit); size not in any source"),
    Parameter("due_diligence", 1.0, "1/(reports/week)", 0.0, 5.0,
              "how strongly reports of abuse make the mission withhold support (human rights due diligence)",
              "direction S3 (E1-26); size not in any source"),
    Parameter("protection_answer", 1.5, "1", 1.0, 2.5,
              "readiness to answer alerts of a special force for the protection of civilians, relative to "
              "the army",
              "no source; it is what such forces are for (E1-23)"),
    Parameter("pro_government_answer", 0.2, "1", 0.0, 1.0,
              "readiness of state forces to answer alerts about groups that stand with the government",
              "no source; the units of one state rarely fight its militias"),
    Parameter("abuse_deaths", 0.45, "persons", 0.1, 1.5,
              "mean number killed in an incident of violence by state forces (geometric)",
              "no source"),
    Parameter("abuse_injured", 1.2, "persons", 0.3, 4.0,
              "mean number injured in such an incident",
              "no source"),
    Parameter("abuse_detained", 2.0, "persons", 0.4, 6.0,
              "mean number unlawfully detained or abducted in such an incident",
              "no source"),
    Parameter("abuse_sexual_violence", 0.35, "persons", 0.05, 1.5,
              "mean number of survivors of sexual violence in such an incident",
              "no source"),
    Parameter("abuse_trust_loss", 0.15, "1", 0.05, 0.4,
              "share of its trust in the state that a community loses with such an incident",
              "no source"),
    Parameter("abuse_grievance", 0.1, "1", 0.02, 0.3,
              "step of grievance towards 1 with such an incident",
              "no source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "oversight", "the mission",
        "patrols and monitors who see and report prevent abuse by state forces",
        "E1-45", {"oversight": 0.0},
    ),
    Mechanism(
        "state-patrols", "state forces",
        "state forces patrol and hold ground",
        "E1-1", {"state_patrols_per_100": 0.0},
    ),
    Mechanism(
        "state-answers", "state forces",
        "state forces answer alerts",
        "E1-1", {"state_act_chance": 0.0},
    ),
    Mechanism(
        "state-redeployment", "state forces",
        "state forces move into gaps",
        "E1-1", {"review_chance": 0.0},
    ),
    Mechanism(
        "offensives", "state forces",
        "the army attacks armed groups",
        "guess", {"offensive_rate": 0.0},
    ),
    Mechanism(
        "crowding-out", "state forces",
        "state forces leave work to the mission where it is present",
        "E1-27", {"crowding_out": 0.0},
    ),
    Mechanism(
        "arrears", "state forces",
        "unpaid state forces work less and prey more",
        "E1-21", {"arrears_weight": 0.0, "abuse_arrears": 0.0},
    ),
    Mechanism(
        "state-abuse", "state forces",
        "state forces prey on civilians",
        "E1-21", {"abuse_rate": 0.0},
    ),
    Mechanism(
        "mentoring", "state forces",
        "the mission trains and advises state units, and what that brings fades without it",
        "E1-22", {"mentor_rate": 0.0},
    ),
    Mechanism(
        "due-diligence", "state forces",
        "the mission withholds support where abuse is reported",
        "E1-26", {"due_diligence": 0.0},
    ),
    Mechanism(
        "accountability", "state forces",
        "well-organised communities hold state forces to account",
        "E1-48", {"accountability": 0.0},
    ),
)
# fmt: on


@compiled
def work_effort(
    will: float, crowding_out: float, un_presence: float, arrears_weight: float, arrears: float
) -> float:
    """Return the share (0-1) of its capacity that a unit works.

    Will, less what the mission's presence makes it leave to the mission (E1-27), less what late pay
    takes away.
    """
    return will * (1.0 - crowding_out * un_presence) * exp(-arrears_weight * arrears)


@inlined
def gap(world: World, n: int) -> float:
    """Return how much district `n` lacks protection in the state's eyes (incidents a week).

    What it knows of violence there, less what is covered: by itself, and by the mission as far as
    it leaves the work to the mission.
    """
    p = world.parameters[0]
    t = world.districts
    return t[n].known_threat - p.cover_weight * (t[n].state_presence + p.crowding_out * t[n].un_presence)


@behaviour
def redeploy(world: World, s: int) -> None:
    """Move into a gap: if the post is reviewed, the gap is large enough, and after a delay."""
    p = world.parameters[0]
    t = world.state_forces
    if t[s].present == 0:
        return
    key = world.keys[0]
    week = world.clock[0].week
    if chance.uniform(key, chance.PAY, s, 0) < p.pay_chance * world.donors[0].state_funding:
        t[s].arrears = 0.0
    else:
        t[s].arrears += 1.0
    if t[s].destination >= 0:
        if week >= t[s].arrives:
            came_from = t[s].district
            to = t[s].destination
            note(
                world.events, world.clock, events.REDEPLOYMENT, to, s, came_from, t[s].order,
                0.0, 0.0, 0.0, 0.0, 0.0,
            )  # fmt: skip
            t[s].district = t[s].destination
            t[s].destination = -1
        return
    if t[s].force != ARMY or chance.uniform(key, chance.REDEPLOY, s, 0) >= p.review_chance:
        return
    d = t[s].district
    season = world.clock[0].season
    best = gap(world, d) + p.redeploy_threshold
    to = -1
    hours = 0.0
    for k in range(1, NEAR):
        n = world.near[d, k]
        if n < 0:
            break
        value = gap(world, n) - p.redeploy_hours_cost * world.hours[season, d, k]
        if value > best:
            best = value
            to = n
            hours = world.hours[season, d, k]
    # an order is followed as far as there is a will to
    if to >= 0 and chance.uniform(key, chance.REDEPLOY, s, 1) < t[s].will:
        t[s].destination = to
        delay = chance.exponential(chance.uniform(key, chance.REDEPLOY, s, 2), p.redeploy_delay)
        t[s].arrives = week + 1 + int(delay + hours / HOURS_ON_THE_ROAD)
        if len(world.events) > 0:
            t[s].order = note(
                world.events, world.clock, events.ORDER, d, s, to, world.districts[to].incident,
                gap(world, d), gap(world, to), float(t[s].arrives - week), 0.0, 0.0,
            )  # fmt: skip


@inlined
def way_to_post(world: World, s: int, remoteness: float) -> float:
    """Return the hours from the nearest post of unit `s` to people `remoteness` hours from the centre.

    A unit of n hundred is spread over n posts, and the nearest of n points is 1/sqrt(n) as far.
    """
    posts = max(1.0, world.state_forces[s].personnel / 100.0)
    return remoteness / math.sqrt(posts)


@compiled
def state_act_chance(world: World, s: int, hours: float) -> float:
    """Return the chance (0-1) that unit `s` acts on an alert `hours` of travel from a post."""
    p = world.parameters[0]
    t = world.state_forces
    able = 0.5 + 0.5 * t[s].capability
    if t[s].force == PROTECTION:
        able *= p.protection_answer
    return min(1.0, p.state_act_chance * able * t[s].effort) * exp(-hours / p.state_answer_reach)


@behaviour
def train(world: World, s: int) -> None:
    """Gain by mentoring, as far as the mission is there and has no reports of abuse; lose it without."""
    t = world.state_forces
    if t[s].personnel <= 0 or t[s].present == 0:
        return
    p = world.parameters[0]
    d = t[s].district
    # support is withheld where abuse is known (human rights due diligence policy, E1-26)
    mentors = world.districts[d].police_mentors if t[s].force == POLICE else world.districts[d].mentors
    support = mentors * exp(-p.due_diligence * world.districts[d].known_abuse)
    gain = p.mentor_rate * support
    lost = p.mentor_decay * (1.0 - support)
    t[s].capability += gain * max(0.0, p.mentor_reach - t[s].capability)
    t[s].capability -= lost * (t[s].capability - t[s].own_capability)
    t[s].discipline += gain * max(0.0, p.mentor_reach - t[s].discipline)
    t[s].discipline -= lost * (t[s].discipline - t[s].own_discipline)


@behaviour
def patrol(world: World, s: int) -> None:
    """Patrol its district and be there to answer and to fight. A unit on the road does neither."""
    t = world.state_forces
    if t[s].destination >= 0 or t[s].personnel <= 0 or t[s].present == 0:
        t[s].effort = 0.0
        return
    p = world.parameters[0]
    d = t[s].district
    t[s].next_unit = world.districts[d].first_unit
    world.districts[d].first_unit = s
    t[s].effort = work_effort(
        t[s].will, p.crowding_out, world.districts[d].un_presence, p.arrears_weight, t[s].arrears
    )
    world.districts[d].state_patrols += (
        t[s].personnel / 100.0 * p.state_patrols_per_100 * t[s].capability * t[s].effort
    )
    if t[s].force == POLICE:
        world.districts[d].police += t[s].personnel
    else:
        world.districts[d].soldiers += t[s].personnel
    at_work = t[s].personnel * t[s].capability * t[s].effort
    if t[s].force != POLICE:
        world.districts[d].state_strength += t[s].personnel * t[s].capability
    world.districts[d].policing += p.troop_policing * at_work if t[s].force == ARMY else at_work
    world.districts[d].state_miss *= 1.0 - state_act_chance(
        world, s, way_to_post(world, s, world.districts[d].remoteness)
    )


@behaviour
def answer(world: World, s: int) -> None:
    """Answer alerts that reached state forces in its own district."""
    t = world.state_forces
    if t[s].effort <= 0.0:
        return
    d = t[s].district
    if world.districts[d].heard == 0:
        return
    p = world.parameters[0]
    for c in range(world.districts[d].first_community, world.districts[d].end_community):
        if world.communities[c].heard_state == 0:
            continue
        travel = way_to_post(world, s, world.communities[c].remoteness)
        acts = state_act_chance(world, s, travel)
        g = world.communities[c].raider
        if g >= 0 and world.armed_groups[g].standing == PRO_GOVERNMENT:
            acts *= p.pro_government_answer
        draw = 2 * (c - world.districts[d].first_community) + 64 * d
        if chance.uniform(world.keys[0], chance.ANSWER_STATE, s, draw) < acts:
            start = chance.exponential(
                chance.uniform(world.keys[0], chance.ANSWER_STATE, s, draw + 1), p.state_mobilise
            )
            arrive(world, c, start + travel, 2, s)
            return  # one alert a week


@behaviour
def fight(world: World, s: int) -> None:
    """Attack the armed group that controls most of its district, if threat and will call for it."""
    t = world.state_forces
    if (t[s].force != ARMY and t[s].force != GENDARMERIE) or t[s].effort <= 0.0:
        return
    p = world.parameters[0]
    d = t[s].district
    key = world.keys[0]
    if chance.uniform(key, chance.FIGHT, s, 0) >= clip(
        p.offensive_rate * t[s].effort * world.districts[d].known_threat, 0.0, 1.0
    ):
        return
    target = strongest_enemy(world, d)
    if target < 0:
        return
    strength = t[s].personnel * t[s].capability
    engaged = min(world.armed_groups[target].fighters, int(strength))
    known = world.districts[d].known_threat
    won = offensive(world, events.OFFENSIVE, s, chance.FIGHT, target, strength, known)
    u = chance.uniform(key, chance.FIGHT, s, 6)
    state_loses(world, d, u, engaged, p.clash_loss * p.winner_loss if won else p.clash_loss)


@compiled
def abuse_chance(world: World, s: int) -> float:
    """Return the chance (0-1) that unit `s` commits an incident of violence against civilians."""
    p = world.parameters[0]
    t = world.state_forces
    d = t[s].district
    # a mission that has tied itself to the government restrains it less (E1-77)
    un = world.districts[d].un_presence * (1.0 - world.host[0].alignment)
    watched = 1.0 - (1.0 - un) * (1.0 - world.districts[d].monitors)
    rate = (
        p.abuse_rate
        * (t[s].personnel / 500.0)
        * (1.0 - t[s].discipline)
        * (1.0 + p.abuse_arrears * t[s].arrears)
        * (1.0 - p.oversight * watched)
        * (1.0 - p.accountability * world.districts[d].organisation)
        * (1.0 + p.vote_abuse * world.host[0].vote)
    )
    return min(1.0, rate)


@compiled
def geometric(u: float, mean: float) -> int:
    """Return a geometric count (0, 1, ...) with the given mean."""
    if mean <= 0.0:
        return 0
    ratio = mean / (1.0 + mean)
    n = 0
    tail = ratio
    while u < tail and n < 200:
        n += 1
        tail *= ratio
    return n


@behaviour
def prey(world: World, s: int) -> None:
    """Abuse civilians: more when unpaid and unwatched, less when disciplined."""
    t = world.state_forces
    if t[s].personnel <= 0 or t[s].destination >= 0 or t[s].present == 0:
        return
    key = world.keys[0]
    if chance.uniform(key, chance.PREY, s, 0) >= abuse_chance(world, s):
        return
    p = world.parameters[0]
    d = t[s].district
    first = world.districts[d].first_community
    c = first + int(chance.uniform(key, chance.PREY, s, 1) * (world.districts[d].end_community - first))
    averted = p.team_restraint * world.communities[c].accompanied
    if averted > 0.0 and chance.uniform(key, chance.ACCOMPANY, s, 1) < averted:
        return
    wanted = geometric(chance.uniform(key, chance.PREY, s, 2), p.abuse_deaths)
    killed = kill(world, c, wanted, chance.PREY, s, 16)
    injured = chance.poisson(chance.uniform(key, chance.PREY, s, 3), p.abuse_injured)
    detained = chance.poisson(chance.uniform(key, chance.PREY, s, 4), p.abuse_detained)
    assaulted = chance.poisson(chance.uniform(key, chance.PREY, s, 5), p.abuse_sexual_violence)
    report(world, d, c, STATE_FORCES, (killed, injured, detained, assaulted), s)
    community = world.communities
    community[c].shock += p.shock_abuse + p.shock_death * killed
    community[c].trust_state *= 1.0 - p.abuse_trust_loss
    community[c].grievance += p.abuse_grievance * (1.0 - community[c].grievance)
    world.districts[d].abuses += 1
    if len(world.events) > 0:
        watched = 1.0 - (1.0 - world.districts[d].un_presence) * (1.0 - world.districts[d].monitors)
        note(
            world.events, world.clock, events.ABUSE, d, s, c, -1,
            float(killed), float(injured), t[s].arrears, watched, 0.0,
        )  # fmt: skip


class StateForce(DistrictAgent):
    """An army or police unit in a Mesa model."""

    table = TABLE

    def redeploy(self) -> None:
        """Get paid or not, and move into a gap late or never."""
        redeploy(self.world, self.row)

    def train(self) -> None:
        """Gain or lose what mentoring brings."""
        train(self.world, self.row)

    def patrol(self) -> None:
        """Patrol its district."""
        patrol(self.world, self.row)

    def answer(self) -> None:
        """Answer alerts that reached state forces."""
        answer(self.world, self.row)

    def fight(self) -> None:
        """Attack an armed group in its district."""
        fight(self.world, self.row)

    def prey(self) -> None:
        """Abuse civilians, or not."""
        prey(self.world, self.row)
