"""Donors: what they pay for relief, for state forces and for former fighters, before and after the exit.

While a mission is in the country the attention it draws keeps money coming. Once its last unit has
gone, attention and with it the part of the money that hung on it fade away. What is left in the end
and how fast it gets there are assumptions of a scenario ([money] and [ddr] of scenario.toml).

Sources: financial cliff and donor fatigue (E1-39), voluntary contributions that no mission controls
(E1-71), engagement after the exit (E1-41). Whether there is a financial cliff at all is debated, so
`funding_cliff` says how much of the assumed fall takes place.
"""

from __future__ import annotations

import numpy as np

from sim.arithmetic import exp
from sim.compiled import compiled
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world.state import WEEKS_A_YEAR, World

TABLE = Table(
    "donors",
    "What donors pay for, and what is left of it once the mission has gone; one row.",
    (
        Field(
            "aid_after_exit", "f8", "0-1", "share of relief funding left in the end", column="aid_after_exit"
        ),
        Field(
            "state_after_exit",
            "f8",
            "0-1",
            "share left in the end of the support that pays state forces",
            column="state_after_exit",
        ),
        Field(
            "years_to_fall",
            "f8",
            "years",
            "time over which attention falls by a factor e",
            column="years_to_fall",
        ),
        Field("began", "i8", "flag", "1 once a unit of a mission has been present"),
        Field("gone", "i8", "flag", "1 while nothing is left of a mission that was there"),
        Field(
            "attention",
            "f8",
            "0-1",
            "attention that the country draws, 1 while the mission is there",
            start=1.0,
        ),
        Field(
            "aid_funding",
            "f8",
            "0-1",
            "funding of relief and monitors, 1 while the mission is there",
            start=1.0,
        ),
        Field("state_funding", "f8", "0-1", "funding of state forces' pay", start=1.0),
        Field("ddr_funding", "f8", "0-1", "funding of places for former fighters", start=1.0),
    ),
)

PART = "donors"

# fmt: off
PARAMETERS = (
    Parameter("funding_cliff", 1.0, "1", 0.0, 1.5,
              "how much of the fall in funding after the mission's end that the scenario assumes takes place"
              " (0: no financial cliff)",
              "contested: E1-39; whether missions' exits cause one is debated"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "financial-cliff", "aid",
        "funding of relief, of state pay and of programmes falls once the mission has gone",
        "E1-39, E1-71", {"funding_cliff": 0.0},
    ),
)
# fmt: on


@compiled
def funding(attention: float, after_exit: float, cliff: float) -> float:
    """Return the funding left (0-1) at an attention (0-1): all of it at 1, `after_exit` of it at 0."""
    return max(0.0, 1.0 - cliff * (1.0 - after_exit) * (1.0 - attention))


@compiled
def pay_attention(donors: np.record, strength: int) -> None:
    """Let attention follow whether a unit of the mission is there (`strength` persons), both ways."""
    if strength > 0:
        donors.began = 1
    donors.gone = 1 if strength == 0 and donors.began == 1 else 0
    pace = exp(-1.0 / (WEEKS_A_YEAR * donors.years_to_fall))
    if donors.gone == 1:
        donors.attention *= pace
    else:
        donors.attention = 1.0 - (1.0 - donors.attention) * pace


@compiled
def fund(world: World, i: int) -> None:
    """Let attention and funding follow whether any unit of the mission is there."""
    donors = world.donors[i]
    cliff = world.parameters[0].funding_cliff
    strength = 0
    for u in range(len(world.peacekeepers)):
        if world.peacekeepers[u].present == 1:
            strength += world.peacekeepers[u].strength
    pay_attention(donors, strength)
    donors.aid_funding = funding(donors.attention, donors.aid_after_exit, cliff)
    donors.state_funding = funding(donors.attention, donors.state_after_exit, cliff)
    donors.ddr_funding = funding(donors.attention, world.programme[0].after_exit, cliff)
