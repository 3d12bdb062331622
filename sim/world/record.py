"""What is written down at the end of each week, district by district.

Everything that is measured is computed from this record (`sim.measures`), the same for a Mesa run
and for the ensemble.
"""

from __future__ import annotations

from sim.compiled import behaviour
from sim.declare import Field, Table
from sim.world.district import deters
from sim.world.state import (
    ABDUCTED,
    ARMED_GROUPS,
    CRIMINALS,
    INJURED,
    KILLED,
    MILITIAS,
    SEXUAL_VIOLENCE,
    STATE_FORCES,
    World,
)

FIELDS = (
    Field("un_troops", "f4", "persons", "peacekeepers based in the district"),
    Field("un_presence", "f4", "0-1", "how visible UN patrols are"),
    Field("un_police", "f4", "persons", "formed police of the mission based in the district"),
    Field("police_presence", "f4", "0-1", "chance that police deal with a crime"),
    Field("tension", "f4", "0-1", "tension between its communities"),
    Field("militia", "f4", "persons", "people under arms for self-defence"),
    Field("ex_combatants", "f4", "persons", "former fighters who are not settled yet"),
    Field("raids", "f4", "raids", "attacks of one community on another"),
    Field("state_presence", "f4", "0-1", "how visible state patrols are"),
    Field("un_met", "f4", "0-1", "true chance that the UN meets an attack on civilians"),
    Field("state_met", "f4", "0-1", "true chance that state forces meet it"),
    Field("armed", "f4", "fighters", "fighters of armed groups present"),
    Field("deterred", "f4", "flag", "1 if protection would deter an informed attacker of average motive"),
    Field("state_control", "f4", "0-1", "share of the district that the state controls"),
    Field("group_control", "f4", "0-1", "share that armed groups control together"),
    Field("ruler_control", "f4", "0-1", "share that the strongest armed group controls"),
    Field("residents", "f4", "persons", "people at home"),
    Field("hosted", "f4", "persons", "displaced people staying here"),
    Field("fear", "f4", "0-1", "fear of its communities, weighted by residents"),
    Field("attacks", "f4", "attacks", "attacks on civilians by armed groups"),
    Field("clashes", "f4", "clashes", "fights between armed actors"),
    Field("abuses", "f4", "incidents", "incidents of violence against civilians by state forces"),
    Field("alerts", "f4", "alerts", "alerts raised by communities"),
    Field("heard", "f4", "alerts", "alerts heard by somebody able to act"),
    Field("answered_un", "f4", "attacks", "attacks that a UN unit was first to answer"),
    Field("answered_state", "f4", "attacks", "attacks that a state unit was first to answer"),
    Field("fled", "f4", "persons", "people of the district who fled"),
    Field("returned", "f4", "persons", "people of the district who came home"),
    Field("aid_needed", "f4", "persons", "people in need of aid"),
    Field("aid_delivered", "f4", "persons", "people reached by aid"),
    Field("aid_incidents", "f4", "incidents", "attacks on aid"),
    Field("killed_by_groups", "f4", "persons", "civilians killed by armed groups"),
    Field("injured_by_groups", "f4", "persons", "civilians injured by armed groups"),
    Field("abducted_by_groups", "f4", "persons", "civilians abducted by armed groups"),
    Field("assaulted_by_groups", "f4", "persons", "survivors of sexual violence by armed groups"),
    Field("killed_by_state", "f4", "persons", "civilians killed by state forces"),
    Field("injured_by_state", "f4", "persons", "civilians injured by state forces"),
    Field("abducted_by_state", "f4", "persons", "civilians unlawfully detained or abducted by state forces"),
    Field("assaulted_by_state", "f4", "persons", "survivors of sexual violence by state forces"),
    Field("killed_by_militias", "f4", "persons", "civilians killed by communal militias"),
    Field("injured_by_militias", "f4", "persons", "civilians injured by communal militias"),
    Field("abducted_by_militias", "f4", "persons", "civilians abducted by communal militias"),
    Field("assaulted_by_militias", "f4", "persons", "survivors of sexual violence by communal militias"),
    Field("killed_by_criminals", "f4", "persons", "civilians killed by criminals"),
    Field("injured_by_criminals", "f4", "persons", "civilians injured by criminals"),
    Field("abducted_by_criminals", "f4", "persons", "civilians abducted by criminals"),
    Field("assaulted_by_criminals", "f4", "persons", "survivors of sexual violence by criminals"),
    Field("recorded_killed_by_groups", "f4", "persons", "entered into the record this week"),
    Field("recorded_injured_by_groups", "f4", "persons", "entered into the record this week"),
    Field("recorded_abducted_by_groups", "f4", "persons", "entered into the record this week"),
    Field("recorded_assaulted_by_groups", "f4", "persons", "entered into the record this week"),
    Field("recorded_killed_by_state", "f4", "persons", "entered into the record this week"),
    Field("recorded_injured_by_state", "f4", "persons", "entered into the record this week"),
    Field("recorded_abducted_by_state", "f4", "persons", "entered into the record this week"),
    Field("recorded_assaulted_by_state", "f4", "persons", "entered into the record this week"),
    Field("recorded_killed_by_militias", "f4", "persons", "entered into the record this week"),
    Field("recorded_injured_by_militias", "f4", "persons", "entered into the record this week"),
    Field("recorded_abducted_by_militias", "f4", "persons", "entered into the record this week"),
    Field("recorded_assaulted_by_militias", "f4", "persons", "entered into the record this week"),
    Field("recorded_killed_by_criminals", "f4", "persons", "entered into the record this week"),
    Field("recorded_injured_by_criminals", "f4", "persons", "entered into the record this week"),
    Field("recorded_abducted_by_criminals", "f4", "persons", "entered into the record this week"),
    Field("recorded_assaulted_by_criminals", "f4", "persons", "entered into the record this week"),
    Field("in_sites", "f4", "persons", "displaced people in camps and protection sites"),
    Field("sites_guarded", "f4", "0-1", "how well their perimeters are guarded, weighted by people"),
    Field("sites_militarised", "f4", "0-1", "how far armed groups are at home in them, weighted by people"),
    Field("site_attacks", "f4", "attacks", "attacks by armed groups on them"),
    Field("killed_in_sites", "f4", "persons", "people killed in them, among those killed by groups"),
    Field("assaulted_at_sites", "f4", "persons", "survivors of sexual violence around them"),
    Field("sent_home", "f4", "persons", "people sent home from them; not among the returned"),
    Field("deprivation", "f4", "0-1", "share of need that aid left unmet, over the last months"),
    Field("excess_deaths", "f4", "persons", "people who died of want; not among the killed"),
    Field("selective", "f4", "attacks", "attacks that were selective, among all by armed groups"),
    Field("indiscriminate", "f4", "attacks", "attacks that were indiscriminate, among all by armed groups"),
    Field("rumour", "f4", "0-1", "share of its people who believe a rumour against the mission"),
)
TABLE = Table("record", "One row a week and district: everything that is measured.", FIELDS)


