"""Districts: the places where presence, control and protection add up.

A district decides nothing. `take_stock` turns the effort that units spent in it into presence and
into the true chance that an attack on civilians would be met. The Mesa model shows a district as a
cell of its network.
"""

from __future__ import annotations

import math

from sim.agents.community import alert_chance
from sim.arithmetic import clip, exp, log
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Parameter, Table
from sim.world.state import FLIGHT, NEAR, World

TABLE = Table(
    "districts",
    "Places: what the land is like, who is present this week, and what happened in it this week.",
    (
        Field("breadth", "f8", "km", "square root of its area"),
        Field("urban", "f8", "0-1", "share of its people who live in towns", column="urban_share"),
        Field(
            "concealment",
            "f8",
            "0-1",
            "how well armed actors can hide (forest, mountains, parks)",
            column="concealment",
        ),
        Field(
            "rents", "f8", "0-1", "what can be taken from mines, trade and cattle, relative", column="rents"
        ),
        Field("worth", "f8", "0-1", "what a week of taxing all of it brings (1: the richest district)"),
        Field("border", "i8", "flag", "1 if it touches another country"),
        Field(
            "state_reach",
            "f8",
            "0-1",
            "share the state administers without soldiers being sent",
            column="state_reach",
        ),
        Field("first_community", "i8", "row", "first of its communities"),
        Field("end_community", "i8", "row", "one past the last of its communities"),
        Field("remoteness", "f8", "hours", "mean travel time from its centre to its people"),
        Field("divided", "f8", "0-1", "chance that two of its people belong to different communities"),
        Field("tension", "f8", "0-1", "tension between its communities", recorded=True, column="tension"),
        Field("settled", "f8", "0-1", "tension to which it returns when nothing happens", column="tension"),
        Field(
            "mediation",
            "f8",
            "0-1",
            "how well quarrels between communities are mediated this week",
            weekly=True,
        ),
        Field(
            "crime",
            "f8",
            "killings/100,000/year",
            "killings by criminals at the start, as policed then",
            column="crime",
        ),
        Field(
            "lawless", "f8", "killings/100,000/year", "what they would be if nobody policed; set in week 0"
        ),
        Field("un_troops", "i8", "persons", "peacekeeping infantry based here", weekly=True, recorded=True),
        Field(
            "un_police",
            "i8",
            "persons",
            "formed police units of the mission based here",
            weekly=True,
            recorded=True,
        ),
        Field(
            "policing",
            "f8",
            "police",
            "police at work: of the mission as far as they reach, and the state's",
            weekly=True,
        ),
        Field("militia", "f8", "persons", "mean strength of its communities' self-defence"),
        Field("police_presence", "f8", "0-1", "chance that police deal with a crime", recorded=True),
        Field("mentors", "f8", "0-1", "how far the mission's troops train and advise soldiers here"),
        Field("police_mentors", "f8", "0-1", "how far its police train and advise the state's police"),
        Field("soldiers", "i8", "persons", "soldiers and gendarmes posted here", weekly=True),
        Field("police", "i8", "persons", "police of the state posted here", weekly=True),
        Field("organisation", "f8", "0-1", "how well its communities act together, weighted by residents"),
        Field("trust_state", "f8", "0-1", "trust of its communities in the state, weighted by residents"),
        Field("known_abuse", "f8", "reports/week", "reports of abuse by state forces of late (decaying)"),
        Field(
            "raids",
            "i8",
            "raids",
            "attacks of one community on another this week",
            weekly=True,
            recorded=True,
        ),
        Field("un_patrols", "f8", "patrols/week", "UN patrols that reached it", weekly=True),
        Field(
            "un_miss",
            "f8",
            "0-1",
            "chance that no UN unit answers an alert from here",
            start=1.0,
            weekly=True,
        ),
        Field("un_listening", "f8", "0-1", "how well a UN base can hear alerts from here", weekly=True),
        Field("state_patrols", "f8", "patrols/week", "army and police patrols", weekly=True),
        Field(
            "state_miss",
            "f8",
            "0-1",
            "chance that no state unit answers an alert from here",
            start=1.0,
            weekly=True,
        ),
        Field(
            "state_strength", "f8", "effective fighters", "army strength, weighted by capability", weekly=True
        ),
        Field("un_presence", "f8", "0-1", "how visible UN patrols are", recorded=True),
        Field("state_presence", "f8", "0-1", "how visible state patrols are", recorded=True),
        Field(
            "un_met", "f8", "0-1", "true chance that the UN meets an attack on civilians here", recorded=True
        ),
        Field("state_met", "f8", "0-1", "true chance that state forces do", recorded=True),
        Field(
            "first_group",
            "i8",
            "row",
            "first armed group present, -1 none (linked list)",
            start=-1,
            weekly=True,
        ),
        Field(
            "first_unit",
            "i8",
            "row",
            "first state unit present, -1 none (linked list)",
            start=-1,
            weekly=True,
        ),
        Field("group_strength", "f8", "effective fighters", "armed groups present, summed", weekly=True),
        Field(
            "group_control",
            "f8",
            "0-1",
            "share of the district that armed groups control",
            weekly=True,
            recorded=True,
        ),
        Field(
            "ruler_control",
            "f8",
            "0-1",
            "share that the strongest armed group controls",
            weekly=True,
            recorded=True,
        ),
        Field(
            "state_control",
            "f8",
            "0-1",
            "share of the district that the state controls",
            recorded=True,
            column="state_control",
        ),
        Field("residents", "i8", "persons", "people living here who are not displaced", recorded=True),
        Field("hosted", "i8", "persons", "displaced people staying here", recorded=True),
        Field("alarm", "f8", "alerts/week", "what the mission has heard from here of late (decaying)"),
        Field("known_threat", "f8", "incidents/week", "what the state knows of late (decaying)"),
        Field("danger", "f8", "attacks/week", "attacks and clashes of late, as people talk of them"),
        Field("told", "f8", "0-1", "how much is told of attacks here and in adjacent districts"),
        Field("haven", "f8", "0-1", "how safe it seems to people who look for a refuge"),
        Field("calm", "f8", "0-1", "how safe it seems to people on their way home"),
        Field(
            "monitors", "f8", "0-1", "chance that a humanitarian or rights monitor hears of harm", weekly=True
        ),
        Field(
            "attacks",
            "i8",
            "attacks",
            "attacks on civilians by armed groups this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "clashes", "i8", "clashes", "fights between armed actors this week", weekly=True, recorded=True
        ),
        Field(
            "abuses",
            "i8",
            "incidents",
            "incidents of violence by state forces this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "alerts", "i8", "alerts", "alerts that communities raised this week", weekly=True, recorded=True
        ),
        Field(
            "heard",
            "i8",
            "alerts",
            "alerts this week that somebody able to act heard",
            weekly=True,
            recorded=True,
        ),
        Field(
            "fled", "i8", "persons", "people of this district who fled this week", weekly=True, recorded=True
        ),
        Field(
            "returned",
            "i8",
            "persons",
            "people of this district who came home this week",
            weekly=True,
            recorded=True,
        ),
        Field("aid_needed", "f8", "persons", "people in need of aid this week", recorded=True),
        Field(
            "aid_delivered", "f8", "persons", "people reached by aid this week", weekly=True, recorded=True
        ),
        Field("aid_incidents", "i8", "incidents", "attacks on aid this week", weekly=True, recorded=True),
        Field(
            "incident",
            "i8",
            "event",
            "the last incident here that the state knows of, -1 none or no log",
            start=-1,
        ),
        Field("closed", "i8", "bases", "UN bases closed here this week", weekly=True),
        Field(
            "unexplained",
            "f8",
            "0-1",
            "closures this week, each weighted by how little notice it had",
            weekly=True,
        ),
        Field("in_sites", "i8", "persons", "displaced people hosted here who live in its sites"),
        Field(
            "went_home", "i8", "persons", "displaced people hosted here who went home this week", weekly=True
        ),
        Field(
            "sent_home",
            "i8",
            "persons",
            "people of its sites sent home against their will this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "site_attacks",
            "i8",
            "attacks",
            "attacks by armed groups on its sites this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "killed_in_sites", "i8", "persons", "people killed in them this week", weekly=True, recorded=True
        ),
        Field(
            "assaulted_at_sites",
            "i8",
            "persons",
            "survivors of sexual violence around them this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "deprivation",
            "f8",
            "0-1",
            "share of need that aid left unmet, over the last months",
            recorded=True,
        ),
        Field(
            "excess_deaths",
            "i8",
            "persons",
            "people counted this week who died of want",
            weekly=True,
            recorded=True,
        ),
        Field("un_women", "f8", "patrols/week", "UN patrols with women that reached it", weekly=True),
        Field(
            "selective",
            "i8",
            "attacks",
            "selective attacks on civilians by armed groups this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "indiscriminate",
            "i8",
            "attacks",
            "indiscriminate attacks by them this week",
            weekly=True,
            recorded=True,
        ),
        Field("aid_staff", "f8", "persons", "aid staff at work here this week", weekly=True, recorded=True),
        Field(
            "aid_accepted", "f8", "persons", "the same, weighted by how far they are accepted", weekly=True
        ),
        Field(
            "first_aid",
            "i8",
            "row",
            "first humanitarian actor at work here, -1 none (linked list)",
            start=-1,
            weekly=True,
        ),
        Field(
            "rumour",
            "f8",
            "0-1",
            "share of its people who believe a rumour against the mission",
            recorded=True,
        ),
        Field("hungry", "f8", "weeks", "weeks of want so far", recorded=True),
        Field("rumour_near", "f8", "0-1", "share of those whom they meet in adjacent districts who do"),
    ),
)

