"""What a drawdown schedule may contain: its actions, gates and triggers, and what makes it uncertain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim import markup
from sim.scenario.actions import ACTIONS, KEYS
from sim.scenario.fields import (
    Certainty,
    Day,
    FileName,
    Name,
    Number,
    OptionalDate,
    Strict,
    Text,
    Whole,
)


class Action(Strict):
    """One [[actions]] entry of a schedule."""

    do: Literal[tuple(ACTIONS)] = Field(description="what is done, see below")  # type: ignore[valid-type]
    on: Day = Field(description="day on which it takes effect")
    base: Text = Field("", description="name of the base")
    unit: Text = Field("", description="name of the unit (open)")
    to: Annotated[Whole, Field(ge=0, le=50_000)] | None = Field(
        None, description="troops left (reduce, convert), or persons of the team (leave-team)"
    )
    district: Text = Field("", description="id of the district it moves to (relocate)")
    recipient: Literal["", "state", "civil-society"] = Field(
        "", description="who listens to the alert networks from then on (hand-over): state or civil-society"
    )
    follow_on: Literal["", "country-team", "political", "police", "regional"] = Field(
        "", description="kind of follow-on presence: country-team, political, police or regional"
    )
    gate: Text = Field("", description="name of a gate at which it waits (see [[gates]])")
    announced: OptionalDate = Field(None, description="day on which communities were told and prepared")
    source: str = Field("", description="where the fact comes from")
    certainty: Certainty = Field("estimate", description="how sure it is")
    note: str = Field("", description="anything a reader should know")

    @model_validator(mode="after")
    def _check(self) -> Action:
        kind = ACTIONS[self.do]
        given = {k for k in (*KEYS, "gate") if getattr(self, k) not in ("", None)}
        wanted = set(kind.needs)
        allowed = wanted | set(kind.may) | ({"gate"} if kind.gated else set())
        for key in sorted(wanted - given):
            raise ValueError(f"{self.do!r} needs {key!r}; add it")
        for key in sorted(given - allowed):
            raise ValueError(f"{key!r} does not belong to {self.do!r}; leave it out")
        if self.do == "leave-team" and self.to == 0:
            raise ValueError("'to' must be the persons of the team, at least 1")
        if self.announced and self.announced > self.on:
            raise ValueError(f"announced ({self.announced}) is after the action itself ({self.on})")
        if self.announced and self.do == "announce":
            raise ValueError("'announced' does not belong to 'announce'; it is the announcement itself")
        return self

    def __repr__(self) -> str:
        """Say what is done when, e.g. "<Action close 'Alpha post' on 2031-08-18>"."""
        what = " ".join([self.do, *(repr(v) for _, v in self._named())])
        return f"<Action {what} on {self.on}>"

    def _named(self) -> list[tuple[str, object]]:
        """Return the keys that belong to this kind of action alone and are given, with their values."""
        given = ((key, getattr(self, key)) for key in (*KEYS, "gate"))
        return [(key, value) for key, value in given if value not in ("", None)]


Level = Annotated[Number, Field(ge=0.0, le=1e6)]
CORE = ("alert-networks-handed-over", "state-capability", "notice-given")
"""Benchmarks that the mission's own work can move."""
CONTEXTUAL = ("recorded-violence", "state-presence", "armed-groups")
"""Benchmarks that it cannot."""
BENCHMARKS: Mapping[str, str] = {
    "alert-networks-handed-over": "share of the alert networks that have another listener than the mission",
    "state-capability": "capability of the state forces posted there as the mission assesses it, 0-1",
    "notice-given": "weeks since communities around the action's base were told",
    "recorded-violence": "civilians killed a week, as recorded, whoever killed them",
    "state-presence": "how visible state patrols are, as the mission assesses it, 0-1",
    "armed-groups": "fighters of armed groups, as far as the mission sees them",
}
"""What gates and triggers can look at: what the mission knows, not what is true."""


SHARES = ("alert-networks-handed-over", "state-capability", "state-presence")
"""Benchmarks that lie between 0 and 1."""


