"""Districts: where presence, control and protection of the places in them add up.

A district decides nothing. `take_stock` turns the effort that units spent in its places into presence and
into the true chance that an attack on civilians there would be met; of the district these are the means by
people. The Mesa model shows a district as a
cell of its network.
"""

from __future__ import annotations

import math

import numpy as np

from sim.arithmetic import clip, either, exp
from sim.compiled import behaviour, compiled, inlined
from sim.declare import Field, Parameter, Table
from sim.world.state import FLIGHT, NEAR, World

TABLE = Table(
    "districts",
    "Districts: what the land is like, who is present this week, and what happened in it this week.",
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
        Field("near_count", "i8", "districts", "districts within reach, itself among them (`World.near`)"),
        Field("neighbour_count", "i8", "districts", "of these, itself and those it has a direct route to"),
        Field("remoteness", "f8", "hours", "mean travel time from its centre to its people"),
        Field(
            "fractionalisation", "f8", "0-1", "chance that two of its people belong to different communities"
        ),
        Field("tension", "f8", "0-1", "tension between its communities", recorded=True, column="tension"),
        Field(
            "usual_tension", "f8", "0-1", "tension to which it returns when nothing happens", column="tension"
        ),
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
        Field("state_patrols", "f8", "patrols/week", "army and police patrols", weekly=True),
        Field(
            "state_strength", "f8", "effective fighters", "army strength, weighted by capability", weekly=True
        ),
        Field("un_presence", "f8", "0-1", "how visible UN patrols are, mean over its people", recorded=True),
        Field("state_presence", "f8", "0-1", "how visible state patrols are, the same", recorded=True),
        Field(
            "un_met",
            "f8",
            "0-1",
            "true chance that the UN meets an attack on civilians here, mean over its people",
            recorded=True,
        ),
        Field("state_met", "f8", "0-1", "true chance that state forces do, the same", recorded=True),
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
        Field(
            "known_to_mission", "f8", "alerts/week", "what the mission has heard from here of late (decaying)"
        ),
        Field("known_to_state", "f8", "incidents/week", "what the state knows of late (decaying)"),
        Field("known_to_people", "f8", "attacks/week", "attacks and clashes of late, as people talk of them"),
        Field("talk", "f8", "0-1", "how much is told of attacks here and in adjacent districts"),
        Field("refuge_safety", "f8", "0-1", "how safe it seems to people who look for a refuge"),
        Field("return_safety", "f8", "0-1", "how safe it seems to people on their way home"),
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
            "last_incident",
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
        Field("aid_staff", "f8", "persons", "aid staff at work here this week", weekly=True),
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
        Field("anger", "f8", "0-1", "grievance of its people, mean of communities"),
        Field("heat_near", "f8", "0-1", "how much violence there has been of late in adjacent districts"),
        Field("away", "f8", "0-1", "share of its soldiers who are away on an operation next door"),
        Field(
            "operations",
            "i8",
            "operations",
            "operations of the army here this week",
            weekly=True,
            recorded=True,
        ),
        Field(
            "killed_in_operations",
            "i8",
            "persons",
            "civilians killed in them this week",
            weekly=True,
            recorded=True,
        ),
        Field("truce", "i8", "flag", "1 while all who fight here keep a truce"),
        Field("rumour_near", "f8", "0-1", "share of those whom they meet in adjacent districts who do"),
    ),
)

PART = "district"

# fmt: off
PARAMETERS = (
    Parameter("place_need", 2.0, "patrols/week/km", 0.5, 8.0,
              "patrols a week, per km over which the people of a place live apart, at which presence there "
              "reaches 63 %",
              "no source"),
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
    Parameter("state_hold", 0.03, "1/week", 0.01, 0.15,
              "share of ungoverned ground that a fully present state takes over in a week; the same of what "
              "it used to administer and lost",
              "no source; with 0.03 a present state governs most of an empty district in a year"),
    Parameter("state_fade", 0.05, "1/week", 0.01, 0.15,
              "share of state control beyond what its presence supports that is lost in a week",
              "no source; months, as authority outlives a posting for a while"),
)
# fmt: on


@inlined
def met_chance(here: np.record) -> float:
    """Return the true chance (0-1) that anybody, the UN or the state, meets an attack on civilians `here`."""
    return either(here.un_met, here.state_met)


@inlined
def ungoverned(here: np.record) -> float:
    """Return the share (0-1) of a district that nobody controls."""
    return clip(1.0 - here.state_control - here.group_control, 0.0, 1.0)


@inlined
def incident_rate(p: np.record) -> float:
    """Return what one incident that becomes known adds to a decaying memory (incidents a week).

    Memories of incidents: `known_to_mission`, `known_to_state` (and `known_abuse` by it), `known_to_people`,
    and `recent_attacks` of a site; each fades by the same share a week (`take_stock`).
    """
    return 1.0 / p.alarm_memory