PART = "district"

# fmt: off
PARAMETERS = (
    Parameter("patrol_need", 3.0, "patrols/week/km", 1.0, 8.0,
              "patrols a week, per square root of the area, at which presence reaches 63 %",
              "no source; settlements and roads are taken to grow with the length of a district"),
    Parameter("encounter_chance", 0.06, "1", 0.01, 0.2,
              "chance that a patrol happens on an attack where patrols are everywhere to be seen",
              "no source; an attack lasts hours, a patrol passes a place for minutes"),
    Parameter("alarm_memory", 8.0, "weeks", 2.0, 26.0,
              "mean life of what mission and state remember of incidents in a district",
              "no source; two months, the order of planning cycles"),
    Parameter("people_share", 0.4, "1", 0.1, 0.8,
              "part of what a district is worth that its people's own income makes up; the rest are rents",
              "no source; checkpoints tax people and trade as much as minerals (E2 facts: 798 roadblocks)"),
    Parameter("taxable_people", 400000.0, "persons", 100000.0, 1500000.0,
              "people at which what there is to tax of them reaches 63 % of its largest value",
              "no source; the size of a territory"),
    Parameter("police_need", 2.2, "police/1,000 people", 1.0, 5.0,
              "police at work, per 1,000 people, at which they deal with 63 % of crimes",
              "the UN's often quoted minimum of 222 police per 100,000 people (from memory)", "memory"),
    Parameter("troop_policing", 0.03, "police/soldier", 0.0, 0.3,
              "what a soldier or peacekeeper on patrol is worth as police",
              "police, not troops, go with less violence after wars (E2a, Hultman et al. 2013: police; Di "
              "Salvatore 2019); size not in any source"),
    Parameter("deterring_odds", 0.5, "1", 0.25, 0.8,
              "protection 'deters' if it cuts the odds that an informed group attacks to this or less",
              "definition, for the measure of security vacuums"),
    Parameter("state_hold", 0.03, "1/week", 0.01, 0.15,
              "share of ungoverned ground that a fully present state takes over in a week",
              "no source; with 0.03 a present state governs most of an empty district in a year"),
    Parameter("state_fade", 0.05, "1/week", 0.01, 0.15,
              "share of state control beyond what its presence supports that is lost in a week",
              "no source; months, as authority outlives a posting for a while"),
)
# fmt: on


