"""Where a result comes from: what made it, written with it, and read back to make it again."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from llvmlite.binding import get_host_cpu_name
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError

from sim import __version__, mechanisms, parameters
from sim.build import LARGEST_SEED
from sim.compiled import source_digest
from sim.scenario.case import COUNTERFACTUAL, RECORD, TABLES, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.outlines import OUTLINES
from sim.scenario.schema import (
    FURTHER,
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
from sim.study.draws import Draws, DrawsError
from sim.study.draws import read as read_draws
from sim.study.evidence import INFLUENCE

FILE = "provenance.json"
DRAWS = "draws.csv"
"""File of a result that holds the draws of its parameters, if each replicate has one of its own."""
SCENARIO = "scenario"
"""Folder within a result that holds the files of the scenario it was made from,"""
OBJECTS = "scenario.json"
"""or a file that holds its rows, where they differ from its files or there are none."""
LIBRARIES = (
    "numpy", "numba", "llvmlite", "mesa", "pandas", "xarray", "scipy", "networkx", "pydantic", "matplotlib",
)  # fmt: skip
"""What shapes the numbers of a result, its files or its figures."""
_LONGEST = 50_000_000  # bytes of a provenance; real ones are some thousands
_SETTABLE = {"parameters", "without", "rules"}
"""What of a header is kept apart from the files, as a command can set it."""


class ProvenanceError(ValueError):
    """A folder is no result, or says of itself what cannot be."""


def specification(
    case: Scenario, plans: Sequence[Schedule], seed: int, draws: Draws | None = None
) -> dict[str, Any]:
    """Return everything that determines a comparison's numbers, apart from how many replicates."""
    own = {**case.header.parameters, **case.overrides}
    drawn = {} if draws is None else {"draws_sha256": draws.sha256, "draws": len(draws), "settings": own}
    return {
        "software": "drawdown",
        "version": __version__,
        "code_sha256": source_digest(),
        "scenario": case.name,
        "scenario_sha256": case_digest(case),
        "parameters": case.parameter_values(),
        "without": list(case.switched_off),
        "rules": case.rules.model_dump(),
        "schedules": [json.loads(plan.model_dump_json()) for plan in plans],
        "seed": seed,
        **drawn,
    }


def environment() -> dict[str, Any]:
    """Return the versions of what shapes a result, and the machine."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": get_host_cpu_name(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def made(
    spec: Mapping[str, Any],
    case: Scenario,
    replicates: int,
    kept: Mapping[str, int],
    checks: Mapping[str, bool],
    started: datetime,
) -> dict[str, Any]:
    """Return the provenance of a comparison that is just finished."""
    return {
        **spec,
        "replicates": replicates,
        "kept": dict(kept),
        "scenario_folder": str(case.folder.resolve()) if case.folder else None,
        "checks": dict(checks),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv if sys.argv and sys.argv[0].endswith("drawdown") else None,
        **environment(),
    }


# -- the scenario that travels with a result --------------------------------------------------------


_CLASSES = {row.table: row for row in TABLES.values()}


def _rows_by_table(value: object) -> object:
    """Read rows of further agent types as the class of their table."""
    if not isinstance(value, Mapping):
        return value
    unknown = [table for table in value if table not in FURTHER]
    if unknown:
        raise ValueError(f"there is no table {unknown[0]!r}")
    return {table: [_CLASSES[table].model_validate(row) for row in rows] for table, rows in value.items()}


class _Objects(BaseModel):
    """A scenario's rows, as they are in memory. Outlines drive nothing, and stay behind."""

    header: Header
    districts: tuple[District, ...]
    routes: tuple[Route, ...]
    units: tuple[Unit, ...]
    places: tuple[PlaceRow, ...] = ()
    armed_groups: tuple[ArmedGroupRow, ...]
    state_forces: tuple[StateForceRow, ...]
    humanitarians: tuple[HumanitarianRow, ...]
    sites: tuple[Site, ...]
    more: Annotated[dict[str, tuple[SerializeAsAny[Row], ...]], BeforeValidator(_rows_by_table)] = {}
    record: tuple[RecordRow, ...]


