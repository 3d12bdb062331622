"""The state of an armed group."""

from __future__ import annotations

from sim.declare import Field, Table
from sim.world.codes import Choice, Standing, legend

STANDING = {
    "rebel": Standing.REBEL,
    "militia": Standing.REBEL,
    "pro-government": Standing.PRO_GOVERNMENT,
    "foreign": Standing.FOREIGN,
    "communal": Standing.COMMUNAL,
    "gang": Standing.GANG,
}
"""How a group of each kind in armed_groups.csv stands with the state."""

TABLE = Table(
    "armed_groups",
    "Armed groups or detachments: strength, place, aims, means, and this week's choice.",
    (
        Field("faction", "i8", "-", "groups with the same number belong together"),
        Field(
            "standing",
            "i8",
            "-",
            legend(Standing),
            inherited=True,
            column="kind",
            codes=STANDING,
        ),
        Field("identity", "i8", "-", "the people it says it fights for, -1 none", start=-1, inherited=True),
        Field("enters", "i8", "week", "week in which it appears, e.g. from abroad"),
        Field("away", "i8", "persons", "its fighters outside the country"),
        Field("spare", "i8", "flag", "1 a row kept for a group that splits off from another"),
        Field("district", "i8", "row", "where it is based", inherited=True),
        Field(
            "fighters_low",
            "f8",
            "persons",
            "estimate of its strength at the start, lower bound",
            column="fighters_low",
        ),
        Field("fighters_best", "f8", "persons", "estimate, most likely", column="fighters"),
        Field("fighters_high", "f8", "persons", "estimate, upper bound", column="fighters_high"),
        Field("fighters", "i8", "persons", "strength now"),
        Field("supply", "f8", "weeks", "weeks of upkeep in store", inherited=True),
        Field("outside_supply", "f8", "fighters", "fighters that support from outside can keep"),
        Field(
            "aim_rule",
            "f8",
            "0-1",
            "how much it wants to govern ground and people",
            inherited=True,
            column="aim_rule",
        ),
        Field("aim_rent", "f8", "0-1", "how much it wants income", inherited=True, column="aim_rent"),
        Field(
            "abusiveness",
            "f8",
            "0-1",
            "how readily it turns on civilians",
            inherited=True,
            column="abusiveness",
        ),
        Field(
            "undeterred",
            "f8",
            "0-1",
            "how little the chance of being met keeps it from attacking",
            inherited=True,
            column="undeterred",
        ),
        Field(
            "rootedness",
            "f8",
            "0-1",
            "how tied it is to its home ground (1 a local militia)",
            inherited=True,
            column="rootedness",
        ),
        Field("coverage", "f8", "0-1", "share of its district that it is strong enough to cover"),
        Field("control", "f8", "0-1", "share of its district it controls"),
        Field("grudge", "f8", "-", "wish for reprisal after denunciations and losses"),
        Field("hurt", "f8", "0-1", "share of its strength lost of late (decaying)"),
        Field("pressed", "f8", "0-1", "share of its attacks that it leaves undone after an operation"),
        Field("choice", "i8", "-", f"this week's choice: {legend(Choice)}"),
        Field("destination", "i8", "row", "district it moves to if it moves", start=-1),
        Field("rest", "f8", "persons", "strength at which it is at rest: what it can keep for long"),
        Field("hold", "f8", "0-1", "share of its district that it can hold for long"),
        Field(
            "first_attack",
            "i8",
            "row",
            "the last of its attacks this week, -1 none (linked list)",
            start=-1,
            weekly=True,
        ),
        Field("denounced", "i8", "flag", "1 if an alert was raised against it this week", weekly=True),
        Field("next_group", "i8", "row", "next group in the same district, -1 none (linked list)", start=-1),
    ),
)