@behaviour
def write_record(world: World, d: int) -> None:
    """Write down this week of district `d`."""
    w = world.clock[0].week
    t = world.districts
    r = world.record
    fear = 0.0
    former = 0
    answered_un = 0
    answered_state = 0
    for c in range(t[d].first_community, t[d].end_community):
        fear += world.communities[c].fear * world.communities[c].residents
        former += world.communities[c].ex_combatants
        if world.communities[c].raider >= 0 and world.communities[c].answered_by == 1:
            answered_un += 1
        if world.communities[c].raider >= 0 and world.communities[c].answered_by == 2:
            answered_state += 1
    if t[d].residents > 0:
        fear /= t[d].residents
    r[w, d].un_troops = t[d].un_troops
    r[w, d].un_presence = t[d].un_presence
    r[w, d].un_police = t[d].un_police
    r[w, d].police_presence = t[d].police_presence
    r[w, d].tension = t[d].tension
    r[w, d].militia = t[d].militia * (t[d].end_community - t[d].first_community)
    r[w, d].ex_combatants = former
    r[w, d].raids = t[d].raids
    r[w, d].state_presence = t[d].state_presence
    r[w, d].un_met = t[d].un_met
    r[w, d].state_met = t[d].state_met
    r[w, d].armed = t[d].group_strength
    r[w, d].deterred = 1.0 if deters(world.districts[d], world.parameters[0]) else 0.0
    r[w, d].state_control = t[d].state_control
    r[w, d].group_control = t[d].group_control
    r[w, d].ruler_control = t[d].ruler_control
    r[w, d].residents = t[d].residents
    r[w, d].hosted = t[d].hosted
    r[w, d].fear = fear
    r[w, d].attacks = t[d].attacks
    r[w, d].clashes = t[d].clashes
    r[w, d].abuses = t[d].abuses
    r[w, d].alerts = t[d].alerts
    r[w, d].heard = t[d].heard
    r[w, d].answered_un = answered_un
    r[w, d].answered_state = answered_state
    r[w, d].fled = t[d].fled
    r[w, d].returned = t[d].returned
    r[w, d].aid_needed = t[d].aid_needed
    r[w, d].aid_delivered = t[d].aid_delivered
    r[w, d].aid_incidents = t[d].aid_incidents
    people = 0.0
    guarded = 0.0
    militarised = 0.0
    for s in range(len(world.sites)):
        if world.sites[s].district == d:
            people += world.sites[s].persons
            guarded += world.sites[s].persons * world.sites[s].guarded
            militarised += world.sites[s].persons * world.sites[s].militarised
    r[w, d].in_sites = people
    r[w, d].sites_guarded = guarded / people if people > 0.0 else 0.0
    r[w, d].sites_militarised = militarised / people if people > 0.0 else 0.0
    r[w, d].site_attacks = t[d].site_attacks
    r[w, d].killed_in_sites = t[d].killed_in_sites
    r[w, d].assaulted_at_sites = t[d].assaulted_at_sites
    r[w, d].sent_home = t[d].sent_home
    r[w, d].deprivation = t[d].deprivation
    r[w, d].excess_deaths = t[d].excess_deaths
    r[w, d].selective = t[d].selective
    r[w, d].indiscriminate = t[d].indiscriminate
    r[w, d].rumour = t[d].rumour
    harm = world.harm
    r[w, d].killed_by_groups = harm[d, ARMED_GROUPS, KILLED]
    r[w, d].injured_by_groups = harm[d, ARMED_GROUPS, INJURED]
    r[w, d].abducted_by_groups = harm[d, ARMED_GROUPS, ABDUCTED]
    r[w, d].assaulted_by_groups = harm[d, ARMED_GROUPS, SEXUAL_VIOLENCE]
    r[w, d].killed_by_state = harm[d, STATE_FORCES, KILLED]
    r[w, d].injured_by_state = harm[d, STATE_FORCES, INJURED]
    r[w, d].abducted_by_state = harm[d, STATE_FORCES, ABDUCTED]
    r[w, d].assaulted_by_state = harm[d, STATE_FORCES, SEXUAL_VIOLENCE]
    r[w, d].killed_by_militias = harm[d, MILITIAS, KILLED]
    r[w, d].injured_by_militias = harm[d, MILITIAS, INJURED]
    r[w, d].abducted_by_militias = harm[d, MILITIAS, ABDUCTED]
    r[w, d].assaulted_by_militias = harm[d, MILITIAS, SEXUAL_VIOLENCE]
    r[w, d].killed_by_criminals = harm[d, CRIMINALS, KILLED]
    r[w, d].injured_by_criminals = harm[d, CRIMINALS, INJURED]
    r[w, d].abducted_by_criminals = harm[d, CRIMINALS, ABDUCTED]
    r[w, d].assaulted_by_criminals = harm[d, CRIMINALS, SEXUAL_VIOLENCE]
    harm = world.recorded
    r[w, d].recorded_killed_by_groups = harm[d, ARMED_GROUPS, KILLED]
    r[w, d].recorded_injured_by_groups = harm[d, ARMED_GROUPS, INJURED]
    r[w, d].recorded_abducted_by_groups = harm[d, ARMED_GROUPS, ABDUCTED]
    r[w, d].recorded_assaulted_by_groups = harm[d, ARMED_GROUPS, SEXUAL_VIOLENCE]
    r[w, d].recorded_killed_by_state = harm[d, STATE_FORCES, KILLED]
    r[w, d].recorded_injured_by_state = harm[d, STATE_FORCES, INJURED]
    r[w, d].recorded_abducted_by_state = harm[d, STATE_FORCES, ABDUCTED]
    r[w, d].recorded_assaulted_by_state = harm[d, STATE_FORCES, SEXUAL_VIOLENCE]
    r[w, d].recorded_killed_by_militias = harm[d, MILITIAS, KILLED]
    r[w, d].recorded_injured_by_militias = harm[d, MILITIAS, INJURED]
    r[w, d].recorded_abducted_by_militias = harm[d, MILITIAS, ABDUCTED]
    r[w, d].recorded_assaulted_by_militias = harm[d, MILITIAS, SEXUAL_VIOLENCE]
    r[w, d].recorded_killed_by_criminals = harm[d, CRIMINALS, KILLED]
    r[w, d].recorded_injured_by_criminals = harm[d, CRIMINALS, INJURED]
    r[w, d].recorded_abducted_by_criminals = harm[d, CRIMINALS, ABDUCTED]
    r[w, d].recorded_assaulted_by_criminals = harm[d, CRIMINALS, SEXUAL_VIOLENCE]