def _objects(case: Scenario) -> _Objects:
    """Return a scenario's rows; what is set by name (parameters, mechanisms, rules) is left out."""
    header = case.header.model_copy(update={"parameters": {}, "without": [], "rules": Rules()})
    fields = {name: getattr(case, name) for name in _Objects.model_fields if name != "header"}
    return _Objects.model_construct(header=header, **fields)


def case_digest(case: Scenario) -> str:
    """Return the SHA-256 of a scenario's files, or of its rows if it was made in Python."""
    return case.digest or _objects_digest(case)


def _objects_digest(case: Scenario) -> str:
    return hashlib.sha256(_objects(case).model_dump_json().encode()).hexdigest()


def copy_scenario(case: Scenario, folder: Path) -> str:
    """Write the scenario of a result into its folder; returns under which name.

    Its files, byte for byte, if they still say what the scenario in memory says; else its rows as JSON.
    """
    if case.folder is not None:
        target = folder / SCENARIO
        names = ["scenario.toml", *TABLES, RECORD, OUTLINES, INFLUENCE]
        files = [case.folder / name for name in names if (case.folder / name).is_file()]
        files += sorted((case.folder / "schedules").glob("*.toml"))
        (target / "schedules").mkdir(parents=True)
        try:
            for file in files:
                (target / file.relative_to(case.folder)).write_bytes(file.read_bytes())
            same = _objects(Scenario.load(target)) == _objects(case)
        except (ScenarioError, FileNotFoundError):  # changed or gone while the runs were made
            same = False
        if same:
            return SCENARIO
        _remove(target)
    (folder / OBJECTS).write_text(_objects(case).model_dump_json(indent=1) + "\n", encoding="utf-8")
    return OBJECTS


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


# -- reading ----------------------------------------------------------------------------------------


