"""What an order of closures must keep to, as a file says it: pace, season, precedence, deadlines, budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.fields import Count, Day, OptionalDate, Strict, Text, Whole
from sim.scenario.read import read_toml
from sim.scenario.schema import Trigger

Weeks = Annotated[Whole, Field(ge=0, le=520)]
Month = Annotated[Whole, Field(ge=1, le=12)]


class Budget(Strict):
    """[[budgets]]: how many peacekeepers a span of time pays for, such as a quarter."""

    start: Day = Field(description="its first day")
    end: Day = Field(description="its last day")
    troops: Count = Field(
        description="persons of the mission's units that it pays for, on average over the span"
    )

    @model_validator(mode="after")
    def _check(self) -> Budget:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) is before start ({self.start}); swap them or correct one")
        return self


class Constraints(Strict):
    """What an order of closures must keep to. See `read`."""

    within: Text = Field(
        "", description="schedule whose other actions stay as they are; default 'actual', if there is one"
    )
    bases: Annotated[list[Text], Field(max_length=20)] = Field(
        default_factory=list, description="bases that close; default those that `within` closes"
    )
    first: OptionalDate = Field(None, description="day of the first closure; default that of `within`")
    weeks_between: Weeks = Field(4, description="weeks from one closure to the next, at least")
    at_once: Annotated[Whole, Field(ge=1, le=20)] = Field(1, description="bases that close on one day")
    notice: Weeks = Field(8, description="weeks before a closure in which communities are told")
    not_in_rains: bool = Field(False, description="whether no base closes in the wet months of the case")
    not_in_months: Annotated[list[Month], Field(max_length=11)] = Field(
        default_factory=list, description="months, 1-12, in which no base closes"
    )
    last: list[Text] = Field(default_factory=list, description="bases that close after all others")
    in_order: list[Annotated[list[Text], Field(min_length=2)]] = Field(
        default_factory=list, description="lists of bases, each of which close in that order"
    )
    not_before: dict[str, Day] = Field(default_factory=dict, description="base = first day on which it may")
    not_after: dict[str, Day] = Field(default_factory=dict, description="base = last day on which it may")
    budgets: Annotated[list[Budget], Field(max_length=100)] = Field(
        default_factory=list, description="what spans of time pay for"
    )
    triggers: Annotated[tuple[Trigger, ...], Field(max_length=100, strict=False)] = Field(
        (), description="what an adaptive plan does besides, as in a schedule; compared with the fixed one"
    )


def read(file: Path) -> tuple[Constraints, dict[str, int]]:
    """Return the constraints in a TOML file, and the line of each key.

    Raises `ScenarioError`, which names file, line, value and remedy.
    """
    return read_toml(file, Constraints)
