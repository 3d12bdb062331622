"""Reading tables made by others: a line at a time, only the columns wanted, with errors that say where.

Official files may have hundreds of megabytes; nothing here holds more than a line of them.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import IO, cast

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.schema import plain_name

Names = Mapping[str, tuple[str, ...]]
"""What a column means here, and the names that files give it."""


def squeezed(name: str) -> str:
    """Return a column's name without case, dots, spaces and underscores ('No.troops' is 'no_troops')."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


class Line:
    """One line of a table, by meaning of its columns."""

    __slots__ = ("cells", "names", "number", "path")

    def __init__(self, path: Path, number: int, cells: dict[str, str], names: dict[str, str]) -> None:
        self.path = path
        self.number = number
        self.cells = cells
        self.names = names

    def error(self, key: str, problem: str) -> ScenarioError:
        """Return the error for a cell."""
        where = f"column {self.names.get(key, key)!r}"
        return ScenarioError(self.path, problem, line=self.number, where=where)

    def text(self, key: str) -> str:
        """Return a cell, '' if empty or the file has no such column."""
        return self.cells.get(key, "")

    def name(self, key: str) -> str:
        """Return a cell that must hold a name: not empty, printable, no formula."""
        return checked_name(self.text(key), self.path, line=self.number, where=f"column {self.names[key]!r}")

    def value(self, key: str, low: float, high: float) -> float:
        """Return a cell that must hold a number between bounds."""
        text = self.text(key)
        try:
            number = float(text)
        except ValueError:
            raise self.error(key, f"{text[:40]!r} is not a number{_comma(text)}") from None
        if not math.isfinite(number) or not low <= number <= high:
            raise self.error(key, f"{text[:40]!r} must lie between {low:g} and {high:g}")
        return number

    def whole(self, key: str, low: int, high: int) -> int:
        """Return a cell that must hold a whole number between bounds ('2016' or '2016.0')."""
        number = self.value(key, low, high)
        if number != int(number):
            raise self.error(key, f"{self.text(key)[:40]!r} is not a whole number")
        return int(number)

    def day(self, key: str) -> date:
        """Return a cell that must begin with a date such as 2016-04-30."""
        text = self.text(key)
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            raise self.error(key, f"{text[:40]!r} does not begin with a date such as 2016-04-30") from None


def _comma(text: str) -> str:
    return "; write decimals with a point" if re.fullmatch(r"\s*-?\d+,\d+\s*", text) else ""


def checked_name(text: str, path: Path, *, line: int | None = None, where: str = "") -> str:
    """Return a name that a scenario can hold. Raises `ScenarioError` for one that it cannot."""
    name = text.strip()
    if not name:
        raise ScenarioError(path, "is empty where a name is needed", line=line, where=where)
    if len(name) > 100:
        problem = f"{name[:40]!r}... has {len(name)} characters; a name has at most 100"
        raise ScenarioError(path, problem, line=line, where=where)
    try:
        return plain_name(name)
    except ValueError as error:
        raise ScenarioError(path, f"{error}; correct the name in the file", line=line, where=where) from None


def _open(path: Path) -> IO[bytes]:
    try:
        with path.open("rb") as start:
            head = start.read(4)
        if head[:2] == b"PK":
            raise ScenarioError(
                path, "is a zip archive or a spreadsheet; unpack it, or save the sheet as CSV (UTF-8)"
            )
        packed = head[:2] == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")
    except FileNotFoundError:
        raise ScenarioError(path, "there is no such file") from None
    except OSError as error:
        raise ScenarioError(path, f"cannot be read: {error.strerror or error}") from None


def _without_nul(lines: IO[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise ScenarioError(path, "holds a NUL character; is this a text file?", line=number)
        yield line


def lines(path: Path, needed: Names, optional: Names | None = None, *, encoding: str = "") -> Iterator[Line]:
    """Yield the lines of a CSV file (may be gzipped; commas, or semicolons if the header has more of them).

    A column is found by any of its names, whatever their case and dots. Raises `ScenarioError` for
    what cannot be read; a file without lines is wrong too.
    """
    optional = optional or {}
    code = encoding or "utf-8-sig"
    number = 0
    try:
        with _open(path) as raw, io.TextIOWrapper(raw, encoding=code, newline="") as text:
            source = _without_nul(text, path)
            first = next(source, "")
            separator = ";" if first.count(";") > first.count(",") else ","
            reader = csv.reader(_again(first, source), delimiter=separator, strict=True)
            header = [name.strip() for name in next(reader, [])]
            number = reader.line_num
            if not any(header):
                raise ScenarioError(path, "is empty")
            place = _columns(path, header, needed, optional)
            names = {key: header[i] for key, i in place.items()}
            any_line = False
            before = reader.line_num
            for cells in reader:
                number, before = before + 1, reader.line_num
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    problem = f"has {len(cells)} cells where the header has {len(header)}"
                    raise ScenarioError(path, problem, line=number)
                any_line = True
                yield Line(path, number, {key: cells[i].strip() for key, i in place.items()}, names)
            if not any_line:
                raise ScenarioError(path, "has a header but no rows")
    except csv.Error as error:
        raise ScenarioError(path, f"is not a CSV table: {error}", line=number + 1) from None
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        raise ScenarioError(
            path,
            f"byte 0x{bad:02x} is not UTF-8; save the file with UTF-8 encoding, or name its own with "
            "--encoding (older Geo-PKO files: latin-1)",
            line=_undecodable(path, code),
        ) from None
    except LookupError:
        raise ScenarioError(path, f"there is no encoding {encoding!r}; try latin-1 or cp1252") from None
    except (EOFError, OSError) as error:
        raise ScenarioError(path, f"cannot be read: {error}") from None


def _undecodable(path: Path, code: str) -> int:
    """Return the first line that is not in an encoding; text is decoded in blocks, which do not know."""
    with _open(path) as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode(code)
            except UnicodeDecodeError:
                return number
    return 1


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _columns(path: Path, header: list[str], needed: Names, optional: Names) -> dict[str, int]:
    known = [squeezed(name) for name in header]
    place = {}
    for key, names in {**needed, **optional}.items():
        spellings = dict.fromkeys(squeezed(name) for name in names)
        found = [i for name in spellings for i, column in enumerate(known) if column == name]
        if found:
            if known.count(known[found[0]]) > 1:
                problem = "appears twice; rename or remove one"
                raise ScenarioError(path, problem, line=1, where=f"column {header[found[0]]!r}")
            place[key] = found[0]
        elif key in needed:
            raise ScenarioError(
                path,
                f"is missing; {did_you_mean(names[0], [name for name in header if name])}",
                line=1,
                where=f"column {names[0]!r}",
            )
    return place
