"""A scenario: everything a case consists of, loaded from its folder and checked as a whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
from pydantic import ValidationError

from sim import mechanisms, parameters
from sim.scenario import families, plans
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.read import describe, line_of, read_table, read_toml
from sim.scenario.schema import (
    NO_DRAWDOWN,
    OWN,
    SCHEDULED,
    TABLES,
    Action,
    ArmedGroupRow,
    District,
    Header,
    HumanitarianRow,
    RecordRow,
    Route,
    Row,
    Rules,
    Schedule,
    Site,
    StateForceRow,
    Unit,
)

if TYPE_CHECKING:
    from sim.agents.base import DistrictAgent
    from sim.model import DrawdownModel

RECORD = "record.csv"
"""What sources say, for `drawdown check`. It drives nothing, so it is no part of the digest."""
COUNTERFACTUAL = NO_DRAWDOWN.name


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
    more: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Rows of further agent types, by table."""
    record: tuple[RecordRow, ...] = ()
    folder: Path | None = None
    digest: str = ""
    overrides: Mapping[str, float] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    rival: Mapping[str, str] = field(default_factory=dict)

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
        schedules = _read_schedules(folder)
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
            folder=folder,
            digest=_digest(folder),
        )
        scenario._check_tables()
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

    @property
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
        """Return a schedule by name, or make one of a family (`sim.scenario.families`).

        Raises `ScenarioError` with the closest names if there is none.
        """
        if name == COUNTERFACTUAL:
            return NO_DRAWDOWN
        if name not in self.schedules and families.is_family(name):
            try:
                made = families.make(self, name)
            except families.FamilyError as error:
                raise ScenarioError(self.folder or self.name, str(error)) from None
            self.check_schedule(made, Path(f"<{name}>"), {})
            return made
        if name not in self.schedules:
            known = [*self.schedules, COUNTERFACTUAL, *families.FAMILIES]
            raise ScenarioError(
                self.folder or self.name, f"there is no schedule {name!r}; {did_you_mean(name, known)}"
            )
        return self.schedules[name]

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
    ) -> DrawdownModel:
        """Return a Mesa model of one replicate under one schedule; see `sim.DrawdownModel`."""
        from sim.model import DrawdownModel

        return DrawdownModel(self, schedule, seed=seed, replicate=replicate, agents=agents, events=events)

    def graph(self) -> nx.Graph:
        """Return the district network: nodes are ids, edges carry `hours_dry` and `hours_wet`."""
        graph = nx.Graph()
        graph.add_nodes_from(d.id for d in self.districts)
        for route in self.routes:
            graph.add_edge(
                route.origin, route.destination, hours_dry=route.hours_dry, hours_wet=route.hours_wet
            )
        return graph

    # -- checks ------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        return self.folder / name if self.folder else Path(name)

    def _check_tables(self) -> None:
        ids = {d.id for d in self.districts}
        tables = [(file, row, self.rows_of(row.table)) for file, row in TABLES.items()]
        for file, row, given in tables:
            if row.key:
                self._unique(file, given, row.key)
        for file, row, given in tables:
            for one in given:
                for column in row.places:
                    place = getattr(one, column)
                    if place not in ids:
                        raise ScenarioError(
                            self._file(file),
                            f"{place!r} is not a district; {did_you_mean(place, ids)}",
                            line=one.line,
                            where=f"column {column!r}",
                        )
        self._check_routes()
        self._check_units()
        self._check_sites()

    def _unique(self, name: str, rows: Iterable[Row], column: str) -> None:
        seen: dict[str, int] = {}
        for row in rows:
            value = getattr(row, column)
            if value in seen:
                raise ScenarioError(
                    self._file(name),
                    f"{value!r} is already the {column} of line {seen[value]}; give each its own",
                    line=row.line,
                    where=f"column {column!r}",
                )
            seen[value] = row.line

    def _check_routes(self) -> None:
        file = self._file("routes.csv")
        seen: dict[frozenset[str], int] = {}
        for route in self.routes:
            pair = frozenset((route.origin, route.destination))
            if len(pair) == 1:
                raise ScenarioError(
                    file, f"leads from {route.origin!r} to itself; name two districts", line=route.line
                )
            if pair in seen:
                raise ScenarioError(
                    file,
                    f"the route {route.origin!r} - {route.destination!r} is already in line {seen[pair]}; "
                    "routes run both ways, keep the faster one",
                    line=route.line,
                )
            seen[pair] = route.line
        graph = self.graph()
        if len(self.districts) > 1 and not nx.is_connected(graph):
            part = sorted(min(nx.connected_components(graph), key=lambda c: (len(list(c)), sorted(c))))
            raise ScenarioError(
                file,
                f"no route leads from {', '.join(repr(i) for i in part[:5])} to the other districts; "
                "add at least one route",
            )

    def _check_units(self) -> None:
        file = self._file("units.csv")
        place: dict[str, Unit] = {}
        for unit in self.units:
            first = place.setdefault(unit.base, unit)
            if first.district != unit.district:
                raise ScenarioError(
                    file,
                    f"base {unit.base!r} is in {unit.district!r} here and in {first.district!r} "
                    f"in line {first.line}; a base is in one district",
                    line=unit.line,
                    where="column 'district'",
                )
            for column in ("opens", "until"):
                day = getattr(unit, column)
                if isinstance(day, date) and not self.header.start <= day <= self.header.end:
                    raise ScenarioError(
                        file,
                        f"{day} is outside the run ({self.header.start} to {self.header.end}); "
                        f"leave {column} empty if it lies outside",
                        line=unit.line,
                        where=f"column {column!r}",
                    )

    def _check_sites(self) -> None:
        file = self._file("sites.csv")
        place = {u.base: u.district for u in self.units}
        left = {d.id: d.displaced for d in self.districts}
        for site in self.sites:
            if site.base and site.base not in place:
                raise ScenarioError(
                    file,
                    f"{site.base!r} is not a base; {did_you_mean(site.base, place)}",
                    line=site.line,
                    where="column 'base'",
                )
            if site.base and place[site.base] != site.district:
                raise ScenarioError(
                    file,
                    f"base {site.base!r} is in {place[site.base]!r}, the site in {site.district!r}; a base "
                    "guards sites in its own district",
                    line=site.line,
                    where="column 'base'",
                )
            if site.displaced > site.capacity:
                raise ScenarioError(
                    file,
                    f"displaced ({site.displaced}) exceeds capacity ({site.capacity})",
                    line=site.line,
                )
            left[site.district] -= site.displaced
            if left[site.district] < 0:
                raise ScenarioError(
                    file,
                    f"the sites of {site.district!r} hold more people than 'displaced' in districts.csv says",
                    line=site.line,
                    where="column 'displaced'",
                )

    def check_schedule(self, schedule: Schedule, file: Path, lines: Mapping[str, int]) -> None:
        """Raise `ScenarioError` unless a schedule fits this case's bases, units and dates."""
        plans.check(self, schedule, file, lines)

    def opening(self, schedule: Schedule, unit: Unit) -> date | None:
        """Return the day a unit opens under a schedule: None if there from the start, `date.max` if never."""
        if unit.opens != SCHEDULED:
            return unit.opens  # type: ignore[return-value]
        days = [a.on for a in schedule.actions if a.do == "open" and a.unit == unit.unit]
        return days[0] if days else date.max

    def strength_at(self, schedule: Schedule, base: str, day: date) -> int:
        """Return the troops of a base the day before `day` under a schedule, closures left aside."""
        return sum(self.unit_strengths(schedule, base, day).values())

    def unit_strengths(self, schedule: Schedule, base: str, day: date) -> dict[str, int]:
        """Return the troops of each unit of a base the day before `day` under a schedule."""
        opening = {u.unit: self.opening(schedule, u) or date.min for u in self.units if u.base == base}
        there = {
            u.unit: u.strength
            for u in self.units
            if u.base == base and opening[u.unit] < day and (u.until is None or u.until >= day)
        }
        cuts = [
            a for a in schedule.actions if a.base == base and a.do in ("reduce", "convert") and a.on < day
        ]
        for cut in sorted(cuts, key=lambda a: a.on):
            if cut.to is not None:
                there.update(shrink({n: k for n, k in there.items() if opening[n] < cut.on}, cut.to))
        return there

    def district_of(self, schedule: Schedule, action: Action) -> str:
        """Return the district in which an action on a base or unit takes effect, as planned."""
        if action.do == "open":
            posts = {u.unit: u.district for u in self.units}
            posts |= {s.unit: s.district for s in self.state_forces if s.opens == SCHEDULED}
            return posts[action.unit]
        where = next(u.district for u in self.units if u.base == action.base)
        moves = [a for a in schedule.actions if a.do == "relocate" and a.base == action.base]
        for move in sorted(moves, key=lambda a: a.on):
            if move.on < action.on:
                where = move.district
        return where

    def __repr__(self) -> str:
        """Say what it is."""
        return (
            f"<Scenario {self.name!r}: {len(self.districts)} districts, {len(self.bases)} bases, "
            f"{self.header.start} to {self.header.end}; schedules {', '.join(self.schedules) or '-'}, none>"
        )


