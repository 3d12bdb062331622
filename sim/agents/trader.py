"""Traders: they bring goods to where it is safe."""

from __future__ import annotations

from sim.agents.base import DistrictAgent
from sim.arithmetic import exp
from sim.compiled import compiled
from sim.declare import Field, Parameter, Table
from sim.world.state import World

TABLE = Table(
    "traders",
    "Traders, one row a guild in a district.",
    (
        Field("district", "i8", "row", "where it trades"),
        Field("carts", "i8", "carts", "carts", column="carts"),
        Field("brought", "f8", "persons", "people it fed this week", weekly=True),
    ),
)

PART = "traders"

# fmt: off
PARAMETERS = (
    Parameter("cart_load", 50.0, "persons/week", 10.0, 200.0,
              "people that a cart feeds in a week",
              "no source"),
)
# fmt: on


@compiled
def trade(world: World, i: int) -> None:
    """Bring goods, the less the more is told of attacks."""
    t = world.traders
    d = t[i].district
    t[i].brought = world.parameters[0].cart_load * t[i].carts * exp(-world.districts[d].danger)
    world.districts[d].aid_delivered += t[i].brought


class Trader(DistrictAgent):
    """A guild of traders in a Mesa model."""

    table = TABLE

    def trade(self) -> None:
        """Bring goods."""
        trade(self.world, self.row)
