"""What a schedule can do: one declaration an action, with its keys, its words and its rows.

Everything that files, checks, documents, the command line and figures say of an action stands in its `Kind`
here. What it does to the world when it is carried out stands in `sim.world.mission.actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.world.codes import Listener, Posture, UnitKind
from sim.world.follow_on import KINDS as FOLLOW_ON
from sim.world.mission import actions as rows

if TYPE_CHECKING:
    from sim.scenario.schema import Action
    from sim.timetable import Maker

RECIPIENTS = {"state": Listener.STATE, "civil-society": Listener.CIVIL_SOCIETY}
TO = {"": "", "state": "state forces", "civil-society": "civil society"}
"""Who listens to alert networks from then on, in words."""

FIRST, MIDDLE, CLOSING, ENDING, LAST = range(5)
"""On one day, what stays is settled before what leaves."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of action. Words may use {base}, {to} and the keys of the action, {a.district} and others."""

    meaning: str
    """What it means to those who write schedules."""
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    """Keys that it needs and may have, besides those of every action."""
    gated: bool = False
    """Whether it may wait at a gate."""
    turn: int = MIDDLE
    """Its turn among the actions of one day."""
    leaves: str = ""
    """What its base does, "closes" or "moves", if it leaves its district: every base, if it names none."""
    after_end: bool = False
    """Whether it may be done after the mission's end."""
    once: str = ""
    """How to say that it is done already, if a base or unit can have it done once."""
    nouns: tuple[str, str] = ("", "")
    """How a summary counts one and many of it; empty if it tells them otherwise."""
    verb: str = ""
    """What a schedule does to what it names, in a comparison of two; empty if that is told otherwise."""
    detail: str = ""
    """What follows the name there."""
    told: str
    """How the chronicle tells that it was carried out, without the full stop."""
    mark: tuple[str, str] | None = None
    """Marker of Matplotlib and legend in a timeline, if it is a point of time."""
    make: Callable[[Maker, int, Action], None]
    """Adds its rows to the table that the mission carries out (`sim.timetable`)."""
    late: bool = False
    """Whether its rows are made once those of all others are."""

    def say(self, words: str, action: Action, base: str = "") -> str:
        """Return its words for an action, at the action's base if no other is given."""
        return words.format(base=base or action.base, to=TO[action.recipient], a=action)


def _announce(maker: Maker, i: int, a: Action) -> None:
    maker.row(i, rows.ANNOUNCE, unit=maker.first_unit(a.base))


def _hand_over(maker: Maker, i: int, a: Action) -> None:
    maker.row(i, rows.HAND_OVER, unit=maker.first_unit(a.base), to=RECIPIENTS[a.recipient])


def _reduce(maker: Maker, i: int, a: Action) -> None:
    for unit, strength in maker.shrunk(a).items():
        maker.row(i, rows.REDUCE, unit=unit, strength=strength)


def _convert(maker: Maker, i: int, a: Action) -> None:
    for unit, strength in maker.shrunk(a).items():
        maker.row(i, rows.CONVERT, unit=unit, strength=strength)


def _relocate(maker: Maker, i: int, a: Action) -> None:
    maker.withdraw(i, (a.base,))
    maker.district[a.base] = a.district


def _close(maker: Maker, i: int, a: Action) -> None:
    maker.withdraw(i, (a.base,))


def _leave_team(maker: Maker, i: int, a: Action) -> None:
    b, here = maker.base[a.base], maker.here(a.base)
    team = maker.add(
        f"Civilian team at {a.base}", base=b, district=here, kind=UnitKind.CIVILIAN_TEAM,
        posture=Posture.STATIC, strength=a.to or 0,
    )  # fmt: skip
    maker.teams.append((team, b))
    maker.row(i, rows.LEAVE_TEAM, unit=team)


def _leave_police(maker: Maker, i: int, a: Action) -> None:
    maker.staying |= {u.unit for u in maker.case.units if u.base == a.base and u.kind == "formed-police"}


def _open(maker: Maker, i: int, a: Action) -> None:
    if a.unit in maker.post:
        s, name = maker.post[a.unit]
        maker.row(i, rows.DEPLOY, unit=s, district=maker.place[name])
    elif a.unit not in maker.never:
        u = maker.number[a.unit]
        base = maker.case.units[u].base
        maker.row(i, rows.OPEN, unit=u, base=maker.base[base], district=maker.place[maker.at[base]])


