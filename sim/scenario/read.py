"""Reading TOML and CSV so that an error can say where it is."""

from __future__ import annotations

import csv
import io
import re
import stat
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.scenario.errors import ScenarioError, describe, did_you_mean, shown
from sim.scenario.fields import Row

__all__ = [
    "describe",
    "key_lines",
    "line_of",
    "parse_toml",
    "read_bytes",
    "read_table",
    "read_text",
    "read_toml",
]

LONGEST_FILE = 20_000_000  # bytes; a scenario's tables are thousands of times smaller
R = TypeVar("R", bound=Row)
M = TypeVar("M", bound=BaseModel)


def read_bytes(path: Path) -> bytes:
    """Return what is in a file: a plain one of a sane size, so that reading it ends.

    A pipe or a device could go on for ever, or wait for somebody to write.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ScenarioError(path, "is a folder; put a file there")
        if not stat.S_ISREG(status.st_mode):
            raise ScenarioError(path, "is no plain file (a pipe or a device); put a file there")
        if status.st_size > LONGEST_FILE:
            raise ScenarioError(
                path, f"has {status.st_size:,d} bytes; the longest file allowed has {LONGEST_FILE:,d}"
            )
        with path.open("rb") as file:
            return file.read(LONGEST_FILE + 1)
    except FileNotFoundError:
        raise ScenarioError(path, "there is no such file; a scenario needs it") from None
    except OSError as error:
        raise ScenarioError(path, f"cannot be read: {error.strerror or error}") from None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file (a byte-order mark is allowed)."""
    raw = read_bytes(path)
    if raw.startswith(b"\x1f\x8b"):
        raise ScenarioError(path, "is compressed (gzip); unpack it")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ScenarioError(path, "is UTF-16; save the file with UTF-8 encoding")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        bad = raw[error.start]
        raise ScenarioError(
            path, f"byte 0x{bad:02x} is not UTF-8; save the file with UTF-8 encoding", line=line
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ScenarioError(path, "holds a NUL character; is this a text file?", line=line)
    if not text.strip():
        raise ScenarioError(path, "is empty; a header, or keys, belong there")
    return text


def read_table(path: Path, row_type: type[R], *, may_be_empty: bool = False) -> list[R]:
    """Return the rows of a CSV file, each checked against `row_type`.

    Raises `ScenarioError` at the first thing that is wrong; a table without rows is wrong too
    unless it `may_be_empty`.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        lines = []
        start = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ScenarioError(path, f"is not a CSV table: {error}", line=reader.line_num) from None
    known = row_type.model_fields
    for name in header:
        if name not in known:
            raise ScenarioError(
                path, f"is not known here; {did_you_mean(name, known)}", line=1, where=f"column {shown(name)}"
            )
    for name in known:
        if header.count(name) > 1:
            raise ScenarioError(path, "appears twice; keep one", line=1, where=f"column {name!r}")
    for name, field in known.items():
        if field.is_required() and name not in header:
            raise ScenarioError(path, f"is missing ({field.description})", line=1, where=f"column {name!r}")
    if not lines and not may_be_empty:
        raise ScenarioError(path, "has a header but no rows")
    rows = []
    for line, cells in lines:
        if len(cells) != len(header):
            raise ScenarioError(path, f"has {len(cells)} cells where the header has {len(header)}", line=line)
        # an empty cell of an optional column means its default
        given = {
            name: cell.strip()
            for name, cell in zip(header, cells, strict=True)
            if cell.strip() or known[name].is_required()
        }
        try:
            row = row_type.model_validate(given)
        except ValidationError as error:
            where, problem = describe(error, row_type)
            raise ScenarioError(
                path, problem, line=line, where=f"column {where!r}" if where else ""
            ) from None
        row._line = line
        rows.append(row)
    return rows


def read_toml(path: Path, model: type[M]) -> tuple[M, dict[str, int]]:
    """Return a TOML file checked against `model`, and the line of each key (see `key_lines`)."""
    return parse_toml(read_text(path), path, model)


def parse_toml(text: str, path: Path, model: type[M]) -> tuple[M, dict[str, int]]:
    """Return a TOML text checked against `model`, as `read_toml`; `path` is where errors say it stands."""
    lines = key_lines(text)
    _not_too_deep(path, text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        problem = re.sub(r" \(at .*\)$", "", str(error))
        raise ScenarioError(path, f"is not valid TOML: {problem}", line=line) from None
    except RecursionError:
        raise ScenarioError(path, "is nested too deeply") from None
    except ValueError as error:  # Python reads no longer whole numbers
        long = re.search(r"\d{4001,}", text.replace("_", ""))
        if long is None:
            raise ScenarioError(path, f"is not valid TOML: {str(error)[:120]}") from None
        line = text.count("\n", 0, long.start()) + 1
        raise ScenarioError(path, "holds a number of more than 4,000 digits", line=line) from None
    try:
        return model.model_validate(data), lines
    except ValidationError as error:
        where, problem = describe(error, model)
        raise ScenarioError(path, problem, line=line_of(lines, where), where=where) from None


DEEPEST = 20
"""Levels of keys, such as a.b.c; a scenario needs three."""


def _not_too_deep(path: Path, text: str) -> None:
    """Refuse keys of many levels, whose reading would take for ever."""
    for number, line in enumerate(text.split("\n"), start=1):
        if re.split("[=\"'#]", line, maxsplit=1)[0].count(".") > DEEPEST:
            raise ScenarioError(path, "is nested too deeply", line=number)


def key_lines(text: str) -> dict[str, int]:
    """Return the line of each key of a TOML text, as "table.key" or "array.0.key".

    Finds plain headers and keys at the start of a line, which is how people write these files; a
    key that is not found simply has no line in an error message.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    quoted = False
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        was_quoted = quoted
        if line.count('"""') % 2 == 1 or line.count("'''") % 2 == 1:
            quoted = not quoted
        if was_quoted:
            continue
        array = re.match(r"\[\[\s*([\w.-]+)\s*\]\]", line)
        table = re.match(r"\[\s*([\w.-]+)\s*\]", line)
        key = re.match(r"""["']?([\w-]+)["']?\s*(?:=|\.)""", line)
        if array:
            name = array.group(1)
            counts[name] = counts.get(name, -1) + 1
            prefix = f"{name}.{counts[name]}."
            lines[prefix[:-1]] = number
        elif table:
            prefix = table.group(1) + "."
            lines[prefix[:-1]] = number
        elif key:
            lines.setdefault(prefix + key.group(1), number)
    return lines


def line_of(lines: dict[str, int], where: str) -> int | None:
    """Return the line of a key, or of the innermost table around it that has one."""
    while where:
        if where in lines:
            return lines[where]
        where = where.rpartition(".")[0]
    return None
