"""Reading tables made by others: CSV a line at a time, workbooks, only the columns wanted.

Official CSV files may have hundreds of megabytes; nothing here holds more than a line of them. Errors say
where, and all columns that are missing are told at once.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.importing import source
from sim.scenario.importing.mistakes import Gather
from sim.scenario.importing.names import checked_name
from sim.scenario.importing.report import Notes
from sim.workbook import sheet_rows

Names = Mapping[str, tuple[str, ...]]
"""What a column means here, and the names that files give it."""
TABLES = (".csv", ".tsv", ".txt", ".csv.gz")
LONGEST_LINE = 1 << 20
BLANK = ("", "na", "n/a", "nan", "null", "none", "-", "..", "#n/a")
"""What people write into a cell of which nothing is known, in lower case."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,'’ \u00a0\u2009\u202f]\d{3})+|\d{1,3}(?:\.\d{3}){2,}")
"""Whole numbers with separators; a single point may be a decimal point."""


def squeezed(name: str) -> str:
    """Return a column's name without case, dots, spaces and underscores ('No.troops' is 'no_troops')."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


class Line:
    """One line of a table, by meaning of its columns."""

    __slots__ = ("cells", "names", "notes", "number", "path", "row")

    def __init__(
        self,
        path: Path,
        number: int,
        cells: dict[str, str],
        names: dict[str, str],
        row: Sequence[str],
        notes: Notes,
    ) -> None:
        self.path = path
        self.number = number
        self.cells = cells
        self.names = names
        self.row = row
        """All its cells, also those of columns that mean nothing here."""
        self.notes = notes

    def error(self, key: str, problem: str) -> ScenarioError:
        """Return the error for a cell."""
        where = f"column {self.names.get(key, key)!r}"
        return ScenarioError(self.path, problem, line=self.number, where=where)

    def text(self, key: str) -> str:
        """Return a cell, '' if empty or the file has no such column."""
        return self.cells.get(key, "")

    def blank(self, key: str) -> bool:
        """Return whether nothing is known: the cell is empty, 'NA' or the like, or the column is missing."""
        return self.text(key).casefold() in BLANK

    def name(self, key: str) -> str:
        """Return a cell that must hold a name: not empty, printable, no formula."""
        where = f"column {self.names[key]!r}"
        return checked_name(self.text(key), self.path, self.notes, line=self.number, where=where)

    def value(self, key: str, low: float, high: float) -> float:
        """Return a cell that must hold a number between bounds."""
        text = self.text(key)
        try:
            number = float(text)
        except ValueError:
            raise self.error(key, f"{text[:40]!r} is not a number{_comma(text)}") from None
        return self._between(key, number, low, high)

    def _between(self, key: str, number: float, low: float, high: float) -> float:
        if not math.isfinite(number) or not low <= number <= high:
            problem = f"{self.text(key)[:40]!r} must lie between {low:g} and {high:g}"
            raise self.error(key, problem)
        return number

    def whole(self, key: str, low: int, high: int) -> int:
        """Return a cell that must hold a whole number between bounds ('2016' or '2016.0')."""
        number = self.value(key, low, high)
        if number != int(number):
            raise self.error(key, f"{self.text(key)[:40]!r} is not a whole number")
        return int(number)

    def count(self, key: str, high: float) -> float:
        """Return a cell that must hold how many there are; thousands may be set apart ('1,200')."""
        text = self.text(key)
        if len(text) > 20 or not _THOUSANDS.fullmatch(text):
            return self.value(key, 0, high)
        number = int(re.sub(r"\D", "", text))
        self.notes.add(
            "mended", f"{self.path.name}: numbers with thousands separators", f"{text!r} read as {number}"
        )
        return self._between(key, number, 0, high)

    def people(self, key: str, high: float = 1e8) -> int:
        """Return a cell that must hold a number of people.

        '120.000' is refused: it may be 120 or 120,000.
        """
        text = self.text(key)
        if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
            plain = text.replace(".", "")
            problem = f"{text!r} may be {round(float(text))} or {plain} people; write it without separators"
            raise self.error(key, problem)
        return round(self.count(key, high))

    def place(self) -> tuple[float, float]:
        """Return latitude and longitude, from the columns of these meanings."""
        return self.value("latitude", -90, 90), self.value("longitude", -180, 180)

    def day(self, key: str) -> date:
        """Return a cell that must begin with a date such as 2016-04-30, or be one as '30 April 2016'."""
        text = self.text(key)
        words = re.fullmatch(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?[ -](\d{4})", text)
        try:
            if words and words[2][:3].casefold() in _MONTHS:
                return date(int(words[3]), _MONTHS.index(words[2][:3].casefold()) + 1, int(words[1]))
            return date.fromisoformat(text[:10])
        except ValueError:
            raise self.error(key, f"{text[:40]!r} does not begin with a date such as 2016-04-30") from None


def _comma(text: str) -> str:
    return "; write decimals with a point" if re.fullmatch(r"\s*-?\d+,\d+\s*", text) else ""


def lines(
    path: Path,
    needed: Names,
    optional: Names | None = None,
    *,
    encoding: str = "",
    mistakes: Gather | None = None,
    notes: Notes | None = None,
    hints: Mapping[str, str] | None = None,
) -> Iterator[Line]:
    """Yield the lines of a table: CSV (commas, semicolons or tabs), gzipped or in a zip, or a workbook.

    A column is found by any of its names, whatever their case and dots. A row of HXL tags under the header
    is passed over. `hints` say, by a column that another kind of file has, what to do with such a file.
    Lines with too few or too many cells go to `mistakes`. Raises `ScenarioError` for what
    cannot be read, all missing columns together; a file without lines is wrong too.
    """
    optional = optional or {}
    mistakes = Gather() if mistakes is None else mistakes
    notes = notes or Notes()
    with _rows(path, needed, encoding) as rows:
        first = next(rows, None)
        if first is None:
            raise ScenarioError(path, "is empty")
        top, cells = first
        header = [name.strip() for name in cells]
        place = _columns(path, header, needed, optional, top, hints)
        names = {key: header[i] for key, i in place.items()}
        any_line, under_header = False, True
        for number, cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if under_header and _hxl(cells):
                under_header = False
                continue
            under_header = False
            if len(cells) != len(header):
                problem = f"has {len(cells)} cells where the header has {len(header)}"
                mistakes.add(ScenarioError(path, problem, line=number))
                any_line = True
                continue
            any_line = True
            yield Line(path, number, {k: cells[i].strip() for k, i in place.items()}, names, cells, notes)
        if not any_line:
            raise ScenarioError(path, "has a header but no rows")


def _hxl(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return all(re.match(r"#[A-Za-z]", cell) for cell in filled)


Rows = Iterator[tuple[int, list[str]]]


@contextmanager
def _rows(path: Path, needed: Names, encoding: str) -> Iterator[Rows]:
    """Open a table; gives the number of the line and the cells of each row from the header on."""
    origin = source.find(path)
    if origin.kind == "book":
        yield _sheet(origin, needed)
        return
    inner = source.chosen(origin, TABLES, "table") if origin.kind == "zip" else ""
    with _text(origin, inner, encoding) as rows:
        yield rows


# -- text ------------------------------------------------------------------------------------------


@contextmanager
def _text(origin: source.Source, inner: str, encoding: str) -> Iterator[Rows]:
    path = origin.path
    code = encoding or "utf-8-sig"
    try:
        with source.stream(origin, inner) as raw:
            if not encoding and raw.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
                code = "utf-16"
            with io.TextIOWrapper(raw, encoding=code, newline="") as text:
                yield _csv(text, path)
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        raise ScenarioError(
            path,
            f"byte 0x{bad:02x} is not {code.removesuffix('-sig').upper()}; save the file with UTF-8 "
            "encoding, or name its own with --encoding (older Geo-PKO files: latin-1)",
            line=_undecodable(origin, inner, code),
        ) from None
    except UnicodeError as error:  # utf-16 without its mark, and the like
        raise ScenarioError(path, f"is not {code} ({error}); save it with UTF-8 encoding") from None
    except LookupError:
        raise ScenarioError(path, f"there is no encoding {encoding!r}; try latin-1 or cp1252") from None


def _csv(text: io.TextIOWrapper, path: Path) -> Rows:
    plain = _checked_lines(text, path)
    skipped = 0
    first = ""
    for first in plain:
        if first.strip(" \t\r\n,;"):
            break
        skipped += 1
    else:
        return
    separator = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    reader = csv.reader(_again(first, plain), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            yield skipped + before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise ScenarioError(path, f"is not a CSV table: {error}", line=skipped + before + 1) from None


def _checked_lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            raise ScenarioError(
                path, "has no end of line for a million characters; is it a table?", line=number
            )
        if "\0" in line:
            raise ScenarioError(path, "holds a NUL character; is this a text file?", line=number)
        yield line


def _undecodable(origin: source.Source, inner: str, code: str) -> int:
    """Return the first line that is not in an encoding; text is decoded in blocks, which do not know."""
    with source.stream(origin, inner) as raw:
        for number, line in enumerate(iter(lambda: raw.readline(LONGEST_LINE), b""), start=1):
            try:
                line.decode(code)
            except UnicodeError:
                return number
    return 1


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


# -- workbooks -------------------------------------------------------------------------------------


def _sheet(origin: source.Source, needed: Names) -> Rows:
    """Return the rows of a workbook's sheet: the one named, or the one that has the columns needed."""
    import python_calamine

    try:
        with source.stream(origin) as raw, python_calamine.CalamineWorkbook.from_filelike(raw) as book:
            sheets = list(book.sheet_names)
            if origin.inner and origin.inner not in sheets:
                problem = f"there is no sheet of this name; {did_you_mean(origin.inner, sheets)}"
                raise origin.error(problem)
            tables = {n: sheet_rows(book, n) for n in sheets if not origin.inner or n == origin.inner}
    except ScenarioError:
        raise
    except Exception as error:
        # its own errors, and panics of its Rust code on damaged files
        problem = f"is no workbook that can be read ({str(error)[:100]}); save the sheet as CSV (UTF-8)"
        raise origin.error(problem) from None
    filled = {n: rows for n, rows in tables.items() if rows}
    if not filled:
        return iter(())
    fitting = [n for n, rows in filled.items() if _fits(rows[0][1], needed)]
    if len(fitting) > 1:
        offered = ", ".join(str(origin.file / n) for n in fitting[:12])
        raise origin.error(f"has {len(fitting)} sheets with these columns; name one of them: {offered}")
    if not fitting and len(filled) > 1:
        wanted = ", ".join(names[0] for names in needed.values())
        offered = ", ".join(str(origin.file / n) for n in list(filled)[:12])
        problem = f"has no sheet with the columns {wanted} in its first row; name the sheet that is meant"
        raise origin.error(f"{problem}: {offered}")
    return iter(filled[fitting[0] if fitting else next(iter(filled))])