def shrink(strengths: Mapping[str, int], to: int) -> dict[str, int]:
    """Return strengths scaled down to the total `to`, in whole persons (largest remainders)."""
    total = sum(strengths.values())
    if total <= to or total == 0:
        return dict(strengths)
    exact = {name: to * n / total for name, n in strengths.items()}
    result = {name: int(x) for name, x in exact.items()}
    for name in sorted(exact, key=lambda n: (result[n] - exact[n], n))[: to - sum(result.values())]:
        result[name] += 1
    return result


def _read_schedules(folder: Path) -> list[tuple[Schedule, Path, dict[str, int]]]:
    place = folder / "schedules"
    if not place.is_dir():
        raise ScenarioError(place, "there is no such folder; put one TOML file a schedule there")
    found: dict[str, Path] = {}
    result = []
    for file in sorted(place.glob("*.toml")):
        schedule, lines = read_toml(file, Schedule)
        if schedule.name == COUNTERFACTUAL:
            raise ScenarioError(
                file,
                f"{COUNTERFACTUAL!r} is the built-in counterfactual; choose another name",
                line=line_of(lines, "name"),
                where="name",
            )
        if schedule.name in found:
            raise ScenarioError(
                file,
                f"{schedule.name!r} is already the name of {found[schedule.name].name}; give each its own",
                line=line_of(lines, "name"),
                where="name",
            )
        found[schedule.name] = file
        result.append((schedule, file, lines))
    return result


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    files = [folder / "scenario.toml", *(folder / name for name in TABLES)]
    files = [file for file in files if file.exists()]
    for file in [*files, *sorted((folder / "schedules").glob("*.toml"))]:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def search_path() -> list[Path]:
    """Return the folders in which scenarios are looked for by name."""
    places = [Path.cwd() / "scenarios"]
    extra = os.environ.get("DRAWDOWN_SCENARIOS")
    if extra:
        places.insert(0, Path(extra))
    package = Path(__file__).resolve().parent.parent
    places += [package / "scenarios", package.parent / "scenarios"]  # installed; from a checkout
    unique = dict.fromkeys(place.resolve() for place in places if place.is_dir())
    return list(unique)


def available() -> dict[str, Path]:
    """Return the scenarios that can be named, with their folders."""
    found: dict[str, Path] = {}
    for place in search_path():
        for file in sorted(place.glob("*/scenario.toml")):
            found.setdefault(file.parent.name, file.parent)
    return found


def find(where: str | os.PathLike[str]) -> Path:
    """Return the folder of a scenario given by path or by name."""
    path = Path(where)
    if (path / "scenario.toml").is_file():
        return path
    known = available()
    if str(where) in known:
        return known[str(where)]
    if path.is_dir():
        raise ScenarioError(path, "has no scenario.toml; is this a scenario's folder?")
    raise ScenarioError(
        str(where), f"is neither a folder nor a known scenario; {did_you_mean(str(where), known)}"
    )
