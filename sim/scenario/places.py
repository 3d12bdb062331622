"""Where scenarios are found, by name or by folder."""

from __future__ import annotations

import os
from pathlib import Path

from sim.scenario.errors import ScenarioError, did_you_mean


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
    if "\0" in str(where):
        raise ScenarioError(str(where), "holds a NUL character; name the folder of a scenario")
    try:
        if (path / "scenario.toml").is_file():
            return path
    except OSError as error:  # e.g. a name longer than the disk allows
        raise ScenarioError(path, f"cannot be looked at: {error.strerror or error}") from None
    known = available()
    if str(where) in known:
        return known[str(where)]
    if (path / "scenario.toml").exists():
        raise ScenarioError(path / "scenario.toml", "is no plain file; put the scenario's text there")
    if path.is_dir():
        raise ScenarioError(path, "has no scenario.toml; is this a scenario's folder?")
    if path.exists():
        raise ScenarioError(path, "is a file; name the folder of a scenario")
    raise ScenarioError(
        str(where), f"is neither a folder nor a known scenario; {did_you_mean(str(where), known)}"
    )
