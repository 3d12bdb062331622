"""What a scenario's files may contain: one class a file, one field a column or key.

Every field says its meaning and its bounds; loading, error messages and `drawdown check` read them
here and nowhere else. Unknown columns and keys are errors, so that a misspelt one cannot pass
unnoticed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)

from sim import declare
from sim.scenario.actions import ACTIONS, KEYS
from sim.week import DECLARED

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=100_000_000)]
Positive = Annotated[float, Field(gt=0.0, le=1e7, allow_inf_nan=False)]


def plain_name(name: str) -> str:
    """Refuse names that a spreadsheet would run as a formula or that turn what is printed around them."""
    if name[0] in "=+-@":
        raise ValueError(f"{name[:40]!r} begins with {name[0]!r}, which spreadsheets run as a formula")
    if not name.isprintable():
        raise ValueError(f"{name[:40]!r} holds a character that cannot be printed")
    return name


Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(plain_name)]
Certainty = Literal["read", "extract", "computed", "memory", "estimate", "invented"]
"""How sure a row is. read: in the named source. extract: from a named data set. computed: by the
authors from data. memory: remembered, not checked. estimate: the authors' estimate. invented:
stands for nothing, in a case made up to teach."""


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _empty_is_zero(value: object) -> object:
    return 0 if value == "" else value


def _empty_is_false(value: object) -> object:
    return False if value == "" else value


OptionalDate = Annotated[date | None, BeforeValidator(_empty_is_none)]
SCHEDULED = "scheduled"
OpeningDate = Annotated[date | Literal["scheduled"] | None, BeforeValidator(_empty_is_none)]
OptionalCount = Annotated[Count, BeforeValidator(_empty_is_zero)]
Flag = Annotated[bool, BeforeValidator(_empty_is_false)]


def _shares(value: object) -> object:
    """Read 'Name 0.6; Name 0.3' into pairs of a name and a share."""
    if not isinstance(value, str):
        return value
    pairs = []
    for part in filter(None, (p.strip() for p in value.split(";"))):
        name, _, number = part.rpartition(" ")
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if not name or not 0.0 < share <= 1.0:
            raise ValueError(f"{part[:40]!r} must be a name and a share, such as 'Farmers 0.6'")
        pairs.append((name.strip(), share))
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name appears twice")
    if sum(share for _, share in pairs) > 1.0 + 1e-9:
        raise ValueError("the shares add up to more than 1")
    return tuple(pairs)


Shares = Annotated[tuple[tuple[Name, Share], ...], BeforeValidator(_shares)]


class Row(BaseModel):
    """A row of a table, with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    file: ClassVar[str] = ""
    """The file it is a row of."""
    table: ClassVar[str] = ""
    """Where a `Scenario` holds its rows: a field of that name, or else a key of `more`."""
    key: ClassVar[str] = ""
    """The column that names a row, if no two may have the same."""
    places: ClassVar[tuple[str, ...]] = ("district",)
    """Columns that hold the id of a district."""
    optional: ClassVar[bool] = False
    """Whether the file may be missing."""

    source: str = Field("", description="where the facts of the row come from")
    certainty: Certainty = Field("estimate", description="how sure they are")
    note: str = Field("", description="anything a reader should know")

    # Set by the loader; not a column.
    _line: int = 0

    @property
    def line(self) -> int:
        """The line of the file this row starts in, 0 if made in Python."""
        return self._line


def _ordered(low: float, best: float, high: float, what: str) -> None:
    if not low <= best <= high:
        raise ValueError(f"{what} must be ordered low <= best <= high, not {low:g}, {best:g}, {high:g}")


