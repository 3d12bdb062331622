"""Former fighters: who helps them back, and who calls them up again.

Former fighters live among the people of a community and count among its residents. A programme of
disarmament, demobilisation and reintegration has places for some of them; it needs money and time,
and fades without either. Those who are left alone drift back to civilian life slowly, raise crime,
and follow their old commanders when these are near.

Sources: no political reintegration by money alone (Gilligan et al. 2013), work with capital lowers
mercenary interest (Blattman & Annan 2016), ties to commanders and peers drive recidivism (Daly,
Paler & Samii 2020); E2e. DDR before exit, too heavy for those who stay: S1, S3 (E1-37, E1-38).
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.compiled import compiled
from sim.declare import PROHIBITIVE, Field, Mechanism, Parameter, Table
from sim.world.state import MONTH, World

PROGRAMME = Table(
    "programme",
    "Disarmament, demobilisation and reintegration; one row.",
    (
        Field("start", "i8", "week", "first week of the programme"),
        Field("end", "i8", "week", "week after its last"),
        Field("places", "i8", "persons", "former fighters it can have at a time", column="places"),
        Field(
            "after_exit",
            "f8",
            "0-1",
            "share of the places still paid for once the mission has left",
            column="after_exit",
        ),
        Field("open_places", "f8", "persons", "places paid for this week"),
        Field("served", "f8", "0-1", "share of all former fighters who are in it this week"),
    ),
)

PART = "former fighters"

# fmt: off
PARAMETERS = (
    Parameter("reintegrate_rate", 0.012, "1/week", 0.003, 0.04,
              "share of those in the programme who are civilians for good after a week",
              "no source; programmes last one to two years"),
    Parameter("drift_rate", 0.003, "1/week", 0.0, 0.02,
              "the same for former fighters who are left alone",
              "no source"),
    Parameter("remobilise_rate", 0.0015, "1/week", 0.0, 0.02,
              "share of idle former fighters in a community whom a strong, well-supplied group in their "
              "district calls up in a week",
              "recidivism 10-25 % in Colombia (E2e, from memory) over years", "memory"),
    Parameter("peers", 200.0, "fighters", 50.0, 1000.0,
              "fighters of a group at which half of those who would follow it do",
              "direction: Daly et al. 2020 (E2e: peers and commanders); size not in any source", "abstract"),
    Parameter("demobilise_value", 1.0, "value", 0.0, 3.0,
              "value of an open place in a programme to a fighter, against a week of full taxation of the "
              "richest district",
              "no source; expected future transfers deter most (E2e, Blattman & Annan)"),
    Parameter("demobilise_effort", 1.0, "value", 0.0, 3.0,
              "what it costs a group in repute and safety to come forward",
              "no source; even odds for a group at full losses that has no income and no wish to rule"),
    Parameter("demobilise_share", 0.3, "1", 0.05, 1.0,
              "share of a group's fighters who come forward when it decides to demobilise",
              "no source; groups rarely come as a whole"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "demobilisation", "armed groups",
        "groups let fighters go where a programme has places",
        "E1-37", {"demobilise_share": 0.0, "demobilise_value": -PROHIBITIVE},
    ),
    Mechanism(
        "reintegration", "communities",
        "former fighters become civilians, sooner in a programme",
        "E1-37, E2e", {"reintegrate_rate": 0.0, "drift_rate": 0.0},
    ),
    Mechanism(
        "remobilisation", "armed groups",
        "groups call up former fighters",
        "E2e", {"remobilise_rate": 0.0},
    ),
)
# fmt: on


@compiled
def run_programme(world: World, h: int) -> None:
    """Open as many places as are paid for, and give them to former fighters evenly."""
    programme = world.programme[h]
    week = world.clock[0].week
    everybody = 0
    for c in range(len(world.communities)):
        everybody += world.communities[c].ex_combatants
    programme.open_places = 0.0
    programme.served = 0.0
    if week < programme.start or week >= programme.end:
        return
    paid = programme.places * world.donors[0].ddr_funding
    programme.open_places = max(0.0, paid - everybody)
    if everybody > 0:
        programme.served = min(1.0, paid / everybody)


@compiled
def settled_share(served: float, p: np.record) -> float:
    """Return the share (0-1) of former fighters who are civilians for good after a month.

    `served`: share of them in the programme.
    """
    rate = MONTH * (p.reintegrate_rate * served + p.drift_rate * (1.0 - served))
    return min(rate, 1.0)


@compiled
def reintegrate(world: World, c: int) -> None:
    """Let some former fighters of a community become civilians for good (decided once a month)."""
    community = world.communities[c]
    if community.ex_combatants > community.residents:
        community.ex_combatants = community.residents
    if community.ex_combatants == 0 or (world.clock[0].week + c) % MONTH != 0:
        return
    settled = settled_share(world.programme[0].served, world.parameters[0])
    u = chance.uniform(world.keys[0], chance.REINTEGRATE, c, chance.ONLY)
    community.ex_combatants -= chance.binomial(u, community.ex_combatants, settled)
