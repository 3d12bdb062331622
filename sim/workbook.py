"""Excel workbooks: sheets written with what each column means and may hold, and read as a CSV file would be.

XlsxWriter writes and python-calamine reads; neither needs Excel. The same sheets give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import IO, Any

LONGEST_CELL = 32_767
"""Characters of a cell's text."""
MOST_ROWS = 1_048_576
FIRST_DAY = date(1900, 3, 1)
"""Earlier days are written as text: Excel believes that 1900 had a 29 February."""
SPARE = 500
"""Empty rows below a table that keep its validation."""
LISTS = "lists"
"""Hidden sheet that holds what cells may be chosen from."""

Cell = str | int | float | date | None


class WorkbookError(ValueError):
    """A workbook that cannot be written or read; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet: its head, what it means, and what may stand in it."""

    title: str
    meaning: str = ""
    """Shown as a note at its head."""
    width: float = 12.0
    choices: Sequence[str] = ()
    """Texts to choose from in its cells."""
    column: tuple[str, str] | None = None
    """Sheet and title of a column that its cells choose from, in place of `choices`."""
    low: float | None = None
    high: float | None = None
    strict: bool = True
    """Whether anything but a choice is refused; otherwise Excel asks whether it is meant."""
    wrap: bool = False
    number: str = ""
    """Number format of its cells, such as "0.00"."""
    grey: bool = False
    """For reading only: nothing comes of a change there."""


@dataclass(frozen=True)
class Sheet:
    """One table: a head in the first row, and rows of as many cells as it has columns."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    meaning: str = ""
    """What it is: a note at its first cell, before the meaning of the first column."""
    tint: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Colours ("#f4c7c3") of cells, by row (from 0) and column."""
    only: Mapping[tuple[int, int], Column] = field(default_factory=dict)
    """What may stand in single cells, by row (from 0) and column, where rows differ in that."""


def letter(column: int) -> str:
    """Return the letters of a column from its number (from 0): A, B, ..., Z, AA, ..."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell from the number of its row (from 1) and of its column (from 0): "G7"."""
    return f"{letter(column)}{row}"


# -- writing ----------------------------------------------------------------------------------------


def write(sheets: Iterable[Sheet], title: str) -> bytes:
    """Return a workbook. Raises `WorkbookError` for what a sheet cannot hold."""
    import xlsxwriter

    sheets = tuple(sheets)
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    # no name and no time in it, so that the same sheets give the same bytes
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    made = _Writer(book, sheets)
    for sheet in sheets:
        made.sheet(sheet)
    made.lists()
    book.close()
    return content.getvalue()