class District(Row):
    """districts.csv: a place, one row."""

    file = "districts.csv"
    table = "districts"
    key = "id"
    places = ()

    id: Name = Field(description="short name used in the other files")
    name: Name = Field(description="name to show")
    province: Name = Field(description="larger unit it belongs to")
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] = Field(
        description="of a middle point"
    )
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] = Field(
        description="of a middle point"
    )
    area_km2: Positive = Field(description="area, km2")
    population_low: Count = Field(description="people at the start, lower bound")
    population: Annotated[Count, Field(gt=0)] = Field(description="people at the start, most likely")
    population_high: Count = Field(description="people at the start, upper bound")
    urban_share: Share = Field(description="share of them in towns, 0-1")
    communities: Annotated[int, Field(ge=1, le=20)] = Field(
        description="communities to represent them, 2-10 usual"
    )
    concealment: Share = Field(description="how well armed actors can hide, 0-1")
    rents: Share = Field(description="mines, trade, cattle to take from, relative, 0-1")
    state_reach: Share = Field(description="share the state administers without sending soldiers, 0-1")
    state_control: Share = Field(description="share it controls at the start, 0-1")
    border: str = Field("", description="country it borders on, empty if none")
    displaced: OptionalCount = Field(0, description="people displaced within it at the start")
    baseline_violence: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        description="index of violence before the start, used to order schedules, not to drive the model"
    )
    crime: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = Field(
        0.0, description="people killed by criminals, per 100,000 a year, as policed at the start"
    )
    identities: Shares = Field(
        (), description="who lives there, as 'Name 0.6; Name 0.3'; empty where it does not matter"
    )
    tension: Share = Field(0.0, description="tension between those communities at the start, 0-1")

    @model_validator(mode="after")
    def _check(self) -> District:
        _ordered(self.population_low, self.population, self.population_high, "population")
        if self.displaced > self.population_low:
            raise ValueError(f"displaced ({self.displaced}) exceeds population_low ({self.population_low})")
        return self


class Route(Row):
    """routes.csv: a way between two districts, usable in both directions."""

    file = "routes.csv"
    table = "routes"
    places = ("origin", "destination")

    origin: Name = Field(description="id of a district")
    destination: Name = Field(description="id of another")
    hours_dry: Positive = Field(description="travel time in the dry season, hours, between their centres")
    hours_wet: Positive = Field(description="in the wet season, hours")
    mode: Literal["road", "track", "water", "air"] = Field("road", description="how one travels")

    @model_validator(mode="after")
    def _check(self) -> Route:
        if self.hours_wet < self.hours_dry:
            raise ValueError(
                f"hours_wet ({self.hours_wet:g}) is less than hours_dry ({self.hours_dry:g}); "
                "the wet season is never faster"
            )
        if self.hours_wet > 1000:
            raise ValueError(f"hours_wet ({self.hours_wet:g}) is more than 1000 hours")
        return self


class Unit(Row):
    """units.csv: a unit of peacekeepers at a base."""

    file = "units.csv"
    table = "units"
    key = "unit"

    unit: Name = Field(description="name of the unit, unique")
    base: Name = Field(description="name of its base; several units may share one")
    district: Name = Field(description="id of the district the base is in")
    kind: Literal["infantry", "formed-police", "observers", "civilian-team"] = Field(
        "infantry",
        description="infantry, a formed police unit, unarmed military observers, or a civilian team with "
        "liaison assistants",
    )
    posture: Literal["static", "mobile"] = Field(description="static company, or mobile company / QRF")
    strength: Annotated[Count, Field(gt=0, le=50_000)] = Field(description="troops, police or staff")
    readiness: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = Field(
        1.0, description="readiness to act on alerts, relative to the average unit"
    )
    opens: OpeningDate = Field(
        None, description="first day; empty if there from the start; 'scheduled' if a schedule must open it"
    )
    until: OptionalDate = Field(
        None, description="last day under every schedule (moved on or temporary), empty if none"
    )
    women: Share = Field(0.0, description="share of its patrols that women take part in, 0-1")
    offensive: Share = Field(
        0.0, description="mandate and will to attack armed groups, 0-1; 0 for most units (robust action)"
    )

    @model_validator(mode="after")
    def _check(self) -> Unit:
        if isinstance(self.opens, date) and self.until and self.until <= self.opens:
            raise ValueError(f"until ({self.until}) is not after opens ({self.opens})")
        return self