@compiled
def met_chance(presence: float, encounter: float, alert: float, answer: float) -> float:
    """Return the chance that a provider meets an attack: it must learn of it, then act on it.

    It learns by a patrol that happens on the attack (`encounter` x `presence`) or by an alert that
    is raised and heard (`alert`); it acts with chance `answer`. All arguments and the result 0-1.
    """
    seen = encounter * presence
    return (seen + (1.0 - seen) * alert) * answer


@compiled
def mentored(unmentored: float, mentors: float, trained: float, share: float) -> float:
    """Return how far (0-1) `trained` people are mentored by `mentors`; `unmentored` is what others leave."""
    return 1.0 - unmentored * exp(-mentors / (share * max(trained, 1.0)))


@behaviour
def take_stock(world: World, d: int) -> None:
    """Add up presence, control and protection of district `d`, after units have been placed."""
    p = world.parameters[0]
    t = world.districts
    need = p.patrol_need * t[d].breadth
    policing = t[d].policing + p.troop_policing * t[d].un_troops
    t[d].un_presence = 1.0 - exp(-t[d].un_patrols / need)
    t[d].state_presence = 1.0 - exp(-t[d].state_patrols / need)

    # people, and the chance that one of their alerts is heard, weighted by where they live
    residents = 0
    militia = 0.0
    organisation = 0.0
    trust = 0.0
    un_alert = 0.0
    state_alert = 0.0
    needy = float(t[d].hosted)
    for c in range(t[d].first_community, t[d].end_community):
        n = world.communities[c].residents
        residents += n
        needy += p.need_residents * world.communities[c].fear * n
        trust += n * world.communities[c].trust_state
        militia += world.communities[c].militia
        organisation += n * world.communities[c].organisation
        un_alert += n * alert_chance(world, c, True)
        state_alert += n * alert_chance(world, c, False)
    t[d].residents = residents
    t[d].aid_needed = needy
    if residents > 0:
        un_alert /= residents
        state_alert /= residents
        organisation /= residents
        trust /= residents
    t[d].militia = militia / (t[d].end_community - t[d].first_community)
    t[d].organisation = organisation
    t[d].trust_state = trust
    unmentored = 1.0 - world.mission[0].mentoring  # by a follow-on presence
    t[d].mentors = mentored(unmentored, t[d].un_troops, t[d].soldiers, p.mentor_share)
    t[d].police_mentors = mentored(unmentored, t[d].un_police, t[d].police, p.mentor_share)
    people = residents + t[d].hosted
    t[d].police_presence = 1.0 - exp(-1000.0 * policing / (p.police_need * max(people, 1)))
    t[d].worth = (1.0 - p.people_share) * t[d].rents + p.people_share * (
        1.0 - exp(-people / p.taxable_people)
    )
    t[d].un_met = met_chance(t[d].un_presence, p.encounter_chance, un_alert, 1.0 - t[d].un_miss)
    t[d].state_met = met_chance(t[d].state_presence, p.encounter_chance, state_alert, 1.0 - t[d].state_miss)

    # the state takes over ungoverned ground where it is present and loses what it cannot hold
    ungoverned = clip(1.0 - t[d].state_control - t[d].group_control, 0.0, 1.0)
    t[d].state_control += p.state_hold * t[d].state_presence * ungoverned
    supported = max(t[d].state_reach, t[d].state_presence)
    if t[d].state_control > supported:
        t[d].state_control -= p.state_fade * (t[d].state_control - supported)

    keep = 1.0 - 1.0 / p.alarm_memory
    t[d].alarm *= keep
    t[d].known_threat *= keep
    t[d].danger *= keep
    t[d].known_abuse *= keep


