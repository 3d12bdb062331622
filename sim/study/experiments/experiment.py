"""The file of an experiment: what is asked, what is varied, what is expected, before anything is run.

`experiment.toml` names the scenarios, the levers (what a mission can choose: schedules), the uncertainties
(what nobody can choose: parameters, rival rules, switches), how points are spread over these, how many
matched runs each point gets, which outcomes are kept, and what its author expects and why. It is the
preregistration of a study: its hash stands in every row of the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim import influence, measures, mechanisms, parameters
from sim.build import LARGEST_SEED
from sim.scenario import families
from sim.scenario.case import Scenario, available
from sim.scenario.errors import ScenarioError, did_you_mean, shown
from sim.scenario.fields import FileName, Name, Number, Strict, Text, Whole
from sim.scenario.read import line_of, read_bytes, read_toml
from sim.scenario.schema import Schedule
from sim.study.comparison import WEEKLY
from sim.study.draws import Draws, DrawsError, shipped
from sim.week import DECLARED

FILE = "experiment.toml"
MOST_RUNS = 10**10
"""Runs of one experiment; more are a slip of the pen."""
MOST_POINTS = 10**7
"""Points of a design, which are held in memory."""
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
Seed = Annotated[Whole, Field(ge=0, le=LARGEST_SEED)]


class Family(Strict):
    """[[levers.families]]: a family of schedules, with one schedule for each combination of its numbers."""

    family: Text = Field(description="name of the family, see `drawdown schedules`")
    numbers: dict[str, list[int | str]] = Field(
        default_factory=dict,
        description='values of its numbers, such as {steps = [1, 4], from = ["2031-01-06"]}',
    )

    def members(self) -> Iterator[tuple[str, dict[str, int | str]]]:
        """Yield the name and the numbers of each schedule, in the order of the values."""
        for values in product(*self.numbers.values()):
            given = dict(zip(self.numbers, values, strict=True))
            listed = "+".join(f"{key}={value}" for key, value in given.items())
            yield (f"{self.family}:{listed}" if listed else self.family), given


class Levers(Strict):
    """[levers]: what a mission can choose. Each point of the design is run under every schedule."""

    schedules: Annotated[list[Text], Field(max_length=1000)] = Field(
        default_factory=list, description="names of schedules, or families with numbers (phased:4)"
    )
    families: Annotated[list[Family], Field(max_length=100)] = Field(
        default_factory=list, description="families of which several numbers are tried"
    )


class Range(Strict):
    """[[uncertainties.ranges]]: a parameter that is drawn from a range of its own."""

    parameter: Text = Field(description="its name, see `drawdown parameters`")
    low: Number | None = Field(None, description="lowest value; default the declared one")
    high: Number | None = Field(None, description="highest value; default the declared one")
    spread: Literal["uniform", "log-uniform", "triangular"] = Field(
        "uniform",
        description="how values lie in it: equally, equally on a log scale, or around the default",
    )
    values: Annotated[list[Number], Field(max_length=1000)] = Field(
        default_factory=list, description="instead of a range: the values it may take"
    )

    @model_validator(mode="after")
    def _check(self) -> Range:
        if self.values and (self.low is not None or self.high is not None or self.spread != "uniform"):
            raise ValueError("has 'values' and a range; give one of them")
        if len(set(self.values)) < len(self.values):
            raise ValueError("'values' holds a number twice; remove one")
        return self


class RuleForms(Strict):
    """[[uncertainties.rules]]: rival forms of a rule, each as likely as the others."""

    rule: Text = Field(description="name of the rule, such as contest")
    forms: list[Text] = Field(default_factory=list, description="its forms; default all")


class Switch(Strict):
    """[[uncertainties.switches]]: a mechanism that is on in half of the points, and off in the other."""

    mechanism: Text = Field(description="its name, see `drawdown mechanisms`")


class Uncertainties(Strict):
    """[uncertainties]: what nobody can choose. Whatever is not named keeps its value."""

    tiers: Annotated[list[Annotated[Whole, Field(ge=1, le=3)]], Field(max_length=3)] = Field(
        default_factory=list,
        description="all parameters of a tier (1: move a headline by 30 % or more), over declared ranges",
    )
    parameters: Annotated[list[Text], Field(max_length=1000)] = Field(
        default_factory=list, description="parameters by name, over their declared ranges"
    )
    ranges: Annotated[list[Range], Field(max_length=1000)] = Field(
        default_factory=list, description="parameters with a range, a spread or values of their own"
    )
    rules: Annotated[list[RuleForms], Field(max_length=100)] = Field(
        default_factory=list, description="rival rule forms"
    )
    switches: Annotated[list[Switch], Field(max_length=1000)] = Field(
        default_factory=list, description="mechanisms that are switched off in half of the points"
    )


KINDS = ("defaults", "one-at-a-time", "grid", "latin-hypercube", "sobol", "morris", "plausible")
DRAWN = ("latin-hypercube", "plausible")
"""Designs whose points are drawn, and stand for all worlds that there may be."""


class Design(Strict):
    """[design]: how points are spread over the uncertainties."""

    kind: Literal[KINDS] = Field(  # type: ignore[valid-type]
        description="defaults (one point), one-at-a-time (each at both ends of its range), grid, "
        "latin-hypercube, sobol (Saltelli's scheme, for Sobol' indices), morris (trajectories), or plausible "
        "(draws that are shipped, see experiments/plausible; in place of uncertainties)"
    )
    points: Annotated[Whole, Field(ge=1, le=MOST_POINTS)] | None = Field(
        None,
        description="latin-hypercube, plausible: points. sobol: base sample n, a power of 2, of n x "
        "(uncertainties + 2) points",
    )
    levels: Annotated[Whole, Field(ge=2, le=1000)] | None = Field(
        None, description="grid: values of each range, ends included. morris: levels, an even number"
    )
    trajectories: Annotated[Whole, Field(ge=2, le=100_000)] | None = Field(
        None, description="morris: trajectories, each of (uncertainties + 1) points"
    )
    seed: Seed = Field(1, description="which points")

    @model_validator(mode="after")
    def _check(self) -> Design:
        wanted: Mapping[str, tuple[str, ...]] = {
            "grid": ("levels",),
            "latin-hypercube": ("points",),
            "plausible": ("points",),
            "sobol": ("points",),
            "morris": ("trajectories",),
        }
        needs = wanted.get(self.kind, ())
        may = (*needs, "levels") if self.kind == "morris" else needs
        for key in ("points", "levels", "trajectories"):
            given = getattr(self, key) is not None
            if key in needs and not given:
                raise ValueError(f"{self.kind!r} needs {key!r}; add it")
            if given and key not in may:
                raise ValueError(f"{key!r} does not belong to {self.kind!r}; leave it out")
        if self.kind == "sobol" and self.points and self.points & (self.points - 1):
            raise ValueError(f"points = {self.points} must be a power of 2 for 'sobol', such as 64 or 256")
        if self.kind == "morris" and self.levels and self.levels % 2:
            raise ValueError(f"levels = {self.levels} must be even for 'morris', such as 4")
        return self


class Keep(Strict):
    """[keep]: what is kept of runs besides their outcomes."""

    weekly: Annotated[list[Text], Field(max_length=len(WEEKLY))] = Field(
        default_factory=list, description="series summed over districts, a value a week"
    )
    replicates: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="of how many of the first replicates of each point; default all"
    )


class Experiment(Strict):
    """experiment.toml: an experiment as its author wrote it down. See `load`."""

    name: FileName = Field(description="short name: lower case, digits, hyphens")
    title: Name = Field(description="title to show")
    question: Prose = Field(description="what is asked")
    expected: Prose = Field(description="what is expected to come out, written before the first run")
    why: Prose = Field(description="why that is expected")
    scenarios: Annotated[list[Text], Field(min_length=1, max_length=100)] = Field(
        description="names or folders of the scenarios"
    )
    replicates: Annotated[Whole, Field(ge=1, le=10**7)] = Field(
        description="matched runs of every schedule at each point"
    )
    seed: Seed = Field(1, description="which draws of chance")
    chance: Literal["own", "same", ""] = Field(
        "",
        description="whether each point draws chance of its own, or all the same; default 'own' for "
        "latin-hypercube and plausible, else 'same'",
    )
    outcomes: Annotated[list[Text], Field(min_length=1, max_length=1000)] = Field(
        description="what is kept of each run, see `drawdown glossary`; the first is the one that decides"
    )
    levers: Levers = Field(description="what a mission can choose")
    uncertainties: Uncertainties = Field(default_factory=Uncertainties, description="what nobody can choose")
    design: Design = Field(description="how points are spread over the uncertainties")
    keep: Keep = Field(default_factory=Keep, description="what is kept besides outcomes")

    _file: Path | None = None
    _read: tuple[str, str] = ("", "")

    @classmethod
    def load(cls, where: str | os.PathLike[str]) -> Experiment:
        """Read and check an experiment: its file, its folder, or its name in `experiments/`.

        Raises `ScenarioError`, which names file, line, value and remedy, for the first thing that cannot be
        right.
        """
        file = find(where)
        read, lines = read_toml(file, cls)
        read._file = file
        read._read = (read.model_dump_json(), hashlib.sha256(read_bytes(file)).hexdigest())
        try:
            read.check()
        except Wrong as error:
            line = line_of(lines, error.where)
            raise ScenarioError(file, error.problem, line=line, where=error.where) from None
        return read

    @property
    def file(self) -> Path | None:
        """The file it was read from; None if it was made in Python."""
        return self._file

    @property
    def digest(self) -> str:
        """SHA-256 of its file, or of what it says if that was made in Python (hexadecimal, 64 digits)."""
        says, digest = self._read
        now = self.model_dump_json()
        return digest if now == says else hashlib.sha256(now.encode()).hexdigest()

    @property
    def own_chance(self) -> bool:
        """Whether each point draws chance of its own."""
        return (self.chance or ("own" if self.design.kind in DRAWN else "same")) == "own"

    def check(self) -> None:
        """Raise `Wrong` if it names what does not exist, or asks for what cannot be.

        Scenarios are loaded: a `ScenarioError` of theirs names their file.
        """
        for i, name in enumerate(self.outcomes):
            if name not in measures.METRIC:
                raise Wrong(
                    f"outcomes.{i}", f"there is no outcome {shown(name)}; {_near(name, measures.METRIC)}"
                )
        for i, name in enumerate(self.keep.weekly):
            if name not in WEEKLY:
                raise Wrong(f"keep.weekly.{i}", f"there is no series {shown(name)}; {_near(name, WEEKLY)}")
        for where, listed in (
            ("outcomes", self.outcomes),
            ("scenarios", self.scenarios),
            ("keep.weekly", self.keep.weekly),
        ):
            _each_once(where, listed)
        found = self.factors()
        kind = self.design.kind
        if not found and kind != "defaults":
            raise Wrong("design.kind", f"{kind!r} needs uncertainties; name some, or write 'defaults'")
        if found and kind == "defaults":
            raise Wrong(
                "design.kind", "'defaults' varies nothing; choose another kind, or name no uncertainties"
            )
        cases = self.cases()
        for i, case in enumerate(cases):
            if [c.name for c in cases].index(case.name) < i:
                raise Wrong(f"scenarios.{i}", f"is named {case.name!r}, as another one is; leave one out")
            self.plans(case)

    def cases(self) -> list[Scenario]:
        """Return its scenarios. A folder counts from where the file lies, or from here."""
        cases = []
        for i, name in enumerate(self.scenarios):
            beside = self._file.parent / name if self._file else None
            if beside is not None and (beside / "scenario.toml").is_file():
                cases.append(Scenario.load(beside))
            elif name in available() or Path(name).exists():
                cases.append(Scenario.load(name))
            else:
                raise Wrong(
                    f"scenarios.{i}", f"there is no scenario {shown(name)}; {_near(name, available())}"
                )
        return cases

    def plans(self, case: Scenario) -> list[tuple[Schedule, dict[str, int | str]]]:
        """Return the schedules to run in a scenario, in order, each with the numbers of its family."""
        made: list[tuple[str, str, dict[str, int | str]]] = [
            (f"levers.schedules.{i}", name, {}) for i, name in enumerate(self.levers.schedules)
        ]
        for i, family in enumerate(self.levers.families):
            where = f"levers.families.{i}"
            if family.family not in families.FAMILIES:
                hint = _near(family.family, families.FAMILIES)
                raise Wrong(f"{where}.family", f"there is no family {shown(family.family)}; {hint}")
            for key, values in family.numbers.items():
                if not values:
                    raise Wrong(f"{where}.numbers", f"{key} has no values; give some, or leave it out")
            made += [(where, name, numbers) for name, numbers in family.members()]
        if not made:
            raise Wrong("levers", 'names no schedule; add some, such as schedules = ["none"]')
        plans: dict[str, tuple[Schedule, dict[str, int | str]]] = {}
        for where, name, numbers in made:
            try:
                plan = case.schedule(name)
            except ScenarioError as error:
                raise Wrong(where, f"{error.problem} (in scenario {case.name!r})") from None
            if plan.name in plans:
                raise Wrong(where, f"{plan.name!r} stands there twice; remove one")
            plans[plan.name] = (plan, numbers)
        return list(plans.values())

    def factors(self) -> list[Factor]:
        """Return what is varied, in the order of the declarations; what has a range of its own uses that."""
        if self.design.kind != "plausible":
            return factors_of(self.uncertainties)
        if self.uncertainties != Uncertainties():
            raise Wrong("uncertainties", "'plausible' draws say what is varied; leave [uncertainties] out")
        return [_over(name, None) for name in self.draws().names]

    def draws(self) -> Draws:
        """Return the draws that a plausible design takes points from. Raises `Wrong` if there are none."""
        try:
            return shipped()
        except DrawsError as error:
            raise Wrong("design.kind", str(error)) from None

    def with_parameters(self, which: str) -> Experiment:
        """Return the same experiment over plausible parameters, or with the scenarios' own ("default").

        Of plausible ones as many draws as its design has points, where it says so, else each once. Raises
        `ScenarioError` for another word or if there are none.
        """
        if which not in ("plausible", "default"):
            raise ScenarioError("--parameters", f"{shown(which)}: write plausible or default")
        design = Design(kind="defaults")
        if which == "plausible":
            try:
                design = Design(kind="plausible", points=self.design.points or len(self.draws()))
            except Wrong as error:
                raise ScenarioError("--parameters", error.problem) from None
        return self.model_copy(update={"uncertainties": Uncertainties(), "design": design})

    def as_run(self, digest: str) -> Experiment:
        """Return the experiment as runs of this digest were made: over other parameters, if they were.

        What `with_parameters` makes of it has another digest; for any other digest it is returned as it is.
        """
        if digest == self.digest:
            return self
        for which in ("plausible", "default"):
            try:
                other = self.with_parameters(which)
            except ScenarioError:  # there are no draws
                continue
            if other.digest == digest:
                return other
        return self

    def __repr__(self) -> str:
        """Say what it is."""
        return (
            f"<Experiment {self.name!r}: {len(self.factors())} uncertainties, {self.design.kind}, in "
            f"{', '.join(self.scenarios)}; {self.replicates} matched runs a point and schedule>"
        )

    __str__ = __repr__


class Wrong(ValueError):
    """Something in an experiment that cannot be right: at which key, and what with its remedy."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is varied over points.

    `values`: those it may take; if there are none, any number from `low` to `high`, lying in it as
    `spread` says, for "triangular" around `mode`.
    """

    name: str
    kind: Literal["parameter", "rule", "switch"]
    low: float = 0.0
    high: float = 1.0
    spread: str = "uniform"
    mode: float = 0.5
    values: tuple[float | str, ...] = ()

    @property
    def column(self) -> str:
        """The column of the result that holds it: its name, of a switch with `switch_` before it."""
        return f"switch_{self.name}" if self.kind == "switch" else self.name


def find(where: str | os.PathLike[str]) -> Path:
    """Return the file of an experiment given by file, folder or name. Raises `ScenarioError`."""
    path = Path(where)
    try:
        if path.is_file():
            return path
        if (path / FILE).is_file():
            return path / FILE
    except (OSError, ValueError) as error:
        raise ScenarioError(str(where), f"cannot be looked at: {error}; name a file or folder") from None
    checkout = Path(__file__).resolve().parents[3] / "experiments"
    known: dict[str, Path] = {}
    for place in (Path.cwd() / "experiments", checkout):
        for file in sorted(place.glob(f"*/{FILE}")):
            known.setdefault(file.parent.name, file)
    if str(where) in known:
        return known[str(where)]
    if path.is_dir():
        raise ScenarioError(path, f"has no {FILE}; is this an experiment's folder?")
    raise ScenarioError(
        str(where), f"is neither a file, a folder nor a known experiment; {did_you_mean(str(where), known)}"
    )


def factors_of(given: Uncertainties) -> list[Factor]:
    """Return what uncertainties say is varied, see `Experiment.factors`. Raises `Wrong`."""
    wanted: dict[str, Factor] = {}
    for tier in given.tiers:
        known = influence.table()
        for name in (n for n in parameters.PARAMETERS if n in known and known[n].tier == tier):
            wanted[name] = _over(name, None)
    for i, name in enumerate(given.parameters):
        where = f"uncertainties.parameters.{i}"
        _known_parameter(where, name)
        wanted[name] = _over(name, None)
    _each_once("uncertainties.parameters", given.parameters)
    for i, one in enumerate(given.ranges):
        where = f"uncertainties.ranges.{i}"
        _known_parameter(f"{where}.parameter", one.parameter)
        _check_range(where, one)
        wanted[one.parameter] = _over(one.parameter, one)
    _each_once("uncertainties.ranges", [r.parameter for r in given.ranges])
    found = [wanted[name] for name in parameters.PARAMETERS if name in wanted]
    found = [f for f in found if f.values or f.low < f.high]
    for i, choice in enumerate(given.rules):
        where = f"uncertainties.rules.{i}"
        if choice.rule not in DECLARED.rules:
            hint = _near(choice.rule, DECLARED.rules)
            raise Wrong(f"{where}.rule", f"there is no rule {shown(choice.rule)}; {hint}")
        forms = DECLARED.rules[choice.rule].forms
        for form in choice.forms:
            if form not in forms:
                raise Wrong(
                    f"{where}.forms", f"{choice.rule!r} has no form {shown(form)}; {_near(form, forms)}"
                )
        _each_once(f"{where}.forms", choice.forms)
        found.append(Factor(choice.rule, "rule", values=tuple(choice.forms or forms)))
    _each_once("uncertainties.rules", [c.rule for c in given.rules])
    for i, switch in enumerate(given.switches):
        if switch.mechanism not in mechanisms.MECHANISMS:
            hint = _near(switch.mechanism, mechanisms.MECHANISMS)
            raise Wrong(
                f"uncertainties.switches.{i}.mechanism",
                f"there is no mechanism {shown(switch.mechanism)}; {hint}",
            )
        found.append(Factor(switch.mechanism, "switch", values=("on", "off")))
    _each_once("uncertainties.switches", [s.mechanism for s in given.switches])
    return found


def _near(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    return did_you_mean(name, known)


def _each_once(where: str, names: Sequence[str]) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            raise Wrong(f"{where}.{i}", f"{shown(name)} stands there twice; remove one")


def _known_parameter(where: str, name: str) -> None:
    if name not in parameters.PARAMETERS:
        hint = _near(name, parameters.PARAMETERS)
        raise Wrong(where, f"there is no parameter {shown(name)}; {hint}")


def _check_range(where: str, given: Range) -> None:
    declared = parameters.PARAMETERS[given.parameter]
    for key in ("low", "high"):
        value = getattr(given, key)
        if value is not None and not declared.low <= value <= declared.high:
            raise Wrong(
                f"{where}.{key}",
                f"{shown(value)} is outside the declared range of {given.parameter}, {declared.low:g} to "
                f"{declared.high:g}; see `drawdown parameters {given.parameter}`",
            )
    for value in given.values:
        if not declared.low <= value <= declared.high:
            raise Wrong(
                f"{where}.values",
                f"{shown(value)} is outside the declared range of {given.parameter}, {declared.low:g} to "
                f"{declared.high:g}; see `drawdown parameters {given.parameter}`",
            )
    if given.values:
        return
    factor = _over(given.parameter, given)
    if factor.low >= factor.high:
        raise Wrong(where, f"low = {factor.low:g} must be below high = {factor.high:g}; swap or correct them")
    if factor.spread == "log-uniform" and factor.low <= 0.0:
        raise Wrong(where, f"log-uniform needs low above 0, not {factor.low:g}; give one, or use uniform")


def _over(name: str, given: Range | None) -> Factor:
    """Return a parameter as a factor: over its declared range, or over the one it is given."""
    declared = parameters.PARAMETERS[name]
    if given is None:
        return Factor(name, "parameter", declared.low, declared.high, mode=declared.default)
    low = declared.low if given.low is None else given.low
    high = declared.high if given.high is None else given.high
    mode = min(max(declared.default, low), high)
    return Factor(name, "parameter", low, high, given.spread, mode, tuple(given.values))
