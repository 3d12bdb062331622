"""What the tables of a scenario may contain: one class a file, one field a column.

Every field says its meaning and its bounds; loading, error messages and `drawdown check` read them
here and nowhere else. Bounds keep out what no country has, not what is unlikely.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.scenario.fields import (
    Count,
    Name,
    Number,
    OpeningDate,
    OptionalCount,
    OptionalDate,
    Row,
    Share,
    Shares,
    Text,
    Whole,
    empty_is_none,
)

Hours = Annotated[Number, Field(ge=0.01, le=1000)]
Fighters = Annotated[Whole, Field(ge=0, le=500_000)]
Personnel = Annotated[Whole, Field(ge=0, le=3_000_000)]
Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]
OptionalLatitude = Annotated[Latitude | None, BeforeValidator(empty_is_none)]
OptionalLongitude = Annotated[Longitude | None, BeforeValidator(empty_is_none)]
OptionalPlaces = Annotated[Annotated[Whole, Field(ge=1, le=20)] | None, BeforeValidator(empty_is_none)]
DENSEST = 500_000.0
"""People a km2: several times those of the densest districts of cities."""


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
    latitude: Latitude = Field(description="of a middle point")
    longitude: Longitude = Field(description="of a middle point")
    area_km2: Annotated[Number, Field(ge=0.1, le=4_000_000)] = Field(description="area, km2")
    population_low: Count = Field(description="people at the start, lower bound")
    population: Annotated[Count, Field(gt=0)] = Field(description="people at the start, most likely")
    population_high: Count = Field(description="people at the start, upper bound")
    urban_share: Share = Field(description="share of them in towns, 0-1")
    communities: OptionalPlaces = Field(
        None,
        description="places to represent them, 1-20; empty: one for every `people_a_place` people, at least "
        "two",
    )
    concealment: Share = Field(description="how well armed actors can hide, 0-1")
    rents: Share = Field(description="mines, trade, cattle to take from, relative, 0-1")
    state_reach: Share = Field(description="share the state administers without sending soldiers, 0-1")
    state_control: Share = Field(description="share it controls at the start, 0-1")
    border: Text = Field("", description="country it borders on, empty if none")
    displaced: OptionalCount = Field(0, description="people displaced within it at the start")
    baseline_violence: Annotated[Number, Field(ge=0, le=1e6)] = Field(
        description="index of violence before the start, used to order schedules, not to drive the model"
    )
    crime: Annotated[Number, Field(ge=0, le=1000)] = Field(
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
            raise ValueError(
                f"displaced ({self.displaced}) exceeds population_low ({self.population_low}); the displaced "
                "are among the population"
            )
        if self.population_high / self.area_km2 > DENSEST:
            raise ValueError(
                f"population_high ({self.population_high}) on area_km2 ({self.area_km2:g}) is denser than "
                f"any city ({DENSEST:,.0f} people a km2); is the area in km2?"
            )
        return self


class PlaceRow(Row):
    """places.csv: a settlement and its surroundings within a district (the file may be missing).

    Districts without a row have places laid out by a rule, see `sim.scenario.layout`.
    """

    file = "places.csv"
    table = "places"
    key = "name"
    optional = True

    name: Name = Field(description="name, unique")
    district: Name = Field(description="id of the district it is in")
    latitude: Latitude = Field(description="of its main settlement")
    longitude: Longitude = Field(description="of its main settlement")
    people_low: Count = Field(description="people at the start, lower bound")
    people: Annotated[Count, Field(gt=0)] = Field(
        description="most likely; the people of districts.csv are divided in proportion to it"
    )
    people_high: Count = Field(description="upper bound")
    urban: Annotated[Whole, Field(ge=0, le=1)] = Field(0, description="1 for a town, 0 for villages")

    @model_validator(mode="after")
    def _check(self) -> PlaceRow:
        _ordered(self.people_low, self.people, self.people_high, "people")
        return self


class Route(Row):
    """routes.csv: a way between two districts, usable in both directions."""

    file = "routes.csv"
    table = "routes"
    places = ("origin", "destination")

    origin: Name = Field(description="id of a district")
    destination: Name = Field(description="id of another")
    hours_dry: Hours = Field(description="travel time in the dry season, hours, between their centres")
    hours_wet: Hours = Field(description="in the wet season, hours")
    mode: Literal["road", "track", "water", "air"] = Field("road", description="how one travels")

    @model_validator(mode="after")
    def _check(self) -> Route:
        if self.hours_wet < self.hours_dry:
            raise ValueError(
                f"hours_wet ({self.hours_wet:g}) is less than hours_dry ({self.hours_dry:g}); "
                "the wet season is never faster"
            )
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
    readiness: Annotated[Number, Field(ge=0, le=2)] = Field(
        1.0, description="readiness to act on alerts, relative to the average unit"
    )
    opens: OpeningDate = Field(
        None, description="first day; empty if there from the start; 'scheduled' if a schedule must open it"
    )
    until: OptionalDate = Field(
        None, description="last day under every schedule (moved on or temporary), empty if none"
    )
    latitude: OptionalLatitude = Field(
        None, description="of its base, empty if unknown; the units of a base agree"
    )
    longitude: OptionalLongitude = Field(None, description="of its base, empty if unknown")
    women: Share = Field(0.0, description="share of its patrols that women take part in, 0-1")
    offensive: Share = Field(
        0.0, description="mandate and will to attack armed groups, 0-1; 0 for most units (robust action)"
    )

    @model_validator(mode="after")
    def _check(self) -> Unit:
        if isinstance(self.opens, date) and self.until and self.until <= self.opens:
            raise ValueError(
                f"until ({self.until}) is not after opens ({self.opens}); swap them or correct one"
            )
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise ValueError(f"{missing} is empty and the other is not; give both or neither")
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
    fighters_low: Fighters = Field(description="strength at the start, lower bound")
    fighters: Fighters = Field(description="most likely")
    fighters_high: Fighters = Field(description="upper bound")
    aim_rule: Share = Field(description="how much it wants to govern, 0-1")
    aim_rent: Share = Field(description="how much it wants income, 0-1")
    abusiveness: Share = Field(description="how readily it turns on civilians, 0-1")
    rootedness: Share = Field(description="how tied it is to home ground, 0-1")
    outside_supply: Share = Field(0.0, description="share of its initial strength kept from outside, 0-1")
    control: Share = Field(description="share of its district it controls at the start, 0-1")
    undeterred: Share = Field(
        0.0, description="how little the chance of being met keeps it from attacking, 0-1"
    )
    identity: Text = Field(
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
    personnel_low: Personnel = Field(description="strength at the start, lower bound")
    personnel: Personnel = Field(description="most likely")
    personnel_high: Personnel = Field(description="upper bound")
    capability: Share = Field(description="training and equipment, 0-1")
    will: Share = Field(description="readiness to protect civilians there, 0-1")
    discipline: Share = Field(description="how well superiors control it, 0-1")
    arrears_weeks: Annotated[Number, Field(ge=0, le=520)] = Field(
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
    staff: Annotated[Whole, Field(ge=0, le=100_000)] = Field(description="staff")
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
    base: Text = Field("", description="UN base that guards it, empty if none")
    capacity: Annotated[Whole, Field(ge=0, le=5_000_000)] = Field(description="people it can take")
    displaced: OptionalCount = Field(
        0, description="people in it at the start; they are among the displaced of districts.csv"
    )
    guards: OptionalCount = Field(0, description="peacekeepers of that base tied down by guarding it")

    @model_validator(mode="after")
    def _check(self) -> Site:
        if self.displaced > self.capacity:
            raise ValueError(
                f"displaced ({self.displaced}) exceeds capacity ({self.capacity}); the rest live outside"
            )
        if self.guards and not self.base:
            raise ValueError(
                f"guards ({self.guards}) are peacekeepers of a base, and 'base' is empty; name it"
            )
        return self


class RecordRow(Row):
    """record.csv: what a source says of the case, to hold its tables against (the file may be missing).

    It does not drive the model: `drawdown check` compares, nothing else reads it.
    """

    kind: Literal["population", "mission-total", "closure"] = Field(
        description="people of a district (or of a unit that is part of it), troops of the mission in the "
        "case, or the closure of a base"
    )
    name: Name = Field(description="id of the district, name of the mission, or name of the base")
    code: Text = Field("", description="code of the administrative unit, such as a pcode (population)")
    date: OptionalDate = Field(None, description="day that it holds for, or on which the base closed")
    earliest: OptionalDate = Field(None, description="earliest day it may have been (closure)")
    latest: OptionalDate = Field(None, description="latest day it may have been (closure)")
    value: Annotated[Annotated[Number, Field(ge=0, le=1e9)] | None, BeforeValidator(empty_is_none)] = Field(
        None, description="people or troops, empty if the source does not say"
    )

    @model_validator(mode="after")
    def _check(self) -> RecordRow:
        if self.kind == "mission-total" and (self.date is None or self.value is None):
            raise ValueError("a mission-total needs a date and a value")
        if self.kind == "closure":
            if self.date is None:
                raise ValueError("a closure needs a date")
            first, last = self.earliest or self.date, self.latest or self.date
            if not first <= self.date <= last:
                raise ValueError(f"{self.date} must lie between earliest ({first}) and latest ({last})")
        return self


TABLES: Mapping[str, type[Row]] = {row.file: row for row in Row.__subclasses__() if row.file}
"""The tables of a case, by file."""
OWN = ("districts", "places", "routes", "units", "armed_groups", "state_forces", "humanitarians", "sites")
"""Tables that are fields of a `Scenario`."""
FURTHER = tuple(row.table for row in TABLES.values() if row.table not in OWN)
"""Tables of further agent types, which it keeps by name."""
