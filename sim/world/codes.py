"""Codes: what the whole numbers in the tables stand for, said once.

Each is an enumeration whose members are the numbers themselves, in compiled rules too. What people read
and write (scenario files, the ODD document) is spelled from the names of the members (`words`, `legend`).
"""

from __future__ import annotations

from enum import IntEnum


class Perpetrator(IntEnum):
    """Who harms civilians: an index into `World.harm`."""

    ARMED_GROUPS = 0
    STATE_FORCES = 1
    MILITIAS = 2
    CRIMINALS = 3


class Harm(IntEnum):
    """What is done to them: an index into `World.harm`."""

    KILLED = 0
    INJURED = 1
    ABDUCTED = 2
    SEXUAL_VIOLENCE = 3


class Standing(IntEnum):
    """How an armed group stands with the state."""

    REBEL = 0
    PRO_GOVERNMENT = 1
    FOREIGN = 2
    COMMUNAL = 3
    GANG = 4


class Choice(IntEnum):
    """What an armed group does in a week. Also its draws of `chance.DECIDE`: `MOVE` + the district."""

    LIE_LOW = 0
    TAX = 1
    CONTEST = 2
    ATTACK = 3
    MOVE = 4
    ROB_AID = 5


class Campaign(IntEnum):
    """What a faction is about."""

    DORMANT = 0
    ACTIVE = 1
    OFFENSIVE = 2


class Mode(IntEnum):
    """What an attack on civilians is for."""

    SELECTIVE = 0
    INDISCRIMINATE = 1
    LOOTING = 2


class Listener(IntEnum):
    """Who listens to a community, or to its alert network."""

    UN = 0
    STATE = 1
    CIVIL_SOCIETY = 2


class AidKind(IntEnum):
    """What a humanitarian actor does."""

    RELIEF = 0
    MONITOR = 1
    UNARMED_PROTECTION = 2


class Force(IntEnum):
    """What a unit of the state is."""

    ARMY = 0
    POLICE = 1
    GENDARMERIE = 2
    PROTECTION = 3  # a special force to protect civilians


class UnitKind(IntEnum):
    """What a unit of the mission is; from `OBSERVERS` on it is unarmed."""

    INFANTRY = 0
    FORMED_POLICE = 1
    OBSERVERS = 2
    CIVILIAN_TEAM = 3


class Posture(IntEnum):
    """Whether a unit of the mission stays around its base."""

    STATIC = 0
    MOBILE = 1


class SiteKind(IntEnum):
    """What a place is where displaced people live together."""

    CAMP = 0
    PROTECTION_SITE = 1


class Answer(IntEnum):
    """Who came when a community was attacked (`answered_by`)."""

    NOBODY = 0
    UN = 1
    STATE = 2


class Fate(IntEnum):
    """What becomes of displaced people who leave the count of their district."""

    DEAD = 0  # killed
    DEAD_OF_NEED = 1
    RECRUITED = 2
    HOME = 3


HARMS = len(Harm)
PERPETRATORS = len(Perpetrator)


def words(codes: type[IntEnum]) -> tuple[str, ...]:
    """Return how the members are spelled in files: `FORMED_POLICE` is "formed-police"."""
    return tuple(code.name.lower().replace("_", "-") for code in codes)


def legend(codes: type[IntEnum]) -> str:
    """Return what each number means: "0 static, 1 mobile"."""
    return ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in codes)
