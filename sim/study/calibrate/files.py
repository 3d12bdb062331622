"""What a calibration is asked: `calibration.toml` says how it is made, `targets.toml` what it must answer to.

Both are written by hand and checked here against what the model declares, so that a parameter that is renamed
or a summary that is misspelt is named with its line before anything is run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from sim import influence, parameters
from sim.scenario.case import Scenario, available
from sim.scenario.errors import ScenarioError, did_you_mean, shown
from sim.scenario.fields import Name, Number, Strict, Text, Whole
from sim.scenario.read import line_of, read_bytes, read_toml
from sim.study.calibrate.summaries import PAIRED, SUMMARIES, Summary
from sim.study.experiments.experiment import Factor, Seed, Uncertainties, Wrong, factors_of

CALIBRATION, TARGETS = "calibration.toml", "targets.toml"
WIDE = 5.0
"""Times the low end of a range that its high end must be for values to lie equally on a log scale."""
Positive = Annotated[Number, Field(gt=0.0)]


class Case(Strict):
    """[[cases]]: a scenario that is run, as its mission stands before the first closure."""

    scenario: Text = Field(description="name of a scenario")
    years: Annotated[Whole, Field(ge=3, le=50)] = Field(
        14, description="years of a run, the first for spin-up"
    )
    without: bool = Field(False, description="whether it is run without a mission too, for paired summaries")


class Size(Strict):
    """[size]: how much is run at full scale; `--times` makes it smaller."""

    waves: Annotated[Whole, Field(ge=1, le=20)] = Field(description="waves of history matching")
    points: Annotated[Whole, Field(ge=20, le=100_000)] = Field(description="parameter sets of a wave")
    replicates: Annotated[Whole, Field(ge=2, le=1000)] = Field(description="runs of each, of every case")
    pool: Annotated[Whole, Field(ge=20, le=1_000_000)] = Field(
        description="parameter sets of what is left, from which draws are accepted"
    )
    pool_replicates: Annotated[Whole, Field(ge=1, le=1000)] = Field(description="runs of each of those")
    draws: Annotated[Whole, Field(ge=20, le=100_000)] = Field(description="draws that are accepted")
    truths: Annotated[Whole, Field(ge=10, le=100_000)] = Field(description="synthetic truths of the check")

    def times(self, factor: float) -> Size:
        """Return it with fewer parameter sets; runs of each, draws and checks stay."""
        return self.model_copy(
            update={
                "points": max(40, round(factor * self.points)),
                "pool": max(80, round(factor * self.pool)),
            }
        )


class Rule(Strict):
    """[rule]: when a parameter set is ruled out."""

    cut: Positive = Field(3.0, description="implausibility above which a parameter set is ruled out")
    allowed: Annotated[Whole, Field(ge=0, le=20)] = Field(
        1, description="targets that it may miss: 0 the largest implausibility counts, 1 the second largest"
    )
    least: Annotated[Number, Field(gt=0.0, lt=1.0)] = Field(
        0.005, description="share of the space that must be left; the cut is raised until it is"
    )


class Calibration(Strict):
    """calibration.toml."""

    title: Name
    seed: Seed = 1
    cases: Annotated[list[Case], Field(min_length=1, max_length=20)]
    uncertainties: Uncertainties = Field(description="parameters, by name or tier, as in experiment.toml")
    unmeasured: bool = Field(
        False, description="whether parameters are varied, too, whose influence nobody has measured"
    )
    fixed: dict[str, str] = Field(
        default_factory=dict, description="parameters of those tiers that are not varied, and why"
    )
    size: Size
    rule: Rule = Field(default_factory=Rule)


class Target(Strict):
    """[[targets]]: what a summary of a case should be, and how far it may be off."""

    summary: Text = Field(description="which summary")
    case: Text = Field(description="of which case")
    value: Number | None = Field(None, description="what the record has")
    low: Number | None = Field(None, description="or the range that the sources leave: all of it as good")
    high: Number | None = None
    error: Positive = Field(
        description="observation error: standard deviation, or a factor where the scale is logarithmic"
    )
    discrepancy: Positive = Field(description="how far a right model may be off, likewise")
    source: str = Field(min_length=1, max_length=2000, description="where it comes from")
    certainty: Literal["read", "abstract", "computed", "memory", "guess"]
    fact: Text = Field("", description="pattern or fact of docs/sources.md that it is, if one")

    @model_validator(mode="after")
    def _check(self) -> Target:
        if (self.value is None) == (self.low is None or self.high is None):
            raise ValueError("give 'value', or 'low' and 'high'")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}; swap them")
        return self


class LeftOut(Strict):
    """[[left_out]]: something on record that is no target, and why."""

    what: str = Field(min_length=1, max_length=500)
    why: str = Field(min_length=1, max_length=1000)


class Targets(Strict):
    """targets.toml."""

    held_back: dict[str, str] = Field(description="facts and patterns kept for validation: no target is one")
    targets: Annotated[list[Target], Field(min_length=1, max_length=500)]
    left_out: list[LeftOut] = Field(default_factory=list)


@dataclass(frozen=True)
class Aim:
    """A target on the scale on which it is compared."""

    case: str
    name: str
    """Of the summary."""
    summary: Summary
    low: float
    high: float
    """Both ends of what is as good; equal where the record has one value."""
    variance: float
    """Of observation error and model discrepancy together."""
    stated: Target

    @property
    def label(self) -> str:
        """Case and summary."""
        return f"{self.case} {self.name}"

    @property
    def words(self) -> str:
        """What should be, e.g. "2 to 8.5" or "26 %"."""
        t = self.stated
        unit = f" {self.summary.unit}" if self.summary.unit else ""
        return (f"{t.value:g}" if t.value is not None else f"{t.low:g} to {t.high:g}") + unit

    def off(self, scaled: np.ndarray) -> np.ndarray:
        """Return how far scaled values lie below (-) or above (+) it; 0 within."""
        return np.asarray(np.minimum(scaled - self.low, 0.0) + np.maximum(scaled - self.high, 0.0))


@dataclass(frozen=True)
class Asked:
    """A calibration and its targets, checked."""

    folder: Path
    calibration: Calibration
    targets: Targets
    factors: tuple[Factor, ...]
    aims: tuple[Aim, ...]
    digests: Mapping[str, str]
    """SHA-256 of both files."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are varied."""
        return tuple(f.name for f in self.factors)


