"""What scenario.toml may contain: one class a table, one field a key.

Every field says its meaning and its bounds. Unknown keys are errors, so that a misspelt one cannot pass
unnoticed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from sim import declare
from sim.scenario.fields import (
    Day,
    FileName,
    Name,
    Number,
    OptionalDate,
    Share,
    Strict,
    Whole,
    empty_is_zero,
)
from sim.week import DECLARED

T = TypeVar("T")


def _each_once(values: list[T]) -> list[T]:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise ValueError(f"{value} stands there twice; remove one")
    return values


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
    local_speed_kmh: Annotated[Number, Field(ge=0.1, le=200)] = Field(
        12.0, description="travel speed within districts, km/h"
    )
    people_a_place: Annotated[Whole, Field(ge=50_000, le=500_000)] = Field(
        170_000,
        description="people whom a place stands for where places.csv and districts.csv say nothing; the size "
        "of a health zone in eastern DRC",
    )
    absent_weeks: Annotated[Number, Field(ge=0, le=1000)] = Field(
        52.0, description="weeks that the displaced have been away at the start, on average"
    )
    integration: Share = Field(
        0.1, description="share of the displaced who settle for good where they are, a year"
    )
    youth: Share = Field(0.5, description="how far young people are left out of work and politics")
    ex_combatants: Annotated[Whole, Field(ge=0, le=5_000_000), BeforeValidator(empty_is_zero)] = Field(
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
    elections: Annotated[list[Day], AfterValidator(_each_once)] = Field(
        default_factory=list, max_length=20, description="days of national votes"
    )
    media_freedom: Share = Field(0.5, description="how freely media report and counter hate speech")


class Programme(Strict):
    """[ddr] of scenario.toml: disarmament, demobilisation and reintegration."""

    start: OptionalDate = Field(None, description="first day of the programme, empty if there is none")
    end: OptionalDate = Field(None, description="last day, empty if it runs on")
    places: Annotated[Whole, Field(ge=0, le=1_000_000)] = Field(
        0, description="former fighters who can be in the programme at a time"
    )
    after_exit: Share = Field(
        0.5, description="share of the places that are still paid for once the mission has ended"
    )

    @model_validator(mode="after")
    def _check(self) -> Programme:
        if self.end and not self.start:
            raise ValueError(f"end ({self.end}) without start; give the first day too")
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end ({self.end}) is before start ({self.start}); swap them or correct one")
        return self


class Money(Strict):
    """[money] of scenario.toml: what donors pay for, before and after the mission's end."""

    aid_after_exit: Share = Field(
        0.7, description="share of relief funding left in the end, once it has gone"
    )
    state_after_exit: Share = Field(
        0.8, description="share left of the support that pays and trains state forces"
    )
    years_to_fall: Annotated[Number, Field(ge=0.01, le=1000)] = Field(
        2.0, description="time over which funding falls by a factor e, years"
    )


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

    name: FileName = Field(description="short name: lower case, digits, hyphens")
    title: Name = Field(description="title to show")
    start: Day = Field(description="first day of the run")
    end: Day = Field(description="last day of the run")
    wet_months: Annotated[
        list[Annotated[Whole, Field(ge=1, le=12)]], Field(max_length=12), AfterValidator(_each_once)
    ] = Field(description="months of the wet season, 1-12")
    about: str = Field("", description="what the case is, in a few sentences")
    people: People = Field(default_factory=People, description="communities at the start")
    host: Host = Field(default_factory=Host, description="the government's stance")
    ddr: Programme = Field(default_factory=Programme, description="programme for former fighters")
    money: Money = Field(default_factory=Money, description="what donors pay for")
    rules: Rules = Field(default_factory=Rules, description="rival rule forms")
    without: Annotated[list[str], Field(max_length=1000)] = Field(
        default_factory=list, description="mechanisms that are switched off, see `drawdown mechanisms`"
    )
    parameters: dict[str, Number] = Field(
        default_factory=dict, description="parameters that differ from the default"
    )

    @model_validator(mode="after")
    def _check(self) -> Header:
        weeks = ((self.end - self.start).days + 1) // 7
        if weeks < 1:
            raise ValueError(
                f"start {self.start} to end {self.end} is less than a week; the last day is a part of the run"
            )
        if weeks > 1500:
            raise ValueError(
                f"start {self.start} to end {self.end} is {weeks} weeks; the longest run is 1500"
            )
        return self
