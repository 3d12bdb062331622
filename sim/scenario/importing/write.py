"""Writing into a scenario's folder: checked as a whole first, then all files of an import at once or none."""

from __future__ import annotations

import csv
import ctypes
import errno
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.scenario.case import Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.importing.mistakes import Gather
from sim.scenario.read import read_text
from sim.scenario.schema import Row
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
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        return header, [dict(zip(header, cells, strict=False)) for cells in reader if any(cells)]
    except csv.Error as error:
        raise ScenarioError(path, f"is not a CSV table: {error}", line=reader.line_num) from None


def check_free(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Raise `ScenarioError` for those of these files that are there and hold something; `force` allows it."""
    mistakes = Gather()
    for name in () if force else names:
        path = folder / name
        with mistakes:
            if path.exists() and (not name.endswith(".csv") or raw_rows(path)[1]):
                raise ScenarioError(path, "is there already; --force replaces it")
    mistakes.check()


def publish(folder: Path, files: Mapping[str, str | None]) -> Scenario:
    """Put files into a scenario's folder (None: take it away), or make the folder; returns the scenario.

    A copy of the folder with the new files in it is made beside it and loaded, and then takes the folder's
    place in one step. So nothing is written that does not load, and whoever is interrupted, even by a kill,
    leaves the old case whole. Other files in the folder stay as they are. Raises `ScenarioError`.
    """
    real = folder.resolve()
    if folder.exists():
        _check_links(folder, real, files)
        if Path.cwd().is_relative_to(real):
            raise ScenarioError(folder, "is the folder you are in, which is replaced; go to the one above")
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{real.name}-", dir=real.parent))
    except OSError as error:
        raise ScenarioError(folder, f"cannot be written: {error.strerror or error}") from None
    try:
        trial = temporary / real.name
        if real.exists():
            shutil.copytree(real, trial, symlinks=True, copy_function=_linked)
            for link in [p for p in trial.rglob("*") if p.is_symlink()]:
                target = os.path.join((real / link.relative_to(trial)).parent, os.readlink(link))
                link.unlink()
                link.symlink_to(os.path.abspath(target))
        for name, text in files.items():
            (trial / name).parent.mkdir(parents=True, exist_ok=True)
            (trial / name).unlink(missing_ok=True)  # it may share its content with the old one
            if text is not None:
                (trial / name).write_text(text, encoding="utf-8", newline="")
        (trial / "schedules").mkdir(exist_ok=True)
        try:
            Scenario.load(trial)
        except ScenarioError as error:
            file = Path(re.sub(rf"^{re.escape(str(trial))}", lambda _: str(folder), str(error.file)))
            raise ScenarioError(file, error.problem, line=error.line, where=error.where) from None
        if real.exists():
            _exchange(trial, real)
        else:
            trial.rename(real)
        return Scenario.load(folder)
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)[:200]
        raise ScenarioError(folder, f"cannot be written: {reason}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_links(folder: Path, real: Path, files: Iterable[str]) -> None:
    for name in files:
        path = folder / name
        if not path.parent.resolve().is_relative_to(real):
            raise ScenarioError(
                folder, "a folder in it leads elsewhere by a symbolic link; nothing is written"
            )
        if path.is_symlink():
            raise ScenarioError(path, "is a symbolic link; put the file itself there, and nothing is lost")


def _linked(source: str, target: str) -> str:
    """Give a file a second name, so that no copy is made; where that cannot be, copy it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)
    return target


def _exchange(new: Path, old: Path) -> None:
    """Let two folders take each other's place, in one step where the system can.

    Elsewhere the old folder is set aside for a moment; if that is when the process is killed, it lies in a
    hidden folder beside its place, under its own name.
    """
    if _swapped(new, old):
        return
    aside = new.parent / "before"
    aside.mkdir()
    old.rename(aside / old.name)
    try:
        new.rename(old)
    except OSError:
        (aside / old.name).rename(old)
        raise


def _swapped(one: Path, other: Path) -> bool:
    """Swap two names in one step; returns False where the system or the disk cannot."""
    a, b = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
            failed = libc.renameat2(here, a, here, b, exchange)
        elif sys.platform == "darwin":
            failed = libc.renamex_np(a, b, 2)  # RENAME_SWAP
        else:
            return False
    except (OSError, AttributeError, TypeError):
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number))