def load(folder: Path) -> Asked:
    """Read and check both files of a folder.

    Raises `ScenarioError`, which names file, line, value and remedy, for the first thing that is wrong.
    """
    calibration, lines = read_toml(folder / CALIBRATION, Calibration)
    try:
        factors = _factors(calibration)
        _check_cases(calibration)
    except Wrong as error:
        line = line_of(lines, error.where)
        raise ScenarioError(folder / CALIBRATION, error.problem, line=line, where=error.where) from None
    targets, lines = read_toml(folder / TARGETS, Targets)
    try:
        aims = tuple(_aim(i, t, calibration, targets) for i, t in enumerate(targets.targets))
        seen: set[str] = set()
        for i, aim in enumerate(aims):
            if aim.label in seen:
                raise Wrong(f"targets.{i}.summary", f"{aim.label!r} is a target twice; remove one")
            seen.add(aim.label)
    except Wrong as error:
        line = line_of(lines, error.where)
        raise ScenarioError(folder / TARGETS, error.problem, line=line, where=error.where) from None
    digests = {name: hashlib.sha256(read_bytes(folder / name)).hexdigest() for name in (CALIBRATION, TARGETS)}
    return Asked(folder, calibration, targets, factors, aims, digests)


def _factors(asked: Calibration) -> tuple[Factor, ...]:
    """Return what is varied: on a log scale where a range is wide, unless the file gives a range its own."""
    for name in asked.fixed:
        if name not in parameters.PARAMETERS:
            hint = did_you_mean(name, parameters.PARAMETERS)
            raise Wrong(f"fixed.{name}", f"there is no parameter {shown(name)}; {hint}")
    given = asked.uncertainties
    if asked.unmeasured:
        named = {*given.parameters, *(r.parameter for r in given.ranges)}
        more = [n for n in parameters.PARAMETERS if n not in influence.table() and n not in named]
        given = given.model_copy(update={"parameters": [*given.parameters, *more]})
    found = factors_of(given)
    own = {r.parameter for r in asked.uncertainties.ranges}
    factors = []
    for f in found:
        if f.kind != "parameter" or f.values:
            raise Wrong("uncertainties", f"{f.name!r} takes single values; only ranges can be emulated")
        if f.name in asked.fixed:
            continue
        wide = f.name not in own and f.low > 0.0 and f.high >= WIDE * f.low
        factors.append(replace(f, spread="log-uniform") if wide else f)
    if not factors:
        raise Wrong("uncertainties", "names no parameter; add some")
    return tuple(factors)


def _check_cases(asked: Calibration) -> None:
    known = available()
    for i, case in enumerate(asked.cases):
        if case.scenario not in known:
            hint = did_you_mean(case.scenario, known)
            raise Wrong(f"cases.{i}.scenario", f"there is no scenario {shown(case.scenario)}; {hint}")
        if case.scenario in [c.scenario for c in asked.cases[:i]]:
            raise Wrong(f"cases.{i}.scenario", f"{shown(case.scenario)} stands there twice; remove one")
        Scenario.load(case.scenario)


def _aim(i: int, t: Target, asked: Calibration, targets: Targets) -> Aim:
    where = f"targets.{i}"
    if t.summary not in SUMMARIES:
        raise Wrong(
            f"{where}.summary",
            f"there is no summary {shown(t.summary)}; {did_you_mean(t.summary, SUMMARIES)}",
        )
    cases = {c.scenario: c for c in asked.cases}
    if t.case not in cases:
        raise Wrong(
            f"{where}.case", f"{shown(t.case)} is no case of {CALIBRATION}; {did_you_mean(t.case, cases)}"
        )
    if t.summary in PAIRED and not cases[t.case].without:
        raise Wrong(
            f"{where}.summary",
            f"{t.summary!r} needs runs without a mission: of {t.case!r} write 'without = true' in "
            f"{CALIBRATION}",
        )
    if t.fact in targets.held_back:
        raise Wrong(f"{where}.fact", f"{shown(t.fact)} is held back for validation; it can be no target")
    summary = SUMMARIES[t.summary]
    spreads = []
    for key in ("error", "discrepancy"):
        given = getattr(t, key)
        if summary.log and given < 1.0:
            raise Wrong(
                f"{where}.{key}", f"{given:g} must be a factor of 1 or more: {t.summary!r} has a log scale"
            )
        spreads.append(math.log(given) if summary.log else given)
    low, high = (t.low, t.high) if t.value is None else (t.value, t.value)
    return Aim(
        t.case, t.summary, summary, float(summary.scaled(low or 0.0)), float(summary.scaled(high or 0.0)),
        spreads[0] ** 2 + spreads[1] ** 2, t,
    )  # fmt: skip