def _one_level(benchmark: str, at_most: float | None, at_least: float | None) -> None:
    if (at_most is None) == (at_least is None):
        raise ValueError("needs one of 'at_most' and 'at_least'")
    level = at_least if at_most is None else at_most
    if benchmark in SHARES and level is not None and level > 1.0:
        raise ValueError(
            f"{benchmark!r} lies between 0 and 1, and the level is {level:g}; write 0.5 for 50 %"
        )


class Gate(Strict):
    """One [[gates]] entry: a benchmark that must be met before the actions that name it."""

    name: Name = Field(description="name by which actions refer to it")
    benchmark: Literal[
        "alert-networks-handed-over",
        "state-capability",
        "notice-given",
        "recorded-violence",
        "state-presence",
        "armed-groups",
    ] = Field(description="what is looked at, see below")
    at_most: Level | None = Field(None, description="met if the value is at most this")
    at_least: Level | None = Field(None, description="met if the value is at least this")
    weeks: Annotated[Whole, Field(ge=1, le=104)] = Field(
        1, description="weeks over which a contextual benchmark is averaged"
    )
    where: Literal["district", "mission-area"] = Field(
        "district", description="the district of the action's base or unit, or the whole area"
    )
    longest_delay: Annotated[Whole, Field(ge=0, le=1040)] = Field(
        description="weeks that an action waits at most"
    )
    then: Literal["close", "stay"] = Field(
        "close", description="what happens after that: the action all the same (close), or never (stay)"
    )
    source: str = Field("", description="where it comes from")
    note: str = Field("", description="anything a reader should know")

    @model_validator(mode="after")
    def _check(self) -> Gate:
        _one_level(self.benchmark, self.at_most, self.at_least)
        if self.benchmark in CORE and self.weeks != 1:
            raise ValueError(
                f"'weeks' averages contextual benchmarks; {self.benchmark!r} is taken as it stands"
            )
        if self.benchmark == "notice-given" and (self.where != "district" or self.at_least is None):
            raise ValueError("'notice-given' is of one base: use where = 'district' and 'at_least'")
        return self


class Trigger(Strict):
    """One [[triggers]] entry: what the mission does when something it knows passes a level."""

    when: Literal["recorded-violence", "state-presence", "armed-groups"] = Field(
        description="what is looked at, a contextual benchmark"
    )
    at_most: Level | None = Field(None, description="fires if the value is at most this")
    at_least: Level | None = Field(None, description="fires if the value is at least this")
    weeks: Annotated[Whole, Field(ge=1, le=104)] = Field(4, description="weeks over which it is averaged")
    where: Literal["closed", "any"] = Field(
        "closed", description="districts that are watched: those of closed bases, or any"
    )
    do: Literal["pause", "reopen", "reinforce"] = Field(
        description="pause: later closures wait `for_weeks`; reopen: the base closed last there reopens with "
        "its units; reinforce: a mobile reserve of `troops` goes there for `for_weeks`"
    )
    for_weeks: Annotated[Whole, Field(ge=1, le=1040)] | None = Field(
        None, description="weeks that a pause or a reinforcement lasts"
    )
    delay: Annotated[Whole, Field(ge=0, le=104)] = Field(
        4, description="weeks until the base reopens or the reserve arrives"
    )
    troops: Annotated[Whole, Field(ge=1, le=50_000)] | None = Field(None, description="troops of the reserve")
    most: Annotated[Whole, Field(ge=1, le=100)] = Field(1, description="how often it can happen in a run")
    source: str = Field("", description="where it comes from")
    note: str = Field("", description="anything a reader should know")

    @model_validator(mode="after")
    def _check(self) -> Trigger:
        _one_level(self.when, self.at_most, self.at_least)
        wanted = {"pause": {"for_weeks"}, "reopen": set(), "reinforce": {"for_weeks", "troops"}}[self.do]
        given = {k for k in ("for_weeks", "troops") if getattr(self, k) is not None}
        for key in sorted(wanted - given):
            raise ValueError(f"{self.do!r} needs {key!r}")
        for key in sorted(given - wanted):
            raise ValueError(f"{key!r} does not belong to {self.do!r}; leave it out")
        if self.do == "reopen" and self.where == "any":
            raise ValueError("'reopen' needs where = 'closed': only a closed base can reopen")
        return self