class Made(BaseModel):
    """What a provenance says of how its result was made."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    scenario: Annotated[str, Field(max_length=200)]
    scenario_sha256: Annotated[str, Field(max_length=64)]
    parameters: dict[str, Annotated[float, Field(allow_inf_nan=False)]]
    schedules: Annotated[tuple[Schedule, ...], Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)]
    replicates: Annotated[int, Field(ge=1, le=10**12)]
    without: tuple[str, ...] = ()
    rules: Rules = Rules()
    agents: tuple[str, ...] = ()
    scenario_folder: str | None = None
    kept: dict[str, int] = {}
    version: str = "unknown"
    code_sha256: str = "unknown"
    python: str = "unknown"
    machine: str = "unknown"
    processor: str = "unknown"
    libraries: dict[str, str] = {}
    sha256: dict[str, str] = {}
    draws_sha256: str = ""
    """Of the table of draws, empty if all replicates have the same parameters."""
    settings: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = {}
    """Parameters that were set and not drawn, of a result with draws."""

    def plan(self, name: str) -> Schedule | None:
        """Return a schedule by name."""
        return next((s for s in self.schedules if s.name == name), None)


@dataclass(frozen=True)
class Result:
    """A result's folder and what it says of itself."""

    folder: Path
    made: Made

    @property
    def file(self) -> Path:
        """The file that says it."""
        return self.folder / FILE

    def case(self) -> Scenario:
        """Return the scenario it was made from, with its parameters, mechanisms and rules.

        It is the copy in the result, or, of older results, a scenario of that name or place whose files
        are unchanged. Raises `ProvenanceError`.
        """
        made = self.made
        if made.agents:
            names = ", ".join(name.split()[0] for name in made.agents)
            raise ProvenanceError(
                f"{self.folder} was made with agent classes of your own ({names}), which it does not hold: "
                "run compare(..., agents=...) again from Python"
            )
        try:  # a mechanism that is off has values outside the ranges that are checked
            mechanisms.check(made.without)
            off = set(mechanisms.values_without(made.without))
            parameters.check({n: v for n, v in made.parameters.items() if n not in off})
        except (parameters.ParameterError, mechanisms.MechanismError) as error:
            raise ProvenanceError(
                f"{self.file}: {error}; the file was changed, or is of another version: restore it, or "
                "compare anew"
            ) from None
        case = self._files()
        own = made.settings if made.draws_sha256 else made.parameters
        case = replace(case, overrides=own, off=made.without, rival=made.rules.model_dump())
        for plan in made.schedules:
            if plan.name == COUNTERFACTUAL:
                continue
            try:
                case.check_schedule(plan, self.file, {})
            except ScenarioError as error:
                raise ProvenanceError(f"{error}; restore the file from where it was made") from None
        return replace(case, schedules={p.name: p for p in made.schedules if p.name != COUNTERFACTUAL})

    def draws(self) -> Draws | None:
        """Return the draws of its parameters, None if all replicates have the same ones.

        Raises `ProvenanceError` if its table is not the one it was made with.
        """
        if not self.made.draws_sha256:
            return None
        file = self.folder / DRAWS
        try:
            found = read_draws(file.read_text(encoding="utf-8"))
        except (OSError, DrawsError) as error:
            raise ProvenanceError(f"{file} cannot be read: {error}; restore it, or compare anew") from None
        if found.sha256 != self.made.draws_sha256:
            raise ProvenanceError(
                f"{file} does not hold the draws the result was made with; restore it, or compare anew"
            )
        return found

    def world(self, replicate: int) -> Scenario:
        """Return the scenario with the parameters that a replicate has. Raises `ProvenanceError`."""
        draws, case = self.draws(), self.case()
        return case if draws is None else draws.world_of(case, self.made.seed, replicate)

    def _files(self) -> Scenario:
        """Return the scenario as its files have it, from the first place that has the right ones."""
        made = self.made
        if (self.folder / OBJECTS).exists():
            return self._rows()
        places = [str(self.folder / SCENARIO)] if (self.folder / SCENARIO).exists() else []
        places += [made.scenario_folder] if made.scenario_folder else []
        said = ""
        for place in (*places, made.scenario):
            try:
                case = Scenario.load(place)
            except (ScenarioError, OSError, ValueError) as error:
                said = said or f"; {error}"
                continue
            if case.digest == made.scenario_sha256:
                return case
        raise ProvenanceError(
            f"{self.folder}: the files of scenario {made.scenario!r} are not those the result was made from "
            f"(its own copy, {self.folder / SCENARIO}, {'was changed' if places else 'is missing'}{said}); "
            "restore them or compare anew"
        )

    def _rows(self) -> Scenario:
        file = self.folder / OBJECTS
        try:
            rows = _Objects.model_validate_json(file.read_bytes())
        except (OSError, ValidationError, ValueError, RecursionError) as error:
            raise ProvenanceError(f"{file} cannot be read: {first_line(error)}; compare anew") from None
        case = Scenario(schedules={}, **{n: getattr(rows, n) for n in _Objects.model_fields})
        if _objects_digest(case) != self.made.scenario_sha256 and not self.made.scenario_folder:
            raise ProvenanceError(
                f"{file} holds not the scenario the result was made from; restore it or compare anew"
            )
        return replace(case, digest=self.made.scenario_sha256)


def read(folder: Path) -> Result:
    """Read what a result says of how it was made. Raises `ProvenanceError`, naming the file and a remedy."""
    file = folder / FILE
    whole = "give the folder of a result of `drawdown compare`"
    try:
        if file.stat().st_size > _LONGEST:
            raise ProvenanceError(f"{file} is longer than any provenance; {whole}")
        raw = file.read_bytes()
        found = json.loads(raw)
    except (FileNotFoundError, NotADirectoryError):
        raise ProvenanceError(f"{folder} has no {FILE}; {whole}") from None
    except OSError as error:
        raise ProvenanceError(f"{file} cannot be read: {error.strerror or error}; {whole}") from None
    except (ValueError, RecursionError) as error:
        raise ProvenanceError(
            f"{file} is damaged ({first_line(error)}); restore it, or compare anew"
        ) from None
    if not isinstance(found, dict):
        raise ProvenanceError(f"{file} holds no provenance; {whole}")
    try:
        return Result(folder, Made.model_validate_json(raw))
    except (ValidationError, ValueError, OverflowError) as error:
        raise ProvenanceError(
            f"{file} is damaged ({first_line(error)}); restore it, or compare anew"
        ) from None


def first_line(error: Exception) -> str:
    """Return the first thing that is wrong, short and on one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))[:80]}: {first['msg'][:1].lower()}{first['msg'][1:100]}"
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