@behaviour
def weigh_refuges(world: World, d: int) -> None:
    """Weigh the refuges of people of district `d`: safe and close (as Flee does, evidence 2d)."""
    season = world.clock[0].season
    total = 0.0
    for k in range(NEAR):
        n = world.near[d, k]
        if n >= 0:
            total += world.districts[n].haven * world.reach[FLIGHT, season, d, k]
        world.refuge[d, k] = total


@behaviour
def settle_mood(world: World, d: int) -> None:
    """Turn recent attacks and clashes into what people in and outside district `d` make of them."""
    p = world.parameters[0]
    t = world.districts
    talk = t[d].danger
    for k in range(1, NEAR):
        n = world.near[d, k]
        if n < 0:
            break
        if world.adjacent[d, k] == 1:
            talk += p.told_from_next * t[n].danger
    t[d].told = talk / (1.0 + talk)
    t[d].haven = exp(-p.refuge_danger * t[d].danger)
    t[d].calm = math.sqrt(t[d].haven)


@inlined
def protection(world: World, d: int) -> float:
    """Return the true chance (0-1) that anybody meets an attack on civilians in district `d`."""
    return 1.0 - (1.0 - world.districts[d].un_met) * (1.0 - world.districts[d].state_met)


@inlined
def deters(world: World, d: int) -> bool:
    """Return whether protection would deter: whether it cuts an informed group's odds of attack enough.

    A group that knew the true chance of being met would weigh it with `met_cost`; its log odds of
    attacking fall by decisiveness x met_cost x that chance (`sim.agents.armed_group.decide`).
    """
    p = world.parameters[0]
    return p.decisiveness * p.met_cost * protection(world, d) >= -log(p.deterring_odds)