class ArmedGroupRow(Row):
    """armed_groups.csv: an armed group, or a detachment of one."""

    file = "armed_groups.csv"
    table = "armed_groups"
    key = "group"

    group: Name = Field(description="name, unique")
    faction: Name = Field(description="name shared by detachments that belong together")
    kind: Literal["rebel", "militia", "foreign", "communal", "gang", "pro-government"] = Field(
        description="what it is; state forces do not fight those that are pro-government"
    )
    district: Name = Field(description="id of the district it is based in")
    fighters_low: Count = Field(description="strength at the start, lower bound")
    fighters: Count = Field(description="most likely")
    fighters_high: Count = Field(description="upper bound")
    aim_rule: Share = Field(description="how much it wants to govern, 0-1")
    aim_rent: Share = Field(description="how much it wants income, 0-1")
    abusiveness: Share = Field(description="how readily it turns on civilians, 0-1")
    rootedness: Share = Field(description="how tied it is to home ground, 0-1")
    outside_supply: Share = Field(0.0, description="share of its initial strength kept from outside, 0-1")
    control: Share = Field(description="share of its district it controls at the start, 0-1")
    identity: Annotated[str, Field(max_length=120)] = Field(
        "", description="the people it says it fights for (see identities in districts.csv), empty if none"
    )
    enters: OptionalDate = Field(
        None, description="day on which it appears, e.g. from abroad; empty if there from the start"
    )

    @model_validator(mode="after")
    def _check(self) -> ArmedGroupRow:
        _ordered(self.fighters_low, self.fighters, self.fighters_high, "fighters")
        return self


class StateForceRow(Row):
    """state_forces.csv: an army or police unit, or a special force to protect civilians."""

    file = "state_forces.csv"
    table = "state_forces"
    key = "unit"

    unit: Name = Field(description="name, unique")
    force: Literal["army", "police", "gendarmerie", "protection"] = Field(
        description="army, police, gendarmerie (both), or a special force for the protection of civilians"
    )
    district: Name = Field(description="id of the district it is posted in")
    personnel_low: Count = Field(description="strength at the start, lower bound")
    personnel: Count = Field(description="most likely")
    personnel_high: Count = Field(description="upper bound")
    capability: Share = Field(description="training and equipment, 0-1")
    will: Share = Field(description="readiness to protect civilians there, 0-1")
    discipline: Share = Field(description="how well superiors control it, 0-1")
    arrears_weeks: Annotated[float, Field(ge=0, le=520, allow_inf_nan=False)] = Field(
        0.0, description="weeks since it was last paid, at the start"
    )
    opens: OpeningDate = Field(
        None,
        description="first day; empty if there from the start; 'scheduled' if a schedule must deploy it",
    )

    @model_validator(mode="after")
    def _check(self) -> StateForceRow:
        _ordered(self.personnel_low, self.personnel, self.personnel_high, "personnel")
        return self


class HumanitarianRow(Row):
    """humanitarian.csv: relief agencies or protection monitors in a district, one row a kind."""

    file = "humanitarian.csv"
    table = "humanitarians"
    key = "actor"

    actor: Name = Field(description="name, unique")
    kind: Literal["relief", "monitor", "unarmed-protection"] = Field(
        description="relief agencies, protection monitors, or unarmed civilian protection teams"
    )
    district: Name = Field(description="id of the district")
    staff: Count = Field(description="staff")
    acceptance: Share = Field(description="how far it is let work, at the start, 0-1")


class Site(Row):
    """sites.csv: a camp or protection site in which displaced people live (the file may be missing)."""

    file = "sites.csv"
    table = "sites"
    key = "site"
    optional = True

    site: Name = Field(description="name, unique")
    district: Name = Field(description="id of the district")
    kind: Literal["camp", "protection-site"] = Field(
        description="camp, or a site at a UN base (PoC site) that peacekeepers guard at its perimeter"
    )
    base: Annotated[str, Field(max_length=120)] = Field(
        "", description="UN base that guards it, empty if none"
    )
    capacity: Count = Field(description="people it can take")
    displaced: OptionalCount = Field(
        0, description="people in it at the start; they are among the displaced of districts.csv"
    )
    guards: OptionalCount = Field(0, description="peacekeepers of that base tied down by guarding it")