@compiled
def provider_met_chance(presence: float, encounter: float, alert: float, answer: float) -> float:
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
    here = world.districts[d]

    # its people, and what protects them where they live
    residents = 0
    militia = 0.0
    organisation = 0.0
    trust = 0.0
    un_presence = 0.0
    state_presence = 0.0
    un_met = 0.0
    state_met = 0.0
    needy = float(here.hosted)
    for c in range(here.first_community, here.end_community):
        community = world.communities[c]
        protect(community, p)
        n = community.residents
        residents += n
        needy += p.need_residents * community.fear * n
        trust += n * community.trust_state
        militia += community.militia
        organisation += n * community.organisation
        un_presence += n * community.un_presence
        state_presence += n * community.state_presence
        un_met += n * community.un_met
        state_met += n * community.state_met
    here.residents = residents
    here.aid_needed = needy
    if residents > 0:
        organisation /= residents
        trust /= residents
        un_presence /= residents
        state_presence /= residents
        un_met /= residents
        state_met /= residents
    here.militia = militia / (here.end_community - here.first_community)
    here.organisation = organisation
    here.trust_state = trust
    here.un_presence = un_presence
    here.state_presence = state_presence
    here.un_met = un_met
    here.state_met = state_met
    taxable = 1.0 - exp(-(residents + here.hosted) / p.taxable_people)
    here.worth = (1.0 - p.people_share) * here.rents + p.people_share * taxable
    support(here, world.mission[0].mentoring, p)
    govern(here, p)
    forget(here, p)


@compiled
def protect(place: np.record, p: np.record) -> None:
    """Turn the patrols that reach a place into presence, and with alerts into the chance of being met."""
    need = p.place_need * place.breadth
    place.un_presence = 1.0 - exp(-place.un_patrols / need)
    place.state_presence = 1.0 - exp(-place.state_patrols / need)
    place.un_met = provider_met_chance(
        place.un_presence, p.encounter_chance, place.un_alert, 1.0 - place.un_miss
    )
    place.state_met = provider_met_chance(
        place.state_presence, p.encounter_chance, place.state_alert, 1.0 - place.state_miss
    )
    place.alarm *= 1.0 - incident_rate(p)


@compiled
def support(here: np.record, mentoring: float, p: np.record) -> None:
    """Add up who trains soldiers and police in a district, and who polices.

    `mentoring`: how far (0-1) a follow-on presence mentors soldiers and police everywhere.
    """
    unmentored = 1.0 - mentoring
    here.mentors = mentored(unmentored, here.un_troops, here.soldiers, p.mentor_share)
    here.police_mentors = mentored(unmentored, here.un_police, here.police, p.mentor_share)
    people = here.residents + here.hosted
    policing = here.policing + p.troop_policing * here.un_troops
    here.police_presence = 1.0 - exp(-1000.0 * policing / (p.police_need * max(people, 1)))


@compiled
def govern(here: np.record, p: np.record) -> None:
    """Let the state take over ungoverned ground where it is present, and lose what it cannot hold.

    What it used to administer it takes back without being sent there.
    """
    free = ungoverned(here)
    missed = min(free, max(0.0, here.state_reach - here.state_control))
    here.state_control += p.state_hold * max(here.state_presence * free, missed)
    supported = max(here.state_reach, here.state_presence)
    if here.state_control > supported:
        here.state_control -= p.state_fade * (here.state_control - supported)


@compiled
def forget(here: np.record, p: np.record) -> None:
    """Let what mission, state and people remember of incidents fade for a week."""
    keep = 1.0 - incident_rate(p)
    here.known_to_mission *= keep
    here.known_to_state *= keep
    here.known_to_people *= keep
    here.known_abuse *= keep


@behaviour
def weigh_refuges(world: World, d: int) -> None:
    """Weigh the refuges of people of district `d`: safe and close (as Flee does, evidence 2d)."""
    here = world.districts[d]
    season = world.clock[0].season
    total = 0.0
    for k in range(NEAR):
        if k < here.near_count:
            n = world.near[d, k]
            total += world.districts[n].refuge_safety * world.decay[FLIGHT, season, d, k]
        world.refuge[d, k] = total


@behaviour
def talk_of_violence(world: World, d: int) -> None:
    """Turn recent attacks and clashes into what people in and outside district `d` make of them."""
    p = world.parameters[0]
    here = world.districts[d]
    near = 0.0
    for j in range(1, here.neighbour_count):
        near += world.districts[world.near[d, world.neighbours[d, j]]].known_to_people
    here.heat_near = near / (near + p.heat_scale)
    anger = 0.0
    for c in range(here.first_community, here.end_community):
        anger += world.communities[c].grievance
    here.anger = anger / (here.end_community - here.first_community)
    talk = here.known_to_people + p.told_from_next * near
    here.talk = talk / (1.0 + talk)
    here.refuge_safety = exp(-p.refuge_danger * here.known_to_people)
    here.return_safety = math.sqrt(here.refuge_safety)
