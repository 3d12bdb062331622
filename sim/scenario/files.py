"""The files of a scenario's folder: which there are, reading them, and the digest of what drives a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sim.scenario.errors import ScenarioError
from sim.scenario.read import line_of, read_bytes, read_toml
from sim.scenario.schema import (
    NO_DRAWDOWN,
    ArmedGroupRow,
    District,
    HumanitarianRow,
    Route,
    Row,
    Schedule,
    Site,
    StateForceRow,
    Unit,
)

TABLES: Mapping[str, type[Row]] = {
    "districts.csv": District,
    "routes.csv": Route,
    "units.csv": Unit,
    "armed_groups.csv": ArmedGroupRow,
    "state_forces.csv": StateForceRow,
    "humanitarian.csv": HumanitarianRow,
    "sites.csv": Site,
}
OPTIONAL = ("sites.csv",)
"""Tables that may be missing."""
RECORD = "record.csv"
"""What sources say, for `drawdown check`. It drives nothing, so it is no part of the digest."""
COUNTERFACTUAL = NO_DRAWDOWN.name
MOST_SCHEDULES = 1000


def read_schedules(folder: Path) -> list[tuple[Schedule, Path, dict[str, int]]]:
    """Return the schedules of a scenario's folder, each with its file and the lines of its keys."""
    place = folder / "schedules"
    if not place.is_dir():
        raise ScenarioError(place, "there is no such folder; put one TOML file a schedule there")
    found: dict[str, Path] = {}
    result = []
    files = sorted(place.glob("*.toml"))
    if len(files) > MOST_SCHEDULES:
        raise ScenarioError(place, f"holds {len(files)} schedules; at most {MOST_SCHEDULES} can be read")
    for file in files:
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


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of all files that drive a run, with their names (hexadecimal, 64 digits)."""
    digest = hashlib.sha256()
    files = [folder / "scenario.toml", *(folder / name for name in TABLES)]
    files = [file for file in files if file.exists()]
    for file in [*files, *sorted((folder / "schedules").glob("*.toml"))]:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(read_bytes(file) + b"\0")
    return digest.hexdigest()