def _fits(header: Sequence[str], needed: Names) -> bool:
    there = {squeezed(name) for name in header}
    return all(any(squeezed(n) in there for n in names) for names in needed.values())


# -- columns ---------------------------------------------------------------------------------------


def _columns(
    path: Path,
    header: list[str],
    needed: Names,
    optional: Names,
    line: int,
    hints: Mapping[str, str] | None = None,
) -> dict[str, int]:
    known = [squeezed(name) for name in header]
    place = {}
    mistakes = Gather()
    for key, names in {**needed, **optional}.items():
        spellings = dict.fromkeys(squeezed(name) for name in names)
        found = [i for name in spellings for i, column in enumerate(known) if column == name]
        if found:
            if known.count(known[found[0]]) > 1:
                problem = "appears twice; rename or remove one"
                where = f"column {header[found[0]]!r}"
                mistakes.add(ScenarioError(path, problem, line=line, where=where))
            place[key] = found[0]
        elif key in needed:
            problem = f"is missing; {did_you_mean(names[0], [name for name in header if name])}"
            mistakes.add(ScenarioError(path, problem, line=line, where=f"column {names[0]!r}"))
    hint = next((h for column, h in (hints or {}).items() if squeezed(column) in known), "")
    if mistakes.errors and hint:
        raise ScenarioError(path, hint)
    mistakes.check()
    return place


def check_columns(path: Path, needed: Names, encoding: str = "") -> None:
    """Raise `ScenarioError` if columns of a table are missing, without reading its rows."""
    with _rows(path, needed, encoding) as rows:
        first = next(rows, None)
    if first is not None:
        _columns(path, [name.strip() for name in first[1]], needed, {}, first[0])