class TraderRow(Row):
    """traders.csv: traders in a district, one row a guild (the file may be missing)."""

    file = "traders.csv"
    table = "traders"
    key = "guild"
    optional = True

    guild: Name = Field(description="name, unique")
    district: Name = Field(description="id of the district")
    carts: Count = Field(description="carts")


class RecordRow(Row):
    """record.csv: what a source says of the case, to hold its tables against (the file may be missing).

    It does not drive the model: `drawdown check` compares, nothing else reads it.
    """

    kind: Literal["population", "mission-total", "closure"] = Field(
        description="people of a district (or of a unit that is part of it), troops of the mission in the "
        "case, or the closure of a base"
    )
    name: Name = Field(description="id of the district, name of the mission, or name of the base")
    code: Annotated[str, Field(max_length=120)] = Field(
        "", description="code of the administrative unit, such as a pcode (population)"
    )
    date: OptionalDate = Field(None, description="day that it holds for, or on which the base closed")
    earliest: OptionalDate = Field(None, description="earliest day it may have been (closure)")
    latest: OptionalDate = Field(None, description="latest day it may have been (closure)")
    value: Annotated[
        Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None, BeforeValidator(_empty_is_none)
    ] = Field(None, description="people or troops, empty if the source does not say")

    @model_validator(mode="after")
    def _check(self) -> RecordRow:
        if self.kind == "mission-total" and (self.date is None or self.value is None):
            raise ValueError("a mission-total needs a date and a value")
        if self.kind == "closure":
            if self.date is None:
                raise ValueError("a closure needs a date")
            if (self.earliest or self.date) > self.date or (self.latest or self.date) < self.date:
                raise ValueError(f"{self.date} must lie between earliest and latest")
        return self


TABLES: Mapping[str, type[Row]] = {row.file: row for row in Row.__subclasses__() if row.file}
"""The tables of a case, by file."""
OWN = ("districts", "routes", "units", "armed_groups", "state_forces", "humanitarians", "sites")
"""Tables that are fields of a `Scenario`."""
FURTHER = tuple(row.table for row in TABLES.values() if row.table not in OWN)
"""Tables of further agent types, which it keeps by name."""


class Strict(BaseModel):
    """A table of a TOML file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class People(Strict):
    """[people] of scenario.toml: what is assumed of communities at the start."""

    trust_un: Share = Field(0.5, description="trust that telling the mission helps")
    trust_state: Share = Field(0.4, description="trust that telling state forces helps")
    organisation: Share = Field(0.5, description="how well communities act together")
    fear: Share = Field(0.1, description="fear at the start")
    grievance: Share = Field(0.3, description="anger at the state at the start")
    alert_network_share: Share = Field(
        0.5, description="share of communities in districts with a UN base that belong to an alert network"
    )
    local_speed_kmh: Positive = Field(12.0, description="travel speed within districts, km/h")
    absent_weeks: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = Field(
        52.0, description="weeks that the displaced have been away at the start, on average"
    )
    youth: Share = Field(0.5, description="how far young people are left out of work and politics")
    ex_combatants: OptionalCount = Field(
        0, description="former fighters who live among the communities at the start, in all"
    )


class Host(Strict):
    """[host] of scenario.toml: the government's stance towards the mission."""

    consent: Share = Field(1.0, description="how far it lets the mission move and act, at the start")
    alignment: Share = Field(
        0.0, description="how far the mission has tied itself to the government, which weakens its oversight"
    )
    blocks_monitoring: Share = Field(
        0.0, description="how far it keeps human-rights monitors out once the mission has left"
    )
    elections: list[date] = Field(default_factory=list, max_length=20, description="days of national votes")
    media_freedom: Share = Field(0.5, description="how freely media report and counter hate speech")