def _end_mission(maker: Maker, i: int, a: Action) -> None:
    maker.withdraw(i, maker.case.bases)
    for team, at in maker.teams:
        maker.row(i, rows.CLOSE, unit=team, base=at, whole=1)
    maker.row(i, rows.END_MISSION, whole=1)


def _start_follow_on(maker: Maker, i: int, a: Action) -> None:
    maker.row(i, rows.FOLLOW_ON, to=FOLLOW_ON.index(a.follow_on))


ACTIONS: Mapping[str, Kind] = {
    "announce": Kind(
        meaning="the mission tells communities around the base that it will close",
        needs=("base",),
        turn=FIRST,
        once="announced",
        nouns=("announcement", "announcements"),
        verb="announces the closure of",
        told="Communities are told that the UN base {base} will close",
        mark=("v", "closure announced"),
        make=_announce,
    ),
    "hand-over": Kind(
        meaning="the alert networks of the base's district get another listener",
        needs=("base", "recipient"),
        gated=True,
        turn=FIRST,
        once="handed over",
        nouns=("hand-over of alert networks", "hand-overs of alert networks"),
        verb="hands over the alert networks of",
        detail=" to {to}",
        told="The alert networks around the UN base {base} are handed over to {to}",
        mark=("D", "alert networks handed over"),
        make=_hand_over,
    ),
    "reduce": Kind(
        meaning="the base keeps `to` troops",
        needs=("base", "to"),
        gated=True,
        verb="reduces",
        told="The UN base {base} is reduced to {a.to} troops",
        make=_reduce,
    ),
    "convert": Kind(
        meaning="the static infantry of the base becomes mobile (protection through projection), with `to` "
        "troops left if given",
        needs=("base",),
        may=("to",),
        gated=True,
        once="converted",
        nouns=("base becomes mobile", "bases become mobile"),
        verb="makes mobile",
        told="The units of the UN base {base} become mobile",
        make=_convert,
    ),
    "relocate": Kind(
        meaning="the base leaves for `district`; its units arrive after the way and some weeks",
        needs=("base", "district"),
        gated=True,
        nouns=("base relocates", "bases relocate"),
        leaves="moves",
        verb="relocates",
        detail=" to {a.district}",
        told="The UN base {base} leaves for {a.district}",
        mark=(">", "base relocates"),
        make=_relocate,
    ),
    "close": Kind(
        meaning="the base closes",
        needs=("base",),
        gated=True,
        turn=CLOSING,
        leaves="closes",
        once="closed",
        told="The UN base {base} closes",
        make=_close,
    ),
    "leave-team": Kind(
        meaning="a civilian team of `to` persons works at the base from then on and stays when it closes",
        needs=("base", "to"),
        turn=FIRST,
        once="given a team",
        nouns=("civilian team stays", "civilian teams stay"),
        verb="leaves a civilian team at",
        told="A civilian team of {a.to} stays at {base}",
        make=_leave_team,
    ),
    "leave-police": Kind(
        meaning="formed police units of the base stay when it closes",
        needs=("base",),
        turn=FIRST,
        once="told to keep its police",
        nouns=("base keeps its police", "bases keep their police"),
        verb="leaves the police at",
        told="The police of the UN base {base} will stay",
        make=_leave_police,
    ),
    "open": Kind(
        meaning="a unit opens that waits for it ('scheduled' in units.csv or state_forces.csv)",
        needs=("unit",),
        gated=True,
        once="opened",
        verb="opens",
        told="{a.unit} opens",
        make=_open,
        late=True,
    ),
    "end-mission": Kind(
        meaning="every base closes, and none opens any more",
        gated=True,
        turn=ENDING,
        leaves="closes",
        verb="ends the mission on",
        told="The mission ends",
        make=_end_mission,
    ),
    "start-follow-on": Kind(
        meaning="a follow-on presence of a kind begins its work, in the place of an earlier one",
        needs=("follow_on",),
        gated=True,
        turn=LAST,
        after_end=True,
        nouns=("a follow-on presence ({a.follow_on})", ""),
        verb="starts a follow-on presence:",
        told="A follow-on presence begins its work ({a.follow_on})",
        make=_start_follow_on,
    ),
}
"""The language of actions: `sim.scenario.schema.Action` checks against it, documents are made from it."""
KEYS = tuple(dict.fromkeys(key for kind in ACTIONS.values() for key in (*kind.needs, *kind.may)))
"""Keys that belong to some actions only."""
CLOSES = tuple(name for name, kind in ACTIONS.items() if kind.leaves == "closes")
"""Actions by which bases close, one or all."""
