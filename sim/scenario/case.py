"""A scenario: everything a case consists of, loaded from its folder and checked as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
from pydantic import ValidationError

from sim import markup, mechanisms, parameters
from sim.scenario import families, plans, troops, whole
from sim.scenario.errors import ScenarioError, describe, did_you_mean
from sim.scenario.files import (
    COUNTERFACTUAL,
    RECORD,
    digest_of,
    read_schedules,
)
from sim.scenario.outlines import OUTLINES, Rings, read_outlines
from sim.scenario.places import available, find, search_path
from sim.scenario.read import line_of, read_table, read_toml
from sim.scenario.schema import (
    NO_DRAWDOWN,
    OWN,
    REINFORCED,
    SCHEDULED,
    TABLES,
    Action,
    ArmedGroupRow,
    District,
    Header,
    HumanitarianRow,
    PlaceRow,
    RecordRow,
    Route,
    Row,
    Rules,
    Schedule,
    Site,
    StateForceRow,
    Unit,
)
from sim.scenario.troops import shrink

if TYPE_CHECKING:
    from sim.agents.base import DistrictAgent
    from sim.model import DrawdownModel

__all__ = [
    "COUNTERFACTUAL",
    "RECORD",
    "TABLES",
    "Scenario",
    "available",
    "find",
    "search_path",
    "shrink",
]


@dataclass(frozen=True)
class Scenario:
    """A case: its places, its actors, and the drawdown schedules to compare. See `Scenario.load`."""

    header: Header
    districts: tuple[District, ...]
    routes: tuple[Route, ...]
    units: tuple[Unit, ...]
    armed_groups: tuple[ArmedGroupRow, ...]
    state_forces: tuple[StateForceRow, ...]
    humanitarians: tuple[HumanitarianRow, ...]
    schedules: Mapping[str, Schedule]
    sites: tuple[Site, ...] = ()
    places: tuple[PlaceRow, ...] = ()
    """Settlements that are given; see `sim.scenario.layout` for all."""
    more: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Rows of further agent types, by table."""
    record: tuple[RecordRow, ...] = ()
    outlines: Mapping[str, Rings] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    digest: str = ""
    overrides: Mapping[str, float] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    rival: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let what appeared before the run be there from its start."""
        start = self.header.start
        for name, column in (("units", "opens"), ("state_forces", "opens"), ("armed_groups", "enters")):
            rows = getattr(self, name)
            if any(_before(getattr(row, column), start) for row in rows):
                there = (
                    row.model_copy(update={column: None}) if _before(getattr(row, column), start) else row
                    for row in rows
                )
                object.__setattr__(self, name, tuple(there))

    @classmethod
    def load(cls, where: str | os.PathLike[str]) -> Scenario:
        """Load and check the scenario in a folder, or the one of that name (see `find`).

        Raises `ScenarioError`, which names file, line, value and remedy, on the first thing that
        cannot be right; nothing is written anywhere.
        """
        folder = find(where)
        header_file = folder / "scenario.toml"
        header, header_lines = read_toml(header_file, Header)
        tables = {
            row.table: read_table(folder / name, row, may_be_empty=name != "districts.csv")
            for name, row in TABLES.items()
            if not row.optional or (folder / name).exists()
        }
        own = {table: rows for table, rows in tables.items() if table in OWN}
        record = (
            read_table(folder / RECORD, RecordRow, may_be_empty=True) if (folder / RECORD).exists() else []
        )
        schedules = read_schedules(folder)
        try:
            parameters.check(header.parameters)
        except parameters.ParameterError as error:
            bad = next(n for n in header.parameters if n not in parameters.PARAMETERS or n in str(error))
            line = line_of(header_lines, f"parameters.{bad}")
            raise ScenarioError(header_file, str(error), line=line, where=f"parameters.{bad}") from None
        try:
            mechanisms.check(header.without)
        except mechanisms.MechanismError as error:
            line = line_of(header_lines, "without")
            raise ScenarioError(header_file, str(error), line=line, where="without") from None
        scenario = cls(
            header=header,
            schedules={s.name: s for s, _, _ in schedules},
            **{table: tuple(rows) for table, rows in own.items()},  # type: ignore[arg-type]
            more={table: tuple(rows) for table, rows in tables.items() if table not in own},
            record=tuple(record),
            outlines=read_outlines(folder / OUTLINES, [d.id for d in tables["districts"]]),  # type: ignore[attr-defined]
            folder=folder,
            digest=digest_of(folder),
        )
        whole.check(scenario)
        for schedule, file, lines in schedules:
            scenario.check_schedule(schedule, file, lines)
        return scenario

    @property
    def name(self) -> str:
        """Its short name."""
        return self.header.name

    @property
    def weeks(self) -> int:
        """Length of a run, weeks."""
        return ((self.header.end - self.header.start).days + 1) // 7

    @cached_property
    def first_closure(self) -> date | None:
        """The day on which the drawdown begins: the first closure of "actual", or of any of its schedules."""
        plans = [self.schedules["actual"]] if "actual" in self.schedules else self.schedules.values()
        leaves = ("close", "relocate", "end-mission", "reduce")
        return min((a.on for plan in plans for a in plan.actions if a.do in leaves), default=None)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Names of all bases, in the order of units.csv."""
        return tuple(dict.fromkeys(unit.base for unit in self.units))

    def rows_of(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table, of further agent types too."""
        return getattr(self, table) if table in OWN else self.more.get(table, ())

    def week_of(self, day: date) -> int:
        """Return the week (from 0) that `day` falls in; negative before the start."""
        return (day - self.header.start).days // 7

    def date_of(self, week: int) -> date:
        """Return the first day of a week."""
        return self.header.start + timedelta(weeks=week)

    def schedule(self, name: str) -> Schedule:
        """Return a schedule by name, make one of a family (`sim.scenario.families`), or read a file.

        What ends in ".toml" is a file. Raises `ScenarioError` with the closest names if there is none.
        """
        if name.endswith(".toml"):
            return self._schedule_file(Path(name))
        if name == COUNTERFACTUAL:
            return NO_DRAWDOWN
        if name == REINFORCED.name and name not in self.schedules:
            return REINFORCED
        if name not in self.schedules and families.is_family(name):
            try:
                made = families.make(self, name)
            except families.FamilyError as error:
                raise ScenarioError(self.folder or self.name, str(error)) from None
            self.check_schedule(made, Path(f"<{name}>"), {})
            return made
        if name not in self.schedules:
            known = [*self.schedules, COUNTERFACTUAL, REINFORCED.name, *families.FAMILIES]
            raise ScenarioError(
                self.folder or self.name, f"there is no schedule {name!r}; {did_you_mean(name, known)}"
            )
        return self.schedules[name]

    def _schedule_file(self, file: Path) -> Schedule:
        """Return the schedule of a file that is no part of the scenario; another may not have its name."""
        schedule, lines = read_toml(file, Schedule)
        taken = NO_DRAWDOWN if schedule.name == COUNTERFACTUAL else self.schedules.get(schedule.name)
        if taken is not None and taken != schedule:
            raise ScenarioError(
                file,
                f"{schedule.name!r} is already the name of another schedule of {self.name!r}; choose another",
                line=line_of(lines, "name"),
                where="name",
            )
        self.check_schedule(schedule, file, lines)
        return schedule

    def with_readiness(self, shift: float) -> Scenario:
        """Return the same case with state forces that are abler and more willing, or less.

        `shift`: from -1 to 1; of what capability and will lack of 1, the share that is added, or below zero
        the share of both that is taken away. The title says it. Raises `ValueError` outside that range.
        """
        if not -1.0 <= shift <= 1.0:
            raise ValueError(f"readiness of the host's forces is shifted by -1 to 1, not {shift:g}")
        if shift == 0.0:
            return self

        def shifted(value: float) -> float:
            return value + shift * (1.0 - value if shift > 0.0 else value)

        forces = (
            row.model_copy(update={key: shifted(getattr(row, key)) for key in ("capability", "will")})
            for row in self.state_forces
        )
        word = "readier" if shift > 0.0 else "less ready"
        title = f"{self.header.title[:80]} (state forces {word} by {abs(shift):.0%})"
        header = self.header.model_copy(update={"title": title})
        return replace(self, header=header, state_forces=tuple(forces), digest="")

    def with_parameters(self, **values: float) -> Scenario:
        """Return the same case with other parameter values (checked against their ranges)."""
        parameters.check(values)
        return replace(self, overrides={**self.overrides, **values})

    def with_defaults(self) -> Scenario:
        """Return the same case without the parameter values that its scenario.toml sets."""
        return replace(self, header=self.header.model_copy(update={"parameters": {}}))

    def without(self, *names: str) -> Scenario:
        """Return the same case with mechanisms switched off (see `sim.mechanisms`)."""
        mechanisms.check(names)
        return replace(self, off=tuple(dict.fromkeys((*self.off, *names))))

    def with_rules(self, **rules: str) -> Scenario:
        """Return the same case under rival rule forms, e.g. `with_rules(contest="lanchester")`.

        Raises `ScenarioError` for a rule or form that does not exist.
        """
        try:
            Rules.model_validate(rules)
        except ValidationError as error:
            where, problem = describe(error, Rules)
            raise ScenarioError(self.folder or self.name, problem, where=f"rules.{where}") from None
        return replace(self, rival={**self.rival, **rules})

    @property
    def rules(self) -> Rules:
        """The rule forms in use, by its files or by `with_rules`."""
        return Rules.model_validate({**self.header.rules.model_dump(), **self.rival})

    @property
    def switched_off(self) -> tuple[str, ...]:
        """Names of the mechanisms that are switched off, by its files or by `without`."""
        return tuple(dict.fromkeys((*self.header.without, *self.off)))

    def with_schedule(self, schedule: Schedule) -> Scenario:
        """Return the same case with one schedule more (checked against its bases and dates)."""
        if schedule.name in self.schedules or schedule.name == COUNTERFACTUAL:
            raise ScenarioError(self.folder or self.name, f"there is a schedule {schedule.name!r} already")
        self.check_schedule(schedule, Path(f"<schedule {schedule.name}>"), {})
        return replace(self, schedules={**self.schedules, schedule.name: schedule})

    def parameter_values(self) -> dict[str, float]:
        """Return the value of every parameter in this case, mechanisms that are off included."""
        values = {name: p.default for name, p in parameters.PARAMETERS.items()}
        off = mechanisms.values_without(self.switched_off)
        return {**values, **self.header.parameters, **self.overrides, **off}

    def model(
        self,
        schedule: str | Schedule = COUNTERFACTUAL,
        *,
        seed: int = 0,
        replicate: int = 0,
        agents: Sequence[type[DistrictAgent]] = (),
        events: bool | int = False,
        reporters: Mapping[str, Callable[[DrawdownModel], Any]] | None = None,
    ) -> DrawdownModel:
        """Return a Mesa model of one replicate under one schedule; see `sim.DrawdownModel`."""
        from sim.model import DrawdownModel

        return DrawdownModel(
            self,
            schedule,
            seed=seed,
            replicate=replicate,
            agents=agents,
            events=events,
            reporters=reporters,
        )

    def graph(self) -> nx.Graph:
        """Return the district network: nodes are ids, edges carry `hours_dry` and `hours_wet`."""
        graph = nx.Graph()
        graph.add_nodes_from(d.id for d in self.districts)
        for route in self.routes:
            graph.add_edge(
                route.origin, route.destination, hours_dry=route.hours_dry, hours_wet=route.hours_wet
            )
        return graph

    # -- who is where ------------------------------------------------------------------------------

    def check_schedule(self, schedule: Schedule, file: Path, lines: Mapping[str, int]) -> None:
        """Raise `ScenarioError` unless a schedule fits this case's bases, units and dates."""
        plans.check(self, schedule, file, lines)

    def units_at(self, base: str) -> Sequence[Unit]:
        """Return the units of a base in the order of units.csv, none if there is no such base."""
        return self._units_of.get(base, ())

    @cached_property
    def _units_of(self) -> Mapping[str, list[Unit]]:
        at: dict[str, list[Unit]] = {}
        for unit in self.units:
            at.setdefault(unit.base, []).append(unit)
        return at

    @cached_property
    def posts(self) -> Mapping[str, str]:
        """The district of each unit that a schedule can open."""
        posts = {u.unit: u.district for u in self.units}
        return posts | {s.unit: s.district for s in self.state_forces if s.opens == SCHEDULED}

    def opening(self, schedule: Schedule, unit: Unit) -> date | None:
        """Return the day a unit opens under a schedule: None if there from the start, `date.max` if never."""
        return troops.opening(schedule, unit)

    def strength_at(self, schedule: Schedule, base: str, day: date) -> int:
        """Return the troops of a base the day before `day` under a schedule, closures left aside."""
        return sum(self.unit_strengths(schedule, base, day).values())

    def unit_strengths(self, schedule: Schedule, base: str, day: date) -> dict[str, int]:
        """Return the troops of each unit of a base the day before `day` under a schedule."""
        return troops.unit_strengths(self, schedule, base, day)

    def district_of(self, schedule: Schedule, action: Action) -> str:
        """Return the district in which an action on a base or unit takes effect, as planned."""
        return troops.district_of(self, schedule, action)

    def _repr_html_(self) -> str:
        people = sum(d.population for d in self.districts)
        troops = sum(u.strength for u in self.units)
        fighters = sum(g.fighters for g in self.armed_groups)
        soldiers = sum(s.personnel for s in self.state_forces)
        staff = sum(h.staff for h in self.humanitarians)
        rows = [
            ("districts", len(self.districts), f"{people:,d} people"),
            ("bases", len(self.bases), f"{troops:,d} peacekeepers, police and staff"),
            ("armed groups", len(self.armed_groups), f"{fighters:,d} fighters"),
            ("state units", len(self.state_forces), f"{soldiers:,d} personnel"),
            ("humanitarian actors", len(self.humanitarians), f"{staff:,d} staff"),
            ("schedules", len(self.schedules), ", ".join(self.schedules)),
        ]
        title = f"{self.header.title} ({self.name}), {self.header.start} to {self.header.end}"
        return markup.table(title, ("", "number", ""), rows)

    def __repr__(self) -> str:
        """Say what it is."""
        return (
            f"<Scenario {self.name!r}: {len(self.districts)} districts, {len(self.bases)} bases, "
            f"{self.header.start} to {self.header.end}; schedules {', '.join(self.schedules) or '-'}, none>"
        )


def _before(day: date | str | None, start: date) -> bool:
    """Return whether a first day lies before the run, so that its unit or group is there from the start."""
    return isinstance(day, date) and day < start