class _Writer:
    def __init__(self, book: Any, sheets: Sequence[Sheet]) -> None:
        self.book = book
        self.sheets = {s.name: s for s in sheets}
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.chosen: dict[tuple[str, ...], str] = {}

    def format(self, **how: Any) -> Any:
        key = tuple(sorted(how.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(how)
        return self.formats[key]

    def sheet(self, sheet: Sheet) -> None:
        if len(sheet.rows) >= MOST_ROWS:
            raise WorkbookError(
                f"sheet {sheet.name!r} would have {len(sheet.rows):,d} rows, and Excel holds {MOST_ROWS:,d}; "
                "read the CSV file instead"
            )
        page = self.book.add_worksheet(sheet.name)
        head = self.format(bold=True, bg_color="#dce6f0", border=1, valign="top", text_wrap=True)
        for k, column in enumerate(sheet.columns):
            page.write_string(0, k, column.title, head)
            note = "\n\n".join(filter(None, (sheet.meaning if k == 0 else "", column.meaning)))
            if note:
                page.write_comment(0, k, note, {"x_scale": 2.2, "y_scale": 1.0 + len(note) / 160.0})
            page.set_column(k, k, column.width)
            self.validate(page, (1, len(sheet.rows) + SPARE), k, column)
        for (i, k), column in sheet.only.items():
            self.validate(page, (i + 1, i + 1), k, column)
        for i, row in enumerate(sheet.rows):
            for k, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                self.cell(page, sheet, i, k, column, value)
        page.freeze_panes(1, 1)
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)

    def cell(self, page: Any, sheet: Sheet, i: int, k: int, column: Column, value: Cell) -> None:
        how: dict[str, Any] = {"valign": "top"}
        if column.grey:
            how["font_color"] = "#5a6570"
        if column.wrap:
            how["text_wrap"] = True
        if (i, k) in sheet.tint:
            how["bg_color"] = sheet.tint[i, k]
        at = (i + 1, k)
        if value is None or value == "":
            if (i, k) in sheet.tint:
                page.write_blank(*at, None, self.format(**how))
        elif isinstance(value, date) and value >= FIRST_DAY:
            day = datetime.combine(value, time())
            page.write_datetime(*at, day, self.format(**how, num_format="yyyy-mm-dd", align="left"))
        elif isinstance(value, (int, float)) and survives(value):
            if column.number:
                how["num_format"] = column.number
            page.write_number(*at, value, self.format(**how))
        else:
            text = str(value)
            if len(text) > LONGEST_CELL:
                raise WorkbookError(
                    f"sheet {sheet.name!r}, cell {cell_name(i + 2, k)} would have {len(text):,d} characters, "
                    f"and Excel holds {LONGEST_CELL:,d}; shorten it"
                )
            page.write_string(*at, text, self.format(**how))

    def validate(self, page: Any, rows: tuple[int, int], k: int, column: Column) -> None:
        """Have Excel hold rows (first, last) of a column to what may stand there."""
        rule: dict[str, Any] = {}
        if column.choices:
            rule = {"validate": "list", "source": self.source(tuple(column.choices))}
        elif column.column:
            name, title = column.column
            other = self.sheets[name]
            at = letter([c.title for c in other.columns].index(title))
            last = len(other.rows) + 1 + SPARE
            rule = {"validate": "list", "source": f"='{name}'!${at}$2:${at}${last}"}
        elif column.low is not None and column.high is not None:
            rule = {"validate": "decimal", "criteria": "between"}
            rule |= {"minimum": column.low, "maximum": column.high}
        else:
            return
        between = "" if column.choices or column.column else f" Between {column.low:g} and {column.high:g}."
        rule["error_title"] = column.title[:32]
        rule["error_message"] = _short(f"{column.meaning}.{between}" if column.meaning else between.strip())
        rule["error_type"] = "stop" if column.strict else "warning"
        page.data_validation(rows[0], k, rows[1], k, rule)

    def source(self, choices: tuple[str, ...]) -> str:
        """Return where choices stand on the hidden sheet."""
        if choices not in self.chosen:
            at = letter(len(self.chosen))
            self.chosen[choices] = f"='{LISTS}'!${at}$1:${at}${len(choices)}"
        return self.chosen[choices]

    def lists(self) -> None:
        if not self.chosen:
            return
        page = self.book.add_worksheet(LISTS)
        for k, choices in enumerate(self.chosen):
            for i, choice in enumerate(choices):
                page.write_string(i, k, choice)
        page.hide()


def _short(text: str) -> str:
    """Return a text that fits a message of Excel's, which has 255 characters."""
    return text if len(text) <= 255 else text[:251] + " ..."


def survives(x: float) -> bool:
    """Return whether a number in a cell is read back as the same: Excel files hold 16 digits here."""
    return math.isfinite(x) and float(f"{x:.16G}") == x


# -- reading ----------------------------------------------------------------------------------------

Rows = list[tuple[int, list[str]]]
"""Number of a row (from 1) and the texts of its cells; only rows that hold something."""


def read(file: IO[bytes]) -> dict[str, Rows]:
    """Return the sheets of a workbook, with the cells as a CSV file would hold them.

    Raises whatever its reader does with a damaged file.
    """
    import python_calamine

    with python_calamine.CalamineWorkbook.from_filelike(file) as book:
        return {name: sheet_rows(book, name) for name in book.sheet_names}


def sheet_rows(book: Any, name: str) -> Rows:
    """Return the rows of one sheet of an open workbook."""
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    cells = [(i, [text_of(value) for value in row]) for i, row in enumerate(rows, start=1)]
    return [(i, row) for i, row in cells if any(row)]


def text_of(value: Any) -> str:
    """Return a cell as a CSV file would hold it: workbooks keep whole numbers as floats, days as times."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip()