class Slippage(Strict):
    """[slippage]: closures come late."""

    mean_weeks: Annotated[Number, Field(gt=0.0, le=104.0)] = Field(
        description="mean time by which a closure comes later than planned, weeks (exponential)"
    )


class Acceleration(Strict):
    """[acceleration]: the host demands that the mission leave."""

    chance: Annotated[Number, Field(gt=0.0, le=1.0)] = Field(
        description="chance in a year that the host demands it"
    )
    weeks: Annotated[Whole, Field(ge=0, le=520)] = Field(
        description="weeks after the demand within which all that is still to come is carried out"
    )


class _Index:
    """Actions by what they name."""

    def __init__(self, actions: tuple[Action, ...]) -> None:
        self.actions = actions
        self.at: dict[str, list[Action]] = {}
        self.opens: dict[str, date] = {}
        for action in actions:
            if action.base:
                self.at.setdefault(action.base, []).append(action)
            if action.do == "open":
                self.opens.setdefault(action.unit, action.on)


class Schedule(Strict):
    """A drawdown schedule (schedules/NAME.toml)."""

    name: FileName = Field(description="short name: lower case, digits, hyphens")
    title: Name = Field(description="title to show")
    about: str = Field("", description="what it is and where it comes from")
    actions: Annotated[tuple[Action, ...], Field(max_length=20_000, strict=False)] = Field(
        (), description="what is done, in any order"
    )
    gates: Annotated[tuple[Gate, ...], Field(max_length=100, strict=False)] = Field(
        (), description="benchmarks at which actions wait"
    )
    triggers: Annotated[tuple[Trigger, ...], Field(max_length=100, strict=False)] = Field(
        (), description="what the mission does when something happens"
    )
    slippage: Slippage | None = Field(None, description="closures come late")
    acceleration: Acceleration | None = Field(None, description="the host demands exit")

    def actions_at(self, base: str) -> Sequence[Action]:
        """Return the actions on a base, in the order of the file."""
        return self._index().at.get(base, ())

    @property
    def openings(self) -> Mapping[str, date]:
        """The day on which each unit opens that the schedule opens."""
        return self._index().opens

    def _index(self) -> _Index:
        """Return the actions by what they name, found once; a copy with other actions has its own."""
        kept: _Index | None = self.__dict__.get("_kept")
        if kept is None or kept.actions is not self.actions:
            kept = self.__dict__["_kept"] = _Index(self.actions)
        return kept

    @property
    def ordered(self) -> list[int]:
        """The actions' numbers in the order of time; on one day, what stays is settled before what leaves."""

        def place(i: int) -> tuple[date, int, int]:
            action = self.actions[i]
            return action.on, ACTIONS[action.do].turn, i

        return sorted(range(len(self.actions)), key=place)

    @property
    def conditional(self) -> bool:
        """Whether chance or what happens in a run can move its actions."""
        return bool(self.gates or self.triggers or self.slippage or self.acceleration)

    def as_planned(self) -> Schedule:
        """Return the same actions on their days, whatever happens."""
        actions = tuple(a.model_copy(update={"gate": ""}) for a in self.actions)
        none = {"gates": (), "triggers": (), "slippage": None, "acceleration": None}
        return self.model_copy(update={"actions": actions, **none})

    def __repr__(self) -> str:
        """Say what it is."""
        days = [a.on for a in self.actions]
        when = f", {min(days)} to {max(days)}" if days else ""
        count = f"{len(days)} action{'s' * (len(days) != 1)}"
        return f"<Schedule {self.name!r}: {count}{when}; {self.title}>"

    def _repr_html_(self) -> str:
        rows = (
            (a.on, a.do, ", ".join(str(v) for _, v in a._named()), a.announced, a.source)
            for a in (self.actions[i] for i in self.ordered)
        )
        head = ("on", "what", "of, to", "announced", "source")
        return markup.table(f"{self.title} ({self.name})", head, rows)


NO_DRAWDOWN = Schedule(
    name="none",
    title="No drawdown",
    about="The counterfactual: the force of the last day before the first closure stays, at its strength.",
)
REINFORCED = Schedule(
    name="none-with-reinforcements",
    title="No drawdown, later reinforcements",
    about="Every base stays open at its strength, and what opens after the first closure opens, too.",
)
