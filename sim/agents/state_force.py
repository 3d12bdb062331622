"""State forces: they move into gaps late or never, are trained, patrol and answer.

A unit is able (personnel, capability), willing (will), and disciplined to different degrees. Its
effort falls where the mission does the work (crowding out) and when pay is late. What it does to
civilians stands in `sim.agents.abuse`, how the army fights in `sim.agents.operation`. An impartial, a
contested and a predatory state are regions of this parameter space, not switches.

Sources: able and willing, crowding out, due diligence, S3 (E1-1, E1-20, E1-21, E1-26, E1-27). The form
for redeployment is this model's own (evidence 3: "functional form [M]/mine").
"""

from __future__ import annotations

import math

import numpy as np

from sim import chance
from sim.agents import abuse
from sim.agents.base import DistrictAgent
from sim.arithmetic import clip, exp
from sim.chance import Redeploy
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events
from sim.world.alert import alert_draw, answer_alert, stops
from sim.world.attack import BAND
from sim.world.codes import Answer, Force, Standing, legend, words
from sim.world.events import note
from sim.world.state import World

TABLE = Table(
    "state_forces",
    "Army, police and special units: where, how many, how able, willing, paid and disciplined.",
    (
        Field("force", "i8", "-", legend(Force) + " of civilians", column="force", codes=words(Force)),
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
        Field("licence", "f8", "1", "how much its commander lets pass, relative to others", start=1.0),
        Field("arrears", "f8", "weeks", "time since it was last paid", column="arrears_weeks"),
        Field("usual_arrears", "f8", "weeks", "the same, on average", column="arrears_weeks"),
        Field("destination", "i8", "row", "district it is ordered to, -1 none", start=-1),
        Field("arrives", "i8", "week", "week in which it gets there"),
        Field("effort", "f8", "0-1", "share of its capacity it works this week"),
        Field("lent", "f8", "persons", "of its men, those who have taken over bases of the mission"),
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
    Parameter("road_hours", 84.0, "hours/week", 35.0, 120.0,
              "hours that a unit on its way to another post travels in a week",
              "no source; twelve a day"),
    Parameter("redeploy_hours_cost", 0.03, "incidents/week/hour", 0.0, 0.1,
              "how distance counts against a redeployment",
              "no source"),
    Parameter("cover_weight", 0.5, "incidents/week", 0.1, 2.0,
              "how much full state presence in a district reduces its gap; UN presence counts as much as "
              "crowding out",
              "no source"),
    Parameter("state_act_chance", 1.0, "1", 0.3, 1.0,
              "chance that a fully willing and capable unit at no distance acts on an alert",
              "no source"),
    Parameter("untrained_answer", 0.5, "1", 0.1, 1.0,
              "readiness of a unit without any capability to act on an alert, relative to a capable one",
              "no source"),
    Parameter("state_ready", 0.5, "companies", 0.1, 3.0,
              "companies of state forces at a place at which somebody is at hand for 63 % of alerts",
              "no source; they live where they are posted, and have no vehicles to send"),
    Parameter("post_share", 0.5, "1", 0.1, 1.0,
              "share of the men at a place who go out to an attack together",
              "no source"),
    Parameter("state_moves", 0.2, "1/week", 0.0, 0.6,
              "share of the way to where people call for it that a fully able and willing unit's men go in a "
              "week",
              "no source"),
    Parameter("leave_to_un", 0.7, "1", 0.0, 1.0,
              "how far a unit leaves a place to the mission where its patrols are everywhere to be seen",
              "direction S3 (E1-27); size not in any source"),
    Parameter("state_triage", 2.0, "1/(alerts/week)", 0.0, 8.0,
              "how strongly a unit's men follow recent alarms",
              "no source"),
    Parameter("militia_will", 0.4, "0-1", 0.1, 0.5,
              "will above which state forces begin to answer attacks by groups that stand with the "
              "government; at twice as much they answer all alike",
              "no source"),
    Parameter("state_answer_reach", 2.5, "hours", 0.5, 8.0,
              "travel time over which patrols and answers of state forces from a base that they took over "
              "fall by a factor e (fewer vehicles than the UN)",
              "no source"),
    Parameter("state_mobilise", 5.0, "hours", 1.0, 24.0,
              "mean time from an alert to departure",
              "no source"),
    Parameter("mentor_rate", 0.006, "1/week", 0.0, 0.03,
              "step of capability and discipline towards `mentor_ceiling` in a week of full mentoring",
              "direction S3 (E1-22); size not in any source"),
    Parameter("mentor_ceiling", 0.7, "0-1", 0.5, 0.9,
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
)
# fmt: on

# fmt: off
MECHANISMS = (
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
        "mentoring", "state forces",
        "the mission trains and advises state units, and what that brings fades without it",
        "E1-22", {"mentor_rate": 0.0},
    ),
    Mechanism(
        "due-diligence", "state forces",
        "the mission withholds support where abuse is reported",
        "E1-26", {"due_diligence": 0.0},
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
def gap(here: np.record, p: np.record) -> float:
    """Return how much a district lacks protection in the state's eyes (incidents a week).

    What it knows of violence there, less what is covered: by itself, and by the mission as far as
    it leaves the work to the mission.
    """
    covered = here.state_presence + p.crowding_out * here.un_presence
    return here.known_to_state - p.cover_weight * covered


@inlined
def pay_chance(usual_arrears: float) -> float:
    """Return the chance in a week that a unit is paid which usually is so many weeks in arrears."""
    return 1.0 / (1.0 + usual_arrears)


@behaviour
def redeploy(world: World, s: int) -> None:
    """Get paid or not, and move into a gap: if the post is reviewed, the gap is large, and after a delay."""
    unit = world.state_forces[s]
    if unit.present == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    paid = pay_chance(unit.usual_arrears) * world.donors[0].state_funding
    if chance.uniform(key, chance.PAY, s, chance.ONLY) < paid:
        unit.arrears = 0.0
    else:
        unit.arrears += 1.0
    if unit.destination >= 0:
        if world.clock[0].week >= unit.arrives:
            take_post(world, s)
    elif (
        unit.force == Force.ARMY
        and chance.uniform(key, chance.REDEPLOY, s, Redeploy.REVIEW) < p.review_chance
    ):
        review_post(world, s)


@compiled
def take_post(world: World, s: int) -> None:
    """Arrive in the district that the unit was ordered to."""
    unit = world.state_forces[s]
    note(
        world.events, world.clock, events.REDEPLOYMENT, unit.destination, s, unit.district, unit.order,
        0.0, 0.0, 0.0, 0.0, 0.0,
    )  # fmt: skip
    unit.district = unit.destination
    unit.destination = -1
    spread(world, s, 1.0)


@compiled
def review_post(world: World, s: int) -> None:
    """Order the unit to the largest gap within reach that is worth the way; it obeys as far as it will."""
    p = world.parameters[0]
    key = world.keys[0]
    unit = world.state_forces[s]
    d = unit.district
    here = world.districts[d]
    season = world.clock[0].season
    best = gap(here, p) + p.redeploy_threshold
    to = -1
    hours = 0.0
    for k in range(1, here.near_count):
        n = world.near[d, k]
        value = gap(world.districts[n], p) - p.redeploy_hours_cost * world.hours[season, d, k]
        if value > best:
            best = value
            to = n
            hours = world.hours[season, d, k]
    if to < 0 or chance.uniform(key, chance.REDEPLOY, s, Redeploy.OBEY) >= unit.will:
        return
    week = world.clock[0].week
    delay = chance.exponential(chance.uniform(key, chance.REDEPLOY, s, Redeploy.DELAY), p.redeploy_delay)
    unit.destination = to
    unit.arrives = week + 1 + int(delay + hours / p.road_hours)
    if len(world.events) > 0:
        there = world.districts[to]
        unit.order = note(
            world.events, world.clock, events.ORDER, d, s, to, there.last_incident,
            gap(here, p), gap(there, p), float(unit.arrives - week), float(unit.personnel), 0.0,
        )  # fmt: skip


@compiled
def paid_will(unit: np.record, p: np.record) -> float:
    """Return the share (0-1) of its capacity that a unit would work without the mission: will and pay."""
    return work_effort(unit.will, p.crowding_out, 0.0, p.arrears_weight, unit.arrears)


@compiled
def act_chance(unit: np.record, men: float, effort: float, fighters: float, p: np.record) -> float:
    """Return the chance (0-1) that `men` of a unit, who work with `effort`, end an attack at their place.

    They must want to, have somebody at hand, and be stronger than what they meet (a group of `fighters`).
    """
    able = p.untrained_answer + (1.0 - p.untrained_answer) * unit.capability
    if unit.force == Force.PROTECTION:
        able *= p.protection_answer
    wants = min(1.0, p.state_act_chance * able * effort)
    ready = 1.0 - exp(-men / (p.company_strength * p.state_ready))
    return wants * ready * stops(unit.capability * p.post_share * men, fighters, p)


@inlined
def leniency(standing: int, will: float, p: np.record) -> float:
    """Return the readiness (0-1) to answer an attack by a group with a `standing`, relative to rebels.

    The units of one state rarely fight its militias; those who are willing to protect do (`will`, 0-1).
    """
    if standing != Standing.PRO_GOVERNMENT:
        return 1.0
    willing = clip((will - p.militia_will) / p.militia_will, 0.0, 1.0)
    return p.pro_government_answer + (1.0 - p.pro_government_answer) * willing


@behaviour
def train(world: World, s: int) -> None:
    """Gain by mentoring, as far as the mission is there and has no reports of abuse; lose it without."""
    unit = world.state_forces[s]
    if unit.personnel > 0 and unit.present == 1:
        learn(unit, world.districts[unit.district], world.parameters[0])


@compiled
def learn(unit: np.record, here: np.record, p: np.record) -> None:
    """Move a unit's capability and discipline towards what mentoring can bring, or back to its own.

    Support is withheld where abuse is known (human rights due diligence policy, E1-26).
    """
    mentors = here.police_mentors if unit.force == Force.POLICE else here.mentors
    support = mentors * exp(-p.due_diligence * here.known_abuse)
    gain = p.mentor_rate * support
    lost = p.mentor_decay * (1.0 - support)
    unit.capability += gain * max(0.0, p.mentor_ceiling - unit.capability)
    unit.capability -= lost * (unit.capability - unit.own_capability)
    unit.discipline += gain * max(0.0, p.mentor_ceiling - unit.discipline)
    unit.discipline -= lost * (unit.discipline - unit.own_discipline)


@inlined
def men_here(unit: np.record, here: np.record) -> float:
    """Return how many of a unit's men are `here`: not in bases taken over, not away on an operation."""
    return max(0.0, float(unit.personnel) - unit.lent) * (1.0 - here.away)


@compiled
def calls_men(place: np.record, p: np.record) -> float:
    """Return how strongly a place calls for a unit's men: its people, alarms, and no peacekeepers there."""
    left = 1.0 - p.leave_to_un * place.un_presence
    return math.sqrt(place.residents) * left * (1.0 + p.state_triage * place.alarm)


@compiled
def spread(world: World, s: int, pace: float) -> None:
    """Move the men of a unit among the places of its district, by a share `pace` (0-1) of the way a week."""
    unit = world.state_forces[s]
    here = world.districts[unit.district]
    p = world.parameters[0]
    first = here.first_community
    total = 0.0
    for c in range(first, here.end_community):
        total += calls_men(world.communities[c], p)
    even = 1.0 / (here.end_community - first)
    for c in range(first, here.end_community):
        share = calls_men(world.communities[c], p) / total if total > 0.0 else even
        world.men[s, c - first] += pace * (share - world.men[s, c - first])


@behaviour
def patrol(world: World, s: int) -> None:
    """Patrol its district and be there to answer and to fight. A unit on the road does neither."""
    unit = world.state_forces[s]
    if unit.destination >= 0 or unit.personnel <= 0 or unit.present == 0:
        unit.effort = 0.0
        return
    p = world.parameters[0]
    here = world.districts[unit.district]
    unit.next_unit = here.first_unit
    here.first_unit = s
    spread(world, s, min(1.0, p.state_moves * unit.capability * unit.will))
    serve(world, s)


@compiled
def serve(world: World, s: int) -> None:
    """Add what a unit does this week to its district, and its men to the places where they are."""
    unit = world.state_forces[s]
    here = world.districts[unit.district]
    p = world.parameters[0]
    men = men_here(unit, here)
    first = here.first_community
    will = paid_will(unit, p)
    unit.effort = 0.0
    for c in range(first, here.end_community):
        place = world.communities[c]
        own = world.men[s, c - first]
        effort = will * (1.0 - p.crowding_out * place.un_presence)
        unit.effort += own * effort
        patrols = own * men / 100.0 * p.state_patrols_per_100 * unit.capability * effort
        place.state_patrols += patrols
        here.state_patrols += patrols
        place.state_miss *= 1.0 - act_chance(unit, own * men, effort, BAND, p)
        place.state_deaf *= exp(-own * men * unit.capability * effort / p.state_ears)
    at_work = men * unit.capability * unit.effort
    if unit.force == Force.POLICE:
        here.police += int(men)
    else:
        here.soldiers += int(men)
        here.state_strength += men * unit.capability
    here.policing += p.troop_policing * at_work if unit.force == Force.ARMY else at_work


@behaviour
def answer(world: World, s: int) -> None:
    """Answer alerts that reached state forces, with the men who are at the place that is attacked."""
    unit = world.state_forces[s]
    if unit.effort <= 0.0:
        return
    here = world.districts[unit.district]
    if here.heard == 0:
        return
    p = world.parameters[0]
    key = world.keys[0]
    first = here.first_community
    for c in range(first, here.end_community):
        place = world.communities[c]
        if place.heard_state == 0:
            continue
        men = world.men[s, c - first] * men_here(unit, here)
        effort = paid_will(unit, p) * (1.0 - p.crowding_out * place.un_presence)
        a = place.first_attack
        while a >= 0:
            one = world.attacks[a]
            if one.heard_state == 1:
                group = world.armed_groups[one.group]
                acts = act_chance(unit, men, effort, group.fighters, p)
                acts *= leniency(group.standing, unit.will, p)
                draw = alert_draw(one)
                if chance.uniform(key, chance.ANSWER_STATE, s, draw + chance.Answer.ACT) < acts:
                    u = chance.uniform(key, chance.ANSWER_STATE, s, draw + chance.Answer.DEPART)
                    answer_alert(world, a, chance.exponential(u, p.state_mobilise), Answer.STATE, s)
            a = one.next_here


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

    def change_command(self) -> None:
        """Get another commander, now and then."""
        abuse.change_command(self.world, self.row)

    def prey(self) -> None:
        """Abuse civilians, or not."""
        abuse.prey(self.world, self.row)