class Programme(Strict):
    """[ddr] of scenario.toml: disarmament, demobilisation and reintegration."""

    start: OptionalDate = Field(None, description="first day of the programme, empty if there is none")
    end: OptionalDate = Field(None, description="last day, empty if it runs on")
    places: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="former fighters who can be in the programme at a time"
    )
    after_exit: Share = Field(
        0.5, description="share of the places that are still paid for once the mission has ended"
    )


class Money(Strict):
    """[money] of scenario.toml: what donors pay for, before and after the mission's end."""

    aid_after_exit: Share = Field(
        0.7, description="share of relief funding left in the end, once it has gone"
    )
    state_after_exit: Share = Field(
        0.8, description="share left of the support that pays and trains state forces"
    )
    years_to_fall: Positive = Field(2.0, description="time over which funding falls by a factor e, years")


def _forms(rule: declare.Rule) -> tuple[object, object]:
    """Return type and default of the key that names the form of a rule."""
    usual, *rivals = rule.forms
    meaning = f"{rule.meaning}: {rule.forms[usual]}; or " + "; or ".join(
        f"{form}: {rule.forms[form]}" for form in rivals
    )
    return Literal[tuple(rule.forms)], Field(usual, description=meaning)


_Rules: Any = create_model(
    "_Rules", __base__=Strict, **{name: _forms(rule) for name, rule in DECLARED.rules.items()}
)  # type: ignore[call-overload]


class Rules(_Rules):  # type: ignore[misc]
    """[rules] of scenario.toml: which of two rival rule forms is used, for each rule that has them."""


