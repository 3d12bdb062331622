"""The follow-on presence: what stays of the UN, or comes in its place, once a mission has ended.

A kind of presence is what it can do across the three tiers of protection (S3): dialogue (mediation of
quarrels between communities), physical protection (none here; a police mission polices), and the
protective environment (monitoring, which feeds the record of harm and restrains state forces, and
mentoring of state units). All of it is weaker than what a mission with troops does: political leverage
falls from peace operation to special political mission to country team (E1-42). It works the same in
all districts, since no source says where, and takes time to set up. Troops of a regional force are left
out: they would be units of a scenario.
"""

from __future__ import annotations

from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world.state import World

NONE = -1
COUNTRY_TEAM = 0
POLITICAL = 1
POLICE = 2
REGIONAL = 3
KINDS = ("country-team", "political", "police", "regional")

PART = "follow-on presence"

# fmt: off
PARAMETERS = (
    Parameter("follow_setup", 13.0, "weeks", 1.0, 52.0,
              "time that a follow-on presence takes to work in full",
              "no source; S3 (E1-72) asks for planning 24 months before"),
    Parameter("country_mediation", 0.05, "1", 0.0, 0.3,
              "share of quarrels between communities that a country team mediates",
              "order S3 (E1-42: it has least leverage); size not in any source"),
    Parameter("country_monitoring", 0.05, "1", 0.0, 0.2,
              "chance that a country team hears of an incident of harm",
              "direction S3 (E1-12); size not in any source"),
    Parameter("country_mentoring", 0.05, "1", 0.0, 0.2,
              "mentoring of state units by a country team, relative to a full mission",
              "direction S3 (E1-38: too resource-heavy for it); size not in any source"),
    Parameter("political_mediation", 0.25, "1", 0.05, 0.6,
              "share of quarrels that a special political mission mediates",
              "direction S3 (E1-43); size not in any source"),
    Parameter("political_monitoring", 0.15, "1", 0.03, 0.4,
              "chance that a special political mission hears of an incident of harm",
              "direction S3 (E1-43); size not in any source"),
    Parameter("political_mentoring", 0.15, "1", 0.0, 0.4,
              "mentoring of state units by a special political mission",
              "direction S3 (E1-43: security sector reform); size not in any source"),
    Parameter("police_mediation", 0.1, "1", 0.0, 0.4,
              "share of quarrels that a police-only mission mediates",
              "no source"),
    Parameter("police_monitoring", 0.15, "1", 0.03, 0.4,
              "chance that a police-only mission hears of an incident of harm",
              "direction S3 (E1-8); size not in any source"),
    Parameter("police_mentoring", 0.3, "1", 0.05, 0.6,
              "mentoring of state units by a police-only mission",
              "direction S3 (E1-8, E1-22); size not in any source"),
    Parameter("police_per_1000", 0.1, "police/1,000 people", 0.02, 0.5,
              "police at work that a police-only mission adds",
              "some 1,300 police for 11 million people in Haiti 2017-19 (from memory)", "memory"),
    Parameter("regional_mediation", 0.05, "1", 0.0, 0.3,
              "share of quarrels that a regional presence mediates",
              "no source"),
    Parameter("regional_monitoring", 0.05, "1", 0.0, 0.2,
              "chance that a regional presence hears of an incident of harm",
              "no source"),
    Parameter("regional_mentoring", 0.25, "1", 0.0, 0.6,
              "mentoring of state units by a regional or bilateral presence",
              "no source; training is what such presences mostly do"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "follow-on-mediation", "the mission",
        "a follow-on presence mediates quarrels between communities",
        "E1-43, E1-44",
        {f"{kind}_mediation": 0.0 for kind in ("country", "political", "police", "regional")},
        "only schedules that start one, as with the next three",
    ),
    Mechanism(
        "follow-on-monitoring", "the mission",
        "a follow-on presence sees harm and watches state forces",
        "E1-12, E1-43",
        {f"{kind}_monitoring": 0.0 for kind in ("country", "political", "police", "regional")},
    ),
    Mechanism(
        "follow-on-mentoring", "the mission",
        "a follow-on presence trains and advises state forces",
        "E1-22, E1-43",
        {f"{kind}_mentoring": 0.0 for kind in ("country", "political", "police", "regional")},
    ),
    Mechanism(
        "follow-on-policing", "the mission",
        "a police-only mission polices",
        "E1-8", {"police_per_1000": 0.0},
    ),
)
# fmt: on


@compiled
def work(world: World) -> None:
    """Mediate, monitor, police and mentor, as far as the presence is there and set up."""
    m = world.mission
    if m[0].follow_on == NONE:
        return
    p = world.parameters[0]
    done = min(1.0, (world.clock[0].week - m[0].follow_on_since + 1) / p.follow_setup)
    policing = 0.0
    if m[0].follow_on == COUNTRY_TEAM:
        mediation, monitoring, mentoring = p.country_mediation, p.country_monitoring, p.country_mentoring
    elif m[0].follow_on == POLITICAL:
        mediation, monitoring, mentoring = (
            p.political_mediation, p.political_monitoring, p.political_mentoring,
        )  # fmt: skip
    elif m[0].follow_on == POLICE:
        mediation, monitoring, mentoring = p.police_mediation, p.police_monitoring, p.police_mentoring
        policing = done * p.police_per_1000 / 1000.0
    else:
        mediation, monitoring, mentoring = (
            p.regional_mediation, p.regional_monitoring, p.regional_mentoring,
        )  # fmt: skip
    if world.host[0].mission_there == 0:  # a host may keep monitors out once the mission has left (E1-19)
        monitoring *= 1.0 - world.host[0].blocks_monitoring
    m[0].mentoring = done * mentoring
    t = world.districts
    for d in range(len(t)):
        t[d].mediation = 1.0 - (1.0 - t[d].mediation) * (1.0 - done * mediation)
        t[d].monitors = 1.0 - (1.0 - t[d].monitors) * (1.0 - done * monitoring)
        t[d].policing += policing * (t[d].residents + t[d].hosted)
