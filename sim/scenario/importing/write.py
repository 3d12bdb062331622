"""Writing into a scenario's folder: checked as a whole first, each file whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.scenario.case import RECORD, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.read import read_text
from sim.scenario.schema import TABLES, Row
from sim.scenario.template import NAME


def folder_of(case: str, within: Path) -> Path:
    """Return the folder that a case's name or path means, whether or not it is there.

    Only `within` and paths are looked at: an import never changes a case that came with the package.
    Raises `ScenarioError` for a name that cannot be.
    """
    path = Path(case)
    if "/" not in case and os.sep not in case and not path.is_dir():
        path = within / case
    if not path.is_dir() and not NAME.fullmatch(path.name):
        raise ScenarioError(
            case, f"{path.name!r} cannot name a scenario; use lower case, digits and hyphens, e.g. my-case"
        )
    return path


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a CSV table."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def columns_of(row_type: type[Row], without: Sequence[str] = ()) -> list[str]:
    """Return the columns of a table, where its facts come from last."""
    shared = list(Row.model_fields)
    return [c for c in row_type.model_fields if c not in (*shared, *without)] + shared


def toml_string(text: str) -> str:
    """Return a text as a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def raw_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return header and rows of one of a scenario's own tables as text; nothing if there is no such file."""
    if not path.exists():
        return [], []
    reader = csv.reader(io.StringIO(read_text(path), newline=""))
    header = [name.strip() for name in next(reader)]
    return header, [dict(zip(header, cells, strict=False)) for cells in reader if any(cells)]


def check_free(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Raise `ScenarioError` if one of these files is there and holds something; `force` allows it."""
    if force:
        return
    for name in names:
        path = folder / name
        taken = path.exists() and (not name.endswith(".csv") or raw_rows(path)[1])
        if taken:
            raise ScenarioError(path, "is there already; --force replaces it")


def publish(folder: Path, files: Mapping[str, str]) -> Scenario:
    """Write files into a scenario's folder, or make the folder; returns the scenario.

    They are first written next to it and loaded together with what is there, so that nothing is
    written that does not load. Raises `ScenarioError`.
    """
    inside = [folder, *(folder / name for name in files)]
    if folder.exists() and any(not p.parent.resolve().is_relative_to(folder.resolve()) for p in inside[1:]):
        raise ScenarioError(folder, "a folder in it leads elsewhere by a symbolic link; nothing is written")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ScenarioError(folder, f"cannot be written: {error.strerror or error}") from None
    try:
        trial = temporary / folder.name
        (trial / "schedules").mkdir(parents=True)
        for name in ("scenario.toml", *TABLES, RECORD):
            if (folder / name).exists():
                shutil.copyfile(folder / name, trial / name)
        for plan in sorted((folder / "schedules").glob("*.toml")):
            shutil.copyfile(plan, trial / "schedules" / plan.name)
        for name, text in files.items():
            (trial / name).write_text(text, encoding="utf-8", newline="")
        try:
            case = Scenario.load(trial)
        except ScenarioError as error:
            file = Path(re.sub(rf"^{re.escape(str(trial))}", str(folder), str(error.file)))
            raise ScenarioError(file, error.problem, line=error.line, where=error.where) from None
        if not folder.exists():
            trial.rename(folder)
        else:
            (folder / "schedules").mkdir(exist_ok=True)
            for name in files:
                (trial / name).replace(folder / name)
        return Scenario.load(folder) if folder.exists() else case
    except OSError as error:
        raise ScenarioError(folder, f"cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
