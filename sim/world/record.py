"""What is written down at the end of each week, district by district.

Everything that is measured is computed from this record (`sim.measures`), the same for a Mesa run
and for the ensemble. It holds the fields of districts that are declared as `recorded`, what is reckoned
here, and true and recorded harm by perpetrator and kind.
"""

from __future__ import annotations

from sim.arithmetic import either
from sim.compiled import behaviour, compiled
from sim.declare import Field, Table
from sim.generate import recording
from sim.world import district
from sim.world.codes import Answer
from sim.world.deterrence import deters
from sim.world.people import hosted_around
from sim.world.state import World

RECKONED = (
    Field("militia", "f4", "persons", "people under arms for self-defence"),
    Field("ex_combatants", "f4", "persons", "former fighters who are not settled yet"),
    Field("armed", "f4", "fighters", "fighters of armed groups present"),
    Field("deterred", "f4", "0-1", "share of its people whose protection would deter an informed attacker"),
    Field("fear", "f4", "0-1", "fear of its communities, weighted by residents"),
    Field("answered_un", "f4", "attacks", "attacks that a UN unit was first to answer"),
    Field("answered_state", "f4", "attacks", "attacks that a state unit was first to answer"),
    Field("in_sites", "f4", "persons", "displaced people in camps and protection sites"),
    Field("sites_guarded", "f4", "0-1", "how well their perimeters are guarded, weighted by people"),
    Field("sites_militarised", "f4", "0-1", "how far armed groups are at home in them, weighted by people"),
)
"""What `write_record` reckons from more than one field."""
BY = (
    ("groups", "armed groups"), ("state", "state forces"), ("militias", "communal militias"),
    ("criminals", "criminals"),
)  # fmt: skip
"""Perpetrators in the order of `sim.world.state.PERPETRATORS`: in names of fields, and in words."""
HARMED = (
    ("killed", "civilians killed by {}"),
    ("injured", "civilians injured by {}"),
    ("abducted", "civilians abducted, or unlawfully detained, by {}"),
    ("assaulted", "survivors of sexual violence by {}"),
)
"""Kinds of harm in the order of `sim.world.state.KINDS`: in names of fields, and in words."""
TRUE = tuple(
    Field(f"{kind}_by_{who}", "f4", "persons", meaning.format(words))
    for who, words in BY
    for kind, meaning in HARMED
)
KNOWN = tuple(
    Field(f"recorded_{f.name}", "f4", "persons", f"{f.meaning}, as entered into the record this week")
    for f in TRUE
)
FIELDS = (*(f.record() for f in district.TABLE.fields if f.recorded), *RECKONED, *TRUE, *KNOWN)
TABLE = Table("record", "One row a week and district: everything that is measured.", FIELDS)

copy = compiled(
    recording(
        district.TABLE,
        {
            field.name: (counter, n // len(HARMED), n % len(HARMED))
            for counter, fields in (("harm", TRUE), ("recorded", KNOWN))
            for n, field in enumerate(fields)
        },
    )
)
"""Write down the fields of a district that are recorded, and the harm done in it."""


@behaviour
def write_record(world: World, d: int) -> None:
    """Write down this week of district `d`."""
    w = world.clock[0].week
    if w < 0:
        return
    t = world.districts
    r = world.record
    copy(world, w, d)
    p = world.parameters[0]
    fear = 0.0
    former = 0
    everybody = 0
    deterred = 0
    answered_un = 0
    answered_state = 0
    for c in range(t[d].first_community, t[d].end_community):
        fear += world.communities[c].fear * world.communities[c].residents
        former += world.communities[c].ex_combatants
        own = world.communities[c].residents + hosted_around(world.communities[c], t[d])
        everybody += own
        if deters(either(world.communities[c].un_met, world.communities[c].state_met), p):
            deterred += own
        a = world.communities[c].first_attack
        while a >= 0:
            if world.attacks[a].answered_by == Answer.UN:
                answered_un += 1
            elif world.attacks[a].answered_by == Answer.STATE:
                answered_state += 1
            a = world.attacks[a].next_here
    if t[d].residents > 0:
        fear /= t[d].residents
    r[w, d].militia = t[d].militia * (t[d].end_community - t[d].first_community)
    r[w, d].ex_combatants = former
    r[w, d].armed = t[d].group_strength
    r[w, d].deterred = deterred / everybody if everybody > 0 else 1.0
    r[w, d].fear = fear
    r[w, d].answered_un = answered_un
    r[w, d].answered_state = answered_state
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