class Header(Strict):
    """scenario.toml: what the case is, when it runs, and where it departs from the defaults."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)] = Field(
        description="short name: lower case, digits, hyphens"
    )
    title: Name = Field(description="title to show")
    start: date = Field(description="first day of the run")
    end: date = Field(description="last day of the run")
    wet_months: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(max_length=12)] = Field(
        description="months of the wet season, 1-12"
    )
    about: str = Field("", description="what the case is, in a few sentences")
    people: People = Field(default_factory=People, description="communities at the start")
    host: Host = Field(default_factory=Host, description="the government's stance")
    ddr: Programme = Field(default_factory=Programme, description="programme for former fighters")
    money: Money = Field(default_factory=Money, description="what donors pay for")
    rules: Rules = Field(default_factory=Rules, description="rival rule forms")
    without: list[str] = Field(
        default_factory=list, description="mechanisms that are switched off, see `drawdown mechanisms`"
    )
    parameters: dict[str, float] = Field(
        default_factory=dict, description="parameters that differ from the default"
    )

    @model_validator(mode="after")
    def _check(self) -> Header:
        weeks = (self.end - self.start).days // 7
        if weeks < 1:
            raise ValueError(f"end ({self.end}) must be at least a week after start ({self.start})")
        if weeks > 1500:
            raise ValueError(
                f"start {self.start} to end {self.end} is {weeks} weeks; the longest run is 1500"
            )
        return self


class Action(Strict):
    """One [[actions]] entry of a schedule."""

    do: Literal[tuple(ACTIONS)] = Field(description="what is done, see below")  # type: ignore[valid-type]
    on: date = Field(description="day on which it takes effect")
    base: str = Field("", description="name of the base")
    unit: str = Field("", description="name of the unit (open)")
    to: Annotated[int, Field(ge=0, le=50_000)] | None = Field(
        None, description="troops left (reduce, convert), or persons of the team (leave-team)"
    )
    district: str = Field("", description="id of the district it moves to (relocate)")
    recipient: Literal["", "state", "civil-society"] = Field(
        "", description="who listens to the alert networks from then on (hand-over): state or civil-society"
    )
    follow_on: Literal["", "country-team", "political", "police", "regional"] = Field(
        "", description="kind of follow-on presence: country-team, political, police or regional"
    )
    gate: str = Field("", description="name of a gate at which it waits (see [[gates]])")
    announced: date | None = Field(None, description="day on which communities were told and prepared")
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
            raise ValueError(f"{self.do!r} needs {key!r}")
        for key in sorted(given - allowed):
            raise ValueError(f"{key!r} does not belong to {self.do!r}; leave it out")
        if self.do == "leave-team" and self.to == 0:
            raise ValueError("'to' must be the persons of the team, at least 1")
        if self.announced and self.announced > self.on:
            raise ValueError(f"announced ({self.announced}) is after the action itself ({self.on})")
        if self.announced and self.do == "announce":
            raise ValueError("'announced' does not belong to 'announce'; it is the announcement itself")
        return self


Level = Annotated[float, Field(ge=0.0, le=1e6, allow_inf_nan=False)]
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


def _one_level(at_most: float | None, at_least: float | None) -> None:
    if (at_most is None) == (at_least is None):
        raise ValueError("needs one of 'at_most' and 'at_least'")


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
    weeks: Annotated[int, Field(ge=1, le=104)] = Field(
        1, description="weeks over which a contextual benchmark is averaged"
    )
    where: Literal["district", "mission-area"] = Field(
        "district", description="the district of the action's base or unit, or the whole area"
    )
    longest_delay: Annotated[int, Field(ge=0, le=1040)] = Field(
        description="weeks that an action waits at most"
    )
    then: Literal["close", "stay"] = Field(
        "close", description="what happens after that: the action all the same (close), or never (stay)"
    )
    source: str = Field("", description="where it comes from")
    note: str = Field("", description="anything a reader should know")

    @model_validator(mode="after")
    def _check(self) -> Gate:
        _one_level(self.at_most, self.at_least)
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
    weeks: Annotated[int, Field(ge=1, le=104)] = Field(4, description="weeks over which it is averaged")
    where: Literal["closed", "any"] = Field(
        "closed", description="districts that are watched: those of closed bases, or any"
    )
    do: Literal["pause", "reopen", "reinforce"] = Field(
        description="pause: later closures wait `for_weeks`; reopen: the base closed last there reopens with "
        "its units; reinforce: a mobile reserve of `troops` goes there for `for_weeks`"
    )
    for_weeks: Annotated[int, Field(ge=1, le=1040)] | None = Field(
        None, description="weeks that a pause or a reinforcement lasts"
    )
    delay: Annotated[int, Field(ge=0, le=104)] = Field(
        4, description="weeks until the base reopens or the reserve arrives"
    )
    troops: Annotated[int, Field(ge=1, le=50_000)] | None = Field(None, description="troops of the reserve")
    most: Annotated[int, Field(ge=1, le=100)] = Field(1, description="how often it can happen in a run")
    source: str = Field("", description="where it comes from")
    note: str = Field("", description="anything a reader should know")

    @model_validator(mode="after")
    def _check(self) -> Trigger:
        _one_level(self.at_most, self.at_least)
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

    mean_weeks: Annotated[float, Field(gt=0.0, le=104.0, allow_inf_nan=False)] = Field(
        description="mean time by which a closure comes later than planned, weeks (exponential)"
    )


class Acceleration(Strict):
    """[acceleration]: the host demands that the mission leave."""

    chance: Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)] = Field(
        description="chance in a year that the host demands it"
    )
    weeks: Annotated[int, Field(ge=0, le=520)] = Field(
        description="weeks after the demand within which all that is still to come is carried out"
    )


class Schedule(Strict):
    """A drawdown schedule (schedules/NAME.toml)."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)] = Field(
        description="short name: lower case, digits, hyphens"
    )
    title: Name = Field(description="title to show")
    about: str = Field("", description="what it is and where it comes from")
    actions: tuple[Action, ...] = Field((), description="what is done, in any order")
    gates: Annotated[tuple[Gate, ...], Field(max_length=100)] = Field(
        (), description="benchmarks at which actions wait"
    )
    triggers: Annotated[tuple[Trigger, ...], Field(max_length=100)] = Field(
        (), description="what the mission does when something happens"
    )
    slippage: Slippage | None = Field(None, description="closures come late")
    acceleration: Acceleration | None = Field(None, description="the host demands exit")

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


NO_DRAWDOWN = Schedule(
    name="none",
    title="No drawdown",
    about="The counterfactual: every base that opens stays open, at its strength.",
)
